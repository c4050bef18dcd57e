//! Who says yes: the person at the terminal, or the options in their place.
//!
//! Implements the agent's permission hook for the command line. One question is asked at a time, and shows exactly what is
//! decided upon: what a model wrote can neither hide from it nor pass for the question itself.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use agent::need;
use agent::prompt::Permissions;
use agent::tool::{Approval, Decision, Gate, Question};
use workspace::CancellationFlag;

use super::asker::Asker;
use super::in_sight;
use super::keyboard::Keyboard;
use super::screen::Screen;
use super::transcript::{self, Transcript};
use crate::cli::printable::exact;
use crate::cli::terminal::Style;

/// How effects are permitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Permit {
    /// All of them.
    Everything,
    /// None of them.
    ReadingOnly,
    /// Those that the person at the terminal says yes to.
    Asked,
}

/// The permission hook of the command line.
pub(crate) struct TerminalGate {
    permit: Permit,
    /// Nobody, when a program listens or there is no terminal.
    person: Option<Mutex<Person>>,
}

/// The person at the terminal.
struct Person {
    asker: Asker,
    screen: Arc<Screen>,
    /// Whether they have the transcript before their eyes, too.
    sees_transcript: bool,
    /// Paths below it are shown without it.
    cwd: PathBuf,
    /// They have said yes to everything that follows.
    is_content: bool,
}

impl TerminalGate {
    /// A hook that asks nobody; what nobody allows is declined.
    pub(crate) fn unattended(permit: Permit) -> Self {
        Self {
            permit,
            person: None,
        }
    }

    /// A hook for work in `cwd`, which is absolute. Questions interrupt what `screen` shows.
    pub(super) fn attended(permit: Permit, cwd: &Path, screen: Arc<Screen>) -> Self {
        Self {
            permit,
            person: Person::at_terminal(cwd, screen).map(Mutex::new),
        }
    }

    fn person(&self) -> Option<MutexGuard<'_, Person>> {
        let person = self.person.as_ref()?;
        Some(person.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Permit {
    /// As the model is told.
    pub(crate) fn permissions(self) -> Permissions {
        match self {
            Self::Everything => Permissions::ALL,
            Self::ReadingOnly => Permissions::READ_ONLY,
            Self::Asked => Permissions::ASK,
        }
    }
}

/// Whether somebody can be asked.
pub(super) fn has_person() -> bool {
    Keyboard::open().is_some()
}

impl Gate for TerminalGate {
    fn approve(&self, approval: &Approval, cancel: &CancellationFlag) -> Decision {
        match self.permit {
            Permit::Everything => Decision::Allow,
            Permit::ReadingOnly => Decision::Deny {
                reason: Some("this run is read-only; say what you would change instead".into()),
            },
            Permit::Asked => match self.person() {
                Some(mut person) => person.approve(approval, cancel),
                None => Decision::NobodyThere,
            },
        }
    }

    fn ask(&self, question: &Question, cancel: &CancellationFlag) -> Option<String> {
        self.person()?.answer(question, cancel)
    }
}

impl Person {
    fn at_terminal(cwd: &Path, screen: Arc<Screen>) -> Option<Self> {
        Some(Self {
            asker: Asker::at_terminal()?,
            screen,
            sees_transcript: std::io::stderr().is_terminal(),
            cwd: cwd.to_path_buf(),
            is_content: false,
        })
    }

    fn approve(&mut self, approval: &Approval, cancel: &CancellationFlag) -> Decision {
        if let Approval::LeaveTwin { prefix, .. } = approval {
            return self.let_out(approval, prefix.as_deref(), cancel);
        }
        if self.is_content {
            return Decision::Allow;
        }
        let answer = self.question(
            |person, transcript| person.describe(approval, transcript),
            "Allow? [y]es, [n]o, [a]ll that follows, or say what to do instead: ",
            cancel,
        );
        let Some(answer) = answer else {
            return Decision::Deny { reason: None };
        };
        match answer.to_lowercase().as_str() {
            "y" | "yes" => Decision::Allow,
            "a" | "all" => {
                self.is_content = true;
                Decision::Allow
            }
            "" | "n" | "no" => Decision::Deny { reason: None },
            _ => Decision::Deny {
                reason: Some(answer),
            },
        }
    }

    /// Asks whether a command may leave the twin. "All that follows" was never said of that.
    fn let_out(
        &mut self,
        approval: &Approval,
        prefix: Option<&[String]>,
        cancel: &CancellationFlag,
    ) -> Decision {
        let prompt = leaving_prompt(prefix);
        loop {
            let answer = self.question(
                |person, transcript| person.describe(approval, transcript),
                &prompt,
                cancel,
            );
            let Some(answer) = answer else {
                return Decision::Deny { reason: None };
            };
            match leaving_decision(&answer, prefix.is_some()) {
                Some(decision) => return decision,
                None => self.asker.terminal().line("There is no such answer here."),
            }
        }
    }

    fn answer(&mut self, question: &Question, cancel: &CancellationFlag) -> Option<String> {
        let prompt = match question.options.is_empty() {
            true => "Answer: ",
            false => "Answer (a number or your own words): ",
        };
        let answer = self.question(|person, _| person.pose(question), prompt, cancel)?;
        let chosen = answer
            .parse::<usize>()
            .ok()
            .and_then(|number| question.options.get(number.checked_sub(1)?).cloned());
        chosen.or(Some(answer)).filter(|answer| !answer.is_empty())
    }

    /// Asks with the screen for itself; nothing when there is no answer.
    fn question(
        &mut self,
        describe: impl FnOnce(&mut Self, &mut Transcript),
        prompt: &str,
        cancel: &CancellationFlag,
    ) -> Option<String> {
        let screen = Arc::clone(&self.screen);
        let _open = screen.open_question(|transcript| describe(self, transcript));
        self.asker.ask(prompt, cancel)
    }

    fn pose(&mut self, question: &Question) {
        let terminal = self.asker.terminal();
        let text = transcript::indented(&exact(&question.text));
        terminal.line(&terminal.style(Style::Bold, text));
        for (number, option) in question.options.iter().enumerate() {
            let option = transcript::indented(&exact(option));
            terminal.line(&format!("  {}. {option}", number + 1));
        }
    }

    fn describe(&mut self, approval: &Approval, transcript: &mut Transcript) {
        match approval {
            Approval::ChangeFiles { changes } => {
                for change in changes {
                    transcript::show_change(self.asker.terminal(), change, &self.cwd);
                }
                if self.sees_transcript {
                    transcript.has_shown(changes);
                }
            }
            Approval::RunCommand {
                command,
                cwd,
                reason,
                rule,
            } => {
                self.show_command(command, cwd, transcript);
                self.explanation("because", reason.as_deref());
                self.detail("asked by your rule", rule.as_deref());
            }
            Approval::LeaveTwin {
                command,
                cwd,
                needs,
                reason,
                refused,
                prefix: _,
            } => {
                self.show_command(command, cwd, transcript);
                self.explanation("refused by the sandbox", refused.as_deref());
                let label = match refused {
                    Some(_) => "again with",
                    None => "would reach",
                };
                self.detail(label, Some(&need::in_words(needs)));
                self.explanation("because", reason.as_deref());
            }
            Approval::WriteToCommand { command, text } => {
                let command = transcript::indented(&exact(command));
                let terminal = self.asker.terminal();
                terminal.line(&terminal.style(Style::Bold, format!("to `{command}`:")));
                terminal.line(&format!("  {}", text.escape_debug()));
            }
        }
    }

    fn show_command(&mut self, command: &str, cwd: &Path, transcript: &mut Transcript) {
        if !(self.sees_transcript && transcript.ends_with_command(command)) {
            transcript::show_command(self.asker.terminal(), command);
        }
        if let Some(reminder) = in_sight::reminder(command) {
            self.detail("all of it", Some(&reminder));
        }
        let cwd = exact(&cwd.display().to_string());
        self.asker.terminal().line(&format!("  in {cwd}"));
    }

    /// What others say about it; unlike a detail it is not what is decided upon.
    fn explanation(&mut self, label: &str, text: Option<&str>) {
        let brief = text.map(in_sight::brief);
        self.detail(label, brief.as_deref());
    }

    fn detail(&mut self, label: &str, text: Option<&str>) {
        if let Some(text) = text {
            let text = transcript::indented(&exact(text));
            self.asker.terminal().line(&format!("  {label}: {text}"));
        }
    }
}

/// The answers to a command that would leave the twin. "Always" is offered only where it does not mean anything.
fn leaving_prompt(prefix: Option<&[String]>) -> String {
    let always = prefix.map(|words| {
        let words = exact(&words.join(" "));
        format!("[a]lways for `{words}`, ")
    });
    let always = always.unwrap_or_default();
    format!("Allow? [y]es once, for this [t]ask, {always}[n]o, [s]top, or say what to do instead: ")
}

/// What an answer means; nothing when it is none. A single letter that is not offered is a slip, not a message.
fn leaving_decision(answer: &str, can_be_always: bool) -> Option<Decision> {
    Some(match answer.to_lowercase().as_str() {
        "y" | "yes" => Decision::Allow,
        "t" | "task" => Decision::AllowForTask,
        "a" | "always" if can_be_always => Decision::AllowAlways,
        "" | "n" | "no" => Decision::Deny { reason: None },
        "s" | "stop" => Decision::Stop,
        "always" => return None,
        other if other.chars().count() == 1 => return None,
        _ => Decision::Deny {
            reason: Some(answer.to_owned()),
        },
    })
}
