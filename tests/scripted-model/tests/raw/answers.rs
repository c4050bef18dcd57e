//! What an answer looks like on each wire, byte for byte, and how the conversation is understood.

use std::collections::BTreeMap;
use std::time::Duration;

use expect_test::{Expect, expect};
use scripted_model::{
    Arguments, Conversation, End, Outcome, Part, Script, SeenItem, SeenRequest, SeenRole, Server,
    Step, Usage, Wire,
};
use serde_json::{Value, json};

use crate::client::{Client, conversation_field, hello};

fn check(wire: Wire, step: Step, expected: &Expect) {
    let usage = Usage {
        input: 12,
        cached_input: 4,
        output: 3,
        reasoning: 1,
    };
    let server = Server::start(Script::new([step.costing(usage)])).unwrap();
    let mut client = Client::connect(&server);
    client.send(wire, &hello(wire));
    let reply = client.reply();
    assert_eq!(reply.status, 200, "{reply:?}");
    assert_eq!(server.violations(), Vec::<String>::new());
    expected.assert_eq(&canonical(&reply.body));
}

/// The body with the keys of all its JSON in order, which a build of other crates may leave to insertion.
fn canonical(body: &str) -> String {
    let line = |line: &str| {
        let (mark, data) = line.split_at(if line.starts_with("data: ") { 6 } else { 0 });
        let value: Result<Value, _> = serde_json::from_str(data);
        format!(
            "{mark}{}\n",
            value.map_or(data.into(), |value| sorted(&value))
        )
    };
    body.lines().map(line).collect()
}

fn sorted(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let fields: BTreeMap<&String, &Value> = fields.iter().collect();
            let fields = fields
                .iter()
                .map(|(key, value)| format!("\"{key}\":{}", sorted(value)));
            format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
        }
        Value::Array(values) => {
            let values: Vec<String> = values.iter().map(sorted).collect();
            format!("[{}]", values.join(","))
        }
        plain => plain.to_string(),
    }
}

/// Reasoning, text, a call.
fn everything() -> Step {
    Step::reason("Hm.")
        .and_say("Hello, you there 漢字.")
        .and_call("read_file", json!({"path": "a"}))
}

#[test]
fn responses_answers() {
    check(
        Wire::Responses,
        everything(),
        &expect![[r#"
        event: response.created
        data: {"response":{"background":false,"created_at":1700000000,"error":null,"id":"resp_00000000","incomplete_details":null,"metadata":{},"model":"m","object":"response","output":[],"parallel_tool_calls":true,"status":"in_progress","store":false,"usage":null},"sequence_number":0,"type":"response.created"}

        event: response.in_progress
        data: {"response":{"background":false,"created_at":1700000000,"error":null,"id":"resp_00000000","incomplete_details":null,"metadata":{},"model":"m","object":"response","output":[],"parallel_tool_calls":true,"status":"in_progress","store":false,"usage":null},"sequence_number":1,"type":"response.in_progress"}

        event: response.output_item.added
        data: {"item":{"id":"rs_000000000000","summary":[],"type":"reasoning"},"output_index":0,"sequence_number":2,"type":"response.output_item.added"}

        event: response.reasoning_summary_part.added
        data: {"item_id":"rs_000000000000","output_index":0,"part":{"text":"","type":"summary_text"},"sequence_number":3,"summary_index":0,"type":"response.reasoning_summary_part.added"}

        event: response.reasoning_summary_text.delta
        data: {"delta":"Hm.","item_id":"rs_000000000000","output_index":0,"sequence_number":4,"summary_index":0,"type":"response.reasoning_summary_text.delta"}

        event: response.reasoning_summary_text.done
        data: {"item_id":"rs_000000000000","output_index":0,"sequence_number":5,"summary_index":0,"text":"Hm.","type":"response.reasoning_summary_text.done"}

        event: response.reasoning_summary_part.done
        data: {"item_id":"rs_000000000000","output_index":0,"part":{"text":"Hm.","type":"summary_text"},"sequence_number":6,"summary_index":0,"type":"response.reasoning_summary_part.done"}

        event: response.output_item.done
        data: {"item":{"encrypted_content":"gAAAA496e6e19cdb39040486d2e","id":"rs_000000000000","summary":[{"text":"Hm.","type":"summary_text"}],"type":"reasoning"},"output_index":0,"sequence_number":7,"type":"response.output_item.done"}

        event: response.output_item.added
        data: {"item":{"content":[],"id":"msg_000000000001","role":"assistant","status":"in_progress","type":"message"},"output_index":1,"sequence_number":8,"type":"response.output_item.added"}

        event: response.content_part.added
        data: {"content_index":0,"item_id":"msg_000000000001","output_index":1,"part":{"annotations":[],"logprobs":[],"text":"","type":"output_text"},"sequence_number":9,"type":"response.content_part.added"}

        event: response.output_text.delta
        data: {"content_index":0,"delta":"Hello, you there","item_id":"msg_000000000001","output_index":1,"sequence_number":10,"type":"response.output_text.delta"}

        event: response.output_text.delta
        data: {"content_index":0,"delta":" 漢字.","item_id":"msg_000000000001","output_index":1,"sequence_number":11,"type":"response.output_text.delta"}

        event: response.output_text.done
        data: {"content_index":0,"item_id":"msg_000000000001","output_index":1,"sequence_number":12,"text":"Hello, you there 漢字.","type":"response.output_text.done"}

        event: response.content_part.done
        data: {"content_index":0,"item_id":"msg_000000000001","output_index":1,"part":{"annotations":[],"logprobs":[],"text":"Hello, you there 漢字.","type":"output_text"},"sequence_number":13,"type":"response.content_part.done"}

        event: response.output_item.done
        data: {"item":{"content":[{"annotations":[],"logprobs":[],"text":"Hello, you there 漢字.","type":"output_text"}],"id":"msg_000000000001","role":"assistant","status":"completed","type":"message"},"output_index":1,"sequence_number":14,"type":"response.output_item.done"}

        event: response.output_item.added
        data: {"item":{"arguments":"","call_id":"call_000000000002","id":"fc_000000000002","name":"read_file","status":"in_progress","type":"function_call"},"output_index":2,"sequence_number":15,"type":"response.output_item.added"}

        event: response.function_call_arguments.delta
        data: {"delta":"{\"path\":\"a\"}","item_id":"fc_000000000002","output_index":2,"sequence_number":16,"type":"response.function_call_arguments.delta"}

        event: response.function_call_arguments.done
        data: {"arguments":"{\"path\":\"a\"}","item_id":"fc_000000000002","output_index":2,"sequence_number":17,"type":"response.function_call_arguments.done"}

        event: response.output_item.done
        data: {"item":{"arguments":"{\"path\":\"a\"}","call_id":"call_000000000002","id":"fc_000000000002","name":"read_file","status":"completed","type":"function_call"},"output_index":2,"sequence_number":18,"type":"response.output_item.done"}

        event: response.completed
        data: {"response":{"background":false,"created_at":1700000000,"error":null,"id":"resp_00000000","incomplete_details":null,"metadata":{},"model":"m","object":"response","output":[{"encrypted_content":"gAAAA496e6e19cdb39040486d2e","id":"rs_000000000000","summary":[{"text":"Hm.","type":"summary_text"}],"type":"reasoning"},{"content":[{"annotations":[],"logprobs":[],"text":"Hello, you there 漢字.","type":"output_text"}],"id":"msg_000000000001","role":"assistant","status":"completed","type":"message"},{"arguments":"{\"path\":\"a\"}","call_id":"call_000000000002","id":"fc_000000000002","name":"read_file","status":"completed","type":"function_call"}],"parallel_tool_calls":true,"status":"completed","store":false,"usage":{"input_tokens":12,"input_tokens_details":{"cached_tokens":4},"output_tokens":3,"output_tokens_details":{"reasoning_tokens":1},"total_tokens":15}},"sequence_number":19,"type":"response.completed"}

    "#]],
    );
}

#[test]
fn responses_answers_with_free_text() {
    check(
        Wire::Responses,
        Step::call_text("apply_patch", "*** Begin Patch\n"),
        &expect![[r#"
            event: response.created
            data: {"response":{"background":false,"created_at":1700000000,"error":null,"id":"resp_00000000","incomplete_details":null,"metadata":{},"model":"m","object":"response","output":[],"parallel_tool_calls":true,"status":"in_progress","store":false,"usage":null},"sequence_number":0,"type":"response.created"}

            event: response.in_progress
            data: {"response":{"background":false,"created_at":1700000000,"error":null,"id":"resp_00000000","incomplete_details":null,"metadata":{},"model":"m","object":"response","output":[],"parallel_tool_calls":true,"status":"in_progress","store":false,"usage":null},"sequence_number":1,"type":"response.in_progress"}

            event: response.output_item.added
            data: {"item":{"call_id":"call_000000000000","id":"ctc_000000000000","input":"","name":"apply_patch","status":"in_progress","type":"custom_tool_call"},"output_index":0,"sequence_number":2,"type":"response.output_item.added"}

            event: response.custom_tool_call_input.delta
            data: {"delta":"*** Begin Patch\n","item_id":"ctc_000000000000","output_index":0,"sequence_number":3,"type":"response.custom_tool_call_input.delta"}

            event: response.custom_tool_call_input.done
            data: {"input":"*** Begin Patch\n","item_id":"ctc_000000000000","output_index":0,"sequence_number":4,"type":"response.custom_tool_call_input.done"}

            event: response.output_item.done
            data: {"item":{"call_id":"call_000000000000","id":"ctc_000000000000","input":"*** Begin Patch\n","name":"apply_patch","status":"completed","type":"custom_tool_call"},"output_index":0,"sequence_number":5,"type":"response.output_item.done"}

            event: response.completed
            data: {"response":{"background":false,"created_at":1700000000,"error":null,"id":"resp_00000000","incomplete_details":null,"metadata":{},"model":"m","object":"response","output":[{"call_id":"call_000000000000","id":"ctc_000000000000","input":"*** Begin Patch\n","name":"apply_patch","status":"completed","type":"custom_tool_call"}],"parallel_tool_calls":true,"status":"completed","store":false,"usage":{"input_tokens":12,"input_tokens_details":{"cached_tokens":4},"output_tokens":3,"output_tokens_details":{"reasoning_tokens":1},"total_tokens":15}},"sequence_number":6,"type":"response.completed"}

        "#]],
    );
}

#[test]
fn chat_completions_answers() {
    check(
        Wire::ChatCompletions,
        everything(),
        &expect![[r#"
        data: {"choices":[{"delta":{"content":"","role":"assistant"},"finish_reason":null,"index":0,"logprobs":null}],"created":1700000000,"id":"chatcmpl-00000000","model":"m","object":"chat.completion.chunk","system_fingerprint":null,"usage":null}

        data: {"choices":[{"delta":{"reasoning_content":"Hm."},"finish_reason":null,"index":0,"logprobs":null}],"created":1700000000,"id":"chatcmpl-00000000","model":"m","object":"chat.completion.chunk","system_fingerprint":null,"usage":null}

        data: {"choices":[{"delta":{"content":"Hello, you there"},"finish_reason":null,"index":0,"logprobs":null}],"created":1700000000,"id":"chatcmpl-00000000","model":"m","object":"chat.completion.chunk","system_fingerprint":null,"usage":null}

        data: {"choices":[{"delta":{"content":" 漢字."},"finish_reason":null,"index":0,"logprobs":null}],"created":1700000000,"id":"chatcmpl-00000000","model":"m","object":"chat.completion.chunk","system_fingerprint":null,"usage":null}

        data: {"choices":[{"delta":{"tool_calls":[{"function":{"arguments":"","name":"read_file"},"id":"call_000000000000","index":0,"type":"function"}]},"finish_reason":null,"index":0,"logprobs":null}],"created":1700000000,"id":"chatcmpl-00000000","model":"m","object":"chat.completion.chunk","system_fingerprint":null,"usage":null}

        data: {"choices":[{"delta":{"tool_calls":[{"function":{"arguments":"{\"path\":\"a\"}"},"index":0}]},"finish_reason":null,"index":0,"logprobs":null}],"created":1700000000,"id":"chatcmpl-00000000","model":"m","object":"chat.completion.chunk","system_fingerprint":null,"usage":null}

        data: {"choices":[{"delta":{},"finish_reason":"tool_calls","index":0,"logprobs":null}],"created":1700000000,"id":"chatcmpl-00000000","model":"m","object":"chat.completion.chunk","system_fingerprint":null,"usage":null}

        data: {"choices":[],"created":1700000000,"id":"chatcmpl-00000000","model":"m","object":"chat.completion.chunk","system_fingerprint":null,"usage":{"completion_tokens":3,"completion_tokens_details":{"reasoning_tokens":1},"prompt_tokens":12,"prompt_tokens_details":{"cached_tokens":4},"total_tokens":15}}

        data: [DONE]

    "#]],
    );
}

#[test]
fn messages_answers() {
    check(
        Wire::Messages,
        everything(),
        &expect![[r#"
        event: message_start
        data: {"message":{"content":[],"id":"msg_00000000","model":"m","role":"assistant","stop_reason":null,"stop_sequence":null,"type":"message","usage":{"cache_creation_input_tokens":0,"cache_read_input_tokens":4,"input_tokens":8,"output_tokens":1}},"type":"message_start"}

        event: content_block_start
        data: {"content_block":{"signature":"","thinking":"","type":"thinking"},"index":0,"type":"content_block_start"}

        event: ping
        data: {"type":"ping"}

        event: content_block_delta
        data: {"delta":{"thinking":"Hm.","type":"thinking_delta"},"index":0,"type":"content_block_delta"}

        event: content_block_delta
        data: {"delta":{"signature":"gAAAA496e6e19cdb39040486d2e","type":"signature_delta"},"index":0,"type":"content_block_delta"}

        event: content_block_stop
        data: {"index":0,"type":"content_block_stop"}

        event: content_block_start
        data: {"content_block":{"text":"","type":"text"},"index":1,"type":"content_block_start"}

        event: content_block_delta
        data: {"delta":{"text":"Hello, you there","type":"text_delta"},"index":1,"type":"content_block_delta"}

        event: content_block_delta
        data: {"delta":{"text":" 漢字.","type":"text_delta"},"index":1,"type":"content_block_delta"}

        event: content_block_stop
        data: {"index":1,"type":"content_block_stop"}

        event: content_block_start
        data: {"content_block":{"id":"toolu_000000000002","input":{},"name":"read_file","type":"tool_use"},"index":2,"type":"content_block_start"}

        event: content_block_delta
        data: {"delta":{"partial_json":"","type":"input_json_delta"},"index":2,"type":"content_block_delta"}

        event: content_block_delta
        data: {"delta":{"partial_json":"{\"path\":\"a\"}","type":"input_json_delta"},"index":2,"type":"content_block_delta"}

        event: content_block_stop
        data: {"index":2,"type":"content_block_stop"}

        event: message_delta
        data: {"delta":{"stop_reason":"tool_use","stop_sequence":null},"type":"message_delta","usage":{"cache_creation_input_tokens":0,"cache_read_input_tokens":4,"input_tokens":8,"output_tokens":3}}

        event: message_stop
        data: {"type":"message_stop"}

    "#]],
    );
}

#[test]
fn ollama_answers() {
    check(
        Wire::Ollama,
        everything(),
        &expect![[r#"
        {"created_at":"2026-01-02T03:04:05.678901234Z","done":false,"message":{"content":"","role":"assistant","thinking":"Hm."},"model":"m"}
        {"created_at":"2026-01-02T03:04:05.678901234Z","done":false,"message":{"content":"Hello, you there","role":"assistant"},"model":"m"}
        {"created_at":"2026-01-02T03:04:05.678901234Z","done":false,"message":{"content":" 漢字.","role":"assistant"},"model":"m"}
        {"created_at":"2026-01-02T03:04:05.678901234Z","done":false,"message":{"content":"","role":"assistant","tool_calls":[{"function":{"arguments":{"path":"a"},"index":0,"name":"read_file"}}]},"model":"m"}
        {"created_at":"2026-01-02T03:04:05.678901234Z","done":true,"done_reason":"stop","eval_count":3,"eval_duration":1000000,"load_duration":1000000,"message":{"content":"","role":"assistant"},"model":"m","prompt_eval_count":12,"prompt_eval_duration":1000000,"total_duration":1000000}
    "#]],
    );
}

/// The end of an answer, which says why it ended.
fn ends(wire: Wire) -> Vec<String> {
    let all = [
        End::Complete,
        End::MaxOutputTokens,
        End::ContentFilter,
        End::Refusal,
        End::Paused,
    ];
    all.into_iter()
        .map(|end| {
            let server = Server::start(Script::new([Step::say("No.").ending(end)])).unwrap();
            let mut client = Client::connect(&server);
            client.send(wire, &hello(wire));
            let body = client.reply().body;
            let (mark, stop) = match wire {
                Wire::Responses => (r#""incomplete_details":"#, ','),
                Wire::ChatCompletions => (r#""finish_reason":""#, '"'),
                Wire::Messages => (r#""stop_reason":""#, '"'),
                Wire::Ollama => (r#""done_reason":""#, '"'),
            };
            let last = body.rfind(mark).unwrap();
            body[last..]
                .chars()
                .skip(mark.len())
                .take_while(|character| *character != stop)
                .collect()
        })
        .collect()
}

#[test]
fn every_end_is_told_as_the_wire_can() {
    let told: Vec<String> = Wire::ALL
        .iter()
        .map(|wire| format!("{wire:?}: {:?}\n", ends(*wire)))
        .collect();
    expect![[r#"
        Responses: ["null", "{\"reason\":\"max_output_tokens\"}", "{\"reason\":\"content_filter\"}", "null", "null"]
        ChatCompletions: ["stop", "length", "content_filter", "stop", "stop"]
        Messages: ["end_turn", "max_tokens", "refusal", "refusal", "pause_turn"]
        Ollama: ["stop", "length", "stop", "stop", "stop"]
    "#]]
    .assert_eq(&told.concat());
}

/// What a client would send next: the answer's items and the outputs of its calls.
fn continued(wire: Wire, body: &str) -> Value {
    let events: Vec<Value> = body
        .lines()
        .filter_map(|line| serde_json::from_str(line.strip_prefix("data: ").unwrap_or(line)).ok())
        .collect();
    let mut request = hello(wire);
    let items: Vec<Value> = match wire {
        Wire::Responses => {
            let done = events
                .iter()
                .filter(|event| event["type"] == "response.output_item.done");
            let mut items: Vec<Value> = done.map(|event| event["item"].clone()).collect();
            let call_id = items.last().unwrap()["call_id"].clone();
            items.push(
                json!({"type": "function_call_output", "call_id": call_id, "output": "text of a"}),
            );
            items
        }
        Wire::ChatCompletions => vec![
            json!({"role": "assistant", "content": "Hello, you there 漢字.", "tool_calls": [
                {"id": "call_000000000000", "type": "function", "function": {"name": "read_file", "arguments": "{\"path\":\"a\"}"}},
            ]}),
            json!({"role": "tool", "tool_call_id": "call_000000000000", "content": "text of a"}),
        ],
        Wire::Messages => {
            let signature: String = events
                .iter()
                .filter_map(|event| event["delta"]["signature"].as_str())
                .collect();
            let id = "toolu_000000000002";
            vec![
                json!({"role": "assistant", "content": [
                    {"type": "thinking", "thinking": "Hm.", "signature": signature},
                    {"type": "text", "text": "Hello, you there 漢字."},
                    {"type": "tool_use", "id": id, "name": "read_file", "input": {"path": "a"}},
                ]}),
                json!({"role": "user", "content": [{"type": "tool_result", "tool_use_id": id, "content": "text of a"}]}),
            ]
        }
        Wire::Ollama => vec![
            json!({"role": "assistant", "content": "Hello, you there 漢字.", "tool_calls": [
                {"function": {"name": "read_file", "arguments": {"path": "a"}}},
            ]}),
            json!({"role": "tool", "tool_name": "read_file", "content": "text of a"}),
        ],
    };
    let conversation = request[conversation_field(wire)].as_array_mut().unwrap();
    conversation.extend(items);
    request
}

/// Of a conversation, what every wire can say.
fn essence(conversation: &Conversation) -> Vec<String> {
    let line = |item: &SeenItem| match item {
        SeenItem::Message {
            role,
            text,
            images: 0,
        } => format!("{role:?} says {text}"),
        SeenItem::Call {
            name, arguments, ..
        } => format!("calls {name} {arguments}"),
        SeenItem::Output {
            text, images: 0, ..
        } => format!("answers {text}"),
        other => format!("{other:?}"),
    };
    let is_common = |item: &&SeenItem| !matches!(item, SeenItem::Reasoning { .. });
    conversation
        .items
        .iter()
        .filter(is_common)
        .map(line)
        .collect()
}

#[test]
fn what_was_answered_is_understood_when_it_comes_back() {
    for wire in Wire::ALL {
        let script = Script::reacting(|request| match request.last_output() {
            None => everything(),
            Some(output) => Step::say(output.name).and_say(output.text),
        });
        let server = Server::start(script).unwrap();
        let mut client = Client::connect(&server);
        client.send(wire, &hello(wire));
        let first = client.reply();
        client.send(wire, &continued(wire, &first.body));
        let second = client.reply();
        assert_eq!(server.violations(), Vec::<String>::new(), "{wire:?}");
        assert!(second.body.contains("text of a"), "{wire:?}: {second:?}");
        let all_sent = |requests: &[SeenRequest]| {
            let is_sent = |request: &SeenRequest| request.outcome == Some(Outcome::Sent);
            requests.iter().all(is_sent)
        };
        assert!(server.wait_until(Duration::from_secs(20), all_sent));
        let seen = server.steps();
        assert_eq!(
            essence(&seen[1].conversation),
            [
                "User says Hello.",
                "Assistant says Hello, you there 漢字.",
                "calls read_file {\"path\":\"a\"}",
                "answers text of a",
            ],
            "{wire:?}"
        );
        assert_eq!(seen[1].conversation.instructions, "Be brief.");
        assert_eq!(seen[0].conversation.said_by(SeenRole::User), ["Hello."]);
        assert!(seen[0].conversation.tool("read_file").is_some());
        assert_eq!(
            (server.accepts(), seen[1].connection),
            (1, 0),
            "one connection serves both"
        );
        let bytes: usize = seen.iter().map(|request| request.raw.len()).sum();
        assert_eq!(server.bytes_received(), bytes as u64);
    }
}

#[test]
fn chunks_of_every_size_carry_the_same_bytes() {
    let mut random = fastrand::Rng::with_seed(7);
    let mut bodies = Vec::new();
    for size in [
        None,
        Some(1),
        Some(random.usize(2..9)),
        Some(random.usize(9..400)),
    ] {
        let mut step = everything();
        step.pace.chunk = size;
        let server = Server::start(Script::new([step])).unwrap();
        let mut client = Client::connect(&server);
        client.send(Wire::Responses, &hello(Wire::Responses));
        bodies.push(client.reply().body);
    }
    assert!(bodies.iter().all(|body| *body == bodies[0]));
}

#[test]
fn pieces_join_to_the_text_and_arguments_come_as_they_are() {
    let step = Step::default().and(Part::Call {
        name: "read_file".into(),
        arguments: Arguments::Raw("{\"path\": ".into()),
    });
    let mut step = step.slowly(Duration::from_millis(1));
    step.pace.piece = 1;
    let server = Server::start(Script::new([step])).unwrap();
    let mut client = Client::connect(&server);
    client.send(Wire::ChatCompletions, &hello(Wire::ChatCompletions));
    let body = client.reply().body;
    let arguments: String = body
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line.strip_prefix("data: ")?).ok())
        .filter_map(|chunk| {
            let call = &chunk["choices"][0]["delta"]["tool_calls"][0];
            Some(call["function"]["arguments"].as_str()?.to_owned())
        })
        .collect();
    assert_eq!(arguments, "{\"path\": ");
}

#[test]
fn models_are_listed_as_each_service_does() {
    let server = Server::start(Script::new([]).models(["big", "small"])).unwrap();
    let mut told = Vec::new();
    for path in ["/v1/models", "/api/tags", "/api/version"] {
        use std::io::Write as _;
        let mut client = Client::connect(&server);
        let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n");
        client.stream.write_all(request.as_bytes()).unwrap();
        told.push(canonical(&client.reply().body));
    }
    expect![[r#"
        {"data":[{"created":1700000000,"id":"big","object":"model","owned_by":"scripted"},{"created":1700000000,"id":"small","object":"model","owned_by":"scripted"}],"object":"list"}
        {"models":[{"details":{"family":"scripted","parameter_size":"1B","quantization_level":"Q4_0"},"digest":"0","model":"big","modified_at":"2026-01-01T00:00:00Z","name":"big","size":1000000},{"details":{"family":"scripted","parameter_size":"1B","quantization_level":"Q4_0"},"digest":"0","model":"small","modified_at":"2026-01-01T00:00:00Z","name":"small","size":1000000}]}
        {"version":"0.30.0"}
    "#]].assert_eq(&told.concat());
}
