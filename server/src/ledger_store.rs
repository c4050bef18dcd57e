//! The ledger on disk: read at the start, written by a thread of its own after changes and at the end.
//!
//! Each set of folders has a folder below `ledger/` in the state folder, with a numbered file for each server that is at work
//! there. A server holds the lock of its number while it lives, so that two editors on one workspace never write the same
//! file; it takes over what servers that are gone have left.

use std::fs::{self, File};
use std::hash::{Hash, Hasher};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::JoinHandle;

use changes::{Ledger, StoredLedger};
use rustc_hash::FxHasher;

use crate::event::{Event, EventSender};
use crate::lsp::convert::display;

/// So many editors can be at work in one workspace.
const MOST_SERVERS: u32 = 32;
/// Changes in larger texts are not stored, in bytes.
const LARGEST_TEXT: usize = 8 * 1024 * 1024;

/// The way to the thread that writes. Dropping it waits for what is still to be written.
#[derive(Debug)]
pub(crate) struct LedgerStore {
    ledgers: Option<Sender<Ledger>>,
    thread: Option<JoinHandle<()>>,
}

/// What was there.
#[derive(Debug, Default)]
pub(crate) struct Loaded {
    pub(crate) ledger: Ledger,
    /// Sentences for the user about what could not be used.
    pub(crate) notices: Vec<String>,
}

/// A file that this server alone uses.
#[derive(Debug)]
struct Slot {
    file: PathBuf,
    lock: File,
}

impl Drop for Slot {
    /// Closing would do, but for a process that is just being started and has the file for a moment, too.
    fn drop(&mut self) {
        drop(self.lock.unlock());
    }
}

impl LedgerStore {
    /// Reads what is stored for `folders` and gets ready to write it. `state_folder` is made where there is none.
    ///
    /// # Errors
    /// When nothing can be kept there.
    pub(crate) fn open(
        state_folder: &Path,
        folders: &[PathBuf],
        events: EventSender,
    ) -> io::Result<(Self, Loaded)> {
        let folder = place(state_folder, folders);
        fs::create_dir_all(&folder)?;
        let mut slots = free_slots(&folder)?.into_iter();
        let own = slots.next().ok_or(io::ErrorKind::ResourceBusy)?;
        let mut loaded = Loaded::default();
        loaded.take_in(&own.file);
        let others: Vec<Slot> = slots.filter(|slot| slot.file.exists()).collect();
        for other in &others {
            loaded.take_in(&other.file);
        }
        if !others.is_empty() {
            write(&own.file, &loaded.ledger)?;
            others
                .iter()
                .try_for_each(|slot| fs::remove_file(&slot.file))?;
        }
        let (ledgers, queue) = mpsc::channel();
        let thread = std::thread::Builder::new()
            .name("ledger".into())
            .spawn(move || run(&own, &queue, &events))?;
        let store = Self {
            ledgers: Some(ledgers),
            thread: Some(thread),
        };
        Ok((store, loaded))
    }

    /// Has the ledger written as it is now.
    pub(crate) fn save(&self, ledger: &Ledger) {
        if let Some(ledgers) = &self.ledgers {
            drop(ledgers.send(ledger.clone()));
        }
    }
}

impl Drop for LedgerStore {
    fn drop(&mut self) {
        self.ledgers = None;
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

impl Loaded {
    fn take_in(&mut self, file: &Path) {
        match read(file) {
            Ok(None) => {}
            Ok(Some(stored)) => {
                let refused = self.ledger.take_in(stored);
                self.notices.extend(refused.iter().map(|path| {
                    let path = display(path);
                    format!("The changes of tasks in {path} that an earlier server has left are taken for kept.")
                }));
            }
            Err(error) => self.notices.push(set_aside(file, &error)),
        }
    }
}

fn place(state_folder: &Path, folders: &[PathBuf]) -> PathBuf {
    let mut folders = folders.to_vec();
    folders.sort();
    let mut hasher = FxHasher::default();
    folders.hash(&mut hasher);
    let name = folders.first().and_then(|folder| folder.file_name());
    let name = name.unwrap_or_default().to_string_lossy();
    let folder = format!("{name}-{:016x}", hasher.finish());
    state_folder.join("ledger").join(folder)
}

/// The numbers that no living server has, lowest first.
fn free_slots(folder: &Path) -> io::Result<Vec<Slot>> {
    let mut slots = Vec::new();
    for number in 1..=MOST_SERVERS {
        let file = folder.join(format!("{number}.json"));
        if !slots.is_empty() && !file.exists() {
            continue;
        }
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(folder.join(format!("{number}.lock")))?;
        if lock.try_lock().is_ok() {
            slots.push(Slot { file, lock });
        }
    }
    Ok(slots)
}

fn read(file: &Path) -> io::Result<Option<StoredLedger>> {
    let bytes = match fs::read(file) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    Ok(Some(serde_json::from_slice(&bytes)?))
}

/// Keeps a damaged file for whoever wants to look at it; what it says cannot be used.
fn set_aside(file: &Path, error: &io::Error) -> String {
    let aside = file.with_extension("damaged.json");
    let what = format!(
        "What tasks had changed and you had not judged cannot be read ({error}), so it is taken for kept."
    );
    match fs::rename(file, &aside) {
        Ok(()) => format!("{what} The file is now {}.", display(&aside)),
        Err(error) => format!("{what} {} cannot be moved aside: {error}.", display(file)),
    }
}

fn run(slot: &Slot, queue: &Receiver<Ledger>, events: &EventSender) {
    while let Ok(ledger) = queue.recv() {
        let newest = queue.try_iter().last().unwrap_or(ledger);
        if let Err(error) = write(&slot.file, &newest) {
            let file = display(&slot.file);
            let problem = format!("What tasks have changed cannot be kept in {file}: {error}");
            events.send(Event::LedgerProblem(problem));
        }
    }
}

fn write(file: &Path, ledger: &Ledger) -> io::Result<()> {
    if ledger.is_empty() {
        return match fs::remove_file(file) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        };
    }
    let (stored, left_out) = ledger.to_stored(LARGEST_TEXT);
    for path in left_out {
        tracing::warn!(path = %path.display(), "its changes are not stored: it is too large, or its name is no UTF-8");
    }
    let folder = file.parent().ok_or(io::ErrorKind::NotFound)?;
    let mut temporary = tempfile::NamedTempFile::new_in(folder)?;
    temporary.write_all(&serde_json::to_vec(&stored)?)?;
    temporary.as_file().sync_data()?;
    temporary.persist(file)?;
    Ok(())
}

#[cfg(test)]
mod tests;
