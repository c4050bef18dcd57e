//! Learning from the workspace: progress, the index on disk, and changes that the client tells of.

use std::fmt::Write;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::editor::{Editor, Setup};

fn small() -> Setup {
    Setup {
        files: vec![
            ("a.rs", "fn first_function() {}\n".into()),
            ("b.rs", "fn second_function() {}\n".into()),
        ],
        ..Setup::default()
    }
}

/// The one index below the cache folder. It is written after it is put to use, so this waits for it.
fn index_file(editor: &Editor) -> PathBuf {
    let folder = editor.home().join("cache/ropewalk/index");
    let started = std::time::Instant::now();
    loop {
        let found = std::fs::read_dir(&folder).into_iter().flatten();
        let mut files = found.map(|entry| entry.unwrap().path());
        let index = files.find(|path| path.extension().is_some_and(|ending| ending == "index"));
        if let Some(index) = index {
            return index;
        }
        assert!(started.elapsed().as_secs() < 20, "no index was written");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}

fn learned_files(editor: &mut Editor) -> Value {
    editor.request("ropewalk/status", Value::Null).unwrap()["learning"]["files"].clone()
}

#[test]
fn the_index_is_kept_on_disk_and_brought_up_to_date() {
    let setup = small();
    let mut editor = Editor::start(Setup {
        files: setup.files.clone(),
        ..Setup::default()
    });
    editor.wait_until_learned(2);
    index_file(&editor);
    std::fs::write(editor.root().join("c.rs"), "fn third_function() {}\n").unwrap();
    std::fs::remove_file(editor.root().join("a.rs")).unwrap();
    std::fs::write(
        editor.root().join("b.rs"),
        "fn second_function_changed() {}\n",
    )
    .unwrap();
    let mut editor = editor.restart(&setup);
    editor.wait_until_learned(2);
    editor.open("d.rs", "rust", "// Renamed.\nfn second_function_ch");
    let items = editor.inline("d.rs", 1, 21);
    assert_eq!(
        items[0]["insertText"]
            .as_str()
            .map(|text| text.starts_with("anged")),
        Some(true),
        "{items:?}"
    );
}

#[test]
fn text_that_was_never_saved_is_forgotten_with_its_document() {
    let setup = small();
    let mut editor = Editor::start(small());
    let unsaved =
        "fn first_function() {}\nfn unsaved_and_unusual() {}\nfn unsaved_and_unusual() {}\n";
    editor.open("a.rs", "rust", unsaved);
    editor.wait_until_learned(2);
    index_file(&editor);
    let mut editor = editor.restart(&setup);
    editor.wait_until_learned(2);
    editor.open("d.rs", "rust", "// Another file.\nfn unsaved_and_un");
    assert_eq!(editor.inline("d.rs", 1, 17), [] as [Value; 0]);
}

#[test]
fn folders_that_move_or_go_take_their_files_along() {
    let mut editor = Editor::start(Setup {
        files: vec![
            ("a.rs", "fn first_function() {}\n".into()),
            ("inner/b.rs", "fn second_function() {}\n".into()),
            ("inner/deep/c.rs", "fn third_function() {}\n".into()),
        ],
        ..Setup::default()
    });
    editor.wait_until_learned(3);
    let inside = |name: &str| editor.root().join(name);
    let outside = editor.home().join("outside");
    let (inner, renamed) = (inside("inner"), inside("renamed"));
    std::fs::rename(&inner, &outside).unwrap();
    editor.wait_until_learned(1);
    std::fs::rename(&outside, &renamed).unwrap();
    editor.wait_until_learned(3);
    std::fs::remove_dir_all(&renamed).unwrap();
    editor.wait_until_learned(1);
}

/// Two megabytes are also what is learned first in a larger index; the limit must hold, and be told of, all the same.
#[test]
fn what_the_limit_leaves_out_is_counted() {
    let names = [
        "a.txt", "b.txt", "c.txt", "d.txt", "e.txt", "f.txt", "g.txt", "h.txt",
    ];
    let line = "let measurement = read_sensor(channel);\n";
    for limit in [1, 2] {
        let files = names.map(|name| (name, line.repeat(9_000))).to_vec();
        let mut editor = Editor::start(Setup {
            options: json!({ "index": { "max_megabytes": limit } }),
            files,
            ..Setup::default()
        });
        // Each file has 360 000 bytes.
        let learned = limit * 1_000_000 / 360_000;
        editor.wait_until_learned(learned);
        let status = editor.request("ropewalk/status", Value::Null).unwrap();
        assert_eq!(status["learning"]["skippedFiles"], 8 - learned, "{status}");
    }
}

#[test]
fn a_damaged_index_is_built_anew() {
    let setup = small();
    let mut editor = Editor::start(small());
    editor.wait_until_learned(2);
    let file = index_file(&editor);
    let whole = std::fs::read(&file).unwrap();
    for damaged in [
        Vec::new(),
        b"not an index".to_vec(),
        whole[..whole.len() / 2].to_vec(),
        whole.iter().map(|byte| byte ^ 0x55).collect(),
    ] {
        std::fs::write(&file, &damaged).unwrap();
        editor = editor.restart(&setup);
        editor.wait_until_learned(2);
        let started = std::time::Instant::now();
        while std::fs::read(&file).is_ok_and(|bytes| bytes == damaged) {
            assert!(started.elapsed().as_secs() < 20, "the damaged index stays");
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
    }
}

#[test]
fn without_a_place_for_the_index_everything_else_works() {
    let setup = small();
    let mut editor = Editor::spawn(&setup);
    std::fs::write(
        editor.home().join("cache"),
        "a file where a folder should be",
    )
    .unwrap();
    let params = editor.initialize_params(&setup);
    editor.request("initialize", params).unwrap();
    editor.notify("initialized", json!({}));
    editor.wait_until_learned(2);
    let started = std::time::Instant::now();
    loop {
        let status = editor.request("ropewalk/status", Value::Null).unwrap();
        if status["problems"][0]
            .as_str()
            .is_some_and(|problem| problem.contains("built anew at each start"))
        {
            break;
        }
        assert!(started.elapsed().as_secs() < 20, "{status}");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}

#[test]
fn nothing_is_learned_when_the_user_says_so() {
    let mut editor = Editor::start(Setup {
        options: json!({ "index": { "enabled": false } }),
        ..small()
    });
    editor.wait_until_learned(0);
    assert!(!editor.home().join("cache").exists());
}

#[test]
fn changes_that_the_client_watches_are_learned() {
    let mut editor = Editor::start(Setup {
        capabilities: json!({
            "workspace": { "didChangeWatchedFiles": { "dynamicRegistration": true } },
            "textDocument": { "inlineCompletion": {} },
        }),
        ..small()
    });
    let registration = editor.wait_for_method("client/registerCapability");
    assert_eq!(
        registration["params"]["registrations"][0]["method"],
        "workspace/didChangeWatchedFiles"
    );
    editor.wait_until_learned(2);
    let status = editor.request("ropewalk/status", Value::Null).unwrap();
    assert_eq!(status["folders"][0]["watchedBy"], "client");
    std::fs::write(editor.root().join("c.rs"), "fn third_function() {}\n").unwrap();
    let uri = editor.uri("c.rs");
    editor.notify(
        "workspace/didChangeWatchedFiles",
        json!({ "changes": [{ "uri": uri, "type": 1 }] }),
    );
    editor.wait_until_learned(3);
    std::fs::remove_file(editor.root().join("c.rs")).unwrap();
    editor.notify(
        "workspace/didChangeWatchedFiles",
        json!({ "changes": [{ "uri": uri, "type": 3 }] }),
    );
    editor.wait_until_learned(2);
    assert_eq!(learned_files(&mut editor), 2);
}

#[test]
fn progress_is_shown_where_learning_takes_long() {
    let mut text = String::new();
    for number in 0..60_000 {
        writeln!(
            text,
            "let variable_{number} = compute_{}(other_{}, {number});",
            number % 977,
            number % 1013
        )
        .unwrap();
    }
    let mut setup = Setup {
        capabilities: json!({
            "window": { "workDoneProgress": true },
            "textDocument": { "inlineCompletion": {} },
            "experimental": { "ropewalk": {} },
        }),
        ..Setup::default()
    };
    for (number, start) in (0..text.len() - 300_000).step_by(150_000).enumerate() {
        let name: &'static str = Box::leak(format!("file{number}.txt").into_boxed_str());
        setup
            .files
            .push((name, text[start..start + 300_000].to_string()));
    }
    let files = setup.files.len() as u64;
    let mut editor = Editor::start(setup);
    editor.wait_for_method("window/workDoneProgress/create");
    let mut kinds = vec![];
    while kinds.last() != Some(&json!("end")) {
        kinds.push(editor.wait_for_method("$/progress")["params"]["value"]["kind"].clone());
    }
    assert_eq!(kinds[0], "begin");
    editor.wait_until_learned(files);
    assert_eq!(
        editor.wait_for_method("ropewalk/didChangeStatus")["params"]["engine"]["name"],
        "embedded"
    );
}
