//! What is shown of a command's output: its first lines as they come, its last ones at the end, all of bounded length.
//!
//! Only for people; the model is told by the tool itself, and may see more.

use std::collections::VecDeque;

use crate::cli::printable::{readable, settled};

/// Lines that are shown as they come.
const FIRST_LINES: usize = 40;

/// Lines at the end that are shown when there were more: what went wrong mostly stands there.
const LAST_LINES: usize = 10;

/// How much of a line is shown, in characters.
const LONGEST_LINE: usize = 400;

/// How much of a line is looked at, in bytes: more than is shown, for colours and for lines that are written over.
const LONGEST_KEPT: usize = 4096;

/// The output of one command.
#[derive(Default)]
pub(super) struct CommandOutput {
    /// A line of which the end has not come yet, as far as it is looked at.
    unfinished: String,
    /// Bytes of that line that are not looked at.
    cut: usize,
    lines: usize,
    last: VecDeque<String>,
}

impl CommandOutput {
    /// Takes what came; gives the lines to show now.
    pub(super) fn push(&mut self, text: &str) -> Vec<String> {
        let mut shown = Vec::new();
        for piece in text.split_inclusive('\n') {
            self.extend_line(piece.trim_end_matches('\n'));
            if piece.ends_with('\n') {
                shown.extend(self.end_line());
            }
        }
        shown
    }

    /// The lines to show at the end.
    pub(super) fn finish(mut self) -> Vec<String> {
        let mut shown = Vec::new();
        if !self.unfinished.is_empty() {
            shown.extend(self.end_line());
        }
        let left_out = self.lines.saturating_sub(FIRST_LINES + self.last.len());
        if left_out > 0 {
            shown.push(format!("… {left_out} more lines"));
        }
        shown.extend(self.last);
        shown
    }

    fn extend_line(&mut self, text: &str) {
        let room = match self.cut {
            0 => LONGEST_KEPT.saturating_sub(self.unfinished.len()),
            _ => 0,
        };
        let mut end = room.min(text.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        self.unfinished.push_str(&text[..end]);
        self.cut += text.len() - end;
    }

    /// The line that has ended, if it is to be shown now.
    fn end_line(&mut self) -> Option<String> {
        let line = std::mem::take(&mut self.unfinished);
        let line = bounded(&line, std::mem::take(&mut self.cut));
        self.lines += 1;
        if self.lines <= FIRST_LINES {
            return Some(line);
        }
        if self.last.len() == LAST_LINES {
            self.last.pop_front();
        }
        self.last.push_back(line);
        None
    }
}

/// What is shown of a line, of which `cut` bytes are missing.
fn bounded(line: &str, cut: usize) -> String {
    let line = readable(settled(line));
    match line.char_indices().nth(LONGEST_LINE) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None if cut > 0 => format!("{line}…"),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All that is shown of `text` when it comes in pieces of `size` bytes; it must be ASCII.
    fn shown(text: &str, size: usize) -> Vec<String> {
        let mut output = CommandOutput::default();
        let pieces = text.as_bytes().chunks(size);
        let pieces = pieces.map(|piece| std::str::from_utf8(piece).unwrap());
        let mut lines: Vec<String> = pieces.flat_map(|piece| output.push(piece)).collect();
        lines.extend(output.finish());
        lines
    }

    fn numbered(numbers: std::ops::RangeInclusive<usize>) -> Vec<String> {
        numbers.map(|number| number.to_string()).collect()
    }

    #[test]
    fn few_lines_are_shown_as_they_are() {
        for size in 1..20 {
            assert_eq!(shown("a\r\n\n\u{1b}[1mb\u{1b}[0m", size), ["a", "", "b"]);
            assert_eq!(shown("1 %\r2 %\rdone\n", size), ["done"]);
            assert_eq!(shown("", size), [""; 0]);
        }
    }

    #[test]
    fn of_many_lines_the_first_and_the_last_are_shown() {
        for count in [40, 41, 50, 51, 5000] {
            let text = numbered(1..=count).join("\n");
            let mut expected = numbered(1..=40);
            match count {
                ..=50 => expected.extend(numbered(41..=count)),
                _ => {
                    expected.push(format!("… {} more lines", count - 50));
                    expected.extend(numbered(count - 9..=count));
                }
            }
            for size in [1, 7, 4096] {
                assert_eq!(shown(&text, size), expected, "{count} lines");
                assert_eq!(shown(&format!("{text}\n"), size), expected);
            }
        }
    }

    #[test]
    fn an_endless_line_is_neither_kept_nor_shown_whole() {
        let line = "x".repeat(3_000_000);
        let expected = [format!("{}…", "x".repeat(LONGEST_LINE)), "y".into()];
        for size in [1, 1000, 3_000_000] {
            assert_eq!(shown(&format!("{line}\ny"), size), expected);
        }
        let mut output = CommandOutput::default();
        for _ in 0..1000 {
            assert_eq!(output.push("漢漢漢漢漢漢漢"), [""; 0]);
        }
        assert!(output.unfinished.capacity() < 4 * LONGEST_KEPT);
    }
}
