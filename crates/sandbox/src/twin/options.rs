//! What a twin is made of.

use std::path::PathBuf;

use super::secrets::IsSecret;
use crate::{Wall, walls::Limits};

/// What a twin is made of.
pub struct TwinOptions<'a> {
    /// Where twins are kept and listed; made if it is not there.
    pub state_folder: PathBuf,
    /// Its name: ASCII letters, digits, `-`, `_` and `.`, which is not first; at most 100 of them.
    pub id: String,
    /// What the task is about, for those who find the twin later.
    pub title: String,
    /// The workspace's folders. Inner ones are parts of outer ones, links are followed.
    pub folders: Vec<PathBuf>,
    /// What is open in the editor and not saved.
    pub documents: Vec<UnsavedDocument>,
    /// What is secret: commands do not see it.
    pub is_secret: &'a dyn IsSecret,
    /// The files to copy if no overlay can be had: tracked ones, and others that are not ignored; absolute, below
    /// `folders` by their real paths. Asked only then.
    pub files: &'a (dyn Fn() -> Vec<PathBuf> + Sync),
    /// The wall to have if it can be had; else the next weaker one is tried.
    pub strongest: Wall,
    /// How much of the machine commands may take.
    pub limits: Limits,
    /// Names of environment variables that commands must not see.
    pub hidden_variables: Vec<String>,
    /// More files and folders that commands must not see; absolute.
    pub hidden: Vec<PathBuf>,
}

/// A document that is open in the editor and not saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnsavedDocument {
    /// Where it would be saved: absolute, with links resolved. It need not exist. One outside of the folders, or a
    /// secret one, is passed over.
    pub path: PathBuf,
    /// As they would be saved: in the file's encoding, with its line endings and its byte order mark.
    pub bytes: Vec<u8>,
}
