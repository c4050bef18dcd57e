//! Processes that would outlive the task.

use crate::case::{
    Case,
    Effect::{Files, Survivor},
    WithoutWalls::Administrator,
};

pub(super) const CASES: &[Case] = &[
    Case::new("a process in the background", Survivor, "sleep 1000 &"),
    Case::new("a process that lets go of its output", Survivor, "sleep 1000 >/dev/null 2>&1 </dev/null &"),
    Case::new("a process that minds no hangup", Survivor, "nohup sleep 1000 >/dev/null 2>&1 &"),
    Case::new("a daemon", Survivor, "(setsid sh -c 'setsid sleep 1000 & exit' >/dev/null 2>&1 </dev/null &); sleep 0.1"),
    Case::new("a daemon that forgets who it is", Survivor, "(env -i setsid sh -c 'env -i setsid sh -c \"sleep 1000; : ESCAPE_SCENE=$1\" & exit' sh $ESCAPE_SCENE >/dev/null 2>&1 </dev/null &); sleep 0.1"),
    Case::new("a process that minds no signal", Survivor, "setsid $ATTEMPT ignore-everything >/dev/null 2>&1 & sleep 0.1"),
    Case::new("a process that is stopped", Survivor, "trap '' HUP; sleep 1000 >/dev/null 2>&1 & kill -STOP $!"),
    Case::new("a process that flees", Survivor, "$ATTEMPT flee >/dev/null 2>&1 &"),
    Case::new("daemons that end the confined process", Survivor, "echo 'the attempt was made'; sleep 0.3; (setsid sleep 1000 >/dev/null 2>&1 </dev/null &); kill -9 $PPID; kill -STOP $PPID; kill -9 1 2>/dev/null || true")
        .without_walls(crate::case::WithoutWalls::Nobody("as the administrator it would end the machine")),
    Case::new("a job for later", Files, "for folder in /etc/cron.d /var/spool; do echo '* * * * * root true' > $folder/$NAME; done")
        .without_walls(Administrator("the jobs are the system's")),
];
