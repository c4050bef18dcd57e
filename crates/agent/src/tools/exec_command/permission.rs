//! What a command needs beyond the twin: read from the call, settled with the rules and the person, and the model's
//! answer when it may not.

use std::path::{Path, PathBuf};

use sandbox::{Wall, walls::hidden_places};

use super::{Arguments, Run};
use crate::{
    ToolContext, ToolOutput,
    approvals::{Approvals, NotAllowed, Wish},
    need::{Need, in_words},
    sandbox_refusal::SandboxRefusal,
    tool::Presentation,
};

/// Each task has these to itself.
const OWN_FOLDERS: [&str; 2] = ["/tmp", "/var/tmp"];

/// What a call with these needs shows before it is judged; what cannot be read is answered later.
pub(super) fn announced(needs: Option<&[String]>) -> Vec<Need> {
    let needs = needs.unwrap_or_default().iter();
    needs.filter_map(|need| need.parse().ok()).collect()
}

/// What a call needs beyond the twin; nothing where there is none.
///
/// # Errors
/// The answer when it asks for something that there is not, or does not say why.
pub(super) fn needs(
    arguments: &Arguments,
    context: &ToolContext<'_>,
) -> Result<Vec<Need>, ToolOutput> {
    let mut needs = Vec::new();
    for text in arguments.needs.as_deref().unwrap_or_default() {
        let need = text
            .parse()
            .map_err(|error| ToolOutput::failure(format!("{error}.")))?;
        needs.extend(settled(need, context)?);
    }
    needs.sort();
    needs.dedup();
    let is_justified = arguments
        .justification
        .as_deref()
        .is_some_and(|text| !text.trim().is_empty());
    match needs.is_empty() || is_justified {
        true => Ok(needs),
        false => Err(ToolOutput::failure(
            "`needs` must come with `justification`: one sentence for the user, who is asked. Call it again with one, or \
             without `needs` if the command gets along without.",
        )),
    }
}

/// A need as this place of work can grant it.
fn settled(need: Need, context: &ToolContext<'_>) -> Result<Option<Need>, ToolOutput> {
    match (need, context.workspace.wall()) {
        (_, Wall::None) => Ok(None),
        // A filter of system calls sees no addresses: there is only all or nothing.
        (Need::Loopback, Wall::OverlaySharedNetwork | Wall::Copy) => Ok(Some(Need::Network)),
        (Need::Write(path), _) => settled_path(&path, context).map(|path| path.map(Need::Write)),
        (need, _) => Ok(Some(need)),
    }
}

/// A path to write as the machine has it; nothing where a task can write anyway.
fn settled_path(path: &Path, context: &ToolContext<'_>) -> Result<Option<PathBuf>, ToolOutput> {
    let own = OWN_FOLDERS.iter().map(Path::new);
    let mut writable = own.chain(context.workspace.folders().iter().map(PathBuf::as_path));
    if writable.any(|folder| path.starts_with(folder)) {
        return Ok(None);
    }
    let Ok(real) = path.canonicalize() else {
        return Err(ToolOutput::failure(format!(
            "{} does not exist; name an existing folder to write to.",
            path.display()
        )));
    };
    match is_hidden(&real) {
        true => Err(ToolOutput::failure(format!(
            "{} is hidden from all commands in a twin, and cannot be written from there.",
            path.display()
        ))),
        false => Ok(Some(real)),
    }
}

/// Whether commands in a twin see nothing of `path`, which is absolute and without links: then a yes would not help.
pub(super) fn is_hidden(path: &Path) -> bool {
    let home = std::env::home_dir().unwrap_or_default();
    hidden_places(&home)
        .iter()
        .any(|place| path.starts_with(place))
}

/// Whether a call may run.
///
/// # Errors
/// The answer when it may not.
pub(super) fn permit(
    approvals: &Approvals,
    run: &Run<'_>,
    context: &ToolContext<'_>,
) -> Result<(), ToolOutput> {
    let wish = wish(run, None);
    approvals.permit(&wish, context).map_err(|why| {
        answer(&why, &run.needs).presented(Presentation::Command {
            command: run.arguments.cmd.clone(),
            exit_code: None,
            needs: run.needs.clone(),
        })
    })
}

/// Whether a command may run again with what it was refused.
///
/// # Errors
/// Why not.
pub(super) fn permit_again(
    approvals: &Approvals,
    run: &Run<'_>,
    refusal: &SandboxRefusal,
    context: &ToolContext<'_>,
) -> Result<(), NotAllowed> {
    approvals.permit(&wish(run, Some(&refusal.line)), context)
}

fn wish<'a>(run: &'a Run<'_>, refused: Option<&'a str>) -> Wish<'a> {
    Wish {
        command: &run.arguments.cmd,
        folder: run.folder,
        needs: &run.needs,
        reason: run.arguments.justification.as_deref(),
        refused,
    }
}

fn answer(why: &NotAllowed, needs: &[Need]) -> ToolOutput {
    match why {
        NotAllowed::Forbidden(because) => {
            let because = because
                .as_ref()
                .map(|because| format!(": {because}"))
                .unwrap_or_default();
            ToolOutput::refused(format!(
                "A rule of the user's forbids this command{because}. It was not run. Do not look for a way round the rule; do \
                 without, or say in your final answer what it keeps you from."
            ))
        }
        NotAllowed::NobodyThere if !needs.is_empty() => ToolOutput::refused(format!(
            "This would reach {}, which needs the user's yes, and nobody is there to be asked: it was not run. Go on without \
             it as far as you can, and say in your final answer what could not be done; the user can allow it with a rule.",
            in_words(needs)
        )),
        NotAllowed::NobodyThere => ToolOutput::nobody_there(),
        NotAllowed::Declined(reason) => ToolOutput::declined(reason.as_deref()),
        NotAllowed::DeclinedBefore => ToolOutput::declined(None),
        NotAllowed::Stopped => ToolOutput::stopped(),
    }
}
