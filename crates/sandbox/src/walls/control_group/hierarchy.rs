//! Where control groups are: the hierarchies that this process is in, and the folders in which it may make groups.
//!
//! `cgroups(7)`: version 2 is one hierarchy, whose folders hold either processes or other folders with limits; so a group
//! goes beside this process's own. Version 1 has a hierarchy for each kind of limit, and a group goes below the own one.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// A hierarchy in which a group can have limits.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Hierarchy {
    /// The folder for new groups.
    pub(super) parent: PathBuf,
    pub(super) version: Version,
    pub(super) bounds_memory: bool,
    pub(super) bounds_processes: bool,
}

/// Which of the kernel's two designs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    One,
    Two,
}

/// The hierarchies with limits on memory or processes that this process is in.
pub(super) fn find() -> io::Result<Vec<Hierarchy>> {
    let groups = fs::read_to_string("/proc/self/cgroup")?;
    let mounts = fs::read_to_string("/proc/self/mountinfo")?;
    let controllers = |parent: &Path| {
        fs::read_to_string(parent.join("cgroup.subtree_control")).unwrap_or_default()
    };
    Ok(parse(&groups, &mounts, controllers))
}

/// `groups` is what `/proc/self/cgroup` says, `mounts` what `/proc/self/mountinfo` says; `controllers` reads what the
/// groups in a folder of version 2 can be bounded by.
fn parse(groups: &str, mounts: &str, controllers: impl Fn(&Path) -> String) -> Vec<Hierarchy> {
    let mounts: Vec<_> = mounts.lines().filter_map(Mount::parse).collect();
    let hierarchies = groups.lines().filter_map(|line| {
        let (_, line) = line.split_once(':')?;
        let (names, group) = line.split_once(':')?;
        let hierarchy = match names {
            "" => version_two(group, &mounts, &controllers)?,
            _ => version_one(names, group, &mounts)?,
        };
        (hierarchy.bounds_memory || hierarchy.bounds_processes).then_some(hierarchy)
    });
    hierarchies.collect()
}

fn version_one(names: &str, group: &str, mounts: &[Mount<'_>]) -> Option<Hierarchy> {
    let names: Vec<_> = names.split(',').collect();
    let has = |mount: &Mount<'_>, name| mount.options.split(',').any(|option| option == name);
    let mount = mounts
        .iter()
        .find(|mount| mount.kind == "cgroup" && names.iter().all(|name| has(mount, *name)))?;
    Some(Hierarchy {
        parent: mount.folder(group)?,
        version: Version::One,
        bounds_memory: names.contains(&"memory"),
        bounds_processes: names.contains(&"pids"),
    })
}

fn version_two(
    group: &str,
    mounts: &[Mount<'_>],
    controllers: impl Fn(&Path) -> String,
) -> Option<Hierarchy> {
    let mount = mounts.iter().find(|mount| mount.kind == "cgroup2")?;
    let own = mount.folder(group)?;
    let parent = match group {
        "/" => own,
        _ => own.parent().map(Path::to_path_buf).unwrap_or(own),
    };
    let controllers = controllers(&parent);
    let has = |name| controllers.split_whitespace().any(|known| known == name);
    Some(Hierarchy {
        bounds_memory: has("memory"),
        bounds_processes: has("pids"),
        parent,
        version: Version::Two,
    })
}

/// A line of `/proc/self/mountinfo` that is about control groups.
struct Mount<'a> {
    /// Which part of the hierarchy is there.
    root: &'a str,
    at: &'a str,
    kind: &'a str,
    options: &'a str,
}

impl<'a> Mount<'a> {
    fn parse(line: &'a str) -> Option<Self> {
        let (place, system) = line.split_once(" - ")?;
        let mut place = place.split(' ').skip(3);
        let mut system = system.split(' ');
        let kind = system.next()?;
        kind.starts_with("cgroup").then_some(())?;
        Some(Self {
            root: place.next()?,
            at: place.next()?,
            kind,
            options: system.nth(1)?,
        })
    }

    /// The folder of `group`, unless it is outside of what is mounted.
    fn folder(&self, group: &str) -> Option<PathBuf> {
        let below = Path::new(group).strip_prefix(self.root).ok()?;
        // A path that would end with `/` compares and prints badly.
        Some(
            Path::new(self.at)
                .components()
                .chain(below.components())
                .collect(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hierarchy(parent: &str, version: Version, bounds: [bool; 2]) -> Hierarchy {
        Hierarchy {
            parent: parent.into(),
            version,
            bounds_memory: bounds[0],
            bounds_processes: bounds[1],
        }
    }

    #[test]
    fn a_session_of_systemd_has_one_hierarchy() {
        let groups =
            "0::/user.slice/user-1000.slice/user@1000.service/app.slice/app-foot-1.scope\n";
        let mounts =
            "30 24 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n";
        let parent = "/sys/fs/cgroup/user.slice/user-1000.slice/user@1000.service/app.slice";
        let controllers = |folder: &Path| {
            assert_eq!(folder, Path::new(parent));
            "memory pids\n".to_owned()
        };
        let expected = hierarchy(parent, Version::Two, [true, true]);
        assert_eq!(parse(groups, mounts, controllers), [expected]);
        assert_eq!(parse(groups, mounts, |_| "cpu\n".into()), []);
    }

    #[test]
    fn a_container_sees_a_part_of_the_hierarchies() {
        let groups =
            "8:pids:/docker/abc/inner\n5:devices:/docker/abc\n4:memory,x:/elsewhere\n0::/\n";
        let mounts = "\
            1 2 0:1 /docker/abc /sys/fs/cgroup/pids ro - cgroup cgroup rw,pids\n\
            1 2 0:1 /docker/abc /sys/fs/cgroup/devices ro - cgroup cgroup rw,devices\n\
            1 2 0:1 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory,x\n\
            1 2 0:1 / /proc rw - proc proc rw\n\
            1 2 0:1 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n";
        let expected = [
            hierarchy("/sys/fs/cgroup/pids/inner", Version::One, [false, true]),
            hierarchy("/sys/fs/cgroup/unified", Version::Two, [true, false]),
        ];
        assert_eq!(parse(groups, mounts, |_| "cpu memory".into()), expected);
    }

    #[test]
    fn nonsense_has_no_hierarchies() {
        assert_eq!(parse("", "", |_| String::new()), []);
        assert_eq!(
            parse(
                "x\n1:y\n0::relative\n",
                "a - cgroup2\n1 2 3 / /x - cgroup2 c rw\n",
                |_| "pids".into()
            ),
            []
        );
    }
}
