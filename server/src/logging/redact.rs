//! Takes secrets out of log lines: whatever looks like a key, and the very values of the key variables in our environment.

use std::borrow::Cow;
use std::cmp::Reverse;

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
    // A key whose end is missing is one all the same, so everything to the end of the record goes.
    r"(?s)-----BEGIN [A-Z0-9 ]*PRIVATE KEY.*?(?:-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----|\z)",
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

    /// The same with given values.
    pub(super) fn new(values: impl Iterator<Item = String>) -> Self {
        let mut values: Vec<String> = values
            .filter(|value| MIN_KEY_LENGTH <= value.len())
            .collect();
        // A value that begins another must not leave the other's rest behind.
        values.sort_by_key(|value| Reverse(value.len()));
        Self {
            pattern: Regex::new(&PATTERNS.join("|")).expect("the patterns are tested"),
            values,
        }
    }

    /// `line` with a placeholder in place of each secret.
    pub(super) fn redact<'a>(&self, line: &'a str) -> Cow<'a, str> {
        let mut line = Cow::Borrowed(line);
        // The values first: a pattern could take out a part of one.
        for value in &self.values {
            if line.contains(value) {
                line = line.replace(value, PLACEHOLDER).into();
            }
        }
        match self.pattern.replace_all(&line, PLACEHOLDER) {
            Cow::Borrowed(_) => line,
            Cow::Owned(redacted) => redacted.into(),
        }
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

    #[test]
    fn a_private_key_is_taken_out_to_its_end_or_to_the_end_of_the_record() {
        let redactor = Redactor::new(std::iter::empty());
        let body = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC";
        for kind in ["PRIVATE KEY", "RSA PRIVATE KEY", "PGP PRIVATE KEY BLOCK"] {
            for line_break in ["\n", "\r\n", "\\n", " "] {
                let lines = [body; 3].join(line_break);
                let cut = format!("-----BEGIN {kind}-----{line_break}{lines}");
                assert_eq!(redactor.redact(&format!("text {cut}")), "text [redacted]");
                let whole = format!("{cut}{line_break}-----END {kind}-----");
                assert_eq!(
                    redactor.redact(&format!("a {whole} b {whole} c")),
                    "a [redacted] b [redacted] c"
                );
            }
        }
        let public = "-----BEGIN PUBLIC KEY----- MFwwDQYJKoZIhvcNAQEB -----END PUBLIC KEY-----";
        assert_eq!(redactor.redact(public), public);
    }

    #[test]
    fn values_are_taken_out_whole_though_they_overlap() {
        let redactor = Redactor::new(
            ["abcdefgh", "abcdefgh-ijkl", "x sk-abcdefghijklmnop y"]
                .into_iter()
                .map(String::from),
        );
        assert_eq!(redactor.redact("1 abcdefgh-ijkl 2"), "1 [redacted] 2");
        assert_eq!(
            redactor.redact("1 x sk-abcdefghijklmnop y 2"),
            "1 [redacted] 2"
        );
    }
}
