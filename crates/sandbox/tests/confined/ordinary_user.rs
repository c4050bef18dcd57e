//! All tests once more without privileges, where the tests run with them.

use std::{
    env, fs,
    os::unix::{
        fs::{PermissionsExt, chown},
        process::CommandExt,
    },
    process::Command,
};

use libtest_mimic::{Failed, Trial};
use tempfile::TempDir;

use crate::reach;

/// Owns nothing and is nobody's account, on every system.
const NOBODY: u32 = 65534;

/// The test that runs all others as nobody; none for an ordinary user.
pub(crate) fn trial() -> Option<Trial> {
    let is_root = rustix::process::geteuid().is_root();
    is_root.then(|| Trial::test("as_an_ordinary_user", run_all))
}

fn run_all() -> Result<(), Failed> {
    let folder = TempDir::new().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    // Where this program is, nobody may not be let in.
    let program = folder.path().join("tests");
    fs::copy(env::current_exe().unwrap(), &program).unwrap();
    let temporary = folder.path().join("temporary");
    fs::create_dir(&temporary).unwrap();
    chown(&temporary, Some(NOBODY), Some(NOBODY)).unwrap();
    let outside = TempDir::new_in("/opt").unwrap();
    chown(outside.path(), Some(NOBODY), Some(NOBODY)).unwrap();
    let output = Command::new(program)
        .env(reach::OUTSIDE, outside.path())
        .uid(NOBODY)
        .gid(NOBODY)
        .current_dir("/")
        .env("TMPDIR", &temporary)
        .env("HOME", &temporary)
        .env("SHELL", "/bin/sh")
        .output()
        .unwrap();
    if output.status.success() {
        return Ok(());
    }
    Err(String::from_utf8_lossy(&output.stdout).into_owned().into())
}
