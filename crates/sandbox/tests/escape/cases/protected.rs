//! What is protected in the workspace: history with its hooks and settings, and what tells agents what to do.

use crate::case::{
    Case,
    Effect::{Files, Reached},
    HeldBy::Namespaces,
    WithoutWalls::Nobody,
};

const COPY: &str = "a copy has no history; the real one is tried by the same case as a file";
const BIND: &str = "without a wall nothing is mounted there";

pub(super) const CASES: &[Case] = &[
    Case::new(
        "a hook",
        Files,
        "echo planted > $WORKSPACE/.git/hooks/pre-commit; chmod +x $WORKSPACE/.git/hooks/pre-commit",
    ),
    Case::new(
        "a hook inside of the task",
        Reached,
        "echo planted > .git/hooks/pre-commit && $ATTEMPT is-there .git/hooks/pre-commit",
    )
    .held_by(Namespaces(COPY)),
    Case::new(
        "git's settings",
        Files,
        "git -C $WORKSPACE config core.fsmonitor planted; echo planted >> $WORKSPACE/.git/config",
    ),
    Case::new(
        "git's settings inside of the task",
        Reached,
        "echo planted >> .git/config && $ATTEMPT is-there .git/config",
    )
    .held_by(Namespaces(COPY)),
    Case::new(
        "git's settings by renaming",
        Reached,
        "echo planted > c; mv c .git/config && $ATTEMPT is-there .git/config",
    )
    .held_by(Namespaces(COPY)),
    Case::new(
        "history is removed",
        Reached,
        "rm -rf .git; mkdir .git && $ATTEMPT is-there .git",
    )
    .held_by(Namespaces(COPY)),
    Case::new(
        "history is moved away",
        Reached,
        "mv .git aside && mkdir .git && $ATTEMPT is-there .git",
    )
    .held_by(Namespaces(COPY)),
    Case::new(
        "history changes places",
        Reached,
        "mkdir other && $ATTEMPT exchange other .git && $ATTEMPT is-there .git",
    )
    .held_by(Namespaces(COPY)),
    Case::new(
        "history of an inner project",
        Files,
        "echo planted > $WORKSPACE/nested/.git/config; rm -rf $WORKSPACE/nested",
    ),
    Case::new(
        "what permits commands",
        Files,
        "echo planted > $WORKSPACE/.ropewalk/rules; echo planted > $WORKSPACE/.ropewalk/config.toml",
    ),
    Case::new(
        "what permits commands inside of the task",
        Reached,
        "echo planted > .ropewalk/rules && $ATTEMPT is-there .ropewalk/rules",
    )
    .held_by(Namespaces(COPY)),
    Case::new(
        "what agents are told",
        Files,
        "echo planted > $WORKSPACE/.agents/skills/one/SKILL.md",
    ),
    Case::new(
        "what agents are told inside of the task",
        Reached,
        "echo planted > .agents/skills/one/SKILL.md && $ATTEMPT is-there .agents",
    )
    .held_by(Namespaces(COPY)),
    Case::new(
        "the protection is unmounted",
        Reached,
        "$ATTEMPT unmount $WORKSPACE/.git; $ATTEMPT unmount $WORKSPACE",
    )
    .without_walls(Nobody(BIND)),
    Case::new(
        "the real files below the workspace",
        Files,
        "cd /; $ATTEMPT unmount $WORKSPACE; echo planted > $WORKSPACE/file",
    ),
];
