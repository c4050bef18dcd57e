//! `ropewalk threads`: what was said and done before: list, show, fork, archive, delete.
//!
//! Nothing here needs a model; going on with a thread is `ropewalk exec --resume`.

pub(crate) mod table;
mod transcript;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use agent::machine::{Entry, Event, fork_point};
use agent::store::{ListOptions, Shelf, ThreadId, ThreadRecord, ThreadStore};
use anyhow::Context;
use serde::Serialize;

use super::exec;
use super::printable::readable;
use super::terminal::Terminal;
use crate::config::paths;

/// Arguments of `ropewalk threads`.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct ThreadsArguments {
    #[command(subcommand)]
    command: Option<ThreadsCommand>,
    #[command(flatten)]
    list: ListArguments,
}

#[derive(Debug, clap::Subcommand)]
enum ThreadsCommand {
    /// List the threads that worked in the current folder, newest first.
    List(ListArguments),
    /// Show what was said and done.
    Show(ShowArguments),
    /// Say how a thread is gone on with.
    Resume(OneThread),
    /// Begin a thread with what another one knew at the end of a turn.
    Fork(ForkArguments),
    /// Put threads away; they are listed with `--archived` only.
    Archive(SomeThreads),
    /// Take threads back from where `archive` put them.
    Unarchive(SomeThreads),
    /// Delete threads for good.
    Delete(SomeThreads),
}

#[derive(Debug, clap::Args)]
struct ListArguments {
    /// List the threads of all folders.
    #[arg(long)]
    all: bool,
    /// List those that were put away.
    #[arg(long)]
    archived: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
struct ShowArguments {
    #[command(flatten)]
    thread: OneThread,
    /// Print JSON: the whole thread as it is recorded.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
struct ForkArguments {
    #[command(flatten)]
    thread: OneThread,
    /// The last turn that the new thread knows, counted from 1; by default it knows them all.
    #[arg(long)]
    turn: Option<u32>,
}

#[derive(Debug, clap::Args)]
struct OneThread {
    /// The thread's id, the beginning of it, or `last` for the one changed last in the current folder.
    id: String,
}

#[derive(Debug, clap::Args)]
struct SomeThreads {
    /// The threads' ids, the beginnings of them, or `last` for the one changed last in the current folder.
    #[arg(required = true, value_name = "ID")]
    ids: Vec<String>,
}

/// Where threads are looked for.
struct Threads {
    store: ThreadStore,
    cwd: PathBuf,
}

/// Does what was asked for.
pub(crate) fn run(arguments: &ThreadsArguments) -> anyhow::Result<ExitCode> {
    let state = paths::state_folder()
        .context("there is no place for threads: set HOME or XDG_STATE_HOME")?;
    let threads = Threads {
        store: ThreadStore::new(&state),
        cwd: exec::working_folder(None)?,
    };
    match &arguments.command {
        None => threads.list(&arguments.list)?,
        Some(ThreadsCommand::List(list)) => threads.list(list)?,
        Some(ThreadsCommand::Show(show)) => threads.show(show)?,
        Some(ThreadsCommand::Resume(thread)) => threads.resume(thread)?,
        Some(ThreadsCommand::Fork(fork)) => {
            let id = threads.fork(fork)?;
            Terminal::stdout().line(&id.to_string());
        }
        Some(ThreadsCommand::Archive(some)) => {
            threads.each(some, "archived", |id| Ok(threads.store.archive(id)?))?;
        }
        Some(ThreadsCommand::Unarchive(some)) => {
            threads.each(some, "taken back", |id| Ok(threads.store.unarchive(id)?))?;
        }
        Some(ThreadsCommand::Delete(some)) => {
            threads.each(some, "deleted", |id| Ok(threads.store.delete(id)?))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

impl Threads {
    fn list(&self, arguments: &ListArguments) -> anyhow::Result<()> {
        let options = ListOptions {
            cwd: (!arguments.all).then(|| self.cwd.clone()),
            shelf: match arguments.archived {
                true => Shelf::Archived,
                false => Shelf::Current,
            },
        };
        let threads = self.store.list::<Entry>(&options)?;
        let mut terminal = Terminal::stdout();
        if arguments.json {
            return print_json(&mut terminal, &threads);
        }
        if threads.is_empty() {
            Terminal::stderr().line(match arguments.all {
                true => "There are no threads.",
                false => "No thread has worked in this folder; `--all` lists those of others.",
            });
        }
        let scope = match arguments.all {
            true => table::Scope::AllFolders,
            false => table::Scope::ThisFolder,
        };
        let ids = self.store.ids()?;
        for line in table::lines(&threads, &ids, scope) {
            terminal.line(&readable(&line));
        }
        Ok(())
    }

    fn show(&self, arguments: &ShowArguments) -> anyhow::Result<()> {
        let record = self.read(&arguments.thread)?;
        let mut terminal = Terminal::stdout();
        if arguments.json {
            return print_json(&mut terminal, &record);
        }
        let paint = |style, text: &str| terminal.style(style, text);
        let text = transcript::transcript(&record, &paint);
        terminal.print(&text);
        Ok(())
    }

    fn resume(&self, thread: &OneThread) -> anyhow::Result<()> {
        let id = self.find(&thread.id)?;
        Terminal::stdout().line(&format!("ropewalk exec --resume {id} \"WHAT TO DO NEXT\""));
        Ok(())
    }

    fn fork(&self, arguments: &ForkArguments) -> anyhow::Result<ThreadId> {
        let parent = self.read(&arguments.thread)?;
        let (turn, entries) = match arguments.turn {
            Some(turn) => (turn, fork_point(&parent.events, turn)?),
            None => (u32::try_from(parent.summary.turns)?, parent.events.len()),
        };
        let (mut log, _) = self.store.fork::<Entry>(parent.header.id, entries)?;
        log.append(&Entry {
            time: milliseconds_since_1970(),
            event: Event::Forked {
                thread: log.id().to_string(),
                parent: parent.header.id.to_string(),
                turn,
            },
        })?;
        log.sync()?;
        Ok(log.id())
    }

    fn each(
        &self,
        some: &SomeThreads,
        done: &str,
        action: impl Fn(ThreadId) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        // All names are understood before anything is done, so that a wrong one changes nothing.
        let ids = some.ids.iter().map(|name| self.find(name));
        let ids: Vec<ThreadId> = ids.collect::<anyhow::Result<_>>()?;
        let mut terminal = Terminal::stdout();
        for id in ids {
            action(id)?;
            terminal.line(&format!("{id} {done}"));
        }
        Ok(())
    }

    fn read(&self, thread: &OneThread) -> anyhow::Result<ThreadRecord<Entry>> {
        Ok(self.store.read(self.find(&thread.id)?)?)
    }

    fn find(&self, name: &str) -> anyhow::Result<ThreadId> {
        Ok(self.store.find::<Entry>(name, Some(&self.cwd))?)
    }
}

fn print_json(terminal: &mut Terminal, value: &impl Serialize) -> anyhow::Result<()> {
    terminal.line(&serde_json::to_string_pretty(value)?);
    Ok(())
}

fn milliseconds_since_1970() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |time| {
        u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
    })
}

#[cfg(test)]
mod tests;
