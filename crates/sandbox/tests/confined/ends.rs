//! Nothing outlives its owner, whoever is killed and whenever.

use std::{
    env, fs,
    io::{self, BufRead, BufReader, Read},
    path::Path,
    process::{self, Child, ChildStdout, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};
use sandbox::{Beyond, Exit, Network, Reach, Wall, walls::FileStatus};
use tempfile::TempDir;

use crate::{
    Test,
    task::{LONG, Task, processes, run_in, start_in, try_run_in, wait_for},
};

pub(crate) const TESTS: &[Test] = &[
    (
        "a_killed_program_leaves_nothing",
        a_killed_program_leaves_nothing,
    ),
    (
        "a_program_killed_at_any_moment_leaves_nothing",
        a_program_killed_at_any_moment_leaves_nothing,
    ),
    (
        "a_killed_confined_process_ends_its_commands",
        a_killed_confined_process_ends_its_commands,
    ),
    (
        "the_guard_of_a_copy_is_out_of_reach",
        the_guard_of_a_copy_is_out_of_reach,
    ),
    (
        "dropping_leaves_nothing_behind",
        dropping_leaves_nothing_behind,
    ),
    (
        "many_tasks_cost_nothing_that_stays",
        many_tasks_cost_nothing_that_stays,
    ),
];

/// Behind which a victim can work, by their number.
const WALLS: [Wall; 3] = [Wall::Overlay, Wall::OverlaySharedNetwork, Wall::Copy];

/// Set for this program when it has another part to play: [`COUNTER`], or that of a victim, its wall's number and what
/// its commands sleep.
const PART: &str = "SANDBOX_TEST_PART";

const COUNTER: &str = "counter";

/// Plays another part, if that is what this program was started for.
pub(crate) fn play_a_part_if_asked() {
    match env::var(PART) {
        Ok(part) if part == COUNTER => count_what_stays(),
        Ok(part) => be_a_victim(&part),
        Err(_) => return,
    }
    process::exit(0);
}

/// Has commands running that do not want to end, and waits to be killed.
fn be_a_victim(part: &str) {
    let (wall, sleep) = part.split_once(' ').unwrap();
    let wall = WALLS[wall.parse::<usize>().unwrap()];
    let task = Task::behind(wall);
    let process = task.start();
    let processes = processes(&process);
    let text = format!(
        "trap '' TERM HUP; setsid sleep {sleep} & (sleep {sleep} & env -i sleep {sleep} &); echo ready; sleep {sleep}; true"
    );
    let reaches = match wall {
        Wall::Overlay => vec![Reach::Twin, with_network()],
        _ => vec![Reach::Twin],
    };
    for reach in reaches {
        let session = start_in(&processes, &text, Path::new("/"), reach);
        wait_for(&session, "ready");
    }
    println!("ready");
    let _ = io::stdin().read(&mut [0]);
}

struct Victim {
    child: Child,
    output: BufReader<ChildStdout>,
    sleep: String,
    _folder: TempDir,
}

impl Victim {
    fn start(wall: usize) -> Self {
        let sleep = unique_sleep();
        // It does not live to remove its folders.
        let folder = TempDir::new().unwrap();
        let mut child = Command::new(env::current_exe().unwrap())
            .env(PART, format!("{wall} {sleep}"))
            .env("TMPDIR", folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Self {
            child,
            output,
            sleep,
            _folder: folder,
        }
    }

    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        wait_until_gone(&self.sleep);
    }
}

fn a_killed_program_leaves_nothing() {
    for wall in 0..WALLS.len() {
        let mut victim = Victim::start(wall);
        let mut line = String::new();
        victim.output.read_line(&mut line).unwrap();
        assert_eq!(line, "ready\n");
        assert!(pids_with(&victim.sleep).len() >= 4);
        victim.kill();
    }
}

fn a_program_killed_at_any_moment_leaves_nothing() {
    for seed in 0..60 {
        let mut random = fastrand::Rng::with_seed(seed);
        let victim = Victim::start(random.usize(..WALLS.len()));
        // The moment is random, not a wait for something: most are during the setup.
        thread::sleep(Duration::from_micros(random.u64(..40_000)));
        victim.kill();
    }
}

fn a_killed_confined_process_ends_its_commands() {
    for wall in WALLS {
        let task = Task::behind(wall);
        let process = task.start();
        let processes = processes(&process);
        let sleep = unique_sleep();
        let text = format!("(env -i setsid sleep {sleep} &); echo ready; exec sleep {sleep}");
        let session = start_in(&processes, &text, Path::new("/"), Reach::Twin);
        wait_for(&session, "ready");
        // The confined process is the parent of all of them: the others have lost theirs.
        let command = Pid::from_raw(pids_with(&sleep)[0]).unwrap();
        kill_process(parent(command), Signal::KILL).unwrap();
        assert!(session.wait_until_ended(Instant::now() + LONG));
        assert_eq!(session.ended().unwrap().exit, Exit::Unknown);
        wait_until_gone(&sleep);
        let error = try_run_in(&processes, "true", Path::new("/"), Reach::Twin).unwrap_err();
        assert!(
            error
                .to_string()
                .contains("does not take commands any more"),
            "{error}"
        );
    }
}

fn the_guard_of_a_copy_is_out_of_reach() {
    /// The version of the kernel's access rules that keeps signals in.
    const SINCE: u32 = 6;
    if FileStatus::of_this_kernel().version < SINCE {
        eprintln!("not run: this kernel lets commands signal whom they like");
        return;
    }
    let task = Task::behind(Wall::Copy);
    let process = task.start();
    let processes = processes(&process);
    let sleep = unique_sleep();
    let text = format!(
        "exec 2>/dev/null; setsid sleep {sleep} & guard=$(sed -n 's/^PPid:[^0-9]*//p' /proc/$PPID/status); \
         kill -KILL $guard; echo $?; kill -KILL $PPID; exec sleep {sleep}"
    );
    let (exit, output) = run_in(&processes, &text, Path::new("/"), Reach::Twin);
    assert_eq!((exit, output.as_str()), (Exit::Unknown, "1\n"));
    wait_until_gone(&sleep);
}

fn dropping_leaves_nothing_behind() {
    for wall in WALLS {
        let task = Task::behind(wall);
        let process = task.start();
        let processes = processes(&process);
        let sleep = unique_sleep();
        // Without a mark, a session or a parent it can only be found by what it is in.
        let text = format!("(env -i setsid sleep {sleep} &); true");
        run_in(&processes, &text, Path::new("/"), Reach::Twin);
        // While it begins its program it has no arguments for a moment.
        wait_until(|| pids_with(&sleep).len() == 1);
        drop(processes);
        assert_eq!(pids_with(&sleep), [0; 0], "{wall:?}");
    }
}

fn many_tasks_cost_nothing_that_stays() {
    let status = Command::new(env::current_exe().unwrap())
        .env(PART, COUNTER)
        .status()
        .unwrap();
    assert!(status.success());
}

/// Alone in its program, so that it can count descriptors and processes.
fn count_what_stays() {
    for wall in WALLS {
        let mut counts = (0..3).map(|_| {
            for _ in 0..4 {
                let task = Task::behind(wall);
                let process = task.start();
                let processes = processes(&process);
                run_in(&processes, "true", Path::new("/"), Reach::Twin);
                if wall == Wall::Overlay {
                    run_in(&processes, "true", Path::new("/"), with_network());
                }
            }
            let descriptors = fs::read_dir("/proc/self/fd").unwrap().count();
            (descriptors, children())
        });
        let first = counts.next().unwrap();
        assert_eq!(first.1, 0, "{wall:?}");
        assert!(counts.all(|count| count == first), "{wall:?}");
    }
}

fn with_network() -> Reach {
    Reach::Beyond(Beyond {
        network: Network::Shared,
        writable: Vec::new(),
    })
}

/// Children of this program, those included that have ended and were not collected.
fn children() -> usize {
    let threads = fs::read_dir("/proc/self/task").unwrap();
    let children = threads.map(|thread| {
        let children = thread.unwrap().path().join("children");
        fs::read_to_string(children)
            .unwrap_or_default()
            .split_whitespace()
            .count()
    });
    children.sum()
}

/// The process that has started `process`.
fn parent(process: Pid) -> Pid {
    let status = fs::read_to_string(format!("/proc/{}/status", process.as_raw_nonzero())).unwrap();
    let parent = status
        .lines()
        .find_map(|line| line.strip_prefix("PPid:"))
        .unwrap();
    Pid::from_raw(parent.trim().parse().unwrap()).unwrap()
}

/// Those that have `word` in their arguments.
fn pids_with(word: &str) -> Vec<i32> {
    numbers_where(|folder| contains(&folder.join("cmdline"), word))
}

/// Those that have `word` in their arguments or their environment, as far as that can be read.
fn all_with(word: &str) -> Vec<i32> {
    numbers_where(|folder| {
        ["cmdline", "environ"]
            .iter()
            .any(|file| contains(&folder.join(file), word))
    })
}

fn numbers_where(is_meant: impl Fn(&Path) -> bool) -> Vec<i32> {
    let processes = fs::read_dir("/proc").unwrap();
    let number = |entry: io::Result<fs::DirEntry>| {
        let entry = entry.ok()?;
        let number = entry.file_name().to_str()?.parse().ok()?;
        is_meant(&entry.path()).then_some(number)
    };
    processes.filter_map(number).collect()
}

fn contains(file: &Path, word: &str) -> bool {
    let text = fs::read(file).unwrap_or_default();
    String::from_utf8_lossy(&text).contains(word)
}

fn wait_until_gone(word: &str) {
    wait_until(|| all_with(word).is_empty());
}

fn wait_until(is_so: impl Fn() -> bool) {
    let deadline = Instant::now() + LONG;
    while !is_so() {
        assert!(Instant::now() < deadline);
        thread::yield_now();
    }
}

/// A number of seconds that no other process sleeps.
fn unique_sleep() -> String {
    format!("6{}.{}", process::id(), fastrand::u32(1_000_000..))
}
