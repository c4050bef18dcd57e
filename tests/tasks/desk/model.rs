//! The model of the tests: what it does for which words of the user, and whether it does so yet.

use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use scripted_model::{
    Conversation, Script, ScriptedConversation, SeenItem, SeenRole, Server, Step,
};

/// A service with conversations that can be added and held up while it runs.
pub(crate) struct Model {
    server: Server,
    stage: Arc<Stage>,
}

#[derive(Default)]
struct Stage {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    plays: Vec<ScriptedConversation>,
    /// What the user has said, and after how many tool calls no more is answered.
    held: BTreeMap<String, usize>,
}

impl Model {
    pub(crate) fn start() -> Self {
        let stage = Arc::new(Stage::default());
        let script = {
            let stage = stage.clone();
            Script::reacting(move |request| stage.step(&request.conversation))
        };
        let server = Server::start(script).unwrap();
        Self { server, stage }
    }

    pub(crate) fn server(&self) -> &Server {
        &self.server
    }

    /// When the user says something with `when` in it, these steps follow, one a request; the last is repeated.
    pub(crate) fn play(&self, when: &str, steps: Vec<Step>) {
        let when = when.to_owned();
        self.stage
            .lock()
            .plays
            .insert(0, ScriptedConversation { when, steps });
    }

    /// Nothing more is answered where the user has said `when`, until it is let go.
    pub(crate) fn hold(&self, when: &str) {
        self.hold_after(when, 0);
    }

    /// The same when so many tools have answered.
    pub(crate) fn hold_after(&self, when: &str, calls: usize) {
        self.stage.lock().held.insert(when.to_owned(), calls);
    }

    pub(crate) fn let_go(&self, when: &str) {
        self.stage.lock().held.remove(when);
        self.stage.changed.notify_all();
    }

    /// Whether a request with these words in it has come.
    pub(crate) fn was_told(&self, words: &str) -> bool {
        let steps = self.server.steps();
        steps
            .iter()
            .any(|request| String::from_utf8_lossy(&request.raw).contains(words))
    }
}

impl Stage {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn step(&self, so_far: &Conversation) -> Step {
        let outputs = so_far.outputs().len();
        let state = self.changed.wait_while(self.lock(), |state| {
            let mut held = state.held.iter();
            held.any(|(words, calls)| has_heard(so_far, words) && *calls <= outputs)
        });
        let state = state.unwrap_or_else(PoisonError::into_inner);
        ScriptedConversation::next_step(&state.plays, so_far)
    }
}

impl Drop for Model {
    /// The server's threads end only when none of them waits here.
    fn drop(&mut self) {
        self.stage.lock().held.clear();
        self.stage.changed.notify_all();
    }
}

fn has_heard(so_far: &Conversation, words: &str) -> bool {
    so_far.items.iter().any(|item| match item {
        SeenItem::Message { role, text, .. } => *role == SeenRole::User && text.contains(words),
        _ => false,
    })
}

/// A step that replaces lines of a file: `(old, new)` each, where no line at all is written as the empty string.
pub(crate) fn patch(path: &str, replacements: &[(&str, &str)]) -> Step {
    let mut text = format!("*** Begin Patch\n*** Update File: {path}\n");
    for (old, new) in replacements {
        text.push_str("@@\n");
        for line in old.lines() {
            text.push_str(&format!("-{line}\n"));
        }
        for line in new.lines() {
            text.push_str(&format!("+{line}\n"));
        }
    }
    text.push_str("*** End Patch\n");
    Step::call_text("apply_patch", text)
}

/// A step that adds a file.
pub(crate) fn add_file(path: &str, text: &str) -> Step {
    let lines: String = text.lines().map(|line| format!("+{line}\n")).collect();
    let patch = format!("*** Begin Patch\n*** Add File: {path}\n{lines}*** End Patch\n");
    Step::call_text("apply_patch", patch)
}

/// A step that deletes a file.
pub(crate) fn delete_file(path: &str) -> Step {
    let patch = format!("*** Begin Patch\n*** Delete File: {path}\n*** End Patch\n");
    Step::call_text("apply_patch", patch)
}
