//! What hides the names in one directory: the lists of private files from there upwards, and whether it is hidden itself.
//! Built and cached by `exclusion`; which files are merely ignored is `rules`'s matter.

use std::{ffi::OsString, iter, path::Path, sync::Arc};

use super::{
    reason::Exclusion,
    rules::{Braces, List, PRIVATE_LISTS, Word, first_word, read_list},
};
use crate::disk::{Disk, FileKind};

/// What hides the names in a directory. Directories that add nothing share that of the one above.
#[derive(Debug)]
pub(super) struct PrivateRules {
    /// Why the directory itself is hidden, and with it everything in it.
    pub(super) hidden: Option<Exclusion>,
    lists: [Option<List>; PRIVATE_LISTS.len()],
    parent: Option<Arc<Self>>,
}

/// What is known of the names in a directory before its lists are read.
#[derive(Clone, Copy, Debug)]
pub(super) enum Names<'a> {
    /// Nothing: the lists are looked for.
    Unknown,
    /// All of them: a list that is not among them is not there.
    All(&'a [(OsString, FileKind)]),
}

impl Names<'_> {
    fn may_have(self, name: &str) -> bool {
        match self {
            Names::Unknown => true,
            Names::All(names) => names.iter().any(|(known, _)| known == name),
        }
    }
}

impl PrivateRules {
    /// Reads the lists in `directory`, which is `hidden` or not.
    pub(super) fn read(
        disk: &dyn Disk,
        directory: &Path,
        names: Names<'_>,
        hidden: Option<Exclusion>,
        parent: Option<Arc<Self>>,
    ) -> Arc<Self> {
        let read = |name: &str| {
            let file = names.may_have(name).then(|| directory.join(name))?;
            read_list(disk, directory, &file, Braces::Alternatives)
        };
        let lists = PRIVATE_LISTS.map(read);
        match parent {
            Some(parent) if lists.iter().all(Option::is_none) && hidden == parent.hidden => parent,
            parent => Arc::new(Self {
                hidden,
                lists,
                parent,
            }),
        }
    }

    /// Whether no name is hidden by what is here.
    pub(super) fn is_silent(&self) -> bool {
        self.hidden.is_none() && self.lists().next().is_none()
    }

    /// Whether a private list names `path`, a child of the directory.
    pub(super) fn names(&self, path: &Path, is_directory: bool) -> Option<Exclusion> {
        (0..PRIVATE_LISTS.len()).find_map(|list| {
            let lists = self.chain().filter_map(|rules| rules.lists[list].as_ref());
            match first_word(lists, path, is_directory) {
                Word::Excluded { file, pattern } => Some(Exclusion::PrivateList { file, pattern }),
                Word::Allowed | Word::Nothing => None,
            }
        })
    }

    /// The `.ropewalkignore` in the nearest directory that adds something.
    pub(super) fn own_list(&self) -> Option<&List> {
        self.lists[0].as_ref()
    }

    /// All lists that speak here.
    fn lists(&self) -> impl Iterator<Item = &List> {
        self.chain().flat_map(|rules| rules.lists.iter().flatten())
    }

    /// What hides in this directory and in those above, nearest first.
    fn chain(&self) -> impl Iterator<Item = &Self> {
        iter::successors(Some(self), |rules| rules.parent.as_deref())
    }
}
