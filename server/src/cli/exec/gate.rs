//! Who says yes: the person at the terminal, or the options in their place.
//!
//! Implements the agent's permission hook for the command line. Questions go to the controlling terminal itself, so
//! that a goal can come through a pipe; one is asked at a time.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use agent::prompt::Permissions;
use agent::tool::{Approval, Decision, Gate, Question};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use workspace::CancellationFlag;

use super::transcript;
use crate::cli::terminal::{Style, Terminal};

/// How soon a cancelled question is given up.
const CANCEL_CHECK: Duration = Duration::from_millis(100);

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
    cwd: PathBuf,
    person: Mutex<Person>,
}

/// The person at the terminal, if there is one.
struct Person {
    keyboard: Option<BufReader<File>>,
    /// They have said yes to everything that follows.
    is_content: bool,
}

impl TerminalGate {
    /// A hook for work in `cwd`, which is absolute.
    pub(crate) fn new(permit: Permit, cwd: &Path) -> Self {
        Self {
            permit,
            cwd: cwd.to_path_buf(),
            person: Mutex::new(Person {
                keyboard: controlling_terminal().map(BufReader::new),
                is_content: false,
            }),
        }
    }

    fn person(&self) -> std::sync::MutexGuard<'_, Person> {
        self.person
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
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
    controlling_terminal().is_some()
}

impl Gate for TerminalGate {
    fn approve(&self, approval: &Approval, cancel: &CancellationFlag) -> Decision {
        match self.permit {
            Permit::Everything => Decision::Allow,
            Permit::ReadingOnly => Decision::Deny {
                reason: Some("this run is read-only; say what you would change instead".into()),
            },
            Permit::Asked => self.person().approve(approval, &self.cwd, cancel),
        }
    }

    fn ask(&self, question: &Question, cancel: &CancellationFlag) -> Option<String> {
        self.person().answer(question, cancel)
    }
}

impl Person {
    fn approve(&mut self, approval: &Approval, cwd: &Path, cancel: &CancellationFlag) -> Decision {
        if self.is_content {
            return Decision::Allow;
        }
        let mut terminal = Terminal::stderr();
        describe(&mut terminal, approval, cwd);
        terminal.print(&terminal.style(
            Style::Bold,
            "Allow? [y]es, [n]o, [a]ll that follows, or say what to do instead: ",
        ));
        let Some(answer) = self.read_line(cancel) else {
            terminal.line("");
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
        self.keyboard.as_ref()?;
        let mut terminal = Terminal::stderr();
        terminal.line(&terminal.style(Style::Bold, &question.text));
        for (number, option) in question.options.iter().enumerate() {
            terminal.line(&format!("  {}. {option}", number + 1));
        }
        terminal.print(match question.options.is_empty() {
            true => "Answer: ",
            false => "Answer (a number or your own words): ",
        });
        let answer = self.read_line(cancel)?;
        let chosen = answer
            .parse::<usize>()
            .ok()
            .and_then(|number| question.options.get(number.checked_sub(1)?).cloned());
        chosen.or(Some(answer)).filter(|answer| !answer.is_empty())
    }

    /// A line without its end; nothing when nobody is there, the terminal has gone, or `cancel` is set first.
    fn read_line(&mut self, cancel: &CancellationFlag) -> Option<String> {
        let keyboard = self.keyboard.as_mut()?;
        // A terminal hands over whole lines, so once something is there the rest of the line is too.
        while keyboard.buffer().is_empty() && !has_input(keyboard.get_ref()) {
            if cancel.is_set() {
                return None;
            }
        }
        let mut line = String::new();
        match keyboard.read_line(&mut line) {
            Ok(0) | Err(_) => None,
            Ok(_) => Some(line.trim().to_owned()),
        }
    }
}

fn has_input(terminal: &File) -> bool {
    let timeout = Timespec {
        tv_sec: 0,
        tv_nsec: CANCEL_CHECK.subsec_nanos().into(),
    };
    let mut interest = [PollFd::new(terminal, PollFlags::IN)];
    matches!(poll(&mut interest, Some(&timeout)), Ok(ready) if ready > 0)
}

fn controlling_terminal() -> Option<File> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .open(Path::new("/dev/tty"))
        .ok()
}

fn describe(terminal: &mut Terminal, approval: &Approval, base: &Path) {
    match approval {
        Approval::ChangeFiles { changes } => {
            for change in changes {
                transcript::show_change(terminal, change, base);
            }
        }
        Approval::RunCommand {
            command,
            cwd,
            reason,
        } => {
            terminal.line(&terminal.style(Style::Bold, format!("$ {command}")));
            terminal.line(&format!("  in {}", cwd.display()));
            if let Some(reason) = reason {
                terminal.line(&format!("  because: {reason}"));
            }
        }
        Approval::WriteToCommand { command, text } => {
            terminal.line(&terminal.style(Style::Bold, format!("to `{command}`:")));
            terminal.line(&format!("  {}", text.escape_debug()));
        }
    }
}
