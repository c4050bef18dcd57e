//! Each rule of direction, broken on purpose.

use expect_test::{Expect, expect};
use serde_json::json;

use super::*;

/// Packages are written `folder/name: dependency dependency`; `dev:dependency` is for tests alone.
fn check(packages: &[&str], expected: Expect) {
    let packages: Vec<Value> = packages
        .iter()
        .map(|line| {
            let (folder, dependencies) = line.split_once(':').unwrap();
            let name = folder.rsplit('/').next().unwrap();
            let name = if name == "server" { "ropewalk" } else { name };
            let dependencies: Vec<Value> = dependencies
                .split_whitespace()
                .map(|name| match name.strip_prefix("dev:") {
                    Some(name) => json!({ "name": name, "kind": "dev" }),
                    None => json!({ "name": name, "kind": null }),
                })
                .collect();
            json!({
                "name": name,
                "manifest_path": format!("/w/{folder}/Cargo.toml"),
                "dependencies": dependencies,
            })
        })
        .collect();
    let violations = super::check(&json!({ "packages": packages }), Path::new("/w"));
    let lines: Vec<String> = violations.iter().map(Violation::to_string).collect();
    expected.assert_eq(&lines.join("\n"));
}

#[test]
fn the_layout_of_the_design_passes() {
    check(
        &[
            "crates/text: ropey similar",
            "crates/syntax: text tree-sitter",
            "crates/workspace: syntax text ignore",
            "crates/models: reqwest",
            "crates/predict: workspace text models",
            "crates/changes: workspace",
            "crates/sandbox: workspace",
            "crates/agent: models changes",
            "crates/protocol: serde",
            "server: text syntax workspace models predict changes sandbox agent protocol tower-lsp-server",
            "xtask: predict anyhow",
            "tests/scripted: ropewalk lsp-types hyper",
        ],
        expect![[""]],
    );
}

#[test]
fn an_arrow_against_the_direction_is_named() {
    check(
        &[
            "crates/text: syntax",
            "crates/syntax: text",
            "crates/workspace: predict",
            "crates/predict: server ropewalk",
            "crates/protocol: text",
            "crates/models: text",
            "server:",
        ],
        expect![[r#"
            crates/text/Cargo.toml:1: `text` must not depend on `syntax`: it may depend on none of our crates
            crates/workspace/Cargo.toml:1: `workspace` must not depend on `predict`: it may depend on `syntax`, `text`
            crates/predict/Cargo.toml:1: `predict` must not depend on `ropewalk`: it may depend on `models`, `workspace`, `syntax`, `text`
            crates/protocol/Cargo.toml:1: `protocol` must not depend on `text`: it may depend on none of our crates
            crates/models/Cargo.toml:1: `models` must not depend on `text`: it may depend on none of our crates"#]],
    );
}

#[test]
fn nothing_depends_on_xtask() {
    check(
        &["server: xtask", "xtask:"],
        expect![[
            r#"server/Cargo.toml:1: `ropewalk` must not depend on `xtask`, which is no library crate"#
        ]],
    );
}

#[test]
fn packages_of_tests_are_for_tests_and_the_demonstration() {
    check(
        &[
            "crates/models: dev:scripted-model",
            "crates/agent: scripted-model",
            "server: scripted-model dev:scripted-editor",
            "xtask: scripted-model scripted-editor",
            "tests/scripted-model: tungstenite",
            "tests/scripted-editor: scripted-model",
        ],
        expect![[r#"
            crates/agent/Cargo.toml:1: `agent` must not depend on `scripted-model`: it may depend on `models`, `changes`, `sandbox`, `workspace`, `syntax`, `text`
            xtask/Cargo.toml:1: `xtask` must not depend on `scripted-editor`, which is no library crate"#]],
    );
}

#[test]
fn only_the_server_knows_lsp() {
    check(
        &[
            "crates/workspace: lsp-types",
            "crates/protocol: gen-lsp-types",
            "server: lsp-types",
        ],
        expect![[r#"
            crates/workspace/Cargo.toml:1: `workspace` depends on `lsp-types`, but only the server knows LSP: let the server translate at its surface
            crates/protocol/Cargo.toml:1: `protocol` depends on `gen-lsp-types`, but only the server knows LSP: let the server translate at its surface"#]],
    );
}

#[test]
fn only_models_knows_http() {
    check(
        &[
            "crates/predict: ureq",
            "server: reqwest",
            "crates/models: reqwest",
        ],
        expect![[r#"
            crates/predict/Cargo.toml:1: `predict` depends on `ureq`, but only `models` knows HTTP: put the request there
            server/Cargo.toml:1: `ropewalk` depends on `reqwest`, but only `models` knows HTTP: put the request there"#]],
    );
}

#[test]
fn a_crate_without_a_place_in_the_design_is_told_what_to_do() {
    check(
        &["crates/helpers:", "tools/odd:"],
        expect![[r#"
            crates/helpers/Cargo.toml:1: the crate `helpers` has no place in the design yet: say in the design's layout what it is for, and in xtask/src/check/dependencies.rs what it may depend on
            tools/odd/Cargo.toml:1: the package `odd` lies in none of crates/, server/, xtask/ and tests/: move it into one of them"#]],
    );
}
