//! What becomes of a task's proposal when its turn has ended: applied, thrown away, written down, or kept.
//!
//! The options decide, else the person at the terminal; with nobody to ask it is kept. Nothing is ever lost without a
//! "no".

use std::path::Path;

use agent::landing::ConflictPolicy;
use agent::surface::{TurnEnd, TurnSummary};
use workspace::CancellationFlag;

use super::asker::Asker;
use super::surface::Surface;
use crate::cli::printable::exact;
use crate::cli::proposal::patch_file::{self, PatchTarget};
use crate::cli::proposal::told::Outcome;
use crate::cli::proposal::view::{self, Extent, Shown};
use crate::cli::proposal::{KeptBecause, ProposalEvent};
use crate::cli::terminal::{Style, Terminal};
use crate::cli::told;
use crate::twins::{LeftOut, TaskProposal, TaskTwin};

const NO_SUCH_ANSWER: &str = "There is no such answer here. To tell the agent more, keep the changes and go on with \
                              `ropewalk exec --resume last`.";

/// What the options say of the proposal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    /// Nothing: the person is asked.
    Ask,
    /// Apply it, if the turn did what it could and nothing conflicts.
    Apply,
    /// Write a patch, and keep it.
    Write(PatchTarget),
}

/// How it was settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Settled {
    /// There was nothing to settle.
    Nothing,
    /// As it was wished.
    AsWished,
    /// It should have been applied and is kept: it conflicts with what the user has changed, or could not be written.
    Refused,
}

/// Settles one proposal.
pub(super) struct Settlement<'a> {
    pub(super) surface: &'a Surface,
    /// Where the thread works.
    pub(super) cwd: &'a Path,
    pub(super) wish: &'a Wish,
    /// Set when the person wants to go away.
    pub(super) cancel: &'a CancellationFlag,
}

/// What is to be done next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    Apply(ConflictPolicy),
    Discard,
    Keep(KeptBecause),
}

impl Settlement<'_> {
    /// Settles what `twin` holds after a turn that went as `summary` says; without one, no turn has ended.
    ///
    /// # Errors
    /// When the twin cannot be read or a patch not be written; then the twin is kept.
    pub(super) fn settle(
        &self,
        twin: TaskTwin,
        summary: Option<&TurnSummary>,
    ) -> anyhow::Result<Settled> {
        let task = twin.proposal()?;
        self.tell_left_out(&task.left_out);
        if task.proposal.is_empty() && !task.leaves_work() {
            twin.discard()?;
            return Ok(Settled::Nothing);
        }
        self.tell_made(&twin, &task);
        if task.proposal.is_empty() {
            self.keep(twin, KeptBecause::LeftOut)?;
            return Ok(Settled::Nothing);
        }
        let end = summary.map(|summary| &summary.end);
        if end == Some(&TurnEnd::Interrupted) {
            return self.keep(twin, KeptBecause::Interrupted);
        }
        match self.wish {
            Wish::Write(target) => self.write(twin, &task, target),
            Wish::Apply if end == Some(&TurnEnd::Completed) => {
                self.show(&mut Terminal::stderr(), &task);
                self.apply(twin, &task)
            }
            Wish::Apply if end.is_some() => self.keep(twin, KeptBecause::Unfinished),
            // Nothing was left to do but this.
            Wish::Apply => self.apply(twin, &task),
            Wish::Ask => self.ask(twin, &task),
        }
    }

    /// For a person the diffs are made when they are shown.
    fn tell_made(&self, twin: &TaskTwin, task: &TaskProposal) {
        if !self.has_person() {
            self.surface.tell_program(&ProposalEvent::Made {
                twin: twin.id(),
                changes: &view::presented(&task.proposal),
                left_out: &task.left_out,
            });
        }
    }

    fn write(
        &self,
        twin: TaskTwin,
        task: &TaskProposal,
        target: &PatchTarget,
    ) -> anyhow::Result<Settled> {
        target.write(&task.proposal, twin.folders())?;
        self.surface.tell_program(&ProposalEvent::Written {
            twin: twin.id(),
            file: target.path(),
        });
        if let PatchTarget::File(path) = target {
            let words = format!("The patch is in {}.", exact(&path.display().to_string()));
            self.say(Style::Good, &words);
        }
        if self.has_person() {
            patch_file::tell_missing(&mut Terminal::stderr(), &task.proposal, self.cwd);
        }
        self.keep(twin, KeptBecause::Asked)
    }

    /// Without anybody who could decide about conflicts.
    fn apply(&self, twin: TaskTwin, task: &TaskProposal) -> anyhow::Result<Settled> {
        let outcome = match twin.apply(&task.proposal, ConflictPolicy::Refuse) {
            Ok(outcome) if outcome.conflicts.is_empty() => {
                return self.applied(twin, task, &outcome);
            }
            Ok(outcome) => outcome,
            Err(error) => {
                return self.refused(twin, &Outcome::default(), &format!("{}.", told(&error)));
            }
        };
        self.refused(
            twin,
            &outcome,
            "Nothing was applied, because of what conflicts.",
        )
    }

    fn ask(&self, twin: TaskTwin, task: &TaskProposal) -> anyhow::Result<Settled> {
        let asker = match self.surface {
            Surface::Person(_) => Asker::at_terminal(),
            Surface::Program(_) => None,
        };
        let Some(mut asker) = asker else {
            self.show(&mut Terminal::stderr(), task);
            return self.keep(twin, KeptBecause::NobodyToAsk);
        };
        let shown = self.show(asker.terminal(), task);
        let mut next = self.first_answer(&mut asker, task, shown);
        loop {
            let conflicts = match next {
                Next::Keep(because) => return self.keep(twin, because),
                Next::Discard => return self.discard(twin),
                Next::Apply(conflicts) => conflicts,
            };
            let outcome = match twin.apply(&task.proposal, conflicts) {
                Ok(outcome) => outcome,
                Err(error) => {
                    return self.refused(twin, &Outcome::default(), &format!("{}.", told(&error)));
                }
            };
            match (conflicts, outcome.conflicts.is_empty()) {
                (_, true) => return self.applied(twin, task, &outcome),
                (ConflictPolicy::KeepForLater, false) => {
                    return self.applied_in_part(twin, &outcome);
                }
                (ConflictPolicy::Refuse, false) => next = self.second_answer(&mut asker, &outcome),
            }
        }
    }

    fn first_answer(&self, asker: &mut Asker, task: &TaskProposal, shown: Shown) -> Next {
        let in_full = match shown {
            Shown::Whole => "",
            Shown::InPart => ", [d]iff in full",
        };
        let prompt =
            format!("Apply to your files? [y]es, [n]o and discard, [k]eep for later{in_full}: ");
        loop {
            match self.answer(asker, &prompt).as_deref() {
                Some("y" | "yes") => return Next::Apply(ConflictPolicy::Refuse),
                Some("n" | "no") => return Next::Discard,
                Some("k" | "keep" | "") => return Next::Keep(KeptBecause::Asked),
                Some("d" | "diff") => {
                    view::show(asker.terminal(), &task.proposal, self.cwd, Extent::Whole);
                }
                Some(_) => asker.terminal().line(NO_SUCH_ANSWER),
                None => return Next::Keep(KeptBecause::Interrupted),
            }
        }
    }

    fn second_answer(&self, asker: &mut Asker, outcome: &Outcome) -> Next {
        outcome.tell_conflicts(asker.terminal(), self.cwd);
        let prompt = "Nothing is applied yet. [a]pply the rest and keep these for later, [k]eep everything for later, \
                      [n]o and discard everything: ";
        loop {
            match self.answer(asker, prompt).as_deref() {
                Some("a" | "apply") => return Next::Apply(ConflictPolicy::KeepForLater),
                Some("k" | "keep" | "") => return Next::Keep(KeptBecause::Asked),
                Some("n" | "no") => return Next::Discard,
                Some(_) => asker.terminal().line(NO_SUCH_ANSWER),
                None => return Next::Keep(KeptBecause::Interrupted),
            }
        }
    }

    /// In lower case.
    fn answer(&self, asker: &mut Asker, prompt: &str) -> Option<String> {
        let answer = asker.ask(prompt, self.cancel);
        answer.map(|answer| answer.to_lowercase())
    }

    fn applied(
        &self,
        twin: TaskTwin,
        task: &TaskProposal,
        outcome: &Outcome,
    ) -> anyhow::Result<Settled> {
        self.tell_applied(&twin, outcome);
        match task.leaves_work() {
            true => self.keep(twin, KeptBecause::LeftOut),
            false => twin.discard().map(|()| Settled::AsWished),
        }
    }

    fn applied_in_part(&self, twin: TaskTwin, outcome: &Outcome) -> anyhow::Result<Settled> {
        self.tell_applied(&twin, outcome);
        self.keep_saying(twin, KeptBecause::Refused, "What conflicts is kept")
    }

    fn tell_applied(&self, twin: &TaskTwin, outcome: &Outcome) {
        self.surface.tell_program(&ProposalEvent::Applied {
            twin: twin.id(),
            files: &outcome.files,
            notes: &outcome.notes,
            conflicts: &outcome.conflicts,
            checkpoint: outcome.checkpoint.as_deref(),
        });
        if self.has_person() {
            outcome.tell(&mut Terminal::stderr(), self.cwd);
        }
    }

    fn refused(&self, twin: TaskTwin, outcome: &Outcome, message: &str) -> anyhow::Result<Settled> {
        self.surface.tell_program(&ProposalEvent::Refused {
            twin: twin.id(),
            conflicts: &outcome.conflicts,
            message: message.to_owned(),
        });
        if self.has_person() {
            outcome.tell_conflicts(&mut Terminal::stderr(), self.cwd);
        }
        self.say(Style::Warning, message);
        self.keep(twin, KeptBecause::Refused)?;
        Ok(Settled::Refused)
    }

    fn discard(&self, twin: TaskTwin) -> anyhow::Result<Settled> {
        self.surface
            .tell_program(&ProposalEvent::Discarded { twin: twin.id() });
        twin.discard()?;
        self.say(Style::Ghost, "Discarded; your files are as they were.");
        Ok(Settled::AsWished)
    }

    fn keep(&self, twin: TaskTwin, because: KeptBecause) -> anyhow::Result<Settled> {
        let why = match because {
            KeptBecause::Asked | KeptBecause::Refused => "The changes are kept",
            KeptBecause::NobodyToAsk => "There is nobody to ask, so the changes are kept",
            KeptBecause::Interrupted => "The changes so far are kept",
            KeptBecause::Unfinished => "The turn did not come to its end, so the changes are kept",
            KeptBecause::LeftOut => "What is not part of the changes is kept",
        };
        self.keep_saying(twin, because, why)
    }

    fn keep_saying(
        &self,
        twin: TaskTwin,
        because: KeptBecause,
        why: &str,
    ) -> anyhow::Result<Settled> {
        let id = twin.id().to_owned();
        twin.keep()?;
        self.surface
            .tell_program(&ProposalEvent::Kept { twin: &id, because });
        let what = match because {
            KeptBecause::LeftOut => format!("`ropewalk discard {id}` removes it."),
            _ => format!("`ropewalk apply {id}`, or `diff` or `discard` in its place."),
        };
        self.say(Style::Bold, &format!("{why}: {what}"));
        Ok(Settled::AsWished)
    }

    fn show(&self, terminal: &mut Terminal, task: &TaskProposal) -> Shown {
        match self.surface {
            Surface::Person(_) => view::show(terminal, &task.proposal, self.cwd, Extent::Glance),
            Surface::Program(_) => Shown::Whole,
        }
    }

    fn tell_left_out(&self, left_out: &[LeftOut]) {
        for file in left_out {
            self.say(Style::Warning, &exact(&file.line(self.cwd)));
        }
    }

    fn say(&self, style: Style, words: &str) {
        if self.has_person() {
            let mut terminal = Terminal::stderr();
            terminal.line(&terminal.style(style, words));
        }
    }

    fn has_person(&self) -> bool {
        matches!(self.surface, Surface::Person(_))
    }
}
