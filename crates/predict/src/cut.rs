//! Decides how much of a proposal to show: as far as showing it is expected to save the most
//! typing.

use crate::query::decode::Step;

/// A beginning of a proposed line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Cut {
    /// The number of its last step.
    pub(crate) step: usize,
    pub(crate) characters: usize,
    pub(crate) confidence: f32,
}

/// The step after which confidence times characters saved is greatest, among those at least as
/// likely as the threshold. Accepting costs a key, so one character is taken off.
pub(crate) fn best_cut(steps: &[Step], threshold: f32) -> Option<Cut> {
    let likely = steps
        .iter()
        .take_while(|step| step.confidence >= threshold)
        .enumerate();
    let value = |step: &Step| step.confidence * (step.characters as f32 - 1.0);
    // The first of equals: what comes after it would add nothing.
    let best = likely.reduce(|best, next| {
        if value(next.1) > value(best.1) {
            next
        } else {
            best
        }
    });
    best.map(
        |(
            step,
            &Step {
                characters,
                confidence,
                ..
            },
        )| Cut {
            step,
            characters,
            confidence,
        },
    )
}

#[cfg(test)]
mod tests {
    //! Cuts of hand-made proposals.

    use super::{Cut, best_cut};
    use crate::query::decode::Step;

    fn steps(values: &[(usize, f32)]) -> Vec<Step> {
        let step = |&(characters, confidence)| Step {
            end: characters,
            characters,
            confidence,
        };
        values.iter().map(step).collect()
    }

    #[test]
    fn goes_as_far_as_it_pays() {
        let steps = steps(&[(3, 0.9), (4, 0.8), (20, 0.5), (21, 0.1)]);
        assert_eq!(
            best_cut(&steps, 0.2),
            Some(Cut {
                step: 2,
                characters: 20,
                confidence: 0.5
            })
        );
        assert_eq!(
            best_cut(&steps, 0.6),
            Some(Cut {
                step: 1,
                characters: 4,
                confidence: 0.8
            })
        );
        assert_eq!(best_cut(&steps, 0.95), None);
        assert_eq!(best_cut(&[], 0.0), None);
    }

    #[test]
    fn does_not_claim_the_end_of_a_line_for_nothing() {
        let steps = steps(&[(5, 0.9), (5, 0.4)]);
        assert_eq!(
            best_cut(&steps, 0.2),
            Some(Cut {
                step: 0,
                characters: 5,
                confidence: 0.9
            })
        );
    }
}
