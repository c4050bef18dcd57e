//! Options by which a tame command is told to run a program, or to take settings that name one.
//!
//! A rule allows what begins alike; a word behind that must not make another command of it. Where an option belongs to
//! the rule's own prefix, its author has meant it.

/// Options of version control, package managers, archivers and remote shells that name programs or settings.
const OPTIONS: [&str; 16] = [
    "-c",
    "--config",
    "--config-env",
    "--config-file",
    "--exec",
    "--exec-path",
    "--extcmd",
    "--node-options",
    "--receive-pack",
    "--rsh",
    "--rsync-path",
    "--script-shell",
    "--ssh",
    "--ssh-command",
    "--upload-pack",
    "--use-compress-program",
];

/// Whether one of `words`, which follow a rule's prefix, is such an option, with or without its value.
pub(super) fn names_program(words: &[String]) -> bool {
    words.iter().any(|word| {
        let name = word.split_once('=').map_or(word.as_str(), |(name, _)| name);
        OPTIONS.contains(&name)
    })
}
