//! Keeps from commands what the program itself has inherited: an editor's sockets, somebody's locks, ignored signals.

use std::{ffi::c_int, fs, mem, os::fd::BorrowedFd, ptr};

use rustix::io::{FdFlags, fcntl_setfd};

/// The standard descriptors, which commands are given anew, and the last number that belongs to them.
const LAST_STANDARD: i32 = 2;

/// Lets what the program starts from now on inherit no descriptor but the standard ones, and no ignored interrupt.
pub(super) fn stop() {
    mark_descriptors();
    for signal in [libc::SIGINT, libc::SIGQUIT] {
        receive(signal);
    }
}

/// Marks every descriptor but the standard ones to be closed in what the program starts.
///
/// All that the program opens itself is so marked from the beginning.
#[allow(unsafe_code)]
fn mark_descriptors() {
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

/// Makes `signal` end what the program starts, although the program ignores it.
///
/// A shell that starts the program in the background has it ignore interrupts, and so would all commands, which could not
/// be interrupted any more. In a new program a signal with a handler is back at its default (POSIX, `exec`); the handler
/// does nothing, so that here the signal is as good as ignored.
#[allow(unsafe_code)]
fn receive(signal: c_int) {
    // SAFETY: `sigaction` is plain data, for which zeros are a valid value; the calls read and write only what they are
    // given. The handler does nothing, so it may run at any moment.
    unsafe {
        let mut action: libc::sigaction = mem::zeroed();
        let is_known = libc::sigaction(signal, ptr::null(), &raw mut action) == 0;
        if is_known && action.sa_sigaction == libc::SIG_IGN {
            action.sa_sigaction = do_nothing as *const () as libc::sighandler_t;
            action.sa_flags = libc::SA_RESTART;
            libc::sigaction(signal, &raw const action, ptr::null_mut());
        }
    }
}

extern "C" fn do_nothing(_signal: c_int) {}
