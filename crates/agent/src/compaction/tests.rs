//! What a new window holds, and that it is always a valid conversation of bounded length.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use expect_test::expect;
use fastrand::Rng;
use models::{CallForm, Content, Item, Role, ToolCall};

use super::{Budgets, Material, Summary, rebuild, without_oldest};
use crate::{
    machine::history::{HistoryEntry, Origin, estimate},
    tool::{ChangeKind, PlanStatus, PlanStep},
};

fn entry(item: Item, origin: Origin) -> HistoryEntry {
    let item = Arc::new(item);
    HistoryEntry { item, origin }
}

fn call(id: &str, arguments: &str) -> Item {
    Item::ToolCall(ToolCall {
        call_id: id.into(),
        name: "read".into(),
        arguments: arguments.into(),
        form: CallForm::Function,
    })
}

fn output(id: &str, text: &str) -> Item {
    Item::ToolOutput {
        call_id: id.into(),
        form: CallForm::Function,
        content: vec![Content::text(text)],
        failed: false,
    }
}

fn said(role: Role, text: &str, origin: Origin) -> HistoryEntry {
    entry(Item::message(role, text), origin)
}

/// A session of `steps` steps after one input each three steps.
fn session(steps: u32, output_bytes: usize) -> Vec<HistoryEntry> {
    let mut entries = vec![said(Role::User, "<environment>\n…", Origin::World)];
    for step in 0..steps {
        if step % 3 == 0 {
            let text = format!("Wish {step}.");
            entries.push(said(Role::User, &text, Origin::Input));
        }
        let id = format!("call-{step}");
        entries.push(entry(call(&id, "{\"path\": \"a\"}"), Origin::Answer(step)));
        let text = format!("output {step} {}", "x".repeat(output_bytes));
        entries.push(entry(output(&id, &text), Origin::Output(step)));
    }
    entries
}

fn rebuilt(entries: &[HistoryEntry], window: u64, summary: Summary) -> Vec<(Item, Origin)> {
    let plan = [
        PlanStep {
            step: "Read".into(),
            status: PlanStatus::Completed,
        },
        PlanStep {
            step: "Write".into(),
            status: PlanStatus::InProgress,
        },
    ];
    let files = BTreeMap::from([
        ("/project/a.rs".into(), ChangeKind::Modified),
        (
            "/project/c.rs".into(),
            ChangeKind::Moved {
                from: "/project/b.rs".into(),
            },
        ),
        ("/elsewhere/d.rs".into(), ChangeKind::Deleted),
    ]);
    let material = Material {
        entries,
        world: vec![Item::message(Role::User, "<environment>\ncwd: /project")],
        plan: &plan,
        files: &files,
        cwd: Path::new("/project"),
        budgets: Budgets::new(window, 1),
    };
    rebuild(&material, summary)
}

fn shown(items: &[(Item, Origin)]) -> String {
    let line = |(item, origin): &(Item, Origin)| match item {
        Item::Message { role, content, .. } => {
            format!("[{origin:?}] {role:?}: {}", text(content))
        }
        Item::ToolCall(call) => format!("[{origin:?}] call {}", call.call_id),
        Item::ToolOutput {
            call_id, content, ..
        } => {
            format!("[{origin:?}] output of {call_id}: {}", text(content))
        }
        other => format!("[{origin:?}] {other:?}"),
    };
    items.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn text(content: &[Content]) -> &str {
    match content {
        [Content::Text { text }] => text,
        _ => "something else",
    }
}

#[test]
fn a_new_window_holds_the_world_the_wishes_the_note_and_the_last_steps() {
    let items = rebuilt(
        &session(10, 0),
        32_000,
        Summary::Written("Six of ten read.".into()),
    );
    expect![[r#"
        [World] User: <environment>
        cwd: /project
        [Input] User: Wish 0.
        [Input] User: Wish 3.
        [Handover] Developer: <handover>
        The conversation became longer than the model's window and was cut here. The user's messages above are kept as far as there was room; the steps that followed them are replaced by this note. The last steps follow it as they were, but long outputs are cut. The files are as you left them.

        <plan>
        [x] Read
        [>] Write
        </plan>

        <files_changed>
        deleted /elsewhere/d.rs
        modified a.rs
        moved b.rs to c.rs
        </files_changed>

        <summary>
        Six of ten read.
        </summary>
        </handover>
        [Answer(4)] call call-4
        [Output(4)] output of call-4: output 4 
        [Answer(5)] call call-5
        [Output(5)] output of call-5: output 5 
        [Input] User: Wish 6.
        [Answer(6)] call call-6
        [Output(6)] output of call-6: output 6 
        [Answer(7)] call call-7
        [Output(7)] output of call-7: output 7 
        [Answer(8)] call call-8
        [Output(8)] output of call-8: output 8 
        [Input] User: Wish 9.
        [Answer(9)] call call-9
        [Output(9)] output of call-9: output 9 "#]].assert_eq(&shown(&items));
}

#[test]
fn without_a_model_the_steps_are_listed() {
    let mut entries = session(8, 0);
    entries.insert(
        1,
        said(Role::Developer, "<handover>\nEarlier.", Origin::Handover),
    );
    entries.insert(4, said(Role::Assistant, "I read on.", Origin::Answer(0)));
    let items = rebuilt(&entries, 32_000, Summary::Missing);
    let note = items.iter().find(|(_, origin)| *origin == Origin::Handover);
    expect![[r#"
        [Handover] Developer: <handover>
        The conversation became longer than the model's window and was cut here. The user's messages above are kept as far as there was room; the steps that followed them are replaced by this note. The last steps follow it as they were, but long outputs are cut. The files are as you left them.

        <plan>
        [x] Read
        [>] Write
        </plan>

        <files_changed>
        deleted /elsewhere/d.rs
        modified a.rs
        moved b.rs to c.rs
        </files_changed>

        <earlier_note>
        <handover>
        Earlier.
        </earlier_note>

        <steps_left_out>
        called read {"path": "a"}
        said: I read on.
        called read {"path": "a"}
        </steps_left_out>
        </handover>"#]].assert_eq(&shown(&note.cloned().into_iter().collect::<Vec<_>>()));
}

#[test]
fn what_the_service_kept_is_not_repeated() {
    let service = vec![
        Item::message(Role::Developer, "Old instructions."),
        Item::message(Role::User, "<environment>\n…"),
        Item::message(Role::User, "Wish 0."),
    ];
    let items = rebuilt(&session(1, 0), 32_000, Summary::Service(service));
    expect![[r#"
        [World] User: <environment>
        cwd: /project
        [Input] User: Wish 0.
        [Handover] Developer: <handover>
        The conversation became longer than the model's window and was cut here. The user's messages above are kept as far as there was room; the steps that followed them are replaced by this note. The last steps follow it as they were, but long outputs are cut. The files are as you left them.

        <plan>
        [x] Read
        [>] Write
        </plan>

        <files_changed>
        deleted /elsewhere/d.rs
        modified a.rs
        moved b.rs to c.rs
        </files_changed>
        </handover>
        [Answer(0)] call call-0
        [Output(0)] output of call-0: output 0 "#]].assert_eq(&shown(&items));
}

#[test]
fn long_messages_and_outputs_are_cut_with_a_note() {
    let mut entries = session(1, 60_000);
    let wish = format!("Begin {} end", "w".repeat(60_000));
    entries.insert(1, said(Role::User, &wish, Origin::Input));
    let items = rebuilt(&entries, 10_000, Summary::Written("S".into()));
    let text = shown(&items).replace("wwww", "").replace("xxxx", "");
    expect![[r#"
        [World] User: <environment>
        cwd: /project
        [Input] User: Begin ww
        [… about 13005 tokens left out when the conversation was compacted …]
         end
        [Input] User: Wish 0.
        [Handover] Developer: <handover>
        The conversation became longer than the model's window and was cut here. The user's messages above are kept as far as there was room; the steps that followed them are replaced by this note. The last steps follow it as they were, but long outputs are cut. The files are as you left them.

        <plan>
        [x] Read
        [>] Write
        </plan>

        <files_changed>
        deleted /elsewhere/d.rs
        modified a.rs
        moved b.rs to c.rs
        </files_changed>

        <summary>
        S
        </summary>
        </handover>
        [Answer(0)] call call-0
        [Output(0)] output of call-0: output 0 xxx
        [… about 14587 tokens left out when the conversation was compacted …]
    "#]].assert_eq(&text);
}

#[test]
fn a_large_attachment_does_not_crowd_out_what_the_user_says_about_it() {
    let attached = Item::Message {
        role: Role::User,
        content: vec![
            Content::text(format!("<file a.log>\n{}\n</file>", "a".repeat(80_000))),
            Content::text(format!("<file b.log>\n{}\n</file>", "b".repeat(80_000))),
            Content::text("Find out why the build fails, and mend it."),
        ],
        phase: None,
    };
    let mut entries = vec![entry(attached, Origin::Input)];
    entries.extend(session(30, 4_000));
    let items = rebuilt(&entries, 32_000, Summary::Missing);
    let kept = items.iter().find_map(|(item, _)| match item {
        Item::Message { content, .. } if content.len() == 3 => Some(content),
        _ => None,
    });
    let texts = kept.unwrap().iter().map(|part| match part {
        Content::Text { text } => text.replace("aaaa", "").replace("bbbb", ""),
        Content::Image { .. } => unreachable!("there is no picture"),
    });
    expect![[r#"
        <file a.log>
        a
        [… about 16821 tokens left out when the conversation was compacted …]
        aa
        </file>
        ---
        <file b.log>
        bbb
        [… about 16820 tokens left out when the conversation was compacted …]

        </file>
        ---
        Find out why the build fails, and mend it."#]]
    .assert_eq(&texts.collect::<Vec<_>>().join("\n---\n"));
}

/// The property that a request must have, whatever is left out.
fn assert_paired(items: &[Item]) {
    let mut open = Vec::new();
    for item in items {
        match item {
            Item::ToolCall(call) => open.push(call.call_id.as_str()),
            Item::ToolOutput { call_id, .. } => {
                assert_eq!(open.first(), Some(&call_id.as_str()));
                open.remove(0);
            }
            _ => {}
        }
    }
    assert_eq!(open, Vec::<&str>::new());
}

fn random_session(random: &mut Rng) -> Vec<HistoryEntry> {
    let mut entries = Vec::new();
    for step in 0..random.u32(0..40) {
        let text = |random: &mut Rng, most: usize| "é§x ".repeat(random.usize(0..most));
        match random.u8(0..5) {
            0 => entries.push(said(Role::User, &text(random, 3_000), Origin::Input)),
            1 => entries.push(said(Role::User, "world", Origin::World)),
            2 => entries.push(said(Role::Developer, "note", Origin::Note)),
            _ => {}
        }
        let calls: Vec<String> = (0..random.usize(0..9))
            .map(|call| format!("{step}-{call}"))
            .collect();
        let reasoning = Item::Reasoning {
            summary: vec!["Hm".into()],
            carried: None,
        };
        entries.push(entry(reasoning, Origin::Answer(step)));
        for id in &calls {
            entries.push(entry(call(id, &text(random, 200)), Origin::Answer(step)));
        }
        entries.push(said(Role::Assistant, "So.", Origin::Answer(step)));
        for id in &calls {
            entries.push(entry(
                output(id, &text(random, 2_000)),
                Origin::Output(step),
            ));
        }
    }
    entries
}

#[test]
fn every_new_window_is_a_valid_conversation_and_leaves_room() {
    for seed in 0..300 {
        let mut random = Rng::with_seed(seed);
        let entries = random_session(&mut random);
        let window = random.u64(4_000..200_000);
        let summary = match random.u8(0..2) {
            0 => Summary::Missing,
            _ => Summary::Written("A note. ".repeat(random.usize(1..40_000))),
        };
        let items = rebuilt(&entries, window, summary);
        let tokens: u64 = items.iter().map(|(item, _)| estimate(item)).sum();
        assert!(tokens < window * 6 / 10, "{seed}: {tokens} of {window}");
        let items: Vec<Item> = items.into_iter().map(|(item, _)| item).collect();
        assert_paired(&items);
    }
}

#[test]
fn a_shorter_request_is_still_a_valid_conversation() {
    for seed in 0..200 {
        let mut random = Rng::with_seed(seed);
        let entries = random_session(&mut random);
        let question = Arc::new(Item::message(Role::User, "Summarise."));
        let mut items: Vec<Arc<Item>> = entries.into_iter().map(|entry| entry.item).collect();
        items.push(Arc::clone(&question));
        for _ in 0..4 {
            let shorter = without_oldest(&items);
            assert!(shorter.len() <= items.len().max(2), "{seed}");
            assert_eq!(shorter.last(), Some(&question), "{seed}");
            let whole: Vec<Item> = shorter.iter().map(|item| (**item).clone()).collect();
            assert_paired(&whole);
            items = shorter;
        }
    }
}
