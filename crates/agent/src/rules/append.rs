//! Writes a new rule behind the user's own: their text stays as it is, and the file is replaced whole or not at all.

use std::{
    fmt::Write as _,
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use super::{
    error::RulesError,
    file::{self, Rule, Words},
};

/// What a file of ours begins with.
const HEADER: &str = "# Rules about commands: see docs/rules.md of Ropewalk. Commands that begin with `prefix` may have what `needs` names.\n";

/// Adds `rule` to the file `path`, which is made when it does not exist. Where it is there already, nothing changes.
///
/// # Errors
/// When the file is wrong as it is, or cannot be written; it is as before then.
pub(super) fn append(path: &Path, rule: &Rule) -> Result<(), RulesError> {
    let failed = |source| RulesError::Write {
        path: path.to_owned(),
        source,
    };
    let folder = path.parent().ok_or(RulesError::NoFile)?;
    fs::create_dir_all(folder).map_err(failed)?;
    // Two tasks that get a yes at the same time must not lose one of them. The lock ends with the descriptor.
    let lock = File::open(folder).map_err(failed)?;
    lock.lock().map_err(failed)?;
    // Who keeps the file elsewhere and links to it, wants it changed there.
    let target = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let before = match fs::read_to_string(&target) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => HEADER.into(),
        Err(error) => return Err(failed(error)),
    };
    if file::parse(path, &before)?.contains(rule) {
        return Ok(());
    }
    let after = with_rule(&before, rule);
    file::parse(path, &after)?;
    replace(&target, &after).map_err(failed)
}

fn with_rule(before: &str, rule: &Rule) -> String {
    let mut text = before.to_owned();
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    if !text.is_empty() {
        text.push('\n');
    }
    let prefix = rule.prefix.iter().map(|words| match words {
        Words::One(word) => quoted(word),
        Words::Any(words) => list(words.iter().map(|word| quoted(word))),
    });
    let needs = rule.needs.iter().map(|need| quoted(&need.to_string()));
    // Writing to a string does not fail.
    let _ = writeln!(
        text,
        "[[rule]]\nprefix = {}\ndecision = \"allow\"\nneeds = {}",
        list(prefix),
        list(needs)
    );
    text
}

fn list(items: impl Iterator<Item = String>) -> String {
    format!("[{}]", items.collect::<Vec<_>>().join(", "))
}

fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

/// As [`fs::write`], but a reader or a crash sees the old file or the new one.
fn replace(target: &Path, text: &str) -> io::Result<()> {
    let new = beside(target);
    let written = write_new(&new, target, text).and_then(|()| fs::rename(&new, target));
    if written.is_err() {
        // It may never have been made.
        let _ = fs::remove_file(&new);
    }
    written
}

fn write_new(new: &Path, target: &Path, text: &str) -> io::Result<()> {
    let mut file = File::create_new(new)?;
    if let Ok(metadata) = fs::metadata(target) {
        file.set_permissions(metadata.permissions())?;
    }
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

fn beside(target: &Path) -> PathBuf {
    target.with_file_name(format!(".rules-{:016x}.tmp", fastrand::u64(..)))
}
