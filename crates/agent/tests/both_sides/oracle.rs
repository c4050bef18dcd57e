//! What should become of a file, from plain texts and `git merge-file`.

use std::{fs, path::Path, process::Command};

/// What applying leaves of a file that both may have changed; `None` for no file, `Err` when a person has to decide.
pub(crate) fn merged(
    folder: &Path,
    base: Option<&str>,
    user: Option<&str>,
    task: Option<&str>,
) -> Result<Option<String>, ()> {
    let owned = |text: Option<&str>| Ok(text.map(str::to_owned));
    if task == base || user == task {
        return owned(user);
    }
    if user == base {
        return owned(task);
    }
    match (base, user, task) {
        (Some(base), Some(user), Some(task)) => git_merge(folder, base, user, task).map(Some),
        _ => Err(()),
    }
}

fn git_merge(folder: &Path, base: &str, user: &str, task: &str) -> Result<String, ()> {
    for (name, text) in [("base", base), ("user", user), ("task", task)] {
        fs::write(folder.join(name), text).unwrap();
    }
    let output = Command::new("git")
        .args(["merge-file", "--stdout", "user", "base", "task"])
        .current_dir(folder)
        .output()
        .expect("git is the oracle of this test: install git and have it in PATH");
    match output.status.code() {
        Some(0) => Ok(String::from_utf8(output.stdout).unwrap()),
        Some(1..=127) => Err(()),
        _ => panic!(
            "git merge-file failed: {}",
            String::from_utf8_lossy(&output.stderr)
        ),
    }
}
