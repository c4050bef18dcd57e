//! Words and ends of a program that asked the system for something that no command in a twin may have.

use std::sync::LazyLock;

use regex::RegexSet;
use sandbox::Exit;

use super::{Refused, SandboxRefusal, quote};

/// The signal that ends a process for a system call that a filter does not let through.
const SIGSYS: i32 = 31;

/// How a shell tells that a signal has ended its command.
const SIGNALLED: i32 = 128;

static REFUSED: LazyLock<RegexSet> = LazyLock::new(|| {
    let rows = [
        r"(?i)\b(ptrace|unshare|setns|mount|umount|pivot_root|chroot|perf_event_open|bpf|keyctl|userfaultfd|io_uring\w*)\b.*(operation not permitted|permission denied|function not implemented)",
        r"\b(PTRACE_\w+|CLONE_NEW\w+)\b.*(?i:operation not permitted|permission denied)",
        r"(?i)no permissions to create (a )?new namespace|failed to move to new namespace|creating new namespace failed",
        r"(?i)cannot connect to the docker daemon|dial unix \S*docker\S*",
        r"(?i)no new privileges. flag is set|sudo: .*(effective uid is not 0|must be owned by uid 0)|must be setuid root",
        r"(?i)bad system call",
    ];
    RegexSet::new(rows).expect("the rows are constants, which a test compiles")
});

/// Whether a system call looks to have been refused.
pub(super) fn find(lines: &[&str], exit: Exit) -> Option<SandboxRefusal> {
    let is_killed = matches!(exit, Exit::Signal(SIGSYS)) || exit == Exit::Code(SIGNALLED + SIGSYS);
    let line = lines.iter().rev().find(|line| REFUSED.is_match(line));
    (is_killed || line.is_some()).then(|| SandboxRefusal {
        what: Refused::SystemCall,
        line: line.map(|line| quote(line)).unwrap_or_default(),
    })
}
