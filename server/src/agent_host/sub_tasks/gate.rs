//! Asks the parent's gate in a sub-task's name.

use std::sync::Arc;

use agent::tool::{Approval, Decision, Gate, Question};
use workspace::CancellationFlag;

/// The gate of a sub-task.
pub(super) struct SubTaskGate {
    pub(super) parent: Arc<dyn Gate>,
    pub(super) title: String,
}

impl Gate for SubTaskGate {
    fn approve(&self, approval: &Approval, cancel: &CancellationFlag) -> Decision {
        let mut approval = approval.clone();
        match &mut approval {
            Approval::RunCommand { reason, .. } | Approval::LeaveTwin { reason, .. } => {
                *reason = Some(match reason.take() {
                    Some(reason) => format!("{}: {reason}", self.title),
                    None => format!("for the sub-task {}", self.title),
                });
            }
            Approval::WriteToCommand { command, .. } => {
                *command = format!("{command} (sub-task {})", self.title);
            }
            // In a twin nobody is asked for changes.
            Approval::ChangeFiles { .. } => {}
        }
        self.parent.approve(&approval, cancel)
    }

    fn ask(&self, question: &Question, cancel: &CancellationFlag) -> Option<String> {
        let question = Question {
            text: format!("{}: {}", self.title, question.text),
            options: question.options.clone(),
        };
        self.parent.ask(&question, cancel)
    }
}
