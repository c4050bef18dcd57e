//! The words for one changed file.

use std::fmt;
use std::path::Path;

use super::{Extent, FileSummary, LineCounts};
use crate::ChangeKind;
use crate::names::{join, quoted};

/// The kind, padded so that names stand below each other, then the name and what else there is to say.
pub(super) fn line(file: &FileSummary, root: &Path) -> String {
    let new_name = name(file.path.strip_prefix(root).unwrap_or(&file.path));
    let names = match &file.renamed_from {
        Some(old) => {
            let old_name = name(old.strip_prefix(root).unwrap_or(old));
            format!("{old_name} → {new_name}")
        }
        None => new_name,
    };
    let mode = match file.new_mode {
        Some(true) => "now executable",
        Some(false) => "no longer executable",
        None => "",
    };
    let kind = file.kind.to_string();
    [format!("{kind:<8}"), names, extent(file), mode.to_owned()]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join("  ")
}

/// `+12 −4`, without what is zero.
pub(super) fn counts(counts: LineCounts) -> String {
    match (counts.added, counts.removed) {
        (0, 0) => String::new(),
        (added, 0) => format!("+{added}"),
        (0, removed) => format!("−{removed}"),
        (added, removed) => format!("+{added} −{removed}"),
    }
}

fn extent(file: &FileSummary) -> String {
    match &file.extent {
        Extent::Lines(LineCounts {
            added: 0,
            removed: 0,
        }) => match file.kind {
            ChangeKind::Created | ChangeKind::Deleted => "empty".to_owned(),
            _ => String::new(),
        },
        Extent::Lines(lines) => counts(*lines),
        Extent::Binary { before, after } => match (before, after) {
            (Some(before), Some(after)) if before != after => {
                format!("binary, {} → {}", size(*before), size(*after))
            }
            (_, Some(bytes)) | (Some(bytes), None) => format!("binary, {}", size(*bytes)),
            (None, None) => "binary".to_owned(),
        },
        Extent::Link { before, after } => match (before, after) {
            (_, Some(target)) => {
                format!("link to {}", shown(target.as_os_str().as_encoded_bytes()))
            }
            (Some(_), None) if file.kind == ChangeKind::Deleted => "link".to_owned(),
            _ => "no longer a link".to_owned(),
        },
        Extent::Unknown => {
            "also changed by you, and what the task started from is not known".to_owned()
        }
    }
}

fn size(bytes: usize) -> String {
    match bytes {
        1 => "1 byte".to_owned(),
        0..1024 => format!("{bytes} bytes"),
        1024..1_048_576 => format!("{} KiB", bytes.div_ceil(1024)),
        _ => format!("{} MiB", bytes.div_ceil(1024 * 1024)),
    }
}

fn name(path: &Path) -> String {
    shown(&join(path))
}

/// As a patch has it. Quoting leaves only UTF-8.
fn shown(name: &[u8]) -> String {
    String::from_utf8_lossy(&quoted(name)).into_owned()
}

impl fmt::Display for ChangeKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Created => "created",
            Self::Modified => "modified",
            Self::Deleted => "deleted",
            Self::Renamed => "renamed",
            Self::Mode => "mode",
        })
    }
}
