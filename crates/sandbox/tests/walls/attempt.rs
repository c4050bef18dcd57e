//! Runs an attempt in a process of its own: this program again, with the attempt's name.

use std::{
    env,
    os::unix::process::CommandExt,
    path::Path,
    process::{Command, Output, Stdio, exit},
};

use libtest_mimic::{Failed, Trial};

/// What an attempt is called, and what it does inside: it gets a folder and prints what it finds.
pub(crate) type Attempt = (&'static str, fn(&Path));

/// Who runs an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum User {
    /// Whoever runs the tests.
    Same,
    /// Nobody in particular; only where the administrator runs the tests.
    Ordinary,
}

/// An ordinary user's number, who needs no account.
pub(crate) const ORDINARY: u32 = 65534;

const ARGUMENT: &str = "--attempt";

/// If this process was started for an attempt, makes it and ends.
pub(crate) fn run_if_asked(attempts: &[Attempt]) {
    let arguments: Vec<_> = env::args_os().collect();
    let [_, argument, name, folder] = arguments.as_slice() else {
        return;
    };
    if argument != ARGUMENT {
        return;
    }
    let (_, inside) = attempts
        .iter()
        .find(|(known, _)| name == known)
        .expect("the attempt is in the list");
    inside(Path::new(folder));
    exit(0);
}

/// Makes the attempt called `name` in a process and session of its own.
pub(crate) fn start(name: &str, folder: &Path, user: User) -> Output {
    let mut command = Command::new(env::current_exe().unwrap());
    command
        .args([ARGUMENT, name])
        .arg(folder)
        .stdin(Stdio::null());
    // The attempt may be at a terminal's expense: it gets none.
    // SAFETY: one system call.
    unsafe {
        command.pre_exec(|| {
            rustix::process::setsid()?;
            Ok(())
        });
    }
    if user == User::Ordinary {
        command.uid(ORDINARY).gid(ORDINARY);
    }
    command.output().unwrap()
}

/// What the attempt printed.
pub(crate) fn run(name: &str, folder: &Path, user: User) -> String {
    let output = start(name, folder, user);
    assert!(
        output.status.success(),
        "{name}: {}\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

/// The users that attempts can be run as here.
pub(crate) fn users() -> Vec<User> {
    match is_administrator() {
        true => vec![User::Same, User::Ordinary],
        false => vec![User::Same],
    }
}

pub(crate) fn is_administrator() -> bool {
    rustix::process::geteuid().is_root()
}

/// A folder of which `user` is the owner, and to which all may go.
pub(crate) fn folder(user: User) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(folder.path(), mode).unwrap();
    if user == User::Ordinary {
        std::os::unix::fs::chown(folder.path(), Some(ORDINARY), Some(ORDINARY)).unwrap();
    }
    folder
}

/// A test for each user that it can be run as.
pub(crate) fn trials_for_users(name: &str, test: fn(User)) -> Vec<Trial> {
    let trial = |user| {
        Trial::test(
            format!("{name} ({user:?})"),
            move || -> Result<(), Failed> {
                test(user);
                Ok(())
            },
        )
    };
    users().into_iter().map(trial).collect()
}

/// The name of what a system call answered: `ok`, or that of the errno.
pub(crate) fn answer(result: i64) -> String {
    match result {
        -1 => errno_name(std::io::Error::last_os_error().raw_os_error().unwrap()),
        _ => "ok".into(),
    }
}

pub(crate) fn errno_name(errno: i32) -> String {
    match errno {
        libc::EPERM => "EPERM".into(),
        libc::EACCES => "EACCES".into(),
        libc::ENOSYS => "ENOSYS".into(),
        libc::ENOENT => "ENOENT".into(),
        libc::EROFS => "EROFS".into(),
        libc::EXDEV => "EXDEV".into(),
        other => format!("errno {other}"),
    }
}

/// The name of what a function of the standard library answered.
pub(crate) fn outcome<T>(result: std::io::Result<T>) -> String {
    match result {
        Ok(_) => "ok".into(),
        Err(error) => error
            .raw_os_error()
            .map_or_else(|| error.to_string(), errno_name),
    }
}
