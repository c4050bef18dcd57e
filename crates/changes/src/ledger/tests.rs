//! The ledger against models that share no code with it, under seeded random histories.

mod rules;

use std::path::Path;

use fastrand::Rng;
use text::{ChangeSet, Text};

use super::{ChangeSource, FileStatus, HunkId, Ledger, TrackedDocument};

const PIECES: &[&str] = &[
    "a", "b", "x\n", "y\n", "y\n", "\n", "\r\n", "é", "😀", "word ", "}\n",
];

fn source(title: &str) -> ChangeSource {
    ChangeSource {
        title: title.into(),
        thread: Some(title.into()),
        turn: 1,
    }
}

fn path() -> &'static Path {
    Path::new("/w/file")
}

/// What must hold of every document at every moment, in plain strings.
fn check(document: &TrackedDocument, context: &str) {
    let (base, text) = (document.base().to_string(), document.text().to_string());
    let mut rebuilt = String::new();
    let (mut base_at, mut text_at) = (0, 0);
    for hunk in document.hunks() {
        assert!(
            base_at <= hunk.base.start && text_at <= hunk.text.start,
            "{context}: hunks are in order: {document:?}"
        );
        rebuilt.push_str(&base[base_at..hunk.base.start]);
        rebuilt.push_str(&text[hunk.text.clone()]);
        assert_ne!(
            base[hunk.base.clone()],
            text[hunk.text.clone()],
            "{context}: a hunk changes something"
        );
        (base_at, text_at) = (hunk.base.end, hunk.text.end);
    }
    rebuilt.push_str(&base[base_at..]);
    assert_eq!(rebuilt, text, "{context}: base and hunks make the text");
    let mut ids: Vec<HunkId> = document.ids().collect();
    ids.sort();
    ids.dedup();
    assert_eq!(
        ids.len(),
        document.ids().count(),
        "{context}: ids are unique"
    );
}

fn check_all(ledger: &Ledger, context: &str) {
    ledger
        .documents()
        .for_each(|(_, document)| check(document, context));
}

fn random_text(rng: &mut Rng, most: usize) -> String {
    (0..rng.usize(..=most))
        .map(|_| PIECES[rng.usize(..PIECES.len())])
        .collect()
}

/// A replacement at character boundaries.
fn random_edit(rng: &mut Rng, text: &str) -> (std::ops::Range<usize>, String) {
    let boundary = |rng: &mut Rng| {
        let mut offset = rng.usize(..=text.len());
        while !text.is_char_boundary(offset) {
            offset -= 1;
        }
        offset
    };
    let start = boundary(rng);
    let mut end = if rng.bool() { start } else { boundary(rng) };
    if rng.u8(..4) != 0 {
        end = end.min(start + 4);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
    }
    (start.min(end)..start.max(end), random_text(rng, 3))
}

fn edited(text: &str, edit: &(std::ops::Range<usize>, String)) -> String {
    format!("{}{}{}", &text[..edit.0.start], edit.1, &text[edit.0.end..])
}

/// As an editor does it: one replacement, known as such.
fn type_in(ledger: &mut Ledger, text: &mut Text, edit: &(std::ops::Range<usize>, String)) {
    let before = text.clone();
    let change = ChangeSet::replacement(text.len_bytes(), edit.0.clone(), &edit.1);
    text.apply(&change).expect("the change is for this text");
    ledger.user_changed(path(), &before, &change, text);
}

/// As a task does it: lines here and there.
fn agent_edit(rng: &mut Rng, text: &str, mark: &str) -> String {
    let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
    for _ in 0..rng.usize(1..4) {
        let at = rng.usize(..=lines.len());
        match rng.u8(..3) {
            0 if at < lines.len() => drop(lines.remove(at)),
            1 if at < lines.len() => lines[at] = format!("{mark}{}\n", rng.u8(..50)),
            _ => lines.insert(at, format!("{mark}{}\n", rng.u8(..50))),
        }
    }
    lines.concat()
}

#[test]
fn base_and_hunks_make_the_text_whatever_happens() {
    for seed in 0..3000 {
        let mut rng = Rng::with_seed(seed);
        let mut ledger = Ledger::default();
        let mut text = Text::from(random_text(&mut rng, 30));
        for step in 0..40 {
            let context = format!("seed {seed}, step {step}");
            random_step(&mut rng, &mut ledger, &mut text, step);
            check_all(&ledger, &context);
            if let Some(document) = ledger.document(path()) {
                assert_eq!(document.text(), &text, "{context}: it follows the text");
            }
        }
    }
}

fn random_step(rng: &mut Rng, ledger: &mut Ledger, text: &mut Text, step: usize) {
    let ids: Vec<HunkId> = ledger
        .document(path())
        .iter()
        .flat_map(|document| document.ids())
        .filter(|_| rng.bool())
        .collect();
    match rng.u8(..10) {
        0 | 1 => {
            let after = Text::from(agent_edit(rng, &text.to_string(), "t"));
            let title = ["one", "two"][rng.usize(..2)];
            ledger.agent_changed(path(), Some(text), Some(&after), &source(title));
            *text = after;
        }
        2 => ledger.keep(path(), &ids),
        3 => {
            if let Some(undo) = ledger.undo(path(), &ids) {
                *text = undo.after.clone().expect("the file was there before");
                match step % 2 {
                    0 => ledger.undone(&undo),
                    _ => ledger.seen(path(), undo.after.as_ref()),
                }
            }
        }
        4 => {
            let head = Text::from(edited(
                &text.to_string(),
                &random_edit(rng, &text.to_string()),
            ));
            ledger.committed(path(), Some(&head));
        }
        5 => {
            let string = text.to_string();
            let other = edited(&string, &random_edit(rng, &string));
            *text = Text::from(edited(&other, &random_edit(rng, &other)));
            ledger.seen(path(), Some(text));
        }
        6 => {
            let (stored, left_out) = ledger.to_stored(usize::MAX);
            assert!(left_out.is_empty());
            let json = serde_json::to_string(&stored).expect("it can be written");
            let mut other = Ledger::default();
            let refused = other.take_in(serde_json::from_str(&json).expect("it can be read"));
            assert_eq!(refused, Vec::<std::path::PathBuf>::new());
            assert_eq!(
                other.documents().collect::<Vec<_>>(),
                ledger.documents().collect::<Vec<_>>()
            );
            *ledger = other;
        }
        _ => {
            let edit = random_edit(rng, &text.to_string());
            type_in(ledger, text, &edit);
        }
    }
}

/// Who wrote each character: the model of the next test, a plain list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Writer {
    /// The file before, or the user.
    User,
    Agent,
}

#[test]
fn the_base_has_all_of_the_user_and_nothing_of_the_agent() {
    for seed in 0..3000 {
        let mut rng = Rng::with_seed(seed);
        let mut ledger = Ledger::default();
        let mut model: Vec<(char, Writer)> = ('a'..='h')
            .flat_map(|line| [line, line, '\n'])
            .map(|character| (character, Writer::User))
            .collect();
        let mut text = Text::from(plain(&model));
        for step in 0..25 {
            match rng.u8(..4) {
                0 => {
                    // Whole new lines, of characters that the user never writes.
                    let starts: Vec<usize> = (0..=model.len())
                        .filter(|at| *at == 0 || model[at - 1].0 == '\n')
                        .collect();
                    let at = starts[rng.usize(..starts.len())];
                    let line = format!("{}{}\n", digit(&mut rng), digit(&mut rng));
                    let line = line.chars().map(|character| (character, Writer::Agent));
                    model.splice(at..at, line);
                    let after = Text::from(plain(&model));
                    ledger.agent_changed(path(), Some(&text), Some(&after), &source("one"));
                    text = after;
                }
                _ => {
                    // In lines of the user's, where one may be typed in, or whole lines between others.
                    let mine: Vec<usize> = (0..model.len())
                        .filter(|at| model[*at].1 == Writer::User && model[*at].0 != '\n')
                        .filter(|at| *at == 0 || model[at - 1].1 == Writer::User)
                        .collect();
                    let Some(at) = mine.get(rng.usize(..mine.len().max(1))).copied() else {
                        continue;
                    };
                    let byte = plain(&model[..at]).len();
                    let edit = match rng.u8(..3) {
                        0 => {
                            model.remove(at);
                            (byte..byte + 1, String::new())
                        }
                        _ => {
                            let character = char::from(rng.u8(b'k'..=b'z'));
                            model.insert(at, (character, Writer::User));
                            (byte..byte, character.to_string())
                        }
                    };
                    type_in(&mut ledger, &mut text, &edit);
                }
            }
            let context = format!("seed {seed}, step {step}");
            check_all(&ledger, &context);
            let Some(document) = ledger.document(path()) else {
                continue;
            };
            let of_user: Vec<(char, Writer)> = model
                .iter()
                .copied()
                .filter(|(_, writer)| *writer == Writer::User)
                .collect();
            assert_eq!(document.base().to_string(), plain(&of_user), "{context}");
        }
    }
}

fn plain(model: &[(char, Writer)]) -> String {
    model.iter().map(|(character, _)| character).collect()
}

fn digit(rng: &mut Rng) -> char {
    char::from(rng.u8(b'0'..=b'9'))
}

#[test]
fn undoing_everything_after_a_task_gives_the_text_before_it() {
    for seed in 0..3000 {
        let mut rng = Rng::with_seed(seed);
        let before = Text::from(random_text(&mut rng, 30));
        let after = Text::from(agent_edit(&mut rng, &before.to_string(), "t"));
        let mut ledger = Ledger::default();
        ledger.agent_changed(path(), Some(&before), Some(&after), &source("one"));
        let Some(document) = ledger.document(path()) else {
            assert_eq!(before, after, "seed {seed}");
            continue;
        };
        let ids: Vec<HunkId> = document.ids().collect();
        let mut one_by_one = ledger.clone();
        let all = ledger.undo(path(), &ids).expect("there are hunks");
        assert_eq!(all.after, Some(before.clone()), "seed {seed}");
        ledger.undone(&all);
        assert!(ledger.is_empty(), "seed {seed}");
        for id in ids.iter().rev() {
            let undo = one_by_one.undo(path(), &[*id]).expect("it is there");
            one_by_one.undone(&undo);
            check_all(&one_by_one, &format!("seed {seed}"));
        }
        assert!(one_by_one.is_empty(), "seed {seed}");
    }
}

#[test]
fn what_a_diff_shows_is_in_lines_of_hunks() {
    for seed in 0..2000 {
        let mut rng = Rng::with_seed(seed);
        let mut ledger = Ledger::default();
        let mut text = Text::from(random_text(&mut rng, 30));
        for step in 0..20 {
            random_step(&mut rng, &mut ledger, &mut text, step);
        }
        let Some(document) = ledger.document(path()) else {
            continue;
        };
        // Bytes outside of hunks, taken out of both, leave the same text: no difference is without a hunk.
        let outside = |whole: String, ranges: Vec<std::ops::Range<usize>>| {
            let mut rest = whole;
            for range in ranges.into_iter().rev() {
                rest.replace_range(range, "");
            }
            rest
        };
        let hunks = document.hunks();
        let of_base = hunks.iter().map(|hunk| hunk.base.clone()).collect();
        let of_text = hunks.iter().map(|hunk| hunk.text.clone()).collect();
        assert_eq!(
            outside(document.base().to_string(), of_base),
            outside(document.text().to_string(), of_text),
            "seed {seed}"
        );
    }
}

#[test]
fn a_keystroke_outside_of_hunks_keeps_their_ids() {
    for seed in 0..500 {
        let mut rng = Rng::with_seed(seed);
        let lines: String = (0..20).map(|line| format!("line {line}\n")).collect();
        let mut text = Text::from(lines.as_str());
        let after = Text::from(
            lines
                .replace("line 3\n", "three\n")
                .replace("line 12\n", ""),
        );
        let mut ledger = Ledger::default();
        ledger.agent_changed(path(), Some(&text), Some(&after), &source("one"));
        text = after;
        let ids = |ledger: &Ledger| {
            let document = ledger.document(path());
            document.iter().flat_map(|it| it.ids()).collect::<Vec<_>>()
        };
        let before = ids(&ledger);
        for _ in 0..10 {
            let line = [0, 5, 8, 13][rng.usize(..4)];
            let at = text.line_start(line) + 1;
            type_in(&mut ledger, &mut text, &(at..at, "k".into()));
        }
        assert_eq!((before.len(), ids(&ledger)), (2, before), "seed {seed}");
        let base = ledger.document(path()).map(|it| it.base().to_string());
        let base = base.expect("it waits");
        assert_eq!(base.replace('k', ""), lines, "seed {seed}");
        assert_eq!(base.matches('k').count(), 10, "seed {seed}");
    }
}

#[test]
fn statuses_are_told() {
    let mut ledger = Ledger::default();
    let text = Text::from("a\n");
    ledger.agent_changed(path(), None, Some(&text), &source("one"));
    assert_eq!(
        ledger.document(path()).map(TrackedDocument::status),
        Some(FileStatus::Created)
    );
}
