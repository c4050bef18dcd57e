//! Reads commits out of a git repository by asking `git`: the latest ones of a size people type,
//! with the source files before them and the lines they changed. The objects' contents come from
//! one `git cat-file` process.

use std::{
    collections::{HashMap, HashSet},
    io::{BufRead as _, BufReader, Write as _},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Arc,
};

use anyhow::{Context as _, bail};
use predict::evaluation::{Commit, Edit, Hunk, Repository, TreeFile};

use super::languages::{MAX_FILE_BYTES, is_source, pathspecs};

/// Commits that add fewer lines teach nothing, those with more or in more files are not typed in
/// one go.
const ADDED_LINES: std::ops::RangeInclusive<usize> = 2..=400;
const MAX_FILES: usize = 30;

struct Git {
    directory: PathBuf,
}

/// A source file of a commit's tree, by path.
type Tree = HashMap<PathBuf, String>;

/// Reads the latest `count` commits that can be replayed.
pub(super) fn read(path: &Path, count: usize) -> anyhow::Result<Repository> {
    let git = Git {
        directory: path.to_path_buf(),
    };
    let mut commits = Vec::new();
    for (commit, parent) in git.candidates(count)? {
        let replayable = git.commit(&commit, &parent)?;
        if !replayable.edits.is_empty() {
            commits.push(replayable);
        }
    }
    if commits.is_empty() {
        bail!(
            "no commit adds {} to {} lines of source code",
            ADDED_LINES.start(),
            ADDED_LINES.end()
        );
    }
    let texts = git.texts(&commits)?;
    Ok(Repository {
        name: name_of(path),
        commits,
        texts,
    })
}

/// The folder's name; for a bare repository within a folder of its own, that folder's.
fn name_of(path: &Path) -> String {
    let path = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let names: Vec<String> = path
        .components()
        .map(|part| part.as_os_str().to_string_lossy().into_owned())
        .collect();
    let is_plain = |name: &&String| !matches!(name.as_str(), "repo" | ".git");
    names
        .iter()
        .rev()
        .find(is_plain)
        .cloned()
        .unwrap_or_default()
}

impl Git {
    fn run(&self, arguments: &[&str]) -> anyhow::Result<String> {
        let output = Command::new("git")
            .arg("-C")
            .arg(&self.directory)
            .args(arguments)
            .output();
        let output = output.context("cannot start git")?;
        if !output.status.success() {
            bail!(
                "git {} failed: {}",
                arguments[0],
                String::from_utf8_lossy(&output.stderr).trim()
            );
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// The latest commits of the right size, with their first parents. Old history is not read: it
    /// may be long.
    fn candidates(&self, count: usize) -> anyhow::Result<Vec<(String, String)>> {
        let mut process = Command::new("git")
            .arg("-C")
            .arg(&self.directory)
            .args([
                "log",
                "--no-merges",
                "--format=@%H %P",
                "--numstat",
                "-M",
                "HEAD",
                "--",
            ])
            .args(pathspecs())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("cannot start git")?;
        let output = BufReader::new(process.stdout.take().context("git has no output")?);
        let mut candidates = Vec::new();
        let mut entry = Entry::default();
        for line in output.lines().chain([Ok("@".to_owned())]) {
            let line = line?;
            match line.strip_prefix('@') {
                Some(ids) => {
                    candidates.extend(std::mem::replace(&mut entry, Entry::new(ids)).candidate())
                }
                None => entry.added.extend(added_source_lines(&line)),
            }
            if candidates.len() == count {
                break;
            }
        }
        // There may be more to come that nobody reads.
        process.kill()?;
        process.wait()?;
        Ok(candidates)
    }

    fn commit(&self, commit: &str, parent: &str) -> anyhow::Result<Commit> {
        let before = self.tree(parent)?;
        let after = self.tree(commit)?;
        let format = [
            "-U0",
            "-M50%",
            "--no-color",
            "--no-ext-diff",
            "--diff-algorithm=histogram",
        ];
        let patterns: Vec<String> = pathspecs().collect();
        let mut arguments = vec!["-c", "core.quotePath=false", "diff"];
        arguments.extend(format.iter().chain(&[parent, commit, "--"]));
        arguments.extend(patterns.iter().map(String::as_str));
        let diff = self.run(&arguments)?;
        let mut edits: Vec<Edit> = diff
            .split("\ndiff --git ")
            .filter_map(|file| edit(file, &before, &after))
            .collect();
        edits.sort_by(|left, right| left.path.cmp(&right.path));
        let mut tree: Vec<TreeFile> = before
            .into_iter()
            .map(|(path, text)| TreeFile { path, text })
            .collect();
        tree.sort_by(|left, right| left.path.cmp(&right.path));
        Ok(Commit { tree, edits })
    }

    fn tree(&self, commit: &str) -> anyhow::Result<Tree> {
        let listing = self.run(&["ls-tree", "-r", "-l", "-z", commit])?;
        Ok(listing.split('\0').filter_map(tree_entry).collect())
    }

    /// The contents of all objects that the commits name.
    fn texts(&self, commits: &[Commit]) -> anyhow::Result<HashMap<String, Arc<str>>> {
        let trees = commits
            .iter()
            .flat_map(|commit| commit.tree.iter().map(|file| &file.text));
        let edits = commits
            .iter()
            .flat_map(|commit| commit.edits.iter().map(|edit| &edit.new_text));
        let ids: HashSet<&String> = trees.chain(edits).collect();
        let mut process = Command::new("git")
            .arg("-C")
            .arg(&self.directory)
            .args(["cat-file", "--batch"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start git")?;
        let mut input = process.stdin.take().context("git has no input")?;
        let mut output = BufReader::new(process.stdout.take().context("git has no output")?);
        let mut texts = HashMap::new();
        for id in ids {
            writeln!(input, "{id}")?;
            input.flush()?;
            texts.insert(id.clone(), read_object(&mut output)?);
        }
        drop(input);
        process.wait()?;
        Ok(texts)
    }
}

/// One commit of the log.
#[derive(Default)]
struct Entry {
    ids: Vec<String>,
    /// By source file.
    added: Vec<usize>,
}

impl Entry {
    fn new(ids: &str) -> Self {
        Self {
            ids: ids.split_whitespace().map(str::to_owned).collect(),
            added: Vec::new(),
        }
    }

    /// The commit and its first parent, if it is of the right size.
    fn candidate(self) -> Option<(String, String)> {
        let added: usize = self.added.iter().sum();
        let is_typed = ADDED_LINES.contains(&added) && self.added.len() <= MAX_FILES;
        let mut ids = self.ids.into_iter();
        is_typed.then_some((ids.next()?, ids.next()?))
    }
}

/// The lines added to a source file, from a line of `--numstat`.
fn added_source_lines(line: &str) -> Option<usize> {
    let mut fields = line.splitn(3, '\t');
    let added = fields.next()?.parse().ok()?;
    let path = fields.nth(1)?;
    is_source(Path::new(path.trim_end_matches('}'))).then_some(added)
}

/// A source file of `ls-tree -l -z`: `MODE blob ID SIZE\tPATH`.
fn tree_entry(entry: &str) -> Option<(PathBuf, String)> {
    let (facts, path) = entry.split_once('\t')?;
    let facts: Vec<&str> = facts.split_whitespace().collect();
    let &[mode, "blob", id, size] = facts.as_slice() else {
        return None;
    };
    let size: usize = size.parse().ok()?;
    let is_usable = mode.starts_with("100")
        && (1..=MAX_FILE_BYTES).contains(&size)
        && is_source(Path::new(path));
    is_usable.then(|| (PathBuf::from(path), id.to_owned()))
}

/// One file of a diff without context.
fn edit(diff: &str, before: &Tree, after: &Tree) -> Option<Edit> {
    let header = || diff.lines().take_while(|line| !line.starts_with("@@"));
    let new_path = header()
        .find_map(|line| line.strip_prefix("+++ b/"))?
        .trim_end_matches('\t');
    let old_path = header()
        .find_map(|line| line.strip_prefix("--- a/"))
        .map(|path| path.trim_end_matches('\t'));
    let hunks: Vec<Hunk> = diff.lines().filter_map(hunk).collect();
    let new_text = after.get(Path::new(new_path))?.clone();
    let old_text = match old_path {
        Some(path) => Some(before.get(Path::new(path))?.clone()),
        None => None,
    };
    let adds = hunks.iter().any(|hunk| hunk.new_count > 0);
    adds.then(|| Edit {
        path: PathBuf::from(new_path),
        old_path: old_path.map(PathBuf::from),
        old_text,
        new_text,
        hunks,
    })
}

/// `@@ -START,COUNT +START,COUNT @@`, counted from one; where nothing is, the start is the line
/// before.
fn hunk(line: &str) -> Option<Hunk> {
    let mut ranges = line.strip_prefix("@@ -")?.split(" @@").next()?.split(" +");
    let (old_start, old_count) = range(ranges.next()?)?;
    let (new_start, new_count) = range(ranges.next()?)?;
    Some(Hunk {
        old_start,
        old_count,
        new_start,
        new_count,
    })
}

fn range(text: &str) -> Option<(usize, usize)> {
    let (start, count) = text.split_once(',').unwrap_or((text, "1"));
    let (start, count): (usize, usize) = (start.parse().ok()?, count.parse().ok()?);
    Some((if count == 0 { start } else { start - 1 }, count))
}

fn read_object(output: &mut impl std::io::BufRead) -> anyhow::Result<Arc<str>> {
    let mut header = String::new();
    output.read_line(&mut header)?;
    let size: usize = header
        .trim()
        .rsplit(' ')
        .next()
        .and_then(|size| size.parse().ok())
        .context("git knows no such object")?;
    let mut bytes = vec![0; size + 1];
    output.read_exact(&mut bytes)?;
    bytes.pop();
    Ok(String::from_utf8_lossy(&bytes).into())
}

#[cfg(test)]
mod tests;
