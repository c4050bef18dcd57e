//! What is said and done when the sandbox looks to have been in a command's way.
//!
//! What a person can grant for the command as it is (the network, a folder) is asked about; for everything else the model
//! is told what it can do.

use std::{
    fs,
    path::{Path, PathBuf},
};

use models::Content;
use rustix::fs::{Access, access};
use sandbox::Wall;

use super::permission::is_hidden;
use crate::{
    ToolContext, ToolOutput,
    approvals::NotAllowed,
    need::{Need, in_words},
    sandbox_refusal::{Refused, SandboxRefusal},
    tool::ToolStatus,
};

/// What the person can be asked to grant, so that the command is run again.
pub(super) fn wanted(refusal: &SandboxRefusal, context: &ToolContext<'_>) -> Option<Need> {
    match &refusal.what {
        Refused::Network => Some(Need::Network),
        // The model can have it for the asking, and knows whether the command can be run twice.
        Refused::Loopback if context.workspace.wall() == Wall::Overlay => None,
        Refused::Loopback => Some(Need::Network),
        Refused::Write(path) => writable_place(path).map(Need::Write),
        // Outside of the twin the command would find other files than it was meant for.
        Refused::Protected(_) | Refused::SystemCall => None,
    }
}

/// The folder to open so that `path` can be written, if the user could write there. A folder at the top of the disk, or the
/// home itself, is too much to be asked for on behalf of a command that named a file in it.
fn writable_place(path: &Path) -> Option<PathBuf> {
    let folder = path.ancestors().skip(1).find(|folder| folder.is_dir())?;
    let folder = fs::canonicalize(folder).ok()?;
    let is_wide = folder.components().count() <= 2
        || std::env::home_dir().is_some_and(|home| home.starts_with(&folder));
    let can_write = access(&folder, Access::WRITE_OK).is_ok();
    (!is_wide && can_write && !is_hidden(&folder)).then_some(folder)
}

/// `output` with what the model can do about the refusal by itself.
pub(in crate::tools) fn with_hint(
    output: ToolOutput,
    refusal: &SandboxRefusal,
    context: &ToolContext<'_>,
) -> ToolOutput {
    let hint = match &refusal.what {
        Refused::Network => how_to_ask("\"network\""),
        Refused::Loopback if context.workspace.wall() == Wall::Overlay => {
            "If the command may run twice, call it again with needs [\"loopback\"]: that is always granted.".into()
        }
        Refused::Loopback => how_to_ask("\"network\""),
        Refused::Write(path) => format!(
            "Write below the workspace or in /tmp instead; or {}",
            lowercase_first(&how_to_ask(&format!("\"write:{}\"", path.parent().unwrap_or(path).display())))
        ),
        Refused::Protected(path) => format!("{} is protected: no command in a twin may change it.", path.display()),
        Refused::SystemCall => format!(
            "No command in a twin may do that. {} It then runs in the user's own folder, which does not have your changes.",
            how_to_ask("\"unconfined\"")
        ),
    };
    with_note(output, format!("{} {hint}", sentence(refusal)))
}

/// `output` with what was decided when the command was to be run again with `needs`.
pub(super) fn not_allowed(
    output: ToolOutput,
    refusal: &SandboxRefusal,
    needs: &[Need],
    why: NotAllowed,
) -> ToolOutput {
    let needs = in_words(needs);
    let decision = match &why {
        NotAllowed::Declined(None) => {
            format!("The user was asked and does not want it to be run again with {needs}.")
        }
        NotAllowed::Declined(Some(reason)) => {
            format!(
                "The user was asked whether to run it again with {needs}, declined and says: {reason}"
            )
        }
        NotAllowed::DeclinedBefore => {
            format!("The user has already declined to run it with {needs}.")
        }
        NotAllowed::Forbidden(because) => {
            let because = because
                .as_ref()
                .map(|because| format!(": {because}"))
                .unwrap_or_default();
            format!("A rule of the user's forbids to run it with {needs}{because}.")
        }
        NotAllowed::NobodyThere => format!(
            "It would need {needs}, and nobody is there to be asked. Go on without as far as you can, and say in your final \
             answer what could not be done; the user can allow it with a rule."
        ),
        NotAllowed::Stopped => "The user was asked and has stopped the work.".into(),
    };
    let output = with_note(output, format!("{} {decision}", sentence(refusal)));
    match why {
        NotAllowed::Stopped => ToolOutput {
            status: ToolStatus::Interrupted,
            ..output
        },
        _ => output,
    }
}

/// What the person sees before the command is run again.
pub(super) fn note(needs: &[Need]) -> String {
    format!("\n[again, with {}]\n", in_words(needs))
}

/// What the model is told before the answer of the second run.
pub(super) fn preface(refusal: &SandboxRefusal, needs: &[Need]) -> String {
    format!(
        "{} It was allowed to run again with {}; this is the second run:",
        sentence(refusal),
        in_words(needs)
    )
}

/// The answer of the second run with what came before it.
pub(super) fn after(preface: &str, mut output: ToolOutput) -> ToolOutput {
    output.content.insert(0, Content::text(preface));
    output
}

fn sentence(refusal: &SandboxRefusal) -> String {
    let what = match &refusal.what {
        Refused::Network => "the network".into(),
        Refused::Loopback => "a connection on this machine".into(),
        Refused::Write(path) | Refused::Protected(path) => format!("writing {}", path.display()),
        Refused::SystemCall => "a system call".into(),
    };
    match refusal.line.as_str() {
        "" => format!("The sandbox looks to have refused {what}."),
        line => format!("The sandbox looks to have refused {what} (`{line}`)."),
    }
}

fn how_to_ask(need: &str) -> String {
    format!(
        "If it cannot be done without, call it again with needs [{need}] and a justification; the user is asked."
    )
}

fn lowercase_first(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().map(|first| first.to_ascii_lowercase());
    first.into_iter().chain(characters).collect()
}

fn with_note(mut output: ToolOutput, note: String) -> ToolOutput {
    match output.content.last_mut() {
        Some(Content::Text { text }) => {
            text.truncate(text.trim_end_matches('\n').len());
            text.push_str("\n\n");
            text.push_str(&note);
        }
        _ => output.content.push(Content::text(note)),
    }
    output
}
