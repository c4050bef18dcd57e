//! A thread's events for a person: what the model says on one stream, everything else on another.
//!
//! With standard output and standard error, `ropewalk exec … > answer.md` keeps the answer alone, and a terminal shows
//! both in order.

use std::path::{Path, PathBuf};

use agent::need;
use agent::surface::{ItemDetails, ItemUpdate, SurfaceItem, ThreadEvent, TurnEnd, TurnSummary};
use agent::tool::{ChangeKind, PlanStatus, PlanStep, PresentedChange, ToolStatus};

use super::command_output::CommandOutput;
use crate::cli::printable::{exact, readable};
use crate::cli::terminal::{Style, Terminal};

/// Writes the transcript.
pub(crate) struct Transcript {
    answer: Terminal,
    progress: Terminal,
    /// Whether both go to the same place.
    layout: Layout,
    /// Paths below it are shown without it.
    cwd: PathBuf,
    /// How the thread was introduced.
    introduction: String,
    /// The item whose text is being streamed, and what of it was written.
    streamed: Option<Streamed>,
    /// The command whose output is being shown.
    output: Option<(String, CommandOutput)>,
    /// The command that was written last, while nothing stands below it.
    last_command: Option<String>,
    /// Changes whose diffs a question has shown.
    shown_changes: Vec<PresentedChange>,
}

/// Where the two streams go.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Layout {
    /// To one place: each must leave the other whole lines.
    Together,
    /// To two places: nothing but the model's own words goes to that of the answer.
    Apart,
}

struct Streamed {
    item: String,
    is_reasoning: bool,
    text: String,
    /// Whether the line that was written last is to be ended before something else is written.
    is_line_open: bool,
}

impl Transcript {
    /// A transcript of work in `cwd`, which is absolute: what the model says goes to `answer`, the rest to `progress`.
    pub(crate) fn new(cwd: &Path, answer: Terminal, progress: Terminal) -> Self {
        Self {
            layout: match answer.is_same_place(&progress) {
                true => Layout::Together,
                false => Layout::Apart,
            },
            answer,
            progress,
            cwd: cwd.to_path_buf(),
            introduction: String::new(),
            streamed: None,
            output: None,
            last_command: None,
            shown_changes: Vec::new(),
        }
    }

    /// Whether the last thing to be seen is that `command` is about to run.
    pub(super) fn ends_with_command(&self, command: &str) -> bool {
        self.last_command.as_deref() == Some(command)
    }

    /// The diffs of `changes` were shown by someone else, so that they need not be shown again.
    pub(super) fn has_shown(&mut self, changes: &[PresentedChange]) {
        self.shown_changes = changes.to_vec();
    }

    /// Ends the line that is being written, so that something else can be written below. A text that goes on is not
    /// forgotten.
    pub(super) fn break_line(&mut self) {
        let Some(streamed) = &mut self.streamed else {
            return;
        };
        let shares_line = streamed.is_reasoning || self.layout == Layout::Together;
        if !(streamed.is_line_open && shares_line) {
            return;
        }
        streamed.is_line_open = false;
        match streamed.is_reasoning {
            true => self.progress.line(""),
            false => self.answer.line(""),
        }
    }

    /// Writes a line of our own.
    pub(super) fn line(&mut self, style: Style, line: &str) {
        self.break_line();
        self.last_command = None;
        let line = readable(line);
        self.progress.line(&self.progress.style(style, line));
    }

    /// Writes what an event has to say.
    pub(crate) fn show(&mut self, event: &ThreadEvent) {
        if !is_silent(event) {
            self.last_command = None;
        }
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
        // A thread that goes on with another model says so twice.
        if self.introduction != what {
            self.note(&what);
            self.introduction = what;
        }
    }

    fn start_item(&mut self, item: &SurfaceItem) {
        match &item.details {
            ItemDetails::Message { text } => self.stream(&item.id, text, false),
            ItemDetails::Reasoning { text } => self.stream(&item.id, text, true),
            ItemDetails::Command { command, .. } => self.command_begins(command),
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
                self.command_begins(command);
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
                exit_code,
                status,
                needs,
                ..
            } => {
                self.command(*exit_code, *status);
                if !needs.is_empty() && *status != Some(ToolStatus::Declined) {
                    self.note(&format!("  (with {})", exact(&need::in_words(needs))));
                }
            }
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
                is_line_open: false,
            });
        }
        self.write_text(text, is_reasoning);
        if let Some(streamed) = self.streamed.as_mut().filter(|_| !text.is_empty()) {
            streamed.text.push_str(text);
            streamed.is_line_open = !text.ends_with('\n');
        }
    }

    fn write_text(&mut self, text: &str, is_reasoning: bool) {
        let text = readable(text);
        if text.is_empty() {
            return;
        }
        if is_reasoning {
            let styled = self.progress.style(Style::Ghost, text);
            self.progress.print(&styled);
        } else {
            self.answer.print(&text);
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
        match streamed.is_reasoning {
            _ if !streamed.is_line_open => {}
            true => self.progress.line(""),
            false => self.answer.line(""),
        }
    }

    fn command_begins(&mut self, command: &str) {
        self.break_line();
        show_command(&mut self.progress, command);
        self.last_command = Some(command.to_owned());
    }

    fn show_output(&mut self, item: &str, text: &str) {
        if self.output.as_ref().is_none_or(|(of, _)| of != item) {
            self.end_output();
        }
        let (_, output) = self
            .output
            .get_or_insert_with(|| (item.to_owned(), CommandOutput::default()));
        for line in output.push(text) {
            self.note(&format!("  {line}"));
        }
    }

    fn end_output(&mut self) {
        let rest = self.output.take().map(|(_, output)| output.finish());
        for line in rest.into_iter().flatten() {
            self.note(&format!("  {line}"));
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
        self.break_line();
        let were_shown = std::mem::take(&mut self.shown_changes) == changes;
        if status == Some(ToolStatus::Declined) {
            return self.warn("  declined");
        }
        for change in changes {
            match were_shown {
                true => show_title(&mut self.progress, change, &self.cwd),
                false => show_change(&mut self.progress, change, &self.cwd),
            }
        }
    }

    fn tool_call(&mut self, name: &str, arguments: &str, output: &str, status: Option<ToolStatus>) {
        self.note(&format!("{name} {}", one_line(arguments)));
        if matches!(status, Some(ToolStatus::Failed | ToolStatus::Declined)) {
            self.warn(&format!("  {}", one_line(output)));
        }
    }

    fn plan(&mut self, steps: &[PlanStep]) {
        self.break_line();
        for step in steps {
            let (mark, style) = match step.status {
                PlanStatus::Completed => ("[x]", Style::Good),
                PlanStatus::InProgress => ("[>]", Style::Bold),
                PlanStatus::Pending => ("[ ]", Style::Ghost),
            };
            let line = format!("{mark} {}", indented(&readable(&step.step)));
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
        self.line(Style::Ghost, text);
    }

    fn warn(&mut self, text: &str) {
        self.line(Style::Warning, text);
    }
}

/// Whether nothing is written of an event.
fn is_silent(event: &ThreadEvent) -> bool {
    matches!(
        event,
        ThreadEvent::TurnStarted { .. }
            | ThreadEvent::TokenUsage { .. }
            | ThreadEvent::RateLimits(_)
            | ThreadEvent::ItemUpdated {
                update: ItemUpdate::Arguments { .. },
                ..
            }
    )
}

/// A command that is about to run, exactly. Its further lines are set in, so that none passes for a question.
pub(super) fn show_command(terminal: &mut Terminal, command: &str) {
    let line = format!("$ {}", indented(&exact(command)));
    terminal.line(&terminal.style(Style::Bold, line));
}

/// A change with its diff in colour, exactly; paths below `cwd` are shown without it.
pub(crate) fn show_change(terminal: &mut Terminal, change: &PresentedChange, cwd: &Path) {
    show_title(terminal, change, cwd);
    // In a file whose every line ends so, that is no news.
    let is_carriage_return_news = !change
        .diff
        .split_terminator('\n')
        .all(|line| line.ends_with('\r') || line.starts_with(['@', '\\']));
    for line in change.diff.split_terminator('\n') {
        let line = match is_carriage_return_news {
            true => exact(line),
            false => exact(line.trim_end_matches('\r')),
        };
        let line = match line.as_bytes().first() {
            Some(b'+') => terminal.style(Style::Added, line),
            Some(b'-') => terminal.style(Style::Removed, line),
            Some(b'@') => terminal.style(Style::Ghost, line),
            _ => line,
        };
        terminal.line(&format!("  {line}"));
    }
}

fn show_title(terminal: &mut Terminal, change: &PresentedChange, cwd: &Path) {
    let shown = |path: &'_ Path| {
        let path = path.strip_prefix(cwd).unwrap_or(path).display().to_string();
        indented(&exact(&path))
    };
    let path = shown(&change.path);
    let title = match &change.kind {
        ChangeKind::Added => format!("A {path}"),
        ChangeKind::Modified => format!("M {path}"),
        ChangeKind::Deleted => format!("D {path}"),
        ChangeKind::Moved { from } => format!("R {} -> {path}", shown(from)),
    };
    terminal.line(&terminal.style(Style::Bold, title));
}

/// `text` with every line but the first set in.
pub(crate) fn indented(text: &str) -> String {
    text.trim_end().replace('\n', "\n  ")
}

/// What the turn took: `4 steps, 12 s, 8123 tokens (6900 from the cache), $0.0123`.
pub(crate) fn account(summary: &TurnSummary) -> String {
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
    if let Some(cost) = summary.cost.filter(|cost| *cost > 0) {
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
