//! What counts as code and what does not.

use expect_test::{Expect, expect};

use super::*;

fn check(source: &str, expected: Expect) {
    let code = Code::of(source);
    let lines: Vec<String> = code
        .product_lines()
        .map(|(line, text)| format!("{line}|{}", text.trim_end()))
        .collect();
    expected.assert_eq(&lines.join("\n"));
}

#[test]
fn comments_and_literals_are_blank() {
    check(
        r##"let a = "one // \" two"; // three
/* four /* five */ six */ let b = 'x'; let c = '\''; let d: &'a str = r#"se"ven"#;
let e = br"eight"; let over = "nine"; let f = '"'; g();"##,
        expect![[r#"
            1|let a =                ;
            2|                          let b =    ; let c =     ; let d: &'a str =            ;
            3|let e =          ; let over =       ; let f =    ; g();"#]],
    );
}

#[test]
fn strings_over_several_lines_keep_the_line_numbers() {
    check(
        "let a = \"one\ntwo\nthree\"; b();\nc();",
        expect![[r#"
            1|let a =
            2|
            3|      ; b();
            4|c();"#]],
    );
}

#[test]
fn unfinished_literals_reach_to_the_end() {
    for source in [
        "let a = \"one",
        "let a = r#\"one\"",
        "/* one",
        "let a = '\\",
        "'",
    ] {
        Code::of(source);
    }
}

#[test]
fn parts_for_tests_are_no_product() {
    check(
        "a();\n#[cfg(test)]\nmod tests {\n    fn b() { c(); }\n}\nd();\n#[cfg(test)]\nmod oracle;\ne();\n#[cfg(test)]\nfn f() {}\ng();",
        expect![[r#"
            1|a();
            6|d();
            9|e();
            12|g();"#]],
    );
}

#[test]
fn an_attribute_inside_a_string_starts_no_test() {
    check(
        "let a = \"#[cfg(test)]\"; b();",
        expect!["1|let a =               ; b();"],
    );
}

#[test]
fn modules_for_tests_are_named() {
    let code = Code::of(
        "#[cfg(test)]\nmod oracle;\n#[cfg(test)]\npub(crate) mod random;\n#[cfg(test)]\nmod tests { }\nmod plain;",
    );
    assert_eq!(
        code.test_modules().collect::<Vec<_>>(),
        ["oracle", "random"]
    );
}
