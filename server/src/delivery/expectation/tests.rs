//! Attribution against an oracle that knows who wrote each character: the task writes capitals, the user small letters.

use fastrand::Rng;
use text::Text;

use super::{Author, Expectation};

/// What the expectation said: our text before the user's part, or nothing of ours.
fn see(expectation: &mut Expectation, now: &str) -> Option<String> {
    match expectation.see(&Text::from(now)) {
        Author::User => None,
        Author::Delivery(ours) => Some(ours.to_string()),
    }
}

fn expectation(before: &str, after: &str) -> Expectation {
    Expectation::new(Text::from(before), Text::from(after))
}

const BEFORE: &str = "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\n";
const AFTER: &str = "one\ntwo\nTHREE\nfour\nfive\nsix\nSEVEN\neight\n";

#[test]
fn the_whole_edit_is_ours() {
    let mut expectation = expectation(BEFORE, AFTER);
    assert_eq!(see(&mut expectation, AFTER).as_deref(), Some(AFTER));
    assert!(expectation.is_met());
}

#[test]
fn typing_alone_is_the_users_and_the_edit_is_still_recognised() {
    let mut expectation = expectation(BEFORE, AFTER);
    let typed = BEFORE.replace("one", "one more");
    assert_eq!(see(&mut expectation, &typed), None);
    assert!(!expectation.is_met());
    let both = AFTER.replace("one", "one more");
    assert_eq!(see(&mut expectation, &both).as_deref(), Some(both.as_str()));
    assert!(expectation.is_met());
}

#[test]
fn typing_in_the_lines_of_a_refused_edit_is_the_users() {
    let mut expectation = expectation(BEFORE, AFTER);
    let typed = BEFORE.replace("three", "three and a half");
    assert_eq!(see(&mut expectation, &typed), None);
    assert!(!expectation.is_met());
}

#[test]
fn typing_that_begins_like_the_edit_is_the_users() {
    let mut expectation = expectation("foo\n", "foobar\n");
    assert_eq!(see(&mut expectation, "fooba\n"), None);
    assert!(!expectation.is_met());
}

#[test]
fn an_edit_with_typing_in_its_own_lines_is_split() {
    let mut expectation = expectation(BEFORE, AFTER);
    let both = AFTER.replace("THREE", "THREE!");
    assert_eq!(see(&mut expectation, &both).as_deref(), Some(AFTER));
    assert!(expectation.is_met());
}

#[test]
fn an_edit_that_comes_in_parts_is_ours_in_parts() {
    let mut expectation = expectation(BEFORE, AFTER);
    let half = BEFORE.replace("seven", "SEVEN");
    assert_eq!(see(&mut expectation, &half).as_deref(), Some(half.as_str()));
    assert!(!expectation.is_met());
    assert_eq!(see(&mut expectation, AFTER).as_deref(), Some(AFTER));
    assert!(expectation.is_met());
}

#[test]
fn a_client_with_line_ends_of_its_own_has_made_the_edit() {
    let mut expectation = expectation("a\r\nb\r\n", "a\r\nB\nC\r\n");
    let made = "a\r\nB\r\nC\r\n";
    assert_eq!(see(&mut expectation, made).as_deref(), Some(made));
    assert!(expectation.is_met());
}

#[test]
fn after_the_edit_everything_is_the_users() {
    let mut expectation = expectation(BEFORE, AFTER);
    see(&mut expectation, AFTER);
    assert_eq!(see(&mut expectation, BEFORE), None);
    assert!(expectation.is_met());
}

/// Lines of the user's, with the task's capitals on every fifth. The user types on other lines, at random before and
/// after the edit, and the client tells of it in random portions.
#[test]
fn each_character_is_given_to_who_wrote_it() {
    for seed in 0..2000 {
        let mut random = Rng::with_seed(seed);
        let lines = random.usize(10..40);
        let mut before: Vec<String> = (0..lines).map(|line| format!("line {line}")).collect();
        let is_ours = |line: usize| line % 5 == 2;
        let mut after = before.clone();
        for (line, text) in after
            .iter_mut()
            .enumerate()
            .filter(|(line, _)| is_ours(*line))
        {
            *text = format!("TASK{line}");
        }
        let ours: Vec<(usize, String)> = (0..lines)
            .filter(|line| is_ours(*line))
            .map(|line| (line, after[line].clone()))
            .collect();
        let mut expectation = expectation(&join(&before), &join(&after));
        let mut told_by_user: isize = 0;
        let mut told_by_task: isize = 0;
        let mut is_applied = false;
        let mut told = join(&before);
        let mut typed = 0;
        for _ in 0..random.usize(1..8) {
            match random.usize(..3) {
                0 if !is_applied => {
                    for (line, text) in &ours {
                        before[*line].clone_from(text);
                    }
                    is_applied = true;
                }
                1 => {
                    let now = join(&before);
                    if now != told {
                        let (task, user) = tell(&mut expectation, &told, &now);
                        told_by_task += task;
                        told_by_user += user;
                        told = now;
                    }
                }
                _ => {
                    let line = random.usize(..lines);
                    if !is_ours(line) && !is_ours(line + 1) && (line == 0 || !is_ours(line - 1)) {
                        before[line].push('x');
                        typed += 1;
                    }
                }
            }
        }
        let now = join(&before);
        if now != told {
            let (task, user) = tell(&mut expectation, &told, &now);
            told_by_task += task;
            told_by_user += user;
        }
        let tasks = if is_applied { ours.len() * 4 } else { 0 };
        assert_eq!(
            told_by_task, tasks as isize,
            "capitals of the task, seed {seed}"
        );
        assert_eq!(told_by_user, typed, "letters of the user, seed {seed}");
        assert_eq!(expectation.is_met(), is_applied, "seed {seed}");
    }
}

fn join(lines: &[String]) -> String {
    lines.iter().map(|line| format!("{line}\n")).collect()
}

/// How many capitals came by the task's part, and how many `x` by the user's.
fn tell(expectation: &mut Expectation, before: &str, now: &str) -> (isize, isize) {
    let ours = see(expectation, now).unwrap_or_else(|| before.to_owned());
    let count = |text: &str, wanted: fn(char) -> bool| {
        text.chars().filter(|character| wanted(*character)).count() as isize
    };
    let is_capital = |character: char| character.is_ascii_uppercase();
    let is_x = |character: char| character == 'x';
    assert_eq!(
        count(&ours, is_x),
        count(before, is_x),
        "the task typed nothing"
    );
    assert_eq!(
        count(&ours, is_capital),
        count(now, is_capital),
        "the user wrote no capitals"
    );
    (
        count(&ours, is_capital) - count(before, is_capital),
        count(now, is_x) - count(&ours, is_x),
    )
}

#[test]
fn the_edits_of_a_line_may_come_one_by_one() {
    let mut expectation = expectation(
        "def triple(number):\n    return number + number\n",
        "def triple(number):\n    return 3 * number\n",
    );
    let half = "def triple(number):\n    return number * number\n";
    assert_eq!(see(&mut expectation, half).as_deref(), Some(half));
    assert!(!expectation.is_met());
    let whole = "def triple(number):\n    return 3 * number\n";
    assert_eq!(see(&mut expectation, whole).as_deref(), Some(whole));
    assert!(expectation.is_met());
}

#[test]
fn typing_in_a_line_that_is_half_edited_is_the_users() {
    let mut expectation = expectation("a + b # sum\n", "A * b # sum\n");
    let half = "a * b # my sum\n";
    let ours = see(&mut expectation, half);
    assert_eq!(ours.as_deref(), Some("a * b # sum\n"));
    let whole = "A * b # my sum\n";
    assert_eq!(see(&mut expectation, whole).as_deref(), Some(whole));
    assert!(expectation.is_met());
}
