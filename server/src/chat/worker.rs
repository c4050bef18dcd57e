//! The thread that reads and writes the files of chats, so that the main loop waits for no disk.
//!
//! Owned by the session; dropping it lets it finish what it was told and end.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, Sender};

use agent::machine::Entry;
use agent::store::{ThreadId, ThreadStore};
use anyhow::Context;
use workspace::{Walk, WalkOptions, WorkspaceSnapshot};

use super::format;
use super::links::Links;
use super::mentions::fitness;
use super::placement::placement;
use super::transcript::{self, TurnText};
use crate::commands::ChatChoice;
use crate::event::{Event, EventSender};

/// Files that are looked at for a completion at most.
const MOST_FILES: usize = 50_000;

/// Files that are offered.
const MOST_OFFERED: usize = 50;

/// What the worker has done.
#[derive(Debug)]
pub(crate) enum ChatEvent {
    /// The document is there to be shown.
    Ready {
        path: PathBuf,
        /// Where the user goes on, counted from 0.
        line: u32,
    },
    /// It is not, with the reason.
    Failed(String),
    /// The turns of the thread of an open document.
    Found { path: PathBuf, turns: Vec<TurnText> },
    /// The answer stands in the file, or the reason why not.
    Written(PathBuf, Result<(), String>),
    /// The client has answered an edit of this number: whether it says that it applied it.
    EditAnswered(PathBuf, u64, bool),
    /// The client does not show documents.
    NotShown(PathBuf),
}

/// What the worker shall do.
enum Job {
    Open {
        choice: ChatChoice,
        draft: String,
        links: Links,
        open: Vec<OpenChat>,
    },
    LookUp {
        chat: OpenChat,
        links: Links,
    },
    Write {
        path: PathBuf,
        message: String,
        known: String,
        answer: String,
    },
    ListFiles {
        snapshot: Box<WorkspaceSnapshot>,
        links: Links,
        typed: String,
        reply: FileReply,
    },
}

/// A chat whose document is open in the editor, where nobody else may write it.
#[derive(Clone, Debug)]
pub(crate) struct OpenChat {
    pub(crate) path: PathBuf,
    /// The agent's thread.
    pub(crate) thread: String,
}

/// Takes the names of files, relative to their folders, the best first.
pub(crate) type FileReply = Box<dyn FnOnce(Vec<String>) + Send>;

/// The way to the thread.
pub(crate) struct ChatWorker {
    jobs: Sender<Job>,
}

impl ChatWorker {
    /// Starts it; chats are kept in `chats` below `state_folder`.
    pub(crate) fn start(state_folder: PathBuf, events: EventSender) -> Self {
        let (jobs, queue) = mpsc::channel();
        std::thread::Builder::new()
            .name("chats".into())
            .spawn(move || {
                let desk = Desk {
                    folder: state_folder.join("chats"),
                    store: ThreadStore::new(&state_folder),
                    events,
                };
                desk.run(&queue);
            })
            .expect("the system can start a thread at start-up");
        Self { jobs }
    }

    /// Makes the document of a chat, or finds it, among the `open` ones first. [`ChatEvent::Ready`] or [`ChatEvent::Failed`]
    /// follows; before it [`ChatEvent::Found`] for one that is open.
    pub(crate) fn open(
        &self,
        choice: ChatChoice,
        draft: String,
        links: Links,
        open: Vec<OpenChat>,
    ) {
        self.send(Job::Open {
            choice,
            draft,
            links,
            open,
        });
    }

    /// Looks up what the thread of an open chat has. [`ChatEvent::Found`] follows, unless there is no such thread any more.
    pub(crate) fn look_up(&self, chat: OpenChat, links: Links) {
        self.send(Job::LookUp { chat, links });
    }

    /// Writes an answer into the file of a document that is not open. [`ChatEvent::Written`] follows. As for [`placement`].
    pub(crate) fn write(&self, path: PathBuf, message: String, known: String, answer: String) {
        self.send(Job::Write {
            path,
            message,
            known,
            answer,
        });
    }

    /// The files that can be mentioned by what was typed.
    pub(crate) fn list_files(
        &self,
        snapshot: WorkspaceSnapshot,
        links: Links,
        typed: String,
        reply: FileReply,
    ) {
        let snapshot = Box::new(snapshot);
        self.send(Job::ListFiles {
            snapshot,
            links,
            typed,
            reply,
        });
    }

    fn send(&self, job: Job) {
        drop(self.jobs.send(job));
    }
}

struct Desk {
    folder: PathBuf,
    store: ThreadStore,
    events: EventSender,
}

impl Desk {
    fn run(&self, queue: &Receiver<Job>) {
        while let Ok(job) = queue.recv() {
            match job {
                Job::Open {
                    choice,
                    draft,
                    links,
                    open,
                } => {
                    let event = match self.open(&choice, &draft, &links, &open) {
                        Ok(path) => ChatEvent::Ready {
                            line: last_line(&path),
                            path,
                        },
                        Err(error) => ChatEvent::Failed(format!("{error:#}")),
                    };
                    self.events.send(Event::Chat(event));
                }
                Job::LookUp { chat, links } => self.look_up(&chat, &links),
                Job::Write {
                    path,
                    message,
                    known,
                    answer,
                } => {
                    let written = write_answer(&path, &message, &known, &answer);
                    let written = written.map_err(|error| format!("{error:#}"));
                    self.events
                        .send(Event::Chat(ChatEvent::Written(path, written)));
                }
                Job::ListFiles {
                    snapshot,
                    links,
                    typed,
                    reply,
                } => reply(list_files(&snapshot, &links, &typed)),
            }
        }
    }

    fn open(
        &self,
        choice: &ChatChoice,
        draft: &str,
        links: &Links,
        open: &[OpenChat],
    ) -> anyhow::Result<PathBuf> {
        let cwd = links.folders.first().map(PathBuf::as_path);
        let wanted = match choice {
            ChatChoice::AtHand | ChatChoice::New => return self.begin(draft),
            ChatChoice::Last => "last",
            ChatChoice::Thread(id) => id,
        };
        let id = self.store.find::<Entry>(wanted, cwd)?;
        let record = self.store.read::<Entry>(id)?;
        let turns = transcript::turns(&record, links)?;
        let name = id.to_string();
        if let Some(chat) = open.iter().find(|chat| chat.thread == name) {
            let path = chat.path.clone();
            self.events.send(Event::Chat(ChatEvent::Found {
                path: path.clone(),
                turns,
            }));
            return Ok(path);
        }
        if let Some((path, text)) = self.find(id) {
            if let Some(text) = transcript::brought_up_to_date(&text, &turns) {
                write(&path, &text)?;
            }
            return Ok(path);
        }
        let path = self.folder.join(format!("{id}.md"));
        write(&path, &transcript::document(&turns, draft))?;
        Ok(path)
    }

    fn look_up(&self, chat: &OpenChat, links: &Links) {
        let turns = || {
            let id = self.store.find::<Entry>(&chat.thread, None)?;
            let record = self.store.read::<Entry>(id)?;
            transcript::turns(&record, links)
        };
        match turns() {
            Ok(turns) => self.events.send(Event::Chat(ChatEvent::Found {
                path: chat.path.clone(),
                turns,
            })),
            // The document is all that is left then; sending says what is wrong.
            Err(error) => {
                tracing::info!(thread = chat.thread, %error, "a chat's thread cannot be read");
            }
        }
    }

    /// The names of new chats are ordered by time, as those of threads are.
    fn begin(&self, draft: &str) -> anyhow::Result<PathBuf> {
        let path = self.folder.join(format!("chat-{}.md", ThreadId::new()));
        write(&path, &format::blank(draft))?;
        Ok(path)
    }

    /// The document of a thread: by its name, or by what stands in it.
    fn find(&self, id: ThreadId) -> Option<(PathBuf, String)> {
        let id = id.to_string();
        let entries = fs::read_dir(&self.folder).ok()?.flatten();
        let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
        paths.sort();
        let is_chat = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "md");
        paths.into_iter().rev().filter(is_chat).find_map(|path| {
            let text = fs::read_to_string(&path).ok()?;
            (format::thread(&text) == Some(id.as_str())).then_some((path, text))
        })
    }
}

fn last_line(path: &Path) -> u32 {
    let text = fs::read_to_string(path).unwrap_or_default();
    let end = format::draft(&text).start + text[format::draft(&text)].trim_end().len();
    let breaks = text[..end].matches('\n').count();
    // Below the heading a line stays free.
    let below = usize::from(text[format::draft(&text)].trim().is_empty());
    u32::try_from(breaks + below).unwrap_or(0)
}

fn write_answer(path: &Path, message: &str, known: &str, answer: &str) -> anyhow::Result<()> {
    let text = fs::read_to_string(path).unwrap_or_else(|_| format::blank(""));
    let place = placement(&text, message, known);
    let whole = place.whole(answer, format::line_break(&text));
    let behind = &text[place.start + place.delivered.len()..];
    write(path, &format!("{}{whole}{behind}", &text[..place.start]))
}

/// Writes a file whole or not at all.
fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    let folder = path.parent().context("a chat lies in a folder")?;
    let explain = || format!("the chat cannot be written to {}", path.display());
    fs::create_dir_all(folder).with_context(explain)?;
    let beside = path.with_extension("new");
    fs::write(&beside, text).with_context(explain)?;
    fs::rename(&beside, path).with_context(explain)
}

fn list_files(snapshot: &WorkspaceSnapshot, links: &Links, typed: &str) -> Vec<String> {
    let walk = snapshot.walk(&WalkOptions::default());
    let entries = walk.into_iter().flat_map(Walk::into_iter).take(MOST_FILES);
    let names = entries.map(|entry| links.name(&entry.path));
    let mut names: Vec<(usize, String)> = names
        .filter_map(|name| Some((fitness(&name, typed)?, name)))
        .collect();
    names.sort();
    names.truncate(MOST_OFFERED);
    names.into_iter().map(|(_, name)| name).collect()
}
