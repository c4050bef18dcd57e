//! Seeded random files, edits and trees for the property tests, with all that goes wrong in them.

use std::path::PathBuf;

use fastrand::Rng;

use crate::{Base, Content, FileChange, FileState};

/// A regular file that is not executable.
pub(crate) fn file(content: impl AsRef<[u8]>) -> FileState {
    FileState {
        content: Content::Bytes(content.as_ref().into()),
        is_executable: false,
    }
}

/// A regular file that is executable.
pub(crate) fn executable(content: impl AsRef<[u8]>) -> FileState {
    FileState {
        is_executable: true,
        ..file(content)
    }
}

/// A symbolic link.
pub(crate) fn link(target: impl Into<PathBuf>) -> FileState {
    FileState {
        content: Content::Link(target.into()),
        is_executable: false,
    }
}

/// The change of one path.
pub(crate) fn change(
    path: impl Into<PathBuf>,
    before: Option<FileState>,
    after: Option<FileState>,
) -> FileChange {
    FileChange {
        path: path.into(),
        renamed_from: None,
        base: before.map_or(Base::Absent, Base::Known),
        after,
    }
}

/// One of `values`.
pub(crate) fn pick<'value, Value>(random: &mut Rng, values: &'value [Value]) -> &'value Value {
    &values[random.usize(..values.len())]
}

/// Up to 25 lines of which about `kinds` are different, with one kind of line break and sometimes no
/// last one.
pub(crate) fn lines(random: &mut Rng, kinds: usize) -> String {
    let end = *pick(random, &["\n", "\n", "\r\n"]);
    let mut text: String = (0..random.usize(..25))
        .map(|_| format!("line {}{end}", random.usize(..kinds)))
        .collect();
    if random.usize(..5) == 0 {
        text.truncate(text.trim_end().len());
    }
    text
}

/// `base` with up to three changes of lines, sometimes of the line breaks.
pub(crate) fn edited(random: &mut Rng, base: &str, kinds: usize) -> String {
    let mut lines: Vec<String> = base.split_inclusive('\n').map(str::to_owned).collect();
    let end = if base.contains("\r\n") { "\r\n" } else { "\n" };
    for _ in 0..random.usize(..4) {
        let start = random.usize(..=lines.len());
        let stop = (start + random.usize(..3)).min(lines.len());
        let new: Vec<String> = (0..random.usize(..3))
            .map(|_| format!("line {}{end}", random.usize(..kinds + 3)))
            .collect();
        lines.splice(start..stop, new);
    }
    let mut text = lines.concat();
    match random.usize(..12) {
        0 => text.truncate(text.trim_end().len()),
        1 => text = text.replace("\r\n", "\n"),
        _ => {}
    }
    text
}
