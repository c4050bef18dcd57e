//! The form of a chat's document: a title, then the user's messages and the answers, each under its heading. Pure.
//!
//! ```text
//! # Chat with Ropewalk
//! …a line about how it works…
//! ## You
//! a message
//! ## Ropewalk
//! *Thread 0193…, provider/model*
//! the answer
//! *Turn 1: 2 steps, …*
//! ## You
//! what is being written
//! ```

use std::ops::Range;

/// The heading of what the user says.
pub(crate) const YOU: &str = "## You";

/// The heading of an answer.
pub(crate) const ROPEWALK: &str = "## Ropewalk";

const TITLE: &str = "# Chat with Ropewalk\n\n\
    *Write under the last heading and save, or run `ropewalk.chat.send`. What counts is the thread's own log: changing \
    earlier text here changes nothing.*\n";

/// What a document begins with.
pub(crate) fn title() -> String {
    TITLE.to_owned()
}

/// A document in which nothing was said yet; `draft` stands where the user writes.
pub(crate) fn blank(draft: &str) -> String {
    format!("{TITLE}\n{YOU}\n\n{draft}\n")
}

/// What comes before the answer's own text when it is put after a message.
pub(crate) fn before_answer() -> String {
    format!("\n\n{ROPEWALK}\n\n")
}

/// What comes after the answer's own text.
pub(crate) fn after_answer() -> String {
    format!("\n\n{YOU}\n\n")
}

/// The line that names the thread of an answer.
pub(crate) fn thread_line(thread: &str, provider: &str, model: &str) -> String {
    format!("*Thread {thread}, {provider}/{model}*")
}

/// The line that ends the answer of a turn.
pub(crate) fn turn_line(turn: u32, account: &str) -> String {
    format!("*Turn {turn}: {account}*")
}

/// Where the user writes: everything after the heading that follows the last answer. Empty at the end where there is none.
pub(crate) fn draft(text: &str) -> Range<usize> {
    let after_answers = last_heading(text, ROPEWALK).map_or(0, |heading| heading.end);
    draft_after(text, after_answers)
}

/// The same where everything up to the byte `start` was said before.
pub(crate) fn draft_after(text: &str, start: usize) -> Range<usize> {
    let heading = headings(text, YOU).find(|heading| heading.start >= start);
    match heading {
        Some(heading) => heading.end..text.len(),
        None => text.len()..text.len(),
    }
}

/// What stands from the byte `start` on, without the heading that it may begin with.
pub(crate) fn without_heading(text: &str, start: usize) -> Range<usize> {
    let lead = text[start..].len() - text[start..].trim_start().len();
    let heading = headings(text, YOU).find(|heading| heading.start == start + lead);
    heading.map_or(start, |heading| heading.end)..text.len()
}

/// The thread whose answers stand in a document.
pub(crate) fn thread(text: &str) -> Option<&str> {
    text.lines().rev().find_map(|line| {
        let (id, _) = line.strip_prefix("*Thread ")?.split_once(',')?;
        (id.len() >= 8
            && id
                .chars()
                .all(|character| character.is_ascii_hexdigit() || character == '-'))
        .then_some(id)
    })
}

/// The last turn whose answer is complete, and where its last line ends.
pub(crate) fn last_turn(text: &str) -> Option<(u32, usize)> {
    let mut end = 0;
    let mut found = None;
    for line in text.split_inclusive('\n') {
        end += line.len();
        let number = line
            .strip_prefix("*Turn ")
            .and_then(|rest| rest.split_once(':'))
            .and_then(|(number, _)| number.parse().ok());
        if let Some(number) = number {
            found = Some((number, end));
        }
    }
    found
}

/// The last line that is this heading, with its line break.
pub(crate) fn last_heading(text: &str, heading: &str) -> Option<Range<usize>> {
    headings(text, heading).last()
}

/// The lines that are this heading, with their line breaks.
pub(crate) fn headings<'text>(
    text: &'text str,
    heading: &'text str,
) -> impl Iterator<Item = Range<usize>> + 'text {
    let mut start = 0;
    text.split_inclusive('\n').filter_map(move |line| {
        let range = start..start + line.len();
        start = range.end;
        (line.trim_end() == heading).then_some(range)
    })
}

/// What a model says, so that none of its lines passes for a heading of ours.
pub(crate) fn without_our_headings(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        if [YOU, ROPEWALK].contains(&line.trim_end()) || is_our_line(line) {
            result.push('\\');
        }
        result.push_str(line);
    }
    result
}

fn is_our_line(line: &str) -> bool {
    line.starts_with("*Thread ") || line.starts_with("*Turn ")
}

/// How lines end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LineBreak {
    /// `\n`
    Lf,
    /// `\r\n`
    CrLf,
}

/// How the lines of a document end, going by its first.
pub(crate) fn line_break(text: &str) -> LineBreak {
    match text.find('\n') {
        Some(offset) if text[..offset].ends_with('\r') => LineBreak::CrLf,
        _ => LineBreak::Lf,
    }
}

#[cfg(test)]
mod tests;
