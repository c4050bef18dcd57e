//! The desk: a user with an editor, folders with files, the real server and a scripted model.
//!
//! The editor is an independent, naive client of the protocol in plain strings. It really applies the server's edits, as the
//! editor whose [`Profile`] it has does, or badly, as its [`Manners`] say. On its drop it asserts that the server ended in
//! good order, that everything was answered, that no process is left, that the model was asked properly, and that the test
//! has read every error and warning.
//!
//! How a test uses it: [`Desk::start`] with a [`Setting`], `desk.model.play("words", steps)`, `desk.open(…)`,
//! `desk.start_task("words …")` or `desk.run_action(…)`, [`Desk::settle`], and then what the editor shows.

mod buffer;
mod connection;
mod edits;
mod messages;
mod model;
mod positions;
mod profile;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

pub(crate) use buffer::{Buffer, Replacement};
pub(crate) use messages::{Progress, Question, Refusal, Said};
pub(crate) use model::{Model, add_file, delete_file, patch};
pub(crate) use positions::Encoding;
pub(crate) use profile::{Manners, Profile};

use connection::{Connection, processes_of};

/// Nothing takes this long, except by a defect.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// What a desk is made with.
pub(crate) struct Setting<'a> {
    pub(crate) profile: Profile,
    /// Files of the first folder.
    pub(crate) files: &'a [(&'a str, &'a str)],
    /// Files of a second folder, if there shall be one.
    pub(crate) second_folder: Option<&'a [(&'a str, &'a str)]>,
    /// Lines of `config.toml` after the model's.
    pub(crate) settings: &'a str,
    /// Whether the folders are told to the server.
    pub(crate) has_folders: bool,
}

impl Default for Setting<'_> {
    fn default() -> Self {
        Self {
            profile: Profile::Neovim,
            files: &[],
            second_folder: None,
            settings: "",
            has_folders: true,
        }
    }
}

/// A user at work.
pub(crate) struct Desk {
    pub(crate) profile: Profile,
    pub(crate) manners: Manners,
    pub(crate) model: Model,
    pub(crate) buffers: BTreeMap<PathBuf, Buffer>,
    /// What the server reports, by file.
    pub(crate) diagnostics: BTreeMap<PathBuf, Vec<Value>>,
    /// What other servers report, by file.
    pub(crate) foreign: BTreeMap<PathBuf, Vec<Value>>,
    /// `ropewalk/didChangeHunks`, by file.
    pub(crate) hunks: BTreeMap<PathBuf, Vec<Value>>,
    /// `ropewalk/inlineEdit`
    pub(crate) inline_edits: Vec<Value>,
    pub(crate) progress: Vec<Progress>,
    pub(crate) said: Vec<Said>,
    pub(crate) questions: Vec<Question>,
    /// Beginnings of the buttons to press, a question each; without one a question is dismissed.
    pub(crate) choices: VecDeque<String>,
    pub(crate) shown: Vec<PathBuf>,
    /// All edits that the server asked for.
    pub(crate) edits: Vec<Value>,
    pub(crate) held_edits: Vec<(Value, Value)>,
    encoding: Encoding,
    folders: Vec<PathBuf>,
    has_folders: bool,
    tokens: Vec<Value>,
    watches: bool,
    next_id: i64,
    unanswered: BTreeSet<i64>,
    answers: BTreeMap<i64, Result<Value, Refusal>>,
    connection: Connection,
    home: TempDir,
}

impl Desk {
    /// A desk whose server has been initialised.
    pub(crate) fn start(setting: &Setting<'_>) -> Self {
        let model = Model::start();
        let home = tempfile::tempdir().unwrap();
        let folders = prepare(home.path(), setting, &model.server().url());
        let mut desk = Self {
            profile: setting.profile,
            manners: Manners::Good,
            connection: Connection::start(home.path(), &[]),
            model,
            buffers: BTreeMap::new(),
            diagnostics: BTreeMap::new(),
            foreign: BTreeMap::new(),
            hunks: BTreeMap::new(),
            inline_edits: Vec::new(),
            progress: Vec::new(),
            said: Vec::new(),
            questions: Vec::new(),
            choices: VecDeque::new(),
            shown: Vec::new(),
            edits: Vec::new(),
            held_edits: Vec::new(),
            encoding: Encoding::Utf16,
            folders,
            has_folders: setting.has_folders,
            tokens: Vec::new(),
            watches: false,
            next_id: 0,
            unanswered: BTreeSet::new(),
            answers: BTreeMap::new(),
            home,
        };
        desk.initialize();
        desk
    }

    fn initialize(&mut self) {
        let folder =
            |path: &PathBuf| json!({ "uri": format!("file://{}", path.display()), "name": "f" });
        let folders: Vec<Value> = match self.has_folders {
            true => self.folders.iter().map(folder).collect(),
            false => Vec::new(),
        };
        let params = json!({
            "processId": null,
            "rootUri": null,
            "workspaceFolders": folders,
            "capabilities": self.profile.capabilities(),
        });
        let answer = self.request("initialize", params).unwrap();
        let encoding = answer["capabilities"]["positionEncoding"].as_str();
        self.encoding = Encoding::of_name(encoding.unwrap_or("utf-16"));
        self.notify("initialized", json!({}));
    }

    /// Ends the server in order and starts it again; the editor keeps its buffers and opens them again.
    pub(crate) fn restart(&mut self) {
        self.quit();
        self.start_again();
    }

    /// The same by `kill -9`.
    pub(crate) fn kill_and_restart(&mut self) {
        self.connection.kill();
        self.start_again();
    }

    fn start_again(&mut self) {
        self.unanswered.clear();
        self.answers.clear();
        self.held_edits.clear();
        self.tokens.clear();
        self.progress.clear();
        self.diagnostics.clear();
        self.hunks.clear();
        self.watches = false;
        self.connection = Connection::start(self.home.path(), &[]);
        self.initialize();
        for path in self.buffers.keys().cloned().collect::<Vec<_>>() {
            let buffer = self.buffers.get_mut(&path).unwrap();
            buffer.version = self.profile.first_version();
            let text = buffer.text.clone();
            self.tell_open(&path, &text);
        }
    }

    // Places.

    /// A file of the first folder; absolute names stay.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folders[0].join(name)
    }

    /// A file of the second folder.
    pub(crate) fn second_path(&self, name: &str) -> String {
        self.folders[1].join(name).to_str().unwrap().to_owned()
    }

    pub(crate) fn state_folder(&self) -> PathBuf {
        self.home.path().join("state/ropewalk")
    }

    pub(super) fn uri_of(&self, path: &Path) -> String {
        format!("file://{}", path.display())
    }

    /// The twins that there are.
    pub(crate) fn twins(&self) -> Vec<String> {
        let entries = fs::read_dir(self.state_folder().join("twins"));
        let names = entries.into_iter().flatten().flatten();
        let names = names.map(|entry| entry.file_name().to_string_lossy().into_owned());
        names.filter(|name| !name.starts_with('.')).collect()
    }

    // The user's hands.

    /// Opens a file.
    pub(crate) fn open(&mut self, name: &str) {
        self.open_path(&self.path(name)).unwrap();
    }

    pub(crate) fn text(&self, name: &str) -> &str {
        let path = self.path(name);
        let buffer = self.buffers.get(&path);
        &buffer.unwrap_or_else(|| panic!("{name} is not open")).text
    }

    pub(crate) fn is_open(&self, name: &str) -> bool {
        self.buffers.contains_key(&self.path(name))
    }

    /// What is on disk; nothing where there is no file.
    pub(crate) fn disk(&self, name: &str) -> Option<String> {
        let bytes = fs::read(self.path(name)).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Makes replacements as one step of undo.
    pub(crate) fn replace(&mut self, name: &str, replacements: Vec<Replacement>) {
        let (path, encoding) = (self.path(name), self.encoding);
        let changes = self
            .buffers
            .get_mut(&path)
            .unwrap()
            .replace(replacements, encoding);
        self.tell_changes(&path, changes);
    }

    /// Types at a byte of the text.
    pub(crate) fn type_at(&mut self, name: &str, offset: usize, text: &str) {
        let text = text.to_owned();
        self.replace(
            name,
            vec![Replacement {
                range: offset..offset,
                text,
            }],
        );
    }

    /// Types directly before the first occurrence of `mark`.
    pub(crate) fn type_before(&mut self, name: &str, mark: &str, text: &str) {
        let offset = self.text(name).find(mark).unwrap();
        self.type_at(name, offset, text);
    }

    /// Puts `new` in the place of the first occurrence of `old`.
    pub(crate) fn overwrite(&mut self, name: &str, old: &str, new: &str) {
        let start = self.text(name).find(old).unwrap();
        let (range, text) = (start..start + old.len(), new.to_owned());
        self.replace(name, vec![Replacement { range, text }]);
    }

    /// The editor's own undo; says whether there was a step to take back.
    pub(crate) fn undo(&mut self, name: &str) -> bool {
        let (path, encoding) = (self.path(name), self.encoding);
        let changes = self.buffers.get_mut(&path).unwrap().undo(encoding);
        let has_step = changes.is_some();
        if let Some(changes) = changes {
            self.tell_changes(&path, changes);
        }
        has_step
    }

    pub(crate) fn save(&mut self, name: &str) {
        let path = self.path(name);
        let existed = path.exists();
        fs::write(&path, self.text(name)).unwrap();
        let uri = self.uri_of(&path);
        self.notify(
            "textDocument/didSave",
            json!({ "textDocument": { "uri": uri } }),
        );
        self.tell_file(&path, if existed { 2 } else { 1 });
    }

    /// Closes without saving.
    pub(crate) fn close(&mut self, name: &str) {
        self.close_path(&self.path(name));
    }

    /// Another program writes a file.
    pub(crate) fn write_outside(&mut self, name: &str, text: &str) {
        let path = self.path(name);
        let existed = path.exists();
        fs::write(&path, text).unwrap();
        self.tell_file(&path, if existed { 2 } else { 1 });
    }

    fn open_path(&mut self, path: &Path) -> io::Result<()> {
        let text = fs::read_to_string(path)?;
        self.open_text(path, text);
        Ok(())
    }

    fn open_text(&mut self, path: &Path, text: String) {
        self.tell_open(path, &text);
        let buffer = Buffer::new(text, self.profile.first_version());
        self.buffers.insert(path.to_path_buf(), buffer);
    }

    fn close_path(&mut self, path: &Path) {
        self.buffers.remove(path).unwrap();
        let uri = self.uri_of(path);
        self.notify(
            "textDocument/didClose",
            json!({ "textDocument": { "uri": uri } }),
        );
    }

    fn tell_open(&mut self, path: &Path, text: &str) {
        let version = self.profile.first_version();
        let document = json!({
            "uri": self.uri_of(path), "languageId": language_of(path), "version": version, "text": text,
        });
        self.notify("textDocument/didOpen", json!({ "textDocument": document }));
    }

    fn tell_changes(&mut self, path: &Path, changes: Vec<Value>) {
        let version = self.buffers[path].version;
        let document = json!({ "uri": self.uri_of(path), "version": version });
        self.notify(
            "textDocument/didChange",
            json!({ "textDocument": document, "contentChanges": changes }),
        );
    }

    // Tasks.

    /// `workspace/executeCommand`
    pub(crate) fn run_command(&mut self, name: &str, arguments: Value) -> Result<Value, Refusal> {
        let params = json!({ "command": name, "arguments": arguments });
        self.request("workspace/executeCommand", params)
    }

    /// Starts a task in the user's own words; gives its number.
    pub(crate) fn start_task(&mut self, words: &str) -> u64 {
        let answer = self.run_command("ropewalk.task", json!([words])).unwrap();
        answer["task"]
            .as_u64()
            .unwrap_or_else(|| panic!("no task: {answer}"))
    }

    /// The tasks as `ropewalk.tasks` lists them.
    pub(crate) fn tasks(&mut self) -> Vec<Value> {
        let tasks = self.run_command("ropewalk.tasks", json!([])).unwrap();
        tasks.as_array().unwrap().clone()
    }

    pub(crate) fn task_state(&mut self, number: u64) -> String {
        let tasks = self.tasks();
        let task = tasks.iter().find(|task| task["task"] == number);
        task.unwrap_or_else(|| panic!("no task {number}: {tasks:?}"))["state"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    pub(crate) fn wait_for_state(&mut self, number: u64, state: &str) {
        self.wait_until(&format!("task {number} is {state}"), |desk| {
            desk.task_state(number) == state
        });
    }

    /// Waits until no task is at work and what is shown of their changes is what there is.
    pub(crate) fn settle(&mut self) {
        self.wait_until("no task is at work", |desk| {
            let tasks = desk.tasks();
            let mut states = tasks.iter().map(|task| task["state"].as_str().unwrap());
            states.all(|state| !matches!(state, "queued" | "running" | "landing"))
        });
        self.wait_until("the diagnostics are up to date", |desk| {
            desk.shown_changes() == desk.listed_changes()
        });
    }

    /// File, line counted from 1, and words of the changes that are listed.
    pub(crate) fn listed_changes(&mut self) -> Vec<(PathBuf, u64, String)> {
        let list = self.run_command("ropewalk.review.list", json!([])).unwrap();
        let entry = |it: &Value| {
            let words = format!(
                "{} · {}",
                it["summary"].as_str().unwrap(),
                it["title"].as_str().unwrap()
            );
            (
                PathBuf::from(it["path"].as_str().unwrap()),
                it["line"].as_u64().unwrap(),
                words,
            )
        };
        let mut changes: Vec<_> = list.as_array().unwrap().iter().map(entry).collect();
        changes.sort();
        changes
    }

    /// The same as the diagnostics show them.
    pub(crate) fn shown_changes(&self) -> Vec<(PathBuf, u64, String)> {
        let mut changes = Vec::new();
        for (path, diagnostics) in &self.diagnostics {
            for diagnostic in diagnostics.iter().filter(|it| it["code"] == "change") {
                let line = diagnostic["range"]["start"]["line"].as_u64().unwrap() + 1;
                let words = diagnostic["message"].as_str().unwrap().to_owned();
                changes.push((path.clone(), line, words));
            }
        }
        changes.sort();
        changes
    }

    /// Another server reports a problem in a line, counted from 0.
    pub(crate) fn report(&mut self, name: &str, line: u64, message: &str) {
        let range = json!({ "start": { "line": line, "character": 0 }, "end": { "line": line, "character": 1 } });
        let diagnostic =
            json!({ "range": range, "severity": 1, "source": "other", "message": message });
        self.foreign
            .entry(self.path(name))
            .or_default()
            .push(diagnostic);
    }

    /// What is offered at a line, counted from 0.
    pub(crate) fn code_actions(&mut self, name: &str, line: u64) -> Vec<Value> {
        let path = self.path(name);
        let all = [&self.diagnostics, &self.foreign];
        let all = all
            .into_iter()
            .filter_map(|by_path| by_path.get(&path))
            .flatten();
        let is_there = |it: &&Value| {
            let range = &it["range"];
            let line_of = |end: &str| range[end]["line"].as_u64().unwrap();
            (line_of("start")..=line_of("end")).contains(&line)
        };
        let diagnostics: Vec<Value> = all.filter(is_there).cloned().collect();
        let place = json!({ "line": line, "character": 0 });
        let params = json!({
            "textDocument": { "uri": self.uri_of(&path) },
            "range": { "start": place, "end": place },
            "context": { "diagnostics": diagnostics, "triggerKind": 1 },
        });
        let actions = self.request("textDocument/codeAction", params).unwrap();
        actions.as_array().unwrap().clone()
    }

    /// The titles of what is offered at a line.
    pub(crate) fn action_titles(&mut self, name: &str, line: u64) -> Vec<String> {
        let actions = self.code_actions(name, line);
        let title = |action: &Value| action["title"].as_str().unwrap().to_owned();
        actions.iter().map(title).collect()
    }

    /// Runs the first action at a line whose title begins so; gives the command's answer.
    pub(crate) fn run_action(&mut self, name: &str, line: u64, title: &str) -> Value {
        let actions = self.code_actions(name, line);
        let is_meant = |action: &&Value| action["title"].as_str().unwrap().starts_with(title);
        let action = actions.iter().find(is_meant);
        let action = action.unwrap_or_else(|| panic!("no action `{title}`: {actions:#?}"));
        let command = &action["command"];
        let name = command["command"].as_str().unwrap().to_owned();
        self.run_command(&name, command["arguments"].clone())
            .unwrap()
    }

    /// Presses the button with this beginning when the next question comes.
    pub(crate) fn will_press(&mut self, button: &str) {
        self.choices.push_back(button.to_owned());
    }

    // What must hold.

    /// Whether the server's text is the editor's.
    pub(crate) fn assert_same_as_server(&mut self, name: &str) {
        let path = self.path(name);
        let params = json!({ "uri": self.uri_of(&path) });
        let view = self.request("ropewalk/viewDocument", params).unwrap();
        let seen = (
            view["version"].as_i64().unwrap(),
            view["text"].as_str().unwrap().to_owned(),
        );
        let buffer = &self.buffers[&path];
        assert_eq!(seen, (buffer.version, buffer.text.clone()), "{name}");
    }

    pub(crate) fn assert_all_same_as_server(&mut self) {
        for path in self.buffers.keys().cloned().collect::<Vec<_>>() {
            self.assert_same_as_server(path.to_str().unwrap());
        }
    }

    /// What happened so far, for whoever reads a failure.
    pub(crate) fn account(&self) -> String {
        let last = self.progress.last();
        let edits: Vec<String> = self.edits.iter().map(Value::to_string).collect();
        format!(
            "said: {:#?}\nasked: {:#?}\nlast progress: {last:#?}\nedits: {}\nmodel: {:?}",
            self.said,
            self.questions,
            edits.join("\n"),
            self.model.server().violations(),
        )
    }

    // The end.

    fn quit(&mut self) {
        assert_eq!(self.request("shutdown", Value::Null), Ok(Value::Null));
        self.notify("exit", Value::Null);
        assert_eq!(self.connection.wait_for_end().code(), Some(0));
        for message in self.connection.rest() {
            if message.get("method").is_none() {
                self.accept_answer(&message);
            }
        }
        assert!(
            self.unanswered.is_empty(),
            "never answered: {:?}",
            self.unanswered
        );
        let left = processes_of(self.home.path());
        assert!(left.is_empty(), "processes are left: {left:?}");
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        self.quit();
        let errors = self.unread_errors();
        assert!(errors.is_empty(), "left unread: {errors:#?}");
        let violations = self.model.server().violations();
        assert!(violations.is_empty(), "{violations:#?}");
    }
}

/// The path of a URI as this desk makes them, and of the server's, whose odd characters are in percents.
fn path_of(uri: &Value) -> PathBuf {
    let uri = uri.as_str().unwrap();
    let encoded = uri
        .strip_prefix("file://")
        .unwrap_or_else(|| panic!("no file: {uri}"));
    let mut bytes = Vec::new();
    let mut rest = encoded.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next().unwrap(), rest.next().unwrap()];
            let digits = std::str::from_utf8(&digits).unwrap();
            bytes.push(u8::from_str_radix(digits, 16).unwrap());
        } else {
            bytes.push(byte);
        }
    }
    PathBuf::from(String::from_utf8(bytes).unwrap())
}

fn language_of(path: &Path) -> &'static str {
    match path.extension().and_then(|it| it.to_str()) {
        Some("rs") => "rust",
        Some("py") => "python",
        Some("md") => "markdown",
        _ => "plaintext",
    }
}

/// The folders with their files, and the settings; gives the folders.
fn prepare(home: &Path, setting: &Setting<'_>, model_url: &str) -> Vec<PathBuf> {
    let write = |path: PathBuf, text: &str| {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    let mut folders = Vec::new();
    let all = [
        ("workspace", Some(setting.files)),
        ("second", setting.second_folder),
    ];
    for (name, files) in all {
        let Some(files) = files else { continue };
        let folder = home.join(name);
        fs::create_dir(&folder).unwrap();
        for (name, text) in files {
            write(folder.join(name), text);
        }
        folders.push(folder);
    }
    let settings = format!(
        "model = \"house/m\"\n{}\n[providers.house]\nbase_url = \"{model_url}/v1\"\nwire = \"chat_completions\"\n",
        setting.settings
    );
    write(home.join("config/ropewalk/config.toml"), &settings);
    folders
}
