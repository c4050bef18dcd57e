//! What the main loop and helpers tell the thread that works on a turn. Closing it is one step with finding it empty, so that
//! nothing is put in that nobody will read.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use agent::surface::TurnSummary;
use agent::thread::ThreadError;

use super::editor_context::EditorFacts;

/// What is to be done about a turn.
#[derive(Debug)]
pub(crate) enum Order {
    /// The user says more; with what the editor shows now.
    Steer(String, Box<EditorFacts>),
    /// The user stops it.
    Stop,
    /// The program ends: the turn stays unfinished, to be gone on with.
    Leave,
    /// The thread does nothing any more.
    Idle(Box<Idle>),
}

/// How the thread was found when it did nothing any more.
#[derive(Debug)]
pub(crate) struct Idle {
    /// How often it had been told something when the waiting began.
    pub(crate) told: u64,
    /// Why there was no place to work in.
    pub(crate) nowhere: Option<String>,
    /// How its last turn went.
    pub(crate) turn: Result<Option<TurnSummary>, ThreadError>,
}

/// The orders for one turn. Clones are the same.
#[derive(Clone, Debug, Default)]
pub(crate) struct Mailbox(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    orders: VecDeque<Order>,
    is_closed: bool,
}

impl Mailbox {
    /// Puts an order in.
    ///
    /// # Errors
    /// When nobody reads any more: gives the order back.
    pub(crate) fn post(&self, order: Order) -> Result<(), Order> {
        let mut state = self.state();
        if state.is_closed {
            return Err(order);
        }
        state.orders.push_back(order);
        self.0.changed.notify_one();
        Ok(())
    }

    /// The next order; waits for it.
    pub(crate) fn take(&self) -> Order {
        let mut state = self.state();
        loop {
            if let Some(order) = state.orders.pop_front() {
                return order;
            }
            let woken = self.0.changed.wait(state);
            state = woken.unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Closes it, unless there is an order in it; says whether it is closed.
    pub(crate) fn close_if_empty(&self) -> bool {
        let mut state = self.state();
        state.is_closed |= state.orders.is_empty();
        state.is_closed
    }

    /// Closes it, whatever is in it.
    pub(crate) fn close(&self) {
        self.state().is_closed = true;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    /// Whatever was put in before the mailbox was closed is read, and who is too late is told.
    #[test]
    fn nothing_is_lost_between_the_last_order_and_the_end() {
        for seed in 0..200 {
            let mailbox = Mailbox::default();
            let sender = mailbox.clone();
            let posting = thread::spawn(move || {
                let mut random = fastrand::Rng::with_seed(seed);
                let mut accepted = 0;
                loop {
                    match sender.post(Order::Stop) {
                        Ok(()) => accepted += 1,
                        Err(_) => return accepted,
                    }
                    if random.bool() {
                        thread::yield_now();
                    }
                }
            });
            let mut read = 0;
            loop {
                drop(mailbox.take());
                read += 1;
                if mailbox.close_if_empty() {
                    break;
                }
            }
            let accepted: u32 = posting.join().expect("posting does not panic");
            assert_eq!(read, accepted, "seed {seed}");
        }
    }
}
