//! A rules file: how it is read, and how a rule's examples prove that it means what its author thinks.

use std::{io::ErrorKind, path::Path};

use serde::Deserialize;
use syntax::ShellScript;
use toml::Spanned;

use super::{error::RulesError, hooks::names_program, neutral::is_neutral};
use crate::need::Need;

/// A rule about commands that begin with certain words.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// The words that a command begins with.
    pub prefix: Vec<Words>,
    /// What becomes of such a command.
    pub decision: RuleDecision,
    /// What it may have; of a rule that asks or forbids, the needs that it is about, none meaning whatever the command
    /// needs.
    #[serde(default)]
    pub needs: Vec<Need>,
    /// Why; the person and the model are told.
    pub because: Option<String>,
    /// Commands that it must match.
    #[serde(default)]
    pub matches: Vec<String>,
    /// Commands that it must not match.
    #[serde(default)]
    pub differs: Vec<String>,
}

/// One word of a prefix.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Words {
    /// This one.
    One(String),
    /// One of these.
    Any(Vec<String>),
}

/// What becomes of a command that a rule matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RuleDecision {
    /// It may have what the rule names, without asking.
    Allow,
    /// The person is asked.
    Ask,
    /// It is not run.
    Forbid,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RulesFile {
    #[serde(default)]
    rule: Vec<Spanned<Rule>>,
}

/// The rules in a file; none if it does not exist.
///
/// # Errors
/// When anything in it is wrong.
pub(super) fn read(path: &Path) -> Result<Vec<Rule>, RulesError> {
    match ::workspace::read_settings(path) {
        Ok(text) => parse(path, &text),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        Err(source) => Err(RulesError::Read {
            path: path.to_owned(),
            source,
        }),
    }
}

/// The rules in `text`, which stands in the file `path`.
///
/// # Errors
/// When anything in it is wrong.
pub(super) fn parse(path: &Path, text: &str) -> Result<Vec<Rule>, RulesError> {
    let file: RulesFile = toml::from_str(text).map_err(|error| RulesError::Malformed {
        path: path.to_owned(),
        message: error.to_string().trim_end().to_owned(),
    })?;
    let check = |rule: Spanned<Rule>| {
        let start = rule.span().start;
        let rule = rule.into_inner();
        match problem(&rule) {
            None => Ok(rule),
            Some(problem) => Err(RulesError::Wrong {
                path: path.to_owned(),
                line: text[..start].matches('\n').count() + 1,
                problem,
            }),
        }
    };
    file.rule.into_iter().map(check).collect()
}

/// What is wrong with a rule that could be read.
fn problem(rule: &Rule) -> Option<String> {
    let is_empty = |words: &Words| match words {
        Words::One(word) => word.is_empty(),
        Words::Any(words) => words.is_empty() || words.iter().any(String::is_empty),
    };
    if rule.prefix.is_empty() || rule.prefix.iter().any(is_empty) {
        return Some("`prefix` needs at least one word, and none may be empty".into());
    }
    if rule.decision == RuleDecision::Allow && rule.needs.is_empty() {
        return Some(
            "it allows nothing that a task may not do anyway; say with `needs` what it allows, for example needs = [\"network\"]"
                .into(),
        );
    }
    if let Some(example) = rule.matches.iter().find(|example| !rule.holds_for(example)) {
        return Some(format!("the example `{example}` shall match, and does not"));
    }
    let unwanted = rule
        .differs
        .iter()
        .find(|example| rule.holds_for(example))?;
    Some(format!(
        "the example `{unwanted}` shall not match, and does"
    ))
}

impl Rule {
    /// A rule that allows commands that begin with `prefix` what `needs` says.
    pub(super) fn allowing(prefix: &[String], needs: &[Need]) -> Self {
        Self {
            prefix: prefix.iter().cloned().map(Words::One).collect(),
            decision: RuleDecision::Allow,
            needs: needs.to_vec(),
            because: None,
            matches: Vec::new(),
            differs: Vec::new(),
        }
    }

    /// Whether `command` begins with the prefix.
    pub(super) fn matches(&self, command: &[String]) -> bool {
        let fits = |(words, word): (&Words, &String)| match words {
            Words::One(only) => only == word,
            Words::Any(words) => words.contains(word),
        };
        command.len() >= self.prefix.len() && self.prefix.iter().zip(command).all(fits)
    }

    /// Whether it lets `command` have something: all behind the prefix is its arguments, and none makes it another program.
    pub(super) fn allows(&self, command: &[String]) -> bool {
        let is_tame = |arguments: &[String]| !names_program(arguments);
        self.decision == RuleDecision::Allow
            && self.matches(command)
            && is_tame(&command[self.prefix.len()..])
    }

    /// Whether it is about a command with these needs.
    pub(super) fn concerns(&self, needs: &[Need]) -> bool {
        let is_named = |need: &Need| {
            self.needs
                .iter()
                .any(|named| need.covers(named) || named.covers(need))
        };
        self.needs.is_empty() || needs.iter().any(is_named)
    }

    /// Whether it decides about a whole script by itself.
    fn holds_for(&self, script: &str) -> bool {
        let script = ShellScript::read(script);
        let mut judged = script
            .commands
            .iter()
            .filter(|command| !is_neutral(command))
            .peekable();
        match self.decision {
            RuleDecision::Allow => {
                script.is_plain
                    && judged.peek().is_some()
                    && judged.all(|command| self.allows(command))
            }
            RuleDecision::Ask | RuleDecision::Forbid => {
                script.commands.iter().any(|command| self.matches(command))
            }
        }
    }
}
