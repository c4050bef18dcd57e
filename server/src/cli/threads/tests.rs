//! What a person reads of threads, from entries as the loop writes them.

use agent::limits::Limits;
use agent::machine::{Settings, ThreadStart, Unfinished};
use agent::store::{Header, ListedThread, NewThread, ThreadState, ThreadSummary};
use agent::surface::{TurnEnd, TurnSummary};
use agent::tool::{ChangeKind, Presentation, PresentedChange, ToolOutput};
use agent::world::WorldChange;
use expect_test::expect;
use jiff::Timestamp;
use models::{Content, EndReason, Item, Role, ToolCall, Usage};
use tempfile::TempDir;

use super::*;
use crate::cli::terminal::Style;

fn entry(event: Event) -> Entry {
    Entry { time: 0, event }
}

fn input(text: &str) -> Event {
    Event::InputGiven {
        content: vec![Content::text(text)],
    }
}

fn item(item: Item) -> Event {
    Event::ItemReceived { item }
}

fn call(arguments: &str) -> Event {
    item(Item::ToolCall(ToolCall {
        call_id: "one".into(),
        name: "exec_command".into(),
        arguments: arguments.into(),
        form: models::CallForm::Function,
    }))
}

fn finished(output: ToolOutput) -> Event {
    Event::ToolFinished {
        call_id: "one".into(),
        output,
    }
}

fn turn_ended(turn: u32, end: TurnEnd) -> Event {
    let usage = Usage {
        input: 12_000,
        output: 345,
        ..Usage::default()
    };
    Event::TurnEnded(Box::new(TurnSummary {
        turn,
        end,
        steps: 3,
        usage,
        thread_usage: usage,
        cost: Some(12_345),
        thread_cost: Some(1_234_567),
        milliseconds: 65_432,
    }))
}

fn a_turn() -> Vec<Event> {
    let output: Vec<String> = (1..=40).map(|line| format!("line {line}")).collect();
    let change = PresentedChange {
        path: "/project/src/main.rs".into(),
        kind: ChangeKind::Modified,
        diff: "@@ -1 +1 @@\n-old\n+new\u{1b}[2J\n".into(),
    };
    vec![
        input("Fix the build.\n"),
        item(Item::Reasoning {
            summary: vec!["The test fails.".into()],
            carried: None,
        }),
        call("{\"command\":\n  \"cargo test\"}"),
        finished(ToolOutput::failure(output.join("\n"))),
        finished(
            ToolOutput::success("Done.").presented(Presentation::FileChanges {
                changes: vec![change],
            }),
        ),
        item(Item::message(
            Role::Assistant,
            "It builds.\u{1b}]0;title\u{7}",
        )),
        turn_ended(1, TurnEnd::Completed),
        Event::Resumed {
            unfinished: Unfinished::End,
        },
        input("And now?"),
        Event::InterruptRequested,
        turn_ended(2, TurnEnd::Interrupted),
    ]
}

fn threads() -> (TempDir, Threads) {
    let folder = tempfile::tempdir().unwrap();
    let threads = Threads {
        store: ThreadStore::new(folder.path()),
        cwd: "/project".into(),
    };
    (folder, threads)
}

fn written(threads: &Threads, events: Vec<Event>) -> ThreadId {
    let thread = NewThread {
        cwd: "/project".into(),
        provider: "scripted".into(),
        model: "one".into(),
    };
    let mut log = threads.store.create::<Entry>(thread).unwrap();
    for event in events {
        log.append(&entry(event)).unwrap();
    }
    log.sync().unwrap();
    log.id()
}

#[test]
fn a_thread_is_shown_as_it_went_and_nothing_in_it_reaches_the_terminal() {
    let (_folder, threads) = threads();
    let id = written(&threads, a_turn());
    let record = threads.store.read::<Entry>(id).unwrap();
    let paint = |style: Style, text: &str| match style {
        Style::Warning => format!("!{text}"),
        _ => text.to_owned(),
    };
    let text = transcript::transcript(&record, &paint);
    let created = table::local_time(record.header.created);
    let text = text
        .replace(&id.to_string(), "ID")
        .replace(&created, "TIME");
    expect![[r#"
        Thread ID
        TIME, scripted/one
        /project

        > Fix the build.

        The test fails.

        • exec_command {"command": "cargo test"}

        !  line 1
          line 2
          line 3
          line 4
          line 5
          line 6
          [28 lines not shown]
          line 35
          line 36
          line 37
          line 38
          line 39
          line 40

          changed /project/src/main.rs
          @@ -1 +1 @@
          -old
          +new

        It builds.

        — turn 1 finished (3 steps, 12.3k tokens, $0.0123, 65.4 s)

        resumed

        > And now?

        interrupted by the user

        !— turn 2 interrupted (3 steps, 12.3k tokens, $0.0123, 65.4 s)

        interrupted, $1.2345
    "#]]
    .assert_eq(&text);
}

#[test]
fn a_list_has_a_line_for_each_thread_also_for_one_that_cannot_be_read() {
    let thread = |id: &str, summary: ThreadSummary, problem: Option<&str>| ListedThread {
        id: id.parse().unwrap(),
        path: PathBuf::new(),
        shelf: Shelf::Current,
        header: problem.is_none().then(|| Header {
            version: 1,
            id: id.parse().unwrap(),
            created: Timestamp::UNIX_EPOCH,
            cwd: "/project".into(),
            provider: "scripted".into(),
            model: "one".into(),
            parent: None,
            part_of: None,
        }),
        summary,
        updated: Timestamp::UNIX_EPOCH,
        problem: problem.map(str::to_owned),
    };
    let listed = [
        thread(
            "01a1f977-5a1c-75ca-975a-a3790bbfdec0",
            ThreadSummary {
                title: "Fix the build.".into(),
                turns: 12,
                cost: Some(1_234_567),
                state: ThreadState::Interrupted,
                ..ThreadSummary::default()
            },
            None,
        ),
        thread(
            "01a1f977-5a1d-75ca-975a-a3790bbfdec0",
            ThreadSummary {
                turns: 1,
                usage: Usage {
                    input: 12_345,
                    ..Usage::default()
                },
                state: ThreadState::Finished,
                ..ThreadSummary::default()
            },
            None,
        ),
        thread(
            "ffa1f977-5a1d-75ca-975a-a3790bbfdec0",
            ThreadSummary::default(),
            Some("its log is damaged"),
        ),
    ];
    let ids = listed.each_ref().map(|thread| thread.id);
    let time = table::local_time(Timestamp::UNIX_EPOCH);
    let lines = table::lines(&listed, &ids, table::Scope::AllFolders).join("\n");
    expect![[r#"
        01a1f977-5a1c  TIME  interrupted  12 turns       $1.2345  scripted/one  /project  Fix the build.
        01a1f977-5a1d  TIME  finished     1 turn    12.3k tokens  scripted/one  /project  (nothing said)
        ffa1f977-5a1d  TIME  its log is damaged
    "#]]
    .assert_eq(&format!("{}\n", lines.replace(&time, "TIME")));
}

#[test]
fn a_wrong_name_among_several_changes_nothing() {
    let (_folder, threads) = threads();
    let id = written(&threads, a_turn());
    let some = SomeThreads {
        ids: vec![id.to_string(), "nonsense".into()],
    };
    let result = threads.each(&some, "deleted", |id| Ok(threads.store.delete(id)?));
    assert_eq!(
        result.unwrap_err().to_string(),
        "there is no thread nonsense; `ropewalk threads list --all` shows all"
    );
    assert_eq!(threads.find("last").unwrap(), id);
}

/// A thread whose two turns were one answer each: six entries to the end of the first, eleven in all.
fn two_turns() -> Vec<Event> {
    let start = ThreadStart {
        thread: "a thread".into(),
        settings: Settings {
            provider: "scripted".into(),
            model: "one".into(),
            facts: models::ModelFacts::unknown(models::Wire::Responses),
            effort: None,
            instructions: "Help.".into(),
            tools: Vec::new(),
            cwd: "/project".into(),
            limits: Limits::default(),
        },
    };
    let turn = |turn| {
        [
            input("Go on."),
            Event::WorldObserved {
                change: WorldChange::default(),
            },
            item(Item::message(Role::Assistant, "Done.")),
            Event::AnswerEnded {
                end: EndReason::Complete,
                usage: None,
            },
            turn_ended(turn, TurnEnd::Completed),
        ]
    };
    let started = [Event::ThreadStarted(Box::new(start))];
    started.into_iter().chain(turn(1)).chain(turn(2)).collect()
}

#[test]
fn a_fork_knows_the_turns_up_to_the_one_named_and_no_other() {
    let (_folder, threads) = threads();
    let events = two_turns();
    let id = written(&threads, events.clone());
    let fork = |turn| {
        threads.fork(&ForkArguments {
            thread: OneThread { id: id.to_string() },
            turn,
        })
    };
    let cases = [
        (Some(0), 0, 1),
        (Some(1), 1, 6),
        (Some(2), 2, 11),
        (None, 2, 11),
    ];
    for (turn, known, expected) in cases {
        let forked = fork(turn).unwrap();
        let record = threads.store.read::<Entry>(forked).unwrap();
        let mut expected: Vec<Event> = events[..expected].to_vec();
        expected.push(Event::Forked {
            thread: forked.to_string(),
            parent: id.to_string(),
            turn: known,
        });
        let found: Vec<Event> = record.events.into_iter().map(|entry| entry.event).collect();
        assert_eq!(found, expected);
        assert_eq!(record.header.parent, Some(id));
    }
    let missing = fork(Some(3)).unwrap_err();
    assert_eq!(
        missing.to_string(),
        "the thread has no finished turn 3; its last finished turn is 2"
    );
    assert_eq!(threads.store.ids().unwrap().len(), 5);
}
