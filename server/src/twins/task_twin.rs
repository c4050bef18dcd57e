//! A twin that this process works in: its files, its commands, and what becomes of its changes.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use agent::landing::{self, ConflictPolicy};
use agent::twin_proposal::{TwinBaseKeeper, twin_proposal};
use agent::{TwinStarter, TwinWorkspace, Workspace};
use changes::Proposal;
use sandbox::twin::Twin;
use sandbox::{Beyond, CommandLine, Network, Reach, Started, Starter, StarterError, Wall};
use serde::Serialize;

use super::{NewTwin, Twins};
use crate::cli::proposal::told::Outcome;

/// A twin that this process works in. Dropping it leaves it as one that was broken off.
pub(crate) struct TaskTwin {
    twins: Twins,
    title: String,
    /// The workspace's folders, as the user names them.
    folders: Vec<PathBuf>,
    is_taken_up: bool,
    notes: Vec<String>,
    /// What the user's settings let any command write outside of the workspace.
    writable: Vec<PathBuf>,
    workspace: Arc<TwinWorkspace>,
    starter: TwinStarter,
    /// Each folder with where commands see it, if not at its own path.
    copies: Vec<(PathBuf, PathBuf)>,
    twin: Arc<Twin>,
}

/// What a task proposes, and what it has written besides.
pub(crate) struct TaskProposal {
    pub(crate) proposal: Proposal,
    pub(crate) left_out: Vec<LeftOut>,
}

/// Something that was written and is not proposed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct LeftOut {
    /// Absolute.
    pub(crate) path: PathBuf,
    /// Why, to follow "because".
    pub(crate) reason: String,
    /// Whether it is work of which there is nothing but what the twin has.
    #[serde(skip)]
    pub(crate) is_only_here: bool,
}

impl TaskProposal {
    /// Whether the twin has work that no proposal takes out of it.
    pub(crate) fn leaves_work(&self) -> bool {
        self.left_out.iter().any(|file| file.is_only_here)
    }
}

impl LeftOut {
    /// The same in words. A path below `folder` is shown without it.
    pub(crate) fn line(&self, folder: &Path) -> String {
        let path = self.path.strip_prefix(folder).unwrap_or(&self.path);
        let reason = &self.reason;
        format!("Not part of the changes: {}: {reason}", path.display())
    }
}

impl TaskTwin {
    /// `twin`, one of `twins`, made as `new` says.
    ///
    /// # Errors
    /// When its files cannot be reached.
    pub(super) fn new(twin: Twin, twins: &Twins, new: &NewTwin) -> anyhow::Result<Self> {
        let twin = Arc::new(twin);
        let keeper = Arc::new(TwinBaseKeeper(Arc::clone(&twin)));
        let roots = twin.roots()?.into_iter();
        let roots: Vec<_> = roots.map(|root| (root.folder, root.root)).collect();
        let folders = roots.iter().map(|(folder, _)| folder.clone());
        let copies = folders.zip(twin.copies()).collect();
        let workspace = TwinWorkspace::new(roots, &twins.settings.exclusions, keeper)?;
        let workspace = Arc::new(workspace);
        let (writable, notes) = writable(&twins.settings.sandbox.writable);
        Ok(Self {
            starter: TwinStarter::new(Arc::clone(&twin), workspace.clone())?,
            workspace,
            copies,
            twins: twins.clone(),
            title: new.title.clone(),
            folders: new.folders.clone(),
            is_taken_up: false,
            notes,
            writable,
            twin,
        })
    }

    /// The same, as one that a thread has worked in before.
    pub(super) fn taken_up(self) -> Self {
        Self {
            is_taken_up: true,
            ..self
        }
    }

    /// The same, with something more that the user should know.
    pub(super) fn noting(mut self, notes: impl IntoIterator<Item = String>) -> Self {
        self.notes.extend(notes);
        self
    }

    /// Its id, which is its thread's.
    pub(crate) fn id(&self) -> &str {
        self.twin.id()
    }

    /// What stands between its commands and the rest of the machine.
    pub(crate) fn wall(&self) -> Wall {
        self.twin.wall()
    }

    /// Where commands see `folder`, if not at its own path.
    pub(crate) fn copy(&self, folder: &Path) -> Option<PathBuf> {
        let (original, copy) = self
            .copies
            .iter()
            .find(|(original, _)| folder.starts_with(original))?;
        let inner = folder.strip_prefix(original).unwrap_or(Path::new(""));
        Some(copy.join(inner))
    }

    /// Whether a thread has worked in it before.
    pub(crate) fn is_taken_up(&self) -> bool {
        self.is_taken_up
    }

    /// What the user should know of it, a sentence each.
    pub(crate) fn notes(&self) -> &[String] {
        &self.notes
    }

    /// The workspace's folders, absolute.
    pub(crate) fn folders(&self) -> &[PathBuf] {
        &self.folders
    }

    /// Its files.
    pub(crate) fn workspace(&self) -> &dyn Workspace {
        self.workspace.as_ref()
    }

    /// Starts commands in it.
    pub(crate) fn starter(&self) -> &dyn Starter {
        self
    }

    /// What was changed in it.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(crate) fn proposal(&self) -> anyhow::Result<TaskProposal> {
        let found = twin_proposal(&self.twin, &self.workspace)?;
        let left_out = found.left_out.into_iter().map(|file| LeftOut {
            path: file.path,
            reason: file.reason,
            is_only_here: file.content.is_some(),
        });
        Ok(TaskProposal {
            proposal: found.proposal,
            left_out: left_out.collect(),
        })
    }

    /// Applies `proposal` to the user's files, merged with what is there now.
    ///
    /// # Errors
    /// When it cannot be done; then nothing is changed.
    pub(crate) fn apply(
        &self,
        proposal: &Proposal,
        conflicts: ConflictPolicy,
    ) -> anyhow::Result<Outcome> {
        let thread = Some(self.id());
        let options = self
            .twins
            .landing_options(&self.folders, &self.title, thread, conflicts);
        let landed = landing::apply(proposal, &options)?;
        Ok(Outcome::from(&landed))
    }

    /// Removes it with all that is in it.
    ///
    /// # Errors
    /// When something cannot be removed.
    pub(crate) fn discard(self) -> anyhow::Result<()> {
        match self.into_twin() {
            Some(twin) => Ok(twin.discard()?),
            // Somebody still looks at it, so it goes once nobody does.
            None => Ok(()),
        }
    }

    /// Puts it aside, to be taken up, applied or discarded later.
    pub(crate) fn keep(self) -> anyhow::Result<()> {
        match self.into_twin() {
            Some(twin) => Ok(twin.keep()?),
            None => Ok(()),
        }
    }

    /// What was asked for, with what the user's settings allow any command.
    fn reach(&self, asked: &Reach) -> Reach {
        let loopback = self.twins.settings.sandbox.loopback;
        if !loopback && self.writable.is_empty() {
            return asked.clone();
        }
        let mut beyond = match asked {
            Reach::Twin => Beyond::default(),
            Reach::Beyond(beyond) => beyond.clone(),
            Reach::Unconfined => return Reach::Unconfined,
        };
        if loopback && beyond.network == Network::None {
            beyond.network = Network::Loopback;
        }
        beyond.writable.extend(self.writable.iter().cloned());
        Reach::Beyond(beyond)
    }

    fn into_twin(self) -> Option<Twin> {
        let Self {
            workspace,
            starter,
            twin,
            ..
        } = self;
        // Both look at the twin.
        drop((workspace, starter));
        Arc::into_inner(twin)
    }
}

/// Of the places in the settings those that commands can be given, and a sentence about each other one.
fn writable(places: &[PathBuf]) -> (Vec<PathBuf>, Vec<String>) {
    let mut usable = Vec::new();
    let mut notes = Vec::new();
    for place in places {
        let trouble = match place.canonicalize() {
            Ok(real) if real == *place => {
                usable.push(real);
                continue;
            }
            // A task could turn a link that it can write.
            Ok(real) => format!("leads through a link; name {} in its place", real.display()),
            Err(error) => format!("cannot be used: {error}"),
        };
        let place = place.display();
        notes.push(format!(
            "`sandbox.writable` names {place}, which {trouble}."
        ));
    }
    (usable, notes)
}

impl Starter for TaskTwin {
    fn start(&self, command: &CommandLine, name: &str) -> Result<Started, StarterError> {
        let command = CommandLine {
            reach: self.reach(&command.reach),
            ..command.clone()
        };
        self.starter.start(&command, name)
    }

    fn end_all(&self) {
        self.starter.end_all();
    }
}
