//! The parser's thread: keeps a syntax tree for each open document, off the main loop.
//!
//! Driven by the session with snapshots and changes; the trees lie in a table that anyone may read. Changes that arrive
//! while a tree is being built are put together, so a fast typist costs one parse, not ten.

use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::JoinHandle;
use std::time::Duration;

use dashmap::DashMap;
use rustc_hash::FxHashMap;
use syntax::{Cancel, Language, ParseLimits, QueryLimits, SyntaxTree, TextKind};
use text::{ChangeSet, Text};
use workspace::Document;

/// A suggestion waits for this answer; later than this, the place counts as unknown.
const QUESTION_LIMIT: Duration = Duration::from_millis(2);

/// The way to the parser's thread, and to its trees.
pub(crate) struct Parser {
    messages: Sender<Message>,
    thread: JoinHandle<()>,
    trees: Arc<Trees>,
    cancel: Cancel,
}

type Trees = DashMap<PathBuf, SyntaxTree>;

enum Message {
    Open(PathBuf, Language, Text),
    Change(PathBuf, Text, ChangeSet),
    Close(PathBuf),
    Stop,
}

impl Parser {
    /// Starts the thread.
    pub(crate) fn start() -> Self {
        let (messages, queue) = mpsc::channel();
        let trees = Arc::new(Trees::default());
        let cancel = Cancel::default();
        let worker = Worker {
            trees: Arc::clone(&trees),
            cancel: cancel.clone(),
            documents: FxHashMap::default(),
        };
        let thread = std::thread::Builder::new()
            .name("parser".into())
            .spawn(move || worker.run(&queue))
            .expect("the system can start a thread at start-up");
        Self {
            messages,
            thread,
            trees,
            cancel,
        }
    }

    /// A document was opened; without a grammar for it nothing happens.
    pub(crate) fn open(&self, document: &Document) {
        let language =
            Language::from_id(&document.language_id).or_else(|| Language::for_path(&document.path));
        if let Some(language) = language {
            self.send(Message::Open(
                document.path.clone(),
                language,
                document.text.clone(),
            ));
        }
    }

    /// A document changed to what it is now.
    pub(crate) fn change(&self, document: &Document, change: &ChangeSet) {
        self.send(Message::Change(
            document.path.clone(),
            document.text.clone(),
            change.clone(),
        ));
    }

    /// A document was closed.
    pub(crate) fn close(&self, path: &Path) {
        self.send(Message::Close(path.to_path_buf()));
    }

    /// Whether there is a tree, possibly of a slightly older text.
    pub(crate) fn has_tree(&self, path: &Path) -> bool {
        self.trees.contains_key(path)
    }

    /// The tree of exactly this text, if there is one: right after a keystroke there is not.
    pub(crate) fn tree_of(&self, path: &Path, text: &Text) -> Option<SyntaxTree> {
        let tree = self.trees.get(path)?.value().clone();
        let is_same = tree.text().len_bytes() == text.len_bytes() && tree.text() == text;
        is_same.then_some(tree)
    }

    /// The trees, to be asked from another thread.
    pub(crate) fn trees(&self) -> TreeTable {
        TreeTable(Arc::clone(&self.trees))
    }

    /// Ends the thread, in the middle of a parse if need be.
    pub(crate) fn stop(self) {
        self.cancel.cancel();
        self.send(Message::Stop);
        drop(self.thread.join());
    }

    fn send(&self, message: Message) {
        drop(self.messages.send(message));
    }
}

/// A read handle on the trees as they are at any time.
#[derive(Clone)]
pub(crate) struct TreeTable(Arc<Trees>);

impl TreeTable {
    /// Whether `offset` of `text` lies in code, a comment or a string; unknown without a tree.
    ///
    /// The tree may be a keystroke behind. Typing moves the cursor by as much as it makes the text longer, so the same
    /// place in the older text is that much further ahead.
    pub(crate) fn kind_at(&self, path: &Path, text: &Text, offset: usize) -> Option<TextKind> {
        // The clone is cheap and lets go of the table, which the parser may want to write to.
        let tree = self.0.get(path)?.value().clone();
        let grown = text.len_bytes() as isize - tree.text().len_bytes() as isize;
        let old_offset = offset
            .saturating_add_signed(-grown)
            .min(tree.text().len_bytes());
        let limits = QueryLimits {
            timeout: QUESTION_LIMIT,
        };
        tree.kind_at(old_offset, &limits, &Cancel::new()).ok()
    }
}

struct Worker {
    trees: Arc<Trees>,
    cancel: Cancel,
    documents: FxHashMap<PathBuf, Tracked>,
}

/// A document with a grammar.
struct Tracked {
    language: Language,
    text: Text,
    /// What happened since the tree was built; nothing when there is no tree to build on.
    change: Option<ChangeSet>,
    needs_parse: bool,
}

/// What a round of messages means for the thread.
enum Next {
    Parse,
    Stop,
}

impl Worker {
    fn run(mut self, queue: &Receiver<Message>) {
        while let Ok(message) = queue.recv() {
            let mut next = self.take_in(message);
            // Everything that is waiting counts before the first parse.
            while let (Next::Parse, Ok(message)) = (&next, queue.try_recv()) {
                next = self.take_in(message);
            }
            match next {
                Next::Stop => return,
                Next::Parse => self.parse_changed(),
            }
        }
    }

    fn take_in(&mut self, message: Message) -> Next {
        match message {
            Message::Stop => return Next::Stop,
            Message::Close(path) => {
                self.documents.remove(&path);
                self.trees.remove(&path);
            }
            Message::Open(path, language, text) => {
                self.trees.remove(&path);
                let tracked = Tracked {
                    language,
                    text,
                    change: None,
                    needs_parse: true,
                };
                self.documents.insert(path, tracked);
            }
            Message::Change(path, text, change) => {
                if let Some(tracked) = self.documents.get_mut(&path) {
                    tracked.change = tracked
                        .change
                        .take()
                        .and_then(|before| before.compose(&change).ok());
                    tracked.text = text;
                    tracked.needs_parse = true;
                }
            }
        }
        Next::Parse
    }

    /// A panic over one document costs that document its tree, and nothing else.
    fn parse_changed(&mut self) {
        let Self {
            trees,
            cancel,
            documents,
        } = self;
        documents.retain(|path, tracked| {
            if !std::mem::take(&mut tracked.needs_parse) {
                return true;
            }
            let parsed = AssertUnwindSafe(|| tracked.parse(path, trees, cancel));
            let survived = std::panic::catch_unwind(parsed).is_ok();
            if !survived {
                tracing::error!(path = %path.display(), "the parser failed; the document goes without a tree");
                trees.remove(path);
            }
            survived
        });
    }
}

impl Tracked {
    fn parse(&mut self, path: &Path, trees: &Trees, cancel: &Cancel) {
        let previous = trees.get(path).map(|tree| tree.value().clone());
        let base = previous.as_ref().zip(self.change.as_ref());
        let limits = ParseLimits::default();
        match syntax::parse(self.language, &self.text, base, &limits, cancel) {
            Ok(tree) => {
                self.change = Some(ChangeSet::identity(self.text.len_bytes()));
                if previous.is_none() {
                    warm(&tree, cancel);
                }
                trees.insert(path.to_path_buf(), tree);
            }
            Err(reason) => {
                tracing::debug!(path = %path.display(), %reason, "no syntax tree");
                self.change = None;
                trees.remove(path);
            }
        }
    }
}

/// A language's queries are compiled at their first use, which can take long enough to be felt: it happens here, so that
/// no suggestion and no menu waits for it.
fn warm(tree: &SyntaxTree, cancel: &Cancel) {
    let limits = QueryLimits::default();
    let _compiled = tree.kind_at(0, &limits, cancel);
    let _compiled = tree.scopes(0..0, &limits, cancel);
}
