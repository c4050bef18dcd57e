//! Puts agent threads together: from the settings and the options of a surface to a thread at work.
//!
//! The command line uses it today, the language server will. It decides nothing about turns; that is the agent's.

mod folder_place;
pub(crate) mod place;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use agent::codemod::Codemod;
use agent::limits::Limits;
use agent::machine::{self, Entry, Event, Settings, ThreadStart, ToolDeclaration, Unfinished};
use agent::prompt::{InstructionOptions, Permissions, instructions};
use agent::store::{NewThread, ThreadId, ThreadLog, ThreadStore};
use agent::surface::ThreadEvent;
use agent::thread::{Fork, Resume, ThreadError};
use agent::tool::Gate;
use agent::tools;
use agent::world::{Part, ProjectWorld, Section, SectionKind, WorldOptions, WorldSource};
use agent::{Redactor, Rules, ThreadHandle, ThreadParts, Tool};
use anyhow::{Context, bail};
use models::catalogue::{Catalogue, Choice, EMBEDDED};
use models::{Key, Provider, ReasoningEffort};
use sandbox::Processes;
use workspace::{ExclusionOptions, default_git_excludes_file};

use crate::config::layers::{self, EditorSettings};
use crate::config::{AgentConfig, Config, paths, rules};
use crate::model_choice;
use crate::twins::{TaskTwin, TwinSettings, Twins};

use folder_place::FolderPlace;
use place::{PlaceOfWork, PlaceStarter, Promise, Ready, WorkIn};

const EMPTY_LOG: &str = "the thread's log is empty";

/// Everything that threads in one folder have in common.
pub(crate) struct AgentHost {
    config: Config,
    catalogue: Catalogue,
    store: ThreadStore,
    twins: Twins,
    cwd: PathBuf,
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

/// What a surface wants of a thread beyond the settings.
#[derive(Clone, Debug, Default)]
pub(crate) struct ThreadOptions {
    /// As for [`Catalogue::choose`].
    pub(crate) model: Option<String>,
    /// How hard to think.
    pub(crate) effort: Option<ReasoningEffort>,
    /// Requests in one turn at most.
    pub(crate) max_steps: Option<u32>,
    /// Minutes that one turn may take.
    pub(crate) max_minutes: Option<u64>,
    /// Tokens in one turn at most.
    pub(crate) max_tokens: Option<u64>,
    /// What may be done.
    pub(crate) permissions: Permissions,
    /// Where it is done.
    pub(crate) work_in: WorkIn,
    /// What it is about, for those who find its twin or its checkpoint later.
    pub(crate) title: String,
}

/// Told what a place of work turned out to be.
pub(crate) type PlaceReady = Box<dyn FnOnce(&Ready) + Send>;

/// What connects a thread to its surface.
pub(crate) struct SurfaceLink {
    /// Asked before every effect.
    pub(crate) gate: Arc<dyn Gate>,
    /// Hears everything that may be shown.
    pub(crate) listener: Box<dyn FnMut(ThreadEvent) + Send>,
    /// Is told what the place of work turned out to be, before anything is done there.
    pub(crate) place_ready: PlaceReady,
}

/// A thread at work, and where it works.
pub(crate) struct AtWork {
    pub(crate) handle: Arc<ThreadHandle>,
    pub(crate) place: Arc<PlaceOfWork>,
    /// Makes the place ready, and ends then.
    maker: JoinHandle<()>,
}

/// A model that is ready to be spoken to.
pub(crate) struct ChosenModel {
    pub(crate) provider: Arc<dyn Provider>,
    pub(crate) model: String,
    /// Which and why, in a sentence, when the user has not asked for one.
    announcement: Option<String>,
    secrets: Vec<Key>,
}

/// What a thread is made of, but for its log.
pub(crate) struct PreparedThread {
    pub(crate) settings: Settings,
    pub(crate) chosen: ChosenModel,
    pub(crate) world: Arc<ProjectWorld>,
    tools: Vec<Arc<dyn Tool>>,
    place: Arc<PlaceOfWork>,
    /// As they were asked for.
    options: ThreadOptions,
}

/// Finds or makes a place of work, which may take a while.
type FindPlace = Box<dyn FnOnce() -> Ready + Send>;

impl AtWork {
    /// Ends the thread with all that it has running. Gives the twin in which it worked, if it did so in one. Nobody else
    /// has the thread's handle by now.
    pub(crate) fn end(self) -> Option<TaskTwin> {
        drop(self.handle);
        // If it has panicked, nobody was given a place.
        drop(self.maker.join());
        Arc::into_inner(self.place)?.into_twin()
    }
}

impl ThreadOptions {
    /// Whether it says how far a turn may go.
    fn has_limits(&self) -> bool {
        self.max_steps.is_some() || self.max_minutes.is_some() || self.max_tokens.is_some()
    }
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
        let (rules, unused_rules) = rules::load(cwd, &loaded.config)?;
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
            user_folder: options.user_folder,
            rules: options.rules,
        })
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
        Self::begin(prepared, (log, link), find_place, |parts| {
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
        Self::begin(prepared, (log, link), find_place, |parts| {
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
        Self::begin(prepared, (log, link), find_place, |parts| {
            ThreadHandle::fork(parts, entries, fork)
        })
    }

    /// Chooses the model and puts together what a new thread is made of.
    ///
    /// # Errors
    /// When the model, the folder or the walls that were asked for cannot be used.
    pub(crate) fn prepare(&self, options: &ThreadOptions) -> anyhow::Result<PreparedThread> {
        if options.work_in == WorkIn::Twin {
            self.twins.check_settings()?;
        }
        let wanted = options.model.as_deref().or(self.config.model.as_deref());
        let chosen = self.choose(wanted)?;
        let place = Arc::new(PlaceOfWork::pending(self.folder_place()?));
        let tools = tools(&place, self.rules.clone());
        let facts = chosen.provider.facts(&chosen.model);
        let declarations = ToolDeclaration::all(&tools, &facts);
        let names: Vec<&str> = declarations.iter().map(|tool| tool.spec.name()).collect();
        let settings = Settings {
            provider: chosen.provider.name().to_owned(),
            model: chosen.model.clone(),
            instructions: instructions(&InstructionOptions { tools: &names }),
            tools: declarations,
            facts,
            effort: options.effort.or(self.config.agent.effort),
            cwd: self.cwd.clone(),
            limits: limits(&self.config.agent, options),
        };
        Ok(PreparedThread {
            settings,
            chosen,
            world: Arc::new(self.world(options)),
            tools,
            place,
            options: options.clone(),
        })
    }

    /// The same for a thread that is there already: what its log says stays, unless the options say otherwise. It works in
    /// this host's folder from here on.
    pub(crate) fn prepare_again(
        &self,
        entries: &[Entry],
        options: &ThreadOptions,
    ) -> anyhow::Result<(PreparedThread, Option<Settings>)> {
        let logged = last_settings(entries).context(EMPTY_LOG)?;
        let mut options = options.clone();
        let is_same_model = options.model.is_none();
        options.model.get_or_insert_with(|| qualified(logged));
        let mut prepared = self.prepare(&options)?;
        let limits = match options.has_limits() {
            true => prepared.settings.limits.clone(),
            false => logged.limits.clone(),
        };
        let settings = Settings {
            limits,
            effort: options.effort.or(logged.effort),
            cwd: self.cwd.clone(),
            ..if is_same_model {
                logged.clone()
            } else {
                prepared.settings.clone()
            }
        };
        prepared.settings = settings.clone();
        Ok((prepared, (settings != *logged).then_some(settings)))
    }

    fn choose(&self, wanted: Option<&str>) -> anyhow::Result<ChosenModel> {
        let choice = self.catalogue.choose(wanted)?;
        let announcement = wanted.is_none().then(|| model_choice::sentence(&choice));
        Ok(match &choice {
            Choice::Embedded { .. } => ChosenModel {
                provider: Arc::new(Codemod),
                model: EMBEDDED.to_owned(),
                announcement: announcement.map(|sentence| {
                    format!("{sentence} `ropewalk models` says what could be used.")
                }),
                secrets: self.catalogue.secrets(None),
            },
            Choice::Service(service) => ChosenModel {
                provider: Arc::new(self.catalogue.open(service)?),
                model: service.model.clone(),
                announcement,
                secrets: self.catalogue.secrets(Some(service)),
            },
        })
    }

    /// A new place for the thread `id`, to be found on another thread.
    fn new_place(&self, id: ThreadId, options: &ThreadOptions) -> FindPlace {
        let (twins, cwd) = (self.twins.clone(), self.cwd.clone());
        let options = options.clone();
        Box::new(move || match options.work_in {
            WorkIn::Folder => Ready::Folder(Vec::new()),
            WorkIn::Twin => twins.create(id, &options.title, &cwd),
        })
    }

    /// The place that the thread `id` has left. It is looked for at once: a turn that cannot go on stays as it is.
    fn place_as_left(&self, id: ThreadId, options: &ThreadOptions) -> anyhow::Result<FindPlace> {
        let ready = match options.work_in {
            WorkIn::Folder => Ready::Folder(Vec::new()),
            WorkIn::Twin => self.twins.take_up_or_create(id, &options.title, &self.cwd),
        };
        match ready {
            Ready::Nowhere(reason) => bail!("{reason}"),
            ready => Ok(Box::new(|| ready)),
        }
    }

    /// Starts the thread, and has its place made ready meanwhile.
    fn begin(
        prepared: PreparedThread,
        (log, link): (ThreadLog<Entry>, SurfaceLink),
        find_place: FindPlace,
        start: impl FnOnce(ThreadParts) -> Result<ThreadHandle, ThreadError>,
    ) -> anyhow::Result<AtWork> {
        let place = Arc::clone(&prepared.place);
        let answers_at_once = prepared.settings.provider == EMBEDDED;
        let (world, asked) = (
            Arc::clone(&prepared.world),
            prepared.options.permissions.clone(),
        );
        let (parts, place_ready) = prepared.into_parts(log, link);
        let handle = start(parts)?;
        let promise = Promise(Arc::clone(&place));
        let make_ready = move || {
            let ready = find_place();
            world.set_permissions(ready.permissions(&asked));
            place_ready(&ready);
            promise.0.is_ready(ready);
        };
        // The model is asked meanwhile.
        let maker = thread::Builder::new().name("twin".into()).spawn(make_ready);
        let maker = maker.context("no thread can be started to make the twin")?;
        if answers_at_once {
            // The user is told of the place before anything is done there.
            place.wait();
        }
        Ok(AtWork {
            handle: Arc::new(handle),
            place,
            maker,
        })
    }

    fn folder_place(&self) -> anyhow::Result<FolderPlace> {
        let hidden_variables = self.catalogue.key_variables();
        FolderPlace::new(&self.cwd, &exclusions(&self.config), hidden_variables)
    }

    fn world(&self, options: &ThreadOptions) -> ProjectWorld {
        let agent = &self.config.agent;
        ProjectWorld::new(WorldOptions {
            cwd: self.cwd.clone(),
            folders: vec![self.cwd.clone()],
            shell: sandbox::shell()
                .file_name()
                .map(|name| name.to_string_lossy().into_owned()),
            developer_instructions: Some(agent.instructions.clone())
                .filter(|text| !text.is_empty()),
            user_folder: self.user_folder.clone(),
            agents_md_limit: usize::try_from(agent.agents_md_kilobytes * 1024).ok(),
            permissions: match options.work_in {
                WorkIn::Folder => options.permissions.clone(),
                // The strongest walls are taken for granted until the place is ready.
                WorkIn::Twin => Permissions::in_twin(options.permissions.commands),
            },
        })
    }
}

impl PreparedThread {
    fn into_parts(self, log: ThreadLog<Entry>, link: SurfaceLink) -> (ThreadParts, PlaceReady) {
        let secrets = self.chosen.secrets.iter();
        let parts = ThreadParts {
            provider: self.chosen.provider,
            tools: self.tools,
            gate: link.gate,
            workspace: self.place,
            world: self.world,
            journal: Box::new(log),
            redactor: Redactor::new(secrets.map(|key| key.reveal().to_owned())),
            listener: link.listener,
        };
        (parts, link.place_ready)
    }
}

/// The tools for work in `place`.
fn tools(place: &Arc<PlaceOfWork>, rules: Rules) -> Vec<Arc<dyn Tool>> {
    let starter = PlaceStarter(Arc::clone(place));
    let processes = Processes::new(Box::new(starter), sandbox::Limits::default());
    tools::standard(&Arc::new(processes), rules)
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

/// The model of a thread as [`Catalogue::choose`] takes it.
fn qualified(settings: &Settings) -> String {
    match settings.provider.as_str() {
        EMBEDDED => settings.provider.clone(),
        provider => format!("{provider}/{}", settings.model),
    }
}

fn limits(agent: &AgentConfig, options: &ThreadOptions) -> Limits {
    let minutes = options.max_minutes.or(agent.max_minutes);
    Limits {
        steps: options.max_steps.unwrap_or(agent.max_steps),
        tokens: options.max_tokens.or(agent.max_tokens),
        time: minutes.map(|minutes| Duration::from_secs(minutes * 60)),
        compact_at_percent: agent.compact_at_percent,
        ..Limits::default()
    }
}
