//! Carries out the commands about changes.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use changes::{ChangeSource, HunkId};
use serde_json::{Value, json};
use tower_lsp_server::gen_lsp_types::{
    MessageActionItem, MessageType, ShowDocumentParams, ShowDocumentRequest,
    ShowMessageNotification, ShowMessageParams, ShowMessageRequest, ShowMessageRequestParams,
};
use tower_lsp_server::jsonrpc::{Error, Result};

use super::Session;
use super::report::{Item, items};
use super::undoing::Wish;
use crate::commands::{Direction, ReviewCommand, Scope};
use crate::event::Event;
use crate::lsp::convert::{display, document_uri, lsp_range};
use crate::transport::Answer;

/// What the user can say with one key about a change that is undone.
const REASONS: [&str; 4] = [
    "Wrong approach",
    "Breaks something",
    "Not asked for",
    "Style",
];

/// Changes by the files in which they are.
type ByFile = BTreeMap<PathBuf, Vec<HunkId>>;

impl Session {
    /// Carries out a command about changes.
    pub(in crate::session) fn run_review_command(
        &mut self,
        command: ReviewCommand,
    ) -> Result<Value> {
        match command {
            ReviewCommand::Keep(ids) => {
                let wanted = self.named(&ids)?;
                self.keep(wanted);
            }
            ReviewCommand::Undo(ids, reason) => {
                let wanted = self.named(&ids)?;
                if let Some(reason) = reason {
                    self.note_reason(&wanted, &reason);
                }
                self.fulfil(Wish::Undo(wanted));
            }
            ReviewCommand::UndoAndTell(ids) => {
                let wanted = self.named(&ids)?;
                self.ask_for_reason(wanted);
            }
            ReviewCommand::KeepAll(scope) => {
                let wanted = self.within(scope)?;
                self.keep(wanted);
            }
            ReviewCommand::UndoAll(scope) => {
                let wanted = self.within(scope)?;
                self.fulfil(Wish::Undo(wanted));
            }
            ReviewCommand::Go(direction) => return self.go(direction),
            ReviewCommand::List => return Ok(self.list_changes()),
            ReviewCommand::Again => return self.apply_again(),
        }
        Ok(Value::Null)
    }

    /// The user has said why, or has dismissed the question: the changes are undone all the same, for that was asked for.
    pub(in crate::session) fn reason_answered(&mut self, wanted: ByFile, answer: &Answer) {
        let title = answer
            .as_ref()
            .ok()
            .and_then(|value| value["title"].as_str());
        match title {
            Some(reason) => self.note_reason(&wanted, reason),
            None => self.say(
                MessageType::Info,
                "To tell the agent why in your own words: `ropewalk.review.undo NUMBER \"your words\"`, or steer its task."
                    .into(),
            ),
        }
        self.fulfil(Wish::Undo(wanted));
    }

    /// Shows the user a message.
    pub(in crate::session) fn say(&self, kind: MessageType, message: String) {
        self.outbox
            .notify::<ShowMessageNotification>(&ShowMessageParams { kind, message });
    }

    fn keep(&mut self, wanted: ByFile) {
        for (path, ids) in wanted {
            self.review.ledger.keep(&path, &ids);
            self.review_changed(&path);
        }
    }

    /// Where the named changes are; those at the last place if none are named.
    fn named(&self, ids: &[HunkId]) -> Result<ByFile> {
        if ids.is_empty() {
            return self.at_last_place();
        }
        let mut wanted = ByFile::new();
        for id in ids {
            let path = self.review.ledger.path_of(*id).ok_or_else(|| {
                let problem = format!("there is no change {} any more", id.0);
                Error::invalid_params(problem)
            })?;
            wanted.entry(path.to_path_buf()).or_default().push(*id);
        }
        Ok(wanted)
    }

    fn at_last_place(&self) -> Result<ByFile> {
        let place = self.last_place.as_ref();
        let items = place.map_or_else(Vec::new, |(path, range)| self.items_at(path, range));
        match place {
            Some((path, _)) if !items.is_empty() => {
                let ids = items.into_iter().map(|item| item.id);
                Ok(ByFile::from([(path.clone(), ids.collect())]))
            }
            _ => Err(Error::invalid_params(
                "no change of a task is known where the cursor was last: give its number, as `ropewalk.review.list` lists it",
            )),
        }
    }

    fn within(&self, scope: Scope) -> Result<ByFile> {
        let wanted = match scope {
            Scope::Everywhere => self.matching(|_, _| true),
            Scope::File(path) => {
                let last = || self.last_place.as_ref().map(|(path, _)| path.clone());
                let file = path.or_else(last);
                self.matching(|path, _| Some(path) == file.as_deref())
            }
            Scope::Task(id) => {
                let task = self.source_of(id)?;
                self.matching(|_, source| is_same_task(source, &task))
            }
        };
        match wanted.is_empty() {
            true => Err(Error::invalid_params("no changes of tasks wait there")),
            false => Ok(wanted),
        }
    }

    fn matching(&self, is_wanted: impl Fn(&Path, &ChangeSource) -> bool) -> ByFile {
        let mut wanted = ByFile::new();
        for (path, document) in self.review.ledger.documents() {
            let ids = document.ids().filter(|id| {
                let source = document.source_of(*id);
                source.is_some_and(|source| is_wanted(path, source))
            });
            let ids: Vec<HunkId> = ids.collect();
            if !ids.is_empty() {
                wanted.insert(path.to_path_buf(), ids);
            }
        }
        wanted
    }

    fn source_of(&self, id: Option<HunkId>) -> Result<ChangeSource> {
        let ids = id.into_iter().collect::<Vec<_>>();
        let wanted = self.named(&ids)?;
        let first = wanted.iter().find_map(|(path, ids)| {
            let document = self.review.ledger.document(path)?;
            document.source_of(*ids.first()?).cloned()
        });
        first.ok_or_else(|| Error::invalid_params("no changes of tasks wait there"))
    }

    fn ask_for_reason(&self, wanted: ByFile) {
        let actions = REASONS.map(|title| MessageActionItem {
            title: title.into(),
            properties: Default::default(),
        });
        let params = ShowMessageRequestParams {
            kind: MessageType::Info,
            message: "Why is it undone? The agent is told with its next turn.".into(),
            actions: Some(actions.into()),
        };
        let events = self.events.clone();
        self.outbox
            .request::<ShowMessageRequest>(&params, move |answer| {
                events.send(Event::ReasonAnswered(wanted, answer));
            });
    }

    /// Tells the threads that made changes what the user thinks of them, each with its line: at once where a turn runs, else
    /// with the next one. No turn is begun for it.
    fn note_reason(&mut self, wanted: &ByFile, reason: &str) {
        let mut threads = BTreeSet::new();
        for (path, ids) in wanted {
            let Some(document) = self.review.ledger.document(path) else {
                continue;
            };
            for item in items(document)
                .into_iter()
                .filter(|item| ids.contains(&item.id))
            {
                let Some(thread) = item.source.thread.clone() else {
                    continue;
                };
                let place = format!("{}:{}", display(path), item.lines.start + 1);
                let told = format!("- {place} ({}): {reason}", item.summary);
                threads.insert(thread.clone());
                self.review.reasons.entry(thread).or_default().push(told);
            }
        }
        for thread in threads {
            self.tell_reasons(&thread);
        }
    }

    /// Shows the change after or before the last place, around the end of the list.
    fn go(&mut self, direction: Direction) -> Result<Value> {
        let (path, item) = self
            .neighbour(direction)
            .ok_or_else(|| Error::invalid_params("no changes of tasks wait to be judged"))?;
        let document = self.review.ledger.document(&path);
        let text = document
            .map(|document| document.text().clone())
            .unwrap_or_default();
        let start = text.line_start(item.lines.start);
        self.last_place = Some((path.clone(), start..start));
        let selection = lsp_range(&text, &(start..start), self.client.encoding);
        if let (Some(uri), true) = (document_uri(&path), self.client.shows_documents) {
            self.outbox.request::<ShowDocumentRequest>(
                &ShowDocumentParams {
                    uri,
                    external: None,
                    take_focus: Some(true),
                    selection: Some(selection),
                },
                |_| (),
            );
        } else {
            self.say(MessageType::Info, line_of_list(&path, &item));
        }
        Ok(described(&path, &item))
    }

    fn neighbour(&self, direction: Direction) -> Option<(PathBuf, Item)> {
        let all = self.all_items();
        let place = self.last_place.as_ref().map(|(path, range)| {
            let document = self.review.ledger.document(path);
            let line = document.map_or(0, |document| document.text().line_of(range.start));
            (path.clone(), line)
        });
        let key = |(path, item): &(PathBuf, Item)| Some((path.clone(), item.lines.start));
        let found = match direction {
            Direction::Next => all.iter().find(|entry| key(entry) > place).or(all.first()),
            Direction::Previous => {
                let mut before = all.iter().rev();
                before.find(|entry| key(entry) < place).or(all.last())
            }
        };
        found.cloned()
    }

    fn all_items(&self) -> Vec<(PathBuf, Item)> {
        let documents = self.review.ledger.documents();
        documents
            .flat_map(|(path, document)| {
                let items = items(document).into_iter();
                items.map(|item| (path.to_path_buf(), item))
            })
            .collect()
    }

    fn list_changes(&self) -> Value {
        let all = self.all_items();
        let lines = all.iter().map(|(path, item)| line_of_list(path, item));
        let message = match all.is_empty() {
            true => "No changes of tasks wait to be judged.".to_owned(),
            false => lines.collect::<Vec<_>>().join("\n"),
        };
        self.say(MessageType::Info, message);
        all.iter()
            .map(|(path, item)| described(path, item))
            .collect()
    }
}

fn is_same_task(one: &ChangeSource, other: &ChangeSource) -> bool {
    one.thread == other.thread && (one.thread.is_some() || one.title == other.title)
}

fn line_of_list(path: &Path, item: &Item) -> String {
    let line = item.lines.start + 1;
    format!(
        "{}  {}:{line}  {} · {}",
        item.id.0,
        display(path),
        item.summary,
        item.source.title
    )
}

fn described(path: &Path, item: &Item) -> Value {
    json!({
        "hunk": item.id,
        "path": display(path),
        "line": item.lines.start + 1,
        "summary": item.summary,
        "title": item.source.title,
    })
}
