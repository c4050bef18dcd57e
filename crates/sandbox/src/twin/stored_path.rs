//! Paths in the twin's own files: JSON is Unicode, file names are bytes.

use std::{
    ffi::OsString,
    os::unix::ffi::{OsStrExt, OsStringExt},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

/// A path that is written as text: `%` and bytes that are no UTF-8 as `%` with two hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct StoredPath(pub(super) PathBuf);

impl Serialize for StoredPath {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&to_text(&self.0))
    }
}

impl<'de> Deserialize<'de> for StoredPath {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        from_text(&text)
            .map(Self)
            .ok_or_else(|| D::Error::custom("a `%` is not followed by two hexadecimal digits"))
    }
}

fn to_text(path: &Path) -> String {
    let mut text = String::new();
    for chunk in path.as_os_str().as_bytes().utf8_chunks() {
        text.push_str(&chunk.valid().replace('%', "%25"));
        for byte in chunk.invalid() {
            text.push_str(&format!("%{byte:02x}"));
        }
    }
    text
}

fn from_text(text: &str) -> Option<PathBuf> {
    let mut parts = text.split('%');
    let mut bytes = parts.next()?.as_bytes().to_vec();
    for part in parts {
        let (digits, rest) = part.split_at_checked(2)?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        bytes.extend_from_slice(rest.as_bytes());
    }
    Some(OsString::from_vec(bytes).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_bytes_come_back() {
        let mut random = fastrand::Rng::with_seed(7);
        for _ in 0..2000 {
            let bytes: Vec<u8> = (0..random.usize(0..12))
                .map(|_| *random.choice(b"a%2f\xff\xc3\xa4\n\x80/").unwrap())
                .collect();
            let path = PathBuf::from(OsString::from_vec(bytes));
            let text = serde_json::to_string(&StoredPath(path.clone())).unwrap();
            let read: StoredPath = serde_json::from_str(&text).unwrap();
            assert_eq!(read.0, path);
        }
    }

    #[test]
    fn damage_is_an_error() {
        for text in ["\"%\"", "\"%4\"", "\"a%zz\"", "\"%é\""] {
            assert!(serde_json::from_str::<StoredPath>(text).is_err(), "{text}");
        }
    }
}
