//! Builds an index of the whole workspace and brings it up to date, on the calling thread.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, UNIX_EPOCH};

use predict::{Added, ChangedFile, FileStamp, Index, IndexBuilder, IndexOptions, SkipReason};
use workspace::{EntryKind, ReadError, WalkOptions, WorkspaceSnapshot};

use super::{LearnJob, LearningProgress, cache, relevance};

/// So much is learned and put to use before the rest, so that suggestions know the neighbourhood within moments.
const FIRST_STAGE_BYTES: u64 = 2_000_000;
const REPORT_INTERVAL: Duration = Duration::from_millis(200);

/// The work was given up.
#[derive(Debug)]
pub(crate) struct Cancelled;

impl From<predict::BuildCancelled> for Cancelled {
    fn from(_: predict::BuildCancelled) -> Self {
        Self
    }
}

/// An index and what it left out.
pub(crate) struct Built {
    pub(crate) index: Arc<Index>,
    /// Files that the size limit left out.
    pub(crate) skipped_files: usize,
}

/// Builds the index of the workspace, from what `known` or the one on disk already has where files did not change.
///
/// Each usable stage is given to `publish`, the final one included.
///
/// # Errors
///
/// [`Cancelled`] when `is_cancelled` said so.
pub(crate) fn build(
    job: &LearnJob,
    known: Option<Arc<Index>>,
    is_cancelled: &dyn Fn() -> bool,
    publish: &dyn Fn(&Arc<Index>),
    report: &dyn Fn(LearningProgress),
) -> Result<Built, Cancelled> {
    let place = cache::place(&job.snapshot, &job.config);
    let known = known.or_else(|| load(place.as_deref(), publish, report));
    let files = find_files(&job.snapshot, &job.focus, is_cancelled, report)?;
    let mut pass = Pass {
        job,
        files: &files,
        is_cancelled,
        report,
        last_report: Instant::now(),
    };
    let known = match known {
        Some(index) => index,
        None => {
            let first = pass.run(&Arc::new(Index::empty()), Stage::First)?;
            publish(&first.index);
            first.index
        }
    };
    let built = pass.run(&known, Stage::Whole)?;
    if !Arc::ptr_eq(&built.index, &known) || place.as_ref().is_some_and(|place| !place.exists()) {
        publish(&built.index);
        save(&built.index, place.as_deref(), report);
    }
    Ok(built)
}

/// Brings `index` up to date with what became of `paths`; nothing when that changes nothing.
///
/// # Errors
///
/// [`Cancelled`] when `is_cancelled` said so.
pub(crate) fn update(
    index: &Index,
    job: &LearnJob,
    paths: &[PathBuf],
    is_cancelled: &dyn Fn() -> bool,
) -> Result<Option<Arc<Index>>, Cancelled> {
    let options = options(job, job.config.max_megabytes * 1_000_000);
    let changed: Vec<ChangedFile> = concerned_files(index, job, paths)
        .iter()
        .filter_map(|path| changed_file(index, job, path))
        .collect();
    if changed.is_empty() {
        return Ok(None);
    }
    let mut updated = index.with_changes(&changed, options, is_cancelled)?;
    if updated.wants_merge() {
        updated = updated.merged(options, is_cancelled)?;
    }
    Ok(Some(Arc::new(updated)))
}

/// The files that a change of `paths` concerns. A folder stands for all files below it, those that are there and those
/// that were: what is told of a move or a deletion is often the folder alone.
fn concerned_files(index: &Index, job: &LearnJob, paths: &[PathBuf]) -> BTreeSet<PathBuf> {
    let mut concerned = BTreeSet::new();
    for path in paths {
        if path.is_dir() {
            let options = WalkOptions {
                under: Some(path.clone()),
                ..WalkOptions::default()
            };
            let walk = job.snapshot.walk(&options).into_iter().flatten();
            concerned.extend(walk.map(|entry| entry.path));
        } else if path.exists() {
            concerned.insert(path.clone());
        } else {
            let known = index.files().map(|(known, _)| known);
            let below = known.filter(|known| known.starts_with(path));
            concerned.extend(below.map(Path::to_path_buf));
        }
    }
    concerned
}

fn changed_file(index: &Index, job: &LearnJob, path: &Path) -> Option<ChangedFile> {
    let known = index.stamp(path);
    let stamp = stamp(path);
    if known.is_some() && known == stamp {
        return None;
    }
    let is_learned = stamp.is_some()
        && relevance::is_worth_learning(path)
        && job.snapshot.is_excluded(path).is_none();
    let text = is_learned.then(|| read(job, path)).flatten();
    if text.is_none() && known.is_none() {
        return None;
    }
    Some(ChangedFile {
        path: path.to_path_buf(),
        text,
        stamp: stamp.unwrap_or_default(),
    })
}

/// A file of the workspace as the walk found it.
struct Found {
    path: PathBuf,
    stamp: FileStamp,
}

/// How far a round goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Until there is enough to be of use.
    First,
    /// Until the index is full.
    Whole,
}

/// What became of a file.
enum Taken {
    /// It is in the index unchanged.
    Known,
    /// It was learned.
    New,
    /// It teaches nothing.
    Useless,
    /// The index is full.
    NoRoom,
}

/// One round over the files.
struct Pass<'a> {
    job: &'a LearnJob,
    files: &'a [Found],
    is_cancelled: &'a dyn Fn() -> bool,
    report: &'a dyn Fn(LearningProgress),
    last_report: Instant,
}

impl Pass<'_> {
    /// Takes in the files of a stage; gives `known` back when that comes to the same.
    fn run(&mut self, known: &Arc<Index>, stage: Stage) -> Result<Built, Cancelled> {
        let limit = self.job.config.max_megabytes * 1_000_000;
        let mut builder = IndexBuilder::new(options(self.job, limit));
        let (mut new_files, mut skipped_files) = (0, 0);
        for (done, file) in self.files.iter().enumerate() {
            if (self.is_cancelled)() {
                return Err(Cancelled);
            }
            self.report_sometimes(done);
            // The files are in the order of their worth: once the first stage is full, the rest can wait.
            if stage == Stage::First && FIRST_STAGE_BYTES <= builder.bytes() + file.stamp.size {
                break;
            }
            match self.take_in(&mut builder, known, file) {
                Taken::Known | Taken::Useless => {}
                Taken::New => new_files += 1,
                Taken::NoRoom => skipped_files += 1,
            }
        }
        let is_same = new_files == 0 && builder.file_count() == known.statistics().files;
        let index = if is_same {
            Arc::clone(known)
        } else {
            Arc::new(builder.finish(self.is_cancelled)?)
        };
        Ok(Built {
            index,
            skipped_files,
        })
    }

    fn take_in(&self, builder: &mut IndexBuilder, known: &Index, file: &Found) -> Taken {
        if builder.reuse(known, &file.path, file.stamp) {
            return Taken::Known;
        }
        let budget = self.job.config.max_megabytes * 1_000_000;
        if budget < builder.bytes() + file.stamp.size {
            return Taken::NoRoom;
        }
        match read(self.job, &file.path) {
            None => Taken::Useless,
            Some(text) => match builder.add(&file.path, &text, file.stamp) {
                Added::Indexed => Taken::New,
                Added::Skipped(SkipReason::OverBudget) => Taken::NoRoom,
                Added::Skipped(_) => Taken::Useless,
            },
        }
    }

    fn report_sometimes(&mut self, done: usize) {
        if REPORT_INTERVAL <= self.last_report.elapsed() {
            self.last_report = Instant::now();
            let total = self.files.len();
            (self.report)(LearningProgress::Running { done, total });
        }
    }
}

/// All files worth learning from, the most relevant first.
fn find_files(
    snapshot: &WorkspaceSnapshot,
    focus: &[PathBuf],
    is_cancelled: &dyn Fn() -> bool,
    report: &dyn Fn(LearningProgress),
) -> Result<Vec<Found>, Cancelled> {
    let walk = match snapshot.walk(&WalkOptions::default()) {
        Ok(walk) => walk,
        Err(error) => {
            report(LearningProgress::Problem(error.to_string()));
            return Ok(Vec::new());
        }
    };
    let mut files = Vec::new();
    for entry in walk {
        if is_cancelled() {
            return Err(Cancelled);
        }
        if entry.kind == EntryKind::File
            && relevance::is_worth_learning(&entry.path)
            && let Some(stamp) = stamp(&entry.path)
        {
            let path = entry.path;
            files.push(Found { path, stamp });
        }
    }
    files.sort_by_cached_key(|file| relevance::rank(&file.path, file.stamp, focus));
    Ok(files)
}

fn options(job: &LearnJob, byte_budget: u64) -> IndexOptions {
    IndexOptions {
        byte_budget,
        max_file_bytes: usize::try_from(job.config.max_file_kilobytes * 1000).unwrap_or(usize::MAX),
    }
}

/// The text of a file on disk; nothing when it teaches nothing.
fn read(job: &LearnJob, path: &Path) -> Option<String> {
    let limit = job.config.max_file_kilobytes * 1000;
    match job.snapshot.read_up_to(path, limit) {
        Ok(file) => Some(file.text.to_string()),
        Err(ReadError::TooLarge { .. } | ReadError::Binary { .. }) => None,
        Err(error) => {
            tracing::debug!(%error, "not learned from");
            None
        }
    }
}

fn stamp(path: &Path) -> Option<FileStamp> {
    let stamp = workspace::FileStamp::of(path).ok()?;
    let modified = stamp
        .modified
        .and_then(|time| time.duration_since(UNIX_EPOCH).ok())
        .map_or(0, |since| since.as_nanos() as u64);
    Some(FileStamp {
        size: stamp.len,
        modified,
    })
}

fn load(
    place: Option<&Path>,
    publish: &dyn Fn(&Arc<Index>),
    report: &dyn Fn(LearningProgress),
) -> Option<Arc<Index>> {
    match cache::load(place?) {
        Ok(index) => {
            let index = index.map(Arc::new)?;
            publish(&index);
            Some(index)
        }
        Err(problem) => {
            tracing::info!("the index on disk is built anew: {problem}");
            report(LearningProgress::Running { done: 0, total: 1 });
            None
        }
    }
}

fn save(index: &Index, place: Option<&Path>, report: &dyn Fn(LearningProgress)) {
    let Some(place) = place else { return };
    if let Err(error) = cache::save(index, place) {
        report(LearningProgress::Problem(format!(
            "The index cannot be kept in {}, so it is built anew at each start: {error}",
            place.display()
        )));
    }
}
