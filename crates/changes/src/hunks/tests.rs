//! Hunks applied to the text before give the text after, whatever the texts.

use fastrand::Rng;

use crate::random::{change, file, link, pick};
use crate::{Base, Hunk};

#[test]
fn hunks_make_the_text_before_into_the_text_after() {
    for seed in 0..2000 {
        let mut random = Rng::with_seed(seed);
        let before = hostile_text(&mut random);
        let after = if random.bool() {
            hostile_text(&mut random)
        } else {
            before.replacen(pick(&mut random, &["a", "\r", "\n"]), "é\n", 2)
        };
        let change = change("/w/a", Some(file(&before)), Some(file(&after)));
        let mut text = before.clone();
        let hunks = change.hunks();
        for hunk in hunks.iter().rev() {
            let start = line_start(&before, hunk.before.start);
            let end = line_start(&before, hunk.before.end);
            assert_eq!(&text[start..end], hunk.removed, "seed {seed}");
            text.replace_range(start..end, hunk.added);
        }
        assert_eq!(text, after, "seed {seed}: {before:?} {hunks:?}");
        for hunk in &hunks {
            let bytes = line_start(&after, hunk.after.start)..line_start(&after, hunk.after.end);
            assert_eq!(&after[bytes], hunk.added, "seed {seed}");
        }
    }
}

#[test]
fn a_created_and_a_deleted_text_are_one_hunk() {
    let created = change("/w/a", None, Some(file("a\r\nb")));
    let hunk = Hunk {
        before: 0..0,
        after: 0..2,
        removed: "",
        added: "a\r\nb",
    };
    assert_eq!(created.hunks(), [hunk]);
    let deleted = change("/w/a", Some(file("a\rb\n")), None);
    let hunk = Hunk {
        before: 0..2,
        after: 0..0,
        removed: "a\rb\n",
        added: "",
    };
    assert_eq!(deleted.hunks(), [hunk]);
}

#[test]
fn what_is_no_text_or_unknown_changes_as_a_whole() {
    let text = file("a\n");
    let mut late_nul = vec![b'a'; 8000];
    late_nul.push(0);
    for (before, after, count) in [
        (file(b"a\0"), text.clone(), 0),
        (text.clone(), file(b"\xff\n"), 0),
        (text.clone(), link("a"), 0),
        (text.clone(), file(&late_nul), 1),
    ] {
        let mut change = change("/w/a", Some(before), Some(after));
        assert_eq!(change.hunks().len(), count, "{change:?}");
        change.base = Base::Unknown;
        assert_eq!(change.hunks(), []);
    }
}

/// Where LSP's line of that number starts; the end of the text when there are not so many.
fn line_start(text: &str, line: usize) -> usize {
    let bytes = text.as_bytes();
    let ends_line = |at: &usize| {
        bytes[*at] == b'\n' || (bytes[*at] == b'\r' && bytes.get(at + 1) != Some(&b'\n'))
    };
    let starts = (0..bytes.len()).filter(ends_line).map(|at| at + 1);
    std::iter::once(0)
        .chain(starts)
        .nth(line)
        .unwrap_or(text.len())
}

fn hostile_text(random: &mut Rng) -> String {
    let pieces = [
        "a", "b", "\n", "\n", "\r\n", "\r", "é", "😀", "\u{2028}", "\u{feff}",
    ];
    (0..random.usize(..30))
        .map(|_| pick(random, &pieces))
        .collect()
}
