//! A user who jumps about in a long document: quick first answers, and after a rest the same ones as
//! ever.

use std::path::Path;

use text::{ChangeSet, Text};

use super::patient;
use crate::{Engine, EngineOptions, Jumps, Outcome, SuggestOptions, SuggestQuery, random::Random};

const PATH: &str = "src/long.rs";

fn quick() -> Engine {
    Engine::new(EngineOptions {
        jumps: Jumps::Quick,
        ..EngineOptions::default()
    })
}

fn suggest(engine: &mut Engine, text: &Text, offset: usize) -> Outcome {
    let options = patient(SuggestOptions {
        threshold: 0.01,
        min_characters: 1,
        ..SuggestOptions::default()
    });
    let query = SuggestQuery {
        path: Path::new(PATH),
        text,
        offset,
        options: &options,
    };
    engine.suggest(&query, &|| false)
}

/// Some 12 000 lines, which is more than any window.
fn long_text(random: &mut Random) -> Text {
    let block = random.text(300);
    let blocks: Vec<String> = (0..40)
        .map(|_| format!("{block}{}", random.text(10)))
        .collect();
    Text::from(blocks.concat())
}

#[test]
fn after_a_rest_a_jump_has_cost_nothing() {
    let mut random = Random::new(5);
    let mut text = long_text(&mut random);
    let mut jumping = quick();
    jumping.open(Path::new(PATH), &text);
    for round in 0..12 {
        for _ in 0..random.below(4) {
            let old = text.clone();
            let line = random.below(text.len_lines());
            let offset = text.line_start(line);
            let change =
                ChangeSet::replacement(old.len_bytes(), offset..offset, "let added = 1;\n");
            text.apply(&change).expect("it was made for this text");
            jumping.change(Path::new(PATH), &old, &text, &change);
        }
        let offset = text.line_end(random.below(text.len_lines()));
        suggest(&mut jumping, &text, offset);
        jumping.settle();
        assert!(jumping.is_settled());
        let mut fresh = Engine::new(EngineOptions::default());
        fresh.open(Path::new(PATH), &text);
        assert_eq!(
            suggest(&mut jumping, &text, offset),
            suggest(&mut fresh, &text, offset),
            "round {round}"
        );
    }
}

#[test]
fn an_answer_right_after_a_jump_knows_the_neighbourhood() {
    let mut random = Random::new(9);
    let mut text = long_text(&mut random);
    let mut engine = quick();
    engine.open(Path::new(PATH), &text);
    for line in [9_000, 200, 6_000] {
        let old = text.clone();
        let offset = text.line_start(line);
        let added = "let neighbourhood_value = 1;\nlet neighbourhood_value = 1;\nlet neigh\n";
        let change = ChangeSet::replacement(old.len_bytes(), offset..offset, added);
        text.apply(&change).expect("it was made for this text");
        engine.change(Path::new(PATH), &old, &text, &change);
        let Outcome::Suggestion(suggestion) = suggest(&mut engine, &text, offset + added.len() - 1)
        else {
            panic!("nothing is suggested at line {line}");
        };
        assert!(suggestion.text.contains("bourhood_value"), "{suggestion:?}");
        assert!(!engine.is_settled());
    }
}
