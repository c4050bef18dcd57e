//! The deliveries that are not over: in which order, how far, and which documents they are waited for in. Plain state, changed
//! by `session/deliveries.rs`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use changes::FileChange;
use rustc_hash::FxHashMap;

use super::progress::Progress;
use super::{Delivery, Outcome};

/// So many edits that the client never answered are still recognised when they come after all.
const MOST_LATE: usize = 16;

/// All that are not over, by number.
#[derive(Debug, Default)]
pub(crate) struct Deliveries {
    last: u64,
    by_number: BTreeMap<u64, UnderWay>,
    /// By the path of a document in which something is expected.
    expecting: FxHashMap<PathBuf, Vec<u64>>,
}

/// One of them.
#[derive(Debug)]
pub(crate) struct UnderWay {
    pub(crate) delivery: Delivery,
    pub(crate) stage: Stage,
    /// What the client makes.
    pub(crate) files: Vec<Progress>,
    /// What we make on disk afterwards.
    pub(crate) disk: Vec<FileChange>,
    /// What the client answered: whether it says that it applied the edit, and why not.
    pub(crate) answer: Option<Claim>,
    /// How often it was looked for since the answer.
    pub(crate) looks: u32,
}

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Another one that changes the same files comes first.
    Waiting,
    /// The disk is looked at.
    Inspecting,
    /// The client was asked.
    Asked,
    /// Our part is written on disk.
    Writing,
    /// It is over, but the client has not answered, and may yet do what it was asked.
    Late,
}

/// What a client says of an edit. It proves nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Claim {
    /// That it was applied.
    Applied,
    /// That it was not, and perhaps why.
    Failed(Option<String>),
}

impl Deliveries {
    /// Puts one at the end; gives its number.
    pub(crate) fn add(&mut self, delivery: Delivery) -> u64 {
        self.last += 1;
        let under_way = UnderWay {
            delivery,
            stage: Stage::Waiting,
            files: Vec::new(),
            disk: Vec::new(),
            answer: None,
            looks: 0,
        };
        self.by_number.insert(self.last, under_way);
        self.last
    }

    /// The one with this number.
    pub(crate) fn get_mut(&mut self, number: u64) -> Option<&mut UnderWay> {
        self.by_number.get_mut(&number)
    }

    /// The first that waits and changes nothing that one before it changes.
    pub(crate) fn next_ready(&self) -> Option<u64> {
        let is_blocked = |number: u64, under_way: &UnderWay| {
            let mut before = self.by_number.range(..number).map(|(_, before)| before);
            before.any(|before| before.stage != Stage::Late && before.overlaps(under_way))
        };
        let mut waiting = self.by_number.iter();
        let ready = waiting.find(|(number, under_way)| {
            under_way.stage == Stage::Waiting && !is_blocked(**number, under_way)
        });
        ready.map(|(number, _)| *number)
    }

    /// From now on its changes are expected in its documents.
    pub(crate) fn expect(&mut self, number: u64, files: Vec<Progress>) {
        for progress in &files {
            let change = &progress.change;
            for path in std::iter::once(&change.path).chain(&change.renamed_from) {
                self.expecting.entry(path.clone()).or_default().push(number);
            }
        }
        if let Some(under_way) = self.by_number.get_mut(&number) {
            under_way.files = files;
        }
    }

    /// The numbers of those that expect something in the document at `path`, the oldest first.
    pub(crate) fn expecting(&self, path: &Path) -> Option<&[u64]> {
        self.expecting.get(path).map(Vec::as_slice)
    }

    /// One is over, and nothing of it can come any more.
    pub(crate) fn remove(&mut self, number: u64) -> Option<UnderWay> {
        let under_way = self.by_number.remove(&number)?;
        self.expecting.retain(|_, numbers| {
            numbers.retain(|other| *other != number);
            !numbers.is_empty()
        });
        Some(under_way)
    }

    /// One is over, but may yet come.
    pub(crate) fn leave_late(&mut self, number: u64) {
        if let Some(under_way) = self.by_number.get_mut(&number) {
            under_way.stage = Stage::Late;
        }
        let late = self.by_number.iter();
        let late = late.filter(|(_, under_way)| under_way.stage == Stage::Late);
        let late: Vec<u64> = late.map(|(number, _)| *number).collect();
        for number in late.iter().take(late.len().saturating_sub(MOST_LATE)) {
            self.remove(*number);
        }
    }
}

impl UnderWay {
    fn overlaps(&self, other: &Self) -> bool {
        let own = self.delivery.paths();
        own.into_iter()
            .any(|path| other.delivery.paths().contains(&path))
    }

    /// The file that the document at `path` is.
    pub(crate) fn progress_mut(&mut self, path: &Path) -> Option<&mut Progress> {
        self.files
            .iter_mut()
            .find(|progress| progress.concerns(path))
    }

    /// Whether the client has made everything that it was to make.
    pub(crate) fn is_made(&self) -> bool {
        self.files.iter().all(Progress::is_done)
    }

    /// Whether nothing of it was seen anywhere.
    pub(crate) fn is_untouched(&self) -> bool {
        !self.files.iter().any(Progress::has_ours)
    }

    /// The documents that the user changed meanwhile.
    pub(crate) fn moved_on(&self) -> Vec<PathBuf> {
        let moved = self.files.iter().filter(|file| file.is_moved_on());
        let source = |file: &Progress| {
            let change = &file.change;
            change.renamed_from.as_ref().unwrap_or(&change.path).clone()
        };
        moved.map(source).collect()
    }

    /// What came of it, when the client does no more; `disk_failure` says why our own part was not written.
    pub(crate) fn outcome(&self, disk_failure: Option<&str>) -> Outcome {
        let is_made = self.is_made();
        if is_made && disk_failure.is_none() {
            return Outcome::Delivered;
        }
        if self.is_untouched() {
            return self.outcome_of_nothing(disk_failure);
        }
        let mut delivered = Vec::new();
        let mut missing = Vec::new();
        for file in &self.files {
            let path = file.change.path.clone();
            match self.why_missing(file) {
                None => delivered.push(path),
                Some(reason) => missing.push((path, reason)),
            }
        }
        let disk_reason = disk_failure.unwrap_or("was not written, because the rest was not done");
        let disk = self.disk.iter();
        missing.extend(disk.map(|file| (file.path.clone(), disk_reason.to_owned())));
        Outcome::Partly { delivered, missing }
    }

    fn outcome_of_nothing(&self, disk_failure: Option<&str>) -> Outcome {
        let moved_on = self.moved_on();
        let reason = match (&self.answer, disk_failure) {
            (_, Some(failure)) => failure.to_owned(),
            _ if !moved_on.is_empty() => return Outcome::Stale(moved_on),
            (Some(Claim::Failed(Some(reason))), _) => format!("the editor says: {reason}"),
            (Some(Claim::Failed(None)), _) => "the editor did not apply the change".into(),
            (Some(Claim::Applied), _) => {
                "the editor says that it applied the change, and nothing has changed".into()
            }
            (None, _) => "the editor did not answer".into(),
        };
        Outcome::Refused(reason)
    }

    fn why_missing(&self, file: &Progress) -> Option<String> {
        let reason = if file.is_done() {
            return None;
        } else if file.has_ours() {
            "was changed in part only"
        } else if file.is_moved_on() {
            "was edited meanwhile, and is not changed"
        } else if file.change.version.is_none() {
            "was not changed as far as can be seen; it may be changed and not saved in the editor"
        } else {
            "was not changed by the editor"
        };
        Some(reason.to_owned())
    }
}
