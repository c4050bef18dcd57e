//! The diffs, against `git apply`.

use std::{fs, process::Command};

use expect_test::expect;
use fastrand::Rng;

use super::unified_diff;

#[test]
fn a_change_stands_between_three_lines() {
    let old = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n";
    let new = "1\n2\n3\n4\nfive\n6\n7\n8\n9\n10\n11\n12\n13";
    expect![[r#"
        @@ -2,7 +2,7 @@
         2
         3
         4
        -5
        +five
         6
         7
         8
        @@ -10,4 +10,4 @@
         10
         11
         12
        -13
        +13
        \ No newline at end of file
    "#]]
    .assert_eq(&unified_diff(old, new));
    assert_eq!(unified_diff(old, old), "");
    assert_eq!(unified_diff("", "a\n"), "@@ -0,0 +1 @@\n+a\n");
    assert_eq!(unified_diff("a\n", ""), "@@ -1 +0,0 @@\n-a\n");
}

#[test]
fn git_makes_the_new_text_of_the_old_one() {
    let folder = tempfile::tempdir().unwrap();
    for seed in 0..60 {
        let mut random = Rng::with_seed(seed);
        let old = text(&mut random, 30);
        let new = edited(&mut random, &old);
        if old == new {
            continue;
        }
        fs::write(folder.path().join("file"), &old).unwrap();
        let diff = format!("--- a/file\n+++ b/file\n{}", unified_diff(&old, &new));
        fs::write(folder.path().join("diff"), &diff).unwrap();
        let output = Command::new("git")
            .args(["apply", "--whitespace=nowarn", "--unidiff-zero", "diff"])
            .current_dir(folder.path())
            .env("GIT_CEILING_DIRECTORIES", folder.path().parent().unwrap())
            .output()
            .unwrap();
        assert!(output.status.success(), "seed {seed}: {output:?}\n{diff}");
        let made = fs::read_to_string(folder.path().join("file")).unwrap();
        assert_eq!(made, new, "seed {seed}\n{diff}");
    }
}

fn text(random: &mut Rng, lines: usize) -> String {
    let text: String = (0..1 + random.usize(0..lines))
        .map(|_| line(random))
        .collect();
    match random.bool() {
        true => text.trim_end().to_owned() + "x",
        false => text,
    }
}

fn line(random: &mut Rng) -> String {
    let words = ["a", "b", "c\r", "", "x\ry", "wört", "  d"];
    format!("{}\n", words[random.usize(0..words.len())])
}

fn edited(random: &mut Rng, text: &str) -> String {
    let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
    for _ in 0..random.usize(1..4) {
        let at = random.usize(0..=lines.len());
        let end = (at + random.usize(0..3)).min(lines.len());
        let new: Vec<String> = (0..random.usize(0..3)).map(|_| line(random)).collect();
        lines.splice(at..end, new);
    }
    // Only a last line can lack its break.
    let last = lines.len().saturating_sub(1);
    for line in &mut lines[..last] {
        if !line.ends_with('\n') {
            line.push('\n');
        }
    }
    match lines.is_empty() {
        true => "only\n".into(),
        false => lines.concat(),
    }
}
