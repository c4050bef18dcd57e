//! Names of files as Git writes them: as they are, or in quotes when something in them would mislead a
//! reader or a terminal.

use std::borrow::Cow;
use std::path::Path;

/// The parts of a relative path with `/` between them, whatever the system writes there.
pub(crate) fn join(path: &Path) -> Vec<u8> {
    let parts: Vec<&[u8]> = path
        .components()
        .map(|part| part.as_os_str().as_encoded_bytes())
        .collect();
    parts.join(&b'/')
}

/// The name, in quotes if it needs them.
pub(crate) fn quoted(name: &[u8]) -> Cow<'_, [u8]> {
    if needs_quotes(name) {
        Cow::Owned(in_quotes(name))
    } else {
        Cow::Borrowed(name)
    }
}

/// The name behind `prefix`, both in quotes if the name needs them.
pub(crate) fn quoted_with_prefix(prefix: &str, name: &[u8]) -> Vec<u8> {
    let whole = [prefix.as_bytes(), name].concat();
    if needs_quotes(name) {
        in_quotes(&whole)
    } else {
        whole
    }
}

/// Whether the name has control characters, quotes or backslashes in it, begins or ends with a blank, or
/// is not UTF-8. Letters of other scripts stay readable, as with Git's `core.quotePath=false`.
fn needs_quotes(name: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(name) else {
        return true;
    };
    let is_odd = |character: char| character.is_control() || matches!(character, '"' | '\\');
    text.contains(is_odd) || text.starts_with(' ') || text.ends_with(' ')
}

/// C's escapes, as `quote_c_style` in Git's quote.c has them; what is no letter of UTF-8, in octal.
fn in_quotes(name: &[u8]) -> Vec<u8> {
    let mut quoted = vec![b'"'];
    for chunk in name.utf8_chunks() {
        for character in chunk.valid().chars() {
            push_escaped(&mut quoted, character);
        }
        push_octal(&mut quoted, chunk.invalid());
    }
    quoted.push(b'"');
    quoted
}

fn push_escaped(quoted: &mut Vec<u8>, character: char) {
    let mut buffer = [0; 4];
    let encoded = character.encode_utf8(&mut buffer).as_bytes();
    let escape = match character {
        '\u{7}' => b'a',
        '\u{8}' => b'b',
        '\t' => b't',
        '\n' => b'n',
        '\u{b}' => b'v',
        '\u{c}' => b'f',
        '\r' => b'r',
        '"' | '\\' => encoded[0],
        _ if character.is_control() => return push_octal(quoted, encoded),
        _ => return quoted.extend_from_slice(encoded),
    };
    quoted.extend_from_slice(&[b'\\', escape]);
}

fn push_octal(quoted: &mut Vec<u8>, bytes: &[u8]) {
    for byte in bytes {
        quoted.extend_from_slice(format!("\\{byte:03o}").as_bytes());
    }
}
