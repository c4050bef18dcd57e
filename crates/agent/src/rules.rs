//! The user's rules about commands: what may leave the twin unasked, what is always asked, and what is never run.
//!
//! Rules come from files (`rules/file.rs`) and grow when a person says "always" (`rules/append.rs`). They are judged by
//! the words of a command's plain parts: allowing needs that the whole script is understood, forbidding does not. A rule
//! that forbids is a help against mistakes and no wall: what a script computes cannot be read in it.

mod append;
mod error;
mod file;
mod hooks;
mod neutral;
mod programs;
mod suggestion;

use std::path::{Path, PathBuf};

use syntax::ShellScript;

use crate::need::{Need, are_covered};

pub use error::RulesError;
pub use file::{Rule, RuleDecision, Words};
pub use suggestion::suggested_prefix;

/// The rules in force for a task.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    rules: Vec<Rule>,
    /// Where the user's own stand and new ones are written.
    own_file: Option<PathBuf>,
}

/// What the rules say of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// It is never run; with the rule's reason.
    Forbidden(Option<String>),
    /// The person is asked, whatever it needs; with the rule's reason.
    Asked(Option<String>),
    /// It may have what it needs.
    Allowed,
    /// Nothing.
    Silent,
}

impl Rules {
    /// Reads the user's own file and those of `projects`, which must be trusted; a missing file has no rules.
    ///
    /// # Errors
    /// When a file cannot be read or says something wrong; none of it counts then.
    pub fn load(own_file: Option<&Path>, projects: &[PathBuf]) -> Result<Self, RulesError> {
        let mut rules = Vec::new();
        for path in own_file
            .into_iter()
            .chain(projects.iter().map(PathBuf::as_path))
        {
            rules.extend(file::read(path)?);
        }
        Ok(Self {
            rules,
            own_file: own_file.map(Path::to_owned),
        })
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.rules.len()
    }

    /// What the rules say of a command that needs `needs` beyond the twin. The strictest that matches any part counts;
    /// it is allowed only if every part is.
    pub fn judge(&self, script: &ShellScript, needs: &[Need]) -> Judgement {
        let matching = |decision| {
            let mut rules = self
                .rules
                .iter()
                .filter(move |rule| rule.decision == decision && rule.concerns(needs));
            rules.find(|rule| script.commands.iter().any(|command| rule.matches(command)))
        };
        if let Some(rule) = matching(RuleDecision::Forbid) {
            return Judgement::Forbidden(rule.because.clone());
        }
        if let Some(rule) = matching(RuleDecision::Ask) {
            return Judgement::Asked(rule.because.clone());
        }
        match self.allows(script, needs) {
            true => Judgement::Allowed,
            false => Judgement::Silent,
        }
    }

    /// Allows commands that begin with the words `prefix` what `needs` says, from now on and in the user's own file.
    ///
    /// # Errors
    /// When the file cannot be written, or says something wrong by now. The rule does not count then.
    pub fn allow_always(&mut self, prefix: &[String], needs: &[Need]) -> Result<(), RulesError> {
        let path = self.own_file.as_deref().ok_or(RulesError::NoFile)?;
        let rule = Rule::allowing(prefix, needs);
        append::append(path, &rule)?;
        self.rules.push(rule);
        Ok(())
    }

    fn allows(&self, script: &ShellScript, needs: &[Need]) -> bool {
        let allowed = |command: &Vec<String>| {
            let rules = self.rules.iter().filter(|rule| rule.allows(command));
            let given = rules.flat_map(|rule| rule.needs.clone());
            are_covered(needs, &given.collect::<Vec<_>>())
        };
        let mut judged = script
            .commands
            .iter()
            .filter(|command| !neutral::is_neutral(command))
            .peekable();
        script.is_plain && !needs.is_empty() && judged.peek().is_some() && judged.all(allowed)
    }
}

#[cfg(test)]
mod tests;
