//! What was remembered is there again, whatever the index lost at its end.

use super::*;

fn key(path: &str) -> Key {
    (0, path.into())
}

#[test]
fn what_was_remembered_is_there_again_and_a_torn_line_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let mut random = fastrand::Rng::with_seed(11);
    for round in 0..50 {
        let place = folder.path().join(round.to_string());
        fs::create_dir(&place).unwrap();
        let bases = Bases::open(&place).unwrap();
        let mut ends = vec![0];
        let mut kept = Vec::new();
        for number in 0..random.usize(1..12) {
            let text = format!("content {number}");
            let start = Start::Kept(bases.keep_bytes(text.as_bytes(), random.bool()).unwrap());
            bases
                .remember(&key(&format!("{number}%")), start.clone())
                .unwrap();
            kept.push((start, text));
            ends.push(fs::metadata(place.join("index")).unwrap().len());
        }
        drop(bases);
        let length = random.u64(0..=*ends.last().unwrap());
        let index = OpenOptions::new()
            .write(true)
            .open(place.join("index"))
            .unwrap();
        index.set_len(length).unwrap();

        let bases = Bases::open(&place).unwrap();
        let whole = ends.iter().filter(|end| **end <= length).count() - 1;
        for (number, (start, text)) in kept.iter().enumerate() {
            let found = bases.start(&key(&format!("{number}%")));
            assert_eq!(
                found,
                (number < whole).then(|| start.clone()),
                "round {round}"
            );
            if let Some(Start::Kept(kept)) = found {
                assert_eq!(
                    io::read_to_string(bases.open_kept(kept).unwrap()).unwrap(),
                    *text
                );
            }
        }
        // Nothing that is written from now on is joined to the torn line or takes another's number.
        let next = bases.keep_bytes(b"next", false).unwrap();
        assert!(next.number as usize > kept.len());
        bases.remember(&key("next"), Start::Kept(next)).unwrap();
        let again = Bases::open(&place).unwrap();
        assert_eq!(again.start(&key("next")), Some(Start::Kept(next)));
    }
}

#[test]
fn a_copy_that_lost_its_end_is_not_taken_for_the_base() {
    let folder = tempfile::tempdir().unwrap();
    let bases = Bases::open(folder.path()).unwrap();
    let kept = bases.keep_bytes(b"all of it", false).unwrap();
    let copy = OpenOptions::new()
        .write(true)
        .open(bases.place(kept))
        .unwrap();
    copy.set_len(3).unwrap();
    assert!(bases.open_kept(kept).is_err());
}

#[test]
fn an_edited_file_is_found_from_the_folders_above_it_and_from_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let bases = Bases::open(folder.path()).unwrap();
    bases.mark_edited(&key("target/debug/notes.txt")).unwrap();
    let found = |path| bases.is_edited_at_or_below(&key(path));
    assert!(found("") && found("target") && found("target/debug"));
    assert!(found("target/debug/notes.txt"));
    assert!(!found("target/deb") && !found("tar") && !found("target/debug/z"));
    assert!(!bases.is_edited_at_or_below(&(1, "target".into())));
    assert!(bases.is_edited(&key("target/debug/notes.txt")));
    assert!(!bases.is_edited(&key("target/debug")));
}
