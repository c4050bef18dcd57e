//! The built-in patterns of files that hold secrets, and the user's own list beside them.
//! The two are separate matchers on purpose: nothing in the user's list can reach the built-in one.

use std::ffi::OsStr;
use std::path::{Component, Path};

use globset::{Glob, GlobSet};
use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::reason::{Exclusion, PatternError};

/// Directories all of whose content is secret.
const DIRECTORIES: &[&str] = &[
    ".aws",
    ".azure",
    ".env*",
    ".gcloud",
    ".gnupg",
    ".kube",
    ".password-store",
    ".ssh",
    ".vault",
];

/// Files, in any directory.
const FILES: &[&str] = &[
    "*.env",
    ".env*",
    // Private keys, certificates with keys, key stores, password stores.
    "*.jks",
    "*.kdb",
    "*.kdbx",
    "*.key",
    "*.keystore",
    "*.keytab",
    "*.ovpn",
    "*.p12",
    "*.p8",
    "*.pem",
    "*.pfx",
    "*.pkcs12",
    "*.ppk",
    "id_dsa*",
    "id_ecdsa*",
    "id_ed25519*",
    "id_rsa*",
    // What tools keep to log in.
    ".boto",
    ".cargo/credentials*",
    ".docker/config.json",
    ".dockercfg",
    ".git-credentials",
    ".htpasswd",
    ".my.cnf",
    ".netrc",
    "_netrc",
    ".npmrc",
    ".pgpass",
    ".pypirc",
    ".s3cfg",
    ".terraformrc",
    ".vault-token",
    "terraform.rc",
    // What projects keep for their services.
    "*.tfstate",
    "*.tfstate.*",
    "*.tfvars",
    "*.tfvars.json",
    "client_secret*.json",
    "credentials*",
    "secrets.*",
    "service-account*.json",
    "service_account*.json",
    "serviceaccount*.json",
    "wp-config.php",
];

/// Environment files that are made to be shown.
const SHOWN: &[&str] = &[".env.example", ".env.sample", ".env.template"];

/// Names that source code about secrets often has.
const SOURCE_STEMS: &[&str] = &["credentials*", "secrets"];

/// Endings of source code: such files speak of secrets far more often than they hold one.
const SOURCE_ENDINGS: &[&str] = &[
    "c", "cc", "cpp", "cs", "ex", "go", "h", "hpp", "java", "js", "jsx", "kt", "lua", "php", "py",
    "rb", "rs", "scala", "swift", "ts", "tsx", "zig",
];

/// The built-in patterns.
#[derive(Debug)]
pub(super) struct Secrets {
    directories: Gitignore,
    files: Gitignore,
    shown: Gitignore,
    directory_names: GlobSet,
    file_names: GlobSet,
}

impl Secrets {
    pub(super) fn new() -> Self {
        Self {
            directories: built_in(DIRECTORIES),
            files: built_in(FILES),
            shown: built_in(&shown()),
            directory_names: last_parts(DIRECTORIES),
            file_names: last_parts(FILES),
        }
    }

    /// Whether [`Self::find`] has to be asked about something of this name, wherever it is. Quick, and right for most names.
    pub(super) fn may_match(&self, name: &OsStr, is_directory: bool) -> bool {
        let names = match is_directory {
            true => &self.directory_names,
            false => &self.file_names,
        };
        let lower_case = name.to_ascii_lowercase();
        // Other letters have more than two forms, all of which the patterns match.
        !name.is_ascii() || names.is_match(Path::new(&lower_case))
    }

    /// Whether the last part of `path` is secret, whatever is above it.
    pub(super) fn find(&self, path: &Path, is_directory: bool) -> Option<Exclusion> {
        let (patterns, matcher) = if is_directory {
            (DIRECTORIES, &self.directories)
        } else {
            (FILES, &self.files)
        };
        let found = matcher.matched(path, is_directory);
        let glob = found.inner().filter(|_| found.is_ignore())?;
        if !is_directory && self.shown.matched(path, false).is_ignore() {
            return None;
        }
        let pattern = patterns
            .iter()
            .find(|pattern| as_line(pattern) == glob.original())?;
        Some(Exclusion::Secret { pattern })
    }

    /// Whether a directory or one above it is secret: for the outermost folder, which may itself be opened inside one.
    pub(super) fn find_with_ancestors(&self, directory: &Path) -> Option<Exclusion> {
        directory
            .ancestors()
            .filter(|ancestor| {
                matches!(
                    ancestor.components().next_back(),
                    Some(Component::Normal(_))
                )
            })
            .find_map(|ancestor| self.find(ancestor, true))
    }
}

/// # Errors
/// The first pattern that is no glob.
pub(super) fn user_patterns(patterns: &[String]) -> Result<Gitignore, PatternError> {
    let mut builder = builder();
    // Git reads an unclosed class as a plain bracket; in a configuration it is a slip, which is better told.
    builder.allow_unclosed_class(false);
    for pattern in patterns {
        builder
            .add_line(None, pattern)
            .map_err(|error| pattern_error(pattern, &error))?;
    }
    builder
        .build()
        .map_err(|error| pattern_error(&patterns.join("`, `"), &error))
}

fn shown() -> Vec<String> {
    let sources = SOURCE_STEMS.iter().flat_map(|stem| {
        let ending = move |ending| format!("{stem}.{ending}");
        SOURCE_ENDINGS.iter().map(ending)
    });
    SHOWN
        .iter()
        .map(|name| (*name).to_owned())
        .chain(sources)
        .collect()
}

/// The last parts of the patterns, for names in lower case. They are matched in other ways than by regular expressions,
/// which the patterns themselves need because of their upper and lower case.
fn last_parts(patterns: &[&str]) -> GlobSet {
    let mut set = GlobSet::builder();
    for pattern in patterns {
        let last = pattern.rsplit('/').next().unwrap_or(pattern);
        set.add(Glob::new(last).expect("the built-in patterns are valid globs"));
    }
    set.build()
        .expect("the built-in patterns are few and valid")
}

fn built_in(patterns: &[impl AsRef<str>]) -> Gitignore {
    let mut builder = builder();
    for pattern in patterns {
        builder
            .add_line(None, &as_line(pattern.as_ref()))
            .expect("the built-in patterns are valid globs");
    }
    builder
        .build()
        .expect("the built-in patterns are few and valid")
}

/// A pattern with a separator would only hold at the root; the built-in ones hold everywhere.
fn as_line(pattern: &str) -> String {
    format!("**/{pattern}")
}

fn builder() -> GitignoreBuilder {
    // An empty root: paths are matched as they are given.
    let mut builder = GitignoreBuilder::new("");
    builder
        .case_insensitive(true)
        .expect("setting a flag cannot fail");
    builder
}

fn pattern_error(pattern: &str, error: &ignore::Error) -> PatternError {
    PatternError {
        pattern: pattern.to_owned(),
        reason: error.to_string(),
    }
}
