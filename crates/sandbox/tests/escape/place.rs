//! Where the scenes are: outside of `/tmp`, which is a task's own, so that it is the walls that keep a task from them.

use std::{
    env, fs,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
};

use tempfile::TempDir;

/// Who makes an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum User {
    /// Whoever runs the tests, who is no administrator.
    Same,
    /// The administrator, who runs the tests.
    Administrator,
    /// Nobody in particular, whom the administrator becomes.
    Nobody,
}

/// Owns nothing and is nobody's account, on every system.
pub(crate) const NOBODY: u32 = 65534;

impl User {
    /// Those that the tests can be.
    pub(crate) fn all() -> Vec<Self> {
        match rustix::process::geteuid().is_root() {
            true => vec![Self::Administrator, Self::Nobody],
            false => vec![Self::Same],
        }
    }

    pub(crate) fn is_administrator(self) -> bool {
        self == Self::Administrator
    }
}

/// The folder of all scenes of a run, with the programs that they share.
pub(crate) struct Place {
    folder: TempDir,
}

/// Folders that a task has for itself or does not see.
const NOT_THERE: [&str; 4] = ["/tmp", "/var/tmp", "/dev", "/run"];

/// `OVERLAYFS_SUPER_MAGIC` of `linux/magic.h`: no upper layer can lie there.
const OVERLAY: i64 = 0x794c_7630;

impl Place {
    /// Makes one where every user of the tests can go.
    ///
    /// # Panics
    /// When there is nowhere to make it.
    pub(crate) fn make() -> Self {
        let places = [
            Some(PathBuf::from(env!("CARGO_TARGET_TMPDIR"))),
            env::home_dir(),
            Some("/srv".into()),
            Some("/opt".into()),
            Some("/var/lib".into()),
        ];
        let folder = places
            .into_iter()
            .flatten()
            .filter(|path| is_fit(path))
            .find_map(|path| TempDir::with_prefix_in("escape-", path).ok())
            .expect("a folder outside of /tmp, on a disk, to which all users of the tests can go");
        let place = Self { folder };
        place.fill().unwrap();
        place
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// This program, where everybody can execute it.
    pub(crate) fn program(&self) -> PathBuf {
        self.path().join("bin/attempt")
    }

    /// The same with the administrator's rights, if the tests could give it any.
    pub(crate) fn setuid_program(&self) -> PathBuf {
        self.path().join("bin/setuid")
    }

    /// The same with capabilities of its own, if the tests could give it any.
    pub(crate) fn capable_program(&self) -> PathBuf {
        self.path().join("bin/capable")
    }

    fn fill(&self) -> std::io::Result<()> {
        let open = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode));
        open(self.path(), 0o755)?;
        fs::create_dir(self.path().join("bin"))?;
        for (program, mode) in [
            (self.program(), 0o755),
            (self.setuid_program(), 0o4755),
            (self.capable_program(), 0o755),
        ] {
            fs::copy(env::current_exe()?, &program)?;
            open(&program, mode)?;
        }
        // Without the right to do so there is nothing to try, as the case finds out.
        let _ = crate::attempts::make_capable(self.capable_program().to_str().unwrap());
        Ok(())
    }
}

fn is_fit(path: &Path) -> bool {
    let Ok(path) = path.canonicalize() else {
        return false;
    };
    let is_there = !NOT_THERE.iter().any(|folder| path.starts_with(folder));
    let is_open = |folder: &Path| {
        !rustix::process::geteuid().is_root()
            || folder
                .metadata()
                .is_ok_and(|metadata| metadata.mode() & 0o001 != 0)
    };
    let is_disk = rustix::fs::statfs(&path).is_ok_and(|disk| disk.f_type != OVERLAY);
    is_there && is_disk && path.ancestors().all(is_open)
}
