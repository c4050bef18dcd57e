//! Every refused system call is really made, and so are those beside them that must work.

use std::{ffi::c_long, fs, os::unix::process::ExitStatusExt, path::Path};

use libtest_mimic::Trial;
use sandbox::walls::{Neighbours, refuse_dangerous_calls};

use crate::attempt::{
    Attempt, User, answer, folder, is_administrator, run, start, trials_for_users,
};

pub(crate) const ATTEMPTS: &[Attempt] = &[
    ("calls", |_| print_calls()),
    ("calls, refused", |_| {
        refuse_dangerous_calls(Neighbours::Hidden).unwrap();
        print_calls();
    }),
    ("shared memory", |_| print_shared_memory()),
    ("shared memory, neighbours hidden", |_| {
        refuse_dangerous_calls(Neighbours::Hidden).unwrap();
        print_shared_memory();
    }),
    ("shared memory, neighbours visible", |_| {
        refuse_dangerous_calls(Neighbours::Visible).unwrap();
        print_shared_memory();
    }),
    ("arguments", |folder| {
        refuse_dangerous_calls(Neighbours::Hidden).unwrap();
        print_arguments(folder);
    }),
    ("numbers", |_| {
        refuse_dangerous_calls(Neighbours::Hidden).unwrap();
        print_numbers();
    }),
    #[cfg(target_arch = "x86_64")]
    ("32 bit", |_| {
        refuse_dangerous_calls(Neighbours::Hidden).unwrap();
        get_process_id_as_32_bit();
    }),
];

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = trials_for_users("every dangerous call is refused", all_are_refused);
    trials.extend(trials_for_users(
        "arguments decide where a call is needed",
        arguments_decide,
    ));
    trials.extend(trials_for_users(
        "shared memory is refused beside neighbours",
        shared_memory,
    ));
    trials.extend(trials_for_users(
        "numbers of no known call are refused",
        numbers_are_refused,
    ));
    #[cfg(target_arch = "x86_64")]
    trials.extend(trials_for_users(
        "calls of another processor end the process",
        foreign_calls,
    ));
    trials
}

/// Each call with what it must answer. Written a second time on purpose: the list in the crate is what is tested.
const CALLS: &[(&str, c_long, &str)] = &[
    ("mount", libc::SYS_mount, "EPERM"),
    ("umount2", libc::SYS_umount2, "EPERM"),
    ("pivot_root", libc::SYS_pivot_root, "EPERM"),
    ("chroot", libc::SYS_chroot, "EPERM"),
    ("open_tree", libc::SYS_open_tree, "EPERM"),
    ("open_tree_attr", 467, "EPERM"),
    ("move_mount", libc::SYS_move_mount, "EPERM"),
    ("fsopen", libc::SYS_fsopen, "EPERM"),
    ("fsconfig", libc::SYS_fsconfig, "EPERM"),
    ("fsmount", libc::SYS_fsmount, "EPERM"),
    ("fspick", libc::SYS_fspick, "EPERM"),
    ("mount_setattr", libc::SYS_mount_setattr, "EPERM"),
    ("unshare", libc::SYS_unshare, "EPERM"),
    ("setns", libc::SYS_setns, "EPERM"),
    ("clone3", libc::SYS_clone3, "ENOSYS"),
    ("open_by_handle_at", libc::SYS_open_by_handle_at, "EPERM"),
    ("ptrace", libc::SYS_ptrace, "EPERM"),
    ("process_vm_readv", libc::SYS_process_vm_readv, "EPERM"),
    ("process_vm_writev", libc::SYS_process_vm_writev, "EPERM"),
    ("process_madvise", libc::SYS_process_madvise, "EPERM"),
    ("process_mrelease", libc::SYS_process_mrelease, "EPERM"),
    ("pidfd_getfd", libc::SYS_pidfd_getfd, "EPERM"),
    ("kcmp", libc::SYS_kcmp, "EPERM"),
    ("move_pages", libc::SYS_move_pages, "EPERM"),
    ("migrate_pages", libc::SYS_migrate_pages, "EPERM"),
    ("io_uring_setup", libc::SYS_io_uring_setup, "ENOSYS"),
    ("io_uring_enter", libc::SYS_io_uring_enter, "ENOSYS"),
    ("io_uring_register", libc::SYS_io_uring_register, "ENOSYS"),
    ("add_key", libc::SYS_add_key, "EPERM"),
    ("request_key", libc::SYS_request_key, "EPERM"),
    ("keyctl", libc::SYS_keyctl, "EPERM"),
    ("bpf", libc::SYS_bpf, "EPERM"),
    ("perf_event_open", libc::SYS_perf_event_open, "EPERM"),
    ("syslog", libc::SYS_syslog, "EPERM"),
    ("fanotify_init", libc::SYS_fanotify_init, "EPERM"),
    ("userfaultfd", libc::SYS_userfaultfd, "EPERM"),
    ("memfd_secret", libc::SYS_memfd_secret, "ENOSYS"),
    ("kexec_load", libc::SYS_kexec_load, "EPERM"),
    ("kexec_file_load", libc::SYS_kexec_file_load, "EPERM"),
    ("init_module", libc::SYS_init_module, "EPERM"),
    ("finit_module", libc::SYS_finit_module, "EPERM"),
    ("delete_module", libc::SYS_delete_module, "EPERM"),
    ("reboot", libc::SYS_reboot, "EPERM"),
    ("swapon", libc::SYS_swapon, "EPERM"),
    ("swapoff", libc::SYS_swapoff, "EPERM"),
    ("acct", libc::SYS_acct, "EPERM"),
    ("quotactl", libc::SYS_quotactl, "EPERM"),
    ("quotactl_fd", libc::SYS_quotactl_fd, "EPERM"),
    ("settimeofday", libc::SYS_settimeofday, "EPERM"),
    ("clock_settime", libc::SYS_clock_settime, "EPERM"),
    ("clock_adjtime", libc::SYS_clock_adjtime, "EPERM"),
    ("adjtimex", libc::SYS_adjtimex, "EPERM"),
    ("sethostname", libc::SYS_sethostname, "EPERM"),
    ("setdomainname", libc::SYS_setdomainname, "EPERM"),
    ("vhangup", libc::SYS_vhangup, "EPERM"),
    #[cfg(target_arch = "x86_64")]
    ("iopl", libc::SYS_iopl, "EPERM"),
    #[cfg(target_arch = "x86_64")]
    ("ioperm", libc::SYS_ioperm, "EPERM"),
    #[cfg(target_arch = "x86_64")]
    ("uselib", libc::SYS_uselib, "ENOSYS"),
];

/// Calls that may be missing from a kernel, which then answers as the filter does.
const MAY_BE_MISSING: [&str; 5] = [
    "uselib",
    "memfd_secret",
    "io_uring_setup",
    "io_uring_enter",
    "io_uring_register",
];

/// All arguments are all ones, which no call takes for anything: without the filter each answers with some other error.
fn print_calls() {
    for (name, call, _) in CALLS {
        // SAFETY: no pointer and no descriptor has this value, so the kernel touches no memory of ours.
        let result =
            unsafe { libc::syscall(*call, -1_i64, -1_i64, -1_i64, -1_i64, -1_i64, -1_i64) };
        println!("{name} {}", answer(result));
    }
    #[cfg(target_arch = "x86_64")]
    {
        let mut table = [0_u8; 64];
        // SAFETY: reads the process's own table of segments into the array, whose length is told.
        let result =
            unsafe { libc::syscall(libc::SYS_modify_ldt, 0, table.as_mut_ptr(), table.len()) };
        println!("modify_ldt {}", answer(result));
    }
}

fn all_are_refused(user: User) {
    let folder = folder(user);
    let mut expected: String = CALLS
        .iter()
        .map(|(name, _, answer)| format!("{name} {answer}\n"))
        .collect();
    if cfg!(target_arch = "x86_64") {
        expected += "modify_ldt ENOSYS\n";
    }
    assert_eq!(run("calls, refused", folder.path(), user), expected);

    // The administrator is refused little by the kernel itself: so it was the filter.
    let is_filtered = || {
        fs::read_to_string("/proc/self/status")
            .unwrap()
            .contains("Seccomp:\t2")
    };
    if user == User::Same && is_administrator() && !is_filtered() {
        let unfiltered = run("calls", folder.path(), user);
        let same: Vec<_> = unfiltered
            .lines()
            .zip(expected.lines())
            .filter(|(left, right)| left == right)
            .collect();
        let names: Vec<_> = same
            .iter()
            .filter_map(|(line, _)| line.split(' ').next())
            .collect();
        assert!(
            names.iter().all(|name| MAY_BE_MISSING.contains(name)),
            "refused without a filter too: {names:?}"
        );
    }
}

fn print_shared_memory() {
    // SAFETY: makes a private segment of one page and marks it for removal; nothing is attached.
    unsafe {
        let segment = libc::shmget(libc::IPC_PRIVATE, 4096, 0o600);
        println!("shmget {}", answer(segment.into()));
        if segment >= 0 {
            println!(
                "shmctl {}",
                answer(libc::shmctl(segment, libc::IPC_RMID, std::ptr::null_mut()).into())
            );
        }
        let nobody = libc::SIGRTMAX() + 1;
        println!("kill -1 {}", answer(libc::kill(-1, nobody).into()));
        println!("kill own {}", answer(libc::kill(libc::getpid(), 0).into()));
    }
}

fn shared_memory(user: User) {
    let folder = folder(user);
    let run = |name| run(name, folder.path(), user);
    // A signal that does not exist is sent to nobody.
    let works = "shmget ok\nshmctl ok\nkill -1 errno 22\nkill own ok\n";
    assert_eq!(run("shared memory"), works);
    assert_eq!(run("shared memory, neighbours hidden"), works);
    assert_eq!(
        run("shared memory, neighbours visible"),
        "shmget ENOSYS\nkill -1 EPERM\nkill own ok\n"
    );
}

/// Bits that the kernel does not look at in arguments of 32 bits, and a filter must not be misled by.
const STRAY: i64 = 1 << 40;

fn print_arguments(folder: &Path) {
    print_clone();
    print_nodes(folder);
    for (name, request) in [
        ("TIOCSTI", 0x5412),
        ("TIOCLINUX", 0x541C),
        ("TIOCCONS", 0x541D),
        ("TIOCSETD", 0x5423),
        ("TIOCGWINSZ", 0x5413),
    ] {
        for stray in [0, STRAY] {
            // SAFETY: there is no such descriptor, so the pointer is not looked at.
            let result = unsafe { libc::syscall(libc::SYS_ioctl, -1, request | stray, 0) };
            println!("ioctl {name} {}", answer(result));
        }
    }
    for (name, value) in [
        ("read", 0xffff_ffff_i64),
        ("PER_LINUX", 0),
        ("ADDR_NO_RANDOMIZE", 0x4_0000),
        ("READ_IMPLIES_EXEC", 0x40_0000),
        ("PER_SVR4", 1),
    ] {
        // SAFETY: changes a mode of this process, which ends soon.
        println!(
            "personality {name} {}",
            answer(unsafe { libc::syscall(libc::SYS_personality, value) })
        );
    }
    print_limits();
}

fn print_clone() {
    let flags = [
        ("none", 0),
        ("NEWNS", libc::CLONE_NEWNS),
        ("NEWCGROUP", libc::CLONE_NEWCGROUP),
        ("NEWUTS", libc::CLONE_NEWUTS),
        ("NEWIPC", libc::CLONE_NEWIPC),
        ("NEWUSER", libc::CLONE_NEWUSER),
        ("NEWPID", libc::CLONE_NEWPID),
        ("NEWNET", libc::CLONE_NEWNET),
    ];
    for (name, flag) in flags {
        for stray in [0, STRAY] {
            let flags = i64::from(flag | libc::SIGCHLD) | stray;
            // SAFETY: as `fork`, without memory of its own; the child only ends.
            let result = unsafe { libc::syscall(libc::SYS_clone, flags, 0, 0, 0, 0) };
            if result == 0 {
                // SAFETY: ends the child.
                unsafe { libc::_exit(0) };
            }
            println!("clone {name} {}", answer(result));
        }
    }
}

fn print_nodes(folder: &Path) {
    let kinds = [
        ("file", libc::S_IFREG),
        ("pipe", libc::S_IFIFO),
        ("socket", libc::S_IFSOCK),
        ("character device", libc::S_IFCHR),
        ("block device", libc::S_IFBLK),
    ];
    for (name, kind) in kinds {
        let path = std::ffi::CString::new(folder.join(name).into_os_string().into_encoded_bytes())
            .unwrap();
        // SAFETY: the path is a C string that lives through the call.
        let result = unsafe {
            libc::syscall(
                libc::SYS_mknodat,
                libc::AT_FDCWD,
                path.as_ptr(),
                kind | 0o600,
                0,
            )
        };
        println!("mknodat {name} {}", answer(result));
        #[cfg(target_arch = "x86_64")]
        {
            let path = std::ffi::CString::new(
                folder
                    .join(format!("{name} 2"))
                    .into_os_string()
                    .into_encoded_bytes(),
            )
            .unwrap();
            // SAFETY: as above.
            let result = unsafe { libc::syscall(libc::SYS_mknod, path.as_ptr(), kind | 0o600, 0) };
            assert_eq!(
                answer(result),
                if matches!(kind, libc::S_IFCHR | libc::S_IFBLK) {
                    "EPERM"
                } else {
                    "ok"
                }
            );
        }
    }
}

fn print_limits() {
    let mut limit = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    let own = std::process::id();
    // SAFETY: reads a limit into the struct, and sets it to what it was.
    unsafe {
        println!(
            "prlimit reading {}",
            answer(libc::syscall(
                libc::SYS_prlimit64,
                own,
                libc::RLIMIT_CORE,
                0_usize,
                &raw mut limit
            ))
        );
        println!(
            "prlimit of this process {}",
            answer(libc::syscall(
                libc::SYS_prlimit64,
                0,
                libc::RLIMIT_CORE,
                &raw const limit,
                0_usize
            ))
        );
        println!(
            "prlimit of a process {}",
            answer(libc::syscall(
                libc::SYS_prlimit64,
                own,
                libc::RLIMIT_CORE,
                &raw const limit,
                0_usize
            ))
        );
    }
}

fn arguments_decide(user: User) {
    let folder = folder(user);
    expect_test::expect![[r#"
        clone none ok
        clone none ok
        clone NEWNS EPERM
        clone NEWNS EPERM
        clone NEWCGROUP EPERM
        clone NEWCGROUP EPERM
        clone NEWUTS EPERM
        clone NEWUTS EPERM
        clone NEWIPC EPERM
        clone NEWIPC EPERM
        clone NEWUSER EPERM
        clone NEWUSER EPERM
        clone NEWPID EPERM
        clone NEWPID EPERM
        clone NEWNET EPERM
        clone NEWNET EPERM
        mknodat file ok
        mknodat pipe ok
        mknodat socket ok
        mknodat character device EPERM
        mknodat block device EPERM
        ioctl TIOCSTI EPERM
        ioctl TIOCSTI EPERM
        ioctl TIOCLINUX EPERM
        ioctl TIOCLINUX EPERM
        ioctl TIOCCONS EPERM
        ioctl TIOCCONS EPERM
        ioctl TIOCSETD EPERM
        ioctl TIOCSETD EPERM
        ioctl TIOCGWINSZ errno 9
        ioctl TIOCGWINSZ errno 9
        personality read ok
        personality PER_LINUX ok
        personality ADDR_NO_RANDOMIZE ok
        personality READ_IMPLIES_EXEC EPERM
        personality PER_SVR4 EPERM
        prlimit reading ok
        prlimit of this process ok
        prlimit of a process EPERM
    "#]]
    .assert_eq(&run("arguments", folder.path(), user));
}

fn print_numbers() {
    const X32: c_long = 0x4000_0000;
    for (name, number) in [
        ("x32 getpid", X32 + 39),
        ("x32 ptrace", X32 + 521),
        ("470", 470),
        ("471", 471),
        ("999", 999),
        ("largest", i64::from(i32::MAX)),
        ("-2", -2),
    ] {
        // SAFETY: there is no such call, or it takes no arguments.
        println!(
            "{name} {}",
            answer(unsafe { libc::syscall(number, 0, 0, 0, 0) })
        );
    }
}

fn numbers_are_refused(user: User) {
    let folder = folder(user);
    let names = [
        "x32 getpid",
        "x32 ptrace",
        "470",
        "471",
        "999",
        "largest",
        "-2",
    ];
    let expected: String = names.map(|name| format!("{name} ENOSYS\n")).concat();
    assert_eq!(run("numbers", folder.path(), user), expected);
}

/// `getpid` by the gate of 32 bit programs, whose numbers mean other calls.
#[cfg(target_arch = "x86_64")]
fn get_process_id_as_32_bit() {
    const GETPID: u64 = 20;
    let mut result = GETPID;
    // SAFETY: the call takes no arguments and changes the one register.
    unsafe {
        std::arch::asm!("int 0x80", inout("rax") result, out("r8") _, out("r9") _, out("r10") _, out("r11") _)
    };
    println!("{result}");
}

#[cfg(target_arch = "x86_64")]
fn foreign_calls(user: User) {
    let folder = folder(user);
    let output = start("32 bit", folder.path(), user);
    let signal = output.status.signal();
    // A kernel without 32 bit programs does not know the gate at all.
    assert!(
        matches!(signal, Some(libc::SIGSYS | libc::SIGSEGV)),
        "{}",
        output.status
    );
}
