//! The figures and how they are shown: a table beside the budgets, and JSON.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

/// A row of the table: what is measured, in which unit, and the budget of the design, empty where it has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Row {
    what: &'static str,
    budget: &'static str,
}

impl Row {
    /// A row; `budget` is what a figure should be at most.
    pub(super) const fn new(what: &'static str, budget: &'static str) -> Self {
        Self { what, budget }
    }
}

/// What stands in a row: one value, or a median and a 99th percentile, or words.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Figure {
    row: Row,
    value: Measured,
}

#[derive(Clone, Debug, PartialEq)]
enum Measured {
    Here(Vec<f64>),
    Elsewhere(&'static str),
}

impl Figure {
    /// The values of a row.
    pub(super) fn new(row: Row, values: &[f64]) -> Self {
        let value = Measured::Here(values.to_vec());
        Self { row, value }
    }

    /// What was measured at another time, as it was written down then.
    pub(super) fn quoted(row: Row, words: &'static str) -> Self {
        let value = Measured::Elsewhere(words);
        Self { row, value }
    }

    /// The values as they stand in the table: three significant digits below 10, whole numbers from 100.
    pub(super) fn cell(&self) -> String {
        let number = |value: &f64| match *value {
            value if value < 0.1 => format!("{value:.4}"),
            value if value < 10.0 => format!("{value:.2}"),
            value if value < 100.0 => format!("{value:.1}"),
            value => format!("{value:.0}"),
        };
        match &self.value {
            Measured::Here(values) => values.iter().map(number).collect::<Vec<_>>().join(" / "),
            Measured::Elsewhere(words) => (*words).to_owned(),
        }
    }

    /// The first value, if it stands in `row` and was measured.
    pub(super) fn value_in(&self, row: Row) -> Option<f64> {
        match &self.value {
            Measured::Here(values) if self.row == row => values.first().copied(),
            Measured::Here(_) | Measured::Elsewhere(_) => None,
        }
    }

    fn json(&self) -> Value {
        match &self.value {
            Measured::Here(values) => json!(values),
            Measured::Elsewhere(words) => json!(words),
        }
    }
}

/// What was measured of one program, and what could not be.
pub(super) struct Column {
    /// The program's name.
    pub(super) name: String,
    /// Its figures.
    pub(super) figures: Vec<Figure>,
    /// Why some are missing.
    failures: Vec<String>,
}

impl Column {
    /// A column without figures.
    pub(super) fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            figures: Vec::new(),
            failures: Vec::new(),
        }
    }

    /// Takes what the measurement of this name has given, or notes why it has not.
    pub(super) fn take(&mut self, name: &str, result: anyhow::Result<Vec<Figure>>) {
        match result {
            Ok(figures) => self.figures.extend(figures),
            Err(problem) => self.failures.push(format!("{name}: {problem:#}")),
        }
    }

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

/// Bytes in millions.
pub(super) fn megabytes(bytes: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "sizes far below 2^52")]
    let megabytes = bytes as f64 / 1e6;
    megabytes
}

/// The table in Markdown, with what is missing and why below it.
pub(super) fn table(rows: &[Row], columns: &[Column]) -> String {
    let mut table = String::from("| what | budget |");
    for column in columns {
        let _ = write!(table, " {} |", column.name);
    }
    table.push_str("\n|---|---|");
    table.push_str(&"---|".repeat(columns.len()));
    for row in rows {
        let budget = match row.budget {
            "" => "–".to_owned(),
            budget => format!("≤ {budget}"),
        };
        let _ = write!(table, "\n| {} | {budget} |", row.what);
        for column in columns {
            let cell = column.figure(*row).map_or("–".into(), Figure::cell);
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

/// The same as JSON: by program, by row, a list of values, or a text where they are quoted.
pub(super) fn json(rows: &[Row], columns: &[Column]) -> Value {
    let mut programs = Map::new();
    for column in columns {
        let mut figures = Map::new();
        for row in rows {
            if let Some(figure) = column.figure(*row) {
                figures.insert(row.what.into(), figure.json());
            }
        }
        programs.insert(
            column.name.clone(),
            json!({ "figures": figures, "failures": column.failures }),
        );
    }
    Value::Object(programs)
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    const CHANGE: Row = Row::new("one change (ms)", "0.05");
    const SUGGESTION: Row = Row::new("suggestion, p50 / p99 (ms)", "2 / 10");
    const BINARY: Row = Row::new("size of the binary (MB)", "");

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
        let mut ours = Column::new("ropewalk");
        ours.take(
            "all",
            Ok(vec![
                Figure::new(CHANGE, &[0.0123]),
                Figure::new(SUGGESTION, &[0.512, 12.34]),
                Figure::new(BINARY, &[123.4]),
            ]),
        );
        let mut other = Column::new("other");
        other.take("binary", Ok(vec![Figure::quoted(BINARY, "294 + 70")]));
        other.take("change", Err(anyhow::anyhow!("it ended")));
        let (rows, columns) = ([CHANGE, SUGGESTION, BINARY], [ours, other]);
        expect![[r#"
            | what | budget | ropewalk | other |
            |---|---|---|---|
            | one change (ms) | ≤ 0.05 | 0.0123 | – |
            | suggestion, p50 / p99 (ms) | ≤ 2 / 10 | 0.51 / 12.3 | – |
            | size of the binary (MB) | – | 123 | 294 + 70 |
            other: change: it ended"#]]
        .assert_eq(&table(&rows, &columns));
        expect![[r#"{"other":{"failures":["change: it ended"],"figures":{"size of the binary (MB)":"294 + 70"}},"ropewalk":{"failures":[],"figures":{"one change (ms)":[0.0123],"size of the binary (MB)":[123.4],"suggestion, p50 / p99 (ms)":[0.512,12.34]}}}"#]]
        .assert_eq(&json(&rows, &columns).to_string());
    }
}
