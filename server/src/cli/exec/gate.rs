//! Who says yes: the person at the terminal, or the options in their place.
//!
//! Implements the agent's permission hook for the command line. One question is asked at a time, and shows exactly what is
//! decided upon: what a model wrote can neither hide from it nor pass for the question itself.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use agent::prompt::Permissions;
use agent::tool::{Approval, Decision, Gate, Question};
use workspace::CancellationFlag;

use super::keyboard::Keyboard;
use super::screen::Screen;
use super::transcript::{self, Transcript};
use crate::cli::printable::exact;
use crate::cli::terminal::{Style, Terminal};

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
    keyboard: Keyboard,
    screen: Arc<Screen>,
    /// Where they are asked.
    terminal: Terminal,
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
                None => Decision::Deny { reason: None },
            },
        }
    }

    fn ask(&self, question: &Question, cancel: &CancellationFlag) -> Option<String> {
        self.person()?.answer(question, cancel)
    }
}

impl Person {
    fn at_terminal(cwd: &Path, screen: Arc<Screen>) -> Option<Self> {
        let keyboard = Keyboard::open()?;
        let sees_transcript = std::io::stderr().is_terminal();
        let terminal = match sees_transcript {
            true => Terminal::stderr(),
            false => Terminal::opened(keyboard.screen().ok()?),
        };
        Some(Self {
            keyboard,
            screen,
            terminal,
            sees_transcript,
            cwd: cwd.to_path_buf(),
            is_content: false,
        })
    }

    fn approve(&mut self, approval: &Approval, cancel: &CancellationFlag) -> Decision {
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
        self.keyboard.forget_typed();
        self.terminal
            .print(&self.terminal.style(Style::Bold, prompt));
        let answer = self.keyboard.read_line(cancel);
        if answer.is_none() {
            self.terminal.line("");
        }
        answer
    }

    fn pose(&mut self, question: &Question) {
        let text = transcript::indented(&exact(&question.text));
        let text = self.terminal.style(Style::Bold, text);
        self.terminal.line(&text);
        for (number, option) in question.options.iter().enumerate() {
            let option = transcript::indented(&exact(option));
            self.terminal.line(&format!("  {}. {option}", number + 1));
        }
    }

    fn describe(&mut self, approval: &Approval, transcript: &mut Transcript) {
        match approval {
            Approval::ChangeFiles { changes } => {
                for change in changes {
                    transcript::show_change(&mut self.terminal, change, &self.cwd);
                }
                if self.sees_transcript {
                    transcript.has_shown(changes);
                }
            }
            Approval::RunCommand {
                command,
                cwd,
                reason,
            } => {
                if !(self.sees_transcript && transcript.ends_with_command(command)) {
                    transcript::show_command(&mut self.terminal, command);
                }
                let cwd = exact(&cwd.display().to_string());
                self.terminal.line(&format!("  in {cwd}"));
                if let Some(reason) = reason {
                    let reason = transcript::indented(&exact(reason));
                    self.terminal.line(&format!("  because: {reason}"));
                }
            }
            Approval::WriteToCommand { command, text } => {
                let command = transcript::indented(&exact(command));
                let line = self.terminal.style(Style::Bold, format!("to `{command}`:"));
                self.terminal.line(&line);
                self.terminal.line(&format!("  {}", text.escape_debug()));
            }
        }
    }
}
