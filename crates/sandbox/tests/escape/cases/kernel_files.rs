//! What the kernel shows as files: processes, and itself.

use crate::case::{
    Case,
    Effect::{Files, Process, Reached, Secret},
    WithoutWalls::{Administrator, Nobody},
};

const ROOTS: &str = "others cannot";

pub(super) const CASES: &[Case] = &[
    Case::new("memory of a process", Process, "$ATTEMPT write-memory /proc/$CANARY/mem $ADDRESS"),
    Case::new("memory of the confined process", Reached, "
        for process in /proc/[0-9]*; do
            case $process in /proc/self|/proc/$$) continue;; esac
            if grep -qs '^ropewalk' $process/cmdline; then $ATTEMPT open-for-writing $process/mem; fi
        done").without_walls(Nobody("there is none")),
    Case::new("files through other processes' roots", Files, "for process in /proc/[0-9]*; do echo planted > $process/root$OUTSIDE/planted; done 2>/dev/null"),
    Case::new("files through one's own root", Files, "echo planted > /proc/self/root$OUTSIDE/file; echo planted > /proc/1/root$OUTSIDE/file; echo planted > /proc/self/cwd/../outside/file"),
    Case::new("files through other processes' folders", Files, "for process in /proc/[0-9]*; do
        [ \"$(readlink $process/cwd)\" = $OUTSIDE ] && echo planted > $process/cwd/planted; done 2>/dev/null; echo planted > /proc/$CANARY/cwd/planted"),
    Case::new("files through other processes' descriptors", Files, "echo planted > /proc/$CANARY/fd/100"),
    Case::new("keys through other processes' roots", Secret, "for process in /proc/[0-9]*; do cat $process/root$HOME/.ssh/id_ed25519; done 2>/dev/null"),
    Case::new("the server's keys in its environment", Secret, "cat /proc/$SERVER/environ; cat /proc/$PPID/environ"),
    Case::new("everybody's keys in their environments", Secret, "cat /proc/[0-9]*/environ /proc/[0-9]*/task/*/environ 2>/dev/null"),
    Case::new("the kernel's settings", Reached, "$ATTEMPT open-for-writing /proc/sys/kernel/core_pattern /proc/sys/kernel/modprobe /proc/sys/vm/drop_caches")
        .without_walls(Administrator(ROOTS)),
    Case::new("the kernel's emergency keys", Reached, "$ATTEMPT open-for-writing /proc/sysrq-trigger").without_walls(Administrator(ROOTS)),
    Case::new("the kernel's knobs", Reached, "$ATTEMPT open-for-writing /sys/kernel/mm/ksm/run /sys/power/state /sys/kernel/uevent_helper /sys/module/*/parameters/*")
        .without_walls(Administrator(ROOTS)),
    Case::new("groups of processes", Reached, "$ATTEMPT open-for-writing /sys/fs/cgroup/*/release_agent /sys/fs/cgroup/cgroup.procs /sys/fs/cgroup/*/cgroup.procs")
        .without_walls(Nobody("not every machine has them mounted")),
    Case::new("the machine's memory as a file", Reached, "$ATTEMPT read-file /proc/kcore").without_walls(Administrator(ROOTS)),
    Case::new("who is ended first", Process, "echo 1000 > /proc/$CANARY/oom_score_adj"),
];
