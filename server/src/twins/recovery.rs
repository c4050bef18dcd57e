//! What is said when a process was killed while it applied changes, and that was put right.

use agent::landing::{Recovered, RecoveredAs};

/// What happened, and which files the user should look at.
pub(super) fn sentence(recovered: &Recovered) -> String {
    let mut sentence = match recovered.outcome {
        RecoveredAs::Finished => {
            "Changes that were being applied when ropewalk was killed are applied now.".to_owned()
        }
        RecoveredAs::TakenBack => {
            "Changes that were being applied when ropewalk was killed are taken back; they are still in their twin."
                .to_owned()
        }
    };
    let places = [
        (
            "Somebody has changed these since, so they were left as they are",
            &recovered.left,
        ),
        (
            "These hold what somebody wrote at that moment",
            &recovered.kept,
        ),
    ];
    for (words, paths) in places.into_iter().filter(|(_, paths)| !paths.is_empty()) {
        let paths: Vec<String> = paths
            .iter()
            .map(|path| path.display().to_string())
            .collect();
        sentence.push_str(&format!(" {words}: {}.", paths.join(", ")));
    }
    sentence
}
