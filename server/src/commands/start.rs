//! Commands that start tasks: one a kind of task, with arguments that people can type and code actions can fill in.
//!
//! Arguments, in any order and all of them optional: words (what is to be done, or how), and an object with the place.

use serde::Deserialize;
use serde_json::Value;
use tower_lsp_server::gen_lsp_types::Range;

use super::ArgumentError;
use crate::tasks::{LandingMode, TaskKind};

/// The kinds that commands start, with the commands' names.
const STARTS: [(&str, TaskKind); 12] = [
    ("ropewalk.fix", TaskKind::Fix),
    ("ropewalk.explain", TaskKind::Explain),
    ("ropewalk.refactor", TaskKind::Refactor),
    ("ropewalk.writeTests", TaskKind::WriteTests),
    ("ropewalk.document", TaskKind::Document),
    ("ropewalk.simplify", TaskKind::Simplify),
    ("ropewalk.implementTodo", TaskKind::ImplementTodo),
    ("ropewalk.doComment", TaskKind::Comment),
    ("ropewalk.refactorWorkspace", TaskKind::RefactorWorkspace),
    ("ropewalk.reviewFile", TaskKind::ReviewFile),
    ("ropewalk.reviewChanges", TaskKind::ReviewChanges),
    ("ropewalk.task", TaskKind::Custom),
];

/// A task to start.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct StartCommand {
    pub(crate) kind: TaskKind,
    pub(crate) options: StartOptions,
}

/// Where it is to work, and how.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(crate) struct StartOptions {
    /// What is to be done, or how.
    pub(crate) instruction: Option<String>,
    /// The document, as a URI or a path; without it, the one that was used last.
    pub(crate) uri: Option<String>,
    /// What is selected, in the client's encoding.
    pub(crate) range: Option<Range>,
    /// The first and the last line, counted from 1: a range that is easier to type.
    pub(crate) lines: Option<(u32, u32)>,
    /// The document's version that the range speaks of.
    pub(crate) version: Option<i32>,
    /// LSP's diagnostics that are to be fixed.
    pub(crate) diagnostics: Vec<Value>,
    /// What becomes of the changes.
    pub(crate) mode: Option<LandingMode>,
}

impl StartCommand {
    /// All names.
    pub(crate) fn names() -> impl Iterator<Item = &'static str> {
        STARTS.iter().map(|(name, _)| *name)
    }

    /// The name of the command that starts tasks of this kind; none for those that only start otherwise.
    pub(crate) fn name_of(kind: TaskKind) -> Option<&'static str> {
        let mut starts = STARTS.iter();
        starts.find(|(_, of)| *of == kind).map(|(name, _)| *name)
    }

    /// As [`super::Command::parse`].
    pub(super) fn parse(name: &str, arguments: &[Value]) -> Option<Result<Self, ArgumentError>> {
        let (name, kind) = STARTS.iter().find(|(known, _)| *known == name)?;
        let options = StartOptions::read(arguments).map_err(|problem| ArgumentError {
            command: (*name).to_owned(),
            problem,
        });
        Some(options.map(|options| Self {
            kind: *kind,
            options,
        }))
    }
}

impl StartOptions {
    /// Words and objects; words that were not quoted come as several arguments, or as numbers.
    pub(super) fn read(arguments: &[Value]) -> Result<Self, String> {
        let mut options = Self::default();
        let mut words: Vec<String> = Vec::new();
        for argument in arguments {
            match argument {
                Value::Null => {}
                Value::String(text) => words.push(text.clone()),
                Value::Number(number) => words.push(number.to_string()),
                Value::Object(_) => {
                    let place = Self::deserialize(argument).map_err(|error| {
                        format!("the options are not understood ({error}); {USAGE}")
                    })?;
                    options = place;
                }
                Value::Bool(_) | Value::Array(_) => return Err(USAGE.to_owned()),
            }
        }
        let said = words.join(" ");
        if !said.trim().is_empty() {
            options.instruction = Some(said);
        }
        let said = options.instruction.take();
        options.instruction = said.filter(|said| !said.trim().is_empty());
        Ok(options)
    }
}

const USAGE: &str = "give what you want in words, and where as an object, both if needed: \
    \"use a hash map\" {\"uri\": \"src/main.rs\", \"lines\": [3, 9], \"mode\": \"preview\"}";
