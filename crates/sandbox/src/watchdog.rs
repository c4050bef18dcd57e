//! A small process that outlives this program when it is killed, only to end what its commands have left running.
//!
//! It waits for the end of its input, which the system closes with this program. Nothing else could do that for whole
//! trees: a parent's death can only be told to its children, and only of the thread that started them.

use std::{
    io::{self, Write},
    os::unix::process::CommandExt,
    process::{Child, Command, Stdio},
};

use crate::starter::MARK;

/// Ends when a line comes; when its input ends without one, kills what is marked with `$1`.
///
/// It looks several times: what is found may have forked, and a process has no environment for a moment while it begins
/// another program. That `grep` fails says nothing, for processes vanish under its hands.
const SCRIPT: &str = r#"
trap '' HUP INT TERM
if read -r line; then exit; fi
for round in 1 2 3 4 5; do
    marked=$(grep -laF -- "$1" /proc/[0-9]*/environ 2>/dev/null)
    for file in $marked; do
        process=${file#/proc/}
        kill -KILL "${process%/environ}" 2>/dev/null
    done
done
"#;

/// The watchdog's owner; dropping it sends the watchdog home.
pub(crate) struct Watchdog {
    child: Child,
}

impl Watchdog {
    /// Starts one for the sessions whose mark begins with `mark` and a dot.
    pub(crate) fn start(mark: &str) -> io::Result<Self> {
        let child = Command::new("/bin/sh")
            .args(["-c", SCRIPT, "ropewalk-watchdog"])
            .arg(format!("{MARK}={mark}."))
            // It must not carry the mark of a command that runs this program.
            .env_remove(MARK)
            .current_dir("/")
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        Ok(Self { child })
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        if let Some(mut input) = self.child.stdin.take() {
            // When somebody has killed it there is nobody to send home.
            let _ = input.write_all(b"done\n");
        }
        let _ = self.child.wait();
    }
}
