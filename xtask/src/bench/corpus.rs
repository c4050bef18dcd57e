//! Real code to measure on: the sources of crates in cargo's registry cache, which every developer of the project has.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};

/// Files larger than this are generated code rather than what people type.
const LARGEST_FILE: u64 = 200_000;

/// All Rust sources in the registry cache, in a fixed order, shuffled so that neighbours are of different crates.
pub(super) fn files() -> anyhow::Result<Vec<PathBuf>> {
    let sources = registry()?;
    let mut files = Vec::new();
    collect(&sources, &mut files)?;
    files.sort();
    ensure!(
        !files.is_empty(),
        "{} holds no sources; `cargo fetch` brings some",
        sources.display()
    );
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for last in (1..files.len()).rev() {
        files.swap(last, random.below(last + 1));
    }
    Ok(files)
}

/// The crates in the registry cache with their Rust sources, those first that have the most files with `word` in them; one
/// version of each.
pub(super) fn crates_with(word: &str) -> anyhow::Result<Vec<(PathBuf, Vec<PathBuf>)>> {
    let sources = registry()?;
    let has_word = |file: &&PathBuf| fs::read_to_string(file).is_ok_and(|text| text.contains(word));
    let mut crates = Vec::new();
    for registry in folders(&sources)? {
        for folder in folders(&registry)? {
            let mut files = Vec::new();
            collect(&folder, &mut files)?;
            files.sort();
            crates.push((files.iter().filter(has_word).count(), folder, files));
        }
    }
    crates.sort_by(|(count, folder, _), (other_count, other, _)| {
        (other_count, folder).cmp(&(count, other))
    });
    let mut names = BTreeSet::new();
    crates.retain(|(_, folder, _)| names.insert(name_of(folder)));
    let crates = crates.into_iter();
    Ok(crates.map(|(_, folder, files)| (folder, files)).collect())
}

/// The name of the crate in `folder`, without its version.
fn name_of(folder: &Path) -> String {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let is_version = |part: &str| part.starts_with(|letter: char| letter.is_ascii_digit());
    let parts = name.split('-').take_while(|part| !is_version(part));
    parts.collect::<Vec<_>>().join("-")
}

/// Where cargo keeps the sources of crates.
fn registry() -> anyhow::Result<PathBuf> {
    let home = env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| env::home_dir().map(|home| home.join(".cargo")));
    let home = home.context("neither CARGO_HOME nor a home folder is known")?;
    Ok(home.join("registry/src"))
}

fn folders(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| {
        format!(
            "{} could not be read; `cargo fetch` in this project fills it",
            folder.display()
        )
    })?;
    let folders = entries.flatten().map(|entry| entry.path());
    Ok(folders.filter(|path| path.is_dir()).collect())
}

/// Adds the Rust sources below `folder`.
pub(super) fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    let entries =
        fs::read_dir(folder).with_context(|| format!("{} could not be read", folder.display()))?;
    for entry in entries {
        let entry = entry?;
        let kind = entry.file_type()?;
        let path = entry.path();
        if kind.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|ending| ending == "rs")
            && entry.metadata()?.len() <= LARGEST_FILE
        {
            files.push(path);
        }
    }
    Ok(())
}

/// Whole lines of real code, ASCII only, of about the given size in bytes.
pub(super) fn text(files: &[PathBuf], bytes: usize) -> String {
    let mut text = String::new();
    for file in files.iter().cycle().take(1_000_000) {
        for line in fs::read_to_string(file)
            .unwrap_or_default()
            .lines()
            .filter(|line| line.is_ascii())
        {
            if text.len() + line.len() + 1 > bytes {
                return text;
            }
            text.push_str(line);
            text.push('\n');
        }
    }
    text
}

/// Copies sources into a folder until it holds the given number of bytes; what is there too little is copied again under other names.
pub(super) fn copy(files: &[PathBuf], folder: &Path, bytes: u64) -> anyhow::Result<u64> {
    let mut copied = 0;
    let mut count = 0;
    for round in 0.. {
        for file in files {
            if copied >= bytes {
                return Ok(copied);
            }
            // A few hundred files a folder, as in real projects.
            let target = folder.join(format!("crate{:03}", count / 200));
            fs::create_dir_all(&target)?;
            let name = file.file_stem().unwrap_or_default().to_string_lossy();
            copied += fs::copy(file, target.join(format!("{name}_{round}_{count}.rs")))?;
            count += 1;
        }
    }
    Ok(copied)
}

/// A small generator of random numbers (xorshift64*), the same in every run.
pub(super) struct Random(pub(super) u64);

impl Random {
    /// A number below `limit`, which is not 0.
    pub(super) fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let high = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        usize::try_from(high).unwrap_or(usize::MAX) % limit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_reach_the_size_even_from_few_files() {
        let folder = tempfile::tempdir().unwrap();
        let source = folder.path().join("a.rs");
        fs::write(&source, "fn a() {}\n").unwrap();
        let target = folder.path().join("copy");
        assert_eq!(copy(&[source], &target, 95).unwrap(), 100);
        assert_eq!(fs::read_dir(target.join("crate000")).unwrap().count(), 10);
    }

    #[test]
    fn text_is_cut_at_a_line() {
        let folder = tempfile::tempdir().unwrap();
        let source = folder.path().join("a.rs");
        fs::write(&source, "first\nsecond é\nthird\n").unwrap();
        assert_eq!(text(&[source], 20), "first\nthird\nfirst\n");
    }
}
