//! What was changed between two moments of a task, of which each is known as changes against the same files.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::{Base, FileChange, Proposal};
use crate::FileState;

/// One path: what was there at first, and what is there.
type Change<'change> = (Base, Option<&'change FileState>);

impl Proposal {
    /// What was changed after `earlier`: both are changes against the same files, and this is the later one.
    ///
    /// Where a file changed before is now as it was at first, but what that was is not known, nothing is said of it.
    pub fn since(&self, earlier: &Self) -> Self {
        let (earlier, later) = (by_path(earlier), by_path(self));
        let paths: BTreeSet<&Path> = earlier.keys().chain(later.keys()).copied().collect();
        let changes = paths.into_iter().filter_map(|path| {
            let (base, after) = match (earlier.get(path), later.get(path)) {
                (None, Some((base, after))) => (base.clone(), after.cloned()),
                (Some((_, was)), Some((_, after))) => (base_of(*was), after.cloned()),
                (Some((first, was)), None) => (base_of(*was), state_of(first)?),
                (None, None) => return None,
            };
            Some(FileChange {
                path: path.to_path_buf(),
                renamed_from: None,
                base,
                after,
            })
        });
        Self::new(changes.collect())
    }
}

/// All paths that a proposal says something of; a renamed file is gone from the one and new at the other.
fn by_path(proposal: &Proposal) -> BTreeMap<&Path, Change<'_>> {
    let mut paths = BTreeMap::new();
    for change in &proposal.files {
        let base = match &change.renamed_from {
            Some(from) => {
                paths.insert(from.as_path(), (change.base.clone(), None));
                Base::Absent
            }
            None => change.base.clone(),
        };
        paths.insert(change.path.as_path(), (base, change.after.as_ref()));
    }
    paths
}

fn base_of(state: Option<&FileState>) -> Base {
    state.cloned().map_or(Base::Absent, Base::Known)
}

/// The file that `base` says was there; nothing when that is not known.
fn state_of(base: &Base) -> Option<Option<FileState>> {
    match base {
        Base::Absent => Some(None),
        Base::Known(state) => Some(Some(state.clone())),
        Base::Unknown => None,
    }
}
