//! The commands of one thread: starting them, finding them again, and ending them all.
//!
//! The agent's tools share one [`Processes`] a thread of conversation. Dropping it leaves nothing running.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant, SystemTime},
};

use crate::{CommandLine, Session, SessionId, Starter, StarterError, supervisor::Supervisor};

/// How long commands have to end by themselves when their owner is dropped.
const GRACE: Duration = Duration::from_millis(500);

/// Bounds of what is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How many sessions there may be, those included that have ended and were not asked about since.
    pub sessions: usize,
    /// How many bytes of output are kept of each between two looks at it.
    pub output: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            sessions: 64,
            output: 1024 * 1024,
        }
    }
}

/// Why a command was not started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Too many run.
    #[error(
        "{limit} commands are running, and there may be no more: end one of them first (session IDs {ids})"
    )]
    Full {
        /// How many there may be.
        limit: usize,
        /// Those that run.
        ids: String,
    },
    /// The starter could not.
    #[error(transparent)]
    Starter(#[from] StarterError),
    /// No thread can be had to look after it.
    #[error("the command cannot be looked after: {0}")]
    Supervisor(std::io::Error),
}

/// The commands of one thread.
pub struct Processes {
    starter: Box<dyn Starter>,
    limits: Limits,
    table: Mutex<Table>,
}

struct Table {
    next_id: u64,
    /// In order of their start. What runs is here; what has ended, until it is forgotten.
    sessions: BTreeMap<SessionId, Arc<Session>>,
    /// From the first command on.
    supervisor: Option<Supervisor>,
}

impl Processes {
    /// No commands yet; `starter` will start them.
    pub fn new(starter: Box<dyn Starter>, limits: Limits) -> Self {
        // A conversation that goes on in another run of the program may speak of sessions that are gone: theirs must not
        // be the numbers of new ones.
        let now = SystemTime::UNIX_EPOCH.elapsed().unwrap_or(Duration::ZERO);
        Self {
            starter,
            limits,
            table: Mutex::new(Table {
                next_id: now.as_secs() % 100_000,
                sessions: BTreeMap::new(),
                supervisor: None,
            }),
        }
    }

    /// Starts a command. When there are too many sessions the one that has ended longest ago is forgotten.
    ///
    /// # Errors
    /// When all of them run, or the command cannot be started.
    pub fn start(&self, line: &CommandLine) -> Result<Arc<Session>, StartError> {
        let mut table = self.lock();
        table.make_room(self.limits.sessions)?;
        if table.supervisor.is_none() {
            table.supervisor = Some(Supervisor::start().map_err(StartError::Supervisor)?);
        }
        let id = SessionId(table.next_id);
        let started = self.starter.start(line, &id.0.to_string())?;
        let session = Arc::new(Session::new(
            id,
            line.clone(),
            started.input,
            started.control,
            self.limits.output,
        ));
        table.next_id += 1;
        table.sessions.insert(id, session.clone());
        if let Some(supervisor) = &table.supervisor {
            supervisor.watch(session.clone(), started.output);
        }
        Ok(session)
    }

    /// The session of this number, unless it is forgotten.
    pub fn session(&self, id: SessionId) -> Option<Arc<Session>> {
        self.lock().sessions.get(&id).cloned()
    }

    /// What runs, in order of the start.
    pub fn running(&self) -> Vec<Arc<Session>> {
        self.lock().running().cloned().collect()
    }

    /// Forgets a session that has ended. What it left running stays, until the last command ends with this owner.
    pub fn forget(&self, id: SessionId) {
        let mut table = self.lock();
        if table
            .sessions
            .get(&id)
            .is_some_and(|session| session.ended().is_some())
        {
            table.sessions.remove(&id);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        // A panic under the lock leaves the table as it was before or after a step, which is whole.
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Processes {
    fn drop(&mut self) {
        let running = self.running();
        running.iter().for_each(|session| session.terminate());
        let deadline = Instant::now() + GRACE;
        for session in &running {
            if !session.wait_until_ended(deadline) {
                session.force();
            }
        }
        if self.lock().supervisor.is_some() {
            self.starter.end_all();
        }
    }
}

impl Table {
    fn running(&self) -> impl Iterator<Item = &Arc<Session>> {
        let sessions = self.sessions.values();
        sessions.filter(|session| session.ended().is_none())
    }

    fn make_room(&mut self, limit: usize) -> Result<(), StartError> {
        if self.sessions.len() < limit {
            return Ok(());
        }
        let ended = |(id, session): (&SessionId, &Arc<Session>)| {
            let ended = session.ended()?;
            Some((session.started() + ended.wall, *id))
        };
        match self.sessions.iter().filter_map(ended).min() {
            Some((_, oldest)) => {
                self.sessions.remove(&oldest);
                Ok(())
            }
            None => {
                let ids = self.sessions.keys().map(|id| id.0.to_string());
                Err(StartError::Full {
                    limit,
                    ids: ids.collect::<Vec<_>>().join(", "),
                })
            }
        }
    }
}
