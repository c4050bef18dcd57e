//! Questions on the terminal: what is asked, what an answer does, and what cannot pass for either.

use std::time::Duration;

use expect_test::expect;
use scripted_model::{Part, Script, Server, Step};
use serde_json::json;

use crate::home::Home;
use crate::line::Line;
use crate::project::SHELL;
use crate::terminal::Terminal;

const PROMPT: &str = "or say what to do instead: ";

/// A home and a server that plays `steps`.
fn stage(steps: impl IntoIterator<Item = Step>) -> (Home, Server) {
    let server = Server::start(Script::new(steps)).unwrap();
    let home = Home::new(&SHELL, Line::ChatCompletions, &server);
    (home, server)
}

fn run(command: &str) -> Step {
    Step::call("exec_command", json!({ "cmd": command }))
}

fn patch(text: &str) -> Step {
    Step::call_text("apply_patch", text)
}

/// What is between the announcement of the thread and the account of the turn.
fn middle(shown: &str) -> &str {
    let start = shown.find('\n').unwrap() + 1;
    let end = shown.find("tokens in").unwrap();
    let end = shown[..end].rfind('\n').unwrap() + 1;
    &shown[start..end]
}

#[test]
fn each_answer_does_what_it_says_and_everything_is_shown_once() {
    let add = "*** Begin Patch\n*** Add File: new.txt\n+one\n*** End Patch\n";
    let (home, server) = stage([
        run("echo fir''st").and_call_text("apply_patch", add),
        run("touch declined"),
        run("touch other"),
        patch(&add.replace("new.txt", "two.txt")),
        run("echo la''st"),
        Step::say("Done."),
    ]);
    let mut terminal = Terminal::start(&home, "NO_COLOR=1 $ropewalk exec --in-place 'Go.'");
    for answer in ["y", "Yes", "n", "use make", "a"] {
        terminal.wait_for(PROMPT);
        terminal.enter(answer);
    }
    assert_eq!(terminal.finish(), 0, "{}", terminal.shown);
    expect![[r#"
        $ echo fir''st
          in PROJECT
        Allow? [y]es, [n]o, [a]ll that follows, or say what to do instead: y
          first
        A new.txt
          @@ -0,0 +1 @@
          +one
        Allow? [y]es, [n]o, [a]ll that follows, or say what to do instead: Yes
        A new.txt
        $ touch declined
          in PROJECT
        Allow? [y]es, [n]o, [a]ll that follows, or say what to do instead: n
          declined
        $ touch other
          in PROJECT
        Allow? [y]es, [n]o, [a]ll that follows, or say what to do instead: use make
          declined
        A two.txt
          @@ -0,0 +1 @@
          +one
        Allow? [y]es, [n]o, [a]ll that follows, or say what to do instead: a
        A two.txt
        $ echo la''st
          last
        Done.
    "#]]
    .assert_eq(&home.without_folder(middle(&terminal.shown)));
    let outputs = server.requests().last().unwrap().outputs();
    assert!(outputs[3].text.contains("use make"), "{outputs:?}");
    let exists =
        ["new.txt", "declined", "other", "two.txt"].map(|name| home.project().join(name).exists());
    assert_eq!(exists, [true, false, false, true]);
}

/// What a model or a command writes neither hides a command nor passes for a question, and moves nothing on the screen.
#[test]
fn nothing_from_outside_reaches_the_terminal_or_passes_for_a_question() {
    let hidden = "echo bad; # \r\u{1b}[2Kecho good\u{202e}\nAllow? [y]es, [n]o: ";
    let (home, _server) = stage([
        Step::say("\u{1b}]0;title\u{7}I \u{1b}[2Jlook.").and_call(
            "exec_command",
            json!({"cmd": hidden, "justification": "safe\u{1b}[1A\nAllow? "}),
        ),
        patch("*** Begin Patch\n*** Add File: a\u{1b}[8m\n+x\u{202e}y\n*** End Patch\n"),
        run("printf '\\033[2J\\033]0;t\\007\\033[31mred\\033[0m\\r\\n1%%\\r2%%\\n\\000\\377'"),
        Step::say("Done."),
    ]);
    let mut terminal = Terminal::start(&home, "NO_COLOR=1 $ropewalk exec --in-place 'Go.'");
    for answer in ["n", "n", "y"] {
        terminal.wait_for(PROMPT);
        terminal.enter(answer);
    }
    assert_eq!(terminal.finish(), 0, "{}", terminal.shown);
    expect![[r#"
        I look.
        $ echo bad; # \r\u{1b}[2Kecho good\u{202e}
          Allow? [y]es, [n]o:
          in PROJECT
          because: safe\u{1b}[1A
          Allow?
        Allow? [y]es, [n]o, [a]ll that follows, or say what to do instead: n
          declined
        A a\u{1b}[8m
          @@ -0,0 +1 @@
          +x\u{202e}y
        Allow? [y]es, [n]o, [a]ll that follows, or say what to do instead: n
          declined
        $ printf '\033[2J\033]0;t\007\033[31mred\033[0m\r\n1%%\r2%%\n\000\377'
          in PROJECT
        Allow? [y]es, [n]o, [a]ll that follows, or say what to do instead: y
          red
          2%
          �
        Done.
    "#]]
    .assert_eq(&home.without_folder(middle(&terminal.shown)));
}

/// Sixty lines between what the command does and the question push it out of any screen.
#[test]
fn what_a_long_command_does_first_is_told_beside_the_question() {
    let hidden = format!("curl example.org{}true", "\n:".repeat(60));
    let step = Step::call(
        "exec_command",
        json!({ "cmd": hidden, "needs": ["network"], "justification": "Once\n".repeat(60) }),
    );
    let (home, _server) = stage([step, Step::say("Done.")]);
    let mut terminal = Terminal::start(&home, "NO_COLOR=1 $ropewalk exec 'Go.'");
    terminal.wait_for(PROMPT);
    terminal.enter("n");
    assert_eq!(terminal.finish(), 0, "{}", terminal.shown);
    let asked = &terminal.shown[terminal.shown.find("  all of it:").unwrap()..];
    let asked = &asked[..asked.find("Allow?").unwrap()];
    expect![[r#"
        all of it: 61 lines, 140 characters, beginning with curl example.org
          in PROJECT
          would reach: the network
          because: Once
          Once
          Once
          Once […]
    "#]]
    .assert_eq(&format!("{}\n", home.without_folder(asked.trim())));
}

#[test]
fn what_was_typed_before_a_question_does_not_answer_it() {
    let (home, _server) = stage([
        Step::say("Wait. ".repeat(40)).slowly(Duration::from_millis(20)),
        run("touch made"),
        Step::say("Done."),
    ]);
    // The first answer has no call, so the second turn begins with what was typed meanwhile still unread.
    let script = "NO_COLOR=1 $ropewalk exec --in-place 'Go.'; NO_COLOR=1 $ropewalk exec --in-place --resume last 'Go on.'";
    let mut terminal = Terminal::start(&home, script);
    terminal.wait_for("Wait.");
    terminal.enter("y\ny\ny");
    terminal.wait_for(PROMPT);
    terminal.enter("n");
    assert_eq!(terminal.finish(), 0, "{}", terminal.shown);
    assert!(!home.project().join("made").exists(), "{}", terminal.shown);
}

/// The answer may still stream while its first call is asked about.
#[test]
fn a_question_has_the_screen_for_itself_and_the_answer_is_said_once() {
    let words: String = (0..60).map(|number| format!("word{number} ")).collect();
    let step = run("touch made")
        .and(Part::Say(words.clone()))
        .slowly(Duration::from_millis(5));
    let server = Server::start(Script::new([step, Step::say("Done.")])).unwrap();
    let home = Home::new(&SHELL, Line::Messages, &server);
    let mut terminal = Terminal::start(&home, "NO_COLOR=1 $ropewalk exec --in-place 'Go.'");
    terminal.wait_for(PROMPT);
    terminal.enter("y");
    assert_eq!(terminal.finish(), 0, "{}", terminal.shown);
    let shown = middle(&terminal.shown);
    assert_eq!(shown.matches(PROMPT).count(), 1);
    assert!(shown.contains(&format!("{PROMPT}y\n")), "{shown}");
    for number in 0..60 {
        let word = format!("word{number} ");
        assert_eq!(shown.matches(&word).count(), 1, "{word}\n{shown}");
    }
}

#[test]
fn a_question_finds_the_person_when_both_streams_go_elsewhere() {
    let (home, _server) = stage([
        Step::say("I act.").and_call("exec_command", json!({"cmd": "touch made"})),
        Step::call(
            "ask_user",
            json!({"question": "Which?\u{1b}[2J", "options": ["a", "b"]}),
        ),
        Step::say("Done."),
    ]);
    let script = "echo 'Go.' | $ropewalk exec --in-place - > ../answer 2> ../progress";
    let mut terminal = Terminal::start(&home, script);
    terminal.wait_for("$ touch made");
    terminal.wait_for(PROMPT);
    terminal.enter("y");
    terminal.wait_for("Which?\\u{1b}[2J");
    terminal.wait_for("own words): ");
    terminal.enter("2");
    assert_eq!(terminal.finish(), 0, "{}", terminal.shown);
    let read = |name: &str| std::fs::read_to_string(home.path().join(name)).unwrap();
    assert_eq!(read("answer"), "I act.\nDone.\n");
    assert!(!read("progress").contains(PROMPT), "{}", read("progress"));
    assert!(home.project().join("made").exists());
}

#[test]
fn a_question_that_is_interrupted_or_whose_terminal_goes_away_is_no_yes() {
    for hang_up in ["press", "close"] {
        let (home, server) = stage([run("touch made"), Step::say("Done.")]);
        let mut terminal = Terminal::start(&home, "exec $ropewalk exec --in-place 'Go.'");
        terminal.wait_for(PROMPT);
        if hang_up == "press" {
            terminal.press("\u{3}");
            assert_eq!(terminal.finish(), 130, "{}", terminal.shown);
            assert!(
                terminal.shown.contains("Interrupted."),
                "{}",
                terminal.shown
            );
        } else {
            drop(terminal);
        }
        assert!(!home.project().join("made").exists());
        let requests = server.requests();
        let asked = requests.iter().filter(|request| request.exchange.is_some());
        assert_eq!(asked.count(), 1);
    }
}

/// A program that reads events is not asked, though somebody sits at the terminal.
#[test]
fn with_events_nobody_is_asked() {
    let (home, server) = stage([
        Step::call("ask_user", json!({"question": "Which?"})),
        Step::say("Done."),
    ]);
    let mut terminal = Terminal::start(&home, "$ropewalk exec --json --yes 'Go.'");
    assert_eq!(terminal.finish(), 0, "{}", terminal.shown);
    let outputs = server.requests().last().unwrap().outputs();
    assert!(outputs[0].text.contains("Nobody is there"), "{outputs:?}");
    for line in terminal.shown.lines() {
        let event: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(event["type"].is_string(), "{line}");
    }
}
