//! Questions of tasks as rich clients get and answer them. Pure.

use agent::need::Need;
use agent::tool::{Approval, Decision};
use protocol::{ApprovalAnswer, ApprovalDecision, ApprovalSubject};
use serde::Deserialize;
use serde_json::Value;

use super::gate::{Answer, Subject};

/// What is asked, as data.
pub(crate) fn subject(subject: &Subject) -> ApprovalSubject {
    let approval = match subject {
        Subject::Approval(approval) => approval.clone(),
        Subject::Question(question) => {
            return ApprovalSubject::Question {
                options: question.options.clone(),
            };
        }
    };
    match approval {
        Approval::ChangeFiles { changes } => ApprovalSubject::ChangeFiles {
            paths: changes
                .iter()
                .map(|change| change.path.display().to_string())
                .collect(),
        },
        Approval::RunCommand {
            command,
            cwd,
            reason,
            rule,
        } => ApprovalSubject::RunCommand {
            command,
            cwd: cwd.display().to_string(),
            needs: Vec::new(),
            reason: rule.or(reason),
            refused: None,
            prefix: None,
        },
        Approval::LeaveTwin {
            command,
            cwd,
            needs,
            reason,
            refused,
            prefix,
        } => ApprovalSubject::RunCommand {
            command,
            cwd: cwd.display().to_string(),
            needs: needs.iter().map(Need::words).collect(),
            reason,
            refused,
            prefix,
        },
        Approval::WriteToCommand { command, text } => {
            ApprovalSubject::WriteToCommand { command, text }
        }
    }
}

/// What the client's answer means. Whatever is not understood means no.
pub(crate) fn answer(value: &Value) -> Answer {
    let Ok(answer) = ApprovalAnswer::deserialize(value) else {
        return Answer::Nothing;
    };
    let decision = match answer.decision {
        Some(ApprovalDecision::AllowOnce) => Decision::Allow,
        Some(ApprovalDecision::AllowForTask) => Decision::AllowForTask,
        Some(ApprovalDecision::AllowAlways) => Decision::AllowAlways,
        Some(ApprovalDecision::Deny) => Decision::Deny {
            reason: answer.text,
        },
        Some(ApprovalDecision::Stop) => Decision::Stop,
        None => return answer.text.map_or(Answer::Nothing, Answer::Words),
    };
    Answer::Decision(decision)
}
