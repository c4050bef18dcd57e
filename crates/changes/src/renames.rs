//! Finds which deleted file lives on as which created one: same content first, then the most alike.
//!
//! [`crate::Proposal::new`] calls it. Git's `-M` is the model: at least half must be the same, empty
//! files are never renames, and what is too much to compare is compared only where the file's name
//! stayed the same. All bounds are counts, so the same changes always give the same renames.

mod similarity;

use std::cmp::Reverse;
use std::collections::{HashMap, VecDeque};
use std::ffi::OsStr;

use crate::{ChangeKind, Content, FileChange, FileState};

use similarity::Comparisons;
pub(crate) use similarity::percent as similarity_percent;

/// In percent; git's default for `-M`.
const LEAST_SIMILARITY: u32 = 50;
/// Above that many pairs, only files of the same name are compared.
const MOST_PAIRS: usize = 400 * 400;

/// The same changes with every rename as one, in no particular order.
pub(crate) fn detect(files: Vec<FileChange>) -> Vec<FileChange> {
    let mut matching = Matching::new(&files);
    matching.take_equal(|file| file.path.file_name());
    matching.take_equal(|_| ());
    matching.take_similar();
    let pairs = matching.pairs;
    join(files, &pairs)
}

/// Which of the changes can be the old and the new side of a rename, and which have been paired.
struct Matching<'files> {
    files: &'files [FileChange],
    /// Places in `files`: deleted ones that have no partner yet.
    deleted: Vec<usize>,
    /// Places in `files`: created ones that have no partner yet.
    created: Vec<usize>,
    /// Deleted, created.
    pairs: Vec<(usize, usize)>,
}

impl<'files> Matching<'files> {
    fn new(files: &'files [FileChange]) -> Self {
        let of_kind = |kind| {
            let is_candidate = |place: &usize| {
                let file = &files[*place];
                let state = state_of(file).filter(|state| !state.content.bytes().is_empty());
                file.kind() == kind && state.is_some()
            };
            (0..files.len()).filter(is_candidate).collect()
        };
        Self {
            files,
            deleted: of_kind(ChangeKind::Deleted),
            created: of_kind(ChangeKind::Created),
            pairs: Vec::new(),
        }
    }

    /// Pairs files that have the same content and the same `key`, in order of their paths.
    fn take_equal<Key: std::hash::Hash + Eq>(&mut self, key: fn(&'files FileChange) -> Key) {
        let files = self.files;
        let content = |place: usize| state_of(&files[place]).map(|state| &state.content);
        let full_key = |place: usize| (content(place), key(&files[place]));
        let mut waiting: HashMap<(Option<&Content>, Key), VecDeque<usize>> = HashMap::new();
        for deleted in &self.deleted {
            waiting
                .entry(full_key(*deleted))
                .or_default()
                .push_back(*deleted);
        }
        let mut pairs = Vec::new();
        for created in &self.created {
            let Some(equal) = waiting.get_mut(&full_key(*created)) else {
                continue;
            };
            let first = equal
                .iter()
                .position(|deleted| self.can_pair(*deleted, *created));
            if let Some(deleted) = first.and_then(|first| equal.remove(first)) {
                pairs.push((deleted, *created));
            }
        }
        self.take(pairs);
    }

    /// Pairs texts that are alike, the most alike first, and of equally alike ones those that kept
    /// their name.
    fn take_similar(&mut self) {
        let mut candidates = self.candidates();
        candidates.sort_by_key(|(percent, deleted, created)| {
            let has_new_name = self.name(*deleted) != self.name(*created);
            (Reverse(*percent), has_new_name, *created, *deleted)
        });
        let mut is_taken = vec![false; self.files.len()];
        let mut pairs = Vec::new();
        for (_, deleted, created) in candidates {
            if !is_taken[deleted] && !is_taken[created] {
                is_taken[deleted] = true;
                is_taken[created] = true;
                pairs.push((deleted, created));
            }
        }
        self.take(pairs);
    }

    /// All pairs that are alike enough: percent, deleted, created.
    fn candidates(&self) -> Vec<(u32, usize, usize)> {
        let mut comparisons = Comparisons::new(self.files);
        self.comparable_pairs()
            .into_iter()
            .filter_map(|(deleted, created)| {
                let percent = comparisons.percent(deleted, created)?;
                Some((percent, deleted, created))
            })
            .collect()
    }

    /// Deleted, created: all, or if that are too many, those that kept their name.
    fn comparable_pairs(&self) -> Vec<(usize, usize)> {
        let is_any_wanted = self.deleted.len() * self.created.len() <= MOST_PAIRS;
        let mut by_name: HashMap<Option<&OsStr>, Vec<usize>> = HashMap::new();
        for deleted in &self.deleted {
            by_name
                .entry(self.name(*deleted))
                .or_default()
                .push(*deleted);
        }
        let partners = |created: usize| match by_name.get(&self.name(created)) {
            _ if is_any_wanted => self.deleted.as_slice(),
            Some(of_same_name) => of_same_name,
            None => &[],
        };
        let pairs = self.created.iter().flat_map(|created| {
            let pair = |deleted: &usize| (*deleted, *created);
            partners(*created).iter().map(pair)
        });
        let mut pairs: Vec<(usize, usize)> = pairs
            .filter(|(deleted, created)| self.can_pair(*deleted, *created))
            .take(MOST_PAIRS)
            .collect();
        // Should comparing become too much, the likeliest have been compared.
        pairs.sort_by_key(|(deleted, created)| self.name(*deleted) != self.name(*created));
        pairs
    }

    fn take(&mut self, pairs: Vec<(usize, usize)>) {
        let mut is_taken = vec![false; self.files.len()];
        for (deleted, created) in &pairs {
            is_taken[*deleted] = true;
            is_taken[*created] = true;
        }
        self.deleted.retain(|place| !is_taken[*place]);
        self.created.retain(|place| !is_taken[*place]);
        self.pairs.extend(pairs);
    }

    /// Whether neither has to go before the other can be, and both are links or both are not. Where a
    /// file is replaced by a folder or the reverse, deleting and creating says plainer what happens.
    fn can_pair(&self, deleted: usize, created: usize) -> bool {
        let is_link = |place: usize| state_of(&self.files[place]).is_some_and(FileState::is_link);
        let (old, new) = (&self.files[deleted].path, &self.files[created].path);
        is_link(deleted) == is_link(created) && !old.starts_with(new) && !new.starts_with(old)
    }

    fn name(&self, place: usize) -> Option<&'files OsStr> {
        self.files[place].path.file_name()
    }
}

/// The one side that a deleted or created file has.
fn state_of(file: &FileChange) -> Option<&FileState> {
    file.before().or(file.after.as_ref())
}

fn join(files: Vec<FileChange>, pairs: &[(usize, usize)]) -> Vec<FileChange> {
    let mut files: Vec<Option<FileChange>> = files.into_iter().map(Some).collect();
    for (deleted, created) in pairs {
        let old = files[*deleted].take();
        if let (Some(old), Some(new)) = (old, files[*created].as_mut()) {
            new.renamed_from = Some(old.path);
            new.base = old.base;
        }
    }
    files.into_iter().flatten().collect()
}
