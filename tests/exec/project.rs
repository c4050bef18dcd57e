//! Small real projects with one wrong line, and what their tests say.

use std::path::Path;
use std::process::{Command, Stdio};

/// A project in which one line is wrong.
pub(crate) struct Project {
    pub(crate) name: &'static str,
    pub(crate) files: &'static [(&'static str, &'static str)],
    /// The file with the wrong line.
    pub(crate) source: &'static str,
    /// The line as it is, as a first and wrong attempt makes it, and as it should be.
    pub(crate) broken: &'static str,
    pub(crate) wrong: &'static str,
    pub(crate) right: &'static str,
    /// Runs the tests; `ATTEMPT` stands for a word that no other run has.
    pub(crate) test: &'static str,
    pub(crate) fails: &'static str,
    pub(crate) passes: &'static str,
    /// The program that must be installed.
    pub(crate) needs: &'static str,
}

pub(crate) const RUST: Project = Project {
    name: "Rust",
    files: &[
        (
            "Cargo.toml",
            "[package]\nname = \"sum\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\n[workspace]\n",
        ),
        (
            "src/lib.rs",
            "/// The sum.\npub fn sum(a: i32, b: i32) -> i32 {\n    a - b\n}\n\n#[test]\nfn sums() {\n    assert_eq!(sum(2, 3), 5);\n}\n",
        ),
    ],
    source: "src/lib.rs",
    broken: "    a - b",
    wrong: "    a * b",
    right: "    a + b",
    test: "cargo test --offline --quiet",
    fails: "test result: FAILED",
    passes: "test result: ok. 1 passed",
    needs: "cargo",
};

pub(crate) const PYTHON: Project = Project {
    name: "Python",
    files: &[
        ("sums.py", "def sum_of(a, b):\n    return a - b\n"),
        (
            "test_sums.py",
            "import unittest\n\nfrom sums import sum_of\n\n\nclass Sums(unittest.TestCase):\n    def test_sum(self):\n        self.assertEqual(sum_of(2, 3), 5)\n",
        ),
    ],
    source: "sums.py",
    broken: "    return a - b",
    wrong: "    return a * b",
    right: "    return a + b",
    test: "python3 -m unittest",
    fails: "FAILED (failures=1)",
    passes: "\nOK",
    needs: "python3",
};

pub(crate) const JAVASCRIPT: Project = Project {
    name: "JavaScript",
    files: &[
        (
            "package.json",
            "{\"name\": \"sums\", \"type\": \"module\"}\n",
        ),
        (
            "sums.js",
            "export function sum(a, b) {\n  return a - b;\n}\n",
        ),
        (
            "sums.test.js",
            "import test from 'node:test';\nimport assert from 'node:assert';\nimport { sum } from './sums.js';\n\ntest('sums', () => {\n  assert.equal(sum(2, 3), 5);\n});\n",
        ),
    ],
    source: "sums.js",
    broken: "  return a - b;",
    wrong: "  return a * b;",
    right: "  return a + b;",
    test: "node --test",
    fails: "fail 1",
    passes: "fail 0",
    needs: "node",
};

/// Quick, and it keeps a journal of its test runs.
pub(crate) const SHELL: Project = Project {
    name: "shell",
    files: &[
        ("value.txt", "# the value\ncolour = grey\n# the end\n"),
        (
            "test.sh",
            "echo \"$1\" >> journal\nif grep -q 'colour = blue' value.txt; then echo 'all good'; else echo 'colour is wrong'; exit 1; fi\n",
        ),
    ],
    source: "value.txt",
    broken: "colour = grey",
    wrong: "colour = green",
    right: "colour = blue",
    test: "sh test.sh ATTEMPT",
    fails: "colour is wrong",
    passes: "all good",
    needs: "sh",
};

impl Project {
    /// Whether its tools are there; where they must be, a missing one fails.
    #[expect(clippy::print_stdout, reason = "a test that does not run says so")]
    pub(crate) fn can_run(&self) -> bool {
        let mut version = Command::new(self.needs);
        version
            .arg("--version")
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let is_there = self.needs == "sh" || version.status().is_ok_and(|status| status.success());
        assert!(
            is_there || std::env::var_os("CI").is_none(),
            "`{}` is missing, which the test of a {} project needs; install it",
            self.needs,
            self.name
        );
        if !is_there {
            println!(
                "not run: `{}` is missing, which a {} project needs",
                self.needs, self.name
            );
        }
        is_there
    }

    pub(crate) fn write(&self, folder: &Path) {
        for (name, text) in self.files {
            let path = folder.join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
    }

    /// The tests, under a name of their own.
    pub(crate) fn test_command(&self, attempt: usize) -> String {
        self.test.replace("ATTEMPT", &format!("run-{attempt}"))
    }

    pub(crate) fn patch(&self, old: &str, new: &str) -> String {
        let source = self.source;
        format!("*** Begin Patch\n*** Update File: {source}\n@@\n-{old}\n+{new}\n*** End Patch\n")
    }

    /// Whether the file is as it should be, byte for byte.
    pub(crate) fn is_right(&self, folder: &Path) -> bool {
        let original = self
            .files
            .iter()
            .find(|(name, _)| *name == self.source)
            .unwrap()
            .1;
        let text = std::fs::read_to_string(folder.join(self.source)).unwrap();
        text == original.replace(self.broken, self.right)
    }
}
