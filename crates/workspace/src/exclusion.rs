//! Whether a path is out of bounds, and why: outside the folders, secret, private, version control's own, or ignored.
//! Asked by reading, walking, searching and watching alike, so that they can never disagree.
//! The lists themselves are in `secret` and `rules`; nobody reads them but this module.

mod braces;
pub(crate) mod git;
mod private;
mod reason;
mod rules;
mod secret;

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    sync::Arc,
};

use dashmap::DashMap;
use ignore::gitignore::Gitignore;

pub use self::rules::is_rule_file;
pub use self::{
    git::{default_git_excludes_file, git_directory},
    reason::{Exclusion, PatternError, Reach},
};
use self::{
    private::{Names, PrivateRules},
    reason::private_pattern,
    rules::DirectoryRules,
    secret::Secrets,
};
use crate::{disk::FileKind, folder::Folders, path};

/// What the user adds to the built-in lists and to those in the folders.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExclusionOptions {
    /// More patterns for files that nobody may see, in gitignore syntax, relative to each folder, in upper or lower case.
    /// `!pattern` takes back an earlier pattern of this list and never a built-in one.
    pub patterns: Vec<String>,
    /// Git's ignore file for all repositories; see [`default_git_excludes_file`].
    pub git_excludes_file: Option<PathBuf>,
}

/// All rules over one set of folders, with what was read of them so far.
#[derive(Debug)]
pub(crate) struct Exclusions {
    folders: Arc<Folders>,
    sources: Arc<Sources>,
    /// For each folder, the directory from which on rules are read: its repository, or else the folder.
    roots: Vec<(PathBuf, PathBuf)>,
    private: DashMap<PathBuf, Arc<PrivateRules>>,
    directories: DashMap<PathBuf, Arc<DirectoryRules>>,
}

/// The lists that do not depend on a directory.
#[derive(Debug)]
struct Sources {
    secrets: Secrets,
    user_patterns: Gitignore,
    fallback: Gitignore,
    git_excludes_file: Option<PathBuf>,
}

impl Exclusions {
    /// # Errors
    /// One of the user's patterns is no glob.
    pub(crate) fn new(
        folders: Arc<Folders>,
        options: &ExclusionOptions,
    ) -> Result<Self, PatternError> {
        let sources = Sources {
            secrets: Secrets::new(),
            user_patterns: secret::user_patterns(&options.patterns)?,
            fallback: rules::fallback(),
            // People keep this file in a collection of their settings and link to it.
            git_excludes_file: options
                .git_excludes_file
                .as_ref()
                .and_then(|file| folders.disk().real_path(file).ok()),
        };
        Ok(Self::over(folders, Arc::new(sources)))
    }

    /// The same rules, to be read from disk again, over `folders`.
    pub(crate) fn fresh(&self, folders: Arc<Folders>) -> Self {
        Self::over(folders, Arc::clone(&self.sources))
    }

    fn over(folders: Arc<Folders>, sources: Arc<Sources>) -> Self {
        let disk = folders.disk().as_ref();
        let root = |folder: &Path| {
            git::repository_above(disk, folder).unwrap_or_else(|| folder.to_path_buf())
        };
        let roots = folders
            .iter()
            .map(|folder| (folder.path().to_path_buf(), root(folder.path())))
            .collect();
        Self {
            folders,
            sources,
            roots,
            private: DashMap::new(),
            directories: DashMap::new(),
        }
    }

    /// Why `path` is out of bounds, with links followed: both the name and the place it leads to must be allowed.
    /// Of several reasons the one that reaches furthest is given.
    pub(crate) fn check(&self, path: &Path) -> Option<Exclusion> {
        self.locate(path).1
    }

    /// Where `path` leads, and why it is out of bounds.
    ///
    /// Where the system cannot tell (a loop of links, a folder that may not be entered), `path` itself is given back.
    /// Nothing can be read there.
    pub(crate) fn locate(&self, path: &Path) -> (PathBuf, Option<Exclusion>) {
        let named = path::normalize(path);
        let named = match self.in_editor_terms(named) {
            Ok(named) => named,
            Err(named) => {
                let exclusion = self.outside(&named);
                return (named, Some(exclusion));
            }
        };
        let disk = self.folders.disk();
        let real_path = disk.real_path(&named).unwrap_or_else(|_| named.clone());
        let metadata = disk.metadata(&real_path);
        let is_directory = metadata.is_ok_and(|found| found.kind == FileKind::Directory);
        let by_name = self.check_name(&named, is_directory);
        let by_target = self.check_target(&named, &real_path, is_directory);
        (real_path, furthest(by_name, by_target))
    }

    /// As [`Self::check`], looking at the name only. `path` is normalized and below a folder, as a walk yields it.
    pub(crate) fn check_name(&self, path: &Path, is_directory: bool) -> Option<Exclusion> {
        let hidden = self.hidden(path, is_directory);
        hidden.or_else(|| {
            let root = self.root_above(path)?;
            let rules = self.rules_of(path.parent()?, root);
            self.skipped_under(&rules, path, is_directory)
        })
    }

    /// As [`Self::check_name`], leaving out what is merely ignored.
    pub(crate) fn hidden(&self, path: &Path, is_directory: bool) -> Option<Exclusion> {
        if self.folders.innermost(path).is_none() {
            return Some(self.outside(path));
        }
        let above = self.root_above(path).zip(path.parent());
        let rules = above.map(|(root, parent)| self.private_of(parent, root, Names::Unknown));
        self.hidden_under(rules.as_deref(), path, is_directory)
    }

    /// As [`Self::hidden`] for each of `names`, which are all that is in `directory`: by their positions. It is quick where
    /// nothing is hidden, because it looks for no lists that are not there, and no further at names that look like nothing.
    pub(crate) fn hidden_among(
        &self,
        directory: &Path,
        names: &[(OsString, FileKind)],
    ) -> Vec<(usize, Exclusion)> {
        let root = self.folders.innermost(directory);
        let root = root.and_then(|_| self.root_below(directory));
        let rules = root.map(|root| self.private_of(directory, root, Names::All(names)));
        let is_plain = |name: &OsString, is_directory| {
            let is_silent = rules.as_ref().is_some_and(|rules| rules.is_silent());
            is_silent
                && self.sources.user_patterns.is_empty()
                && !self.sources.secrets.may_match(name, is_directory)
                && !reason::is_version_control(name)
        };
        let mut hidden = Vec::new();
        for (position, (name, kind)) in names.iter().enumerate() {
            let is_directory = *kind == FileKind::Directory;
            if is_plain(name, is_directory) {
                continue;
            }
            let path = directory.join(name);
            let found = match &rules {
                Some(rules) => self.hidden_under(Some(rules), &path, is_directory),
                None => self.hidden(&path, is_directory),
            };
            hidden.extend(found.map(|exclusion| (position, exclusion)));
        }
        hidden
    }

    fn hidden_under(
        &self,
        rules: Option<&PrivateRules>,
        path: &Path,
        is_directory: bool,
    ) -> Option<Exclusion> {
        let inherited = rules.and_then(|rules| rules.hidden.clone());
        inherited.or_else(|| self.hidden_here(path, is_directory, rules))
    }

    /// A file outside the folders may be open as a document, and then it matters whether it is secret too.
    fn outside(&self, path: &Path) -> Exclusion {
        let secrets = &self.sources.secrets;
        secrets
            .find(path, false)
            .or_else(|| secrets.find_with_ancestors(path.parent()?))
            .unwrap_or(Exclusion::OutsideFolders)
    }

    fn skipped_under(
        &self,
        rules: &DirectoryRules,
        path: &Path,
        is_directory: bool,
    ) -> Option<Exclusion> {
        if self.folders.is_folder(path) {
            return None;
        }
        let inherited = rules.skipped.clone();
        inherited.or_else(|| rules.ignores(path, is_directory, &self.sources.fallback))
    }

    fn check_target(
        &self,
        named: &Path,
        real_path: &Path,
        is_directory: bool,
    ) -> Option<Exclusion> {
        let because = match self.folders.named_by_editor(real_path) {
            None => Exclusion::OutsideFolders,
            Some(target) if target == named => return None,
            Some(target) => self.check_name(&target, is_directory)?,
        };
        Some(Exclusion::Link {
            target: real_path.to_path_buf(),
            because: Box::new(because),
        })
    }

    /// A path that names a folder by where it really is, under the name the editor uses.
    /// Outside every folder it comes back as it was.
    pub(crate) fn in_editor_terms(&self, path: PathBuf) -> Result<PathBuf, PathBuf> {
        if self.folders.innermost(&path).is_some() {
            return Ok(path);
        }
        self.folders.named_by_editor(&path).ok_or(path)
    }

    /// Where the rules for the directory that contains `path` begin; nowhere for the outermost place that has any.
    fn root_above(&self, path: &Path) -> Option<&Path> {
        self.root_below(path).filter(|root| path != *root)
    }

    /// Where the rules for the names in `directory`, which is in a folder, begin.
    fn root_below(&self, directory: &Path) -> Option<&Path> {
        let folder = self.folders.outermost(directory)?;
        let (_, root) = self
            .roots
            .iter()
            .find(|(known, _)| known == folder.path())?;
        Some(root)
    }

    fn private_of(&self, directory: &Path, root: &Path, names: Names<'_>) -> Arc<PrivateRules> {
        if let Some(known) = self.private.get(directory) {
            return Arc::clone(&known);
        }
        let parent = match directory.parent() {
            Some(parent) if directory != root => {
                Some(self.private_of(parent, root, Names::Unknown))
            }
            _ => None,
        };
        let hidden = self.hidden_under(parent.as_deref(), directory, true);
        let disk = self.folders.disk().as_ref();
        let rules = PrivateRules::read(disk, directory, names, hidden, parent);
        self.private
            .insert(directory.to_path_buf(), Arc::clone(&rules));
        rules
    }

    fn rules_of(&self, directory: &Path, root: &Path) -> Arc<DirectoryRules> {
        if let Some(known) = self.directories.get(directory) {
            return Arc::clone(&known);
        }
        let parent = match directory.parent() {
            Some(parent) if directory != root => Some(self.rules_of(parent, root)),
            _ => None,
        };
        let private = self.private_of(directory, root, Names::Unknown);
        let rules = Arc::new(self.read_rules(directory, private, parent));
        self.directories
            .insert(directory.to_path_buf(), Arc::clone(&rules));
        rules
    }

    fn read_rules(
        &self,
        directory: &Path,
        private: Arc<PrivateRules>,
        parent: Option<Arc<DirectoryRules>>,
    ) -> DirectoryRules {
        let skipped = parent.as_ref().and_then(|above| {
            let inherited = above.skipped.clone();
            inherited.or_else(|| above.ignores(directory, true, &self.sources.fallback))
        });
        let mut rules = DirectoryRules::read(
            self.folders.disk().as_ref(),
            directory,
            private,
            parent,
            self.sources.git_excludes_file.as_deref(),
        );
        rules.skipped = skipped;
        // Opening a folder says that its files matter, whatever a repository around it says of the folder.
        if rules.skipped.is_some() && self.folders.is_folder(directory) {
            rules.skipped = None;
            rules.cut_ignore_rules();
        }
        rules
    }

    /// Whether `path` itself is hidden; the caller has asked for the directories above it.
    fn hidden_here(
        &self,
        path: &Path,
        is_directory: bool,
        above: Option<&PrivateRules>,
    ) -> Option<Exclusion> {
        let secret = match above {
            Some(_) => self.sources.secrets.find(path, is_directory),
            None => self.sources.secrets.find_with_ancestors(path),
        };
        secret
            .or_else(|| reason::version_control(path))
            .or_else(|| self.user_pattern(path, is_directory))
            .or_else(|| above.and_then(|rules| rules.names(path, is_directory)))
    }

    fn user_pattern(&self, path: &Path, is_directory: bool) -> Option<Exclusion> {
        let folder = self.folders.innermost(path)?;
        let relative = path.strip_prefix(folder.path()).ok()?;
        let found = self.sources.user_patterns.matched(relative, is_directory);
        private_pattern(found).map(|pattern| Exclusion::UserPattern { pattern })
    }
}

fn furthest(first: Option<Exclusion>, second: Option<Exclusion>) -> Option<Exclusion> {
    match (first, second) {
        (Some(first), Some(second)) if second.reach() > first.reach() => Some(second),
        (first, second) => first.or(second),
    }
}

#[cfg(test)]
mod tests;
