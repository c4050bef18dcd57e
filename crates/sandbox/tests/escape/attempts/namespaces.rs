//! Mounts, roots and namespaces.

use std::{
    fs::{self, File},
    io,
    os::fd::AsRawFd,
    ptr,
};

use super::{Attempt, Gain, check, check_obeyed, path};

pub(super) const ATTEMPTS: &[(&str, Attempt)] = &[
    ("mount", mount),
    ("unmount", unmount),
    ("clone-mount", clone_mount),
    ("new-file-system", new_file_system),
    ("change-root", change_root),
    ("exchange-root", exchange_root),
    ("new-user-namespace", new_user_namespace),
    ("clone-namespace", clone_namespace),
    ("clone3-namespace", clone3_namespace),
    ("join-namespace", join_namespace),
];

/// Something empty over a folder.
fn mount(words: &[String]) -> io::Result<Gain> {
    let (kind, at) = (c"tmpfs", path(&words[0]));
    // SAFETY: the strings have their ends.
    check(
        unsafe { libc::mount(kind.as_ptr(), at.as_ptr(), kind.as_ptr(), 0, ptr::null()) }.into(),
    )?;
    Ok(Gain::Reached)
}

/// What protects a folder goes away.
fn unmount(words: &[String]) -> io::Result<Gain> {
    let at = path(&words[0]);
    // SAFETY: the string has its end.
    check(unsafe { libc::umount2(at.as_ptr(), libc::MNT_DETACH) }.into())?;
    Ok(Gain::Reached)
}

/// A copy of a folder's mount that can be written, and a write through it.
fn clone_mount(words: &[String]) -> io::Result<Gain> {
    /// `OPEN_TREE_CLONE` of `linux/mount.h`.
    const OPEN_TREE_CLONE: i32 = 1;
    /// Set, clear (read-only), propagation, user namespace: `struct mount_attr`.
    static WRITABLE: [u64; 4] = [0, 1, 0, 0];
    let at = path(&words[0]);
    // SAFETY: the string has its end, the structure the size that is told.
    let tree = unsafe {
        let tree = check(libc::syscall(
            libc::SYS_open_tree,
            libc::AT_FDCWD,
            at.as_ptr(),
            OPEN_TREE_CLONE,
        ))?;
        let (empty, attributes) = (c"", &raw const WRITABLE);
        let length = size_of_val(&WRITABLE);
        check(libc::syscall(
            libc::SYS_mount_setattr,
            tree,
            empty.as_ptr(),
            libc::AT_EMPTY_PATH,
            attributes,
            length,
        ))?;
        tree
    };
    fs::write(format!("/proc/self/fd/{tree}/file"), "planted\n")?;
    Ok(Gain::SeenOutside)
}

fn new_file_system(_words: &[String]) -> io::Result<Gain> {
    // SAFETY: the string has its end.
    check(unsafe { libc::syscall(libc::SYS_fsopen, c"tmpfs".as_ptr(), 0) })?;
    Ok(Gain::Reached)
}

fn change_root(_words: &[String]) -> io::Result<Gain> {
    // SAFETY: the string has its end.
    check(unsafe { libc::chroot(c".".as_ptr()) }.into())?;
    Ok(Gain::Reached)
}

/// With a folder that is no mount, so that it can only fail.
fn exchange_root(_words: &[String]) -> io::Result<Gain> {
    // SAFETY: the strings have their ends.
    check_obeyed(unsafe { libc::syscall(libc::SYS_pivot_root, c".".as_ptr(), c".".as_ptr()) })
}

fn new_user_namespace(_words: &[String]) -> io::Result<Gain> {
    // SAFETY: the process has one thread.
    check(unsafe { libc::unshare(libc::CLONE_NEWUSER) }.into())?;
    Ok(Gain::Reached)
}

fn clone_namespace(_words: &[String]) -> io::Result<Gain> {
    let flags = libc::CLONE_NEWUSER | libc::CLONE_NEWNS | libc::SIGCHLD;
    // SAFETY: as after `fork`, in a process with one thread.
    let child = check(unsafe { libc::syscall(libc::SYS_clone, flags, 0, 0, 0, 0) })?;
    ended_as_child(child)
}

fn clone3_namespace(_words: &[String]) -> io::Result<Gain> {
    let mut arguments = [0_u64; 11];
    arguments[0] = (libc::CLONE_NEWUSER | libc::CLONE_NEWNS) as u64;
    // The signal at its end.
    arguments[4] = libc::SIGCHLD as u64;
    let (address, length) = (arguments.as_ptr(), size_of_val(&arguments));
    // SAFETY: as after `fork`, in a process with one thread; the structure has the size that is told.
    let child = check(unsafe { libc::syscall(libc::SYS_clone3, address, length) })?;
    ended_as_child(child)
}

fn ended_as_child(child: i64) -> io::Result<Gain> {
    match child {
        0 => std::process::exit(0),
        _ => Ok(Gain::Reached),
    }
}

/// The namespace of a process, or of whoever else has one.
fn join_namespace(words: &[String]) -> io::Result<Gain> {
    let namespace = File::open(&words[0])?;
    // SAFETY: the call touches no memory.
    check(unsafe { libc::setns(namespace.as_raw_fd(), 0) }.into())?;
    Ok(Gain::Reached)
}
