//! Links from a chat to files and their lines: made where files are mentioned, found again for `textDocument/documentLink`.

use std::ops::Range;
use std::path::{Path, PathBuf};

use url::Url;
use workspace::normalize;

/// More mentions than this in one message stay plain text. Each is one look at the disk.
const MOST_LINKS: usize = 40;

/// The folders that paths in an answer are relative to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Links {
    /// Absolute, in order of preference.
    pub(crate) folders: Vec<PathBuf>,
}

/// A link in a chat's document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FoundLink {
    /// The bytes of `[text](target)`, the end excluded.
    pub(crate) range: Range<usize>,
    /// A `file:` URI, perhaps with the line as its fragment.
    pub(crate) target: String,
}

impl Links {
    /// How a file is called: relative to the folder that it is in.
    pub(crate) fn name(&self, path: &Path) -> String {
        let folder = self
            .folders
            .iter()
            .find_map(|folder| path.strip_prefix(folder).ok());
        folder.unwrap_or(path).display().to_string()
    }

    /// A Markdown link to a file, or to a line of it, counted from 1.
    pub(crate) fn link(&self, path: &Path, line: Option<usize>) -> String {
        let name = self.name(path);
        let shown = line.map_or(name.clone(), |line| format!("{name}:{line}"));
        match target(path, line) {
            Some(target) => format!("[{}]({target})", shown.replace(['[', ']'], "_")),
            None => shown,
        }
    }

    /// The file below one of the folders that `name` means, if there is one. Looks at the disk.
    pub(crate) fn find(&self, name: &str) -> Option<PathBuf> {
        let within = |path: &PathBuf| self.folders.iter().any(|folder| path.starts_with(folder));
        let candidates = self
            .folders
            .iter()
            .map(|folder| normalize(&folder.join(name)));
        candidates.filter(within).find(|path| path.is_file())
    }

    /// `text` with the files that it names in backticks as links: `src/a.rs` and `src/a.rs:12`. Looks at the disk.
    pub(crate) fn link_mentions(&self, text: &str) -> String {
        let mut result = String::with_capacity(text.len());
        let mut links = 0;
        let mut is_in_fence = false;
        for line in text.split_inclusive('\n') {
            if line.trim_start().starts_with("```") {
                is_in_fence = !is_in_fence;
            }
            if is_in_fence || links >= MOST_LINKS {
                result.push_str(line);
            } else {
                self.link_line(line, &mut result, &mut links);
            }
        }
        result
    }

    fn link_line(&self, line: &str, result: &mut String, links: &mut usize) {
        let mut rest = line;
        while let Some((before, after)) = rest.split_once('`') {
            let Some((code, behind)) = after.split_once('`') else {
                break;
            };
            result.push_str(before);
            // In the text of a link there can be no other.
            let is_linked = before.ends_with('[') || behind.starts_with(']');
            let link = (!is_linked && *links < MOST_LINKS)
                .then(|| self.mention(code))
                .flatten();
            match link {
                Some(link) => {
                    *links += 1;
                    result.push_str(&link);
                }
                None => result.push_str(&format!("`{code}`")),
            }
            rest = behind;
        }
        result.push_str(rest);
    }

    fn mention(&self, code: &str) -> Option<String> {
        let looks_like_path = code.contains(['.', '/'])
            && !code.contains(char::is_whitespace)
            && !code.starts_with('-');
        if !looks_like_path {
            return None;
        }
        if let Some(path) = self.find(code) {
            return Some(self.link(&path, None));
        }
        let mut parts = code.splitn(3, ':');
        let (name, line) = (parts.next()?, parts.next()?);
        let line = line
            .split('-')
            .next()?
            .parse()
            .ok()
            .filter(|line| *line > 0)?;
        Some(self.link(&self.find(name)?, Some(line)))
    }
}

/// The links of a chat's document that lead to files.
pub(crate) fn found(text: &str) -> Vec<FoundLink> {
    let mut links = Vec::new();
    let mut from = 0;
    while let Some(offset) = text[from..].find("](file://") {
        let middle = from + offset;
        from = middle + 2;
        let line_start = text[..middle].rfind('\n').map_or(0, |offset| offset + 1);
        let start = text[line_start..middle].rfind('[');
        let end = text[from..].find([')', '\n', ' ']);
        if let (Some(start), Some(end)) = (start, end)
            && text[from + end..].starts_with(')')
        {
            links.push(FoundLink {
                range: line_start + start..from + end + 1,
                target: text[from..from + end].to_owned(),
            });
        }
    }
    links
}

/// The URI of a file and a line of it, so that it can stand in a Markdown link.
pub(crate) fn target(path: &Path, line: Option<usize>) -> Option<String> {
    let uri = Url::from_file_path(path).ok()?;
    let uri = uri.as_str().replace('(', "%28").replace(')', "%29");
    Some(match line {
        Some(line) => format!("{uri}#L{line}"),
        None => uri,
    })
}

#[cfg(test)]
mod tests;
