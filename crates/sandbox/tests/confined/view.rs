//! What commands see of the machine, and what the program sees of what they do.

use std::{
    fs::{self, File},
    io::{Read, Write},
    os::fd::OwnedFd,
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use rustix::{
    fs::{Mode, OFlags, ResolveFlags, openat2},
    pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt},
};
use sandbox::{Exit, Reach, Wall, confined::ConfinedProcess};
use tempfile::TempDir;

use crate::{
    Test,
    reach::outside_of_tmp,
    task::{Task, processes, run_in},
};

pub(crate) const TESTS: &[Test] = &[
    ("writes_stay_in_the_overlay", writes_stay_in_the_overlay),
    (
        "the_program_and_commands_see_the_same",
        the_program_and_commands_see_the_same,
    ),
    ("a_workspace_can_lie_anywhere", a_workspace_can_lie_anywhere),
    (
        "what_is_hidden_is_empty_and_what_is_protected_stays",
        what_is_hidden_is_empty_and_what_is_protected_stays,
    ),
    (
        "what_is_hidden_may_vanish_meanwhile",
        what_is_hidden_may_vanish_meanwhile,
    ),
    (
        "caches_are_written_and_thrown_away",
        caches_are_written_and_thrown_away,
    ),
    (
        "a_workspace_over_other_file_systems_is_refused_with_the_reason",
        a_workspace_over_other_file_systems_is_refused_with_the_reason,
    ),
    (
        "the_rest_of_the_machine_cannot_be_written",
        the_rest_of_the_machine_cannot_be_written,
    ),
    (
        "commands_have_no_privileges_and_few_devices",
        commands_have_no_privileges_and_few_devices,
    ),
    (
        "nobody_elses_terminal_is_read",
        nobody_elses_terminal_is_read,
    ),
    ("strange_names_are_names", strange_names_are_names),
];

fn writes_stay_in_the_overlay() {
    let task = Task::new();
    let process = task.start();
    let processes = processes(&process);
    let text = "cat file; echo new > file; cat file; pwd";
    let ended = run_in(&processes, text, &task.workspace, Reach::Twin);
    let expected = format!("from the disk\nnew\n{}\n", task.workspace.display());
    assert_eq!(ended, (Exit::Code(0), expected));
    let on_disk = fs::read_to_string(task.workspace.join("file")).unwrap();
    assert_eq!(on_disk, "from the disk\n");
}

fn open(root: &OwnedFd, path: &str, flags: OFlags) -> File {
    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS;
    // A mode without a file to create is refused.
    let mode = if flags.contains(OFlags::CREATE) {
        Mode::from_raw_mode(0o644)
    } else {
        Mode::empty()
    };
    openat2(root, path, flags | OFlags::CLOEXEC, mode, resolve)
        .unwrap()
        .into()
}

fn the_program_and_commands_see_the_same() {
    let task = Task::new();
    let process = task.start();
    let processes = processes(&process);
    let root = &process.roots().unwrap()[0];
    let run = |text| run_in(&processes, text, &task.workspace, Reach::Twin).1;
    // The command has looked for the file before there is one.
    assert_eq!(run("cat made 2>/dev/null; echo looked"), "looked\n");
    let flags = OFlags::CREATE | OFlags::WRONLY;
    open(root, "made", flags)
        .write_all(b"by the program\n")
        .unwrap();
    assert_eq!(
        run("cat made; echo by a command >> made"),
        "by the program\n"
    );
    let mut text = String::new();
    open(root, "made", OFlags::RDONLY)
        .read_to_string(&mut text)
        .unwrap();
    assert_eq!(text, "by the program\nby a command\n");
    assert!(!task.workspace.join("made").exists());
}

/// A task whose state is kept in the usual place and whose workspace is `workspace`.
fn task_for(workspace: &Path) -> Task {
    let mut task = Task::new();
    fs::create_dir_all(workspace).unwrap();
    fs::write(workspace.join("file"), "from the disk\n").unwrap();
    let workspace = workspace.canonicalize().unwrap();
    task.confinement.overlays[0].at = workspace.clone();
    task.confinement.overlays[0].lower = workspace.clone();
    task.workspace = workspace;
    task
}

fn a_workspace_can_lie_anywhere() {
    let shared_memory = TempDir::new_in("/dev/shm").unwrap();
    let home = TempDir::new().unwrap();
    let places = [
        // Below what is private, below what is hidden, and above what is hidden.
        shared_memory.path().join("a/workspace"),
        home.path().join("hidden/workspace"),
        home.path().join("hidden"),
        home.path().to_owned(),
    ];
    for workspace in places {
        let mut task = task_for(&workspace);
        let hidden = home.path().join("hidden");
        fs::create_dir_all(&hidden).unwrap();
        fs::write(hidden.join("secret"), "secret").unwrap();
        task.confinement.hidden.push(hidden.clone());
        let process = task.start();
        let processes = processes(&process);
        let text = format!(
            "cat file; echo new > file; cat file; pwd; cat {}/secret 2>&1 | grep -c secret$",
            hidden.display()
        );
        let (exit, output) = run_in(&processes, &text, &task.workspace, Reach::Twin);
        let is_hidden = if workspace == hidden { "1" } else { "0" };
        let expected = format!(
            "from the disk\nnew\n{}\n{is_hidden}\n",
            task.workspace.display()
        );
        assert_eq!(output, expected, "{exit}");
        assert_eq!(
            fs::read_to_string(workspace.join("file")).unwrap(),
            "from the disk\n"
        );
    }
}

/// A service that ends takes its socket along, perhaps right between the look at it and its cover.
fn what_is_hidden_may_vanish_meanwhile() {
    let mut task = Task::new();
    let Some(services) = outside_of_tmp() else {
        println!("not run: there is no folder outside of /tmp for the test");
        return;
    };
    let sockets: Vec<_> = (0..50)
        .map(|number| services.path().join(number.to_string()))
        .collect();
    let make = || sockets.iter().for_each(|path| fs::write(path, "").unwrap());
    make();
    task.confinement.hidden.extend(sockets.iter().cloned());
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !is_over.load(Ordering::Relaxed) {
                sockets
                    .iter()
                    .for_each(|path| fs::remove_file(path).unwrap());
                make();
            }
        });
        let started: Result<Vec<_>, _> = (0..20)
            .map(|_| ConfinedProcess::start(&task.confinement))
            .collect();
        is_over.store(true, Ordering::Relaxed);
        assert!(started.is_ok(), "{:?}", started.err());
    });
}

fn what_is_hidden_is_empty_and_what_is_protected_stays() {
    let mut task = Task::new();
    let git = task.workspace.join(".git");
    fs::create_dir_all(git.join("hooks")).unwrap();
    fs::write(git.join("config"), "config\n").unwrap();
    let keys = task.workspace.join("keys");
    fs::create_dir(&keys).unwrap();
    fs::write(keys.join("key"), "secret").unwrap();
    let token = task.workspace.join("token");
    fs::write(&token, "secret").unwrap();
    task.confinement.read_only = vec![git.clone(), task.workspace.join(".agents")];
    task.confinement
        .hidden
        .extend([keys, token, "/no/such/place".into()]);
    let process = task.start();
    let processes = processes(&process);
    let run = |text: &str| run_in(&processes, text, &task.workspace, Reach::Twin);
    assert_eq!(run("cat .git/config"), (Exit::Code(0), "config\n".into()));
    for text in [
        "echo x > .git/hooks/post-commit",
        "echo x >> .git/config",
        "rm -rf .git",
        "mv .git other",
        "chmod 777 .git/config",
        "echo x > token",
        "rm token",
        "cat keys/key",
        "touch keys/other",
        "rmdir keys",
    ] {
        let (exit, output) = run(&format!("{text} 2>&1"));
        assert_ne!(exit, Exit::Code(0), "{text}: {output}");
        assert!(!output.contains("secret"), "{text}: {output}");
    }
    // As if there were nothing in them: programs do not give up over empty settings.
    for text in ["ls -A keys", "cat token"] {
        assert_eq!(run(text), (Exit::Code(0), String::new()), "{text}");
    }
    assert_eq!(fs::read_to_string(git.join("config")).unwrap(), "config\n");
    let state = task.confinement.scratch.parent().unwrap();
    let ended = run(&format!("ls -A {}", state.display()));
    assert_ne!(
        ended.0,
        Exit::Code(0),
        "the state folder is in the private /tmp, where nothing is: {}",
        ended.1
    );
}

fn caches_are_written_and_thrown_away() {
    let mut task = Task::new();
    let cache = TempDir::new().unwrap();
    fs::write(cache.path().join("warm"), "warm\n").unwrap();
    let path = cache.path().canonicalize().unwrap();
    // A private `/tmp` has no place for it; a workspace above it has.
    task.confinement.overlays[0].at = path.parent().unwrap().into();
    task.confinement.overlays[0].lower = path.parent().unwrap().into();
    task.confinement.hidden.clear();
    task.confinement.caches.push(path.clone());
    let process = task.start();
    let processes = processes(&process);
    let ended = run_in(
        &processes,
        "cat warm; echo new > new; cat new",
        &path,
        Reach::Twin,
    );
    assert_eq!(ended, (Exit::Code(0), "warm\nnew\n".into()));
    assert!(!path.join("new").exists());
    let upper = &task.confinement.overlays[0].upper;
    assert!(!upper.join(path.file_name().unwrap()).join("new").exists());
    let thrown_away = task.confinement.scratch.join("caches/0/upper/new");
    assert_eq!(fs::read_to_string(thrown_away).unwrap(), "new\n");
}

fn a_workspace_over_other_file_systems_is_refused_with_the_reason() {
    // Every machine has some below `/dev`.
    let mut task = Task::new();
    task.confinement.overlays[0].lower = "/dev".into();
    let error = ConfinedProcess::start(&task.confinement)
        .err()
        .unwrap()
        .to_string();
    let expected =
        "/dev cannot be shown copy-on-write, for another file system is mounted in it at /dev/";
    assert!(error.contains(expected), "{error}");
}

fn the_rest_of_the_machine_cannot_be_written() {
    let outside = TempDir::new().unwrap();
    for wall in [Wall::Overlay, Wall::OverlaySharedNetwork, Wall::Copy] {
        let task = Task::behind(wall);
        let process = task.start();
        let processes = processes(&process);
        for text in [
            "touch /new",
            "touch /etc/new",
            "touch /usr/new",
            "touch /var/new",
            "mkdir /home/new",
            "echo 1 > /proc/sys/kernel/hostname",
            "echo b > /proc/sysrq-trigger",
            "touch /sys/fs/cgroup/new",
            "touch /dev/new",
            "rm /dev/null",
            &format!("touch {}/new", outside.path().display()),
        ] {
            let (exit, output) = run_in(
                &processes,
                &format!("{text} 2>&1"),
                &task.workspace,
                Reach::Twin,
            );
            assert_ne!(exit, Exit::Code(0), "{wall:?}: {text}: {output}");
        }
        let text =
            "echo x > \"${TMPDIR:-/tmp}/new\" && cat \"${TMPDIR:-/tmp}/new\" && echo y > /dev/null";
        let ended = run_in(&processes, text, &task.workspace, Reach::Twin);
        assert_eq!(ended, (Exit::Code(0), "x\n".into()), "{wall:?}");
    }
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0);
}

fn commands_have_no_privileges_and_few_devices() {
    let task = Task::new();
    let process = task.start();
    let processes = processes(&process);
    let run = |text: &str| run_in(&processes, text, &task.workspace, Reach::Twin).1;
    let status = run("grep -E '^(Cap(Inh|Prm|Eff|Bnd|Amb)|NoNewPrivs|Seccomp):' /proc/self/status");
    let expected = "CapInh:\t0000000000000000\nCapPrm:\t0000000000000000\nCapEff:\t0000000000000000\n\
        CapBnd:\t0000000000000000\nCapAmb:\t0000000000000000\nNoNewPrivs:\t1\nSeccomp:\t2\n";
    assert_eq!(status, expected);
    let expected =
        "fd\nfull\nnull\nptmx\npts\nrandom\nshm\nstderr\nstdin\nstdout\ntty\nurandom\nzero\n";
    assert_eq!(run("LC_ALL=C ls /dev"), expected);
    assert_eq!(run("ls /proc | grep -c '^[0-9]*$'"), "4\n");
    let text =
        "cat /proc/1/environ; readlink /proc/1/exe /proc/1/root /proc/1/fd/*; head -c1 /proc/1/mem";
    assert_eq!(run(&format!("({text}) 2>/dev/null")), "");
}

/// The user types into a terminal that the command has found, which belongs to the same user.
fn nobody_elses_terminal_is_read() {
    for wall in [Wall::Overlay, Wall::OverlaySharedNetwork, Wall::Copy] {
        let screen = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&screen).unwrap();
        unlockpt(&screen).unwrap();
        let terminal = ptsname(&screen, Vec::new()).unwrap().into_string().unwrap();
        let _held = File::open(&terminal).unwrap();
        rustix::io::write(&screen, b"typed\n").unwrap();
        let task = Task::behind(wall);
        let process = task.start();
        let processes = processes(&process);
        let text = format!("head -c 5 {terminal}");
        let (exit, output) = run_in(&processes, &text, &task.workspace, Reach::Twin);
        assert_eq!(exit, Exit::Code(1), "{wall:?}: {output}");
        // So it was there to be read.
        let read = run_in(&processes, &text, &task.workspace, Reach::Unconfined);
        assert_eq!(read, (Exit::Code(0), "typed".into()));
    }
}

fn strange_names_are_names() {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt};
    let folder = TempDir::new().unwrap();
    let name = OsStr::from_bytes(b"a,b:c\\d e\n\xff'\"");
    let task = task_for(&folder.path().join(name));
    let process = task.start();
    let processes = processes(&process);
    let ended = run_in(
        &processes,
        "cat file; echo new > file",
        &task.workspace,
        Reach::Twin,
    );
    assert_eq!(ended, (Exit::Code(0), "from the disk\n".into()));
    assert_eq!(
        fs::read_to_string(task.workspace.join("file")).unwrap(),
        "from the disk\n"
    );
}
