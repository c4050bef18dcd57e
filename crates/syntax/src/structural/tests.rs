//! Patterns and templates in many languages, over code in which the plain reading would go wrong.

use expect_test::{Expect, expect};
use text::Text;

use super::{Pattern, PatternError, Rewrite, StructuralError, Template, TemplateError};
use crate::test_support::{Random, SPLINTERS, no_query_limits, parse_without_limits, sample};
use crate::{Cancel, Language, QueryLimits, Stopped};

fn language(id: &str) -> Language {
    Language::from_id(id).unwrap()
}

fn rewrite(id: &str, pattern: &str, template: &str, code: &str) -> Rewrite {
    let pattern =
        Pattern::new(language(id), pattern).unwrap_or_else(|error| panic!("{id}: {error}"));
    assert!(pattern.may_match(code), "{id}: {code}");
    let template = Template::new(template, &pattern).unwrap();
    let tree = parse_without_limits(language(id), &Text::from(code));
    pattern
        .rewrite(&template, &tree, &no_query_limits(), &Cancel::new())
        .unwrap()
}

fn check(id: &str, pattern: &str, template: &str, code: &str, expected: Expect) {
    expected.assert_eq(&rewrite(id, pattern, template, code).apply(code));
}

/// Each match on a line, with its variables.
fn matches(id: &str, pattern: &str, code: &str) -> String {
    let pattern =
        Pattern::new(language(id), pattern).unwrap_or_else(|error| panic!("{id}: {error}"));
    let tree = parse_without_limits(language(id), &Text::from(code));
    let found = pattern
        .find(&tree, &no_query_limits(), &Cancel::new())
        .unwrap();
    let mut lines = String::new();
    for place in found {
        lines += &format!("{:?}", &code[place.range]);
        for (name, range) in place.variables {
            lines += &format!(" {name}={:?}", &code[range]);
        }
        lines += "\n";
    }
    lines
}

#[test]
fn calls_are_rewritten_in_every_language_with_calls() {
    // The language, code around a call, and what the same call looks like rewritten.
    let cases = [
        (
            "shellscript",
            "old a b\necho old\n",
            "old $A $B",
            "new $B $A",
            "new b a\necho old\n",
        ),
        (
            "c",
            "void f(void) { old(1, g(2)); }\nint x = old(3, 4);\n",
            "old($A, $B)",
            "new($B, $A)",
            "void f(void) { new(g(2), 1); }\nint x = new(4, 3);\n",
        ),
        (
            "cpp",
            "auto x = old(1, y->z);",
            "old($A, $B)",
            "new($B, $A)",
            "auto x = new(y->z, 1);",
        ),
        (
            "csharp",
            "class C { void M() { x = old(1, y.z); } }",
            "old($A, $B)",
            "New($B, $A)",
            "class C { void M() { x = New(y.z, 1); } }",
        ),
        (
            "go",
            "package p\nfunc f() { old(1, g(2)) }\nvar x = old(3, 4)\n",
            "old($A, $B)",
            "New($B, $A)",
            "package p\nfunc f() { New(g(2), 1) }\nvar x = New(4, 3)\n",
        ),
        (
            "java",
            "class C { int x = old(1, y.z); void m() { old(a, b); } }",
            "old($A, $B)",
            "neu($B, $A)",
            "class C { int x = neu(y.z, 1); void m() { neu(b, a); } }",
        ),
        (
            "javascript",
            "let x = old(1, y?.z); 'old(1, 2)' // old(1, 2)",
            "old($A, $B)",
            "neu($B, $A)",
            "let x = neu(y?.z, 1); 'old(1, 2)' // old(1, 2)",
        ),
        (
            "kotlin",
            "fun f() { val x = old(1, y.z) }",
            "old($A, $B)",
            "neu($B, $A)",
            "fun f() { val x = neu(y.z, 1) }",
        ),
        (
            "lua",
            "local x = old(1, y.z)\nold(a, b)\n",
            "old($A, $B)",
            "new($B, $A)",
            "local x = new(y.z, 1)\nnew(b, a)\n",
        ),
        (
            "php",
            "<p><?php $x = old(1, $y->z); ?></p>",
            "old($A, $B)",
            "neu($B, $A)",
            "<p><?php $x = neu($y->z, 1); ?></p>",
        ),
        (
            "python",
            "x = old(1, y.z)\n# old(1, 2)\n",
            "old($A, $B)",
            "new($B, $A)",
            "x = new(y.z, 1)\n# old(1, 2)\n",
        ),
        (
            "ruby",
            "x = old(1, @y.z)\n",
            "old($A, $B)",
            "new($B, $A)",
            "x = new(@y.z, 1)\n",
        ),
        (
            "rust",
            "fn f() { let x = old(1, y.z); \"old(1, 2)\"; }",
            "old($A, $B)",
            "new($B, $A)",
            "fn f() { let x = new(y.z, 1); \"old(1, 2)\"; }",
        ),
        (
            "scala",
            "object O { val x = old(1, y.z) }",
            "old($A, $B)",
            "neu($B, $A)",
            "object O { val x = neu(y.z, 1) }",
        ),
        (
            "swift",
            "func f() { let x = old(1, y.z) }",
            "old($A, $B)",
            "new($B, $A)",
            "func f() { let x = new(y.z, 1) }",
        ),
        (
            "typescript",
            "const x: T = old(1, y!.z);",
            "old($A, $B)",
            "neu($B, $A)",
            "const x: T = neu(y!.z, 1);",
        ),
        (
            "typescriptreact",
            "const x = <A b={old(1, c)} />;",
            "old($A, $B)",
            "neu($B, $A)",
            "const x = <A b={neu(c, 1)} />;",
        ),
        (
            "zig",
            "const x = old(1, y.z);\n",
            "old($A, $B)",
            "new($B, $A)",
            "const x = new(y.z, 1);\n",
        ),
    ];
    for (id, code, pattern, template, expected) in cases {
        assert_eq!(
            rewrite(id, pattern, template, code).apply(code),
            expected,
            "{id}"
        );
    }
}

#[test]
fn statements_types_and_parts_of_declarations_are_patterns_too() {
    check(
        "rust",
        "Vec<$T>",
        "Box<[$T]>",
        "struct S { a: Vec<Vec<u8>> }\nfn f(v: Vec<T>) {}\n",
        expect![[r#"
        struct S { a: Box<[Box<[u8]>]> }
        fn f(v: Box<[T]>) {}
    "#]],
    );
    check(
        "rust",
        "Some($A) => $B,",
        "Ok($A) => $B,",
        "fn f() { match x { Some(1) => 2, None => 3, } }",
        expect!["fn f() { match x { Ok(1) => 2, None => 3, } }"],
    );
    check(
        "rust",
        "let $A = $B;",
        "let $A: u8 = $B;",
        "fn f() { let x = 1; let y: u8 = 2; }",
        expect!["fn f() { let x: u8 = 1; let y: u8 = 2; }"],
    );
    check(
        "rust",
        "$A.unwrap()",
        "$A?",
        "fn f() { g().unwrap().h(i.unwrap()).unwrap(); }",
        expect!["fn f() { g()?.h(i?)?; }"],
    );
    check(
        "python",
        "assert $A == $B, $M",
        "check($A, $B, $M)",
        "assert f(1) == 2, 'no'\nassert x\n",
        expect![[r#"
        check(f(1), 2, 'no')
        assert x
    "#]],
    );
    check(
        "python",
        "def $F($$$ARGS): return $A",
        "$F = lambda $$$ARGS: $A",
        "def f(a, b=1): return a + b\n",
        expect![[r#"
        f = lambda a, b=1: a + b
    "#]],
    );
    check(
        "go",
        "if err != nil { return $$$A }",
        "must(err)",
        "package p\nfunc f() {\n\tif err != nil {\n\t\treturn nil, err\n\t}\n}\n",
        expect![[r#"
        package p
        func f() {
        	must(err)
        }
    "#]],
    );
    check(
        "java",
        "@Deprecated void $M() { $$$B }",
        "void $M() { $$$B }",
        "class C { @Deprecated void m() { a(); b(); } }",
        expect!["class C { void m() { a(); b(); } }"],
    );
    check(
        "javascript",
        "var $A = $B",
        "let $A = $B",
        "for (;;) { var x = 1; } var y",
        expect!["for (;;) { let x = 1; } var y"],
    );
    check(
        "javascript",
        "console.log($$$A)",
        "log($$$A)",
        "console.log(); console.log(1); console.log(1, [2], ...x)",
        expect!["log(); log(1); log(1, [2], ...x)"],
    );
    check(
        "typescript",
        "Array<$T>",
        "$T[]",
        "let x: Array<Array<number>>; function f(a: Array<T>): Array<U> {}",
        expect!["let x: number[][]; function f(a: T[]): U[] {}"],
    );
    check(
        "typescriptreact",
        "<A $$$P />",
        "<B $$$P />",
        "x = <A b=\"1\" c={2} />",
        expect!["x = <B b=\"1\" c={2} />"],
    );
    check(
        "css",
        "color: red",
        "color: var(--warn)",
        "a { color: red; } b { color: blue }",
        expect!["a { color: var(--warn); } b { color: blue }"],
    );
    check(
        "css",
        "margin: $A $B",
        "margin: $B $A",
        "a { margin: 1px 2px; }",
        expect!["a { margin: 2px 1px; }"],
    );
    check(
        "php",
        "$A = array($$$B);",
        "$A = [$$$B];",
        "<?php $x->y = array(1, 2); $z = array();",
        expect!["<?php $x->y = [1, 2]; $z = [];"],
    );
    check(
        "ruby",
        "$A.nil? ? $B : $C",
        "$A ? $C : $B",
        "x = y.nil? ? 1 : 2\n",
        expect!["x = y ? 2 : 1\n"],
    );
    check(
        "c",
        "if ($A) { $$$B }",
        "when ($A) { $$$B }",
        "void f() { if (x > 1) { g(); h(); } }",
        expect!["void f() { when (x > 1) { g(); h(); } }"],
    );
    check(
        "cpp",
        "std::vector<$T>",
        "Vec<$T>",
        "std::vector<std::vector<int>> x; void f(std::vector<int> y);",
        expect!["Vec<Vec<int>> x; void f(Vec<int> y);"],
    );
    check(
        "csharp",
        "foreach (var $A in $B) { $$$C }",
        "$B.ForEach($A => { $$$C });",
        "class C { void M() { foreach (var x in y) { z(x); } } }",
        expect!["class C { void M() { y.ForEach(x => { z(x); }); } }"],
    );
    check(
        "kotlin",
        "$A!!",
        "requireNotNull($A)",
        "fun f() { val x = y!!.z }",
        expect!["fun f() { val x = requireNotNull(y).z }"],
    );
    check(
        "swift",
        "try! $A",
        "try $A",
        "func f() { let x = try! g() }",
        expect!["func f() { let x = try g() }"],
    );
    check(
        "html",
        "<b>$A</b>",
        "<strong>$A</strong>",
        "<p><b>x</b></p>",
        expect!["<p><strong>x</strong></p>"],
    );
    check(
        "json",
        "\"version\": \"1.0\"",
        "\"version\": \"2.0\"",
        "{\"a\": {\"version\": \"1.0\"}}",
        expect!["{\"a\": {\"version\": \"2.0\"}}"],
    );
    check(
        "yaml",
        "image: $A",
        "image: new/$A",
        "a:\n  image: x\n  other: y\n",
        expect![[r#"
        a:
          image: new/x
          other: y
    "#]],
    );
    check(
        "toml",
        "edition = \"2021\"",
        "edition = \"2024\"",
        "[package]\nedition = \"2021\"\n",
        expect![[r#"
        [package]
        edition = "2024"
    "#]],
    );
}

#[test]
fn a_name_stands_for_the_same_code_everywhere() {
    expect![[r#"
        "a.b == a.b" A="a.b"
        "f( 1 ) == f(1)" A="f(1)"
    "#]]
    .assert_eq(&matches(
        "javascript",
        "$A == $A",
        "a.b == a.b; a == b; f( 1 ) == f(1)",
    ));
    expect![[r#"
        "f(g(1), 2)"
        "g(1)" 
    "#]]
    .assert_eq(
        &matches("javascript", "$_($$$)", "f(g(1), 2)").replace("\"g(1)\"\n", "\"g(1)\" \n"),
    );
}

#[test]
fn kept_lines_move_with_their_place_and_the_content_of_strings_stays() {
    let code =
        "def f():\n    if x:\n        g(\n            1,\n            '''a\n    b''',\n        )\n";
    check(
        "python",
        "g($$$A)",
        "with y:\n    h($$$A)",
        code,
        expect![[r#"
        def f():
            if x:
                with y:
                    h(1,
                    '''a
            b''',)
    "#]],
    );
    let code = "{\n  if (a) {\n    b(() => {\n      c();\n    });\n  }\n}\n";
    check(
        "javascript",
        "if ($A) { $B; }",
        "$A && $B;",
        code,
        expect![[r#"
        {
          a && b(() => {
            c();
          });
        }
    "#]],
    );
}

#[test]
fn what_is_dropped_leaves_no_comma_and_no_comment_swallows_code() {
    check(
        "java",
        "f($A, $$$B)",
        "g($A, $$$B)",
        "class C { int x = f(1); int y = f(1, 2); }",
        expect!["class C { int x = g(1); int y = g(1, 2); }"],
    );
    check(
        "javascript",
        "f($$$A)",
        "g($$$A, 0)",
        "f(); f(1)",
        expect!["g(0); g(1, 0)"],
    );
    check(
        "python",
        "f($A, $$$B)",
        "($A, $$$B)",
        "f(1)\n",
        expect!["(1,)\n"],
    );
    let code = "f(a, // first\n  b // second\n);\n";
    check(
        "javascript",
        "f($$$A)",
        "g($$$A)",
        code,
        expect![[r#"
        g(a, // first
          b // second
        );
    "#]],
    );
    let lossy = rewrite("javascript", "f($A, $B)", "g($B, $A)", "f(a, /* why */ b)");
    assert_eq!((lossy.places, lossy.lost_comments), (1, 1));
}

#[test]
fn a_bad_pattern_or_template_is_explained() {
    let error = |id: &str, pattern: &str| match Pattern::new(language(id), pattern) {
        Ok(_) => panic!("{pattern} is a pattern"),
        Err(error) => format!("{error}\n"),
    };
    let errors = [
        error("rust", "  "),
        error("rust", "foo($A"),
        error("rust", "let $a = 1;"),
        error("python", "if x"),
        error("go", "foo(...)"),
        error("javascript", "a; b"),
        error("javascript", "$A"),
        error("javascript", "$$$A"),
        error("java", "class {"),
        error("rust", &"(".repeat(5_000)),
        error(
            "rust",
            &format!("{}1{}", "(".repeat(1_900), ")".repeat(1_900)),
        ),
    ];
    expect![[r#"
        the pattern is empty; write a piece of Rust code, with $NAME for any part of it
        the pattern `foo($A` is no complete piece of Rust code: something is missing at its end
        the pattern `let $a = 1;` is more than one piece of Rust code; search for one statement or expression, or put the statements in a block; variables are written in upper case: $NAME, and $$$NAME for a list
        the pattern `if x` is no complete piece of Python code: it does not fit from character 1 on, at `if x`
        the pattern `foo(...)` is no complete piece of Go code: it does not fit from character 5 on, at `...)`; any number of parts is written $$$ or $$$NAME
        the pattern `a; b` is more than one piece of JavaScript code; search for one statement or expression, or put the statements in a block
        the pattern `$A` fits everything; put some code around the variable
        the pattern `$$$A` fits everything; put some code around the variable
        the pattern `class {` is no complete piece of Java code: it does not fit from character 7 on, at `{`
        the pattern has 5000 bytes or is nested very deeply; the limit is 4000 bytes
        the pattern has 3801 bytes or is nested very deeply; the limit is 4000 bytes
    "#]].assert_eq(&errors.concat());
    let pattern = Pattern::new(language("rust"), "foo($A, $$$REST)").unwrap();
    let error = Template::new("bar($B)", &pattern).unwrap_err();
    assert!(matches!(error, TemplateError::UnknownVariable { .. }));
    expect!["the replacement uses $B, which is not in the pattern; the pattern has $A, $REST"]
        .assert_eq(&error.to_string());
    assert!(Template::new("costs $5, $x, $", &pattern).is_ok());
}

#[test]
fn a_search_ends_by_its_token_its_time_and_at_trees_too_deep() {
    let pattern = Pattern::new(language("rust"), "f($A)").unwrap();
    let tree = parse_without_limits(language("rust"), &Text::from("fn g() { f(1) }"));
    let cancelled = Cancel::new();
    cancelled.cancel();
    assert_eq!(
        pattern.find(&tree, &no_query_limits(), &cancelled),
        Err(StructuralError::Stopped(Stopped::Cancelled))
    );
    let no_time = QueryLimits {
        timeout: std::time::Duration::ZERO,
    };
    assert_eq!(
        pattern.find(&tree, &no_time, &Cancel::new()),
        Err(StructuralError::Stopped(Stopped::TimedOut))
    );
    let nested = format!("fn g() {{ {}1{} }}", "f(".repeat(200), ")".repeat(200));
    let template = Template::new("(\n$A)", &pattern).unwrap();
    let tree = parse_without_limits(language("rust"), &Text::from(&*nested));
    let rewrite = pattern
        .rewrite(&template, &tree, &no_query_limits(), &Cancel::new())
        .unwrap();
    assert_eq!((rewrite.places, rewrite.edits.len()), (200, 1));
    let deep = format!("fn g() {{ {}1{} }}", "f(".repeat(3_000), ")".repeat(3_000));
    let tree = parse_without_limits(language("rust"), &Text::from(&*deep));
    assert!(matches!(
        pattern.find(&tree, &no_query_limits(), &Cancel::new()),
        Err(StructuralError::TooDeep { .. })
    ));
}

#[test]
fn a_pattern_made_of_any_piece_of_code_never_panics_and_finds_itself() {
    for language in Language::all() {
        let (code, _) = sample(language);
        let tree = parse_without_limits(language, &Text::from(&*code));
        let mut random = Random::new(7);
        for _ in 0..60 {
            let piece = random.piece(&code, 60).trim().to_owned();
            let Ok(pattern) = Pattern::new(language, &piece) else {
                continue;
            };
            if pattern.variables().next().is_some() || piece.contains('$') {
                continue;
            }
            let found = pattern
                .find(&tree, &no_query_limits(), &Cancel::new())
                .unwrap();
            for place in found {
                // White space, commas and comments within may differ; the first and last tokens do not.
                assert!(code.get(place.range).is_some(), "{language:?}: {piece}");
            }
        }
    }
}

#[test]
fn a_rewrite_into_the_same_code_changes_nothing() {
    // Shapes whose every part is kept by the template.
    let cases = [
        ("rust", "$F($$$A)"),
        ("rust", "$A.$B"),
        ("javascript", "$F($$$A)"),
        ("python", "$F($$$A)"),
        ("go", "$F($$$A)"),
        ("java", "$F($$$A)"),
        ("c", "$A = $B"),
        ("lua", "$F($$$A)"),
    ];
    for (id, shape) in cases {
        for seed in 0..60 {
            let code = nested_calls(&mut Random::new(seed), 4);
            let code = match id {
                "rust" => format!("fn f() {{ {code}; }}"),
                "go" => format!("package p\nfunc f() {{ {code} }}"),
                "java" => format!("class C {{ void f() {{ {code}; }} }}"),
                "c" => format!("void f() {{ x = {code}; }}"),
                _ => code,
            };
            let pattern = Pattern::new(language(id), shape).unwrap();
            let template = Template::new(shape, &pattern).unwrap();
            let tree = parse_without_limits(language(id), &Text::from(&*code));
            let rewrite = pattern
                .rewrite(&template, &tree, &no_query_limits(), &Cancel::new())
                .unwrap();
            assert_eq!(rewrite.apply(&code), code, "{id} {shape}");
        }
    }
}

/// A call of calls, spaced as in `f(g(1), x)`.
fn nested_calls(random: &mut Random, depth: usize) -> String {
    if depth == 0 || random.below(4) == 0 {
        return random.pick(&["x", "1", "y"]).to_owned();
    }
    let arguments: Vec<String> = (0..random.below(3))
        .map(|_| nested_calls(random, depth - 1))
        .collect();
    format!(
        "{}({})",
        random.pick(&["f", "g", "h"]),
        arguments.join(", ")
    )
}

#[test]
fn any_text_is_searched_without_a_panic_and_edits_are_apart() {
    let shapes = [
        "$F($$$A)",
        "$A",
        "{ $$$ }",
        "$A = $B",
        "x",
        "\"$A\"",
        "if ($A) { $$$B }",
    ];
    for language in Language::all() {
        let patterns: Vec<Pattern> = shapes
            .iter()
            .filter_map(|shape| Pattern::new(language, shape).ok())
            .collect();
        for seed in 0..20 {
            let mut random = Random::new(seed);
            let code: String = (0..200)
                .map(|_| {
                    [
                        random.pick(SPLINTERS),
                        random.pick(&["x", " ", "\n", "f(x)"]),
                    ]
                    .concat()
                })
                .collect();
            let tree = parse_without_limits(language, &Text::from(&*code));
            for pattern in &patterns {
                let names: Vec<String> =
                    pattern.variables().map(|name| format!("${name}")).collect();
                let template =
                    Template::new(&format!("[\n  {}]", names.join(",")), pattern).unwrap();
                let rewrite = pattern
                    .rewrite(&template, &tree, &no_query_limits(), &Cancel::new())
                    .unwrap();
                let apart = |pair: &[super::Replacement]| pair[0].range.end <= pair[1].range.start;
                assert!(rewrite.edits.windows(2).all(apart), "{language:?} {seed}");
                rewrite.apply(&code);
            }
        }
    }
    assert!(matches!(
        Pattern::new(language("rust"), "$A"),
        Err(PatternError::Everything { .. })
    ));
}
