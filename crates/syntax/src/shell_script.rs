//! A shell's script taken apart into the plain commands in it, for whoever judges commands by their words.
//!
//! The grammar is Bash's; which shell will run the script is not known here, so a script counts as plain only when every
//! shell reads it alike. Used by the agent's rules about commands.

use text::Text;
use tree_sitter::Node;

use crate::{Cancel, Language, ParseLimits, parse};

/// The commands of a script.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShellScript {
    /// Every command that was found, in order, wherever it stands: its words as the program gets them. A word that only
    /// the shell could work out is as it is written.
    pub commands: Vec<Vec<String>>,
    /// Whether the script is nothing but these commands, one after or beside another, with exactly these words: no
    /// substitution, variable, pattern, file, function or condition but `&&` and `||`.
    pub is_plain: bool,
}

impl ShellScript {
    /// Takes `text` apart. Anything can be: what is not understood is not plain.
    pub fn read(text: &str) -> Self {
        let mut reader = Reader {
            text,
            script: Self {
                commands: Vec::new(),
                is_plain: true,
            },
        };
        let tree = Language::from_id("bash").and_then(|bash| {
            parse(
                bash,
                &Text::from(text),
                None,
                &ParseLimits::default(),
                &Cancel::new(),
            )
            .ok()
        });
        match &tree {
            Some(tree) => {
                reader.script.is_plain = !tree.has_errors() && !text.chars().any(is_odd);
                reader.visit(tree.tree().root_node());
            }
            None => reader.script.is_plain = false,
        }
        reader.script
    }
}

/// Walks the tree of a script.
struct Reader<'a> {
    text: &'a str,
    script: ShellScript,
}

/// What a script is made of that changes nothing about its commands' words.
const FRAMES: [&str; 5] = [
    "program",
    "list",
    "pipeline",
    "redirected_statement",
    "comment",
];

/// What stands between commands. `&` is not among them: a command in the background outlives its answer.
const SEPARATORS: [&str; 6] = ["&&", "||", "|", "|&", ";", "\n"];

impl Reader<'_> {
    fn visit(&mut self, node: Node<'_>) {
        match node.kind() {
            "command" => self.command(node),
            "file_redirect" if self.is_harmless(node) => {}
            kind => {
                let is_frame =
                    FRAMES.contains(&kind) || (!node.is_named() && SEPARATORS.contains(&kind));
                self.script.is_plain &= is_frame;
                self.visit_children(node);
            }
        }
    }

    fn visit_children(&mut self, node: Node<'_>) {
        let mut cursor = node.walk();
        for child in node.children(&mut cursor) {
            self.visit(child);
        }
    }

    fn command(&mut self, node: Node<'_>) {
        let place = self.script.commands.len();
        self.script.commands.push(Vec::new());
        let mut words = Vec::new();
        let mut cursor = node.walk();
        for child in node.children(&mut cursor) {
            match child.kind() {
                "command_name" => words.extend(child.child(0).map(|name| self.word(name))),
                // A variable for the command alone may change what it does: `GIT_SSH_COMMAND=… git fetch`.
                "variable_assignment" => {
                    self.script.is_plain = false;
                    self.visit_children(child);
                }
                "file_redirect" | "herestring_redirect" | "heredoc_redirect" | "subshell" => {
                    self.visit(child)
                }
                _ => words.push(self.word(child)),
            }
        }
        self.script.commands[place] = words;
    }

    /// A word as the program gets it; what is in it is looked through for further commands.
    fn word(&mut self, node: Node<'_>) -> String {
        if let Some(word) = literal(node, self.text) {
            return word;
        }
        self.script.is_plain = false;
        self.visit_children(node);
        self.written(node).to_owned()
    }

    /// Whether it only joins outputs, or throws one away.
    fn is_harmless(&self, redirect: Node<'_>) -> bool {
        let written = self
            .written(redirect)
            .trim_start_matches(|character: char| character.is_ascii_digit());
        let target = written.trim_start_matches(['<', '>', '&']).trim();
        let operator =
            &written[..written.len() - written.trim_start_matches(['<', '>', '&']).len()];
        match operator {
            ">&" => matches!(target, "1" | "2"),
            "<" | ">" | ">>" | "&>" => target == "/dev/null",
            _ => false,
        }
    }

    fn written(&self, node: Node<'_>) -> &str {
        &self.text[node.byte_range()]
    }
}

/// What a word says, if no shell finds anything in it to work out.
fn literal(node: Node<'_>, text: &str) -> Option<String> {
    let written = &text[node.byte_range()];
    match node.kind() {
        "word" | "number" => is_bare(written).then(|| written.to_owned()),
        "raw_string" => {
            let inner = written.strip_prefix('\'')?.strip_suffix('\'')?;
            is_visible(inner).then(|| inner.to_owned())
        }
        "string" => {
            let inner = written.strip_prefix('"')?.strip_suffix('"')?;
            let is_dead = is_visible(inner) && !inner.contains(['$', '`', '\\', '!', '"']);
            is_dead.then(|| inner.to_owned())
        }
        "concatenation" => {
            let mut cursor = node.walk();
            let pieces = node.children(&mut cursor);
            pieces.map(|piece| literal(piece, text)).collect()
        }
        _ => None,
    }
}

/// Characters that mean themselves in every shell. zsh looks for the program behind a leading `=`.
fn is_bare(written: &str) -> bool {
    let is_safe =
        |character: char| character.is_ascii_alphanumeric() || "-_./:=@%+,".contains(character);
    written.chars().all(is_safe) && !written.starts_with('=')
}

/// Blanks of which shells and the grammar may think differently.
fn is_odd(character: char) -> bool {
    let is_usual = matches!(character, ' ' | '\t' | '\n');
    !is_usual && (character.is_control() || character.is_whitespace())
}

fn is_visible(inner: &str) -> bool {
    !inner.chars().any(char::is_control)
}

#[cfg(test)]
mod tests;
