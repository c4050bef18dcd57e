//! The queue between those who log and the disk, and the thread at its end.
//!
//! Putting a record in costs a copy and never waits. A disk that is slower than the log costs records, which are counted
//! and told, never memory without end.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::time::Duration;

use tracing_subscriber::fmt::MakeWriter;

use super::record;
use super::redact::Redactor;
use super::rotation::RotatingFile;

/// When more than this waits to be written, new records are dropped, in bytes.
const MAX_WAITING_BYTES: usize = 8 << 20;

/// As much is written at once, in bytes: small enough that the file's limit means something.
const MAX_BATCH_BYTES: usize = 64 << 10;

/// The way into the queue.
#[derive(Clone)]
pub(super) struct LogQueue {
    records: Sender<Message>,
    load: Arc<Load>,
}

/// The thread that writes, seen from its owner.
pub(super) struct LogThread {
    records: Sender<Message>,
    finished: Receiver<()>,
}

enum Message {
    Record(Vec<u8>),
    End,
}

/// What waits in the queue, and what did not get in.
#[derive(Default)]
struct Load {
    bytes: AtomicUsize,
    dropped: AtomicUsize,
}

impl LogQueue {
    /// Starts the thread that writes to `file` until its owner ends it.
    pub(super) fn start(file: RotatingFile, redactor: Redactor) -> (Self, LogThread) {
        let (records, queue) = mpsc::channel();
        let (finish, finished) = mpsc::channel();
        let load = Arc::<Load>::default();
        let mut writer = RecordWriter {
            queue,
            load: Arc::clone(&load),
            file,
            redactor,
        };
        std::thread::Builder::new()
            .name("log".into())
            .spawn(move || {
                writer.run();
                drop(finish);
            })
            .expect("the system can start a thread at start-up");
        let thread = LogThread {
            records: records.clone(),
            finished,
        };
        (Self { records, load }, thread)
    }
}

impl LogThread {
    /// Lets the thread write what is waiting and end, but waits no longer than `limit` for it.
    pub(super) fn end(&self, limit: Duration) {
        if self.records.send(Message::End).is_ok() {
            let _ended_or_late = self.finished.recv_timeout(limit);
        }
    }
}

impl<'a> MakeWriter<'a> for LogQueue {
    type Writer = Self;

    fn make_writer(&'a self) -> Self::Writer {
        self.clone()
    }
}

impl Write for LogQueue {
    /// Takes one whole record; that is how the subscriber hands them over.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if MAX_WAITING_BYTES < self.load.bytes.load(Ordering::Relaxed) {
            self.load.dropped.fetch_add(1, Ordering::Relaxed);
        } else {
            self.load.bytes.fetch_add(bytes.len(), Ordering::Relaxed);
            // After the end there is nobody to tell.
            drop(self.records.send(Message::Record(bytes.to_vec())));
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The thread's state.
struct RecordWriter {
    queue: Receiver<Message>,
    load: Arc<Load>,
    file: RotatingFile,
    redactor: Redactor,
}

impl RecordWriter {
    fn run(&mut self) {
        let mut lines = String::new();
        while let Ok(Message::Record(record)) = self.queue.recv() {
            self.append(&mut lines, &record);
            let is_over = self.append_waiting(&mut lines);
            self.write(&mut lines);
            if is_over {
                return;
            }
        }
    }

    /// What is waiting already goes out in the same write; says whether the end was among it.
    fn append_waiting(&self, lines: &mut String) -> bool {
        while lines.len() < MAX_BATCH_BYTES {
            match self.queue.try_recv() {
                Ok(Message::Record(record)) => self.append(lines, &record),
                Ok(Message::End) => return true,
                Err(_) => return false,
            }
        }
        false
    }

    fn append(&self, lines: &mut String, record: &[u8]) {
        self.load.bytes.fetch_sub(record.len(), Ordering::Relaxed);
        record::append(lines, record, &self.redactor);
    }

    /// A disk that refuses costs these lines; the next ones are tried again.
    fn write(&mut self, lines: &mut String) {
        let dropped = self.load.dropped.swap(0, Ordering::Relaxed);
        if 0 < dropped {
            let remark =
                format!("{dropped} records are missing here: the disk was too slow for them\n");
            lines.push_str(&remark);
        }
        let _written_or_lost = self.file.write(lines);
        lines.clear();
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    fn start(path: &Path, max_bytes: u64) -> (LogQueue, LogThread) {
        let file = RotatingFile::open(path, max_bytes).unwrap();
        LogQueue::start(file, Redactor::new(std::iter::empty()))
    }

    #[test]
    fn the_end_loses_nothing_and_keeps_the_order() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.log");
        let (queue, thread) = start(&path, u64::MAX);
        let mut expected = String::new();
        for number in 0..20_000 {
            let line = format!("record {number}\n");
            queue.make_writer().write_all(line.as_bytes()).unwrap();
            expected.push_str(&line);
        }
        thread.end(Duration::from_secs(60));
        assert_eq!(fs::read_to_string(&path).unwrap(), expected);
        assert_eq!(queue.load.bytes.load(Ordering::Relaxed), 0);
        // Who logs after the end is not harmed.
        queue.make_writer().write_all(b"late\n").unwrap();
        thread.end(Duration::from_secs(60));
        assert_eq!(fs::read_to_string(&path).unwrap(), expected);
    }

    #[test]
    fn the_file_is_put_aside_while_the_queue_runs() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.log");
        let (queue, thread) = start(&path, 1000);
        let line = "x".repeat(999) + "\n";
        for _ in 0..1000 {
            queue.make_writer().write_all(line.as_bytes()).unwrap();
        }
        thread.end(Duration::from_secs(60));
        let length = |path: &Path| fs::metadata(path).unwrap().len() as usize;
        let largest = 1000 + MAX_BATCH_BYTES + line.len();
        for path in [path.clone(), path.with_extension("log.old")] {
            assert!((1..=largest).contains(&length(&path)), "{path:?}");
        }
    }

    #[test]
    fn a_queue_that_nobody_empties_drops_records_and_counts_them() {
        let (records, waiting) = mpsc::channel();
        let mut queue = LogQueue {
            records,
            load: Arc::default(),
        };
        let record = vec![b'x'; 1 << 20];
        for _ in 0..20 {
            queue.write_all(&record).unwrap();
        }
        let taken = waiting.try_iter().count();
        assert_eq!(taken + queue.load.dropped.load(Ordering::Relaxed), 20);
        assert_eq!(taken, MAX_WAITING_BYTES / record.len() + 1);
    }
}
