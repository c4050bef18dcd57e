//! The system calls that attempts make: this program once more, called from the attempt's shell with a name and words.

mod descriptors;
mod excess;
mod files;
mod kernel;
mod namespaces;
mod processes;
mod sockets;

use std::{env, io, process::exit};

use crate::scene::{ABSENT, ESCAPED};
pub(crate) use processes::make_capable;

/// What a call that succeeded means.
pub(crate) enum Gain {
    /// It leads out.
    Reached,
    /// Whether it has led out is seen elsewhere.
    SeenOutside,
}

/// Makes calls with these words.
pub(crate) type Attempt = fn(&[String]) -> io::Result<Gain>;

/// Answers of a kernel that has nothing of the kind.
const ABSENCES: [i32; 7] = [
    libc::ENOSYS,
    libc::EAFNOSUPPORT,
    libc::EPROTONOSUPPORT,
    libc::ESOCKTNOSUPPORT,
    libc::ENODEV,
    libc::ENXIO,
    libc::EOPNOTSUPP,
];

/// If this process was started for an attempt, makes it, says how it went, and ends.
pub(crate) fn run_if_asked() {
    let mut arguments = env::args().skip(1);
    if arguments.next().as_deref() != Some("attempt") {
        return;
    }
    let name = arguments.next().unwrap();
    let words: Vec<_> = arguments.collect();
    let known = [
        files::ATTEMPTS,
        descriptors::ATTEMPTS,
        processes::ATTEMPTS,
        namespaces::ATTEMPTS,
        sockets::ATTEMPTS,
        kernel::ATTEMPTS,
        excess::ATTEMPTS,
    ]
    .concat();
    let (_, attempt) = known
        .iter()
        .find(|(known, _)| *known == name)
        .expect("it is known");
    match attempt(&words) {
        Ok(Gain::Reached) => {
            println!("{name}: {ESCAPED}");
            exit(0);
        }
        Ok(Gain::SeenOutside) => {
            println!("{name}: done");
            exit(0);
        }
        Err(error) => {
            let is_absent = error
                .raw_os_error()
                .is_some_and(|errno| ABSENCES.contains(&errno));
            let absent = if is_absent { ABSENT } else { "" };
            println!("{name}: {error} {absent}");
            exit(1);
        }
    }
}

/// The error of the last call if `result` says that there is one.
fn check(result: i64) -> io::Result<i64> {
    match result {
        -1 => Err(io::Error::last_os_error()),
        result => Ok(result),
    }
}

/// For calls that are made with nonsense, so that they do no harm: any other answer than that the caller has no right to
/// it means that it would be obeyed.
fn check_obeyed(result: i64) -> io::Result<Gain> {
    match check(result) {
        Err(error)
            if ![libc::EPERM, libc::EACCES, libc::ENOSYS]
                .contains(&error.raw_os_error().unwrap()) =>
        {
            Ok(Gain::Reached)
        }
        Err(error) => Err(error),
        Ok(_) => Ok(Gain::Reached),
    }
}

fn number<T: std::str::FromStr<Err: std::fmt::Debug>>(word: &str) -> T {
    word.parse().unwrap()
}

fn path(word: &str) -> std::ffi::CString {
    std::ffi::CString::new(word).unwrap()
}
