//! Bounds of the kernel's on all processes of a task together: their memory and their number.
//!
//! The program outside makes a group and puts the confined process in before it starts anything; all that it starts stays
//! there. Only where the machine lets the user have groups: in a session of systemd (version 2), or for its
//! administrator. `hierarchy.rs` finds where groups are.

use std::{
    fs, io,
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use rustix::process::{Pid, test_kill_process};

use self::hierarchy::{Hierarchy, Version};
use super::{Limits, limits::first_number};

mod hierarchy;

/// A group with the limits of a task; dropping it takes it away, once all processes in it have ended.
#[derive(Debug)]
pub struct ControlGroup {
    places: Vec<Place>,
}

/// A group is a folder in each hierarchy that it is in.
#[derive(Debug)]
struct Place {
    folder: PathBuf,
    version: Version,
}

/// What the kernel has refused to a group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ControlGroupEvents {
    /// Processes that were ended because the group's memory was full.
    pub ended_for_memory: u64,
    /// Processes and threads that were not started because the group had too many.
    pub refused_processes: u64,
}

/// What a group's folder is called, before the number of the program that made it.
const PREFIX: &str = "ropewalk";

/// A process that has ended may stay in its group for a moment.
const PATIENCE: Duration = Duration::from_millis(10);
const TRIES: usize = 50;

impl ControlGroup {
    /// A group called `name`, which is unique among those of this program, letters, digits and `-`.
    ///
    /// Groups of programs that were killed are taken away. A group may bound memory or processes alone, where the
    /// machine has no more.
    ///
    /// # Errors
    /// Why this machine lets the user have none.
    pub fn create(name: &str, limits: &Limits) -> io::Result<Self> {
        let hierarchies = hierarchy::find()?;
        let mut group = Self { places: Vec::new() };
        let mut refusal = io::Error::new(
            io::ErrorKind::Unsupported,
            "the system gives no control groups that bound memory or processes",
        );
        for hierarchy in hierarchies {
            take_leftovers(&hierarchy.parent);
            let folder = format!("{PREFIX}-{}-{name}", std::process::id());
            match place(&hierarchy, &folder, limits) {
                Ok(place) => group.places.push(place),
                Err(error) => refusal = error,
            }
        }
        match group.places.is_empty() {
            true => Err(refusal),
            false => Ok(group),
        }
    }

    /// Puts a process in, by its number as this program sees it; what it starts from now on is in there too.
    ///
    /// # Errors
    /// When the system refuses; the process may then be in some of the hierarchies.
    pub fn add(&self, process: u32) -> io::Result<()> {
        for place in &self.places {
            fs::write(place.folder.join("cgroup.procs"), process.to_string())?;
        }
        Ok(())
    }

    /// What the kernel has refused so far.
    pub fn events(&self) -> ControlGroupEvents {
        let mut events = ControlGroupEvents::default();
        for place in &self.places {
            let number = |file: &str, name: &str| {
                let text = fs::read_to_string(place.folder.join(file)).unwrap_or_default();
                first_number(&text, name).unwrap_or(0)
            };
            events.ended_for_memory += match place.version {
                Version::Two => number("memory.events", "oom_kill "),
                Version::One => number("memory.oom_control", "oom_kill "),
            };
            events.refused_processes += number("pids.events", "max ");
        }
        events
    }
}

impl Drop for ControlGroup {
    fn drop(&mut self) {
        for place in &self.places {
            let is_gone = || match fs::remove_dir(&place.folder) {
                Ok(()) => true,
                Err(error) => error.kind() == io::ErrorKind::NotFound,
            };
            let is_gone = (0..TRIES).any(|attempt| {
                if attempt > 0 {
                    thread::sleep(PATIENCE);
                }
                is_gone()
            });
            if !is_gone {
                tracing::warn!(folder = %place.folder.display(), "a control group could not be taken away");
            }
        }
    }
}

/// Makes the group's folder in one hierarchy and sets its limits. Nothing is left when a limit is refused.
fn place(hierarchy: &Hierarchy, name: &str, limits: &Limits) -> io::Result<Place> {
    let folder = hierarchy.parent.join(name);
    fs::create_dir(&folder)?;
    let place = Place {
        folder,
        version: hierarchy.version,
    };
    set_limits(&place, hierarchy, limits).inspect_err(|_| {
        let _ = fs::remove_dir(&place.folder);
    })?;
    Ok(place)
}

fn set_limits(place: &Place, hierarchy: &Hierarchy, limits: &Limits) -> io::Result<()> {
    let set = |file: &str, limit: u64| fs::write(place.folder.join(file), limit.to_string());
    if hierarchy.bounds_processes {
        set("pids.max", limits.processes.into())?;
    }
    if hierarchy.bounds_memory {
        match place.version {
            Version::Two => {
                set("memory.max", limits.memory_bytes)?;
                // A kernel without swap has no such file.
                let _ = set("memory.swap.max", 0);
            }
            Version::One => {
                set("memory.limit_in_bytes", limits.memory_bytes)?;
                let _ = set("memory.memsw.limit_in_bytes", limits.memory_bytes);
            }
        }
    }
    Ok(())
}

/// Takes away the groups of programs that do not run any more. One that still has processes stays, for it cannot go.
fn take_leftovers(parent: &Path) {
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let maker = name.to_str().and_then(maker);
        if maker.is_some_and(|maker| test_kill_process(maker) == Err(rustix::io::Errno::SRCH)) {
            let _ = fs::remove_dir(entry.path());
        }
    }
}

/// The program that has made the group of this name.
fn maker(name: &str) -> Option<Pid> {
    let (number, _) = name
        .strip_prefix(PREFIX)?
        .strip_prefix('-')?
        .split_once('-')?;
    Pid::from_raw(number.parse().ok()?)
}
