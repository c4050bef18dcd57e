//! Carries a plan out: checkpoint, journal, steps; and takes all back when one of them fails.

use ::workspace::{Workspace, WorkspaceSnapshot, normalize};
use changes::Proposal;

use super::{
    AppliedFile, CheckpointId, ConflictPolicy, Landed, LandingError, LandingOptions,
    disk::{Disk, Found},
    journal::Journal,
    place::Places,
    plan::{self, Modes, Plan},
    prune, recovery,
    store::{Occasion, Store},
    stored::Packer,
    transaction::{self, Failure, RolledBack, Unrestored},
};

/// How often it is begun anew when a file changes between the look at it and its replacement.
const ATTEMPTS: usize = 5;

/// A proposal, and what is known of it besides.
pub(super) struct Request<'a> {
    pub(super) proposal: &'a Proposal,
    /// What is kept of files that it makes again.
    pub(super) modes: Modes,
    pub(super) title: &'a str,
    /// The checkpoint that is restored with it.
    pub(super) undoes: Option<CheckpointId>,
}

/// Applies what merges.
pub(super) fn land(
    disk: &dyn Disk,
    request: &Request<'_>,
    options: &LandingOptions<'_>,
) -> Result<Landed, LandingError> {
    let snapshot = snapshot(disk, options)?;
    let store = Store::create(disk, options.state_folder)?;
    let _lock = store.lock()?;
    let recovered = recovery::recover_under_lock(&store)?;
    if let Err(error) = store.remove_leftovers() {
        tracing::warn!(%error, "an unfinished checkpoint is left behind");
    }
    let mut last_changed = None;
    for _ in 0..ATTEMPTS {
        let mut places = Places {
            snapshot: &snapshot,
            state_folder: store.folder().parent().unwrap_or(store.folder()),
            going: Default::default(),
        };
        let plan = plan::plan(disk, &mut places, request.proposal, &request.modes)?;
        let is_refused = options.conflicts == ConflictPolicy::Refuse && !plan.conflicts.is_empty();
        if is_refused || plan.outcomes.is_empty() {
            let mut landed = Landed::nothing_of(plan);
            landed.recovered = recovered;
            return Ok(landed);
        }
        match carry_out(&store, &plan, request, options)? {
            Carried::Out(id) => {
                prune::prune(&store, &options.limits, id);
                let mut landed = Landed::all_of(plan, id);
                landed.recovered = recovered;
                return Ok(landed);
            }
            Carried::Interfered(path) => last_changed = Some(path),
        }
    }
    Err(LandingError::KeepsChanging {
        path: last_changed.unwrap_or_default(),
    })
}

/// The folders as they are now, all of which must be there.
pub(super) fn snapshot(
    disk: &dyn Disk,
    options: &LandingOptions<'_>,
) -> Result<WorkspaceSnapshot, LandingError> {
    let mut workspace = Workspace::new(options.exclusions)?;
    for path in options.folders {
        workspace.add_folder(path)?;
    }
    let snapshot = workspace.snapshot();
    for folder in snapshot.folders() {
        let found = disk.look(&normalize(folder.real_path()));
        match found.map_err(|error| LandingError::read(folder.path(), error))? {
            Found::Folder { .. } => {}
            _ => {
                return Err(LandingError::NoFolder {
                    path: folder.path().to_path_buf(),
                });
            }
        }
    }
    Ok(snapshot)
}

enum Carried {
    Out(CheckpointId),
    /// Somebody changed this file meanwhile; all is as it was before.
    Interfered(std::path::PathBuf),
}

fn carry_out(
    store: &Store<'_>,
    plan: &Plan,
    request: &Request<'_>,
    options: &LandingOptions<'_>,
) -> Result<Carried, LandingError> {
    let id = CheckpointId::new();
    let occasion = Occasion {
        title: request.title,
        thread: options.thread,
        turn: None,
        folders: options.folders,
        undoes: request.undoes,
    };
    let mut packer = Packer::default();
    let journal = Journal::new(id, &plan.steps, &mut packer);
    let begun = store
        .write_pending(id, &occasion, &plan.outcomes, packer)
        .and_then(|()| journal.write(store));
    if let Err(error) = begun {
        // Nothing has been touched yet; what cannot be removed now goes at the next time.
        let _ = Journal::remove(store).and_then(|()| {
            let removed = store.remove(id);
            removed.map_err(|error| LandingError::keep(store.folder(), error))
        });
        return Err(error);
    }
    let performed = transaction::perform(store.disk(), &plan.steps).and_then(|()| {
        let completed = store.complete(id);
        completed.map_err(transaction::at(store.folder()))
    });
    match performed {
        Ok(()) => {
            finish(store, plan);
            Ok(Carried::Out(id))
        }
        Err(failure) => take_back(store, plan, id, failure),
    }
}

/// All is done. What cannot be swept away now is swept away when the journal is found the next time.
fn finish(store: &Store<'_>, plan: &Plan) {
    let swept = transaction::sweep(store.disk(), &plan.steps);
    for path in &swept.kept {
        tracing::warn!(path = %path.display(), "a file was changed while it was replaced; this is what was written to it");
    }
    let removed = match swept.failed.first() {
        Some((path, error)) => {
            tracing::warn!(path = %path.display(), %error, "a temporary file is left for later");
            return;
        }
        None => Journal::remove(store),
    };
    if let Err(error) = removed {
        tracing::warn!(%error, "the journal of a finished change is left for later");
    }
}

fn take_back(
    store: &Store<'_>,
    plan: &Plan,
    id: CheckpointId,
    failure: Failure,
) -> Result<Carried, LandingError> {
    let rolled_back = transaction::roll_back(store.disk(), &plan.steps);
    let remains = rolled_back.describe();
    if remains.is_empty() {
        recovery::forget(store, id)?;
        return match failure {
            Failure::Changed { path } => Ok(Carried::Interfered(path)),
            Failure::Disk { path, error } => Err(LandingError::Write {
                path,
                source: error,
            }),
        };
    }
    // What could not be put back is tried again when the journal is found; what others changed is in the checkpoint.
    if rolled_back.failed.is_empty() {
        recovery::keep(store, id)?;
    }
    Err(LandingError::HalfDone {
        cause: failure.describe(),
        remains,
    })
}

impl Landed {
    fn nothing_of(plan: Plan) -> Self {
        Self {
            unchanged: plan.unchanged,
            conflicts: plan.conflicts,
            ..Self::default()
        }
    }

    fn all_of(plan: Plan, checkpoint: CheckpointId) -> Self {
        let applied = plan.outcomes.into_iter().map(|outcome| AppliedFile {
            kind: outcome.kind(),
            path: outcome.path,
            renamed_from: outcome.moved_from.map(|(path, _)| path),
        });
        Self {
            applied: applied.collect(),
            unchanged: plan.unchanged,
            conflicts: plan.conflicts,
            notes: plan.notes,
            checkpoint: Some(checkpoint),
            recovered: None,
        }
    }
}

impl Failure {
    fn describe(&self) -> String {
        match self {
            Self::Changed { path } => {
                format!(
                    "{} was changed by another program meanwhile",
                    path.display()
                )
            }
            Self::Disk { path, error } => format!("cannot change {}: {error}", path.display()),
        }
    }
}

impl RolledBack {
    /// What is not as it was, a sentence each.
    pub(super) fn describe(&self) -> Vec<String> {
        let left = self.left.iter().map(|path| {
            format!(
                "{} was changed by another program and stays as that left it",
                path.display()
            )
        });
        let failed = self.failed.iter().map(Unrestored::describe);
        let kept = self.kept.iter().map(|path| {
            format!(
                "{} holds what another program wrote meanwhile",
                path.display()
            )
        });
        left.chain(failed).chain(kept).collect()
    }
}

impl Unrestored {
    fn describe(&self) -> String {
        let now_at = match &self.now_at {
            Some(now_at) => format!("; what was there is {} now", now_at.display()),
            None => String::new(),
        };
        format!(
            "{} is not yet as it was ({}){now_at}; ropewalk tries again when it is started the next time",
            self.path.display(),
            self.error
        )
    }
}
