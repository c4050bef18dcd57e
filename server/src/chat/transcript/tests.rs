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
        has_ended: true,
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

/// A turn that was cut off while it was answered.
fn cut_off(number: u32, message: &str, answer: &str) -> TurnText {
    TurnText {
        turn: number,
        message: message.into(),
        text: format!("{YOU}\n\n{message}\n\n{ROPEWALK}\n\n{answer}"),
        has_ended: false,
    }
}

#[test]
fn a_turn_that_was_cut_off_is_told_once_and_its_end_takes_its_place() {
    let cut = [turn(1, "one", "first"), cut_off(2, "two", "sec")];
    let text = document(&cut, "what I write");
    assert_eq!(brought_up_to_date(&text, &cut), None);
    let whole = [turn(1, "one", "first"), turn(2, "two", "second")];
    let expected = document(&whole, "what I write");
    assert_eq!(brought_up_to_date(&text, &whole), Some(expected.clone()));
    assert_eq!(brought_up_to_date(&expected, &whole), None);
    let crlf = text.replace('\n', "\r\n");
    let expected = expected.replace('\n', "\r\n");
    assert_eq!(brought_up_to_date(&crlf, &whole), Some(expected));
}

#[test]
fn what_was_streaming_when_a_turn_was_cut_off_stays() {
    let seen = [cut_off(1, "one", "more than the log has")];
    let text = document(&seen, "");
    assert_eq!(brought_up_to_date(&text, &[cut_off(1, "one", "mo")]), None);
}

#[test]
fn a_message_that_came_to_no_turn_stays() {
    let refused = cut_off(2, "never answered", "> There is no key.");
    let text = document(&[turn(1, "one", "first"), refused.clone()], "next");
    let turns = [turn(1, "one", "first"), turn(2, "two", "second")];
    let expected = document(&[turns[0].clone(), refused, turns[1].clone()], "next");
    assert_eq!(brought_up_to_date(&text, &turns), Some(expected));
}
