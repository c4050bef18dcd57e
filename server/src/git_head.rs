//! What git has of files in the commit that is checked out, asked of the user's own git.
//!
//! Plumbing alone: `git cat-file` runs no filter, hook or pager, takes no lock and, as it is called here, fetches nothing.
//! Called on threads of the session's review.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::SystemTime;

use text::Text;

/// So many files are asked for at once, so that the questions fit into a pipe whatever the answers are.
const AT_ONCE: usize = 100;
/// Larger files are not looked at, in bytes.
const LARGEST: u64 = 64 * 1024 * 1024;

/// When the heads of repositories were last moved, by the repositories' tops.
pub(crate) type HeadStamps = BTreeMap<PathBuf, Vec<Option<SystemTime>>>;

/// The top of the repository that `path` is in.
pub(crate) fn top_of(path: &Path) -> Option<PathBuf> {
    let mut above = path.ancestors().skip(1);
    let top = above.find(|folder| folder.join(".git").exists());
    top.map(Path::to_path_buf)
}

/// When the head of the repository at `top` was last moved; nothing can be told where `.git` is a file.
pub(crate) fn stamp(top: &Path) -> Vec<Option<SystemTime>> {
    let time = |name: &str| {
        let metadata = top.join(".git").join(name).metadata().ok()?;
        metadata.modified().ok()
    };
    ["HEAD", "logs/HEAD", "index", "packed-refs"]
        .map(time)
        .into()
}

/// The texts of `paths`, all below `top`, in the commit that is checked out; `None` for those that are not in it. Files whose
/// text cannot be told are left out, all of them where there is no git.
pub(crate) fn texts(top: &Path, paths: &[PathBuf]) -> Vec<(PathBuf, Option<Text>)> {
    let chunks = paths.chunks(AT_ONCE);
    chunks
        .flat_map(|chunk| match ask(top, chunk) {
            Ok(texts) => texts,
            Err(error) => {
                tracing::debug!(%error, top = %top.display(), "git does not say what is committed");
                Vec::new()
            }
        })
        .collect()
}

fn ask(top: &Path, paths: &[PathBuf]) -> std::io::Result<Vec<(PathBuf, Option<Text>)>> {
    let mut git = Command::new("git")
        .arg("-C")
        .arg(top)
        .args(["cat-file", "--batch"])
        .env("GIT_NO_LAZY_FETCH", "1")
        .env("GIT_OPTIONAL_LOCKS", "0")
        .env("GIT_TERMINAL_PROMPT", "0")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let asked: Vec<(&PathBuf, &str)> = paths
        .iter()
        .filter_map(|path| Some((path, path.strip_prefix(top).ok()?.to_str()?)))
        .filter(|(_, name)| !name.contains('\n'))
        .collect();
    let questions = asked.iter().map(|(_, name)| format!("HEAD:{name}\n"));
    let mut input = git.stdin.take().ok_or(std::io::ErrorKind::BrokenPipe)?;
    let written = input.write_all(questions.collect::<String>().as_bytes());
    drop(input);
    let output = git.stdout.take().ok_or(std::io::ErrorKind::BrokenPipe)?;
    let answers = written.and_then(|()| read_answers(BufReader::new(output), &asked));
    git.wait()?;
    answers
}

/// Source: git-cat-file(1), "Batch output": `OID blob SIZE`, the bytes and a line break; or a line that ends with `missing`.
fn read_answers(
    mut output: impl BufRead,
    asked: &[(&PathBuf, &str)],
) -> std::io::Result<Vec<(PathBuf, Option<Text>)>> {
    let mut texts = Vec::new();
    for (path, _) in asked {
        let mut line = String::new();
        if output.read_line(&mut line)? == 0 {
            break;
        }
        let line = line.trim_end();
        if line.ends_with(" missing") {
            texts.push(((*path).clone(), None));
            continue;
        }
        let mut words = line.rsplit(' ');
        let size = words.next().and_then(|size| size.parse::<u64>().ok());
        let kind = words.next();
        let size = size
            .filter(|size| *size <= LARGEST)
            .ok_or(std::io::ErrorKind::InvalidData)?;
        let mut bytes = Vec::new();
        output.by_ref().take(size + 1).read_to_end(&mut bytes)?;
        bytes.pop();
        if let (Some("blob"), Ok(text)) = (kind, String::from_utf8(bytes)) {
            texts.push(((*path).clone(), Some(Text::from(text))));
        }
    }
    Ok(texts)
}

#[cfg(test)]
mod tests;
