//! The bodies of requests, whole.

use std::sync::Arc;

use expect_test::{Expect, expect};
use serde_json::{Value, json};

use super::{WIRES, conversation, request};
use crate::wire::codec;
use crate::{
    CallForm, Carried, Content, EffortField, Item, ModelFacts, OutputLimitField, Purpose, Quirks,
    ReasoningEffort, ReasoningHistory, Request, Role, ThinkingControl, ToolCall, Wire,
};

/// One of everything.
fn sample() -> Request {
    let call = |call_id: &str, form, name: &str, arguments: &str| {
        Item::ToolCall(ToolCall {
            call_id: call_id.to_owned(),
            name: name.to_owned(),
            arguments: arguments.to_owned(),
            form,
        })
    };
    let output = |call_id: &str, form, content| Item::ToolOutput {
        call_id: call_id.to_owned(),
        form,
        content,
        failed: call_id == "2",
    };
    let image = Content::Image {
        media_type: "image/png".to_owned(),
        data: "eA==".to_owned(),
    };
    let thought = |wire, value| Item::Reasoning {
        summary: vec!["Hm.".to_owned()],
        carried: Some(Carried { wire, value }),
    };
    Request {
        tools: conversation::tools().into(),
        reasoning: Some(ReasoningEffort::ExtraHigh),
        max_output_tokens: Some(20_000),
        ..request([
            Item::message(Role::Developer, "Rules."),
            Item::Message {
                role: Role::User,
                content: vec![Content::text("Look:"), image.clone()],
                phase: None,
            },
            thought(
                Wire::Responses,
                json!({"type": "reasoning", "id": "rs", "summary": [], "encrypted_content": "ZQ=="}),
            ),
            thought(
                Wire::Messages,
                json!({"type": "thinking", "thinking": "Hm.", "signature": "c2ln"}),
            ),
            thought(Wire::ChatCompletions, json!({"reasoning_content": "Hm."})),
            thought(Wire::Ollama, json!({"thinking": "Hm."})),
            Item::message(Role::Assistant, "I look."),
            call("f:1", CallForm::Function, "read_file", "{\"path\": \"cut"),
            call("2", CallForm::Freeform, "apply_patch", "*** Begin"),
            output(
                "f:1",
                CallForm::Function,
                vec![Content::text("text"), image],
            ),
            output("2", CallForm::Freeform, vec![Content::text("no")]),
            Item::message(Role::User, "Go on."),
        ])
    }
}

fn able(wire: Wire) -> ModelFacts {
    ModelFacts {
        images: true,
        reasoning: true,
        freeform_tools: wire == Wire::Responses,
        ..ModelFacts::unknown(wire)
    }
}

fn encoded(wire: Wire, request: &Request, facts: &ModelFacts) -> Value {
    codec(wire).unwrap().encode(request, facts)
}

/// One line for each field, and for each element of the conversation and of the tools.
fn check(body: &Value, expected: Expect) {
    let mut lines = String::new();
    for (key, value) in body.as_object().unwrap() {
        match value {
            Value::Array(values) if values.first().is_some_and(Value::is_object) => {
                lines += &format!("{key}:\n");
                lines.extend(values.iter().map(|value| format!("  {value}\n")));
            }
            value => lines += &format!("{key}: {value}\n"),
        }
    }
    expected.assert_eq(&lines);
}

#[test]
fn responses() {
    check(
        &encoded(Wire::Responses, &sample(), &able(Wire::Responses)),
        expect![[r#"
            include: ["reasoning.encrypted_content"]
            input:
              {"content":[{"text":"Rules.","type":"input_text"}],"role":"developer","type":"message"}
              {"content":[{"text":"Look:","type":"input_text"},{"detail":"auto","image_url":"data:image/png;base64,eA==","type":"input_image"}],"role":"user","type":"message"}
              {"encrypted_content":"ZQ==","id":"rs","summary":[],"type":"reasoning"}
              {"content":"I look.","role":"assistant","type":"message"}
              {"arguments":"{\"unreadable_arguments\":\"{\\\"path\\\": \\\"cut\"}","call_id":"f:1","name":"read_file","type":"function_call"}
              {"call_id":"2","input":"*** Begin","name":"apply_patch","type":"custom_tool_call"}
              {"call_id":"f:1","output":[{"text":"text","type":"input_text"},{"detail":"auto","image_url":"data:image/png;base64,eA==","type":"input_image"}],"type":"function_call_output"}
              {"call_id":"2","output":"no","type":"custom_tool_call_output"}
              {"content":[{"text":"Go on.","type":"input_text"}],"role":"user","type":"message"}
            instructions: "Be brief."
            max_output_tokens: 20000
            model: "model-x"
            parallel_tool_calls: true
            prompt_cache_key: "thread-1"
            reasoning: {"effort":"xhigh","summary":"auto"}
            store: false
            stream: true
            tool_choice: "auto"
            tools:
              {"description":"Reads.","name":"read_file","parameters":{"properties":{"path":{"type":"string"}},"type":"object"},"strict":false,"type":"function"}
              {"description":"Patches.","format":{"definition":"start: \"x\"","syntax":"lark","type":"grammar"},"name":"apply_patch","type":"custom"}
        "#]],
    );
}

#[test]
fn chat_completions() {
    check(
        &encoded(
            Wire::ChatCompletions,
            &sample(),
            &able(Wire::ChatCompletions),
        ),
        expect![[r#"
            max_tokens: 20000
            messages:
              {"content":"Be brief.","role":"system"}
              {"content":"Rules.","role":"user"}
              {"content":[{"text":"Look:","type":"text"},{"image_url":{"url":"data:image/png;base64,eA=="},"type":"image_url"}],"role":"user"}
              {"content":"I look.","reasoning_content":"Hm.","role":"assistant","tool_calls":[{"function":{"arguments":"{\"unreadable_arguments\":\"{\\\"path\\\": \\\"cut\"}","name":"read_file"},"id":"f:1","type":"function"},{"function":{"arguments":"{\"input\":\"*** Begin\"}","name":"apply_patch"},"id":"2","type":"function"}]}
              {"content":"text","role":"tool","tool_call_id":"f:1"}
              {"content":"no","role":"tool","tool_call_id":"2"}
              {"content":[{"text":"Pictures from the tool outputs above:","type":"text"},{"image_url":{"url":"data:image/png;base64,eA=="},"type":"image_url"}],"role":"user"}
              {"content":"Go on.","role":"user"}
            model: "model-x"
            reasoning_effort: "xhigh"
            stream: true
            stream_options: {"include_usage":true}
            tool_choice: "auto"
            tools:
              {"function":{"description":"Reads.","name":"read_file","parameters":{"properties":{"path":{"type":"string"}},"type":"object"}},"type":"function"}
              {"function":{"description":"Patches.\n\n`input` is text in this Lark grammar:\nstart: \"x\"","name":"apply_patch","parameters":{"additionalProperties":false,"properties":{"input":{"type":"string"}},"required":["input"],"type":"object"}},"type":"function"}
        "#]],
    );
}

#[test]
fn messages() {
    check(
        &encoded(Wire::Messages, &sample(), &able(Wire::Messages)),
        expect![[r#"
            cache_control: {"type":"ephemeral"}
            max_tokens: 20000
            messages:
              {"content":[{"text":"Rules.","type":"text"}],"role":"user"}
              {"content":[{"text":"Look:","type":"text"},{"source":{"data":"eA==","media_type":"image/png","type":"base64"},"type":"image"}],"role":"user"}
              {"content":[{"signature":"c2ln","thinking":"Hm.","type":"thinking"},{"text":"I look.","type":"text"},{"id":"f_1","input":{"unreadable_arguments":"{\"path\": \"cut"},"name":"read_file","type":"tool_use"},{"id":"2","input":{"input":"*** Begin"},"name":"apply_patch","type":"tool_use"}],"role":"assistant"}
              {"content":[{"content":[{"text":"text","type":"text"},{"source":{"data":"eA==","media_type":"image/png","type":"base64"},"type":"image"}],"tool_use_id":"f_1","type":"tool_result"},{"content":[{"text":"no","type":"text"}],"is_error":true,"tool_use_id":"2","type":"tool_result"}],"role":"user"}
              {"content":[{"text":"Go on.","type":"text"}],"role":"user"}
            model: "model-x"
            output_config: {"effort":"max"}
            stream: true
            system:
              {"cache_control":{"type":"ephemeral"},"text":"Be brief.","type":"text"}
            thinking: {"display":"summarized","type":"adaptive"}
            tools:
              {"description":"Reads.","input_schema":{"properties":{"path":{"type":"string"}},"type":"object"},"name":"read_file"}
              {"cache_control":{"type":"ephemeral"},"description":"Patches.\n\n`input` is text in this Lark grammar:\nstart: \"x\"","input_schema":{"additionalProperties":false,"properties":{"input":{"type":"string"}},"required":["input"],"type":"object"},"name":"apply_patch"}
        "#]],
    );
}

#[test]
fn ollama() {
    check(
        &encoded(Wire::Ollama, &sample(), &able(Wire::Ollama)),
        expect![[r#"
            messages:
              {"content":"Be brief.","role":"system"}
              {"content":"Rules.","role":"user"}
              {"content":"Look:","images":["eA=="],"role":"user"}
              {"content":"I look.","role":"assistant","thinking":"Hm.","tool_calls":[{"function":{"arguments":{"unreadable_arguments":"{\"path\": \"cut"},"name":"read_file"},"id":"f:1"},{"function":{"arguments":{"input":"*** Begin"},"name":"apply_patch"},"id":"2"}]}
              {"content":"text","role":"tool","tool_call_id":"f:1","tool_name":"read_file"}
              {"content":"no","role":"tool","tool_call_id":"2","tool_name":"apply_patch"}
              {"content":"Pictures from the tool outputs above:","images":["eA=="],"role":"user"}
              {"content":"Go on.","role":"user"}
            model: "model-x"
            options: {"num_ctx":32768,"num_predict":20000}
            stream: true
            think: true
            tools:
              {"function":{"description":"Reads.","name":"read_file","parameters":{"properties":{"path":{"type":"string"}},"type":"object"}},"type":"function"}
              {"function":{"description":"Patches.\n\n`input` is text in this Lark grammar:\nstart: \"x\"","name":"apply_patch","parameters":{"additionalProperties":false,"properties":{"input":{"type":"string"}},"required":["input"],"type":"object"}},"type":"function"}
            truncate: false
        "#]],
    );
}

#[test]
fn a_remote_compaction() {
    let request = Request {
        purpose: Purpose::Compaction,
        ..sample()
    };
    let body = encoded(Wire::Responses, &request, &able(Wire::Responses));
    let step = encoded(Wire::Responses, &sample(), &able(Wire::Responses));
    assert_eq!(
        body,
        json!({
            "model": "model-x",
            "instructions": "Be brief.",
            "input": step["input"],
            "prompt_cache_key": "thread-1",
        })
    );
}

#[test]
fn a_model_that_can_do_little_is_asked_for_little() {
    for wire in WIRES {
        let body = encoded(wire, &sample(), &ModelFacts::unknown(wire));
        let text = body.to_string();
        for field in [
            "reasoning_effort",
            "\"include\"",
            "\"thinking\":{",
            "\"think\":",
            "eA==",
            "custom",
        ] {
            assert!(!text.contains(field), "{wire:?}: {field} in {text}");
        }
        assert!(
            text.contains("A picture (image/png) was left out"),
            "{wire:?}"
        );
    }
}

#[test]
fn quirks_of_chat_completions() {
    let with = |quirks: Quirks| {
        let facts = ModelFacts {
            quirks,
            ..able(Wire::ChatCompletions)
        };
        encoded(Wire::ChatCompletions, &sample(), &facts)
    };
    let usual = with(Quirks::default());
    let changed = |quirks| {
        let body = with(quirks);
        let keys = |one: &Value, other: &Value| -> Vec<String> {
            let map = one.as_object().unwrap();
            map.keys()
                .filter(|key| one[*key] != other[*key])
                .cloned()
                .collect()
        };
        (keys(&usual, &body), keys(&body, &usual))
    };
    let names = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect::<Vec<_>>();
    let default = Quirks::default();
    assert_eq!(
        changed(Quirks {
            output_limit: OutputLimitField::MaxCompletionTokens,
            ..default
        }),
        (names(&["max_tokens"]), names(&["max_completion_tokens"]))
    );
    assert_eq!(
        changed(Quirks {
            effort: EffortField::ReasoningObject,
            ..default
        }),
        (names(&["reasoning_effort"]), names(&["reasoning"]))
    );
    assert_eq!(
        changed(Quirks {
            effort: EffortField::Omitted,
            ..default
        }),
        (names(&["reasoning_effort"]), names(&[]))
    );
    assert_eq!(
        changed(Quirks {
            no_stream_options: true,
            ..default
        }),
        (names(&["stream_options"]), names(&[]))
    );
    assert_eq!(
        changed(Quirks {
            prompt_cache_key: true,
            ..default
        }),
        (names(&[]), names(&["prompt_cache_key"]))
    );
    let silent = with(Quirks {
        reasoning_history: ReasoningHistory::Omitted,
        ..default
    });
    assert!(!silent["messages"].to_string().contains("reasoning_content"));
    assert!(usual["messages"].to_string().contains("reasoning_content"));
}

#[test]
fn thinking_within_a_budget() {
    let budget = |max_output_tokens, effort| {
        let facts = ModelFacts {
            quirks: Quirks {
                thinking: ThinkingControl::Budget,
                ..Quirks::default()
            },
            ..able(Wire::Messages)
        };
        let request = Request {
            reasoning: Some(effort),
            max_output_tokens: Some(max_output_tokens),
            ..sample()
        };
        encoded(Wire::Messages, &request, &facts)["thinking"].clone()
    };
    let enabled = |tokens: u64| json!({"type": "enabled", "budget_tokens": tokens});
    assert_eq!(budget(64_000, ReasoningEffort::ExtraHigh), enabled(48_000));
    assert_eq!(budget(64_000, ReasoningEffort::Low), enabled(4096));
    assert_eq!(budget(64_000, ReasoningEffort::None), Value::Null);
    assert_eq!(budget(1000, ReasoningEffort::High), Value::Null);
}

#[test]
fn a_cut_answer_is_followed_by_a_word_of_the_user() {
    let items = [
        Item::message(Role::User, "Hi"),
        Item::message(Role::Assistant, "I was"),
    ];
    for wire in [Wire::ChatCompletions, Wire::Messages, Wire::Ollama] {
        let body = encoded(wire, &request(items.clone()), &ModelFacts::unknown(wire));
        let last = body["messages"].as_array().unwrap().last().unwrap();
        assert_eq!(last["role"], "user", "{wire:?}");
    }
}

#[test]
fn an_answer_goes_back_as_it_came() {
    // What Responses says comes back the same, so that a connection that remembers needs only what is new.
    let facts = able(Wire::Responses);
    let request = sample();
    let encoded = super::super::encode_responses_items(&request.items, &facts);
    let answer = [5, 6].map(|position| encoded[position].clone());
    let events = super::answer(
        Wire::Responses,
        &[
            json!({"type": "response.completed", "response": {"status": "completed", "output": answer}}),
        ],
    );
    let items: Vec<Arc<Item>> = events
        .into_iter()
        .filter_map(|event| match event {
            crate::ModelEvent::ItemDone(item) => Some(Arc::new(item)),
            _ => None,
        })
        .collect();
    assert_eq!(super::super::encode_responses_items(&items, &facts), answer);
}

#[test]
fn messages_hold_nothing_that_the_service_refuses() {
    let output = |content| Item::ToolOutput {
        call_id: "1".to_owned(),
        form: CallForm::Function,
        content,
        failed: true,
    };
    let call = Item::ToolCall(ToolCall {
        call_id: "1".to_owned(),
        name: "f".to_owned(),
        arguments: "{}".to_owned(),
        form: CallForm::Function,
    });
    let asked = request([
        Item::message(Role::User, "Go."),
        Item::message(Role::Assistant, "\n\n"),
        call,
        output(vec![Content::text(" \n")]),
    ]);
    let body = codec(Wire::Messages)
        .unwrap()
        .encode(&asked, &ModelFacts::unknown(Wire::Messages));
    assert_eq!(
        body["messages"],
        json!([
            {"role": "user", "content": [{"type": "text", "text": "Go."}]},
            {"role": "assistant", "content": [{"type": "tool_use", "id": "1", "name": "f", "input": {}}]},
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "1", "content": []}]},
        ])
    );
}

#[test]
fn thinking_between_calls_is_asked_for_where_the_model_does_not_do_it_by_itself() {
    let asked = Request {
        tools: conversation::tools().into(),
        reasoning: Some(ReasoningEffort::High),
        ..request([])
    };
    let header = |asked: &Request, thinking| {
        let facts = ModelFacts {
            reasoning: true,
            quirks: Quirks {
                thinking,
                ..Quirks::default()
            },
            ..ModelFacts::unknown(Wire::Messages)
        };
        codec(Wire::Messages).unwrap().header(asked, &facts)
    };
    let wanted = Some(("anthropic-beta", "interleaved-thinking-2025-05-14"));
    assert_eq!(header(&asked, ThinkingControl::Budget), wanted);
    assert_eq!(header(&asked, ThinkingControl::Adaptive), None);
    assert_eq!(header(&request([]), ThinkingControl::Budget), None);
}
