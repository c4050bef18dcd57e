//! Keeps the checkpoints within bounds: the oldest go first, the one just taken never.

use std::time::Duration;

use jiff::Timestamp;

use super::{CheckpointId, CheckpointLimits, store::Store};

/// Removes what exceeds `limits`. What cannot be removed is left for the next time.
pub(super) fn prune(store: &Store<'_>, limits: &CheckpointLimits, newest: CheckpointId) {
    let manifests = match store.manifests() {
        Ok(manifests) => manifests,
        Err(error) => {
            tracing::warn!(%error, "checkpoints are not looked through");
            return;
        }
    };
    let now = Timestamp::now();
    let (mut count, mut bytes) = (0, 0);
    for manifest in manifests.iter().rev() {
        count += 1;
        bytes += store.bytes_of(manifest.id);
        let age = Duration::try_from(now.duration_since(manifest.time)).unwrap_or_default();
        let is_within = count <= limits.count && bytes <= limits.bytes && age <= limits.age;
        if is_within || manifest.id == newest {
            continue;
        }
        if let Err(error) = store.remove(manifest.id) {
            tracing::warn!(%error, id = %manifest.id, "an old checkpoint is left for later");
        }
    }
}
