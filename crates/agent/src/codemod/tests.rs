//! The provider as the loop would drive it: real tools on a real folder, each request by a new session, so that nothing
//! but the items can hold the state.

use std::sync::{Arc, Mutex, PoisonError};

use expect_test::{Expect, expect};
use models::{CallForm, Content, Item, ModelEvent, Provider, Purpose, Request, Role, ToolCall};
use sandbox::{DirectStarter, Limits, Processes};

use super::Codemod;
use crate::{
    Tool,
    tool::{Decision, ToolStatus},
    tools::{self, test_support::Bench},
};

struct Thread {
    bench: Bench,
    tools: Vec<Arc<dyn Tool>>,
    items: Vec<Arc<Item>>,
}

impl Thread {
    fn new(files: &[(&str, &[u8])]) -> Self {
        let starter = DirectStarter::new(Vec::new());
        let processes = Arc::new(Processes::new(Box::new(starter), Limits::default()));
        Self {
            bench: Bench::new(files),
            tools: tools::standard(&processes, crate::Rules::default()),
            items: Vec::new(),
        }
    }

    fn say(&mut self, text: &str) {
        self.items.push(Arc::new(Item::message(Role::User, text)));
    }

    fn request(&self) -> Request {
        let facts = Codemod.facts("codemod");
        Request {
            model: "codemod".into(),
            instructions: "".into(),
            items: self.items.clone(),
            tools: self
                .tools
                .iter()
                .filter_map(|tool| tool.spec(&facts))
                .collect(),
            reasoning: None,
            max_output_tokens: None,
            cache_key: "thread".into(),
            purpose: Purpose::Step,
        }
    }

    /// One answer; its item joins the conversation.
    fn answer(&mut self) -> Item {
        let events: Arc<Mutex<Vec<ModelEvent>>> = Arc::default();
        let sink = Arc::clone(&events);
        let mut session = Codemod.open();
        let exchange = session.start(
            &self.request(),
            Box::new(move |event| {
                sink.lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(event)
            }),
        );
        drop(exchange);
        let events = events.lock().unwrap();
        assert!(
            matches!(events.last(), Some(ModelEvent::Done { .. })),
            "{events:?}"
        );
        let items: Vec<&Item> = events
            .iter()
            .filter_map(|event| {
                if let ModelEvent::ItemDone(item) = event {
                    Some(item)
                } else {
                    None
                }
            })
            .collect();
        let [item] = items.as_slice() else {
            panic!("one item: {events:?}")
        };
        self.items.push(Arc::new((*item).clone()));
        (*item).clone()
    }

    fn run(&mut self, call: &ToolCall) {
        let tool = self
            .tools
            .iter()
            .find(|tool| tool.name() == call.name)
            .unwrap();
        let output = self
            .bench
            .run(tool.as_ref(), CallForm::Function, &call.arguments);
        let text = self.bench.text(&output);
        let text = text.lines().map(|line| {
            if line.starts_with("Wall time") {
                "Wall time: …"
            } else {
                line
            }
        });
        self.items.push(Arc::new(Item::ToolOutput {
            call_id: call.call_id.clone(),
            form: call.form,
            content: vec![Content::text(text.collect::<Vec<_>>().join("\n"))],
            failed: output.status != ToolStatus::Succeeded,
        }));
    }

    /// Goes on until an answer; gives its text, after the calls that were made.
    fn turn(&mut self) -> String {
        let mut transcript = String::new();
        loop {
            match self.answer() {
                Item::ToolCall(call) => {
                    transcript += &format!("> {} {}\n", call.name, call.arguments);
                    self.run(&call);
                }
                Item::Message { content, .. } => {
                    let [Content::Text { text }] = content.as_slice() else {
                        panic!("{content:?}")
                    };
                    return transcript + text;
                }
                item => panic!("{item:?}"),
            }
        }
    }
}

fn check(request: &str, expected: &Expect) {
    let mut thread = Thread::new(FILES);
    thread.say(request);
    expected.assert_eq(&thread.turn());
}

const FILES: &[(&str, &[u8])] = &[
    ("a.py", b"def old(x): return x\nprint(old(1))\n"),
    ("b.py", b"from a import old\nprint(old(2), 'old')\n"),
];

#[test]
fn commands_are_done_in_order_and_summed_up() {
    check(
        "rename old to fresh\nrewrite print($A) => print(\"=\", $A) in *.py\nrun cat a.py b.py",
        &expect![[r#"
            > rename {"new":"fresh","old":"old"}
            > rewrite {"glob":"*.py","pattern":"print($A)","replacement":"print(\"=\", $A)"}
            > exec_command {"cmd":"cat a.py b.py","yield_time_ms":600000}
            Done, 3 commands.
            ✓ rename old to fresh
                Renamed old to fresh: 4 places in 2 files.
                M a.py (2)
                M b.py (2)
                Left as it is where it is only a word in a comment, a string or other text: 1 time (b.py: 1). include_text changes these too.
            ✓ rewrite print($A) => print("=", $A) in *.py
                Rewrote print($A) to print("=", $A): 1 place in 1 file.
                M a.py (1)
            ✓ run cat a.py b.py
                Wall time: …
                Process exited with code 0
                Output:
                def fresh(x): return x
                print("=", fresh(1))
                from a import fresh
                print(fresh(2), 'old')
        "#]],
    );
}

#[test]
fn it_stops_at_what_fails() {
    check(
        "run exit 3\nrename old to x",
        &expect![[r#"
            > exec_command {"cmd":"exit 3","yield_time_ms":600000}
            Stopped at command 1 of 2, which did not succeed. The one after it was not begun.
            ✗ run exit 3
                Wall time: …
                Process exited with code 3
                No output."#]],
    );
    check(
        "rename old to x\nrename nothing_like_it to y\nrun true",
        &expect![[r#"
            > rename {"new":"x","old":"old"}
            > rename {"new":"y","old":"nothing_like_it"}
            Stopped at command 2 of 3, which did not succeed. The one after it was not begun.
            ✓ rename old to x
                Renamed old to x: 4 places in 2 files.
                M a.py (2)
                M b.py (2)
                a.py: x was a name there already (line 1); check that the two do not collide
                Left as it is where it is only a word in a comment, a string or other text: 1 time (b.py: 1). include_text changes these too.
            ✗ rename nothing_like_it to y
                `nothing_like_it` is no identifier in 2 files."#]],
    );
}

#[test]
fn anything_else_is_answered_with_what_it_can_do() {
    check(
        "Please fix the failing test.",
        &expect![[r#"
            I am codemod, Ropewalk's built-in provider: no language model, only a few exact commands, one a line.
              rename OLD to NEW [in GLOB]                  every identifier spelled OLD, by syntax
              rewrite PATTERN => REPLACEMENT in GLOB       code by its structure: $NAME is any part, $$$NAME any number of parts
              run COMMAND                                  a shell command
            For example:
              rename parse_cfg to parse_config in src/**/*.rs
              rewrite assertEquals($A, $B) => assertThat($B).isEqualTo($A) in **/*.java
              run cargo test

            To ask in your own words, give Ropewalk a model: set OPENAI_API_KEY, ANTHROPIC_API_KEY, GEMINI_API_KEY, MISTRAL_API_KEY, OPENROUTER_API_KEY, XAI_API_KEY, DEEPSEEK_API_KEY or GROQ_API_KEY (or `ropewalk login PROVIDER`), or start a local server: Ollama, llama.cpp or LM Studio is found by itself. `ropewalk models` lists what can be used and why not."#]],
    );
    check(
        "rename the function old to new please",
        &expect![[r#"
            Nothing was done, because this is not in my language:
            line 1, character 12: `to` is expected and not `function`; it goes `rename OLD to NEW` or `rename OLD to NEW in GLOB`

            I am codemod, Ropewalk's built-in provider: no language model, only a few exact commands, one a line.
              rename OLD to NEW [in GLOB]                  every identifier spelled OLD, by syntax
              rewrite PATTERN => REPLACEMENT in GLOB       code by its structure: $NAME is any part, $$$NAME any number of parts
              run COMMAND                                  a shell command
            For example:
              rename parse_cfg to parse_config in src/**/*.rs
              rewrite assertEquals($A, $B) => assertThat($B).isEqualTo($A) in **/*.java
              run cargo test

            To ask in your own words, give Ropewalk a model: set OPENAI_API_KEY, ANTHROPIC_API_KEY, GEMINI_API_KEY, MISTRAL_API_KEY, OPENROUTER_API_KEY, XAI_API_KEY, DEEPSEEK_API_KEY or GROQ_API_KEY (or `ropewalk login PROVIDER`), or start a local server: Ollama, llama.cpp or LM Studio is found by itself. `ropewalk models` lists what can be used and why not."#]],
    );
}

#[test]
fn a_refusal_stops_it() {
    let mut thread = Thread::new(FILES);
    thread.bench.gate.decision = Decision::Deny {
        reason: Some("not today".into()),
    };
    let before = thread.bench.files();
    thread.say("rename old to x\nrun true");
    let text = thread.turn();
    assert!(
        text.contains("Stopped at command 1 of 2") && text.contains("not today"),
        "{text}"
    );
    assert_eq!(thread.bench.files(), before);
}

#[test]
fn what_is_added_meanwhile_comes_after_and_the_world_is_no_command() {
    let mut thread = Thread::new(FILES);
    thread.say("<environment>\nfolder: /w\n</environment>");
    thread.say("rename old to one");
    let Item::ToolCall(call) = thread.answer() else {
        panic!()
    };
    thread.run(&call);
    thread.say("rename one to two");
    thread.say("<environment changed=\"true\">\n</environment>");
    assert!(thread.turn().contains("Done, 2 commands."));
    assert_eq!(
        thread.bench.file("a.py"),
        "def two(x): return x\nprint(two(1))\n"
    );
    // The next turn begins anew.
    thread.say("rename two to old");
    assert!(thread.turn().contains("Done, 1 command."));
    assert_eq!(thread.bench.files(), Bench::new(FILES).files());
}

#[test]
fn a_call_without_an_answer_is_not_repeated() {
    let mut thread = Thread::new(FILES);
    thread.say("rename old to one\nrename one to two");
    thread.answer();
    let Item::Message { content, .. } = thread.answer() else {
        panic!("it called again")
    };
    assert!(
        format!("{content:?}").contains("no answer came"),
        "{content:?}"
    );
}

#[test]
fn a_command_that_goes_on_is_waited_for() {
    let mut thread = Thread::new(FILES);
    thread.say("run sleep 100\nrun true");
    let Item::ToolCall(call) = thread.answer() else {
        panic!()
    };
    let output = |text: &str, call: &ToolCall| {
        let (call_id, form) = (call.call_id.clone(), call.form);
        Arc::new(Item::ToolOutput {
            call_id,
            form,
            content: vec![Content::text(text)],
            failed: false,
        })
    };
    thread.items.push(output(
        "Wall time: 1 s\nProcess running with session ID 7\nNo output.",
        &call,
    ));
    let Item::ToolCall(poll) = thread.answer() else {
        panic!()
    };
    assert_eq!(
        (poll.name.as_str(), poll.arguments.as_str()),
        (
            "write_stdin",
            r#"{"chars":"","session_id":7,"yield_time_ms":600000}"#
        )
    );
    thread.items.push(output(
        "Wall time: 2 s\nProcess exited with code 0\nOutput:\nrunning with session ID 9",
        &poll,
    ));
    let Item::ToolCall(next) = thread.answer() else {
        panic!()
    };
    assert!(next.arguments.contains("true"), "{next:?}");
    assert_ne!(poll.call_id, next.call_id);
}

#[test]
fn without_the_tool_it_says_so() {
    let mut thread = Thread::new(FILES);
    thread.tools.clear();
    thread.say("rename old to x");
    assert!(thread.turn().contains("The tool rename is not offered"));
}
