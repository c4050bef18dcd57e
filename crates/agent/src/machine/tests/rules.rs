//! The rules of a turn, one by one.

use expect_test::{Expect, expect};
use models::{EndReason, FailureKind, Item, ModelError, Usage};

use super::script::{Script, call, settings};
use crate::{
    limits::Limits,
    machine::{Event, Timer, ToolDeclaration, Unfinished, fork_point, replay},
    tool::{ToolOutput, ToolStatus},
};

fn script() -> Script {
    Script::new(settings())
}

fn limited(limits: Limits) -> Script {
    let mut settings = settings();
    settings.limits = limits;
    Script::new(settings)
}

fn asked(script: &mut Script, expected: Expect) {
    expected.assert_eq(&script.asked());
}

fn conversation(script: &Script, expected: Expect) {
    expected.assert_eq(&script.conversation());
}

#[test]
fn calls_start_while_the_answer_streams_and_acts_run_alone() {
    let mut script = script();
    script.user("Do it.");
    script.call("a", "read").call("b", "read").call("c", "act");
    script.call("d", "read");
    asked(
        &mut script,
        expect![[r#"
        request of 2 items
        run a
        run b"#]],
    );
    script.output("b", ToolOutput::success("B")).done();
    asked(&mut script, expect![]);
    script.output("a", ToolOutput::success("A"));
    asked(&mut script, expect!["run c"]);
    script.output("c", ToolOutput::failure("C"));
    script.output("d", ToolOutput::success("D"));
    asked(
        &mut script,
        expect![[r#"
        run d
        request of 10 items"#]],
    );
    script.say("Done.").done();
    asked(&mut script, expect!["end turn 1: Completed"]);
    conversation(
        &script,
        expect![[r#"
        User: <environment> cwd: /project
        User: Do it.
        Call a: read {}
        Call b: read {}
        Call c: act {}
        Call d: read {}
        Output a: A
        Output b: B
        Output c: C
        Output d: D
        Assistant: Done."#]],
    );
}

#[test]
fn what_the_user_says_meanwhile_waits_for_the_outputs_and_keeps_the_turn_going() {
    let mut script = script();
    script.user("Do it.").call("a", "act").done();
    script.user("And that.");
    script.output("a", ToolOutput::success("A"));
    script.say("Both done.");
    script.user("One more.").done();
    script.say("All done.").done();
    asked(
        &mut script,
        expect![[r#"
        request of 2 items
        run a
        request of 5 items
        request of 7 items
        end turn 1: Completed"#]],
    );
    conversation(
        &script,
        expect![[r#"
        User: <environment> cwd: /project
        User: Do it.
        Call a: act {}
        Output a: A
        User: And that.
        Assistant: Both done.
        User: One more.
        Assistant: All done."#]],
    );
}

#[test]
fn an_interrupt_answers_every_call_and_keeps_what_was_said() {
    let mut script = script();
    script.user("Do it.").call("a", "act").call("b", "read");
    script.time = 3_000;
    script.asked();
    script.happen(Event::InterruptRequested);
    asked(
        &mut script,
        expect![[r#"
        cancel request
        cancel tools
        set Grace to 5000 ms"#]],
    );
    let mut partial = ToolOutput::failure("half of it");
    partial.status = ToolStatus::Interrupted;
    script.output("a", partial);
    asked(&mut script, expect!["end turn 1: Interrupted"]);
    script.user("Go on.");
    conversation(
        &script,
        expect![[r#"
        User: <environment> cwd: /project
        User: Do it.
        Call a: act {}
        Call b: read {}
        Assistant: So far
        Output a: half of it | (interrupted by the user after 3 s)
        Output b: Not started: the user interrupted the turn.
        Developer: <turn_interrupted> The user has stopped the turn here. Calls that were open have been answered; what they began may have had effects. Wait for what the user says next, and check the state before you go on.
        User: Go on."#]],
    );
}

#[test]
fn tools_that_do_not_stop_are_left_alone() {
    let timer = Timer::Grace;
    let ends = [Event::InterruptRequested, Event::TimerFired { timer }];
    let conversations = ends.map(|end| {
        let mut script = script();
        script.user("Do it.").call("a", "act").done();
        script.time = 7_000;
        script.happen(Event::InterruptRequested).happen(end);
        script.output("a", ToolOutput::success("too late"));
        assert!(!script.machine.has_turn());
        script.conversation()
    });
    expect![[r#"
        User: <environment> cwd: /project
        User: Do it.
        Call a: act {}
        Output a: Interrupted by the user after 7 s. The tool did not stop in time: it may still be at work, and may have had effects.
        Developer: <turn_interrupted> The user has stopped the turn here. Calls that were open have been answered; what they began may have had effects. Wait for what the user says next, and check the state before you go on."#]].assert_eq(&conversations[0]);
    assert_eq!(conversations[0], conversations[1]);
}

#[test]
fn what_is_said_while_a_turn_is_being_stopped_begins_the_next() {
    let mut script = script();
    script.user("Do it.").call("a", "act");
    script.user("Quickly.");
    script
        .happen(Event::InterruptRequested)
        .user("Rather that.");
    script.output("a", ToolOutput::success("A"));
    script.say("Gladly.").done();
    asked(
        &mut script,
        expect![[r#"
        request of 2 items
        run a
        cancel request
        cancel tools
        set Grace to 5000 ms
        end turn 1: Interrupted
        request of 8 items
        end turn 2: Completed"#]],
    );
    conversation(
        &script,
        expect![[r#"
        User: <environment> cwd: /project
        User: Do it.
        Call a: act {}
        Assistant: So far
        Output a: A
        Developer: <turn_interrupted> The user has stopped the turn here. Calls that were open have been answered; what they began may have had effects. Wait for what the user says next, and check the state before you go on.
        User: Quickly.
        User: Rather that.
        Assistant: Gladly."#]],
    );
}

#[test]
fn after_a_kill_no_call_runs_again_and_the_turn_goes_on() {
    let mut script = script();
    script.user("Do it.").call("a", "act").call("b", "act");
    script.asked();
    script.happen(Event::Resumed {
        unfinished: Unfinished::GoOn,
    });
    asked(&mut script, expect!["request of 6 items"]);
    conversation(
        &script,
        expect![[r#"
        User: <environment> cwd: /project
        User: Do it.
        Call a: act {}
        Call b: act {}
        Output a: The program was ended while this ran. It may have taken effect, in part or whole: check before you repeat it.
        Output b: Not started: the program was ended first. Make the call again if it is still needed."#]],
    );
}

#[test]
fn after_a_kill_a_turn_can_be_ended_too() {
    let mut script = script();
    script.user("Do it.").say("Well").asked();
    script.happen(Event::Resumed {
        unfinished: Unfinished::End,
    });
    asked(&mut script, expect!["end turn 1: Interrupted"]);
    conversation(
        &script,
        expect![[r#"
        User: <environment> cwd: /project
        User: Do it.
        Assistant: Well
        Developer: <turn_interrupted> The user has stopped the turn here. Calls that were open have been answered; what they began may have had effects. Wait for what the user says next, and check the state before you go on."#]],
    );
}

#[test]
fn a_cut_answer_keeps_its_items_and_is_asked_to_go_on() {
    let mut script = script();
    script.user("Do it.").say("First part.");
    script.item(Item::Reasoning {
        summary: vec!["Lost.".into()],
        carried: None,
    });
    script.failed(FailureKind::Interrupted);
    let timer = Timer::Retry;
    script.happen(Event::TimerFired { timer });
    script.call("a", "read").failed(FailureKind::Service);
    script.output("a", ToolOutput::success("A"));
    script.happen(Event::TimerFired { timer });
    script.failed(FailureKind::Unauthorized);
    asked(
        &mut script,
        expect![[r#"
        request of 2 items
        notice: It broke. Trying again in 0.2 s (1/5).
        set Retry to 200 ms
        request of 4 items
        run a
        notice: It broke. Trying again in 0.2 s (1/5).
        set Retry to 200 ms
        request of 6 items
        end turn 1: Failed { failure: Model(Unauthorized), message: "It broke" }"#]],
    );
    conversation(
        &script,
        expect![[r#"
        User: <environment> cwd: /project
        User: Do it.
        Assistant: First part.
        Developer: <answer_cut> The answer above was cut off by a failed connection. Go on where it stops, without repeating it.
        Call a: read {}
        Output a: A"#]],
    );
}

#[test]
fn what_the_service_asks_for_is_waited() {
    let mut script = script();
    script.user("Do it.").asked();
    let error = ModelError {
        kind: FailureKind::RateLimited,
        message: "Too many requests.".into(),
        retry_after: Some(std::time::Duration::from_millis(1_200)),
        attempts: 1,
    };
    script.happen(Event::AnswerFailed { error });
    asked(
        &mut script,
        expect![[r#"
        notice: Too many requests. Trying again in 1.2 s (1/5).
        set Retry to 1200 ms"#]],
    );
}

#[test]
fn an_empty_answer_is_asked_for_once_more() {
    let mut script = script();
    script.user("Do it.").say("").done().done();
    asked(
        &mut script,
        expect![[r#"
        request of 2 items
        request of 3 items
        end turn 1: Failed { failure: EmptyAnswer, message: "The model answered with nothing, twice. Say what is missing, or try another model." }"#]],
    );
    conversation(
        &script,
        expect![[r#"
        User: <environment> cwd: /project
        User: Do it.
        Developer: <answer_empty> The last answer was empty. Go on with the task, or say what the result is if it is finished."#]],
    );
}

#[test]
fn a_call_that_was_cut_off_is_not_run() {
    let mut script = script();
    script.user("Do it.");
    script.item(call("a", "act", "{\"text\": \"half"));
    script.ended(EndReason::MaxOutputTokens);
    script.say("Long").ended(EndReason::MaxOutputTokens);
    script.say("er").ended(EndReason::Paused);
    script.item(call("b", "act", "{\"text\": wrong}")).done();
    asked(
        &mut script,
        expect![[r#"
            request of 2 items
            request of 4 items
            request of 6 items
            request of 8 items
            run b"#]],
    );
    conversation(
        &script,
        expect![[r#"
            User: <environment> cwd: /project
            User: Do it.
            Call a: act {"text": "half
            Output a: This call was not run: the answer reached its longest length in the middle of the call's arguments. Make the call again with shorter arguments, or in several smaller calls.
            Assistant: Long
            Developer: <answer_cut> The answer above reached the longest length that one answer can have. Go on where it stops, without repeating it.
            Assistant: er
            Developer: <answer_paused> The service paused the answer above. Go on where it stops.
            Call b: act {"text": wrong}"#]],
    );
}

#[test]
fn a_model_that_declines_ends_the_turn() {
    let mut script = script();
    script.user("Do it.").ended(EndReason::Refusal);
    script.user("Please.").ended(EndReason::ContentFilter);
    asked(
        &mut script,
        expect![[r#"
        request of 2 items
        end turn 1: Failed { failure: Refusal, message: "The model declined to go on. Say it in other words, or ask for something else." }
        request of 3 items
        end turn 2: Failed { failure: ContentFilter, message: "The service withheld the rest of the answer because of its content rules. Say it in other words, or go on without what it objects to." }"#]],
    );
}

#[test]
fn answers_that_are_cut_off_again_and_again_end_the_turn() {
    let mut script = limited(Limits {
        continuations: 2,
        ..Limits::default()
    });
    script.user("Do it.");
    for _ in 0..3 {
        script.say("more").ended(EndReason::MaxOutputTokens);
    }
    asked(
        &mut script,
        expect![[r#"
        request of 2 items
        request of 4 items
        request of 6 items
        end turn 1: Failed { failure: CutOff, message: "The model's answers were cut off 2 times in a row. Ask for less at once, or choose a model with longer answers." }"#]],
    );
}

#[test]
fn limits_end_the_turn_and_the_thread_can_go_on() {
    let mut script = limited(Limits {
        steps: 2,
        tokens: Some(1_000),
        time: Some(std::time::Duration::from_secs(10)),
        ..Limits::default()
    });
    let usage = Usage {
        input: 990,
        output: 10,
        ..Usage::default()
    };
    script.user("Steps.");
    for id in ["a", "b"] {
        script.call(id, "read").done();
        script.output(id, ToolOutput::success("A"));
    }
    script.user("Tokens.").call("c", "read").done_with(usage);
    script.output("c", ToolOutput::success("C"));
    script.user("Time.").call("d", "act").done();
    script.time = 10_000;
    let timer = Timer::Turn;
    script.happen(Event::TimerFired { timer });
    script.output("d", ToolOutput::failure("stopped"));
    asked(
        &mut script,
        expect![[r#"
        set Turn to 10000 ms
        request of 2 items
        run a
        request of 4 items
        run b
        end turn 1: LimitReached { limit: Steps, message: "The turn was ended at its limit of 2 steps. The work so far is kept; go on with `ropewalk exec --resume thread`." }
        set Turn to 10000 ms
        request of 8 items
        run c
        end turn 2: LimitReached { limit: Tokens, message: "The turn was ended at its limit of 1000 tokens. The work so far is kept; go on with `ropewalk exec --resume thread`." }
        set Turn to 10000 ms
        request of 12 items
        run d
        cancel tools
        set Grace to 5000 ms
        end turn 3: LimitReached { limit: Time, message: "The turn was ended at its limit of 10 s. The work so far is kept; go on with `ropewalk exec --resume thread`." }"#]],
    );
    conversation(
        &script,
        expect![[r#"
        User: <environment> cwd: /project
        User: Steps.
        Call a: read {}
        Output a: A
        Call b: read {}
        Output b: A
        Developer: <turn_ended> The turn was ended here because it reached a limit that the user has set. If the user asks to go on, go on from here.
        User: Tokens.
        Call c: read {}
        Output c: C
        Developer: <turn_ended> The turn was ended here because it reached a limit that the user has set. If the user asks to go on, go on from here.
        User: Time.
        Call d: act {}
        Output d: stopped | (stopped because the turn's time was used up, after 10 s)
        Developer: <turn_ended> The turn was ended here because it reached a limit that the user has set. If the user asks to go on, go on from here."#]],
    );
}

#[test]
fn a_model_that_repeats_a_failing_call_is_told_and_then_stopped() {
    let mut script = limited(Limits {
        repetitions_told: 2,
        repetitions: 3,
        ..Limits::default()
    });
    script.user("Do it.");
    for id in ["a", "b", "c"] {
        script.call(id, "read").done();
        script.output(id, ToolOutput::failure("no such file"));
    }
    asked(
        &mut script,
        expect![[r#"
        request of 2 items
        run a
        request of 4 items
        run b
        request of 7 items
        run c
        end turn 1: Failed { failure: Repetition, message: "The model made the same failing call of read 3 times, so the turn was ended. The work so far is kept; say how to go on." }"#]],
    );
    conversation(
        &script,
        expect![[r#"
        User: <environment> cwd: /project
        User: Do it.
        Call a: read {}
        Output a: no such file
        Call b: read {}
        Output b: no such file
        Developer: <repetition> The same call of read, with the same arguments, has now failed 2 times. It will fail again. Find out why, go another way, or tell the user what is in the way.
        Call c: read {}
        Output c: no such file
        Developer: <turn_ended> The turn was ended here because the same call failed again and again."#]],
    );
}

#[test]
fn a_success_in_between_starts_the_count_anew() {
    let mut script = limited(Limits {
        repetitions_told: 2,
        repetitions: 2,
        ..Limits::default()
    });
    script.user("Do it.");
    for (id, tool, output) in [
        ("a", "read", ToolOutput::failure("red")),
        ("b", "act", ToolOutput::success("changed")),
        ("c", "read", ToolOutput::failure("red")),
    ] {
        script.call(id, tool).done().output(id, output);
    }
    assert!(script.machine.has_turn());
}

#[test]
fn unknown_tools_and_repeated_ids_are_answered() {
    let mut script = script();
    script.user("Do it.");
    script.call("a", "fly").call("a", "read");
    script.output("a-again", ToolOutput::success("A")).done();
    conversation(
        &script,
        expect![[r#"
        User: <environment> cwd: /project
        User: Do it.
        Call a: fly {}
        Call a-again: read {}
        Output a: There is no tool "fly". There are: read, act.
        Output a-again: A"#]],
    );
}

#[test]
fn an_overflow_compacts_twice_and_then_says_so() {
    let mut script = script();
    script.user("Do it.").call("a", "read").done();
    script.output("a", ToolOutput::success("A"));
    script.asked();
    script.failed(FailureKind::ContextTooLong);
    script.say("We read A.").call("x", "act").done();
    script.failed(FailureKind::ContextTooLong);
    script.failed(FailureKind::Policy);
    asked(
        &mut script,
        expect![[r#"
        request of 5 items
        request of 5 items
        request of 6 items
        request of 5 items"#]],
    );
    conversation(
        &script,
        expect![[r#"
        User: <environment> cwd: /project
        User: Do it.
        Developer: <handover> The conversation became longer than the model's window and was cut here. The user's messages above are kept as far as there was room; the steps that followed them are replaced by this note. The last steps follow it as they were, but long outputs are cut. The files are as you left them.
        Call a: read {}
        Output a: A"#]],
    );
    script.failed(FailureKind::ContextTooLong);
    asked(
        &mut script,
        expect![[
            r#"end turn 1: Failed { failure: Model(ContextTooLong), message: "It broke. Even compacted, the conversation does not fit into the window of model. Say what is needed in fewer words, or choose a model with a larger window." }"#
        ]],
    );
}

#[test]
fn a_full_window_is_compacted_before_what_the_user_says_next() {
    let mut script = script();
    let usage = Usage {
        input: 29_000,
        output: 500,
        ..Usage::default()
    };
    script.user("Do it.").say("Done.").done_with(usage).asked();
    script.user("And that.");
    asked(&mut script, expect!["request of 4 items"]);
    script.say("It was done.").done();
    asked(&mut script, expect!["request of 5 items"]);
    conversation(
        &script,
        expect![[r#"
        User: <environment> cwd: /project
        User: Do it.
        Developer: <handover> The conversation became longer than the model's window and was cut here. The user's messages above are kept as far as there was room; the steps that followed them are replaced by this note. The last steps follow it as they were, but long outputs are cut. The files are as you left them.
        Assistant: Done.
        User: And that."#]],
    );
}

#[test]
fn a_window_that_is_too_small_for_any_conversation_is_said_once_a_turn() {
    let mut settings = settings();
    settings.instructions = "Do well. ".repeat(14_000);
    let mut script = Script::new(settings);
    script.user("Do it.");
    for id in ["a", "b", "c"] {
        script.call(id, "read").done();
        script.output(id, ToolOutput::success("A"));
        script.say("So far.").done();
    }
    let asked = script.asked();
    let notices: Vec<&str> = asked
        .lines()
        .filter(|line| line.starts_with("notice"))
        .collect();
    expect!["notice: The window of model (32768 tokens) is hardly larger than what every request must hold, so the history is compacted again and again. Choose a model with a larger window; if it has one, say so with `context_window` in the settings."].assert_eq(&notices.join("\n"));
    assert_eq!(asked.matches("request of").count(), 7);
}

#[test]
fn the_service_compacts_where_it_can() {
    let mut settings = settings();
    settings.facts.remote_compaction = true;
    let mut script = Script::new(settings);
    script.user("Do it.").say("Done.").done();
    script.happen(Event::CompactionRequested).user("And that.");
    assert_eq!(
        script.requests.last().map(|request| request.purpose),
        Some(models::Purpose::Compaction)
    );
    script.item(Item::Carried(models::Carried {
        wire: models::Wire::Responses,
        value: serde_json::json!({"type": "compaction"}),
    }));
    script.done();
    conversation(
        &script,
        expect![[r#"
        User: <environment> cwd: /project
        User: Do it.
        Carried: {"type":"compaction"}
        Developer: <handover> The conversation became longer than the model's window and was cut here. The user's messages above are kept as far as there was room; the steps that followed them are replaced by this note. The last steps follow it as they were, but long outputs are cut. The files are as you left them.
        Assistant: Done.
        User: And that."#]],
    );
}

fn reasoning(carried: &str) -> Item {
    Item::Reasoning {
        summary: vec!["Hm.".into()],
        carried: Some(carried_value(carried)),
    }
}

fn carried_value(value: &str) -> models::Carried {
    models::Carried {
        wire: models::Wire::Responses,
        value: serde_json::json!(value),
    }
}

#[test]
fn another_model_does_not_get_the_reasoning_of_the_first() {
    let mut script = script();
    script.user("Do it.").item(reasoning("encrypted"));
    script.say("Done.").done();
    // The program ends in the middle of an answer.
    script.user("More.").item(reasoning("encrypted too"));
    script.call("a", "read");
    let mut other = settings();
    other.model = "other".into();
    other.tools = Vec::<ToolDeclaration>::new();
    script.happen(Event::SettingsChanged(Box::new(other)));
    let unfinished = Unfinished::GoOn;
    script.happen(Event::Resumed { unfinished });
    let request = script.requests.last().expect("the turn goes on");
    assert_eq!(request.model, "other");
    assert!(request.tools.is_empty());
    assert_eq!(format!("{:?}", request.items).matches("Hm.").count(), 2);
    assert!(!format!("{:?}", request.items).contains("encrypted"));
}

#[test]
fn another_provider_does_not_get_what_the_first_has_compacted_for_itself() {
    let mut settings = settings();
    settings.facts.remote_compaction = true;
    let mut script = Script::new(settings.clone());
    script.user("Do it.").say("Done.").done();
    script.happen(Event::CompactionRequested).user("And that.");
    script
        .item(Item::Carried(carried_value("compacted")))
        .done();
    script.call("a", "read");
    script.item(Item::Carried(carried_value("with the call")));
    script.output("a", ToolOutput::success("A")).done();
    script.say("Done.").done().asked();
    settings.model = "newer".into();
    script.happen(Event::SettingsChanged(Box::new(settings.clone())));
    assert!(script.conversation().contains("compacted"));
    settings.provider = "elsewhere".into();
    script.happen(Event::SettingsChanged(Box::new(settings)));
    asked(
        &mut script,
        expect![
            "notice: scripted had compacted the history of this thread in a form that nobody else can read. What is left are your messages, the plan, the list of changed files and the last steps."
        ],
    );
    conversation(
        &script,
        expect![[r#"
        User: <environment> cwd: /project
        User: Do it.
        Developer: <history_lost> What was said and done before this was compacted by another model service, in a form that you cannot read. Look at the files to see how far the work is.
        Developer: <handover> The conversation became longer than the model's window and was cut here. The user's messages above are kept as far as there was room; the steps that followed them are replaced by this note. The last steps follow it as they were, but long outputs are cut. The files are as you left them.
        Assistant: Done.
        User: And that.
        Call a: read {}
        Output a: A
        Assistant: Done."#]],
    );
}

#[test]
fn a_fork_knows_the_turns_before_it_and_shares_their_cache() {
    let mut script = script();
    script.user("First.").say("One.").done();
    let after_first = script.conversation();
    script.user("Second.").say("Two.").done();
    script.user("Third.");
    let point = fork_point(&script.log, 1).expect("turn 1 has ended");
    let (mut machine, _) = replay(script.log[..point].to_vec()).expect("it is a log");
    let mut entry = script.log[0].clone();
    entry.event = Event::Forked {
        thread: "fork".into(),
        parent: "thread".into(),
        turn: 1,
    };
    machine.step(entry);
    assert_eq!(super::script::shown(&machine.request()), after_first);
    assert_eq!(machine.thread(), "fork");
    assert_eq!(machine.request().cache_key, "thread");
    assert_eq!(machine.turns(), 1);
    assert_eq!(fork_point(&script.log, 0), Ok(1));
    expect!["the thread has no finished turn 3; its last finished turn is 2"]
        .assert_eq(&fork_point(&script.log, 3).expect_err("it runs").to_string());
}
