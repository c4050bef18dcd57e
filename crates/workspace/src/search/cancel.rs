//! The flag by which long work is stopped from another thread.
//!
//! Work that goes on in steps looks at it between them; work that waits for something subscribes and is woken.

use std::{
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

/// Set once, seen by everyone who holds a clone.
#[derive(Debug, Clone, Default)]
pub struct CancellationFlag {
    shared: Arc<Shared>,
}

/// Keeps a subscription; dropping it ends the subscription.
#[must_use = "dropping a subscription ends it"]
#[derive(Debug)]
pub struct CancellationSubscription {
    shared: Arc<Shared>,
    number: u64,
}

impl CancellationFlag {
    /// Asks the work to stop, and wakes who has subscribed, on this thread.
    pub fn set(&self) {
        // Released before the subscribers are called: what they see was there before.
        self.shared.is_set.store(true, Ordering::Release);
        // Called outside of the lock, so that a subscriber may end its subscription or begin another.
        let subscribers = std::mem::take(&mut self.shared.lock().subscribers);
        for (_, wake) in subscribers {
            wake();
        }
    }

    /// Whether it was asked to stop.
    pub fn is_set(&self) -> bool {
        self.shared.is_set.load(Ordering::Acquire)
    }

    /// Calls `wake` once when the flag is set; at once if it is set already. It must not block.
    pub fn subscribe(&self, wake: impl FnOnce() + Send + 'static) -> CancellationSubscription {
        let mut subscribers = self.shared.lock();
        let number = subscribers.next_number;
        subscribers.next_number += 1;
        if self.is_set() {
            drop(subscribers);
            wake();
        } else {
            subscribers.subscribers.push((number, Box::new(wake)));
        }
        CancellationSubscription {
            shared: self.shared.clone(),
            number,
        }
    }
}

impl Drop for CancellationSubscription {
    fn drop(&mut self) {
        let is_another = |(number, _): &(u64, Wake)| *number != self.number;
        self.shared.lock().subscribers.retain(is_another);
    }
}

type Wake = Box<dyn FnOnce() + Send>;

#[derive(Default)]
struct Shared {
    is_set: AtomicBool,
    subscribers: Mutex<Subscribers>,
}

#[derive(Default)]
struct Subscribers {
    next_number: u64,
    subscribers: Vec<(u64, Wake)>,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Subscribers> {
        // Nothing that can panic runs under the lock.
        self.subscribers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Shared")
            .field("is_set", &self.is_set)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::mpsc, thread};

    use super::CancellationFlag;

    #[test]
    fn a_subscriber_is_woken_once_whenever_it_subscribes() {
        let flag = CancellationFlag::default();
        let (sender, receiver) = mpsc::channel();
        let early = sender.clone();
        let _early = flag.subscribe(move || early.send("early").unwrap());
        let dropped = sender.clone();
        drop(flag.subscribe(move || dropped.send("dropped").unwrap()));
        flag.set();
        flag.set();
        let _late = flag.subscribe(move || sender.send("late").unwrap());
        assert_eq!(
            receiver.iter().take(2).collect::<Vec<_>>(),
            ["early", "late"]
        );
        assert_eq!(receiver.try_recv(), Err(mpsc::TryRecvError::Disconnected));
    }

    #[test]
    fn no_subscriber_is_missed_by_a_flag_that_is_set_meanwhile() {
        for _ in 0..500 {
            let flag = CancellationFlag::default();
            let setter = flag.clone();
            let thread = thread::spawn(move || setter.set());
            let (sender, receiver) = mpsc::channel();
            let subscription = flag.subscribe(move || sender.send(()).unwrap());
            assert_eq!(receiver.recv(), Ok(()));
            drop(subscription);
            thread.join().unwrap();
        }
    }
}
