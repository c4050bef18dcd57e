//! The rules for single source files: header, length, silence of the libraries, no processes, no files where none belong.

use std::path::Path;

use super::Violation;
use super::sources::Source;

/// Lines of product a file may have.
const LONGEST_FILE: usize = 800;

/// Macros that print.
const PRINTING_MACROS: &[&str] = &["dbg!", "eprint!", "eprintln!", "print!", "println!"];

/// Crates that do no input and output at all: the state of an editing session must be replayable in a test.
const CRATES_WITHOUT_FILES: &[&str] = &["changes", "syntax", "text"];

/// The only crate that starts processes.
const CRATE_WITH_PROCESSES: &str = "sandbox";

/// Applies all rules to all files.
pub(super) fn check(sources: &[Source]) -> Vec<Violation> {
    let mut violations = Vec::new();
    for source in sources {
        violations.extend(header(source));
        violations.extend(length(source));
        violations.extend(prints(source));
        violations.extend(processes(source));
        violations.extend(files(source));
    }
    violations
}

/// Every Rust file says in its first line what it owns.
fn header(source: &Source) -> Option<Violation> {
    let missing = source.code.is_some() && !source.text.starts_with("//!");
    missing.then(|| {
        violation(
            source,
            1,
            "the file must begin with a `//!` header that says what it owns",
        )
    })
}

/// A long file has more than one responsibility.
fn length(source: &Source) -> Option<Violation> {
    if source.is_test {
        return None;
    }
    let lines = source.code.as_ref()?.product_lines().count();
    let message =
        format!("{lines} lines without tests; at most {LONGEST_FILE}: split it by responsibility");
    (lines > LONGEST_FILE).then(|| violation(source, LONGEST_FILE, message))
}

/// Standard output is the protocol, and what a library has to say it says in its results.
fn prints(source: &Source) -> Vec<Violation> {
    let message = "library crates never print, for stdout is the protocol: return it, or log it with `tracing`";
    find(source, library(source).is_some(), message, |line| {
        PRINTING_MACROS.iter().any(|name| has_word(line, name))
            || ["stdout", "stderr"]
                .iter()
                .any(|name| calls_function(line, name))
    })
}

/// Only the sandbox starts processes, so that every one is confined.
fn processes(source: &Source) -> Vec<Violation> {
    let applies = library(source).is_some_and(|name| name != CRATE_WITH_PROCESSES);
    let message = "only `sandbox` starts processes: ask it";
    find(source, applies, message, |line| {
        has_word(line, "process::Command")
            || (has_word(line, "process::{") && has_word(line, "Command"))
    })
}

/// Text, syntax and changes stay pure.
fn files(source: &Source) -> Vec<Violation> {
    let applies = library(source).is_some_and(|name| CRATES_WITHOUT_FILES.contains(&name));
    let message = "this crate does no input or output: let the caller read, write and wait";
    let words = ["std::fs", "std::net", "fs::", "tokio::"];
    find(source, applies, message, |line| {
        words.iter().any(|word| has_word(line, word))
    })
}

/// The library crate a file belongs to.
fn library(source: &Source) -> Option<&str> {
    let mut folders = source.path.iter().filter_map(|folder| folder.to_str());
    (folders.next() == Some("crates"))
        .then(|| folders.next())
        .flatten()
}

fn find(
    source: &Source,
    applies: bool,
    message: &str,
    is_wrong: impl Fn(&str) -> bool,
) -> Vec<Violation> {
    let Some(code) = source
        .code
        .as_ref()
        .filter(|_| applies && !source.is_test && is_compiled_in(&source.path))
    else {
        return Vec::new();
    };
    let wrong_lines = code.product_lines().filter(|(_, line)| is_wrong(line));
    wrong_lines
        .map(|(line, _)| violation(source, line, message))
        .collect()
}

/// Build scripts and examples are programs of their own.
fn is_compiled_in(path: &Path) -> bool {
    !path.ends_with("build.rs") && !path.iter().any(|folder| folder == "examples")
}

fn violation(source: &Source, line: usize, message: impl Into<String>) -> Violation {
    Violation {
        path: source.path.clone(),
        line,
        message: message.into(),
    }
}

/// Whether the line has the word, not as the end of a longer one.
fn has_word(line: &str, word: &str) -> bool {
    line.match_indices(word)
        .any(|(offset, _)| !ends_in_word(&line[..offset]))
}

/// Whether the line calls the free function: `name()` and `io::name()`, but not the method `.name()`.
fn calls_function(line: &str, name: &str) -> bool {
    let call = format!("{name}(");
    line.match_indices(&call)
        .any(|(offset, _)| !line[..offset].ends_with('.') && !ends_in_word(&line[..offset]))
}

fn ends_in_word(text: &str) -> bool {
    text.ends_with(|character: char| character.is_alphanumeric() || character == '_')
}

#[cfg(test)]
mod tests;
