//! What codemod says: what it is, what it did not understand, and what came of the commands.

use std::fmt::Write;

use super::command::{Command, CommandError};

const LANGUAGE: &str = "  rename OLD to NEW [in GLOB]                  every identifier spelled OLD, by syntax
  rewrite PATTERN => REPLACEMENT in GLOB       code by its structure: $NAME is any part, $$$NAME any number of parts
  run COMMAND                                  a shell command
For example:
  rename parse_cfg to parse_config in src/**/*.rs
  rewrite assertEquals($A, $B) => assertThat($B).isEqualTo($A) in **/*.java
  run cargo test";

const MODELS: &str = "\
To ask in your own words, give Ropewalk a model: set OPENAI_API_KEY, ANTHROPIC_API_KEY, GEMINI_API_KEY, MISTRAL_API_KEY, \
OPENROUTER_API_KEY, XAI_API_KEY, DEEPSEEK_API_KEY or GROQ_API_KEY (or `ropewalk login PROVIDER`), or start a local server: \
Ollama, llama.cpp or LM Studio is found by itself. `ropewalk models` lists what can be used and why not.";

/// So many lines of an output are repeated.
const MOST_LINES: usize = 12;

/// What it is and can do.
pub(super) fn introduction() -> String {
    format!(
        "I am codemod, Ropewalk's built-in provider: no language model, only a few exact commands, one a line.\n{LANGUAGE}\n\n{MODELS}"
    )
}

/// The lines that are no commands. Nothing was done.
pub(super) fn not_understood(errors: &[CommandError]) -> String {
    let mut text = String::new();
    for error in errors.iter().filter(|error| error.begins_like_one).take(10) {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{error}");
    }
    if text.is_empty() {
        return introduction();
    }
    format!(
        "Nothing was done, because this is not in my language:\n{text}\n{}",
        introduction()
    )
}

/// Everything was done.
pub(super) fn finished(finished: &[(&Command, &str)]) -> String {
    let count = finished.len();
    format!(
        "Done, {}.\n{}",
        if count == 1 {
            "1 command".to_owned()
        } else {
            format!("{count} commands")
        },
        report(finished)
    )
}

/// A command failed; the later ones were left.
pub(super) fn stopped(
    command: &Command,
    output: &str,
    finished: &[(&Command, &str)],
    total: usize,
) -> String {
    let number = finished.len() + 1;
    let left = total - number;
    let rest = match left {
        0 => String::new(),
        1 => " The one after it was not begun.".to_owned(),
        _ => format!(" The {left} after it were not begun."),
    };
    format!(
        "Stopped at command {number} of {total}, which did not succeed.{rest}\n{}✗ {command}\n{}",
        report(finished),
        indented(output)
    )
}

/// The outcome of a command is not known.
pub(super) fn unanswered(command: &Command, finished: &[(&Command, &str)], total: usize) -> String {
    stopped(
        command,
        "It was called, and no answer came. Check what it did before you repeat it.",
        finished,
        total,
    )
}

fn report(finished: &[(&Command, &str)]) -> String {
    let mut text = String::new();
    for (command, output) in finished {
        let _ = writeln!(text, "✓ {command}\n{}", indented(output));
    }
    text
}

/// The beginning and the end of an output.
fn indented(output: &str) -> String {
    let lines: Vec<&str> = output.trim_end().lines().collect();
    let half = MOST_LINES / 2;
    let mut shown: Vec<String> = Vec::new();
    for (number, line) in lines.iter().enumerate() {
        if lines.len() <= MOST_LINES || number < half || number >= lines.len() - half {
            shown.push(format!("    {line}"));
        } else if number == half {
            shown.push(format!("    [… {} lines …]", lines.len() - 2 * half));
        }
    }
    shown.join("\n")
}
