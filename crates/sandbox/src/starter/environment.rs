//! The environment of a command: the program's own without its secrets, and set so that nothing waits for a person.

use std::process::Command;

use super::Channel;

/// Names the session in the environment of everything that a command starts, so that it can be found again.
pub(crate) const MARK: &str = "ROPEWALK_SESSION";

/// Pagers and editors that a command could wait in, and questions that nobody would see.
const UNATTENDED: &[(&str, &str)] = &[
    ("PAGER", "cat"),
    ("GIT_PAGER", "cat"),
    ("GH_PAGER", "cat"),
    ("MANPAGER", "cat"),
    ("SYSTEMD_PAGER", "cat"),
    ("EDITOR", "true"),
    ("VISUAL", "true"),
    ("GIT_EDITOR", "true"),
    ("GIT_SEQUENCE_EDITOR", "true"),
    ("GIT_TERMINAL_PROMPT", "0"),
    ("DEBIAN_FRONTEND", "noninteractive"),
];

/// Variables that colour output whatever the terminal is.
const COLOURING: &[&str] = &["CLICOLOR_FORCE", "FORCE_COLOR", "COLORTERM"];

/// Sets `command`'s environment. `hidden` are names of variables that it must not see; `mark` is the value of [`MARK`].
pub(crate) fn apply(command: &mut Command, channel: Channel, hidden: &[String], mark: &str) {
    for name in hidden
        .iter()
        .map(String::as_str)
        .chain(COLOURING.iter().copied())
    {
        command.env_remove(name);
    }
    let terminal = match channel {
        Channel::Pipe => "dumb",
        Channel::Terminal(_) => "xterm-256color",
    };
    command
        .envs(UNATTENDED.iter().copied())
        .env("NO_COLOR", "1")
        .env("TERM", terminal)
        .env(MARK, mark);
}
