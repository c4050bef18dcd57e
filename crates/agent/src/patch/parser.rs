//! Reads a patch: one line at a time, with one state, as lenient as the published parser.
//!
//! The grammar is told to models by `tools/apply_patch/grammar.rs`; what this takes beyond it is what models write all the
//! same: padded marks, a missing first `@@`, empty lines for empty context, a here-document around the whole.

use super::{Chunk, ChunkLine, FileOperation, ParseError, Patch, Reach};

const BEGIN: &str = "*** Begin Patch";
const END: &str = "*** End Patch";
const ENVIRONMENT: &str = "*** Environment ID:";
const ADD: &str = "*** Add File: ";
const DELETE: &str = "*** Delete File: ";
const UPDATE: &str = "*** Update File: ";
const MOVE: &str = "*** Move to: ";
const END_OF_FILE: &str = "*** End of File";
const CONTEXT: &str = "@@ ";
const BARE_CONTEXT: &str = "@@";

/// Reads `text` as a patch.
///
/// # Errors
/// The first line that does not belong there, with its number in `text`, counted from 1 after blank lines at its
/// beginning and the first line of a here-document are taken away.
pub fn parse(text: &str) -> Result<Patch, ParseError> {
    let text = without_here_document(text.trim());
    let mut parser = Parser::default();
    let mut lines = text.split('\n').peekable();
    while let Some(line) = lines.next() {
        let line = line.strip_suffix('\r').unwrap_or(line);
        parser.line_number += 1;
        // The very last line may be indented even inside an update, where that would make it a line of context.
        let is_end = lines.peek().is_none() && line.trim() == END;
        parser.read(if is_end { END } else { line })?;
    }
    parser.finish()
}

/// Takes away `<<EOF` and `EOF`, which some models write around a patch though no shell reads it.
fn without_here_document(text: &str) -> &str {
    let Some((first, rest)) = text.split_once('\n') else {
        return text;
    };
    if !matches!(first.trim_end(), "<<EOF" | "<<'EOF'" | "<<\"EOF\"") {
        return text;
    }
    rest.strip_suffix("EOF").map_or(text, str::trim)
}

#[derive(Default)]
struct Parser {
    state: State,
    operations: Vec<FileOperation>,
    /// The number of the line that is being read, counted from 1.
    line_number: usize,
}

/// What was read last.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum State {
    #[default]
    Nothing,
    Begin,
    Environment,
    Added,
    Deleted,
    Updated {
        header_line: usize,
    },
    End,
}

impl Parser {
    fn read(&mut self, line: &str) -> Result<(), ParseError> {
        match self.state {
            State::Nothing if line.trim() == BEGIN => {
                self.state = State::Begin;
                Ok(())
            }
            State::Nothing => Err(ParseError::NoBegin),
            State::Begin if line.trim().starts_with(ENVIRONMENT) => self.read_environment(line),
            State::Begin | State::Environment | State::Deleted => {
                if self.read_header(line.trim())? {
                    return Ok(());
                }
                Err(self.invalid_header(line.trim()))
            }
            State::Added => {
                if self.read_header(line.trim())? {
                    return Ok(());
                }
                self.read_added_line(line)
            }
            State::Updated { .. } => {
                if self.read_header(line.trim_end())? {
                    return Ok(());
                }
                self.read_update_line(line)
            }
            State::End if line.trim().is_empty() => Ok(()),
            State::End => Err(ParseError::NoEnd),
        }
    }

    fn finish(self) -> Result<Patch, ParseError> {
        match self.state {
            State::Nothing => Err(ParseError::NoBegin),
            State::End if self.operations.is_empty() => Err(ParseError::Empty),
            State::End => Ok(Patch {
                operations: self.operations,
            }),
            _ => Err(ParseError::NoEnd),
        }
    }

    /// Written where one session works in several environments; here there is one, so any name is right.
    fn read_environment(&mut self, line: &str) -> Result<(), ParseError> {
        if line.trim() == ENVIRONMENT {
            return Err(self.invalid("the environment's name is missing".into()));
        }
        self.state = State::Environment;
        Ok(())
    }

    fn read_header(&mut self, line: &str) -> Result<bool, ParseError> {
        let (operation, state) = if line == END {
            (None, State::End)
        } else if let Some(path) = line.strip_prefix(ADD) {
            let operation = FileOperation::Add {
                path: self.path(path)?,
                content: String::new(),
            };
            (Some(operation), State::Added)
        } else if let Some(path) = line.strip_prefix(DELETE) {
            let path = self.path(path)?;
            (Some(FileOperation::Delete { path }), State::Deleted)
        } else if let Some(path) = line.strip_prefix(UPDATE) {
            let operation = FileOperation::Update {
                path: self.path(path)?,
                move_to: None,
                chunks: Vec::new(),
            };
            let header_line = self.line_number;
            (Some(operation), State::Updated { header_line })
        } else {
            return Ok(false);
        };
        self.require_complete_update(line)?;
        self.operations.extend(operation);
        self.state = state;
        Ok(true)
    }

    fn path(&self, path: &str) -> Result<String, ParseError> {
        match path.trim() {
            "" => Err(self.invalid("the file's path is missing".into())),
            path => Ok(path.to_owned()),
        }
    }

    /// Before anything new begins, the update under way must have come to something.
    fn require_complete_update(&self, line: &str) -> Result<(), ParseError> {
        let State::Updated { header_line } = self.state else {
            return Ok(());
        };
        let Some(FileOperation::Update {
            path,
            move_to,
            chunks,
        }) = self.operations.last()
        else {
            return Ok(());
        };
        match chunks.last() {
            None if move_to.is_some() => Ok(()),
            None => Err(ParseError::Line {
                line_number: header_line,
                message: format!("Update file hunk for path '{path}' is empty"),
            }),
            Some(chunk) if !chunk.lines.is_empty() => Ok(()),
            Some(_) if line == END => {
                Err(self.invalid("Update hunk does not contain any lines".into()))
            }
            Some(_) => Err(self.unexpected_update_line(line)),
        }
    }

    fn read_added_line(&mut self, line: &str) -> Result<(), ParseError> {
        if let (Some(added), Some(FileOperation::Add { content, .. })) =
            (line.strip_prefix('+'), self.operations.last_mut())
        {
            content.push_str(added);
            content.push('\n');
            return Ok(());
        }
        Err(self.invalid(format!(
            "Unexpected line found in add file hunk: '{line}'. Every line should start with '+'"
        )))
    }

    fn read_update_line(&mut self, line: &str) -> Result<(), ParseError> {
        let Some(FileOperation::Update {
            move_to, chunks, ..
        }) = self.operations.last_mut()
        else {
            return Err(self.unexpected_update_line(line));
        };
        take_update_line(move_to, chunks, line).map_err(|misplaced| match misplaced {
            Misplaced::NoMark => self.unexpected_update_line(line),
            Misplaced::MissingContext => self.invalid(format!(
                "Expected update hunk to start with a @@ context marker, got: '{line}'"
            )),
            Misplaced::EmptyChunk => self.invalid("Update hunk does not contain any lines".into()),
        })
    }

    fn invalid_header(&self, line: &str) -> ParseError {
        self.invalid(format!(
            "'{line}' is not a valid hunk header. Valid hunk headers: '*** Add File: {{path}}', '*** Delete File: {{path}}', '*** Update File: {{path}}'"
        ))
    }

    fn unexpected_update_line(&self, line: &str) -> ParseError {
        self.invalid(format!(
            "Unexpected line found in update hunk: '{line}'. Every line should start with ' ' (context line), '+' (added line), or '-' (removed line)"
        ))
    }

    fn invalid(&self, message: String) -> ParseError {
        ParseError::Line {
            line_number: self.line_number,
            message,
        }
    }
}

/// Why a line of an update does not belong where it is.
enum Misplaced {
    /// It begins with none of the three marks.
    NoMark,
    /// The chunk before is complete, so another one would have to begin with `@@`.
    MissingContext,
    /// The chunk that it ends has no lines.
    EmptyChunk,
}

fn take_update_line(
    move_to: &mut Option<String>,
    chunks: &mut Vec<Chunk>,
    line: &str,
) -> Result<(), Misplaced> {
    let trimmed = line.trim_end();
    if trimmed == BARE_CONTEXT || trimmed.starts_with(CONTEXT) {
        open_chunk(chunks, trimmed.strip_prefix(CONTEXT));
        return Ok(());
    }
    if let Some(path) = trimmed.strip_prefix(MOVE)
        && chunks.is_empty()
        && move_to.is_none()
    {
        *move_to = Some(path.trim().to_owned());
        return Ok(());
    }
    let last = chunks.last();
    let is_at_end = last.is_some_and(|chunk| chunk.reach == Reach::EndOfFile);
    match trimmed {
        END_OF_FILE => end_chunk(chunks.last_mut()),
        "" if is_at_end => Ok(()),
        _ if is_at_end => Err(Misplaced::MissingContext),
        _ => add_line(chunks, line),
    }
}

/// Several `@@` lines in a row belong to one chunk: each narrows down where it is. The published grammar allows that,
/// and its parser does not; without it, a place that exists twice could not be named.
fn open_chunk(chunks: &mut Vec<Chunk>, context: Option<&str>) {
    if chunks.last().is_none_or(|chunk| !chunk.lines.is_empty()) {
        chunks.push(Chunk::default());
    }
    if let (Some(chunk), Some(context)) = (chunks.last_mut(), context) {
        chunk.contexts.push(context.to_owned());
    }
}

fn end_chunk(chunk: Option<&mut Chunk>) -> Result<(), Misplaced> {
    match chunk {
        Some(chunk) if !chunk.lines.is_empty() => {
            chunk.reach = Reach::EndOfFile;
            Ok(())
        }
        _ => Err(Misplaced::EmptyChunk),
    }
}

fn add_line(chunks: &mut Vec<Chunk>, line: &str) -> Result<(), Misplaced> {
    let has_lines = chunks.last().is_some_and(|chunk| !chunk.lines.is_empty());
    let line = match chunk_line(line) {
        Some(line) => line,
        None if has_lines => return Err(Misplaced::MissingContext),
        None => return Err(Misplaced::NoMark),
    };
    match chunks.last_mut() {
        Some(chunk) => chunk.lines.push(line),
        // The first chunk may lack its `@@`.
        None => chunks.push(Chunk {
            lines: vec![line],
            ..Chunk::default()
        }),
    }
    Ok(())
}

fn chunk_line(line: &str) -> Option<ChunkLine> {
    let mut characters = line.chars();
    let mark = characters.next();
    let text = characters.as_str().to_owned();
    match mark {
        None | Some(' ') => Some(ChunkLine::Context(text)),
        Some('-') => Some(ChunkLine::Removed(text)),
        Some('+') => Some(ChunkLine::Added(text)),
        Some(_) => None,
    }
}
