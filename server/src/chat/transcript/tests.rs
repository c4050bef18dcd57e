//! A thread from its log as a chat's document, and a document that lacks turns of the log.

use super::*;

fn turn(number: u32, message: &str, answer: &str) -> TurnText {
    TurnText {
        turn: number,
        message: message.into(),
        text: format!(
            "{YOU}\n\n{message}\n\n{ROPEWALK}\n\n{answer}\n\n{}",
            format::turn_line(number, "1 step.")
        ),
    }
}

#[test]
fn a_document_of_a_thread_lacks_nothing_of_it() {
    let turns = [turn(1, "one", "first"), turn(2, "two", "second")];
    let text = document(&turns, "");
    assert_eq!(format::last_turn(&text).map(|(turn, _)| turn), Some(2));
    assert_eq!(brought_up_to_date(&text, &turns), None);
    assert_eq!(text[format::draft(&text)].trim(), "");
}

#[test]
fn turns_that_are_missing_come_before_what_is_being_written() {
    let turns = [turn(1, "one", "first"), turn(2, "two", "second")];
    let text = document(&turns[..1], "what I write").replace("first", "my own words");
    let text = brought_up_to_date(&text, &turns).expect("one is missing");
    let expected = document(&turns, "what I write").replace("first", "my own words");
    assert_eq!(text, expected);
}

#[test]
fn a_message_that_was_sent_is_no_draft_any_more() {
    let turns = [turn(1, "one", "first"), turn(2, "two", "second")];
    let text = document(&turns[..1], "two");
    assert_eq!(
        brought_up_to_date(&text, &turns),
        Some(document(&turns, ""))
    );
}
