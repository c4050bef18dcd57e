//! Saving and loading, side by side with other servers and with damaged files.
use std::path::PathBuf;
use std::sync::mpsc;

use changes::{ChangeSource, Ledger};
use tempfile::TempDir;
use text::Text;

use super::{LedgerStore, Loaded, place};
use crate::event::EventSender;

fn folders() -> Vec<PathBuf> {
    vec![PathBuf::from("/w/one"), PathBuf::from("/w/two")]
}

fn open(state: &TempDir) -> (LedgerStore, Loaded) {
    let (sender, _) = mpsc::channel();
    LedgerStore::open(state.path(), &folders(), EventSender::new(sender)).expect("it opens")
}

fn ledger_of(path: &str) -> Ledger {
    let mut ledger = Ledger::default();
    add(&mut ledger, path);
    ledger
}

fn add(ledger: &mut Ledger, path: &str) {
    let source = ChangeSource {
        title: "Fix".into(),
        thread: None,
        turn: 1,
    };
    let texts = (Text::from("a\n"), Text::from("b\n"));
    ledger.agent_changed(path.as_ref(), Some(&texts.0), Some(&texts.1), &source);
}

fn paths(loaded: &Loaded) -> Vec<PathBuf> {
    let documents = loaded.ledger.documents();
    documents.map(|(path, _)| path.to_path_buf()).collect()
}

#[test]
fn what_was_saved_last_is_there_at_the_next_start_in_whatever_order_the_folders_come() {
    let state = tempfile::tempdir().expect("a folder");
    let (store, _) = open(&state);
    let mut ledger = ledger_of("/w/one/a");
    store.save(&ledger);
    add(&mut ledger, "/w/one/b");
    store.save(&ledger);
    drop(store);
    let (_, loaded) = open(&state);
    assert_eq!(loaded.notices, Vec::<String>::new());
    assert_eq!(
        loaded.ledger.documents().collect::<Vec<_>>(),
        ledger.documents().collect::<Vec<_>>()
    );
    let reversed: Vec<PathBuf> = folders().into_iter().rev().collect();
    assert_eq!(
        place(state.path(), &folders()),
        place(state.path(), &reversed)
    );
}

#[test]
fn two_servers_at_once_keep_what_both_have() {
    let state = tempfile::tempdir().expect("a folder");
    let (one, _) = open(&state);
    let (two, loaded) = open(&state);
    assert_eq!(paths(&loaded), Vec::<PathBuf>::new());
    one.save(&ledger_of("/w/one/a"));
    two.save(&ledger_of("/w/one/b"));
    drop((one, two));
    for _ in 0..2 {
        let (_, loaded) = open(&state);
        assert_eq!(
            paths(&loaded),
            [PathBuf::from("/w/one/a"), PathBuf::from("/w/one/b")]
        );
    }
}

#[test]
fn a_damaged_file_is_set_aside_and_told() {
    let state = tempfile::tempdir().expect("a folder");
    let (store, _) = open(&state);
    drop(store);
    let folder = place(state.path(), &folders());
    std::fs::write(folder.join("1.json"), "{\"last_id\": 3, \"docu").expect("it is written");
    let (_, loaded) = open(&state);
    assert_eq!((paths(&loaded), loaded.notices.len()), (Vec::new(), 1));
    let aside = std::fs::read_to_string(folder.join("1.damaged.json"));
    assert_eq!(aside.expect("it is there"), "{\"last_id\": 3, \"docu");
}

#[test]
fn nothing_is_left_when_everything_is_judged() {
    let state = tempfile::tempdir().expect("a folder");
    let (store, _) = open(&state);
    store.save(&ledger_of("/w/one/a"));
    store.save(&Ledger::default());
    drop(store);
    assert!(!place(state.path(), &folders()).join("1.json").exists());
}
