//! What happens in a task's thread, as rich clients are told it. Pure.

use agent::surface::{ItemDetails, ItemUpdate, SurfaceItem, ThreadEvent, TurnEnd, TurnSummary};
use agent::tool::{ChangeKind, PlanStatus, PlanStep, PresentedChange, ToolStatus};
use protocol::{
    FileChangeKind, FileChangeReport, PlanEntry, PlanEntryStatus, StopReason, ToolCall,
    ToolCallStatus, ToolKind, Update,
};

/// What a client is told of an event; nothing of what only the command line shows.
pub(crate) fn update(event: &ThreadEvent) -> Option<Update> {
    Some(match event {
        ThreadEvent::ThreadStarted { .. } | ThreadEvent::RateLimits(_) => return None,
        ThreadEvent::TurnStarted { turn } => Update::TurnStarted { turn: *turn },
        ThreadEvent::ItemStarted { item } => item_started(item)?,
        ThreadEvent::ItemUpdated { item_id, update } => item_updated(item_id, update)?,
        ThreadEvent::ItemCompleted { item } => item_completed(item)?,
        ThreadEvent::ItemDiscarded { item_id } => Update::Discarded {
            id: item_id.clone(),
        },
        ThreadEvent::TokenUsage {
            context_tokens,
            context_window,
            ..
        } => Update::UsageUpdate {
            used: *context_tokens,
            size: *context_window,
            cost: None,
        },
        ThreadEvent::TurnCompleted(summary)
        | ThreadEvent::TurnFailed(summary)
        | ThreadEvent::TurnInterrupted(summary) => turn_ended(summary),
        ThreadEvent::Notice { message } | ThreadEvent::ThreadFailed { message } => Update::Notice {
            message: message.clone(),
        },
    })
}

fn item_started(item: &SurfaceItem) -> Option<Update> {
    match &item.details {
        ItemDetails::Message { .. } | ItemDetails::Reasoning { .. } => None,
        ItemDetails::Plan { .. } | ItemDetails::Compaction { .. } => item_completed(item),
        details => Some(Update::ToolCall {
            call: tool_call(&item.id, details)?,
        }),
    }
}

fn item_updated(id: &str, update: &ItemUpdate) -> Option<Update> {
    Some(match update {
        ItemUpdate::Text { delta } => Update::AgentMessageChunk {
            message_id: id.to_owned(),
            text: delta.clone(),
        },
        ItemUpdate::Output { delta } => Update::ToolCallOutput {
            tool_call_id: id.to_owned(),
            text: delta.clone(),
        },
        ItemUpdate::Running { details } => Update::ToolCallUpdate {
            call: ToolCall {
                status: ToolCallStatus::InProgress,
                ..tool_call(id, details)?
            },
        },
        ItemUpdate::Arguments { .. } => return None,
    })
}

fn item_completed(item: &SurfaceItem) -> Option<Update> {
    Some(match &item.details {
        ItemDetails::Message { text } => Update::AgentMessage {
            message_id: item.id.clone(),
            text: text.clone(),
        },
        ItemDetails::Reasoning { text } => Update::AgentThoughtChunk {
            message_id: item.id.clone(),
            text: text.clone(),
        },
        ItemDetails::Plan { steps } => Update::Plan {
            entries: steps.iter().map(plan_entry).collect(),
        },
        ItemDetails::Compaction { window, .. } => Update::CompactionUpdate { window: *window },
        details => Update::ToolCallUpdate {
            call: tool_call(&item.id, details)?,
        },
    })
}

/// A call by its item; nothing for items that are none.
fn tool_call(id: &str, details: &ItemDetails) -> Option<ToolCall> {
    let (title, kind, status, changes, output) = match details {
        ItemDetails::Command {
            command,
            output,
            status,
            ..
        } => (
            command.clone(),
            ToolKind::Execute,
            *status,
            Vec::new(),
            output.clone(),
        ),
        ItemDetails::FileChange { changes, status } => (
            changed_files(changes),
            ToolKind::Edit,
            *status,
            changes.iter().map(file_change).collect(),
            String::new(),
        ),
        ItemDetails::ToolCall {
            name,
            arguments,
            output,
            status,
        } => (
            format!("{name} {arguments}"),
            tool_kind(name),
            *status,
            Vec::new(),
            output.clone(),
        ),
        ItemDetails::Message { .. }
        | ItemDetails::Reasoning { .. }
        | ItemDetails::Plan { .. }
        | ItemDetails::Compaction { .. } => return None,
    };
    Some(ToolCall {
        tool_call_id: id.to_owned(),
        title,
        kind,
        status: call_status(status),
        changes,
        output: Some(output).filter(|output| !output.is_empty()),
    })
}

fn tool_kind(name: &str) -> ToolKind {
    match name {
        "read_file" | "list_files" | "outline" | "view_image" | "diagnostics" => ToolKind::Read,
        "search" | "find_symbol" => ToolKind::Search,
        "apply_patch" | "edit_file" | "rename" | "rewrite" => ToolKind::Edit,
        "exec_command" | "write_stdin" => ToolKind::Execute,
        _ => ToolKind::Other,
    }
}

fn call_status(status: Option<ToolStatus>) -> ToolCallStatus {
    match status {
        None => ToolCallStatus::Pending,
        Some(ToolStatus::Succeeded) => ToolCallStatus::Completed,
        Some(ToolStatus::Failed | ToolStatus::Declined | ToolStatus::Interrupted) => {
            ToolCallStatus::Failed
        }
    }
}

fn changed_files(changes: &[PresentedChange]) -> String {
    let names: Vec<String> = changes
        .iter()
        .map(|change| change.path.display().to_string())
        .collect();
    names.join(", ")
}

/// A changed file as clients are told it.
pub(crate) fn file_change(change: &PresentedChange) -> FileChangeReport {
    let (kind, from) = match &change.kind {
        ChangeKind::Added => (FileChangeKind::Added, None),
        ChangeKind::Modified => (FileChangeKind::Modified, None),
        ChangeKind::Deleted => (FileChangeKind::Deleted, None),
        ChangeKind::Moved { from } => (FileChangeKind::Moved, Some(from.display().to_string())),
    };
    FileChangeReport {
        path: change.path.display().to_string(),
        kind,
        from,
        diff: change.diff.clone(),
    }
}

fn plan_entry(step: &PlanStep) -> PlanEntry {
    PlanEntry {
        content: step.step.clone(),
        status: match step.status {
            PlanStatus::Pending => PlanEntryStatus::Pending,
            PlanStatus::InProgress => PlanEntryStatus::InProgress,
            PlanStatus::Completed => PlanEntryStatus::Completed,
        },
    }
}

fn turn_ended(summary: &TurnSummary) -> Update {
    let (stop_reason, message) = match &summary.end {
        TurnEnd::Completed => (StopReason::EndTurn, None),
        TurnEnd::Interrupted => (StopReason::Cancelled, None),
        TurnEnd::LimitReached { message, .. } => {
            (StopReason::MaxTurnRequests, Some(message.clone()))
        }
        TurnEnd::Failed { message, .. } => (StopReason::Failed, Some(message.clone())),
    };
    Update::TurnEnded {
        turn: summary.turn,
        stop_reason,
        message,
    }
}
