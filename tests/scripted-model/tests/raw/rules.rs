//! What is refused, and with which words: one broken request after the other.

use expect_test::{Expect, expect};
use scripted_model::{Script, Server, Step, Wire};
use serde_json::{Value, json};

use crate::client::{Client, conversation_field, hello};

/// Sends each request; shows the reason of the refusal, or that there was none.
fn verdicts(wire: Wire, requests: Vec<Value>) -> String {
    let mut told = String::new();
    for request in requests {
        let server = Server::start(Script::new([Step::say("Fine.")])).unwrap();
        let mut client = Client::connect(&server);
        client.send(wire, &request);
        let reply = client.reply();
        let body: Value = serde_json::from_str(&reply.body).unwrap_or_default();
        let error = &body["error"];
        let reason = error["message"]
            .as_str()
            .or(error.as_str())
            .unwrap_or("fine");
        let violations = server.violations();
        let recorded = if reply.status == 400 { 1 } else { 0 };
        assert_eq!(violations.len(), recorded, "{violations:?} {reply:?}");
        assert!(
            violations
                .iter()
                .all(|violation| violation.ends_with(reason))
        );
        told.push_str(reason);
        told.push('\n');
    }
    told
}

fn check(wire: Wire, conversations: &[Value], changes: &[(&str, Value)], expected: &Expect) {
    let mut requests = Vec::new();
    for conversation in conversations {
        let mut request = hello(wire);
        request[conversation_field(wire)] = conversation.clone();
        requests.push(request);
    }
    for (pointer, value) in changes {
        let mut request = hello(wire);
        let (parent, field) = pointer.rsplit_once('/').unwrap();
        request.pointer_mut(parent).unwrap()[field] = value.clone();
        requests.push(request);
    }
    expected.assert_eq(&verdicts(wire, requests));
}

#[test]
fn responses_rules() {
    let user = json!({"role": "user", "content": "Hello."});
    let call =
        json!({"type": "function_call", "call_id": "c1", "name": "read_file", "arguments": "{"});
    let output = json!({"type": "function_call_output", "call_id": "c1", "output": "x"});
    let reasoning =
        json!({"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "forged"});
    let image = json!({"type": "input_image", "image_url": "file:///x"});
    check(
        Wire::Responses,
        &[
            json!([user, call, output]),
            json!("Hello."),
            json!([user, call]),
            json!([user, output]),
            json!([user, output, call]),
            json!([user, call, call, output]),
            json!([user, call, output, output]),
            json!([user, reasoning, call, output]),
            json!([user, {"type": "reasoning", "id": "rs_1", "summary": []}, call, output]),
            json!([user, {"type": "reasoning", "id": "rs_1", "summary": []}, user]),
            json!([user, {"type": "reasoning", "summary": []}, user]),
            json!([{"role": "assistant", "content": [{"type": "input_text", "text": "x"}]}]),
            json!([{"role": "tool", "content": "x"}]),
            json!([{"type": "tool_result", "content": "x"}]),
            json!([{"role": "user", "content": [image]}]),
            json!([{"role": "user", "id": "msg_1", "content": "x"}, {"role": "user", "id": "msg_1", "content": "x"}]),
            json!([{"role": "user", "id": "item_1", "content": "x"}]),
        ],
        &[
            ("/model", json!(null)),
            ("/stream", json!(false)),
            ("/max_tokens", json!(10)),
            ("/max_output_tokens", json!(1)),
            ("/include", json!(["everything"])),
            ("/reasoning", json!({"effort": "extreme"})),
            ("/prompt_cache_key", json!("k".repeat(65))),
            ("/tools/0/name", json!("read file")),
            ("/tools/0/parameters", json!({"type": "string"})),
            ("/tools/0/parameters/required", json!(["file"])),
            ("/tools/1/name", json!("read_file")),
            ("/tools/1/format/syntax", json!("bnf")),
            ("/previous_response_id", json!("resp_00000000")),
        ],
        &expect![[r#"
            fine
            fine
            No tool output found for function call c1.
            No tool call found for function call output with call_id c1.
            No tool call found for function call output with call_id c1.
            Duplicate tool call with call_id c1.
            2 tool outputs found for function call c1.
            body.input[1].encrypted_content: the encrypted content could not be verified
            body.input[1]: item with id "rs_1" not found. Items are not persisted when `store` is set to false.
            body.input[1]: item "rs_1" of type 'reasoning' was provided without its required following item.
            fine
            body.input[0][0].type: invalid value 'input_text'; supported are output_text, refusal
            body.input[0].role: invalid value 'tool'
            body.input[0].type: invalid value 'tool_result'
            body.input[0][0].image_url: expected a data URL of an image or an https URL
            Duplicate item found with id msg_1.
            body.input[0].id: invalid 'item_1', expected an ID that begins with 'msg'
            body.model: expected a string, got nothing
            body.stream: this server only streams; set it to true
            body.max_tokens: unknown parameter
            body.max_output_tokens: expected a whole number from 16
            body.include: invalid value "everything"
            body.reasoning.effort: invalid value 'extreme'; supported are none, minimal, low, medium, high, xhigh
            body.prompt_cache_key: string too long, at most 64 characters
            body.tools[0].name: 'read file' must match ^[a-zA-Z0-9_-]{1,64}$
            body.tools[0].parameters: schema must be a JSON schema of 'type: "object"', got "string"
            body.tools[0].parameters.required: 'file' is no property
            tools: Tool names must be unique, got 'read_file' twice
            body.tools[1].format.syntax: invalid value 'bnf'; supported are lark, regex
            Previous response not found.
        "#]],
    );
}

#[test]
fn chat_completions_rules() {
    let system = json!({"role": "system", "content": "Be brief."});
    let user = json!({"role": "user", "content": "Hello."});
    let call = |arguments: &str| {
        let function = json!({"name": "read_file", "arguments": arguments});
        json!({"role": "assistant", "content": null, "tool_calls": [{"id": "c1", "type": "function", "function": function}]})
    };
    let output = json!({"role": "tool", "tool_call_id": "c1", "content": "x"});
    check(
        Wire::ChatCompletions,
        &[
            json!([system, user, call("{}"), output, user]),
            json!([user, system]),
            json!([system, system, user]),
            json!([]),
            json!([user, call("{")]),
            json!([user, call("{}")]),
            json!([user, call("{}"), user, output]),
            json!([user, output]),
            json!([user, call("{}"), output, output]),
            json!([user, {"role": "assistant", "content": null}]),
            json!([user, {"role": "assistant", "content": "x", "tool_calls": []}]),
            json!([{"role": "user", "content": [{"type": "input_text", "text": "x"}]}]),
        ],
        &[
            ("/input", json!([])),
            ("/tools", json!([])),
            ("/tools/0/type", json!("custom")),
            ("/tools/0/name", json!("read_file")),
            ("/max_tokens", json!(0)),
        ],
        &expect![[r#"
            fine
            body.messages[1].role: a system message must be the first message, and the only one
            body.messages[1].role: a system message must be the first message, and the only one
            body.messages: array too short, expected at least one message
            body.messages[1].tool_calls[0].function.arguments: not a JSON object: {
            No tool output found for function call c1.
            an assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'
            messages with role 'tool' must be a response to a preceding message with 'tool_calls'
            messages with role 'tool' must be a response to a preceding message with 'tool_calls'
            body.messages[1]: an assistant message needs content or tool_calls
            body.messages[1].tool_calls: [] is too short
            body.messages[0].content[0].type: invalid value 'input_text'
            body.input: unknown parameter
            body.tools: [] is too short
            body.tools[0].type: invalid value 'custom'; supported are function
            body.tools[0].name: unknown parameter
            body.max_tokens: expected a whole number from 1
        "#]],
    );
}

#[test]
fn messages_rules() {
    let user = json!({"role": "user", "content": "Hello."});
    let call = json!({"role": "assistant", "content": [{"type": "tool_use", "id": "t1", "name": "read_file", "input": {}}]});
    let result = json!({"type": "tool_result", "tool_use_id": "t1", "content": "x"});
    let text = json!({"type": "text", "text": "x"});
    let answer = |blocks: Value| json!({"role": "user", "content": blocks});
    let thinking = json!({"type": "thinking", "thinking": "Hm.", "signature": "forged"});
    let marked = json!({"type": "text", "text": "x", "cache_control": {"type": "ephemeral"}});
    check(
        Wire::Messages,
        &[
            json!([user, call, answer(json!([result, text]))]),
            json!([user, user, call, answer(json!([result])), user]),
            json!([user, {"role": "assistant", "content": [{"type": "server_tool_use", "id": "s", "name": "web_search", "input": {}}]}]),
            json!([]),
            json!([call, answer(json!([result]))]),
            json!([user, call]),
            json!([user, call, user]),
            json!([user, call, answer(json!([text, result]))]),
            json!([user, call, answer(json!([result, result]))]),
            json!([answer(json!([result]))]),
            json!([
                user,
                call,
                answer(json!([result])),
                call,
                answer(json!([result]))
            ]),
            json!([user, {"role": "system", "content": "x"}]),
            json!([answer(json!([{"type": "text", "text": ""}]))]),
            json!([answer(json!([{"type": "text", "text": " \n"}]))]),
            json!([answer(json!([]))]),
            json!([user, {"role": "assistant", "content": [thinking]}, user]),
            json!([user, {"role": "assistant", "content": [{"type": "tool_use", "id": "t1", "name": "read_file", "input": "{}"}]}, answer(json!([result]))]),
            json!([
                user,
                call,
                answer(
                    json!([{"type": "tool_result", "tool_use_id": "t1", "content": "", "is_error": true}])
                )
            ]),
            json!([answer(json!([marked, marked, marked, marked, marked]))]),
            json!([answer(
                json!([{"type": "image", "source": {"type": "base64", "media_type": "image/bmp", "data": ""}}])
            )]),
        ],
        &[
            ("/max_tokens", json!(null)),
            ("/instructions", json!("x")),
            ("/thinking", json!({"type": "enabled", "budget_tokens": 10})),
            (
                "/thinking",
                json!({"type": "enabled", "budget_tokens": 2000}),
            ),
            ("/system", json!([{"type": "text", "text": ""}])),
            ("/tools/0/input_schema/type", json!("array")),
            ("/tools/0/parameters", json!({})),
        ],
        &expect![[r#"
            fine
            fine
            fine
            messages: at least one message is required
            messages: first message must use the "user" role
            This model does not support assistant message prefill. The conversation must end with a user message.
            `tool_use` ids were found without `tool_result` blocks immediately after: t1
            `tool_result` blocks must come first in a message: t1
            unexpected `tool_use_id` found in `tool_result` blocks: t1. Each `tool_result` block must have a corresponding `tool_use` block in the previous message.
            unexpected `tool_use_id` found in `tool_result` blocks: t1. Each `tool_result` block must have a corresponding `tool_use` block in the previous message.
            Duplicate tool call with call_id t1.
            messages.1.role: unexpected role "system"; use the top-level `system` parameter
            messages.0.content.0: text content blocks must be non-empty
            messages.0.content.0: text content blocks must contain non-whitespace text
            messages.0: all messages must have non-empty content
            messages.1.content.0: Invalid `signature` in `thinking` block
            messages.1.content.0.input: expected an object, got a string
            messages.2.content.0: content cannot be empty if `is_error` is true
            A maximum of 4 blocks with cache_control may be provided. Found 5.
            messages.0.content.0.source.base64.media_type: 'image/bmp' is not supported
            max_tokens: Field required
            body.instructions: unknown parameter
            thinking.enabled.budget_tokens: Input should be greater than or equal to 1024
            `max_tokens` must be greater than `thinking.budget_tokens`
            system: text content blocks must be non-empty
            tools.0.input_schema: schema must be a JSON schema of 'type: "object"', got "array"
            tools.0.parameters: unknown parameter
        "#]],
    );
}

#[test]
fn ollama_rules() {
    let user = json!({"role": "user", "content": "Hello."});
    let call = |arguments: Value| json!({"role": "assistant", "content": "", "tool_calls": [{"function": {"name": "read_file", "arguments": arguments}}]});
    let output = |name: &str| json!({"role": "tool", "tool_name": name, "content": "x"});
    check(
        Wire::Ollama,
        &[
            json!([user, call(json!({})), output("read_file")]),
            json!([user, call(json!("{}")), output("read_file")]),
            json!([user, call(json!({})), output("search")]),
            json!([user, call(json!({}))]),
            json!([user, output("read_file")]),
            json!([user, {"role": "system", "content": "x"}]),
            json!([{"role": "developer", "content": "x"}]),
            json!([{"role": "user", "content": ["x"]}]),
        ],
        &[
            ("/stream", json!(false)),
            ("/think", json!("extreme")),
            ("/options", json!(8192)),
            ("/anything", json!(1)),
        ],
        &expect![[r#"
            fine
            body.messages[1].tool_calls: cannot unmarshal "{}" into field arguments of type object
            body.messages[2].tool_name: the answer of 'search' stands where that of 'read_file' belongs
            No tool output found for function call ollama_0.
            No tool call found for function call output with call_id ollama_0.
            body.messages[1].role: many templates take a system message only in front
            body.messages[0].role: invalid value 'developer'
            body.messages[0].content: expected a string, got an array
            body.stream: this server only streams; leave it out or set it to true
            invalid think value: "extreme" (must be "high", "medium", "low", true, or false)
            body.options: expected an object, got a number
            fine
        "#]],
    );
}

#[test]
fn a_conversation_beyond_the_window_is_refused_without_blame() {
    for wire in Wire::ALL {
        let server = Server::start(Script::new([Step::say("Fine.")]).window(50)).unwrap();
        let mut client = Client::connect(&server);
        client.send(wire, &hello(wire));
        assert_eq!(client.reply().status, 400, "{wire:?}");
        assert_eq!(server.violations(), Vec::<String>::new());
    }
}

#[test]
fn a_script_that_ends_or_panics_is_recorded() {
    let script = Script::reacting(|request| {
        assert!(request.number > 0, "the first request is not welcome");
        Step::say("Fine.")
    });
    for (script, words) in [
        (Script::new([]), "the script has no further step"),
        (
            script,
            "the script panicked: the first request is not welcome",
        ),
    ] {
        let server = Server::start(script).unwrap();
        let mut client = Client::connect(&server);
        client.send(Wire::Ollama, &hello(Wire::Ollama));
        assert_eq!(client.reply().status, 400);
        assert_eq!(
            server.violations(),
            [format!("request 0 (POST /api/chat): {words}")]
        );
    }
}

#[test]
fn a_wrong_key_is_refused_and_repeated() {
    let server = Server::start(Script::new([Step::say("Fine.")]).key("right")).unwrap();
    let mut client = Client::connect(&server);
    client.send(Wire::Responses, &hello(Wire::Responses));
    assert_eq!(client.reply().status, 401);
    assert_eq!(server.violations(), Vec::<String>::new());
}
