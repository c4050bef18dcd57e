//! The one thread that looks after all commands of a thread: reads what they print and sees them end.
//!
//! It sleeps until something happens. Output is always read, so no command waits for its reader.

use std::{
    io::{self, PipeReader, PipeWriter, Write},
    os::fd::OwnedFd,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::{Errno, ioctl_fionbio, read},
};

use crate::{Channel, Ended, Exit, Session};

/// Bytes read at once.
const CHUNK: usize = 64 * 1024;

/// The most that is read after a command's end before it counts as ended: more than any pipe holds, so that only what
/// others keep printing is left.
const LAST_OUTPUT: usize = 1024 * 1024;

/// How long a terminal's last output may take to come through after the command's end.
const TERMINAL_DELAY: Duration = Duration::from_millis(100);

/// How many ended commands are still read from because what they left behind keeps their output open.
const LEFT_BEHIND: usize = 64;

/// The owner of the thread; dropping it ends the thread.
pub(crate) struct Supervisor {
    inbox: Arc<Mutex<Inbox>>,
    waker: PipeWriter,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Inbox {
    new: Vec<Watched>,
    is_over: bool,
}

impl Supervisor {
    /// Starts the thread.
    pub(crate) fn start() -> io::Result<Self> {
        let (wake, waker) = io::pipe()?;
        ioctl_fionbio(&wake, true)?;
        // A full pipe wakes as well as one more byte would.
        ioctl_fionbio(&waker, true)?;
        let inbox = Arc::new(Mutex::new(Inbox::default()));
        let shared = inbox.clone();
        let thread = thread::Builder::new()
            .name("commands".into())
            .spawn(move || run(&shared, &wake))?;
        Ok(Self {
            inbox,
            waker,
            thread: Some(thread),
        })
    }

    /// Looks after `session`, which prints to `output`.
    pub(crate) fn watch(&self, session: Arc<Session>, output: OwnedFd) {
        lock(&self.inbox).new.push(Watched {
            session,
            output: Some(output),
            end: End::NotYet,
        });
        self.wake();
    }

    fn wake(&self) {
        // The only failure is a full pipe.
        let _ = (&self.waker).write(&[0]);
    }
}

impl Drop for Supervisor {
    fn drop(&mut self) {
        lock(&self.inbox).is_over = true;
        self.wake();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread that looks after commands has panicked");
        }
    }
}

/// A command that is looked after.
struct Watched {
    session: Arc<Session>,
    output: Option<OwnedFd>,
    end: End,
}

/// How far a command's end has come.
enum End {
    /// It runs.
    NotYet,
    /// It has ended, but its last output may be on the way until `until`.
    Draining { ended: Ended, until: Instant },
    /// It has ended and its session knows.
    Told,
}

/// What has happened to a command.
#[derive(Clone, Copy)]
struct Ready {
    output: bool,
    end: bool,
}

fn run(inbox: &Mutex<Inbox>, wake: &PipeReader) {
    let mut watched = Vec::new();
    let mut buffer = vec![0; CHUNK];
    loop {
        {
            let mut inbox = lock(inbox);
            if inbox.is_over {
                return;
            }
            watched.append(&mut inbox.new);
        }
        let ready = wait(wake, &watched);
        // What woke us is in the inbox; the bytes themselves say nothing.
        let _ = read(wake, &mut buffer);
        for (watched, ready) in watched.iter_mut().zip(ready) {
            watched.step(ready, &mut buffer);
        }
        watched.retain(|watched| !watched.is_over());
        leave_oldest(&mut watched);
    }
}

/// Sleeps until something happens to one of `watched`, a last output is overdue, or somebody wakes us.
fn wait(wake: &PipeReader, watched: &[Watched]) -> Vec<Ready> {
    let mut events = vec![PollFd::new(wake, PollFlags::IN)];
    for watched in watched {
        if let Some(output) = &watched.output {
            events.push(PollFd::new(output, PollFlags::IN));
        }
        if let End::NotYet = watched.end {
            let ended = watched.session.control().ended();
            events.push(PollFd::from_borrowed_fd(ended, PollFlags::IN));
        }
    }
    let overdue = watched.iter().filter_map(Watched::deadline).min();
    let timeout = overdue.map(|deadline| {
        let left = deadline.saturating_duration_since(Instant::now());
        Timespec::try_from(left).expect("the delay is a fraction of a second")
    });
    if let Err(error) = poll(&mut events, timeout.as_ref()) {
        if error != Errno::INTR {
            tracing::error!(%error, "commands could not be waited for");
        }
        events.iter_mut().for_each(|event| event.clear_revents());
    }
    let mut happened = events
        .iter()
        .skip(1)
        .map(|event| !event.revents().is_empty());
    watched
        .iter()
        .map(|watched| Ready {
            output: watched.output.is_some() && happened.next() == Some(true),
            end: matches!(watched.end, End::NotYet) && happened.next() == Some(true),
        })
        .collect()
}

impl Watched {
    fn deadline(&self) -> Option<Instant> {
        match self.end {
            End::Draining { until, .. } => Some(until),
            End::NotYet | End::Told => None,
        }
    }

    fn is_over(&self) -> bool {
        matches!(self.end, End::Told) && self.output.is_none()
    }

    fn step(&mut self, ready: Ready, buffer: &mut [u8]) {
        if ready.output {
            self.read(buffer);
        }
        if ready.end {
            self.collect(buffer);
        }
        if let End::Draining { ended, until } = self.end
            && (self.output.is_none() || Instant::now() >= until)
        {
            self.end = End::Told;
            self.session.end(ended);
        }
    }

    fn collect(&mut self, buffer: &mut [u8]) {
        let wall = self.session.started().elapsed();
        let exit: Exit = self.session.control().collect();
        let mut left = LAST_OUTPUT;
        while left > 0 {
            match self.read(buffer) {
                0 => break,
                count => left = left.saturating_sub(count),
            }
        }
        let delay = match self.session.line().channel {
            Channel::Pipe => Duration::ZERO,
            Channel::Terminal(_) => TERMINAL_DELAY,
        };
        if let Some(note) = self.session.control().note() {
            self.session.push(format!("\n[{note}]\n").as_bytes());
        }
        self.end = End::Draining {
            ended: Ended { exit, wall },
            until: Instant::now() + delay,
        };
    }

    /// Reads once and says how many bytes came. Closes what is at its end.
    fn read(&mut self, buffer: &mut [u8]) -> usize {
        let Some(output) = &self.output else { return 0 };
        match read(output, &mut *buffer) {
            Ok(count) if count > 0 => {
                self.session.push(&buffer[..count]);
                count
            }
            Err(Errno::AGAIN | Errno::INTR) => 0,
            // For a terminal that nobody has open any more the error is EIO.
            Ok(_) | Err(_) => {
                self.output = None;
                0
            }
        }
    }
}

/// Closes the outputs that have been held open by others for longest.
fn leave_oldest(watched: &mut Vec<Watched>) {
    let is_left_behind = |watched: &Watched| matches!(watched.end, End::Told);
    let mut surplus = watched
        .iter()
        .filter(|watched| is_left_behind(watched))
        .count()
        .saturating_sub(LEFT_BEHIND);
    watched.retain(|watched| {
        let leave = surplus > 0 && is_left_behind(watched);
        surplus -= usize::from(leave);
        !leave
    });
}

fn lock(inbox: &Mutex<Inbox>) -> MutexGuard<'_, Inbox> {
    // Nothing that can panic runs under the lock.
    inbox.lock().unwrap_or_else(PoisonError::into_inner)
}
