//! Deliveries: edits sent to the client, and believed only when the mirror or the disk shows them.
//!
//! Each goes: look at the disk (thread), compare with the documents, ask the client, watch what comes, write on disk what
//! the client cannot (thread), tell whoever wanted it. The parts are in `crate::delivery`.
//!
//! **Invariants**
//! - [`Session::delivered`] is called once for each delivery, and never before [`Session::deliver`] has returned.
//! - Every change that the client reports is told on exactly once, in parts whose sum it is: what was expected as the
//!   task's, the rest as the user's.

use std::path::{Path, PathBuf};
use std::time::Duration;

use tower_lsp_server::gen_lsp_types::ApplyWorkspaceEditRequest;
use workspace::{ExclusionOptions, default_git_excludes_file};

use crate::config::paths;
use crate::delivery::inspection::{Inspection, InspectionJob};
use crate::delivery::on_disk::WritingJob;
use crate::delivery::progress::Progress;
use crate::delivery::route::{Routes, Situation, route};
use crate::delivery::under_way::{Claim, Stage};
use crate::delivery::workspace_edit::{EditStyle, workspace_edit};
use crate::delivery::{Confirmation, Delivery, DeliveryEvent, Outcome, Purpose, file_state};
use crate::event::Event;
use crate::timer::Alarm;
use crate::transport::Answer;

use super::Session;

mod attribution;

/// A client that does not ask the user answers within this; else it hangs, or never will.
const ANSWER_LIMIT: Duration = Duration::from_secs(60);

/// Between looks for what the client says it has done. Neovim tells of changes 150 ms later.
const LOOK_INTERVAL: Duration = Duration::from_millis(250);

/// So many looks before a client that says it has applied an edit is no longer believed.
const LOOKS_IF_APPLIED: u32 = 16;

/// So many before one that says it has not is believed.
const LOOKS_IF_FAILED: u32 = 3;

impl Session {
    /// Brings a change about; [`Session::delivered`] hears what came of it, never before this returns.
    pub(super) fn deliver(&mut self, delivery: Delivery) {
        self.deliveries.add(delivery);
        self.begin_deliveries();
    }

    /// A thread that works for a delivery has something to say.
    pub(super) fn delivery_event(&mut self, number: u64, event: DeliveryEvent) {
        match event {
            DeliveryEvent::Inspected(inspection) => self.send_delivery(number, &inspection),
            DeliveryEvent::Looked(inspection) => self.looked_for_delivery(number, &inspection),
            DeliveryEvent::Written(written) => self.delivery_written(number, written),
        }
    }

    /// The client has answered an edit, which proves nothing.
    pub(super) fn edit_answered(&mut self, number: u64, answer: Answer) {
        let Some(under_way) = self.deliveries.get_mut(number) else {
            return;
        };
        under_way.answer = Some(claim(answer));
        match under_way.stage {
            Stage::Asked => self.look_for_delivery(number),
            // What it says now may already have been done, and is told of only later.
            Stage::Late => self.timer.after(LOOK_INTERVAL * 4, Alarm::Delivery(number)),
            Stage::Waiting | Stage::Inspecting | Stage::Writing => {}
        }
    }

    /// A time that was waited for has come.
    pub(super) fn alarm(&mut self, alarm: Alarm) {
        let Alarm::Delivery(number) = alarm else {
            return;
        };
        let Some(under_way) = self.deliveries.get_mut(number) else {
            return;
        };
        match (under_way.stage, &under_way.answer) {
            (Stage::Asked, _) => self.look_for_delivery(number),
            (Stage::Late, Some(_)) => drop(self.deliveries.remove(number)),
            _ => {}
        }
    }

    /// Begins what waits and may begin.
    fn begin_deliveries(&mut self) {
        while let Some(number) = self.deliveries.next_ready() {
            let Some(under_way) = self.deliveries.get_mut(number) else {
                return;
            };
            under_way.stage = Stage::Inspecting;
            let paths = under_way
                .delivery
                .paths()
                .into_iter()
                .map(Path::to_path_buf);
            let paths = paths.collect();
            self.inspect(number, paths, DeliveryEvent::Inspected);
        }
    }

    /// Has the disk looked at aside.
    fn inspect(
        &mut self,
        number: u64,
        paths: Vec<PathBuf>,
        event: impl FnOnce(Inspection) -> DeliveryEvent + Send + 'static,
    ) {
        let job = InspectionJob {
            snapshot: self.workspace.snapshot(),
            paths,
        };
        self.work_for_delivery(number, move || event(job.run()));
    }

    /// Does work for a delivery on a thread, which ends with its event.
    fn work_for_delivery(
        &self,
        number: u64,
        work: impl FnOnce() -> DeliveryEvent + Send + 'static,
    ) {
        let events = self.events.clone();
        let failure = self.events.clone();
        let run = move || events.send(Event::Delivery(number, work()));
        let started = std::thread::Builder::new()
            .name(format!("delivery {number}"))
            .spawn(run);
        if let Err(error) = started {
            let written = Err(format!("The system starts no thread: {error}"));
            failure.send(Event::Delivery(number, DeliveryEvent::Written(written)));
        }
    }

    /// The disk was looked at: asks the client, if everything is as it was.
    fn send_delivery(&mut self, number: u64, inspection: &Inspection) {
        let documents = self.workspace.documents();
        let situation = Situation {
            abilities: self.client.edits,
            max_files_in_editor: self.settings.config.tasks.max_files_in_editor,
            inspection,
            document: &|path| documents.get(path),
            is_out_of_step: &|path| self.out_of_step.contains(path),
        };
        let Some(under_way) = self.deliveries.get_mut(number) else {
            return;
        };
        let routes = match route(&under_way.delivery, &situation) {
            Ok(routes) => routes,
            Err(outcome) => return self.finish_delivery(number, outcome),
        };
        let Routes { editor, disk } = routes;
        under_way.disk = disk;
        if editor.is_empty() {
            return self.write_delivery(number);
        }
        under_way.stage = Stage::Asked;
        let style = EditStyle {
            label: &under_way.delivery.label,
            confirmation: under_way.delivery.confirmation,
            abilities: self.client.edits,
            encoding: self.client.encoding,
        };
        let params = workspace_edit(&editor, style);
        if under_way.delivery.confirmation == Confirmation::Unasked {
            self.timer.after(ANSWER_LIMIT, Alarm::Delivery(number));
        }
        let files = editor.into_iter().map(Progress::new).collect();
        self.deliveries.expect(number, files);
        let events = self.events.clone();
        self.outbox
            .request::<ApplyWorkspaceEditRequest>(&params, move |answer| {
                events.send(Event::EditAnswered(number, answer));
            });
    }

    /// Looks whether the client has done what it was asked.
    fn look_for_delivery(&mut self, number: u64) {
        let Some(under_way) = self.deliveries.get_mut(number) else {
            return;
        };
        under_way.looks += 1;
        let open = under_way.files.iter().filter(|file| !file.is_done());
        let paths = open.flat_map(|file| {
            let change = &file.change;
            change
                .renamed_from
                .iter()
                .cloned()
                .chain([change.path.clone()])
        });
        let paths = paths.collect();
        self.inspect(number, paths, DeliveryEvent::Looked);
    }

    fn looked_for_delivery(&mut self, number: u64, inspection: &Inspection) {
        let documents = self.workspace.documents();
        let Some(under_way) = self.deliveries.get_mut(number) else {
            return;
        };
        if under_way.stage != Stage::Asked {
            return;
        }
        let mut seen = Vec::new();
        for progress in under_way.files.iter_mut().filter(|file| !file.is_done()) {
            let change = progress.change.clone();
            // What is open in the editor is as the editor shows it, whatever was saved.
            let is_open = |path: &PathBuf| documents.get(path).is_some();
            if change.after.is_some() && is_open(&change.path) {
                continue;
            }
            let found = |path: &PathBuf| inspection.found.get(path);
            let source = change.renamed_from.as_ref().and_then(found);
            let before = progress.last_seen().clone();
            let is_news = progress.see_disk(source, found(&change.path));
            let renamed_from = progress
                .is_done()
                .then(|| progress.see_name(&change.path))
                .flatten();
            seen.push((renamed_from.map(Path::to_path_buf), before, change, is_news));
        }
        for (renamed_from, before, change, is_news) in seen {
            if let Some(from) = renamed_from {
                self.tell_renamed(number, &from, &change.path, &before);
            }
            if is_news {
                let before = change.before.as_ref().map(|_| file_state(&before));
                let after = change.after.as_ref().map(file_state);
                self.tell_ours(number, &change.path, before, after);
            }
        }
        if !self.go_on_if_made(number) {
            self.look_again_or_give_up(number);
        }
    }

    fn look_again_or_give_up(&mut self, number: u64) {
        let Some(under_way) = self.deliveries.get_mut(number) else {
            return;
        };
        let is_over = match &under_way.answer {
            // Nothing comes any more of an edit that was for an older text.
            Some(Claim::Failed(_)) if !under_way.moved_on().is_empty() => true,
            Some(Claim::Failed(_)) => under_way.looks >= LOOKS_IF_FAILED,
            Some(Claim::Applied) => under_way.looks >= LOOKS_IF_APPLIED,
            None => under_way.delivery.confirmation == Confirmation::Unasked,
        };
        if is_over {
            let outcome = under_way.outcome(None);
            self.finish_delivery(number, outcome);
        } else {
            self.timer.after(LOOK_INTERVAL, Alarm::Delivery(number));
        }
    }

    /// The client's part is done: ours begins. Says whether it is.
    fn go_on_if_made(&mut self, number: u64) -> bool {
        let Some(under_way) = self.deliveries.get_mut(number) else {
            return true;
        };
        let is_made = under_way.stage == Stage::Asked && under_way.is_made();
        if is_made {
            self.write_delivery(number);
        }
        is_made
    }

    /// Writes on disk what the client could not do.
    fn write_delivery(&mut self, number: u64) {
        let Some(under_way) = self.deliveries.get_mut(number) else {
            return;
        };
        if under_way.disk.is_empty() {
            return self.finish_delivery(number, Outcome::Delivered);
        }
        under_way.stage = Stage::Writing;
        let files = under_way.disk.clone();
        let title = under_way.delivery.label.clone();
        let job = WritingJob {
            title,
            folders: self.folder_paths(),
            exclusions: ExclusionOptions {
                patterns: self.settings.config.exclude.patterns.clone(),
                git_excludes_file: default_git_excludes_file(),
            },
            state_folder: paths::state_folder(),
            files,
        };
        self.work_for_delivery(number, move || DeliveryEvent::Written(job.run()));
    }

    fn delivery_written(&mut self, number: u64, written: Result<(), String>) {
        let Some(under_way) = self.deliveries.get_mut(number) else {
            return;
        };
        let outcome = match &written {
            Ok(()) => Outcome::Delivered,
            Err(reason) => under_way.outcome(Some(reason)),
        };
        if written.is_ok() {
            for file in under_way.disk.clone() {
                self.tell_written(number, &file);
            }
        }
        self.finish_delivery(number, outcome);
    }

    /// Tells the outcome, and lets the next ones begin.
    fn finish_delivery(&mut self, number: u64, outcome: Outcome) {
        let Some(under_way) = self.deliveries.get_mut(number) else {
            return;
        };
        let purpose = under_way.delivery.purpose.clone();
        tracing::info!(number, ?purpose, ?outcome, "a delivery is over");
        if under_way.stage == Stage::Asked && under_way.answer.is_none() && !under_way.is_made() {
            self.deliveries.leave_late(number);
        } else {
            self.deliveries.remove(number);
        }
        self.delivered(purpose, outcome);
        self.begin_deliveries();
    }

    /// Tells whoever wanted a change what came of it.
    fn delivered(&mut self, purpose: Purpose, outcome: Outcome) {
        match purpose {
            Purpose::Landing(task) => self.landing_delivered(task, outcome),
            Purpose::Review => self.review_delivered(outcome),
            Purpose::Restore(number) => self.restore_delivered(number, outcome),
            Purpose::Conflict(number) => self.decision_delivered(number, outcome),
            Purpose::InlineEdit(number) => self.inline_edit_delivered(number, outcome),
        }
    }
}

/// What the client says. A result that says neither is no success.
fn claim(answer: Answer) -> Claim {
    match answer {
        Ok(result) if result["applied"] == true => Claim::Applied,
        Ok(result) => Claim::Failed(result["failureReason"].as_str().map(str::to_owned)),
        Err(error) => Claim::Failed(error["message"].as_str().map(str::to_owned)),
    }
}
