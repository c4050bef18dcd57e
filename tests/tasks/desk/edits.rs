//! `workspace/applyEdit` as the desk's editor carries it out: buffers, files, versions, and the answer.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::{Desk, Manners, Profile, path_of};

/// What became of one part of an edit.
enum Part {
    Done,
    /// Left out, and the rest goes on.
    Skipped,
    /// It ends the edit, with the reason.
    Failed(String),
}

impl Desk {
    /// Carries out an edit of the server's and gives the answer; nothing while it is held.
    pub(super) fn edit_asked(&mut self, id: &Value, params: &Value) -> Option<Value> {
        self.edits.push(params.clone());
        match self.manners {
            Manners::Holds => {
                self.held_edits.push((id.clone(), params.clone()));
                None
            }
            Manners::Lies => Some(json!({ "applied": true })),
            Manners::Declines => Some(json!({ "applied": false })),
            Manners::Good | Manners::Halves | Manners::IgnoresVersions => {
                Some(self.carry_out(params))
            }
        }
    }

    /// Carries out what was held, as the editor would have done at once, and answers.
    pub(crate) fn apply_held_edits(&mut self) {
        let held = std::mem::take(&mut self.held_edits);
        let manners = std::mem::replace(&mut self.manners, Manners::Good);
        for (id, params) in held {
            let result = self.carry_out(&params);
            self.respond(&id, result);
        }
        self.manners = manners;
    }

    /// Answers what was held without having done it.
    pub(crate) fn decline_held_edits(&mut self) {
        for (id, _) in std::mem::take(&mut self.held_edits) {
            self.respond(&id, json!({ "applied": false }));
        }
    }

    fn carry_out(&mut self, params: &Value) -> Value {
        let edit = &params["edit"];
        let mut parts: Vec<Value> = Vec::new();
        for (uri, edits) in edit["changes"].as_object().into_iter().flatten() {
            parts.push(json!({ "textDocument": { "uri": uri, "version": null }, "edits": edits }));
        }
        parts.extend(
            edit["documentChanges"]
                .as_array()
                .into_iter()
                .flatten()
                .cloned(),
        );
        if self.profile == Profile::VsCode || self.profile == Profile::Rich {
            let is_stale = |part: &Value| self.is_stale(part, |version, now| version != now);
            if self.manners != Manners::IgnoresVersions && parts.iter().any(is_stale) {
                return json!({ "applied": false });
            }
        }
        for (number, part) in parts.iter().enumerate() {
            if self.manners == Manners::Halves && number % 2 == 1 {
                continue;
            }
            match self.carry_out_part(number, part) {
                Part::Done | Part::Skipped => {}
                Part::Failed(reason) if self.profile == Profile::Helix => {
                    return json!({ "applied": false, "failedChange": number, "failureReason": reason });
                }
                // Neovim answers so for everything but an error of its own.
                Part::Failed(_) => return json!({ "applied": self.profile == Profile::Neovim }),
            }
        }
        json!({ "applied": true })
    }

    fn is_stale(&self, part: &Value, differs: impl Fn(i64, i64) -> bool) -> bool {
        let document = &part["textDocument"];
        let Some(version) = document["version"].as_i64() else {
            return false;
        };
        let buffer = self.buffers.get(&path_of(&document["uri"]));
        buffer.is_none_or(|buffer| differs(version, buffer.version))
    }

    fn carry_out_part(&mut self, number: usize, part: &Value) -> Part {
        let options = |name: &str| part["options"][name] == true;
        match part["kind"].as_str() {
            None => self.edit_document(number, part),
            Some("create") => {
                let (overwrite, spare) = (options("overwrite"), options("ignoreIfExists"));
                self.create_file(&path_of(&part["uri"]), overwrite, spare)
            }
            Some("rename") => {
                let (from, to) = (path_of(&part["oldUri"]), path_of(&part["newUri"]));
                self.rename_file(&from, &to)
            }
            Some("delete") => self.delete_file(&path_of(&part["uri"])),
            Some(other) => panic!("no such part of an edit: {other}"),
        }
    }

    fn edit_document(&mut self, number: usize, part: &Value) -> Part {
        let is_stale = match self.profile {
            _ if self.manners == Manners::IgnoresVersions => false,
            // Version 0 is not looked at, and a later version neither.
            Profile::Neovim => {
                number == 0 && self.is_stale(part, |version, now| 0 < version && version < now)
            }
            Profile::Helix => self.is_stale(part, |version, now| version != now),
            Profile::VsCode | Profile::Rich => false,
        };
        if is_stale && self.profile == Profile::Neovim {
            return Part::Skipped;
        }
        if is_stale {
            return Part::Failed("document has changed".into());
        }
        let path = path_of(&part["textDocument"]["uri"]);
        if !self.buffers.contains_key(&path) && self.open_path(&path).is_err() {
            return Part::Failed("the file cannot be read".into());
        }
        let mut edits = part["edits"].as_array().unwrap().clone();
        if self.manners == Manners::Halves && 1 < edits.len() {
            edits.truncate(edits.len() / 2);
        }
        let encoding = self.encoding;
        let buffer = self.buffers.get_mut(&path).unwrap();
        let replacements = buffer.replacements(&edits, encoding);
        let changes = buffer.replace(replacements, encoding);
        self.tell_changes(&path, changes);
        Part::Done
    }

    fn create_file(&mut self, path: &Path, overwrite: bool, spare: bool) -> Part {
        if path.exists() && !overwrite {
            if spare {
                return Part::Done;
            }
            // Neovim and Helix empty it.
            if matches!(self.profile, Profile::VsCode | Profile::Rich) {
                return Part::Failed("the file exists".into());
            }
        }
        // Neovim makes no folder for a file that it would spare.
        if !(self.profile == Profile::Neovim && spare) {
            drop(fs::create_dir_all(path.parent().unwrap()));
        }
        match fs::write(path, "") {
            Ok(()) => {
                self.tell_file(path, 1);
                Part::Done
            }
            Err(error) => Part::Failed(error.to_string()),
        }
    }

    fn rename_file(&mut self, from: &Path, to: &Path) -> Part {
        if to.exists() || !from.exists() {
            return Part::Failed("the file exists, or does not".into());
        }
        drop(fs::create_dir_all(to.parent().unwrap()));
        if let Err(error) = fs::rename(from, to) {
            return Part::Failed(error.to_string());
        }
        if let Some(buffer) = self.buffers.get(from).cloned() {
            self.close_path(from);
            self.open_text(to, buffer.text);
        }
        self.tell_file(from, 3);
        self.tell_file(to, 1);
        Part::Done
    }

    fn delete_file(&mut self, path: &Path) -> Part {
        if let Err(error) = fs::remove_file(path) {
            return Part::Failed(error.to_string());
        }
        // Helix leaves the buffer open.
        if self.profile != Profile::Helix && self.buffers.contains_key(path) {
            self.close_path(path);
        }
        self.tell_file(path, 3);
        Part::Done
    }

    /// Tells of a change on disk, where the editor was asked to watch: 1 created, 2 changed, 3 deleted.
    pub(super) fn tell_file(&mut self, path: &Path, kind: u8) {
        if self.watches {
            let uri = self.uri_of(path);
            let params = json!({ "changes": [{ "uri": uri, "type": kind }] });
            self.notify("workspace/didChangeWatchedFiles", params);
        }
    }
}
