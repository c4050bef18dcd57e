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
            (self.report)(WatchReport::Missed);
            return self.refresh();
        }
        let Some(sightings) = sightings(event.kind) else {
            return;
        };
        for (path, sighting) in event.paths.into_iter().zip(sightings) {
            let Ok(path) = self.directories.snapshot.exclusions.in_editor_terms(path) else {
                continue;
            };
            self.see(path, sighting);
        }
        if !self.batch.is_empty() && self.deadline.is_none() {
            self.deadline = Some(Instant::now() + GATHERING);
        }
    }

    fn see(&mut self, path: PathBuf, sighting: Sighting) {
        match sighting {
            // At once and in order: a renamed directory keeps its watches under the old name otherwise.
            Sighting::Vanished => self.directories.forget(&path),
            Sighting::Appeared | Sighting::Replaced if matches!(is_directory(&path), Ok(true)) => {
                return self.enter(&path);
            }
            _ => {}
        }
        self.batch.add(path, sighting);
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
            self.refresh();
        }
    }

    fn refresh(&mut self) {
        if let Err(error) = self.directories.refresh() {
            (self.report)(WatchReport::Incomplete(error));
        }
    }
}

/// What an event says of each of its paths; none for one that says nothing.
fn sightings(kind: EventKind) -> Option<[Sighting; 2]> {
    let sightings = match kind {
        EventKind::Create(_) => [Sighting::Appeared; 2],
        EventKind::Remove(_) | EventKind::Modify(ModifyKind::Name(RenameMode::From)) => {
            [Sighting::Vanished; 2]
        }
        EventKind::Modify(ModifyKind::Name(RenameMode::To)) => [Sighting::Replaced; 2],
        EventKind::Modify(ModifyKind::Name(RenameMode::Both)) => {
            [Sighting::Vanished, Sighting::Replaced]
        }
        EventKind::Modify(_) | EventKind::Any => [Sighting::Touched; 2],
        EventKind::Access(_) | EventKind::Other => return None,
    };
    Some(sightings)
}
