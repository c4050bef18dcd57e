//! Where an answer belongs in a document that was reopened: nothing of the user's is taken away, wherever it goes.

use super::*;

/// The document with the whole answer in its place.
fn filled(text: &str, message: &str, known: &str, answer: &str) -> String {
    let place = placement(text, message, known);
    let end = place.start + place.delivered.len();
    assert_eq!(&text[place.start..end], place.delivered);
    let whole = place.whole(answer, format::line_break(text));
    format!("{}{whole}{}", &text[..place.start], &text[end..])
}

#[test]
fn an_answer_follows_its_message_and_what_was_typed_meanwhile_follows_the_answer() {
    let text = "## You\n\nWhy?\nAnd the next\n";
    let expected = "## You\n\nWhy?\n\n## Ropewalk\n\nSo.\n\n## You\n\n\nAnd the next\n";
    assert_eq!(filled(text, "Why?", "", "So."), expected);
}

#[test]
fn what_was_delivered_grows_on() {
    let known = "\n\n## Ropewalk\n\nSo\n\n## You\n\n";
    let text = format!("## You\n\nWhy?{known}next");
    assert_eq!(
        filled(&text, "Why?", known, "So it is."),
        "## You\n\nWhy?\n\n## Ropewalk\n\nSo it is.\n\n## You\n\nnext"
    );
}

#[test]
fn a_message_that_is_gone_is_told_again_above_what_is_being_written() {
    let text = "title\n\n## You\n\nsomething else\n";
    assert_eq!(
        filled(text, "Why?", "", "So."),
        "title\n\n## You\n\nWhy?\n\n## Ropewalk\n\nSo.\n\n## You\n\nsomething else\n"
    );
    assert_eq!(
        filled("nothing of it", "Why?", "", "So."),
        "nothing of it\n\n## You\n\nWhy?\n\n## Ropewalk\n\nSo.\n\n## You\n\n"
    );
}

#[test]
fn line_breaks_are_those_of_the_document() {
    let filled = filled("## You\r\n\r\nWhy?\r\n", "Why?", "", "So.\nYes.");
    assert_eq!(filled.matches('\n').count(), filled.matches("\r\n").count());
}
