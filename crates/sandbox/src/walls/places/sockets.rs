//! Which sockets of the file system's kind somebody listens on now: session buses, agents, databases, container engines.
//!
//! A read-only file system does not keep anybody from connecting, and a program that listens may do what it is told: so
//! each of them is a hidden place, wherever it is. What is made later and elsewhere is not known here.

use std::path::PathBuf;

/// The sockets that have a path in the file system, as this network namespace knows them; not checked whether they exist.
#[cfg(target_os = "linux")]
pub(super) fn listening() -> Vec<PathBuf> {
    use std::{ffi::OsStr, fs, os::unix::ffi::OsStrExt};

    let table = fs::read("/proc/net/unix").unwrap_or_default();
    let paths = table.split(|byte| *byte == b'\n').filter_map(path);
    let mut paths: Vec<_> = paths
        .map(|path| PathBuf::from(OsStr::from_bytes(path)))
        .collect();
    paths.sort();
    paths.dedup();
    paths
}

#[cfg(not(target_os = "linux"))]
pub(super) fn listening() -> Vec<PathBuf> {
    Vec::new()
}

/// The path in a line of the table, which begins with seven fields: of those that accept connections or datagrams.
#[cfg(target_os = "linux")]
fn path(line: &[u8]) -> Option<&[u8]> {
    // Stray spaces belong to the path, which goes up to the end of the line.
    let mut rest = line;
    for _ in 0..7 {
        rest = rest.trim_ascii_start();
        let end = rest.iter().position(u8::is_ascii_whitespace)?;
        rest = &rest[end..];
    }
    let path = rest.get(1..)?;
    // Abstract names begin with `@` here.
    path.starts_with(b"/").then_some(path)
}
