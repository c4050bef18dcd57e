//! What a task has been allowed so far, and who is asked for more: rules first, then what was said before, then the person.
//!
//! One a thread, held by the tool that runs commands. The person answers through [`crate::tool::Gate`];
//! how questions look is the surface's affair.

use std::{
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
};

use sandbox::Wall;
use syntax::ShellScript;

use crate::{
    ToolContext,
    need::{Need, are_covered},
    rules::{Judgement, Rules, RulesError, suggested_prefix},
    tool::{Approval, Decision},
};

/// What has been allowed and declined in a task.
pub struct Approvals {
    state: Mutex<State>,
}

struct State {
    rules: Rules,
    /// For this task: commands that begin with these words may have this.
    granted: Vec<(Begins, Vec<Need>)>,
    /// Questions that were answered with no: not asked again after a refusal.
    declined: Vec<(String, Vec<Need>)>,
}

/// Which commands a grant is for.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Begins {
    /// Those whose one command begins with these words.
    With(Vec<String>),
    /// This text and no other.
    Exactly(String),
}

/// A command that may have to be asked about.
#[derive(Clone, Copy)]
pub(crate) struct Wish<'a> {
    /// As a shell would take it.
    pub(crate) command: &'a str,
    /// Where it runs.
    pub(crate) folder: &'a Path,
    /// What it needs beyond the twin.
    pub(crate) needs: &'a [Need],
    /// Why, if the model says.
    pub(crate) reason: Option<&'a str>,
    /// What the command said when the sandbox refused it, if it ran before.
    pub(crate) refused: Option<&'a str>,
}

/// Why something was not allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NotAllowed {
    /// A rule forbids it.
    Forbidden(Option<String>),
    /// The person said no.
    Declined(Option<String>),
    /// The person said no to the same before.
    DeclinedBefore,
    /// Nobody can be asked.
    NobodyThere,
    /// The person stopped the turn.
    Stopped,
}

impl Approvals {
    /// Nothing is allowed but what `rules` say.
    pub fn new(rules: Rules) -> Self {
        Self {
            state: Mutex::new(State {
                rules,
                granted: Vec::new(),
                declined: Vec::new(),
            }),
        }
    }

    /// Whether a command may run with what it needs; asks where nothing else decides.
    ///
    /// # Errors
    /// Why not.
    pub(crate) fn permit(
        &self,
        wish: &Wish<'_>,
        context: &ToolContext<'_>,
    ) -> Result<(), NotAllowed> {
        let has_twin = context.workspace.wall() != Wall::None;
        let needs = &judged_needs(wish.needs, context.workspace.wall())[..];
        let script = ShellScript::read(wish.command);
        let rule = match self.state().judge(&script, wish.command, needs) {
            Judgement::Forbidden(because) => return Err(NotAllowed::Forbidden(because)),
            Judgement::Allowed => return Ok(()),
            Judgement::Silent if has_twin && needs.is_empty() => return Ok(()),
            Judgement::Silent => None,
            Judgement::Asked(because) => because,
        };
        if wish.refused.is_some() && self.state().was_declined(wish.command, needs) {
            return Err(NotAllowed::DeclinedBefore);
        }
        let prefix = suggested_prefix(&script).filter(|_| !needs.is_empty());
        let approval = match has_twin && !needs.is_empty() {
            true => wish.leaves_twin(needs, prefix.clone()),
            false => wish.runs(rule),
        };
        let decision = context.gate.approve(&approval, context.cancel);
        self.settle(decision, prefix, wish.command, needs, context)
    }

    /// Does what the person has decided.
    fn settle(
        &self,
        decision: Decision,
        prefix: Option<Vec<String>>,
        command: &str,
        needs: &[Need],
        context: &ToolContext<'_>,
    ) -> Result<(), NotAllowed> {
        match decision {
            Decision::Allow => Ok(()),
            Decision::AllowForTask => {
                self.state().grant(prefix, command, needs);
                Ok(())
            }
            Decision::AllowAlways => {
                self.allow_always(prefix, command, needs, context);
                Ok(())
            }
            Decision::Deny { reason } => {
                // A question that an interrupt has closed was not answered.
                if !context.cancel.is_set() {
                    self.state().declined.push((command.into(), needs.to_vec()));
                }
                Err(NotAllowed::Declined(reason))
            }
            Decision::NobodyThere => Err(NotAllowed::NobodyThere),
            Decision::Stop => {
                (context.stop_turn)();
                Err(NotAllowed::Stopped)
            }
        }
    }

    /// Writes the rule. Where that fails the yes holds for the task, and the person is told.
    fn allow_always(
        &self,
        prefix: Option<Vec<String>>,
        command: &str,
        needs: &[Need],
        context: &ToolContext<'_>,
    ) {
        let mut state = self.state();
        let written = match &prefix {
            Some(prefix) => state.rules.allow_always(prefix, needs),
            None => Ok(()),
        };
        state.grant(prefix, command, needs);
        drop(state);
        if let Err(error) = written {
            context.show(&not_kept(&error));
        }
    }

    /// Every value in it is whole at any time, so a panic elsewhere does not spoil it.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// What the rules say, unless this task was allowed more.
    fn judge(&self, script: &ShellScript, command: &str, needs: &[Need]) -> Judgement {
        let judgement = self.rules.judge(script, needs);
        let is_open = matches!(judgement, Judgement::Silent | Judgement::Asked(_));
        match is_open && self.is_granted(script, command, needs) {
            true => Judgement::Allowed,
            false => judgement,
        }
    }

    fn is_granted(&self, script: &ShellScript, command: &str, needs: &[Need]) -> bool {
        let prefix = suggested_prefix(script);
        let mut grants = self.granted.iter();
        grants.any(|(begins, given)| {
            let is_for = match begins {
                Begins::With(words) => prefix.as_ref() == Some(words),
                Begins::Exactly(text) => text == command,
            };
            is_for && are_covered(needs, given)
        })
    }

    fn grant(&mut self, prefix: Option<Vec<String>>, command: &str, needs: &[Need]) {
        let begins = match prefix {
            Some(words) => Begins::With(words),
            None => Begins::Exactly(command.into()),
        };
        self.granted.push((begins, needs.to_vec()));
    }

    fn was_declined(&self, command: &str, needs: &[Need]) -> bool {
        let mut declined = self.declined.iter();
        declined.any(|(text, asked)| text == command && asked == needs)
    }
}

impl Wish<'_> {
    fn leaves_twin(&self, needs: &[Need], prefix: Option<Vec<String>>) -> Approval {
        Approval::LeaveTwin {
            command: self.command.into(),
            cwd: self.folder.into(),
            needs: needs.to_vec(),
            reason: self.reason.map(str::to_owned),
            refused: self.refused.map(str::to_owned),
            prefix,
        }
    }

    fn runs(&self, rule: Option<String>) -> Approval {
        Approval::RunCommand {
            command: self.command.into(),
            cwd: self.folder.into(),
            reason: self.reason.map(str::to_owned),
            rule,
        }
    }
}

/// What of `needs` is judged. Without a twin every command has everything; a loopback of the task's own reaches nobody.
fn judged_needs(needs: &[Need], wall: Wall) -> Vec<Need> {
    match wall {
        Wall::None => vec![Need::Unconfined],
        Wall::Overlay => needs
            .iter()
            .filter(|need| **need != Need::Loopback)
            .cloned()
            .collect(),
        Wall::OverlaySharedNetwork | Wall::Copy => needs.to_vec(),
    }
}

fn not_kept(error: &RulesError) -> String {
    format!("The rule could not be kept, so this is allowed for this task only: {error}\n")
}
