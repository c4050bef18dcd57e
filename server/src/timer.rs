//! Wakes the main loop later: one thread that sends an event when its time has come.
//!
//! Owned by the session. Dropping it forgets what is still to come.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use crate::event::{Event, EventSender};
use crate::landing::Errand;
use crate::tasks::TaskId;

/// Why the main loop is woken.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Alarm {
    /// A delivery has not been confirmed yet.
    Delivery(u64),
    /// Diagnostics of documents are to be published.
    Publish,
    /// A task's progress can be reported again.
    Progress(TaskId),
    /// A landing that met with changes is tried again.
    Landing(Errand),
    /// The chat with this number has more to show.
    ChatGrows(u64),
    /// This edit of a chat's document has not been seen yet.
    ChatEdit(u64),
    /// The ledger is to be written.
    SaveLedger,
    /// The user may have committed.
    LookAtCommits,
    /// The editor has had time to open again what it had open when the server ended.
    LookAtRestored,
}

/// The thread that waits.
pub(crate) struct Timer {
    wishes: Sender<(Instant, Alarm)>,
}

impl Timer {
    /// Starts it.
    pub(crate) fn start(events: EventSender) -> Self {
        let (wishes, queue) = mpsc::channel();
        std::thread::Builder::new()
            .name("timer".into())
            .spawn(move || run(&queue, &events))
            .expect("the system can start a thread at start-up");
        Self { wishes }
    }

    /// Has `alarm` sent once `delay` has passed.
    pub(crate) fn after(&self, delay: Duration, alarm: Alarm) {
        drop(self.wishes.send((Instant::now() + delay, alarm)));
    }
}

fn run(queue: &Receiver<(Instant, Alarm)>, events: &EventSender) {
    let mut waiting: BinaryHeap<Reverse<(Instant, Alarm)>> = BinaryHeap::new();
    loop {
        let next = waiting.peek().map(|Reverse((time, _))| *time);
        let wish = match next {
            Some(time) => queue.recv_timeout(time.saturating_duration_since(Instant::now())),
            None => queue.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        match wish {
            Ok(wish) => waiting.push(Reverse(wish)),
            Err(RecvTimeoutError::Disconnected) => return,
            Err(RecvTimeoutError::Timeout) => {
                if let Some(Reverse((_, alarm))) = waiting.pop() {
                    events.send(Event::Alarm(alarm));
                }
            }
        }
    }
}
