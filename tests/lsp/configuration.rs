//! Settings from files and from the editor, and what is said about wrong ones.

use serde_json::{Value, json};

use crate::editor::{Editor, Setup};

const FILE: &str =
    "let measurement = read_sensor(channel);\nlet measurement = read_sensor(channel);\nlet measu";

fn suggestions(editor: &mut Editor) -> usize {
    editor.inline("a.rs", 2, 9).len()
}

fn problems(editor: &mut Editor) -> Vec<String> {
    let status = editor.request("ropewalk/status", Value::Null).unwrap();
    serde_json::from_value(status["problems"].clone()).unwrap()
}

#[test]
fn suggestions_can_be_switched_off_and_on_by_the_editor() {
    let mut editor = Editor::plain();
    editor.open("a.rs", "rust", FILE);
    assert_eq!(suggestions(&mut editor), 1);
    let off = json!({ "settings": { "ropewalk": { "completion": { "enabled": false } } } });
    editor.notify("workspace/didChangeConfiguration", off);
    assert_eq!(suggestions(&mut editor), 0);
    let status = editor.request("ropewalk/status", Value::Null).unwrap();
    assert_eq!(status["engine"]["state"], "disabled");
    let on = json!({ "settings": { "completion": { "disabled_languages": ["python"] } } });
    editor.notify("workspace/didChangeConfiguration", on);
    assert_eq!(suggestions(&mut editor), 1);
    let not_rust = json!({ "settings": { "completion": { "disabled_languages": ["rust"] } } });
    editor.notify("workspace/didChangeConfiguration", not_rust);
    assert_eq!(suggestions(&mut editor), 0);
}

#[test]
fn clients_with_pulled_settings_are_asked_for_them() {
    let setup = Setup {
        capabilities: json!({
            "workspace": { "configuration": true },
            "textDocument": { "inlineCompletion": {} },
        }),
        ..Setup::default()
    };
    let mut editor = Editor::spawn(&setup);
    editor.configuration = json!([{ "completion": { "enabled": false } }]);
    let params = editor.initialize_params(&setup);
    editor.request("initialize", params).unwrap();
    editor.notify("initialized", json!({}));
    editor.wait_for_method("workspace/configuration");
    editor.open("a.rs", "rust", FILE);
    assert_eq!(suggestions(&mut editor), 0);
    editor.configuration = json!([{}]);
    editor.notify(
        "workspace/didChangeConfiguration",
        json!({ "settings": null }),
    );
    editor.wait_for_method("workspace/configuration");
    assert_eq!(suggestions(&mut editor), 1);
}

#[test]
fn the_user_s_file_counts_and_its_mistakes_are_named() {
    let mut editor = Editor::start(Setup {
        config: Some("[completion]\nenabled = false\n".into()),
        ..Setup::default()
    });
    editor.open("a.rs", "rust", FILE);
    assert_eq!(suggestions(&mut editor), 0);
    drop(editor);

    let mut editor = Editor::start(Setup {
        config: Some("[completion]\nenabled = \"no\"\n".into()),
        ..Setup::default()
    });
    let message = editor.wait_for_method("window/showMessage")["params"]["message"].clone();
    let message = message.as_str().unwrap();
    assert!(
        message.contains("config.toml: `completion.enabled` has a wrong value"),
        "{message}"
    );
    drop(editor);

    let mut editor = Editor::start(Setup {
        config: Some("[completion\n".into()),
        ..Setup::default()
    });
    let message = editor.wait_for_method("window/showMessage")["params"]["message"].clone();
    assert!(
        message.as_str().unwrap().contains("is not valid TOML"),
        "{message}"
    );
}

#[test]
fn a_project_s_settings_count_only_when_the_user_trusts_it() {
    let project = ".ropewalk/config.toml";
    let text = "trusted_folders = [\"/\"]\n[completion]\nenabled = false\n";
    let mut editor = Editor::start(Setup {
        files: vec![(project, text.into())],
        ..Setup::default()
    });
    let message = editor.wait_for_method("window/showMessage")["params"]["message"].clone();
    assert!(
        message
            .as_str()
            .unwrap()
            .contains("is not used because the folder is not trusted"),
        "{message}"
    );
    editor.open("a.rs", "rust", FILE);
    assert_eq!(suggestions(&mut editor), 1);
    drop(editor);

    let mut editor = Editor::start(Setup {
        files: vec![(project, text.into())],
        config: Some("trusted_folders = [\"/\"]\n".into()),
        ..Setup::default()
    });
    editor.wait_for_method("window/showMessage");
    editor.open("a.rs", "rust", FILE);
    assert_eq!(suggestions(&mut editor), 0);
    let problems = problems(&mut editor);
    assert!(
        problems[0].contains("`trusted_folders` counts only in the user's own config.toml"),
        "{problems:?}"
    );
}

#[test]
fn settings_that_are_saved_in_the_editor_count_at_once() {
    let mut editor = Editor::start(Setup {
        config: Some("[completion]\nenabled = false\n".into()),
        ..Setup::default()
    });
    editor.open("a.rs", "rust", FILE);
    assert_eq!(suggestions(&mut editor), 0);
    let file = editor.root().join("../config/ropewalk/config.toml");
    let file = file.canonicalize().unwrap();
    std::fs::write(&file, "[completion]\nenabled = true\n").unwrap();
    let uri = format!("file://{}", file.display());
    editor.notify(
        "textDocument/didSave",
        json!({ "textDocument": { "uri": uri } }),
    );
    assert_eq!(suggestions(&mut editor), 1);
}

#[test]
fn saved_patterns_and_limits_change_what_is_learned() {
    let mut editor = Editor::start(Setup {
        config: Some("[exclude]\npatterns = []\n".into()),
        files: vec![
            ("a.rs", "fn first_function() {}\n".into()),
            ("private/b.rs", "fn second_function() {}\n".into()),
            ("large.rs", "fn third_function() {}\n".repeat(100)),
        ],
        ..Setup::default()
    });
    editor.wait_until_learned(3);
    let file = editor.home().join("config/ropewalk/config.toml");
    let uri = format!("file://{}", file.display());
    std::fs::write(&file, "[exclude]\npatterns = [\"private/\"]\n").unwrap();
    editor.notify(
        "textDocument/didSave",
        json!({ "textDocument": { "uri": uri } }),
    );
    editor.wait_until_learned(2);
    std::fs::write(
        &file,
        "[exclude]\npatterns = [\"private/\"]\n[index]\nmax_file_kilobytes = 1\n",
    )
    .unwrap();
    editor.notify(
        "textDocument/didSave",
        json!({ "textDocument": { "uri": uri } }),
    );
    editor.wait_until_learned(1);
}

#[test]
fn empty_and_foreign_settings_change_nothing() {
    let mut editor = Editor::start(Setup {
        options: json!({ "completion": { "enabled": false } }),
        ..Setup::default()
    });
    editor.open("a.rs", "rust", FILE);
    for settings in [
        json!({}),
        json!({ "rust-analyzer": { "check": true } }),
        json!({ "ropewalk": {} }),
    ] {
        editor.notify(
            "workspace/didChangeConfiguration",
            json!({ "settings": settings }),
        );
        assert_eq!(suggestions(&mut editor), 0, "{settings}");
        assert_eq!(problems(&mut editor), Vec::<String>::new(), "{settings}");
    }
}

#[test]
fn an_editor_cannot_vouch_for_a_folder_though_the_user_s_file_is_broken() {
    let mut editor = Editor::start(Setup {
        config: Some("[completion\n".into()),
        options: json!({ "trusted_folders": ["/"] }),
        ..Setup::default()
    });
    let status = editor.request("ropewalk/status", Value::Null).unwrap();
    assert_eq!(status["folders"][0]["trusted"], false);
    for _ in 0..2 {
        editor.wait_for_method("window/showMessage");
    }
    // What was said is not said again.
    let off = json!({ "settings": { "completion": { "enabled": false } } });
    editor.notify("workspace/didChangeConfiguration", off);
}

#[test]
fn ignore_files_count_as_soon_as_they_change() {
    let mut editor = Editor::start(Setup {
        files: vec![
            ("a.rs", "fn first_function() {}\n".into()),
            ("generated/b.rs", "fn second_function() {}\n".into()),
        ],
        ..Setup::default()
    });
    editor.wait_until_learned(2);
    std::fs::write(editor.root().join(".ropewalkignore"), "generated/\n").unwrap();
    // The list itself is a file too.
    let gone = |editor: &mut Editor| {
        let status = editor.request("ropewalk/status", Value::Null).unwrap();
        status["learning"]["sourceBytes"] == 34
    };
    let started = std::time::Instant::now();
    while !gone(&mut editor) {
        assert!(started.elapsed().as_secs() < 20, "still learned");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}

#[test]
fn folders_come_and_go() {
    let mut editor = Editor::start(Setup {
        files: vec![
            ("one/a.rs", "fn first_function() {}\n".into()),
            ("two/b.rs", "fn second_function() {}\n".into()),
        ],
        ..Setup::default()
    });
    editor.wait_until_learned(2);
    let (root, one) = (editor.uri(""), editor.uri("one"));
    editor.notify(
        "workspace/didChangeWorkspaceFolders",
        json!({ "event": {
            "added": [{ "uri": one, "name": "one" }],
            "removed": [{ "uri": root, "name": "workspace" }],
        } }),
    );
    editor.wait_until_learned(1);
    let status = editor.request("ropewalk/status", Value::Null).unwrap();
    assert_eq!(
        status["folders"][0]["path"],
        editor.root().join("one").display().to_string()
    );
    assert_eq!(status["folders"].as_array().unwrap().len(), 1);
}

#[test]
fn files_that_change_on_disk_are_learned_again() {
    let mut editor = Editor::start(Setup {
        files: vec![("a.rs", "fn first_function() {}\n".into())],
        ..Setup::default()
    });
    editor.wait_until_learned(1);
    let new = editor.root().join("b.rs");
    std::fs::write(&new, "fn second_function() {}\n").unwrap();
    editor.wait_until_learned(2);
    std::fs::remove_file(&new).unwrap();
    editor.wait_until_learned(1);
}

#[test]
fn the_log_has_no_secrets_and_is_where_the_status_says() {
    let mut editor = Editor::plain();
    let key = "sk-abcdefghijklmnopqrstuvwx";
    editor.notify("textDocument/didOpen", json!({ "textDocument": key }));
    editor.change("a.rs", 2, json!("what the user wrote"));
    let status = editor.request("ropewalk/status", Value::Null).unwrap();
    let log = std::fs::read_to_string(status["logFile"].as_str().unwrap()).unwrap();
    assert!(
        log.contains("a parameter is missing or of a wrong type"),
        "{log}"
    );
    assert!(!log.contains(key), "{log}");
    assert!(!log.contains("what the user wrote"), "{log}");
}
