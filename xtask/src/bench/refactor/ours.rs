//! The rewrite by the real program.

use std::fs;
use std::io::{BufReader, Read as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use serde_json::Value;

use super::super::figures::{Figure, megabytes};
use super::repository::Repository;
use super::{PATTERN, REPLACEMENT, rows};

/// How often is looked how much memory a process has had in use.
const INTERVAL: Duration = Duration::from_millis(5);

/// `ropewalk exec --yes` with the embedded provider.
pub(super) fn exec(
    repository: &Repository,
    program: &Path,
    home: &Path,
) -> anyhow::Result<Vec<Figure>> {
    let mut command = Command::new(program);
    command
        .args(["exec", "--json", "--yes", "--model", "codemod"])
        .arg(format!("rewrite {PATTERN} => {REPLACEMENT} in **/*.rs"))
        .current_dir(&repository.folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    super::super::agent::session::set_home(&mut command, home);
    let started = Instant::now();
    let mut child = command
        .spawn()
        .context("the program could not be started")?;
    let (run, peak) = watch(&mut child, started)?;
    let landed = milliseconds(started);
    ensure!(
        child.wait()?.success(),
        "it failed: {}{}",
        run.said,
        run.trouble
    );
    let (changed, _) = repository.changed()?;
    ensure!(
        changed == run.changed && run.places >= 200,
        "{} places in {} files were rewritten, and {changed} files are changed",
        run.places,
        run.changed
    );
    Ok(vec![
        Figure::new(rows::FILES, &[count(repository.files)]),
        Figure::new(rows::CHANGED, &[count(changed)]),
        Figure::new(rows::PLACES, &[count(run.places)]),
        Figure::new(rows::PROPOSED, &[run.proposed]),
        Figure::new(rows::LANDED, &[landed]),
        Figure::new(rows::MEMORY, &[peak]),
    ])
}

/// What a run has told.
struct Run {
    places: usize,
    changed: usize,
    /// Milliseconds to the proposal.
    proposed: f64,
    /// The last message.
    said: String,
    /// What stood on standard error.
    trouble: String,
}

/// Reads all that it tells until it ends, and gives the most memory that it had in use, in MB.
fn watch(child: &mut Child, started: Instant) -> anyhow::Result<(Run, f64)> {
    let stdout = child.stdout.take().context("it has an output")?;
    let mut stderr = child.stderr.take().context("it has an output for errors")?;
    let process = child.id();
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        let peak = scope.spawn(|| peak_of(process, &is_over));
        let trouble = scope.spawn(move || {
            let mut text = String::new();
            let _ = stderr.read_to_string(&mut text);
            text
        });
        let run = read(BufReader::new(stdout), started);
        is_over.store(true, Ordering::Relaxed);
        let mut run = run?;
        run.trouble = trouble.join().unwrap_or_default();
        Ok((run, peak.join().unwrap_or_default()))
    })
}

fn read(lines: impl std::io::BufRead, started: Instant) -> anyhow::Result<Run> {
    let mut run = Run {
        places: 0,
        changed: 0,
        proposed: f64::NAN,
        said: String::new(),
        trouble: String::new(),
    };
    for line in lines.lines() {
        let event: Value = serde_json::from_str(&line?)?;
        let text = event["item"]["text"].as_str();
        if event["type"] == "proposal.made" {
            run.proposed = milliseconds(started);
        } else if let Some(text) = text {
            text.clone_into(&mut run.said);
            if let Some(counts) = counts(text) {
                (run.places, run.changed) = counts;
            }
        }
    }
    Ok(run)
}

/// The numbers in `…: 12 places in 3 files …`.
fn counts(text: &str) -> Option<(usize, usize)> {
    let (before, after) = text.split_once(" places in ")?;
    let places = before
        .rsplit(|letter: char| !letter.is_ascii_digit())
        .next()?;
    let files = after.split(' ').next()?;
    Some((places.parse().ok()?, files.parse().ok()?))
}

/// The most memory that a process has had in use until it ended, in MB, as far as it was seen.
fn peak_of(process: u32, is_over: &AtomicBool) -> f64 {
    let mut peak = 0;
    while !is_over.load(Ordering::Relaxed) {
        let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
        let kilobytes = status
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
        peak = peak.max(kilobytes.and_then(|text| text.parse().ok()).unwrap_or(0));
        thread::sleep(INTERVAL);
    }
    megabytes(peak * 1024)
}

pub(super) fn milliseconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1000.0
}

#[expect(clippy::cast_precision_loss, reason = "counts are small")]
pub(super) fn count(count: usize) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::counts;

    #[test]
    fn the_counts_are_found_in_what_is_said() {
        assert_eq!(
            counts("Rewrote a to b: 1234 places in 56 files.\n"),
            Some((1234, 56))
        );
        assert_eq!(counts("No code fits."), None);
    }
}
