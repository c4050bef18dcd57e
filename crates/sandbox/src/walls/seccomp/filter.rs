//! From refusals, which are plain data, to programs that the kernel runs at each system call.
//!
//! A program has one answer, so there is one for each errno. The kernel takes the strictest answer of all programs, and
//! it remembers which calls are permitted whatever their arguments, so these cost next to nothing.

use std::{collections::BTreeMap, io};

use libc::{c_int, c_long};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, sock_filter,
};

use crate::walls::WallError;

/// The last system call that `refused.rs` was written with in mind: `file_setattr`, of Linux 6.17.
///
/// What is newer answers `ENOSYS`, as an older kernel does, so nothing new can be a way out. The numbers of the x32
/// calls, which x86-64 kernels may take too and which begin at 2^30, are beyond it as well.
pub(super) const LAST_KNOWN_CALL: u32 = 469;

/// A call that is refused.
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    /// Its number on this processor.
    pub(super) call: c_long,
    /// When it is refused: one condition is enough; none means always.
    pub(super) when: Vec<Case>,
    /// What it answers.
    pub(super) errno: c_int,
}

/// Conditions on a call's arguments that must all hold.
pub(super) type Case = Vec<Condition>;

/// A condition on one argument.
///
/// All but [`Condition::NotZero`] compare the lower 32 bits: these are all that the kernel looks at in the arguments
/// concerned, so bits above them must not change the outcome.
#[derive(Clone, Copy, Debug)]
pub(super) enum Condition {
    Is(u8, u32),
    IsNot(u8, u32),
    /// The bits of the first number are those of the second.
    Bits(u8, u32, u32),
    /// A 64 bit argument, a pointer say, is not zero.
    NotZero(u8),
}

/// Programs for the kernel.
pub(super) struct Filter(Vec<BpfProgram>);

impl Filter {
    pub(super) fn compile(refusals: Vec<Refusal>) -> Result<Self, WallError> {
        let mut by_errno = BTreeMap::<c_int, BTreeMap<i64, Vec<SeccompRule>>>::new();
        for refusal in refusals {
            let rules = refusal.when.into_iter().map(rule);
            let rules = rules.collect::<Result<Vec<_>, _>>().map_err(invalid)?;
            let calls = by_errno.entry(refusal.errno).or_default();
            calls.entry(refusal.call).or_default().extend(rules);
        }
        let programs = by_errno
            .into_iter()
            .map(|(errno, calls)| program(errno, calls));
        Ok(Self(programs.collect::<Result<_, _>>()?))
    }

    /// Allocates nothing.
    pub(super) fn install(&self) -> io::Result<()> {
        for program in &self.0 {
            seccompiler::apply_filter(program).map_err(|error| match error {
                seccompiler::Error::Prctl(error) | seccompiler::Error::Seccomp(error) => error,
                _ => io::Error::from_raw_os_error(libc::EINVAL),
            })?;
        }
        Ok(())
    }
}

fn program(errno: c_int, calls: BTreeMap<i64, Vec<SeccompRule>>) -> Result<BpfProgram, WallError> {
    let processor = std::env::consts::ARCH
        .try_into()
        .map_err(|_| WallError::Processor(std::env::consts::ARCH))?;
    let refuse = SeccompAction::Errno(errno.unsigned_abs());
    let filter =
        SeccompFilter::new(calls, SeccompAction::Allow, refuse, processor).map_err(invalid)?;
    let known: BpfProgram = filter.try_into().map_err(invalid)?;
    let mut program = refuse_unknown_calls().to_vec();
    program.extend(known);
    Ok(program)
}

/// Answers `ENOSYS` to every call above [`LAST_KNOWN_CALL`], and goes on with the rest.
fn refuse_unknown_calls() -> [sock_filter; 3] {
    let instruction = |code: u32, k: u32| sock_filter {
        code: code as u16,
        jt: 0,
        jf: 0,
        k,
    };
    // The call's number is the first field of what a filter sees (`struct seccomp_data`).
    let load_number = instruction(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0);
    let refuse = libc::SECCOMP_RET_ERRNO | libc::ENOSYS.unsigned_abs();
    [
        load_number,
        sock_filter {
            jf: 1,
            ..instruction(libc::BPF_JMP | libc::BPF_JGT | libc::BPF_K, LAST_KNOWN_CALL)
        },
        instruction(libc::BPF_RET | libc::BPF_K, refuse),
    ]
}

fn rule(case: Case) -> Result<SeccompRule, seccompiler::BackendError> {
    let conditions = case.into_iter().map(|condition| {
        use SeccompCmpArgLen::{Dword, Qword};
        let (argument, length, operator, value) = match condition {
            Condition::Is(argument, value) => (argument, Dword, SeccompCmpOp::Eq, value),
            Condition::IsNot(argument, value) => (argument, Dword, SeccompCmpOp::Ne, value),
            Condition::Bits(argument, mask, value) => (
                argument,
                Dword,
                SeccompCmpOp::MaskedEq(u64::from(mask)),
                value,
            ),
            Condition::NotZero(argument) => (argument, Qword, SeccompCmpOp::Ne, 0),
        };
        SeccompCondition::new(argument, length, operator, u64::from(value))
    });
    SeccompRule::new(conditions.collect::<Result<_, _>>()?)
}

fn invalid(error: seccompiler::BackendError) -> WallError {
    WallError::Rule {
        what: "the system call filter could not be built",
        reason: error.to_string(),
    }
}
