//! Patches that are refused: each with its precise answer, and with nothing changed.

use std::os::unix::fs::symlink;

use expect_test::{Expect, expect};
use models::CallForm;

use crate::{tool::ToolStatus, tools::test_support::Bench};

use super::super::ApplyPatch;

const SHOP: &str = "\
import money

class Shop:
    def __init__(self, name):
        self.name = name
        self.items = []

    def add(self, item):
        self.items.append(item)
        return self

    def total(self):
        return sum(item.price for item in self.items)

class Stall:
    def add(self, item):
        self.items.append(item)
        return self
";

fn bench() -> Bench {
    let bench = Bench::new(&[
        ("abc", b"alpha\nbeta\ngamma\n"),
        ("shop.py", SHOP.as_bytes()),
        ("empty", b""),
        ("binary", b"\x7FELF\0\0"),
        ("latin", b"f\xFCnf\n"),
        ("damaged", b"\xEF\xBB\xBFbroken \xFF\n"),
        ("folder/inner", b"inner\n"),
        (".env", b"KEY=1\n"),
        (".git/config", b"[core]\n"),
        (".agents/skill.md", b"old\n"),
    ]);
    symlink("/etc", bench.path("etc")).unwrap();
    bench
}

/// Runs each patch (or each body, put between the two marks) on files of its own; one answer after another.
fn check(patches: &[&str], expected: &Expect) {
    let mut answers = String::new();
    for patch in patches {
        let bench = bench();
        let before = bench.files();
        let output = bench.run(&ApplyPatch, CallForm::Freeform, patch);
        assert_eq!(output.status, ToolStatus::Failed, "{patch}");
        assert_eq!(bench.files(), before, "{patch}");
        assert!(bench.gate.asked.lock().unwrap().is_empty(), "{patch}");
        let text = bench.text(&output);
        let message = text
            .strip_prefix("apply_patch verification failed: ")
            .and_then(|text| text.strip_suffix("\nNothing was changed."))
            .expect(&text);
        answers.push_str(&format!("{message}\n\n"));
    }
    expected.assert_eq(&answers);
}

fn check_bodies(bodies: &[&str], expected: &Expect) {
    let patches: Vec<String> = bodies
        .iter()
        .map(|body| format!("*** Begin Patch\n{body}\n*** End Patch"))
        .collect();
    let patches: Vec<&str> = patches.iter().map(String::as_str).collect();
    check(&patches, expected);
}

#[test]
fn the_marks_around_it() {
    check(
        &[
            "",
            "\n\n",
            "hello",
            "*** Begin",
            "*** Begin Patch",
            "*** End Patch",
            "*** Begin Patch\n*** End Patch",
            "*** Begin Patch\n*** Delete File: abc",
            "*** Begin Patch\n*** Update File: abc\n@@\n-beta\n+b",
            "*** Begin Patch\n*** Delete File: abc\n*** End Patch\nand more",
            "```\n*** Begin Patch\n*** Delete File: abc\n*** End Patch\n```",
            "<<EOF\n*** Begin Patch\n*** Delete File: abc\n*** End Patch",
            "<<'END'\n*** Begin Patch\n*** Delete File: abc\n*** End Patch\nEND",
            "diff --git a/abc b/abc\n--- a/abc\n+++ b/abc\n@@ -1 +1 @@\n-alpha\n+a",
        ],
        &expect![[r#"
            Invalid patch: The first line of the patch must be '*** Begin Patch'

            Invalid patch: The first line of the patch must be '*** Begin Patch'

            Invalid patch: The first line of the patch must be '*** Begin Patch'

            Invalid patch: The first line of the patch must be '*** Begin Patch'

            Invalid patch: The last line of the patch must be '*** End Patch'

            Invalid patch: The first line of the patch must be '*** Begin Patch'

            Invalid patch: it names no file. No files were modified.

            Invalid patch: The last line of the patch must be '*** End Patch'

            Invalid patch: The last line of the patch must be '*** End Patch'

            Invalid patch: The last line of the patch must be '*** End Patch'

            Invalid patch: The first line of the patch must be '*** Begin Patch'

            Invalid patch: The first line of the patch must be '*** Begin Patch'

            Invalid patch: The first line of the patch must be '*** Begin Patch'

            Invalid patch: The first line of the patch must be '*** Begin Patch'

        "#]],
    );
}

#[test]
fn headers() {
    check_bodies(
        &[
            "",
            "abc",
            "*** Frobnicate File: abc",
            "*** Add File:",
            "*** Add File: ",
            "*** Delete File:   ",
            "*** Update File:",
            "*** Update file: abc\n@@\n-beta",
            "*** Move to: b",
            "--- a/abc\n+++ b/abc\n@@ -1 +1 @@\n-alpha\n+a",
            "*** Environment ID:\n*** Delete File: abc",
            "*** Delete File: abc\n*** Environment ID: x",
            "*** Delete File: abc\nand why",
            "@@\n-beta",
        ],
        &expect![[r#"
            Invalid patch hunk on line 2: '' is not a valid hunk header. Valid hunk headers: '*** Add File: {path}', '*** Delete File: {path}', '*** Update File: {path}'

            Invalid patch hunk on line 2: 'abc' is not a valid hunk header. Valid hunk headers: '*** Add File: {path}', '*** Delete File: {path}', '*** Update File: {path}'

            Invalid patch hunk on line 2: '*** Frobnicate File: abc' is not a valid hunk header. Valid hunk headers: '*** Add File: {path}', '*** Delete File: {path}', '*** Update File: {path}'

            Invalid patch hunk on line 2: '*** Add File:' is not a valid hunk header. Valid hunk headers: '*** Add File: {path}', '*** Delete File: {path}', '*** Update File: {path}'

            Invalid patch hunk on line 2: '*** Add File:' is not a valid hunk header. Valid hunk headers: '*** Add File: {path}', '*** Delete File: {path}', '*** Update File: {path}'

            Invalid patch hunk on line 2: '*** Delete File:' is not a valid hunk header. Valid hunk headers: '*** Add File: {path}', '*** Delete File: {path}', '*** Update File: {path}'

            Invalid patch hunk on line 2: '*** Update File:' is not a valid hunk header. Valid hunk headers: '*** Add File: {path}', '*** Delete File: {path}', '*** Update File: {path}'

            Invalid patch hunk on line 2: '*** Update file: abc' is not a valid hunk header. Valid hunk headers: '*** Add File: {path}', '*** Delete File: {path}', '*** Update File: {path}'

            Invalid patch hunk on line 2: '*** Move to: b' is not a valid hunk header. Valid hunk headers: '*** Add File: {path}', '*** Delete File: {path}', '*** Update File: {path}'

            Invalid patch hunk on line 2: '--- a/abc' is not a valid hunk header. Valid hunk headers: '*** Add File: {path}', '*** Delete File: {path}', '*** Update File: {path}'

            Invalid patch hunk on line 2: the environment's name is missing

            Invalid patch hunk on line 3: '*** Environment ID: x' is not a valid hunk header. Valid hunk headers: '*** Add File: {path}', '*** Delete File: {path}', '*** Update File: {path}'

            Invalid patch hunk on line 3: 'and why' is not a valid hunk header. Valid hunk headers: '*** Add File: {path}', '*** Delete File: {path}', '*** Update File: {path}'

            Invalid patch hunk on line 2: '@@' is not a valid hunk header. Valid hunk headers: '*** Add File: {path}', '*** Delete File: {path}', '*** Update File: {path}'

        "#]],
    );
}

#[test]
fn lines_of_added_files() {
    check_bodies(
        &[
            "*** Add File: new\nno plus",
            "*** Add File: new\n+one\n\n+two",
            "*** Add File: new\n+one\n two",
            "*** Add File: new\n+one\n-two",
            "*** Add File: new\n@@\n+one",
            "*** Add File: new\n+one\n*** End of File",
        ],
        &expect![[r#"
            Invalid patch hunk on line 3: Unexpected line found in add file hunk: 'no plus'. Every line should start with '+'

            Invalid patch hunk on line 4: Unexpected line found in add file hunk: ''. Every line should start with '+'

            Invalid patch hunk on line 4: Unexpected line found in add file hunk: ' two'. Every line should start with '+'

            Invalid patch hunk on line 4: Unexpected line found in add file hunk: '-two'. Every line should start with '+'

            Invalid patch hunk on line 3: Unexpected line found in add file hunk: '@@'. Every line should start with '+'

            Invalid patch hunk on line 4: Unexpected line found in add file hunk: '*** End of File'. Every line should start with '+'

        "#]],
    );
}

#[test]
fn lines_of_updates() {
    check_bodies(
        &[
            "*** Update File: abc",
            "*** Update File: abc\n*** Update File: shop.py\n@@\n-import money",
            "*** Update File: abc\n@@",
            "*** Update File: abc\n@@ alpha",
            "*** Update File: abc\n@@\n*** Delete File: shop.py",
            "*** Update File: abc\n@@\n*** End of File",
            "*** Update File: abc\n*** End of File",
            "*** Update File: abc\nbeta",
            "*** Update File: abc\n@@\nbeta",
            "*** Update File: abc\n@@\n-beta\ngamma",
            "*** Update File: abc\n@@\n-gamma\n*** End of File\n-alpha",
            "*** Update File: abc\n@@\n-beta\n*** Move to: b",
            "*** Update File: abc\n*** Move to: b\n*** Move to: c\n@@\n-beta",
            "*** Update File: abc\n*** Move to: \n@@\n-beta",
            "*** Update File: abc\n@@beta\n-gamma",
        ],
        &expect![[r#"
            Invalid patch hunk on line 2: Update file hunk for path 'abc' is empty

            Invalid patch hunk on line 2: Update file hunk for path 'abc' is empty

            Invalid patch hunk on line 4: Update hunk does not contain any lines

            Invalid patch hunk on line 4: Update hunk does not contain any lines

            Invalid patch hunk on line 4: Unexpected line found in update hunk: '*** Delete File: shop.py'. Every line should start with ' ' (context line), '+' (added line), or '-' (removed line)

            Invalid patch hunk on line 4: Update hunk does not contain any lines

            Invalid patch hunk on line 3: Update hunk does not contain any lines

            Invalid patch hunk on line 3: Unexpected line found in update hunk: 'beta'. Every line should start with ' ' (context line), '+' (added line), or '-' (removed line)

            Invalid patch hunk on line 4: Unexpected line found in update hunk: 'beta'. Every line should start with ' ' (context line), '+' (added line), or '-' (removed line)

            Invalid patch hunk on line 5: Expected update hunk to start with a @@ context marker, got: 'gamma'

            Invalid patch hunk on line 6: Expected update hunk to start with a @@ context marker, got: '-alpha'

            Invalid patch hunk on line 5: Expected update hunk to start with a @@ context marker, got: '*** Move to: b'

            Invalid patch hunk on line 4: Unexpected line found in update hunk: '*** Move to: c'. Every line should start with ' ' (context line), '+' (added line), or '-' (removed line)

            Invalid patch hunk on line 3: Unexpected line found in update hunk: '*** Move to: '. Every line should start with ' ' (context line), '+' (added line), or '-' (removed line)

            Invalid patch hunk on line 3: Unexpected line found in update hunk: '@@beta'. Every line should start with ' ' (context line), '+' (added line), or '-' (removed line)

        "#]],
    );
}

#[test]
fn lines_that_are_not_there() {
    check_bodies(
        &[
            "*** Update File: abc\n@@\n-delta",
            "*** Update File: abc\n@@\n alpha\n-gamma",
            "*** Update File: abc\n@@\n-alhpa\n+a",
            "*** Update File: abc\n@@\n-gamma\n@@\n-alpha",
            "*** Update File: abc\n@@ gamma\n-beta",
            "*** Update File: abc\n@@ delta\n-beta",
            "*** Update File: abc\n@@ gamma\n@@ alpha\n-beta",
            "*** Update File: abc\n@@\n-beta\n*** End of File",
            "*** Update File: abc\n@@\n-delta\n*** End of File",
            "*** Update File: abc\n@@\n-gamma\n+c\n@@\n-gamma\n*** End of File",
            "*** Update File: abc\n@@ -1,3 +1,3 @@\n alpha\n-beta",
            "*** Update File: empty\n@@\n-beta",
            "*** Update File: shop.py\n@@\n     def total(self):\n-        return sum(item.cost for item in self.items)\n+        return 0",
            "*** Update File: shop.py\n@@ class Shop\n-import money",
            "*** Update File: shop.py\n@@\n-        self.name = name\n-        self.items = list()\n-\n-    def add(self, thing):\n+x",
        ],
        &expect![[r#"
            Failed to find expected lines in abc:
            delta

            Failed to find expected lines in abc:
            alpha
            gamma
            The most similar text there is in lines 1-2:
            1: alpha
            2: beta

            Failed to find expected lines in abc:
            alhpa

            Failed to find expected lines in abc:
            alpha
            That stands at line 1, above the chunks or '@@' lines written before it: write them in the order of the file.

            Failed to find expected lines in abc:
            beta
            That stands at line 2, above the chunks or '@@' lines written before it: write them in the order of the file.

            Failed to find context 'delta' in abc

            Failed to find context 'alpha' in abc
            That stands at line 1, above the chunks or '@@' lines written before it: write them in the order of the file.

            Failed to find expected lines in abc:
            beta
            That stands at line 2, which is not the end of the file: leave out '*** End of File'.

            Failed to find expected lines in abc:
            delta

            Failed to find expected lines in abc:
            gamma
            That stands at line 3, above the chunks or '@@' lines written before it: write them in the order of the file.

            Failed to find context '-1,3 +1,3 @@' in abc
            Line numbers as in a unified diff are not understood: write '@@' alone, or '@@ ' and a line of the file above the change.

            Failed to find expected lines in empty:
            beta

            Failed to find expected lines in shop.py:
                def total(self):
                    return sum(item.cost for item in self.items)
            The most similar text there is in lines 12-13:
            12:     def total(self):
            13:         return sum(item.price for item in self.items)

            Failed to find context 'class Shop' in shop.py
            The most similar text there is line 3:
            3: class Shop:

            Failed to find expected lines in shop.py:
                    self.name = name
                    self.items = list()

                def add(self, thing):
            The most similar text there is in lines 5-8:
            5:         self.name = name
            6:         self.items = []
            7: 
            8:     def add(self, item):

        "#]],
    );
}

#[test]
fn lines_that_are_there_more_than_once() {
    check_bodies(
        &[
            "*** Update File: shop.py\n@@\n-        return self\n+        return None",
            "*** Update File: shop.py\n@@     def add(self, item):\n-        return self",
            "*** Update File: shop.py\n@@\n-import money\n@@\n     def add(self, item):\n         self.items.append(item)\n-        return self",
            "*** Update File: shop.py\n@@\n-return self",
        ],
        &expect![[r#"
            The expected lines occur 2 times in shop.py, at lines 10 and 18:
                    return self
            Say which is meant: put more of the lines around it into the chunk, or begin the chunk with '@@ ' and a line that stands above it and nowhere else, such as the head of its function. Several such lines one after another narrow it down.

            The expected lines occur 2 times in shop.py, at lines 10 and 18:
                    return self
            Say which is meant: put more of the lines around it into the chunk, or begin the chunk with '@@ ' and a line that stands above it and nowhere else, such as the head of its function. Several such lines one after another narrow it down.

            The expected lines occur 2 times in shop.py, at lines 8 and 16:
                def add(self, item):
                    self.items.append(item)
                    return self
            Say which is meant: put more of the lines around it into the chunk, or begin the chunk with '@@ ' and a line that stands above it and nowhere else, such as the head of its function. Several such lines one after another narrow it down.

            The expected lines occur 2 times in shop.py, at lines 10 and 18:
            return self
            Say which is meant: put more of the lines around it into the chunk, or begin the chunk with '@@ ' and a line that stands above it and nowhere else, such as the head of its function. Several such lines one after another narrow it down.

        "#]],
    );
}

#[test]
fn files_that_cannot_be_changed() {
    check_bodies(
        &[
            "*** Update File: missing\n@@\n-beta",
            "*** Delete File: missing",
            "*** Delete File: folder",
            "*** Update File: folder\n@@\n-beta",
            "*** Add File: folder\n+x",
            "*** Add File: abc/below\n+x",
            "*** Update File: binary\n@@\n-beta",
            "*** Update File: damaged\n@@\n-broken\n+x",
            "*** Update File: latin\n@@\n-fünf\n+五",
            "*** Add File: ../outside\n+x",
            "*** Update File: /etc/passwd\n@@\n-root",
            "*** Add File: etc/new\n+x",
            "*** Delete File: etc/passwd",
            "*** Delete File: .env",
            "*** Add File: new.pem\n+x",
            "*** Update File: .git/config\n@@\n-[core]",
            "*** Delete File: .agents/skill.md",
            "*** Add File: .ropewalk/config.toml\n+x",
            "*** Update File: abc\n*** Move to: ../outside\n@@\n-beta",
            "*** Delete File: abc\n*** Update File: abc\n@@\n-beta",
            "*** Delete File: abc\n*** Delete File: abc",
            "*** Update File: abc\n*** Move to: b\n@@\n-beta\n*** Update File: abc\n@@\n-gamma",
            "*** Update File: abc\n@@\n-beta\n*** Update File: abc\n@@\n-beta",
        ],
        &expect![[r#"
            Failed to read file to update missing: missing does not exist

            Failed to read file to delete missing: missing does not exist

            Failed to read file to delete folder: /w/folder is not a regular file

            Failed to read file to update folder: /w/folder is not a regular file

            Failed to read file to write folder: /w/folder is not a regular file

            /w/abc/below: a part of the path is a file and no folder

            Failed to update binary: it is a binary file

            Failed to update damaged: it has bytes that are not valid UTF-8, and an edit would damage them

            Failed to update latin: it is encoded as Windows-1252, which has no character '五'; use others, or convert the file to UTF-8 first

            Failed to read file to write ../outside: /outside is outside the workspace; use a path below /w

            Failed to read file to update /etc/passwd: /etc/passwd is outside the workspace; use a path below /w

            Failed to read file to write etc/new: /w/etc/new may not be accessed: it leads to `/etc/new`: it is outside the workspace's folders

            Failed to read file to delete etc/passwd: /w/etc/passwd may not be accessed: it leads to `/etc/passwd`: it is outside the workspace's folders

            Failed to read file to delete .env: /w/.env may not be accessed: it may hold secrets (built-in pattern `.env*`)

            Failed to read file to write new.pem: /w/new.pem may not be accessed: it may hold secrets (built-in pattern `*.pem`)

            Failed to read file to update .git/config: /w/.git/config may not be accessed: it belongs to version control (`.git`)

            /w/.agents/skill.md may not be accessed: `.agents` is protected, agents may not change it

            /w/.ropewalk/config.toml may not be accessed: `.ropewalk` is protected, agents may not change it

            Failed to read file to write ../outside: /outside is outside the workspace; use a path below /w

            Failed to read file to update abc: an earlier part of this patch removes it

            Failed to read file to delete abc: an earlier part of this patch removes it

            Failed to read file to update abc: an earlier part of this patch removes it

            Failed to find expected lines in abc:
            beta

        "#]],
    );
}

#[test]
fn every_file_with_a_problem_is_named() {
    check_bodies(
        &[
            "*** Add File: new\n+x\n*** Update File: abc\n@@\n-delta\n*** Delete File: missing\n*** Update File: empty\n@@\n-x",
        ],
        &expect![[r#"
            Failed to find expected lines in abc:
            delta

            Failed to read file to delete missing: missing does not exist

            Failed to find expected lines in empty:
            x

        "#]],
    );
}
