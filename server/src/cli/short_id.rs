//! Ids of twins and checkpoints as people see them: as much as tells one from the others, and as every command takes it.

use std::fmt::Display;

/// The beginning of `id`: the time in it, and what tells ids of one moment apart.
pub(super) fn short_id(id: &impl Display) -> String {
    const LENGTH: usize = 18;
    id.to_string().chars().take(LENGTH).collect()
}
