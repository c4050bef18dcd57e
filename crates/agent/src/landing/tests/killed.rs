//! A real process is killed while it applies a proposal, or while it recovers from having been killed.

use std::{
    env, fs,
    io::{self, BufRead, BufReader, Write},
    os::unix::process::ExitStatusExt,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use changes::Proposal;
use expect_test::expect;
use fastrand::Rng;

use super::{
    Decision, Fixture, RealDisk, Tree, Wanted, WatchedDisk,
    model::{self, Side},
    recovery,
};

/// What a child process is to do, in its environment: `FOLDER`, `SEED`, the operation at which it dies, and `apply` or
/// `recover`.
const ORDER: &str = "ROPEWALK_TEST_LANDING";

fn trees(seed: u64) -> (Tree, Tree) {
    let mut random = Rng::with_seed(seed);
    let before = model::entangled_files(&mut random);
    let after = match random.bool() {
        true => model::edited(&mut random, &before, Side::Task),
        false => model::entangled_files(&mut random),
    };
    (before, after)
}

fn proposal(fixture: &Fixture, seed: u64) -> Proposal {
    let (before, after) = trees(seed);
    model::proposal(fixture, &before, &after)
}

/// No test of its own: what the child processes of the other tests run.
#[test]
fn child() {
    let Ok(order) = env::var(ORDER) else { return };
    let [folder, seed, dies_at, task] = order.split('|').collect::<Vec<_>>()[..] else {
        panic!("{order}")
    };
    let dies_at: usize = dies_at.parse().unwrap();
    let disk = WatchedDisk::new(|number, _: &str| {
        if number == dies_at {
            Decision::Die
        } else {
            Decision::Proceed
        }
    });
    let fixture = Fixture::existing(Path::new(folder));
    let mut output = io::stdout();
    output.write_all(b"\nready\n").unwrap();
    output.flush().unwrap();
    match task {
        "apply" => drop(fixture.apply_on(&disk, &proposal(&fixture, seed.parse().unwrap()))),
        "recover" => drop(recovery::recover(&disk, &fixture.state_folder())),
        other => panic!("{other}"),
    }
}

fn start(fixture: &Fixture, seed: u64, dies_at: usize, task: &str) -> std::process::Child {
    let folder = fixture.path("..").canonicalize().unwrap();
    Command::new(env::current_exe().unwrap())
        .args(["--exact", "landing::tests::killed::child", "--nocapture"])
        .env(
            ORDER,
            format!("{}|{seed}|{dies_at}|{task}", folder.display()),
        )
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Waits for a child that kills itself; says whether it did.
fn died(child: std::process::Child) -> bool {
    let status = child.wait_with_output().unwrap().status;
    assert!(status.success() || status.signal() == Some(9), "{status}");
    !status.success()
}

/// Recovers, and says whether everything is done now.
fn recovered(fixture: &Fixture, before: &Tree, done: &Tree, what: &str) -> bool {
    fixture.recover().unwrap();
    let tree = fixture.tree();
    assert!(tree == *before || tree == *done, "{what}: {tree:#?}");
    assert!(
        !fixture.kept().iter().any(|name| name == "journal"),
        "{what}"
    );
    let is_done = tree == *done;
    // What is done can be undone, and what is not can be done.
    if is_done {
        fixture.undo(Wanted::Last).unwrap();
        assert_eq!(fixture.tree(), *before, "{what}");
    }
    is_done
}

#[test]
fn killed_at_any_operation_all_is_done_or_nothing() {
    let (mut done_count, mut undone_count) = (0, 0);
    let mut random = Rng::with_seed(1);
    for round in 0..100 {
        let seed = round % 10;
        let (before, after) = trees(seed);
        let fixture = Fixture::of(&before);
        let (before, after) = (fixture.tree(), model::with_folders(&after));
        if before == after {
            continue;
        }
        let dies_at = random.usize(20..200);
        let what = format!("seed {seed}, operation {dies_at}");
        let is_killed = died(start(&fixture, seed, dies_at, "apply"));
        if !is_killed {
            assert_eq!(fixture.tree(), after, "{what}");
        }
        // The one who recovers may be killed too, again and again.
        for _ in 0..random.usize(..3) {
            died(start(&fixture, seed, random.usize(..60), "recover"));
        }
        if recovered(&fixture, &before, &after, &what) {
            done_count += 1;
        } else {
            assert!(is_killed, "{what}");
            undone_count += 1;
            fixture
                .apply_on(&RealDisk, &proposal(&fixture, seed))
                .unwrap();
            assert_eq!(fixture.tree(), after, "{what}");
        }
    }
    assert!(
        10 < done_count && 10 < undone_count,
        "{done_count}, {undone_count}"
    );
}

#[test]
fn killed_at_any_moment_all_is_done_or_nothing() {
    let mut random = Rng::with_seed(2);
    let mut undone_count = 0;
    let mut longest = Duration::from_millis(20);
    for round in 0..100 {
        let seed = round % 10;
        let (before, after) = trees(seed);
        let fixture = Fixture::of(&before);
        let (before, after) = (fixture.tree(), model::with_folders(&after));
        if before == after {
            continue;
        }
        let mut child = start(&fixture, seed, usize::MAX, "apply");
        let output = BufReader::new(child.stdout.take().unwrap());
        let mut lines = output.lines().map_while(Result::ok);
        assert!(lines.any(|line| line == "ready"));
        let ready = Instant::now();
        if round == 0 {
            child.wait().unwrap();
            longest = ready.elapsed();
        } else {
            std::thread::sleep(longest.mul_f64(random.f64()));
            child.kill().unwrap();
            child.wait().unwrap();
        }
        let what = format!("round {round}");
        undone_count += usize::from(!recovered(&fixture, &before, &after, &what));
    }
    // Which moments are hit is up to the system; that it is killed before the end now and then is not.
    assert!(0 < undone_count);
}

#[test]
fn what_the_user_changed_since_the_kill_is_left() {
    let fixture = Fixture::new(&[("a", "a\n"), ("b", "b\n"), ("c", "c\n")]);
    let changes = ["a", "b", "c"].map(|name| {
        let before = format!("{name}\n");
        fixture.change(name, Some(&before), Some("new\n"))
    });
    let disk = WatchedDisk::new(stop_after_exchanges(2));
    fixture
        .apply_on(&disk, &Proposal::new(changes.to_vec()))
        .unwrap_err();
    assert_eq!(fixture.read("a"), "new\n");
    fs::write(fixture.path("a"), "new\nand more\n").unwrap();
    let recovered = fixture.recover().unwrap().unwrap();
    let id = recovered.checkpoint.unwrap();
    let text = fixture.message(&recovered).replace(&id.to_string(), "ID");
    expect![[r#"
        An earlier change of files ("a task") was interrupted. It was taken back, and can be made again.
        - w/a was changed since and stays as it is
        `ropewalk undo ID` merges what was there before with what is there now."#]]
    .assert_eq(&text);
    let expected = super::Recovered {
        title: "a task".into(),
        thread: Some("a thread".into()),
        outcome: super::super::RecoveredAs::TakenBack,
        checkpoint: Some(id),
        left: vec![fixture.path("a")],
        kept: vec![],
    };
    assert_eq!(recovered, expected);
    let expected = super::tree(&[("a", "new\nand more\n"), ("b", "b\n"), ("c", "c\n")]);
    assert_eq!(fixture.tree(), expected);
    assert_eq!(fixture.recover().unwrap(), None);
    assert_eq!(fixture.kept(), [id.to_string()]);
    // What had been put there by the change goes, and what the user added stays.
    fixture
        .undo(Wanted::Id(id.to_string()))
        .unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(fixture.read("a"), "new\nand more\n");
}

/// The disk is gone after so many exchanges.
fn stop_after_exchanges(limit: usize) -> impl Fn(usize, &str) -> Decision + Send + Sync {
    let exchanges = std::sync::atomic::AtomicUsize::new(0);
    move |_, operation| {
        use std::sync::atomic::Ordering::Relaxed;

        if exchanges.load(Relaxed) == limit {
            return Decision::Fail;
        }
        if operation == "exchange" {
            exchanges.fetch_add(1, Relaxed);
        }
        Decision::Proceed
    }
}
