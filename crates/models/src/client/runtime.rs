//! The one thread on which all network traffic runs.
//!
//! [`crate::Client`] owns it and ends it; everything else only spawns onto it.

use std::future::Future;
use std::thread::JoinHandle;

use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

/// A tokio runtime on a thread of its own. Dropping it ends every task and the thread.
pub(crate) struct RuntimeThread {
    handle: Handle,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl RuntimeThread {
    /// Starts the thread.
    ///
    /// # Errors
    /// When the system refuses a thread or the descriptors that waiting for the network needs.
    pub(crate) fn start() -> std::io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let (stop, stopped) = oneshot::channel::<()>();
        let thread = std::thread::Builder::new()
            .name("models".into())
            .spawn(move || {
                // An error means that the sender is gone, which is a wish to stop as well.
                let _ = runtime.block_on(stopped);
                // Looking a name up cannot be interrupted; waiting for it could take half a minute.
                runtime.shutdown_background();
            })?;
        Ok(Self {
            handle,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// For spawning from tasks, which must not keep the thread alive that they run on.
    pub(crate) fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// Runs `task` until it ends or the thread does.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.handle.spawn(task);
    }
}

impl Drop for RuntimeThread {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        let Some(thread) = self.thread.take() else {
            return;
        };
        // The last owner may be something that an event's receiver held: then this is the thread itself.
        if thread.thread().id() != std::thread::current().id() {
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn dropping_it_ends_its_tasks() {
        let runtime = RuntimeThread::start().unwrap();
        let (alive, ended) = mpsc::channel::<()>();
        let (began, has_begun) = mpsc::channel();
        runtime.spawn(async move {
            let _alive = alive;
            began.send(()).unwrap();
            std::future::pending::<()>().await;
        });
        has_begun.recv().unwrap();
        drop(runtime);
        assert_eq!(ended.recv(), Err(mpsc::RecvError));
    }

    #[test]
    fn it_may_be_dropped_by_one_of_its_own_tasks() {
        let runtime = RuntimeThread::start().unwrap();
        let (give, given) = oneshot::channel::<RuntimeThread>();
        let (done, is_done) = mpsc::channel();
        runtime.spawn(async move {
            drop(given.await);
            done.send(()).unwrap();
        });
        give.send(runtime).ok().unwrap();
        assert_eq!(is_done.recv(), Ok(()));
    }
}
