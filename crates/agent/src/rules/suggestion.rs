//! The prefix for which a person may say "always": narrow enough that the yes means what it seems to mean.
//!
//! A rule lets every command through that begins alike. So no prefix is offered where the words that follow decide what
//! happens, or where the agent itself writes what is run; `programs.rs` lists such programs.

use syntax::ShellScript;

use super::{
    hooks::names_program,
    neutral::is_neutral,
    programs::{NEVER, NEVER_AFTER},
};

/// A longer command is not offered word by word.
const MOST_WORDS: usize = 8;

/// The prefix to offer "always" for: of the one command in the script that is not neutral, its program and subcommand, or
/// all its words when there is no subcommand. `None` where a yes for ever would be a yes to anything.
pub fn suggested_prefix(script: &ShellScript) -> Option<Vec<String>> {
    let mut judged = script
        .commands
        .iter()
        .filter(|command| !is_neutral(command));
    let command = judged.next().filter(|_| script.is_plain)?;
    if judged.next().is_some() {
        return None;
    }
    let (program, arguments) = command.split_first()?;
    if !is_tame(program) || names_program(arguments) {
        return None;
    }
    match arguments.first() {
        Some(subcommand) if is_subcommand(subcommand) => {
            is_tame_after(program, subcommand).then(|| vec![program.clone(), subcommand.clone()])
        }
        // What stands before a subcommand can change everything (`cargo +toolchain`).
        _ if NEVER_AFTER.iter().any(|(known, _)| known == program) => None,
        _ => (command.len() <= MOST_WORDS).then(|| command.clone()),
    }
}

/// A program by a path is one that the agent may have put there; a version behind the name makes it no other.
fn is_tame(program: &str) -> bool {
    let bare =
        program.trim_end_matches(|character: char| character.is_ascii_digit() || character == '.');
    let is_listed = |name: &str| NEVER.iter().any(|(_, names)| names.contains(&name));
    !program.contains('/')
        && !bare.is_empty()
        && !program.starts_with("mkfs.")
        && !is_listed(program)
        && !is_listed(bare)
}

fn is_tame_after(program: &str, subcommand: &str) -> bool {
    !NEVER_AFTER
        .iter()
        .any(|(known, subcommands)| *known == program && subcommands.contains(&subcommand))
}

fn is_subcommand(word: &str) -> bool {
    let is_letter = |character: char| {
        character.is_ascii_lowercase() || character.is_ascii_digit() || "-_:".contains(character)
    };
    word.starts_with(|first: char| first.is_ascii_lowercase()) && word.chars().all(is_letter)
}
