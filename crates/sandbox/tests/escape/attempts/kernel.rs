//! Parts of the kernel that only administrators need, or where its faults are found. The machine stays as it is: what
//! changes it is asked for with nonsense, or for what it is already.

use std::{io, mem, os::fd::FromRawFd, ptr};

use super::{Attempt, Gain, check, check_obeyed};

pub(super) const ATTEMPTS: &[(&str, Attempt)] = &[
    ("program-in-kernel", program_in_kernel),
    ("performance-events", performance_events),
    ("add-key", add_key),
    ("user-faults", user_faults),
    ("watch-all-files", watch_all_files),
    ("new-kernel", new_kernel),
    ("kernel-module", kernel_module),
    ("restart", restart),
    ("clock", clock),
    ("host-name", host_name),
    ("kernel-messages", kernel_messages),
    ("swap", swap),
    ("accounting", accounting),
    ("input-and-output", input_and_output),
];

fn taken(descriptor: i64) -> io::Result<Gain> {
    // SAFETY: the descriptor is new and nobody else's.
    drop(unsafe { std::fs::File::from_raw_fd(i32::try_from(descriptor).unwrap()) });
    Ok(Gain::Reached)
}

/// A table for programs in the kernel (`bpf`, `BPF_MAP_CREATE`): kind, size of a key, size of a value, length.
fn program_in_kernel(_words: &[String]) -> io::Result<Gain> {
    let attributes: [u32; 18] = {
        let mut attributes = [0; 18];
        attributes[..4].copy_from_slice(&[2, 4, 4, 1]);
        attributes
    };
    // SAFETY: the structure has the size that is told.
    taken(check(unsafe {
        libc::syscall(
            libc::SYS_bpf,
            0,
            attributes.as_ptr(),
            size_of_val(&attributes),
        )
    })?)
}

/// A count of this process's own events: software, disabled, without the kernel's.
fn performance_events(_words: &[String]) -> io::Result<Gain> {
    const DISABLED_USER_ALONE: u64 = 1 | 1 << 5 | 1 << 6;
    let mut attributes = [0_u64; 8];
    attributes[0] = 1 | (64 << 32);
    attributes[5] = DISABLED_USER_ALONE;
    // SAFETY: the structure has the size that is written into it.
    taken(check(unsafe {
        libc::syscall(libc::SYS_perf_event_open, attributes.as_ptr(), 0, -1, -1, 0)
    })?)
}

fn add_key(_words: &[String]) -> io::Result<Gain> {
    /// `KEY_SPEC_PROCESS_KEYRING`, which goes with the process.
    const OWN_KEYRING: i32 = -2;
    let (kind, name) = (c"user", c"planted");
    // SAFETY: the strings have their ends, the value its length.
    check(unsafe {
        libc::syscall(
            libc::SYS_add_key,
            kind.as_ptr(),
            name.as_ptr(),
            name.as_ptr(),
            1,
            OWN_KEYRING,
        )
    })?;
    Ok(Gain::Reached)
}

fn user_faults(_words: &[String]) -> io::Result<Gain> {
    /// `UFFD_USER_MODE_ONLY`, which needs no privilege.
    const USER_MODE_ONLY: i32 = 1;
    // SAFETY: the call touches no memory.
    taken(check(unsafe {
        libc::syscall(libc::SYS_userfaultfd, USER_MODE_ONLY)
    })?)
}

fn watch_all_files(_words: &[String]) -> io::Result<Gain> {
    /// `FAN_REPORT_FID`, with which no privilege is needed.
    const REPORT_IDS: u32 = 0x200;
    // SAFETY: the call touches no memory.
    taken(check(unsafe {
        libc::syscall(libc::SYS_fanotify_init, REPORT_IDS, 0)
    })?)
}

fn new_kernel(_words: &[String]) -> io::Result<Gain> {
    /// A flag that there is not, looked at after the right.
    const NO_SUCH_FLAG: u64 = 0x8000;
    // SAFETY: nothing is loaded, and no memory is read.
    check_obeyed(unsafe {
        libc::syscall(libc::SYS_kexec_load, 0, 0, ptr::null::<u8>(), NO_SUCH_FLAG)
    })
}

fn kernel_module(_words: &[String]) -> io::Result<Gain> {
    // SAFETY: a module of no length cannot be loaded.
    check_obeyed(unsafe {
        libc::syscall(libc::SYS_init_module, ptr::null::<u8>(), 0, c"".as_ptr())
    })
}

fn restart(_words: &[String]) -> io::Result<Gain> {
    // SAFETY: without its magic numbers the call does nothing.
    check_obeyed(unsafe { libc::syscall(libc::SYS_reboot, 0, 0, 0, 0) })
}

/// Sets how fast the clock goes to what it is.
fn clock(_words: &[String]) -> io::Result<Gain> {
    // SAFETY: `timex` is plain data, for which zeros are a valid value.
    unsafe {
        let mut time: libc::timex = mem::zeroed();
        check(libc::syscall(libc::SYS_adjtimex, &raw mut time))?;
        time.modes = libc::ADJ_TICK;
        check(libc::syscall(libc::SYS_adjtimex, &raw mut time))?;
    }
    Ok(Gain::Reached)
}

/// Sets the machine's name to what it is.
fn host_name(_words: &[String]) -> io::Result<Gain> {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname")?;
    let name = name.trim_end();
    // SAFETY: the name has its length.
    check(unsafe { libc::sethostname(name.as_ptr().cast(), name.len()) }.into())?;
    Ok(Gain::Reached)
}

fn kernel_messages(_words: &[String]) -> io::Result<Gain> {
    /// `SYSLOG_ACTION_READ_ALL`.
    const READ_ALL: i32 = 3;
    let mut text = [0_u8; 100];
    // SAFETY: the memory has its length.
    check(unsafe { libc::syscall(libc::SYS_syslog, READ_ALL, text.as_mut_ptr(), text.len()) })?;
    Ok(Gain::Reached)
}

fn swap(_words: &[String]) -> io::Result<Gain> {
    // SAFETY: there is no such file.
    check_obeyed(unsafe { libc::syscall(libc::SYS_swapon, c"/nonexistent".as_ptr(), 0) })
}

fn accounting(_words: &[String]) -> io::Result<Gain> {
    // SAFETY: there is no such file.
    check_obeyed(unsafe { libc::syscall(libc::SYS_acct, c"/nonexistent".as_ptr()) })
}

/// The right to speak to devices.
fn input_and_output(_words: &[String]) -> io::Result<Gain> {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: the right alone does nothing.
    return check(unsafe { libc::syscall(libc::SYS_iopl, 3) }).map(|_| Gain::Reached);
    #[cfg(not(target_arch = "x86_64"))]
    Err(io::Error::from_raw_os_error(libc::ENOSYS))
}
