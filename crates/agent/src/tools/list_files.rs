//! The tool `list_files`: what is in a folder, as a tree.
//!
//! Where there is more than fits, the tree is cut at a depth at which it does, and each folder cut says how much is in it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
    path::{Path, PathBuf},
};

use ::workspace::{EntryKind, FileEntry, WalkOptions, WorkspaceSnapshot, Yields};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    function_tool::FunctionTool,
    places::{files_under, shown},
};
use crate::{ToolContext, ToolOutput, tool::ToolEffect};

/// How many entries are listed when the model asks for no other number.
const USUAL_ENTRIES: usize = 400;

/// The most entries of one answer.
const MOST_ENTRIES: usize = 2_000;

/// So many entries are looked at to count them.
const MOST_WALKED: usize = 200_000;

/// Lists folders.
pub struct ListFiles;

#[derive(Default, Deserialize, JsonSchema)]
pub(crate) struct Arguments {
    /// The folder; the workspace if left out.
    #[serde(default, alias = "dir", alias = "directory")]
    path: Option<String>,
    /// Only files that match, such as `*.rs` or `src/**/*.{ts,tsx}`; `!*.min.js` leaves out.
    #[serde(default, alias = "pattern")]
    glob: Option<String>,
    /// How deep to go: 1 for the direct children only.
    #[serde(default)]
    depth: Option<u64>,
    /// The most entries to list.
    #[serde(default)]
    limit: Option<u64>,
}

impl FunctionTool for ListFiles {
    type Arguments = Arguments;

    const NAME: &'static str = "list_files";

    const DESCRIPTION: &'static str = "Lists files and folders as a tree, ignored ones left out. With more than `limit` entries, deep \
folders are only counted: ask for them by path.";

    const EXAMPLE: &'static str = r#"{"path": "src", "glob": "*.rs", "depth": 2}"#;

    const EFFECT: ToolEffect = ToolEffect::Reads;

    fn answer(
        &self,
        arguments: Arguments,
        context: &ToolContext<'_>,
    ) -> Result<ToolOutput, ToolOutput> {
        let snapshot = context.workspace.snapshot();
        let (path, glob) = (arguments.path.as_deref(), arguments.glob.as_deref());
        let files = files_under(context, &snapshot, path, glob).map_err(ToolOutput::failure)?;
        Ok(list(files, &arguments, &snapshot, context))
    }
}

/// The direct children of the folder at `path`.
pub(super) fn list_folder(
    path: &Path,
    snapshot: &WorkspaceSnapshot,
    context: &ToolContext<'_>,
) -> ToolOutput {
    let files = WalkOptions {
        under: Some(path.to_owned()),
        ..WalkOptions::default()
    };
    let arguments = Arguments {
        depth: Some(1),
        ..Arguments::default()
    };
    list(files, &arguments, snapshot, context)
}

fn list(
    files: WalkOptions,
    arguments: &Arguments,
    snapshot: &WorkspaceSnapshot,
    context: &ToolContext<'_>,
) -> ToolOutput {
    let roots = match &files.under {
        Some(under) => vec![under.clone()],
        None => context.workspace.folders().to_vec(),
    };
    let has_glob = !files.globs.is_empty();
    let options = WalkOptions {
        yields: if has_glob {
            Yields::Files
        } else {
            Yields::FilesAndDirectories
        },
        max_depth: arguments
            .depth
            .map(|depth| usize::try_from(depth).unwrap_or(usize::MAX).max(1)),
        ..files
    };
    let mut walk = match snapshot.walk(&options) {
        Ok(walk) => walk,
        Err(error) => return ToolOutput::failure(format!("{error}.")),
    };
    let mut entries: Vec<FileEntry> = Vec::new();
    for entry in walk.by_ref().take(MOST_WALKED) {
        if context.cancel.is_set() {
            return ToolOutput::interrupted("Interrupted while listing.");
        }
        entries.push(entry);
    }
    let limit = arguments.limit.map_or(USUAL_ENTRIES, |limit| {
        usize::try_from(limit).unwrap_or(usize::MAX)
    });
    let mut answer = String::new();
    for root in &roots {
        let tree = Tree::of(root, &entries);
        answer += &tree.text(&shown(context, root), limit.clamp(1, MOST_ENTRIES));
    }
    let walked = entries.len();
    if walked == 0 {
        answer += if has_glob {
            "No file matches the glob.\n"
        } else {
            "Nothing here, or all of it is ignored.\n"
        };
    }
    if walked == MOST_WALKED {
        // Writing to a string cannot fail.
        let _ = writeln!(
            answer,
            "[Only the first {MOST_WALKED} entries were counted. Give a path or a glob.]"
        );
    }
    for problem in walk.problems().iter().take(5) {
        let path = problem
            .path
            .as_deref()
            .map(|path| shown(context, path))
            .unwrap_or_default();
        let _ = writeln!(answer, "[{path} could not be entered: {}]", problem.reason);
    }
    ToolOutput::success(answer)
}

/// What is below one folder.
struct Tree {
    /// Every path below it, relative, in order; folders have `true`.
    entries: BTreeMap<PathBuf, bool>,
}

impl Tree {
    fn of(root: &Path, walked: &[FileEntry]) -> Self {
        let mut entries = BTreeMap::new();
        for entry in walked {
            let Ok(relative) = entry.path.strip_prefix(root) else {
                continue;
            };
            if relative.as_os_str().is_empty() {
                // The root itself is a file.
                entries.insert(PathBuf::from(root.file_name().unwrap_or_default()), false);
                continue;
            }
            let above = relative
                .ancestors()
                .skip(1)
                .filter(|above| !above.as_os_str().is_empty());
            for above in above {
                entries.insert(above.to_owned(), true);
            }
            entries.insert(relative.to_owned(), entry.kind == EntryKind::Directory);
        }
        Self { entries }
    }

    fn text(&self, root: &str, limit: usize) -> String {
        let depth = self.depth_within(limit);
        let mut text = format!("{root}/\n");
        let visible = self
            .entries
            .iter()
            .filter(|(path, _)| depth_of(path) <= depth);
        let mut left_out = self.entries.len();
        for (path, is_folder) in visible.take(limit) {
            left_out -= 1;
            let name = path.file_name().unwrap_or_default().display();
            text += &"  ".repeat(depth_of(path));
            let _ = match is_folder {
                false => writeln!(text, "{name}"),
                true if depth_of(path) < depth => writeln!(text, "{name}/"),
                true => match self.files_below(path) {
                    0 => writeln!(text, "{name}/"),
                    count => writeln!(text, "{name}/ ({count} files)"),
                },
            };
        }
        if left_out > 0 {
            let _ = writeln!(
                text,
                "[{left_out} entries are not shown. Give a path, a glob or a larger limit.]"
            );
        }
        text
    }

    /// The greatest depth at which the tree has at most `limit` entries; at least 1.
    fn depth_within(&self, limit: usize) -> usize {
        let depths: BTreeSet<usize> = self.entries.keys().map(|path| depth_of(path)).collect();
        let fits = |depth: &usize| {
            self.entries
                .keys()
                .filter(|path| depth_of(path) <= *depth)
                .count()
                <= limit
        };
        depths.into_iter().take_while(fits).last().unwrap_or(1)
    }

    fn files_below(&self, folder: &Path) -> usize {
        let below = self.entries.range(folder.to_owned()..).skip(1);
        below
            .take_while(|(path, _)| path.starts_with(folder))
            .filter(|(_, is_folder)| !**is_folder)
            .count()
    }
}

fn depth_of(path: &Path) -> usize {
    path.components().count()
}

#[cfg(test)]
mod tests;
