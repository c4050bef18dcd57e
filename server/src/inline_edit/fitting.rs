//! Fits new text into the place of a selection: indentation, line ends, and the last line end. Pure.
//!
//! Models leave the indentation of the first line out, or that of all lines, as often as they repeat it.

use std::ops::Range;

use text::Text;

/// A selection with what decides how text fits into its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Slot {
    selected: String,
    /// What stands before the selection on its first line, if that is nothing but space.
    indentation: Option<String>,
    /// The document's.
    line_break: &'static str,
}

impl Slot {
    /// The slot of `range` in `text`.
    pub(crate) fn of(text: &Text, range: &Range<usize>) -> Self {
        let before = text.slice(text.line_start(text.line_of(range.start))..range.start);
        Self {
            selected: text.slice(range.clone()).into_owned(),
            indentation: before.trim().is_empty().then(|| before.into_owned()),
            line_break: line_break(text, range.start),
        }
    }
}

/// How the line at `offset` ends; of the last line, how the first one does.
fn line_break(text: &Text, offset: usize) -> &'static str {
    let end = match text.line_end(text.line_of(offset)) {
        end if end == text.len_bytes() => text.line_end(0),
        end => end,
    };
    let next = text.floor_char_boundary(end + 2);
    match text.slice(end..next.max(end)).starts_with("\r\n") {
        true => "\r\n",
        false => "\n",
    }
}

/// `new` as it stands in the selection's place; empty when it is nothing but space.
pub(crate) fn fitted(new: &str, slot: &Slot) -> String {
    let old = slot.selected.replace("\r\n", "\n");
    let new = new.replace("\r\n", "\n");
    let new = new.trim_end();
    if new.is_empty() {
        return String::new();
    }
    let mut lines: Vec<String> = new.split('\n').map(str::to_owned).collect();
    if !old.starts_with('\n') {
        let blank = lines.iter().take_while(|line| line.trim().is_empty());
        let blank = blank.count();
        lines.drain(..blank);
    }
    match &slot.indentation {
        Some(indentation) => indent(&mut lines, indentation, &old),
        None if !old.starts_with([' ', '\t']) => {
            lines[0] = lines[0].trim_start().to_owned();
        }
        None => {}
    }
    let ends = old.len() - old.trim_end_matches('\n').len();
    let mut text = lines.join(slot.line_break);
    text.push_str(&slot.line_break.repeat(ends));
    text
}

/// Gives lines the indentation that they have lost, but for what stands before the selection already.
fn indent(lines: &mut [String], indentation: &str, old: &str) {
    let old = format!("{indentation}{old}");
    let old_lines: Vec<&str> = old.split('\n').collect();
    let wanted = common_indentation(&old_lines).unwrap_or(indentation);
    if !wanted.is_empty() && indentation_of(&lines[0]).is_empty() {
        if has_lost_first_only(lines, &old_lines, wanted) {
            let first = indentation_of(old_lines[0]);
            lines[0].insert_str(0, if first.is_empty() { wanted } else { first });
        } else {
            let written = lines.iter_mut().filter(|line| !line.trim().is_empty());
            written.for_each(|line| line.insert_str(0, wanted));
        }
    }
    if let Some(rest) = lines[0].strip_prefix(indentation) {
        lines[0] = rest.to_owned();
    }
}

/// Whether the lines after the first are as deep as they should be.
fn has_lost_first_only(lines: &[String], old_lines: &[&str], wanted: &str) -> bool {
    let rest: Vec<&str> = lines[1..].iter().map(String::as_str).collect();
    let Some(common) = common_indentation(&rest) else {
        return true;
    };
    if !common.starts_with(wanted) {
        return false;
    }
    match common_indentation(&old_lines[1..]) {
        Some(old) => common.len() >= old.len(),
        None => {
            let last = rest.last().map_or("", |line| indentation_of(line));
            let is_any_deeper = rest
                .iter()
                .any(|line| indentation_of(line).len() > wanted.len());
            common.len() > wanted.len() || (last == wanted && is_any_deeper)
        }
    }
}

/// What all lines but blank ones begin with; `None` when there are no others.
fn common_indentation<'a>(lines: &[&'a str]) -> Option<&'a str> {
    let written = lines.iter().filter(|line| !line.trim().is_empty());
    let indentations = written.map(|line| indentation_of(line));
    indentations.reduce(|left, right| {
        let same = left.bytes().zip(right.bytes());
        let same = same.take_while(|(left, right)| left == right).count();
        &left[..same]
    })
}

fn indentation_of(line: &str) -> &str {
    let written = line.trim_start_matches([' ', '\t']);
    &line[..line.len() - written.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The document after `new` was put where the guillemets are.
    fn placed(document: &str, new: &str) -> String {
        let start = document.find('«').unwrap();
        let end = document.find('»').unwrap() - '«'.len_utf8();
        let text = document.replace(['«', '»'], "");
        let slot = Slot::of(&Text::from(text.clone()), &(start..end));
        format!("{}{}{}", &text[..start], fitted(new, &slot), &text[end..])
    }

    #[test]
    fn lost_indentation_comes_back() {
        let whole = "def f():\n    if x:\n        y\n    z\n";
        let selected = "def f():\n«    if a:\n        b\n»    z\n";
        for new in [
            "    if x:\n        y\n",
            "if x:\n    y\n",
            "if x:\n        y",
            "\n\n    if x:\n        y\n\n",
        ] {
            assert_eq!(placed(selected, new), whole, "{new:?}");
        }
        let from_the_word = "def f():\n    «if a:\n        b»\n    z\n";
        for new in [
            "    if x:\n        y\n",
            "if x:\n    y\n",
            "if x:\n        y",
        ] {
            assert_eq!(placed(from_the_word, new), whole, "{new:?}");
        }
    }

    #[test]
    fn one_line_becomes_several() {
        let whole = "{\n    if a {\n        b();\n    }\n}\n";
        for new in [
            "if a {\n    b();\n}",
            "if a {\n        b();\n    }",
            "    if a {\n        b();\n    }\n",
        ] {
            assert_eq!(placed("{\n    «b();»\n}\n", new), whole, "{new:?}");
            assert_eq!(placed("{\n«    b();\n»}\n", new), whole, "{new:?}");
        }
    }

    #[test]
    fn line_ends_are_the_documents() {
        assert_eq!(placed("a\r\n«b\r\n»c", "x\ny"), "a\r\nx\r\ny\r\nc");
        assert_eq!(placed("a\n«b»", "x\r\n"), "a\nx");
        assert_eq!(placed("a\n«b\n\n»c", "x"), "a\nx\n\nc");
    }

    #[test]
    fn within_a_line_nothing_but_the_words_change() {
        assert_eq!(placed("let a = «1 + 1»;", "  2\n"), "let a = 2;");
        assert_eq!(placed("a😀«b»c", "ü"), "a😀üc");
    }

    #[test]
    fn an_insertion_is_indented_as_the_cursor() {
        assert_eq!(
            placed("{\n    «»\n}", "a();\nb();\n"),
            "{\n    a();\n    b();\n}"
        );
        assert_eq!(placed("«»", "a\n"), "a");
    }

    #[test]
    fn nothing_stays_nothing() {
        assert_eq!(placed("a\n«b\n»c", " \n\n"), "a\nc");
    }
}
