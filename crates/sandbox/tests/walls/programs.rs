//! What commands are for still works behind all walls at once: shells, version control, compilers, interpreters.

use std::{fs, os::unix::process::CommandExt, path::Path, process::Command};

use libtest_mimic::{Failed, Trial};
use sandbox::{
    Network,
    walls::{
        AccessRules, Limits, Neighbours, Readable, SocketFilter, UnixSockets,
        refuse_dangerous_calls, restrict_files, set_resource_limits,
    },
};

use crate::attempt::{Attempt, User, folder, run, users};

/// A program and what it is asked, which prints `works` in the end.
const PROGRAMS: &[(&str, &str)] = &[
    ("sh", "for n in 1 2 3; do (sleep 0; exit $n) & done; wait; echo one | cat | grep -q one && echo works"),
    ("bash", "bash -c 'coproc cat; echo x >&${COPROC[1]}; read -r y <&${COPROC[0]}; cat <(echo $y) | grep -qx x && ulimit -c | grep -qx 0 && echo works'"),
    ("git", "git init -q . && git config user.email a@b && git config user.name c && echo a > a && git add a && git commit -qm m && git clone -q . clone && git -C clone gc -q && git log --oneline | grep -q m && echo works"),
    ("cargo", "cargo --version > /dev/null && echo works"),
    ("rustc", "echo 'fn main() { std::thread::spawn(|| println!(\"works\")).join().unwrap(); }' > main.rs && rustc main.rs && ./main"),
    ("cc", "printf '#include <stdio.h>\\nint main(void) { puts(\"works\"); }' > main.c && cc main.c -o main-c && ./main-c"),
    ("python3", "python3 -c '
import os, pty, signal, socket, subprocess, threading, time
threads = [threading.Thread(target=time.sleep, args=(0.01,)) for _ in range(20)]
[t.start() for t in threads]; [t.join() for t in threads]
assert subprocess.run([\"true\"]).returncode == 0
left, right = socket.socketpair()
socket.send_fds(left, [b\"x\"], [0]); assert len(socket.recv_fds(right, 1, 1)[1]) == 1
child = os.fork()
if child == 0: time.sleep(1000)
handle = os.pidfd_open(child); signal.pidfd_send_signal(handle, signal.SIGKILL); os.waitpid(child, 0)
os.mkfifo(\"fifo\")
print(\"works\")
'"),
    ("node", "node -e '
const { execFileSync, fork } = require(\"child_process\"); const { Worker } = require(\"worker_threads\"); const fs = require(\"fs\");
execFileSync(\"true\");
fs.writeFileSync(\"node.txt\", \"a\");
fs.promises.readFile(\"node.txt\").then(() => new Worker(\"0\", { eval: true }).on(\"exit\", () => console.log(\"works\")));
'"),
    ("perl", "perl -e 'pipe(my $r, my $w); if (!fork) { print $w \"works\\n\"; exit } close $w; print <$r>'"),
    ("make", "printf 'all: a b\\n\\t@echo works\\na b:\\n\\t@true\\n' > Makefile && make -s -j4"),
];

pub(crate) const ATTEMPTS: &[Attempt] = &[("program", |folder| run_program(folder))];

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = Vec::new();
    for user in users() {
        for (program, line) in PROGRAMS
            .iter()
            .filter(|(program, _)| is_there(program, user))
        {
            let test = move || -> Result<(), Failed> {
                works(line, user);
                Ok(())
            };
            trials.push(Trial::test(
                format!("{program} works behind the walls ({user:?})"),
                test,
            ));
        }
    }
    trials
}

/// Whether `user` can start the program without any wall.
fn is_there(program: &str, user: User) -> bool {
    let mut command = Command::new("sh");
    command
        .args(["-c", "\"$1\" --version || \"$1\" -c true", "sh", program])
        .env("HOME", "/nonexistent")
        .current_dir("/");
    command
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null());
    if user == User::Ordinary {
        command
            .uid(crate::attempt::ORDINARY)
            .gid(crate::attempt::ORDINARY);
    }
    command.status().is_ok_and(|status| status.success())
}

fn works(line: &str, user: User) {
    let folder = folder(user);
    fs::write(folder.path().join("line"), line).unwrap();
    let printed = run("program", folder.path(), user);
    assert_eq!(printed, "works\n");
}

fn run_program(folder: &Path) {
    let line = fs::read_to_string(folder.join("line")).unwrap();
    set_resource_limits(&Limits::of_this_machine()).unwrap();
    restrict_files(&AccessRules {
        readable: Readable::Everything,
        writable: vec![folder.into()],
        open_folders: &[],
        open_writable: &[],
        network: Network::None,
    })
    .unwrap();
    refuse_dangerous_calls(Neighbours::Visible).unwrap();
    let sockets = SocketFilter::new(Network::None, UnixSockets::PairsOnly).unwrap();
    let mut command = Command::new("sh");
    command
        .args(["-c", &line])
        .current_dir(folder)
        .env("HOME", folder)
        .env("TMPDIR", folder);
    // SAFETY: the filter allocates nothing when it is installed.
    unsafe {
        command.pre_exec(move || sockets.install());
    }
    assert!(command.status().unwrap().success());
}
