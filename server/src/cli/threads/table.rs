//! The list of threads for a person: one line a thread.

use agent::store::{ListedThread, ThreadId, ThreadState, ThreadSummary};
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Whose threads are listed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// Those of one folder, which need not be named.
    ThisFolder,
    /// Those of several.
    AllFolders,
}

/// The least of an id that is shown.
const SHORTEST_ID: usize = 8;

/// One line a thread. `ids` are those of all threads there are: as much of an id is shown as tells it from all others.
pub(super) fn lines(threads: &[ListedThread], ids: &[ThreadId], scope: Scope) -> Vec<String> {
    let length = telling_length(ids);
    let line = |thread: &ListedThread| {
        let id: String = thread.id.to_string().chars().take(length).collect();
        let facts = match &thread.problem {
            Some(problem) => problem.clone(),
            None => facts(thread, scope),
        };
        format!("{id}  {}  {facts}", local_time(thread.updated))
    };
    threads.iter().map(line).collect()
}

fn facts(thread: &ListedThread, scope: Scope) -> String {
    let summary = &thread.summary;
    let mut facts = format!(
        "{:<11}  {:<8}  {:>12}",
        state(summary.state),
        turns(summary),
        spent(summary)
    );
    if let Some(header) = &thread.header {
        facts.push_str(&format!("  {}/{}", header.provider, header.model));
        if scope == Scope::AllFolders {
            facts.push_str(&format!("  {}", header.cwd.display()));
        }
    }
    let title = match summary.title.as_str() {
        "" => "(nothing said)",
        title => title,
    };
    format!("{facts}  {title}")
}

/// How a thread stands.
pub(super) fn state(state: ThreadState) -> &'static str {
    match state {
        ThreadState::Unfinished => "unfinished",
        ThreadState::Finished => "finished",
        ThreadState::Interrupted => "interrupted",
        ThreadState::Failed => "failed",
    }
}

fn turns(summary: &ThreadSummary) -> String {
    match summary.turns {
        1 => "1 turn".into(),
        turns => format!("{turns} turns"),
    }
}

/// What was spent: money where it is known, else tokens.
pub(super) fn spent(summary: &ThreadSummary) -> String {
    match summary.cost {
        Some(cost) if cost > 0 => dollars(cost),
        _ => format!("{} tokens", thousands(summary.usage.total())),
    }
}

/// Millionths of a dollar as dollars.
pub(super) fn dollars(cost: u64) -> String {
    format!("${}.{:04}", cost / 1_000_000, cost % 1_000_000 / 100)
}

/// `12.3k` for 12345.
pub(super) fn thousands(count: u64) -> String {
    match count {
        0..1000 => count.to_string(),
        _ => format!("{}.{}k", count / 1000, count % 1000 / 100),
    }
}

/// The time as a person here reads it.
pub(crate) fn local_time(time: Timestamp) -> String {
    let here = time.to_zoned(TimeZone::system());
    here.strftime("%Y-%m-%d %H:%M").to_string()
}

/// How much of an id tells it from all others, in characters.
fn telling_length(ids: &[ThreadId]) -> usize {
    let mut names: Vec<String> = ids.iter().map(ThreadId::to_string).collect();
    names.sort();
    let in_common = |pair: &[String]| {
        let pairs = pair[0].bytes().zip(pair[1].bytes());
        pairs.take_while(|(one, other)| one == other).count()
    };
    let most = names.windows(2).map(in_common).max();
    most.map_or(0, |length| length + 1).max(SHORTEST_ID)
}
