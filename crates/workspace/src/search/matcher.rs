//! The compiled pattern, and the search of one text with it.

use std::{io, ops::Range};

use grep_matcher::{LineTerminator, Matcher};
use grep_regex::{RegexMatcher, RegexMatcherBuilder};
use grep_searcher::{Searcher, SearcherBuilder, Sink, SinkMatch};

use super::{
    Boundary, CaseRule, LineMatch, PatternSyntax, SearchError, SearchOptions, lines::Lines,
};

/// A pattern ready to search one text after the other, on any thread.
#[derive(Debug)]
pub(super) struct LineSearcher {
    matcher: RegexMatcher,
    options: SearchOptions,
}

impl LineSearcher {
    pub(super) fn new(options: &SearchOptions) -> Result<Self, SearchError> {
        if options.pattern.contains(['\n', '\r']) && options.syntax == PatternSyntax::Literal {
            return Err(pattern_error(
                options,
                "it has a line break, and lines are searched one by one",
            ));
        }
        let matcher = RegexMatcherBuilder::new()
            .fixed_strings(options.syntax == PatternSyntax::Literal)
            .case_insensitive(options.case == CaseRule::Insensitive)
            .case_smart(options.case == CaseRule::Smart)
            .word(options.boundary == Boundary::Word)
            .line_terminator(Some(b'\n'))
            .crlf(true)
            // `^` and `$` mean the line and not the file.
            .multi_line(true)
            .build(&options.pattern)
            .map_err(|error| pattern_error(options, &error.to_string()))?;
        Ok(Self {
            matcher,
            options: options.clone(),
        })
    }

    /// The engine's buffers, to be used by one thread for many texts.
    pub(super) fn engine(&self) -> Searcher {
        SearcherBuilder::new()
            .line_terminator(LineTerminator::crlf())
            .line_number(true)
            .build()
    }

    pub(super) fn max_file_bytes(&self) -> u64 {
        self.options.max_file_bytes
    }

    /// The lines of `text` that match.
    pub(super) fn search(&self, engine: &mut Searcher, text: String) -> Vec<LineMatch> {
        if self.options.max_lines_per_file == 0 {
            return Vec::new();
        }
        let text = with_searchable_breaks(text);
        let mut sink = Collector {
            matcher: &self.matcher,
            lines: Lines::of(&text),
            options: &self.options,
            found: Vec::new(),
        };
        engine
            .search_slice(&self.matcher, text.as_bytes(), &mut sink)
            .expect("memory can be read, and engine and pattern agree on what ends a line");
        sink.found
    }
}

/// A lone `\r` ends a line for editors but not for the search engine. A `\n` in its place has the same length.
fn with_searchable_breaks(text: String) -> String {
    let is_lone = |position: usize| text.as_bytes().get(position + 1) != Some(&b'\n');
    if !text
        .match_indices('\r')
        .any(|(position, _)| is_lone(position))
    {
        return text;
    }
    let is_break = |position, character| character == '\r' && is_lone(position);
    text.char_indices()
        .map(|(position, character)| {
            if is_break(position, character) {
                '\n'
            } else {
                character
            }
        })
        .collect()
}

/// Takes each line that the engine finds and looks up what is around it.
struct Collector<'a> {
    matcher: &'a RegexMatcher,
    lines: Lines<'a>,
    options: &'a SearchOptions,
    found: Vec<LineMatch>,
}

impl Sink for Collector<'_> {
    type Error = io::Error;

    fn matched(&mut self, _: &Searcher, matched: &SinkMatch<'_>) -> io::Result<bool> {
        let number = matched.line_number().expect("line numbers were asked for");
        // The engine counts from 1.
        let line = usize::try_from(number).expect("a text in memory has fewer lines") - 1;
        let text = self.lines.get(line);
        let ranges = ranges(self.matcher, text);
        // The engine may have matched in the line break.
        if ranges.is_empty() {
            return Ok(true);
        }
        self.found.push(LineMatch {
            line,
            text: text.to_owned(),
            ranges,
            before: self.lines.before(line, self.options.context_before),
            after: self.lines.after(line, self.options.context_after),
        });
        Ok(self.found.len() < self.options.max_lines_per_file)
    }
}

fn ranges(matcher: &RegexMatcher, line: &str) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    matcher
        .find_iter(line.as_bytes(), |found| {
            // The engine knows bytes only: what matches nothing does so between the bytes of a character too.
            if line.is_char_boundary(found.start()) && line.is_char_boundary(found.end()) {
                ranges.push(found.start()..found.end());
            }
            true
        })
        .expect("this matcher's error type has no values");
    ranges
}

fn pattern_error(options: &SearchOptions, reason: &str) -> SearchError {
    SearchError::Pattern {
        pattern: options.pattern.clone(),
        reason: reason.to_owned(),
    }
}
