//! The person at the terminal, of whom one thing is asked at a time: by the gate while the thread works, by the settlement
//! once it has ended.

use std::io::IsTerminal;

use workspace::CancellationFlag;

use super::keyboard::Keyboard;
use crate::cli::terminal::{Style, Terminal};

/// The person at the terminal.
pub(super) struct Asker {
    keyboard: Keyboard,
    terminal: Terminal,
}

impl Asker {
    /// Nobody, when there is no terminal.
    pub(super) fn at_terminal() -> Option<Self> {
        let keyboard = Keyboard::open()?;
        let terminal = match std::io::stderr().is_terminal() {
            true => Terminal::stderr(),
            false => Terminal::opened(keyboard.screen().ok()?),
        };
        Some(Self { keyboard, terminal })
    }

    /// Where the person looks.
    pub(super) fn terminal(&mut self) -> &mut Terminal {
        &mut self.terminal
    }

    /// The answer as it was typed; nothing at the end of input, when the terminal has gone, or when `cancel` is set first.
    pub(super) fn ask(&mut self, prompt: &str, cancel: &CancellationFlag) -> Option<String> {
        self.keyboard.forget_typed();
        self.terminal
            .print(&self.terminal.style(Style::Bold, prompt));
        let answer = self.keyboard.read_line(cancel);
        if answer.is_none() {
            self.terminal.line("");
        }
        answer
    }
}
