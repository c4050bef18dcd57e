//! Ignore rules against git itself: random trees, random lists, every path asked of both.

use std::{
    collections::BTreeSet,
    fs,
    io::Write,
    ops::Range,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use fastrand::Rng;

use crate::{
    ExclusionOptions, IgnoredFiles, WalkOptions, WorkspaceSnapshot, Yields,
    fixture::{Fixture, TestDisk},
};

const NAMES: [&str; 10] = [
    "a", "b", "c.rs", "d.log", "ab", "doc", "e f", "x.c", "#h", "out",
];

/// A line of an ignore file: anything that people write, in random combination.
fn random_line(rng: &mut Rng) -> String {
    let part = |rng: &mut Rng| match rng.u8(0..15) {
        0 => "*".to_owned(),
        1 => "**".to_owned(),
        2 => "*.rs".to_owned(),
        3 => "?".to_owned(),
        4 => "[ab]".to_owned(),
        5 => "[!a]*".to_owned(),
        6 => "d.*".to_owned(),
        7 => "\\#h".to_owned(),
        8 => "{a,b}".to_owned(),
        9 => "g\\{*".to_owned(),
        10 => "[{g]*".to_owned(),
        _ => NAMES[rng.usize(..NAMES.len() - 1)].to_owned(),
    };
    let parts: Vec<String> = (0..rng.usize(1..4)).map(|_| part(rng)).collect();
    let negation = if rng.u8(0..4) == 0 { "!" } else { "" };
    let anchor = if rng.u8(0..4) == 0 { "/" } else { "" };
    let end = match rng.u8(0..6) {
        0 | 1 => "/",
        2 => "  ",
        _ => "",
    };
    match rng.u8(0..12) {
        0 => "# a comment".to_owned(),
        1 => String::new(),
        _ => format!("{negation}{anchor}{}{end}", parts.join("/")),
    }
}

fn random_list(rng: &mut Rng) -> String {
    let line_break = if rng.bool() { "\n" } else { "\r\n" };
    (0..rng.usize(1..5))
        .map(|_| random_line(rng) + line_break)
        .collect()
}

/// Files and directories below `directory`, an ignore file in some.
fn random_tree(rng: &mut Rng, directory: &Path, depth: usize) {
    fs::create_dir_all(directory).unwrap();
    fs::write(directory.join("always"), "").unwrap();
    if rng.u8(0..3) == 0 {
        fs::write(directory.join(".gitignore"), random_list(rng)).unwrap();
    }
    for name in NAMES {
        match rng.u8(0..4) {
            0 if depth > 0 => random_tree(rng, &directory.join(name), depth - 1),
            1 | 2 => fs::write(directory.join(name), "").unwrap(),
            _ => {}
        }
    }
}

fn git(root: &Path, excludes_file: &Path) -> Command {
    let mut command = Command::new("git");
    command
        .current_dir(root)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", root.join("no such configuration"))
        .arg("-c")
        .arg(format!("core.excludesFile={}", excludes_file.display()));
    command
}

/// The paths of `paths` that git ignores.
fn ignored_by_git(root: &Path, excludes_file: &Path, paths: &[PathBuf]) -> BTreeSet<PathBuf> {
    let mut check = git(root, excludes_file)
        .args(["check-ignore", "--no-index", "--stdin", "-z"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let questions: String = paths
        .iter()
        .map(|path| format!("{}\0", path.display()))
        .collect();
    let mut input = check.stdin.take().unwrap();
    let writer = std::thread::spawn(move || input.write_all(questions.as_bytes()).unwrap());
    let output = check.wait_with_output().unwrap();
    writer.join().unwrap();
    // git ends with 1 where nothing is ignored.
    assert!(
        matches!(output.status.code(), Some(0 | 1)),
        "git check-ignore failed"
    );
    let answer = String::from_utf8(output.stdout).unwrap();
    answer.split_terminator('\0').map(PathBuf::from).collect()
}

fn everything(snapshot: &WorkspaceSnapshot) -> Vec<PathBuf> {
    let options = WalkOptions {
        ignored: IgnoredFiles::Include,
        yields: Yields::FilesAndDirectories,
        ..WalkOptions::default()
    };
    snapshot
        .walk(&options)
        .unwrap()
        .map(|entry| entry.path)
        .collect()
}

#[test]
fn every_path_is_ignored_exactly_if_git_ignores_it() {
    compare_with_git(0..60);
}

#[test]
fn every_path_below_a_folder_held_open_is_ignored_exactly_if_git_ignores_it() {
    TestDisk::Folder.run(|| compare_with_git(60..80));
}

fn compare_with_git(seeds: Range<u64>) {
    let expected_at_least = 16 * (seeds.end - seeds.start) as usize;
    let mut ignored_in_all = 0;
    for seed in seeds {
        let mut rng = Rng::with_seed(seed);
        let fixture = Fixture::new(&[]);
        let root = fixture.root();
        random_tree(&mut rng, &root, 3);
        let excludes_file = root.with_file_name("excludes");
        fs::write(&excludes_file, random_list(&mut rng)).unwrap();
        assert!(
            git(&root, &excludes_file)
                .args(["init", "-q"])
                .status()
                .unwrap()
                .success()
        );
        fs::create_dir_all(root.join(".git/info")).unwrap();
        fs::write(root.join(".git/info/exclude"), random_list(&mut rng)).unwrap();
        let options = ExclusionOptions {
            patterns: Vec::new(),
            git_excludes_file: Some(excludes_file.clone()),
        };
        let mut workspace = fixture.workspace(&options);
        workspace.add_folder(&root).unwrap();
        let snapshot = workspace.snapshot();

        let paths = everything(&snapshot);
        let expected = ignored_by_git(&root, &excludes_file, &paths);
        let found: BTreeSet<PathBuf> = paths
            .iter()
            .filter(|path| snapshot.is_excluded(path).is_some())
            .cloned()
            .collect();
        let difference: Vec<_> = found
            .symmetric_difference(&expected)
            .map(|path| (path, snapshot.is_excluded(path)))
            .collect();
        assert!(difference.is_empty(), "seed {seed}: {difference:#?}");
        ignored_in_all += expected.len();

        let walked: BTreeSet<PathBuf> = snapshot
            .walk(&WalkOptions::default())
            .unwrap()
            .map(|entry| entry.path)
            .collect();
        let visible: BTreeSet<PathBuf> = paths
            .into_iter()
            .filter(|path| path.is_file() && !expected.contains(path))
            .collect();
        assert_eq!(
            walked, visible,
            "seed {seed}: a walk and a question disagree"
        );
    }
    assert!(
        ignored_in_all > expected_at_least,
        "the trees have too little to ignore: {ignored_in_all}"
    );
}
