//! Replays a repository's commits: for each, an index of the tree before it, the edits of the
//! commit in order, and at every column of the sampled lines a question to the engine and to the
//! baselines.

use std::{path::Path, sync::Arc, time::Instant};

use rustc_hash::FxHashSet;
use text::Text;

use super::{
    baseline,
    history::{Commit, Edit, Hunk, Repository, TreeFile},
    record::{Asked, LinePlace, Method, Record, Records},
    sample::{Random, Sample, sample},
    typist::Typist,
};
use crate::{
    engine::{Engine, EngineOptions, Jumps, Place, Scoring},
    fit::Surroundings,
    index::{FileStamp, Index, IndexBuilder, IndexOptions},
    lexer,
    query::{
        context::is_comment,
        decode::{Limits, ProposedLine},
    },
    ranker::Ranker,
    suggestion::{SuggestOptions, SuggestQuery},
};

/// What to replay and how.
#[derive(Clone, Debug)]
pub struct ReplaySettings {
    /// The ranker to judge.
    pub ranker: Arc<Ranker>,
    /// At most so many lines of each commit.
    pub lines: usize,
    /// Chooses the lines.
    pub seed: u64,
    /// What the index knows.
    pub workspace: Workspace,
    /// Who proposes.
    pub methods: Vec<Method>,
}

/// What the index knows at each commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Workspace {
    /// The tree before the commit.
    Indexed,
    /// Nothing: only the open document and the commit's earlier edits teach.
    Empty,
}

/// What indexing cost, summed over the commits.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct IndexCost {
    /// Indexes built.
    pub indexes: usize,
    /// Bytes of source text.
    pub source_bytes: u64,
    /// Bytes of memory the indexes took.
    pub memory_bytes: u64,
    /// Wall time, two threads while ordering.
    pub seconds: f64,
}

/// The results of one repository.
#[derive(Clone, Debug, Default)]
pub struct Replayed {
    /// Its name.
    pub name: String,
    /// By method, in the order of the settings.
    pub records: Vec<(Method, Records)>,
    /// Nanoseconds of sampled whole queries with the default options.
    pub latencies: Vec<u64>,
    /// What indexing cost.
    pub index_cost: IndexCost,
}

/// Below this confidence nothing is recorded.
const FLOOR: f32 = 0.02;
/// One in so many places is also timed as the server would ask.
const TIMED: usize = 5;
/// A commit's edits beyond this many lines are not replayed into the recent edits.
const MAX_EDITED_LINES: usize = 2_000;

/// Replays all commits of a repository.
pub fn replay(repository: &Repository, settings: &ReplaySettings) -> Replayed {
    let mut random = Random::new(settings.seed);
    let records = settings
        .methods
        .iter()
        .map(|&method| (method, Records::default()))
        .collect();
    let mut replayed = Replayed {
        name: repository.name.clone(),
        records,
        ..Replayed::default()
    };
    let mut recorder = Recorder {
        replayed: &mut replayed,
        line: 0,
    };
    for commit in &repository.commits {
        let samples = sample(repository, commit, settings.lines, &mut random);
        if samples.is_empty() {
            continue;
        }
        let index = index_of(
            repository,
            commit,
            settings.workspace,
            &mut recorder.replayed.index_cost,
        );
        let mut engine = Engine::new(EngineOptions {
            ranker: settings.ranker.clone(),
            jumps: Jumps::Thorough,
        });
        engine.set_index(Arc::new(index));
        replay_commit(&mut engine, repository, commit, &samples, &mut recorder);
    }
    replayed
}

/// What is done with each sampled line.
pub(super) trait Visitor {
    /// The typist's document has the line's indentation and nothing after it; it is to be left with
    /// the whole line.
    fn visit(&mut self, engine: &mut Engine, typist: &mut Typist, visited: &VisitedLine);
}

/// A sampled line.
#[derive(Clone, Copy, Debug)]
pub(super) struct VisitedLine<'a> {
    pub(super) edit: &'a Edit,
    pub(super) number: usize,
    /// The line as the commit has it, without white space at its end.
    pub(super) text: &'a str,
    pub(super) is_insertion: bool,
}

/// Makes the edits of a commit, up to the last that has samples, and visits these.
pub(super) fn replay_commit(
    engine: &mut Engine,
    repository: &Repository,
    commit: &Commit,
    samples: &FxHashSet<Sample>,
    visitor: &mut dyn Visitor,
) {
    let Some(last) = samples.iter().map(|sample| sample.edit).max() else {
        return;
    };
    for (number, edit) in commit.edits.iter().enumerate().take(last + 1) {
        let added: usize = edit.hunks.iter().map(|hunk| hunk.new_count).sum();
        let has_samples = samples.iter().any(|sample| sample.edit == number);
        if has_samples || added <= MAX_EDITED_LINES {
            replay_edit(engine, repository, edit, number, samples, visitor);
        }
    }
}

fn replay_edit(
    engine: &mut Engine,
    repository: &Repository,
    edit: &Edit,
    number: usize,
    samples: &FxHashSet<Sample>,
    visitor: &mut dyn Visitor,
) {
    let old: Vec<&str> = edit
        .old_text
        .as_deref()
        .map_or("", |id| repository.text(id))
        .lines()
        .collect();
    let new: Vec<&str> = repository.text(&edit.new_text).lines().collect();
    let mut typist = Typist::open(engine, &edit.path, &old);
    for hunk in &edit.hunks {
        typist.remove_lines(engine, hunk.new_start, hunk.old_count);
        let is_sampled = |line: usize| samples.contains(&Sample { edit: number, line });
        replay_hunk(engine, &mut typist, edit, hunk, &new, &is_sampled, visitor);
    }
}

fn replay_hunk(
    engine: &mut Engine,
    typist: &mut Typist,
    edit: &Edit,
    hunk: &Hunk,
    new: &[&str],
    is_sampled: &dyn Fn(usize) -> bool,
    visitor: &mut dyn Visitor,
) {
    let end = (hunk.new_start + hunk.new_count).min(new.len());
    let mut line = hunk.new_start;
    while line < end {
        if !is_sampled(line) {
            let stop = (line..end).find(|&line| is_sampled(line)).unwrap_or(end);
            typist.insert_lines(engine, line, &new[line..stop]);
            line = stop;
            continue;
        }
        let text = new[line].trim_end();
        let indentation = &text[..lexer::indentation(text).bytes];
        typist.insert_lines(engine, line, &[indentation]);
        let visited = VisitedLine {
            edit,
            number: line,
            text,
            is_insertion: hunk.old_count == 0,
        };
        visitor.visit(engine, typist, &visited);
        line += 1;
    }
}

/// Indexes the tree before a commit. A file that the commit renames is indexed under its new name,
/// so that it counts as the one that is open.
pub(super) fn index_of(
    repository: &Repository,
    commit: &Commit,
    workspace: Workspace,
    cost: &mut IndexCost,
) -> Index {
    if workspace == Workspace::Empty {
        return Index::empty();
    }
    let start = Instant::now();
    let mut builder = IndexBuilder::new(IndexOptions::default());
    for file in &commit.tree {
        builder.add(
            path_after(commit, file),
            repository.text(&file.text),
            FileStamp::default(),
        );
    }
    let index = builder.finish(&|| false).expect("nobody cancels");
    cost.indexes += 1;
    cost.seconds += start.elapsed().as_secs_f64();
    let statistics = index.statistics();
    cost.source_bytes += statistics.source_bytes;
    cost.memory_bytes += statistics.memory_bytes as u64;
    index
}

fn path_after<'a>(commit: &'a Commit, file: &'a TreeFile) -> &'a Path {
    let renamed = commit
        .edits
        .iter()
        .find(|edit| edit.old_path.as_ref() == Some(&file.path));
    renamed.map_or(&file.path, |edit| &edit.path)
}

/// Types each sampled line character by character and records what is proposed on the way.
struct Recorder<'a> {
    replayed: &'a mut Replayed,
    line: u32,
}

impl Visitor for Recorder<'_> {
    fn visit(&mut self, engine: &mut Engine, typist: &mut Typist, visited: &VisitedLine) {
        let indentation = lexer::indentation(visited.text).bytes;
        let place = LinePlace {
            is_comment: is_comment(visited.text.trim_start()),
            is_insertion: visited.is_insertion,
        };
        let mut cursor = typist.text.line_start(visited.number) + indentation;
        let mut truth = &visited.text[indentation..];
        for column in 0.. {
            let asked = Asked {
                line: self.line,
                column,
                truth,
                place,
            };
            self.ask(engine, &typist.text, visited, cursor, asked);
            let Some(character) = truth.chars().next() else {
                break;
            };
            let (typed, rest) = truth.split_at(character.len_utf8());
            typist.insert(engine, cursor, typed);
            cursor += typed.len();
            truth = rest;
        }
        self.line += 1;
    }
}

impl Recorder<'_> {
    fn ask(
        &mut self,
        engine: &mut Engine,
        text: &Text,
        visited: &VisitedLine,
        cursor: usize,
        asked: Asked,
    ) {
        let path = &visited.edit.path;
        if (asked.column as usize).is_multiple_of(TIMED) {
            self.time_query(engine, path, text, cursor);
        }
        let Ok(place) = Place::find(text, cursor) else {
            return;
        };
        for (method, records) in &mut self.replayed.records {
            let (line, surroundings) = propose(engine, *method, path, text, &place);
            records
                .records
                .push(Record::new(asked, line, &surroundings));
        }
    }

    /// Asks as the server would, for the time only. What happens once when the user goes to another
    /// document, learning it and hiding its disk version, is done before.
    fn time_query(&mut self, engine: &mut Engine, path: &Path, text: &Text, cursor: usize) {
        let options = SuggestOptions::default();
        let query = SuggestQuery {
            path,
            text,
            offset: cursor,
            options: &options,
        };
        engine.prepare(path, text);
        let start = Instant::now();
        drop(engine.compute(&query, cursor, &|| false));
        self.replayed
            .latencies
            .push(start.elapsed().as_nanos() as u64);
    }
}

/// What a method proposes for the rest of the line, however unlikely.
fn propose<'a>(
    engine: &mut Engine,
    method: Method,
    path: &Path,
    text: &'a Text,
    place: &'a Place,
) -> (ProposedLine, Surroundings<'a>) {
    let scoring = match method {
        Method::Engine => Scoring::Ranked,
        Method::NestedNgram => Scoring::NestedNgram,
        Method::Word => return baseline::complete_word(engine, path, text, place),
    };
    let limits = Limits {
        floor: FLOOR,
        lines: 1,
        interrupt: &|| None,
    };
    let (proposal, surroundings) = engine.propose(path, text, place, scoring, &limits);
    let line = proposal.lines.into_iter().next().unwrap_or_default();
    (line, surroundings)
}
