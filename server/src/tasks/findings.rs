//! What reviews have found in documents and files: shown until it is dismissed, carried through every edit. Pure.
//!
//! The session keeps one board (`session/findings.rs`); the tool `report_findings` of a review tells it through the queue.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use agent::tools::report_findings::{Finding, FindingsSink};
use rustc_hash::FxHashMap;
use text::{Bias, ChangeSet, Text};

use super::{TaskId, TaskKind};
use crate::event::{Event, EventSender};

/// So many lines up and down the text of a finding is looked for.
const FURTHEST_LINES: usize = 2000;

/// Brings findings from a review's tool to the main loop.
#[derive(Debug)]
struct Reporter {
    task: TaskId,
    events: EventSender,
}

impl FindingsSink for Reporter {
    fn report(&self, findings: Vec<Finding>) {
        self.events
            .send(Event::FindingsReported(self.task, findings));
    }
}

/// Where a task of this kind reports what it finds; `None` for those that are no reviews.
pub(crate) fn sink_for(
    kind: TaskKind,
    task: TaskId,
    events: &EventSender,
) -> Option<Arc<dyn FindingsSink>> {
    let is_review = matches!(kind, TaskKind::ReviewFile | TaskKind::ReviewChanges);
    let events = events.clone();
    is_review.then(|| Arc::new(Reporter { task, events }) as Arc<dyn FindingsSink>)
}

/// A finding that is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ShownFinding {
    /// Names it in commands: 1, 2, 3…
    pub(crate) number: u32,
    /// As it was reported; its lines are kept up with the text while the file is not open.
    pub(crate) finding: Finding,
    /// Where it is in the open document, in bytes, the end excluded; `None` while it is not open.
    pub(crate) range: Option<Range<usize>>,
}

/// All that is shown.
#[derive(Debug, Default)]
pub(crate) struct FindingsBoard {
    last: u32,
    files: FxHashMap<PathBuf, Vec<ShownFinding>>,
}

impl FindingsBoard {
    /// Adds a finding, at its place in `text` where the document is open. The same one again changes nothing.
    pub(crate) fn add(&mut self, finding: Finding, text: Option<&Text>) {
        let shown = self.files.entry(finding.path.clone()).or_default();
        let is_known = |shown: &ShownFinding| {
            shown.finding.title == finding.title && shown.finding.code == finding.code
        };
        if shown.iter().any(is_known) {
            return;
        }
        self.last += 1;
        shown.push(ShownFinding {
            number: self.last,
            range: text.map(|text| located(&finding, text)),
            finding,
        });
    }

    /// The document was opened with `text`.
    pub(crate) fn opened(&mut self, path: &Path, text: &Text) {
        for shown in self.files.get_mut(path).into_iter().flatten() {
            shown.range = Some(located(&shown.finding, text));
        }
    }

    /// The document was closed with `text`: what comes back is looked for by its text.
    pub(crate) fn closed(&mut self, path: &Path, text: &Text) {
        for shown in self.files.get_mut(path).into_iter().flatten() {
            if let Some(range) = shown.range.take() {
                shown.finding.line = text.line_of(range.start) + 1;
                shown.finding.end_line = text.line_of(range.end) + 1;
                shown.finding.code = text.slice(range).into_owned();
            }
        }
    }

    /// The document has changed. A finding whose lines were deleted is gone; says whether there was one.
    pub(crate) fn changed(&mut self, path: &Path, change: &ChangeSet) -> bool {
        let Some(shown) = self.files.get_mut(path) else {
            return false;
        };
        let count = shown.len();
        shown.retain_mut(|shown| {
            let Some(range) = shown.range.take() else {
                return true;
            };
            shown.range = carried(&range, change);
            shown.range.is_some()
        });
        let is_less = shown.len() < count;
        if shown.is_empty() {
            self.files.remove(path);
        }
        is_less
    }

    /// What is shown in a file, in the order in which it was reported.
    pub(crate) fn of_file(&self, path: &Path) -> &[ShownFinding] {
        self.files.get(path).map_or(&[], Vec::as_slice)
    }

    /// All, by file.
    pub(crate) fn all(&self) -> Vec<&ShownFinding> {
        let mut all: Vec<&ShownFinding> = self.files.values().flatten().collect();
        all.sort_by(|left, right| {
            let place = |shown: &ShownFinding| (shown.finding.path.clone(), shown.number);
            place(left).cmp(&place(right))
        });
        all
    }

    /// Takes a finding away; gives what it was.
    pub(crate) fn dismiss(&mut self, number: u32) -> Option<ShownFinding> {
        let mut files = self.files.values_mut();
        let dismissed = files.find_map(|shown| {
            let place = shown.iter().position(|shown| shown.number == number)?;
            Some(shown.remove(place))
        });
        self.files.retain(|_, shown| !shown.is_empty());
        dismissed
    }

    /// Takes all of them away; gives the files that had some.
    pub(crate) fn dismiss_all(&mut self) -> Vec<PathBuf> {
        std::mem::take(&mut self.files).into_keys().collect()
    }
}

/// Where a range is after a change; `None` when all that was in it has been deleted.
fn carried(range: &Range<usize>, change: &ChangeSet) -> Option<Range<usize>> {
    // What is typed right before or after it does not belong to it.
    let start = change.map_offset(range.start, Bias::After);
    let end = change.map_offset(range.end, Bias::Before);
    let carried = start.min(end)..end;
    (range.is_empty() || !carried.is_empty()).then_some(carried)
}

/// The place of a finding in `text`: its lines if they still say the same, else the nearest lines that do, else where they were.
fn located(finding: &Finding, text: &Text) -> Range<usize> {
    let lines: Vec<&str> = finding.code.lines().collect();
    let first = finding.line.saturating_sub(1).min(text.len_lines() - 1);
    let is_at = |start: &usize| {
        let mut lines = lines.iter().enumerate();
        lines.all(|(number, line)| text.line(start + number) == *line)
    };
    let nearest_first = (0..FURTHEST_LINES)
        .flat_map(|distance| [Some(first + distance), first.checked_sub(distance)]);
    let mut candidates = nearest_first
        .flatten()
        .filter(|start| *start < text.len_lines());
    let found = candidates.find(is_at).unwrap_or(first);
    let height = finding.end_line.saturating_sub(finding.line);
    let start = text.line_start(found);
    start..text.line_end(found + height).max(start)
}

#[cfg(test)]
mod tests {
    use agent::world::Severity;
    use expect_test::{Expect, expect};

    use super::*;

    fn finding(line: usize, end_line: usize, code: &str) -> Finding {
        Finding {
            path: "/w/a.rs".into(),
            line,
            end_line,
            severity: Severity::Warning,
            title: "wrong".into(),
            explanation: String::new(),
            suggested_fix: None,
            code: code.into(),
        }
    }

    fn check(finding: Finding, text: &str, expected: &Expect) {
        let text = Text::from(text);
        let mut board = FindingsBoard::default();
        board.add(finding.clone(), None);
        board.opened(&finding.path, &text);
        let range = board.of_file(&finding.path)[0].range.clone().unwrap();
        let line = text.line_of(range.start) + 1;
        expected.assert_eq(&format!("{line}: {}", text.slice(range)).replace('\r', "␍"));
    }

    #[test]
    fn a_finding_is_found_again_by_its_text() {
        let text = "a\nb\nc\nb\nd\n";
        check(finding(2, 2, "b"), text, &expect!["2: b"]);
        check(
            finding(3, 4, "b\nd"),
            text,
            &expect![[r#"
            4: b
            d"#]],
        );
        check(finding(5, 5, "a"), text, &expect!["1: a"]);
        check(finding(2, 2, "gone"), text, &expect!["2: b"]);
        check(finding(90, 99, "gone"), text, &expect!["6: "]);
        check(
            finding(2, 3, "b\nc"),
            "a\r\nb\r\nc\r\n",
            &expect![[r#"
                2: b␍
                c"#]],
        );
    }

    /// The oracle is the text itself: a word that stands there once, and that no edit touches.
    #[test]
    fn edits_carry_findings_along() {
        fastrand::seed(11);
        for _ in 0..300 {
            let mut text = "aa\nbb\nMARK\ncc\n".to_owned();
            let mut board = FindingsBoard::default();
            let finding = finding(3, 3, "MARK");
            board.add(finding.clone(), Some(&Text::from(&*text)));
            for _ in 0..20 {
                let mark = text.find("MARK").unwrap();
                let outside: Vec<usize> = (0..mark).chain(mark + 5..=text.len()).collect();
                let start = *fastrand::choice(&outside).unwrap();
                let end = match start < mark {
                    true => fastrand::usize(start..mark),
                    false => fastrand::usize(start..=text.len()),
                };
                let insert = ["", "x", "é\n", "\n\n"][fastrand::usize(0..4)];
                let change = ChangeSet::replacement(text.len(), start..end, insert);
                text = match change.apply(&text) {
                    Ok(changed) => changed,
                    Err(_) => continue,
                };
                board.changed(&finding.path, &change);
                let range = board.of_file(&finding.path)[0].range.clone().unwrap();
                assert_eq!(&text[range], "MARK");
            }
        }
    }

    #[test]
    fn what_is_dismissed_is_gone_and_what_is_closed_comes_back() {
        let text = Text::from("a\nb\n");
        let mut board = FindingsBoard::default();
        board.add(finding(2, 2, "b"), Some(&text));
        board.add(finding(2, 2, "b"), Some(&text));
        assert_eq!(board.all().len(), 1);
        let path = PathBuf::from("/w/a.rs");
        board.changed(&path, &ChangeSet::replacement(4, 0..0, "new\n"));
        board.closed(&path, &Text::from("new\na\nb\n"));
        assert_eq!(board.of_file(&path)[0].range, None);
        assert_eq!(board.of_file(&path)[0].finding.line, 3);
        board.opened(&path, &Text::from("a\nb\n"));
        assert_eq!(board.of_file(&path)[0].range, Some(2..3));
        assert!(!board.changed(&path, &ChangeSet::replacement(4, 0..1, "x")));
        assert_eq!(board.dismiss(7), None);
        assert!(board.dismiss(1).is_some());
        assert_eq!(board.all(), Vec::<&ShownFinding>::new());
    }

    #[test]
    fn a_finding_whose_lines_are_deleted_is_gone() {
        let mut board = FindingsBoard::default();
        let found = finding(2, 2, "b");
        board.add(found.clone(), Some(&Text::from("a\nb\nc\n")));
        assert!(board.changed(&found.path, &ChangeSet::replacement(6, 2..4, "")));
        assert_eq!(board.all(), Vec::<&ShownFinding>::new());
    }
}
