//! Twins side by side, and what processes leave that are killed at any moment.

use std::{
    collections::BTreeSet,
    fs,
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use libtest_mimic::Trial;
use sandbox::{
    Wall,
    twin::{ListedTwin, Twin, TwinState, remove_leftover, remove_unchanged, total_size, twins},
};

use crate::place_of_work::{PlaceOfWork, all_files, judge, told};

/// The first argument of a child that makes and removes twins until it is killed; the state folder, the workspace and a
/// number follow.
pub(crate) const CHILD: &str = "make-twins-until-killed";

pub(crate) fn trials() -> Vec<Trial> {
    let trial = |name: &str, test: fn()| {
        Trial::test(name, move || {
            test();
            Ok(())
        })
    };
    vec![
        trial("twins_side_by_side_do_not_disturb_each_other", side_by_side),
        trial("a_killed_process_leaves_what_is_whole_or_found", killed),
        trial(
            "unchanged_twins_are_removed_and_no_others",
            unchanged_twins_are_removed,
        ),
        trial(
            "a_state_folder_in_the_workspace_is_no_place",
            state_in_the_workspace,
        ),
        trial("nested_folders_share_an_overlay", nested_folders),
    ]
}

fn side_by_side() {
    let place = PlaceOfWork::new(Wall::Overlay);
    let before = all_files(&place.workspace);
    let is_done = AtomicBool::new(false);
    thread::scope(|scope| {
        let tidier = scope.spawn(|| {
            while !is_done.load(Ordering::Relaxed) {
                remove_unchanged(&place.state);
                total_size(&place.state);
            }
        });
        let task = |number: usize| {
            for round in 0..3 {
                let id = format!("{number}-{round}");
                let twin = place.create(&id).unwrap();
                place.run(&twin, &format!("echo {id} >> src/main.rs; cat src/main.rs"));
                let expected =
                    format!("src/main.rs: \"fn main() {{}}\\n\" -> \"fn main() {{}}\\n{id}\\n\"\n");
                assert_eq!(
                    told(&place.workspace, &twin.scan(&judge).unwrap()),
                    expected
                );
                twin.discard().unwrap();
            }
        };
        let tasks: Vec<_> = (0..6)
            .map(|number| scope.spawn(move || task(number)))
            .collect();
        let results: Vec<_> = tasks.into_iter().map(|task| task.join()).collect();
        is_done.store(true, Ordering::Relaxed);
        tidier.join().unwrap();
        assert!(results.iter().all(Result::is_ok));
    });
    assert_eq!(all_files(&place.workspace), before);
    assert_eq!(twins(&place.state).len(), 0);
}

/// What the child does that is killed: twins are made, changed, kept and removed; what was kept is said.
pub(crate) fn make_twins_until_killed(mut arguments: impl Iterator<Item = String>) -> ! {
    let mut next = || arguments.next().unwrap();
    let (state, workspace, round) = (PathBuf::from(next()), PathBuf::from(next()), next());
    let place = PlaceOfWork::at(state, workspace, Wall::Overlay);
    for number in 0.. {
        let id = format!("{round}-{number}");
        let twin = place.create(&id).unwrap();
        place.run(
            &twin,
            "echo more >> src/main.rs; mkdir -p target; echo x > target/y",
        );
        match number % 3 {
            0 => twin.discard().unwrap(),
            1 => {
                twin.keep().unwrap();
                say(&id);
            }
            _ => {
                twin.keep().unwrap();
                place.open(&id).unwrap().discard().unwrap();
            }
        }
    }
    unreachable!("the numbers do not end")
}

#[allow(clippy::print_stdout)] // The parent reads it.
fn say(id: &str) {
    println!("kept {id}");
}

fn killed() {
    let place = PlaceOfWork::new(Wall::Overlay);
    let before = all_files(&place.workspace);
    let mut random = fastrand::Rng::with_seed(5);
    let mut left_behind = 0;
    for round in 0..40 {
        let mut child = Command::new("/proc/self/exe")
            .arg(CHILD)
            .args([&place.state, &place.workspace])
            .arg(round.to_string())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        // A random moment: nothing waits for it.
        thread::sleep(Duration::from_micros(random.u64(0..150_000)));
        child.kill().unwrap();
        child.wait().unwrap();
        let said = BufReader::new(child.stdout.take().unwrap());
        let said: BTreeSet<_> = said.lines().map_while(Result::ok).collect();
        for twin in abandoned(&place.state) {
            left_behind += usize::from(twin.state == TwinState::LeftBehind);
            if said.contains(&format!("kept {}", twin.id)) {
                assert_eq!(twin.state, TwinState::Kept, "round {round}, {}", twin.id);
                is_whole(&place, &place.open(&twin.id).unwrap());
            } else if twin.may_have_changes()
                && let Ok(twin) = place.open(&twin.id)
            {
                // The command may have been cut off, and nothing else.
                twin.scan(&judge).unwrap();
            }
        }
        let kept: BTreeSet<_> = twins(&place.state)
            .into_iter()
            .map(|twin| format!("kept {}", twin.id))
            .collect();
        assert!(
            kept.is_superset(&said),
            "round {round}: {said:?} were kept, {kept:?} are there"
        );
        remove_all(&place.state);
    }
    assert_eq!(all_files(&place.workspace), before);
    assert!(left_behind > 5, "{left_behind}: the test tests nothing");
}

/// The twins of a killed process: one that it was just starting holds a lock until it notices.
fn abandoned(state: &Path) -> Vec<ListedTwin> {
    let patience = Instant::now() + Duration::from_secs(30);
    loop {
        let twins = twins(state);
        if twins.iter().all(|twin| twin.state != TwinState::InUse) {
            return twins;
        }
        assert!(
            Instant::now() < patience,
            "a killed process still has a twin"
        );
        thread::yield_now();
    }
}

/// Removes what is left. A process that was just being started may go on for a moment and make folders again.
fn remove_all(state: &Path) {
    let patience = Instant::now() + Duration::from_secs(30);
    loop {
        let left = twins(state);
        let removed: Result<Vec<_>, _> = left
            .iter()
            .map(|twin| remove_leftover(state, &twin.id))
            .collect();
        if left.is_empty() && names(&state.join("twins")) == BTreeSet::from([".lock".to_owned()]) {
            return;
        }
        assert!(Instant::now() < patience, "{left:?} stay: {removed:?}");
    }
}

fn is_whole(place: &PlaceOfWork, twin: &Twin) {
    assert_eq!(
        told(&place.workspace, &twin.scan(&judge).unwrap()),
        "src/main.rs: \"fn main() {}\\n\" -> \"fn main() {}\\nmore\\n\"\n"
    );
}

fn names(folder: &Path) -> BTreeSet<String> {
    let Ok(entries) = fs::read_dir(folder) else {
        // It was killed before it made any.
        return BTreeSet::from([".lock".to_owned()]);
    };
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

fn unchanged_twins_are_removed() {
    let place = PlaceOfWork::new(Wall::Overlay);
    let script = [
        ("read", "cat src/main.rs"),
        ("written", "echo more >> src/main.rs"),
        ("removed", "rm src/main.rs"),
        ("emptied", "rm -r src && mkdir src"),
        ("ignored", "echo x > target/built"),
    ];
    for (id, script) in script {
        let twin = place.create(id).unwrap();
        place.run(&twin, script);
        twin.keep().unwrap();
    }
    let in_use = place.create("in-use").unwrap();
    assert_eq!(remove_unchanged(&place.state), ["read"]);
    let left: Vec<_> = twins(&place.state)
        .into_iter()
        .map(|twin| twin.id)
        .collect();
    assert_eq!(left, ["emptied", "ignored", "in-use", "removed", "written"]);
    in_use.discard().unwrap();
}

fn state_in_the_workspace() {
    let mut place = PlaceOfWork::new(Wall::Overlay);
    place.state = place.workspace.join("state");
    let twin = place.create("one").unwrap();
    assert!(!twin.folder().starts_with(&place.workspace));
    assert!(
        twin.refused()[0].contains("lies inside the workspace's folder"),
        "{:?}",
        twin.refused()
    );
    place.run(
        &twin,
        "echo more >> src/main.rs; test -z \"$(ls state/twins 2>/dev/null)\"",
    );
    let folder = twin.folder().to_path_buf();
    assert_eq!(twins(&place.state)[0].state, TwinState::InUse);
    twin.discard().unwrap();
    assert!(!folder.exists());
    assert_eq!(twins(&place.state).len(), 0);
}

fn nested_folders() {
    let place = PlaceOfWork::new(Wall::Overlay);
    let twin = place.with_options("one", |options| {
        let mut folders = options.folders.clone();
        folders.insert(0, place.workspace.join("src"));
        Twin::create(&sandbox::twin::TwinOptions {
            folders,
            state_folder: options.state_folder.clone(),
            id: options.id.clone(),
            title: options.title.clone(),
            documents: Vec::new(),
            hidden_variables: Vec::new(),
            hidden: Vec::new(),
            ..*options
        })
    });
    let twin = twin.unwrap();
    let roots = twin.roots().unwrap();
    let folders: Vec<_> = roots.iter().map(|root| root.folder.clone()).collect();
    assert_eq!(folders, std::slice::from_ref(&place.workspace));
    place.run(&twin, "echo more > src/new");
    let root = roots[0].root.try_clone().unwrap();
    let file = fs::File::open(format!(
        "/proc/self/fd/{}/src/new",
        std::os::fd::AsRawFd::as_raw_fd(&root)
    ));
    let mut text = String::new();
    file.unwrap().read_to_string(&mut text).unwrap();
    assert_eq!(text, "more\n");
}
