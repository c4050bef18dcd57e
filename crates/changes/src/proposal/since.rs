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

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::Content;

    type Files = BTreeMap<String, FileState>;

    /// Knuth's MMIX generator; the upper half is the random one.
    fn below(seed: &mut u64, end: u64) -> u64 {
        *seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (*seed >> 33) % end
    }

    /// Few names and few contents, so that files come, go, come back and change places.
    fn files(seed: &mut u64) -> Files {
        let names = ["/w/a", "/w/b", "/w/c", "/w/d"].map(str::to_owned);
        let mut files = Files::new();
        for name in names {
            let text = match below(seed, 4) {
                0 => continue,
                number => format!("text {number}\n").repeat(5),
            };
            let state = FileState {
                content: Content::Bytes(text.into_bytes().into()),
                is_executable: below(seed, 2) == 0,
            };
            files.insert(name, state);
        }
        files
    }

    fn between(before: &Files, after: &Files) -> Proposal {
        let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        let changes = names.into_iter().map(|name| FileChange {
            path: name.into(),
            renamed_from: None,
            base: base_of(before.get(name)),
            after: after.get(name).cloned(),
        });
        Proposal::new(changes.collect())
    }

    #[test]
    fn what_was_changed_since_is_what_differs_between_both_moments() {
        let mut renames = 0;
        for seed in 0..2000 {
            let mut random = seed;
            let [start, earlier, later] = [(); 3].map(|()| files(&mut random));
            let proposals = [&earlier, &later].map(|files| between(&start, files));
            let [first, second] = &proposals;
            assert_eq!(
                second.since(first),
                between(&earlier, &later),
                "seed {seed}"
            );
            let mut changes = proposals.iter().flat_map(|proposal| &proposal.files);
            renames += usize::from(changes.any(|change| change.renamed_from.is_some()));
        }
        assert!(renames > 100, "{renames}");
    }
}
