//! Dots taken out of paths.

use std::path::Path;

use expect_test::expect;

use super::normalize;

#[test]
fn dots_are_taken_out() {
    let paths = [
        "/",
        "/a/b/",
        "/a/./b",
        "/a/../b",
        "/../../a",
        "/a/b/../../..",
        "a/../b",
        "../a",
        "a/../../b",
        "./a",
        ".",
        "",
    ];
    let lines: String = paths
        .iter()
        .map(|path| format!("{path} -> {}\n", normalize(Path::new(path)).display()))
        .collect();
    expect![[r#"
        / -> /
        /a/b/ -> /a/b
        /a/./b -> /a/b
        /a/../b -> /b
        /../../a -> /a
        /a/b/../../.. -> /
        a/../b -> b
        ../a -> ../a
        a/../../b -> ../b
        ./a -> a
        . -> 
         -> 
    "#]]
    .assert_eq(&lines);
}
