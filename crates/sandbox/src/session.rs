//! One command that runs or has run: its output so far, its end, and the ways to speak to it and to stop it.
//!
//! The supervisor's thread puts in what is printed and how it ended; the agent's tools wait, take and write.

use std::{
    fmt,
    os::fd::OwnedFd,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::Errno,
};
use workspace::CancellationFlag;

use crate::{
    Channel, CommandLine, Control, Exit, Output, OutputBuffer, Signal, TerminalSize, output::Rest,
    starter::terminal,
};

/// So much new output wakes who waits at once, in bytes.
const BATCH: usize = 4 * 1024;

/// Less output wakes who waits after so long.
const BATCH_TIME: Duration = Duration::from_millis(50);

/// What is kept for showing between two looks, in bytes.
const SHOWN: usize = 64 * 1024;

/// How long to wait for what was killed to be gone.
const PATIENCE: Duration = Duration::from_secs(1);

/// Names a session within its [`crate::Processes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId(pub u64);

/// How and when a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// How.
    pub exit: Exit,
    /// From its start to its end.
    pub wall: Duration,
}

/// Why [`Session::wait`] returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wake {
    /// The command has ended, and all that it printed is here.
    Ended(Ended),
    /// There is output to show: see [`Session::take_shown`].
    Output,
    /// The time is over.
    Deadline,
    /// The flag was set.
    Cancelled,
}

/// Why a command could not be written to.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    /// It was started without an input.
    #[error("the command has no input, for it was started without a terminal")]
    None,
    /// It has ended.
    #[error("the command has ended")]
    Ended,
    /// It does not read.
    #[error("the command does not read its input: it took {written} of {length} bytes")]
    NotRead {
        /// Bytes that it took.
        written: usize,
        /// Bytes that were to be written.
        length: usize,
    },
    /// The system refuses.
    #[error("the command's input could not be written: {0}")]
    System(std::io::Error),
}

/// A command.
pub struct Session {
    id: SessionId,
    line: CommandLine,
    started: Instant,
    input: Option<OwnedFd>,
    control: Box<dyn Control>,
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    /// For the model: everything since it last looked.
    unread: OutputBuffer,
    /// For the person who watches: the same, taken more often.
    shown: OutputBuffer,
    /// When the oldest byte of `shown` came.
    shown_since: Option<Instant>,
    ended: Option<Ended>,
}

impl Session {
    pub(crate) fn new(
        id: SessionId,
        line: CommandLine,
        input: Option<OwnedFd>,
        control: Box<dyn Control>,
        capacity: usize,
    ) -> Self {
        Self {
            id,
            line,
            started: Instant::now(),
            input,
            control,
            state: Mutex::new(State {
                unread: OutputBuffer::new(capacity),
                shown: OutputBuffer::new(SHOWN),
                shown_since: None,
                ended: None,
            }),
            changed: Condvar::new(),
        }
    }

    /// Its number.
    pub fn id(&self) -> SessionId {
        self.id
    }

    /// What was started.
    pub fn line(&self) -> &CommandLine {
        &self.line
    }

    /// How long it has been running, or ran.
    pub fn wall(&self) -> Duration {
        self.ended()
            .map_or_else(|| self.started.elapsed(), |ended| ended.wall)
    }

    /// How it ended; `None` while it runs.
    pub fn ended(&self) -> Option<Ended> {
        self.lock().ended
    }

    /// Waits until the command has ended, `deadline` has come, `cancel` is set, or there is something new to show.
    pub fn wait(self: &Arc<Self>, deadline: Instant, cancel: &CancellationFlag) -> Wake {
        let session = self.clone();
        let _subscription = cancel.subscribe(move || {
            // Taking the lock puts this before or after the waiter's look at the flag, never between look and wait.
            drop(session.lock());
            session.changed.notify_all();
        });
        let mut state = self.lock();
        loop {
            let now = Instant::now();
            if let Some(wake) = state.wake(now, deadline, cancel) {
                return wake;
            }
            let show_at = state.shown_since.map(|since| since + BATCH_TIME);
            let until = show_at.map_or(deadline, |show_at| show_at.min(deadline));
            state = self.wait_for_change(state, until.saturating_duration_since(now));
        }
    }

    /// Takes what nobody was shown yet; its middle may be missing.
    pub fn take_shown(&self) -> Output {
        let mut state = self.lock();
        state.shown_since = None;
        let rest = state.rest();
        state.shown.take(rest)
    }

    /// Takes what the model has not read yet.
    pub fn take_unread(&self) -> Output {
        let mut state = self.lock();
        let rest = state.rest();
        state.unread.take(rest)
    }

    /// Writes to the command's terminal, and waits up to `patience` for it to take all.
    ///
    /// # Errors
    /// When it has no terminal, has ended, or does not take everything in time.
    pub fn write(&self, bytes: &[u8], patience: Duration) -> Result<(), InputError> {
        let input = self.input.as_ref().ok_or(InputError::None)?;
        if self.ended().is_some() {
            return Err(InputError::Ended);
        }
        let deadline = Instant::now() + patience;
        let mut written = 0;
        while written < bytes.len() {
            match rustix::io::write(input, &bytes[written..]) {
                Ok(count) => written += count,
                Err(Errno::AGAIN) if wait_for_room(input, deadline) => {}
                Err(Errno::AGAIN) => {
                    return Err(InputError::NotRead {
                        written,
                        length: bytes.len(),
                    });
                }
                Err(Errno::INTR) => {}
                Err(Errno::IO) => return Err(InputError::Ended),
                Err(error) => return Err(InputError::System(error.into())),
            }
        }
        Ok(())
    }

    /// Tells the command that its terminal has another size.
    ///
    /// # Errors
    /// When it has no terminal, or has ended.
    pub fn resize(&self, size: TerminalSize) -> Result<(), InputError> {
        let terminal = self.input.as_ref().ok_or(InputError::None)?;
        if self.ended().is_some() {
            return Err(InputError::Ended);
        }
        terminal::resize(terminal, size).map_err(|error| InputError::System(error.into()))
    }

    /// Interrupts the command as Ctrl-C does.
    pub fn interrupt(&self) {
        const CONTROL_C: &[u8] = b"\x03";
        match self.line.channel {
            // The terminal knows whom to tell, which may be another group than the shell's.
            Channel::Terminal(_) if self.write(CONTROL_C, Duration::ZERO).is_ok() => {}
            _ => self.control.signal(Signal::Interrupt),
        }
    }

    /// Ends the command with all that it started: asks, waits up to `grace`, then forces.
    pub fn kill(&self, grace: Duration) {
        self.terminate();
        self.wait_until_ended(Instant::now() + grace);
        self.force();
    }

    /// Asks the command to end.
    pub(crate) fn terminate(&self) {
        if self.ended().is_none() {
            self.control.signal(Signal::Terminate);
        }
    }

    /// Forces everything of the command to end, also what it left behind when it ended.
    pub(crate) fn force(&self) {
        self.control.force();
        self.wait_until_ended(Instant::now() + PATIENCE);
    }

    /// Waits for the command's end and nothing else; says whether it has ended.
    pub fn wait_until_ended(&self, deadline: Instant) -> bool {
        let mut state = self.lock();
        loop {
            let now = Instant::now();
            if state.ended.is_some() || now >= deadline {
                return state.ended.is_some();
            }
            state = self.wait_for_change(state, deadline - now);
        }
    }

    pub(crate) fn control(&self) -> &dyn Control {
        &*self.control
    }

    /// The supervisor has read `bytes`.
    pub(crate) fn push(&self, bytes: &[u8]) {
        let mut state = self.lock();
        state.unread.push(bytes);
        state.shown.push(bytes);
        state.shown_since.get_or_insert_with(Instant::now);
        drop(state);
        self.changed.notify_all();
    }

    /// The supervisor has seen the command's end and read everything.
    pub(crate) fn end(&self, ended: Ended) {
        self.lock().ended = Some(ended);
        self.changed.notify_all();
    }

    pub(crate) fn started(&self) -> Instant {
        self.started
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing that can panic runs under the lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait_for_change<'a>(
        &self,
        state: MutexGuard<'a, State>,
        timeout: Duration,
    ) -> MutexGuard<'a, State> {
        self.changed
            .wait_timeout(state, timeout)
            .unwrap_or_else(PoisonError::into_inner)
            .0
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Session")
            .field("id", &self.id)
            .field("line", &self.line)
            .finish_non_exhaustive()
    }
}

impl State {
    fn wake(&self, now: Instant, deadline: Instant, cancel: &CancellationFlag) -> Option<Wake> {
        let is_due = |since: Instant| now >= since + BATCH_TIME;
        if let Some(ended) = self.ended {
            Some(Wake::Ended(ended))
        } else if cancel.is_set() {
            Some(Wake::Cancelled)
        } else if now >= deadline {
            Some(Wake::Deadline)
        } else if self.shown.len() >= BATCH || self.shown_since.is_some_and(is_due) {
            Some(Wake::Output)
        } else {
            None
        }
    }

    fn rest(&self) -> Rest {
        match self.ended {
            Some(_) => Rest::IsOver,
            None => Rest::Follows,
        }
    }
}

/// Whether `input` takes more before `deadline`.
fn wait_for_room(input: &OwnedFd, deadline: Instant) -> bool {
    let left = deadline.saturating_duration_since(Instant::now());
    let Ok(timeout) = Timespec::try_from(left) else {
        return false;
    };
    let mut event = [PollFd::new(input, PollFlags::OUT)];
    match poll(&mut event, Some(&timeout)) {
        Ok(ready) => ready > 0,
        Err(error) => error == Errno::INTR,
    }
}
