//! A process of the user's that a task must not touch: it says whether its memory is still what it was.

use std::{
    env,
    ffi::c_void,
    fs,
    io::{self, BufRead, BufReader, Read, Write},
    os::{fd::AsRawFd, unix::process::CommandExt},
    path::Path,
    process::{Child, Command, Stdio, exit},
    ptr, slice,
};

use crate::place::{NOBODY, User};

const ARGUMENT: &str = "canary";

/// What is in its memory; an attempt writes something else.
pub(crate) const INTACT: &[u8; 8] = b"canary!\n";

/// A secret in its environment.
pub(crate) const ENVIRONMENT_SECRET: (&str, &str) = ("CANARY_KEY", "secret-of-the-canary");

/// The number of the descriptor by which it has the user's file open for writing.
pub(crate) const DESCRIPTOR: i32 = 100;

/// The process, seen from the test.
pub(crate) struct Canary {
    child: Child,
    output: BufReader<std::process::ChildStdout>,
    /// Where its memory is, and the number of the memory it shares.
    pub(crate) address: String,
    pub(crate) memory: String,
    before: String,
}

impl Canary {
    /// Starts it as `user` in `folder`, with the file `held` open.
    pub(crate) fn start(program: &Path, user: User, folder: &Path, held: &Path) -> Self {
        let mut command = Command::new(program);
        command
            .arg(ARGUMENT)
            .arg(held)
            .env(ENVIRONMENT_SECRET.0, ENVIRONMENT_SECRET.1)
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        if user == User::Nobody {
            command.uid(NOBODY).gid(NOBODY);
        }
        let mut child = command.spawn().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        let (address, memory) = line.trim().split_once(' ').unwrap();
        let mut canary = Self {
            address: address.into(),
            memory: memory.into(),
            before: String::new(),
            output,
            child,
        };
        canary.before = canary.traits();
        canary
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// What has become of it, if it is not what it was; it ends.
    pub(crate) fn harm(&mut self) -> Option<String> {
        if let Some(status) = self.child.try_wait().unwrap() {
            return Some(format!("it has ended: {status}"));
        }
        let now = self.traits();
        if now != self.before {
            return Some(format!("before:\n{}now:\n{now}", self.before));
        }
        let mut memory = Vec::new();
        self.child.stdin.take().unwrap().write_all(b"\n").unwrap();
        self.output.read_to_end(&mut memory).unwrap();
        (memory != INTACT).then(|| format!("its memory: {:?}", String::from_utf8_lossy(&memory)))
    }

    /// What others can change of it.
    fn traits(&self) -> String {
        let file = |name| fs::read_to_string(format!("/proc/{}/{name}", self.id())).unwrap();
        let stat = file("stat");
        let fields: Vec<_> = stat
            .rsplit_once(')')
            .unwrap()
            .1
            .split_whitespace()
            .collect();
        // It sleeps, or for a moment it runs: that is none of its traits. Stopped or traced is.
        let state = fields[0].replace(['S', 'D'], "R");
        let (nice, policy) = (fields[16], fields[38]);
        let status = file("status");
        let allowed = status
            .lines()
            .find(|line| line.starts_with("Cpus_allowed:"))
            .unwrap();
        let (limits, score) = (file("limits"), file("oom_score_adj"));
        format!("{state} {nice} {policy} {allowed} {score}{limits}")
    }
}

impl Drop for Canary {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// If this process was started for it, becomes the canary, until its input says something or ends.
pub(crate) fn run_if_asked() {
    if env::args().nth(1).as_deref() == Some(ARGUMENT) {
        be_canary(&env::args().nth(2).unwrap()).unwrap();
        exit(0);
    }
}

fn be_canary(held: &str) -> io::Result<()> {
    rustix::process::setsid()?;
    let file = fs::OpenOptions::new().write(true).open(held)?;
    // SAFETY: the number is nobody's yet; the calls change this process's settings and touch no memory.
    unsafe {
        libc::dup2(file.as_raw_fd(), DESCRIPTOR);
        // It is a real target also where only parents may look into their children (`yama`).
        libc::prctl(libc::PR_SET_PTRACER, libc::PR_SET_PTRACER_ANY, 0, 0, 0);
        libc::prctl(libc::PR_SET_DUMPABLE, 1, 0, 0, 0);
        libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL, 0, 0, 0);
    }
    let (memory, number) = memory();
    println!("{:x} {number}", memory.as_ptr().addr());
    io::stdout().flush()?;
    io::stdin().read_line(&mut String::new())?;
    // SAFETY: the memory is mapped as long as the process lives; whoever has changed it has done so before.
    let bytes = unsafe { ptr::read_volatile(memory.as_ptr().cast::<[u8; 8]>()) };
    io::stdout().write_all(&bytes)
}

/// Memory that others can attach by its number, and that number; -1 where the kernel has nothing of the kind.
fn memory() -> (&'static mut [u8], i32) {
    // SAFETY: the segment is new and ours and is never detached; it goes with its last user.
    unsafe {
        let number = libc::shmget(libc::IPC_PRIVATE, INTACT.len(), libc::IPC_CREAT | 0o600);
        if number < 0 {
            return (Box::leak(Box::new(*INTACT)), number);
        }
        let memory = libc::shmat(number, ptr::null::<c_void>(), 0).cast::<u8>();
        libc::shmctl(number, libc::IPC_RMID, ptr::null_mut());
        let memory = slice::from_raw_parts_mut(memory, INTACT.len());
        memory.copy_from_slice(INTACT);
        (memory, number)
    }
}
