//! Words of a program that was not allowed to write, and the path that it meant.

use std::{
    path::{Path, PathBuf},
    sync::LazyLock,
};

use ::workspace::normalize;
use regex::Regex;

use super::{FailedCommand, Refused, SandboxRefusal, quote};

/// A mount is read-only only by the sandbox's doing, or by the user's; either way the command meant to write.
static READ_ONLY: LazyLock<Regex> = LazyLock::new(|| regex(r"(?i)read-only file system|\bEROFS\b"));

/// Where access rules and no mounts are the wall. Reading is refused in the same words, so writing must be said.
static DENIED: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?ix)
        (cannot|could\ not|couldn't|can't|unable\ to|failed\ to|error) \W .* \b(creat|writ|touch|remov|unlink|mkdir|mov|renam|copy|link|lock|save|delet)\w* .* (permission\ denied|operation\ not\ permitted)
        | \b(mkdir|rmdir|unlink|rename|symlink|copyfile|link|chmod|chown|utime)\b .* (permission\ denied|EACCES|EPERM)
        | (EACCES|EPERM) .* \b(mkdir|rmdir|unlink|rename|symlink|copyfile|link|chmod|chown|utime)\b",
    )
});

/// A path in quotes, which may be relative.
static QUOTED: LazyLock<Regex> =
    LazyLock::new(|| regex(r#"['"`‘“]([^'"`‘’“”]*/[^'"`‘’“”]*)['"`’”]"#));

/// A path without quotes, absolute.
static BARE: LazyLock<Regex> = LazyLock::new(|| regex(r#"(?:^|[\s:=(\[])(/[^\s:'"`‘’,;()\[\]]+)"#));

/// How many lines before the refusal may name the path: Rust programs tell causes one a line.
const LINES_BEFORE: usize = 4;

fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is a constant, which a test compiles")
}

/// The path that could not be written.
pub(super) fn find(lines: &[&str], command: &FailedCommand<'_>) -> Option<SandboxRefusal> {
    let refused = |line: &str| READ_ONLY.is_match(line) || DENIED.is_match(line);
    let path_in = |line: &str| path_in(line, command.folder);
    let complaints = || {
        let lines = lines.iter().enumerate().rev();
        lines.filter(|(_, line)| refused(line))
    };
    let named = complaints().find_map(|(_, line)| Some((line, path_in(line)?)));
    let named_before = || {
        complaints().find_map(|(number, line)| {
            let mut before = lines[..number].iter().rev().take(LINES_BEFORE);
            Some((line, before.find_map(|line| path_in(line))?))
        })
    };
    let (line, path) = named.or_else(named_before)?;
    let is_inside = command
        .workspace
        .iter()
        .any(|folder| path.starts_with(folder));
    let is_kernels = ["/proc", "/sys", "/dev"]
        .iter()
        .any(|folder| path.starts_with(folder));
    let what = match (is_inside, is_kernels) {
        (true, _) => Refused::Protected(path),
        (_, true) => Refused::SystemCall,
        _ => Refused::Write(path),
    };
    Some(SandboxRefusal {
        what,
        line: quote(line),
    })
}

/// The path that a line complains about: the last before the complaint (the first is often the program's own), else the
/// first behind it.
fn path_in(line: &str, folder: &Path) -> Option<PathBuf> {
    let complaint = READ_ONLY
        .find(line)
        .map_or(line.len(), |found| found.start());
    let (before, behind) = line.split_at(complaint);
    let last = |pattern: &Regex| {
        pattern
            .captures_iter(before)
            .last()
            .map(|found| found[1].to_owned())
    };
    let first = |pattern: &Regex| pattern.captures(behind).map(|found| found[1].to_owned());
    let path = last(&QUOTED)
        .or_else(|| last(&BARE))
        .or_else(|| first(&QUOTED))
        .or_else(|| first(&BARE))?;
    Some(normalize(&folder.join(path)))
}
