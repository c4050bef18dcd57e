//! `ropewalk eval completion`: replays the commits of git repositories and reports what
//! tab-completion would have saved.
//!
//! Called by the command line. Git is asked in `history`, the replay is the engine's, the report is
//! laid out in `table` and `json`.

mod history;
mod json;
mod languages;
mod table;

use std::{
    fs::File,
    io::{BufWriter, Write as _},
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use anyhow::Context as _;
use predict::{
    Ranker,
    evaluation::{Method, ReplaySettings, Report, Repository, Workspace, replay, training_rows},
};

use super::terminal::Terminal;

/// Arguments of `ropewalk eval completion`.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct EvalArguments {
    /// Git repositories with history: work trees or bare ones.
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// Judge this ranker instead of the one that is compiled in.
    #[arg(long, value_name = "FILE")]
    ranker: Option<PathBuf>,
    /// Judge each repository by the ranker `DIR/NAME.ranker`, which was trained without it.
    #[arg(long, value_name = "DIR", conflicts_with = "ranker")]
    rankers: Option<PathBuf>,
    /// Replay at most so many of the latest commits.
    #[arg(long, default_value_t = 120)]
    commits: usize,
    /// Type at most so many lines of each commit.
    #[arg(long, default_value_t = 10)]
    lines: usize,
    /// Choose the lines by this number.
    #[arg(long, default_value_t = 5)]
    seed: u64,
    /// Learn only from the open file and the edits of the commit.
    #[arg(long)]
    empty_workspace: bool,
    /// Leave the baselines out.
    #[arg(long)]
    no_baselines: bool,
    /// Also write the report as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Instead of a report, write training rows for the ranker: one file a repository,
    /// `DIR/NAME.rows`.
    #[arg(long, value_name = "DIR")]
    dump_features: Option<PathBuf>,
}

/// Runs the command.
pub(crate) fn run(arguments: EvalArguments) -> anyhow::Result<()> {
    let replayed = each_repository(&arguments.paths, |path| {
        let repository = history::read(path, arguments.commits)
            .with_context(|| format!("cannot read the history of {}", path.display()))?;
        let settings = arguments.settings(&repository)?;
        match &arguments.dump_features {
            Some(directory) => dump(&repository, &settings, directory).map(|()| None),
            None => Ok(Some(replay(&repository, &settings))),
        }
    })?;
    if arguments.dump_features.is_some() {
        return Ok(());
    }
    let report = Report {
        replayed: replayed.into_iter().flatten().collect(),
    };
    let mut terminal = Terminal::stdout();
    for line in table::lines(&report) {
        terminal.line(&line);
    }
    match &arguments.json {
        Some(path) => write_json(path, &report),
        None => Ok(()),
    }
}

impl EvalArguments {
    fn settings(&self, repository: &Repository) -> anyhow::Result<ReplaySettings> {
        let baselines = [Method::NestedNgram, Method::Word];
        let methods = [Method::Engine].into_iter();
        Ok(ReplaySettings {
            ranker: Arc::new(self.ranker_for(&repository.name)?),
            lines: self.lines,
            seed: self.seed,
            workspace: if self.empty_workspace {
                Workspace::Empty
            } else {
                Workspace::Indexed
            },
            methods: methods
                .chain(baselines.into_iter().filter(|_| !self.no_baselines))
                .collect(),
        })
    }

    fn ranker_for(&self, name: &str) -> anyhow::Result<Ranker> {
        let own = self
            .rankers
            .as_ref()
            .map(|directory| directory.join(format!("{name}.ranker")));
        let Some(path) = self.ranker.clone().or(own) else {
            return Ok(Ranker::shipped());
        };
        let bytes =
            std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        Ranker::parse(&bytes).with_context(|| format!("cannot use {}", path.display()))
    }
}

/// Does the work for each repository, two at a time, and returns the results in the order of the
/// paths.
fn each_repository<T: Send>(
    paths: &[PathBuf],
    work: impl Fn(&Path) -> anyhow::Result<T> + Sync,
) -> anyhow::Result<Vec<T>> {
    const THREADS: usize = 2;
    let waiting = Mutex::new(paths.iter().enumerate());
    let results = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                while let Some((number, path)) = lock(&waiting).next() {
                    let result = work(path);
                    lock(&results).push((number, result));
                }
            });
        }
    });
    let mut results = results
        .into_inner()
        .expect("a panic would have ended the scope");
    results.sort_by_key(|(number, _)| *number);
    results.into_iter().map(|(_, result)| result).collect()
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().expect("a panic would have ended the scope")
}

fn dump(
    repository: &Repository,
    settings: &ReplaySettings,
    directory: &Path,
) -> anyhow::Result<()> {
    let path = directory.join(format!("{}.rows", repository.name));
    let mut file = BufWriter::new(
        File::create(&path).with_context(|| format!("cannot write {}", path.display()))?,
    );
    training_rows(repository, settings, &mut file)?;
    file.flush()?;
    Ok(())
}

fn write_json(path: &Path, report: &Report) -> anyhow::Result<()> {
    let file = File::create(path).with_context(|| format!("cannot write {}", path.display()))?;
    serde_json::to_writer_pretty(BufWriter::new(file), &json::value(report))?;
    Ok(())
}
