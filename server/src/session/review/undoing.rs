//! Undoing: the ledger says what a document shall be, a delivery brings it about, and the ledger takes it over when it is
//! seen. One delivery at a time; what the user asks for meanwhile waits.

use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};

use changes::{ChangeSource, Content, FileState, HunkId, Undo};
use text::Text;
use tower_lsp_server::gen_lsp_types::MessageType;

use super::{Review, Session};
use crate::delivery::{Confirmation, DeliveredFile, Delivery, Outcome, Purpose};
use crate::lsp::convert::display;

/// So often an undo is made anew because the user typed meanwhile.
const ATTEMPTS: u32 = 4;

/// What is being undone, and what waits.
#[derive(Debug, Default)]
pub(super) struct Undoing {
    under_way: Option<UnderWay>,
    /// Goes on when files were read that are not what the ledger knew.
    reading: Option<UnderWay>,
    waiting: VecDeque<Wish>,
}

/// What the user wants.
#[derive(Clone, Debug)]
pub(super) enum Wish {
    /// These changes out of these files.
    Undo(BTreeMap<PathBuf, Vec<HunkId>>),
    /// Lost changes back into files.
    Again(Vec<Again>),
}

/// A change of a task that shall be made once more.
#[derive(Clone, Debug)]
pub(super) struct Again {
    pub(super) path: PathBuf,
    pub(super) before: Option<Text>,
    pub(super) after: Option<Text>,
    pub(super) source: ChangeSource,
}

#[derive(Debug)]
struct UnderWay {
    wish: Wish,
    attempt: u32,
    /// What has not been seen yet.
    steps: Vec<Step>,
}

/// What is to be seen in one file.
#[derive(Clone, Debug)]
enum Step {
    Undo(Undo),
    Again(Again),
}

impl Undoing {
    /// Whether something is to be seen in this document.
    pub(super) fn concerns(&self, path: &Path) -> bool {
        let steps = self.under_way.iter().flat_map(|under_way| &under_way.steps);
        steps.into_iter().any(|step| step.is_about(path))
    }
}

impl Review {
    /// Whether `text`, which a document has now, is what was to be seen in it; then the ledger takes it over.
    pub(super) fn see_undone(&mut self, path: &Path, text: &Text) -> bool {
        let Some(under_way) = &mut self.undoing.under_way else {
            return false;
        };
        let is_seen = |step: &Step| step.is_about(path) && step.after() == Some(text);
        let Some(number) = under_way.steps.iter().position(is_seen) else {
            return false;
        };
        let step = under_way.steps.swap_remove(number);
        self.take_over(&step);
        true
    }

    fn take_over(&mut self, step: &Step) {
        match step {
            Step::Undo(undo) => self.ledger.undone(undo),
            Step::Again(again) => self.ledger.agent_changed(
                &again.path,
                again.before.as_ref(),
                again.after.as_ref(),
                &again.source,
            ),
        }
    }

    fn steps(&self, wish: &Wish) -> Vec<Step> {
        match wish {
            Wish::Undo(wanted) => wanted
                .iter()
                .filter_map(|(path, ids)| self.ledger.undo(path, ids))
                .map(Step::Undo)
                .collect(),
            Wish::Again(again) => again.iter().cloned().map(Step::Again).collect(),
        }
    }
}

impl Session {
    /// Brings about what the user wants, now or after what is under way.
    pub(super) fn fulfil(&mut self, wish: Wish) {
        self.review.undoing.waiting.push_back(wish);
        let undoing = &self.review.undoing;
        if undoing.under_way.is_none() && undoing.reading.is_none() {
            self.fulfil_next();
        }
    }

    /// Files were read, perhaps those that an undo waits for.
    pub(super) fn go_on_undoing(&mut self) {
        if let Some(under_way) = self.review.undoing.reading.take()
            && !self.attempt(under_way)
        {
            self.fulfil_next();
        }
    }

    /// A delivery for the review is over.
    pub(in crate::session) fn review_delivered(&mut self, outcome: Outcome) {
        let Some(mut under_way) = self.review.undoing.under_way.take() else {
            return;
        };
        match outcome {
            Outcome::Delivered => self.finish(&under_way.steps),
            Outcome::Stale(paths) if under_way.attempt < ATTEMPTS => {
                under_way.attempt += 1;
                if self.read_tracked(paths) {
                    self.review.undoing.reading = Some(under_way);
                    return;
                }
                if self.attempt(under_way) {
                    return;
                }
            }
            Outcome::Stale(paths) => self.say_not_undone(&format!(
                "{} changed again and again meanwhile",
                names(&paths)
            )),
            Outcome::Refused(reason) => self.say_not_undone(&reason),
            Outcome::Partly { delivered, missing } => {
                under_way
                    .steps
                    .retain(|step| delivered.iter().any(|path| step.is_about(path)));
                self.finish(&under_way.steps);
                let missing = missing.iter();
                let missing = missing.map(|(path, reason)| format!("{} {reason}", display(path)));
                self.say_not_undone(&missing.collect::<Vec<_>>().join("; "));
            }
        }
        self.fulfil_next();
    }

    fn fulfil_next(&mut self) {
        while let Some(wish) = self.review.undoing.waiting.pop_front() {
            let under_way = UnderWay {
                wish,
                attempt: 1,
                steps: Vec::new(),
            };
            if self.attempt(under_way) {
                return;
            }
        }
    }

    /// Delivers what is wanted, as the ledger has it now; says whether there is anything to deliver.
    fn attempt(&mut self, mut under_way: UnderWay) -> bool {
        self.look_at_open_documents(&under_way.wish);
        under_way.steps = self.review.steps(&under_way.wish);
        let files: Vec<DeliveredFile> = under_way.steps.iter().map(delivered_file).collect();
        if files.is_empty() {
            return false;
        }
        let label = match under_way.wish {
            Wish::Undo(_) => "Undo changes of a task",
            Wish::Again(_) => "Apply changes of a task again",
        };
        self.review.undoing.under_way = Some(under_way);
        self.deliver(Delivery {
            label: label.into(),
            purpose: Purpose::Review,
            confirmation: Confirmation::Unasked,
            source: None,
            files,
        });
        true
    }

    /// The ledger is right about open documents, whatever it was told.
    fn look_at_open_documents(&mut self, wish: &Wish) {
        let Wish::Undo(wanted) = wish else {
            return;
        };
        for path in wanted.keys() {
            if let Some(document) = self.workspace.documents().get(path) {
                let text = document.text.clone();
                self.review.ledger.seen(path, Some(&text));
            }
        }
    }

    /// Everything is as it should be; what was seen in no document was done on disk.
    fn finish(&mut self, steps: &[Step]) {
        for step in steps {
            let path = step.path().to_path_buf();
            let target = step.target().to_path_buf();
            let open = self.workspace.documents().get(&target);
            match open.map(|document| document.text.clone()) {
                Some(text) if step.after().is_some_and(|after| *after != text) => {
                    // The user typed on at once, and the ledger was told of both in one.
                    self.review.ledger.user_moved(&path, &target);
                    self.review.ledger.seen(&target, Some(&text));
                }
                _ => self.review.take_over(step),
            }
            self.review_changed(&path);
            self.review_changed(&target);
        }
    }

    fn say_not_undone(&self, reason: &str) {
        self.say(
            MessageType::Warning,
            format!("Not everything is undone: {reason}."),
        );
    }
}

impl Step {
    fn path(&self) -> &Path {
        match self {
            Self::Undo(undo) => &undo.path,
            Self::Again(again) => &again.path,
        }
    }

    fn target(&self) -> &Path {
        match self {
            Self::Undo(undo) => &undo.target,
            Self::Again(again) => &again.path,
        }
    }

    fn before(&self) -> Option<&Text> {
        match self {
            Self::Undo(undo) => undo.before.as_ref(),
            Self::Again(again) => again.before.as_ref(),
        }
    }

    fn after(&self) -> Option<&Text> {
        match self {
            Self::Undo(undo) => undo.after.as_ref(),
            Self::Again(again) => again.after.as_ref(),
        }
    }

    fn is_about(&self, path: &Path) -> bool {
        self.path() == path || self.target() == path
    }
}

fn delivered_file(step: &Step) -> DeliveredFile {
    let (path, target) = (step.path(), step.target());
    let is_executable = is_executable(path);
    let state = |text: &Text| FileState {
        content: Content::Bytes(text.to_string().into_bytes().into()),
        is_executable,
    };
    DeliveredFile {
        path: target.to_path_buf(),
        renamed_from: (path != target).then(|| path.to_path_buf()),
        before: step.before().map(state),
        after: step.after().map(state),
    }
}

fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    let metadata = path.symlink_metadata();
    metadata.is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o100 != 0)
}

fn names(paths: &[PathBuf]) -> String {
    let names: Vec<String> = paths.iter().map(|path| display(path)).collect();
    names.join(", ")
}
