//! One named example for each rule of the ledger.

use std::path::{Path, PathBuf};

use text::Text;

use super::super::{HunkId, Ledger};
use super::{check_all, path, source, type_in};

/// A ledger after a task's change, and the text.
fn after_agent(before: Option<&str>, after: Option<&str>) -> (Ledger, Text) {
    let mut ledger = Ledger::default();
    let texts = (before.map(Text::from), after.map(Text::from));
    ledger.agent_changed(path(), texts.0.as_ref(), texts.1.as_ref(), &source("one"));
    (ledger, texts.1.unwrap_or_default())
}

fn insert(ledger: &mut Ledger, text: &mut Text, at: &str, what: &str) {
    let offset = text.to_string().find(at).expect("it is there");
    type_in(ledger, text, &(offset..offset, what.into()));
    check_all(ledger, what);
}

fn delete(ledger: &mut Ledger, text: &mut Text, what: &str) {
    let offset = text.to_string().find(what).expect("it is there");
    type_in(ledger, text, &(offset..offset + what.len(), String::new()));
    check_all(ledger, what);
}

fn ids(ledger: &Ledger) -> Vec<HunkId> {
    let documents = ledger.documents();
    documents.flat_map(|(_, document)| document.ids()).collect()
}

/// The base, and base and text of each hunk.
fn shown(ledger: &Ledger) -> (String, Vec<(String, String)>) {
    let Some(document) = ledger.document(path()) else {
        return (String::new(), Vec::new());
    };
    let hunk = |hunk: &crate::LedgerHunk| {
        let text = document.text().slice(hunk.text.clone()).into_owned();
        (document.removed(hunk).into_owned(), text)
    };
    let hunks = document.hunks().iter().map(hunk).collect();
    (document.base().to_string(), hunks)
}

fn pair(base: &str, text: &str) -> (String, String) {
    (base.into(), text.into())
}

fn undone(ledger: &Ledger) -> Option<String> {
    let undo = ledger.undo(path(), &ids(ledger)).expect("something waits");
    undo.after.map(|text| text.to_string())
}

#[test]
fn what_the_user_types_inside_joins_the_hunk_and_beside_it_the_base() {
    let (mut ledger, mut text) = after_agent(Some("a\nb\nc\n"), Some("a\nBB\nc\n"));
    insert(&mut ledger, &mut text, "B\nc", "-");
    insert(&mut ledger, &mut text, "c\n", "new\n");
    insert(&mut ledger, &mut text, "a\n", ">");
    assert_eq!(
        shown(&ledger),
        (">a\nb\nnew\nc\n".into(), vec![pair("b\n", "B-B\n")])
    );
}

#[test]
fn a_line_before_a_hunk_is_the_users_and_the_start_of_its_first_line_is_not() {
    let (mut ledger, mut text) = after_agent(Some("a\nc\n"), Some("a\nb\nc\n"));
    insert(&mut ledger, &mut text, "b\n", "mine\n");
    assert_eq!(
        shown(&ledger),
        ("a\nmine\nc\n".into(), vec![pair("", "b\n")])
    );
    insert(&mut ledger, &mut text, "b\n", "x");
    assert_eq!(
        shown(&ledger),
        ("a\nmine\nc\n".into(), vec![pair("", "xb\n")])
    );
}

#[test]
fn what_is_made_as_it_was_is_no_hunk_any_more() {
    let (mut ledger, mut text) = after_agent(Some("a\nb\nc\n"), Some("a\nB\nc\n"));
    let offset = 2;
    type_in(&mut ledger, &mut text, &(offset..offset + 1, "b".into()));
    assert!(ledger.is_empty());
}

#[test]
fn the_editors_undo_may_take_out_the_other_of_two_equal_lines() {
    let (mut ledger, mut text) = after_agent(Some("x\nx\n"), Some("x\nx\nx\n"));
    type_in(&mut ledger, &mut text, &(0..2, String::new()));
    assert!(ledger.is_empty());
}

#[test]
fn keeping_moves_the_base_and_undoing_restores_it() {
    let (mut ledger, _) = after_agent(Some("a\nb\nc\nd\ne\n"), Some("A\nb\nc\nd\nE\n"));
    let both = ids(&ledger);
    ledger.keep(path(), &both[..1]);
    assert_eq!(
        shown(&ledger),
        ("A\nb\nc\nd\ne\n".into(), vec![pair("e\n", "E\n")])
    );
    assert_eq!(undone(&ledger).as_deref(), Some("A\nb\nc\nd\ne\n"));
}

#[test]
fn planning_an_undo_changes_nothing() {
    let (ledger, _) = after_agent(Some("a\n"), Some("b\n"));
    let before = shown(&ledger);
    assert_eq!(undone(&ledger).as_deref(), Some("a\n"));
    assert_eq!(shown(&ledger), before);
}

#[test]
fn a_created_file_is_deleted_by_an_undo_and_never_with_the_users_text() {
    let (mut ledger, mut text) = after_agent(None, Some("one\ntwo\nthree\n"));
    assert_eq!(undone(&ledger), None);
    insert(&mut ledger, &mut text, "wo\n", "mine");
    assert_eq!(undone(&ledger).as_deref(), Some("tminewo\n"));
    delete(&mut ledger, &mut text, "mine");
    assert_eq!(undone(&ledger), None);
    let end = text.len_bytes();
    type_in(&mut ledger, &mut text, &(end..end, "mine\n".into()));
    assert_eq!(undone(&ledger).as_deref(), Some("mine\n"));
    let undo = ledger.undo(path(), &ids(&ledger)).expect("it waits");
    ledger.undone(&undo);
    assert!(ledger.is_empty());
}

#[test]
fn an_empty_file_that_was_created_waits_too() {
    let (mut ledger, _) = after_agent(None, Some(""));
    assert_eq!((ids(&ledger).len(), undone(&ledger)), (1, None));
    ledger.keep(path(), &ids(&ledger));
    assert!(ledger.is_empty());
}

#[test]
fn a_deleted_file_comes_back() {
    let (mut ledger, _) = after_agent(Some("a\nb\n"), None);
    let undo = ledger.undo(path(), &ids(&ledger)).expect("it waits");
    assert_eq!(
        (undo.before.clone(), undo.after.clone()),
        (None, Some(Text::from("a\nb\n")))
    );
    ledger.undone(&undo);
    assert!(ledger.is_empty());
}

#[test]
fn a_deleted_empty_file_comes_back() {
    let (ledger, _) = after_agent(Some(""), None);
    assert_eq!(undone(&ledger).as_deref(), Some(""));
}

#[test]
fn what_a_task_creates_and_deletes_again_was_never_there() {
    let (mut ledger, text) = after_agent(None, Some("a\n"));
    ledger.agent_changed(path(), Some(&text), None, &source("two"));
    assert!(ledger.is_empty());
}

#[test]
fn a_renamed_file_goes_back_with_its_text() {
    let (mut ledger, text) = after_agent(Some("a\nb\n"), Some("a\nB\n"));
    let target = Path::new("/w/other");
    ledger.agent_moved(path(), target, &text, &source("one"));
    assert_eq!(ids(&ledger).len(), 2);
    let undo = ledger.undo(target, &ids(&ledger)).expect("it waits");
    assert_eq!(
        (undo.target.clone(), undo.after.clone()),
        (PathBuf::from(path()), Some(Text::from("a\nb\n")))
    );
    ledger.undone(&undo);
    assert!(ledger.is_empty());
}

#[test]
fn a_commit_keeps_what_is_in_it() {
    let (mut ledger, text) = after_agent(Some("a\nb\nc\nd\ne\n"), Some("A\nb\nc\nd\nE\n"));
    ledger.committed(path(), Some(&Text::from("A\nb\nc\nd\ne\n")));
    assert_eq!(
        shown(&ledger),
        ("A\nb\nc\nd\ne\n".into(), vec![pair("e\n", "E\n")])
    );
    ledger.committed(path(), Some(&text));
    assert!(ledger.is_empty());
}

#[test]
fn an_old_commit_keeps_nothing() {
    let (mut ledger, _) = after_agent(Some("a\nb\nc\n"), Some("a\nc\nnew\n"));
    ledger.committed(path(), Some(&Text::from("a\nb\nc\n")));
    assert_eq!(shown(&ledger).1.len(), 2);
}

#[test]
fn changes_of_two_tasks_beside_each_other_stay_apart() {
    let (mut ledger, text) = after_agent(Some("a\nb\n"), Some("A\nb\n"));
    let after = Text::from("A\nB\n");
    ledger.agent_changed(path(), Some(&text), Some(&after), &source("two"));
    assert_eq!(shown(&ledger).1, [pair("a\n", "A\n"), pair("b\n", "B\n")]);
    let first = ids(&ledger)[0];
    let undo = ledger.undo(path(), &[first]).expect("it waits");
    assert_eq!(undo.after, Some(Text::from("a\nB\n")));
}

#[test]
fn changes_of_one_task_beside_each_other_are_one() {
    let (mut ledger, text) = after_agent(Some("a\nb\n"), Some("A\nb\n"));
    let after = Text::from("A\nB\n");
    ledger.agent_changed(path(), Some(&text), Some(&after), &source("one"));
    assert_eq!(shown(&ledger).1, [pair("a\nb\n", "A\nB\n")]);
}

#[test]
fn an_outside_change_is_the_users_and_a_discarded_one_leaves_nothing() {
    let (mut ledger, _) = after_agent(Some("a\nb\nc\n"), Some("a\nB\nc\n"));
    ledger.seen(path(), Some(&Text::from("a\nB\nc\nmore\n")));
    assert_eq!(
        shown(&ledger),
        ("a\nb\nc\nmore\n".into(), vec![pair("b\n", "B\n")])
    );
    ledger.seen(path(), Some(&Text::from("a\nb\nc\n")));
    assert!(ledger.is_empty());
}

#[test]
fn a_damaged_store_is_refused_document_by_document() {
    let (ledger, _) = after_agent(Some("aé\nb\n"), Some("aé\nB\n"));
    let (stored, _) = ledger.to_stored(usize::MAX);
    let json = serde_json::to_string(&stored).expect("it can be written");
    let damaged = json.replace(r#""start":4"#, r#""start":2"#);
    assert_ne!(json, damaged);
    let mut other = Ledger::default();
    let refused = other.take_in(serde_json::from_str(&damaged).expect("it can be read"));
    assert_eq!(refused, [path().to_path_buf()]);
    assert!(other.is_empty());
}
