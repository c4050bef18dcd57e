//! What a task must not touch, prepared for one trial and looked at from outside: the user's files, home and terminal, a
//! process, those who listen, and the machine's folders.

mod files;
mod listeners;
mod survivors;
mod terminal;
mod variables;

use std::{
    fs,
    os::unix::fs::{PermissionsExt, chown, symlink},
    path::{Path, PathBuf},
    process::Output,
};

use tempfile::TempDir;

use crate::{
    canary::{self, Canary},
    case::Effect,
    place::{NOBODY, Place, User},
};
use files::Fingerprint;
use listeners::Listeners;
use terminal::Terminal;

/// What the attempt prints when it has got through. No text of a case contains it.
pub(crate) const ESCAPED: &str = "ESCAPED";

/// What the attempt prints when the kernel has nothing of the kind.
pub(crate) const ABSENT: &str = "ABSENT";

/// A secret in the server's environment.
pub(crate) const SERVER_SECRET: (&str, &str) = ("ESCAPE_API_KEY", "secret-of-the-server");

/// The files that hold secrets; each has `secret-in-` and its own path in it.
const SECRET_FILES: [&str; 15] = [
    "workspace/.env",
    "workspace/deep/.env.local",
    "workspace/deep/server.pem",
    "home/.ssh/id_ed25519",
    "home/.aws/credentials",
    "home/.gnupg/private-keys-v1.d/key",
    "home/.netrc",
    "home/.git-credentials",
    "home/.bash_history",
    "home/.config/ropewalk/config.toml",
    "home/.config/gh/hosts.yml",
    "home/.cargo/credentials.toml",
    "home/.local/state/ropewalk/threads/one.jsonl",
    "home/.local/state/ropewalk/twins/other/upper/0/file",
    "state/twins/other/upper/0/file",
];

/// The other files; what is in them is not secret.
const FILES: [&str; 13] = [
    "workspace/file",
    "workspace/src/main.rs",
    "workspace/.git/HEAD",
    "workspace/.git/config",
    "workspace/.git/hooks/sample",
    "workspace/nested/.git/config",
    "workspace/.ropewalk/rules",
    "workspace/.agents/skills/one/SKILL.md",
    "outside/file",
    "outside/held",
    "outside/folder/file",
    "home/.bashrc",
    "home/.cache/file",
];

/// Links in the workspace that lead out of it, and where they lead.
const LINKS: [(&str, &str); 7] = [
    ("workspace/link-relative", "../outside/file"),
    ("workspace/link-dangling", "../outside/planted"),
    ("workspace/link-folder", "../outside/folder"),
    ("workspace/link-home", "../home"),
    ("workspace/innocent.txt", ".env"),
    ("workspace/link-key", "../home/.ssh/id_ed25519"),
    ("workspace/src/up", "../../outside"),
];

/// What a trial is about.
pub(crate) struct Scene {
    folder: TempDir,
    programs: [PathBuf; 3],
    canary: Canary,
    listeners: Listeners,
    pub(crate) terminal: Terminal,
    before: Fingerprint,
}

impl Scene {
    pub(crate) fn prepare(place: &Place, user: User) -> Self {
        let folder = TempDir::with_prefix_in("scene-", place.path()).unwrap();
        let root = folder.path();
        write_files(root);
        let own = |path: &Path| {
            if user == User::Nobody {
                std::os::unix::fs::lchown(path, Some(NOBODY), Some(NOBODY)).unwrap();
            }
        };
        let listeners = Listeners::listen(root);
        fs::set_permissions(root, fs::Permissions::from_mode(0o700)).unwrap();
        files::walk(root, &mut |path| own(path));
        let terminal = Terminal::open();
        if user == User::Nobody {
            chown(&terminal.name, Some(NOBODY), None).unwrap();
        }
        let outside = root.join("outside");
        let canary = Canary::start(&place.program(), user, &outside, &outside.join("held"));
        let before = Fingerprint::take(root);
        Self {
            programs: [
                place.program(),
                place.setuid_program(),
                place.capable_program(),
            ],
            canary,
            listeners,
            terminal,
            before,
            folder,
        }
    }

    pub(crate) fn root(&self) -> &Path {
        self.folder.path()
    }

    /// Everything that has been noticed, now that the server has ended with `output`.
    pub(crate) fn effects(&mut self, output: &Output) -> Vec<(Effect, String)> {
        let printed = String::from_utf8_lossy(&output.stdout);
        let mut effects = Vec::new();
        let mut notice = |effect, what: Option<String>| {
            effects.extend(what.map(|what| (effect, what)));
        };
        notice(Effect::Survivor, survivors::end(self.root()));
        notice(Effect::Process, self.canary.harm());
        notice(
            Effect::Files,
            self.before.difference(&Fingerprint::take(self.root())),
        );
        notice(Effect::Heard, self.listeners.heard());
        notice(Effect::Terminal, self.terminal.disturbance());
        let is_killed = output.status.code().is_none();
        notice(Effect::Server, is_killed.then(|| output.status.to_string()));
        notice(Effect::Secret, secret_in(&printed));
        let has_reached = printed.contains(ESCAPED);
        notice(
            Effect::Reached,
            has_reached.then(|| printed.clone().into_owned()),
        );
        effects
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        survivors::end(self.root());
        files::clean_up(self.root());
    }
}

fn write_files(root: &Path) {
    let write = |name: &str, text: String| {
        let path = root.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    for name in SECRET_FILES {
        write(name, format!("secret-in-{name}\n"));
    }
    for name in FILES {
        write(name, "as the user has it\n".into());
    }
    for (name, target) in LINKS {
        symlink(target, root.join(name)).unwrap();
    }
    symlink(
        root.join("outside/file"),
        root.join("workspace/link-absolute"),
    )
    .unwrap();
    // A server looks there for a place for twins.
    fs::create_dir_all(root.join("run/ropewalk")).unwrap();
    fs::set_permissions(root.join("run/ropewalk"), fs::Permissions::from_mode(0o700)).unwrap();
    fs::write(root.join("output"), "").unwrap();
}

/// The first secret in what was printed.
fn secret_in(printed: &str) -> Option<String> {
    let secrets = ["secret-in-", SERVER_SECRET.1, canary::ENVIRONMENT_SECRET.1];
    let is_told = |line: &&str| secrets.iter().any(|secret| line.contains(secret));
    printed.lines().find(is_told).map(str::to_owned)
}
