//! Tasks land while a user types, saves, closes, keeps and undoes, all by chance: no word that the user has typed is ever
//! lost, the server's text is the editor's, and undoing everything leaves nothing of the agent's.
//!
//! Each seed is a run of its own. `ROPEWALK_FUZZ_SEEDS` is how many there are for each test, `ROPEWALK_FUZZ_FIRST` the first;
//! a run that fails prints its seed and what was done.

mod run;
mod words;

use crate::desk::{Manners, Profile};
use run::Run;

/// The number in an environment variable.
fn number(variable: &str, otherwise: u64) -> u64 {
    let value = std::env::var(variable).ok();
    value.map_or(otherwise, |value| value.parse().unwrap())
}

fn seeds() -> std::ops::Range<u64> {
    let first = number("ROPEWALK_FUZZ_FIRST", 1);
    first..first + number("ROPEWALK_FUZZ_SEEDS", 2)
}

/// In an editor that does what it says, everything of the agent's can be undone.
fn check_honest(profile: Profile) {
    for seed in seeds() {
        let mut run = Run::start(seed, profile, Manners::Good);
        for _ in 0..3 {
            run.act_for_a_while();
            run.quiet_point();
        }
        run.undo_everything();
    }
}

/// In an editor that does not, nothing of the user's is lost all the same.
fn check_badly_behaved(profile: Profile, manners: Manners) {
    for seed in seeds() {
        let mut run = Run::start(seed, profile, manners);
        run.act_for_a_while();
        run.behave();
        run.quiet_point();
        run.act_for_a_while();
        run.quiet_point();
    }
}

#[test]
fn in_neovim_no_word_is_lost() {
    check_honest(Profile::Neovim);
}

#[test]
fn in_helix_no_word_is_lost() {
    check_honest(Profile::Helix);
}

#[test]
fn in_vs_code_no_word_is_lost() {
    check_honest(Profile::VsCode);
}

#[test]
fn with_the_plugin_no_word_is_lost() {
    check_honest(Profile::Rich);
}

#[test]
fn no_word_is_lost_in_an_editor_that_says_applied_and_did_nothing() {
    check_badly_behaved(Profile::Neovim, Manners::Lies);
}

#[test]
fn no_word_is_lost_in_an_editor_that_applies_half() {
    check_badly_behaved(Profile::Helix, Manners::Halves);
}

#[test]
fn no_word_is_lost_in_an_editor_that_answers_late() {
    check_badly_behaved(Profile::Helix, Manners::Holds);
}

#[test]
fn no_word_is_lost_in_an_editor_whose_user_declines() {
    check_badly_behaved(Profile::VsCode, Manners::Declines);
}

#[test]
fn an_editor_that_ignores_versions_is_followed() {
    check_badly_behaved(Profile::VsCode, Manners::IgnoresVersions);
}
