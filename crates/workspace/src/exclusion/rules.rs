//! The ignore files of one directory, chained to those above: which line decides about a name. What hides is `private`'s.
//! Precedence as `gitignore(5)` has it: nearer files first, then `info/exclude`, then the user's file for all repositories.
//! Built and cached by `exclusion`.

use std::{
    iter,
    path::{Path, PathBuf},
    sync::Arc,
};

use ignore::{
    Match,
    gitignore::{Gitignore, GitignoreBuilder},
};

use super::{braces::escape_braces, git, private::PrivateRules, reason::Exclusion};
use crate::disk::{Disk, read_bytes};

/// Files that say what nobody may see. Each can only add: what one of them excludes, no other brings back.
pub(super) const PRIVATE_LISTS: [&str; 2] = [".ropewalkignore", ".aiexclude"];

/// Names of every file that changes what is excluded below it.
const RULE_FILES: [&str; 4] = [".gitignore", ".ignore", PRIVATE_LISTS[0], PRIVATE_LISTS[1]];

/// Ignore files are small; a huge one is a mistake that must not take the memory.
const RULE_FILE_LIMIT: u64 = 4 * 1024 * 1024;

/// Generated or downloaded files, where nothing says otherwise: every list can bring them back.
const FALLBACK: &[&str] = &[
    ".gradle/",
    ".mypy_cache/",
    ".next/",
    ".nuxt/",
    ".nox/",
    ".pytest_cache/",
    ".ropewalk/",
    ".ruff_cache/",
    ".svelte-kit/",
    ".terraform/",
    ".tox/",
    ".venv/",
    "__pycache__/",
    "bower_components/",
    "node_modules/",
];

/// The rules that apply to the names in one directory.
#[derive(Debug)]
pub(super) struct DirectoryRules {
    /// Why the directory itself is skipped, and with it everything in it.
    pub(super) skipped: Option<Exclusion>,
    parent: Option<Arc<DirectoryRules>>,
    private: Arc<PrivateRules>,
    plain: Option<List>,
    git: Option<List>,
    /// Whether git's rules from above this directory do not hold in it.
    boundary: Boundary,
    /// The lists of the repository as a whole, nearest first; only at its top.
    repository: Vec<List>,
}

/// One ignore file. Most directories have none, and there are many directories.
pub(super) type List = Box<Gitignore>;

#[derive(Debug, PartialEq, Eq)]
enum Boundary {
    /// The rules from above hold.
    Open,
    /// Git's rules from above do not: another repository begins here.
    Git,
    /// No ignore rules from above do: the user opened this directory although they exclude it.
    Folder,
}

impl DirectoryRules {
    /// Reads the lists in `directory`, for which `private` holds. A list that is missing, unreadable or no file says nothing.
    pub(super) fn read(
        disk: &dyn Disk,
        directory: &Path,
        private: Arc<PrivateRules>,
        parent: Option<Arc<Self>>,
        git_excludes_file: Option<&Path>,
    ) -> Self {
        let read = |name, braces| read_list(disk, directory, &directory.join(name), braces);
        let is_repository = git::is_repository(disk, directory);
        // Outside any repository git's lists are honoured as well: a copy without `.git` has the same rules.
        let holds_lists = is_repository || parent.is_none();
        let info_exclude = is_repository.then(|| git::info_exclude(disk, directory));
        let excludes_file = git_excludes_file.filter(|_| holds_lists);
        let repository = info_exclude.as_deref().into_iter().chain(excludes_file);
        Self {
            skipped: None,
            parent,
            private,
            plain: read(".ignore", Braces::Alternatives),
            git: read(".gitignore", Braces::Literal),
            boundary: if is_repository {
                Boundary::Git
            } else {
                Boundary::Open
            },
            repository: repository
                .filter_map(|file| read_list(disk, directory, file, Braces::Literal))
                .collect(),
        }
    }

    /// From here on the ignore rules above do not hold.
    pub(super) fn cut_ignore_rules(&mut self) {
        self.boundary = Boundary::Folder;
    }

    /// Whether an ignore file names `path`, a child of this directory; `fallback` has the last word.
    pub(super) fn ignores(
        &self,
        path: &Path,
        is_directory: bool,
        fallback: &Gitignore,
    ) -> Option<Exclusion> {
        // `.ropewalkignore` speaks to us alone, so its `!generated/` brings back what is ignored for others' reasons.
        let own = self.unfenced_chain().filter_map(Self::own_list);
        let plain = self
            .unfenced_chain()
            .filter_map(|rules| rules.plain.as_ref());
        let mut word = first_word(own.chain(plain), path, is_directory);
        if matches!(word, Word::Nothing) {
            word = first_word(self.git_lists(), path, is_directory);
        }
        match word {
            Word::Excluded { file, pattern } => Some(Exclusion::Ignored {
                file: Some(file),
                pattern,
            }),
            Word::Allowed => None,
            Word::Nothing => match fallback.matched(path, is_directory) {
                Match::Ignore(glob) => Some(Exclusion::Ignored {
                    file: None,
                    pattern: glob.original().to_owned(),
                }),
                _ => None,
            },
        }
    }

    /// The `.ropewalkignore` of this directory.
    fn own_list(&self) -> Option<&List> {
        let above = self.parent.as_ref().map(|parent| &parent.private);
        let is_from_above = above.is_some_and(|above| Arc::ptr_eq(above, &self.private));
        self.private.own_list().filter(|_| !is_from_above)
    }

    fn unfenced_chain(&self) -> impl Iterator<Item = &Self> {
        iter::successors(Some(self), |rules| match rules.boundary {
            Boundary::Folder => None,
            Boundary::Git | Boundary::Open => rules.parent.as_deref(),
        })
    }

    fn git_lists(&self) -> impl Iterator<Item = &List> {
        let chain = || {
            iter::successors(Some(self), |rules| match rules.boundary {
                Boundary::Open => rules.parent.as_deref(),
                Boundary::Git | Boundary::Folder => None,
            })
        };
        let own = chain().filter_map(|rules| rules.git.as_ref());
        own.chain(chain().flat_map(|rules| &rules.repository))
    }
}

/// Whether a change of the file at `path` changes what is excluded.
pub fn is_rule_file(path: &Path) -> bool {
    let name = path.file_name();
    let is_named = RULE_FILES.iter().any(|known| name == Some(known.as_ref()));
    is_named || path.ends_with("info/exclude") || name == Some(".git".as_ref())
}

pub(super) fn fallback() -> Gitignore {
    let mut builder = GitignoreBuilder::new("");
    for pattern in FALLBACK {
        builder
            .add_line(None, pattern)
            .expect("the built-in patterns are valid globs");
    }
    builder
        .build()
        .expect("the built-in patterns are few and valid")
}

pub(super) enum Word {
    Excluded { file: PathBuf, pattern: String },
    Allowed,
    Nothing,
}

/// The first list that says anything decides; within a list the last line that matches.
pub(super) fn first_word<'a>(
    lists: impl Iterator<Item = &'a List>,
    path: &Path,
    is_directory: bool,
) -> Word {
    for list in lists {
        match list.matched(path, is_directory) {
            Match::None => {}
            Match::Whitelist(_) => return Word::Allowed,
            Match::Ignore(glob) => {
                return Word::Excluded {
                    file: glob.from().unwrap_or_else(|| list.path()).to_path_buf(),
                    pattern: glob.original().to_owned(),
                };
            }
        }
    }
    Word::Nothing
}

/// What `{a,b}` means in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Braces {
    /// Itself, as git reads it.
    Literal,
    /// `a` or `b`.
    Alternatives,
}

/// The list in `file`, whose patterns are relative to `directory`.
pub(super) fn read_list(
    disk: &dyn Disk,
    directory: &Path,
    file: &Path,
    braces: Braces,
) -> Option<List> {
    // Git does not follow a link here either, see `gitignore(5)`, and a pipe must not stop us.
    let bytes = read_bytes(disk, file, RULE_FILE_LIMIT).ok()?;
    let content = String::from_utf8_lossy(&bytes);
    let mut builder = GitignoreBuilder::new(directory);
    for line in content.trim_start_matches('\u{feff}').split('\n') {
        let line = line.strip_suffix('\r').unwrap_or(line);
        let line = match braces {
            Braces::Literal => escape_braces(line),
            Braces::Alternatives => line.to_owned(),
        };
        // A line that is no glob says nothing, as in git; the others still count.
        let _invalid = builder.add_line(Some(file.to_path_buf()), &line);
    }
    let list = builder.build().ok()?;
    (!list.is_empty()).then(|| Box::new(list))
}
