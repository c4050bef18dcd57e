//! Keys of services: found in the environment or the system's keyring, never written to a file, never shown.

use std::fmt;

/// How the keyring files our entries.
const KEYRING_SERVICE: &str = "ropewalk";

/// A service's key. Its text is given out for one purpose only; `Debug` and `Display` show that there is one.
#[derive(Clone, PartialEq, Eq)]
pub struct Key(String);

/// Where a key was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyOrigin {
    /// In this environment variable.
    Environment(String),
    /// In the system's keyring.
    Keyring,
}

/// Why a key cannot be had or kept.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// Keys are one line of visible ASCII; anything else was pasted wrongly.
    #[error("this is not a key: {0}")]
    Malformed(&'static str),
    /// There is no keyring, or it is locked, or it refused.
    #[error("the system's keyring cannot be used: {0}")]
    Keyring(String),
}

impl Key {
    /// Takes a key as it was typed or set; white space around it is not part of it.
    ///
    /// # Errors
    /// When it cannot be a key.
    pub fn new(text: &str) -> Result<Self, KeyError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(KeyError::Malformed("it is empty"));
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(KeyError::Malformed(
                "it contains spaces, line breaks or characters that no key has",
            ));
        }
        Ok(Self(text.to_owned()))
    }

    /// The key itself, to be put into a request's header or searched for in a text that must not hold it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Key(hidden)")
    }
}

impl fmt::Display for KeyOrigin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Environment(variable) => write!(formatter, "the environment variable {variable}"),
            Self::Keyring => write!(formatter, "the system's keyring"),
        }
    }
}

/// The key in `variable`, if it is set to one.
///
/// # Errors
/// When it is set to something that is no key.
pub fn from_environment(variable: &str) -> Result<Option<Key>, KeyError> {
    match std::env::var_os(variable) {
        None => Ok(None),
        Some(value) if value.is_empty() => Ok(None),
        Some(value) => Key::new(&value.to_string_lossy()).map(Some),
    }
}

/// The key that [`store`] kept for the service named `service`.
///
/// # Errors
/// When the keyring cannot be asked.
pub fn from_keyring(service: &str) -> Result<Option<Key>, KeyError> {
    match entry(service)?.get_password() {
        Ok(text) => Key::new(&text).map(Some),
        Err(keyring::Error::NoEntry) => Ok(None),
        Err(error) => Err(refused(&error)),
    }
}

/// Keeps a key in the system's keyring, in place of an earlier one.
///
/// # Errors
/// When the keyring cannot be used.
pub fn store(service: &str, key: &Key) -> Result<(), KeyError> {
    entry(service)?
        .set_password(key.reveal())
        .map_err(|error| refused(&error))
}

/// Removes a key from the system's keyring. Says whether there was one.
///
/// # Errors
/// When the keyring cannot be used.
pub fn remove(service: &str) -> Result<bool, KeyError> {
    match entry(service)?.delete_credential() {
        Ok(()) => Ok(true),
        Err(keyring::Error::NoEntry) => Ok(false),
        Err(error) => Err(refused(&error)),
    }
}

fn entry(service: &str) -> Result<keyring::Entry, KeyError> {
    if let Err(error) = keyring::Entry::store_status() {
        return Err(refused(error));
    }
    keyring::Entry::new(KEYRING_SERVICE, service).map_err(|error| refused(&error))
}

fn refused(error: &keyring::Error) -> KeyError {
    KeyError::Keyring(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_not_shown() {
        let key = Key::new(" sk-visible-nowhere\n").unwrap();
        assert_eq!(
            format!("{key:?} {:#?}", Some(&key))
                .matches("visible")
                .count(),
            0
        );
        assert_eq!(key.reveal(), "sk-visible-nowhere");
    }

    #[test]
    fn what_cannot_be_a_key_is_refused_without_repeating_it() {
        for text in ["", "  \n", "sk-1\nsk-2", "two words", "ключ"] {
            let error = Key::new(text).unwrap_err().to_string();
            assert!(error.starts_with("this is not a key: "), "{error}");
            assert!(text.trim().is_empty() || !error.contains(text));
        }
    }
}
