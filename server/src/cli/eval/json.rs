//! The report as JSON: the same figures as the tables, for programs. Shares are between 0 and 1,
//! times in milliseconds.

use predict::evaluation::{Lines, OperatingPoint, Replayed, Report, Totals};
use serde_json::{Value, json};

use super::table::{METHODS, MIN_CHARACTERS};

/// The whole report.
pub(super) fn value(report: &Report) -> Value {
    let repositories: Vec<Value> = report.replayed.iter().map(repository).collect();
    json!({ "pooled": pooled(report), "calibration": calibration(report), "repositories": repositories })
}

fn pooled(report: &Report) -> Vec<Value> {
    let mut points = Vec::new();
    for (method, name) in METHODS {
        for min in MIN_CHARACTERS {
            for OperatingPoint {
                target,
                threshold,
                totals,
            } in report.operating_points(method, min, Lines::All)
            {
                points.push(json!({
                    "method": name,
                    "minCharacters": min,
                    "targetPrecision": target,
                    "threshold": threshold,
                    "figures": figures(&totals),
                }));
            }
        }
    }
    points
}

fn repository(replayed: &Replayed) -> Value {
    let latency = replayed.latency();
    json!({
        "name": replayed.name,
        "latency": { "queries": latency.queries, "p50": latency.p50, "p90": latency.p90, "p99": latency.p99 },
        "index": {
            "sourceBytes": replayed.index_cost.source_bytes,
            "memoryBytes": replayed.index_cost.memory_bytes,
            "seconds": replayed.index_cost.seconds,
        },
    })
}

fn calibration(report: &Report) -> Vec<Value> {
    let bins = report.calibration(predict::evaluation::Method::Engine);
    bins.iter()
        .map(|bin| json!({ "places": bin.places, "predicted": bin.predicted, "observed": bin.observed }))
        .collect()
}

fn figures(totals: &Totals) -> Value {
    json!({
        "places": totals.places,
        "shown": totals.shown,
        "keystrokesSaved": totals.saved(),
        "coverage": totals.coverage(),
        "precision": totals.precision(),
        "exactMatch": totals.exact_match(),
        "savedPerShown": totals.saved_per_shown(),
        "acceptedPerDistinct": totals.acceptance(),
    })
}
