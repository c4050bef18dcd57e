//! Turns a proposal into steps, going by what is on disk now: what merges becomes steps, what does not a conflict.
//!
//! Nothing is changed here. `transaction` looks again at everything that the steps expect.

mod folders;
mod outcome;

use std::{
    collections::{BTreeMap, HashMap},
    path::{Path, PathBuf},
};

use changes::{Content, FileChange, FileState, Merged, Proposal};

use super::{
    Conflict, LandingError, Note, Obstacle,
    disk::{Disk, Found},
    place::Places,
    step::{PermissionSource, Steps},
};

use folders::Folders;
pub(super) use outcome::Outcome;

/// What applying a proposal means now.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) steps: Steps,
    /// What the steps make of each file, in the proposal's order.
    pub(super) outcomes: Vec<Outcome>,
    /// Files that already are as they shall be.
    pub(super) unchanged: Vec<PathBuf>,
    pub(super) conflicts: Vec<Conflict>,
    pub(super) notes: Vec<Note>,
}

/// The permission bits that new files get at these paths.
pub(super) type Modes = HashMap<PathBuf, u32>;

/// Plans `proposal`.
///
/// # Errors
/// A file cannot be read.
pub(super) fn plan(
    disk: &dyn Disk,
    places: &mut Places<'_>,
    proposal: &Proposal,
    modes: &Modes,
) -> Result<Plan, LandingError> {
    // A change that cannot be made may be in the way of others, so it is begun again without it.
    let mut conflicts = BTreeMap::new();
    loop {
        let wanted = || {
            let changes = proposal.files.iter().enumerate();
            changes.filter(|(number, _)| !conflicts.contains_key(number))
        };
        places.going = wanted().filter_map(|(_, change)| going(change)).collect();
        let mut draft = Draft {
            disk,
            places,
            modes,
            plan: Plan::default(),
        };
        let mut obstacles = draft.merge_all(wanted())?;
        if obstacles.is_empty() {
            obstacles = Folders::new(disk, places).arrange(&mut draft.plan)?;
        }
        if obstacles.is_empty() {
            draft.plan.conflicts = conflicts.into_values().collect();
            return Ok(draft.plan);
        }
        conflicts.extend(obstacles.into_iter().map(|(number, obstacle)| {
            let change = &proposal.files[number];
            let conflict = Conflict {
                path: change.path.clone(),
                renamed_from: change.renamed_from.clone(),
                obstacle,
            };
            (number, conflict)
        }));
    }
}

/// The path that a change takes a file away from.
fn going(change: &FileChange) -> Option<PathBuf> {
    let is_deleted = change.after.is_none();
    let deleted = is_deleted.then(|| change.path.clone());
    change.renamed_from.clone().or(deleted)
}

/// What stands in the way of a change, by the change's place in the proposal.
type Obstacles = Vec<(usize, Obstacle)>;

struct Draft<'a> {
    disk: &'a dyn Disk,
    places: &'a Places<'a>,
    modes: &'a Modes,
    plan: Plan,
}

impl Draft<'_> {
    fn merge_all<'change>(
        &mut self,
        changes: impl Iterator<Item = (usize, &'change FileChange)>,
    ) -> Result<Obstacles, LandingError> {
        let mut obstacles = Obstacles::new();
        let mut owners: BTreeMap<PathBuf, usize> = BTreeMap::new();
        for (number, change) in changes {
            match self.merge(number, change)? {
                Ok(touched) => {
                    // Under two names, through a link, one file cannot be changed twice.
                    let is_twice = touched.iter().any(|place| owners.contains_key(place));
                    if is_twice {
                        obstacles.push((number, Obstacle::ChangedTwice));
                    }
                    owners.extend(touched.into_iter().map(|place| (place, number)));
                }
                Err(obstacle) => obstacles.push((number, obstacle)),
            }
        }
        Ok(obstacles)
    }

    /// Merges one change with what is there; gives back the places that it touches.
    fn merge(
        &mut self,
        number: usize,
        change: &FileChange,
    ) -> Result<Result<Vec<PathBuf>, Obstacle>, LandingError> {
        let (base_place, place) = match (
            self.places.find(change.base_path()),
            self.places.find(&change.path),
        ) {
            (Ok(base_place), Ok(place)) => (base_place, place),
            (Err(refusal), _) | (_, Err(refusal)) => return Ok(Err(Obstacle::Refused(refusal))),
        };
        let base = self.look(&base_place)?;
        let target = self.look(&place)?;
        let (current, at_target) =
            match (self.state(&base, &base_place), self.state(&target, &place)) {
                (Ok(current), Ok(at_target)) => (current, at_target),
                (Err(obstacle), _) | (_, Err(obstacle)) => return Ok(Err(obstacle)),
            };
        let outcome = match change.merge(current, at_target) {
            Merged::Unchanged => {
                self.plan.unchanged.push(change.path.clone());
                return Ok(Ok(Vec::new()));
            }
            Merged::Conflict(conflict) => return Ok(Err(Obstacle::Merge(conflict))),
            Merged::Write {
                path,
                expected,
                state,
            } => {
                if let Some(obstacle) = read_only(&target) {
                    return Ok(Err(obstacle));
                }
                let permissions = self.permissions(&path, &place, expected.as_ref());
                Outcome::put(number, path, place.clone(), expected, state, permissions)
            }
            Merged::Move {
                from,
                to,
                expected,
                state,
            } => {
                let permissions = self.permissions(&to, &base_place, Some(&expected));
                let mut outcome = Outcome::put(number, to, place.clone(), None, state, permissions);
                outcome.moved_from(from, base_place.clone(), expected);
                outcome
            }
            Merged::Remove { path, expected } => {
                Outcome::removed(number, path, base_place.clone(), expected)
            }
        };
        Ok(Ok(self.accept(outcome, &base)))
    }

    fn accept(&mut self, mut outcome: Outcome, base: &Found) -> Vec<PathBuf> {
        if let Found::File { mode, names, .. } = base {
            outcome.mode_before = Some(*mode);
            if 1 < *names {
                self.plan.notes.push(Note::OtherNames {
                    path: outcome.path.clone(),
                    count: names - 1,
                });
            }
        }
        if let Some(Content::Link(target)) = outcome.after.as_ref().map(|after| &after.content)
            && self.places.leads_out(&outcome.place, target)
        {
            self.plan.notes.push(Note::LeadsOut {
                path: outcome.path.clone(),
                target: target.clone(),
            });
        }
        let touched = outcome.places();
        self.plan.outcomes.push(outcome);
        touched
    }

    fn look(&self, place: &Path) -> Result<Found, LandingError> {
        self.disk
            .look(place)
            .map_err(|error| LandingError::read(place, error))
    }

    fn state<'found>(
        &self,
        found: &'found Found,
        place: &Path,
    ) -> Result<Option<&'found FileState>, Obstacle> {
        match found {
            Found::Absent => Ok(None),
            Found::File { state, .. } => Ok(Some(state)),
            // A folder may go, if the proposal takes away all that is in it.
            Found::Folder { .. } if self.holds_only_what_goes(place) => Ok(None),
            Found::Folder { .. } | Found::Special => Err(Obstacle::InTheWay {
                path: place.to_path_buf(),
            }),
        }
    }

    /// Cheap, and not the last word: what really is in the folder is looked at when the steps are arranged.
    fn holds_only_what_goes(&self, place: &Path) -> bool {
        let goes_below = |path: &PathBuf| {
            let found = self.places.find(path);
            found.is_ok_and(|goes| goes != place && goes.starts_with(place))
        };
        self.places.going.iter().any(goes_below)
    }

    fn permissions(
        &self,
        path: &Path,
        model: &Path,
        expected: Option<&FileState>,
    ) -> PermissionSource {
        match expected.map(|state| &state.content) {
            Some(Content::Bytes(_)) => PermissionSource::Like(model.to_path_buf()),
            _ => match self.modes.get(path) {
                Some(mode) => PermissionSource::Exactly(*mode),
                None => PermissionSource::Usual,
            },
        }
    }
}

/// Replacing a file needs no right to write it, but whoever took that right away meant something by it.
fn read_only(found: &Found) -> Option<Obstacle> {
    let Found::File { state, mode, .. } = found else {
        return None;
    };
    let is_link = matches!(state.content, Content::Link(_));
    (!is_link && mode & 0o222 == 0).then_some(Obstacle::ReadOnly)
}
