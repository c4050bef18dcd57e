//! No file names a place on the machine it was written on: it would be wrong everywhere else.

use std::env;
use std::path::Path;

use super::Violation;
use super::sources::Source;

/// Folders that every machine has, under which a workspace may happen to lie.
const COMMON_FOLDERS: &[&str] = &[
    "/",
    "/home/",
    "/mnt/",
    "/opt/",
    "/srv/",
    "/tmp/",
    "/usr/src/",
    "/var/tmp/",
];

/// The folders that only this machine has: where the workspace lies, and the home folder. Each ends with a slash.
pub(super) fn of_this_machine(root: &Path) -> Vec<String> {
    let root = root.canonicalize().unwrap_or_else(|_| root.to_path_buf());
    let around = root.parent().map(Path::to_path_buf);
    let home = env::var_os("HOME").map(Into::into);
    let folders = [Some(root), around, home].into_iter().flatten();
    let mut folders: Vec<String> = folders
        .map(|folder| format!("{}/", folder.display()))
        .collect();
    folders.retain(|folder| folder.starts_with('/') && !folder.contains("//"));
    folders.retain(|folder| !COMMON_FOLDERS.contains(&folder.as_str()));
    folders
}

/// Finds the given folders in the files.
pub(super) fn check(sources: &[Source], folders: &[String]) -> Vec<Violation> {
    let mut violations = Vec::new();
    for source in sources {
        for (number, line) in source.text.lines().enumerate() {
            if let Some(folder) = folders.iter().find(|folder| names(line, folder)) {
                let message = format!(
                    "`{folder}` is a folder of one machine: say it in words or relative to the workspace"
                );
                violations.push(Violation {
                    path: source.path.clone(),
                    line: number + 1,
                    message,
                });
            }
        }
    }
    violations
}

/// Whether the line has the path, not as a part of a longer one or of an address.
fn names(line: &str, folder: &str) -> bool {
    line.match_indices(folder).any(|(offset, _)| {
        let before = line[..offset].chars().next_back();
        !before.is_some_and(|character| character.is_alphanumeric() || "_-.~}".contains(character))
    })
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    #[test]
    fn a_folder_of_this_machine_is_named() {
        let text = "see example.org/lab/x\nat /lab/ropewalk/a.rs\nfile:///lab/x\n$HOME/lab/ is ${X}/lab/\n";
        let sources = [Source::new(Path::new("docs/a.md"), text.to_owned())];
        let violations = check(&sources, &["/lab/".to_owned()]);
        let lines: Vec<String> = violations.iter().map(Violation::to_string).collect();
        expect![[r#"
            docs/a.md:2: `/lab/` is a folder of one machine: say it in words or relative to the workspace
            docs/a.md:3: `/lab/` is a folder of one machine: say it in words or relative to the workspace"#]]
        .assert_eq(&lines.join("\n"));
    }

    #[test]
    fn folders_that_every_machine_has_are_not_of_this_machine() {
        let folders = of_this_machine(Path::new("/tmp/clone-that-is-not-there"));
        assert!(
            folders.contains(&"/tmp/clone-that-is-not-there/".to_owned()),
            "{folders:?}"
        );
        assert!(!folders.contains(&"/tmp/".to_owned()), "{folders:?}");
    }
}
