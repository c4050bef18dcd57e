//! What the server's threads share: the script, and the log of what happened.

use std::collections::BTreeMap;
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::deliver::Delivery;
use crate::{Kind, Script, SeenRequest};

pub(super) struct Shared {
    pub(super) script: Script,
    pub(super) stopping: AtomicBool,
    pub(super) received: Arc<AtomicU64>,
    log: Mutex<Log>,
    changed: Condvar,
}

/// What happened so far.
#[derive(Default)]
pub(super) struct Log {
    pub(super) requests: Vec<SeenRequest>,
    pub(super) violations: Vec<String>,
    pub(super) accepts: usize,
    /// The open connections, so that the server can end them.
    pub(super) streams: BTreeMap<usize, TcpStream>,
    exchanges: usize,
}

impl Shared {
    pub(super) fn new(script: Script) -> Self {
        Self {
            script,
            stopping: AtomicBool::new(false),
            received: Arc::default(),
            log: Mutex::default(),
            changed: Condvar::new(),
        }
    }

    pub(super) fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the next change of the log.
    pub(super) fn wait<'a>(
        &self,
        log: MutexGuard<'a, Log>,
        limit: Duration,
    ) -> MutexGuard<'a, Log> {
        let waited = self.changed.wait_timeout(log, limit);
        waited.unwrap_or_else(PoisonError::into_inner).0
    }

    /// Counts a connection and gives its number.
    pub(super) fn accepted(&self) -> usize {
        let mut log = self.log();
        log.accepts += 1;
        log.accepts - 1
    }

    /// Numbers a request and writes it down.
    pub(super) fn arrived(&self, request: &mut SeenRequest) {
        let mut log = self.log();
        request.number = log.requests.len();
        if matches!(request.kind, Kind::Step(_) | Kind::Compaction) {
            request.exchange = Some(log.exchanges);
            log.exchanges += 1;
        }
        log.requests.push(request.clone());
        self.changed.notify_all();
    }

    /// Writes down how the answer to a request ended.
    pub(super) fn answered(&self, number: usize, delivery: &Delivery) {
        let mut log = self.log();
        if let Some(request) = log.requests.get_mut(number) {
            request.times.answered = Some(delivery.ended);
            request.outcome = Some(delivery.outcome);
        }
        self.changed.notify_all();
    }

    /// Writes down what a client did wrong.
    pub(super) fn violated(&self, request: &SeenRequest, what: &str) {
        let place = format!(
            "request {} ({} {})",
            request.number, request.method, request.path
        );
        self.log().violations.push(format!("{place}: {what}"));
        self.changed.notify_all();
    }
}
