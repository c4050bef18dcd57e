//! A task's processes as the kernel lists them at one moment, and which command each belongs to.

use std::{
    collections::{HashMap, HashSet},
    fs,
};

use super::Culprit;

/// The first process of a process namespace, to which all in it belong.
const FIRST: i32 = 1;

/// A task's processes.
#[derive(Debug, Default)]
pub(super) struct Processes(HashMap<i32, Process>);

/// What a look needs to know of a process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Process {
    pub(super) parent: i32,
    pub(super) group: i32,
    pub(super) session: i32,
    pub(super) threads: u64,
    /// Bytes in memory, with what it shares with others.
    pub(super) resident_bytes: u64,
}

impl Processes {
    /// The processes of the task that process `own` confines, without itself.
    pub(super) fn of_the_task(own: i32) -> Self {
        let Ok(entries) = fs::read_dir("/proc") else {
            return Self::default();
        };
        let page = page_bytes();
        let processes = entries.filter_map(|entry| {
            let number = entry.ok()?.file_name().to_str()?.parse().ok()?;
            // What has ended meanwhile takes nothing.
            let stat = fs::read_to_string(format!("/proc/{number}/stat")).ok()?;
            Some((number, Process::parse(&stat, page)?))
        });
        Self::belonging_to(own, processes.collect())
    }

    fn belonging_to(own: i32, mut processes: HashMap<i32, Process>) -> Self {
        if own != FIRST {
            let all = Self(processes);
            let of_the_task: HashSet<_> = all
                .0
                .keys()
                .copied()
                .filter(|number| all.ancestors(*number).any(|ancestor| ancestor == own))
                .collect();
            processes = all.0;
            processes.retain(|number, _| of_the_task.contains(number));
        }
        processes.remove(&own);
        Self(processes)
    }

    pub(super) fn numbers(&self) -> impl Iterator<Item = i32> {
        self.0.keys().copied()
    }

    pub(super) fn threads(&self) -> u64 {
        self.0.values().map(|process| process.threads).sum()
    }

    pub(super) fn resident_bytes(&self) -> u64 {
        self.0.values().map(|process| process.resident_bytes).sum()
    }

    /// The one of `commands` that has most of what `share` measures, unless what belongs to none of them has more.
    pub(super) fn culprit(&self, commands: &[i32], share: impl Fn(&Process) -> u64) -> Culprit {
        let mut shares = HashMap::<Culprit, u64>::new();
        for (number, process) in &self.0 {
            let command = self.command_of(*number, process, commands);
            let owner = command.map_or(Culprit::Everything, Culprit::Command);
            *shares.entry(owner).or_default() += share(process);
        }
        let largest = shares.into_iter().max_by_key(|(_, share)| *share);
        largest.map_or(Culprit::Everything, |(culprit, _)| culprit)
    }

    /// By descent; else, once a parent has ended, by the command's session or group, which carry its number.
    fn command_of(&self, number: i32, process: &Process, commands: &[i32]) -> Option<i32> {
        let is_command = |number: &i32| commands.contains(number);
        let mut line = std::iter::once(number).chain(self.ancestors(number));
        line.find(is_command)
            .or(Some(process.session).filter(is_command))
            .or(Some(process.group).filter(is_command))
    }

    /// Parents, their parents, and so on. While the list was read numbers may have been given anew, so a circle is
    /// possible; it ends.
    fn ancestors(&self, number: i32) -> impl Iterator<Item = i32> {
        let parent = |number: &i32| self.0.get(number).map(|process| process.parent);
        std::iter::successors(parent(&number), parent).take(self.0.len() + 1)
    }
}

impl Process {
    /// From a line of `/proc/PID/stat` (`proc_pid_stat(5)`), whose second field is a name that may hold anything.
    fn parse(stat: &str, page: u64) -> Option<Self> {
        let (_, fields) = stat.rsplit_once(')')?;
        // The first of these is the third field.
        let fields: Vec<_> = fields.split_ascii_whitespace().collect();
        let number = |field: usize| fields.get(field - 3)?.parse::<i64>().ok();
        let unsigned = |field| Some(number(field)?.unsigned_abs());
        let identity = |field| i32::try_from(number(field)?).ok();
        Some(Self {
            parent: identity(4)?,
            group: identity(5)?,
            session: identity(6)?,
            threads: unsigned(20)?,
            resident_bytes: unsigned(24)? * page,
        })
    }
}

#[allow(unsafe_code)]
fn page_bytes() -> u64 {
    // SAFETY: the call reads a constant of the system.
    let bytes = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    bytes.unsigned_abs()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn process(parent: i32, group: i32, session: i32, threads: u64) -> Process {
        Process {
            parent,
            group,
            session,
            threads,
            resident_bytes: 0,
        }
    }

    fn some() -> HashMap<i32, Process> {
        HashMap::from([
            (1, process(0, 1, 1, 1)),
            (10, process(1, 10, 10, 1)),
            (11, process(10, 10, 10, 1)),
            (12, process(11, 12, 10, 1)),
            (20, process(1, 20, 20, 1)),
            // Its parent has ended, and it has left the group but not the session.
            (21, process(1, 21, 20, 4)),
            // It has left everything.
            (30, process(1, 30, 30, 7)),
            // A circle.
            (40, process(41, 40, 40, 1)),
            (41, process(40, 40, 40, 1)),
        ])
    }

    fn culprit(processes: &Processes, commands: &[i32]) -> Culprit {
        processes.culprit(commands, |process| process.threads)
    }

    #[test]
    fn the_greediest_command_is_named_unless_the_rest_is_greedier() {
        let mut processes = Processes::belonging_to(1, some());
        assert_eq!(processes.threads(), 17);
        assert_eq!(culprit(&processes, &[10, 20]), Culprit::Everything);
        processes.0.remove(&30);
        assert_eq!(culprit(&processes, &[10, 20]), Culprit::Command(20));
        processes.0.remove(&21);
        assert_eq!(culprit(&processes, &[10, 20]), Culprit::Command(10));
        assert_eq!(culprit(&Processes::default(), &[10]), Culprit::Everything);
    }

    #[test]
    fn only_descendants_belong_to_who_has_no_namespace() {
        let processes = Processes::belonging_to(10, some());
        let mut numbers: Vec<_> = processes.numbers().collect();
        numbers.sort_unstable();
        assert_eq!(numbers, [11, 12]);
    }

    #[test]
    fn names_may_hold_anything() {
        let line = "12 (a) b) R 3 4 5 0 -1 4 1 0 0 0 0 0 0 0 20 0 6 0 77 1000 8 99";
        let expected = Process {
            parent: 3,
            group: 4,
            session: 5,
            threads: 6,
            resident_bytes: 8 * 4096,
        };
        assert_eq!(Process::parse(line, 4096), Some(expected));
        assert_eq!(Process::parse("12 (a) R 3", 4096), None);
    }

    /// The kernel's list against what the program knows of itself.
    #[test]
    fn children_are_seen() {
        let own = std::process::id().cast_signed();
        let mut child = std::process::Command::new("sleep")
            .arg("1000")
            .spawn()
            .unwrap();
        let number = child.id().cast_signed();
        let processes = Processes::of_the_task(own);
        let seen = processes.0.get(&number).copied();
        child.kill().unwrap();
        child.wait().unwrap();
        let seen = seen.map(|process| (process.parent, process.threads));
        assert_eq!(seen, Some((own, 1)));
    }
}
