//! The registry is complete, every fact is read and unambiguous, and files find their languages.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use super::Language;
use super::facts::Facts;
use crate::registry::REGISTRY;
use crate::test_support::grammars_folder;

#[test]
fn every_folder_is_registered_and_every_line_has_a_folder() {
    let folders: BTreeSet<String> = std::fs::read_dir(grammars_folder())
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.file_type().unwrap().is_dir())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    let registered: Vec<&str> = REGISTRY.iter().map(|entry| entry.folder).collect();
    assert_eq!(
        folders.iter().map(String::as_str).collect::<Vec<_>>(),
        registered
    );
}

#[test]
fn every_language_toml_reads() {
    for entry in REGISTRY {
        let facts =
            Facts::read(entry.facts).unwrap_or_else(|error| panic!("{}: {error}", entry.folder));
        assert!(!facts.ids.is_empty(), "{} has no id", entry.folder);
        assert!(
            !facts.extensions.is_empty(),
            "{} has no extension",
            entry.folder
        );
        let is_lower = |extension: &String| *extension == extension.to_lowercase();
        assert!(
            facts.extensions.iter().all(is_lower),
            "{} has extensions in capitals",
            entry.folder
        );
    }
}

#[test]
fn no_two_languages_claim_the_same_id_extension_or_file_name() {
    let mut owners = HashMap::new();
    for language in Language::all() {
        let facts = language.facts();
        let ids = facts.ids.iter().map(|id| ("id", id));
        let extensions = facts
            .extensions
            .iter()
            .map(|extension| ("extension", extension));
        let file_names = facts
            .file_names
            .iter()
            .map(|file_name| ("file name", file_name));
        for claim in ids.chain(extensions).chain(file_names) {
            if let Some(other) = owners.insert(claim, language) {
                panic!(
                    "{language:?} and {other:?} both claim the {} {}",
                    claim.0, claim.1
                );
            }
        }
    }
}

#[test]
fn the_parser_takes_every_grammar() {
    for language in Language::all() {
        let grammar = language.grammar();
        let abi = grammar.abi_version();
        let known = tree_sitter::MIN_COMPATIBLE_LANGUAGE_VERSION..=tree_sitter::LANGUAGE_VERSION;
        assert!(
            known.contains(&abi),
            "{language:?} has ABI {abi}, the parser takes {known:?}"
        );
        assert_eq!(
            Ok(()),
            tree_sitter::Parser::new().set_language(&grammar),
            "{language:?}"
        );
    }
}

#[test]
fn a_language_is_found_by_the_editors_id() {
    let found = |id| Language::from_id(id).map(Language::name);
    let ids = [
        "rust",
        "typescriptreact",
        "javascriptreact",
        "shellscript",
        "sh",
        "cs",
        "jsonc",
        "cpp",
    ];
    assert_eq!(
        ids.map(found),
        [
            "Rust",
            "TSX",
            "JavaScript",
            "Bash",
            "Bash",
            "C#",
            "JSON",
            "C++"
        ]
        .map(Some),
    );
    assert_eq!(["", "Rust", "plaintext", "rust "].map(found), [None; 4]);
    for language in Language::all() {
        assert_eq!(Language::from_id(language.id()), Some(language));
    }
}

#[test]
fn a_language_is_found_by_name_or_extension() {
    let found = |path: &str| Language::for_path(Path::new(path)).map(Language::name);
    assert_eq!(found("src/main.rs"), Some("Rust"));
    assert_eq!(found("MAIN.RS"), Some("Rust"));
    assert_eq!(found("types.d.ts"), Some("TypeScript"));
    assert_eq!(found("Cargo.lock"), Some("TOML"));
    assert_eq!(found("app/Gemfile"), Some("Ruby"));
    assert_eq!(found(".bashrc"), Some("Bash"));
    assert_eq!(found("rs"), None);
    assert_eq!(found(".rs"), None);
    assert_eq!(found("main.rs/"), Some("Rust"));
    assert_eq!(found("main.rs.orig"), None);
    assert_eq!(found("folder.rs/file"), None);
    assert_eq!(found(""), None);
    assert_eq!(found("/"), None);
    assert_eq!(found(".."), None);
}

#[test]
fn test_files_are_told_by_their_name_or_a_folder() {
    let is_test = |path: &str| {
        let path = Path::new(path);
        Language::for_path(path).unwrap().is_test_file(path)
    };
    let tests = [
        "tests/it.rs",
        "src/rope/tests.rs",
        "test_rope.py",
        "rope_test.go",
        "rope.test.tsx",
        "src/__tests__/rope.js",
        "RopeTest.java",
        "Yard.Tests/Rope.cs",
        "spec/rope.rb",
    ];
    assert_eq!(tests.map(is_test), [true; 9]);
    let others = [
        "src/tests_of_time.rs",
        "src/contest.rs",
        "testing.py",
        "rope_test.rs/rope.go",
        "latest.go",
        "tests.rs/main.rs",
        "Attest.java",
        "src/rope.ts",
        "attests/rope.rs",
    ];
    assert_eq!(others.map(is_test), [false; 9]);
}

#[test]
fn comment_marks_are_those_of_the_language() {
    let marks = |id| {
        let language = Language::from_id(id).unwrap();
        let block = language
            .block_comment()
            .map(|marks| (&*marks.open, &*marks.close));
        (language.line_comment(), block)
    };
    assert_eq!(marks("rust"), (Some("//"), Some(("/*", "*/"))));
    assert_eq!(marks("python"), (Some("#"), None));
    assert_eq!(marks("html"), (None, Some(("<!--", "-->"))));
}

#[test]
fn a_comment_made_with_the_marks_is_a_comment_to_the_grammar() {
    use crate::test_support::{no_query_limits, parse_without_limits, sample};
    use crate::{Cancel, TextKind, TextSpan};
    for language in Language::all() {
        let block = language
            .block_comment()
            .map(|marks| format!("{} rope {}", marks.open, marks.close));
        let line = language.line_comment().map(|mark| format!("{mark} rope"));
        for mut comment in block.into_iter().chain(line) {
            if language.name() == "Ruby" && comment.starts_with("=begin") {
                comment = comment.replace(' ', "\n");
            }
            let (code, _) = sample(language);
            let text = text::Text::from(format!("{code}\n{comment}\n"));
            let tree = parse_without_limits(language, &text);
            let start = code.len() + 1;
            let spans = tree
                .comments_and_strings(
                    start..start + comment.len(),
                    &no_query_limits(),
                    &Cancel::new(),
                )
                .unwrap();
            let range = start..start + comment.len();
            assert_eq!(
                spans,
                [TextSpan {
                    kind: TextKind::Comment,
                    range
                }],
                "{language:?} {comment}"
            );
        }
    }
}
