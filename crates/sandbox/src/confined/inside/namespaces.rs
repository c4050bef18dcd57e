//! Namespaces: entering new ones, joining those of another confined process, and the fork that makes a first process.

use std::{
    fs, io, mem,
    net::UdpSocket,
    os::{
        fd::{AsFd, AsRawFd, FromRawFd, OwnedFd},
        unix::net::UnixStream,
    },
    process,
};

use rustix::{
    process::{Pid, WaitOptions, getegid, geteuid, set_child_subreaper, setsid, waitpid},
    thread::{UnshareFlags, move_into_link_name_space, unshare_unsafe},
};

use crate::{
    Wall,
    confined::{
        SetupError, Step,
        error::OrStep,
        protocol::{JOINED, NETWORK},
    },
};

/// The descriptor of the socket, and the last one that stays open.
const SOCKET: i32 = 3;

/// Takes the socket from the standard input, which becomes empty, and closes whatever else was inherited.
///
/// # Errors
/// When the standard input is no socket: somebody else has started this.
#[allow(unsafe_code)]
pub(super) fn take_socket() -> io::Result<UnixStream> {
    rustix::net::sockopt::socket_type(io::stdin())?;
    let null = fs::File::open("/dev/null")?;
    // SAFETY: the calls change the table of descriptors of a process that has opened nothing but `null`, which is
    // forgotten before its number goes to the socket or is closed; nobody else owns number 3.
    let socket = unsafe {
        if libc::dup3(0, SOCKET + 1, libc::O_CLOEXEC) < 0
            || libc::dup2(null.as_raw_fd(), 0) < 0
            || libc::dup3(SOCKET + 1, SOCKET, libc::O_CLOEXEC) < 0
        {
            return Err(io::Error::last_os_error());
        }
        mem::forget(null);
        libc::syscall(libc::SYS_close_range, SOCKET + 1, libc::c_uint::MAX, 0);
        UnixStream::from_raw_fd(SOCKET)
    };
    // What the program ignores, its commands need not; see `starter::inheritance`.
    for signal in [libc::SIGINT, libc::SIGQUIT] {
        // SAFETY: the default disposition has no handler that could be unsound.
        unsafe { libc::signal(signal, libc::SIG_DFL) };
    }
    Ok(socket)
}

/// Enters the namespaces that `wall` speaks of. What is started from here on is in a process namespace of its own.
pub(super) fn enter(wall: Wall) -> Result<(), SetupError> {
    let writer = IdMapWriter::before()?;
    unshare(UnshareFlags::NEWUSER).or_step(
        Step::UserNamespace,
        || "a user namespace could not be entered",
    )?;
    writer.write()?;
    let mut flags =
        UnshareFlags::NEWNS | UnshareFlags::NEWPID | UnshareFlags::NEWIPC | UnshareFlags::NEWUTS;
    if wall == Wall::Overlay {
        flags |= UnshareFlags::NEWNET;
    }
    unshare(flags).or_step(
        Step::Namespaces,
        || "namespaces for mounts, processes and the network could not be entered",
    )
}

/// Enters the namespaces of another confined process, with a copy of its mounts. What is not among the handles stays the
/// program's.
pub(super) fn join(handles: &[OwnedFd]) -> Result<(), SetupError> {
    for handle in handles {
        move_into_link_name_space(handle.as_fd(), None).or_step(
            Step::Namespaces,
            || "the task's namespaces could not be entered",
        )?;
    }
    unshare(UnshareFlags::NEWNS)
        .or_step(Step::Namespaces, || "the task's mounts could not be copied")
}

/// Handles on those of this process's namespaces that are its own: [`JOINED`], then perhaps [`NETWORK`].
pub(super) fn handles(wall: Wall) -> Result<Vec<OwnedFd>, SetupError> {
    let network = (wall == Wall::Overlay).then_some(NETWORK);
    let open = |name| Ok(fs::File::open(format!("/proc/self/ns/{name}"))?.into());
    let handles: io::Result<Vec<OwnedFd>> = JOINED.into_iter().chain(network).map(open).collect();
    handles.or_step(
        Step::Namespaces,
        || "the task's namespaces could not be read",
    )
}

/// Which side of a fork this is.
pub(super) enum Side {
    Parent(Pid),
    Child,
}

/// Forks a process that is a child of this one's parent, so that it can be collected there. The child is the leader of a
/// session without a terminal.
#[allow(unsafe_code)]
pub(super) fn fork_sibling() -> Result<Side, SetupError> {
    let flags = libc::CLONE_PARENT | libc::SIGCHLD;
    // SAFETY: the process has one thread, so the child may do whatever its parent could; without a stack of its own it
    // goes on with a copy of this one, like after `fork`.
    let number = unsafe { libc::syscall(libc::SYS_clone, flags, 0, 0, 0, 0) };
    if number < 0 {
        return Err(io::Error::last_os_error()).or_step(
            Step::Namespaces,
            || "the first process of the task could not be forked",
        );
    }
    match i32::try_from(number).ok().and_then(Pid::from_raw) {
        Some(child) => Ok(Side::Parent(child)),
        None => {
            setsid().or_step(Step::Namespaces, || "no session of its own")?;
            Ok(Side::Child)
        }
    }
}

/// Makes what loses its parent a child of this process, for want of a process namespace.
pub(super) fn become_subreaper() -> Result<(), SetupError> {
    // Any number but none means yes.
    set_child_subreaper(Some(Pid::INIT)).or_step(
        Step::Namespaces,
        || "lost processes cannot be kept together",
    )
}

/// Raises the loopback device of the new network namespace.
#[allow(unsafe_code)]
pub(super) fn raise_loopback() -> Result<(), SetupError> {
    let raise = || {
        let socket = UdpSocket::bind("0.0.0.0:0")?;
        // SAFETY: `ifreq` is plain data, for which zeros are a valid value; the name is shorter than its field and the
        // flags are the field of the union that these requests use.
        unsafe {
            let mut request: libc::ifreq = mem::zeroed();
            request.ifr_name[0] = b'l' as libc::c_char;
            request.ifr_name[1] = b'o' as libc::c_char;
            request.ifr_ifru.ifru_flags = (libc::IFF_UP | libc::IFF_RUNNING) as libc::c_short;
            if libc::ioctl(socket.as_raw_fd(), libc::SIOCSIFFLAGS, &raw const request) != 0 {
                return Err(io::Error::last_os_error());
            }
        }
        Ok(())
    };
    raise().or_step(Step::Loopback, || "the loopback device could not be raised")
}

#[allow(unsafe_code)]
fn unshare(flags: UnshareFlags) -> rustix::io::Result<()> {
    // SAFETY: the table of descriptors stays shared with nobody: the process has one thread.
    unsafe { unshare_unsafe(flags) }
}

/// Writes which ids of the new user namespace are which outside: the same ones.
///
/// An ordinary user may map its own id only, and all other owners look like nobody. Root may map all, which its files need
/// when they belong to others; but only from outside, so a helper process is forked before.
struct IdMapWriter {
    user: u32,
    group: u32,
    helper: Option<Helper>,
}

/// Maps all ids once nobody holds the pipe open any more, and ends.
struct Helper {
    process: Pid,
    go: io::PipeWriter,
}

impl IdMapWriter {
    fn before() -> Result<Self, SetupError> {
        let helper = geteuid().is_root().then(Helper::fork).transpose();
        Ok(Self {
            user: geteuid().as_raw(),
            group: getegid().as_raw(),
            helper: helper.or_step(Step::UserNamespace, || "no helper could be forked")?,
        })
    }

    fn write(self) -> Result<(), SetupError> {
        // Root that has lost the right to map others, as in a container, still may map itself.
        if self.helper.is_some_and(|helper| helper.map_all().is_ok()) {
            return Ok(());
        }
        write_own_ids(self.user, self.group)
            .or_step(Step::UserNamespace, || "the ids could not be mapped")
    }
}

impl Helper {
    #[allow(unsafe_code)]
    fn fork() -> io::Result<Self> {
        let (wait, go) = io::pipe()?;
        let parent = process::id();
        // SAFETY: the process has one thread, so the child may do whatever its parent could.
        match unsafe { libc::fork() } {
            -1 => Err(io::Error::last_os_error()),
            0 => {
                drop(go);
                let waited = io::copy(&mut &wait, &mut io::sink());
                let written = waited.and_then(|_| write_all_ids(parent));
                process::exit(i32::from(written.is_err()));
            }
            number => Ok(Self {
                process: Pid::from_raw(number).expect("a child's id is not zero"),
                go,
            }),
        }
    }

    fn map_all(self) -> io::Result<()> {
        drop(self.go);
        wait_for(self.process)
    }
}

fn wait_for(helper: Pid) -> io::Result<()> {
    let ended = waitpid(Some(helper), WaitOptions::empty())?;
    match ended.and_then(|(_, status)| status.exit_status()) {
        Some(0) => Ok(()),
        _ => Err(io::Error::other("the ids were not mapped")),
    }
}

fn write_own_ids(user: u32, group: u32) -> io::Result<()> {
    fs::write("/proc/self/setgroups", "deny")?;
    fs::write("/proc/self/uid_map", format!("{user} {user} 1"))?;
    fs::write("/proc/self/gid_map", format!("{group} {group} 1"))
}

/// Every id that exists here is itself in the namespace of `process`.
fn write_all_ids(process: u32) -> io::Result<()> {
    for map in ["uid_map", "gid_map"] {
        let own = fs::read_to_string(format!("/proc/self/{map}"))?;
        let same: String = own
            .lines()
            .filter_map(|line| {
                let mut fields = line.split_whitespace();
                let (first, count) = (fields.next()?, fields.nth(1)?);
                Some(format!("{first} {first} {count}\n"))
            })
            .collect();
        fs::write(format!("/proc/{process}/{map}"), same)?;
    }
    Ok(())
}
