//! The tool `read_file`: the lines of a file with their numbers, as the editor has it.
//!
//! Says what a reader would have to know to edit it (encoding, line ends) and, where something is left out, how to get it.

use std::{fmt::Write, path::Path};

use ::workspace::{
    Decoding, Fidelity, FileSource, FileText, LineEnding, ReadError, TextEncoding,
    WorkspaceSnapshot,
};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    function_tool::FunctionTool,
    list_files,
    output::{BYTES_PER_TOKEN, DEFAULT_TOKENS, cut_line},
    places::{hidden, missing, resolve, shown},
};
use crate::{ToolContext, ToolOutput, tool::ToolEffect};

/// Larger files are not read, in bytes.
const LARGEST: u64 = 50 << 20;

/// The most lines of one answer.
const MOST_LINES: usize = 2_000;

/// Longer lines are cut, in bytes.
const LONGEST_LINE: usize = 2_000;

/// Reads files.
pub struct ReadFile;

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Arguments {
    /// The file, relative to the working directory or absolute.
    #[serde(alias = "file_path", alias = "file")]
    path: String,
    /// The first line to read, from 1.
    #[serde(default, alias = "offset")]
    start_line: Option<u64>,
    /// The last line to read.
    #[serde(default)]
    end_line: Option<u64>,
    /// How many lines to read, instead of end_line.
    #[serde(default)]
    limit: Option<u64>,
}

impl FunctionTool for ReadFile {
    type Arguments = Arguments;

    const NAME: &'static str = "read_file";

    const DESCRIPTION: &'static str = "Reads a text file, unsaved changes of the editor included. Answers with numbered lines: \
at most 2000 at once, the whole file if it is shorter; ask for the rest with start_line. For a folder it lists what is in it.";

    const EXAMPLE: &'static str = r#"{"path": "src/main.rs", "start_line": 1, "end_line": 200}"#;

    const EFFECT: ToolEffect = ToolEffect::Reads;

    fn answer(
        &self,
        arguments: Arguments,
        context: &ToolContext<'_>,
    ) -> Result<ToolOutput, ToolOutput> {
        let snapshot = context.workspace.snapshot();
        let path = resolve(context, &snapshot, &arguments.path);
        Ok(match snapshot.read_up_to(&path, LARGEST) {
            Ok(file) => read(&file, &shown(context, &path), &arguments),
            Err(error) => unread(&error, &path, &snapshot, context),
        })
    }
}

fn read(file: &FileText, name: &str, arguments: &Arguments) -> ToolOutput {
    let count = line_count(file);
    if count == 0 {
        return ToolOutput::success(format!("{name} is empty."));
    }
    let start = as_number(arguments.start_line.unwrap_or(1)).max(1);
    if start > count {
        return ToolOutput::failure(format!(
            "{name} has {count} lines, so there is none at start_line {start}."
        ));
    }
    let end = match (arguments.end_line, arguments.limit) {
        (Some(end), _) => as_number(end),
        (None, Some(limit)) => start.saturating_add(as_number(limit)).saturating_sub(1),
        (None, None) => count,
    };
    if end < start {
        return ToolOutput::failure(format!(
            "end_line {end} is before start_line {start}; nothing was read."
        ));
    }
    let end = end.min(count);
    let (lines, last) = numbered(file, start, end);
    let mut answer = if start == 1 && last == count {
        format!("{name} ({}{})\n", counted(count), remarks(file))
    } else {
        format!(
            "{name} (lines {start}-{last} of {count}{})\n",
            remarks(file)
        )
    };
    answer += &lines;
    if last < end {
        // Writing to a string cannot fail.
        let _ = writeln!(
            answer,
            "[Lines {}-{end} are not shown. Go on with start_line {}.]",
            last + 1,
            last + 1
        );
    }
    ToolOutput::success(answer)
}

/// The lines from `start` to `end` as far as they fit, and the last one that did.
fn numbered(file: &FileText, start: usize, end: usize) -> (String, usize) {
    let mut lines = String::new();
    let mut last = start;
    for number in start..=end.min(start + MOST_LINES - 1) {
        let line = file.text.line(number - 1);
        let line = cut_line(line.trim_end_matches(['\n', '\r']), LONGEST_LINE).into_owned();
        if !lines.is_empty() && lines.len() + line.len() > DEFAULT_TOKENS * BYTES_PER_TOKEN {
            break;
        }
        let _ = writeln!(lines, "{number}\t{line}");
        last = number;
    }
    (lines, last)
}

/// The empty line after a break at the very end is no line.
fn line_count(file: &FileText) -> usize {
    let count = file.text.len_lines();
    if file.text.line_start(count - 1) == file.text.len_bytes() {
        count - 1
    } else {
        count
    }
}

fn counted(count: usize) -> String {
    if count == 1 {
        "1 line".into()
    } else {
        format!("{count} lines")
    }
}

/// What is unusual about the file.
fn remarks(file: &FileText) -> String {
    let mut remarks = String::new();
    if let FileSource::Disk { decoding } = file.source {
        remarks += encoding(decoding);
    }
    remarks += match file.line_ending() {
        LineEnding::None | LineEnding::Lf => "",
        LineEnding::CrLf => ", lines end with CR LF",
        LineEnding::Cr => ", lines end with CR",
        LineEnding::Mixed => ", lines end in different ways",
    };
    remarks
}

fn encoding(decoding: Decoding) -> &'static str {
    match (decoding.encoding, decoding.fidelity) {
        (TextEncoding::Utf8, _) => "",
        (TextEncoding::Utf8WithMark, Fidelity::Exact) => ", UTF-8 with a byte order mark",
        (TextEncoding::Utf8WithMark, Fidelity::Lossy) => {
            ", damaged UTF-8, some characters replaced by U+FFFD"
        }
        (TextEncoding::Utf16Le | TextEncoding::Utf16Be, Fidelity::Exact) => ", UTF-16",
        (TextEncoding::Utf16Le | TextEncoding::Utf16Be, Fidelity::Lossy) => {
            ", damaged UTF-16, some characters replaced by U+FFFD"
        }
        (TextEncoding::Windows1252, _) => ", not UTF-8, read as Windows-1252",
    }
}

fn unread(
    error: &ReadError,
    path: &Path,
    snapshot: &WorkspaceSnapshot,
    context: &ToolContext<'_>,
) -> ToolOutput {
    let name = shown(context, path);
    let text = match error {
        ReadError::NotFound { .. } => missing(context, snapshot, path),
        ReadError::Excluded { exclusion, .. } => hidden(context, path, exclusion),
        ReadError::NotAFile {
            kind: ::workspace::FileKind::Directory,
            ..
        } => {
            return list_files::list_folder(path, snapshot, context);
        }
        ReadError::TooLarge { size, limit, .. } => format!(
            "{name} has {size} bytes, more than the {limit} that can be read here. Look at parts of it with a command, for \
             example `sed -n '1,100p'`."
        ),
        ReadError::Binary { .. } => binary(path, &name, context),
        ReadError::NotAFile { kind, .. } => format!("{name} cannot be read: it is {kind}."),
        ReadError::PermissionDenied { .. } => {
            format!("{name} cannot be read: its permissions do not allow it.")
        }
        ReadError::LinkLoop { .. } => {
            format!("{name} cannot be read: it is a link that leads back to itself.")
        }
        ReadError::Io { source, .. } => format!("{name} cannot be read: {source}."),
    };
    ToolOutput::failure(text)
}

fn binary(path: &Path, name: &str, context: &ToolContext<'_>) -> String {
    let Ok(bytes) = context.workspace.read(path, LARGEST) else {
        return format!("{name} is a binary file.");
    };
    let (kind, advice) = match kind_of(&bytes) {
        Some((kind, advice)) => (kind, advice),
        None => (
            "a binary file",
            " Look at it with a command, for example `xxd` or `strings`.",
        ),
    };
    format!(
        "{name} is {kind} of {} bytes, not text.{advice}",
        bytes.len()
    )
}

/// What a file is by its first bytes, and what to do with it.
fn kind_of(bytes: &[u8]) -> Option<(&'static str, &'static str)> {
    const IMAGE: &str = " Use view_image to look at it.";
    const ARCHIVE: &str = " List it with a command.";
    let known: [(&[u8], &str, &str); 12] = [
        (b"\x89PNG\r\n\x1a\n", "a PNG picture", IMAGE),
        (b"\xff\xd8\xff", "a JPEG picture", IMAGE),
        (b"GIF8", "a GIF picture", IMAGE),
        (b"RIFF", "a RIFF file (WebP picture, sound or video)", IMAGE),
        (
            b"%PDF",
            "a PDF document",
            " Take its text out with a command, for example `pdftotext`.",
        ),
        (b"PK\x03\x04", "a ZIP archive", ARCHIVE),
        (b"\x1f\x8b", "a gzip archive", ARCHIVE),
        (b"\x28\xb5\x2f\xfd", "a Zstandard archive", ARCHIVE),
        (b"\x7fELF", "an ELF program or library", ""),
        (b"\0asm", "a WebAssembly module", ""),
        (
            b"SQLite format 3\0",
            "an SQLite database",
            " Ask it with a command, for example `sqlite3`.",
        ),
        (b"\xca\xfe\xba\xbe", "a Java class or a Mach-O program", ""),
    ];
    let found = known
        .into_iter()
        .find(|(magic, ..)| bytes.starts_with(magic));
    found.map(|(_, kind, advice)| (kind, advice))
}

fn as_number(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests;
