//! The twins of this user: made for threads, taken up again, listed, found by what a person types.
//!
//! [`crate::agent_host`] has threads work in them, `cli/exec` settles what they hold in the end, `cli/twins` later.

mod recovery;
mod task_twin;
mod wall_check;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use agent::landing::{self, CheckpointLimits, ConflictPolicy, LandingOptions};
use agent::store::ThreadId;
use agent::twin_proposal::SnapshotSecrets;
use anyhow::{Context, bail};
use sandbox::Wall;
use sandbox::confined::{ProbeError, WALL_VARIABLE, wanted};
use sandbox::twin::{self, ListedTwin, Twin, TwinError, TwinOptions, TwinState, UnsavedDocument};
use workspace::{
    EntryKind, ExclusionOptions, FolderError, PatternError, WalkOptions, Workspace,
    WorkspaceSnapshot,
};

use crate::agent_host::AgentHost;
use crate::agent_host::place::Ready;
use crate::config::sandbox::SandboxConfig;

pub(crate) use task_twin::{LeftOut, TaskProposal, TaskTwin};

/// How long somebody else may have a twin that is to be taken up.
const PATIENCE: Duration = Duration::from_secs(2);
const PAUSE: Duration = Duration::from_millis(5);

/// The twins of this user. Clones are the same.
#[derive(Clone)]
pub(crate) struct Twins {
    settings: Arc<TwinSettings>,
}

/// What all twins have in common.
pub(crate) struct TwinSettings {
    /// Where they are kept, in `twins/`, and checkpoints, in `checkpoints/`.
    pub(crate) state_folder: PathBuf,
    /// What nobody may see.
    pub(crate) exclusions: ExclusionOptions,
    /// Names of environment variables that commands must not see.
    pub(crate) hidden_variables: Vec<String>,
    /// The user's settings.
    pub(crate) sandbox: SandboxConfig,
}

/// What a new twin shall be.
#[derive(Clone, Debug)]
pub(crate) struct NewTwin {
    /// What the thread is about, for those who find it later.
    pub(crate) title: String,
    /// The workspace's folders, absolute, without links.
    pub(crate) folders: Vec<PathBuf>,
    /// What is open in an editor and not saved.
    pub(crate) documents: Vec<UnsavedDocument>,
}

impl NewTwin {
    /// A twin of one folder, for `title`.
    pub(crate) fn of(folder: &Path, title: &str) -> Self {
        Self {
            title: title.to_owned(),
            folders: vec![folder.to_path_buf()],
            documents: Vec::new(),
        }
    }
}

/// A twin in the list.
pub(crate) struct KeptTwin {
    /// Its thread's id.
    pub(crate) id: String,
    /// What the thread is about; empty when that is not known.
    pub(crate) title: String,
    /// Where it works.
    pub(crate) folders: Vec<PathBuf>,
    /// As the sandbox lists it.
    pub(crate) listed: ListedTwin,
}

impl Twins {
    /// Twins with these settings.
    pub(crate) fn new(settings: TwinSettings) -> Self {
        Self {
            settings: Arc::new(settings),
        }
    }

    /// The twins of this user, with the settings for work in `cwd`.
    ///
    /// # Errors
    /// When the settings cannot be used or there is no place for twins.
    pub(crate) fn of_this_user(cwd: &Path) -> anyhow::Result<Self> {
        Ok(AgentHost::new(cwd)?.twins().clone())
    }

    /// Where twins and checkpoints are kept.
    pub(crate) fn state_folder(&self) -> &Path {
        &self.settings.state_folder
    }

    /// Checks what the environment and the settings say of walls, before a thread begins that shall work in a twin.
    ///
    /// # Errors
    /// When they do not go together.
    pub(crate) fn check_settings(&self) -> anyhow::Result<()> {
        wall_check::check_wanted(&self.settings.sandbox)
    }

    /// A new twin for the thread `id`, or what there is in its place.
    pub(crate) fn create(&self, id: ThreadId, new: &NewTwin) -> Ready {
        let made = self.with_options(&id.to_string(), new, Twin::create);
        self.ready(made, new)
    }

    /// The twin of the thread `id` as it was left; a new one if there is none, or if its maker was killed before anything
    /// was done in it.
    pub(crate) fn take_up_or_create(&self, id: ThreadId, new: &NewTwin) -> Ready {
        let name = id.to_string();
        let Some(left) = self.left(&name) else {
            return self.create(id, new);
        };
        if !left.is_in_use() && !left.listed.may_have_changes() {
            return match self.remove(&name) {
                Ok(()) => self.create(id, new),
                Err(error) => Ready::Nowhere(error.to_string()),
            };
        }
        let has_worked_in = |folder: &PathBuf| left.folders.contains(folder);
        if !new.folders.iter().any(has_worked_in) {
            return Ready::Nowhere(left_elsewhere(&left));
        }
        let made = self.with_options(&name, new, Twin::open);
        match self.ready(made, new) {
            Ready::Twin(twin) => Ready::Twin(Box::new(twin.taken_up())),
            other => other,
        }
    }

    /// The twin `id`, once whoever has it lets it go, if that is soon: a process that was killed a moment ago may have
    /// children that end just now.
    fn left(&self, id: &str) -> Option<KeptTwin> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let left = self.list().into_iter().find(|twin| twin.id == id)?;
            if !left.is_in_use() || Instant::now() > deadline {
                return Some(left);
            }
            thread::sleep(PAUSE);
        }
    }

    /// Puts right what a process that was killed while it applied changes has left; gives a sentence if there was any.
    pub(crate) fn recover(&self) -> Option<String> {
        match landing::recover(self.state_folder()) {
            Ok(recovered) => recovered.as_ref().map(recovery::sentence),
            Err(error) => Some(format!("{error}.")),
        }
    }

    /// Removes what nobody needs: twins in which nothing was changed, and what was left of others. May take a while.
    pub(crate) fn tidy(&self) {
        let removed = twin::remove_unchanged(self.state_folder());
        if !removed.is_empty() {
            tracing::info!(?removed, "removed twins in which nothing was changed");
        }
    }

    /// A sentence about what killed tasks have left in `folders`, if there is any.
    fn left_behind(&self, folders: &[PathBuf]) -> Option<String> {
        let is_here = |twin: &ListedTwin| {
            let about = twin.about.as_ref();
            about.is_some_and(|about| about.folders.iter().any(|folder| folders.contains(folder)))
        };
        let left = twin::leftovers(self.state_folder()).into_iter();
        let left = left.filter(|twin| {
            twin.state == TwinState::LeftBehind && is_here(twin) && twin.may_have_changes()
        });
        match left.count() {
            0 => None,
            1 => Some(
                "What a broken off task has changed in this folder waits: `ropewalk twins`."
                    .to_owned(),
            ),
            count => Some(format!(
                "What {count} broken off tasks have changed in this folder waits: `ropewalk twins`."
            )),
        }
    }

    /// Takes up the twin `id` to see what is in it.
    ///
    /// # Errors
    /// When somebody works in it, or it cannot be read.
    pub(crate) fn open(&self, twin: &KeptTwin) -> anyhow::Result<TaskTwin> {
        if twin.folders.is_empty() {
            bail!(
                "the twin {} cannot be read; `ropewalk discard {0}` removes it",
                twin.id
            );
        }
        let as_it_was = NewTwin {
            title: twin.title.clone(),
            folders: twin.folders.clone(),
            documents: Vec::new(),
        };
        let opened = self.with_options(&twin.id, &as_it_was, Twin::open)?;
        Ok(TaskTwin::new(opened, self, &as_it_was)?.taken_up())
    }

    /// All twins, the newest first.
    pub(crate) fn list(&self) -> Vec<KeptTwin> {
        let listed = twin::twins(self.state_folder());
        let mut twins: Vec<KeptTwin> = listed.into_iter().map(KeptTwin::from).collect();
        // Ids sort by time.
        twins.reverse();
        twins
    }

    /// The twin that a person means by `wanted`: an id, the beginning of one, or `last` for the newest one of `cwd`.
    ///
    /// # Errors
    /// When there is none or there are several.
    pub(crate) fn find(&self, wanted: &str, cwd: &Path) -> anyhow::Result<KeptTwin> {
        let mut twins = self.list();
        if wanted == "last" {
            let is_here = |twin: &KeptTwin| {
                twin.listed.state != TwinState::InUse
                    && twin.folders.iter().any(|folder| folder == cwd)
            };
            let here = twins.into_iter().find(is_here);
            return here.context(
                "no twin of this folder waits; `ropewalk twins --all` lists those of other folders",
            );
        }
        twins.retain(|twin| twin.id.starts_with(wanted));
        match (twins.pop(), twins.len()) {
            (Some(twin), 0) => Ok(twin),
            (None, _) => bail!("there is no twin {wanted}; `ropewalk twins --all` lists them"),
            (Some(_), more) => bail!(
                "{} twins begin with {wanted}; give more of the id",
                more + 1
            ),
        }
    }

    /// Removes a twin that nobody works in, with all that is in it.
    ///
    /// # Errors
    /// When somebody does, or something cannot be removed.
    pub(crate) fn remove(&self, id: &str) -> anyhow::Result<()> {
        Ok(twin::remove_leftover(self.state_folder(), id)?)
    }

    /// Removes the twin of the thread `id`, if there is one: nobody needs what is in it. Somebody may be removing it just now.
    ///
    /// # Errors
    /// As [`Twins::remove`].
    pub(crate) fn remove_settled(&self, id: ThreadId) -> anyhow::Result<()> {
        let id = id.to_string();
        match self.left(&id) {
            Some(_) => self.remove(&id),
            None => Ok(()),
        }
    }

    /// How proposals are applied to `folders`.
    pub(crate) fn landing_options<'a>(
        &'a self,
        folders: &'a [PathBuf],
        title: &'a str,
        thread: Option<&'a str>,
        conflicts: ConflictPolicy,
    ) -> LandingOptions<'a> {
        let days = self.settings.sandbox.keep_days;
        LandingOptions {
            state_folder: self.state_folder(),
            folders,
            exclusions: &self.settings.exclusions,
            title,
            thread,
            conflicts,
            limits: CheckpointLimits {
                age: Duration::from_secs(days.saturating_mul(24 * 60 * 60)),
                ..CheckpointLimits::default()
            },
        }
    }

    /// What a place of work is with this twin, or without one.
    fn ready(&self, made: Result<Twin, MakingError>, new: &NewTwin) -> Ready {
        let (wall, mut reasons) = match &made {
            Ok(twin) => (twin.wall(), twin.refused().to_vec()),
            Err(MakingError::Twin(TwinError::NoWall { reasons })) => (Wall::None, reasons.clone()),
            Err(error) => return Ready::Nowhere(error.to_string()),
        };
        if let Err(refusal) = wall_check::check(&self.settings.sandbox, wall, &reasons) {
            self.put_aside(made);
            return Ready::Nowhere(refusal.to_string());
        }
        if wanted().is_ok_and(|wanted| wanted == Some(wall)) {
            reasons.push(format!("{WALL_VARIABLE} asks for this."));
        }
        match made {
            Ok(twin) => match TaskTwin::new(twin, self, new) {
                Ok(twin) => {
                    let notes = reasons.into_iter().chain(self.left_behind(&new.folders));
                    Ready::Twin(Box::new(twin.noting(notes)))
                }
                Err(error) => Ready::Nowhere(format!("the twin cannot be used: {error:#}")),
            },
            Err(_) => Ready::Folder(reasons),
        }
    }

    /// Leaves a twin in which no work may begin as it was found; a new one goes.
    fn put_aside(&self, made: Result<Twin, MakingError>) {
        if let Ok(twin) = made {
            if let Err(error) = twin.keep() {
                tracing::warn!(%error, "a twin in which no work may begin cannot be put aside");
            }
            self.tidy();
        }
    }

    /// Makes or opens a twin with what all of them have in common.
    fn with_options(
        &self,
        id: &str,
        new: &NewTwin,
        make: impl FnOnce(&TwinOptions<'_>) -> Result<Twin, TwinError>,
    ) -> Result<Twin, MakingError> {
        let snapshot = self.snapshot(&new.folders)?;
        let options = TwinOptions {
            state_folder: self.settings.state_folder.clone(),
            id: id.to_owned(),
            title: new.title.clone(),
            folders: new.folders.clone(),
            documents: new.documents.clone(),
            is_secret: &SnapshotSecrets(&snapshot),
            files: &|| files(&snapshot),
            strongest: wanted()?.unwrap_or(Wall::Overlay),
            limits: self.settings.sandbox.limits(),
            hidden_variables: self.settings.hidden_variables.clone(),
            hidden: self.settings.sandbox.hidden.clone(),
        };
        Ok(make(&options)?)
    }

    /// The user's own files, as they are.
    fn snapshot(&self, folders: &[PathBuf]) -> Result<WorkspaceSnapshot, MakingError> {
        let mut workspace = Workspace::new(&self.settings.exclusions)?;
        for folder in folders {
            workspace.add_folder(folder)?;
        }
        Ok(workspace.snapshot())
    }
}

impl KeptTwin {
    /// Whether somebody works in it.
    pub(crate) fn is_in_use(&self) -> bool {
        self.listed.state == TwinState::InUse
    }
}

impl From<ListedTwin> for KeptTwin {
    fn from(listed: ListedTwin) -> Self {
        let about = listed.about.as_ref();
        Self {
            id: listed.id.clone(),
            title: about.map(|about| about.title.clone()).unwrap_or_default(),
            folders: about.map(|about| about.folders.clone()).unwrap_or_default(),
            listed,
        }
    }
}

/// Removes a twin that nobody needs, if it is there and nobody works in it.
pub(crate) fn remove_if_there(state_folder: &Path, id: &str) {
    let is_there = twin::twins(state_folder).iter().any(|twin| twin.id == id);
    if !is_there {
        return;
    }
    if let Err(error) = twin::remove_leftover(state_folder, id) {
        tracing::warn!(%error, id, "a twin that nobody needs is still there");
    }
}

/// Why a thread cannot work in another folder than before.
fn left_elsewhere(twin: &KeptTwin) -> String {
    let folders = twin
        .folders
        .iter()
        .map(|folder| folder.display().to_string());
    format!(
        "what the thread has changed in {} waits in its twin: `ropewalk apply {id}` or `ropewalk discard {id}` first",
        folders.collect::<Vec<_>>().join(", "),
        id = twin.id
    )
}

/// Why there is no twin.
#[derive(Debug, thiserror::Error)]
enum MakingError {
    #[error(transparent)]
    Twin(#[from] TwinError),
    #[error(transparent)]
    Folder(#[from] FolderError),
    #[error(transparent)]
    Pattern(#[from] PatternError),
    #[error(transparent)]
    Wall(#[from] ProbeError),
}

/// The files that are copied where no overlay can be had: those that nothing ignores or hides.
fn files(snapshot: &WorkspaceSnapshot) -> Vec<PathBuf> {
    let walk = snapshot.walk(&WalkOptions::default());
    let entries = walk.into_iter().flatten();
    let files = entries.filter(|entry| entry.kind == EntryKind::File);
    files.map(|entry| entry.path).collect()
}
