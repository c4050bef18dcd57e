//! Quoting text of the workspace in a prompt, so that it stays recognisable as a quotation whatever it contains. Pure.

/// `text` in a fence that is longer than any run of its own backticks, marked with `language` where that is known.
pub(crate) fn fenced(text: &str, language: &str) -> String {
    let fence = "`".repeat((longest_run(text) + 1).max(3));
    let language: String = language
        .chars()
        .filter(|character| character.is_ascii_alphanumeric() || "+#-".contains(*character))
        .collect();
    let text = text.trim_end_matches(['\n', '\r']);
    format!("{fence}{language}\n{text}\n{fence}")
}

/// The beginning of `text`, at most `longest` bytes.
pub(crate) fn beginning(text: &str, longest: usize) -> &str {
    let mut end = longest.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

fn longest_run(text: &str) -> usize {
    let runs = text.split(|character| character != '`');
    runs.map(str::len).max().unwrap_or(0)
}
