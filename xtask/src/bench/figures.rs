//! The figures and how they are shown: a table beside the budgets, and JSON.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

/// A row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Row {
    Start,
    DidChangeOnePlace,
    DidChangeAllOver,
    SuggestionSmall,
    SuggestionLarge,
    Offered,
    MemoryIdle,
    Memory1,
    Memory10,
    MemoryLearned,
    Binary,
}

/// Rows in the order of the table: what is measured, and the budget of the design.
const ROWS: [(Row, &str, &str); 11] = [
    (
        Row::Start,
        "process start to initialize answered, p50 of 10 (ms)",
        "10",
    ),
    (
        Row::DidChangeOnePlace,
        "one didChange on a 1 MB file, line after line (ms)",
        "0.05",
    ),
    (
        Row::DidChangeAllOver,
        "one didChange on a 1 MB file, a line here and there (ms)",
        "0.05",
    ),
    (
        Row::SuggestionSmall,
        "suggestion while typing, 10 KB file, p50 / p99 (ms)",
        "2 / 10",
    ),
    (
        Row::SuggestionLarge,
        "suggestion while typing, 1 MB file, p50 / p99 (ms)",
        "2 / 10",
    ),
    (Row::Offered, "places where something was offered (%)", ""),
    (Row::MemoryIdle, "memory, idle (MB)", "15"),
    (Row::Memory1, "memory, 1 MB document open (MB)", ""),
    (Row::Memory10, "memory, 10 MB document open (MB)", "60"),
    (
        Row::MemoryLearned,
        "memory, 6 MB workspace and 1 MB document (MB)",
        "",
    ),
    (Row::Binary, "size of the binary (MB)", "50"),
];

/// What was measured for a row: one value, or a median and a 99th percentile.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Figure {
    row: Row,
    values: Vec<f64>,
}

impl Figure {
    /// The values of a row.
    pub(super) fn new(row: Row, values: &[f64]) -> Self {
        Self {
            row,
            values: values.to_vec(),
        }
    }

    /// The values as they stand in the table: three significant digits below 10, whole numbers from 100.
    pub(super) fn cell(&self) -> String {
        let number = |value: &f64| match *value {
            value if value < 0.1 => format!("{value:.4}"),
            value if value < 10.0 => format!("{value:.2}"),
            value if value < 100.0 => format!("{value:.1}"),
            value => format!("{value:.0}"),
        };
        self.values
            .iter()
            .map(number)
            .collect::<Vec<_>>()
            .join(" / ")
    }
}

/// What was measured of one server, and what could not be.
pub(super) struct Column {
    /// The server's name.
    pub(super) name: String,
    /// Its figures.
    pub(super) figures: Vec<Figure>,
    /// Why some are missing.
    pub(super) failures: Vec<String>,
}

impl Column {
    fn figure(&self, row: Row) -> Option<&Figure> {
        self.figures.iter().find(|figure| figure.row == row)
    }
}

/// The value below which the given part of the values lies, by nearest rank; sorts them.
pub(super) fn quantile(values: &mut [f64], part: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a rank among at most some thousands of values"
    )]
    let rank = ((values.len() as f64 * part).ceil() as usize).clamp(1, values.len().max(1));
    values.get(rank - 1).copied().unwrap_or(f64::NAN)
}

/// The table in Markdown, with what is missing and why below it.
pub(super) fn table(columns: &[Column]) -> String {
    let mut table = String::from("| what | budget |");
    for column in columns {
        let _ = write!(table, " {} |", column.name);
    }
    table.push_str("\n|---|---|");
    table.push_str(&"---|".repeat(columns.len()));
    for (row, what, budget) in ROWS {
        let _ = write!(
            table,
            "\n| {what} | {} |",
            if budget.is_empty() {
                "–".into()
            } else {
                format!("≤ {budget}")
            }
        );
        for column in columns {
            let cell = column.figure(row).map_or("–".into(), Figure::cell);
            let _ = write!(table, " {cell} |");
        }
    }
    for column in columns {
        for failure in &column.failures {
            let _ = write!(table, "\n{}: {failure}", column.name);
        }
    }
    table
}

/// The same as JSON: by server, by row, a list of values.
pub(super) fn json(columns: &[Column]) -> Value {
    let mut servers = Map::new();
    for column in columns {
        let mut rows = Map::new();
        for (row, what, _) in ROWS {
            if let Some(figure) = column.figure(row) {
                rows.insert(what.into(), json!(figure.values));
            }
        }
        servers.insert(
            column.name.clone(),
            json!({ "figures": rows, "failures": column.failures }),
        );
    }
    Value::Object(servers)
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    #[test]
    fn quantiles_are_by_nearest_rank() {
        let mut values: Vec<f64> = (1..=100).rev().map(f64::from).collect();
        assert_eq!(quantile(&mut values, 0.5), 50.0);
        assert_eq!(quantile(&mut values, 0.99), 99.0);
        assert_eq!(quantile(&mut [7.0], 0.99), 7.0);
        assert!(quantile(&mut [], 0.5).is_nan());
    }

    #[test]
    fn the_table_shows_figures_budgets_and_failures() {
        let columns = [
            Column {
                name: "ropewalk".into(),
                figures: vec![
                    Figure::new(Row::DidChangeOnePlace, &[0.0123]),
                    Figure::new(Row::SuggestionSmall, &[0.512, 12.34]),
                    Figure::new(Row::Binary, &[123.4]),
                ],
                failures: vec![],
            },
            Column {
                name: "llm-ls".into(),
                figures: vec![],
                failures: vec!["memory: it ended".into()],
            },
        ];
        expect![[r#"
            | what | budget | ropewalk | llm-ls |
            |---|---|---|---|
            | process start to initialize answered, p50 of 10 (ms) | ≤ 10 | – | – |
            | one didChange on a 1 MB file, line after line (ms) | ≤ 0.05 | 0.0123 | – |
            | one didChange on a 1 MB file, a line here and there (ms) | ≤ 0.05 | – | – |
            | suggestion while typing, 10 KB file, p50 / p99 (ms) | ≤ 2 / 10 | 0.51 / 12.3 | – |
            | suggestion while typing, 1 MB file, p50 / p99 (ms) | ≤ 2 / 10 | – | – |
            | places where something was offered (%) | – | – | – |
            | memory, idle (MB) | ≤ 15 | – | – |
            | memory, 1 MB document open (MB) | – | – | – |
            | memory, 10 MB document open (MB) | ≤ 60 | – | – |
            | memory, 6 MB workspace and 1 MB document (MB) | – | – | – |
            | size of the binary (MB) | ≤ 50 | 123 | – |
            llm-ls: memory: it ended"#]]
        .assert_eq(&table(&columns));
        expect![[r#"{"llm-ls":{"failures":["memory: it ended"],"figures":{}},"ropewalk":{"failures":[],"figures":{"one didChange on a 1 MB file, line after line (ms)":[0.0123],"size of the binary (MB)":[123.4],"suggestion while typing, 10 KB file, p50 / p99 (ms)":[0.512,12.34]}}}"#]]
        .assert_eq(&json(&columns).to_string());
    }
}
