//! Chats: a document in which the user writes and the answer grows while the user writes on.

use std::process::Command;
use std::time::Duration;

use scripted_model::{Fault, Refusal, Step};
use serde_json::{Value, json};

use crate::desk::{Desk, Profile, Setting};

const ANSWER: &str = "It adds the left number to the right one, as `src/sums.py` shows, and nothing else; the words go on \
    so that they come in many pieces. The end.";
/// How it ends.
const END: &str = "The end.";

fn desk(profile: Profile) -> Desk {
    Desk::start(&Setting {
        profile,
        files: &[(
            "src/sums.py",
            "def add(left, right):\n    return left + right\n",
        )],
        ..Setting::default()
    })
}

/// Opens a chat and gives the name of its document.
fn open_chat(desk: &mut Desk, choice: &str) -> String {
    let shown = desk.shown.len();
    desk.run_command("ropewalk.chat", json!([choice])).unwrap();
    desk.wait_until("the chat is shown", |desk| desk.shown.len() > shown);
    name_of_shown(desk)
}

fn name_of_shown(desk: &Desk) -> String {
    desk.shown.last().unwrap().to_str().unwrap().to_owned()
}

fn type_at_end(desk: &mut Desk, chat: &str, text: &str) {
    let end = desk.text(chat).len();
    desk.type_at(chat, end, text);
}

/// Types a message at the end and sends it by saving.
fn say(desk: &mut Desk, chat: &str, message: &str) {
    type_at_end(desk, chat, message);
    desk.save(chat);
}

/// The numbers of the turns that have ended in a document.
fn turns(desk: &Desk, chat: &str) -> Vec<String> {
    let lines = desk.text(chat).lines();
    let lines = lines.filter_map(|line| line.strip_prefix("*Turn "));
    lines
        .map(|line| line.split(':').next().unwrap().to_owned())
        .collect()
}

fn wait_for_turns(desk: &mut Desk, chat: &str, count: usize) {
    desk.wait_until(&format!("{count} turns are there"), |desk| {
        turns(desk, chat).len() >= count
    });
    let numbers: Vec<String> = (1..=count).map(|number| number.to_string()).collect();
    assert_eq!(turns(desk, chat), numbers, "{}", desk.text(chat));
}

/// Whether no answer is being written.
fn is_at_rest(desk: &mut Desk, chat: &str) -> bool {
    let titles = desk.action_titles(chat, 0);
    titles.iter().any(|title| title == "Send")
}

fn wait_for_rest(desk: &mut Desk, chat: &str) {
    desk.wait_until("nothing is written any more", |desk| is_at_rest(desk, chat));
}

/// How often something stands in a document.
fn count(desk: &Desk, chat: &str, words: &str) -> usize {
    desk.text(chat).matches(words).count()
}

/// What stands under the last heading.
fn draft(desk: &Desk, chat: &str) -> String {
    let (_, draft) = desk.text(chat).rsplit_once("\n## You\n").unwrap();
    draft.trim().to_owned()
}

/// How many requests the model got in which the user says this.
fn times_asked(desk: &Desk, words: &str) -> usize {
    let steps = desk.model.server().steps();
    let has_words = |raw: &[u8]| String::from_utf8_lossy(raw).contains(words);
    steps
        .iter()
        .filter(|request| has_words(&request.raw))
        .count()
}

#[test]
fn an_answer_grows_while_the_user_types_the_next_message_and_loses_none_of_it() {
    for profile in Profile::ALL {
        let mut desk = desk(profile);
        let slowly = Step::say(ANSWER).slowly(Duration::from_millis(60));
        desk.model.play("what does it do", vec![slowly]);
        desk.model
            .play("and then", vec![Step::say("Nothing more.")]);
        let chat = open_chat(&mut desk, "new");
        say(&mut desk, &chat, "what does it do");
        desk.wait_until("the answer begins", |desk| {
            desk.text(&chat).contains("It adds")
        });
        assert!(!desk.text(&chat).contains(END), "it came at once");
        let next = "and then, für 🦀, what else is there?";
        for character in next.chars() {
            type_at_end(&mut desk, &chat, &character.to_string());
            desk.pump(Duration::from_millis(10));
        }
        wait_for_turns(&mut desk, &chat, 1);
        wait_for_rest(&mut desk, &chat);
        let whole = ANSWER.split('`').next().unwrap();
        assert_eq!(count(&desk, &chat, whole), 1, "{}", desk.text(&chat));
        assert_eq!(count(&desk, &chat, END), 1, "{}", desk.text(&chat));
        assert_eq!(draft(&desk, &chat), next, "{}", desk.text(&chat));
        assert_eq!(times_asked(&desk, "what does it do"), 1);
        desk.assert_same_as_server(&chat);
        let links = json!({ "textDocument": { "uri": format!("file://{chat}") } });
        let links = desk.request("textDocument/documentLink", links).unwrap();
        let target = links[0]["target"].as_str().unwrap_or_default();
        assert!(
            target.contains("src/sums.py"),
            "{links}\n{}",
            desk.text(&chat)
        );

        desk.run_command("ropewalk.chat.send", json!([])).unwrap();
        wait_for_turns(&mut desk, &chat, 2);
        wait_for_rest(&mut desk, &chat);
        assert_eq!(count(&desk, &chat, next), 1);
        assert_eq!(count(&desk, &chat, "Nothing more."), 1);
        assert_eq!(draft(&desk, &chat), "");
        desk.assert_same_as_server(&chat);
    }
}

#[test]
fn saving_sends_once_and_what_is_saved_meanwhile_waits() {
    let mut desk = desk(Profile::Helix);
    desk.model.play("first", vec![Step::say("One.")]);
    desk.model.play("second", vec![Step::say("Two.")]);
    desk.model.hold("first");
    let chat = open_chat(&mut desk, "new");
    say(&mut desk, &chat, "first");
    desk.save(&chat);
    desk.wait_until("the answer has its place", |desk| {
        count(desk, &chat, "## You") == 2
    });
    say(&mut desk, &chat, "second");
    desk.read_message("not sent yet");
    desk.save(&chat);
    let refusal = desk
        .run_command("ropewalk.chat.send", json!([]))
        .unwrap_err();
    assert!(refusal.1.contains("not sent yet"), "{refusal:?}");
    desk.model.let_go("first");
    wait_for_turns(&mut desk, &chat, 1);
    wait_for_rest(&mut desk, &chat);
    assert_eq!(times_asked(&desk, "second"), 0);
    desk.save(&chat);
    wait_for_turns(&mut desk, &chat, 2);
    wait_for_rest(&mut desk, &chat);
    desk.save(&chat);
    assert_eq!(
        (times_asked(&desk, "first"), times_asked(&desk, "second")),
        (2, 1)
    );
    let told = desk.read_all_messages();
    assert!(told.is_empty(), "told again: {told:?}");
}

#[test]
fn a_call_is_one_line_and_what_a_message_mentions_is_told() {
    let mut desk = desk(Profile::VsCode);
    let read = Step::call("read_file", json!({ "path": "src/sums.py" }));
    desk.model
        .play("look at", vec![read, Step::say("I have seen it.")]);
    let chat = open_chat(&mut desk, "new");
    type_at_end(&mut desk, &chat, "look at @sum");
    let place = {
        let text = desk.text(&chat);
        let line = text.matches('\n').count();
        json!({ "line": line, "character": "look at @sum".len() })
    };
    let params = json!({ "textDocument": { "uri": format!("file://{chat}") }, "position": place });
    let offered = desk.request("textDocument/completion", params).unwrap();
    let labels: Vec<&str> = offered["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|item| item["label"].as_str())
        .collect();
    assert_eq!(labels, ["@src/sums.py"], "{offered}");
    desk.overwrite(&chat, "@sum", "@src/sums.py");
    desk.save(&chat);
    wait_for_turns(&mut desk, &chat, 1);
    let lines: Vec<&str> = desk
        .text(&chat)
        .lines()
        .filter(|line| line.starts_with("- "))
        .collect();
    assert_eq!(lines.len(), 1, "{}", desk.text(&chat));
    assert!(
        lines[0].starts_with("- `read_file` [src/sums.py](") && lines[0].ends_with(" ✓"),
        "{lines:?}"
    );
    assert!(
        !desk.text(&chat).contains("return left"),
        "the file is shown"
    );
    assert!(desk.model.was_told("the file `src/sums.py`; read it"));
}

#[test]
fn an_answer_can_be_stopped_and_the_chat_goes_on() {
    let mut desk = desk(Profile::Neovim);
    let endless = Step::say(ANSWER.repeat(50)).slowly(Duration::from_millis(50));
    desk.model.play("at length", vec![endless]);
    desk.model.play("in short", vec![Step::say("A sum.")]);
    let chat = open_chat(&mut desk, "new");
    say(&mut desk, &chat, "at length");
    desk.wait_until("the answer begins", |desk| {
        desk.text(&chat).contains("It adds")
    });
    type_at_end(&mut desk, &chat, "in short");
    desk.run_action(&chat, 0, "Stop");
    wait_for_turns(&mut desk, &chat, 1);
    wait_for_rest(&mut desk, &chat);
    assert_eq!(count(&desk, &chat, "> Stopped."), 1, "{}", desk.text(&chat));
    assert_eq!(draft(&desk, &chat), "in short");
    let refusal = desk
        .run_command("ropewalk.chat.stop", json!([]))
        .unwrap_err();
    assert!(
        refusal.1.contains("no answer is being written"),
        "{refusal:?}"
    );
    desk.save(&chat);
    wait_for_turns(&mut desk, &chat, 2);
    assert_eq!(count(&desk, &chat, "A sum."), 1);
}

#[test]
fn what_goes_wrong_stands_in_the_document_and_the_next_message_is_answered() {
    let refused = Step::fault(Fault::Refuse(Refusal::QuotaExceeded));
    let cut = Step::say(ANSWER).with(Fault::CutInEvent { events: 4 });
    for (fault, words) in [(refused, "quota"), (cut, "")] {
        let mut desk = desk(Profile::Neovim);
        desk.model.play("badly", vec![fault]);
        desk.model.play("again", vec![Step::say("Now I can.")]);
        let chat = open_chat(&mut desk, "new");
        say(&mut desk, &chat, "badly");
        type_at_end(&mut desk, &chat, "again");
        wait_for_rest(&mut desk, &chat);
        let text = desk.text(&chat).to_owned();
        let notice = text.lines().find(|line| line.starts_with("> "));
        let notice = notice.unwrap_or_else(|| panic!("not told: {text}"));
        assert!(notice.to_lowercase().contains(words), "{notice}");
        assert_eq!(draft(&desk, &chat), "again");
        desk.read_all_messages();
        desk.save(&chat);
        desk.wait_until("it is answered", |desk| {
            desk.text(&chat).contains("Now I can.")
        });
        wait_for_rest(&mut desk, &chat);
        desk.read_all_messages();
    }
}

#[test]
fn a_document_that_is_closed_meanwhile_has_the_answer_when_it_is_opened_again() {
    for is_opened_early in [true, false] {
        let mut desk = desk(Profile::Neovim);
        let slowly = Step::say(ANSWER).slowly(Duration::from_millis(40));
        desk.model.play("what does it do", vec![slowly]);
        let chat = open_chat(&mut desk, "new");
        say(&mut desk, &chat, "what does it do");
        desk.wait_until("the answer begins", |desk| {
            desk.text(&chat).contains("It adds")
        });
        // What has come so far is thrown away with the buffer.
        desk.close(&chat);
        if !is_opened_early {
            desk.wait_until("the file has it", |desk| {
                desk.disk(&chat).unwrap().contains(END)
            });
        }
        desk.open(&chat);
        wait_for_turns(&mut desk, &chat, 1);
        wait_for_rest(&mut desk, &chat);
        assert_eq!(
            count(&desk, &chat, "what does it do"),
            1,
            "{}",
            desk.text(&chat)
        );
        assert_eq!(count(&desk, &chat, "It adds"), 1, "{}", desk.text(&chat));
        assert_eq!(count(&desk, &chat, END), 1, "{}", desk.text(&chat));
        desk.assert_same_as_server(&chat);
    }
}

#[test]
fn a_chat_goes_on_after_a_kill_without_telling_anything_twice() {
    for profile in Profile::ALL {
        let mut desk = desk(profile);
        desk.model.play("first", vec![Step::say("One.")]);
        desk.model.play(
            "second",
            vec![Step::say(ANSWER).slowly(Duration::from_millis(60))],
        );
        desk.model.play("third", vec![Step::say("Three.")]);
        let chat = open_chat(&mut desk, "new");
        say(&mut desk, &chat, "first");
        wait_for_turns(&mut desk, &chat, 1);
        wait_for_rest(&mut desk, &chat);
        say(&mut desk, &chat, "second");
        desk.wait_until("the answer begins", |desk| {
            desk.text(&chat).contains("It adds")
        });
        type_at_end(&mut desk, &chat, "third");
        desk.kill_and_restart();
        for _ in 0..2 {
            assert_eq!(open_chat(&mut desk, "last"), chat);
        }
        assert_eq!(draft(&desk, &chat), "third", "{}", desk.text(&chat));
        assert_eq!(count(&desk, &chat, "It adds"), 1, "{}", desk.text(&chat));
        desk.read_all_messages();
        desk.save(&chat);
        desk.wait_until("it is answered", |desk| desk.text(&chat).contains("Three."));
        wait_for_rest(&mut desk, &chat);
        desk.restart();
        assert_eq!(open_chat(&mut desk, "last"), chat);
        desk.wait_until("it is at rest", |desk| is_at_rest(desk, &chat));
        for words in ["first", "One.", "second", "third", "Three."] {
            assert_eq!(
                count(&desk, &chat, words),
                1,
                "{words}: {}",
                desk.text(&chat)
            );
        }
        desk.read_all_messages();
    }
}

#[test]
fn an_open_chat_gets_the_turns_that_were_made_elsewhere() {
    let mut desk = desk(Profile::Helix);
    desk.model.play("first", vec![Step::say("One.")]);
    desk.model.play("second", vec![Step::say("Two.")]);
    desk.model.play("third", vec![Step::say("Three.")]);
    run_on_the_command_line(&desk, &["first"]);
    let chat = open_chat(&mut desk, "last");
    wait_for_turns(&mut desk, &chat, 1);
    say(&mut desk, &chat, "second");
    wait_for_turns(&mut desk, &chat, 2);
    wait_for_rest(&mut desk, &chat);
    desk.settle();
    desk.restart();
    type_at_end(&mut desk, &chat, "what I write");
    run_on_the_command_line(&desk, &["--resume", "last", "third"]);
    assert_eq!(open_chat(&mut desk, "last"), chat);
    wait_for_turns(&mut desk, &chat, 3);
    for words in ["first", "One.", "second", "Two.", "third", "Three."] {
        assert_eq!(
            count(&desk, &chat, words),
            1,
            "{words}: {}",
            desk.text(&chat)
        );
    }
    assert_eq!(draft(&desk, &chat), "what I write");
    desk.assert_same_as_server(&chat);
}

/// `ropewalk exec` in the first folder, with the desk's settings and state.
fn run_on_the_command_line(desk: &Desk, arguments: &[&str]) {
    let home = desk.state_folder();
    let home = home.parent().and_then(|state| state.parent()).unwrap();
    let mut command: Command = crate::server_process::server_command(home);
    let output = command
        .current_dir(desk.path(""))
        .arg("exec")
        .args(arguments)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
}

#[test]
fn what_is_no_chat_and_what_is_not_there_is_said() {
    let mut desk = desk(Profile::Neovim);
    let refused = |desk: &mut Desk, name: &str, arguments: Value| {
        desk.run_command(name, arguments).unwrap_err().1
    };
    let words = refused(&mut desk, "ropewalk.chat.send", json!([]));
    assert!(words.contains("there is no chat"), "{words}");
    desk.run_command("ropewalk.chat", json!(["last"])).unwrap();
    desk.wait_until("it is said", |desk| !desk.unread_errors().is_empty());
    desk.read_all_messages();
    let chat = open_chat(&mut desk, "new");
    let words = refused(&mut desk, "ropewalk.chat.send", json!([]));
    assert!(words.contains("there is nothing to send"), "{words}");
    assert_eq!(name_of_shown(&desk), chat);
}
