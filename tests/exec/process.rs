//! A run of `ropewalk`: its events as they come, its end, signals to it. It does not outlive its owner.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde_json::Value;

/// Nothing that is waited for takes longer, except by a defect.
pub(crate) const LIMIT: Duration = Duration::from_secs(120);

/// A run under way.
pub(crate) struct Running {
    child: Child,
    lines: Arc<Lines>,
    readers: Vec<JoinHandle<String>>,
}

/// What came on standard output so far.
#[derive(Default)]
struct Lines {
    lines: Mutex<(Vec<String>, bool)>,
    changed: Condvar,
}

/// A run that has ended.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Running {
    pub(crate) fn start(mut command: Command) -> Self {
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let lines = Arc::new(Lines::default());
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let mut stderr = child.stderr.take().unwrap();
        let sink = lines.clone();
        let readers = vec![
            std::thread::spawn(move || sink.read(stdout)),
            std::thread::spawn(move || {
                let mut bytes = Vec::new();
                // Whoever is killed leaves what was there.
                let _ = stderr.read_to_end(&mut bytes);
                String::from_utf8_lossy(&bytes).into_owned()
            }),
        ];
        Self {
            child,
            lines,
            readers,
        }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// The first event for which `find` has an answer; nothing when the run ends before.
    pub(crate) fn wait_for<T>(&self, find: impl Fn(&Value) -> Option<T>) -> Option<T> {
        self.lines.wait_for(find)
    }

    /// Whether it has ended.
    pub(crate) fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// Sends a signal, by its name.
    pub(crate) fn signal(&self, name: &str) {
        let id = self.id().to_string();
        let status = Command::new("kill")
            .args(["-s", name, &id])
            .status()
            .unwrap();
        assert!(status.success());
    }

    /// Kills it at once, as a crash would.
    pub(crate) fn kill(mut self) -> Finished {
        // It may have ended by itself.
        let _ = self.child.kill();
        self.wait()
    }

    /// Waits for its end.
    pub(crate) fn wait(mut self) -> Finished {
        let end = Instant::now() + LIMIT;
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            if Instant::now() > end {
                let _ = self.child.kill();
                let finished = self.finish(ExitStatus::default());
                panic!("it does not end; so far: {finished:#?}");
            }
            std::thread::sleep(Duration::from_millis(2));
        };
        self.finish(status)
    }

    fn finish(&mut self, status: ExitStatus) -> Finished {
        let mut texts = self.readers.drain(..).map(|reader| reader.join().unwrap());
        Finished {
            status,
            stdout: texts.next().unwrap(),
            stderr: texts.next().unwrap(),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Lines {
    fn read(&self, stdout: impl BufRead) -> String {
        let mut all = String::new();
        for line in stdout.lines().map_while(Result::ok) {
            all.push_str(&line);
            all.push('\n');
            self.lines.lock().unwrap().0.push(line);
            self.changed.notify_all();
        }
        self.lines.lock().unwrap().1 = true;
        self.changed.notify_all();
        all
    }

    fn wait_for<T>(&self, find: impl Fn(&Value) -> Option<T>) -> Option<T> {
        let end = Instant::now() + LIMIT;
        let mut lines = self.lines.lock().unwrap();
        let mut seen = 0;
        loop {
            for line in &lines.0[seen..] {
                let found = serde_json::from_str(line)
                    .ok()
                    .and_then(|event| find(&event));
                if found.is_some() {
                    return found;
                }
            }
            seen = lines.0.len();
            if lines.1 {
                return None;
            }
            let rest = end.saturating_duration_since(Instant::now());
            assert!(
                !rest.is_zero(),
                "what is waited for does not come: {:#?}",
                lines.0
            );
            lines = self.changed.wait_timeout(lines, rest).unwrap().0;
        }
    }
}

fn thread_of(event: &Value) -> Option<String> {
    let is_start = event["type"] == "thread.started";
    is_start.then(|| event["thread_id"].as_str().unwrap().to_owned())
}

impl Finished {
    /// All events. Every line must be one, save the last of a killed run.
    pub(crate) fn events(&self) -> Vec<Value> {
        let parse =
            |line: &str| serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}"));
        let whole = self
            .stdout
            .rfind('\n')
            .map_or("", |end| &self.stdout[..=end]);
        whole.lines().map(parse).collect()
    }

    /// The thread's id, if it was told.
    pub(crate) fn thread(&self) -> Option<String> {
        self.events().iter().find_map(thread_of)
    }

    /// The events of one type.
    pub(crate) fn of_type(&self, kind: &str) -> Vec<Value> {
        self.events()
            .into_iter()
            .filter(|event| event["type"] == kind)
            .collect()
    }

    /// Fails with everything that was printed unless the run ended with this exit code.
    #[track_caller]
    pub(crate) fn assert_code(&self, code: i32) {
        assert_eq!(
            self.status.code(),
            Some(code),
            "{}\n{}",
            self.stdout,
            self.stderr
        );
    }
}
