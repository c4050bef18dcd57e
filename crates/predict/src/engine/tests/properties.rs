//! What must hold whatever is typed: nothing panics, learning by edits is learning from scratch,
//! brackets stay balanced, nothing is said twice, and a suggestion that is being typed stays.

use std::{path::Path, sync::Arc};

use text::{ChangeSet, Text};

use super::{Fixture, patient};
use crate::{
    ChangedFile, Engine, EngineOptions, FileStamp, Index, IndexBuilder, IndexOptions, Origin,
    Outcome, Preset, SilenceReason, SuggestOptions, SuggestQuery, Suggestion, random::Random,
};

const PATH: &str = "src/open.rs";

fn random_index(random: &mut Random) -> Arc<Index> {
    let mut builder = IndexBuilder::new(IndexOptions::default());
    for number in 0..random.below(6) {
        builder.add(
            Path::new(&format!("src/{number}.rs")),
            &random.text(60),
            FileStamp::default(),
        );
    }
    if random.below(2) == 0 {
        builder.add(Path::new(PATH), &random.text(60), FileStamp::default());
    }
    Arc::new(builder.finish(&|| false).expect("nobody cancels"))
}

fn eager() -> SuggestOptions {
    // Everything that the ranker proposes at all, so that the gates are what is tested.
    patient(SuggestOptions {
        threshold: 0.01,
        min_characters: 1,
        ..SuggestOptions::preset(Preset::Eager)
    })
}

fn suggest(engine: &mut Engine, text: &Text, offset: usize) -> Outcome {
    let options = eager();
    engine.suggest(
        &SuggestQuery {
            path: Path::new(PATH),
            text,
            offset,
            options: &options,
        },
        &|| false,
    )
}

#[test]
fn learning_by_edits_is_learning_from_scratch() {
    let mut random = Random::new(1);
    let mut suggestions = 0;
    for _ in 0..60 {
        let index = random_index(&mut random);
        let mut edited = Engine::new(EngineOptions::default());
        edited.set_index(index.clone());
        let mut text = Text::from(random.text(40));
        edited.open(Path::new(PATH), &text);
        for _ in 0..20 {
            let changes = random.edit(&text);
            let old = text.clone();
            text.apply(&changes).expect("the edit is for this text");
            edited.change(Path::new(PATH), &old, &text, &changes);
            if random.below(3) == 0 {
                edited.set_index(index.clone());
            }
            let offset = random.below(text.len_bytes() + 2);
            let mut fresh = Engine::new(EngineOptions::default());
            fresh.set_index(index.clone());
            fresh.open(Path::new(PATH), &text);
            let expected = suggest(&mut fresh, &text, offset);
            suggestions += usize::from(matches!(expected, Outcome::Suggestion(_)));
            assert_eq!(
                suggest(&mut edited, &text, offset),
                expected,
                "at {offset} of {text:?}"
            );
        }
    }
    assert!(
        suggestions > 150,
        "only {suggestions} suggestions to compare"
    );
}

#[test]
fn a_suggestion_fits_its_place() {
    let mut random = Random::new(2);
    let mut suggestions = 0;
    for _ in 0..60 {
        let mut engine = Engine::new(EngineOptions::default());
        engine.set_index(random_index(&mut random));
        let text = Text::from(random.text(40));
        engine.open(Path::new(PATH), &text);
        for _ in 0..20 {
            let offset = random.below(text.len_bytes() + 2);
            if let Outcome::Suggestion(suggestion) = suggest(&mut engine, &text, offset) {
                check_fit(&text, offset, &suggestion);
                suggestions += 1;
            }
        }
    }
    assert!(suggestions > 150, "only {suggestions} suggestions to check");
}

/// What the documentation of `Suggestion` and the rules of fitting promise, read off the plain
/// text.
fn check_fit(text: &Text, offset: usize, suggestion: &Suggestion) {
    let plain = text.to_string();
    let cursor = text.floor_char_boundary(offset);
    assert!(suggestion.replace.contains(&cursor) || suggestion.replace == (cursor..cursor));
    assert!(suggestion.replace.end <= plain.len() && suggestion.word.end == cursor);
    assert!((0.0..=1.0).contains(&suggestion.confidence));
    assert!(!suggestion.text.is_empty());
    let after_cursor = &plain[cursor..];
    let rest_of_line = after_cursor.split(['\n', '\r']).next().unwrap_or_default();
    assert!(
        rest_of_line.trim().is_empty() || !rest_of_line.trim().starts_with(suggestion.text.trim())
    );
    let line_before = plain[..cursor]
        .rsplit(['\n', '\r'])
        .next()
        .unwrap_or_default();
    let line = format!("{line_before}{}{rest_of_line}", suggestion.text);
    let following = after_cursor
        .split(['\n', '\r'])
        .skip(1)
        .find(|line| !line.trim().is_empty());
    assert_ne!(
        Some(line.trim_end()),
        following.map(str::trim_end),
        "repeats what follows"
    );
    assert!(
        closes_only_what_is_open(&plain[..cursor], &suggestion.text),
        "{suggestion:?} in {plain:?}"
    );
}

/// Whether each closer in `added` has an opener of its kind, in it or anywhere before it.
fn closes_only_what_is_open(before: &str, added: &str) -> bool {
    let balance = |text: &str, opener: char, closer: char| {
        text.chars().fold((0i32, 0i32), |(now, lowest), character| {
            let now = now + i32::from(character == opener) - i32::from(character == closer);
            (now, lowest.min(now))
        })
    };
    [('(', ')'), ('[', ']'), ('{', '}')]
        .into_iter()
        .all(|(opener, closer)| {
            let (_, lowest) = balance(added, opener, closer);
            lowest == 0 || before.matches(opener).count() as i32 >= -lowest
        })
}

#[test]
fn an_index_from_disk_answers_like_the_one_that_was_saved() {
    let mut random = Random::new(3);
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let file = folder.path().join("index");
    let mut suggestions = 0;
    for _ in 0..40 {
        let changed = ChangedFile {
            path: "src/2.rs".into(),
            text: Some(random.text(60)),
            stamp: FileStamp::default(),
        };
        let index = random_index(&mut random)
            .with_changes(&[changed], IndexOptions::default(), &|| false)
            .expect("nobody cancels");
        index.save(&file).expect("the folder can be written");
        let loaded = Index::load(&file).expect("it was saved by this version");
        let text = Text::from(random.text(40));
        let engines = [index, loaded].map(|index| {
            let mut engine = Engine::new(EngineOptions::default());
            engine.set_index(Arc::new(index));
            engine.open(Path::new(PATH), &text);
            engine
        });
        let [mut saved, mut loaded] = engines;
        for _ in 0..20 {
            let offset = random.below(text.len_bytes() + 2);
            let expected = suggest(&mut saved, &text, offset);
            suggestions += usize::from(matches!(expected, Outcome::Suggestion(_)));
            assert_eq!(suggest(&mut loaded, &text, offset), expected);
        }
    }
    assert!(
        suggestions > 100,
        "only {suggestions} suggestions to compare"
    );
}

#[test]
fn typing_a_suggestion_keeps_the_rest_of_it() {
    let fixture = Fixture::parse(
        "//- a.rs\nfn main() {\n    let connection = open_connection(address, timeout);\n}\n\
         //- b.rs\nfn other() {\n    let connection = open_connection(address, timeout);\n}\n\
         //- c.rs\nfn third() {\n    let con$0\n}\n",
    );
    let mut engine = fixture.engine();
    let options = patient(SuggestOptions::preset(Preset::Eager));
    let mut text = fixture.text.clone();
    let mut cursor = fixture.cursor;
    let ask = |engine: &mut Engine, text: &Text, offset| {
        let query = SuggestQuery {
            path: &fixture.path,
            text,
            offset,
            options: &options,
        };
        match engine.suggest(&query, &|| false) {
            Outcome::Suggestion(suggestion) => suggestion,
            Outcome::Silent(reason) => panic!("{reason}"),
        }
    };
    let whole = ask(&mut engine, &text, cursor).text;
    assert!(whole.chars().count() > 6, "{whole:?}");
    let mut rest = whole.as_str();
    while rest.chars().count() > 1 {
        let (typed, left) = rest.split_at(rest.chars().next().map_or(0, char::len_utf8));
        let changes = ChangeSet::replacement(text.len_bytes(), cursor..cursor, typed);
        let old = text.clone();
        text.apply(&changes).expect("the edit is for this text");
        engine.change(&fixture.path, &old, &text, &changes);
        cursor += typed.len();
        let suggestion = ask(&mut engine, &text, cursor);
        assert_eq!(
            (suggestion.text.as_str(), suggestion.origin),
            (left, Origin::TypedThrough)
        );
        rest = left;
    }
}

#[test]
fn cancelled_and_late_queries_are_silent() {
    let fixture = Fixture::parse("//- a.rs\nlet value = compute(value);\nlet value = comp$0\n");
    let ask = |options: &SuggestOptions, is_cancelled: bool| {
        let query = SuggestQuery {
            path: &fixture.path,
            text: &fixture.text,
            offset: fixture.cursor,
            options,
        };
        fixture.engine().suggest(&query, &|| is_cancelled)
    };
    let late = SuggestOptions {
        deadline: std::time::Duration::ZERO,
        ..SuggestOptions::default()
    };
    assert_eq!(
        ask(&patient(late), true),
        Outcome::Silent(SilenceReason::Cancelled)
    );
    assert_eq!(ask(&late, false), Outcome::Silent(SilenceReason::Deadline));
}

#[test]
fn huge_and_hostile_documents_are_answered() {
    let mut long_line = "a[0]=(1);".repeat(500_000);
    long_line.push('x');
    let many_lines = "    call(argument, other);\n".repeat(150_000);
    let nothing_but_brackets = "([{".repeat(20_000) + "\n" + &"}])".repeat(20_000);
    for plain in [
        long_line,
        many_lines,
        nothing_but_brackets,
        "\r".repeat(10_000),
        String::new(),
    ] {
        let text = Text::from(plain);
        let mut engine = Engine::new(EngineOptions::default());
        engine.open(Path::new(PATH), &text);
        for offset in [0, 1, text.len_bytes() / 2, text.len_bytes(), usize::MAX] {
            suggest(&mut engine, &text, offset);
        }
        let changes = ChangeSet::replacement(
            text.len_bytes(),
            text.len_bytes() / 2..text.len_bytes() / 2,
            "\ncall(",
        );
        let mut edited = text.clone();
        edited.apply(&changes).expect("the edit is for this text");
        engine.change(Path::new(PATH), &text, &edited, &changes);
        suggest(&mut engine, &edited, edited.len_bytes() / 2);
    }
}
