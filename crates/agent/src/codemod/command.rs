//! The command language: one command a line, exactly by its grammar, so that a sentence is never taken for a command.

use std::fmt;

use serde_json::{Value, json};

/// One command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// `rename OLD to NEW [in GLOB]`
    Rename {
        /// The name as it is.
        old: String,
        /// The name as it shall be.
        new: String,
        /// Which files; all when there is none.
        glob: Option<String>,
    },
    /// `rewrite PATTERN => REPLACEMENT in GLOB`
    Rewrite {
        /// The code to look for.
        pattern: String,
        /// What takes its place.
        replacement: String,
        /// Which files.
        glob: String,
    },
    /// `run COMMAND`
    Run {
        /// As the shell takes it.
        command: String,
    },
}

/// Why a line is no command.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, character {column}: {problem}")]
pub struct CommandError {
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// What is wrong and what would be right.
    pub problem: String,
    /// Whether the line at least begins like a command.
    pub begins_like_one: bool,
}

const RENAME: &str = "it goes `rename OLD to NEW` or `rename OLD to NEW in GLOB`";
const REWRITE: &str = "it goes `rewrite PATTERN => REPLACEMENT in GLOB`";

/// The commands of `text`, one a line; empty lines and lines that begin with `#` are passed over.
///
/// # Errors
/// Every line that is no command.
pub fn parse(text: &str) -> Result<Vec<Command>, Vec<CommandError>> {
    let mut commands = Vec::new();
    let mut errors = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let rest = line.trim_start();
        if rest.is_empty() || rest.starts_with('#') {
            continue;
        }
        let mut cursor = Cursor {
            line,
            offset: line.len() - rest.len(),
        };
        let begins_like_one = ["rename", "rewrite", "run"].contains(&cursor.peek_word());
        match command(&mut cursor) {
            Ok(command) => commands.push(command),
            Err(problem) => errors.push(CommandError {
                line: number + 1,
                column: line[..cursor.offset].chars().count() + 1,
                problem,
                begins_like_one,
            }),
        }
    }
    if errors.is_empty() {
        Ok(commands)
    } else {
        Err(errors)
    }
}

impl Command {
    /// The tool that does it.
    pub fn tool(&self) -> &'static str {
        match self {
            Self::Rename { .. } => "rename",
            Self::Rewrite { .. } => "rewrite",
            Self::Run { .. } => "exec_command",
        }
    }

    /// The tool's arguments.
    pub fn arguments(&self) -> Value {
        match self {
            Self::Rename {
                old,
                new,
                glob: None,
            } => json!({ "old": old, "new": new }),
            Self::Rename {
                old,
                new,
                glob: Some(glob),
            } => json!({ "old": old, "new": new, "glob": glob }),
            Self::Rewrite {
                pattern,
                replacement,
                glob,
            } => {
                json!({ "pattern": pattern, "replacement": replacement, "glob": glob })
            }
            Self::Run { command } => json!({ "cmd": command, "yield_time_ms": LONGEST_WAIT }),
        }
    }
}

/// How long a command is waited for at once, in milliseconds.
pub(super) const LONGEST_WAIT: u64 = 600_000;

impl fmt::Display for Command {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rename {
                old,
                new,
                glob: None,
            } => write!(formatter, "rename {old} to {new}"),
            Self::Rename {
                old,
                new,
                glob: Some(glob),
            } => write!(formatter, "rename {old} to {new} in {glob}"),
            Self::Rewrite {
                pattern,
                replacement,
                glob,
            } => {
                write!(
                    formatter,
                    "rewrite {} => {} in {glob}",
                    quoted(pattern),
                    quoted(replacement)
                )
            }
            Self::Run { command } => write!(formatter, "run {command}"),
        }
    }
}

fn quoted(text: &str) -> String {
    let needs_quotes = text.is_empty()
        || text.contains('`')
        || text.contains("=>")
        || text.contains(" in ")
        || text.trim() != text;
    if needs_quotes {
        format!("`{}`", text.replace('`', "``"))
    } else {
        text.to_owned()
    }
}

fn command(cursor: &mut Cursor<'_>) -> Result<Command, String> {
    let start = cursor.offset;
    match cursor.word() {
        "rename" => rename(cursor),
        "rewrite" => rewrite(cursor),
        "run" => run(cursor),
        _ => {
            cursor.offset = start;
            Err("this is no command; commands begin with rename, rewrite or run".into())
        }
    }
}

fn rename(cursor: &mut Cursor<'_>) -> Result<Command, String> {
    let old = cursor.name(&format!("the old name is missing; {RENAME}"))?;
    cursor.keyword("to", RENAME)?;
    let new = cursor.name(&format!("the new name is missing; {RENAME}"))?;
    let glob = match cursor.peek_word() {
        "" => None,
        _ => {
            cursor.keyword("in", RENAME)?;
            Some(cursor.name(&format!("the glob is missing; {RENAME}"))?)
        }
    };
    cursor.end(RENAME)?;
    Ok(Command::Rename { old, new, glob })
}

fn rewrite(cursor: &mut Cursor<'_>) -> Result<Command, String> {
    let pattern = cursor.code(
        " => ",
        Which::First,
        &format!("` => ` is missing; {REWRITE}"),
    )?;
    cursor.offset += cursor.rest().find("=>").map_or(0, |found| found + 2);
    let replacement_start = cursor.skip_spaces();
    let replacement = cursor.code(
        " in ",
        Which::Last,
        &format!("` in GLOB` is missing; {REWRITE}"),
    )?;
    if replacement_start < cursor.line.len()
        && !cursor.line[replacement_start..].starts_with('`')
        && replacement.contains(" => ")
    {
        cursor.offset = replacement_start;
        return Err(
            "`=>` stands more than once; put the pattern and the replacement in `backticks`".into(),
        );
    }
    cursor.keyword("in", REWRITE)?;
    let glob = cursor.name(&format!("the glob is missing; {REWRITE}"))?;
    cursor.end(&format!("a glob has no spaces; {REWRITE}"))?;
    if pattern.is_empty() {
        return Err(format!("the pattern is empty; {REWRITE}"));
    }
    Ok(Command::Rewrite {
        pattern,
        replacement,
        glob,
    })
}

/// Words with which sentences go on after "run", and that are no programs.
const PROSE: &[&str] = &[
    "a",
    "again",
    "all",
    "an",
    "and",
    "any",
    "every",
    "everything",
    "it",
    "me",
    "my",
    "our",
    "please",
    "some",
    "tests",
    "that",
    "the",
    "these",
    "this",
    "those",
    "through",
    "your",
];

fn run(cursor: &mut Cursor<'_>) -> Result<Command, String> {
    cursor.skip_spaces();
    let command = cursor.rest().trim_end();
    if command.is_empty() {
        return Err(
            "the command is missing; it goes `run COMMAND`, such as `run cargo test`".into(),
        );
    }
    let first = cursor.peek_word();
    if PROSE.contains(&first) {
        return Err(format!(
            "`{first}` is taken for a word of a sentence and not for a program; write the command itself, such as `run cargo test`"
        ));
    }
    Ok(Command::Run {
        command: command.to_owned(),
    })
}

/// A place in a line.
struct Cursor<'a> {
    line: &'a str,
    /// In bytes.
    offset: usize,
}

/// Which of several separators counts.
#[derive(Clone, Copy)]
enum Which {
    First,
    Last,
}

impl<'a> Cursor<'a> {
    fn rest(&self) -> &'a str {
        &self.line[self.offset..]
    }

    /// Where the next word begins.
    fn skip_spaces(&mut self) -> usize {
        self.offset = self.line.len() - self.rest().trim_start().len();
        self.offset
    }

    fn peek_word(&self) -> &'a str {
        self.rest().split_whitespace().next().unwrap_or("")
    }

    fn word(&mut self) -> &'a str {
        self.skip_spaces();
        let word = self.peek_word();
        self.offset += word.len();
        word
    }

    fn keyword(&mut self, keyword: &str, usage: &str) -> Result<(), String> {
        self.skip_spaces();
        let found = self.peek_word();
        if found == keyword {
            self.offset += keyword.len();
            return Ok(());
        }
        Err(match found {
            "" => format!("`{keyword}` is missing; {usage}"),
            found => format!("`{keyword}` is expected and not `{found}`; {usage}"),
        })
    }

    /// One word, perhaps in backticks.
    fn name(&mut self, missing: &str) -> Result<String, String> {
        self.skip_spaces();
        if self.rest().starts_with('`') {
            return self.quoted();
        }
        match self.word() {
            "" => Err(missing.to_owned()),
            word => Ok(word.to_owned()),
        }
    }

    /// A piece of code: in backticks, or up to the separator, which is not taken.
    fn code(&mut self, separator: &str, which: Which, missing: &str) -> Result<String, String> {
        self.skip_spaces();
        if self.rest().starts_with('`') {
            let code = self.quoted()?;
            let next = self.skip_spaces();
            if !self.line[next..].starts_with(separator.trim()) {
                return Err(missing.to_owned());
            }
            return Ok(code);
        }
        let found = match which {
            Which::First => self.rest().find(separator),
            Which::Last => self.rest().rfind(separator),
        };
        let Some(length) = found else {
            self.offset = self.line.trim_end().len();
            return Err(missing.to_owned());
        };
        let code = self.rest()[..length].trim().to_owned();
        self.offset += length;
        Ok(code)
    }

    /// What stands in backticks; two of them within stand for one.
    fn quoted(&mut self) -> Result<String, String> {
        let mut text = String::new();
        let mut rest = &self.rest()[1..];
        loop {
            let Some(end) = rest.find('`') else {
                return Err("a backtick is not closed".into());
            };
            text.push_str(&rest[..end]);
            rest = &rest[end + 1..];
            match rest.strip_prefix('`') {
                Some(after) => {
                    text.push('`');
                    rest = after;
                }
                None => break,
            }
        }
        self.offset = self.line.len() - rest.len();
        Ok(text)
    }

    fn end(&mut self, usage: &str) -> Result<(), String> {
        self.skip_spaces();
        match self.peek_word() {
            "" => Ok(()),
            extra => Err(format!("`{extra}` is too much; {usage}")),
        }
    }
}

#[cfg(test)]
mod tests;
