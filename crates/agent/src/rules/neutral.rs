//! Commands that stand beside others without reaching anything: rules need not mention them.
//!
//! Agents write `cd sub && cargo fetch 2>&1 | tail -5`; what matters in it is `cargo fetch`.

use std::path::{Component, Path};

/// Whether `command` neither reads nor writes a file and starts nothing, whatever it may reach.
pub(super) fn is_neutral(command: &[String]) -> bool {
    let Some((program, arguments)) = command.split_first() else {
        return true;
    };
    match program.as_str() {
        "true" | ":" | "pwd" => arguments.is_empty(),
        "echo" => true,
        "cd" => matches!(arguments, [folder] if is_below(folder)),
        // With a file's name they would show the file.
        "head" | "tail" | "wc" | "cat" => arguments.iter().all(|argument| is_count(argument)),
        _ => false,
    }
}

/// A folder below the one that the command starts in, as far as the name tells.
fn is_below(folder: &str) -> bool {
    let is_plain = |part: Component<'_>| matches!(part, Component::Normal(_) | Component::CurDir);
    !folder.starts_with('-') && Path::new(folder).components().all(is_plain)
}

/// `-5`, `-n`, `-n5`, `20`, `+3`.
fn is_count(argument: &str) -> bool {
    let rest = argument.trim_start_matches(['-', '+']);
    let rest = rest
        .strip_prefix(|letter: char| letter.is_ascii_lowercase())
        .unwrap_or(rest);
    let has_sign = argument.starts_with(['-', '+']);
    rest.chars().all(|character| character.is_ascii_digit())
        && (has_sign || !rest.is_empty())
        && argument.len() - rest.len() <= 2
}
