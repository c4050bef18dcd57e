//! Properties of a stretch that grows in a document: whatever the user types and whatever the editor makes of our edits,
//! every character of the user's stays, in order, and the answer is complete in the end.

use fastrand::Rng;
use text::{ChangeSet, Text};

use super::{Growth, Seen, rest_of};

/// How the editor treats an edit that was made for an older text.
#[derive(Clone, Copy, Debug)]
enum Staleness {
    Refused,
    /// Said to be applied, and not.
    Ignored,
}

/// An editor with one document, its user, and the edits on their way to it.
struct Editor {
    text: Text,
    version: u32,
    /// What it has not told yet.
    untold: ChangeSet,
    flight: Option<(u32, ChangeSet)>,
    staleness: Staleness,
}

impl Editor {
    fn change(&mut self, change: &ChangeSet) {
        self.text.apply(change).expect("the change fits");
        self.untold = self.untold.compose(change).expect("the change follows");
    }

    /// Types a letter somewhere.
    fn type_at_random(&mut self, random: &mut Rng, letter: char) {
        let boundaries: Vec<usize> = (0..=self.text.len_bytes())
            .filter(|offset| self.text.is_char_boundary(*offset))
            .collect();
        let offset = boundaries[random.usize(0..boundaries.len())];
        let len = self.text.len_bytes();
        self.change(&ChangeSet::replacement(
            len,
            offset..offset,
            &letter.to_string(),
        ));
        self.version += 1;
    }
}

fn letters_of(text: &str, is_user: bool) -> String {
    text.chars()
        .filter(|character| character.is_uppercase() == is_user)
        .collect()
}

/// Plays one answer; the server's side believes only what it is told.
fn play(seed: u64, staleness: Staleness) {
    let mut random = Rng::with_seed(seed);
    let mut mirror = Text::from("YOU SAID\n".to_owned());
    let mut editor = Editor {
        text: mirror.clone(),
        version: 0,
        untold: ChangeSet::identity(mirror.len_bytes()),
        flight: None,
        staleness,
    };
    let mut known_version = 0;
    let mut growth = Growth::new(mirror.len_bytes(), String::new());
    let mut answer = String::new();
    let mut typed = 0;
    let mut steps = 0;
    loop {
        let is_last = steps > 60;
        steps += 1;
        assert!(steps < 300, "seed {seed}: it never comes to an end");
        match random.usize(0..if is_last { 3 } else { 6 }) {
            // The server sends an edit.
            0 => {
                if let Some(edit) = growth.next(&answer, mirror.len_bytes()) {
                    editor.flight = Some((known_version, edit));
                }
            }
            // The editor takes it.
            1 => {
                if let Some((version, edit)) = editor.flight.take() {
                    if version == editor.version {
                        editor.change(&edit);
                        editor.version += 1;
                    } else if matches!(editor.staleness, Staleness::Refused) {
                        // Refusals come after what was told before.
                        tell(&mut editor, &mut mirror, &mut growth, &mut known_version);
                        growth.give_up();
                    } else {
                        tell(&mut editor, &mut mirror, &mut growth, &mut known_version);
                        if growth.is_waiting() {
                            growth.give_up();
                        }
                    }
                }
            }
            // The editor tells what changed, all of it in one.
            2 => tell(&mut editor, &mut mirror, &mut growth, &mut known_version),
            // The user types.
            3 => {
                let letter = char::from(b'A' + (typed % 26) as u8);
                typed += 1;
                editor.type_at_random(&mut random, letter);
            }
            // The model says more.
            4 => answer.push_str(&format!("word{steps} ")),
            // The model takes something back, or a line becomes another.
            _ => {
                let mut keep = random.usize(0..=answer.len());
                while !answer.is_char_boundary(keep) {
                    keep -= 1;
                }
                answer.truncate(keep);
                answer.push_str("ü…");
            }
        }
        if is_last && growth.has(&answer) && editor.untold.is_identity() && editor.flight.is_none()
        {
            break;
        }
    }
    let text = mirror.to_string();
    assert_eq!(text, editor.text.to_string(), "seed {seed}");
    let (mut of_user, said) = (letters_of(&text, true), letters_of(&text, false));
    let start = "YOU SAID\n";
    let expected: Vec<char> = (0..typed)
        .map(|number| char::from(b'A' + (number % 26) as u8))
        .collect();
    for letter in start
        .chars()
        .filter(|letter| letter.is_uppercase())
        .chain(expected)
    {
        let found = of_user.find(letter);
        of_user
            .remove(found.unwrap_or_else(|| panic!("seed {seed}: {letter} is lost in {text:?}")));
    }
    assert_eq!(
        of_user, "",
        "seed {seed}: nothing of the user's is there twice"
    );
    let expected = letters_of(&format!("{start}{answer}"), false);
    let mut expected: Vec<char> = expected.chars().collect();
    let mut said: Vec<char> = said.chars().collect();
    // The space of the beginning may be anywhere among ours only when the user typed before it: order is compared below.
    let of_answer: String = said.iter().collect();
    assert!(
        of_answer.ends_with(&answer) || of_answer.contains(&answer),
        "seed {seed}: {text:?} lacks {answer:?}"
    );
    expected.sort_unstable();
    said.sort_unstable();
    assert_eq!(said, expected, "seed {seed}: {text:?}");
}

fn tell(editor: &mut Editor, mirror: &mut Text, growth: &mut Growth, known_version: &mut u32) {
    let change = std::mem::replace(
        &mut editor.untold,
        ChangeSet::identity(editor.text.len_bytes()),
    );
    *known_version = editor.version;
    if change.is_identity() {
        return;
    }
    mirror.apply(&change).expect("the change follows");
    growth.note(&change);
}

#[test]
fn nothing_that_is_typed_is_lost_and_the_answer_is_complete() {
    for seed in 0..3000 {
        play(seed, Staleness::Refused);
        play(seed, Staleness::Ignored);
    }
}

#[test]
fn our_edit_is_found_among_what_the_user_typed() {
    let edit = ChangeSet::replacement(6, 3..3, "our words");
    let together = edit
        .compose(&ChangeSet::replacement(15, 15..15, "X"))
        .expect("it follows");
    let rest = rest_of(&together, &edit).expect("ours is in it");
    assert_eq!(
        rest.apply("abcour wordsdef").expect("it fits"),
        "abcour wordsdefX"
    );
    assert_eq!(rest_of(&ChangeSet::replacement(6, 6..6, "X"), &edit), None);
    assert_eq!(
        rest_of(&ChangeSet::replacement(6, 3..3, "our"), &edit),
        None
    );
}

#[test]
fn what_is_typed_at_the_end_stays_below_what_comes() {
    let mut growth = Growth::new(4, String::new());
    let first = growth.next("one", 4).expect("there is more");
    assert_eq!(growth.note(&first), Seen::Ours);
    assert_eq!(
        growth.note(&ChangeSet::replacement(7, 7..7, "MINE")),
        Seen::ByUser
    );
    let second = growth.next("one two", 11).expect("there is more");
    assert_eq!(
        second.apply("headoneMINE").expect("it fits"),
        "headone twoMINE"
    );
}

#[test]
fn what_is_taken_back_takes_nothing_of_the_users_with_it() {
    let mut growth = Growth::new(0, String::new());
    let first = growth.next("a wrong beginning", 0).expect("there is more");
    growth.note(&first);
    growth.note(&ChangeSet::replacement(17, 7..7, "MINE"));
    let second = growth.next("right", 21).expect("there is something else");
    let text = second.apply("a wrongMINE beginning").expect("it fits");
    assert_eq!(letters_of(&text, true), "MINE");
    assert_eq!(letters_of(&text, false), "right");
}
