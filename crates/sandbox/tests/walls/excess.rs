//! A fork bomb, a hog of memory and a filler of the disk, each stopped by what the watch says, by the process namespace,
//! and by a control group.
//!
//! Each is let loose in a process namespace of its own, which the kernel empties when its first process ends, so that
//! nothing of it can get away.

use std::{
    fs::{self, File},
    io,
    os::fd::AsFd,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use libtest_mimic::Trial;
use sandbox::{
    Network,
    walls::{
        AccessRules, ControlGroup, ControlGroupEvents, Culprit, Excess, ExcessKind, Limits,
        Neighbours, Readable, Watch, limit_process_ids, refuse_dangerous_calls, restrict_files,
        set_resource_limits,
    },
};

use crate::{
    attempt::{Attempt, User, folder, run, trials_for_users},
    files::drop_capabilities,
};

pub(crate) const ATTEMPTS: &[Attempt] = &[
    ("looks", |folder| print_looks(folder)),
    ("resource limits", |_| print_resource_limits()),
    ("in a namespace", |folder| {
        in_a_namespace(&fs::read_to_string(folder.join("attempt")).unwrap(), folder)
    }),
    ("fork bomb", |folder| {
        print_excess(
            folder,
            "bomb() { bomb | bomb & }; bomb; while :; do (sleep 1000 &); done",
        )
    }),
    ("fork bomb of daemons", |folder| {
        print_excess(
            folder,
            "while :; do setsid sh -c 'sleep 1000 & sleep 1000 &' & done",
        )
    }),
    ("memory hog", |folder| {
        print_excess(folder, "x=xxxxxxxxxxxxxxxx; while :; do x=$x$x; done")
    }),
    ("memory of many", |folder| {
        print_excess(
            folder,
            "hog() { x=$(head -c 8000000 /dev/zero | tr '\\0' x); sleep 1000; }; for n in 1 2 3 4 5 6 7 8 9; do hog & done; wait",
        )
    }),
    ("disk filler", |folder| {
        print_excess(folder, "exec dd if=/dev/zero of=filled bs=1048576")
    }),
    ("many small files", |folder| {
        print_excess(
            folder,
            "n=0; while :; do head -c 1000000 /dev/zero > file$n; n=$((n + 1)); done",
        )
    }),
    ("bounded numbers", |_| print_bounded()),
];

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = trials_for_users("each limit is looked at", limits_are_looked_at);
    trials.extend(trials_for_users(
        "resource limits bind",
        resource_limits_bind,
    ));
    if has_namespaces() {
        trials.extend(trials_for_users(
            "hogs and fillers are stopped",
            hogs_are_stopped,
        ));
        trials.extend(trials_for_users(
            "the namespace's numbers are bounded",
            numbers_are_bounded,
        ));
    } else {
        println!("no process namespace for the user: nothing was let loose");
    }
    if has_namespaces() && bounds_namespaces() {
        trials.extend(trials_for_users(
            "fork bombs are stopped",
            bombs_are_stopped,
        ));
    } else {
        println!("nothing would hold a fork bomb should the watch fail: none was let loose");
    }
    match ControlGroup::create("probe", &limits()) {
        Ok(_) => trials.push(Trial::test(
            "a control group bounds memory and processes",
            || {
                control_group_bounds();
                Ok(())
            },
        )),
        Err(error) => println!("no control groups were tried: {error}"),
    }
    trials
}

/// What everything is let loose against: little, so that it is reached soon and hurts nobody.
fn limits() -> Limits {
    Limits {
        processes: 150,
        memory_bytes: 64 << 20,
        spare_memory_bytes: 0,
        disk_bytes: 64 << 20,
        spare_disk_bytes: 1 << 20,
        file_bytes: 1 << 40,
        open_files: 1000,
    }
}

fn watch(folder: &Path, limits: Limits) -> Watch {
    Watch::new(limits, vec![File::open(folder).unwrap().into()])
}

fn print_looks(folder: &Path) {
    fs::write(folder.join("file"), [1; 100_000]).unwrap();
    let mut command = Command::new("sleep").arg("1000").spawn().unwrap();
    let number = command.id().cast_signed();
    for (name, limits) in [
        ("enough", limits()),
        (
            "processes",
            Limits {
                processes: 0,
                ..limits()
            },
        ),
        (
            "memory",
            Limits {
                memory_bytes: 1000,
                ..limits()
            },
        ),
        (
            "disk",
            Limits {
                disk_bytes: 99_999,
                ..limits()
            },
        ),
        // More than the machine has, but the task has not taken it.
        (
            "spare memory",
            Limits {
                spare_memory_bytes: u64::MAX,
                ..limits()
            },
        ),
    ] {
        let excess = watch(folder, limits).look(&[number]);
        let excess = excess.map(|Excess { kind, culprit, .. }| match culprit {
            Culprit::Command(found) => format!("{kind:?}, command + {}", found - number),
            Culprit::Everything => format!("{kind:?}, everything"),
        });
        println!("{name}: {}", excess.as_deref().unwrap_or("nothing"));
    }
    command.kill().unwrap();
    command.wait().unwrap();
}

fn limits_are_looked_at(user: User) {
    let folder = folder(user);
    expect_test::expect![[r#"
        enough: nothing
        processes: Processes, command + 0
        memory: Memory, command + 0
        disk: Disk, command + 0
        spare memory: nothing
    "#]]
    .assert_eq(&run("looks", folder.path(), user));
}

fn print_resource_limits() {
    let limits = Limits {
        file_bytes: 100_000,
        open_files: 50,
        ..limits()
    };
    set_resource_limits(&limits).unwrap();
    let script = "ulimit -c; ulimit -n; head -c 200000 /dev/zero > large; echo $?; wc -c < large; cat /proc/self/oom_score_adj";
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new("sh")
        .args(["-c", script])
        .current_dir(folder.path())
        .output()
        .unwrap();
    print!("{}", String::from_utf8(output.stdout).unwrap());
}

fn resource_limits_bind(user: User) {
    let folder = folder(user);
    // 153 is the signal SIGXFSZ.
    assert_eq!(
        run("resource limits", folder.path(), user),
        "0\n50\n153\n100000\n500\n"
    );
}

/// Makes this process's attempt again as the first process of a new process namespace.
fn in_a_namespace(attempt: &str, folder: &Path) {
    let mut command = unshare();
    command
        .arg(std::env::current_exe().unwrap())
        .args(["--attempt", attempt])
        .arg(folder)
        .current_dir(folder);
    assert!(command.status().unwrap().success());
}

fn unshare() -> Command {
    let mut command = Command::new("unshare");
    command
        .args([
            "--user",
            "--map-root-user",
            "--pid",
            "--fork",
            "--kill-child",
            "--mount-proc",
        ])
        .stdin(Stdio::null());
    command
}

fn has_namespaces() -> bool {
    let status = unshare().arg("true").stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

fn run_in_a_namespace(attempt: &str, user: User) -> String {
    let folder = folder(user);
    fs::write(folder.path().join("attempt"), attempt).unwrap();
    run("in a namespace", folder.path(), user)
}

/// Puts everything around this process, so that the watch has to do with what is left to it.
fn behind_walls(folder: &Path, work: &Path) -> Watch {
    let open = File::open(folder).unwrap();
    // The kernel's bounds are further away: a watch that sleeps costs this test and not the machine.
    let net = Limits {
        processes: 1500,
        ..limits()
    };
    limit_process_ids(&net);
    set_resource_limits(&net).unwrap();
    drop_capabilities();
    restrict_files(&AccessRules {
        readable: Readable::AllBut {
            hidden: vec![folder.into()],
            kept: Vec::new(),
        },
        writable: vec![work.into(), "/proc".into()],
        open_folders: &[open.as_fd()],
        open_writable: &[],
        network: Network::None,
    })
    .unwrap();
    refuse_dangerous_calls(Neighbours::Hidden).unwrap();
    Watch::new(limits(), vec![open.into()])
}

/// Lets a script loose, and does what the watch says until nothing is left.
fn print_excess(folder: &Path, script: &str) {
    assert_eq!(std::process::id(), 1);
    let work = folder.join("work");
    fs::create_dir(&work).unwrap();
    let mut watch = behind_walls(folder, &work);
    let mut command = Command::new("sh")
        .args(["-c", script])
        .current_dir(&work)
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let number = command.id().cast_signed();
    let excess = loop {
        if let Some(excess) = watch.look(&[number]) {
            break excess;
        }
        assert!(command.try_wait().unwrap().is_none(), "it ended by itself");
        thread::sleep(Duration::from_millis(20));
    };
    // All but this process, at once: the kernel lets nothing be started meanwhile.
    // SAFETY: a system call; in this namespace there is nobody else's process.
    assert_eq!(unsafe { libc::kill(-1, libc::SIGKILL) }, 0);
    command.wait().unwrap();
    while rustix::process::wait(rustix::process::WaitOptions::empty()).is_ok() {}
    fs::remove_file(work.join("filled")).ok();
    println!(
        "{:?} above the limit: {}; then {:?}",
        excess.kind,
        excess.amount > excess.limit,
        watch.look(&[]).map(|excess| excess.kind)
    );
}

fn bombs_are_stopped(user: User) {
    for attempt in ["fork bomb", "fork bomb of daemons"] {
        is_stopped(attempt, ExcessKind::Processes, None, user);
    }
}

fn hogs_are_stopped(user: User) {
    is_stopped("memory hog", ExcessKind::Memory, None, user);
    is_stopped("memory of many", ExcessKind::Memory, None, user);
    is_stopped("disk filler", ExcessKind::Disk, None, user);
    // The files are still there.
    is_stopped(
        "many small files",
        ExcessKind::Disk,
        Some(ExcessKind::Disk),
        user,
    );
}

fn is_stopped(attempt: &str, kind: ExcessKind, then: Option<ExcessKind>, user: User) {
    let expected = format!("{kind:?} above the limit: true; then {then:?}\n");
    assert_eq!(run_in_a_namespace(attempt, user), expected, "{attempt}");
}

/// Whether the kernel bounds the processes of a namespace: Linux 6.14.
fn bounds_namespaces() -> bool {
    let release = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap();
    let mut numbers = release.split('.').map(|number| number.parse().unwrap_or(0));
    (numbers.next().unwrap(), numbers.next().unwrap()) >= (6, 14)
}

/// Starts processes until the kernel refuses.
fn print_bounded() {
    let limits = Limits {
        processes: 400,
        ..limits()
    };
    if !limit_process_ids(&limits) {
        println!("unbounded");
        return;
    }
    let mut children = Vec::<Child>::new();
    let refused = loop {
        match Command::new("sleep").arg("1000").spawn() {
            Ok(child) => children.push(child),
            Err(error) => break error,
        }
        assert!(children.len() < 1000, "nothing is refused");
    };
    println!(
        "bounded: {}, {}",
        children.len() < 400,
        refused.raw_os_error() == Some(libc::EAGAIN)
    );
    for mut child in children {
        child.kill().unwrap();
        child.wait().unwrap();
    }
    println!(
        "again: {}",
        Command::new("true").status().unwrap().success()
    );
}

fn numbers_are_bounded(user: User) {
    let machines = || fs::read_to_string("/proc/sys/kernel/pid_max").unwrap();
    let before = machines();
    let printed = run_in_a_namespace("bounded numbers", user);
    assert_eq!(machines(), before, "the machine's own bound was changed");
    match bounds_namespaces() {
        true => assert_eq!(printed, "bounded: true, true\nagain: true\n"),
        false => assert_eq!(printed, "unbounded\n"),
    }
    // Outside of a namespace of its own nobody changes anything.
    assert!(!limit_process_ids(&limits()));
    assert_eq!(machines(), before);
}

fn control_group_bounds() {
    let limits = Limits {
        processes: 20,
        ..limits()
    };
    let group = ControlGroup::create("test", &limits).unwrap();
    // It waits until it is in the group.
    let script = "read -r line; (for n in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25; do sleep 1000 & done) 2> /dev/null; x=xxxxxxxxxxxxxxxx; while :; do x=$x$x; done";
    let mut command = Command::new("sh");
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut command = command
        .args(["-c", script])
        .stdin(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    group.add(command.id()).unwrap();
    io::Write::write_all(&mut command.stdin.take().unwrap(), b"go\n").unwrap();
    let status = command.wait().unwrap();
    let events = group.events();
    let everything = rustix::process::Pid::from_child(&command);
    rustix::process::kill_process_group(everything, rustix::process::Signal::KILL).ok();
    assert!(!status.success());
    assert!(events.refused_processes > 0, "{events:?}");
    assert!(events.ended_for_memory > 0, "{events:?}");
    assert_ne!(events, ControlGroupEvents::default());
    drop(group);
    let again = ControlGroup::create("test", &limits).expect("the group was taken away");
    assert_eq!(again.events(), ControlGroupEvents::default());
}
