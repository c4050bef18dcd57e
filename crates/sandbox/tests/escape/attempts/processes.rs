//! Other processes: their memory, signals, limits.

use std::{fs::OpenOptions, io, os::unix::fs::FileExt, ptr};

use super::{Attempt, Gain, check, number, path};

pub(super) const ATTEMPTS: &[(&str, Attempt)] = &[
    ("write-memory", write_memory),
    ("write-memory-by-call", write_memory_by_call),
    ("trace", trace),
    ("shared-memory", shared_memory),
    ("signal", signal),
    ("signal-by-handle", signal_by_handle),
    ("signal-by-queue", signal_by_queue),
    ("signal-by-descriptor", signal_by_descriptor),
    ("lower-priority", lower_priority),
    ("take-processors", take_processors),
    ("lower-limits", lower_limits),
    ("flee", flee),
    ("ignore-everything", ignore_everything),
    ("become-another-user", become_another_user),
    ("is-privileged", is_privileged),
    ("give-capability", give_capability),
];

const PLANTED: &[u8; 8] = b"planted\n";

fn address(word: &str) -> u64 {
    u64::from_str_radix(word, 16).unwrap()
}

/// Through the file of a process's memory.
fn write_memory(words: &[String]) -> io::Result<Gain> {
    let memory = OpenOptions::new().write(true).open(&words[0])?;
    memory.write_all_at(PLANTED, address(&words[1]))?;
    Ok(Gain::SeenOutside)
}

fn write_memory_by_call(words: &[String]) -> io::Result<Gain> {
    let local = libc::iovec {
        iov_base: PLANTED.as_ptr().cast_mut().cast(),
        iov_len: PLANTED.len(),
    };
    let remote = libc::iovec {
        iov_base: ptr::with_exposed_provenance_mut(address(&words[1]).try_into().unwrap()),
        iov_len: PLANTED.len(),
    };
    // SAFETY: the local memory is read only, the remote one is another process's.
    let written = unsafe { libc::process_vm_writev(number(&words[0]), &local, 1, &remote, 1, 0) };
    check(written as i64)?;
    Ok(Gain::SeenOutside)
}

fn trace(words: &[String]) -> io::Result<Gain> {
    let process: i32 = number(&words[0]);
    let address: usize = address(&words[1]).try_into().unwrap();
    // SAFETY: the other process is stopped while its memory is written; nothing of this process's is touched.
    unsafe {
        check(libc::ptrace(libc::PTRACE_ATTACH, process, 0, 0))?;
        check(libc::waitpid(process, ptr::null_mut(), 0).into())?;
        check(libc::ptrace(
            libc::PTRACE_POKEDATA,
            process,
            address,
            i64::from_ne_bytes(*PLANTED),
        ))?;
        check(libc::ptrace(libc::PTRACE_DETACH, process, 0, 0))?;
    }
    Ok(Gain::SeenOutside)
}

/// Memory that another process shares by number.
fn shared_memory(words: &[String]) -> io::Result<Gain> {
    let segment: i32 = number(&words[0]);
    if segment < 0 {
        return Err(io::Error::from_raw_os_error(libc::ENOSYS));
    }
    // SAFETY: the segment is at least as long as what is written.
    unsafe {
        let memory = libc::shmat(segment, ptr::null(), 0);
        check(memory.addr().cast_signed() as i64)?;
        memory.cast::<[u8; 8]>().write(*PLANTED);
    }
    Ok(Gain::SeenOutside)
}

fn signal(words: &[String]) -> io::Result<Gain> {
    let (process, signal): (i32, i32) = (number(&words[0]), number(&words[1]));
    // SAFETY: the call touches no memory.
    check(unsafe { libc::kill(process, signal) }.into())?;
    Ok(Gain::SeenOutside)
}

fn signal_by_handle(words: &[String]) -> io::Result<Gain> {
    let process: i32 = number(&words[0]);
    // SAFETY: no memory is touched: the information about the signal is left to the kernel.
    unsafe {
        let process = check(libc::syscall(libc::SYS_pidfd_open, process, 0))?;
        check(libc::syscall(
            libc::SYS_pidfd_send_signal,
            process,
            libc::SIGKILL,
            ptr::null::<u8>(),
            0,
        ))?;
    }
    Ok(Gain::SeenOutside)
}

fn signal_by_queue(words: &[String]) -> io::Result<Gain> {
    let value = libc::sigval {
        sival_ptr: ptr::null_mut(),
    };
    // SAFETY: the value is plain.
    check(unsafe { libc::sigqueue(number(&words[0]), libc::SIGKILL, value) }.into())?;
    Ok(Gain::SeenOutside)
}

/// Lets the kernel signal somebody else when something can be read.
fn signal_by_descriptor(words: &[String]) -> io::Result<Gain> {
    let process: i32 = number(&words[0]);
    let mut ends = [0; 2];
    // SAFETY: the array takes two descriptors; the byte is read.
    unsafe {
        check(libc::pipe(ends.as_mut_ptr()).into())?;
        check(libc::fcntl(ends[0], libc::F_SETOWN, process).into())?;
        check(libc::fcntl(ends[0], F_SETSIG, libc::SIGKILL).into())?;
        check(libc::fcntl(ends[0], libc::F_SETFL, libc::O_ASYNC).into())?;
        check(libc::write(ends[1], b"x".as_ptr().cast(), 1) as i64)?;
    }
    Ok(Gain::SeenOutside)
}

/// Of `fcntl(2)`.
const F_SETSIG: i32 = 10;

fn lower_priority(words: &[String]) -> io::Result<Gain> {
    let process: u32 = number(&words[0]);
    // SAFETY: the call touches no memory.
    check(unsafe { libc::setpriority(libc::PRIO_PROCESS, process, 19) }.into())?;
    Ok(Gain::SeenOutside)
}

fn take_processors(words: &[String]) -> io::Result<Gain> {
    let one_processor = 1_u64;
    let process: i32 = number(&words[0]);
    // SAFETY: the set has the size that is told.
    check(unsafe {
        libc::syscall(
            libc::SYS_sched_setaffinity,
            process,
            8,
            &raw const one_processor,
        )
    })?;
    Ok(Gain::SeenOutside)
}

fn lower_limits(words: &[String]) -> io::Result<Gain> {
    let none = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    let process = number(&words[0]);
    // SAFETY: the limit is read, the old one is not wanted.
    check(
        unsafe { libc::prlimit(process, libc::RLIMIT_CORE, &raw const none, ptr::null_mut()) }
            .into(),
    )?;
    Ok(Gain::SeenOutside)
}

/// Forks over and over, so that whoever looks for it finds one that has ended.
fn flee(_words: &[String]) -> io::Result<Gain> {
    loop {
        // SAFETY: the process has one thread.
        match unsafe { libc::fork() } {
            0 => {
                rustix::process::setsid()?;
                // Slow enough for the test to catch it where no wall does.
                std::thread::sleep(std::time::Duration::from_millis(50));
            }
            -1 => return Err(io::Error::last_os_error()),
            _ => std::process::exit(0),
        }
    }
}

/// Ends at no signal that it can ignore.
fn ignore_everything(_words: &[String]) -> io::Result<Gain> {
    for signal in 1..=64 {
        // SAFETY: ignoring has no handler.
        unsafe { libc::signal(signal, libc::SIG_IGN) };
    }
    loop {
        std::thread::park();
    }
}

fn become_another_user(_words: &[String]) -> io::Result<Gain> {
    // SAFETY: the call touches no memory.
    check(unsafe { libc::syscall(libc::SYS_setresuid, 1, 1, 1) })?;
    Ok(Gain::Reached)
}

/// Whether this program was started with more rights than its user has.
fn is_privileged(_words: &[String]) -> io::Result<Gain> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let has_capability = status
        .lines()
        .filter_map(|line| line.strip_prefix("CapEff:"))
        .any(|set| set.trim().chars().any(|digit| digit != '0'));
    if has_capability || rustix::process::geteuid() != rustix::process::getuid() {
        return Ok(Gain::Reached);
    }
    Err(io::Error::other("no more than others"))
}

fn give_capability(words: &[String]) -> io::Result<Gain> {
    make_capable(&words[0])?;
    Ok(Gain::Reached)
}

/// Gives a file a capability, which programs that are started from it have then.
pub(crate) fn make_capable(file: &str) -> io::Result<()> {
    // Version 2, effective; `CAP_DAC_OVERRIDE` permitted (`linux/capability.h`).
    let value: [u32; 5] = [0x0200_0001, 1 << 1, 0, 0, 0];
    let (file, name) = (path(file), c"security.capability");
    // SAFETY: the strings have their ends, the value its length.
    check(
        unsafe { libc::setxattr(file.as_ptr(), name.as_ptr(), value.as_ptr().cast(), 20, 0) }
            .into(),
    )?;
    Ok(())
}
