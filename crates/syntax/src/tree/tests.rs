//! What the trees of all languages tell: the samples in `grammars/`, and cases worth a closer look.

use std::fmt::Write;
use std::ops::Range;

use expect_test::{Expect, expect, expect_file};
use text::Text;

use crate::test_support::{
    Random, grammar_folder, no_query_limits, parse_without_limits, sample, take_cursor,
};
use crate::{Cancel, Language, QueryLimits, Stopped, SyntaxTree, TextKind, TextSpan};

#[test]
fn samples() {
    for language in Language::all() {
        let (code, cursor) = sample(language);
        let tree = parse_without_limits(language, &Text::from(code));
        assert!(
            !tree.has_errors(),
            "the sample of {language:?} does not fit the grammar"
        );
        let expected = grammar_folder(language).join("sample.expected");
        expect_file![expected].assert_eq(&report(&tree, cursor.unwrap()));
    }
}

fn report(tree: &SyntaxTree, cursor: usize) -> String {
    let (limits, cancel) = (no_query_limits(), Cancel::new());
    let whole = 0..tree.text().len_bytes();
    let mut report = format!("Scopes around {}\n", point(tree, cursor));
    report += &scopes_report(tree, cursor);
    report += "\nSymbols\n";
    for symbol in tree.symbols(whole.clone(), &limits, &cancel).unwrap() {
        let name = tree.text().slice(symbol.name.clone());
        let (start, range) = (point(tree, symbol.name.start), span(tree, &symbol.range));
        writeln!(
            report,
            "{start} {:?} {:?} {name:?} in {range}",
            symbol.role, symbol.kind
        )
        .unwrap();
    }
    report += "\nComments and strings\n";
    for text_span in tree.comments_and_strings(whole, &limits, &cancel).unwrap() {
        let text = tree.text().slice(text_span.range.clone());
        writeln!(
            report,
            "{} {:?} {text:?}",
            point(tree, text_span.range.start),
            text_span.kind
        )
        .unwrap();
    }
    report
}

fn scopes_report(tree: &SyntaxTree, cursor: usize) -> String {
    let mut report = String::new();
    for scope in tree
        .enclosing_scopes(cursor, &no_query_limits(), &Cancel::new())
        .unwrap()
    {
        let name = scope.name.map(|name| tree.text().slice(name));
        let header = tree.text().slice(scope.header);
        let range = span(tree, &scope.range);
        writeln!(
            report,
            "{:?} {:?} {range} {header:?}",
            scope.kind,
            name.as_deref().unwrap_or("")
        )
        .unwrap();
    }
    report
}

/// Line and column in bytes, both counted from 1.
fn point(tree: &SyntaxTree, offset: usize) -> String {
    let line = tree.text().line_of(offset);
    format!("{}:{}", line + 1, offset - tree.text().line_start(line) + 1)
}

fn span(tree: &SyntaxTree, range: &Range<usize>) -> String {
    format!("{}..{}", point(tree, range.start), point(tree, range.end))
}

fn check_scopes(id: &str, fixture: &str, expected: Expect) {
    let (code, cursor) = take_cursor(fixture);
    let tree = parse_without_limits(Language::from_id(id).unwrap(), &Text::from(code));
    expected.assert_eq(&scopes_report(&tree, cursor.unwrap()));
}

#[test]
fn a_scope_has_its_first_byte_and_not_the_one_after_its_last() {
    check_scopes(
        "rust",
        "mod a { $0fn f() {} }",
        expect![[r#"
            Module "a" 1:1..1:20 "mod a"
            Function "f" 1:9..1:18 "fn f()"
        "#]],
    );
    check_scopes(
        "rust",
        "mod a { fn f() {}$0 }",
        expect![[r#"
        Module "a" 1:1..1:20 "mod a"
    "#]],
    );
}

#[test]
fn typing_at_the_end_of_the_text_is_typing_in_the_last_scope() {
    check_scopes(
        "python",
        "class A:\n    def f(self):\n        return$0",
        expect![[r#"
            Type "A" 1:1..3:15 "class A:"
            Function "f" 2:5..3:15 "def f(self):"
        "#]],
    );
    check_scopes("python", "$0", expect![[""]]);
}

#[test]
fn a_function_value_has_the_name_it_is_assigned_to() {
    check_scopes(
        "typescript",
        "export const f = async (a: number): Promise<void> => { $0 };",
        expect![[r#"
            Function "f" 1:18..1:58 "f = async (a: number): Promise<void> =>"
        "#]],
    );
    check_scopes(
        "javascript",
        "run({ step: function () { return () => $01 } })",
        expect![[r#"
            Function "step" 1:13..1:43 "step: function ()"
            Function "" 1:34..1:41 "() =>"
        "#]],
    );
}

#[test]
fn scopes_are_found_in_code_with_errors() {
    check_scopes(
        "rust",
        "fn outer() {\n    let a = b.$0\n}\nfn next() {}",
        expect![[r#"
            Function "outer" 1:1..3:2 "fn outer()"
        "#]],
    );
    check_scopes(
        "typescript",
        "class A {\n  f() {\n    const a = b.$0\n  }\n  g() {}\n}",
        expect![[r#"
            Type "A" 1:1..6:2 "class A"
            Function "f" 2:3..4:4 "f()"
        "#]],
    );
    check_scopes(
        "python",
        "class A:\n    def f(self):\n        x = foo($0\n\n    def g(self):\n        pass\n",
        expect![[r#"
            Type "A" 1:1..6:13 "class A:"
            Function "f" 2:5..6:13 "def f(self):"
        "#]],
    );
    check_scopes(
        "rust",
        "mod a {\n    impl B {\n        fn f(&self) {\n            self.c($0\n        }\n    }\n}",
        expect![[r#"
            Module "a" 1:1..7:2 "mod a"
            Type "B" 2:5..6:6 "impl B"
            Function "f" 3:9..5:10 "fn f(&self)"
        "#]],
    );
    check_scopes(
        "go",
        "package a\n\nfunc f() {\n\tx := y.$0\n}\n\nfunc g() {}",
        expect![[r#"
            Function "f" 3:1..5:2 "func f()"
        "#]],
    );
    // The line is an opening brace too many: without it, the function is whole.
    check_scopes(
        "rust",
        "fn outer() {\n    let a = ;\n    if b { $0\n}\nfn next() {}",
        expect![[r#"
            Function "outer" 1:1..4:2 "fn outer()"
        "#]],
    );
}

/// The kinds at every offset of a text: `.` code, `c` comment, `s` string.
fn kinds(id: &str, code: &str) -> String {
    let tree = parse_without_limits(Language::from_id(id).unwrap(), &Text::from(code));
    let letter = |offset| match tree
        .kind_at(offset, &no_query_limits(), &Cancel::new())
        .unwrap()
    {
        TextKind::Code => '.',
        TextKind::Comment => 'c',
        TextKind::String => 's',
    };
    let letters = (0..=code.len()).map(letter).collect::<String>();
    format!("{}|\n{letters}\n", code.replace('\n', "⏎"))
}

fn check_kinds(id: &str, code: &str, expected: Expect) {
    expected.assert_eq(&kinds(id, code));
}

#[test]
fn what_is_typed_after_a_line_comment_is_comment_and_after_a_block_is_not() {
    check_kinds(
        "rust",
        "a // b\nc",
        expect![[r#"
        a // b⏎c|
        ...cccc..
    "#]],
    );
    check_kinds(
        "rust",
        "/// b\nfn f() {}",
        expect![[r#"
        /// b⏎fn f() {}|
        .ccccc..........
    "#]],
    );
    check_kinds(
        "rust",
        "/* b */ c",
        expect![[r#"
        /* b */ c|
        .cccccc...
    "#]],
    );
    check_kinds(
        "python",
        "a # b",
        expect![[r#"
        a # b|
        ...ccc
    "#]],
    );
    check_kinds(
        "lua",
        "--[[ a ]] b() -- c",
        expect![[r#"
        --[[ a ]] b() -- c|
        .cccccccc......cccc
    "#]],
    );
    check_kinds(
        "html",
        "<p><!-- a --></p>",
        expect![[r#"
        <p><!-- a --></p>|
        ....ccccccccc.....
    "#]],
    );
}

#[test]
fn a_string_is_between_its_quotes_and_what_is_interpolated_is_code() {
    check_kinds(
        "javascript",
        "f(\"a\", `b${c + 'd'}e`)",
        expect![[r#"
        f("a", `b${c + 'd'}e`)|
        ...ss...ss......ss.ss..
    "#]],
    );
    check_kinds(
        "python",
        "f\"a{b!r}c\" 'd'",
        expect![[r#"
        f"a{b!r}c" 'd'|
        .sss....ss..ss.
    "#]],
    );
    check_kinds(
        "bash",
        "echo \"a $(b \"c\") $d\"",
        expect![[r#"
        echo "a $(b "c") $d"|
        ......sss....ss.s..s.
    "#]],
    );
    check_kinds(
        "swift",
        "\"a \\(b) c\"",
        expect![[r#"
        "a \(b) c"|
        .ssss..sss.
    "#]],
    );
    check_kinds(
        "php",
        "<?php \"a {$b->c()} d\";",
        expect![[r#"
        <?php "a {$b->c()} d";|
        .......sss........sss..
    "#]],
    );
    check_kinds(
        "ruby",
        "\"a#{b}c\"",
        expect![[r#"
        "a#{b}c"|
        .ss...ss.
    "#]],
    );
    check_kinds(
        "rust",
        "\"a\"\"b\"",
        expect![[r#"
        "a""b"|
        .ss.ss.
    "#]],
    );
}

#[test]
fn every_offset_within_a_span_is_of_its_kind() {
    for language in Language::all() {
        let (code, _) = sample(language);
        let tree = parse_without_limits(language, &Text::from(&*code));
        let (limits, cancel) = (no_query_limits(), Cancel::new());
        let spans = tree
            .comments_and_strings(0..code.len(), &limits, &cancel)
            .unwrap();
        assert!(
            !spans.is_empty(),
            "{language:?} has neither comments nor strings"
        );
        for text_span in spans {
            for offset in text_span.range.start + 1..text_span.range.end {
                let kind = tree.kind_at(offset, &limits, &cancel);
                assert_eq!(kind, Ok(text_span.kind), "{language:?} at {offset}");
            }
        }
    }
}

#[test]
fn spans_of_a_part_are_those_of_the_whole_cut_to_it() {
    let mut random = Random::new(1);
    for language in Language::all() {
        let (code, _) = sample(language);
        let tree = parse_without_limits(language, &Text::from(&*code));
        let (limits, cancel) = (no_query_limits(), Cancel::new());
        let all = tree
            .comments_and_strings(0..code.len(), &limits, &cancel)
            .unwrap();
        let is_apart = |pair: &[TextSpan]| pair[0].range.end <= pair[1].range.start;
        assert!(all.windows(2).all(is_apart), "{language:?}: {all:?}");
        for _ in 0..200 {
            let start = random.below(code.len() + 1);
            let end = start + random.below(code.len() - start + 1);
            let cut = |span: &TextSpan| TextSpan {
                kind: span.kind,
                range: span.range.start.max(start)..span.range.end.min(end),
            };
            let mut expected: Vec<TextSpan> = all.iter().map(cut).collect();
            expected.retain(|span| !span.range.is_empty());
            let part = tree
                .comments_and_strings(start..end, &limits, &cancel)
                .unwrap();
            assert_eq!(part, expected, "{language:?} {start}..{end}");
        }
    }
}

#[test]
fn symbols_of_a_part_are_those_of_the_whole_that_touch_it() {
    for language in Language::all() {
        let (code, _) = sample(language);
        let tree = parse_without_limits(language, &Text::from(&*code));
        let (limits, cancel) = (no_query_limits(), Cancel::new());
        let all = tree.symbols(0..code.len(), &limits, &cancel).unwrap();
        for symbol in &all {
            let part = tree.symbols(symbol.name.clone(), &limits, &cancel).unwrap();
            assert!(
                part.contains(symbol),
                "{language:?}: {symbol:?} is not in {part:?}"
            );
        }
        let names: Vec<&Range<usize>> = all.iter().map(|symbol| &symbol.name).collect();
        assert!(names.is_sorted_by_key(|name| (name.start, name.end)));
    }
}

#[test]
fn any_offset_and_range_is_answered() {
    for language in Language::all() {
        let (limits, cancel) = (no_query_limits(), Cancel::new());
        for code in ["", "x", "中"] {
            let tree = parse_without_limits(language, &Text::from(code));
            for offset in [0, 1, 2, 3, 4, 1 << 40, usize::MAX] {
                tree.kind_at(offset, &limits, &cancel).unwrap();
                tree.enclosing_scopes(offset, &limits, &cancel).unwrap();
                tree.symbols(offset..0, &limits, &cancel).unwrap();
                tree.comments_and_strings(0..offset, &limits, &cancel)
                    .unwrap();
            }
        }
    }
}

#[test]
fn a_question_ends_by_its_token_and_its_time() {
    let tree = parse_without_limits(Language::from_id("rust").unwrap(), &Text::from("fn f() {}"));
    let cancelled = Cancel::new();
    cancelled.clone().cancel();
    assert_eq!(
        tree.symbols(0..9, &no_query_limits(), &cancelled),
        Err(Stopped::Cancelled)
    );
    assert_eq!(
        tree.enclosing_scopes(0, &no_query_limits(), &cancelled),
        Err(Stopped::Cancelled)
    );
    let no_time = QueryLimits {
        timeout: std::time::Duration::ZERO,
    };
    assert_eq!(
        tree.symbols(0..9, &no_time, &Cancel::new()),
        Err(Stopped::TimedOut)
    );
    assert_eq!(
        tree.kind_at(0, &no_time, &Cancel::new()),
        Err(Stopped::TimedOut)
    );
    assert_eq!(
        tree.comments_and_strings(0..9, &no_time, &Cancel::new()),
        Err(Stopped::TimedOut)
    );
}

#[test]
fn a_name_is_found_where_it_is_a_name_and_nowhere_else() {
    let cases = [
        (
            "rust",
            "struct old { old: u8 }\nfn old(x: old) -> old { x.old; old!(old); \"old\"; older; 'old: loop {} /* old */ }",
        ),
        (
            "python",
            "def old(x, old=1):\n    'old'\n    return old.old + older # old\n",
        ),
        (
            "javascript",
            "class old { #x; old() { return { old, old: 'old', [old]: `old${old}` } } } // old",
        ),
        ("typescript", "type old = { old?: old }; let x: Array<old>"),
        (
            "go",
            "package p\ntype old struct { old int }\nfunc (o old) old() { old.old(`old`) }\n",
        ),
        (
            "java",
            "class old { old old; old old() { return this.old; } String s = \"old\"; }",
        ),
        (
            "c",
            "#define x old\nstruct old { int old; };\nint old(struct old *o) { goto old; old: return o->old; }",
        ),
        (
            "ruby",
            "class Foo; attr_reader :old; def old(old: 1) = old; x = 'old'; end",
        ),
        (
            "php",
            "<p>old</p><?php function old($old) { return $this->old . 'old'; }",
        ),
        ("shellscript", "old() { echo old; }\nold \"$old\"\nold=1\n"),
        ("csharp", "class old { old old => this.old(\"old\"); }"),
        ("kotlin", "fun old(old: old) = old.old(\"old\")"),
        (
            "swift",
            "func old(old: old) -> old { return old.old(\"old\") }",
        ),
        (
            "zig",
            "const old = fn old(old: old) void { old.old(\"old\"); };",
        ),
    ];
    let mut lines = String::new();
    for (id, code) in cases {
        let tree = parse_without_limits(Language::from_id(id).unwrap(), &Text::from(code));
        let found = tree
            .identifiers("old", &no_query_limits(), &Cancel::new())
            .unwrap();
        let mut marked = code.to_owned();
        for range in found.iter().rev() {
            assert_eq!(&code[range.clone()], "old");
            marked.replace_range(range.clone(), "NEW");
        }
        lines += &format!("{marked}\n");
    }
    expect![[r#"
        struct NEW { NEW: u8 }
        fn NEW(x: NEW) -> NEW { x.NEW; NEW!(NEW); "old"; older; 'NEW: loop {} /* old */ }
        def NEW(x, NEW=1):
            'old'
            return NEW.NEW + older # old

        class NEW { #x; NEW() { return { NEW, NEW: 'old', [NEW]: `old${NEW}` } } } // old
        type NEW = { NEW?: NEW }; let x: Array<NEW>
        package p
        type NEW struct { NEW int }
        func (o NEW) NEW() { NEW.NEW(`old`) }

        class NEW { NEW NEW; NEW NEW() { return this.NEW; } String s = "old"; }
        #define x old
        struct NEW { int NEW; };
        int NEW(struct NEW *o) { goto NEW; NEW: return o->NEW; }
        class Foo; attr_reader :old; def NEW(NEW: 1) = NEW; x = 'old'; end
        <p>old</p><?php function NEW($NEW) { return $this->NEW . 'old'; }
        NEW() { echo old; }
        NEW "$NEW"
        NEW=1

        class NEW { NEW NEW => this.NEW("old"); }
        fun NEW(NEW: NEW) = NEW.NEW("old")
        func NEW(NEW: NEW) -> NEW { return NEW.NEW("old") }
        const NEW = fn NEW(NEW: NEW) void { NEW.NEW("old"); };
    "#]]
    .assert_eq(&lines);
}

#[test]
fn the_kinds_of_names_are_kinds_of_the_grammar() {
    for language in Language::all() {
        for kind in language
            .identifier_kinds()
            .iter()
            .flat_map(|kind| kind.split('/'))
        {
            assert_ne!(
                language.grammar().id_for_node_kind(kind, true),
                0,
                "{language:?}: {kind}"
            );
        }
    }
}
