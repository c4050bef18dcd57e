//! Tools as functions of a JSON object, for wires that know no others.

use serde_json::{Value, json};

use crate::ToolSpec;

/// Name, description and schema of a tool. One that takes free text becomes a function of one text.
pub(super) fn function(tool: &ToolSpec) -> (&str, String, Value) {
    match tool {
        ToolSpec::Function {
            name,
            description,
            parameters,
        } => (name, description.clone(), parameters.clone()),
        ToolSpec::Freeform {
            name,
            description,
            grammar,
        } => (
            name,
            format!("{description}\n\n`input` is text in this Lark grammar:\n{grammar}"),
            json!({
                "type": "object",
                "properties": {"input": {"type": "string"}},
                "required": ["input"],
                "additionalProperties": false,
            }),
        ),
    }
}

/// The tools as Chat Completions and Ollama list them.
pub(super) fn functions(tools: &[ToolSpec]) -> Vec<Value> {
    let wrapped = |tool| {
        let (name, description, parameters) = function(tool);
        json!({
            "type": "function",
            "function": {"name": name, "description": description, "parameters": parameters},
        })
    };
    tools.iter().map(wrapped).collect()
}
