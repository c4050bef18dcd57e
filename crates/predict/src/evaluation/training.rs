//! The ranker's training data: the features of all ranked candidates at random places of the
//! replay, and which of them is the token that the commit has there.

use std::{io, sync::Arc};

use super::{
    history::Repository,
    replay::{IndexCost, ReplaySettings, VisitedLine, Visitor, index_of, replay_commit},
    sample::{Random, sample},
    typist::Typist,
};
use crate::{
    engine::{Engine, EngineOptions, Jumps, Place, Scoring},
    lexer::{self, Piece},
    query::{
        StepPlace,
        decode::Decoder,
        features::{FEATURES, feature_signature},
    },
    vocabulary::{END_OF_LINE, TokenId},
};

/// The columns of a row: its group, whether it is right (1 or 0), and the features.
pub const TRAINING_COLUMNS: usize = FEATURES + 2;

/// How many places of each sampled line, its start among them, and how many tokens from each place.
const PLACES: usize = 4;
const STEPS: usize = 6;

/// Replays a repository and writes the training data: the lines `ropewalk rows 1` and `features:
/// SIGNATURE`, an empty line, then the rows as little-endian `f32`s. Rows of one place and step
/// share a group.
pub fn training_rows(
    repository: &Repository,
    settings: &ReplaySettings,
    output: &mut dyn io::Write,
) -> io::Result<()> {
    write!(
        output,
        "ropewalk rows 1\nfeatures: {}\n\n",
        feature_signature()
    )?;
    let mut random = Random::new(settings.seed);
    let mut writer = RowWriter {
        output,
        group: 0,
        random: Random::new(settings.seed.wrapping_mul(77) | 1),
        result: Ok(()),
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
            &mut IndexCost::default(),
        );
        let mut engine = Engine::new(EngineOptions {
            ranker: settings.ranker.clone(),
            jumps: Jumps::Thorough,
        });
        engine.set_index(Arc::new(index));
        replay_commit(&mut engine, repository, commit, &samples, &mut writer);
    }
    writer.result
}

struct RowWriter<'a> {
    output: &'a mut dyn io::Write,
    group: u32,
    random: Random,
    result: io::Result<()>,
}

impl Visitor for RowWriter<'_> {
    fn visit(&mut self, engine: &mut Engine, typist: &mut Typist, visited: &VisitedLine) {
        let indentation = lexer::indentation(visited.text).bytes;
        let start = typist.text.line_start(visited.number);
        let ends = visited
            .text
            .char_indices()
            .map(|(at, _)| at)
            .chain([visited.text.len()]);
        let columns: Vec<usize> = ends.filter(|&at| at >= indentation).collect();
        // Line starts are rare among the columns, and whole lines are proposed there.
        let mut chosen = vec![indentation];
        chosen.extend((1..PLACES).map(|_| columns[self.random.below(columns.len())]));
        chosen.sort_unstable();
        let mut typed = indentation;
        for column in chosen {
            typist.insert(engine, start + typed, &visited.text[typed..column]);
            typed = column;
            if let Ok(place) = Place::find(&typist.text, start + column) {
                engine.with_decoder(
                    &visited.edit.path,
                    &typist.text,
                    &place,
                    Scoring::Ranked,
                    |decoder, _| {
                        self.write_place(decoder, &place, visited.text);
                    },
                );
            }
        }
        typist.insert(engine, start + typed, &visited.text[typed..]);
    }
}

impl RowWriter<'_> {
    fn write_place(&mut self, decoder: &mut Decoder, place: &Place, line: &str) {
        let mut last = None;
        for (step, truth) in truth(decoder, line, place.partial_start)
            .into_iter()
            .take(STEPS)
            .enumerate()
        {
            let partial = place.partial.as_ref();
            decoder.align(step, partial, last);
            let step_place = StepPlace {
                step,
                partial: partial.filter(|_| step == 0),
            };
            decoder
                .scratch
                .gather(&decoder.evidence, &decoder.context, step_place);
            decoder
                .scratch
                .compute_features(&decoder.evidence, &decoder.context, step_place);
            for (token, row) in decoder.scratch.rows() {
                self.write_row(token == truth, row);
            }
            self.group += 1;
            decoder.context.push(decoder.evidence.vocabulary, truth);
            last = Some(truth);
        }
    }

    fn write_row(&mut self, is_right: bool, row: &[f32; FEATURES]) {
        if self.result.is_ok() {
            let label = if is_right { 1.0 } else { 0.0 };
            let values = [self.group as f32, label]
                .into_iter()
                .chain(row.iter().copied());
            let bytes: Vec<u8> = values.flat_map(f32::to_le_bytes).collect();
            self.result = self.output.write_all(&bytes);
        }
    }
}

/// The tokens of a line from a byte on, and its end.
fn truth(decoder: &mut Decoder, line: &str, from: usize) -> Vec<TokenId> {
    let mut pieces: Vec<Piece> = Vec::new();
    lexer::cut_line(line, from, &mut pieces);
    let vocabulary = &mut *decoder.evidence.vocabulary;
    let tokens = pieces
        .iter()
        .map(|piece| vocabulary.intern(piece.leading, &line[piece.range.clone()]));
    tokens.chain([END_OF_LINE]).collect()
}
