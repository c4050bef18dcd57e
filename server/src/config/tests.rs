//! Layers over layers, and what is said about wrong ones.

use expect_test::{Expect, expect};
use sandbox::Wall;
use serde_json::{Value, json};

use super::{Config, Layer, Preset, combine};

fn layer(source: &str, settings: Value) -> Layer {
    Layer {
        source: source.into(),
        settings,
    }
}

fn check_problems(settings: Value, expected: Expect) {
    let (config, problems) = combine(&[layer("config.toml", settings)]);
    expected.assert_eq(&problems.join("\n"));
    if problems
        .iter()
        .any(|problem| problem.contains("none of these"))
    {
        assert_eq!(config, Config::default());
    }
}

#[test]
fn the_stronger_layer_wins_setting_by_setting() {
    let (config, problems) = combine(&[
        layer(
            "user",
            json!({ "completion": { "preset": "calm", "max_lines": 2 } }),
        ),
        layer(
            "editor",
            json!({ "completion": { "preset": "eager", "enabled": null } }),
        ),
        layer("nothing", Value::Null),
    ]);
    assert_eq!(problems, Vec::<String>::new());
    let mut expected = Config::default();
    expected.completion.preset = Preset::Eager;
    expected.completion.max_lines = 2;
    assert_eq!(config, expected);
}

#[test]
fn wrong_settings_are_named() {
    check_problems(
        json!({ "completion": { "preset": "loud" } }),
        expect![
            "config.toml: `completion.preset` has a wrong value, so none of these settings is used: unknown variant `loud`, expected one of `calm`, `balanced`, `eager`."
        ],
    );
    check_problems(
        json!({ "completion": { "colour": "red" }, "speed": 1 }),
        expect![[r#"
            config.toml: there is no setting `completion.colour`; it is ignored. See the README for the list.
            config.toml: there is no setting `speed`; it is ignored. See the README for the list."#]],
    );
    check_problems(
        json!({ "completion": { "max_lines": 99 } }),
        expect![
            "config.toml: `completion.max_lines` must be 1 to 10, so none of these settings is used."
        ],
    );
    check_problems(
        json!({ "sandbox": { "hidden": ["/a", "b"] } }),
        expect![
            "config.toml: `sandbox.hidden` must be a list of absolute paths, so none of these settings is used."
        ],
    );
}

#[test]
fn the_weakest_wall_that_is_accepted_is_as_strong_as_it_says() {
    let walls = [
        Wall::Overlay,
        Wall::OverlaySharedNetwork,
        Wall::Copy,
        Wall::None,
    ];
    for (setting, accepted) in [
        ("overlay", 1),
        ("overlay-shared-network", 2),
        ("copy", 3),
        ("none", 4),
    ] {
        let settings = json!({ "sandbox": { "weakest_wall": setting } });
        let (config, problems) = combine(&[layer("config.toml", settings)]);
        assert_eq!(problems, Vec::<String>::new());
        let count = walls
            .into_iter()
            .filter(|wall| config.sandbox.accepts(*wall))
            .count();
        assert_eq!(count, accepted, "{setting}");
    }
}

#[test]
fn a_wrong_layer_does_not_harm_the_others() {
    let (config, problems) = combine(&[
        layer("user", json!({ "index": { "persist": false } })),
        layer("editor", json!({ "index": { "enabled": "yes" } })),
    ]);
    assert_eq!(problems.len(), 1);
    assert!(!config.index.persist);
    assert!(config.index.enabled);
}

/// The settings as the README shows them.
fn settings_of_the_readme() -> &'static str {
    let readme = include_str!("../../../README.md");
    let (_, rest) = readme.split_once("```toml\n").unwrap();
    rest.split_once("```").unwrap().0
}

/// The line with a setting that is commented out taken in.
fn taken_in(line: &str) -> &str {
    match line.strip_prefix("# ") {
        Some(setting) if setting.starts_with('[') || setting.contains(" = ") => setting,
        _ => line,
    }
}

#[test]
fn the_readme_shows_the_defaults() {
    let settings = toml::from_str(settings_of_the_readme()).unwrap();
    assert_eq!(
        combine(&[layer("README.md", settings)]),
        (Config::default(), Vec::new())
    );
}

#[test]
fn the_readme_shows_settings_that_there_are() {
    let lines: Vec<&str> = settings_of_the_readme().lines().map(taken_in).collect();
    let settings: Value = toml::from_str(&lines.join("\n")).unwrap();
    let (config, problems) = combine(&[layer("README.md", settings)]);
    assert_eq!(problems, Vec::<String>::new());
    assert!(config.model.is_some() && config.agent.max_tokens.is_some());
    assert!(config.providers.contains_key("house") && config.models.contains_key("house/big"));
    assert!(config.network.ca_file.is_some());
}
