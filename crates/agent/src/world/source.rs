//! The world of a project: its AGENTS.md files, the environment, the permissions, and what the editor shows.
//!
//! Observed before each request by the loop. Files are read again only when their stamps have changed; surfaces tell it
//! of new permissions and of the editor's state.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ::workspace::{Disk, RealDisk};

use super::environment::{self, Environment};
use super::{EditorContext, Section, SectionKind, World, WorldSource, editor, git};
use crate::agents_md::{AgentsMd, AgentsMdOptions};
use crate::prompt::Permissions;

/// Where the agent works and what it is told besides.
#[derive(Clone, Debug, Default)]
pub struct WorldOptions {
    /// Where relative paths start, absolute.
    pub cwd: PathBuf,
    /// The workspace's folders, absolute; `cwd` is one of them or below one.
    pub folders: Vec<PathBuf>,
    /// The shell that runs commands, for example `bash`.
    pub shell: Option<String>,
    /// What the user's configuration wants the model to keep to.
    pub developer_instructions: Option<String>,
    /// The folder with the user's own AGENTS.md, normally `~/.config/ropewalk`.
    pub user_folder: Option<PathBuf>,
    /// How much of the AGENTS.md files is told, in bytes; see [`crate::agents_md::LIMIT`].
    pub agents_md_limit: Option<usize>,
    /// What may be done at the beginning.
    pub permissions: Permissions,
}

/// The world of one thread.
pub struct ProjectWorld {
    options: WorldOptions,
    repository: Option<PathBuf>,
    state: Mutex<State>,
}

struct State {
    agents_md: AgentsMd,
    permissions: Permissions,
    editor: EditorContext,
}

impl ProjectWorld {
    /// Looks for the repository; reads nothing yet.
    pub fn new(options: WorldOptions) -> Self {
        Self::on(Arc::new(RealDisk), options)
    }

    /// As [`ProjectWorld::new`], with the files of `disk`: a twin's AGENTS.md is what its task has made of it. The repository
    /// is the user's own; a twin has no other.
    pub fn on(disk: Arc<dyn Disk>, options: WorldOptions) -> Self {
        let repository = git::root(&options.cwd);
        let agents_md = AgentsMdOptions {
            user_folder: options.user_folder.clone(),
            root: repository.clone().unwrap_or_else(|| options.cwd.clone()),
            cwd: options.cwd.clone(),
            limit: options.agents_md_limit,
        };
        let agents_md = AgentsMd::on(disk, agents_md);
        let state = Mutex::new(State {
            agents_md,
            permissions: options.permissions.clone(),
            editor: EditorContext::default(),
        });
        Self {
            options,
            repository,
            state,
        }
    }

    /// Changes what may be done; the model is told with the next request.
    pub fn set_permissions(&self, permissions: Permissions) {
        self.state().permissions = permissions;
    }

    /// Changes what the editor shows; the model is told with the next request.
    pub fn set_editor(&self, editor: EditorContext) {
        self.state().editor = editor;
    }

    /// Every value in it is whole at any time, so a panic elsewhere does not spoil it.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn environment(&self) -> Environment {
        let (date, time_zone) = environment::date_and_time_zone();
        Environment {
            cwd: self.options.cwd.clone(),
            folders: self.options.folders.clone(),
            repository: self.repository.clone(),
            branch: self.repository.as_deref().and_then(git::branch),
            system: environment::system(),
            shell: self.options.shell.clone(),
            date,
            time_zone,
        }
    }
}

impl WorldSource for ProjectWorld {
    fn observe(&self) -> World {
        let mut state = self.state();
        let mut world = World::default();
        let developer = self.options.developer_instructions.clone();
        world.set(
            SectionKind::DeveloperInstructions,
            Section::Text(developer.unwrap_or_default()),
        );
        let permissions = state.permissions.describe();
        world.set(SectionKind::Permissions, Section::Text(permissions));
        let agents_md = Section::Parts(state.agents_md.observe().to_vec());
        world.set(SectionKind::ProjectInstructions, agents_md);
        world.set(SectionKind::Environment, self.environment().section());
        editor::describe(&state.editor, &self.options.cwd, &mut world);
        world
    }
}
