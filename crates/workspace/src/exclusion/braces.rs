//! The one place where git's patterns differ from the glob engine's: in git braces stand for themselves.
//! Used on the lists that git reads as well; in our own lists `*.{key,pem}` means what it seems to.

/// `line` with its braces escaped, except in a character class, where they stand for themselves anyway.
pub(super) fn escape_braces(line: &str) -> String {
    let mut escaped = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(character) = rest.chars().next() {
        let taken = match character {
            '\\' => 1 + rest[1..].chars().next().map_or(0, char::len_utf8),
            '[' => class_length(rest),
            '{' | '}' => {
                escaped.push('\\');
                1
            }
            other => other.len_utf8(),
        };
        escaped.push_str(&rest[..taken]);
        rest = &rest[taken..];
    }
    escaped
}

/// The bytes of the character class at the beginning of `rest`, or 1 where it is never closed.
fn class_length(rest: &str) -> usize {
    let inside = rest[1..].trim_start_matches(['!', '^']);
    let begin = rest.len() - inside.len();
    // A bracket in the first place belongs to the class.
    let skipped = usize::from(inside.starts_with(']'));
    match inside[skipped..].find(']') {
        Some(end) => begin + skipped + end + 1,
        None => 1,
    }
}
