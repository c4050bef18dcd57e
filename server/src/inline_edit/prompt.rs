//! What the model is told for an inline edit. Pure.

use crate::tasks::goal::quote::fenced;

/// In bytes. More is a task's work: the model writes all of it again.
pub(crate) const LONGEST_SELECTION: usize = 48 * 1024;

/// So much of the document around the selection is told, in bytes.
const LONGEST_BEFORE: usize = 16 * 1024;
const LONGEST_AFTER: usize = 8 * 1024;

const INSTRUCTIONS: &str = "You edit text in place. The user has selected a part of a document and says what is to become of it. \
    Answer with the text that takes the selection's place, all of it, in one fenced code block, and with nothing else: no \
    explanation, and no text from before or after the selection. Keep the document's indentation and style. If the selection is \
    empty, write what is to be inserted there. If the instruction stands in the selection as a comment that begins with `rw:`, \
    leave that comment out.";

/// What an inline edit is about.
pub(crate) struct Scene<'a> {
    /// The file's name as the user knows it.
    pub(crate) path: &'a str,
    /// The language's name; empty when it is not known.
    pub(crate) language: &'a str,
    /// The document before the selection.
    pub(crate) before: &'a str,
    pub(crate) selected: &'a str,
    /// The document after it.
    pub(crate) after: &'a str,
    /// What the user wants.
    pub(crate) instruction: &'a str,
}

/// A request in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Prompt {
    /// The same for all inline edits.
    pub(crate) instructions: &'static str,
    /// What the user says.
    pub(crate) message: String,
    /// So many backticks stand around the answer at least: more than any run of them in the selection.
    pub(crate) fence: usize,
}

impl Prompt {
    /// The request for a scene.
    pub(crate) fn of(scene: &Scene<'_>) -> Self {
        let quote = |text: &str| fenced(text, scene.language);
        let selected = quote(scene.selected);
        let fence = selected.bytes().take_while(|byte| *byte == b'`').count();
        let language = match scene.language {
            "" => String::new(),
            language => format!(" ({language})"),
        };
        let mut parts = vec![
            format!("Document: {}{language}", scene.path),
            format!("Instruction: {}", scene.instruction),
        ];
        let before = end_of(scene.before);
        if !before.trim().is_empty() {
            parts.push(format!("Before the selection:\n{}", quote(before)));
        }
        match scene.selected.is_empty() {
            true => parts.push("The selection is empty: the answer is inserted here.".to_owned()),
            false => parts.push(format!("The selection:\n{selected}")),
        }
        let after = start_of(scene.after);
        if !after.trim().is_empty() {
            parts.push(format!("After the selection:\n{}", quote(after)));
        }
        let ticks = "`".repeat(fence);
        parts.push(format!("Answer between lines of {ticks}."));
        Self {
            instructions: INSTRUCTIONS,
            message: parts.join("\n\n"),
            fence,
        }
    }
}

/// The last lines of `text` that are within the limit.
fn end_of(text: &str) -> &str {
    let Some(mut start) = text.len().checked_sub(LONGEST_BEFORE) else {
        return text;
    };
    while !text.is_char_boundary(start) {
        start += 1;
    }
    let cut = &text[start..];
    cut.split_once('\n').map_or(cut, |(_, lines)| lines)
}

/// The first lines of `text` that are within the limit.
fn start_of(text: &str) -> &str {
    let cut = crate::tasks::goal::quote::beginning(text, LONGEST_AFTER);
    match cut.len() == text.len() {
        true => cut,
        false => cut.rsplit_once('\n').map_or(cut, |(lines, _)| lines),
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    #[test]
    fn a_prompt_says_where_what_and_how() {
        let prompt = Prompt::of(&Scene {
            path: "src/shop.rs",
            language: "rust",
            before: "fn price() -> u32 {\n",
            selected: "    3 // ```\n",
            after: "}\n",
            instruction: "make it four",
        });
        assert_eq!(prompt.fence, 4);
        expect![[r#"
            Document: src/shop.rs (rust)

            Instruction: make it four

            Before the selection:
            ```rust
            fn price() -> u32 {
            ```

            The selection:
            ````rust
                3 // ```
            ````

            After the selection:
            ```rust
            }
            ```

            Answer between lines of ````."#]]
        .assert_eq(&prompt.message);
    }

    #[test]
    fn what_is_around_is_cut_at_lines_and_characters() {
        let long = "é é é é\n".repeat(20_000);
        let scene = |selected| Scene {
            path: "a",
            language: "",
            before: &long,
            selected,
            after: &long,
            instruction: "i",
        };
        let prompt = Prompt::of(&scene(""));
        assert!(prompt.message.len() < LONGEST_BEFORE + LONGEST_AFTER + 500);
        let quoted = prompt.message.lines().filter(|line| line.contains('é'));
        assert!(quoted.into_iter().all(|line| line == "é é é é"));
    }
}
