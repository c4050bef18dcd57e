//! Links to files: made only where there is a file, and found again.

use std::fs;

use super::*;

#[test]
fn files_that_are_named_become_links_that_are_found_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    fs::create_dir(root.join("src")).expect("it is new");
    fs::write(root.join("src/a b.rs"), "").expect("it can be written");
    fs::write(root.join("src/a.rs"), "").expect("it can be written");
    let links = Links {
        folders: vec![root.to_path_buf()],
    };
    let base = Url::from_directory_path(root).expect("it is absolute");
    let said = "See `src/a.rs:12` and `src/a.rs`, not `src/none.rs:1`, `../a.rs` or `a == b`.\n```\n`src/a.rs`\n```\n\
                [`src/a.rs`](x) `src/a.rs:3-9` `open";
    let linked = links.link_mentions(said);
    assert_eq!(
        linked,
        format!(
            "See [src/a.rs:12]({base}src/a.rs#L12) and [src/a.rs]({base}src/a.rs), not `src/none.rs:1`, `../a.rs` or \
             `a == b`.\n```\n`src/a.rs`\n```\n[`src/a.rs`](x) [src/a.rs:3]({base}src/a.rs#L3) `open"
        )
    );
    let targets: Vec<String> = found(&linked).into_iter().map(|link| link.target).collect();
    let expected = ["src/a.rs#L12", "src/a.rs", "src/a.rs#L3"].map(|end| format!("{base}{end}"));
    assert_eq!(targets, expected);
    let spaced = links.link(&root.join("src/a b.rs"), Some(2));
    assert_eq!(spaced, format!("[src/a b.rs:2]({base}src/a%20b.rs#L2)"));
    let all = found(&spaced);
    assert_eq!(all.len(), 1);
    assert_eq!(all[0].range, 0..spaced.len());
}

#[test]
fn what_only_looks_like_a_link_is_none() {
    assert_eq!(
        found("](file:///a) [x](file:///a b) [x](https://a) [x](file:///a"),
        Vec::new()
    );
}
