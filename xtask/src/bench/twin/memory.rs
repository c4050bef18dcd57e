//! How much memory a process takes with all that descends from it.

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Context as _, ensure};

use super::super::figures::megabytes;

/// The proportional set size of `process` and of everything that descends from it: what several share counts once. In MB.
pub(super) fn of_all_from(process: u32) -> anyhow::Result<f64> {
    let all = with_descendants(process)?;
    let sizes = all.iter().map(|process| proportional_size(*process));
    sizes.sum::<anyhow::Result<u64>>().map(megabytes)
}

/// The same of what descends from `process` alone.
pub(super) fn of_descendants(process: u32) -> anyhow::Result<f64> {
    let all = with_descendants(process)?;
    ensure!(all.len() > 1, "the process has started no other");
    let sizes = all[1..].iter().map(|process| proportional_size(*process));
    sizes.sum::<anyhow::Result<u64>>().map(megabytes)
}

/// `process`, then what it has started, and what that has started.
fn with_descendants(process: u32) -> anyhow::Result<Vec<u32>> {
    let children = children()?;
    let mut found = vec![process];
    let mut next = 0;
    while let Some(process) = found.get(next) {
        found.extend(children.get(process).into_iter().flatten());
        next += 1;
    }
    Ok(found)
}

/// The processes of the machine by their parents.
fn children() -> anyhow::Result<BTreeMap<u32, Vec<u32>>> {
    let mut children = BTreeMap::<u32, Vec<u32>>::new();
    let entries = fs::read_dir("/proc").context("memory is measured on Linux only")?;
    for entry in entries.flatten() {
        let Some(process) = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse().ok())
        else {
            continue;
        };
        // One that has ended meanwhile takes nothing.
        let status = fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        if let Some(parent) = parent_in(&status) {
            children.entry(parent).or_default().push(process);
        }
    }
    Ok(children)
}

/// The second field after the program's name, which stands in parentheses and may hold any character.
fn parent_in(status: &str) -> Option<u32> {
    let (_, fields) = status.rsplit_once(')')?;
    fields.split_whitespace().nth(1)?.parse().ok()
}

/// In bytes.
fn proportional_size(process: u32) -> anyhow::Result<u64> {
    let path = format!("/proc/{process}/smaps_rollup");
    let text = fs::read_to_string(&path).with_context(|| {
        format!("{path} cannot be read: a confined process shows its memory to root alone")
    })?;
    let kilobytes = text
        .lines()
        .find_map(|line| line.strip_prefix("Pss:")?.trim().strip_suffix(" kB"));
    let kilobytes: u64 = kilobytes
        .context("the kernel does not say how much memory is in use")?
        .parse()?;
    Ok(kilobytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parent_is_found_behind_any_name() {
        assert_eq!(parent_in("42 (a) b) S 7 42 42 0 -1"), Some(7));
        assert_eq!(parent_in(""), None);
    }

    #[test]
    fn a_process_that_was_started_counts() {
        let mut child = std::process::Command::new("sleep")
            .arg("60")
            .spawn()
            .unwrap();
        let all = with_descendants(std::process::id()).unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(all.contains(&child.id()), "{all:?}");
        assert!(proportional_size(std::process::id()).unwrap() > 100_000);
    }
}
