//! A thread's events for a person: what the model says on one stream, everything else on another.
//!
//! With standard output and standard error, `ropewalk exec … > answer.md` keeps the answer alone, and a terminal shows
//! both in order.

use std::path::{Path, PathBuf};

use agent::surface::{ItemDetails, ItemUpdate, SurfaceItem, ThreadEvent, TurnEnd, TurnSummary};
use agent::tool::{ChangeKind, PlanStatus, PlanStep, PresentedChange, ToolStatus};

use crate::cli::terminal::{Style, Terminal};

/// How much of a command's output is shown, in lines; the model may see more.
const SHOWN_LINES: usize = 40;

/// Writes the transcript.
pub(crate) struct Transcript {
    answer: Terminal,
    progress: Terminal,
    /// Paths below it are shown without it.
    cwd: PathBuf,
    /// The item whose text is being streamed, and what of it was written.
    streamed: Option<Streamed>,
    /// The command whose output is being shown.
    output: Option<ShownOutput>,
}

/// Output of one command, shown line by line as it comes.
#[derive(Default)]
struct ShownOutput {
    item: String,
    /// A line of which the end has not come yet.
    unfinished: String,
    lines: usize,
}

struct Streamed {
    item: String,
    is_reasoning: bool,
    text: String,
}

impl Transcript {
    /// A transcript of work in `cwd`, which is absolute: what the model says goes to `answer`, the rest to `progress`.
    pub(crate) fn new(cwd: &Path, answer: Terminal, progress: Terminal) -> Self {
        Self {
            answer,
            progress,
            cwd: cwd.to_path_buf(),
            streamed: None,
            output: None,
        }
    }

    /// Writes what an event has to say.
    pub(crate) fn show(&mut self, event: &ThreadEvent) {
        match event {
            ThreadEvent::ThreadStarted {
                thread_id,
                provider,
                model,
                turns,
            } => self.begin(thread_id, provider, model, *turns),
            ThreadEvent::ItemStarted { item } => self.start_item(item),
            ThreadEvent::ItemUpdated { item_id, update } => self.update_item(item_id, update),
            ThreadEvent::ItemCompleted { item } => self.complete_item(item),
            ThreadEvent::ItemDiscarded { .. } => {
                if self.streamed.is_some() {
                    self.end_stream();
                    self.note("(the answer broke off here and is asked for again)");
                }
            }
            ThreadEvent::Notice { message } => self.warn(message),
            ThreadEvent::ThreadFailed { message } => self.warn(message),
            ThreadEvent::TurnCompleted(summary)
            | ThreadEvent::TurnFailed(summary)
            | ThreadEvent::TurnInterrupted(summary) => self.end_turn(summary),
            ThreadEvent::TurnStarted { .. }
            | ThreadEvent::TokenUsage { .. }
            | ThreadEvent::RateLimits(_) => {}
        }
    }

    fn begin(&mut self, thread_id: &str, provider: &str, model: &str, turns: u32) {
        let what = match turns {
            0 => format!("Thread {thread_id}, {provider}/{model}"),
            1 => format!("Thread {thread_id} goes on after 1 turn, {provider}/{model}"),
            turns => format!("Thread {thread_id} goes on after {turns} turns, {provider}/{model}"),
        };
        self.note(&what);
    }

    fn start_item(&mut self, item: &SurfaceItem) {
        match &item.details {
            ItemDetails::Message { text } => self.stream(&item.id, text, false),
            ItemDetails::Reasoning { text } => self.stream(&item.id, text, true),
            _ => {}
        }
    }

    fn update_item(&mut self, item_id: &str, update: &ItemUpdate) {
        match update {
            ItemUpdate::Text { delta } => {
                let is_reasoning = self
                    .streamed
                    .as_ref()
                    .is_some_and(|streamed| streamed.item == item_id && streamed.is_reasoning);
                self.stream(item_id, delta, is_reasoning);
            }
            ItemUpdate::Running {
                details: ItemDetails::Command { command, .. },
            } => {
                self.end_stream();
                let line = format!("$ {command}");
                self.progress.line(&self.progress.style(Style::Bold, line));
            }
            ItemUpdate::Output { delta } => self.show_output(item_id, delta),
            ItemUpdate::Arguments { .. } | ItemUpdate::Running { .. } => {}
        }
    }

    fn complete_item(&mut self, item: &SurfaceItem) {
        match &item.details {
            ItemDetails::Message { text } => self.complete_text(&item.id, text, false),
            ItemDetails::Reasoning { text } => self.complete_text(&item.id, text, true),
            ItemDetails::Command {
                exit_code, status, ..
            } => self.command(*exit_code, *status),
            ItemDetails::FileChange { changes, status } => self.changes(changes, *status),
            ItemDetails::ToolCall {
                name,
                arguments,
                output,
                status,
            } => self.tool_call(name, arguments, output, *status),
            ItemDetails::Plan { steps } => self.plan(steps),
            ItemDetails::Compaction {
                window,
                tokens_before,
                tokens_after,
                ..
            } => {
                self.end_stream();
                self.note(&format!(
                    "The history was compacted from about {tokens_before} to {tokens_after} tokens (window {window})."
                ));
            }
        }
    }

    fn stream(&mut self, item: &str, text: &str, is_reasoning: bool) {
        if self
            .streamed
            .as_ref()
            .is_none_or(|streamed| streamed.item != item)
        {
            self.end_stream();
            self.streamed = Some(Streamed {
                item: item.to_owned(),
                is_reasoning,
                text: String::new(),
            });
        }
        self.write_text(text, is_reasoning);
        if let Some(streamed) = &mut self.streamed {
            streamed.text.push_str(text);
        }
    }

    fn write_text(&mut self, text: &str, is_reasoning: bool) {
        if is_reasoning {
            let styled = self.progress.style(Style::Ghost, text);
            self.progress.print(&styled);
        } else {
            self.answer.print(text);
        }
    }

    /// The complete text counts: what was streamed is not written again, what is missing is.
    fn complete_text(&mut self, item: &str, text: &str, is_reasoning: bool) {
        let written = match &self.streamed {
            Some(streamed) if streamed.item == item => streamed.text.clone(),
            _ => String::new(),
        };
        match text.strip_prefix(written.as_str()) {
            Some(rest) => self.stream(item, rest, is_reasoning),
            None => {
                self.end_stream();
                self.stream(item, text, is_reasoning);
            }
        }
        self.end_stream();
    }

    fn end_stream(&mut self) {
        let Some(streamed) = self.streamed.take() else {
            return;
        };
        if streamed.text.is_empty() || streamed.text.ends_with('\n') {
            return;
        }
        match streamed.is_reasoning {
            true => self.progress.line(""),
            false => self.answer.line(""),
        }
    }

    fn show_output(&mut self, item: &str, text: &str) {
        if self
            .output
            .as_ref()
            .is_none_or(|output| output.item != item)
        {
            self.end_output();
        }
        let mut output = self.output.take().unwrap_or_default();
        item.clone_into(&mut output.item);
        output.unfinished.push_str(text);
        while let Some((line, rest)) = output.unfinished.split_once('\n') {
            output.lines += 1;
            if output.lines <= SHOWN_LINES {
                self.note(&format!("  {}", line.trim_end_matches('\r')));
            }
            output.unfinished = rest.to_owned();
        }
        self.output = Some(output);
    }

    fn end_output(&mut self) {
        let Some(output) = self.output.take() else {
            return;
        };
        let left_out = output.lines.saturating_sub(SHOWN_LINES);
        if left_out > 0 {
            self.note(&format!("  … {left_out} more lines"));
        } else if !output.unfinished.is_empty() {
            self.note(&format!("  {}", output.unfinished));
        }
    }

    fn command(&mut self, exit_code: Option<i32>, status: Option<ToolStatus>) {
        self.end_output();
        match (exit_code, status) {
            (Some(0), _) => {}
            (Some(code), _) => self.warn(&format!("  exit code {code}")),
            (None, Some(ToolStatus::Declined)) => self.warn("  declined"),
            (None, Some(ToolStatus::Interrupted)) => self.warn("  interrupted"),
            (None, Some(ToolStatus::Failed)) => self.warn("  failed"),
            (None, _) => self.note("  (goes on in the background)"),
        }
    }

    fn changes(&mut self, changes: &[PresentedChange], status: Option<ToolStatus>) {
        self.end_stream();
        if status == Some(ToolStatus::Declined) {
            return self.warn("declined");
        }
        for change in changes {
            show_change(&mut self.progress, change, &self.cwd);
        }
    }

    fn tool_call(&mut self, name: &str, arguments: &str, output: &str, status: Option<ToolStatus>) {
        self.end_stream();
        self.note(&format!("{name} {}", one_line(arguments)));
        if matches!(status, Some(ToolStatus::Failed | ToolStatus::Declined)) {
            self.warn(&format!("  {}", one_line(output)));
        }
    }

    fn plan(&mut self, steps: &[PlanStep]) {
        self.end_stream();
        for step in steps {
            let (mark, style) = match step.status {
                PlanStatus::Completed => ("[x]", Style::Good),
                PlanStatus::InProgress => ("[>]", Style::Bold),
                PlanStatus::Pending => ("[ ]", Style::Ghost),
            };
            let line = format!("{mark} {}", step.step);
            self.progress.line(&self.progress.style(style, line));
        }
    }

    fn end_turn(&mut self, summary: &TurnSummary) {
        self.end_stream();
        match &summary.end {
            TurnEnd::Completed => {}
            TurnEnd::Interrupted => self.warn("Interrupted."),
            TurnEnd::LimitReached { message, .. } | TurnEnd::Failed { message, .. } => {
                self.warn(message);
            }
        }
        self.note(&account(summary));
    }

    fn note(&mut self, text: &str) {
        self.progress.line(&self.progress.style(Style::Ghost, text));
    }

    fn warn(&mut self, text: &str) {
        self.end_stream();
        self.progress
            .line(&self.progress.style(Style::Warning, text));
    }
}

/// A change with its diff in colour; paths below `cwd` are shown without it.
pub(super) fn show_change(terminal: &mut Terminal, change: &PresentedChange, cwd: &Path) {
    let shown = |path: &'_ Path| path.strip_prefix(cwd).unwrap_or(path).display().to_string();
    let path = shown(&change.path);
    let title = match &change.kind {
        ChangeKind::Added => format!("A {path}"),
        ChangeKind::Modified => format!("M {path}"),
        ChangeKind::Deleted => format!("D {path}"),
        ChangeKind::Moved { from } => format!("R {} -> {path}", shown(from)),
    };
    terminal.line(&terminal.style(Style::Bold, title));
    for line in change.diff.lines() {
        let line = match line.as_bytes().first() {
            Some(b'+') => terminal.style(Style::Added, line),
            Some(b'-') => terminal.style(Style::Removed, line),
            Some(b'@') => terminal.style(Style::Ghost, line),
            _ => line.to_owned(),
        };
        terminal.line(&format!("  {line}"));
    }
}

/// What the turn took: `4 steps, 12 s, 8123 tokens (6900 from the cache), $0.0123`.
fn account(summary: &TurnSummary) -> String {
    let usage = &summary.usage;
    let steps = match summary.steps {
        1 => "1 step".to_owned(),
        steps => format!("{steps} steps"),
    };
    let mut parts = vec![
        steps,
        format!("{:.1} s", summary.milliseconds as f64 / 1000.0),
    ];
    if usage.total() > 0 {
        parts.push(format!(
            "{} tokens in ({} from the cache), {} out",
            usage.input, usage.cached_input, usage.output
        ));
    }
    if let Some(cost) = summary.cost {
        parts.push(format!("${:.4}", cost as f64 / 1e6));
    }
    format!("{}.", parts.join(", "))
}

/// The first line of `text`, shortened for a line of its own.
fn one_line(text: &str) -> String {
    const LONGEST: usize = 160;
    let mut line: String = text
        .lines()
        .next()
        .unwrap_or_default()
        .chars()
        .take(LONGEST)
        .collect();
    if line.len() < text.trim_end().len() {
        line.push('…');
    }
    line
}
