//! Which package may depend on which: section 3 of the design, from `cargo metadata`.

use std::path::Path;

use serde_json::Value;

use super::Violation;

/// For each library crate, the crates of ours it may depend on. A crate that is not listed may not exist.
const ALLOWED: &[(&str, &[&str])] = &[
    ("text", &[]),
    ("syntax", &["text"]),
    ("workspace", &["syntax", "text"]),
    ("models", &[]),
    ("protocol", &[]),
    ("predict", &["models", "workspace", "syntax", "text"]),
    ("changes", &["workspace", "syntax", "text"]),
    ("sandbox", &["workspace", "syntax", "text"]),
    (
        "agent",
        &[
            "models",
            "changes",
            "sandbox",
            "workspace",
            "syntax",
            "text",
        ],
    ),
];

/// Crates that know LSP: for the server alone.
const LSP_CRATES: &[&str] = &[
    "gen-lsp-types",
    "ls-types",
    "lsp-server",
    "lsp-types",
    "tower-lsp",
    "tower-lsp-server",
];

/// Crates that know HTTP: for `models` alone.
const HTTP_CRATES: &[&str] = &[
    "attohttpc",
    "curl",
    "http",
    "hyper",
    "hyper-util",
    "isahc",
    "reqwest",
    "tokio-tungstenite",
    "tungstenite",
    "ureq",
];

/// The only package below `tests/` that a program of ours may contain: the server's demonstration talks to it.
const SHOWN: &str = "scripted-model";

/// What part a package plays, by the folder it lies in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    /// `crates/`
    Library,
    /// `server/`
    Server,
    /// `xtask/`
    Xtask,
    /// `tests/` and below
    Tests,
    /// Anywhere else.
    Unknown,
}

/// Applies the rules to the answer of `cargo metadata --no-deps`.
pub(super) fn check(metadata: &Value, root: &Path) -> Vec<Violation> {
    let packages = metadata["packages"]
        .as_array()
        .map_or(&[][..], Vec::as_slice);
    let ours: Vec<Ours> = packages
        .iter()
        .map(|package| Ours::read(package, root))
        .collect();
    packages
        .iter()
        .flat_map(|package| check_package(package, &ours, root))
        .collect()
}

/// A package of ours.
struct Ours<'a> {
    name: &'a str,
    manifest: &'a Path,
    role: Role,
}

impl<'a> Ours<'a> {
    fn read(package: &'a Value, root: &Path) -> Self {
        let manifest = Path::new(package["manifest_path"].as_str().unwrap_or_default());
        let manifest = manifest.strip_prefix(root).unwrap_or(manifest);
        Self {
            name: package["name"].as_str().unwrap_or_default(),
            manifest,
            role: role_of(manifest),
        }
    }
}

fn check_package(package: &Value, ours: &[Ours<'_>], root: &Path) -> Vec<Violation> {
    let Ours {
        name,
        manifest,
        role,
    } = Ours::read(package, root);
    let mut messages = Vec::new();
    messages.extend(misplaced(name, role));
    for dependency in package["dependencies"].as_array().into_iter().flatten() {
        let is_test_only = dependency["kind"] == "dev";
        let dependency = dependency["name"].as_str().unwrap_or_default();
        let dependency_role = ours.iter().find(|package| package.name == dependency);
        match dependency_role.map(|package| package.role) {
            Some(Role::Tests) if is_test_only => {}
            Some(_) => messages.extend(wrong_direction(name, role, dependency)),
            None => {}
        }
        messages.extend(wrong_knowledge(name, role, dependency));
    }
    let violation = |message| Violation {
        path: manifest.to_path_buf(),
        line: 1,
        message,
    };
    messages.into_iter().map(violation).collect()
}

fn role_of(manifest: &Path) -> Role {
    let mut folders = manifest.iter().filter_map(|folder| folder.to_str());
    match folders.next() {
        Some("crates") => Role::Library,
        Some("server") => Role::Server,
        Some("xtask") => Role::Xtask,
        Some("tests") => Role::Tests,
        _ => Role::Unknown,
    }
}

fn allowed(name: &str) -> Option<&'static [&'static str]> {
    ALLOWED
        .iter()
        .find(|(crate_name, _)| *crate_name == name)
        .map(|(_, allowed)| *allowed)
}

fn misplaced(name: &str, role: Role) -> Option<String> {
    match role {
        Role::Library if allowed(name).is_none() => Some(format!(
            "the crate `{name}` has no place in the design yet: say in the design's layout what it is for, \
             and in xtask/src/check/dependencies.rs what it may depend on"
        )),
        Role::Unknown => Some(format!(
            "the package `{name}` lies in none of crates/, server/, xtask/ and tests/: move it into one of them"
        )),
        _ => None,
    }
}

fn wrong_direction(name: &str, role: Role, dependency: &str) -> Option<String> {
    if dependency == name {
        return None;
    }
    let is_library = allowed(dependency).is_some();
    match role {
        Role::Library if allowed(name).is_some_and(|allowed| !allowed.contains(&dependency)) => {
            Some(format!(
                "`{name}` must not depend on `{dependency}`: it may depend on {}",
                one_of(allowed(name).unwrap_or_default())
            ))
        }
        Role::Server | Role::Xtask if !is_library && dependency != SHOWN => Some(format!(
            "`{name}` must not depend on `{dependency}`, which is no library crate"
        )),
        _ => None,
    }
}

fn one_of(names: &[&str]) -> String {
    if names.is_empty() {
        return "none of our crates".into();
    }
    names
        .iter()
        .map(|name| format!("`{name}`"))
        .collect::<Vec<_>>()
        .join(", ")
}

fn wrong_knowledge(name: &str, role: Role, dependency: &str) -> Option<String> {
    let is_test = matches!(role, Role::Xtask | Role::Tests);
    if LSP_CRATES.contains(&dependency) && role != Role::Server && !is_test {
        return Some(format!(
            "`{name}` depends on `{dependency}`, but only the server knows LSP: \
             let the server translate at its surface"
        ));
    }
    if HTTP_CRATES.contains(&dependency) && name != "models" && !is_test {
        return Some(format!(
            "`{name}` depends on `{dependency}`, but only `models` knows HTTP: put the request there"
        ));
    }
    None
}

#[cfg(test)]
mod tests;
