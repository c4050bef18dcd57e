//! Every rule of the grammar and every leniency, one case each.

use expect_test::{Expect, expect};

use super::{Files, applied};

/// Applies the operations `body` to `files` and shows what is answered and every file that there is then.
///
/// `␍` stands for a return, `␃` for the end of a last line that has no break.
fn check(files: &[(&str, &str)], body: &str, expected: &Expect) {
    check_whole(
        files,
        &format!("*** Begin Patch\n{body}*** End Patch"),
        expected,
    );
}

fn check_whole(files: &[(&str, &str)], patch: &str, expected: &Expect) {
    let files: Files = files
        .iter()
        .map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec()))
        .collect();
    let shown = match applied(&files, patch) {
        Ok((files, message)) => format!("{message}\n{}", show(&files)),
        Err(error) => format!("{error}\n"),
    };
    expected.assert_eq(&shown);
}

fn show(files: &Files) -> String {
    let mut shown = String::new();
    for (name, bytes) in files {
        let text = String::from_utf8_lossy(bytes).replace('\r', "␍");
        let end = if text.is_empty() || text.ends_with('\n') {
            ""
        } else {
            "␃\n"
        };
        shown.push_str(&format!("--- {name}\n{text}{end}"));
    }
    shown
}

const GREEK: (&str, &str) = ("a", "alpha\nbeta\ngamma\n");

/// Two classes that look the same inside.
const CLASSES: (&str, &str) = (
    "a",
    "class A:\n  def f():\n    return 1\n  def g():\n    return 1\nclass B:\n  def f():\n    return 1\n",
);

#[test]
fn adds_a_file() {
    check(
        &[],
        "*** Add File: new/a\n+one\n+\n++two\n",
        &expect![[r#"
            Success. Updated the following files:
            A new/a
            --- new/a
            one

            +two
        "#]],
    );
}

#[test]
fn adds_an_empty_file() {
    check(
        &[],
        "*** Add File: a\n",
        &expect![[r#"
        Success. Updated the following files:
        A a
        --- a
    "#]],
    );
}

#[test]
fn adding_replaces_what_is_there() {
    check(
        &[GREEK],
        "*** Add File: a\n+one\n",
        &expect![[r#"
        Success. Updated the following files:
        A a
        --- a
        one
    "#]],
    );
}

#[test]
fn deletes_a_file() {
    check(
        &[GREEK],
        "*** Delete File: a\n",
        &expect![[r#"
        Success. Updated the following files:
        D a
    "#]],
    );
}

#[test]
fn updates_a_file() {
    check(
        &[GREEK],
        "*** Update File: a\n@@\n alpha\n-beta\n+BETA\n+and more\n gamma\n",
        &expect![[r#"
            Success. Updated the following files:
            M a
            --- a
            alpha
            BETA
            and more
            gamma
        "#]],
    );
}

#[test]
fn moves_a_file_with_a_change() {
    check(
        &[GREEK],
        "*** Update File: a\n*** Move to: new/b\n@@\n-beta\n+BETA\n",
        &expect![[r#"
            Success. Updated the following files:
            M new/b
            --- new/b
            alpha
            BETA
            gamma
        "#]],
    );
}

#[test]
fn moves_a_file_without_a_change() {
    check(
        &[GREEK],
        "*** Update File: a\n*** Move to: b\n",
        &expect![[r#"
            Success. Updated the following files:
            M b
            --- b
            alpha
            beta
            gamma
        "#]],
    );
}

#[test]
fn moving_replaces_what_is_there() {
    check(
        &[GREEK, ("b", "old\n")],
        "*** Update File: a\n*** Move to: b\n@@\n-beta\n",
        &expect![[r#"
            Success. Updated the following files:
            M b
            --- b
            alpha
            gamma
        "#]],
    );
}

#[test]
fn moving_to_itself_is_an_update() {
    check(
        &[GREEK],
        "*** Update File: a\n*** Move to: ./x/../a\n@@\n-beta\n",
        &expect![[r#"
            Success. Updated the following files:
            M ./x/../a
            --- a
            alpha
            gamma
        "#]],
    );
}

#[test]
fn several_operations_are_told_in_groups() {
    check(
        &[GREEK, ("b", "old\n"), ("c", "old\n")],
        "*** Delete File: b\n*** Update File: a\n@@\n-beta\n*** Add File: e\n+e\n*** Delete File: c\n*** Add File: d\n+d\n",
        &expect![[r#"
            Success. Updated the following files:
            A e
            A d
            M a
            D b
            D c
            --- a
            alpha
            gamma
            --- d
            d
            --- e
            e
        "#]],
    );
}

#[test]
fn the_first_chunk_may_lack_its_mark() {
    check(
        &[GREEK],
        "*** Update File: a\n alpha\n-beta\n",
        &expect![[r#"
            Success. Updated the following files:
            M a
            --- a
            alpha
            gamma
        "#]],
    );
}

#[test]
fn several_chunks_go_down_the_file() {
    check(
        &[GREEK],
        "*** Update File: a\n@@\n-alpha\n+ALPHA\n@@\n-gamma\n+GAMMA\n",
        &expect![[r#"
            Success. Updated the following files:
            M a
            --- a
            ALPHA
            beta
            GAMMA
        "#]],
    );
}

#[test]
fn a_context_line_moves_the_place_of_a_chunk() {
    check(
        &[CLASSES],
        "*** Update File: a\n@@ class B:\n-    return 1\n+    return 2\n",
        &expect![[r#"
            Success. Updated the following files:
            M a
            --- a
            class A:
              def f():
                return 1
              def g():
                return 1
            class B:
              def f():
                return 2
        "#]],
    );
}

#[test]
fn the_first_place_after_a_unique_context_line_is_meant() {
    check(
        &[CLASSES],
        "*** Update File: a\n@@   def g():\n-    return 1\n+    return 2\n",
        &expect![[r#"
            Success. Updated the following files:
            M a
            --- a
            class A:
              def f():
                return 1
              def g():
                return 2
            class B:
              def f():
                return 1
        "#]],
    );
}

#[test]
fn context_lines_in_a_row_narrow_a_place_down() {
    check(
        &[CLASSES],
        "*** Update File: a\n@@ class B:\n@@   def f():\n-    return 1\n+    return 2\n",
        &expect![[r#"
            Success. Updated the following files:
            M a
            --- a
            class A:
              def f():
                return 1
              def g():
                return 1
            class B:
              def f():
                return 2
        "#]],
    );
}

#[test]
fn context_lines_in_a_row_mean_the_nearest() {
    check(
        &[CLASSES],
        "*** Update File: a\n@@ class A:\n@@   def f():\n-    return 1\n+    return 2\n",
        &expect![[r#"
            Success. Updated the following files:
            M a
            --- a
            class A:
              def f():
                return 2
              def g():
                return 1
            class B:
              def f():
                return 1
        "#]],
    );
}

#[test]
fn lines_that_stand_twice_are_refused() {
    check(
        &[CLASSES],
        "*** Update File: a\n@@\n   def f():\n-    return 1\n+    return 2\n",
        &expect![[r#"
            The expected lines occur 2 times in a, at lines 2 and 7:
              def f():
                return 1
            Say which is meant: put more of the lines around it into the chunk, or begin the chunk with '@@ ' and a line that stands above it and nowhere else, such as the head of its function. Several such lines one after another narrow it down.
        "#]],
    );
}

#[test]
fn a_context_line_that_stands_twice_is_refused() {
    check(
        &[CLASSES],
        "*** Update File: a\n@@   def f():\n-    return 1\n+    return 2\n",
        &expect![[r#"
            The expected lines occur 2 times in a, at lines 3 and 8:
                return 1
            Say which is meant: put more of the lines around it into the chunk, or begin the chunk with '@@ ' and a line that stands above it and nowhere else, such as the head of its function. Several such lines one after another narrow it down.
        "#]],
    );
}

#[test]
fn a_context_line_that_stands_twice_may_still_mean_one_place() {
    check(
        &[("a", "x\nx\nonly\n")],
        "*** Update File: a\n@@ x\n-only\n+new\n",
        &expect![[r#"
            Success. Updated the following files:
            M a
            --- a
            x
            x
            new
        "#]],
    );
}

#[test]
fn what_stands_before_the_last_chunk_is_no_place() {
    check(
        &[CLASSES],
        "*** Update File: a\n@@\n-class B:\n+class C:\n@@\n-    return 1\n+    return 2\n",
        &expect![[r#"
            Success. Updated the following files:
            M a
            --- a
            class A:
              def f():
                return 1
              def g():
                return 1
            class C:
              def f():
                return 2
        "#]],
    );
}

#[test]
fn a_later_chunk_can_make_an_earlier_one_unambiguous() {
    check(
        &[("a", "x\nmiddle\nx\n")],
        "*** Update File: a\n@@\n-x\n+y\n@@\n-middle\n",
        &expect![[r#"
            Success. Updated the following files:
            M a
            --- a
            y
            x
        "#]],
    );
}

#[test]
fn as_many_chunks_as_places_are_unambiguous() {
    check(
        &[("a", "x\nmiddle\nx\n")],
        "*** Update File: a\n@@\n-x\n+first\n@@\n-x\n+second\n",
        &expect![[r#"
            Success. Updated the following files:
            M a
            --- a
            first
            middle
            second
        "#]],
    );
}

#[test]
fn the_end_of_the_file_is_one_place() {
    check(
        &[("a", "x\nmiddle\nx\n")],
        "*** Update File: a\n@@\n-x\n+last\n*** End of File\n",
        &expect![[r#"
            Success. Updated the following files:
            M a
            --- a
            x
            middle
            last
        "#]],
    );
}

#[test]
fn blank_lines_after_the_end_of_the_file_are_passed_over() {
    check(
        &[GREEK],
        "*** Update File: a\n@@\n-gamma\n+last\n*** End of File\n\n  \n",
        &expect![[r#"
            Success. Updated the following files:
            M a
            --- a
            alpha
            beta
            last
        "#]],
    );
}

#[test]
fn only_added_lines_go_to_the_end() {
    check(
        &[GREEK],
        "*** Update File: a\n@@\n+delta\n+epsilon\n",
        &expect![[r#"
            Success. Updated the following files:
            M a
            --- a
            alpha
            beta
            gamma
            delta
            epsilon
        "#]],
    );
}

#[test]
fn only_added_lines_go_to_the_end_also_behind_a_context_line() {
    check(
        &[GREEK],
        "*** Update File: a\n@@ alpha\n+delta\n@@\n-beta\n+BETA\n",
        &expect![[r#"
            Success. Updated the following files:
            M a
            --- a
            alpha
            BETA
            gamma
            delta
        "#]],
    );
}

#[test]
fn lines_are_added_to_an_empty_file() {
    check(
        &[("a", "")],
        "*** Update File: a\n@@\n+one\n",
        &expect![[r#"
            Success. Updated the following files:
            M a
            --- a
            one
        "#]],
    );
}

#[test]
fn everything_can_be_removed() {
    check(
        &[("a", "one\n")],
        "*** Update File: a\n@@\n-one\n",
        &expect![[r#"
            Success. Updated the following files:
            M a
            --- a
        "#]],
    );
}

#[test]
fn an_empty_line_is_an_empty_context_line() {
    check(
        &[("a", "one\n\ntwo\n")],
        "*** Update File: a\n@@\n one\n\n-two\n+TWO\n",
        &expect![[r#"
            Success. Updated the following files:
            M a
            --- a
            one

            TWO
        "#]],
    );
}

#[test]
fn spaces_at_the_end_do_not_matter() {
    check(
        &[("a", "one  \ntwo\t\nthree\n")],
        "*** Update File: a\n@@\n one\n-two\n+TWO\n",
        &expect![[r#"
            Success. Updated the following files:
            M a
            --- a
            one  
            TWO
            three
        "#]],
    );
}

#[test]
fn indentation_does_not_matter_where_nothing_else_fits() {
    check(
        &[("a", "\tone\n\ttwo\n")],
        "*** Update File: a\n@@\n     one\n-    two\n+\tTWO\n",
        &expect![[r#"
            Success. Updated the following files:
            M a
            --- a
            	one
            	TWO
        "#]],
    );
}

#[test]
fn typography_does_not_matter_where_nothing_else_fits() {
    check(
        &[("a", "“one” — ‘two’\u{a0}three‑four\n\u{3000}five −6\n")],
        "*** Update File: a\n@@\n \"one\" - 'two' three-four\n-five -6\n+six\n",
        &expect![[r#"
            Success. Updated the following files:
            M a
            --- a
            “one” — ‘two’ three‑four
            six
        "#]],
    );
}

#[test]
fn a_stricter_match_wins_over_an_earlier_looser_one() {
    check(
        &[("a", "  x\nx\n")],
        "*** Update File: a\n@@\n-x\n+y\n",
        &expect![[r#"
            Success. Updated the following files:
            M a
            --- a
              x
            y
        "#]],
    );
}

#[test]
fn context_lines_are_found_as_loosely() {
    check(
        &[CLASSES],
        "*** Update File: a\n@@ def g():  \n-    return 1\n+    return 2\n",
        &expect![[r#"
            Success. Updated the following files:
            M a
            --- a
            class A:
              def f():
                return 1
              def g():
                return 2
            class B:
              def f():
                return 1
        "#]],
    );
}

#[test]
fn an_empty_last_line_may_stand_for_the_last_line_break() {
    check(
        &[GREEK],
        "*** Update File: a\n@@\n-gamma\n+GAMMA\n \n",
        &expect![[r#"
            Success. Updated the following files:
            M a
            --- a
            alpha
            beta
            GAMMA
        "#]],
    );
    check(
        &[GREEK],
        "*** Update File: a\n@@\n-gamma\n-\n+GAMMA\n+\n",
        &expect![[r#"
            Success. Updated the following files:
            M a
            --- a
            alpha
            beta
            GAMMA
        "#]],
    );
}

#[test]
fn returns_are_kept() {
    check(
        &[("a", "one\r\ntwo\r\nthree\r\n")],
        "*** Update File: a\n@@\n one\n-two\n+2\n+2.5\n three\n",
        &expect![[r#"
            Success. Updated the following files:
            M a
            --- a
            one␍
            2␍
            2.5␍
            three␍
        "#]],
    );
}

#[test]
fn mixed_line_breaks_are_kept_and_new_lines_get_the_first() {
    check(
        &[("a", "one\r\ntwo\nthree\r\nfour\n")],
        "*** Update File: a\n@@\n one\n two\n-three\n+3\n four\n",
        &expect![[r#"
            Success. Updated the following files:
            M a
            --- a
            one␍
            two
            3␍
            four
        "#]],
    );
}

#[test]
fn lone_returns_break_lines_where_nothing_else_does() {
    check(
        &[("a", "one\rtwo\rthree\r")],
        "*** Update File: a\n@@\n-two\n+2\n",
        &expect![[r#"
            Success. Updated the following files:
            M a
            --- a
            one␍2␍three␍␃
        "#]],
    );
}

#[test]
fn a_patch_may_have_returns_itself() {
    check_whole(
        &[GREEK],
        "*** Begin Patch\r\n*** Update File: a\r\n@@\r\n-beta\r\n+BETA\r\n*** End Patch\r\n",
        &expect![[r#"
            Success. Updated the following files:
            M a
            --- a
            alpha
            BETA
            gamma
        "#]],
    );
}

#[test]
fn a_missing_last_line_break_is_kept_where_nothing_was_touched() {
    check(
        &[("a", "one\ntwo\nthree")],
        "*** Update File: a\n@@\n-one\n+1\n two\n three\n",
        &expect![[r#"
            Success. Updated the following files:
            M a
            --- a
            1
            two
            three␃
        "#]],
    );
}

#[test]
fn a_new_last_line_gets_a_line_break() {
    check(
        &[("a", "one\r\ntwo")],
        "*** Update File: a\n@@\n-two\n+2\n",
        &expect![[r#"
            Success. Updated the following files:
            M a
            --- a
            one␍
            2␍
        "#]],
    );
    check(
        &[("a", "one\r\ntwo")],
        "*** Update File: a\n@@\n+three\n",
        &expect![[r#"
            Success. Updated the following files:
            M a
            --- a
            one␍
            two␍
            three␍
        "#]],
    );
}

#[test]
fn a_byte_order_mark_is_kept() {
    check(
        &[("a", "\u{feff}one\ntwo\n")],
        "*** Update File: a\n@@\n-one\n+1\n two\n",
        &expect![[r#"
            Success. Updated the following files:
            M a
            --- a
            ﻿1
            two
        "#]],
    );
}

#[test]
fn marks_may_be_padded() {
    check_whole(
        &[GREEK, ("b", "")],
        "\n  *** Begin Patch  \n  *** Update File: a  \n@@\n-beta\n+BETA\n*** Delete File: b  \n *** Add File: c\n+c\n  *** End Patch \n\n",
        &expect![[r#"
            Success. Updated the following files:
            A c
            M a
            D b
            --- a
            alpha
            BETA
            gamma
            --- c
            c
        "#]],
    );
}

#[test]
fn the_last_line_may_be_padded_inside_an_update() {
    check_whole(
        &[GREEK],
        "*** Begin Patch\n*** Update File: a\n@@\n-beta\n   *** End Patch",
        &expect![[r#"
            Success. Updated the following files:
            M a
            --- a
            alpha
            gamma
        "#]],
    );
}

#[test]
fn an_indented_header_inside_an_update_is_a_line_of_the_file() {
    check(
        &[("a", "*** Delete File: b\nx\n")],
        "*** Update File: a\n@@\n *** Delete File: b\n-x\n",
        &expect![[r#"
            Success. Updated the following files:
            M a
            --- a
            *** Delete File: b
        "#]],
    );
}

#[test]
fn here_documents_are_taken_away() {
    for quote in ["<<EOF", "<<'EOF'", "<<\"EOF\""] {
        check_whole(
            &[GREEK],
            &format!("{quote}\n*** Begin Patch\n*** Delete File: a\n*** End Patch\nEOF\n"),
            &expect![[r#"
                Success. Updated the following files:
                D a
            "#]],
        );
    }
}

#[test]
fn the_name_of_an_environment_is_passed_over() {
    check(
        &[GREEK],
        "*** Environment ID: local\n*** Delete File: a\n",
        &expect![[r#"
            Success. Updated the following files:
            D a
        "#]],
    );
}

#[test]
fn a_file_can_be_updated_twice() {
    check(
        &[GREEK],
        "*** Update File: a\n@@\n-beta\n+BETA\n*** Update File: ./a\n@@\n-BETA\n+b\n@@\n-gamma\n",
        &expect![[r#"
            Success. Updated the following files:
            M a
            M ./a
            --- a
            alpha
            b
        "#]],
    );
}

#[test]
fn a_file_can_be_updated_that_was_added() {
    check(
        &[],
        "*** Add File: a\n+one\n*** Update File: a\n@@\n one\n+two\n",
        &expect![[r#"
            Success. Updated the following files:
            A a
            M a
            --- a
            one
            two
        "#]],
    );
}

#[test]
fn a_file_can_be_deleted_that_was_updated() {
    check(
        &[GREEK],
        "*** Update File: a\n@@\n-beta\n*** Delete File: a\n",
        &expect![[r#"
            Success. Updated the following files:
            M a
            D a
        "#]],
    );
}

#[test]
fn a_file_can_be_made_anew_where_one_was_deleted_or_moved() {
    check(
        &[GREEK, ("b", "b\n")],
        "*** Delete File: b\n*** Add File: b\n+new b\n*** Update File: a\n*** Move to: c\n*** Add File: a\n+new a\n",
        &expect![[r#"
            Success. Updated the following files:
            A b
            A a
            M c
            D b
            --- a
            new a
            --- b
            new b
            --- c
            alpha
            beta
            gamma
        "#]],
    );
}

#[test]
fn a_file_can_be_moved_on() {
    check(
        &[GREEK, ("b", "b\n")],
        "*** Update File: a\n*** Move to: b\n@@\n-alpha\n*** Update File: b\n*** Move to: c\n@@\n-beta\n",
        &expect![[r#"
            Success. Updated the following files:
            M b
            M c
            --- c
            gamma
        "#]],
    );
}

#[test]
fn two_files_can_change_places() {
    check(
        &[GREEK, ("b", "b\n")],
        "*** Update File: a\n*** Move to: c\n*** Update File: b\n*** Move to: a\n*** Update File: c\n*** Move to: b\n",
        &expect![[r#"
            Success. Updated the following files:
            M c
            M a
            M b
            --- a
            b
            --- b
            alpha
            beta
            gamma
        "#]],
    );
}

#[test]
fn a_file_that_was_added_can_be_moved_and_deleted() {
    check(
        &[],
        "*** Add File: a\n+one\n*** Update File: a\n*** Move to: b\n*** Add File: c\n+c\n*** Delete File: c\n",
        &expect![[r#"
            Success. Updated the following files:
            A a
            A c
            M b
            D c
            --- b
            one
        "#]],
    );
}
