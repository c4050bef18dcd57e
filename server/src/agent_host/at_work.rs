//! A thread that has begun, with the place where it works, and what connects both to a surface. `agent_host` begins it with
//! what `prepared` has put together; the surface holds it until its turn has ended.

use std::sync::Arc;
use std::thread::{self, JoinHandle};

use agent::machine::Entry;
use agent::store::ThreadLog;
use agent::surface::ThreadEvent;
use agent::thread::ThreadError;
use agent::tool::Gate;
use agent::world::ProjectWorld;
use agent::{Redactor, ThreadHandle, ThreadParts};
use anyhow::Context;
use models::catalogue::EMBEDDED;

use super::PreparedThread;
use super::place::{PlaceOfWork, Promise, Ready};
use super::sub_tasks::Parent;
use crate::twins::TaskTwin;

/// Told what a place of work turned out to be.
type PlaceReady = Box<dyn FnOnce(&Ready) + Send>;

/// What connects a thread to its surface.
pub(crate) struct SurfaceLink {
    /// Asked before every effect.
    pub(crate) gate: Arc<dyn Gate>,
    /// Hears everything that may be shown.
    pub(crate) listener: Box<dyn FnMut(ThreadEvent) + Send>,
    /// Is told what the place of work turned out to be, before anything is done there.
    pub(crate) place_ready: PlaceReady,
}

/// A thread at work, and where it works.
pub(crate) struct AtWork {
    pub(crate) handle: Arc<ThreadHandle>,
    pub(crate) place: Arc<PlaceOfWork>,
    /// What the model is told of the world.
    pub(crate) world: Arc<ProjectWorld>,
    /// Makes the place ready, and ends then.
    maker: JoinHandle<()>,
}

/// Finds or makes a place of work, which may take a while.
pub(super) type FindPlace = Box<dyn FnOnce() -> Ready + Send>;

impl AtWork {
    /// Ends the thread with all that it has running. Gives the twin in which it worked, if it did so in one. Nobody else
    /// has the thread's handle by now.
    pub(crate) fn end(self) -> Option<TaskTwin> {
        drop(self.handle);
        // If it has panicked, nobody was given a place.
        drop(self.maker.join());
        Arc::into_inner(self.place)?.into_twin()
    }
}

impl PreparedThread {
    fn into_parts(self, log: ThreadLog<Entry>, link: SurfaceLink) -> (ThreadParts, PlaceReady) {
        let secrets = self.chosen.secrets.iter();
        let secrets: Vec<String> = secrets.map(|key| key.reveal().to_owned()).collect();
        let parent = Parent {
            thread: log.id(),
            settings: self.settings,
            provider: Arc::clone(&self.chosen.provider),
            gate: Arc::clone(&link.gate),
            secrets: secrets.clone(),
        };
        // It is prepared for one thread, so nobody has been first.
        drop(self.sub_tasks.parent.set(parent));
        let parts = ThreadParts {
            provider: self.chosen.provider,
            tools: self.tools,
            gate: link.gate,
            workspace: self.place,
            world: self.world,
            journal: Box::new(log),
            redactor: Redactor::new(secrets),
            listener: link.listener,
        };
        (parts, link.place_ready)
    }
}

/// Starts the thread, and has its place made ready meanwhile. `agent_host` has found out before how that is done.
///
/// # Errors
/// When the log cannot be written or the system gives no more threads.
pub(super) fn begin(
    prepared: PreparedThread,
    (log, link): (ThreadLog<Entry>, SurfaceLink),
    find_place: FindPlace,
    start: impl FnOnce(ThreadParts) -> Result<ThreadHandle, ThreadError>,
) -> anyhow::Result<AtWork> {
    let place = Arc::clone(&prepared.place);
    let answers_at_once = prepared.settings.provider == EMBEDDED;
    let world = Arc::clone(&prepared.world);
    let told = Arc::clone(&world);
    let (asked, cwd) = (
        prepared.options.permissions.clone(),
        prepared.settings.cwd.clone(),
    );
    let (parts, place_ready) = prepared.into_parts(log, link);
    let handle = start(parts)?;
    let promise = Promise(Arc::clone(&place));
    let make_ready = move || {
        let ready = find_place();
        world.set_permissions(ready.permissions(&asked, &cwd));
        place_ready(&ready);
        promise.0.is_ready(ready);
    };
    // The model is asked meanwhile.
    let maker = thread::Builder::new().name("twin".into()).spawn(make_ready);
    let maker = maker.context("no thread can be started to make the twin")?;
    if answers_at_once {
        // The user is told of the place before anything is done there.
        place.wait();
    }
    Ok(AtWork {
        handle: Arc::new(handle),
        place,
        world: told,
        maker,
    })
}
