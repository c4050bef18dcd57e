//! Each rule for files, broken on purpose.

use std::path::Path;

use expect_test::{Expect, expect};

use super::super::sources::mark_tests;
use super::*;

/// The violations of one file.
fn check(path: &str, text: &str, expected: Expect) {
    let mut sources = [Source::new(Path::new(path), text.to_owned())];
    mark_tests(&mut sources);
    let violations = super::check(&sources);
    let lines: Vec<String> = violations.iter().map(Violation::to_string).collect();
    expected.assert_eq(&lines.join("\n"));
}

#[test]
fn a_rust_file_without_a_header_is_named() {
    check(
        "xtask/src/a.rs",
        "use std::fs;\n//! Late.\n",
        expect!["xtask/src/a.rs:1: the file must begin with a `//!` header that says what it owns"],
    );
    check("docs/a.md", "no header needed", expect![""]);
}

#[test]
fn a_file_may_have_800_lines_of_product_and_any_number_of_tests() {
    let full = "//! Long.\n".to_owned() + &"fn a() {}\n".repeat(798);
    check("server/src/a.rs", &full, expect![""]);
    check(
        "server/src/a.rs",
        &(full.clone() + "#[cfg(test)]\nmod tests {\n" + &"\n".repeat(900) + "}"),
        expect![""],
    );
    check(
        "server/src/a.rs",
        &(full.clone() + "fn b() {}\nfn c() {}\n"),
        expect![
            "server/src/a.rs:800: 802 lines without tests; at most 800: split it by responsibility"
        ],
    );
    check(
        "server/src/a/tests.rs",
        &(full.clone() + &full),
        expect![""],
    );
}

#[test]
fn a_library_that_prints_is_named() {
    let text = r#"//! Prints.
fn a() { println!("x"); }
fn b() { std::io::stdout().flush(); let _ = stderr(); }
// println!("in a comment")
fn c() { log("println!(..)"); command.stdout(piped); my_println!(); }
fn d() { dbg!(1); eprint!("x"); }
#[cfg(test)]
mod tests { fn e() { println!("allowed"); } }
"#;
    let message = expect![[r#"
        crates/text/src/a.rs:2: library crates never print, for stdout is the protocol: return it, or log it with `tracing`
        crates/text/src/a.rs:3: library crates never print, for stdout is the protocol: return it, or log it with `tracing`
        crates/text/src/a.rs:6: library crates never print, for stdout is the protocol: return it, or log it with `tracing`"#]];
    check("crates/text/src/a.rs", text, message);
    check("server/src/a.rs", text, expect![""]);
    check("crates/text/tests/a.rs", text, expect![""]);
}

#[test]
fn only_the_sandbox_starts_processes() {
    let text = "//! Starts.\nuse std::process::Command;\nuse std::process::{Command, Stdio};\nfn a(process: Process) {}\n";
    check(
        "crates/workspace/src/a.rs",
        text,
        expect![[r#"
            crates/workspace/src/a.rs:2: only `sandbox` starts processes: ask it
            crates/workspace/src/a.rs:3: only `sandbox` starts processes: ask it"#]],
    );
    check("crates/sandbox/src/a.rs", text, expect![""]);
}

#[test]
fn text_syntax_and_changes_read_no_files() {
    let text = "//! Reads.\nuse std::fs;\nfn a() { fs::read(p); offs::b(); }\n";
    check(
        "crates/syntax/src/a.rs",
        text,
        expect![[r#"
            crates/syntax/src/a.rs:2: this crate does no input or output: let the caller read, write and wait
            crates/syntax/src/a.rs:3: this crate does no input or output: let the caller read, write and wait"#]],
    );
    check("crates/workspace/src/a.rs", text, expect![""]);
}
