//! Committing keeps: what the last commit has of a file needs no judgement any more.
//!
//! Looked at a moment after a file was saved or changed or code actions were asked for, on a thread, and only where the head
//! has moved or other files wait.

use std::path::PathBuf;
use std::time::Duration;

use rustc_hash::FxHashSet;
use text::Text;

use super::Session;
use crate::event::Event;
use crate::git_head::{HeadStamps, stamp, texts, top_of};
use crate::timer::Alarm;

/// So long after something has happened the head is looked at.
const DELAY: Duration = Duration::from_millis(700);

/// What is known of commits.
#[derive(Debug, Default)]
pub(super) struct Commits {
    is_due: bool,
    is_reading: bool,
    stamps: HeadStamps,
    /// The files that were looked at last.
    paths: Vec<PathBuf>,
    /// Those that the last commit had.
    in_head: FxHashSet<PathBuf>,
}

/// What git says.
#[derive(Debug)]
pub(crate) struct HeadTexts {
    stamps: HeadStamps,
    paths: Vec<PathBuf>,
    /// `None` for a file that the commit has not; nothing for one of which nothing is new.
    texts: Vec<(PathBuf, Option<Text>)>,
}

impl Session {
    /// The user may have committed.
    pub(in crate::session) fn look_at_commits_soon(&mut self) {
        if self.review.ledger.is_empty() || std::mem::replace(&mut self.review.commits.is_due, true)
        {
            return;
        }
        self.timer.after(DELAY, Alarm::LookAtCommits);
    }

    /// Asks git on a thread.
    pub(in crate::session) fn read_head(&mut self) {
        self.review.commits.is_due = false;
        if self.review.commits.is_reading {
            return;
        }
        let documents = self.review.ledger.documents();
        let paths: Vec<PathBuf> = documents.map(|(path, _)| path.to_path_buf()).collect();
        let commits = &self.review.commits;
        let known = (commits.paths == paths).then(|| commits.stamps.clone());
        let events = self.events.clone();
        let read = move || events.send(Event::HeadRead(read(paths, &known.unwrap_or_default())));
        let started = std::thread::Builder::new()
            .name("commits".into())
            .spawn(read);
        self.review.commits.is_reading = started.is_ok();
    }

    /// Git has answered.
    pub(in crate::session) fn head_read(&mut self, head: HeadTexts) {
        let commits = &mut self.review.commits;
        commits.is_reading = false;
        commits.stamps = head.stamps;
        commits.paths = head.paths;
        for (path, text) in head.texts {
            // That a file which the commit never had is not in it says nothing about its removal.
            let was_there = match text {
                Some(_) => !self.review.commits.in_head.insert(path.clone()),
                None => self.review.commits.in_head.remove(&path),
            };
            if text.is_some() || was_there {
                self.review.ledger.committed(&path, text.as_ref());
                self.review_changed(&path);
            }
        }
    }
}

fn read(paths: Vec<PathBuf>, known: &HeadStamps) -> HeadTexts {
    let mut stamps = HeadStamps::new();
    let mut found = Vec::new();
    for path in &paths {
        let Some(top) = top_of(path).filter(|top| !stamps.contains_key(top)) else {
            continue;
        };
        // Taken before git is asked: a commit in between is seen the next time.
        let stamp = stamp(&top);
        if known.get(&top) != Some(&stamp) {
            let below = paths
                .iter()
                .filter(|path| top_of(path).as_ref() == Some(&top));
            found.extend(texts(&top, &below.cloned().collect::<Vec<_>>()));
        }
        stamps.insert(top, stamp);
    }
    HeadTexts {
        stamps,
        paths,
        texts: found,
    }
}
