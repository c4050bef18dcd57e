//! The controlling terminal: where a person is asked, even when the goal comes through a pipe and the answer goes to a file.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::termios::{QueueSelector, tcflush};
use workspace::CancellationFlag;

/// How soon a cancelled question is given up.
const CANCEL_CHECK: Duration = Duration::from_millis(100);

/// Where a person types.
pub(super) struct Keyboard {
    terminal: File,
}

impl Keyboard {
    /// The controlling terminal's; nothing when there is none.
    pub(super) fn open() -> Option<Self> {
        let mut options = OpenOptions::new();
        let terminal = options.read(true).write(true).open("/dev/tty").ok()?;
        Some(Self { terminal })
    }

    /// The same terminal, to write on.
    pub(super) fn screen(&self) -> io::Result<File> {
        self.terminal.try_clone()
    }

    /// Forgets what was typed before now: it cannot be the answer to a question that nobody had seen.
    pub(super) fn forget_typed(&self) {
        // When the terminal has gone, reading from it says so.
        let _ = tcflush(&self.terminal, QueueSelector::IFlush);
    }

    /// A line without its end; nothing at the end of input, when the terminal has gone, or when `cancel` is set first.
    pub(super) fn read_line(&self, cancel: &CancellationFlag) -> Option<String> {
        // A terminal hands over whole lines, so once something is there the rest of the line is too.
        while !self.has_input() {
            if cancel.is_set() {
                return None;
            }
        }
        let mut line = Vec::new();
        match BufReader::new(&self.terminal).read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => None,
            Ok(_) => Some(String::from_utf8_lossy(&line).trim().to_owned()),
        }
    }

    fn has_input(&self) -> bool {
        let timeout = Timespec {
            tv_sec: 0,
            tv_nsec: CANCEL_CHECK.subsec_nanos().into(),
        };
        let mut interest = [PollFd::new(&self.terminal, PollFlags::IN)];
        matches!(poll(&mut interest, Some(&timeout)), Ok(ready) if ready > 0)
    }
}
