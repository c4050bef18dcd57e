//! One session of the real program with the scripted model, and what the service saw of it.

use std::collections::VecDeque;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use scripted_model::{Script, SeenRequest, Server, Step};

use super::super::figures::megabytes;

/// The file in the workspace that is read.
pub(super) const SAMPLE: &str = "sample.rs";

/// How it begins.
pub(super) const SAMPLE_BEGINNING: &str = "// Code to be read.";

/// Where sessions happen.
pub(in crate::bench) struct Stage {
    /// A folder with real code in it.
    pub(in crate::bench) workspace: PathBuf,
    /// Holds the program's settings and its threads.
    pub(in crate::bench) home: PathBuf,
}

/// How the program speaks to the service.
#[derive(Clone, Copy)]
pub(in crate::bench) enum Way {
    ResponsesHttp,
    ResponsesWebSocket,
    ChatCompletions,
    Messages,
}

impl Way {
    /// As settings have it.
    fn settings(self) -> &'static str {
        match self {
            Self::ResponsesHttp => "wire = \"responses\"\nwebsocket = false",
            Self::ResponsesWebSocket => "wire = \"responses\"\nwebsocket = true",
            Self::ChatCompletions => "wire = \"chat_completions\"",
            Self::Messages => "wire = \"messages\"",
        }
    }
}

/// What the model does: calls, one an answer, and how each tool's answer begins or what is in it when it did its work.
pub(super) struct Work {
    pub(super) calls: Vec<Step>,
    /// A part of each output, in the order of the calls.
    pub(super) outputs: Vec<&'static str>,
}

/// What was seen of a session.
pub(super) struct Session {
    /// When the program was about to be started.
    started: Instant,
    /// The requests for an answer: one more than there were calls.
    requests: Vec<SeenRequest>,
    /// What came over all connections.
    bytes_received: u64,
    /// The most memory that the program had in use when it had done all steps.
    pub(super) peak_megabytes: f64,
}

impl Session {
    /// Lets the program do the work. It is an error when a tool did not do what it should: a failure would be quick.
    pub(super) fn run(stage: &Stage, program: &Path, way: Way, work: Work) -> anyhow::Result<Self> {
        let process = Arc::new(OnceLock::new());
        let peak = Arc::new(Mutex::new(None));
        let server = Server::start(script(work.calls, &process, &peak))?;
        let mut command = command(stage, program, &server, way)?;
        let started = Instant::now();
        let child = command
            .spawn()
            .context("the program could not be started")?;
        let _ = process.set(child.id());
        let output = child.wait_with_output()?;
        let complaint = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "{}: {complaint}", output.status);
        let violations = server.violations();
        ensure!(violations.is_empty(), "{violations:?}");
        let requests = server.steps();
        check(&requests, &work.outputs)?;
        let peak = peak.lock().unwrap_or_else(PoisonError::into_inner).take();
        Ok(Self {
            started,
            requests,
            bytes_received: server.bytes_received(),
            peak_megabytes: peak.context("the last request did not come")??,
        })
    }

    /// From before the program's start to the last byte of its first request for an answer.
    pub(super) fn start(&self) -> Duration {
        self.requests[0].times.arrived - self.started
    }

    /// For each step the time from the end of an answer to the last byte of the next request, in milliseconds.
    pub(super) fn gaps(&self) -> Vec<f64> {
        let milliseconds = |pair: &[SeenRequest]| {
            let gap = pair[1]
                .times
                .arrived
                .checked_duration_since(pair[0].times.answered?)?;
            Some(gap.as_secs_f64() * 1e3)
        };
        // A request that comes before the end of the answer has cost nothing.
        let gap = |pair| milliseconds(pair).unwrap_or(0.0);
        self.requests.windows(2).map(gap).collect()
    }

    /// What came for each request for an answer on average, with heads, frames and preparations.
    pub(super) fn kilobytes_per_step(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "a few requests")]
        let requests = self.requests.len() as f64;
        megabytes(self.bytes_received) * 1e3 / requests
    }
}

/// Answers with one call after the other, notes the program's memory when all are done, and ends the turn.
fn script(
    calls: Vec<Step>,
    process: &Arc<OnceLock<u32>>,
    peak: &Arc<Mutex<Option<anyhow::Result<f64>>>>,
) -> Script {
    let calls = Mutex::new(VecDeque::from(calls));
    let (process, peak) = (Arc::clone(process), Arc::clone(peak));
    Script::reacting(move |_| {
        let call = calls
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop_front();
        call.unwrap_or_else(|| {
            let megabytes = peak_megabytes(*process.wait());
            *peak.lock().unwrap_or_else(PoisonError::into_inner) = Some(megabytes);
            Step::say("Done.")
        })
    })
}

/// The program with settings and threads of its own, so that no user's play a part.
pub(in crate::bench) fn command(
    stage: &Stage,
    program: &Path,
    server: &Server,
    way: Way,
) -> anyhow::Result<Command> {
    let settings = stage.home.join("ropewalk");
    fs::create_dir_all(&settings)?;
    let text = format!(
        "model = \"house/scripted\"\n\n[providers.house]\nbase_url = \"{}/v1\"\n{}\n\n\
         [models.\"house/scripted\"]\ncontext_window = 1_000_000\n",
        server.url(),
        way.settings()
    );
    fs::write(settings.join("config.toml"), text)?;
    let mut command = Command::new(program);
    command.args(["exec", "--json", "--yes", "--max-minutes", "5", "Go on."]);
    set_home(&mut command, &stage.home);
    command
        .current_dir(&stage.workspace)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    Ok(command)
}

/// Gives a program this home, and nothing of the real user's.
pub(in crate::bench) fn set_home(command: &mut Command, home: &Path) {
    for variable in [
        "HOME",
        "XDG_CACHE_HOME",
        "XDG_CONFIG_HOME",
        "XDG_DATA_HOME",
        "XDG_STATE_HOME",
    ] {
        command.env(variable, home);
    }
}

/// Whether each call was made once and did its work.
fn check(requests: &[SeenRequest], wanted: &[&str]) -> anyhow::Result<()> {
    ensure!(
        requests.len() == wanted.len() + 1,
        "{} requests came for {} steps",
        requests.len(),
        wanted.len()
    );
    let outputs = requests
        .last()
        .map(SeenRequest::outputs)
        .unwrap_or_default();
    ensure!(outputs.len() == wanted.len(), "a tool's answer is missing");
    for (output, wanted) in outputs.iter().zip(wanted) {
        ensure!(output.text.contains(wanted), "a tool failed: {output:?}");
    }
    Ok(())
}

/// The most memory that a process has had in use, as the kernel counts it.
fn peak_megabytes(process: u32) -> anyhow::Result<f64> {
    let path = format!("/proc/{process}/status");
    let status = fs::read_to_string(&path)
        .with_context(|| format!("{path} could not be read; memory is measured on Linux only"))?;
    let kilobytes = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
    let kilobytes: u64 = kilobytes
        .context("the kernel does not say how much memory was in use")?
        .parse()?;
    Ok(megabytes(kilobytes * 1024))
}
