//! Applies the chunks of an update to a text.
//!
//! Lines that stay keep their text and their line break, whichever pass found them. New lines get the file's first line
//! break. A last line without a break stays so if it was not touched; a new last line gets one.

use super::{
    Chunk, ChunkError, ChunkLine,
    locate::{Located, locate},
    source_file::SourceFile,
};

/// The text that `chunks` make of `text`. `path` is for the messages only.
///
/// # Errors
/// A chunk has no place, or more than one.
pub fn apply_chunks(path: &str, text: &str, chunks: &[Chunk]) -> Result<String, ChunkError> {
    let file = SourceFile::new(text);
    let mut located = locate(path, &file.lines, chunks)?;
    // Chunks are in order already, but for those that append, which may stand anywhere among them.
    located.sort_by_key(|located| located.start);
    Ok(Output::new(&file, text.len()).write(&located))
}

struct Output<'file, 'text> {
    file: &'file SourceFile<'text>,
    text: String,
    /// The next line of the file.
    next: usize,
    /// Whether the last line written has no line break yet.
    is_open: bool,
}

impl<'file, 'text> Output<'file, 'text> {
    fn new(file: &'file SourceFile<'text>, capacity: usize) -> Self {
        Self {
            file,
            text: String::with_capacity(capacity),
            next: 0,
            is_open: false,
        }
    }

    fn write(mut self, located: &[Located]) -> String {
        for chunk in located {
            while self.next < chunk.start {
                self.keep();
            }
            for line in &chunk.lines {
                match line {
                    ChunkLine::Context(_) => self.keep(),
                    ChunkLine::Removed(_) => self.next += 1,
                    ChunkLine::Added(text) => self.add(text),
                }
            }
        }
        while self.next < self.file.lines.len() {
            self.keep();
        }
        self.text
    }

    fn keep(&mut self) {
        let ending = self.file.endings[self.next];
        self.push(self.file.lines[self.next], ending);
        self.next += 1;
    }

    fn add(&mut self, line: &str) {
        self.push(line, self.file.preferred_ending());
    }

    fn push(&mut self, line: &str, ending: &str) {
        if self.is_open {
            self.text.push_str(self.file.preferred_ending());
        }
        self.text.push_str(line);
        self.text.push_str(ending);
        self.is_open = ending.is_empty();
    }
}
