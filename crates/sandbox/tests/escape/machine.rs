//! Which walls this machine can give, found out without the code under test: by programs of the system and by the kernel.

use std::{
    env, fs,
    os::unix::{fs::chown, process::CommandExt},
    path::Path,
    process::Command,
    ptr,
};

use sandbox::Wall;

use crate::place::{NOBODY, User};

/// From it on the kernel's access rules (Landlock) can keep a copy's task from truncating files.
const RULES_FOR_COPIES: i64 = 3;

/// The walls that `user` can have, or those of them that `ROPEWALK_WALL` picks; says which not, and why.
pub(crate) fn walls(user: User, place: &Path) -> Vec<Wall> {
    let picked = env::var("ROPEWALK_WALL").ok();
    let is_picked = |name: &str| picked.as_deref().is_none_or(|picked| picked == name);
    let candidates = [
        ("overlay", Wall::Overlay, overlay(user, place, "--net")),
        (
            "overlay-shared-network",
            Wall::OverlaySharedNetwork,
            overlay(user, place, "--uts"),
        ),
        ("copy", Wall::Copy, access_rules()),
    ];
    let mut walls = Vec::new();
    for (name, wall, is_there) in candidates {
        match is_there {
            Ok(()) if is_picked(name) => walls.push(wall),
            Ok(()) => {}
            Err(reason) => {
                println!("NOT TRIED as {user:?}: {name}: this machine cannot: {reason}");
            }
        }
    }
    println!("walls that are tried as {user:?}: {walls:?}");
    walls
}

/// Whether `unshare` and `mount` can do what an overlay needs.
fn overlay(user: User, place: &Path, more: &str) -> Result<(), String> {
    let folder = tempfile::tempdir_in(place).unwrap();
    let names = ["lower", "upper", "work"].map(|name| folder.path().join(name));
    for path in &names {
        fs::create_dir(path).unwrap();
    }
    let mut command = Command::new("unshare");
    if user == User::Nobody {
        for path in names
            .iter()
            .map(|name| name.as_path())
            .chain([folder.path()])
        {
            chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
        }
        command.uid(NOBODY).gid(NOBODY);
    }
    let mount =
        "mount -t overlay overlay -o userxattr,lowerdir=lower,upperdir=upper,workdir=work lower";
    let output = command
        .args([
            "--user",
            "--map-root-user",
            "--mount",
            "--pid",
            "--fork",
            "--mount-proc",
            "--ipc",
            more,
        ])
        .args(["sh", "-c", mount])
        .current_dir(folder.path())
        .output()
        .map_err(|error| format!("`unshare` cannot be started: {error}"))?;
    match output.status.success() {
        true => Ok(()),
        false => Err(String::from_utf8_lossy(&output.stderr).trim().into()),
    }
}

fn access_rules() -> Result<(), String> {
    // SAFETY: with this flag the call reads no memory, see `landlock_create_ruleset(2)`.
    let version = unsafe {
        libc::syscall(
            libc::SYS_landlock_create_ruleset,
            ptr::null::<u8>(),
            0_usize,
            1,
        )
    };
    match version >= RULES_FOR_COPIES {
        true => Ok(()),
        false => Err(format!("the kernel's access rules have version {version}")),
    }
}
