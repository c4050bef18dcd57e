//! A run on a terminal: what a person sees, types and is asked.

use std::sync::Arc;
use std::time::{Duration, Instant};

use sandbox::{
    Channel, CommandLine, DirectStarter, Exit, Limits, Processes, Reach, Session, TerminalSize,
};

use crate::home::Home;
use crate::process::LIMIT;

/// A terminal with a run in it.
pub(crate) struct Terminal {
    session: Arc<Session>,
    /// All that was shown, without the carriage returns of its line breaks.
    pub(crate) shown: String,
    /// Up to where `shown` was waited for.
    seen: usize,
    /// Ends the run.
    _processes: Processes,
}

impl Terminal {
    /// Starts the shell command `text` in the home's project; `$ropewalk` in it is the program.
    pub(crate) fn start(home: &Home, text: &str) -> Self {
        let starter = DirectStarter::new(Vec::new());
        let processes = Processes::new(Box::new(starter), Limits::default());
        let line = CommandLine {
            text: format!("{}\n{text}", home.shell_environment()),
            folder: home.project(),
            channel: Channel::Terminal(TerminalSize {
                rows: 40,
                columns: 200,
            }),
            reach: Reach::default(),
        };
        Self {
            session: processes.start(&line).unwrap(),
            shown: String::new(),
            seen: 0,
            _processes: processes,
        }
    }

    /// Waits until `text` is shown, below what was waited for before.
    pub(crate) fn wait_for(&mut self, text: &str) {
        let end = Instant::now() + LIMIT;
        loop {
            if let Some(place) = self.shown[self.seen..].find(text) {
                self.seen += place + text.len();
                return;
            }
            let has_ended = self.session.ended().is_some();
            let is_news = self.read();
            assert!(
                is_news || !(has_ended || Instant::now() > end),
                "`{text}` is not shown below byte {}:\n{}",
                self.seen,
                self.shown
            );
        }
    }

    /// Types `text` and Enter.
    pub(crate) fn enter(&self, text: &str) {
        self.press(&format!("{text}\n"));
    }

    /// Types just `keys`.
    pub(crate) fn press(&self, keys: &str) {
        self.session
            .write(keys.as_bytes(), Duration::from_secs(10))
            .unwrap();
    }

    /// Waits for the end; gives the exit code.
    pub(crate) fn finish(&mut self) -> i32 {
        assert!(
            self.session.wait_until_ended(Instant::now() + LIMIT),
            "it does not end:\n{}",
            self.shown
        );
        self.read();
        match self.session.ended().unwrap().exit {
            Exit::Code(code) => code,
            other => panic!("{other}\n{}", self.shown),
        }
    }

    /// Takes what is new; says whether there was any.
    fn read(&mut self) -> bool {
        let step = Instant::now() + Duration::from_millis(100);
        self.session
            .wait(step, &workspace::CancellationFlag::default());
        let output = self.session.take_unread();
        assert_eq!(output.dropped, 0);
        let text = output.head + &output.tail;
        self.shown.push_str(&text.replace("\r\n", "\n"));
        !text.is_empty()
    }
}
