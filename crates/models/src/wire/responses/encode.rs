//! Requests and items in the form of Responses.

use std::sync::Arc;

use serde_json::{Value, json};

use super::super::{arguments, content, json as fields, tools};
use crate::{
    CallForm, Carried, Content, Item, ModelFacts, Phase, Purpose, ReasoningEffort, Request, Role,
    ToolCall, ToolSpec, Wire,
};

/// Items that wait for an answer of the client, and outputs of such: never offered here, and refused without their
/// other half, so they are not given back.
const NOT_GIVEN_BACK: [&str; 8] = [
    "apply_patch_call",
    "apply_patch_call_output",
    "computer_call",
    "computer_call_output",
    "local_shell_call",
    "mcp_approval_request",
    "shell_call",
    "shell_call_output",
];

/// The request's body.
pub(super) fn body(request: &Request, facts: &ModelFacts) -> Value {
    let mut body = json!({
        "model": request.model,
        "instructions": &*request.instructions,
        "input": encode_items(&request.items, facts),
        "prompt_cache_key": request.cache_key,
    });
    if request.purpose == Purpose::Step {
        add_step(&mut body, request, facts);
    }
    body
}

/// The conversation's items as elements of `input`. An item's encoding depends on nothing but itself and `facts`; a
/// few items have none.
pub fn encode_items(items: &[Arc<Item>], facts: &ModelFacts) -> Vec<Value> {
    items
        .iter()
        .filter_map(|item| encode_item(item, facts))
        .collect()
}

fn add_step(body: &mut Value, request: &Request, facts: &ModelFacts) {
    body["store"] = json!(false);
    body["stream"] = json!(true);
    if !request.tools.is_empty() {
        let tools: Vec<Value> = request
            .tools
            .iter()
            .map(|tool| encode_tool(tool, facts))
            .collect();
        body["tools"] = json!(tools);
        body["tool_choice"] = json!("auto");
        body["parallel_tool_calls"] = json!(true);
    }
    // Models without reasoning refuse both fields.
    if facts.reasoning {
        body["include"] = json!(["reasoning.encrypted_content"]);
        body["reasoning"] = json!({"summary": "auto"});
        fields::set(
            &mut body["reasoning"],
            "effort",
            request.reasoning.map(effort),
        );
    }
    fields::set(body, "max_output_tokens", request.max_output_tokens);
}

fn encode_tool(tool: &ToolSpec, facts: &ModelFacts) -> Value {
    match tool {
        ToolSpec::Freeform {
            name,
            description,
            grammar,
        } if facts.freeform_tools => json!({
            "type": "custom",
            "name": name,
            "description": description,
            "format": {"type": "grammar", "syntax": "lark", "definition": grammar},
        }),
        tool => {
            let (name, description, parameters) = tools::function(tool);
            json!({
                "type": "function",
                "name": name,
                "description": description,
                "parameters": parameters,
                // Without it the service makes every argument required.
                "strict": false,
            })
        }
    }
}

fn effort(effort: ReasoningEffort) -> &'static str {
    match effort {
        ReasoningEffort::None => "none",
        ReasoningEffort::Minimal => "minimal",
        ReasoningEffort::Low => "low",
        ReasoningEffort::Medium => "medium",
        ReasoningEffort::High => "high",
        ReasoningEffort::ExtraHigh => "xhigh",
    }
}

fn encode_item(item: &Item, facts: &ModelFacts) -> Option<Value> {
    match item {
        Item::Message {
            role,
            content,
            phase,
        } => message(*role, content, *phase, facts),
        Item::Reasoning { carried, .. } => carried.as_ref().and_then(given_back),
        Item::ToolCall(call) => Some(encode_call(call, facts)),
        Item::ToolOutput {
            call_id,
            form,
            content,
            ..
        } => Some(json!({
            "type": match form_on_wire(*form, facts) {
                CallForm::Function => "function_call_output",
                CallForm::Freeform => "custom_tool_call_output",
            },
            "call_id": call_id,
            "output": output(content, facts),
        })),
        Item::Carried(carried) => given_back(carried),
    }
}

fn message(
    role: Role,
    parts: &[Content],
    phase: Option<Phase>,
    facts: &ModelFacts,
) -> Option<Value> {
    let (role, kind) = match role {
        Role::Developer => ("developer", "input_text"),
        Role::User => ("user", "input_text"),
        Role::Assistant => ("assistant", "output_text"),
    };
    let parts = content::parts(
        parts,
        facts,
        |text| json!({"type": kind, "text": text}),
        image,
    );
    let mut message = json!({"type": "message", "role": role, "content": message_content(parts)});
    let phase = phase.map(|phase| match phase {
        Phase::Commentary => "commentary",
        Phase::FinalAnswer => "final_answer",
    });
    fields::set(&mut message, "phase", phase);
    (message["content"] != json!([])).then_some(message)
}

/// The model's text as a plain string: as a part it would be an output item, which services that check their input
/// take only with an id and a status.
fn message_content(mut parts: Vec<Value>) -> Value {
    match parts.as_mut_slice() {
        [part] if part["type"] == "output_text" => part["text"].take(),
        _ => Value::Array(parts),
    }
}

fn encode_call(call: &ToolCall, facts: &ModelFacts) -> Value {
    match form_on_wire(call.form, facts) {
        CallForm::Freeform => json!({
            "type": "custom_tool_call",
            "call_id": call.call_id,
            "name": call.name,
            "input": call.arguments,
        }),
        CallForm::Function => json!({
            "type": "function_call",
            "call_id": call.call_id,
            "name": call.name,
            "arguments": arguments::text(call),
        }),
    }
}

/// One text as it is, everything else as parts.
fn output(parts: &[Content], facts: &ModelFacts) -> Value {
    let text = |text: &str| json!({"type": "input_text", "text": text});
    let mut parts = content::parts(parts, facts, text, image);
    match parts.as_mut_slice() {
        [] => json!(""),
        [part] if part["type"] == "input_text" => part["text"].take(),
        _ => Value::Array(parts),
    }
}

fn image(media_type: &str, data: &str) -> Value {
    json!({"type": "input_image", "detail": "auto", "image_url": content::data_url(media_type, data)})
}

fn given_back(carried: &Carried) -> Option<Value> {
    let kind = carried.value["type"].as_str().unwrap_or_default();
    (carried.wire == Wire::Responses && !NOT_GIVEN_BACK.contains(&kind))
        .then(|| carried.value.clone())
}

/// A conversation that began with a model that takes free text may go on with one that does not.
fn form_on_wire(form: CallForm, facts: &ModelFacts) -> CallForm {
    if facts.freeform_tools {
        form
    } else {
        CallForm::Function
    }
}
