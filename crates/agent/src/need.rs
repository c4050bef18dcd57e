//! What a command needs beyond the twin: as models ask for it, as rules and people grant it, and as the sandbox takes it.

use std::{
    fmt,
    path::{Component, PathBuf},
    str::FromStr,
};

use ::workspace::normalize;
use sandbox::{Beyond, Network, Reach};
use serde::{Deserialize, Serialize};

/// One thing that a command needs beyond the twin.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Need {
    /// Connections within the task's own loopback.
    Loopback,
    /// The network, the machine's own loopback included.
    Network,
    /// Writing a file, or below a folder; absolute and normalised.
    Write(PathBuf),
    /// The user's own files and everything else, in place of the twin.
    Unconfined,
}

/// What is no need, with what could be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not something that a command can be given: \"network\", \"loopback\" (servers and clients of this task among \
     themselves), \"write:/absolute/path\" and \"unconfined\" (outside the twin, in the user's own files) are"
)]
pub struct UnknownNeed(String);

impl Need {
    /// In words, as the end of "it would reach …".
    pub fn words(&self) -> String {
        match self {
            Self::Loopback => "connections on this machine only".into(),
            Self::Network => "the network".into(),
            Self::Write(path) => format!("writing to {}", path.display()),
            Self::Unconfined => {
                "everything that you can, outside the twin and without walls".into()
            }
        }
    }

    /// Whether who has `self` has `other`.
    pub fn covers(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Unconfined, _) | (Self::Network, Self::Loopback) => true,
            (Self::Write(given), Self::Write(asked)) => asked.starts_with(given),
            (given, asked) => given == asked,
        }
    }
}

/// Whether everything in `asked` is covered by something in `given`.
pub fn are_covered(asked: &[Need], given: &[Need]) -> bool {
    asked
        .iter()
        .all(|need| given.iter().any(|given| given.covers(need)))
}

/// How far a command with these needs reaches.
pub fn reach(needs: &[Need]) -> Reach {
    let mut beyond = Beyond::default();
    for need in needs {
        match need {
            Need::Unconfined => return Reach::Unconfined,
            Need::Network => beyond.network = Network::Shared,
            Need::Loopback if beyond.network == Network::None => beyond.network = Network::Loopback,
            Need::Loopback => {}
            Need::Write(path) => beyond.writable.push(path.clone()),
        }
    }
    match beyond == Beyond::default() {
        true => Reach::Twin,
        false => Reach::Beyond(beyond),
    }
}

/// What a command that reaches so far has beyond the twin.
pub fn needs_of(reach: &Reach) -> Vec<Need> {
    let beyond = match reach {
        Reach::Twin => return Vec::new(),
        Reach::Unconfined => return vec![Need::Unconfined],
        Reach::Beyond(beyond) => beyond,
    };
    let network = match beyond.network {
        Network::None => None,
        Network::Loopback => Some(Need::Loopback),
        Network::Shared => Some(Need::Network),
    };
    network
        .into_iter()
        .chain(beyond.writable.iter().cloned().map(Need::Write))
        .collect()
}

/// Several needs in words: `the network and writing to /x`.
pub fn in_words(needs: &[Need]) -> String {
    let words: Vec<String> = needs.iter().map(Need::words).collect();
    words.join(" and ")
}

impl FromStr for Need {
    type Err = UnknownNeed;

    fn from_str(text: &str) -> Result<Self, UnknownNeed> {
        let unknown = || UnknownNeed(text.to_owned());
        match text.trim() {
            "network" => Ok(Self::Network),
            "loopback" => Ok(Self::Loopback),
            "unconfined" => Ok(Self::Unconfined),
            text => {
                let path = text.strip_prefix("write:").ok_or_else(unknown)?;
                written_path(path).map(Self::Write).ok_or_else(unknown)
            }
        }
    }
}

/// `~/` is the user's home, so that rules can be shared between machines. The root is no such path: who needs that needs
/// no walls.
fn written_path(path: &str) -> Option<PathBuf> {
    let path = match path.strip_prefix("~/") {
        Some(below) => std::env::home_dir()?.join(below),
        None => PathBuf::from(path),
    };
    let path = normalize(&path);
    let has_name = path
        .components()
        .any(|part| matches!(part, Component::Normal(_)));
    (path.is_absolute() && has_name).then_some(path)
}

impl fmt::Display for Need {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Loopback => formatter.write_str("loopback"),
            Self::Network => formatter.write_str("network"),
            Self::Write(path) => write!(formatter, "write:{}", path.display()),
            Self::Unconfined => formatter.write_str("unconfined"),
        }
    }
}

impl TryFrom<String> for Need {
    type Error = UnknownNeed;

    fn try_from(text: String) -> Result<Self, UnknownNeed> {
        text.parse()
    }
}

impl From<Need> for String {
    fn from(need: Need) -> Self {
        need.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn needs(texts: &[&str]) -> Vec<Need> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn needs_are_read_as_they_are_written() {
        for text in ["network", "loopback", "unconfined", "write:/opt/data"] {
            assert_eq!(text.parse::<Need>().unwrap().to_string(), text);
            let json = serde_json::to_string(&text.parse::<Need>().unwrap()).unwrap();
            assert_eq!(
                serde_json::from_str::<Need>(&json).unwrap().to_string(),
                text
            );
        }
        let path = "write:/a/../b//c/.".parse::<Need>().unwrap();
        assert_eq!(path, Need::Write("/b/c".into()));
        for wrong in [
            "",
            "internet",
            "write:",
            "write:a",
            "write:/",
            "write:/..",
            "write:../a",
            "read:/a",
        ] {
            assert!(wrong.parse::<Need>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_grant_covers_what_is_within_it_and_nothing_else() {
        let all = needs(&[
            "loopback",
            "network",
            "write:/a",
            "write:/a/b",
            "write:/ab",
            "unconfined",
        ]);
        let covered = |given: &str| -> Vec<String> {
            let given = needs(&[given]);
            let all = all
                .iter()
                .filter(|need| are_covered(std::slice::from_ref(*need), &given));
            all.map(ToString::to_string).collect()
        };
        assert_eq!(covered("loopback"), ["loopback"]);
        assert_eq!(covered("network"), ["loopback", "network"]);
        assert_eq!(covered("write:/a"), ["write:/a", "write:/a/b"]);
        assert_eq!(covered("unconfined").len(), all.len());
        assert!(are_covered(&[], &[]));
        assert!(!are_covered(
            &needs(&["network", "write:/a"]),
            &needs(&["network"])
        ));
    }

    #[test]
    fn the_sandbox_is_told_all_of_it() {
        let beyond = |network, writable: &[&str]| {
            let writable = writable.iter().map(PathBuf::from).collect();
            Reach::Beyond(Beyond { network, writable })
        };
        for (texts, expected) in [
            (&[][..], Reach::Twin),
            (&["loopback"], beyond(Network::Loopback, &[])),
            (&["network", "loopback"], beyond(Network::Shared, &[])),
            (
                &["loopback", "network", "write:/a"],
                beyond(Network::Shared, &["/a"]),
            ),
            (
                &["write:/a", "write:/b"],
                beyond(Network::None, &["/a", "/b"]),
            ),
            (&["write:/a", "unconfined"], Reach::Unconfined),
        ] {
            assert_eq!(reach(&needs(texts)), expected, "{texts:?}");
            assert_eq!(reach(&needs_of(&expected)), expected, "{texts:?}");
        }
    }
}
