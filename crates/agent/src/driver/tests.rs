//! Threads at work, with real threads and a real log: what the machine cannot promise alone.

#![allow(clippy::unwrap_used)]

mod bench;

use std::{
    sync::{
        Arc, Condvar, Mutex,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    time::Duration,
};

use models::{FailureKind, Item, ModelError, ModelEvent};

use self::bench::{Bench, PATIENCE, call, say, text};
use crate::{
    ToolContext, ToolOutput,
    machine::{Entry, Event, replay},
    store::StoreError,
    surface::{ThreadEvent, TurnEnd},
    thread::{Journal, ThreadError},
    tool::{Progress, ToolEffect},
};

/// Blocks until the call is cancelled.
fn wait_for_cancel(context: &ToolContext<'_>) -> bool {
    let (wake, woken) = mpsc::channel();
    let _subscription = context.cancel.subscribe(move || {
        let _ = wake.send(());
    });
    woken.recv_timeout(PATIENCE).is_ok()
}

fn shown(items: &[Arc<Item>]) -> String {
    let lines = items.iter().map(|item| format!("{item:?}"));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_turn_runs_to_its_end_and_its_log_gives_the_same_requests() {
    let bench = Bench::new()
        .tool("read", ToolEffect::Reads, |call, _| {
            ToolOutput::success(format!("read by {}", call.call_id))
        })
        .tool("act", ToolEffect::Acts, |_, _| ToolOutput::success("done"));
    bench.answer(call(&["a", "b", "c"], "read"));
    bench.answer(call(&["d", "e"], "act"));
    bench.answer(say("All done."));
    bench.answer(say("Still there."));
    let thread = bench.start();
    thread.send(text("Do it.")).unwrap();
    let summary = thread.wait().unwrap().expect("a turn has ended");
    assert_eq!(
        (summary.turn, summary.steps, &summary.end),
        (1, 3, &TurnEnd::Completed)
    );
    thread.send(text("And?")).unwrap();
    assert_eq!(thread.wait().unwrap().map(|summary| summary.turn), Some(2));
    drop(thread);
    let (machine, requests) = replay(bench.entries()).unwrap();
    assert_eq!(requests, bench.requests());
    assert!(!machine.has_turn());
}

#[test]
fn calls_that_read_run_at_the_same_time() {
    const CALLS: usize = 12;
    let together = Arc::new((Mutex::new(0), Condvar::new()));
    let bench = Bench::new().tool("read", ToolEffect::Reads, move |_, _| {
        let (count, changed) = &*together;
        let mut count = count.lock().unwrap();
        *count += 1;
        changed.notify_all();
        let (count, _) = changed
            .wait_timeout_while(count, PATIENCE, |count| *count < CALLS)
            .unwrap();
        ToolOutput::success(if *count < CALLS { "alone" } else { "together" })
    });
    let ids: Vec<String> = (0..CALLS).map(|number| format!("call-{number}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    bench.answer(call(&ids, "read"));
    bench.answer(say("Done."));
    let thread = bench.start();
    thread.send(text("Do it.")).unwrap();
    thread.wait().unwrap();
    let requests = bench.requests();
    assert_eq!(shown(&requests[1].items).matches("together").count(), CALLS);
}

#[test]
fn an_interrupt_stops_a_tool_and_the_thread_goes_on() {
    let (begun, has_begun) = mpsc::channel();
    let bench = Bench::new().tool("act", ToolEffect::Acts, move |_, context| {
        begun.send(()).unwrap();
        match wait_for_cancel(context) {
            true => ToolOutput::failure("half done"),
            false => ToolOutput::success("nobody stopped it"),
        }
    });
    bench.answer(call(&["a", "b"], "act"));
    bench.answer(say("Now what?"));
    let thread = bench.start();
    thread.send(text("Do it.")).unwrap();
    has_begun.recv_timeout(PATIENCE).unwrap();
    thread.interrupt().unwrap();
    let summary = thread.wait().unwrap().unwrap();
    assert_eq!(summary.end, TurnEnd::Interrupted);
    thread.send(text("Go on.")).unwrap();
    assert_eq!(thread.wait().unwrap().unwrap().end, TurnEnd::Completed);
    let items = shown(&bench.requests()[1].items);
    assert!(
        items.contains("half done") && items.contains("Not started"),
        "{items}"
    );
}

#[test]
fn an_interrupt_keeps_what_was_said_and_drops_the_request() {
    let bench = Bench::new();
    bench.answer(vec![ModelEvent::TextDelta("Half a sen".into())]);
    bench.answer(say("…tence."));
    let thread = bench.start();
    thread.send(text("Speak.")).unwrap();
    bench.wait_for(|event| matches!(event, ThreadEvent::ItemUpdated { .. }));
    thread.interrupt().unwrap();
    thread.wait().unwrap();
    assert_eq!(bench.provider.dropped.load(Ordering::SeqCst), 1);
    thread.send(text("Go on.")).unwrap();
    thread.wait().unwrap();
    let items = shown(&bench.requests()[1].items);
    assert!(items.contains("Half a sen"), "{items}");
}

#[test]
fn a_failed_request_is_sent_again_and_its_stream_is_void() {
    let bench = Bench::new();
    bench.answer(vec![
        ModelEvent::TextDelta("Lost".into()),
        ModelEvent::Failed(ModelError {
            kind: FailureKind::Interrupted,
            message: "It was cut.".into(),
            retry_after: Some(Duration::from_millis(1)),
            attempts: 1,
        }),
    ]);
    bench.answer(say("Found."));
    let thread = bench.start();
    thread.send(text("Speak.")).unwrap();
    assert_eq!(thread.wait().unwrap().unwrap().end, TurnEnd::Completed);
    let discarded = bench.wait_for(|event| matches!(event, ThreadEvent::ItemDiscarded { .. }));
    let item_id = "message-1".to_owned();
    assert_eq!(discarded, ThreadEvent::ItemDiscarded { item_id });
    assert_eq!(bench.requests().len(), 2);
}

#[test]
fn a_tool_that_breaks_is_an_answer_to_the_model() {
    let bench = Bench::new().tool("act", ToolEffect::Acts, |_, _| panic!("on purpose"));
    bench.answer(call(&["a"], "act"));
    bench.answer(say("I see."));
    let thread = bench.start();
    thread.send(text("Do it.")).unwrap();
    assert_eq!(thread.wait().unwrap().unwrap().end, TurnEnd::Completed);
    assert!(shown(&bench.requests()[1].items).contains("The tool act broke"));
}

/// A journal on a disk that is full after some entries.
struct FullDisk(usize);

impl Journal for FullDisk {
    fn append(&mut self, _entry: &Entry) -> Result<(), StoreError> {
        self.0 = self.0.checked_sub(1).ok_or(StoreError::Io {
            action: "write",
            path: "log".into(),
            source: std::io::ErrorKind::StorageFull.into(),
        })?;
        Ok(())
    }

    fn sync(&mut self) -> Result<(), StoreError> {
        Ok(())
    }
}

#[test]
fn nothing_is_done_that_is_not_in_the_log() {
    for entries in 1..12 {
        let runs = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&runs);
        let bench = Bench::new().tool("act", ToolEffect::Acts, move |_, _| {
            counted.fetch_add(1, Ordering::SeqCst);
            ToolOutput::success("done")
        });
        bench.answer(call(&["a"], "act"));
        bench.answer(say("Done."));
        let thread = bench.start_with(Box::new(FullDisk(entries)));
        let _ = thread.send(text("Do it."));
        let result = thread.wait();
        drop(thread);
        // Entries: start, input, world, call, tool's start, answer's end, ...; a request follows the world, and a run
        // the tool's start, unless the answer's end cannot be written before the tool has begun.
        let requests = bench.requests().len();
        assert_eq!(requests >= 1, entries >= 3, "{entries}");
        let runs = runs.load(Ordering::SeqCst);
        assert!(
            runs == usize::from(entries >= 6) || (runs, entries) == (1, 5),
            "{entries}: {runs}"
        );
        if entries < 11 {
            assert!(
                matches!(result, Err(ThreadError::Ended { .. })),
                "{entries}"
            );
            bench.wait_for(|event| matches!(event, ThreadEvent::ThreadFailed { .. }));
        }
    }
}

#[test]
fn dropping_a_thread_ends_all_its_work_and_it_can_be_resumed() {
    let (begun, has_begun) = mpsc::channel();
    let runs = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&runs);
    let bench = Bench::new().tool("act", ToolEffect::Acts, move |_, context| {
        counted.fetch_add(1, Ordering::SeqCst);
        begun.send(()).unwrap();
        wait_for_cancel(context);
        ToolOutput::success("too late for the log")
    });
    bench.answer(call(&["a", "b"], "act"));
    let thread = bench.start();
    thread.send(text("Do it.")).unwrap();
    has_begun.recv_timeout(PATIENCE).unwrap();
    drop(thread);
    assert_eq!(
        Arc::strong_count(&bench.tools[0]),
        1,
        "no worker holds the tool"
    );
    let is_finished = |entry: &Entry| matches!(entry.event, Event::ToolFinished { .. });
    assert!(!bench.entries().iter().any(is_finished));

    bench.answer(say("I look first."));
    let thread = bench.resume();
    assert_eq!(thread.wait().unwrap().unwrap().end, TurnEnd::Completed);
    drop(thread);
    assert_eq!(runs.load(Ordering::SeqCst), 1);
    let items = shown(&bench.requests()[1].items);
    assert!(
        items.contains("The program was ended while this ran"),
        "{items}"
    );
    assert!(items.contains("Not started"), "{items}");
    let (_, requests) = replay(bench.entries()).unwrap();
    assert_eq!(requests, bench.requests());
}

#[test]
fn secrets_reach_neither_log_nor_model_nor_surface() {
    let secret = "sk-very-secret-value";
    let mut bench = Bench::new().tool("act", ToolEffect::Acts, move |_, context| {
        for piece in ["key sk-very-", "secret-", "value."] {
            let text = piece.to_owned();
            (context.progress)(Progress::Output { text });
        }
        ToolOutput::success(format!("the key is {secret}"))
    });
    bench.secrets = vec![secret.into()];
    bench.answer(call(&["a"], "act"));
    bench.answer(say("Done."));
    let thread = bench.start();
    thread.send(text("Do it.")).unwrap();
    thread.wait().unwrap();
    drop(thread);
    let told: Vec<ThreadEvent> = bench.events.try_iter().collect();
    let everything = format!("{:?}{:?}{told:?}", bench.entries(), bench.requests());
    assert!(!everything.contains(secret));
    assert!(everything.contains("the key is [secret]"));
    let is_output = |event: &&ThreadEvent| matches!(event, ThreadEvent::ItemUpdated { .. });
    let streamed = format!("{:?}", told.iter().filter(is_output).collect::<Vec<_>>());
    assert!(streamed.contains("[secret]"), "{streamed}");
}

#[test]
fn every_item_that_begins_ends_also_when_the_model_gives_an_id_twice() {
    let bench = Bench::new().tool("act", ToolEffect::Acts, |_, _| ToolOutput::success("done"));
    for _ in 0..3 {
        let call_id = || "a".to_owned();
        let mut answer = vec![
            ModelEvent::ToolCallStarted {
                call_id: call_id(),
                name: "act".into(),
            },
            ModelEvent::ToolCallDelta {
                call_id: call_id(),
                delta: "{}".into(),
            },
        ];
        answer.extend(call(&["a"], "act"));
        bench.answer(answer);
    }
    bench.answer(say("Done."));
    let thread = bench.start();
    thread.send(text("Do it.")).unwrap();
    thread.wait().unwrap();
    drop(thread);
    let (mut begun, mut updated, mut ended) = (Vec::new(), Vec::new(), Vec::new());
    for event in bench.events.try_iter() {
        match event {
            ThreadEvent::ItemStarted { item } => begun.push(item.id),
            ThreadEvent::ItemUpdated { item_id, .. } => updated.push(item_id),
            ThreadEvent::ItemCompleted { item } => ended.push(item.id),
            _ => {}
        }
    }
    updated.dedup();
    assert_eq!(begun, ["a", "a-again", "a-again-again", "message-1"]);
    assert_eq!(updated, begun);
    assert_eq!(ended, begun);
}

#[test]
fn what_was_left_running_is_told_when_it_ends_with_the_thread() {
    let bench = Bench::new().tool_that_leaves(&["a server", "a watcher"]);
    bench.answer(say("Done."));
    let thread = bench.start();
    thread.send(text("Do it.")).unwrap();
    thread.wait().unwrap();
    drop(thread);
    let told = bench.events.try_iter().last();
    let message = "Still running in the background, and ended now: a server; a watcher".into();
    assert_eq!(told, Some(ThreadEvent::Notice { message }));
}

#[test]
fn many_interrupts_at_random_moments_leave_a_thread_that_works() {
    let mut random = fastrand::Rng::with_seed(11);
    let bench = Bench::new().tool("act", ToolEffect::Acts, |_, _| ToolOutput::success("done"));
    let thread = bench.start();
    for turn in 0..100 {
        for step in 0..4 {
            bench.answer(call(&[&format!("{turn}-{step}")], "act"));
        }
        bench.answer(say("Done."));
        thread.send(text("Do it.")).unwrap();
        for _ in 0..random.u32(0..2_000) {
            std::hint::spin_loop();
        }
        thread.interrupt().unwrap();
        thread.wait().unwrap();
        bench.provider.answers.lock().unwrap().clear();
    }
    bench.answer(say("Done."));
    thread.send(text("Last.")).unwrap();
    assert_eq!(thread.wait().unwrap().unwrap().end, TurnEnd::Completed);
    drop(thread);
    let (_, requests) = replay(bench.entries()).unwrap();
    assert_eq!(requests, bench.requests());
}
