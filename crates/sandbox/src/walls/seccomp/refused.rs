//! The list of refused system calls, each with its reason. `seccomp.rs` puts it up.

use libc::{EPERM, c_int, c_long};

use super::{
    Neighbours,
    filter::{Case, Condition, Refusal},
};

/// Calls that are refused for one reason, which is said above each.
struct Group {
    /// What they answer: `ENOSYS` where programs then do without the call, as on a kernel that lacks it.
    errno: c_int,
    calls: &'static [c_long],
}

/// Refused whatever the arguments.
const ALWAYS: &[Group] = &[
    // What is mounted decides which files a command sees.
    Group {
        errno: EPERM,
        calls: &[
            libc::SYS_mount,
            libc::SYS_umount2,
            libc::SYS_pivot_root,
            libc::SYS_chroot,
            libc::SYS_open_tree,
            SYS_OPEN_TREE_ATTR,
            libc::SYS_move_mount,
            libc::SYS_fsopen,
            libc::SYS_fsconfig,
            libc::SYS_fsmount,
            libc::SYS_fspick,
            libc::SYS_mount_setattr,
        ],
    },
    // New namespaces give privileges over much of the kernel that is not meant for commands; joining others leads
    // out.
    Group {
        errno: EPERM,
        calls: &[libc::SYS_unshare, libc::SYS_setns],
    },
    // Its flags are in memory, where no filter can look; C libraries then use `clone`.
    Group {
        errno: libc::ENOSYS,
        calls: &[libc::SYS_clone3],
    },
    // A file's number instead of its path goes round every rule about paths.
    Group {
        errno: EPERM,
        calls: &[libc::SYS_open_by_handle_at],
    },
    // Another process's memory, registers and descriptors.
    Group {
        errno: EPERM,
        calls: &[
            libc::SYS_ptrace,
            libc::SYS_process_vm_readv,
            libc::SYS_process_vm_writev,
            libc::SYS_process_madvise,
            libc::SYS_process_mrelease,
            libc::SYS_pidfd_getfd,
            libc::SYS_kcmp,
            libc::SYS_move_pages,
            libc::SYS_migrate_pages,
        ],
    },
    // Its requests, sockets among them, are made where no filter sees them; runtimes then use the older ways.
    Group {
        errno: libc::ENOSYS,
        calls: &[
            libc::SYS_io_uring_setup,
            libc::SYS_io_uring_enter,
            libc::SYS_io_uring_register,
        ],
    },
    // The kernel's keyrings are not separated by any of the other walls, and hold the user's keys.
    Group {
        errno: EPERM,
        calls: &[libc::SYS_add_key, libc::SYS_request_key, libc::SYS_keyctl],
    },
    // Programs, probes and messages inside of the kernel.
    Group {
        errno: EPERM,
        calls: &[
            libc::SYS_bpf,
            libc::SYS_perf_event_open,
            libc::SYS_syslog,
            libc::SYS_fanotify_init,
        ],
    },
    // Lets a thread stop the kernel in the middle of a copy, which most attacks on it need.
    Group {
        errno: EPERM,
        calls: &[libc::SYS_userfaultfd],
    },
    // Memory that nobody else can look at, for which programs have a way without.
    Group {
        errno: libc::ENOSYS,
        calls: &[libc::SYS_memfd_secret],
    },
    // The machine's kernel, its modules, swap, quotas, accounts and power.
    Group {
        errno: EPERM,
        calls: &[
            libc::SYS_kexec_load,
            SYS_KEXEC_FILE_LOAD,
            libc::SYS_init_module,
            libc::SYS_finit_module,
            libc::SYS_delete_module,
            libc::SYS_reboot,
            libc::SYS_swapon,
            libc::SYS_swapoff,
            libc::SYS_acct,
            libc::SYS_quotactl,
            libc::SYS_quotactl_fd,
        ],
    },
    // The machine's clock and name.
    Group {
        errno: EPERM,
        calls: &[
            libc::SYS_settimeofday,
            libc::SYS_clock_settime,
            libc::SYS_clock_adjtime,
            libc::SYS_adjtimex,
            libc::SYS_sethostname,
            libc::SYS_setdomainname,
        ],
    },
    // Takes the terminal away from everybody who has it.
    Group {
        errno: EPERM,
        calls: &[libc::SYS_vhangup],
    },
    #[cfg(target_arch = "x86_64")]
    // The machine's ports.
    Group {
        errno: EPERM,
        calls: &[libc::SYS_iopl, libc::SYS_ioperm],
    },
    #[cfg(target_arch = "x86_64")]
    // Leftovers of 16 bit programs and old formats, where faults stay unseen.
    Group {
        errno: libc::ENOSYS,
        calls: &[libc::SYS_modify_ldt, libc::SYS_uselib],
    },
];

/// Refused where the user's own processes share the IPC namespace: other programs' memory, queues and locks would be in
/// reach. Programs do without them as on a kernel that was built so.
const SHARED_IPC: Group = // Shared memory and queues of programs that are not the task's.
    Group {
        errno: libc::ENOSYS,
        calls: &[
            libc::SYS_shmget,
            libc::SYS_shmat,
            libc::SYS_shmctl,
            libc::SYS_semget,
            libc::SYS_semop,
            libc::SYS_semtimedop,
            libc::SYS_semctl,
            libc::SYS_msgget,
            libc::SYS_msgsnd,
            libc::SYS_msgrcv,
            libc::SYS_msgctl,
            libc::SYS_mq_open,
            libc::SYS_mq_unlink,
        ],
    };

/// Not in every C library's list.
#[cfg(target_arch = "x86_64")]
const SYS_KEXEC_FILE_LOAD: c_long = 320;
#[cfg(not(target_arch = "x86_64"))]
const SYS_KEXEC_FILE_LOAD: c_long = 294;

/// Newer than the C library's list; the same number on all processors.
const SYS_OPEN_TREE_ATTR: c_long = 467;

/// The bits of `clone` that ask for a namespace. A time namespace cannot be asked for there.
const NAMESPACE_FLAGS: [c_int; 7] = [
    libc::CLONE_NEWNS,
    libc::CLONE_NEWCGROUP,
    libc::CLONE_NEWUTS,
    libc::CLONE_NEWIPC,
    libc::CLONE_NEWUSER,
    libc::CLONE_NEWPID,
    libc::CLONE_NEWNET,
];

/// Requests to a device or a file system that are refused.
const CONTROL_REQUESTS: [u32; 6] = [
    // Types into the terminal, which may be one that the user reads commands from.
    libc::TIOCSTI as u32,
    // The console's own requests: pastes the selection, among others.
    libc::TIOCLINUX as u32,
    // Takes over what is printed to the console.
    libc::TIOCCONS as u32,
    // Loads the drivers of modems and radios, where faults have been found.
    libc::TIOCSETD as u32,
    // btrfs: a snapshot would show what is hidden (`BTRFS_IOC_SNAP_CREATE` and its second version).
    0x5000_9401,
    0x5000_9417,
];

/// Numbers of `linux/personality.h`.
const PER_LINUX: u32 = 0;
const PER_LINUX32: u32 = 8;
const ADDR_NO_RANDOMIZE: u32 = 0x4_0000;

/// What `personality` may be asked: how it is (all bits set), the normal one, 32 bit, and memory that is not laid out by
/// chance, which debuggers and sanitizers set for themselves.
const PERSONALITIES: [u32; 4] = [u32::MAX, PER_LINUX, PER_LINUX32, ADDR_NO_RANDOMIZE];

/// All that is refused to a process with these neighbours.
pub(super) fn refusals(neighbours: Neighbours) -> Vec<Refusal> {
    let mut refusals: Vec<_> = ALWAYS.iter().flat_map(always).collect();
    refusals.extend([
        sometimes(
            libc::SYS_clone,
            NAMESPACE_FLAGS.map(|flag| has_flag(0, flag)).to_vec(),
        ),
        sometimes(libc::SYS_mknodat, makes_device(2)),
        sometimes(
            libc::SYS_ioctl,
            CONTROL_REQUESTS
                .map(|request| vec![Condition::Is(1, request)])
                .to_vec(),
        ),
        sometimes(
            libc::SYS_personality,
            vec![
                PERSONALITIES
                    .map(|known| Condition::IsNot(0, known))
                    .to_vec(),
            ],
        ),
        // Another process's limits, down to none: enough to end an editor.
        sometimes(
            libc::SYS_prlimit64,
            vec![vec![Condition::IsNot(0, 0), Condition::NotZero(2)]],
        ),
    ]);
    #[cfg(target_arch = "x86_64")]
    refusals.push(sometimes(libc::SYS_mknod, makes_device(1)));
    if neighbours == Neighbours::Visible {
        refusals.extend(always(&SHARED_IPC));
        // To every process of the user at once.
        let everybody = vec![vec![Condition::Is(0, u32::MAX)]];
        refusals.push(sometimes(libc::SYS_kill, everybody));
    }
    refusals
}

fn always(group: &Group) -> Vec<Refusal> {
    let refusal = |call: &c_long| Refusal {
        call: *call,
        when: Vec::new(),
        errno: group.errno,
    };
    group.calls.iter().map(refusal).collect()
}

fn sometimes(call: c_long, when: Vec<Case>) -> Refusal {
    Refusal {
        call,
        when,
        errno: EPERM,
    }
}

fn has_flag(argument: u8, flag: c_int) -> Case {
    let flag = flag.cast_unsigned();
    vec![Condition::Bits(argument, flag, flag)]
}

/// A device's file is a door to the device, whatever folder it is in.
fn makes_device(mode_argument: u8) -> Vec<Case> {
    [libc::S_IFCHR, libc::S_IFBLK]
        .map(|kind| vec![Condition::Bits(mode_argument, libc::S_IFMT, kind)])
        .to_vec()
}
