//! Keeps keys out of everything that a person or a log may see: services echo them in their errors.

use std::fmt;
use std::sync::Arc;

/// What stands in place of a secret.
const REPLACEMENT: &str = "[key]";
/// A piece this long that begins like a secret is taken for a shortened form of it.
const TELLING_PREFIX: usize = 6;
/// Shorter values are no secrets, and replacing them would spoil messages.
const SHORTEST_SECRET: usize = 8;

/// Takes secrets out of texts that come from outside.
#[derive(Clone, Default)]
pub(crate) struct Scrubber {
    secrets: Arc<[Arc<str>]>,
}

impl Scrubber {
    /// A scrubber for `secrets`; values that are too short to be secrets are left alone.
    pub(crate) fn new<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Self {
        let mut secrets: Vec<Arc<str>> = secrets
            .into_iter()
            .filter(|secret| secret.len() >= SHORTEST_SECRET)
            .map(Arc::from)
            .collect();
        // The longest first: a secret that contains another is replaced whole.
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        Self {
            secrets: secrets.into(),
        }
    }

    /// `text` without any of the secrets, also where a service echoes one shortened (`sk-abc***xyz`).
    pub(crate) fn scrub(&self, text: &str) -> String {
        let mut scrubbed = text.to_owned();
        for secret in self.secrets.iter() {
            scrubbed = scrubbed.replace(&**secret, REPLACEMENT);
            scrubbed = scrub_shortened(&scrubbed, secret);
        }
        scrubbed
    }
}

impl fmt::Debug for Scrubber {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Scrubber({} secrets)", self.secrets.len())
    }
}

/// Replaces every word of `text` that begins like `secret`.
fn scrub_shortened(text: &str, secret: &str) -> String {
    let Some(prefix) = secret.get(..TELLING_PREFIX) else {
        return text.to_owned();
    };
    let mut scrubbed = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(prefix) {
        scrubbed.push_str(&rest[..start]);
        scrubbed.push_str(REPLACEMENT);
        let word = &rest[start..];
        let end = word.find(|c: char| !is_key_character(c));
        rest = &word[end.unwrap_or(word.len())..];
    }
    scrubbed.push_str(rest);
    scrubbed
}

fn is_key_character(character: char) -> bool {
    character.is_alphanumeric() || "-_*.•…/+=~".contains(character)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn echoes_are_replaced_whole_and_shortened() {
        let scrubber = Scrubber::new(["sk-live-0123456789abcdef", "short"]);
        let text =
            "Incorrect key sk-liv*****cdef (sent: \"sk-live-0123456789abcdef\"), a short text.";
        assert_eq!(
            scrubber.scrub(text),
            "Incorrect key [key] (sent: \"[key]\"), a short text."
        );
    }

    #[test]
    fn no_secret_survives_in_any_surroundings() {
        let mut random = fastrand::Rng::with_seed(11);
        for _ in 0..2_000 {
            let secret: String = (0..random.usize(8..60))
                .map(|_| random.alphanumeric())
                .collect();
            let scrubber = Scrubber::new([secret.as_str()]);
            let mut text = String::new();
            for _ in 0..random.usize(1..5) {
                let filler = random.usize(0..20);
                text.extend((0..filler).map(|_| random.char('\u{20}'..'\u{3ff}')));
                text.push_str(&secret);
            }
            let scrubbed = scrubber.scrub(&text);
            assert!(!scrubbed.contains(&secret), "{secret} in {scrubbed}");
        }
    }
}
