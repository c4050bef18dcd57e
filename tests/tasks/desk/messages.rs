//! What comes from the server: answered as the desk's editor does, and written down.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{Desk, PATIENCE, path_of};

/// An answer's error code and message.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Refusal(pub(crate) i64, pub(crate) String);

/// Something that the server told the user.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Said {
    /// 1 error, 2 warning, 3 information.
    pub(crate) kind: u64,
    pub(crate) text: String,
    /// Whether the test has read it.
    pub(crate) is_read: bool,
}

/// Something that the user was asked.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Question {
    pub(crate) text: String,
    pub(crate) buttons: Vec<String>,
    /// The button that was pressed; `None` when it was dismissed.
    pub(crate) pressed: Option<String>,
}

/// A progress that was shown.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Progress {
    pub(crate) token: Value,
    pub(crate) title: String,
    pub(crate) is_cancellable: bool,
    /// What was said: at the beginning, in reports, at the end.
    pub(crate) reports: Vec<String>,
    pub(crate) percentages: Vec<u64>,
    pub(crate) is_over: bool,
}

impl Desk {
    pub(crate) fn notify(&mut self, method: &str, params: Value) {
        self.connection
            .send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    /// Sends a request and waits for its answer; what comes meanwhile is dealt with.
    pub(crate) fn request(&mut self, method: &str, params: Value) -> Result<Value, Refusal> {
        self.next_id += 1;
        let id = self.next_id;
        self.unanswered.insert(id);
        self.connection
            .send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(answer) = self.answers.remove(&id) {
                return answer;
            }
            assert!(
                Instant::now() < deadline,
                "{method} is not answered\n{}",
                self.account()
            );
            self.pump(Duration::from_millis(50));
        }
    }

    pub(super) fn respond(&mut self, id: &Value, result: Value) {
        self.connection
            .send(&json!({ "jsonrpc": "2.0", "id": id, "result": result }));
    }

    /// Deals with the messages that are there, and waits for one if there is none; says whether any came.
    pub(crate) fn pump(&mut self, limit: Duration) -> bool {
        let Some(message) = self.connection.receive(limit) else {
            return false;
        };
        self.accept(message);
        while let Some(message) = self.connection.receive(Duration::ZERO) {
            self.accept(message);
        }
        true
    }

    /// Deals with messages until something is so.
    pub(crate) fn wait_until(&mut self, what: &str, mut is_so: impl FnMut(&mut Self) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !is_so(self) {
            assert!(
                Instant::now() < deadline,
                "never: {what}\n{}",
                self.account()
            );
            self.pump(Duration::from_millis(20));
        }
    }

    pub(super) fn accept(&mut self, message: Value) {
        let Some(method) = message["method"].as_str() else {
            return self.accept_answer(&message);
        };
        let params = &message["params"];
        match message.get("id") {
            Some(id) => {
                if let Some(result) = self.asked(method, id, params) {
                    self.respond(id, result);
                }
            }
            None => self.told(method, params),
        }
    }

    pub(super) fn accept_answer(&mut self, message: &Value) {
        let id = message["id"].as_i64().unwrap();
        assert!(
            self.unanswered.remove(&id),
            "answered twice, or never asked: {message}"
        );
        let answer = match message.get("error") {
            None => Ok(message["result"].clone()),
            Some(error) => Err(Refusal(
                error["code"].as_i64().unwrap(),
                error["message"].as_str().unwrap().to_owned(),
            )),
        };
        self.answers.insert(id, answer);
    }

    /// A request of the server's; nothing when it is answered later.
    fn asked(&mut self, method: &str, id: &Value, params: &Value) -> Option<Value> {
        match method {
            "workspace/applyEdit" => self.edit_asked(id, params),
            "workspace/configuration" => Some(json!([null])),
            "window/workDoneProgress/create" => {
                self.tokens.push(params["token"].clone());
                Some(Value::Null)
            }
            "client/registerCapability" => {
                let registrations = params["registrations"].as_array().unwrap();
                let watching = "workspace/didChangeWatchedFiles";
                self.watches |= registrations.iter().any(|it| it["method"] == watching);
                Some(Value::Null)
            }
            "window/showMessageRequest" => Some(self.question_asked(params)),
            "window/showDocument" => {
                let path = path_of(&params["uri"]);
                self.shown.push(path.clone());
                let is_open = self.buffers.contains_key(&path);
                let success = is_open || self.open_path(&path).is_ok();
                Some(json!({ "success": success }))
            }
            _ => Some(Value::Null),
        }
    }

    fn question_asked(&mut self, params: &Value) -> Value {
        let actions = params["actions"].as_array().cloned().unwrap_or_default();
        let title = |action: &Value| action["title"].as_str().unwrap().to_owned();
        let choice = self.choices.pop_front();
        let pressed = choice.and_then(|choice| {
            let mut actions = actions.iter();
            actions.find(|action| title(action).starts_with(&choice))
        });
        self.questions.push(Question {
            text: params["message"].as_str().unwrap().to_owned(),
            buttons: actions.iter().map(title).collect(),
            pressed: pressed.map(title),
        });
        pressed.cloned().unwrap_or_default()
    }

    fn told(&mut self, method: &str, params: &Value) {
        match method {
            "textDocument/publishDiagnostics" => {
                let diagnostics = params["diagnostics"].as_array().unwrap().clone();
                self.diagnostics
                    .insert(path_of(&params["uri"]), diagnostics);
            }
            "ropewalk/didChangeHunks" => {
                let hunks = params["hunks"].as_array().unwrap().clone();
                self.hunks.insert(path_of(&params["uri"]), hunks);
            }
            "ropewalk/inlineEdit" => self.inline_edits.push(params.clone()),
            "window/showMessage" => self.said.push(Said {
                kind: params["type"].as_u64().unwrap(),
                text: params["message"].as_str().unwrap().to_owned(),
                is_read: false,
            }),
            "$/progress" => self.progress_told(params),
            _ => {}
        }
    }

    fn progress_told(&mut self, params: &Value) {
        let (token, value) = (&params["token"], &params["value"]);
        assert!(
            self.tokens.contains(token),
            "progress before its token: {params}"
        );
        if value["kind"] == "begin" {
            self.progress.push(Progress {
                token: token.clone(),
                title: value["title"].as_str().unwrap().to_owned(),
                is_cancellable: value["cancellable"] == true,
                reports: Vec::new(),
                percentages: Vec::new(),
                is_over: false,
            });
        }
        let shown = self.progress.iter_mut().rev().find(|it| it.token == *token);
        let shown = shown.unwrap_or_else(|| panic!("progress that never began: {params}"));
        assert!(!shown.is_over, "progress after its end: {params}");
        shown
            .reports
            .extend(value["message"].as_str().map(str::to_owned));
        shown.percentages.extend(value["percentage"].as_u64());
        shown.is_over = value["kind"] == "end";
    }

    /// The first message that is not read yet and has these words in it, once it comes. It counts as read.
    pub(crate) fn read_message(&mut self, words: &str) -> String {
        let is_meant = |said: &Said| !said.is_read && said.text.contains(words);
        self.wait_until(&format!("a message with `{words}`"), |desk| {
            desk.said.iter().any(is_meant)
        });
        let said = self.said.iter_mut().find(|said| is_meant(said)).unwrap();
        said.is_read = true;
        said.text.clone()
    }

    /// Errors and warnings that the test has not read.
    pub(crate) fn unread_errors(&self) -> Vec<&Said> {
        let said = self.said.iter();
        said.filter(|said| !said.is_read && said.kind <= 2)
            .collect()
    }

    /// In a test that provokes errors on purpose.
    pub(crate) fn read_all_messages(&mut self) -> Vec<String> {
        let unread = self.said.iter_mut().filter(|said| !said.is_read);
        let read = |said: &mut Said| {
            said.is_read = true;
            said.text.clone()
        };
        unread.map(read).collect()
    }
}
