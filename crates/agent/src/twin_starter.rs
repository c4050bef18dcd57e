//! Starts commands in a twin, and has the twin keep what the user has in place of what they touch.
//!
//! After each command, and now and then while one runs, a thread of its own asks the twin to look. The sooner that is, the
//! fewer files the user can change before it is known what the task started from.

use std::{
    convert::Infallible,
    os::fd::BorrowedFd,
    path::Path,
    sync::{
        Arc,
        mpsc::{self, Receiver, RecvTimeoutError, Sender},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use ::workspace::FileKind;
use sandbox::{CommandLine, Control, Exit, Signal, Started, Starter, StarterError, twin::Twin};

use crate::TwinWorkspace;

/// How often is looked while a command runs.
const INTERVAL: Duration = Duration::from_secs(2);

/// Starts commands in a twin. Dropping it waits for the last look.
pub struct TwinStarter {
    starter: Box<dyn Starter>,
    news: Sender<News>,
    keeper: Option<JoinHandle<()>>,
}

/// What the looking thread is told.
enum News {
    Started,
    /// Who waits is told, by dropping this, when it has been looked.
    Ended(Sender<Infallible>),
    /// There is nothing more to look at.
    Over,
}

/// A command's control, which tells of its end.
struct WatchedControl {
    control: Box<dyn Control>,
    news: Sender<News>,
}

impl TwinStarter {
    /// Starts commands in `twin`, whose files are `workspace`'s.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn new(twin: Arc<Twin>, workspace: Arc<TwinWorkspace>) -> std::io::Result<Self> {
        let starter = twin.starter();
        let (news, inbox) = mpsc::channel();
        let keeper = thread::Builder::new()
            .name("twin-keeper".into())
            .spawn(move || keep(&twin, &workspace, &inbox))?;
        Ok(Self {
            starter,
            news,
            keeper: Some(keeper),
        })
    }
}

impl Starter for TwinStarter {
    fn start(&self, command: &CommandLine, name: &str) -> Result<Started, StarterError> {
        let started = self.starter.start(command, name)?;
        let news = self.news.clone();
        // The thread lives as long as this does.
        let _ = news.send(News::Started);
        Ok(Started {
            control: Box::new(WatchedControl {
                control: started.control,
                news,
            }),
            ..started
        })
    }

    fn end_all(&self) {
        self.starter.end_all();
    }
}

impl Drop for TwinStarter {
    fn drop(&mut self) {
        let _ = self.news.send(News::Over);
        if let Some(keeper) = self.keeper.take() {
            // What it could not keep is unknown to the proposal, which says so.
            let _ = keeper.join();
        }
    }
}

impl Control for WatchedControl {
    fn ended(&self) -> BorrowedFd<'_> {
        self.control.ended()
    }

    fn collect(&self) -> Exit {
        let exit = self.control.collect();
        let (looked, waiting) = mpsc::channel();
        if self.news.send(News::Ended(looked)).is_ok() {
            // Before anybody hears of its end: what the user does then comes too late to be mistaken.
            let _ = waiting.recv();
        }
        exit
    }

    fn note(&self) -> Option<String> {
        self.control.note()
    }

    fn signal(&self, signal: Signal) {
        self.control.signal(signal);
    }

    fn force(&self) {
        self.control.force();
    }
}

fn keep(twin: &Twin, workspace: &TwinWorkspace, inbox: &Receiver<News>) {
    let mut running = 0_usize;
    loop {
        let news = match running {
            0 => inbox.recv().map_err(|_| RecvTimeoutError::Disconnected),
            _ => inbox.recv_timeout(INTERVAL),
        };
        match news {
            Ok(News::Started) => running += 1,
            Ok(News::Ended(looked)) => {
                running = running.saturating_sub(1);
                look(twin, workspace);
                drop(looked);
            }
            Err(RecvTimeoutError::Timeout) => look(twin, workspace),
            Ok(News::Over) | Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

fn look(twin: &Twin, workspace: &TwinWorkspace) {
    let rules = workspace.proposal_rules();
    let judge = |path: &Path, kind: FileKind| rules.verdict(path, kind);
    if let Err(error) = twin.note_touched(&judge) {
        tracing::warn!(%error, "what the task started from cannot be kept");
    }
}
