//! Keeps from commands what the program itself has inherited: an editor's sockets, somebody's locks.

use std::{fs, os::fd::BorrowedFd};

use rustix::io::{FdFlags, fcntl_setfd};

/// The standard descriptors, which commands are given anew, and the last number that belongs to them.
const LAST_STANDARD: i32 = 2;

/// Marks every descriptor but the standard ones to be closed in what the program starts.
///
/// All that the program opens itself is so marked from the beginning.
#[allow(unsafe_code)]
pub(super) fn stop() {
    let Ok(entries) = fs::read_dir("/dev/fd") else {
        return;
    };
    let numbers = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    for number in numbers.filter(|number: &i32| *number > LAST_STANDARD) {
        // SAFETY: the number is used for one system call, which changes a flag and no memory. If another thread has
        // closed it meanwhile the call fails; if it has been opened anew it is marked already.
        let descriptor = unsafe { BorrowedFd::borrow_raw(number) };
        let _ = fcntl_setfd(descriptor, FdFlags::CLOEXEC);
    }
}
