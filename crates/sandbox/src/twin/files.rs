//! The files of a twin, asked what has changed and told what is about to change. No process and no mount is known here;
//! `prepare` makes them.

use std::path::{Path, PathBuf};

use workspace::FileKind;

use super::{
    bases::{Bases, Start},
    change::{Judge, TwinChanges},
    description::{Description, StoredWall},
    error::TwinError,
    home::Home,
    layers::Layers,
    moment::Moment,
    scan,
    since::Since,
    start::Found,
    stored_path::StoredPath,
    tree::Tree,
};

/// The files of a twin.
#[derive(Debug)]
pub(super) struct TwinFiles {
    pub(super) home: Home,
    pub(super) description: Description,
    /// [`Description::start`].
    start: Since,
    pub(super) layers: Vec<Layers>,
    pub(super) bases: Bases,
    /// The secret files of the user's that were found, absolute.
    pub(super) secrets: Vec<PathBuf>,
}

impl TwinFiles {
    /// Without any folder yet.
    pub(super) fn new(home: Home, description: Description, bases: Bases) -> Self {
        Self {
            home,
            start: Since::new(description.start),
            description,
            layers: Vec::new(),
            bases,
            secrets: Vec::new(),
        }
    }

    /// What the user changes from here on is not what the task started from.
    pub(super) fn start_at(&mut self, start: Moment) {
        self.description.start = start;
        self.start = Since::new(start);
    }

    /// What the user has changed after this moment is not what the task started from.
    pub(super) fn start(&self) -> Moment {
        self.start.moment()
    }

    /// Says that the twin is about to be used: returns once everything that anybody changes is later than all that is in it.
    pub(super) fn begin(&self) {
        let filled = self.description.filled.unwrap_or(self.description.start);
        filled.max(self.description.start).wait_until_past();
    }

    pub(super) fn wall(&self) -> StoredWall {
        self.description.wall
    }

    /// Keeps aside what the task started from of everything that it has touched since this was last called.
    pub(super) fn note_touched(&self, judge: &Judge<'_>) -> Result<(), TwinError> {
        for layers in &self.layers {
            scan::note_touched(layers, &self.bases, self.start(), judge).map_err(TwinError::io(
                "it cannot be looked through",
                layers.own.path(),
            ))?;
        }
        Ok(())
    }

    /// What has changed.
    pub(super) fn scan(&self, judge: &Judge<'_>) -> Result<TwinChanges, TwinError> {
        let mut changes = TwinChanges::default();
        for layers in &self.layers {
            scan::scan(layers, &self.bases, self.start(), judge, &mut changes).map_err(
                TwinError::io("it cannot be looked through", layers.own.path()),
            )?;
        }
        changes
            .files
            .sort_by(|first, second| first.path.cmp(&second.path));
        changes
            .left_out
            .sort_by(|first, second| first.path.cmp(&second.path));
        Ok(changes)
    }

    /// Says that a tool is about to write or remove the file at `path`, and keeps aside what is there. `shown` are the
    /// folders as the task sees them, in the order of the layers.
    pub(super) fn keep_base(&self, path: &Path, shown: &[Tree]) -> Result<(), TwinError> {
        let Some((layers, relative)) = self.locate(path) else {
            return Ok(());
        };
        self.keep_base_in(layers, relative, &shown[layers.number])
            .map_err(TwinError::io("what is there cannot be kept aside", path))
    }

    /// Writes down that the twin is to be taken up again, and everything to the disk.
    pub(super) fn keep(mut self) -> Result<(), TwinError> {
        self.description.kept = Some(Moment::now());
        self.description.start = self.start();
        self.description.write(self.home.path())?;
        sync(self.home.path()).map_err(TwinError::io("it cannot be written", self.home.path()))
    }

    fn keep_base_in(&self, layers: &Layers, relative: &Path, shown: &Tree) -> std::io::Result<()> {
        let key = layers.key(relative);
        self.bases.mark_edited(&key)?;
        if self.bases.start(&key).is_some() {
            return Ok(());
        }
        let start = self.start();
        if !matches!(layers.find_start(relative, start), Found::Same(_)) {
            // The user changed it, or it is new. What the task sees is what it goes on from, if nothing of its own is there;
            // looked at in this order, a command that writes it meanwhile is noticed.
            let seen = self.keep_shown(shown, relative)?;
            if layers.is_untouched(relative) {
                return self.bases.remember(&key, seen);
            }
        }
        layers.keep_start(&self.bases, relative, start).map(drop)
    }

    fn keep_shown(&self, shown: &Tree, relative: &Path) -> std::io::Result<Start> {
        Ok(match shown.status(relative)? {
            None => Start::Absent,
            Some(status) => match status.kind {
                FileKind::File => {
                    let file = shown.open_file(relative)?;
                    Start::Kept(self.bases.keep(&file, status.is_executable)?)
                }
                FileKind::Link => Start::Link(StoredPath(shown.read_link(relative)?)),
                FileKind::Directory => Start::Absent,
                FileKind::Special => Start::Special,
            },
        })
    }

    fn locate<'p>(&self, path: &'p Path) -> Option<(&Layers, &'p Path)> {
        let mut layers = self.layers.iter();
        layers.find_map(|layers| Some((layers, path.strip_prefix(&layers.folder).ok()?)))
    }
}

/// A twin that is kept shall survive a power failure.
#[cfg(target_os = "linux")]
fn sync(folder: &Path) -> std::io::Result<()> {
    Ok(rustix::fs::syncfs(std::fs::File::open(folder)?)?)
}

#[cfg(not(target_os = "linux"))]
fn sync(_folder: &Path) -> std::io::Result<()> {
    rustix::fs::sync();
    Ok(())
}

#[cfg(test)]
mod tests;
