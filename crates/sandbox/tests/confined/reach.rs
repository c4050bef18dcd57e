//! Commands that a person has let reach further: the network, places outside, everything.

use std::{
    env, fs,
    io::Write,
    net::TcpListener,
    path::{Path, PathBuf},
    thread,
};

use sandbox::{Beyond, Exit, Network, Reach, StartError, Wall};
use tempfile::TempDir;

use crate::{
    Test,
    task::{Task, processes, run_in, try_run_in},
};

/// Names a folder outside of `/tmp` for users who have none.
pub(crate) const OUTSIDE: &str = "SANDBOX_TEST_OUTSIDE";

pub(crate) const TESTS: &[Test] = &[
    (
        "the_network_is_there_when_it_is_allowed",
        the_network_is_there_when_it_is_allowed,
    ),
    ("a_loopback_is_the_tasks_own", a_loopback_is_the_tasks_own),
    (
        "an_allowed_place_is_written_and_no_other",
        an_allowed_place_is_written_and_no_other,
    ),
    (
        "a_link_in_the_task_leads_no_allowed_place_elsewhere",
        a_link_in_the_task_leads_no_allowed_place_elsewhere,
    ),
    (
        "who_reaches_further_is_in_the_same_task",
        who_reaches_further_is_in_the_same_task,
    ),
    ("unconfined_is_the_user", unconfined_is_the_user),
    (
        "weak_walls_have_no_loopback_of_their_own",
        weak_walls_have_no_loopback_of_their_own,
    ),
];

fn beyond(network: Network, writable: &[&Path]) -> Reach {
    Reach::Beyond(Beyond {
        network,
        writable: writable.iter().map(|path| (*path).into()).collect(),
    })
}

/// A command that prints what a listener on this port of the machine's loopback sends.
fn fetch(port: u16) -> String {
    format!("exec 3<>/dev/tcp/127.0.0.1/{port} && cat <&3")
}

/// A listener of the machine's that greets everybody.
fn greeter() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let _ = stream.and_then(|mut stream| stream.write_all(b"hello\n"));
        }
    });
    port
}

/// Only this shell can make connections by itself.
fn in_bash(text: &str) -> String {
    format!("bash -c '{text}' 2>/dev/null")
}

fn the_network_is_there_when_it_is_allowed() {
    let port = greeter();
    for wall in [Wall::Overlay, Wall::OverlaySharedNetwork, Wall::Copy] {
        let task = Task::behind(wall);
        let process = task.start();
        let processes = processes(&process);
        let text = in_bash(&fetch(port));
        let (exit, output) = run_in(&processes, &text, &task.workspace, Reach::Twin);
        assert_eq!((exit, output.as_str()), (Exit::Code(1), ""), "{wall:?}");
        let reach = beyond(Network::Shared, &[]);
        let ended = run_in(&processes, &text, &task.workspace, reach);
        assert_eq!(ended, (Exit::Code(0), "hello\n".into()), "{wall:?}");
    }
}

fn a_loopback_is_the_tasks_own() {
    let port = greeter();
    let task = Task::new();
    let process = task.start();
    let processes = processes(&process);
    let text = in_bash(&fetch(port));
    let reach = beyond(Network::Loopback, &[]);
    let (exit, output) = run_in(&processes, &text, &task.workspace, reach.clone());
    assert_eq!((exit, output.as_str()), (Exit::Code(1), ""));
    // Nobody listens there, but there is somewhere to listen.
    let text = "bash -c 'exec 3<>/dev/tcp/127.0.0.1/9' 2>&1 | grep -om1 refused";
    let ended = run_in(&processes, text, &task.workspace, reach);
    assert_eq!(ended, (Exit::Code(0), "refused\n".into()));
    let (_, output) = run_in(&processes, text, &task.workspace, Reach::Twin);
    assert_eq!(output, "");
}

fn an_allowed_place_is_written_and_no_other() {
    for wall in [Wall::Overlay, Wall::OverlaySharedNetwork, Wall::Copy] {
        let Some(outside) = outside_of_tmp() else {
            eprintln!("not run: this user has no place outside of /tmp to write to");
            return;
        };
        let (allowed, other) = (outside.path().join("allowed"), outside.path().join("other"));
        fs::create_dir(&allowed).unwrap();
        fs::create_dir(&other).unwrap();
        let task = Task::behind(wall);
        let process = task.start();
        let processes = processes(&process);
        let write = |folder: &Path| format!("echo written > {}/file", folder.display());
        for network in [Network::None, Network::Shared] {
            let reach = beyond(network, &[&allowed]);
            let run = |text: &str, reach| run_in(&processes, text, &task.workspace, reach).0;
            assert_ne!(
                run(&write(&allowed), Reach::Twin),
                Exit::Code(0),
                "{wall:?}"
            );
            assert_ne!(
                run(&write(&other), reach.clone()),
                Exit::Code(0),
                "{wall:?}"
            );
            assert_eq!(run(&write(&allowed), reach), Exit::Code(0), "{wall:?}");
            assert_eq!(
                fs::read_to_string(allowed.join("file")).unwrap(),
                "written\n"
            );
            fs::remove_file(allowed.join("file")).unwrap();
        }
        assert_eq!(fs::read_dir(&other).unwrap().count(), 0);
    }
}

/// A person allows the machine's `cache/store/inner`. The task, which can write the cache, has put a link in place of
/// `store` that leads to another folder with an `inner` in it.
fn a_link_in_the_task_leads_no_allowed_place_elsewhere() {
    for wall in [Wall::Overlay, Wall::OverlaySharedNetwork, Wall::Copy] {
        let Some(outside) = outside_of_tmp() else {
            eprintln!("not run: this user has no place outside of /tmp to write to");
            return;
        };
        let outside = outside.path().canonicalize().unwrap();
        let [cache, other] = ["cache", "other"].map(|name| outside.join(name));
        for folder in ["cache/store/inner", "other/inner"] {
            fs::create_dir_all(outside.join(folder)).unwrap();
        }
        let mut task = Task::behind(wall);
        match wall {
            Wall::Copy => task.confinement.writable.push(cache.clone()),
            _ => task.confinement.caches.push(cache.clone()),
        }
        let process = task.start();
        let processes = processes(&process);
        let swap = format!(
            "rm -r {cache}/store && ln -s {other} {cache}/store && ls {cache}/store",
            cache = cache.display(),
            other = other.display(),
        );
        let swapped = run_in(&processes, &swap, &task.workspace, Reach::Twin);
        assert_eq!(swapped, (Exit::Code(0), "inner\n".into()), "{wall:?}");
        let allowed = cache.join("store/inner");
        let error = try_run_in(
            &processes,
            &format!("echo written > {}/inner/file", other.display()),
            &task.workspace,
            beyond(Network::None, &[&allowed]),
        )
        .unwrap_err();
        assert!(error.to_string().contains("without links"), "{error}");
        assert_eq!(fs::read_dir(other.join("inner")).unwrap().count(), 0);
    }
}

/// A folder that this user can write and that is not in `/tmp`, which is the task's own.
pub(crate) fn outside_of_tmp() -> Option<TempDir> {
    let parent = match env::var_os(OUTSIDE) {
        Some(parent) => parent.into(),
        None if rustix::process::geteuid().is_root() => PathBuf::from("/opt"),
        None => PathBuf::from(env!("CARGO_TARGET_TMPDIR")),
    };
    let is_outside = !parent.starts_with("/tmp") && !parent.starts_with("/var/tmp");
    is_outside.then(|| TempDir::new_in(parent).ok()).flatten()
}

fn who_reaches_further_is_in_the_same_task() {
    let task = Task::new();
    let process = task.start();
    let processes = processes(&process);
    let run = |text: &str, reach| run_in(&processes, text, &task.workspace, reach);
    let shared = || beyond(Network::Shared, &[]);
    assert_eq!(
        run("echo 1 > new; echo 2 > /tmp/new", Reach::Twin).0,
        Exit::Code(0)
    );
    let ended = run("cat new /tmp/new; echo 3 >> new", shared());
    assert_eq!(ended, (Exit::Code(0), "1\n2\n".into()));
    assert_eq!(run("cat new", Reach::Twin).1, "1\n3\n");
    assert!(!task.workspace.join("new").exists());
    // They see each other's processes, and one process serves all commands that reach as far.
    let count = "grep -la 'confined-proces[s]' /proc/[0-9]*/cmdline | wc -l";
    for reach in [Reach::Twin, shared(), shared()] {
        assert_eq!(run(count, reach).1, "2\n");
    }
}

fn unconfined_is_the_user() {
    let task = Task::new();
    let process = task.start();
    let processes = processes(&process);
    let ended = run_in(
        &processes,
        "echo mine > file",
        &task.workspace,
        Reach::Unconfined,
    );
    assert_eq!(ended, (Exit::Code(0), String::new()));
    assert_eq!(
        fs::read_to_string(task.workspace.join("file")).unwrap(),
        "mine\n"
    );
}

fn weak_walls_have_no_loopback_of_their_own() {
    for wall in [Wall::OverlaySharedNetwork, Wall::Copy] {
        let task = Task::behind(wall);
        let process = task.start();
        let processes = processes(&process);
        let reach = beyond(Network::Loopback, &[]);
        let error = try_run_in(&processes, "true", &task.workspace, reach).unwrap_err();
        assert!(
            matches!(error, StartError::Starter(sandbox::StarterError::Reach(_))),
            "{error}"
        );
    }
}
