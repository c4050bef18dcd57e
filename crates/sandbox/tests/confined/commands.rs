//! Real commands: what they print, how they end, and that nothing stays behind.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;
use workspace::CancellationFlag;

use libtest_mimic::Trial;
use sandbox::{
    Channel, CommandLine, Exit, InputError, Limits, Output, Processes, Reach, Session, StartError,
    StarterError, TerminalSize, Wake, Wall,
};

use crate::place::Place;

const TERMINAL: Channel = Channel::Terminal(TerminalSize {
    rows: 40,
    columns: 120,
});

/// The places in a signal mask that are not the C library's own.
const STANDARD_SIGNALS: u64 = 0x7fff_ffff;

/// SIGPIPE's place in a signal mask.
const BROKEN_PIPE: u64 = 1 << 12;

/// Far enough away that only a defect reaches it.
const LONG: Duration = Duration::from_secs(60);

/// What holds in every place.
type Property = (&'static str, fn(&Place));

/// Each property in each place.
pub(crate) fn trials() -> Vec<Trial> {
    let places = [
        (Wall::None, "as_the_user"),
        (Wall::Overlay, "overlay"),
        (Wall::OverlaySharedNetwork, "overlay_shared_network"),
        (Wall::Copy, "copy"),
    ];
    let trial = |wall: Wall, prefix: &str, (name, property): Property| {
        Trial::test(format!("{prefix}::{name}"), move || {
            property(&Place::behind(wall));
            Ok(())
        })
    };
    let of_place = |(wall, prefix)| {
        let properties = PROPERTIES.iter().copied();
        properties.map(move |property| trial(wall, prefix, property))
    };
    places.into_iter().flat_map(of_place).collect()
}

/// The properties of every place, each by its name.
const PROPERTIES: &[Property] = &[
    ("ends_are_told_as_they_are", ends_are_told_as_they_are),
    (
        "both_outputs_come_in_the_order_in_which_they_were_printed",
        both_outputs_come_in_the_order_in_which_they_were_printed,
    ),
    (
        "of_too_much_output_both_ends_stay",
        of_too_much_output_both_ends_stay,
    ),
    (
        "bytes_that_are_no_text_are_replaced",
        bytes_that_are_no_text_are_replaced,
    ),
    (
        "a_pipe_command_has_an_empty_input",
        a_pipe_command_has_an_empty_input,
    ),
    (
        "a_long_command_is_read_in_parts",
        a_long_command_is_read_in_parts,
    ),
    (
        "a_terminal_is_one_and_can_be_written_to",
        a_terminal_is_one_and_can_be_written_to,
    ),
    (
        "a_terminal_can_be_given_another_size",
        a_terminal_can_be_given_another_size,
    ),
    (
        "the_last_output_of_a_terminal_is_not_lost",
        the_last_output_of_a_terminal_is_not_lost,
    ),
    (
        "a_terminal_that_nobody_reads_from_does_not_block_the_writer",
        a_terminal_that_nobody_reads_from_does_not_block_the_writer,
    ),
    ("an_interrupt_is_a_control_c", an_interrupt_is_a_control_c),
    (
        "a_killed_command_leaves_nothing_wherever_it_went",
        a_killed_command_leaves_nothing_wherever_it_went,
    ),
    (
        "a_command_that_tidies_up_when_asked_may",
        a_command_that_tidies_up_when_asked_may,
    ),
    (
        "what_a_command_leaves_running_goes_on_until_the_owner_is_gone",
        what_a_command_leaves_running_goes_on_until_the_owner_is_gone,
    ),
    (
        "whenever_it_is_cancelled_waiting_ends_and_killing_leaves_nothing",
        whenever_it_is_cancelled_waiting_ends_and_killing_leaves_nothing,
    ),
    (
        "there_are_only_so_many_sessions",
        there_are_only_so_many_sessions,
    ),
    (
        "a_command_that_cannot_be_started_says_why",
        a_command_that_cannot_be_started_says_why,
    ),
    (
        "the_environment_has_no_secrets_and_nothing_to_wait_for",
        the_environment_has_no_secrets_and_nothing_to_wait_for,
    ),
    (
        "a_command_inherits_no_descriptors_and_no_blocked_signals",
        a_command_inherits_no_descriptors_and_no_blocked_signals,
    ),
];

/// Commands of a place without more than the usual limits.
fn processes(place: &Place) -> Processes {
    place.processes(Limits::default())
}

fn line(text: &str, folder: &Path, channel: Channel) -> CommandLine {
    CommandLine {
        text: text.into(),
        folder: folder.into(),
        channel,
        reach: Reach::default(),
    }
}

fn start(processes: &Processes, text: &str, channel: Channel) -> Arc<Session> {
    processes
        .start(&line(text, Path::new("/"), channel))
        .unwrap()
}

fn exit_of(session: &Arc<Session>) -> Exit {
    loop {
        match session.wait(Instant::now() + LONG, &CancellationFlag::default()) {
            Wake::Ended(ended) => return ended.exit,
            Wake::Output => drop(session.take_shown()),
            wake @ (Wake::Deadline | Wake::Cancelled) => panic!("{wake:?}"),
        }
    }
}

/// Waits until the command has printed `text`; gives all that it printed so far.
fn wait_for(session: &Arc<Session>, text: &str) -> String {
    let mut printed = String::new();
    while !printed.contains(text) {
        let wake = session.wait(Instant::now() + LONG, &CancellationFlag::default());
        printed.push_str(&session.take_shown().head);
        assert!(
            wake == Wake::Output || printed.contains(text),
            "{wake:?} after {printed:?}"
        );
    }
    printed
}

fn run(place: &Place, text: &str, channel: Channel) -> (Exit, String) {
    let processes = processes(place);
    let session = start(&processes, text, channel);
    let exit = exit_of(&session);
    let Output {
        head,
        dropped,
        tail,
    } = session.take_unread();
    assert_eq!((dropped, tail.as_str()), (0, ""));
    (exit, head)
}

/// How many processes run that have `word` in their arguments.
fn count_with(word: &str) -> usize {
    let processes = fs::read_dir("/proc").unwrap();
    let arguments = processes.filter_map(|entry| fs::read(entry.ok()?.path().join("cmdline")).ok());
    arguments
        .filter(|arguments| String::from_utf8_lossy(arguments).contains(word))
        .count()
}

/// A number of seconds that no other process sleeps.
fn unique_sleep() -> String {
    format!("7{}.{}", std::process::id(), fastrand::u32(1_000_000..))
}

/// A named pipe: where commands see it, and where this program does.
fn make_fifo(place: &Place, name: &str) -> (String, PathBuf) {
    let path = place.folder().join(name);
    let (exit, output) = run(place, &format!("mkfifo {}", path.display()), Channel::Pipe);
    assert_eq!((exit, output.as_str()), (Exit::Code(0), ""));
    (path.display().to_string(), place.seen_by_the_program(name))
}

fn ends_are_told_as_they_are(place: &Place) {
    assert_eq!(
        run(place, "exit 7", Channel::Pipe),
        (Exit::Code(7), String::new())
    );
    assert_eq!(
        run(place, "kill -SEGV $$", Channel::Pipe).0,
        Exit::Signal(11)
    );
    let (exit, output) = run(place, "no-such-program-anywhere", Channel::Pipe);
    assert_eq!(exit, Exit::Code(127));
    assert!(output.contains("no-such-program-anywhere"), "{output}");
    assert_eq!(Exit::Signal(9).to_string(), "was ended by signal SIGKILL");
    assert_eq!(Exit::Signal(64).to_string(), "was ended by signal 64");
}

fn both_outputs_come_in_the_order_in_which_they_were_printed(place: &Place) {
    let command = "i=0; while [ $i -lt 300 ]; do echo o$i; echo e$i >&2; i=$((i+1)); done";
    let expected: String = (0..300)
        .map(|number| format!("o{number}\ne{number}\n"))
        .collect();
    assert_eq!(
        run(place, command, Channel::Pipe),
        (Exit::Code(0), expected)
    );
}

fn of_too_much_output_both_ends_stay(place: &Place) {
    let processes = processes(place);
    let session = start(&processes, "seq 1 400000", Channel::Pipe);
    assert_eq!(exit_of(&session), Exit::Code(0));
    let Output {
        head,
        dropped,
        tail,
    } = session.take_unread();
    let all: String = (1..=400_000).map(|number| format!("{number}\n")).collect();
    assert!(all.starts_with(&head) && all.ends_with(&tail));
    assert_eq!((head.len(), tail.len()), (512 * 1024, 512 * 1024));
    assert_eq!(dropped, (all.len() - head.len() - tail.len()) as u64);
}

fn bytes_that_are_no_text_are_replaced(place: &Place) {
    let expected = (Exit::Code(0), "\u{fffd}\0a\u{fffd}".into());
    assert_eq!(
        run(place, r"printf '\377\000a\303'", Channel::Pipe),
        expected
    );
}

fn a_pipe_command_has_an_empty_input(place: &Place) {
    assert_eq!(
        run(place, "cat", Channel::Pipe),
        (Exit::Code(0), String::new())
    );
    let processes = processes(place);
    let session = start(&processes, "sleep 1000", Channel::Pipe);
    assert!(matches!(session.write(b"x", LONG), Err(InputError::None)));
}

fn a_long_command_is_read_in_parts(place: &Place) {
    let (fifo, other_end) = make_fifo(place, "fifo");
    let processes = processes(place);
    let session = start(
        &processes,
        &format!("echo one; read word < {fifo}; echo $word; exit 3"),
        Channel::Pipe,
    );
    assert_eq!(wait_for(&session, "one\n"), "one\n");
    assert_eq!(
        session.wait(Instant::now(), &CancellationFlag::default()),
        Wake::Deadline
    );
    assert_eq!(session.take_unread().head, "one\n");
    assert_eq!(processes.running().len(), 1);
    processes.forget(session.id());
    assert!(
        processes.session(session.id()).is_some(),
        "what runs is not forgotten"
    );
    fs::write(&other_end, "two\n").unwrap();
    assert_eq!(exit_of(&session), Exit::Code(3));
    assert_eq!(session.take_unread().head, "two\n");
    processes.forget(session.id());
    assert!(processes.session(session.id()).is_none());
}

fn a_terminal_is_one_and_can_be_written_to(place: &Place) {
    let is_terminal = "test -t 0 && test -t 1 && test -t 2 && stty size < /dev/tty";
    assert_eq!(
        run(place, is_terminal, TERMINAL),
        (Exit::Code(0), "40 120\n".into())
    );
    let processes = processes(place);
    let session = start(
        &processes,
        "stty -echo; echo ready; cat; echo over",
        TERMINAL,
    );
    wait_for(&session, "ready\n");
    session.write("größe\n".as_bytes(), LONG).unwrap();
    assert_eq!(wait_for(&session, "größe\n"), "größe\n");
    session.write(b"\x04", LONG).unwrap();
    assert_eq!(exit_of(&session), Exit::Code(0));
    assert_eq!(session.take_unread().head, "ready\ngröße\nover\n");
    assert!(matches!(session.write(b"x", LONG), Err(InputError::Ended)));
}

fn a_terminal_can_be_given_another_size(place: &Place) {
    let processes = processes(place);
    let session = start(
        &processes,
        "trap 'stty size; exit 4' WINCH; echo ready; while :; do read word; done",
        TERMINAL,
    );
    wait_for(&session, "ready\n");
    let size = TerminalSize {
        rows: 10,
        columns: 200,
    };
    session.resize(size).unwrap();
    // Some shells look at their signals only between commands.
    let _ = session.write(b"\n", LONG);
    assert_eq!(exit_of(&session), Exit::Code(4));
    assert!(session.take_unread().head.ends_with("10 200\n"));
    assert!(matches!(session.resize(size), Err(InputError::Ended)));
    let session = start(&processes, "sleep 1000", Channel::Pipe);
    assert!(matches!(session.resize(size), Err(InputError::None)));
}

fn the_last_output_of_a_terminal_is_not_lost(place: &Place) {
    for _ in 0..20 {
        let all: String = (1..=3000).map(|number| format!("{number}\n")).collect();
        assert_eq!(run(place, "seq 1 3000", TERMINAL), (Exit::Code(0), all));
    }
}

fn a_terminal_that_nobody_reads_from_does_not_block_the_writer(place: &Place) {
    let processes = processes(place);
    let session = start(
        &processes,
        "stty raw -echo; echo ready; sleep 1000",
        TERMINAL,
    );
    wait_for(&session, "ready");
    let error = session
        .write(&[b'x'; 1 << 20], Duration::from_millis(20))
        .unwrap_err();
    assert!(
        matches!(
            error,
            InputError::NotRead {
                length: 1_048_576,
                ..
            }
        ),
        "{error}"
    );
}

fn an_interrupt_is_a_control_c(place: &Place) {
    for channel in [Channel::Pipe, TERMINAL] {
        let processes = processes(place);
        let session = start(
            &processes,
            "trap 'echo caught; exit 3' INT; echo ready; while :; do sleep 1000; done",
            channel,
        );
        wait_for(&session, "ready");
        session.interrupt();
        assert_eq!(exit_of(&session), Exit::Code(3));
        assert!(session.take_unread().head.ends_with("caught\n"));
        let session = start(&processes, "echo ready; exec sleep 1000", channel);
        wait_for(&session, "ready");
        session.interrupt();
        assert_eq!(exit_of(&session), Exit::Signal(2));
    }
}

fn a_killed_command_leaves_nothing_wherever_it_went(place: &Place) {
    let sleep = unique_sleep();
    let processes = processes(place);
    for channel in [Channel::Pipe, TERMINAL] {
        let command = format!(
            "trap '' TERM HUP INT; sleep {sleep} & setsid sleep {sleep} & (setsid sh -c 'sleep {sleep} & sleep {sleep}; true' &); \
             until [ $(grep -la {sleep} /proc/[0-9]*/cmdline 2>/dev/null | wc -l) -ge 6 ]; do :; done; echo ready; sleep {sleep}"
        );
        let session = start(&processes, &command, channel);
        wait_for(&session, "ready");
        assert!(count_with(&sleep) >= 5);
        session.kill(Duration::from_millis(20));
        assert_eq!(
            session.ended().map(|ended| ended.exit),
            Some(Exit::Signal(9))
        );
        assert_eq!(count_with(&sleep), 0);
    }
}

fn a_command_that_tidies_up_when_asked_may(place: &Place) {
    let processes = processes(place);
    let session = start(
        &processes,
        "trap 'echo tidy; exit 5' TERM; echo ready; while :; do sleep 1000; done",
        Channel::Pipe,
    );
    wait_for(&session, "ready");
    session.kill(LONG);
    assert_eq!(session.ended().map(|ended| ended.exit), Some(Exit::Code(5)));
    assert!(session.take_unread().head.ends_with("tidy\n"));
}

fn what_a_command_leaves_running_goes_on_until_the_owner_is_gone(place: &Place) {
    let (asks, asking) = make_fifo(place, "asks");
    let (answers, answering) = make_fifo(place, "answers");
    let sleep = unique_sleep();
    let processes = processes(place);
    let command = format!(
        "(read word < {asks}; echo late; echo $word > {answers}; setsid sleep {sleep}) & echo early"
    );
    let session = start(&processes, &command, Channel::Pipe);
    assert_eq!(exit_of(&session), Exit::Code(0));
    assert_eq!(session.take_unread().head, "early\n");
    processes.forget(session.id());
    fs::write(&asking, "still here\n").unwrap();
    assert_eq!(fs::read_to_string(&answering).unwrap(), "still here\n");
    let running = start(
        &processes,
        &format!("trap '' TERM; echo ready; sleep {sleep}"),
        Channel::Pipe,
    );
    wait_for(&running, "ready");
    drop(processes);
    assert_eq!(count_with(&sleep), 0);
    assert!(running.ended().is_some());
}

fn whenever_it_is_cancelled_waiting_ends_and_killing_leaves_nothing(place: &Place) {
    let processes = processes(place);
    let sleep = unique_sleep();
    for seed in 0..60 {
        let mut random = fastrand::Rng::with_seed(seed);
        let channel = [Channel::Pipe, TERMINAL][random.usize(..2)];
        let cancel = CancellationFlag::default();
        let setter = cancel.clone();
        let delay = Duration::from_micros(random.u64(..8000));
        // The moment is random, not a wait for something.
        let thread = thread::spawn(move || {
            thread::sleep(delay);
            setter.set();
        });
        let session = start(
            &processes,
            &format!("echo a; (sleep {sleep} & sleep {sleep}); echo b"),
            channel,
        );
        let deadline = Instant::now() + LONG;
        while session.wait(deadline, &cancel) == Wake::Output {
            session.take_shown();
        }
        assert_eq!(
            session.wait(deadline, &cancel),
            Wake::Cancelled,
            "seed {seed}"
        );
        session.interrupt();
        session.kill(Duration::from_millis(random.u64(..3)));
        assert!(session.ended().is_some(), "seed {seed}");
        assert_eq!(count_with(&sleep), 0, "seed {seed}");
        thread.join().unwrap();
        processes.forget(session.id());
    }
    assert_eq!(processes.running().len(), 0);
}

fn there_are_only_so_many_sessions(place: &Place) {
    let processes = place.processes(Limits {
        sessions: 2,
        output: 1000,
    });
    let ended = start(&processes, "true", Channel::Pipe);
    exit_of(&ended);
    let first = start(&processes, "sleep 1000", Channel::Pipe);
    let second = start(&processes, "sleep 1000", Channel::Pipe);
    assert!(processes.session(ended.id()).is_none());
    let error = processes
        .start(&line("true", Path::new("/"), Channel::Pipe))
        .unwrap_err();
    let expected = format!(
        "2 commands are running, and there may be no more: end one of them first (session IDs {}, {})",
        first.id().0,
        second.id().0
    );
    assert_eq!(error.to_string(), expected);
    first.kill(LONG);
    start(&processes, "true", Channel::Pipe);
}

fn a_command_that_cannot_be_started_says_why(place: &Place) {
    let folder = TempDir::new().unwrap();
    let gone = folder.path().to_owned();
    drop(folder);
    let processes = processes(place);
    let error = processes
        .start(&line("true", &gone, Channel::Pipe))
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("the folder {} does not exist", gone.display())
    );
    let error = processes
        .start(&line("a\0b", Path::new("/"), Channel::Pipe))
        .unwrap_err();
    assert!(matches!(error, StartError::Starter(StarterError::Nul)));
}

fn the_environment_has_no_secrets_and_nothing_to_wait_for(place: &Place) {
    assert!(std::env::var_os("CARGO_MANIFEST_DIR").is_some());
    let (_, output) = run(place, "env", Channel::Pipe);
    let has = |variable: &str| output.lines().any(|line| line.starts_with(variable));
    assert!(!has("CARGO_MANIFEST_DIR="), "{output}");
    for variable in [
        "PATH=",
        "PAGER=cat",
        "GIT_EDITOR=true",
        "NO_COLOR=1",
        "TERM=dumb",
    ] {
        assert!(has(variable), "{variable} is missing");
    }
    assert_eq!(run(place, "pwd", Channel::Pipe).1, "/\n");
}

fn a_command_inherits_no_descriptors_and_no_blocked_signals(place: &Place) {
    for channel in [Channel::Pipe, TERMINAL] {
        // 3 is the folder that `ls` reads.
        assert_eq!(
            run(place, "ls /proc/self/fd", channel)
                .1
                .split_whitespace()
                .collect::<Vec<_>>(),
            ["0", "1", "2", "3"]
        );
        let (_, output) = run(
            place,
            "exec grep -E 'SigBlk|SigIgn' /proc/self/status",
            channel,
        );
        let masks: Vec<_> = output.split_whitespace().skip(1).step_by(2).collect();
        // What the program itself was started to ignore is ignored below it too; but broken pipes, which every Rust
        // program ignores, are not.
        let own = fs::read_to_string("/proc/self/status").unwrap();
        let own = own
            .lines()
            .find_map(|line| line.strip_prefix("SigIgn:"))
            .unwrap();
        let [blocked, ignored, own] = [masks[0], masks[1], own.trim()]
            .map(|mask| u64::from_str_radix(mask, 16).unwrap() & STANDARD_SIGNALS);
        assert_eq!(own & BROKEN_PIPE, BROKEN_PIPE);
        assert_eq!((blocked, ignored), (0, own & !BROKEN_PIPE));
    }
}
