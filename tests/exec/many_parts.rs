//! A repository of eight parts in three languages, built and tested by its user before: four Rust programs that share a
//! library, two Node packages, two Python packages. Each part prints a number.

use std::process::{Command, Stdio};

use crate::home::Home;

/// One part.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part {
    /// Its name, which is in no other part's.
    pub(crate) name: &'static str,
    language: Language,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    Rust,
    Node,
    Python,
}

/// All parts.
pub(crate) const PARTS: [Part; 8] = [
    Part::new("amber", Language::Rust),
    Part::new("birch", Language::Rust),
    Part::new("cedar", Language::Rust),
    Part::new("dune", Language::Rust),
    Part::new("ember", Language::Node),
    Part::new("fjord", Language::Node),
    Part::new("glade", Language::Python),
    Part::new("heath", Language::Python),
];

impl Part {
    const fn new(name: &'static str, language: Language) -> Self {
        Self { name, language }
    }

    pub(crate) fn language(self) -> Language {
        self.language
    }

    /// The number that the part prints at first.
    pub(crate) fn old_number(self) -> usize {
        self.position() + 1
    }

    /// The number that its task makes it print; nothing else in the repository has it.
    pub(crate) fn new_number(self) -> usize {
        73_100_007 + self.position() * 1_111
    }

    /// The file with the number, below the repository.
    pub(crate) fn file(self) -> String {
        let name = self.name;
        match self.language {
            Language::Rust => format!("rust/{name}/src/number.rs"),
            Language::Node => format!("node/{name}.js"),
            Language::Python => format!("python/{name}/number.py"),
        }
    }

    /// The line that has the number.
    pub(crate) fn line(self, number: usize) -> String {
        match self.language {
            Language::Rust => format!("pub const NUMBER: u64 = {number};"),
            Language::Node => format!("export const number = {number};"),
            Language::Python => format!("NUMBER = {number}"),
        }
    }

    /// Builds it where there is something to build, and prints its number.
    pub(crate) fn show(self) -> String {
        let name = self.name;
        match self.language {
            Language::Rust => {
                format!("cd rust && cargo build --offline -v && target/debug/{name}")
            }
            Language::Node => format!("cd node && node {name}.js"),
            Language::Python => format!("cd python && python3 -m {name}.number"),
        }
    }

    /// Runs the tests of its language.
    pub(crate) fn test(self) -> &'static str {
        match self.language {
            Language::Rust => "cd rust && cargo test --offline",
            Language::Node => "cd node && npm test",
            Language::Python => "cd python && python3 -m unittest",
        }
    }

    /// What the tests print when all has gone well, and how often.
    pub(crate) fn passes(self) -> (&'static str, usize) {
        match self.language {
            // Four programs and their library.
            Language::Rust => ("test result: ok. 1 passed", 5),
            Language::Node => ("pass 2", 1),
            Language::Python => ("\nOK", 1),
        }
    }

    fn position(self) -> usize {
        let is_it = |part: &Part| part.name == self.name;
        PARTS.iter().position(is_it).unwrap()
    }

    fn files(self) -> Vec<(String, String)> {
        let name = self.name;
        let number = (self.file(), self.line(self.old_number()) + "\n");
        match self.language {
            Language::Rust => vec![
                number,
                (
                    format!("rust/{name}/Cargo.toml"),
                    manifest(name, "[dependencies]\nbase = { path = \"../base\" }\n"),
                ),
                (format!("rust/{name}/src/main.rs"), MAIN.to_owned()),
            ],
            Language::Node => vec![
                (
                    number.0,
                    format!(
                        "import {{ tell }} from 'teller';\n\n{}\ntell(number);\n",
                        number.1
                    ),
                ),
                (
                    format!("node/{name}.test.js"),
                    NODE_TEST.replace("NAME", name),
                ),
            ],
            Language::Python => vec![
                (
                    number.0,
                    format!(
                        "{}\nif __name__ == \"__main__\":\n    print(NUMBER)\n",
                        number.1
                    ),
                ),
                (format!("python/{name}/__init__.py"), String::new()),
                (
                    format!("python/test_{name}.py"),
                    PYTHON_TEST.replace("NAME", name),
                ),
            ],
        }
    }
}

const MAIN: &str = "mod number;

fn main() {
    println!(\"{}\", base::told(number::NUMBER));
}

#[test]
fn the_number_is_told() {
    assert_eq!(base::told(number::NUMBER), number::NUMBER.to_string());
}
";

const BASE: &str = "/// The number as it is told.
pub fn told(number: u64) -> String {
    number.to_string()
}

#[test]
fn one_is_told() {
    assert_eq!(told(1), \"1\");
}
";

const NODE_TEST: &str = "import test from 'node:test';
import assert from 'node:assert';
import { number } from './NAME.js';

test('the number of NAME is one', () => {
  assert.equal(number, Math.trunc(number));
});
";

const PYTHON_TEST: &str = "import unittest

from NAME.number import NUMBER


class Number(unittest.TestCase):
    def test_it_is_one(self):
        self.assertEqual(NUMBER, int(NUMBER))
";

fn manifest(name: &str, more: &str) -> String {
    format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\n{more}")
}

/// The files that belong to all parts. Tools keep caches of their own in `node_modules`, as bundlers do.
fn common_files() -> Vec<(String, String)> {
    let rust = PARTS.iter().filter(|part| part.language == Language::Rust);
    let members: Vec<String> = rust.map(|part| format!("\"{}\"", part.name)).collect();
    let workspace = format!(
        "[workspace]\nresolver = \"2\"\nmembers = [\"base\", {}]\n",
        members.join(", ")
    );
    let script = "mkdir -p node_modules/.cache && date > node_modules/.cache/last && node --test";
    let node = serde_json::json!({
        "name": "parts", "version": "1.0.0", "private": true, "type": "module", "scripts": {"test": script},
    });
    [
        (".gitignore", "target/\nnode_modules/\n__pycache__/\n".to_owned()),
        ("rust/Cargo.toml", workspace),
        ("rust/base/Cargo.toml", manifest("base", "")),
        ("rust/base/src/lib.rs", BASE.to_owned()),
        ("node/package.json", node.to_string()),
        (
            "node/node_modules/teller/package.json",
            "{\"name\": \"teller\", \"version\": \"1.0.0\", \"type\": \"module\", \"main\": \"index.js\"}".to_owned(),
        ),
        (
            "node/node_modules/teller/index.js",
            "export function tell(number) {\n  console.log(String(number));\n}\n".to_owned(),
        ),
    ]
    .map(|(name, text)| (name.to_owned(), text))
    .into()
}

/// Writes the repository into the home's project and commits it, then builds and tests it as its user would.
pub(crate) fn prepare(home: &Home) {
    let project = home.project();
    let parts = PARTS.into_iter().flat_map(Part::files);
    for (name, text) in common_files().into_iter().chain(parts) {
        let path = project.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let commit = "git init -q && git add -A && git -c user.name=a -c user.email=a@b commit -qm all";
    run(home, commit);
    run(
        home,
        "cd rust && cargo build --offline && cargo test --offline",
    );
    run(home, "cd node && npm test");
    run(home, "cd python && python3 -m unittest");
}

/// Whether the tools of all languages are there; where they must be, a missing one fails.
#[expect(clippy::print_stdout, reason = "a test that does not run says so")]
pub(crate) fn can_run() -> bool {
    let is_missing = |tool: &&str| {
        let mut version = Command::new(tool);
        version
            .arg("--version")
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        !version.status().is_ok_and(|status| status.success())
    };
    let missing = ["cargo", "node", "npm", "python3", "git"]
        .into_iter()
        .find(is_missing);
    assert!(
        missing.is_none() || std::env::var_os("CI").is_none(),
        "`{}` is missing; install it",
        missing.unwrap_or_default()
    );
    if let Some(tool) = missing {
        println!("not run: `{tool}` is missing");
    }
    missing.is_none()
}

/// Runs a command in the project as the user, not as a task.
fn run(home: &Home, script: &str) {
    let mut command = Command::new("sh");
    command.args(["-c", script]).current_dir(home.project());
    for (name, value) in home.command(&[]).get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{script}: {text}");
}
