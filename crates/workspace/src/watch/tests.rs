//! What the watcher tells of real changes on a real disk.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::PathBuf,
    sync::mpsc::{self, Receiver},
    time::Duration,
};

use expect_test::expect;
use fastrand::Rng;

use super::{
    FileEvent,
    FileEventKind::{self, Changed, Created, Deleted},
    WatchError, WatchReport, Watcher,
};
use crate::{WalkOptions, fixture::Fixture, normalize};

/// Long enough for any machine; only a failing test waits so long.
const PATIENCE: Duration = Duration::from_secs(20);

fn watch(fixture: &mut Fixture) -> (Watcher, Receiver<WatchReport>) {
    let (reports, received) = mpsc::channel();
    let watcher = Watcher::start(fixture.snapshot(), move |report| {
        // A test that has seen enough drops the receiver.
        let _seen_enough = reports.send(report);
    });
    (watcher.unwrap(), received)
}

/// Everything reported until `last` was, relative to the folder: what comes later replaces what came before.
fn events_until(
    fixture: &Fixture,
    reports: &Receiver<WatchReport>,
    last: &str,
) -> BTreeMap<String, FileEventKind> {
    let mut all = BTreeMap::new();
    let last = fixture.path(last);
    loop {
        match reports
            .recv_timeout(PATIENCE)
            .expect("the last change is reported in time")
        {
            WatchReport::Files(events) => {
                let is_last = events.iter().any(|event| event.path == last);
                for FileEvent { path, kind } in events {
                    let path = path
                        .strip_prefix(fixture.root())
                        .unwrap()
                        .display()
                        .to_string();
                    all.insert(path, kind);
                }
                if is_last {
                    return all;
                }
            }
            other => panic!("unexpected report: {other:?}"),
        }
    }
}

fn named(events: &[(&str, FileEventKind)]) -> BTreeMap<String, FileEventKind> {
    events
        .iter()
        .map(|(path, kind)| ((*path).to_owned(), *kind))
        .collect()
}

#[test]
fn changes_are_told_and_excluded_files_are_not() {
    let mut fixture = Fixture::new(&[
        (".gitignore", "/target\n*.log\n"),
        ("changed", ""),
        ("deleted", ""),
        ("target/out", ""),
        ("moved", ""),
    ]);
    let (_watcher, reports) = watch(&mut fixture);
    fixture.write("target/out", "x");
    fixture.write("build.log", "x");
    fixture.write(".env", "x");
    fixture.write(".git/HEAD", "x");
    fixture.write("changed", "x");
    fixture.write("created", "x");
    fixture.write("deep/er/created", "x");
    fs::write(fixture.path("temporary"), "").unwrap();
    fs::remove_file(fixture.path("temporary")).unwrap();
    fs::remove_file(fixture.path("deleted")).unwrap();
    fs::rename(fixture.path("moved"), fixture.path("arrived")).unwrap();
    fixture.write("last", "");
    let mut events = events_until(&fixture, &reports, "last");
    // Whether the short life of this file falls into one report is up to the machine.
    events.remove("temporary");
    let expected = [
        ("arrived", Created),
        ("changed", Changed),
        ("created", Created),
        ("deep/er/created", Created),
        ("deleted", Deleted),
        ("last", Created),
        ("moved", Deleted),
    ];
    assert_eq!(events, named(&expected));
}

#[test]
fn a_renamed_directory_is_watched_under_its_new_name() {
    let mut fixture = Fixture::new(&[("old/deep/file", "")]);
    let (_watcher, reports) = watch(&mut fixture);
    fs::rename(fixture.path("old"), fixture.path("new")).unwrap();
    let events = events_until(&fixture, &reports, "new/deep/file");
    assert_eq!(
        events,
        named(&[("new/deep/file", Created), ("old", Deleted)])
    );
    fixture.write("new/deep/file", "x");
    assert_eq!(
        events_until(&fixture, &reports, "new/deep/file"),
        named(&[("new/deep/file", Changed)])
    );
}

#[test]
fn a_changed_ignore_file_changes_what_is_watched() {
    let mut fixture = Fixture::new(&[(".gitignore", "/out/\n"), ("out/deep/file", "")]);
    let (_watcher, reports) = watch(&mut fixture);
    fixture.write(".gitignore", "");
    events_until(&fixture, &reports, ".gitignore");
    let missed = reports.recv_timeout(PATIENCE).unwrap();
    assert!(matches!(missed, WatchReport::Missed), "{missed:?}");
    fixture.write("out/deep/file", "x");
    let events = events_until(&fixture, &reports, "out/deep/file");
    assert_eq!(events, named(&[("out/deep/file", Changed)]));
}

#[test]
fn a_folder_that_vanishes_is_told() {
    let mut fixture = Fixture::new(&[("file", "")]);
    let (_watcher, reports) = watch(&mut fixture);
    fs::remove_dir_all(fixture.root()).unwrap();
    loop {
        match reports.recv_timeout(PATIENCE).unwrap() {
            WatchReport::Incomplete(WatchError::FolderMissing { path }) => {
                return assert_eq!(path, fixture.root());
            }
            WatchReport::Files(events) => {
                assert!(
                    events.iter().all(|event| event.kind == Deleted),
                    "{events:?}"
                );
            }
            other => panic!("unexpected report: {other:?}"),
        }
    }
}

#[test]
fn a_missing_folder_is_an_error_alone_and_a_report_beside_others() {
    let mut fixture = Fixture::new(&[]);
    let missing = normalize(&fixture.path("../missing"));
    fixture.workspace.add_folder(&missing).unwrap();
    let (watcher, reports) = watch(&mut fixture);
    match reports.recv_timeout(PATIENCE).unwrap() {
        WatchReport::Incomplete(WatchError::FolderMissing { path }) => assert_eq!(path, missing),
        other => panic!("unexpected report: {other:?}"),
    }
    drop(watcher);
    let root = fixture.root();
    fixture.workspace.remove_folder(&root);
    match Watcher::start(fixture.snapshot(), |_| {}) {
        Err(WatchError::FolderMissing { path }) => assert_eq!(path, missing),
        other => panic!("unexpected result: {other:?}"),
    }
}

#[test]
fn errors_say_what_to_do() {
    let errors = [
        notify::Error::new(notify::ErrorKind::MaxFilesWatch),
        notify::Error::path_not_found().add_path("/gone".into()),
        notify::Error::io(std::io::ErrorKind::PermissionDenied.into()).add_path("/closed".into()),
        notify::Error::io(std::io::Error::from_raw_os_error(
            rustix::io::Errno::MFILE.raw_os_error(),
        )),
        notify::Error::generic("something new"),
    ];
    let messages: Vec<String> = errors
        .iter()
        .map(|error| WatchError::new(error, None).to_string())
        .collect();
    expect![[r#"
        the system allows no more file watches; raise `fs.inotify.max_user_watches` (and `fs.inotify.max_user_instances`) with sysctl, or have large generated folders ignored
        `/gone` does not exist, so changes in it go unnoticed; close the folder in the editor or create it again
        `/closed` may not be watched: its permissions do not allow it
        the system allows no more file watches; raise `fs.inotify.max_user_watches` (and `fs.inotify.max_user_instances`) with sysctl, or have large generated folders ignored
        changes on disk go unnoticed: something new"#]]
    .assert_eq(&messages.join("\n"));
}

#[test]
fn dropping_a_watcher_ends_its_thread() {
    let mut fixture = Fixture::new(&[]);
    let (watcher, reports) = watch(&mut fixture);
    drop(watcher);
    // The thread owned the only sender.
    assert!(matches!(
        reports.recv_timeout(PATIENCE),
        Err(mpsc::RecvTimeoutError::Disconnected)
    ));
}

/// Whoever starts from a walk and follows the reports gets to know which files there are.
#[test]
fn reports_keep_a_list_of_files_true_through_random_changes() {
    std::thread::scope(|scope| {
        for seed in 0..12 {
            scope.spawn(move || check_random_changes(seed));
        }
    });
}

fn check_random_changes(seed: u64) {
    let mut rng = Rng::with_seed(seed);
    let mut fixture = Fixture::new(&[(".gitignore", "*.log\nignored/\n"), ("a/b/c", "")]);
    let (_watcher, reports) = watch(&mut fixture);
    let mut known = files(&mut fixture);
    for round in 0..6 {
        for _ in 0..rng.usize(1..25) {
            random_change(&mut rng, &fixture);
        }
        let there = files(&mut fixture);
        while known != there {
            match reports.recv_timeout(PATIENCE) {
                Ok(report) => apply(&mut known, report),
                Err(_) => panic!("seed {seed}, round {round}: {known:#?} but there is {there:#?}"),
            }
        }
    }
}

fn files(fixture: &mut Fixture) -> BTreeSet<PathBuf> {
    let walk = fixture.snapshot().walk(&WalkOptions::default()).unwrap();
    walk.map(|entry| entry.path).collect()
}

fn apply(known: &mut BTreeSet<PathBuf>, report: WatchReport) {
    let WatchReport::Files(events) = report else {
        panic!("unexpected report: {report:?}")
    };
    for FileEvent { path, kind } in events {
        match kind {
            Created | Changed => {
                known.insert(path);
            }
            Deleted => known.retain(|file| !file.starts_with(&path)),
        }
    }
}

/// Any change may fail, as where a file stands in the way of a directory; then it is no change.
fn random_change(rng: &mut Rng, fixture: &Fixture) {
    let names = ["a", "b", "c", "d.log", "ignored"];
    let place = |rng: &mut Rng| {
        let depth = rng.usize(1..4);
        let parts: Vec<&str> = (0..depth)
            .map(|_| names[rng.usize(..names.len())])
            .collect();
        fixture.path(&parts.join("/"))
    };
    let path = place(rng);
    let _may_fail = match rng.u8(0..6) {
        0 | 1 => fs::create_dir_all(path.parent().unwrap()).and_then(|()| fs::write(&path, "x")),
        2 => fs::create_dir_all(&path),
        3 => fs::remove_file(&path),
        4 => fs::remove_dir_all(&path),
        _ => fs::rename(&path, place(rng)),
    };
}
