//! What a thread is made of before it begins: the model that was chosen, the settings, the tools, and the world that the
//! model is told of. `agent_host` adds the log, `at_work` begins it.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use agent::codemod::Codemod;
use agent::limits::Limits;
use agent::machine::{Entry, Settings, ToolDeclaration};
use agent::prompt::{InstructionOptions, Permissions, instructions};
use agent::tools;
use agent::tools::diagnostics::{Diagnostics, DiagnosticsSource};
use agent::tools::report_findings::{FindingsSink, ReportFindings};
use agent::tools::spawn_tasks::SpawnTasks;
use agent::world::{EditorContext, ProjectWorld, WorldOptions};
use agent::{Rules, Tool};
use anyhow::Context;
use models::catalogue::{Choice, EMBEDDED};
use models::{Key, Provider, ReasoningEffort};
use sandbox::Processes;
use sandbox::twin::UnsavedDocument;

use super::folder_place::FolderPlace;
use super::place::{PlaceOfWork, PlaceStarter, WorkIn};
use super::sub_tasks::SubTaskHost;
use super::{AgentHost, EMPTY_LOG, exclusions, last_settings};
use crate::config::AgentConfig;
use crate::model_choice;

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
    /// What the editor's other servers report, where there is an editor.
    pub(crate) diagnostics: Option<Arc<dyn DiagnosticsSource>>,
    /// Where what it finds is shown, where it is a review.
    pub(crate) findings: Option<Arc<dyn FindingsSink>>,
    /// What it is about, for those who find its twin or its checkpoint later.
    pub(crate) title: String,
    /// What is open in the editor and not saved: a new twin begins with it.
    pub(crate) documents: Vec<UnsavedDocument>,
    /// What the editor shows when the thread begins.
    pub(crate) editor: EditorContext,
}

/// A model that is ready to be spoken to.
pub(crate) struct ChosenModel {
    pub(crate) provider: Arc<dyn Provider>,
    pub(crate) model: String,
    /// Which and why, in a sentence, when the user has not asked for one.
    pub(super) announcement: Option<String>,
    pub(super) secrets: Vec<Key>,
}

/// What a thread is made of, but for its log.
pub(crate) struct PreparedThread {
    pub(crate) settings: Settings,
    pub(crate) chosen: ChosenModel,
    pub(crate) world: Arc<ProjectWorld>,
    pub(super) tools: Vec<Arc<dyn Tool>>,
    /// Behind the tool that asks for sub-tasks.
    pub(super) sub_tasks: Arc<SubTaskHost>,
    pub(super) place: Arc<PlaceOfWork>,
    /// As they were asked for.
    pub(super) options: ThreadOptions,
}

impl ThreadOptions {
    /// Whether it says how far a turn may go.
    fn has_limits(&self) -> bool {
        self.max_steps.is_some() || self.max_minutes.is_some() || self.max_tokens.is_some()
    }
}

impl AgentHost {
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
        let mut tools = tools(&place, self.rules.clone());
        let sub_tasks = Arc::new(self.sub_tasks(&place, options));
        tools.push(Arc::new(SpawnTasks::new(sub_tasks.clone())));
        if let Some(source) = &options.diagnostics {
            tools.push(Arc::new(Diagnostics::new(Arc::clone(source))));
        }
        if let Some(sink) = &options.findings {
            tools.push(Arc::new(ReportFindings::new(Arc::clone(sink))));
        }
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
            sub_tasks,
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

    fn folder_place(&self) -> anyhow::Result<FolderPlace> {
        let hidden_variables = self.catalogue.key_variables();
        FolderPlace::new(&self.folders, &exclusions(&self.config), hidden_variables)
    }

    pub(super) fn world(&self, options: &ThreadOptions) -> ProjectWorld {
        let world = ProjectWorld::new(self.world_options(options));
        world.set_editor(options.editor.clone());
        world
    }

    fn world_options(&self, options: &ThreadOptions) -> WorldOptions {
        let agent = &self.config.agent;
        WorldOptions {
            cwd: self.cwd.clone(),
            folders: self.folders.clone(),
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
        }
    }

    /// What runs the sub-tasks of a thread that works in `place`.
    fn sub_tasks(&self, place: &Arc<PlaceOfWork>, options: &ThreadOptions) -> SubTaskHost {
        SubTaskHost {
            place: Arc::clone(place),
            store: self.store.clone(),
            twins: self.twins.clone(),
            rules: self.rules.clone(),
            exclusions: exclusions(&self.config),
            hidden_variables: self.catalogue.key_variables(),
            world: self.world_options(options),
            permissions: options.permissions.clone(),
            documents: options.documents.clone(),
            at_once: self.config.agent.sub_tasks,
            parent: OnceLock::new(),
        }
    }
}

/// The tools for work in `place`.
fn tools(place: &Arc<PlaceOfWork>, rules: Rules) -> Vec<Arc<dyn Tool>> {
    let starter = PlaceStarter(Arc::clone(place));
    let processes = Processes::new(Box::new(starter), sandbox::Limits::default());
    tools::standard(&Arc::new(processes), rules)
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
