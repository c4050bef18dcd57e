//! The figures of a replay over several repositories, pooled: thresholds are the lowest that reach
//! a precision over all of them together, as one user would set one threshold.

use super::{
    metrics::{LineStarts, Totals},
    record::{Method, Records},
    replay::Replayed,
};

/// The precisions at which methods are compared.
pub const PRECISIONS: [f64; 4] = [0.4, 0.5, 0.6, 0.7];
/// How many thresholds are tried, from `LOWEST` to 1 in equal ratios.
pub const THRESHOLDS: usize = 60;
const LOWEST: f32 = 0.02;

/// Replays to report on.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// By repository.
    pub replayed: Vec<Replayed>,
}

/// A method at the lowest threshold that reaches a precision.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OperatingPoint {
    /// The precision asked for.
    pub target: f64,
    /// The threshold that reaches it.
    pub threshold: f32,
    /// The sums at this threshold.
    pub totals: Totals,
}

/// Which lines count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lines {
    /// All.
    All,
    /// Those added where nothing was removed.
    Insertions,
    /// Comments.
    Comments,
    /// All but comments.
    Code,
}

/// How sure the engine was of the first token, and how often it was right, in one of ten bins.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Calibration {
    /// Places in the bin.
    pub places: usize,
    /// The mean confidence.
    pub predicted: f64,
    /// The share that was right.
    pub observed: f64,
}

/// Query times in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Latency {
    /// Queries timed.
    pub queries: usize,
    /// The median.
    pub p50: f64,
    /// Nine in ten are faster.
    pub p90: f64,
    /// All but one in a hundred are faster.
    pub p99: f64,
}

impl Report {
    /// The lowest thresholds at which a method reaches the precisions, as far as it does.
    pub fn operating_points(
        &self,
        method: Method,
        min_characters: usize,
        lines: Lines,
    ) -> Vec<OperatingPoint> {
        let curve: Vec<(f32, Totals)> = (0..THRESHOLDS)
            .map(threshold)
            .map(|threshold| {
                (
                    threshold,
                    self.totals(method, threshold, min_characters, lines),
                )
            })
            .collect();
        let first = |target: f64| {
            let reached =
                |(_, totals): &&(f32, Totals)| totals.shown >= 30 && totals.precision() >= target;
            let &(threshold, totals) = curve.iter().find(reached)?;
            Some(OperatingPoint {
                target,
                threshold,
                totals,
            })
        };
        PRECISIONS.into_iter().filter_map(first).collect()
    }

    /// The sums of a method over all repositories.
    pub fn totals(
        &self,
        method: Method,
        threshold: f32,
        min_characters: usize,
        lines: Lines,
    ) -> Totals {
        let each = self
            .replayed
            .iter()
            .map(|replayed| replayed.totals(method, threshold, min_characters, lines));
        each.fold(Totals::default(), Totals::plus)
    }

    /// How whole lines are guessed from their start, at a threshold.
    pub fn line_starts(&self, method: Method, threshold: f32) -> LineStarts {
        let records = self
            .replayed
            .iter()
            .filter_map(|replayed| replayed.of(method));
        records
            .map(|records| LineStarts::of(records, threshold))
            .fold(LineStarts::default(), LineStarts::plus)
    }

    /// Whole lines at the lowest threshold at which so many of the proposed ones are right.
    pub fn line_starts_at(&self, method: Method, precision: f64) -> Option<(f32, LineStarts)> {
        let curve = (0..THRESHOLDS)
            .map(threshold)
            .map(|threshold| (threshold, self.line_starts(method, threshold)));
        curve
            .into_iter()
            .find(|(_, starts)| starts.shown > 0 && starts.precision() >= precision)
    }

    /// Ten bins of equal width.
    pub fn calibration(&self, method: Method) -> Vec<Calibration> {
        let mut sums = vec![(0usize, 0.0f64, 0usize); 10];
        for record in self
            .replayed
            .iter()
            .filter_map(|replayed| replayed.of(method))
            .flat_map(|records| &records.records)
        {
            let Some(first) = record.steps.first() else {
                continue;
            };
            let bin = &mut sums[((first.confidence * 10.0) as usize).min(9)];
            bin.0 += 1;
            bin.1 += f64::from(first.confidence);
            bin.2 += usize::from(record.right > 0);
        }
        let mean = |sum: f64, places: usize| {
            if places == 0 {
                0.0
            } else {
                sum / places as f64
            }
        };
        let bins = sums
            .into_iter()
            .map(|(places, predicted, right)| Calibration {
                places,
                predicted: mean(predicted, places),
                observed: mean(right as f64, places),
            });
        bins.collect()
    }
}

impl Replayed {
    /// The sums of a method over this repository.
    pub fn totals(
        &self,
        method: Method,
        threshold: f32,
        min_characters: usize,
        lines: Lines,
    ) -> Totals {
        let records = self.of(method);
        records.map_or_else(Totals::default, |records| {
            Totals::of(records, threshold, min_characters, |record| match lines {
                Lines::All => true,
                Lines::Insertions => record.place.is_insertion,
                Lines::Comments => record.place.is_comment,
                Lines::Code => !record.place.is_comment,
            })
        })
    }

    /// The times of the sampled queries.
    pub fn latency(&self) -> Latency {
        let mut sorted = self.latencies.clone();
        sorted.sort_unstable();
        let at = |share: f64| {
            let place = (sorted.len() as f64 * share) as usize;
            sorted
                .get(place.min(sorted.len().saturating_sub(1)))
                .map_or(0.0, |&nanoseconds| nanoseconds as f64 / 1e6)
        };
        Latency {
            queries: sorted.len(),
            p50: at(0.5),
            p90: at(0.9),
            p99: at(0.99),
        }
    }

    fn of(&self, method: Method) -> Option<&Records> {
        self.records
            .iter()
            .find(|(other, _)| *other == method)
            .map(|(_, records)| records)
    }
}

fn threshold(number: usize) -> f32 {
    (LOWEST.ln() * (1.0 - number as f32 / THRESHOLDS as f32)).exp()
}
