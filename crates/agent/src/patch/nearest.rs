//! The part of a file that is most like lines that were not found in it: what the author of a patch should have written.
//!
//! Bounded in time whatever the file: the costly comparison is done for a few places only, chosen by a cheap one.

use std::{collections::HashMap, fmt};

/// How many lines of an excerpt are shown.
const MOST_LINES: usize = 14;

/// How many bytes of a line are shown and compared.
const MOST_BYTES: usize = 240;

/// How many places are compared line by line.
const MOST_PLACES: usize = 48;

/// How many lines of a file are compared with the longest line that was wanted.
const MOST_COMPARED: usize = 50_000;

/// Below this, from 0 to 1, a place is not worth showing.
const LEAST_SIMILARITY: f64 = 0.45;

/// Lines of a file with their numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    /// The number of the first line, counted from 1.
    pub first_line: usize,
    /// The lines, long ones cut.
    pub lines: Vec<String>,
}

impl fmt::Display for Excerpt {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let last_line = self.first_line + self.lines.len() - 1;
        if self.first_line == last_line {
            write!(
                formatter,
                "The most similar text there is line {last_line}:"
            )?;
        } else {
            write!(
                formatter,
                "The most similar text there is in lines {}-{last_line}:",
                self.first_line
            )?;
        }
        for (number, line) in (self.first_line..).zip(&self.lines) {
            write!(formatter, "\n{number}: {line}")?;
        }
        Ok(())
    }
}

/// The part of `lines` that is most like `wanted`, if any is like it at all.
pub(crate) fn excerpt(lines: &[&str], wanted: &[&str]) -> Option<Excerpt> {
    let wanted = without_blank_edges(wanted);
    let start = best_start(lines, wanted)?;
    let end = (start + wanted.len().min(MOST_LINES)).min(lines.len());
    Some(Excerpt {
        first_line: start + 1,
        lines: lines[start..end].iter().map(|line| shown(line)).collect(),
    })
}

fn without_blank_edges<'a, 'b>(wanted: &'b [&'a str]) -> &'b [&'a str] {
    let is_blank = |line: &&str| line.trim().is_empty();
    let start = wanted.iter().take_while(|line| is_blank(line)).count();
    let blank_end = wanted
        .iter()
        .rev()
        .take_while(|line| is_blank(line))
        .count();
    wanted.get(start..wanted.len() - blank_end).unwrap_or(&[])
}

fn best_start(lines: &[&str], wanted: &[&str]) -> Option<usize> {
    let mut best: Option<(f64, usize)> = None;
    for start in candidates(lines, wanted) {
        let similarity = similarity_at(lines, wanted, start);
        if best.is_none_or(|(most, _)| most < similarity) {
            best = Some((similarity, start));
        }
    }
    best.filter(|(similarity, _)| LEAST_SIMILARITY <= *similarity)
        .map(|(_, start)| start)
}

/// Places where some line is the same, those with most first; and the places that the line most like the longest wanted
/// line leads to.
fn candidates(lines: &[&str], wanted: &[&str]) -> Vec<usize> {
    let mut votes: HashMap<usize, usize> = HashMap::new();
    let offsets = offsets_of(wanted);
    for (number, line) in lines.iter().enumerate() {
        for offset in offsets.get(line.trim()).into_iter().flatten() {
            if let Some(start) = number.checked_sub(*offset) {
                *votes.entry(start).or_default() += 1;
            }
        }
    }
    let mut starts: Vec<(usize, usize)> = votes.into_iter().collect();
    starts.sort_by_key(|&(start, votes)| (std::cmp::Reverse(votes), start));
    starts.truncate(MOST_PLACES);
    let mut starts: Vec<usize> = starts.into_iter().map(|(start, _)| start).collect();
    starts.extend(start_by_longest_line(lines, wanted));
    starts
}

/// Where each wanted line stands among the wanted; blank ones say nothing.
fn offsets_of<'a>(wanted: &[&'a str]) -> HashMap<&'a str, Vec<usize>> {
    let mut offsets: HashMap<&str, Vec<usize>> = HashMap::new();
    for (offset, line) in wanted.iter().enumerate().take(MOST_LINES) {
        if 2 < line.trim().len() {
            offsets.entry(line.trim()).or_default().push(offset);
        }
    }
    offsets
}

fn start_by_longest_line(lines: &[&str], wanted: &[&str]) -> Option<usize> {
    let (offset, longest) = wanted
        .iter()
        .enumerate()
        .take(MOST_LINES)
        .max_by_key(|(_, line)| line.trim().len())?;
    let pairs = Pairs::of(longest);
    let mut best = (0.0, 0);
    for (number, line) in lines.iter().enumerate().take(MOST_COMPARED) {
        let similarity = pairs.similarity(&Pairs::of(line));
        if best.0 < similarity {
            best = (similarity, number);
        }
    }
    (0.0 < best.0).then(|| best.1.saturating_sub(offset))
}

/// The mean similarity of the wanted lines to those from `start` on.
fn similarity_at(lines: &[&str], wanted: &[&str], start: usize) -> f64 {
    let compared = wanted.len().min(MOST_LINES);
    let weight = |line: &str| line.trim().len().min(MOST_BYTES) as f64 + 1.0;
    let total: f64 = wanted.iter().take(compared).map(|line| weight(line)).sum();
    let similar: f64 = wanted
        .iter()
        .take(compared)
        .enumerate()
        .map(|(offset, wanted)| {
            let line = lines.get(start + offset);
            let similarity =
                line.map_or(0.0, |line| Pairs::of(wanted).similarity(&Pairs::of(line)));
            similarity * weight(wanted)
        })
        .sum();
    similar / total
}

/// The pairs of neighbouring bytes in a line, sorted: two lines are alike as far as they share them (Dice's coefficient).
struct Pairs(Vec<[u8; 2]>);

impl Pairs {
    fn of(line: &str) -> Self {
        let line = line.trim().as_bytes();
        let line = &line[..line.len().min(MOST_BYTES)];
        let mut pairs: Vec<[u8; 2]> = match line {
            [] => Vec::new(),
            [only] => vec![[*only, 0]],
            _ => line.windows(2).map(|pair| [pair[0], pair[1]]).collect(),
        };
        pairs.sort_unstable();
        Self(pairs)
    }

    fn similarity(&self, other: &Self) -> f64 {
        if self.0.is_empty() && other.0.is_empty() {
            return 1.0;
        }
        let (mut left, mut right) = (self.0.iter().peekable(), other.0.iter().peekable());
        let mut shared = 0;
        while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
            match a.cmp(b) {
                std::cmp::Ordering::Less => drop(left.next()),
                std::cmp::Ordering::Greater => drop(right.next()),
                std::cmp::Ordering::Equal => {
                    shared += 1;
                    left.next();
                    right.next();
                }
            }
        }
        f64::from(2 * shared) / (self.0.len() + other.0.len()) as f64
    }
}

fn shown(line: &str) -> String {
    if line.len() <= MOST_BYTES {
        return line.to_owned();
    }
    let ends = line.char_indices().map(|(offset, _)| offset);
    let end = ends.take_while(|&offset| offset <= MOST_BYTES).last();
    format!("{}…", &line[..end.unwrap_or_default()])
}
