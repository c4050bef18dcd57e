//! The access rules: what can be read and written, and who can be reached, from inside.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read},
    net::{TcpListener, TcpStream},
    os::{
        linux::net::SocketAddrExt,
        unix::{
            fs::symlink,
            net::{SocketAddr, UnixListener, UnixStream},
        },
    },
    path::{Path, PathBuf},
    process::Command,
};

use libtest_mimic::Trial;
use sandbox::{
    Network,
    walls::{AccessRules, FileStatus, Readable, restrict_files},
};

use crate::attempt::{Attempt, User, folder, outcome, run, trials_for_users};

pub(crate) const ATTEMPTS: &[Attempt] = &[
    ("files, without rules", |folder| print_files(folder)),
    ("files, everything readable", |folder| {
        restrict(folder, Readable::Everything);
        print_files(folder);
    }),
    ("files, some hidden", |folder| {
        let readable = Readable::AllBut {
            hidden: vec![folder.join("hidden"), folder.join("link to hidden too")],
            kept: vec![folder.join("hidden/kept"), "/not there".into()],
        };
        restrict(folder, readable);
        print_files(folder);
    }),
    ("others", |folder| {
        drop_capabilities();
        restrict(folder, Readable::Everything);
        print_others(folder);
    }),
    ("open folder", print_open_folder),
    ("no such folder", |folder| {
        println!(
            "{}",
            try_restrict(&folder.join("not there"))
                .unwrap_err()
                .to_string()
                .replace(&folder.display().to_string(), "")
        );
    }),
];

pub(crate) fn trials() -> Vec<Trial> {
    let status = FileStatus::of_this_kernel();
    if !status.is_enough_alone() {
        println!("the access rules were not tried: {status}");
        return Vec::new();
    }
    let mut trials = trials_for_users("files can be written in one place only", files_are_safe);
    if status.guards_neighbours() {
        trials.extend(trials_for_users(
            "others cannot be reached",
            others_are_safe,
        ));
    } else {
        println!("whether others can be reached was not tried: {status}");
    }
    trials.extend(trials_for_users(
        "a folder that is open stays readable",
        open_folder_is_readable,
    ));
    trials.extend(trials_for_users(
        "a folder that is not there is named",
        missing_folder_is_named,
    ));
    trials
}

fn restrict(folder: &Path, readable: Readable) {
    let rules = AccessRules {
        readable,
        writable: vec![folder.join("writable")],
        open_folders: &[],
        open_writable: &[],
        network: Network::None,
    };
    assert_eq!(
        restrict_files(&rules).unwrap(),
        FileStatus::of_this_kernel()
    );
}

fn try_restrict(writable: &Path) -> Result<FileStatus, sandbox::walls::WallError> {
    restrict_files(&AccessRules {
        readable: Readable::Everything,
        writable: vec![writable.into()],
        open_folders: &[],
        open_writable: &[],
        network: Network::None,
    })
}

/// A folder with a writable, a readable and a hidden place.
fn prepare(user: User) -> tempfile::TempDir {
    let folder = folder(user);
    let path = folder.path();
    for place in [
        "writable",
        "readable",
        "hidden",
        "hidden too",
        "hidden/kept",
    ] {
        fs::create_dir(path.join(place)).unwrap();
        fs::write(path.join(place).join("file"), "old").unwrap();
    }
    symlink(path.join("hidden too"), path.join("link to hidden too")).unwrap();
    symlink(path.join("readable/file"), path.join("writable/link out")).unwrap();
    symlink(
        path.join("hidden/file"),
        path.join("readable/link to hidden"),
    )
    .unwrap();
    if user == User::Ordinary {
        let status = Command::new("chown")
            .arg("-R")
            .arg(crate::attempt::ORDINARY.to_string())
            .arg(path)
            .status();
        assert!(status.unwrap().success());
    }
    folder
}

fn print_files(folder: &Path) {
    let path = |relative: &str| folder.join(relative);
    let read = |relative: &str| outcome(fs::read(path(relative)));
    let list = |relative: &str| outcome(fs::read_dir(path(relative)));
    println!(
        "read: readable {}, writable {}, hidden {}, hidden too {}, by a link {}, kept {}",
        read("readable/file"),
        read("writable/file"),
        read("hidden/file"),
        read("hidden too/file"),
        read("readable/link to hidden"),
        read("hidden/kept/file")
    );
    println!(
        "list: around {}, readable {}, hidden {}, kept {}",
        list(""),
        list("readable"),
        list("hidden"),
        list("hidden/kept")
    );
    println!("inside: {}", changes(&path("writable")));
    println!("outside: {}", changes(&path("readable")));
    println!(
        "by a link: write {}, truncate {}",
        outcome(
            OpenOptions::new()
                .write(true)
                .open(path("writable/link out"))
        ),
        outcome(truncate(&path("writable/link out")))
    );
    println!(
        "out of it: move {}, link {}",
        outcome(fs::rename(path("writable/left"), path("readable/right"))),
        outcome(fs::hard_link(
            path("writable/file"),
            path("readable/linked")
        ))
    );
    println!(
        "into it: move {}, link {}",
        outcome(fs::rename(path("readable/file"), path("writable/moved"))),
        outcome(fs::hard_link(
            path("readable/link to hidden"),
            path("writable/linked")
        ))
    );
    let device = OpenOptions::new().read(true).write(true).open("/dev/null");
    println!(
        "devices: null {}, a pipe {}",
        outcome(device),
        outcome(
            Command::new("/bin/sh")
                .args(["-c", ": > /dev/null; echo x | cat > /dev/null"])
                .status()
        )
    );
}

/// Tries every kind of change in `folder`.
fn changes(folder: &Path) -> String {
    let file = folder.join("file");
    let results = [
        ("write", outcome(OpenOptions::new().write(true).open(&file))),
        (
            "append",
            outcome(OpenOptions::new().append(true).open(&file)),
        ),
        ("truncate", outcome(truncate(&file))),
        ("create", outcome(File::create(folder.join("left")))),
        (
            "make a folder",
            outcome(fs::create_dir(folder.join("folder"))),
        ),
        ("link", outcome(symlink("target", folder.join("symbolic")))),
        (
            "hard link",
            outcome(fs::hard_link(&file, folder.join("hard"))),
        ),
        ("pipe", outcome(make_pipe(&folder.join("pipe")))),
        ("socket", outcome(UnixListener::bind(folder.join("socket")))),
        (
            "remove",
            outcome(fs::remove_file(folder.join("hard")).or_else(|error| {
                if error.kind() == io::ErrorKind::NotFound {
                    fs::remove_file(&file)
                } else {
                    Err(error)
                }
            })),
        ),
        (
            "rename a folder",
            outcome(
                fs::rename(folder.join("folder"), folder.join("renamed")).or_else(|error| {
                    if error.kind() == io::ErrorKind::NotFound {
                        fs::rename(folder, folder.with_extension("new"))
                    } else {
                        Err(error)
                    }
                }),
            ),
        ),
    ];
    results
        .map(|(name, outcome)| format!("{name} {outcome}"))
        .join(", ")
}

/// By its path, without opening it.
fn truncate(path: &Path) -> io::Result<()> {
    let path = std::ffi::CString::new(path.as_os_str().as_encoded_bytes()).unwrap();
    // SAFETY: the path is a C string that lives through the call.
    match unsafe { libc::truncate(path.as_ptr(), 1) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

fn make_pipe(path: &Path) -> io::Result<()> {
    let path = std::ffi::CString::new(path.as_os_str().as_encoded_bytes()).unwrap();
    // SAFETY: the path is a C string that lives through the call.
    match unsafe { libc::mkfifo(path.as_ptr(), 0o600) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

fn files_are_safe(user: User) {
    let without = prepare(user);
    let everything = prepare(user);
    let hidden = prepare(user);
    let printed = [
        run("files, without rules", without.path(), user),
        run("files, everything readable", everything.path(), user),
        run("files, some hidden", hidden.path(), user),
    ]
    .join("\n");
    expect_test::expect![[r#"
        read: readable ok, writable ok, hidden ok, hidden too ok, by a link ok, kept ok
        list: around ok, readable ok, hidden ok, kept ok
        inside: write ok, append ok, truncate ok, create ok, make a folder ok, link ok, hard link ok, pipe ok, socket ok, remove ok, rename a folder ok
        outside: write ok, append ok, truncate ok, create ok, make a folder ok, link ok, hard link ok, pipe ok, socket ok, remove ok, rename a folder ok
        by a link: write ok, truncate ok
        out of it: move ok, link ok
        into it: move ok, link ok
        devices: null ok, a pipe ok

        read: readable ok, writable ok, hidden ok, hidden too ok, by a link ok, kept ok
        list: around ok, readable ok, hidden ok, kept ok
        inside: write ok, append ok, truncate ok, create ok, make a folder ok, link ok, hard link ok, pipe ok, socket ok, remove ok, rename a folder ok
        outside: write EACCES, append EACCES, truncate EACCES, create EACCES, make a folder EACCES, link EACCES, hard link EACCES, pipe EACCES, socket EACCES, remove EACCES, rename a folder EACCES
        by a link: write EACCES, truncate EACCES
        out of it: move EACCES, link EACCES
        into it: move EACCES, link EXDEV
        devices: null ok, a pipe ok

        read: readable ok, writable ok, hidden EACCES, hidden too EACCES, by a link EACCES, kept ok
        list: around EACCES, readable ok, hidden EACCES, kept ok
        inside: write ok, append ok, truncate ok, create ok, make a folder ok, link ok, hard link ok, pipe ok, socket ok, remove ok, rename a folder ok
        outside: write EACCES, append EACCES, truncate EACCES, create EACCES, make a folder EACCES, link EACCES, hard link EACCES, pipe EACCES, socket EACCES, remove EACCES, rename a folder EACCES
        by a link: write EACCES, truncate EACCES
        out of it: move EACCES, link EACCES
        into it: move EACCES, link EXDEV
        devices: null ok, a pipe ok
    "#]].assert_eq(&printed);
    // Nothing was changed that the answers do not tell of.
    for folder in [everything, hidden] {
        assert_eq!(
            fs::read_to_string(folder.path().join("readable/file")).unwrap(),
            "old"
        );
        let mut names: Vec<_> = fs::read_dir(folder.path().join("readable"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        names.sort();
        assert_eq!(names, ["file", "link to hidden"]);
    }
}

/// What an attempt is told of who is outside: a process to signal and look into, a port, an abstract socket.
struct Outside {
    process: u32,
    port: u16,
    abstract_name: String,
}

fn print_others(folder: &Path) {
    let told = fs::read_to_string(folder.join("outside")).unwrap();
    let mut told = told.split(' ');
    let mut next = || told.next().unwrap();
    let outside = Outside {
        process: next().parse().unwrap(),
        port: next().parse().unwrap(),
        abstract_name: next().into(),
    };
    let process = outside.process;
    // SAFETY: signal 0 only asks whether a signal could be sent.
    let signal = match unsafe { libc::kill(process.cast_signed(), 0) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    };
    println!("signal {}", outcome(signal));
    let own = PathBuf::from("/proc/self");
    let other = PathBuf::from(format!("/proc/{process}"));
    for file in ["mem", "environ", "maps", "root", "cwd", "fd"] {
        let look = |process: &Path| {
            let path = process.join(file);
            match fs::symlink_metadata(&path)?.file_type() {
                kind if kind.is_symlink() => fs::read_link(path).map(|_| 1),
                kind if kind.is_dir() => fs::read_dir(path)?
                    .next()
                    .map_or(Ok(0), |entry| entry.map(|_| 1)),
                // The memory's first page is nobody's, so reading it fails with `EIO` once the file is open.
                _ if file == "mem" => File::open(path).map(|_| 1),
                _ => File::open(path)?.read(&mut [0; 16]),
            }
        };
        let look = |process: &Path| match look(process) {
            Ok(0) => "nothing".into(),
            result => outcome(result),
        };
        println!("{file}: own {}, other {}", look(&own), look(&other));
    }
    let name = SocketAddr::from_abstract_name(&outside.abstract_name).unwrap();
    println!(
        "abstract socket {}",
        outcome(UnixStream::connect_addr(&name))
    );
    println!(
        "port {}",
        outcome(TcpStream::connect(("127.0.0.1", outside.port)))
    );
    println!("own port {}", outcome(TcpListener::bind("127.0.0.1:0")));
    let own = SocketAddr::from_abstract_name(format!("{}.own", outside.abstract_name)).unwrap();
    let listener = UnixListener::bind_addr(&own).unwrap();
    println!(
        "own abstract socket {}",
        outcome(UnixStream::connect_addr(&own))
    );
    drop(listener);
}

/// As a confined process does: some of the administrator's look past the access rules.
pub(crate) fn drop_capabilities() {
    let none = rustix::thread::CapabilitySet::empty();
    let sets = rustix::thread::CapabilitySets {
        effective: none,
        permitted: none,
        inheritable: none,
    };
    rustix::thread::set_capabilities(None, sets).unwrap();
}

fn others_are_safe(user: User) {
    let folder = prepare(user);
    // The outside must be the same user's, or the system's own rules answer.
    let mut neighbour = Command::new("sleep");
    neighbour.arg("1000");
    if user == User::Ordinary {
        std::os::unix::process::CommandExt::uid(&mut neighbour, crate::attempt::ORDINARY);
        std::os::unix::process::CommandExt::gid(&mut neighbour, crate::attempt::ORDINARY);
    }
    let mut neighbour = neighbour.spawn().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let name = format!("ropewalk-walls-{}-{user:?}", std::process::id());
    let abstract_listener =
        UnixListener::bind_addr(&SocketAddr::from_abstract_name(&name).unwrap()).unwrap();
    let port = listener.local_addr().unwrap().port();
    fs::write(
        folder.path().join("outside"),
        format!("{} {port} {name}", neighbour.id()),
    )
    .unwrap();
    let printed = run("others", folder.path(), user);
    drop(abstract_listener);
    neighbour.kill().unwrap();
    neighbour.wait().unwrap();
    expect_test::expect![[r#"
        signal EPERM
        mem: own ok, other EACCES
        environ: own ok, other EACCES
        maps: own ok, other EACCES
        root: own ok, other EACCES
        cwd: own ok, other EACCES
        fd: own ok, other ok
        abstract socket EPERM
        port EACCES
        own port EACCES
        own abstract socket ok
    "#]]
    .assert_eq(&printed);
}

fn print_open_folder(folder: &Path) {
    let open = File::open(folder.join("hidden")).unwrap();
    let rules = AccessRules {
        readable: Readable::AllBut {
            hidden: vec![folder.join("hidden")],
            kept: Vec::new(),
        },
        writable: vec![folder.join("writable")],
        open_folders: &[std::os::fd::AsFd::as_fd(&open)],
        open_writable: &[],
        network: Network::Shared,
    };
    restrict_files(&rules).unwrap();
    let flags = rustix::fs::OFlags::RDONLY | rustix::fs::OFlags::CLOEXEC;
    let file = rustix::fs::openat(&open, "file", flags, rustix::fs::Mode::empty());
    let mut text = String::new();
    let read = file
        .map_err(io::Error::from)
        .and_then(|file| File::from(file).read_to_string(&mut text));
    println!(
        "{} {text}; own port {}",
        outcome(read),
        outcome(TcpListener::bind("127.0.0.1:0"))
    );
}

fn open_folder_is_readable(user: User) {
    let folder = prepare(user);
    assert_eq!(
        run("open folder", folder.path(), user),
        "ok old; own port ok\n"
    );
}

fn missing_folder_is_named(user: User) {
    let folder = prepare(user);
    let expected = "/not there cannot be opened, so no access rule can name it: No such file or directory (os error 2)\n";
    assert_eq!(run("no such folder", folder.path(), user), expected);
}
