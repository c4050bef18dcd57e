//! Commands of chats: what is written into a code action means the same when it comes back.

use serde_json::{Value, json};

use super::{ChatChoice, ChatCommand};

fn parsed(name: &str, arguments: &[Value]) -> Result<ChatCommand, String> {
    let parsed = ChatCommand::parse(name, arguments).expect("the name is known");
    parsed.map_err(|error| error.to_string())
}

#[test]
fn what_is_written_into_an_action_is_understood_again() {
    let path = std::path::PathBuf::from("/desk/a b.rs");
    let commands = [
        ChatCommand::Open(ChatChoice::AtHand),
        ChatCommand::Open(ChatChoice::New),
        ChatCommand::Open(ChatChoice::Last),
        ChatCommand::Open(ChatChoice::Thread("0193ab".into())),
        ChatCommand::About {
            path: path.clone(),
            lines: (3, 9),
        },
        ChatCommand::Send(None),
        ChatCommand::Send(Some(path.clone())),
        ChatCommand::Stop(Some(path)),
    ];
    for command in commands {
        let (name, arguments) = command.to_call();
        assert!(ChatCommand::NAMES.contains(&name));
        assert_eq!(parsed(name, &arguments), Ok(command));
    }
}

#[test]
fn files_are_named_by_path_or_uri_and_lines_by_number_or_word() {
    let expected = Ok(ChatCommand::About {
        path: "/desk/a b.rs".into(),
        lines: (3, 3),
    });
    for arguments in [
        vec![json!("file:///desk/a%20b.rs"), json!(3)],
        vec![json!("/desk/a b.rs"), json!("3"), json!("2")],
    ] {
        assert_eq!(parsed("ropewalk.chat.about", &arguments), expected);
    }
}

#[test]
fn wrong_arguments_are_answered_with_how_it_is_called() {
    for arguments in [
        vec![],
        vec![json!("relative.rs"), json!(1)],
        vec![json!("/a"), json!(0)],
    ] {
        let error = parsed("ropewalk.chat.about", &arguments).expect_err("it is wrong");
        assert!(error.contains("counted from 1"), "{error}");
    }
    assert!(parsed("ropewalk.chat", &[json!(7)]).is_err());
    assert!(parsed("ropewalk.chat.send", &[json!(["x"])]).is_err());
}
