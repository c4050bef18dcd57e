//! Takes secrets out of log lines: whatever looks like a key, and the very values of the key variables in our environment.

use std::borrow::Cow;

use regex::Regex;

const PLACEHOLDER: &str = "[redacted]";
/// Shorter values of key variables are no keys, and replacing them would make the log unreadable.
const MIN_KEY_LENGTH: usize = 8;

/// What keys look like: the prefixes of well-known services, bearer tokens, and values behind names that say so.
const PATTERNS: [&str; 5] = [
    r"\b(?:sk|pk|rk)-[A-Za-z0-9_-]{12,}",
    r"\b(?:ghp|gho|ghu|ghs|github_pat|glpat|hf|xox[abp]|AKIA|AIza)[A-Za-z0-9_-]{12,}",
    r#"(?i)\b(?:authorization["']?\s*[:=]\s*["']?)?(?:bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,}"#,
    r#"(?i)\b[a-z0-9_-]*(?:api[_-]?key|token|secret|password|passwd|authorization)["']?\s*[:=]\s*["']?[^\s"',}]{6,}"#,
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----",
];

/// Knows what to take out.
pub(super) struct Redactor {
    pattern: Regex,
    values: Vec<String>,
}

impl Redactor {
    /// Also takes out the values of variables of this process that are named like keys.
    pub(super) fn from_environment() -> Self {
        let values = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .filter(|(name, _)| is_key_name(name))
            .map(|(_, value)| value);
        Self::new(values)
    }

    fn new(values: impl Iterator<Item = String>) -> Self {
        Self {
            pattern: Regex::new(&PATTERNS.join("|")).expect("the patterns are tested"),
            values: values
                .filter(|value| MIN_KEY_LENGTH <= value.len())
                .collect(),
        }
    }

    /// `line` with a placeholder in place of each secret.
    pub(super) fn redact<'a>(&self, line: &'a str) -> Cow<'a, str> {
        let mut line = self.pattern.replace_all(line, PLACEHOLDER);
        for value in &self.values {
            if line.contains(value) {
                line = line.replace(value, PLACEHOLDER).into();
            }
        }
        line
    }
}

fn is_key_name(name: &str) -> bool {
    ["KEY", "TOKEN", "SECRET", "PASSWORD"]
        .iter()
        .any(|part| name.to_ascii_uppercase().ends_with(part))
}

#[cfg(test)]
mod tests {
    use super::Redactor;

    #[test]
    fn keys_are_taken_out_and_the_rest_stays() {
        let redactor =
            Redactor::new(["hunter2-hunter2".to_string(), "short".to_string()].into_iter());
        for (line, expected) in [
            (
                "opened src/main.rs version 3",
                "opened src/main.rs version 3",
            ),
            (
                "key sk-proj-abcdefghijklmnop1234 used",
                "key [redacted] used",
            ),
            ("Authorization: Bearer abcdef123456", "[redacted]"),
            (r#"{"api_key":"0123456789abcdef"}"#, r#"{"[redacted]"}"#),
            ("OPENAI_API_KEY=abcdefgh12345678", "[redacted]"),
            (
                "pass hunter2-hunter2 and short",
                "pass [redacted] and short",
            ),
            ("ghp_abcdefghijklmnopqrst1234", "[redacted]"),
            ("12 tokens read", "12 tokens read"),
        ] {
            assert_eq!(redactor.redact(line), expected);
        }
    }
}
