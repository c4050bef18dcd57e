//! The prefix for which a person may say "always": narrow enough that the yes means what it seems to mean.
//!
//! A rule lets every command through that begins alike. So no prefix is offered where the words that follow decide what
//! happens, or where the agent itself writes what is run.

use syntax::ShellScript;

use super::{hooks::names_program, neutral::is_neutral};

/// Programs after which no prefix is narrow enough, by reason.
const NEVER: &[(&str, &[&str])] = &[
    (
        "shells run whatever follows",
        &[
            "sh",
            "bash",
            "dash",
            "zsh",
            "fish",
            "ksh",
            "mksh",
            "ash",
            "busybox",
            "csh",
            "tcsh",
            "nu",
            "pwsh",
            "powershell",
            "cmd",
        ],
    ),
    (
        "interpreters run whatever follows, or a file that the agent wrote",
        &[
            "python",
            "python2",
            "python3",
            "pypy",
            "pypy3",
            "node",
            "nodejs",
            "deno",
            "bun",
            "perl",
            "ruby",
            "php",
            "lua",
            "luajit",
            "tclsh",
            "java",
            "jshell",
            "groovy",
            "scala",
            "kotlin",
            "Rscript",
            "R",
            "julia",
            "ghci",
            "runghc",
            "iex",
            "elixir",
            "erl",
            "escript",
            "guile",
            "osascript",
            "awk",
            "gawk",
            "mawk",
            "sed",
            "gdb",
            "lldb",
            "sqlite3",
            "psql",
            "mysql",
            "vim",
            "vi",
            "nvim",
            "emacs",
            "ed",
            "ex",
            "expect",
            "ts-node",
            "tsx",
        ],
    ),
    (
        "they run another program",
        &[
            "env",
            "xargs",
            "parallel",
            "find",
            "fd",
            "nohup",
            "nice",
            "ionice",
            "time",
            "timeout",
            "setsid",
            "stdbuf",
            "watch",
            "strace",
            "ltrace",
            "perf",
            "script",
            "screen",
            "tmux",
            "exec",
            "eval",
            "source",
            ".",
            "command",
            "builtin",
            "trap",
            "chroot",
            "unshare",
            "nsenter",
            "flock",
            "entr",
            "at",
            "batch",
            "crontab",
            "systemctl",
            "systemd-run",
            "launchctl",
            "open",
            "xdg-open",
            "direnv",
            "mise",
            "asdf",
            "nix",
            "nix-shell",
            "guix",
        ],
    ),
    (
        "options that may follow name programs to run (`git fetch --upload-pack=…`)",
        &["git", "hg", "svn", "jj", "bzr"],
    ),
    (
        "they give other rights",
        &[
            "sudo", "doas", "su", "pkexec", "runuser", "setpriv", "capsh", "newgrp",
        ],
    ),
    (
        "they run what the workspace says, which the agent can write",
        &[
            "npm",
            "pnpm",
            "yarn",
            "pip",
            "pip3",
            "uv",
            "poetry",
            "pipenv",
            "pdm",
            "hatch",
            "conda",
            "bundle",
            "bundler",
            "composer",
            "gem",
            "make",
            "gmake",
            "ninja",
            "cmake",
            "meson",
            "just",
            "task",
            "rake",
            "gradle",
            "gradlew",
            "mvn",
            "mvnw",
            "ant",
            "bazel",
            "bazelisk",
            "buck",
            "buck2",
            "tox",
            "nox",
            "invoke",
            "pytest",
            "npx",
            "pnpx",
            "bunx",
            "uvx",
            "pipx",
            "tsc",
            "jest",
            "vitest",
            "webpack",
            "vite",
            "turbo",
            "nx",
            "pre-commit",
            "dotnet",
            "swift",
            "zig",
            "stack",
            "cabal",
            "mix",
            "sbt",
            "terraform",
            "tofu",
            "ansible",
            "ansible-playbook",
        ],
    ),
    (
        "they carry anything anywhere",
        &[
            "curl", "wget", "http", "https", "xh", "aria2c", "nc", "ncat", "netcat", "socat",
            "telnet", "ftp", "sftp", "lftp", "tftp", "ssh", "scp", "rsync", "rclone", "openssl",
            "dig", "nslookup", "host", "ping", "aws", "gcloud", "az", "gsutil", "s3cmd", "mail",
            "sendmail",
        ],
    ),
    (
        "they change or remove whatever they are told",
        &[
            "rm", "rmdir", "unlink", "shred", "mv", "cp", "ln", "dd", "tee", "install", "truncate",
            "chmod", "chown", "chgrp", "setfacl", "mkfs", "mount", "umount", "kill", "pkill",
            "killall", "tar", "7z", "7za", "unzip", "cpio",
        ],
    ),
    (
        "they reach the whole machine",
        &[
            "docker",
            "podman",
            "nerdctl",
            "buildah",
            "kubectl",
            "helm",
            "oc",
            "vagrant",
            "virsh",
            "qemu-system-x86_64",
            "lxc",
            "machinectl",
            "flatpak",
            "snap",
        ],
    ),
];

/// Subcommands of otherwise tame programs that run what the agent writes, or that decide nothing by themselves.
const NEVER_AFTER: &[(&str, &[&str])] = &[
    (
        "cargo",
        &[
            "run", "r", "test", "t", "bench", "build", "b", "check", "c", "clippy", "doc", "d",
            "rustc", "install", "xtask", "nextest", "miri", "fix", "expand",
        ],
    ),
    (
        "go",
        &["run", "test", "generate", "build", "install", "tool", "vet"],
    ),
    ("gh", &["alias", "api", "extension", "codespace"]),
    ("rustup", &["run"]),
    ("apt", &["install"]),
    ("apt-get", &["install"]),
];

/// A longer command is not offered word by word.
const MOST_WORDS: usize = 8;

/// The prefix to offer "always" for: of the one command in the script that is not neutral, its program and subcommand, or
/// all its words when there is no subcommand. `None` where a yes for ever would be a yes to anything.
pub fn suggested_prefix(script: &ShellScript) -> Option<Vec<String>> {
    let mut judged = script
        .commands
        .iter()
        .filter(|command| !is_neutral(command));
    let command = judged.next().filter(|_| script.is_plain)?;
    if judged.next().is_some() {
        return None;
    }
    let (program, arguments) = command.split_first()?;
    if !is_tame(program) || names_program(arguments) {
        return None;
    }
    match arguments.first() {
        Some(subcommand) if is_subcommand(subcommand) => {
            is_tame_after(program, subcommand).then(|| vec![program.clone(), subcommand.clone()])
        }
        // What stands before a subcommand can change everything (`cargo +toolchain`).
        _ if NEVER_AFTER.iter().any(|(known, _)| known == program) => None,
        _ => (command.len() <= MOST_WORDS).then(|| command.clone()),
    }
}

/// A program by a path is one that the agent may have put there; a version behind the name makes it no other.
fn is_tame(program: &str) -> bool {
    let bare =
        program.trim_end_matches(|character: char| character.is_ascii_digit() || character == '.');
    let is_listed = |name: &str| NEVER.iter().any(|(_, names)| names.contains(&name));
    !program.contains('/')
        && !bare.is_empty()
        && !program.starts_with("mkfs.")
        && !is_listed(program)
        && !is_listed(bare)
}

fn is_tame_after(program: &str, subcommand: &str) -> bool {
    !NEVER_AFTER
        .iter()
        .any(|(known, subcommands)| *known == program && subcommands.contains(&subcommand))
}

fn is_subcommand(word: &str) -> bool {
    let is_letter = |character: char| {
        character.is_ascii_lowercase() || character.is_ascii_digit() || "-_:".contains(character)
    };
    word.starts_with(|first: char| first.is_ascii_lowercase()) && word.chars().all(is_letter)
}
