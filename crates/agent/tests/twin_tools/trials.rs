//! The trials: each behind every wall that this machine can give.

use agent::tool::ToolStatus;
use libtest_mimic::Trial;
use sandbox::{Channel, CommandLine, Reach, Wall};
use serde_json::json;

use crate::{
    arguments::{SECRET, calls, paths},
    bench::Bench,
};

/// A test by its name.
type Test = (&'static str, fn(&Bench));

pub(crate) fn all() -> Vec<Trial> {
    let tests: [Test; 3] = [
        ("tools_work_in_the_twin", tools_work_in_the_twin),
        ("no_path_leads_out", no_path_leads_out),
        (
            "no_link_that_changes_leads_out",
            no_link_that_changes_leads_out,
        ),
    ];
    // Tools have no network: to them all overlays are one.
    let walls = [Wall::Overlay, Wall::Copy];
    let trial = |(name, test): Test| {
        walls.map(|wall| {
            Trial::test(format!("{name} ({wall:?})"), move || {
                if let Some(bench) = Bench::behind(wall) {
                    test(&bench);
                }
                Ok(())
            })
        })
    };
    tests.into_iter().flat_map(trial).collect()
}

/// What is tried elsewhere here is not refused for another reason: with a path in the workspace it all works.
fn tools_work_in_the_twin(bench: &Bench) {
    let before = bench.untouchable();
    for (tool, arguments) in [
        ("read_file", json!({ "path": "file" })),
        ("list_files", json!({ "path": "src" })),
        ("search", json!({ "pattern": "user", "path": "file" })),
        (
            "edit_file",
            json!({ "path": "file", "old_string": "as the user has it", "new_string": "planted" }),
        ),
        (
            "apply_patch",
            json!({ "input": "*** Begin Patch\n*** Add File: src/new\n+planted\n*** End Patch\n" }),
        ),
        (
            "apply_patch",
            json!({ "input": "*** Begin Patch\n*** Update File: other\n*** Move to: moved\n@@\n-as the user has it\n+planted\n*** End Patch\n" }),
        ),
        (
            "exec_command",
            json!({ "cmd": "cat file src/new moved && echo planted > src/planted", "workdir": "src/..", "yield_time_ms": 10_000 }),
        ),
    ] {
        let output = bench.call(tool, &arguments);
        assert_eq!(
            output.status,
            ToolStatus::Succeeded,
            "{tool} {arguments}: {output:?}"
        );
    }
    assert_eq!(bench.untouchable(), before);
}

fn no_path_leads_out(bench: &Bench) {
    let before = bench.untouchable();
    for path in paths(&bench.root()) {
        for (tool, arguments) in calls(&path) {
            let output = bench.call(tool, &arguments);
            let said = format!("{:?}", output.content);
            assert!(!said.contains(SECRET), "{tool} {arguments}: {said}");
        }
        let after = bench.untouchable();
        assert!(after == before, "{path}:\n{after:#?}\n{before:#?}");
    }
}

/// A command of the task puts a link in a folder's place and takes it away again, over and over, while tools use the folder.
fn no_link_that_changes_leads_out(bench: &Bench) {
    let root = bench.root();
    let swap = "mkdir -p folder && echo 'as the user has it' > folder/file && ln -s ../outside/folder out && touch ready
        while :; do mv -T folder aside; mv -T out folder; mv -T folder out; mv -T aside folder; done";
    let line = CommandLine {
        text: swap.into(),
        folder: root.join("workspace"),
        channel: Channel::Pipe,
        reach: Reach::Twin,
    };
    let session = bench.processes.start(&line).unwrap();
    while bench.call("read_file", &json!({ "path": "ready" })).status != ToolStatus::Succeeded {
        assert_eq!(session.ended(), None, "{:?}", session.take_unread());
    }
    let before = bench.untouchable();
    let mut worked = 0;
    for round in 0..30 {
        for path in ["folder/file".to_owned(), format!("folder/new-{round}")] {
            for (tool, arguments) in calls(&path) {
                if tool == "exec_command" {
                    continue;
                }
                let output = bench.call(tool, &arguments);
                worked += usize::from(output.status == ToolStatus::Succeeded);
                let said = format!("{:?}", output.content);
                assert!(!said.contains(SECRET), "{tool} {arguments}: {said}");
            }
        }
        assert!(bench.untouchable() == before, "in round {round}");
    }
    // If the folder had never been one, nothing would have been tried.
    assert!(worked > 0);
    assert_eq!(session.ended(), None, "{:?}", session.take_unread());
}
