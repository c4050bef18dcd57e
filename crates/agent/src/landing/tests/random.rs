//! Random trees, proposals and edits of the user's against the plain model.

use fastrand::Rng;

use super::{
    Fixture, Tree, Wanted,
    model::{self, Side},
};

#[test]
fn an_undisturbed_task_arrives_as_it_is_and_goes_without_a_trace() {
    for seed in 0..150 {
        let mut random = Rng::with_seed(seed);
        let before = model::entangled_files(&mut random);
        let after = match random.bool() {
            true => model::edited(&mut random, &before, Side::Task),
            false => model::entangled_files(&mut random),
        };
        let fixture = Fixture::of(&before);
        let before = fixture.tree();
        let proposal = model::proposal(&fixture, &only_files(&before), &after);
        let landed = fixture.apply_on(&super::RealDisk, &proposal).unwrap();
        assert_eq!(landed.conflicts, [], "seed {seed}");
        assert_eq!(landed.applied.len(), proposal.files.len(), "seed {seed}");
        assert_eq!(fixture.tree(), model::with_folders(&after), "seed {seed}");
        if !proposal.files.is_empty() {
            let undone = fixture.undo(Wanted::Last).unwrap();
            assert_eq!(undone.conflicts, [], "seed {seed}");
        }
        assert_eq!(fixture.tree(), before, "seed {seed}");
    }
}

#[test]
fn what_the_user_did_meanwhile_is_merged_or_left() {
    let mut conflicts = 0;
    let mut applied = 0;
    for seed in 0..200 {
        let mut random = Rng::with_seed(seed);
        let base = model::files(&mut random);
        let after = model::edited(&mut random, &base, Side::Task);
        let now = model::edited(&mut random, &base, Side::User);
        let fixture = Fixture::of(&now);
        let proposal = model::proposal(&fixture, &base, &after);
        let mut expected = now.clone();
        let mut left = Vec::new();
        for change in &proposal.files {
            match model::applied(&fixture, &expected, change) {
                Some(tree) => expected = tree,
                None => left.push(change.path.clone()),
            }
        }
        let landed = fixture.apply_on(&super::RealDisk, &proposal).unwrap();
        let conflicting: Vec<_> = landed
            .conflicts
            .iter()
            .map(|conflict| conflict.path.clone())
            .collect();
        assert_eq!(conflicting, left, "seed {seed}");
        assert_eq!(only_files(&fixture.tree()), expected, "seed {seed}");
        assert_eq!(landed.remaining(&proposal).files.len(), left.len());
        conflicts += left.len();
        applied += landed.applied.len();
        if landed.checkpoint.is_some() {
            fixture.undo(Wanted::Last).unwrap();
        }
        assert_eq!(only_files(&fixture.tree()), now, "seed {seed}");
    }
    assert!(50 < conflicts && 200 < applied, "{conflicts}, {applied}");
}

#[test]
fn what_the_user_did_since_is_merged_with_what_was_before() {
    let mut conflicts = 0;
    for seed in 0..200 {
        let mut random = Rng::with_seed(seed);
        let before = model::files(&mut random);
        let after = model::edited(&mut random, &before, Side::Task);
        let fixture = Fixture::of(&before);
        let proposal = model::proposal(&fixture, &before, &after);
        if proposal.files.is_empty() {
            continue;
        }
        fixture.apply_on(&super::RealDisk, &proposal).unwrap();
        let now = model::edited(&mut random, &after, Side::User);
        for name in after.keys().chain(now.keys()) {
            fixture.put(name, now.get(name).map(String::as_str));
        }
        let mut expected = now.clone();
        let mut left = Vec::new();
        let mut reversed: Vec<_> = proposal.files.iter().map(reverse).collect();
        reversed.sort_by(|one, other| one.path.cmp(&other.path));
        for change in &reversed {
            match model::applied(&fixture, &expected, change) {
                Some(tree) => expected = tree,
                None => left.push(change.path.clone()),
            }
        }
        let undone = fixture.undo(Wanted::Last).unwrap();
        let conflicting: Vec<_> = undone
            .conflicts
            .iter()
            .map(|conflict| conflict.path.clone())
            .collect();
        assert_eq!(conflicting, left, "seed {seed}");
        assert_eq!(only_files(&fixture.tree()), expected, "seed {seed}");
        conflicts += left.len();
    }
    assert!(50 < conflicts, "{conflicts}");
}

fn reverse(change: &changes::FileChange) -> changes::FileChange {
    use changes::Base;

    let after = match &change.base {
        Base::Known(state) => Some(state.clone()),
        _ => None,
    };
    changes::FileChange {
        path: change.base_path().to_owned(),
        renamed_from: change.renamed_from.as_ref().map(|_| change.path.clone()),
        base: change.after.clone().map_or(Base::Absent, Base::Known),
        after,
    }
}

/// Folders that a user has emptied stay.
fn only_files(tree: &Tree) -> Tree {
    let files = tree.iter().filter(|(name, _)| !name.ends_with('/'));
    files
        .map(|(name, text)| (name.clone(), text.clone()))
        .collect()
}
