//! The watcher's thread: takes the system's events, gathers them for a short while, reports what is left of them.

use std::{
    path::{Path, PathBuf},
    sync::mpsc::{Receiver, RecvTimeoutError},
    thread::{Builder, JoinHandle},
    time::{Duration, Instant},
};

use notify::{
    Event, EventKind,
    event::{ModifyKind, RenameMode},
};

use super::{
    WatchReport,
    batch::{Batch, Sighting},
    directories::{Directories, is_directory},
    error::WatchError,
};
use crate::exclusion::is_rule_file;

/// How long changes are gathered, from the first one on: a branch switch becomes a few reports instead of thousands.
const GATHERING: Duration = Duration::from_millis(200);

pub(super) enum Message {
    Notify(notify::Result<Event>),
    Incomplete(WatchError),
    Stop,
}

pub(super) fn spawn(
    directories: Directories,
    messages: Receiver<Message>,
    report: impl FnMut(WatchReport) + Send + 'static,
) -> Result<JoinHandle<()>, WatchError> {
    let mut watching = Watching {
        directories,
        batch: Batch::default(),
        deadline: None,
        report,
    };
    Builder::new()
        .name("watcher".to_owned())
        .spawn(move || watching.run(&messages))
        .map_err(|error| WatchError::from_system(&error, None))
}

struct Watching<Report> {
    directories: Directories,
    batch: Batch,
    /// When the batch is due; none while it is empty.
    deadline: Option<Instant>,
    report: Report,
}

impl<Report: FnMut(WatchReport)> Watching<Report> {
    fn run(&mut self, messages: &Receiver<Message>) {
        loop {
            match self.next(messages) {
                Ok(Message::Notify(Ok(event))) => self.take(event),
                Ok(Message::Notify(Err(error))) => {
                    (self.report)(WatchReport::Incomplete(WatchError::new(&error, None)));
                }
                Ok(Message::Incomplete(error)) => (self.report)(WatchReport::Incomplete(error)),
                Ok(Message::Stop) | Err(RecvTimeoutError::Disconnected) => return,
                Err(RecvTimeoutError::Timeout) => {}
            }
            if self
                .deadline
                .is_some_and(|deadline| deadline <= Instant::now())
            {
                self.flush();
            }
        }
    }

    fn next(&self, messages: &Receiver<Message>) -> Result<Message, RecvTimeoutError> {
        match self.deadline {
            Some(due) => messages.recv_timeout(due.saturating_duration_since(Instant::now())),
            None => messages.recv().map_err(|_| RecvTimeoutError::Disconnected),
        }
    }

    fn take(&mut self, event: Event) {
        if event.need_rescan() {
            return self.start_over();
        }
        let Some(sighting) = sighting(event.kind) else {
            return;
        };
        for path in event.paths {
            let Ok(path) = self.directories.snapshot.exclusions.in_editor_terms(path) else {
                continue;
            };
            self.see(path, sighting);
        }
        if !self.batch.is_empty() && self.deadline.is_none() {
            self.deadline = Some(Instant::now() + GATHERING);
        }
    }

    /// Takes what is said of one path, at once and in order: a renamed directory would keep its watches under the old name.
    fn see(&mut self, path: PathBuf, sighting: Sighting) {
        let is_directory = matches!(is_directory(&path), Ok(true));
        match sighting {
            Sighting::Vanished => {
                if self.directories.forget(&path) {
                    self.batch.add_gone_directory(path.clone());
                }
                // Another one may have its place by now, and may have been watched before this word came.
                if is_directory {
                    self.enter(&path);
                }
                self.batch.add(path, sighting);
            }
            Sighting::Appeared | Sighting::Replaced if is_directory => {
                // The system has one watch for a directory, whatever it is called: if this one was met under its new name
                // before it lost the old one, it lost the watch as well.
                self.directories.forget(&path);
                self.enter(&path);
            }
            Sighting::Appeared | Sighting::Replaced | Sighting::Touched => {
                self.batch.add(path, sighting);
            }
        }
    }

    /// A directory came: what is in it came with it, or before anyone watched.
    fn enter(&mut self, directory: &Path) {
        if self
            .directories
            .snapshot
            .exclusions
            .check_name(directory, true)
            .is_some()
        {
            return;
        }
        match self.directories.watch_below(directory) {
            Ok(files) => {
                for file in files {
                    self.batch.add(file, Sighting::Replaced);
                }
            }
            // Gone already: its removal is the next event.
            Err(WatchError::FolderMissing { .. }) => {}
            Err(error) => (self.report)(WatchReport::Incomplete(error)),
        }
    }

    fn flush(&mut self) {
        self.deadline = None;
        let mut events = self.batch.take_events();
        let rules_changed = events.iter().any(|event| is_rule_file(&event.path));
        let exclusions = &self.directories.snapshot.exclusions;
        events.retain(|event| exclusions.check_name(&event.path, false).is_none());
        let missing: Vec<PathBuf> = self
            .directories
            .snapshot
            .folders()
            .map(|folder| folder.path().to_path_buf())
            .filter(|folder| events.iter().any(|event| event.path == *folder))
            .collect();
        if !events.is_empty() {
            (self.report)(WatchReport::Files(events));
        }
        for path in missing {
            (self.report)(WatchReport::Incomplete(WatchError::FolderMissing { path }));
        }
        if rules_changed {
            self.start_over();
        }
    }

    /// Watches what there is now, then has everyone look at it again.
    fn start_over(&mut self) {
        if let Err(error) = self.directories.refresh() {
            (self.report)(WatchReport::Incomplete(error));
        }
        (self.report)(WatchReport::Missed);
    }
}

/// What an event says of its paths; none for one that says nothing.
fn sighting(kind: EventKind) -> Option<Sighting> {
    match kind {
        EventKind::Create(_) => Some(Sighting::Appeared),
        EventKind::Remove(_) | EventKind::Modify(ModifyKind::Name(RenameMode::From)) => {
            Some(Sighting::Vanished)
        }
        EventKind::Modify(ModifyKind::Name(RenameMode::To)) => Some(Sighting::Replaced),
        // Both names were told before, each on its own.
        EventKind::Modify(ModifyKind::Name(RenameMode::Both)) => None,
        EventKind::Modify(_) | EventKind::Any => Some(Sighting::Touched),
        EventKind::Access(_) | EventKind::Other => None,
    }
}
