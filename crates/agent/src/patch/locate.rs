//! Where the chunks of an update belong in the file.
//!
//! As published, each chunk goes to the first place after the one before it. Unlike there, a chunk that could as well go
//! somewhere else is refused. What the order of the chunks rules out, and what `@@` lines rule out, is no such place.

use super::{Chunk, ChunkError, ChunkLine, Reach, error::Hint, nearest, seek};

/// Where one chunk belongs.
#[derive(Debug)]
pub(super) struct Located {
    /// The number of the first line that it replaces, counted from 0; the number of lines where it only appends.
    pub(super) start: usize,
    /// Its lines; fewer than were written where the file's last line break was written as an empty line.
    pub(super) lines: Vec<ChunkLine>,
}

/// Finds the one place of each chunk, in the order of the file.
///
/// # Errors
/// The first chunk that has no place, or the first that has more than one.
pub(super) fn locate(
    path: &str,
    lines: &[&str],
    chunks: &[Chunk],
) -> Result<Vec<Located>, ChunkError> {
    let mut choices = Vec::with_capacity(chunks.len());
    let mut cursor = 0;
    for chunk in chunks {
        let file = File {
            path,
            lines,
            cursor,
        };
        let choice = file.choose(chunk)?;
        cursor = choice.cursor;
        choices.push(choice);
    }
    require_one_place_each(path, lines.len(), &choices)?;
    Ok(choices
        .into_iter()
        .map(|choice| choice.located(lines.len()))
        .collect())
}

/// What a chunk is sought in.
struct File<'a> {
    path: &'a str,
    lines: &'a [&'a str],
    /// Where the chunk before ended.
    cursor: usize,
}

/// The places a chunk could go to, the first being the published choice.
struct Choice {
    places: Vec<Place>,
    lines: Vec<ChunkLine>,
    /// How many lines of the file it covers; none where it only appends, and then its place is the end of the file.
    covers: usize,
    /// Where the next chunk is sought from.
    cursor: usize,
}

struct Place {
    /// The last line at which the chunk before may end so that this place can be meant.
    bound: usize,
    start: usize,
}

/// A place that the `@@` lines of a chunk lead to.
#[derive(Clone, Copy)]
struct Anchor {
    /// The first `@@` line.
    first: usize,
    /// The line after the last `@@` line.
    after: usize,
}

impl File<'_> {
    fn choose(&self, chunk: &Chunk) -> Result<Choice, ChunkError> {
        let anchors = self.anchors(&chunk.contexts)?;
        let from = anchors.first().map_or(self.cursor, |anchor| anchor.after);
        if chunk.expected().is_empty() {
            return Ok(self.append(chunk, &anchors, from));
        }
        let (lines, starts) = self
            .seek_chunk(chunk, from)
            .ok_or_else(|| self.no_lines(chunk, from))?;
        let covers = lines.iter().filter_map(ChunkLine::expected).count();
        let places = places(&anchors, &starts);
        let cursor = places[0].start + covers;
        Ok(Choice {
            places,
            lines,
            covers,
            cursor,
        })
    }

    /// As published, what only comes goes to the end of the file, also behind an `@@` line.
    fn append(&self, chunk: &Chunk, anchors: &[Anchor], cursor: usize) -> Choice {
        let bound = anchors
            .last()
            .map_or(self.lines.len(), |anchor| anchor.first);
        Choice {
            places: vec![Place {
                bound,
                start: cursor.min(bound),
            }],
            lines: chunk.lines.clone(),
            covers: 0,
            cursor,
        }
    }

    fn anchors(&self, contexts: &[String]) -> Result<Vec<Anchor>, ChunkError> {
        let Some((first, others)) = contexts.split_first() else {
            return Ok(Vec::new());
        };
        let starts = seek::find(self.lines, &[first.as_str()], self.cursor);
        let mut anchors: Vec<Anchor> = starts
            .iter()
            .map(|&first| Anchor {
                first,
                after: first + 1,
            })
            .collect();
        let Some(&Anchor { mut after, .. }) = anchors.first() else {
            return Err(self.no_context(first, self.cursor));
        };
        for context in others {
            let starts = seek::find(self.lines, &[context.as_str()], after);
            anchors = anchors
                .into_iter()
                .filter_map(|anchor| {
                    let next = starts.get(starts.partition_point(|&start| start < anchor.after))?;
                    Some(Anchor {
                        after: next + 1,
                        ..anchor
                    })
                })
                .collect();
            match anchors.first() {
                Some(anchor) => after = anchor.after,
                None => return Err(self.no_context(context, after)),
            }
        }
        Ok(anchors)
    }

    /// The chunk's lines and where they stand. Models write the file's last line break as an empty last line, so a chunk
    /// that is not found is sought once more without it.
    fn seek_chunk(&self, chunk: &Chunk, from: usize) -> Option<(Vec<ChunkLine>, Vec<usize>)> {
        let starts = self.starts(&chunk.expected(), chunk.reach, from);
        if !starts.is_empty() {
            return Some((chunk.lines.clone(), starts));
        }
        let lines = without_last_empty_line(&chunk.lines)?;
        let expected: Vec<&str> = lines.iter().filter_map(ChunkLine::expected).collect();
        if expected.is_empty() {
            return None;
        }
        let starts = self.starts(&expected, chunk.reach, from);
        (!starts.is_empty()).then_some((lines, starts))
    }

    fn starts(&self, expected: &[&str], reach: Reach, from: usize) -> Vec<usize> {
        let from = match (reach, self.lines.len().checked_sub(expected.len())) {
            (Reach::EndOfFile, Some(last)) => from.max(last),
            _ => from,
        };
        seek::find(self.lines, expected, from)
    }

    fn no_context(&self, context: &str, from: usize) -> ChunkError {
        let hint = if is_unified_range(context) {
            Some(Hint::UnifiedDiff)
        } else {
            self.hint(&[context], from)
        };
        ChunkError::NoContext {
            path: self.path.to_owned(),
            context: context.to_owned(),
            hint,
        }
    }

    fn no_lines(&self, chunk: &Chunk, from: usize) -> ChunkError {
        let expected = chunk.expected();
        let elsewhere = seek::find(self.lines, &expected, from).first().copied();
        let hint = match (chunk.reach, elsewhere) {
            (Reach::EndOfFile, Some(start)) => Some(Hint::NotAtEnd {
                line_number: start + 1,
            }),
            _ => self.hint(&expected, from),
        };
        ChunkError::NoLines {
            path: self.path.to_owned(),
            expected: expected.into_iter().map(str::to_owned).collect(),
            hint,
        }
    }

    fn hint(&self, wanted: &[&str], from: usize) -> Option<Hint> {
        let earlier = seek::find(self.lines, wanted, 0);
        match earlier.first() {
            Some(&start) if start < from => Some(Hint::Earlier {
                line_number: start + 1,
            }),
            _ => nearest::excerpt(self.lines, wanted).map(Hint::Nearest),
        }
    }
}

impl Choice {
    fn located(self, line_count: usize) -> Located {
        let start = match self.covers {
            0 => line_count,
            _ => self.places[0].start,
        };
        Located {
            start,
            lines: self.lines,
        }
    }
}

/// For each anchor the first place after it; without anchors every place. Never empty when `starts` is not and the first
/// anchor lies before one of them, which is how both were sought.
fn places(anchors: &[Anchor], starts: &[usize]) -> Vec<Place> {
    if anchors.is_empty() {
        return starts
            .iter()
            .map(|&start| Place {
                bound: start,
                start,
            })
            .collect();
    }
    let mut places: Vec<Place> = Vec::new();
    for anchor in anchors {
        let Some(&start) = starts.get(starts.partition_point(|&start| start < anchor.after)) else {
            break;
        };
        let bound = anchor.first;
        match places.last_mut() {
            Some(last) if last.start == start => last.bound = bound,
            _ => places.push(Place { bound, start }),
        }
    }
    places
}

/// Goes back from the last chunk: a place counts only if the chunks after it still have one.
fn require_one_place_each(
    path: &str,
    line_count: usize,
    choices: &[Choice],
) -> Result<(), ChunkError> {
    let mut ambiguous = None;
    let mut limit = line_count;
    for choice in choices.iter().rev() {
        let possible: Vec<&Place> = choice
            .places
            .iter()
            .filter(|place| place.start + choice.covers <= limit)
            .collect();
        if 1 < possible.len() {
            ambiguous = Some(ChunkError::Ambiguous {
                path: path.to_owned(),
                expected: expected(&choice.lines),
                line_numbers: possible.iter().map(|place| place.start + 1).collect(),
            });
        }
        limit = possible
            .last()
            .map_or(limit, |place| place.bound)
            .min(limit);
    }
    ambiguous.map_or(Ok(()), Err)
}

fn expected(lines: &[ChunkLine]) -> Vec<String> {
    lines
        .iter()
        .filter_map(ChunkLine::expected)
        .map(str::to_owned)
        .collect()
}

/// The lines without an empty last line that must stand in the file, and without an empty last line that comes.
fn without_last_empty_line(lines: &[ChunkLine]) -> Option<Vec<ChunkLine>> {
    let last = lines.iter().rposition(|line| line.expected().is_some())?;
    let mut shorter = lines.to_vec();
    match &lines[last] {
        ChunkLine::Context(text) if text.is_empty() => {
            shorter[last] = ChunkLine::Added(String::new());
        }
        ChunkLine::Removed(text) if text.is_empty() => {
            shorter.remove(last);
        }
        _ => return None,
    }
    if matches!(shorter.last(), Some(ChunkLine::Added(text)) if text.is_empty()) {
        shorter.pop();
    }
    Some(shorter)
}

/// Whether `context` is what follows `@@ ` in a unified diff, such as `-1,4 +1,5 @@`.
fn is_unified_range(context: &str) -> bool {
    let is_range = |word: &str, sign: char| {
        word.strip_prefix(sign).is_some_and(|numbers| {
            !numbers.is_empty()
                && numbers
                    .chars()
                    .all(|character| character.is_ascii_digit() || character == ',')
        })
    };
    let mut words = context.split_whitespace();
    words.next().is_some_and(|word| is_range(word, '-'))
        && words.next().is_some_and(|word| is_range(word, '+'))
}
