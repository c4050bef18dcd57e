//! What the doctor says of twins: the walls that can be had here and why no stronger ones, what twins and checkpoints take on
//! the disk, what killed tasks have left, and what of the folder is not obeyed because nobody trusts it.

use std::path::Path;

use agent::landing::{self, Checkpoint};
use sandbox::Wall;
use sandbox::confined::probe;
use sandbox::twin::{self, TwinState};

use super::Finding;
use crate::cli::twins::size;
use crate::config::layers::{Loaded, is_trusted};
use crate::config::paths;

/// The findings for tasks that would work in `folder`, which is absolute.
pub(super) fn findings(folder: &Path, settings: &Loaded) -> Vec<Finding> {
    let mut findings = Vec::new();
    match paths::state_folder() {
        Some(state) => {
            findings.extend(walls(&state, settings));
            findings.extend(kept(&state));
            findings.extend(checkpoints(&state));
        }
        None => findings.push(Finding::Problem(
            "there is no place for twins: set HOME or XDG_STATE_HOME.".into(),
        )),
    }
    findings.extend(trust(folder, settings));
    findings
}

/// Which walls there are, why no stronger ones, and what guards beside them.
fn walls(state: &Path, settings: &Loaded) -> Vec<Finding> {
    // Where twins are kept decides whether there can be an overlay.
    let scratch = state.join("twins");
    if let Err(error) = std::fs::create_dir_all(&scratch) {
        return vec![Finding::Problem(format!(
            "no twin can be kept: {} cannot be made: {error}. Make it writable or set XDG_STATE_HOME.",
            scratch.display()
        ))];
    }
    let probe = match probe(&scratch) {
        Ok(probe) => probe,
        Err(error) => return vec![Finding::Problem(format!("{error}."))],
    };
    let wall = format!("tasks work in a twin; its walls: {}", probe.wall);
    let mut findings = vec![match probe.wall {
        Wall::Overlay | Wall::OverlaySharedNetwork => Finding::Good(wall),
        Wall::Copy => Finding::Note(wall),
        Wall::None => Finding::Problem(
            "tasks work in the folder itself, because no walls can be had; each change and command is asked about.".into(),
        ),
    }];
    let refused = probe.refused.iter();
    findings.extend(refused.map(|refused| Finding::Note(format!("not used: {refused}."))));
    if !settings.config.sandbox.accepts(probe.wall) {
        findings.push(Finding::Problem(
            "`sandbox.weakest_wall` in your settings asks for stronger walls, so no task begins."
                .into(),
        ));
    }
    findings.extend(access_rules());
    findings
}

#[cfg(target_os = "linux")]
fn access_rules() -> Option<Finding> {
    let status = sandbox::walls::FileStatus::of_this_kernel();
    Some(match (status.is_up(), status.missing.as_slice()) {
        (false, _) => Finding::Note(
            "the kernel has no access rules (Landlock), which are a second wall around commands."
                .into(),
        ),
        (true, []) => Finding::Good(format!(
            "the kernel's access rules (Landlock, version {}) are a second wall around commands",
            status.version
        )),
        (true, missing) => Finding::Good(format!(
            "the kernel's access rules (Landlock, version {}) are a second wall around commands; open because this \
             kernel is older: {}",
            status.version,
            missing.join(", ")
        )),
    })
}

#[cfg(not(target_os = "linux"))]
fn access_rules() -> Option<Finding> {
    None
}

fn kept(state: &Path) -> Vec<Finding> {
    let twins = twin::twins(state);
    let of_state = |state| twins.iter().filter(|twin| twin.state == state).count();
    let mut findings = vec![Finding::Good(format!(
        "twins: {} at work, {} kept, {} on the disk, in {}",
        of_state(TwinState::InUse),
        of_state(TwinState::Kept),
        size(twin::total_size(state)),
        state.join("twins").display()
    ))];
    match of_state(TwinState::LeftBehind) {
        0 => {}
        count => findings.push(Finding::Note(format!(
            "left by tasks that were broken off: {count}; `ropewalk twins --all` lists them, `ropewalk apply` and \
             `ropewalk discard` settle them."
        ))),
    }
    findings
}

fn checkpoints(state: &Path) -> Option<Finding> {
    let checkpoints = match landing::checkpoints(state) {
        Ok(checkpoints) => checkpoints,
        Err(error) => return Some(Finding::Problem(format!("{error}."))),
    };
    let bytes = checkpoints
        .iter()
        .map(|checkpoint: &Checkpoint| checkpoint.bytes)
        .sum();
    Some(Finding::Good(format!(
        "checkpoints for `ropewalk undo`: {}, {} on the disk",
        checkpoints.len(),
        size(bytes)
    )))
}

fn trust(folder: &Path, settings: &Loaded) -> Option<Finding> {
    if !folder.join(".ropewalk").is_dir() {
        return None;
    }
    Some(match is_trusted(&settings.config, folder) {
        true => Finding::Note(
            "the folder is trusted: its own .ropewalk/ counts. `ropewalk trust --revoke` takes that back.".into(),
        ),
        false => Finding::Note(
            "the folder is not trusted: nothing in its .ropewalk/ counts. `ropewalk trust` changes that.".into(),
        ),
    })
}
