//! Measures the engine by replaying commits of real repositories as if somebody typed them: at
//! every column of sampled new lines it asks for a suggestion and compares it with what the commit
//! says. Pure: the caller brings the commits and the texts, and prints the report. It also writes
//! the training data of the ranker, so both see the same engine.

mod baseline;
mod history;
mod metrics;
mod record;
mod replay;
mod report;
mod sample;
mod training;
mod typist;

pub use self::{
    history::{Commit, Edit, Hunk, Repository, TreeFile},
    metrics::{LineStarts, Totals},
    record::{Method, Records},
    replay::{IndexCost, ReplaySettings, Replayed, Workspace, replay},
    report::{Calibration, Latency, Lines, OperatingPoint, PRECISIONS, Report, THRESHOLDS},
    training::{TRAINING_COLUMNS, training_rows},
};
