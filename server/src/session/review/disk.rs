//! Files with changes that wait, as they are opened, closed and changed on disk: whatever is different is the user's.
//!
//! Files are read on a thread. If a task's change is gone at the first look after a restart, the editor has ended without
//! saving it, and the user may have it again.

use std::path::{Path, PathBuf};
use std::time::Duration;

use changes::{ChangeSource, TrackedDocument};
use text::Text;
use tower_lsp_server::gen_lsp_types::{
    MessageActionItem, MessageType, ShowMessageRequest, ShowMessageRequestParams,
};
use tower_lsp_server::jsonrpc::{Error, Result};
use workspace::FileEvent;

use serde_json::Value;

use super::Session;
use super::undoing::{Again, Wish};
use crate::event::Event;
use crate::lsp::convert::display;
use crate::timer::Alarm;
use crate::transport::Answer;

const APPLY_AGAIN: &str = "Apply again";
const FORGET: &str = "Forget them";
/// Files with more bytes are not compared.
const LARGEST_FILE: u64 = 64 * 1024 * 1024;

/// An editor whose server was restarted opens its documents again within this. Their unsaved text counts, not the disk's.
const OPENING_AGAIN: Duration = Duration::from_secs(2);

/// A file that was read for the ledger.
#[derive(Debug)]
pub(crate) struct FileLook {
    path: PathBuf,
    /// What the ledger knew when it was asked for: if it knows more by now, the file is to be read again.
    known: Text,
    /// What is there; `None` for no file.
    found: Option<Text>,
}

/// A change of a task that was not saved.
#[derive(Debug)]
pub(super) struct Lost {
    path: PathBuf,
    document: TrackedDocument,
    found: Option<Text>,
}

impl Session {
    /// A document was opened: its text is the editor's, whatever the ledger knew.
    pub(in crate::session) fn review_opened(&mut self, path: &Path) {
        let document = self.workspace.documents().get(path);
        if let Some(text) = document.map(|document| document.text.clone()) {
            self.look(path, Some(&text));
            self.ask_about_lost();
        }
    }

    /// A document was closed, perhaps without saving it: the file on disk counts again.
    pub(in crate::session) fn review_closed(&mut self, path: &Path) {
        self.read_tracked(vec![path.to_path_buf()]);
    }

    /// Files have changed on disk.
    pub(in crate::session) fn review_disk(&mut self, changes: &[FileEvent]) {
        if !self.review.ledger.is_empty() {
            self.read_tracked(changes.iter().map(|change| change.path.clone()).collect());
        }
    }

    /// Files were read.
    pub(in crate::session) fn files_looked_at(&mut self, looks: Vec<FileLook>) {
        let mut again = Vec::new();
        for look in looks {
            let document = self.review.ledger.document(&look.path);
            let Some(document) = document.filter(|_| !self.is_open(&look.path)) else {
                continue;
            };
            match *document.text() == look.known {
                true => self.look(&look.path, look.found.as_ref()),
                false => again.push(look.path),
            }
        }
        self.read_tracked(again);
        self.ask_about_lost();
        self.go_on_undoing();
    }

    /// Whether lost changes are to be made again.
    pub(in crate::session) fn lost_answered(&mut self, answer: &Answer) {
        self.review.is_asking = false;
        let title = answer
            .as_ref()
            .ok()
            .and_then(|value| value["title"].as_str());
        match title {
            Some(APPLY_AGAIN) => drop(self.apply_again()),
            Some(FORGET) => self.review.lost.clear(),
            _ => {}
        }
    }

    /// Makes changes again that were lost, merged with what the files are now.
    pub(super) fn apply_again(&mut self) -> Result<Value> {
        let lost = std::mem::take(&mut self.review.lost);
        if lost.is_empty() {
            return Err(Error::invalid_params("no changes of tasks were lost"));
        }
        let mut wanted = Vec::new();
        for mut lost in lost {
            if let Some(document) = self.workspace.documents().get(&lost.path) {
                lost.found = Some(document.text.clone());
            }
            match lost.again() {
                Some(again) => wanted.push(again),
                None => {
                    let path = display(&lost.path);
                    let message = format!(
                        "{path} has changed at the same places since, so the task's changes are not applied again. Make \
                         room for them and run `ropewalk.review.applyAgain`."
                    );
                    self.say(MessageType::Warning, message);
                    self.review.lost.push(lost);
                }
            }
        }
        if !wanted.is_empty() {
            self.fulfil(Wish::Again(wanted));
        }
        Ok(Value::Null)
    }

    /// Compares everything that was restored with what is there.
    pub(super) fn look_at_restored(&mut self) {
        let documents = self.review.ledger.documents();
        let paths: Vec<PathBuf> = documents.map(|(path, _)| path.to_path_buf()).collect();
        self.review.unseen = paths.iter().cloned().collect();
        for path in &paths {
            self.review_changed(path);
            self.review_opened(path);
        }
        if !paths.is_empty() {
            self.timer.after(OPENING_AGAIN, Alarm::LookAtRestored);
        }
    }

    /// Compares what was restored and is not open with what is on disk.
    pub(in crate::session) fn look_at_closed(&mut self) {
        self.read_tracked(self.review.unseen.iter().cloned().collect());
    }

    fn look(&mut self, path: &Path, found: Option<&Text>) {
        let Some(document) = self.review.ledger.document(path) else {
            return;
        };
        let restored = self.review.unseen.remove(path).then(|| document.clone());
        self.review.ledger.seen(path, found);
        if let Some(document) = restored
            && self.is_lost(path, &document)
        {
            self.review.lost.push(Lost {
                path: path.to_path_buf(),
                document,
                found: found.cloned(),
            });
        }
        self.review_changed(path);
    }

    /// Whether something that waited is gone.
    fn is_lost(&self, path: &Path, before: &TrackedDocument) -> bool {
        let now = self.review.ledger.document(path);
        before
            .ids()
            .any(|id| !now.is_some_and(|now| now.ids().any(|its| its == id)))
    }

    fn is_open(&self, path: &Path) -> bool {
        self.workspace.documents().get(path).is_some()
    }

    /// Has those of `paths` read that have changes and are not open; says whether there are any. [`Session::files_looked_at`]
    /// comes of it.
    pub(super) fn read_tracked(&self, paths: Vec<PathBuf>) -> bool {
        let wanted = paths.into_iter().filter(|path| !self.is_open(path));
        let wanted: Vec<(PathBuf, Text)> = wanted
            .filter_map(|path| {
                let known = self.review.ledger.document(&path)?.text().clone();
                Some((path, known))
            })
            .collect();
        if wanted.is_empty() {
            return false;
        }
        let events = self.events.clone();
        let read = move || events.send(Event::FilesLookedAt(look_at(wanted)));
        let started = std::thread::Builder::new()
            .name("review".into())
            .spawn(read);
        if let Err(error) = &started {
            tracing::warn!(%error, "changed files are not compared");
        }
        started.is_ok()
    }

    fn ask_about_lost(&mut self) {
        if self.review.lost.len() <= self.review.asked_about || self.review.is_asking {
            return;
        }
        self.review.is_asking = true;
        self.review.asked_about = self.review.lost.len();
        let names = self.review.lost.iter().map(|lost| display(&lost.path));
        let names: Vec<String> = names.collect();
        let params = ShowMessageRequestParams {
            kind: MessageType::Warning,
            message: format!(
                "Changes of tasks were not saved before the editor ended: {}",
                names.join(", ")
            ),
            actions: Some(
                [APPLY_AGAIN, FORGET]
                    .map(|title| MessageActionItem {
                        title: title.into(),
                        properties: Default::default(),
                    })
                    .into(),
            ),
        };
        let events = self.events.clone();
        self.outbox
            .request::<ShowMessageRequest>(&params, move |answer| {
                events.send(Event::LostAnswered(answer));
            });
    }
}

impl Lost {
    /// The change as it is to be made now; `None` where the file has changed at the same places.
    fn again(&self) -> Option<Again> {
        let document = &self.document;
        let found = self.found.as_ref().map(Text::to_string);
        let (base, theirs) = (document.base().to_string(), document.text().to_string());
        let after = match (document.exists(), &found) {
            (false, Some(found)) if *found == base => None,
            (false, _) => return None,
            (true, None) => Some(theirs),
            (true, Some(found)) => Some(text::merge(&base, found, &theirs).text()?),
        };
        Some(Again {
            path: self.path.clone(),
            before: self.found.clone(),
            after: after.map(Text::from),
            source: self.source()?,
        })
    }

    fn source(&self) -> Option<ChangeSource> {
        let id = self.document.ids().next()?;
        self.document.source_of(id).cloned()
    }
}

/// Reads files; those that cannot be read or are no text are left out, and the ledger stays as it is.
fn look_at(wanted: Vec<(PathBuf, Text)>) -> Vec<FileLook> {
    let look = |(path, known): (PathBuf, Text)| {
        let found = match std::fs::metadata(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Ok(metadata) if metadata.is_file() && metadata.len() <= LARGEST_FILE => {
                Some(Text::from(std::fs::read_to_string(&path).ok()?))
            }
            _ => return None,
        };
        Some(FileLook { path, known, found })
    };
    wanted.into_iter().filter_map(look).collect()
}
