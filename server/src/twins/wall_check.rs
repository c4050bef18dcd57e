//! Whether a task may begin behind a wall: the settings say how weak it may be, `ROPEWALK_WALL` asks for one in one run.

use anyhow::bail;
use sandbox::Wall;
use sandbox::confined::{WALL_VARIABLE, wanted};

use crate::config::sandbox::SandboxConfig;

/// Checks what can be known before anything is made.
///
/// # Errors
/// When the environment asks for no wall that there is, or for one that the settings do not accept.
pub(super) fn check_wanted(sandbox: &SandboxConfig) -> anyhow::Result<()> {
    match wanted()? {
        Some(wall) if !sandbox.accepts(wall) => bail!(
            "{WALL_VARIABLE} asks for `{}`, which `sandbox.weakest_wall` in your settings does not accept",
            wall.name()
        ),
        Some(_) | None => Ok(()),
    }
}

/// Checks the wall that a task would have; `reasons` say why it has no stronger one.
///
/// # Errors
/// When it is not the one that the environment asks for, or weaker than the settings accept.
pub(super) fn check(sandbox: &SandboxConfig, wall: Wall, reasons: &[String]) -> anyhow::Result<()> {
    let asks = match wanted()? {
        Some(wanted) if wanted != wall => format!("{WALL_VARIABLE} asks for `{}`", wanted.name()),
        _ if !sandbox.accepts(wall) => format!(
            "`sandbox.weakest_wall` in your settings asks for `{}` or stronger",
            sandbox.weakest_wall.name()
        ),
        _ => return Ok(()),
    };
    let because = match reasons {
        [] => String::new(),
        reasons => format!(": {}", reasons.join("; ")),
    };
    bail!(
        "{asks}, and this task would have `{}`{because}",
        wall.name()
    )
}
