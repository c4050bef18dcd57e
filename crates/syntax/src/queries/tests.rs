//! Every query compiles, and a wrong one is refused with its file's name.

use expect_test::expect;

use super::{Queries, compile, symbol_capture, text_capture};
use crate::registry::{Entry, REGISTRY};

#[test]
fn every_query_compiles() {
    for entry in REGISTRY {
        let queries = Queries::new(entry);
        queries.scopes();
        queries.symbols();
        queries.text();
    }
}

#[test]
fn a_capture_without_a_meaning_is_refused() {
    let entry = Entry {
        folder: "json",
        grammar: tree_sitter_json::LANGUAGE,
        facts: "",
        scopes: "",
        symbols: "(pair key: (string) @name) @definition.knot",
        text: "",
    };
    let error = compile(&entry, "symbols.scm", entry.symbols, symbol_capture);
    let error = error.err().unwrap().to_string();
    expect!["grammars/json/symbols.scm captures @definition.knot, which has no meaning there"]
        .assert_eq(&error);
}

#[test]
fn a_node_that_the_grammar_lacks_is_refused() {
    let entry = Entry {
        folder: "json",
        grammar: tree_sitter_json::LANGUAGE,
        facts: "",
        scopes: "",
        symbols: "",
        text: "(knot) @comment",
    };
    let error = compile(&entry, "text.scm", entry.text, text_capture);
    let error = error.err().unwrap().to_string();
    assert!(
        error.starts_with("grammars/json/text.scm does not compile: "),
        "{error}"
    );
}
