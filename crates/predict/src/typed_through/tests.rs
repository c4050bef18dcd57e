//! Random typing against an oracle that compares whole texts.

use std::path::Path;

use text::{ChangeSet, Text};

use super::TypedThrough;
use crate::{
    random::Random,
    suggestion::{Origin, SuggestOptions, SuggestQuery, Suggestion},
};

const PATH: &str = "a.rs";

#[test]
fn answers_exactly_while_the_document_is_the_suggestion_being_typed() {
    let mut random = Random::new(11);
    let options = SuggestOptions::default();
    let mut kept = 0;
    for _ in 0..2_000 {
        let mut text = Text::from("let a = \nlet b = 2;\n");
        let mut cursor = 8;
        let offered = "compute(first, second);";
        let mut wanted = text.clone();
        wanted.replace(cursor..cursor, offered);
        let suggestion = Suggestion {
            replace: cursor..cursor,
            text: offered.to_owned(),
            word: cursor..cursor,
            confidence: 0.5,
            completes_line: true,
            origin: Origin::Computed,
        };
        let mut typed_through = TypedThrough::default();
        let path = Path::new(PATH);
        typed_through.show(
            &SuggestQuery {
                path,
                text: &text,
                offset: cursor,
                options: &options,
            },
            cursor,
            &suggestion,
        );
        for _ in 0..1 + random.below(12) {
            let rest = &offered[(cursor - 8).min(offered.len())..];
            let correct = rest.get(..1 + random.below(2)).unwrap_or(rest);
            let (place, insert) = match random.below(12) {
                0 => (random.below(text.len_bytes()), "x"),
                1 => (cursor, "?"),
                _ => (cursor, correct),
            };
            let changes = ChangeSet::replacement(text.len_bytes(), place..place, insert);
            typed_through.change(path, &changes);
            text.apply(&changes).expect("the edit is for this text");
            cursor = place + insert.len();
            let query = SuggestQuery {
                path,
                text: &text,
                offset: cursor,
                options: &options,
            };
            let Some(answer) = typed_through.answer(&query, cursor) else {
                break;
            };
            let mut accepted = text.clone();
            accepted.replace(answer.replace.clone(), &answer.text);
            assert_eq!(accepted, wanted);
            assert_eq!(answer.word.end, cursor);
            assert!(text.slice(answer.word).chars().all(char::is_alphanumeric));
            assert!(
                typed_through
                    .answer(
                        &SuggestQuery {
                            path: Path::new("b.rs"),
                            ..query
                        },
                        cursor
                    )
                    .is_none()
            );
            assert!(typed_through.answer(&query, cursor + 1).is_none());
            kept += 1;
        }
    }
    assert!(kept > 2_000, "only {kept} answers");
}
