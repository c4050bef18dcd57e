//! What a model may write, what it is told of it, and what it is answered when it wrote something else.

use expect_test::{Expect, expect};
use models::{CallForm, Content, ToolCall};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{parse, schema};
use crate::tool::PlanStatus;

/// Documentation that the model does not get.
#[derive(Debug, PartialEq, Deserialize, JsonSchema)]
struct Example {
    /// Which file.
    path: String,
    /// How many lines.
    limit: Option<u64>,
    /// How far it is.
    status: Option<PlanStatus>,
    /// A field that is called like a keyword.
    title: Option<String>,
    #[serde(default)]
    steps: Vec<Step>,
}

#[derive(Debug, PartialEq, Deserialize, JsonSchema)]
struct Step {
    /// What to do.
    step: String,
}

fn read(arguments: &str) -> Result<Example, String> {
    let call = ToolCall {
        call_id: "1".into(),
        name: "example".into(),
        arguments: arguments.into(),
        form: CallForm::Function,
    };
    parse(&call, r#"{"path": "a"}"#).map_err(|output| match output.content.as_slice() {
        [Content::Text { text }] => text.clone(),
        other => panic!("{other:?}"),
    })
}

fn refuses(arguments: &str, expected: Expect) {
    expected.assert_eq(&read(arguments).unwrap_err());
}

#[test]
fn a_schema_is_one_object_without_noise() {
    let text = serde_json::to_string_pretty(&schema::<Example>()).unwrap();
    expect![[r#"
        {
          "additionalProperties": false,
          "properties": {
            "limit": {
              "description": "How many lines.",
              "type": "integer"
            },
            "path": {
              "description": "Which file.",
              "type": "string"
            },
            "status": {
              "description": "How far it is.",
              "enum": [
                "pending",
                "in_progress",
                "completed"
              ],
              "type": "string"
            },
            "steps": {
              "items": {
                "properties": {
                  "step": {
                    "description": "What to do.",
                    "type": "string"
                  }
                },
                "required": [
                  "step"
                ],
                "type": "object"
              },
              "type": "array"
            },
            "title": {
              "description": "A field that is called like a keyword.",
              "type": "string"
            }
          },
          "required": [
            "path"
          ],
          "type": "object"
        }"#]]
    .assert_eq(&text);
}

#[test]
fn arguments_are_read_as_models_write_them() {
    let expected = Example {
        path: "a".into(),
        limit: None,
        status: Some(PlanStatus::InProgress),
        title: None,
        steps: Vec::new(),
    };
    let object = r#"{"path": "a", "limit": null, "status": "in_progress", "unknown": 1}"#;
    assert_eq!(read(object).as_ref(), Ok(&expected));
    let twice = serde_json::to_string(object).unwrap();
    assert_eq!(read(&twice).as_ref(), Ok(&expected));
}

#[test]
fn what_cannot_be_read_is_explained() {
    refuses(
        "",
        expect![[r#"
        The arguments of example could not be read: missing field `path`.
        Expected: an object with path (string, required), limit (integer), status ("pending" or "in_progress" or "completed"), steps (array of {step}), title (string).
        Example: {"path": "a"}"#]],
    );
    refuses(
        r#"{"path": "a"#,
        expect![[r#"
        The arguments of example could not be read: they are not valid JSON: EOF while parsing a string at line 1 column 11.
        Expected: an object with path (string, required), limit (integer), status ("pending" or "in_progress" or "completed"), steps (array of {step}), title (string).
        Example: {"path": "a"}"#]],
    );
    refuses(
        r#"{"path": "a"} {"path": "b"}"#,
        expect![[r#"
        The arguments of example could not be read: they are not valid JSON: trailing characters at line 1 column 15.
        Expected: an object with path (string, required), limit (integer), status ("pending" or "in_progress" or "completed"), steps (array of {step}), title (string).
        Example: {"path": "a"}"#]],
    );
    refuses(
        r#"{"path": "a", "limit": "ten"}"#,
        expect![[r#"
        The arguments of example could not be read: `limit`: invalid type: string "ten", expected u64.
        Expected: an object with path (string, required), limit (integer), status ("pending" or "in_progress" or "completed"), steps (array of {step}), title (string).
        Example: {"path": "a"}"#]],
    );
    refuses(
        r#"{"path": "a", "limit": -1}"#,
        expect![[r#"
        The arguments of example could not be read: `limit`: invalid value: integer `-1`, expected u64.
        Expected: an object with path (string, required), limit (integer), status ("pending" or "in_progress" or "completed"), steps (array of {step}), title (string).
        Example: {"path": "a"}"#]],
    );
    refuses(
        r#"{"path": "a", "status": "done"}"#,
        expect![[r#"
        The arguments of example could not be read: `status`: unknown variant `done`, expected one of `pending`, `in_progress`, `completed`.
        Expected: an object with path (string, required), limit (integer), status ("pending" or "in_progress" or "completed"), steps (array of {step}), title (string).
        Example: {"path": "a"}"#]],
    );
    refuses(
        r#"{"path": "a", "steps": [{"step": "x"}, {"stop": "y"}]}"#,
        expect![[r#"
            The arguments of example could not be read: `steps[1]`: missing field `step`.
            Expected: an object with path (string, required), limit (integer), status ("pending" or "in_progress" or "completed"), steps (array of {step}), title (string).
            Example: {"path": "a"}"#]],
    );
    refuses(
        "[1]",
        expect![[r#"
        The arguments of example could not be read: `[0]`: invalid type: integer `1`, expected a string.
        Expected: an object with path (string, required), limit (integer), status ("pending" or "in_progress" or "completed"), steps (array of {step}), title (string).
        Example: {"path": "a"}"#]],
    );
}
