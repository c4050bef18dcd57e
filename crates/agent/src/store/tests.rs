//! Logs that are torn, shared, full and foreign; what comes back is held against what was written.

use std::collections::BTreeSet;
use std::fs::{self, OpenOptions};
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

use expect_test::expect;
use fastrand::Rng;
use models::Usage;
use serde::{Deserialize, Serialize};
use tempfile::TempDir;

use super::*;

/// An event as a loop might have it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Step {
    Said { text: String },
    Used { tokens: u64 },
    Ended,
}

impl Recorded for Step {
    fn summarize(&self, summary: &mut ThreadSummary) {
        match self {
            Self::Said { text } => {
                summary.title_from(text);
                summary.turns += 1;
                summary.state = ThreadState::Unfinished;
            }
            Self::Used { tokens } => summary.usage.output += tokens,
            Self::Ended => summary.state = ThreadState::Finished,
        }
    }
}

fn said(text: impl Into<String>) -> Step {
    Step::Said { text: text.into() }
}

fn random_step(random: &mut Rng) -> Step {
    match random.u8(0..4) {
        0 => Step::Ended,
        1 => Step::Used {
            tokens: random.u64(..1 << 40),
        },
        _ => {
            let length = random.usize(0..60);
            let characters = [
                'a', '\n', '"', '\\', 'ß', '\u{0}', '\u{2028}', '😀', '{', '}',
            ];
            let text = (0..length).map(|_| characters[random.usize(..characters.len())]);
            said(text.collect::<String>())
        }
    }
}

fn new_thread(cwd: &str) -> NewThread {
    NewThread {
        cwd: cwd.into(),
        provider: "scripted".into(),
        model: "one".into(),
    }
}

fn store() -> (TempDir, ThreadStore) {
    let folder = tempfile::tempdir().unwrap();
    let store = ThreadStore::new(folder.path());
    (folder, store)
}

/// A thread with these steps, no longer open.
fn written(store: &ThreadStore, cwd: &str, steps: &[Step]) -> (ThreadId, PathBuf) {
    let mut log = store.create(new_thread(cwd)).unwrap();
    for step in steps {
        log.append(step).unwrap();
    }
    log.sync().unwrap();
    (log.id(), log.path().to_path_buf())
}

fn all(store: &ThreadStore) -> Vec<ListedThread> {
    store.list::<Step>(&ListOptions::default()).unwrap()
}

/// A message without the parts that differ from run to run.
fn message<T: std::fmt::Debug>(folder: &TempDir, result: Result<T, StoreError>) -> String {
    let text = result.unwrap_err().to_string();
    let text = text.replace(&folder.path().display().to_string(), "STATE");
    let mut words = Vec::new();
    for word in text.split(' ') {
        let is_log = word.contains(".jsonl");
        words.push(if is_log { "LOG" } else { word });
    }
    words.join(" ")
}

#[test]
fn what_was_appended_comes_back_in_order() {
    let (_folder, store) = store();
    for seed in 0..30 {
        let mut random = Rng::with_seed(seed);
        let mut log = store.create(new_thread("/project")).unwrap();
        let (id, mut expected) = (log.id(), Vec::new());
        for _ in 0..random.usize(1..40) {
            match random.u8(0..10) {
                0 => log.sync().unwrap(),
                1 => {
                    drop(log);
                    let (reopened, events) = store.open::<Step>(id).unwrap();
                    assert_eq!(events, expected, "seed {seed}");
                    log = reopened;
                }
                _ => {
                    let step = random_step(&mut random);
                    log.append(&step).unwrap();
                    expected.push(step);
                }
            }
            assert_eq!(
                store.read::<Step>(id).unwrap().events,
                expected,
                "seed {seed}"
            );
        }
        assert_eq!(log.summary(), &store.read::<Step>(id).unwrap().summary);
    }
}

#[test]
fn any_beginning_of_a_log_opens_to_a_beginning_of_its_events() {
    let (_folder, store) = store();
    let mut random = Rng::with_seed(7);
    let steps: Vec<Step> = (0..8).map(|_| random_step(&mut random)).collect();
    let (id, path) = written(&store, "/project", &steps);
    let bytes = fs::read(&path).unwrap();
    let header = 1 + bytes.iter().position(|byte| *byte == b'\n').unwrap();
    let mut most = 0;
    for length in 0..=bytes.len() {
        fs::write(&path, &bytes[..length]).unwrap();
        if length < header {
            let refused = store.open::<Step>(id);
            assert!(
                matches!(refused, Err(StoreError::NoThread { .. })),
                "{length}"
            );
            assert_eq!(fs::read(&path).unwrap(), &bytes[..length]);
            continue;
        }
        let (mut log, events) = store.open::<Step>(id).unwrap();
        assert_eq!(events, steps[..events.len()], "{length} bytes");
        let complete = bytes[..length].split(|byte| *byte == b'\n').count() - 1;
        assert!(
            complete.saturating_sub(3) <= events.len(),
            "{length} bytes: events lost"
        );
        assert!(
            most <= events.len(),
            "{length} bytes: fewer events than before"
        );
        most = events.len();
        // What was torn is gone, and the log goes on as if nothing had been there.
        log.append(&said("more")).unwrap();
        drop(log);
        let mut expected = events;
        expected.push(said("more"));
        assert_eq!(store.read::<Step>(id).unwrap().events, expected);
    }
    assert_eq!(most, steps.len());
}

#[test]
fn what_a_power_cut_leaves_of_the_last_line_is_taken_away() {
    let (_folder, store) = store();
    let steps = [said("one"), said("two")];
    for rubbish in ["\0\0\0\0", "\0\0\0\0\n", "{\"event\":\n", "ge\":\"x\"}}\n"] {
        let (id, path) = written(&store, "/project", &steps);
        let mut file = OpenOptions::new().append(true).open(&path).unwrap();
        file.write_all(rubbish.as_bytes()).unwrap();
        assert_eq!(all(&store)[0].summary.turns, 2, "{rubbish:?}");
        assert_eq!(store.read::<Step>(id).unwrap().events, steps);
        let (log, events) = store.open::<Step>(id).unwrap();
        assert_eq!(events, steps, "{rubbish:?}");
        drop(log);
        assert!(!fs::read_to_string(&path).unwrap().contains(rubbish));
        store.delete(id).unwrap();
    }
}

#[test]
fn foreign_and_damaged_logs_are_refused_and_left_alone() {
    let (folder, store) = store();
    let (id, path) = written(&store, "/project", &[said("one"), said("two")]);
    let good = fs::read_to_string(&path).unwrap();
    let newer = good.replacen("\"version\":1", "\"version\":2", 1);
    let later_event = format!("{good}{{\"event\":{{\"type\":\"dreamt\",\"of\":\"sheep\"}}}}\n");
    let later_line = format!("{good}{{\"weather\":{{}}}}\n");
    let damaged = good.replacen("{\"event\"", "{\"ev", 1);
    let headless = good.split_once('\n').unwrap().1.to_owned();
    let mut messages = String::new();
    for bad in [
        newer,
        later_event,
        later_line,
        damaged,
        headless,
        String::new(),
    ] {
        fs::write(&path, &bad).unwrap();
        let refusal = message(&folder, store.open::<Step>(id));
        assert_eq!(message(&folder, store.read::<Step>(id)), refusal);
        assert_eq!(
            fs::read_to_string(&path).unwrap(),
            bad,
            "the file was changed"
        );
        let listed = all(&store).remove(0);
        // A list does not read what lies before the last summary.
        let is_before_summary = refusal.contains("damaged. The file");
        assert_eq!(listed.problem.is_none(), is_before_summary, "{refusal}");
        messages.push_str(&format!("{refusal}\n"));
    }
    expect![[r#"
        LOG was written by a newer ropewalk (format 2); use that version. The file was not changed
        line 6 of LOG is not known to this version of ropewalk (unknown variant `dreamt`, expected one of `said`, `used`, `ended` at line 1 column 25); use the version that wrote it. The file was not changed
        line 6 of LOG is not known to this version of ropewalk (unknown variant `weather`, expected one of `thread`, `event`, `opened`, `summary` at line 1 column 10); use the version that wrote it. The file was not changed
        line 3 of LOG is damaged. The file was not changed; with that line and all below it removed, the thread can be opened as it was before
        LOG holds no thread: its first line is missing or damaged
        LOG holds no thread: its first line is missing or damaged
    "#]]
    .assert_eq(&messages);
}

#[test]
fn a_thread_has_one_writer() {
    let (folder, store) = store();
    let (id, _) = written(&store, "/project", &[said("one")]);
    let (mut log, _) = store.open::<Step>(id).unwrap();
    let refusals = [
        message(&folder, store.open::<Step>(id)),
        message(&folder, store.delete(id)),
        message(&folder, store.archive(id)),
    ];
    let holder = format!(
        "LOG is in use by process {}; end that first, or fork the thread",
        std::process::id()
    );
    assert_eq!(refusals, [(); 3].map(|()| holder.clone()));
    // Reading, listing and forking need no lock, and the writer does not notice.
    assert_eq!(store.read::<Step>(id).unwrap().events, [said("one")]);
    drop(store.fork::<Step>(id, 1).unwrap());
    log.append(&said("two")).unwrap();
    drop(log);
    assert_eq!(store.open::<Step>(id).unwrap().1.len(), 2);
}

/// What the next test runs in a process of its own: a writer that says each step that it has appended.
#[test]
fn writer_process() {
    let Some(folder) = std::env::var_os("ROPEWALK_TEST_STATE") else {
        return;
    };
    let store = ThreadStore::new(Path::new(&folder));
    let mut log = store.create(new_thread("/project")).unwrap();
    let mut random = Rng::new();
    let mut out = std::io::stdout();
    writeln!(out, "writing {}", log.id()).unwrap();
    for number in 0.. {
        let padding = "x".repeat(random.usize(0..20_000));
        log.append(&said(format!("{number} {padding}"))).unwrap();
        if random.u8(0..20) == 0 {
            log.sync().unwrap();
        }
        writeln!(out, "appended {number}").unwrap();
    }
}

#[test]
fn nothing_that_was_appended_is_lost_when_the_writer_is_killed() {
    for seed in 0..12 {
        let mut random = Rng::with_seed(seed);
        let (folder, store) = store();
        let mut writer = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "store::tests::writer_process", "--nocapture"])
            .env("ROPEWALK_TEST_STATE", folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(writer.stdout.take().unwrap());
        let kill_after = random.usize(0..150);
        let (mut id, mut line) = (None, String::new());
        let mut acknowledged = 0;
        while acknowledged < kill_after || id.is_none() {
            line.clear();
            assert_ne!(
                output.read_line(&mut line).unwrap(),
                0,
                "the writer gave up"
            );
            if let Some((_, name)) = line.trim_end().split_once("writing ") {
                id = Some(name.parse::<ThreadId>().unwrap());
                let refused = store.open::<Step>(id.unwrap());
                let process = writer.id();
                assert!(
                    matches!(refused, Err(StoreError::InUse { process: Some(found), .. }) if found == process),
                    "{refused:?}"
                );
            }
            acknowledged += usize::from(line.starts_with("appended "));
        }
        writer.kill().unwrap();
        writer.wait().unwrap();
        let mut rest = String::new();
        output.read_to_string(&mut rest).unwrap();
        let complete = rest.rsplit_once('\n').map_or("", |(complete, _)| complete);
        acknowledged += complete
            .lines()
            .filter(|line| line.starts_with("appended "))
            .count();

        let (_, events) = store.open::<Step>(id.unwrap()).unwrap();
        assert!(
            acknowledged <= events.len(),
            "{acknowledged} of {} steps",
            events.len()
        );
        for (number, event) in events.iter().enumerate() {
            let Step::Said { text } = event else {
                panic!("{event:?}");
            };
            assert!(text.starts_with(&format!("{number} ")), "seed {seed}");
        }
        assert_eq!(all(&store)[0].summary.turns, events.len() as u64);
    }
}

/// What the next test runs in a process whose files may not grow beyond 2 KiB, which the system treats like a full disk:
/// of a line that is too long a part is written, then none.
#[test]
fn writer_on_a_full_disk() {
    let Some(folder) = std::env::var_os("ROPEWALK_TEST_FULL_DISK") else {
        return;
    };
    let store = ThreadStore::new(Path::new(&folder));
    let mut log = store.create(new_thread("/project")).unwrap();
    log.append(&said("before")).unwrap();
    let before = fs::read(log.path()).unwrap();
    for _ in 0..3 {
        let failed = log.append(&said("x".repeat(4000)));
        assert!(matches!(failed, Err(StoreError::Io { .. })), "{failed:?}");
        assert_eq!(
            fs::read(log.path()).unwrap(),
            before,
            "half a line was left"
        );
    }
    log.append(&said("after")).unwrap();
}

#[test]
fn a_full_disk_loses_nothing_and_can_be_gone_on_from() {
    let (folder, store) = store();
    // Shells count the limit in units of 512 or 1024 bytes; with the signal ignored, writing fails as on a full disk.
    let script = "trap '' XFSZ; ulimit -f 2; exec \"$0\" --exact store::tests::writer_on_a_full_disk --nocapture";
    let writer = Command::new("sh")
        .args(["-c", script])
        .arg(std::env::current_exe().unwrap())
        .env("ROPEWALK_TEST_FULL_DISK", folder.path())
        .output()
        .unwrap();
    assert!(
        writer.status.success(),
        "{}",
        String::from_utf8_lossy(&writer.stderr)
    );
    let id = all(&store)[0].id;
    let (_, events) = store.open::<Step>(id).unwrap();
    assert_eq!(events, [said("before"), said("after")]);
}

#[test]
fn files_are_for_their_owner_alone() {
    let (folder, store) = store();
    let (_, path) = written(&store, "/project", &[said("one")]);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&path), 0o600);
    let folders = path.ancestors().skip(1);
    for inner in folders.take_while(|inner| *inner != folder.path()) {
        assert_eq!(mode(inner), 0o700, "{}", inner.display());
    }
}

#[test]
fn a_state_folder_that_cannot_be_written_is_named() {
    let (folder, _) = store();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let store = ThreadStore::new(&file);
    let refusal = message(&folder, store.create::<Step>(new_thread("/project")));
    assert!(
        refusal.starts_with("cannot create STATE/file/threads/"),
        "{refusal}"
    );
    assert_eq!(all(&store), []);
}

#[test]
fn lists_tell_what_a_thread_is_about_and_how_it_ended() {
    let (_folder, store) = store();
    let (finished, _) = written(
        &store,
        "/one",
        &[
            said("  Fix the\n build,\u{1b} please. "),
            Step::Used { tokens: 7 },
            Step::Ended,
            said("And the tests."),
            Step::Used { tokens: 5 },
            Step::Ended,
        ],
    );
    let (elsewhere, _) = written(&store, "/two", &[said("ä".repeat(200))]);
    let threads = all(&store);
    assert_eq!(threads.len(), 2);
    let of = |id| threads.iter().find(|thread| thread.id == id).unwrap();
    assert_eq!(
        of(finished).summary,
        ThreadSummary {
            title: "Fix the build, please.".into(),
            turns: 2,
            usage: Usage {
                output: 12,
                ..Usage::default()
            },
            cost: None,
            state: ThreadState::Finished,
        }
    );
    assert_eq!(of(finished).header.as_ref().unwrap().cwd, Path::new("/one"));
    assert_eq!(of(elsewhere).summary.title, format!("{}…", "ä".repeat(80)));
    assert_eq!(of(elsewhere).summary.state, ThreadState::Unfinished);
    let options = ListOptions {
        cwd: Some("/two".into()),
        shelf: Shelf::Current,
    };
    let found = store.list::<Step>(&options).unwrap();
    let ids: Vec<ThreadId> = found.iter().map(|thread| thread.id).collect();
    assert_eq!(ids, [elsewhere]);
}

#[test]
fn a_list_says_what_reading_everything_says() {
    let (_folder, store) = store();
    for seed in 0..40 {
        let mut random = Rng::with_seed(seed);
        let mut log = store.create(new_thread("/project")).unwrap();
        for _ in 0..random.usize(0..60) {
            match random.u8(0..12) {
                0 => log.sync().unwrap(),
                1 => log
                    .append(&said("long ".repeat(random.usize(0..20_000))))
                    .unwrap(),
                // A text that looks like a line of the log.
                2 => log
                    .append(&said("\n{\"summary\":{\"turns\":99}}\n"))
                    .unwrap(),
                _ => log
                    .append(&Step::Used {
                        tokens: random.u64(0..1000),
                    })
                    .unwrap(),
            }
        }
    }
    for thread in all(&store) {
        assert_eq!(thread.problem, None);
        let record = store.read::<Step>(thread.id).unwrap();
        assert_eq!(thread.summary, record.summary);
        assert_eq!(thread.header, Some(record.header));
    }
}

#[test]
fn threads_are_found_by_the_beginning_of_their_id_and_by_being_last() {
    let (_folder, store) = store();
    let missing = store.find::<Step>("last", None);
    assert!(matches!(missing, Err(StoreError::NoLast)));
    let (first, first_path) = written(&store, "/one", &[said("one")]);
    let (second, second_path) = written(&store, "/two", &[said("two")]);
    let touch = |path: &Path, seconds| {
        let file = OpenOptions::new().append(true).open(path).unwrap();
        let time = std::time::UNIX_EPOCH + std::time::Duration::from_secs(seconds);
        file.set_modified(time).unwrap();
    };
    touch(&first_path, 2000);
    touch(&second_path, 1000);
    assert_eq!(store.find::<Step>("last", None).unwrap(), first);
    let in_two = store.find::<Step>("last", Some(Path::new("/two")));
    assert_eq!(in_two.unwrap(), second);

    for id in [first, second] {
        let name = id.to_string();
        assert_eq!(store.find::<Step>(&name, None).unwrap(), id);
        assert_eq!(store.find::<Step>(&name.to_uppercase(), None).unwrap(), id);
        for length in 0..name.len() {
            let prefix = &name[..length];
            let candidates = [first, second]
                .iter()
                .filter(|id| id.to_string().starts_with(prefix))
                .count();
            match store.find::<Step>(prefix, None) {
                Ok(found) => assert_eq!((found, candidates), (id, 1), "{prefix}"),
                Err(StoreError::Ambiguous { candidates, .. }) => assert_eq!(candidates.len(), 2),
                Err(StoreError::NotFound { .. }) => assert_eq!(prefix, ""),
                Err(error) => panic!("{error}"),
            }
        }
    }
    assert!(store.find::<Step>("zebra", None).is_err());
}

#[test]
fn a_fork_has_the_beginning_and_names_where_it_comes_from() {
    let (_folder, store) = store();
    let steps = [said("one"), Step::Ended, said("two"), Step::Ended];
    let (id, path) = written(&store, "/project", &steps);
    let before = fs::read(&path).unwrap();
    for events in 0..6 {
        let (log, copied) = store.fork::<Step>(id, events).unwrap();
        let expected = &steps[..events.min(steps.len())];
        assert_eq!(copied, expected);
        let fork = log.id();
        drop(log);
        let record = store.read::<Step>(fork).unwrap();
        assert_eq!(record.events, expected);
        assert_eq!(record.header.parent, Some(id));
        assert_eq!(record.header.cwd, Path::new("/project"));
    }
    assert_eq!(fs::read(&path).unwrap(), before, "the other was changed");
    let ids: BTreeSet<ThreadId> = all(&store).iter().map(|thread| thread.id).collect();
    assert_eq!(ids.len(), 7);
}

#[test]
fn archived_threads_are_out_of_the_way_and_come_back() {
    let (folder, store) = store();
    let (id, path) = written(&store, "/project", &[said("one")]);
    let archived = ListOptions {
        cwd: None,
        shelf: Shelf::Archived,
    };
    for _ in 0..2 {
        store.archive(id).unwrap();
        assert_eq!(all(&store), []);
        assert_eq!(store.list::<Step>(&archived).unwrap()[0].id, id);
        assert!(store.find::<Step>("last", None).is_err());
        assert_eq!(store.find::<Step>(&id.to_string(), None).unwrap(), id);
        assert_eq!(store.open::<Step>(id).unwrap().1, [said("one")]);
    }
    for _ in 0..2 {
        store.unarchive(id).unwrap();
        assert_eq!(all(&store)[0].path, path);
    }
    store.delete(id).unwrap();
    assert_eq!(all(&store), []);
    let gone = message(&folder, store.delete(id));
    assert_eq!(
        gone,
        format!("there is no thread {id}; `ropewalk threads list --all` shows all")
    );
}

#[test]
fn what_is_no_log_is_passed_over() {
    let (folder, store) = store();
    let (id, path) = written(&store, "/project", &[said("one")]);
    let beside = |name: &str| path.with_file_name(name);
    fs::write(beside("notes.txt"), "").unwrap();
    fs::write(beside("short.jsonl"), "").unwrap();
    fs::write(beside(&format!("{id}.jsonl.bak")), "").unwrap();
    fs::write(
        folder.path().join("threads/2026"),
        "a file where a year might be",
    )
    .ok();
    fs::create_dir_all(folder.path().join("threads/other/01")).unwrap();
    let ids: Vec<ThreadId> = all(&store).iter().map(|thread| thread.id).collect();
    assert_eq!(ids, [id]);
}
