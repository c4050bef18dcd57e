//! The same work on many files, on all cores, in the files' order; and how a turn's end reaches the parser.

use std::{
    num::NonZero,
    panic,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use ::workspace::{CancellationFlag, CancellationSubscription};
use syntax::Cancel;

/// A token for the parser that is cancelled with the turn, while the subscription is kept.
pub(super) fn parser_token(cancel: &CancellationFlag) -> (Cancel, CancellationSubscription) {
    let token = Cancel::new();
    let subscription = cancel.subscribe({
        let token = token.clone();
        move || token.cancel()
    });
    (token, subscription)
}

/// What `work` says of each of `items`, in their order; `None` as soon as `cancel` is set.
pub(super) fn map<Item: Sync, Found: Send>(
    items: &[Item],
    cancel: &CancellationFlag,
    work: impl Fn(&Item) -> Found + Sync,
) -> Option<Vec<Found>> {
    let next = AtomicUsize::new(0);
    let run = || {
        let mut found = Vec::new();
        while !cancel.is_set() {
            let position = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(position) else {
                break;
            };
            found.push((position, work(item)));
        }
        found
    };
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    // A thread costs more than a few files.
    let helpers = (cores - 1).min(items.len() / 8);
    let mut found = thread::scope(|scope| {
        let helpers: Vec<_> = (0..helpers).map(|_| scope.spawn(run)).collect();
        let mut found = run();
        for helper in helpers {
            found.extend(
                helper
                    .join()
                    .unwrap_or_else(|payload| panic::resume_unwind(payload)),
            );
        }
        found
    });
    if cancel.is_set() {
        return None;
    }
    found.sort_by_key(|(position, _)| *position);
    Some(found.into_iter().map(|(_, found)| found).collect())
}
