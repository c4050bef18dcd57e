//! The sentences as they are read.

use std::ops::Range;

use expect_test::expect;

use super::*;
use crate::landing::{Source, WholeFile};

fn hunk(range: Range<usize>, proposed: &str) -> ConflictHunk {
    ConflictHunk {
        number: 3,
        range,
        base: Some("old\n".to_owned()),
        proposed: proposed.to_owned(),
        source: Source {
            errand: None,
            title: "Simplify parse".to_owned(),
        },
        is_confirmed: true,
    }
}

#[test]
fn a_landing_says_what_comes_next() {
    let mut plan = LandingPlan::default();
    expect!["Nothing had to be changed."].assert_eq(&landed(&plan, 0, Review::Open));
    let file = crate::delivery::DeliveredFile {
        path: "/w/a".into(),
        renamed_from: None,
        before: None,
        after: None,
    };
    plan.files = vec![file.clone(), file];
    plan.whole_files.push(WholeFile {
        path: "/w/b".into(),
        renamed_from: None,
        reason: ConflictReason::NotText,
        proposed: None,
    });
    expect!["Changed 2 files, not saved yet: 7 hunks to review. 1 conflict to decide, where you changed the same: look for the warnings, or run `ropewalk.conflicts`."]
        .assert_eq(&landed(&plan, 7, Review::Open));
}

#[test]
fn a_conflict_shows_both_sides() {
    let hunk = hunk(0..1, "```\ntheirs");
    expect![[r#"Conflict 3: you changed what "Simplify parse" changed too; it has 2 lines for this place. Your version stands."#]]
        .assert_eq(&hunk_message(&hunk));
    expect![[r#"
        # Conflict 3 in src/a.rs

        From the task "Simplify parse".

        ## Yours, which stands in the file

        ```
        mine
        ```

        ## The task's

        ````
        ```
        theirs
        ````

        ## What both started from

        ```
        old
        ```
    "#]]
    .assert_eq(&hunk_sides("src/a.rs", "mine\n", &hunk));
}

#[test]
fn many_files_are_counted() {
    let files: Vec<_> = (0..7)
        .map(|number| (PathBuf::from(format!("f{number}")), "is secret".to_owned()))
        .collect();
    let told = left_alone(&files, |path| path.display().to_string());
    expect![[r#"

        - f0 is secret
        - f1 is secret
        - f2 is secret
        - f3 is secret
        - f4 is secret
        - and 2 more"#]]
    .assert_eq(&told);
}
