//! Finds lines in a file, exactly if possible, else as loosely as the published tool: four passes, the first that hits counts.

/// How loosely lines are compared, strictest first.
const PASSES: [Pass; 4] = [Pass::Exact, Pass::TrimmedEnd, Pass::Trimmed, Pass::Plain];

#[derive(Clone, Copy)]
enum Pass {
    Exact,
    /// White space at the end does not matter.
    TrimmedEnd,
    /// Nor at the beginning.
    Trimmed,
    /// Nor whether dashes, quotes and spaces are those of a typewriter.
    Plain,
}

/// Every place at or after `from` where `pattern` stands in `lines`, in the strictest pass that finds any.
///
/// Places are the numbers of first lines, counted from 0, in order. `pattern` is not empty.
pub(super) fn find(lines: &[&str], pattern: &[&str], from: usize) -> Vec<usize> {
    let Some(last) = lines.len().checked_sub(pattern.len()) else {
        return Vec::new();
    };
    for pass in PASSES {
        let stands_at = |start: &usize| {
            let window = &lines[*start..*start + pattern.len()];
            window
                .iter()
                .zip(pattern)
                .all(|(line, wanted)| pass.is_same(line, wanted))
        };
        let places: Vec<usize> = (from..=last).filter(stands_at).collect();
        if !places.is_empty() {
            return places;
        }
    }
    Vec::new()
}

impl Pass {
    fn is_same(self, line: &str, wanted: &str) -> bool {
        match self {
            Self::Exact => line == wanted,
            Self::TrimmedEnd => line.trim_end() == wanted.trim_end(),
            Self::Trimmed => line.trim() == wanted.trim(),
            Self::Plain => line
                .trim()
                .chars()
                .map(plain)
                .eq(wanted.trim().chars().map(plain)),
        }
    }
}

/// The ASCII character that people type where typesetting has a finer one.
fn plain(character: char) -> char {
    match character {
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        '\u{2018}'..='\u{201B}' => '\'',
        '\u{201C}'..='\u{201F}' => '"',
        '\u{00A0}' | '\u{2002}'..='\u{200A}' | '\u{202F}' | '\u{205F}' | '\u{3000}' => ' ',
        other => other,
    }
}
