//! The report as text: tables in Markdown, as `docs/quality.md` has them.

use predict::evaluation::{Lines, Method, OperatingPoint, Report, Totals};

/// The lengths below which suggestions are not shown, in characters.
pub(super) const MIN_CHARACTERS: [usize; 3] = [2, 4, 8];
/// What the methods are called.
pub(super) const METHODS: [(Method, &str); 3] = [
    (Method::Engine, "engine"),
    (Method::NestedNgram, "nested n-gram"),
    (Method::Word, "word"),
];
/// The precision at which repositories are compared.
const COMPARED: f64 = 0.6;

const COLUMNS: &str =
    "KS | coverage | precision | EM | saved/shown | accepted/distinct | distinct/100 ch";

/// All tables.
pub(super) fn lines(report: &Report) -> Vec<String> {
    let mut lines = Vec::new();
    pooled(report, &mut lines);
    per_repository(report, &mut lines);
    subsets(report, &mut lines);
    line_starts(report, &mut lines);
    calibration(report, &mut lines);
    costs(report, &mut lines);
    lines
}

fn pooled(report: &Report, lines: &mut Vec<String>) {
    heading(
        lines,
        "All repositories",
        &format!("method | min | target | threshold | {COLUMNS}"),
    );
    for (method, name) in METHODS {
        for min in MIN_CHARACTERS {
            for point in report.operating_points(method, min, Lines::All) {
                let OperatingPoint {
                    target,
                    threshold,
                    totals,
                } = point;
                let target = percent(target);
                lines.push(format!(
                    "| {name} | {min} | {target} | {threshold:.3} | {} |",
                    figures(&totals)
                ));
            }
        }
    }
    let word = report.totals(Method::Word, 0.0, 2, Lines::All);
    if word.places > 0 {
        lines.push(format!(
            "| word | 2 | no gate | 0.000 | {} |",
            figures(&word)
        ));
    }
}

fn per_repository(report: &Report, lines: &mut Vec<String>) {
    heading(
        lines,
        "Each repository, engine, min 2, one threshold",
        &format!("repository | {COLUMNS}"),
    );
    let Some(threshold) = compared_threshold(report, Lines::All) else {
        return;
    };
    for replayed in &report.replayed {
        let totals = replayed.totals(Method::Engine, threshold, 2, Lines::All);
        lines.push(format!("| {} | {} |", replayed.name, figures(&totals)));
    }
}

fn subsets(report: &Report, lines: &mut Vec<String>) {
    heading(
        lines,
        "Kinds of lines, engine, min 2",
        &format!("lines | threshold | {COLUMNS}"),
    );
    let Some(threshold) = compared_threshold(report, Lines::All) else {
        return;
    };
    for (kind, name) in [
        (Lines::Code, "code"),
        (Lines::Comments, "comments"),
        (Lines::Insertions, "only inserted"),
    ] {
        let totals = report.totals(Method::Engine, threshold, 2, kind);
        lines.push(format!(
            "| {name} | {threshold:.3} | {} |",
            figures(&totals)
        ));
    }
    if let Some(threshold) = compared_threshold(report, Lines::Insertions) {
        let totals = report.totals(Method::Engine, threshold, 2, Lines::Insertions);
        lines.push(format!(
            "| only inserted, at their own 60 % | {threshold:.3} | {} |",
            figures(&totals)
        ));
    }
}

fn line_starts(report: &Report, lines: &mut Vec<String>) {
    heading(
        lines,
        "Whole lines from their start, engine",
        "precision asked | threshold | lines | shown | precision | exact, of all lines",
    );
    for precision in [0.3, 0.38, 0.45, 0.55] {
        let Some((threshold, starts)) = report.line_starts_at(Method::Engine, precision) else {
            continue;
        };
        let shown = starts.shown as f64 / starts.lines.max(1) as f64;
        lines.push(format!(
            "| {} | {threshold:.3} | {} | {} | {} | {} |",
            percent(precision),
            starts.lines,
            percent(shown),
            percent(starts.precision()),
            percent(starts.exact_lines()),
        ));
    }
}

fn calibration(report: &Report, lines: &mut Vec<String>) {
    heading(
        lines,
        "Calibration of the first token, engine",
        "places | predicted | observed",
    );
    for bin in report.calibration(Method::Engine) {
        lines.push(format!(
            "| {} | {:.3} | {:.3} |",
            bin.places, bin.predicted, bin.observed
        ));
    }
}

fn costs(report: &Report, lines: &mut Vec<String>) {
    heading(
        lines,
        "Cost",
        "repository | queries timed | p50 ms | p90 ms | p99 ms | index ms/MB (2 threads while ordering) | index bytes per source byte | source MB, mean",
    );
    for replayed in &report.replayed {
        let latency = replayed.latency();
        let cost = replayed.index_cost;
        let megabytes = (cost.source_bytes as f64 / 1e6).max(1e-9);
        lines.push(format!(
            "| {} | {} | {:.3} | {:.3} | {:.3} | {:.0} | {:.2} | {:.2} |",
            replayed.name,
            latency.queries,
            latency.p50,
            latency.p90,
            latency.p99,
            cost.seconds * 1e3 / megabytes,
            cost.memory_bytes as f64 / cost.source_bytes.max(1) as f64,
            megabytes / cost.indexes.max(1) as f64,
        ));
    }
}

/// The lowest threshold at which the engine's suggestions of two characters and more reach the
/// compared precision.
fn compared_threshold(report: &Report, lines: Lines) -> Option<f32> {
    let points = report.operating_points(Method::Engine, 2, lines);
    points
        .into_iter()
        .find(|point| point.target == COMPARED)
        .map(|point| point.threshold)
}

fn heading(lines: &mut Vec<String>, title: &str, columns: &str) {
    let rule = columns
        .split('|')
        .map(|_| "---")
        .collect::<Vec<_>>()
        .join("|");
    lines.extend([
        String::new(),
        format!("**{title}**"),
        String::new(),
        format!("| {columns} |"),
        format!("|{rule}|"),
    ]);
}

fn figures(totals: &Totals) -> String {
    format!(
        "{} | {} | {} | {} | {:.2} | {} | {:.1}",
        percent(totals.saved()),
        percent(totals.coverage()),
        percent(totals.precision()),
        percent(totals.exact_match()),
        totals.saved_per_shown(),
        percent(totals.acceptance()),
        100.0 * totals.distinct as f64 / totals.typed_characters.max(1) as f64,
    )
}

fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}
