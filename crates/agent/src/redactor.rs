//! Masks secrets (the keys in use) in what tools answer, before it is logged, shown or sent anywhere.

use std::borrow::Cow;

use models::Content;

use crate::tool::{Presentation, ToolOutput};

/// Stands in place of a secret.
const MASK: &str = "[secret]";

/// Shorter values would be found in ordinary text.
const SHORTEST: usize = 6;

/// Knows the secrets.
#[derive(Clone, Default)]
pub struct Redactor {
    /// The longest first, so that one that contains another is found whole.
    secrets: Vec<String>,
}

impl Redactor {
    /// Masks exactly these values; values of less than 6 bytes are passed over.
    pub fn new(secrets: impl IntoIterator<Item = String>) -> Self {
        let is_long = |secret: &String| secret.len() >= SHORTEST;
        let mut secrets: Vec<String> = secrets.into_iter().filter(is_long).collect();
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        Self { secrets }
    }

    /// `text` without secrets.
    pub fn mask<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut masked = Cow::Borrowed(text);
        for secret in &self.secrets {
            if masked.contains(secret) {
                masked = Cow::Owned(masked.replace(secret, MASK));
            }
        }
        masked
    }

    /// A tool's answer without secrets.
    pub fn mask_output(&self, mut output: ToolOutput) -> ToolOutput {
        for part in &mut output.content {
            if let Content::Text { text } = part {
                self.mask_in_place(text);
            }
        }
        match &mut output.presentation {
            Some(Presentation::Command { command, .. }) => self.mask_in_place(command),
            Some(Presentation::FileChanges { changes }) => {
                for change in changes {
                    self.mask_in_place(&mut change.diff);
                }
            }
            Some(Presentation::Plan { steps }) => {
                for step in steps {
                    self.mask_in_place(&mut step.step);
                }
            }
            None => {}
        }
        output
    }

    fn mask_in_place(&self, text: &mut String) {
        if let Cow::Owned(masked) = self.mask(text) {
            *text = masked;
        }
    }
}

impl std::fmt::Debug for Redactor {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Redactor({} secrets)", self.secrets.len())
    }
}

/// Masks text that comes in pieces: a secret may lie across two of them.
#[derive(Debug)]
pub(crate) struct RedactingStream<'a> {
    redactor: &'a Redactor,
    /// What may be the beginning of a secret.
    held: String,
}

impl<'a> RedactingStream<'a> {
    pub(crate) fn new(redactor: &'a Redactor) -> Self {
        Self {
            redactor,
            held: String::new(),
        }
    }

    /// Takes a piece; gives what can be shown by now.
    pub(crate) fn push(&mut self, piece: &str) -> String {
        self.held.push_str(piece);
        let masked = self.redactor.mask(&self.held).into_owned();
        let shown = masked.len() - self.beginning_of_secret(&masked);
        self.held = masked[shown..].to_owned();
        masked[..shown].to_owned()
    }

    /// The rest.
    pub(crate) fn take(&mut self) -> String {
        std::mem::take(&mut self.held)
    }

    /// The length of the longest end of `text` that some secret begins with.
    fn beginning_of_secret(&self, text: &str) -> usize {
        let longest = |secret: &String| {
            let ends = (1..secret.len())
                .rev()
                .filter(|length| secret.is_char_boundary(*length));
            ends.into_iter()
                .find(|length| text.ends_with(&secret[..*length]))
                .unwrap_or(0)
        };
        self.redactor.secrets.iter().map(longest).max().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_masked_wherever_the_stream_is_cut() {
        let secret = "sk-aab-sk-aac";
        let redactor = Redactor::new([secret.to_owned(), "sk-aab".to_owned(), "abc".to_owned()]);
        let text = format!("a{secret}sk-aa{secret}abc sk-aab sk-a end sk-aab-sk");
        let expected = "a[secret]sk-aa[secret]abc [secret] sk-a end [secret]-sk";
        assert_eq!(redactor.mask(&text), expected);
        let mut random = fastrand::Rng::with_seed(7);
        for _ in 0..500 {
            let mut stream = RedactingStream::new(&redactor);
            let mut shown = String::new();
            let mut rest = text.as_str();
            while !rest.is_empty() {
                let (piece, after) = rest.split_at(random.usize(1..=rest.len().min(9)));
                shown.push_str(&stream.push(piece));
                rest = after;
            }
            shown.push_str(&stream.take());
            assert!(!shown.contains("sk-aab"), "{shown}");
        }
    }

    #[test]
    fn every_text_of_an_output_is_masked() {
        let redactor = Redactor::new(["topsecret".to_owned()]);
        let output = ToolOutput::success("key: topsecret").presented(Presentation::Command {
            command: "echo topsecret".into(),
            exit_code: Some(0),
            needs: Vec::new(),
        });
        let masked = redactor.mask_output(output);
        let json = serde_json::to_string(&masked).expect("an output is JSON");
        assert!(!json.contains("topsecret"), "{json}");
        assert_eq!(json.matches(MASK).count(), 2);
        assert!(!format!("{redactor:?}").contains("topsecret"));
    }
}
