//! The user's other processes: looked into, signalled, slowed down.

use crate::case::{
    Case,
    Effect::{Process, Reached, Server},
    HeldBy::Namespaces,
    WithoutWalls::{Administrator, Nobody, Ordinary},
};

const SIBLINGS: &str = "without a process namespace the user's other processes can be slowed down";

pub(super) const CASES: &[Case] = &[
    Case::new("trace a process", Process, "$ATTEMPT trace $CANARY $ADDRESS"),
    Case::new("write to a process's memory by a call", Process, "$ATTEMPT write-memory-by-call $CANARY $ADDRESS"),
    Case::new("memory that a process shares", Process, "$ATTEMPT shared-memory $MEMORY"),
    Case::new("a process's descriptor", crate::case::Effect::Files, "$ATTEMPT take-descriptor $CANARY"),
    Case::new("end a process", Process, "kill -9 $CANARY"),
    Case::new("end a process that is found by its name", Process, "
        for process in /proc/[0-9]*; do tr '\\0' ' ' < $process/cmdline | grep -q \"canary .*${NAME}/outside\" && kill -9 ${process#/proc/}; done"),
    Case::new("end a group of processes", Process, "kill -9 -$CANARY"),
    Case::new("stop a process", Process, "kill -STOP $CANARY"),
    Case::new("end a process by its handle", Process, "$ATTEMPT signal-by-handle $CANARY"),
    Case::new("end a process by a queued signal", Process, "$ATTEMPT signal-by-queue $CANARY"),
    Case::new("end a process by a descriptor's signal", Process, "$ATTEMPT signal-by-descriptor $CANARY"),
    Case::new("end every process", Process, "echo 'the attempt was made'; $ATTEMPT signal -1 9").without_walls(Nobody("it would end every process of the user")),
    Case::new("end the server", Server, "kill -9 $SERVER"),
    Case::new("end the server politely", Server, "kill -TERM $SERVER; kill -HUP $SERVER; kill -INT $SERVER"),
    Case::new("slow a process down", Process, "$ATTEMPT lower-priority $CANARY").held_by(Namespaces(SIBLINGS)),
    Case::new("take processors from a process", Process, "$ATTEMPT take-processors $CANARY").held_by(Namespaces(SIBLINGS)),
    Case::new("lower a process's limits", Process, "$ATTEMPT lower-limits $CANARY"),
    Case::new("a program with the administrator's rights", Reached, "set -- $SETUID; [ -O $1 ] && echo ABSENT; $SETUID is-privileged")
        .without_walls(Ordinary("the administrator gains nothing")),
    Case::new("a program with capabilities", Reached, "set -- $CAPABLE; [ -O $1 ] && echo ABSENT; $CAPABLE is-privileged"),
    Case::new("give a program capabilities", Reached, "cp $PROGRAM own; $ATTEMPT give-capability own").without_walls(Administrator("others cannot")),
    Case::new("become another user", Reached, "$ATTEMPT become-another-user").without_walls(Administrator("others cannot")),
];
