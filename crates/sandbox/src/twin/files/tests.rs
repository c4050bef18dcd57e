//! Scans against oracles: plain copies on which the same commands ran, and what a task saw before it changed a file.

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::OsStr,
    fs,
    io::Write,
    os::unix::{
        ffi::OsStrExt,
        fs::{PermissionsExt, symlink},
    },
    process::Command,
};

use super::{
    super::{
        TwinBase, TwinContent, TwinFile,
        fixture::{Fixture, as_expected, difference, judge, plain, plain_files, shown},
    },
    *,
};

/// Names with everything that makes trouble.
const NAMES: [&[u8]; 9] = [
    b"a",
    b"b.rs",
    b"c d",
    b"-e",
    b"d",
    b"sub",
    b"\xc3\xbcber",
    b"no\xfftext",
    b"%41",
];

fn random_path(random: &mut fastrand::Rng) -> PathBuf {
    let depth = random.usize(1..4);
    let names = (0..depth).map(|_| OsStr::from_bytes(random.choice(&NAMES).unwrap()).to_owned());
    names.collect()
}

fn quoted(path: &Path) -> Vec<u8> {
    [b"'./", path.as_os_str().as_bytes(), b"'"].concat()
}

/// A random thing to do with random paths. It may fail: then it does in the twin and in the plain copy.
fn random_step(random: &mut fastrand::Rng, existing: &[PathBuf], number: usize) -> Vec<u8> {
    let mut any = || match existing.is_empty() || random.u8(0..4) == 0 {
        true => random_path(random),
        false => random.choice(existing).unwrap().clone(),
    };
    let (first, mut second) = (any(), any());
    // What becomes of a folder that is copied into itself depends on the order in which the system lists it.
    if first.starts_with(&second) || second.starts_with(&first) {
        second = PathBuf::from(format!("beside-{number}"));
    }
    let parent = quoted(second.parent().unwrap());
    let (first, second) = (quoted(&first), quoted(&second));
    let script: &[&[u8]] = match random.u8(0..18) {
        0 | 1 => &[b"mkdir -p ", &parent, b" && printf 'new %s' N > ", &second],
        2 | 3 => &[b"printf ' more %s' N >> ", &first],
        4 => &[b": > ", &first],
        5 => &[b"chmod u+x ", &first],
        // A folder without it could not be looked into by an ordinary user.
        6 => &[b"test -f ", &first, b" && chmod u-x ", &first],
        7 | 8 => &[b"mv -T ", &first, b" ", &second],
        9 => &[b"rm -rf ", &first, b" && printf file > ", &first],
        10 => &[
            b"rm -rf ",
            &first,
            b" && mkdir ",
            &first,
            b" && printf N > ",
            &first,
            b"/in",
        ],
        11 => &[b"rm -f ", &first],
        12 => &[b"rm -rf ", &first],
        13 => &[b"ln -sfn to-N ", &second],
        // The overlay copies a folder that is moved, and with it only the names that are in it: a second name may not stay.
        14 => &[
            b"ln ",
            &first,
            b" ",
            &second,
            b" && cp -P ",
            &second,
            b" y-N && mv y-N ",
            &second,
        ],
        15 => &[b"cp -rT ", &first, b" ", &second],
        16 => &[b"touch ", &first],
        _ => &[b"cp -p ", &first, b" x-N && mv x-N ", &first],
    };
    let script = script.concat();
    let number = number.to_string();
    let mut numbered = Vec::new();
    for byte in script {
        match byte {
            b'N' => numbered.extend(number.as_bytes()),
            byte => numbered.push(byte),
        }
    }
    [b"( " as &[u8], &numbered, b" ) 2>/dev/null </dev/null"].concat()
}

fn fill(fixture: &Fixture, random: &mut fastrand::Rng) {
    for number in 0..random.usize(0..25) {
        let path = fixture.workspace.join(random_path(random));
        if fs::create_dir_all(path.parent().unwrap()).is_err() || path.exists() {
            continue;
        }
        match random.u8(0..8) {
            0 => {
                let _ = symlink(format!("target-{number}"), &path);
            }
            1 => {
                let _ = fs::create_dir(&path);
            }
            2 => {
                let first = plain_files(&fixture.workspace);
                let first = first.iter().find(|(_, file)| file.2 == FileKind::File);
                if let Some((first, _)) = first {
                    let _ = fs::hard_link(fixture.workspace.join(first), &path);
                }
            }
            kind => {
                fs::write(&path, format!("content {number}")).unwrap();
                let mode = if kind == 3 { 0o755 } else { 0o644 };
                fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            }
        }
    }
}

fn all_paths(folder: &Path) -> Vec<PathBuf> {
    let files = plain_files(folder).into_keys();
    let mut paths = BTreeSet::new();
    for file in files {
        paths.extend(file.ancestors().map(Path::to_path_buf));
    }
    paths.remove(Path::new(""));
    paths.into_iter().collect()
}

#[test]
fn a_scan_tells_what_a_plain_copy_shows_after_the_same_commands() {
    for seed in 0..40 {
        let mut random = fastrand::Rng::with_seed(seed);
        let fixture = Fixture::new();
        fill(&fixture, &mut random);
        let before = plain_files(&fixture.workspace);
        let oracle = fixture.copy_of_workspace("oracle");
        let mut files = fixture.create();
        let Some(mut shell) = fixture.mount(&files) else {
            return;
        };
        for number in 0..40 {
            let step = random_step(&mut random, &all_paths(&oracle), number);
            let in_twin = shell.run(&step).is_some();
            let plainly = Command::new("sh")
                .arg("-c")
                .arg(OsStr::from_bytes(&step))
                .current_dir(&oracle)
                .status();
            assert_eq!(
                in_twin,
                plainly.unwrap().success(),
                "seed {seed}, {}",
                String::from_utf8_lossy(&step)
            );
            match random.u8(0..12) {
                0 => files.note_touched(&judge).unwrap(),
                1 => {
                    // The process is killed, and the twin is taken up again.
                    drop(shell);
                    drop(files);
                    files = fixture.open();
                    shell = fixture.mount(&files).unwrap();
                }
                _ => {}
            }
        }
        let after = plain_files(&oracle);
        assert_eq!(
            plain_files(&shell.view()),
            after,
            "seed {seed}: the test's own two trees"
        );
        let changes = files.scan(&judge).unwrap();
        let told = as_expected(&fixture.workspace, &changes.files);
        assert_eq!(told, difference(&before, &after), "seed {seed}");
        assert_eq!(changes.left_out, [], "seed {seed}");
        assert_eq!(
            plain_files(&fixture.workspace),
            before,
            "the user's own files"
        );
    }
}

#[test]
fn a_copy_tells_the_same() {
    for seed in 0..25 {
        let mut random = fastrand::Rng::with_seed(seed);
        let fixture = Fixture::new();
        fill(&fixture, &mut random);
        // Only files are copied.
        let find = Command::new("find")
            .arg(&fixture.workspace)
            .args(["-mindepth", "1", "-type", "d", "-empty", "-delete"])
            .status();
        assert!(find.unwrap().success());
        let before = plain_files(&fixture.workspace);
        let oracle = fixture.copy_of_workspace("oracle");
        let mut files = fixture.create_copy();
        files.begin();
        let in_folder = |step: &[u8], folder: &Path| {
            let mut shell = Command::new("sh");
            let shell = shell
                .arg("-c")
                .arg(OsStr::from_bytes(step))
                .current_dir(folder);
            shell.status().unwrap().success()
        };
        for number in 0..30 {
            let step = random_step(&mut random, &all_paths(&oracle), number);
            let in_twin = in_folder(&step, &files.home.copy(0));
            assert_eq!(in_twin, in_folder(&step, &oracle), "seed {seed}");
            match random.u8(0..12) {
                0 => files.note_touched(&judge).unwrap(),
                1 => {
                    drop(files);
                    files = fixture.open();
                    files.begin();
                }
                _ => {}
            }
        }
        let changes = files.scan(&judge).unwrap();
        let told = as_expected(&fixture.workspace, &changes.files);
        let expected = difference(&before, &plain_files(&oracle));
        assert_eq!(told, expected, "seed {seed}");
        assert_eq!(
            plain_files(&fixture.workspace),
            before,
            "the user's own files"
        );
    }
}

#[test]
fn whiteouts_that_are_files_are_whiteouts_where_their_folder_says_so() {
    let fixture = Fixture::new();
    fixture.write("d/gone", "gone");
    fixture.write("e/empty", "was not empty");
    let files = fixture.create();
    let upper = files.home.upper(0);
    let attribute = |path: &str, name: &str, value: &[u8]| {
        let flags = rustix::fs::XattrFlags::empty();
        rustix::fs::setxattr(upper.join(path), name, value, flags).unwrap();
    };
    for (folder, file) in [("d", "d/gone"), ("e", "e/empty")] {
        fs::create_dir(upper.join(folder)).unwrap();
        fs::write(upper.join(file), "").unwrap();
        attribute(file, "user.overlay.whiteout", b"");
    }
    attribute("d", "user.overlay.opaque", b"x");
    let told = as_expected(&fixture.workspace, &files.scan(&judge).unwrap().files);
    let file = |text: &str| Some((text.as_bytes().to_vec(), false, FileKind::File));
    let expected = [
        ("d/gone".into(), (file("gone"), None)),
        ("e/empty".into(), (file("was not empty"), file(""))),
    ];
    assert_eq!(told, expected.into());
}

#[test]
fn large_files_stay_where_they_are() {
    let fixture = Fixture::new();
    let size = super::super::LARGE_FILE + 1;
    let make = |path: PathBuf, last: u8| {
        use std::os::unix::fs::FileExt;
        let file = fs::File::create(path).unwrap();
        file.write_at(&[last], size - 1).unwrap();
    };
    for name in ["changed", "same"] {
        make(fixture.workspace.join(name), 1);
    }
    let files = fixture.create();
    let upper = files.home.upper(0);
    make(upper.join("changed"), 2);
    make(upper.join("same"), 1);
    let changes = files.scan(&judge).unwrap().files;
    let [change] = &changes[..] else {
        panic!("{changes:?}");
    };
    let place = |file: &TwinFile| match &file.content {
        TwinContent::Large { place, size: told } if *told == size => place.clone(),
        content => panic!("{content:?}"),
    };
    assert_eq!(place(change.after.as_ref().unwrap()), upper.join("changed"));
    let TwinBase::Known(base) = &change.base else {
        panic!("{:?}", change.base);
    };
    assert!(place(base).starts_with(files.home.base()));
    assert_eq!(fs::metadata(place(base)).unwrap().len(), size);
}

/// What the task saw at a path immediately before it first changed it.
type FirstSeen = BTreeMap<&'static str, Option<Vec<u8>>>;

#[test]
fn what_is_told_to_be_the_start_is_what_the_change_was_made_from() {
    const PATHS: [&str; 4] = ["a", "b", "d/c", "d/e"];
    let (mut known, mut unknown) = (0, 0);
    for seed in 0..60 {
        let mut random = fastrand::Rng::with_seed(seed);
        let fixture = Fixture::new();
        for path in PATHS {
            if random.u8(0..4) > 0 {
                fixture.write(path, &format!("user first {path};"));
            }
        }
        fs::create_dir_all(fixture.workspace.join("d")).unwrap();
        let mut files = fixture.create();
        let Some(mut shell) = fixture.mount(&files) else {
            return;
        };
        let mut first_seen = FirstSeen::new();
        let mut of_user = BTreeSet::new();
        for number in 0..25 {
            let path = *random.choice(&PATHS).unwrap();
            let users = fixture.workspace.join(path);
            let seen = fs::read(shell.view().join(path)).ok();
            let text = format!("user {number};");
            let task = format!("task {number};");
            let choice = random.u8(0..12);
            let is_nothing_left = choice == 3 && first_seen.get(path).is_none_or(Option::is_none);
            if is_nothing_left && (seen.is_none() || first_seen.contains_key(path)) {
                // What was not there, or was made by the task alone, leaves no trace when it is removed.
                first_seen.remove(path);
            } else if choice < 5 {
                first_seen.entry(path).or_insert(seen);
            } else if choice < 9 {
                of_user.insert(path);
            }
            match choice {
                0 | 1 => drop(shell.run(format!("printf '{task}' >> {path}").as_bytes())),
                2 => drop(
                    shell.run(format!("cp {path} n; printf '{task}' >> n; mv n {path}").as_bytes()),
                ),
                3 => drop(shell.run(format!("rm -f {path}").as_bytes())),
                4 => {
                    files
                        .keep_base(&fixture.workspace.join(path), &shown(&shell))
                        .unwrap();
                    let file = fs::OpenOptions::new()
                        .create(true)
                        .append(true)
                        .open(shell.view().join(path));
                    file.unwrap().write_all(task.as_bytes()).unwrap();
                }
                5 => fs::write(&users, text).unwrap(),
                6 | 7 => {
                    let unfinished = fixture.workspace.join("d/unfinished");
                    fs::write(&unfinished, text).unwrap();
                    fs::rename(unfinished, users).unwrap();
                }
                8 => drop(fs::remove_file(users)),
                9 => files.note_touched(&judge).unwrap(),
                10 => drop(shell.run(format!("cat {path}").as_bytes())),
                _ => {
                    drop(shell);
                    drop(files);
                    files = fixture.open();
                    shell = fixture.mount(&files).unwrap();
                }
            }
        }
        for change in files.scan(&judge).unwrap().files {
            let path = change.path.strip_prefix(&fixture.workspace).unwrap();
            let path = path.to_str().unwrap();
            if path == "n" {
                continue;
            }
            let seen = first_seen.get(path).cloned().flatten();
            match &change.base {
                TwinBase::Known(base) => {
                    known += 1;
                    assert_eq!(Some(plain(base).0), seen, "seed {seed}, {path}");
                }
                TwinBase::Absent => assert!(
                    seen.is_none() || of_user.contains(path),
                    "seed {seed}, {path}"
                ),
                TwinBase::Unknown => {
                    unknown += 1;
                    assert!(of_user.contains(path), "seed {seed}, {path}");
                }
            }
        }
    }
    assert!(
        known > 50 && unknown > 5,
        "{known} known, {unknown} unknown: the test tests nothing"
    );
}
