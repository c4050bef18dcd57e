//! Paths that a misled model could name, and the calls of every tool that takes one.

use std::path::Path;

use serde_json::{Value, json};

/// What is outside and in the files that must not be read.
pub(crate) const SECRET: &str = "secret of the user";

/// Paths that lead out of the workspace in `root`, to what is protected or secret in it, or to nothing that is a file.
pub(crate) fn paths(root: &Path) -> Vec<String> {
    let outside = root.join("outside").display().to_string();
    let mut paths: Vec<String> = [
        "../outside/file",
        "src/../../outside/file",
        "link-absolute",
        "link-relative",
        "link-dangling",
        "link-folder/file",
        "link-folder/planted",
        "link-folder/../file",
        "src/up/file",
        "link-root/etc/passwd",
        "link-link",
        "link-loop",
        "/proc/self/environ",
        "/proc/self/mem",
        "/proc/self/fd/0",
        "/proc/self/cwd/../outside/file",
        "/proc/1/root/etc/shadow",
        "/dev/zero",
        "/dev/mem",
        "/dev/stdin",
        "/dev/tty",
        "/etc/shadow",
        "/etc/hostname",
        "/usr/bin/env",
        "~/.bashrc",
        "pipe",
        "socket",
        "link-zero",
        "link-process",
        ".git/config",
        ".GIT/config",
        ".Git/hooks/pre-commit",
        ".git/../.git/config",
        "./.git/./config",
        "src/../.git/config",
        ".git",
        ".git/hooks/pre-commit",
        "nested/.git/config",
        "nested/.git/hooks/post-checkout",
        ".gıt/config",
        ".git /config",
        ".git\u{200c}/config",
        "git~1/config",
        "link-git/config",
        ".ropewalk/rules",
        ".Ropewalk/rules",
        ".ropewalk/planted",
        ".agents/skills/one/SKILL.md",
        ".AGENTS/skills/one/SKILL.md",
        ".env",
        ".ENV",
        "src/../.env",
        "innocent.txt",
        "deep/server.pem",
        "deep/.env.local",
        "",
        ".",
        "..",
        "/",
        "//",
        "...",
        "file/",
        "file/..",
        "file/../file/x",
        "new\nline",
        "bell\u{7}\u{1b}[2J",
        "\u{202e}txt.exe",
        "nul\0character",
        "-rf",
        "--help",
        "*",
        "%2e%2e/outside/file",
        "..\\outside\\file",
        "file:///etc/passwd",
    ]
    .map(String::from)
    .into();
    paths.extend([
        format!("{outside}/file"),
        format!("{outside}/planted"),
        format!("/proc/self/root{outside}/file"),
        format!("/proc/thread-self/cwd/..{outside}/file"),
        format!("{}/workspace/../outside/file", root.display()),
        "n".repeat(5000),
        "d/".repeat(3000),
        "../".repeat(200) + "etc/passwd",
    ]);
    paths
}

/// Every tool that takes a path, with arguments for `path`.
pub(crate) fn calls(path: &str) -> Vec<(&'static str, Value)> {
    let patch =
        |body: String| json!({ "input": format!("*** Begin Patch\n{body}\n*** End Patch\n") });
    let change = "@@\n-as the user has it\n+planted";
    vec![
        ("read_file", json!({ "path": path })),
        ("outline", json!({ "path": path })),
        ("view_image", json!({ "path": path })),
        ("list_files", json!({ "path": path })),
        ("search", json!({ "pattern": ".", "path": path })),
        ("search", json!({ "pattern": "secret", "glob": path })),
        ("find_symbol", json!({ "name": "main", "path": path })),
        (
            "edit_file",
            json!({ "path": path, "old_string": "as the user has it", "new_string": "planted" }),
        ),
        (
            "edit_file",
            json!({ "path": path, "old_string": SECRET, "new_string": "planted" }),
        ),
        (
            "edit_file",
            json!({ "path": path, "old_string": "", "new_string": "planted" }),
        ),
        (
            "apply_patch",
            patch(format!("*** Add File: {path}\n+planted")),
        ),
        (
            "apply_patch",
            patch(format!("*** Update File: {path}\n{change}")),
        ),
        ("apply_patch", patch(format!("*** Delete File: {path}"))),
        (
            "apply_patch",
            patch(format!(
                "*** Update File: other\n*** Move to: {path}\n{change}"
            )),
        ),
        (
            "rename",
            json!({ "old": "user", "new": "planted", "path": path, "include_text": true }),
        ),
        (
            "rewrite",
            json!({ "pattern": "secret", "replacement": "planted", "path": path }),
        ),
        (
            "exec_command",
            json!({ "cmd": "pwd; echo planted > planted; cat file", "workdir": path, "yield_time_ms": 10_000 }),
        ),
    ]
}
