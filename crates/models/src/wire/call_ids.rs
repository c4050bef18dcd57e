//! Ids of tool calls, unique within a thread also where the service gives none or gives one twice.

use std::collections::HashSet;

use crate::{Item, Request};

/// The ids that are taken, from the history of the request and from the answer so far.
#[derive(Debug, Default)]
pub(super) struct CallIds {
    taken: HashSet<String>,
    calls: usize,
}

impl CallIds {
    /// The ids that `request` holds.
    pub(super) fn of(request: &Request) -> Self {
        let taken: HashSet<String> = request
            .items
            .iter()
            .filter_map(|item| match item.as_ref() {
                Item::ToolCall(call) => Some(call.call_id.clone()),
                _ => None,
            })
            .collect();
        Self {
            calls: taken.len(),
            taken,
        }
    }

    /// The id of the next call: the service's if it gave one that is free, else one made up from the calls so far.
    ///
    /// Made-up ids are nine letters and digits, which is what the strictest service (Mistral) takes.
    pub(super) fn claim(&mut self, given: Option<&str>) -> String {
        self.calls += 1;
        let given = given.filter(|id| !id.is_empty() && !self.taken.contains(*id));
        let id = match given {
            Some(id) => id.to_owned(),
            None => (self.calls..)
                .map(|number| format!("call{number:05}"))
                .find(|id| !self.taken.contains(id))
                .expect("finitely many ids are taken"),
        };
        self.taken.insert(id.clone());
        id
    }
}
