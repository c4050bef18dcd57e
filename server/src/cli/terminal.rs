//! Writing to the terminal: lines and colours, colours only where a person looks and has not said no.
//!
//! Used by the subcommands; the language server itself never prints. See <https://no-color.org> for the variable.

use std::fmt::Display;
use std::fs::File;
use std::io::{self, IsTerminal, Write};
use std::os::fd::AsFd;

use rustix::fs::fstat;

/// A stream to print on.
pub(crate) struct Terminal {
    stream: Box<dyn Write + Send>,
    colours: Colours,
    /// The device and the file that it writes to, where the system tells.
    place: Option<(u64, u64)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Colours {
    Shown,
    Plain,
}

/// How a piece of text looks.
#[derive(Clone, Copy)]
pub(crate) enum Style {
    /// What the user typed or should read first.
    Bold,
    /// What is only offered.
    Ghost,
    /// What was accepted, what is well.
    Good,
    /// What is wrong or deserves attention.
    Warning,
    /// A line that a change adds.
    Added,
    /// A line that a change removes.
    Removed,
}

impl Terminal {
    /// Standard output.
    pub(crate) fn stdout() -> Self {
        Self::new(io::stdout())
    }

    /// Whether a person reads standard output.
    pub(crate) fn stdout_is_terminal() -> bool {
        io::stdout().is_terminal()
    }

    /// Standard error.
    pub(crate) fn stderr() -> Self {
        Self::new(io::stderr())
    }

    /// A terminal that was opened by itself.
    pub(crate) fn opened(file: File) -> Self {
        Self::new(file)
    }

    fn new(stream: impl Write + IsTerminal + AsFd + Send + 'static) -> Self {
        let is_refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let is_forced = std::env::var_os("CLICOLOR_FORCE").is_some_and(|value| value != "0");
        let colours = if (stream.is_terminal() && !is_refused) || is_forced {
            Colours::Shown
        } else {
            Colours::Plain
        };
        let status = fstat(&stream).ok();
        Self {
            place: status.map(|status| (status.st_dev, status.st_ino)),
            stream: Box::new(stream),
            colours,
        }
    }

    /// Prints a line. A reader that went away (`ropewalk doctor | head`) is no error.
    pub(crate) fn line(&mut self, line: &str) {
        drop(writeln!(self.stream, "{line}"));
    }

    /// Prints without a line break and shows it at once.
    pub(crate) fn print(&mut self, text: &str) {
        drop(write!(self.stream, "{text}"));
        drop(self.stream.flush());
    }

    /// Whether the line that is being printed can be drawn again.
    pub(crate) fn can_redraw(&self) -> bool {
        self.colours == Colours::Shown
    }

    /// Whether both write to the same terminal, file or pipe, so that one has to leave whole lines to the other.
    pub(crate) fn is_same_place(&self, other: &Self) -> bool {
        self.place.is_some() && self.place == other.place
    }

    /// `text` in a style, where styles are shown.
    pub(crate) fn style(&self, style: Style, text: impl Display) -> String {
        let code = match style {
            Style::Bold => "1",
            Style::Ghost => "2;36",
            Style::Good | Style::Added => "32",
            Style::Removed => "31",
            Style::Warning => "33",
        };
        match self.colours {
            Colours::Shown => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
            Colours::Plain => text.to_string(),
        }
    }
}
