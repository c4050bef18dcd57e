//! What is offered where, in many languages: `$0` is the cursor, or the two ends of a selection.

use expect_test::{Expect, expect};
use syntax::{Cancel, ParseLimits};

use super::*;

/// No test is about how fast the machine is.
const PATIENCE: Duration = Duration::from_secs(60);

fn check(path: &str, fixture: &str, expected: &Expect) {
    check_with(path, fixture, &[], expected);
}

fn check_with(path: &str, fixture: &str, problems: &[Option<Problem>], expected: &Expect) {
    let (text, range) = marked(fixture);
    let text = Text::from(text);
    let language = Language::for_path(Path::new(path));
    let tree = language.map(|language| {
        let limits = ParseLimits::default();
        syntax::parse(language, &text, None, &limits, &Cancel::new()).unwrap()
    });
    let spot = Spot {
        text: &text,
        range,
        path: Path::new(path),
        language,
        language_id: language.map_or("plaintext", Language::id),
        tree: tree.as_ref(),
        patience: PATIENCE,
    };
    let lines = offers(&spot, problems).into_iter().map(|offer| {
        let about = text.slice(offer.range.clone());
        let first = about.lines().next().unwrap_or_default().trim();
        format!("{} ⟦{}⟧\n", offer.title, shortened(first, 40))
    });
    expected.assert_eq(&lines.collect::<String>());
}

fn marked(fixture: &str) -> (String, Range<usize>) {
    let start = fixture.find("$0").unwrap();
    let rest = fixture.replacen("$0", "", 1);
    let end = rest.find("$0").unwrap_or(start);
    (rest.replacen("$0", "", 1), start..end)
}

fn problem(severity: agent::world::Severity, message: &str) -> Option<Problem> {
    Some(Problem {
        message: message.into(),
        severity,
        source: Some("rustc".into()),
        code: None,
        line: 1,
        column: 1,
    })
}

#[test]
fn a_function_gets_everything_that_programs_get() {
    check(
        "src/lib.rs",
        "mod shop {\n    fn price(net: u32) -> u32 {\n        ne$0t + 1\n    }\n}\n",
        &expect![[r#"
            Explain function price ⟦fn price(net: u32) -> u32 {⟧
            Refactor function price… ⟦fn price(net: u32) -> u32 {⟧
            Simplify function price ⟦fn price(net: u32) -> u32 {⟧
            Write tests for function price ⟦fn price(net: u32) -> u32 {⟧
            Document function price ⟦fn price(net: u32) -> u32 {⟧
            Review this file ⟦mod shop {⟧
            Review my changes ⟦⟧
            Refactor across the workspace… ⟦⟧
        "#]],
    );
    check(
        "shop.py",
        "class Shop:\n    def price(self):\n        return $01\n",
        &expect![[r#"
            Explain function price ⟦def price(self):⟧
            Refactor function price… ⟦def price(self):⟧
            Simplify function price ⟦def price(self):⟧
            Write tests for function price ⟦def price(self):⟧
            Document function price ⟦def price(self):⟧
            Review this file ⟦class Shop:⟧
            Review my changes ⟦⟧
            Refactor across the workspace… ⟦⟧
        "#]],
    );
    check(
        "shop.go",
        "package shop\n\nfunc Price(net int) int {\n\treturn net$0\n}\n",
        &expect![[r#"
            Explain function Price ⟦func Price(net int) int {⟧
            Refactor function Price… ⟦func Price(net int) int {⟧
            Simplify function Price ⟦func Price(net int) int {⟧
            Write tests for function Price ⟦func Price(net int) int {⟧
            Document function Price ⟦func Price(net int) int {⟧
            Review this file ⟦package shop⟧
            Review my changes ⟦⟧
            Refactor across the workspace… ⟦⟧
        "#]],
    );
    check(
        "Shop.java",
        "class Shop {\n  $0int net;\n}\n",
        &expect![[r#"
            Explain type Shop ⟦class Shop {⟧
            Refactor type Shop… ⟦class Shop {⟧
            Simplify type Shop ⟦class Shop {⟧
            Write tests for type Shop ⟦class Shop {⟧
            Document type Shop ⟦class Shop {⟧
            Review this file ⟦class Shop {⟧
            Review my changes ⟦⟧
            Refactor across the workspace… ⟦⟧
        "#]],
    );
}

#[test]
fn a_selection_is_meant_where_there_is_one() {
    check(
        "src/lib.rs",
        "fn a() {\n    $0let x = 1;\n    let y = 2;\n$0}\n",
        &expect![[r#"
            Explain the selection ⟦let x = 1;⟧
            Refactor the selection… ⟦let x = 1;⟧
            Simplify the selection ⟦let x = 1;⟧
            Write tests for the selection ⟦let x = 1;⟧
            Document the selection ⟦let x = 1;⟧
            Review this file ⟦fn a() {⟧
            Review my changes ⟦let x = 1;⟧
            Refactor across the workspace… ⟦let x = 1;⟧
        "#]],
    );
    // Helix has a character or a word selected wherever the cursor is.
    check(
        "a.ts",
        "function total() { return $0sum$0; }\n",
        &expect![[r#"
            Explain function total ⟦function total() { return sum; }⟧
            Refactor function total… ⟦function total() { return sum; }⟧
            Simplify function total ⟦function total() { return sum; }⟧
            Write tests for function total ⟦function total() { return sum; }⟧
            Document function total ⟦function total() { return sum; }⟧
            Review this file ⟦function total() { return sum; }⟧
            Review my changes ⟦sum⟧
            Refactor across the workspace… ⟦sum⟧
        "#]],
    );
    check(
        "a.ts",
        "function total() {$0 $0return sum; }\n",
        &expect![[r#"
            Explain function total ⟦function total() { return sum; }⟧
            Refactor function total… ⟦function total() { return sum; }⟧
            Simplify function total ⟦function total() { return sum; }⟧
            Write tests for function total ⟦function total() { return sum; }⟧
            Document function total ⟦function total() { return sum; }⟧
            Review this file ⟦function total() { return sum; }⟧
            Review my changes ⟦⟧
            Refactor across the workspace… ⟦⟧
        "#]],
    );
}

#[test]
fn tests_are_not_offered_more_tests() {
    check(
        "src/lib.rs",
        "#[cfg(test)]\nmod tests {\n    #[test]\n    fn adds() { $0 }\n}\n",
        &expect![[r#"
            Explain function adds ⟦fn adds() {  }⟧
            Refactor function adds… ⟦fn adds() {  }⟧
            Simplify function adds ⟦fn adds() {  }⟧
            Document function adds ⟦fn adds() {  }⟧
            Review this file ⟦#[cfg(test)]⟧
            Review my changes ⟦⟧
            Refactor across the workspace… ⟦⟧
        "#]],
    );
    check(
        "shop_test.go",
        "package shop\n\nfunc TestPrice(t *testing.T) { $0 }\n",
        &expect![[r#"
            Explain function TestPrice ⟦func TestPrice(t *testing.T) {  }⟧
            Refactor function TestPrice… ⟦func TestPrice(t *testing.T) {  }⟧
            Simplify function TestPrice ⟦func TestPrice(t *testing.T) {  }⟧
            Document function TestPrice ⟦func TestPrice(t *testing.T) {  }⟧
            Review this file ⟦package shop⟧
            Review my changes ⟦⟧
            Refactor across the workspace… ⟦⟧
        "#]],
    );
}

#[test]
fn texts_that_are_no_program_get_less() {
    check(
        "README.md",
        "# Shop\n\nBuy $0things.\n",
        &expect![[r#"
        Explain section Shop ⟦# Shop⟧
        Simplify section Shop ⟦# Shop⟧
        Review this file ⟦# Shop⟧
        Review my changes ⟦⟧
        Refactor across the workspace… ⟦⟧
    "#]],
    );
    check(
        "Cargo.toml",
        "[package]\nna$0me = \"a\"\n",
        &expect![[r#"
        Explain section package ⟦[package]⟧
        Refactor section package… ⟦[package]⟧
        Simplify section package ⟦[package]⟧
        Review this file ⟦[package]⟧
        Review my changes ⟦⟧
        Refactor across the workspace… ⟦⟧
    "#]],
    );
    check(
        "notes.txt",
        "Buy $0things.\n",
        &expect![[r#"
        Explain this file ⟦Buy things.⟧
        Simplify this file ⟦Buy things.⟧
        Review this file ⟦Buy things.⟧
        Review my changes ⟦⟧
        Refactor across the workspace… ⟦⟧
    "#]],
    );
    check(
        "src/empty.rs",
        "$0",
        &expect![[r#"
        Review my changes ⟦⟧
        Refactor across the workspace… ⟦⟧
    "#]],
    );
}

#[test]
fn the_worst_problems_come_first_and_ours_do_not_count() {
    use agent::world::Severity::{Error, Hint, Warning};
    let problems = [
        problem(Hint, "could be shorter"),
        None,
        problem(Error, "mismatched types\nexpected u32"),
        problem(Warning, "unused variable: `x`"),
    ];
    check_with(
        "notes.txt",
        "$0a",
        &problems,
        &expect![[r#"
        Fix this problem: mismatched types ⟦⟧
        Fix this problem: unused variable: `x` ⟦⟧
        Fix this problem: could be shorter ⟦⟧
        Fix all 3 problems here ⟦⟧
        Explain this file ⟦a⟧
        Simplify this file ⟦a⟧
        Review this file ⟦a⟧
        Review my changes ⟦⟧
        Refactor across the workspace… ⟦⟧
    "#]],
    );
    let many: Vec<Option<Problem>> = (0..9)
        .map(|number| problem(Error, &format!("error {number}")))
        .collect();
    check_with(
        "notes.txt",
        "$0a",
        &many,
        &expect![[r#"
        Fix this problem: error 0 ⟦⟧
        Fix this problem: error 1 ⟦⟧
        Fix this problem: error 2 ⟦⟧
        Fix this problem: error 3 ⟦⟧
        Fix all 9 problems here ⟦⟧
        Explain this file ⟦a⟧
        Simplify this file ⟦a⟧
        Review this file ⟦a⟧
        Review my changes ⟦⟧
        Refactor across the workspace… ⟦⟧
    "#]],
    );
}

/// The first offer, and all of the comment that it is about.
fn check_comment(path: &str, fixture: &str, expected: &Expect) {
    let (text, range) = marked(fixture);
    let text = Text::from(text);
    let language = Language::for_path(Path::new(path));
    let mut seen: Vec<String> = Vec::new();
    let parsed = language.map(|language| {
        let limits = ParseLimits::default();
        syntax::parse(language, &text, None, &limits, &Cancel::new()).unwrap()
    });
    for tree in [parsed.as_ref(), None] {
        let order = order_at(&Spot {
            text: &text,
            range: range.clone(),
            path: Path::new(path),
            language,
            language_id: "",
            tree,
            patience: PATIENCE,
        });
        seen.push(match order {
            None => "nothing\n".into(),
            Some(order) => format!(
                "{:?}: {}\n⟦{}⟧\n",
                order.kind,
                order.text,
                text.slice(order.range)
            ),
        });
    }
    let without_tree = match seen[0] == seen[1] {
        true => String::new(),
        false => format!("without a tree: {}", seen[1]),
    };
    expected.assert_eq(&format!("{}{without_tree}", seen[0]).replace('\r', "␍"));
}

#[test]
fn comments_are_understood_in_every_languages_marks() {
    let cases = [
        ("a.rs", "// rw: use$0 a map"),
        ("a.rs", "    /// rw: use$0 a map"),
        ("a.c", "/* rw: use$0 a map */"),
        ("a.py", "# rw: use$0 a map"),
        ("a.lua", "-- rw: use$0 a map"),
        ("a.html", "<!-- rw: use$0 a map -->"),
        ("a.md", "<!-- rw: use$0 a map -->"),
        ("a.css", "/* rw: use$0 a map */"),
        ("a.sh", "# rw: use$0 a map"),
        ("a.yaml", "# rw: use$0 a map"),
        ("a.toml", "# RW: use$0 a map"),
        ("a.json", "// rw: use$0 a map"),
        ("a.php", "<?php\n// rw: use$0 a map"),
        ("a.rb", "# rw: use$0 a map"),
        ("a.zig", "// rw: use$0 a map"),
        ("a.hs", "-- rw: use$0 a map"),
        ("a.el", ";; rw: use$0 a map"),
        ("a.tex", "% rw: use$0 a map"),
    ];
    for (path, fixture) in cases {
        let (text, range) = marked(fixture);
        let text = Text::from(text);
        let language = Language::for_path(Path::new(path));
        let order = order_at(&Spot {
            text: &text,
            range,
            path: Path::new(path),
            language,
            language_id: "",
            tree: None,
            patience: PATIENCE,
        });
        let order = order.unwrap_or_else(|| panic!("{path}"));
        assert_eq!(
            (order.kind, &*order.text),
            (CommentKind::Order, "use a map"),
            "{path}"
        );
    }
}

#[test]
fn several_comment_lines_belong_together() {
    check_comment(
        "a.rs",
        "fn a() {\n    // rw: use a map here,\r\n    // and say why$0.\n    //\n    // Something else.\n    let x = 1;\n}\n",
        &expect![[r#"
            Order: use a map here,
            and say why.
            ⟦// rw: use a map here,␍
                // and say why.⟧
        "#]],
    );
    check_comment(
        "a.ts",
        "/*\n * rw: split this\n * in tw$0o\n */\nlet x;\n",
        &expect![[r#"
            Order: split this
            in two
            ⟦ * rw: split this
             * in two⟧
            without a tree: Order: split this
            in two
            ⟦* rw: split this
             * in two⟧
        "#]],
    );
    check_comment(
        "a.py",
        "# TODO: one\n# TODO(amy): t$0wo 🎉\n#   with more\nx = 1\n",
        &expect![[r#"
            Todo: two 🎉
            with more
            ⟦# TODO(amy): two 🎉
            #   with more⟧
        "#]],
    );
    check_comment(
        "a.rs",
        "let x = 1; // FIXME$0\n// another\n",
        &expect![[r#"
            Todo: 
            ⟦// FIXME⟧
            without a tree: nothing
        "#]],
    );
}

#[test]
fn what_only_looks_like_a_comment_is_none() {
    check_comment(
        "a.py",
        "x = '''\n# rw: no$0t this\n'''\n",
        &expect![[r#"
        nothing
        without a tree: Order: not this
        ⟦# rw: not this⟧
    "#]],
    );
    check_comment(
        "a.rs",
        "// A todo$0 list.\nfn a() {}\n",
        &expect![[r#"
        nothing
    "#]],
    );
    check_comment(
        "a.rs",
        "// rwanda: a$0 country\n",
        &expect![[r#"
        nothing
    "#]],
    );
    check_comment(
        "a.rs",
        "let rw = 1;$0\n",
        &expect![[r#"
        nothing
    "#]],
    );
}
