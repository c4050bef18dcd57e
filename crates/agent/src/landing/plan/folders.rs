//! Puts the steps in order, with the folders that have to come and go: a folder may take a file's place and a file a
//! folder's.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use crate::landing::{
    LandingError, Obstacle,
    disk::{Disk, Found},
    place::Places,
    step::{FileStep, PermissionSource, Step, Steps},
};

use super::{Obstacles, Outcome, Plan};

pub(super) struct Folders<'a> {
    disk: &'a dyn Disk,
    places: &'a Places<'a>,
    /// Where files go away.
    left: BTreeSet<PathBuf>,
    /// Where files come or change.
    put: BTreeSet<PathBuf>,
    /// Folders that go because a file takes their place, with their permission bits; inner ones sort behind outer ones.
    removed: BTreeSet<(PathBuf, u32)>,
    /// Folders that come; outer ones sort before inner ones.
    created: BTreeSet<PathBuf>,
}

impl<'a> Folders<'a> {
    pub(super) fn new(disk: &'a dyn Disk, places: &'a Places<'a>) -> Self {
        Self {
            disk,
            places,
            left: BTreeSet::new(),
            put: BTreeSet::new(),
            removed: BTreeSet::new(),
            created: BTreeSet::new(),
        }
    }

    /// Writes the steps of `plan` from its outcomes, or says what stands in their way.
    pub(super) fn arrange(mut self, plan: &mut Plan) -> Result<Obstacles, LandingError> {
        let outcomes = &plan.outcomes;
        self.left = outcomes
            .iter()
            .filter_map(Outcome::place_left)
            .cloned()
            .collect();
        let puts = || outcomes.iter().filter(|outcome| outcome.after.is_some());
        self.put = puts().map(|outcome| outcome.place.clone()).collect();
        let mut obstacles = Obstacles::new();
        for outcome in puts() {
            if let Err(obstacle) = self.make_way(&outcome.place)? {
                obstacles.push((outcome.number, obstacle));
            }
        }
        if !obstacles.is_empty() {
            return Ok(obstacles);
        }
        let mut steps = Vec::new();
        steps.extend(outcomes.iter().filter_map(|outcome| self.removal(outcome)));
        let removed = self.removed.iter().rev().cloned();
        steps.extend(removed.map(|(path, mode)| Step::RemoveFolder { path, mode }));
        let created = self.created.iter().cloned();
        steps.extend(created.map(|path| Step::CreateFolder { path }));
        steps.extend(outcomes.iter().filter_map(|outcome| self.arrival(outcome)));
        plan.steps = Steps {
            list: steps,
            emptying: self.emptying(),
        };
        Ok(Obstacles::new())
    }

    /// Sees to it that a file can come to `place`.
    fn make_way(&mut self, place: &Path) -> Result<Result<(), Obstacle>, LandingError> {
        if let Found::Folder { mode } = self.look(place)? {
            if !self.empties(place)? {
                return Ok(Err(in_the_way(place)));
            }
            self.removed.insert((place.to_path_buf(), mode));
        }
        for folder in place.ancestors().skip(1) {
            if self.put.contains(folder) {
                return Ok(Err(in_the_way(folder)));
            }
            match self.look(folder)? {
                Found::Folder { .. } => break,
                Found::Absent => {}
                Found::File { .. } if self.left.contains(folder) => {}
                Found::File { .. } | Found::Special => return Ok(Err(in_the_way(folder))),
            }
            self.created.insert(folder.to_path_buf());
        }
        Ok(Ok(()))
    }

    /// Whether all that is in `folder` goes away; notes the folders in it.
    fn empties(&mut self, folder: &Path) -> Result<bool, LandingError> {
        let names = self
            .disk
            .names_in(folder)
            .map_err(|error| LandingError::read(folder, error))?;
        for name in names {
            let path = folder.join(name);
            match self.look(&path)? {
                Found::Folder { mode } => {
                    if !self.empties(&path)? {
                        return Ok(false);
                    }
                    self.removed.insert((path, mode));
                }
                Found::File { .. } if self.left.contains(&path) => {}
                Found::Absent => {}
                Found::File { .. } | Found::Special => return Ok(false),
            }
        }
        Ok(true)
    }

    fn removal(&self, outcome: &Outcome) -> Option<Step> {
        let place = outcome.place_left()?;
        Some(Step::File(FileStep {
            place: place.clone(),
            temporary: self.temporary_near(place),
            before: outcome.before.clone(),
            after: None,
            permissions: PermissionSource::Usual,
        }))
    }

    fn arrival(&self, outcome: &Outcome) -> Option<Step> {
        let after = outcome.after.clone()?;
        let before = match outcome.moved_from {
            Some(_) => None,
            None => outcome.before.clone(),
        };
        Some(Step::File(FileStep {
            place: outcome.place.clone(),
            temporary: self.temporary_near(&outcome.place),
            before,
            after: Some(after),
            permissions: outcome.permissions.clone(),
        }))
    }

    /// A name that nobody else has, hidden from listings, in the nearest folder that is there before and after.
    fn temporary_near(&self, place: &Path) -> PathBuf {
        let goes = |folder: &Path| {
            let removed = self.removed.iter().any(|(removed, _)| removed == folder);
            removed || self.created.contains(folder)
        };
        let mut folders = place.ancestors().skip(1);
        let folder = folders.find(|folder| !goes(folder)).unwrap_or(place);
        folder.join(format!(".ropewalk-{:016x}.tmp", fastrand::u64(..)))
    }

    /// The folders from which something goes, up to those of the workspace, inner ones first.
    fn emptying(&self) -> Vec<PathBuf> {
        let above = |place: &'_ PathBuf| -> Vec<PathBuf> {
            let folders = place.ancestors().skip(1);
            let folders = folders.take_while(|folder| !self.places.is_boundary(folder));
            folders.map(Path::to_path_buf).collect()
        };
        let folders: BTreeSet<PathBuf> = self.left.iter().flat_map(above).collect();
        folders.into_iter().rev().collect()
    }

    fn look(&self, place: &Path) -> Result<Found, LandingError> {
        self.disk
            .look(place)
            .map_err(|error| LandingError::read(place, error))
    }
}

fn in_the_way(path: &Path) -> Obstacle {
    Obstacle::InTheWay {
        path: path.to_path_buf(),
    }
}
