//! Somebody saves files, or applies other proposals, while a proposal is applied.

use std::{fs, io, path::Path, sync::Mutex};

use changes::Proposal;
use fastrand::Rng;

use super::{
    Decision, Fixture, LandingError, WatchedDisk,
    model::{self, Side},
};

/// How an editor saves.
#[derive(Clone, Copy, Debug)]
enum Saving {
    InPlace,
    ByRenaming,
}

#[test]
fn nothing_that_is_saved_meanwhile_is_lost() {
    let mut saved = 0;
    for seed in 0..600 {
        let mut random = Rng::with_seed(seed);
        let before = model::files(&mut random);
        let after = model::edited(&mut random, &before, Side::Task);
        let fixture = Fixture::of(&before);
        let proposal = model::proposal(&fixture, &before, &after);
        let Some(change) = random.choice(&proposal.files) else {
            continue;
        };
        if before
            .values()
            .chain(after.values())
            .any(|text| text.starts_with("-> "))
        {
            continue;
        }
        let saving = random
            .choice([Saving::InPlace, Saving::ByRenaming])
            .unwrap();
        let path = change.base_path().to_owned();
        let moment = random.usize(..90);
        let was_saved = Mutex::new(false);
        let is_exchanging = !seed.is_multiple_of(4);
        let disk = WatchedDisk::new(|number, operation: &str| {
            // Where names cannot be swapped, what is saved between the last look and the change cannot be seen.
            let is_seen = is_exchanging || !["exchange", "move_over"].contains(&operation);
            let mut was_saved = was_saved.lock().unwrap();
            if moment <= number && is_seen && !*was_saved {
                save(&fixture, &path, saving);
                *was_saved = true;
            }
            if operation == "exchange" && !is_exchanging {
                return Decision::Refuse(io::ErrorKind::Unsupported);
            }
            Decision::Proceed
        });
        let result = fixture.apply_on(&disk, &proposal);
        let tree = fixture.tree();
        let message = format!("seed {seed}, moment {moment}, {saving:?}: {result:?}\n{tree:#?}");
        match &result {
            Ok(_) | Err(LandingError::HalfDone { .. } | LandingError::KeepsChanging { .. }) => {}
            Err(error) => panic!("{error}: {message}"),
        }
        assert!(
            !tree.keys().any(|name| name.contains(".ropewalk-")),
            "{message}"
        );
        if *was_saved.lock().unwrap() {
            saved += 1;
            let is_there = tree.values().any(|text| text.ends_with("by the user\n"));
            assert!(is_there, "{message}");
        }
    }
    assert!(100 < saved, "{saved}");
}

fn save(fixture: &Fixture, path: &Path, saving: Saving) {
    let text = fs::read_to_string(path).unwrap_or_default();
    let text = format!("{text}by the user\n");
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    match saving {
        Saving::InPlace => fs::write(path, text).unwrap(),
        Saving::ByRenaming => {
            fs::write(fixture.path("../saving"), text).unwrap();
            fs::rename(fixture.path("../saving"), path).unwrap();
        }
    }
}

#[test]
fn several_that_apply_at_once_wait_for_each_other() {
    let fixture = Fixture::new(&[("shared", "1\n2\n3\n4\n5\n6\n7\n8\n9\n")]);
    std::thread::scope(|scope| {
        for number in 0..4 {
            let fixture = &fixture;
            scope.spawn(move || {
                for round in 0..10 {
                    let name = format!("{number}/{round}");
                    let change = fixture.change(&name, None, Some("new\n"));
                    let landed = fixture.apply_on(&super::RealDisk, &Proposal::new(vec![change]));
                    assert_eq!(landed.unwrap().recovered, None);
                }
            });
        }
        scope.spawn(|| {
            for _ in 0..200 {
                assert_eq!(fixture.recover().unwrap(), None);
            }
        });
    });
    assert_eq!(fixture.tree().len(), 1 + 4 + 40);
    assert_eq!(fixture.kept().len(), 40);
}
