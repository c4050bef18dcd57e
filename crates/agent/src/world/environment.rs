//! The environment section: where the agent works, on what system, and what day it is.

use std::path::PathBuf;

use super::{Part, Section};

/// The facts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Environment {
    /// Where relative paths start.
    pub(super) cwd: PathBuf,
    /// The workspace's folders, `cwd` or one above it among them.
    pub(super) folders: Vec<PathBuf>,
    /// The root of the repository that `cwd` is in.
    pub(super) repository: Option<PathBuf>,
    /// Its branch.
    pub(super) branch: Option<String>,
    /// For example `linux x86_64`.
    pub(super) system: String,
    /// The shell that runs commands.
    pub(super) shell: Option<String>,
    /// For example `2026-11-20, a Friday`. Not the time: that would be different in each request.
    pub(super) date: String,
    /// Its IANA name, or the offset from UTC.
    pub(super) time_zone: String,
}

/// The system that this program runs on.
pub(super) fn system() -> String {
    format!("{} {}", std::env::consts::OS, std::env::consts::ARCH)
}

/// The date and the time zone here and now.
pub(super) fn date_and_time_zone() -> (String, String) {
    let now = jiff::Zoned::now();
    let date = now.strftime("%Y-%m-%d, a %A").to_string();
    let zone = match now.time_zone().iana_name() {
        Some(name) => name.to_owned(),
        None => format!("UTC{}", now.strftime("%:z")),
    };
    (date, zone)
}

impl Environment {
    /// One part a fact; unknown ones are left out.
    pub(super) fn section(&self) -> Section {
        let path = |path: &PathBuf| path.display().to_string();
        let is_elsewhere = self.folders.as_slice() != std::slice::from_ref(&self.cwd);
        let folders: Vec<String> = self.folders.iter().map(path).collect();
        let repository = self.repository.as_ref().filter(|root| **root != self.cwd);
        let facts = [
            ("working folder", Some(path(&self.cwd))),
            (
                "workspace folders",
                (is_elsewhere && !folders.is_empty()).then(|| folders.join(", ")),
            ),
            ("repository root", repository.map(path)),
            ("git branch", self.branch.clone()),
            ("system", Some(self.system.clone())),
            ("shell", self.shell.clone()),
            ("date", Some(self.date.clone())),
            ("time zone", Some(self.time_zone.clone())),
        ];
        let parts = facts
            .into_iter()
            .filter_map(|(name, text)| Some(Part::new(name, text?)));
        Section::Parts(parts.collect())
    }
}
