//! Layers against a plain map, and the way to data and back.

use std::{collections::HashMap, sync::Arc};

use super::{FIRST_WORD, Indent, Kind, Leading, Vocabulary};
use crate::random::Random;

fn random_word(random: &mut Random) -> (Leading, String) {
    let leading = *random.pick(&[Leading::None, Leading::One, Leading::Two]);
    let length = 1 + random.below(3);
    let text = (0..length)
        .map(|_| *random.pick(&["a", "B", "_", "7", "é", "+", "漢"]))
        .collect();
    (leading, text)
}

#[test]
fn every_spelling_has_one_number_in_all_layers() {
    let mut random = Random::new(3);
    for _ in 0..20 {
        let mut vocabulary = Vocabulary::root();
        let mut numbers = HashMap::new();
        for round in 0..3 {
            for _ in 0..400 {
                let (leading, text) = random_word(&mut random);
                let id = vocabulary.intern(leading, &text);
                assert_eq!(*numbers.entry((leading, text.clone())).or_insert(id), id);
                assert_eq!(
                    (vocabulary.entry(id).leading, vocabulary.core_text(id)),
                    (leading, text.as_str())
                );
                assert_eq!(vocabulary.core(id), vocabulary.intern(Leading::None, &text));
                assert_eq!(vocabulary.variant(vocabulary.core(id), leading), Some(id));
            }
            if round < 2 {
                vocabulary = Vocabulary::over(Arc::new(vocabulary));
            }
        }
        let copy = Vocabulary::from_data(vocabulary.data()).expect("it is its own data");
        for ((leading, text), id) in numbers {
            assert_eq!(
                (copy.entry(id).leading, copy.core_text(id)),
                (leading, text.as_str())
            );
            let core = copy.core(id);
            assert_eq!(
                (core, copy.variant(core, leading)),
                (vocabulary.core(id), Some(id))
            );
            assert_eq!(copy.class(id), vocabulary.class(id));
        }
    }
}

#[test]
fn words_lose_their_identity_in_abstract_contexts_but_keywords_do_not() {
    let mut vocabulary = Vocabulary::root();
    let mut class = |leading, text| {
        let id = vocabulary.intern(leading, text);
        (vocabulary.class(id), id)
    };
    let (width, height) = (class(Leading::One, "width"), class(Leading::One, "height"));
    assert_eq!(width.0, height.0);
    assert_ne!(width.0, class(Leading::None, "width").0);
    let (keyword, id) = class(Leading::One, "return");
    assert_eq!(keyword, id);
    assert_ne!(class(Leading::None, "12").0, width.0);
}

#[test]
fn indentation_tokens_mean_what_they_were_made_of() {
    for indent in [Indent::Less, Indent::Same, Indent::More] {
        for after_blank in [false, true] {
            let token = Vocabulary::indent(indent, after_blank);
            assert_eq!(Vocabulary::indent_meaning(token), (indent, after_blank));
            assert_eq!(Vocabulary::root().kind(token), Kind::Indent);
            assert!(token < FIRST_WORD);
        }
    }
}
