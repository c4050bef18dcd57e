//! What the measuring clients put on the wire: frames, and the URIs of files.

use std::io::{BufRead, Write};
use std::path::Path;

use anyhow::{Context as _, bail};
use serde_json::Value;

/// Writes one message with its frame.
pub(in crate::bench) fn write_message(
    output: &mut impl Write,
    message: &Value,
) -> std::io::Result<()> {
    let body = message.to_string();
    // One write a message, as editors do it.
    output.write_all(format!("Content-Length: {}\r\n\r\n{body}", body.len()).as_bytes())
}

/// Reads one message; an error at the end.
pub(in crate::bench) fn read_message(reader: &mut impl BufRead) -> anyhow::Result<Value> {
    let mut length = None;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            bail!("the server closed its output");
        }
        match line.trim_end().split_once(": ") {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                length = Some(value.parse()?)
            }
            Some(_) => {}
            None => break,
        }
    }
    let mut body = vec![0; length.context("a frame without a length")?];
    reader.read_exact(&mut body)?;
    Ok(serde_json::from_slice(&body)?)
}

/// The URI of a file.
pub(in crate::bench) fn uri(path: &Path) -> String {
    let mut uri = String::from("file://");
    for byte in path.to_string_lossy().bytes() {
        if byte.is_ascii_alphanumeric() || b"/-_.~".contains(&byte) {
            uri.push(byte.into());
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uris_are_encoded() {
        assert_eq!(uri(Path::new("/a b/ü.rs")), "file:///a%20b/%C3%BC.rs");
    }
}
