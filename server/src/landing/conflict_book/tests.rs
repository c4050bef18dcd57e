//! The places of conflicts under random edits, against texts that hold marks at the places.

use std::slice::from_ref;

use fastrand::Rng;
use text::ContentChange;

use super::*;
use crate::landing::{PlacedConflict, conflict_file};
use crate::tasks::TaskId;

const ERRAND: Errand = Errand::Landing(TaskId(1));

fn source() -> Source {
    Source {
        errand: Some(ERRAND),
        title: "a task".to_owned(),
    }
}

fn conflicts(text: &str, ranges: &[Range<usize>]) -> TextConflicts {
    let conflicts = ranges.iter().map(|range| PlacedConflict {
        before: range.clone(),
        after: range.clone(),
        base: None,
        proposed: "the task's\n".to_owned(),
    });
    TextConflicts {
        path: "/w/a".into(),
        source: "/w/a".into(),
        before: text.to_owned(),
        after: text.to_owned(),
        conflicts: conflicts.collect(),
    }
}

fn book(text: &str, ranges: &[Range<usize>]) -> ConflictBook {
    let mut book = ConflictBook::default();
    book.add_text(&conflicts(text, ranges), Some(&Text::from(text)), &source());
    book.confirm(ERRAND, |_| true);
    book
}

fn places(book: &ConflictBook) -> Vec<String> {
    let hunks = book.hunks(Path::new("/w/a"));
    let texts = hunks.filter_map(|hunk| {
        let (_, text, _) = book.hunk(hunk.number)?;
        Some(text.slice(hunk.range.clone()).into_owned())
    });
    texts.collect()
}

#[test]
fn edits_elsewhere_leave_the_lines_of_a_conflict_as_they_are() {
    for seed in 0..500 {
        let mut rng = Rng::with_seed(seed);
        let lines = |rng: &mut Rng, name: &str| -> String {
            (0..rng.usize(1..4))
                .map(|_| format!("{name} {}\n", rng.u32(0..100)))
                .collect()
        };
        let parts = [
            lines(&mut rng, "above"),
            lines(&mut rng, "mine"),
            lines(&mut rng, "below"),
        ];
        let mut text = Text::from(parts.concat());
        let range = parts[0].len()..parts[0].len() + parts[1].len();
        let mut book = book(&text.to_string(), &[range]);
        let (mut above, mut below) = (parts[0].clone(), parts[2].clone());
        for _ in 0..6 {
            let side = if rng.bool() { &mut above } else { &mut below };
            let end = rng.usize(0..=side.len());
            let start = rng.usize(0..=end);
            // Above, what is typed right before the conflict would belong to it.
            side.replace_range(start..end, if end == side.len() { "x\n" } else { "y" });
            let after = [above.as_str(), &parts[1], &below].concat();
            let joined = above.is_empty() || above.ends_with('\n');
            let change = text::diff_lines(&text.to_string(), &after);
            text = Text::from(after.as_str());
            book.carry(Path::new("/w/a"), &change, &text);
            if !joined {
                break;
            }
        }
        let [place] = &places(&book)[..] else {
            panic!("seed {seed}: the conflict stays");
        };
        assert!(
            place.contains(parts[1].trim_end()),
            "seed {seed}: {place:?} in {text:?}"
        );
    }
}

#[test]
fn typing_right_behind_a_conflict_does_not_belong_to_it() {
    let text = "a\nmine\nb\n";
    let mut book = book(text, from_ref(&(2..7)));
    let mut document = Text::from(text);
    let change = document.apply_changes(
        &[ContentChange {
            range: Some(text::Position::new(2, 0)..text::Position::new(2, 0)),
            text: "typed\n".to_owned(),
        }],
        text::PositionEncoding::Utf8,
    );
    book.carry(Path::new("/w/a"), &change, &document);
    assert_eq!(places(&book), ["mine\n"]);
}

#[test]
fn a_change_of_the_whole_text_keeps_the_place() {
    let text = "one\nmine\nthree\nfour\n";
    let mut book = book(text, from_ref(&(4..9)));
    let mut document = Text::from(text);
    let whole = ContentChange {
        range: None,
        text: "zero\nONE\nmine\nthree\nFOUR\n".to_owned(),
    };
    let change = document.apply_changes(&[whole], text::PositionEncoding::Utf8);
    book.carry(Path::new("/w/a"), &change, &document);
    assert_eq!(places(&book), ["mine\n"]);
}

#[test]
fn places_are_always_within_the_text_and_in_order() {
    for seed in 0..500 {
        let mut rng = Rng::with_seed(seed);
        let mut document = Text::from("ä\nb\nc\nd\ne\nf\n");
        let mut book = book(&document.to_string(), &[3..5, 7..9]);
        for _ in 0..20 {
            let length = document.len_bytes();
            let end = document.floor_char_boundary(rng.usize(0..=length));
            let start = document.floor_char_boundary(rng.usize(0..=end));
            let insert = ["", "x", "\n", "long line\nand another\n", "😀"][rng.usize(0..5)];
            let change = ChangeSet::replacement(length, start..end, insert);
            document.apply(&change).unwrap();
            book.carry(Path::new("/w/a"), &change, &document);
            let mut last = 0;
            for hunk in book.hunks(Path::new("/w/a")) {
                let Range { start, end } = hunk.range;
                assert!(
                    last <= start && start <= end && end <= document.len_bytes(),
                    "seed {seed}"
                );
                assert!(
                    document.is_char_boundary(start) && document.is_char_boundary(end),
                    "seed {seed}"
                );
                last = end;
            }
        }
    }
}

#[test]
fn what_is_not_confirmed_is_not_shown_and_goes_when_nothing_arrived() {
    let mut book = ConflictBook::default();
    let text = Text::from("mine\n");
    book.add_text(
        &conflicts("mine\n", from_ref(&(0..5))),
        Some(&text),
        &source(),
    );
    assert_eq!((places(&book).len(), book.paths().len()), (0, 0));
    assert_eq!(book.confirm(ERRAND, |_| false), [] as [PathBuf; 0]);
    book.add_text(
        &conflicts("mine\n", from_ref(&(0..5))),
        Some(&text),
        &source(),
    );
    assert_eq!(book.confirm(ERRAND, |_| true), [PathBuf::from("/w/a")]);
    assert_eq!(places(&book), ["mine\n"]);
}

#[test]
fn what_is_kept_on_disk_comes_back_where_the_text_is_now() {
    let folder = tempfile::tempdir().unwrap();
    let folders = [PathBuf::from("/w")];
    let mut kept = book("a\nmine\nb\n", from_ref(&(2..7)));
    kept.add_file(
        &WholeFile {
            path: "/w/b".into(),
            renamed_from: None,
            reason: ConflictReason::NotText,
            proposed: Some(FileState {
                content: changes::Content::Bytes(b"\0\xff".as_slice().into()),
                is_executable: true,
            }),
        },
        &source(),
    );
    kept.confirm(ERRAND, |_| true);
    let path = conflict_file::path(folder.path(), &folders);
    conflict_file::write(&path, conflict_file::bytes(&kept, &folders).as_deref()).unwrap();

    let mut restored = conflict_file::read(&path, &folders);
    restored.anchor(Path::new("/w/a"), &Text::from("new\na\nmine\nb\n"));
    assert_eq!(places(&restored), ["mine\n"]);
    let files: Vec<_> = restored
        .files()
        .map(|conflict| conflict.file.clone())
        .collect();
    let expected: Vec<_> = kept.files().map(|conflict| conflict.file.clone()).collect();
    assert_eq!(files, expected);
    assert_eq!(conflict_file::read(&path, &[]).paths(), [] as [&Path; 0]);

    for number in [1, 2] {
        restored.remove(number);
    }
    conflict_file::write(&path, conflict_file::bytes(&restored, &folders).as_deref()).unwrap();
    assert!(!path.exists());
}
