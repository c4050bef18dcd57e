//! Puts agent threads together: from the settings and the options of a surface to a thread at work.
//!
//! The command line and the editor's tasks use it. It decides nothing about turns; that is the agent's.

mod at_work;
mod folder_place;
pub(crate) mod place;
mod prepared;
mod sub_tasks;

use std::path::{Path, PathBuf};

use agent::machine::{self, Entry, Event, Settings, ThreadStart, Unfinished};
use agent::store::{NewThread, ThreadId, ThreadStore};
use agent::surface::ThreadEvent;
use agent::thread::{Fork, Resume};
use agent::world::{Part, Section, SectionKind, WorldSource};
use agent::{Rules, ThreadHandle};
use anyhow::{Context, bail};
use models::catalogue::Catalogue;
use workspace::{ExclusionOptions, default_git_excludes_file};

use crate::config::layers::{self, EditorSettings};
use crate::config::{Config, paths, rules};
use crate::model_choice;
use crate::twins::{NewTwin, TwinSettings, Twins};

use at_work::FindPlace;
use place::{Ready, WorkIn};

pub(crate) use at_work::{AtWork, SurfaceLink};
pub(crate) use prepared::{PreparedThread, ThreadOptions};

const EMPTY_LOG: &str = "the thread's log is empty";

/// Everything that threads in one folder have in common.
pub(crate) struct AgentHost {
    config: Config,
    catalogue: Catalogue,
    store: ThreadStore,
    twins: Twins,
    cwd: PathBuf,
    /// What threads may change: `cwd` is one of them or below one.
    folders: Vec<PathBuf>,
    user_folder: Option<PathBuf>,
    rules: Rules,
    /// A sentence for each thing that the user should know before work begins, for example what is wrong with the settings.
    pub(crate) problems: Vec<String>,
}

/// What a host works with.
pub(crate) struct HostOptions {
    /// The settings.
    pub(crate) config: Config,
    /// Where threads are kept.
    pub(crate) state_folder: PathBuf,
    /// The folder with the user's own AGENTS.md.
    pub(crate) user_folder: Option<PathBuf>,
    /// What commands may do unasked.
    pub(crate) rules: Rules,
}

impl HostOptions {
    /// These settings, and this user's folders; no rules yet.
    ///
    /// # Errors
    /// When there is no place for threads.
    pub(crate) fn of_this_user(config: Config) -> anyhow::Result<Self> {
        Ok(Self {
            config,
            rules: Rules::default(),
            state_folder: paths::state_folder()
                .context("there is no place for threads: set HOME or XDG_STATE_HOME")?,
            user_folder: paths::user_config_file()
                .and_then(|file| Some(file.parent()?.to_path_buf())),
        })
    }
}

impl AgentHost {
    /// A host for threads that work in `cwd`, which is absolute, as this user and this folder have it.
    ///
    /// # Errors
    /// When settings cannot be used or there is no place for threads.
    pub(crate) fn new(cwd: &Path) -> anyhow::Result<Self> {
        let loaded = layers::load(&[cwd.to_path_buf()], &EditorSettings::default());
        if loaded.is_incomplete {
            bail!(
                "{}\nThese settings say which model gets to see the code, and what of it; mend them first",
                loaded.problems.join("\n")
            );
        }
        let (rules, unused_rules) = rules::load(&[cwd.to_path_buf()], &loaded.config)?;
        let options = HostOptions {
            rules,
            ..HostOptions::of_this_user(loaded.config)?
        };
        let mut host = Self::with(cwd, options)?;
        host.problems.extend(unused_rules);
        host.problems.extend(host.twins.recover());
        host.problems.splice(..0, loaded.problems);
        Ok(host)
    }

    /// A host for threads that work in `cwd`, which is absolute; looks at nothing of the user's.
    ///
    /// # Errors
    /// When the network settings cannot be used.
    pub(crate) fn with(cwd: &Path, options: HostOptions) -> anyhow::Result<Self> {
        let (catalogue, problems) = model_choice::catalogue(&options.config)?;
        let twins = Twins::new(TwinSettings {
            exclusions: exclusions(&options.config),
            hidden_variables: catalogue.key_variables(),
            sandbox: options.config.sandbox.clone(),
            state_folder: options.state_folder.clone(),
        });
        Ok(Self {
            problems,
            config: options.config,
            catalogue,
            store: ThreadStore::new(&options.state_folder),
            twins,
            cwd: cwd.to_path_buf(),
            folders: vec![cwd.to_path_buf()],
            user_folder: options.user_folder,
            rules: options.rules,
        })
    }

    /// The same for threads that work in several folders, absolute and without links, of which one has the host's `cwd`.
    pub(crate) fn in_folders(self, folders: &[PathBuf]) -> Self {
        Self {
            folders: folders.to_vec(),
            ..self
        }
    }

    /// Where threads work; absolute.
    pub(crate) fn cwd(&self) -> &Path {
        &self.cwd
    }

    /// The threads on disk.
    pub(crate) fn store(&self) -> &ThreadStore {
        &self.store
    }

    /// The twins on disk.
    pub(crate) fn twins(&self) -> &Twins {
        &self.twins
    }

    /// The services and models.
    pub(crate) fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// The AGENTS.md files that a thread would be told now, from the user's own to the nearest.
    pub(crate) fn project_instructions(&self) -> Vec<Part> {
        let world = self.world(&ThreadOptions::default()).observe();
        match world.section(SectionKind::ProjectInstructions) {
            Some(Section::Parts(parts)) => parts.clone(),
            Some(Section::Text(_)) | None => Vec::new(),
        }
    }

    /// The thread that `wanted` means: an id, the beginning of one, or `last` for the last one in this folder.
    ///
    /// # Errors
    /// When there is none, or there are several.
    pub(crate) fn find(&self, wanted: &str) -> anyhow::Result<ThreadId> {
        Ok(self.store.find::<Entry>(wanted, Some(&self.cwd))?)
    }

    /// A host for going on with a thread in the folder in which it has worked so far.
    ///
    /// # Errors
    /// When the thread cannot be read or its folder is gone.
    pub(crate) fn where_it_worked(self, id: ThreadId) -> anyhow::Result<Self> {
        let entries = self.store.read::<Entry>(id)?.events;
        let cwd = &last_settings(&entries).context(EMPTY_LOG)?.cwd;
        if *cwd == self.cwd {
            return Ok(self);
        }
        if !cwd.is_dir() {
            bail!(
                "the thread worked in {}, which is not there any more; `--directory FOLDER` goes on elsewhere",
                cwd.display()
            );
        }
        let mut host = Self::new(cwd)?;
        let message = format!("The thread goes on in its folder, {}.", cwd.display());
        host.problems.push(message);
        Ok(host)
    }

    /// Begins a thread.
    ///
    /// # Errors
    /// When the model cannot be used or the log cannot be written.
    pub(crate) fn start(
        &self,
        options: &ThreadOptions,
        mut link: SurfaceLink,
    ) -> anyhow::Result<AtWork> {
        let mut prepared = self.prepare(options)?;
        if let Some(message) = prepared.chosen.announcement.take() {
            (link.listener)(ThreadEvent::Notice { message });
        }
        let log = self.store.create::<Entry>(NewThread {
            cwd: self.cwd.clone(),
            provider: prepared.settings.provider.clone(),
            model: prepared.settings.model.clone(),
        })?;
        let start = ThreadStart {
            thread: log.id().to_string(),
            settings: prepared.settings.clone(),
        };
        let find_place = self.new_place(log.id(), options);
        at_work::begin(prepared, (log, link), find_place, |parts| {
            ThreadHandle::start(parts, start)
        })
    }

    /// Takes a thread up again. A turn that was running goes on.
    ///
    /// # Errors
    /// When it is in use, cannot be read, or its model cannot be used.
    pub(crate) fn resume(
        &self,
        id: ThreadId,
        options: &ThreadOptions,
        link: SurfaceLink,
    ) -> anyhow::Result<AtWork> {
        let (log, entries) = self.store.open::<Entry>(id)?;
        let (prepared, settings) = self.prepare_again(&entries, options)?;
        let resume = Resume {
            unfinished: Unfinished::GoOn,
            settings,
        };
        let find_place = self.place_as_left(id, options)?;
        at_work::begin(prepared, (log, link), find_place, |parts| {
            ThreadHandle::resume(parts, entries, resume)
        })
    }

    /// Begins a thread with what another one knew at the end of a turn; all of it without `turn`.
    ///
    /// # Errors
    /// When the other cannot be read, has no such turn, or its model cannot be used.
    pub(crate) fn fork(
        &self,
        id: ThreadId,
        turn: Option<u32>,
        options: &ThreadOptions,
        link: SurfaceLink,
    ) -> anyhow::Result<AtWork> {
        let record = self.store.read::<Entry>(id)?;
        let (machine, _) = machine::replay(record.events.iter().cloned())?;
        let turn = turn.unwrap_or_else(|| machine.turns() - u32::from(machine.has_turn()));
        let point = machine::fork_point(&record.events, turn)?;
        let (prepared, settings) = self.prepare_again(&record.events, options)?;
        let (log, entries) = self.store.fork::<Entry>(id, point)?;
        let fork = Fork {
            thread: log.id().to_string(),
            parent: id.to_string(),
            turn,
            settings,
        };
        let find_place = self.new_place(log.id(), options);
        at_work::begin(prepared, (log, link), find_place, |parts| {
            ThreadHandle::fork(parts, entries, fork)
        })
    }

    /// A new place for the thread `id`, to be found on another thread.
    fn new_place(&self, id: ThreadId, options: &ThreadOptions) -> FindPlace {
        let (twins, new) = (self.twins.clone(), self.new_twin(options));
        let work_in = options.work_in;
        Box::new(move || match work_in {
            WorkIn::Folder => Ready::Folder(Vec::new()),
            WorkIn::Twin => twins.create(id, &new),
        })
    }

    /// The place that the thread `id` has left. It is looked for at once: a turn that cannot go on stays as it is.
    fn place_as_left(&self, id: ThreadId, options: &ThreadOptions) -> anyhow::Result<FindPlace> {
        let ready = match options.work_in {
            WorkIn::Folder => Ready::Folder(Vec::new()),
            WorkIn::Twin => self.twins.take_up_or_create(id, &self.new_twin(options)),
        };
        match ready {
            Ready::Nowhere(reason) => bail!("{reason}"),
            ready => Ok(Box::new(|| ready)),
        }
    }

    fn new_twin(&self, options: &ThreadOptions) -> NewTwin {
        NewTwin {
            title: options.title.clone(),
            folders: self.folders.clone(),
            documents: options.documents.clone(),
        }
    }
}

/// What nobody may see, as the settings and the user's git have it.
pub(crate) fn exclusions(config: &Config) -> ExclusionOptions {
    ExclusionOptions {
        patterns: config.exclude.patterns.clone(),
        git_excludes_file: default_git_excludes_file(),
    }
}

/// The settings in force at the end of a log.
fn last_settings(entries: &[Entry]) -> Option<&Settings> {
    entries.iter().rev().find_map(|entry| match &entry.event {
        Event::ThreadStarted(start) => Some(&start.settings),
        Event::SettingsChanged(settings) => Some(settings.as_ref()),
        _ => None,
    })
}
