//! The loop of a confined process: takes requests, collects what has ended, and tells the program how.
//!
//! As the first process of its namespace it collects everything that loses its parent. It sleeps until something happens.

use std::{
    fs::File,
    io::{self, Read},
    mem,
    os::{
        fd::{AsFd, FromRawFd, OwnedFd},
        unix::net::UnixStream,
    },
    ptr,
    time::{Duration, Instant},
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::Errno,
    process::{Pid, Signal as SystemSignal, WaitOptions, WaitStatus, kill_process_group, wait},
};

use super::{
    command::{self, Running, Surroundings},
    is_first,
    members::{self, Members},
};
use crate::{
    Exit, Signal,
    confined::{
        message,
        protocol::{News, Request, Start, Told},
    },
    walls::{Culprit, Watch},
};

/// How often the watch looks while there is somebody to watch.
const WATCH_INTERVAL: Duration = Duration::from_millis(200);

/// The loop's state.
pub(super) struct CommandLoop<'a> {
    program: &'a UnixStream,
    surroundings: Surroundings,
    watch: Watch,
    /// Whether there are processes to watch: those that commands left behind are among them.
    has_children: bool,
    /// When the watch looked last.
    looked: Instant,
    /// Readable when a child has ended.
    ends: File,
    commands: Vec<Command>,
}

/// A command whose socket the program has not closed.
struct Command {
    control: UnixStream,
    mark: String,
    shell: Pid,
    /// Whether the shell was collected: its number then may go to somebody else.
    has_ended: bool,
    /// Whether the shell's number is still its session's, if there is anything left of that.
    owns_session: bool,
    /// Why it was ended, for taking too much.
    note: Option<String>,
}

impl<'a> CommandLoop<'a> {
    /// Requests come from `program`.
    pub(super) fn new(
        program: &'a UnixStream,
        surroundings: Surroundings,
        watch: Watch,
    ) -> io::Result<Self> {
        Ok(Self {
            program,
            surroundings,
            watch,
            has_children: false,
            looked: Instant::now(),
            ends: ends_of_children()?,
            commands: Vec::new(),
        })
    }

    /// Serves until the program is gone, and leaves nothing running that does not end with this process.
    pub(super) fn run(mut self) {
        while self.step().is_ok() {}
        if !is_first() {
            self.end_all();
        }
    }

    /// Waits for something to happen and acts. An error means that the program is gone.
    fn step(&mut self) -> io::Result<()> {
        let ready = self.wait_for_events()?;
        if ready.ends {
            // Several ends may be one event: who has ended is asked, not read. A rest wakes the loop again.
            let _ = self
                .ends
                .read(&mut [0; size_of::<libc::signalfd_siginfo>()]);
            self.collect();
        }
        let told = ready
            .commands
            .into_iter()
            .zip(mem::take(&mut self.commands));
        for (is_told, mut command) in told {
            // One that the program has forgotten goes on, but nobody speaks of it any more.
            if !is_told || command.listen().is_some() {
                self.commands.push(command);
            }
        }
        self.look_for_excess();
        if ready.program {
            let request = message::receive(self.program)?;
            let (request, descriptors) = request.ok_or(Errno::PIPE)?;
            self.obey(request, descriptors);
        }
        Ok(())
    }

    fn wait_for_events(&self) -> io::Result<Ready> {
        let mut events = vec![
            PollFd::new(self.program, PollFlags::IN),
            PollFd::new(&self.ends, PollFlags::IN),
        ];
        let controls = self
            .commands
            .iter()
            .map(|command| PollFd::new(&command.control, PollFlags::IN));
        events.extend(controls);
        let patience = self.has_children.then(|| {
            Timespec::try_from(WATCH_INTERVAL).expect("the interval is a fraction of a second")
        });
        match poll(&mut events, patience.as_ref()) {
            Ok(_) => {}
            Err(Errno::INTR) => events.iter_mut().for_each(PollFd::clear_revents),
            Err(error) => return Err(error.into()),
        }
        let mut happened = events.iter().map(|event| !event.revents().is_empty());
        Ok(Ready {
            program: happened.next() == Some(true),
            ends: happened.next() == Some(true),
            commands: happened.collect(),
        })
    }

    fn obey(&mut self, request: Request, descriptors: Vec<OwnedFd>) {
        match request {
            Request::Start(start) => self.start(start, descriptors),
            Request::EndAll => {
                self.end_all();
                // Closing the descriptors says that it is done.
                drop(descriptors);
            }
        }
    }

    fn start(&mut self, start: Start, descriptors: Vec<OwnedFd>) {
        let mut descriptors = descriptors.into_iter();
        let Some(control) = descriptors.next().map(UnixStream::from) else {
            return;
        };
        let (news, terminal) = match self.start_shell(&start, descriptors.next()) {
            Ok(running) => (Ok(running.shell), running.terminal),
            Err(news) => (Err(news), None),
        };
        let descriptors: Vec<_> = terminal.iter().map(AsFd::as_fd).collect();
        let told = message::send(
            &control,
            news.as_ref().err().unwrap_or(&News::Started),
            &descriptors,
        );
        if let Ok(shell) = news {
            let command = Command {
                control,
                mark: start.mark,
                shell,
                has_ended: false,
                owns_session: true,
                note: None,
            };
            match told {
                Ok(()) => self.commands.push(command),
                // Nobody waits for it, so nobody would end it.
                Err(_) => command.force(),
            }
        }
    }

    fn start_shell(&mut self, start: &Start, end: Option<OwnedFd>) -> Result<Running, News> {
        let mut started = command::start(start, end.as_ref(), &mut self.surroundings);
        if let Err(News::Failed { errno, .. }) = started
            && errno == Errno::AGAIN.raw_os_error()
        {
            // The kernel refuses more processes, so the watch knows whose are too many.
            self.end_excess();
            started = command::start(start, end.as_ref(), &mut self.surroundings);
        }
        let running = started?;
        self.has_children = true;
        for command in &mut self.commands {
            command.owns_session &= command.shell != running.shell;
        }
        Ok(running)
    }

    /// Collects the children that have ended by now.
    fn collect(&mut self) {
        loop {
            match wait(WaitOptions::NOHANG) {
                Ok(Some((child, status))) => self.tell_end(child, status),
                Err(Errno::INTR) => {}
                Ok(None) => return,
                Err(_) => {
                    self.has_children = false;
                    return;
                }
            }
        }
    }

    fn tell_end(&mut self, child: Pid, status: WaitStatus) {
        let is_its_shell = |command: &&mut Command| command.shell == child && !command.has_ended;
        if let Some(command) = self.commands.iter_mut().find(is_its_shell) {
            command.has_ended = true;
            // If the program has just gone the next step notices.
            let news = News::Ended {
                exit: exit(status),
                note: command.note.take(),
            };
            let _ = message::send(&command.control, &news, &[]);
        }
    }

    /// Ends who takes too much, at most once in an interval.
    fn look_for_excess(&mut self) {
        if self.has_children && self.looked.elapsed() >= WATCH_INTERVAL {
            self.end_excess();
        }
    }

    fn end_excess(&mut self) {
        self.looked = Instant::now();
        let running = self.commands.iter().filter(|command| !command.has_ended);
        let shells: Vec<i32> = running
            .map(|command| command.shell.as_raw_nonzero().get())
            .collect();
        let Some(excess) = self.watch.look(&shells) else {
            return;
        };
        let is_culprit = |command: &&mut Command| match excess.culprit {
            Culprit::Command(shell) => command.shell.as_raw_nonzero().get() == shell,
            Culprit::Everything => true,
        };
        let note = format!("the command was ended: {excess}");
        let culprits = self
            .commands
            .iter_mut()
            .filter(|command| !command.has_ended);
        for command in culprits.filter(is_culprit) {
            command.note = Some(note.clone());
            command.force();
        }
        if excess.culprit == Culprit::Everything {
            self.end_all();
        }
        self.collect();
    }

    fn end_all(&mut self) {
        if is_first() {
            kill_all_others();
        }
        // Those of a process beside this one are out of this one's reach.
        members::end(&Members::All);
        self.collect();
    }
}

impl Command {
    /// Hears what the program says, and does it. `None` when the program has closed the socket.
    fn listen(&mut self) -> Option<()> {
        let (told, descriptors) = message::receive(&self.control).ok()??;
        match told {
            Told::Signal(signal) => self.signal(match signal {
                Signal::Interrupt => SystemSignal::INT,
                Signal::Terminate => SystemSignal::TERM,
            }),
            Told::Force => self.force(),
        }
        // Closing the descriptors says that it is done.
        drop(descriptors);
        Some(())
    }

    /// Signals the group while it is certainly this command's.
    fn signal(&self, signal: SystemSignal) {
        if self.has_ended {
            return;
        }
        // What is stopped would not see the signal.
        for signal in [signal, SystemSignal::CONT] {
            // That nobody is left is no failure.
            let _ = kill_process_group(self.shell, signal);
        }
    }

    fn force(&self) {
        self.signal(SystemSignal::KILL);
        members::end(&Members::OfCommand {
            mark: &self.mark,
            leader: self.owns_session.then_some(self.shell),
        });
    }
}

/// What has happened.
struct Ready {
    program: bool,
    ends: bool,
    /// In the commands' order.
    commands: Vec<bool>,
}

fn exit(status: WaitStatus) -> Exit {
    match (status.exit_status(), status.terminating_signal()) {
        (Some(code), _) => Exit::Code(code),
        (None, Some(signal)) => Exit::Signal(signal),
        (None, None) => Exit::Unknown,
    }
}

/// A descriptor that is readable when a child has ended.
#[allow(unsafe_code)]
fn ends_of_children() -> io::Result<File> {
    // SAFETY: the set is initialised before it is used, the calls read it and nothing else, and the new descriptor is
    // nobody else's.
    unsafe {
        let mut signals = mem::zeroed();
        libc::sigemptyset(&raw mut signals);
        libc::sigaddset(&raw mut signals, libc::SIGCHLD);
        if libc::sigprocmask(libc::SIG_BLOCK, &raw const signals, ptr::null_mut()) != 0 {
            return Err(io::Error::last_os_error());
        }
        match libc::signalfd(
            -1,
            &raw const signals,
            libc::SFD_CLOEXEC | libc::SFD_NONBLOCK,
        ) {
            -1 => Err(io::Error::last_os_error()),
            number => Ok(File::from_raw_fd(number)),
        }
    }
}

/// Kills everybody in this process namespace but its first process, which this one is.
#[allow(unsafe_code)]
fn kill_all_others() {
    assert!(
        is_first(),
        "anywhere else this would kill the user's processes"
    );
    // SAFETY: the call touches no memory.
    unsafe { libc::kill(-1, libc::SIGKILL) };
}
