//! Shapes of answers that the recordings do not have.

use std::time::Duration;

use serde_json::{Value, json};

use super::{answer, read, read_answer_to, request};
use crate::wire::{Framing, codec};
use crate::{
    CallForm, Carried, Content, EndReason, FailureKind, Item, ModelEvent, ModelFacts, Role,
    ToolCall, Usage, Wire,
};

fn call(call_id: &str, name: &str, arguments: &str) -> Item {
    Item::ToolCall(ToolCall {
        call_id: call_id.to_owned(),
        name: name.to_owned(),
        arguments: arguments.to_owned(),
        form: CallForm::Function,
    })
}

fn said(text: &str) -> Item {
    Item::message(Role::Assistant, text)
}

/// The complete items, and the end.
fn outcome(events: Vec<ModelEvent>) -> (Vec<Item>, Result<EndReason, FailureKind>) {
    let mut items = Vec::new();
    let mut end = Err(FailureKind::Cancelled);
    for event in events {
        match event {
            ModelEvent::ItemDone(item) => items.push(item),
            ModelEvent::Done { end: reason, .. } => end = Ok(reason),
            ModelEvent::Failed(error) => end = Err(error.kind),
            _ => {}
        }
    }
    (items, end)
}

fn chat_pieces(pieces: Value, reason: &str) -> Vec<Value> {
    let mut chunks: Vec<Value> = pieces
        .as_array()
        .unwrap()
        .iter()
        .map(|delta| json!({"choices": [{"index": 0, "delta": delta}]}))
        .collect();
    chunks.push(json!({"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]}));
    chunks
}

/// The calls of a Chat Completions answer whose deltas have these `tool_calls`.
fn chat_calls(pieces: Value) -> Vec<Item> {
    let deltas: Vec<Value> = pieces
        .as_array()
        .unwrap()
        .iter()
        .map(|piece| json!({"tool_calls": [piece]}))
        .collect();
    let (items, end) = outcome(answer(
        Wire::ChatCompletions,
        &chat_pieces(json!(deltas), "tool_calls"),
    ));
    assert_eq!(end, Ok(EndReason::Complete));
    items
}

#[test]
fn chat_calls_are_told_apart_however_they_are_marked() {
    let function = |name: &str, arguments: &str| json!({"name": name, "arguments": arguments});
    let two = vec![call("a", "f", "{\"x\":1}"), call("b", "g", "{}")];
    // As OpenAI does it.
    assert_eq!(
        chat_calls(json!([
            {"index": 0, "id": "a", "function": function("f", "")},
            {"index": 0, "function": {"arguments": "{\"x\""}},
            {"index": 0, "function": {"arguments": ":1}"}},
            {"index": 1, "id": "b", "function": function("g", "{}")},
        ])),
        two
    );
    // Interleaved.
    assert_eq!(
        chat_calls(json!([
            {"index": 0, "id": "a", "function": function("f", "{\"x\"")},
            {"index": 1, "id": "b", "function": function("g", "{")},
            {"index": 0, "function": {"arguments": ":1}"}},
            {"index": 1, "function": {"arguments": "}"}},
        ])),
        two
    );
    // No index; the id in each piece.
    assert_eq!(
        chat_calls(json!([
            {"id": "a", "function": function("f", "{\"x\"")},
            {"id": "a", "function": {"arguments": ":1}"}},
            {"id": "b", "function": function("g", "{}")},
        ])),
        two
    );
    // Always index 0; whole calls with ids of their own.
    assert_eq!(
        chat_calls(json!([
            {"index": 0, "id": "a", "function": function("f", "{\"x\":1}")},
            {"index": 0, "id": "b", "function": function("g", "{}")},
        ])),
        two
    );
    // The name and the id in each piece.
    assert_eq!(
        chat_calls(json!([
            {"index": 0, "id": "a", "function": function("f", "{\"x\"")},
            {"index": 0, "id": "a", "function": function("f", ":1}")},
            {"index": 1, "id": "b", "function": function("g", "{}")},
        ])),
        two
    );
    // No ids at all, arguments as an object.
    assert_eq!(
        chat_calls(json!([
            {"function": {"name": "f", "arguments": {"x": 1}}},
            {"function": {"name": "g", "arguments": null}},
        ])),
        vec![
            call("call00001", "f", "{\"x\":1}"),
            call("call00002", "g", "{}")
        ]
    );
    // The same id twice.
    assert_eq!(
        chat_calls(json!([
            {"index": 0, "id": "a", "function": function("f", "{\"x\":1}")},
            {"index": 1, "id": "a", "function": function("g", "{}")},
        ])),
        vec![call("a", "f", "{\"x\":1}"), call("call00002", "g", "{}")]
    );
}

#[test]
fn a_call_id_of_the_history_is_not_given_again() {
    let request = request([call("call_0", "f", "{}"), call("call00002", "f", "{}")]);
    let chunk = json!({"message": {"tool_calls": [
        {"id": "call_0", "function": {"name": "f", "arguments": {}}},
        {"function": {"name": "g", "arguments": {}}},
    ]}, "done": true});
    let body = format!("{chunk}\n");
    let events = read_answer_to(&request, Wire::Ollama, Framing::Lines, &[body.as_bytes()]);
    let (items, end) = outcome(events);
    assert_eq!(
        items,
        vec![call("call00003", "f", "{}"), call("call00004", "g", "{}")]
    );
    assert_eq!(end, Ok(EndReason::Complete));
}

#[test]
fn a_whole_call_is_delivered_while_the_next_one_streams() {
    let chunks = [
        json!({"choices": [{"delta": {"reasoning": "Hm.", "content": "I look."}}]}),
        json!({"choices": [{"delta": {"tool_calls": [{"index": 0, "id": "a", "function": {"name": "f", "arguments": "{}"}}]}}]}),
        json!({"choices": [{"delta": {"tool_calls": [{"index": 1, "id": "b", "function": {"name": "g", "arguments": "{\"cut"}}]}}]}),
    ];
    // The stream is cut here, and yet what was whole before has arrived.
    let (items, end) = outcome(answer(Wire::ChatCompletions, &chunks));
    let reasoning = Item::Reasoning {
        summary: vec!["Hm.".to_owned()],
        carried: Some(Carried {
            wire: Wire::ChatCompletions,
            value: json!({"reasoning": "Hm."}),
        }),
    };
    assert_eq!(
        items,
        vec![reasoning, said("I look."), call("a", "f", "{}")]
    );
    assert_eq!(end, Err(FailureKind::Interrupted));
}

#[test]
fn a_cut_off_call_keeps_its_raw_arguments() {
    let deltas = json!([{"tool_calls": [{"index": 0, "id": "a", "function": {"name": "f", "arguments": "{\"x\": \"cut"}}]}]);
    assert_eq!(
        outcome(answer(
            Wire::ChatCompletions,
            &chat_pieces(deltas, "length")
        )),
        (
            vec![call("a", "f", "{\"x\": \"cut")],
            Ok(EndReason::MaxOutputTokens)
        )
    );
    let messages = [
        json!({"type": "content_block_start", "index": 0, "content_block": {"type": "tool_use", "id": "a", "name": "f", "input": {}}}),
        json!({"type": "content_block_delta", "index": 0, "delta": {"type": "input_json_delta", "partial_json": "{\"x\": \"cut"}}),
        json!({"type": "message_delta", "delta": {"stop_reason": "max_tokens"}, "usage": {}}),
        json!({"type": "message_stop"}),
    ];
    assert_eq!(
        outcome(answer(Wire::Messages, &messages)),
        (
            vec![call("a", "f", "{\"x\": \"cut")],
            Ok(EndReason::MaxOutputTokens)
        )
    );
    let responses = [
        json!({"type": "response.output_item.added", "output_index": 0, "item": {"type": "function_call", "id": "fc", "call_id": "a", "name": "f", "arguments": ""}}),
        json!({"type": "response.function_call_arguments.delta", "output_index": 0, "delta": "{\"x\": \"cut"}),
        json!({"type": "response.incomplete", "response": {"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}, "output": []}}),
    ];
    assert_eq!(
        outcome(answer(Wire::Responses, &responses)),
        (
            vec![call("a", "f", "{\"x\": \"cut")],
            Ok(EndReason::MaxOutputTokens)
        )
    );
}

#[test]
fn how_chat_answers_end() {
    for (reason, end) in [
        ("stop", Ok(EndReason::Complete)),
        ("STOP", Ok(EndReason::Complete)),
        ("length", Ok(EndReason::MaxOutputTokens)),
        ("content_filter", Ok(EndReason::ContentFilter)),
        ("weird", Ok(EndReason::Other("weird".to_owned()))),
        ("error", Err(FailureKind::Service)),
        ("insufficient_system_resource", Err(FailureKind::Overloaded)),
    ] {
        let chunks = chat_pieces(json!([{"content": "x"}]), reason);
        assert_eq!(
            outcome(answer(Wire::ChatCompletions, &chunks)),
            (vec![said("x")], end),
            "{reason}"
        );
    }
    let refusal = chat_pieces(json!([{"refusal": "I cannot."}]), "stop");
    assert_eq!(
        outcome(answer(Wire::ChatCompletions, &refusal)),
        (vec![said("I cannot.")], Ok(EndReason::Refusal))
    );
    // `[DONE]` alone says that the answer is complete; the mere end of the stream does not.
    let body = "data: {\"choices\":[{\"delta\":{\"content\":\"x\"}}]}\n\ndata: [DONE]\n\n";
    let done = read(Wire::ChatCompletions, Framing::Sse, &[body.as_bytes()]);
    assert_eq!(outcome(done), (vec![said("x")], Ok(EndReason::Complete)));
    let cut = read(
        Wire::ChatCompletions,
        Framing::Sse,
        &[&body.as_bytes()[..48]],
    );
    assert_eq!(outcome(cut), (vec![], Err(FailureKind::Interrupted)));
}

#[test]
fn how_messages_end() {
    for (reason, end) in [
        ("stop_sequence", Ok(EndReason::Complete)),
        ("pause_turn", Ok(EndReason::Paused)),
        ("refusal", Ok(EndReason::Refusal)),
        (
            "model_context_window_exceeded",
            Err(FailureKind::ContextTooLong),
        ),
        ("new_reason", Ok(EndReason::Other("new_reason".to_owned()))),
    ] {
        let events = [
            json!({"type": "message_delta", "delta": {"stop_reason": reason}, "usage": {"output_tokens": 3}}),
            json!({"type": "message_stop"}),
        ];
        assert_eq!(
            outcome(answer(Wire::Messages, &events)),
            (vec![], end),
            "{reason}"
        );
    }
}

#[test]
fn thinking_is_carried_verbatim() {
    let thinking = json!({"type": "thinking", "thinking": "Hm. So.", "signature": "c2ln"});
    let redacted = json!({"type": "redacted_thinking", "data": "b3BhcXVl"});
    let events = [
        json!({"type": "content_block_start", "index": 0, "content_block": {"type": "thinking", "thinking": "", "signature": ""}}),
        json!({"type": "content_block_delta", "index": 0, "delta": {"type": "thinking_delta", "thinking": "Hm."}}),
        json!({"type": "content_block_delta", "index": 0, "delta": {"type": "thinking_delta", "thinking": " So."}}),
        json!({"type": "content_block_delta", "index": 0, "delta": {"type": "signature_delta", "signature": "c2ln"}}),
        json!({"type": "content_block_stop", "index": 0}),
        json!({"type": "content_block_start", "index": 1, "content_block": redacted}),
        json!({"type": "content_block_stop", "index": 1}),
        json!({"type": "message_stop"}),
    ];
    let carried = |value: Value| {
        Some(Carried {
            wire: Wire::Messages,
            value,
        })
    };
    let expected = vec![
        Item::Reasoning {
            summary: vec!["Hm. So.".to_owned()],
            carried: carried(thinking),
        },
        Item::Reasoning {
            summary: vec![],
            carried: carried(redacted),
        },
    ];
    assert_eq!(
        outcome(answer(Wire::Messages, &events)),
        (expected, Ok(EndReason::Complete))
    );
}

#[test]
fn the_blocks_of_a_server_tool_are_carried_whole() {
    let events = [
        json!({"type": "content_block_start", "index": 0, "content_block": {"type": "server_tool_use", "id": "s", "name": "web_search", "input": {}}}),
        json!({"type": "content_block_delta", "index": 0, "delta": {"type": "input_json_delta", "partial_json": "{\"query\":"}}),
        json!({"type": "content_block_delta", "index": 0, "delta": {"type": "input_json_delta", "partial_json": "\"x\"}"}}),
        json!({"type": "content_block_stop", "index": 0}),
        json!({"type": "message_stop"}),
    ];
    let value = json!({"type": "server_tool_use", "id": "s", "name": "web_search", "input": {"query": "x"}});
    let expected = vec![Item::Carried(Carried {
        wire: Wire::Messages,
        value,
    })];
    assert_eq!(
        outcome(answer(Wire::Messages, &events)),
        (expected, Ok(EndReason::Complete))
    );
}

#[test]
fn reasoning_of_a_router_is_put_together() {
    let detail = |fields: Value| json!({"reasoning": null, "reasoning_details": [fields]});
    let chunks = chat_pieces(
        json!([
            detail(json!({"type": "reasoning.text", "index": 0, "text": "Hm."})),
            detail(
                json!({"type": "reasoning.text", "index": 0, "text": " So.", "signature": "c2ln"})
            ),
            detail(json!({"type": "reasoning.encrypted", "index": 1, "data": "eA=="})),
        ]),
        "stop",
    );
    let (items, _) = outcome(answer(Wire::ChatCompletions, &chunks));
    let expected = Item::Reasoning {
        summary: vec!["Hm. So.".to_owned()],
        carried: Some(Carried {
            wire: Wire::ChatCompletions,
            value: json!({"reasoning_details": [
                {"type": "reasoning.text", "index": 0, "text": "Hm. So.", "signature": "c2ln"},
                {"type": "reasoning.encrypted", "index": 1, "data": "eA=="},
            ]}),
        }),
    };
    assert_eq!(items, vec![expected]);
}

#[test]
fn freeform_calls_and_reasoning_of_responses() {
    let events = [
        json!({"type": "response.output_item.done", "output_index": 0, "item": {"type": "reasoning", "id": "rs", "status": null, "summary": [{"type": "summary_text", "text": "A"}, {"type": "summary_text", "text": "B"}], "encrypted_content": "ZW5j"}}),
        json!({"type": "response.output_item.added", "output_index": 1, "item": {"type": "custom_tool_call", "id": "ctc", "call_id": "c", "name": "apply_patch", "input": ""}}),
        json!({"type": "response.custom_tool_call_input.delta", "item_id": "ctc", "output_index": 1, "delta": "*** Begin"}),
        json!({"type": "response.output_item.done", "output_index": 1, "item": {"type": "custom_tool_call", "id": "ctc", "call_id": "c", "name": "apply_patch", "input": "*** Begin"}}),
        json!({"type": "response.completed", "response": {"status": "completed", "output": []}}),
    ];
    let carried = json!({"type": "reasoning", "id": "rs", "summary": [{"type": "summary_text", "text": "A"}, {"type": "summary_text", "text": "B"}], "encrypted_content": "ZW5j"});
    assert_eq!(
        answer(Wire::Responses, &events),
        vec![
            ModelEvent::ItemDone(Item::Reasoning {
                summary: vec!["A".to_owned(), "B".to_owned()],
                carried: Some(Carried {
                    wire: Wire::Responses,
                    value: carried
                }),
            }),
            ModelEvent::ToolCallStarted {
                call_id: "c".to_owned(),
                name: "apply_patch".to_owned()
            },
            ModelEvent::ToolCallDelta {
                call_id: "c".to_owned(),
                delta: "*** Begin".to_owned()
            },
            ModelEvent::ItemDone(Item::ToolCall(ToolCall {
                call_id: "c".to_owned(),
                name: "apply_patch".to_owned(),
                arguments: "*** Begin".to_owned(),
                form: CallForm::Freeform,
            })),
            ModelEvent::Done {
                end: EndReason::Complete,
                usage: None
            },
        ]
    );
}

#[test]
fn a_compacted_history() {
    let document = json!({
        "id": "resp_1", "object": "response.compaction", "created_at": 1,
        "output": [
            {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Fix it."}, {"type": "input_image", "image_url": "data:image/png;base64,eA=="}]},
            {"type": "compaction", "id": "cmp", "encrypted_content": "ZW5j"},
        ],
        "usage": {"input_tokens": 10, "output_tokens": 2, "total_tokens": 12},
    });
    let events = read(
        Wire::Responses,
        Framing::Whole,
        &[document.to_string().as_bytes()],
    );
    assert_eq!(
        events,
        vec![
            ModelEvent::ItemDone(Item::Message {
                role: Role::User,
                content: vec![
                    Content::text("Fix it."),
                    Content::Image {
                        media_type: "image/png".to_owned(),
                        data: "eA==".to_owned()
                    },
                ],
                phase: None,
            }),
            ModelEvent::ItemDone(Item::Carried(Carried {
                wire: Wire::Responses,
                value: document["output"][1].clone(),
            })),
            ModelEvent::Done {
                end: EndReason::Complete,
                usage: Some(Usage {
                    input: 10,
                    output: 2,
                    ..Usage::default()
                }),
            },
        ]
    );
}

#[test]
fn failures_of_responses() {
    let failed = |event: Value| match answer(Wire::Responses, &[event]).pop() {
        Some(ModelEvent::Failed(error)) => (error.kind, error.retry_after),
        other => panic!("{other:?}"),
    };
    let response = |error: Value| json!({"type": "response.failed", "response": {"status": "failed", "error": error}});
    assert_eq!(
        failed(response(
            json!({"code": "rate_limit_exceeded", "message": "Please try again in 500ms."})
        )),
        (FailureKind::RateLimited, Some(Duration::from_millis(500)))
    );
    for (code, kind) in [
        ("context_length_exceeded", FailureKind::ContextTooLong),
        ("insufficient_quota", FailureKind::QuotaExceeded),
        ("server_is_overloaded", FailureKind::Overloaded),
        ("server_error", FailureKind::Service),
        ("invalid_prompt", FailureKind::InvalidRequest),
        ("never_seen", FailureKind::Service),
    ] {
        assert_eq!(
            failed(response(json!({"code": code, "message": ""}))),
            (kind, None),
            "{code}"
        );
        let plain = json!({"type": "error", "code": code, "message": "", "param": null});
        assert_eq!(failed(plain), (kind, None), "{code}");
    }
    assert_eq!(
        failed(json!({"type": "response.failed"})),
        (FailureKind::Service, None)
    );
}

#[test]
fn an_answer_of_ollama() {
    let lines = [
        json!({"message": {"role": "assistant", "content": "", "thinking": "Hm"}, "done": false}),
        json!({"message": {"role": "assistant", "content": "", "thinking": "."}, "done": false}),
        json!({"message": {"role": "assistant", "content": "Hi"}, "done": false}),
        json!({"message": {"role": "assistant", "content": "", "tool_calls": [{"function": {"name": "f", "arguments": {"x": 1}}}]}, "done": false}),
        json!({"message": {"role": "assistant", "content": ""}, "done": true, "done_reason": "length", "prompt_eval_count": 7, "eval_count": 3}),
    ];
    let events = answer(Wire::Ollama, &lines);
    assert_eq!(
        events.last(),
        Some(&ModelEvent::Done {
            end: EndReason::MaxOutputTokens,
            usage: Some(Usage {
                input: 7,
                output: 3,
                ..Usage::default()
            }),
        })
    );
    let reasoning = Item::Reasoning {
        summary: vec!["Hm.".to_owned()],
        carried: Some(Carried {
            wire: Wire::Ollama,
            value: json!({"thinking": "Hm."}),
        }),
    };
    assert_eq!(
        outcome(events).0,
        vec![reasoning, said("Hi"), call("call00001", "f", "{\"x\":1}")]
    );
    let error = answer(
        Wire::Ollama,
        &[json!({"error": "model \"x\" not found, try pulling it first"})],
    );
    assert_eq!(outcome(error), (vec![], Err(FailureKind::UnknownModel)));
}

#[test]
fn an_error_inside_a_stream_ends_it() {
    let error = json!({"error": {"message": "Rate limit reached", "code": "rate_limit_exceeded"}});
    let after =
        json!({"choices": [{"index": 0, "delta": {"content": "more"}, "finish_reason": "stop"}]});
    assert_eq!(
        outcome(answer(Wire::ChatCompletions, &[error, after])),
        (vec![], Err(FailureKind::RateLimited))
    );
    let overloaded =
        json!({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}});
    assert_eq!(
        outcome(answer(Wire::Messages, &[overloaded])),
        (vec![], Err(FailureKind::Overloaded))
    );
    let body = b"event: error\ndata: upstream is overloaded\n\n";
    assert_eq!(
        outcome(read(Wire::ChatCompletions, Framing::Sse, &[body])),
        (vec![], Err(FailureKind::Overloaded))
    );
}

#[test]
fn what_came_with_a_call_goes_back_with_it() {
    let extra = json!({"google": {"thought_signature": "c2ln"}});
    let piece = json!({"index": 0, "id": "a", "extra_content": extra, "function": {"name": "f", "arguments": "{}"}});
    let items = chat_calls(json!([piece]));
    let carried = Item::Carried(Carried {
        wire: Wire::ChatCompletions,
        value: json!({"call_id": "a", "extra_content": extra}),
    });
    assert_eq!(items, vec![call("a", "f", "{}"), carried]);
    let facts = ModelFacts::unknown(Wire::ChatCompletions);
    let body = codec(Wire::ChatCompletions)
        .unwrap()
        .encode(&request(items), &facts);
    assert_eq!(body["messages"][1]["tool_calls"][0]["extra_content"], extra);
}

#[test]
fn a_body_that_is_framed_otherwise_than_was_said_is_read() {
    let document = json!({"choices": [{"message": {"content": "Hi"}, "finish_reason": "stop"}]});
    let expected = (vec![said("Hi")], Ok(EndReason::Complete));
    for (framing, body) in [
        (Framing::Sse, format!("\n {document}")),
        (Framing::Whole, format!("data: {document}\n\n")),
        (Framing::Lines, format!(": comment\n\ndata: {document}\n\n")),
    ] {
        let whole = read(Wire::ChatCompletions, framing, &[body.as_bytes()]);
        assert_eq!(outcome(whole), expected, "{body}");
        let bytes: Vec<&[u8]> = body.as_bytes().chunks(1).collect();
        let cut = read(Wire::ChatCompletions, framing, &bytes);
        assert_eq!(outcome(cut), expected, "{body}");
    }
}

#[test]
fn answers_behind_one_another_are_read_as_one() {
    let chunk = |id: &str, text: &str| json!({"id": id, "choices": [{"index": 0, "delta": {"content": text}, "finish_reason": "stop"}]});
    let usage = |id: &str| json!({"id": id, "choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 2}});
    let chat = [chunk("a", "one"), usage("a"), chunk("b", "two"), usage("b")];
    let expected = (vec![said("one"), said("two")], Ok(EndReason::Complete));
    assert_eq!(outcome(answer(Wire::ChatCompletions, &chat)), expected);
    let message = |text: &str| json!({"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": text}]});
    let responses = ["one", "two"].map(|text| {
        [
            json!({"type": "response.created", "response": {}}),
            json!({"type": "response.output_item.done", "output_index": 0, "item": message(text)}),
            json!({"type": "response.completed", "response": {"output": []}}),
        ]
    });
    let events = answer(Wire::Responses, &responses.concat());
    assert_eq!(outcome(events), expected);
    // One that is cut is no end, whatever was complete before.
    let cut = answer(Wire::Responses, &responses.concat()[..5]);
    assert_eq!(outcome(cut), (expected.0, Err(FailureKind::Interrupted)));
    // What is no answer is no matter.
    let late = [chunk("a", "one"), usage("a"), json!({"error": "late"})];
    assert_eq!(outcome(answer(Wire::ChatCompletions, &late)).1, expected.1);
}
