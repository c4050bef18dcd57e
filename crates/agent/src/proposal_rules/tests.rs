//! The rules against folders of real files, which stand for the user's and the twin's.

use std::{fs, fs::File, sync::Arc};

use ::workspace::ExclusionOptions;
use changes::FileState;

use super::*;
use crate::{TwinWorkspace, folder_workspace::BaseKeeper};

struct Nobody;

impl BaseKeeper for Nobody {
    fn keep_base(&self, _path: &Path, _before: Option<FileState>) -> std::io::Result<()> {
        Ok(())
    }
}

/// Says of each path what the rules say, with these files in the user's folder and in the twin.
fn verdicts(users: &[(&str, &str)], twins: &[(&str, &str)], paths: &[&str]) -> Vec<Verdict> {
    let around = tempfile::tempdir().unwrap();
    let around = around.path().canonicalize().unwrap();
    for (folder, files) in [("user", users), ("twin", twins)] {
        fs::create_dir(around.join(folder)).unwrap();
        for (name, text) in files {
            let path = around.join(folder).join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
    }
    let twin = File::open(around.join("twin")).unwrap();
    let roots = vec![(around.join("user"), twin.into())];
    let workspace = TwinWorkspace::new(roots, &ExclusionOptions::default(), Arc::new(Nobody));
    let rules = workspace.unwrap().proposal_rules();
    let verdict = |path: &&str| {
        let kind = match path.strip_suffix('/') {
            Some(_) => FileKind::Directory,
            None => FileKind::File,
        };
        let path = around.join("user").join(path.trim_end_matches('/'));
        rules.verdict(&path, kind)
    };
    paths.iter().map(verdict).collect()
}

#[test]
fn a_task_that_removes_an_ignore_list_does_not_have_build_output_proposed() {
    use Verdict::{Ignored, Included};
    let users = [(".gitignore", "target/\n*.log\n"), ("a", "a")];
    for twins in [vec![], vec![(".gitignore", "other/\n")]] {
        let told = verdicts(
            &users,
            &twins,
            &["target/", "target/b", "c.log", "a", "new"],
        );
        assert_eq!(told, [Ignored, Ignored, Ignored, Included, Included]);
    }
}

#[test]
fn a_task_that_adds_a_pattern_hides_what_it_makes_and_nothing_of_what_was_there() {
    use Verdict::{Ignored, Included};
    let users = [("src/old.txt", "old"), ("plain", "plain")];
    let twins = [(".gitignore", "src/\nbuild/\n*.txt\nplain\n")];
    let paths = [
        "src/",
        "src/old.txt",
        "src/new.txt",
        "build/",
        "build/b",
        "plain",
    ];
    assert_eq!(
        verdicts(&users, &twins, &paths),
        [Included, Included, Ignored, Ignored, Ignored, Included]
    );
}

#[test]
fn what_either_forbids_is_refused() {
    let list = (".ropewalkignore", "private\n");
    for (users, twins) in [(vec![list], vec![]), (vec![], vec![list])] {
        let told = verdicts(
            &users,
            &twins,
            &["private", "open", ".ropewalkignore", ".env"],
        );
        assert!(matches!(&told[0], Verdict::Refused(_)), "{told:?}");
        assert_eq!(told[1], Verdict::Included);
        assert_eq!(
            told[2],
            Verdict::Refused("`.ropewalkignore` is protected".into())
        );
        assert!(matches!(&told[3], Verdict::Refused(_)), "{told:?}");
    }
}
