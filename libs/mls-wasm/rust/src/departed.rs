//! Who sat on a leaf in a past epoch, when somebody else (or nobody) sits there now.
//!
//! A message may be up to four epochs old; its sender is then a leaf of the tree of that time.
//! OpenMLS keeps those leaves but does not show their keys, so we remember the few that changed.

use serde::{Deserialize, Serialize};

use crate::config::past_epochs;
use crate::summary::{Leaf, Summary};

/// A leaf as it was up to and including an epoch.
#[derive(Serialize, Deserialize, Clone)]
pub struct Departed {
    last_epoch: u64,
    leaf: Leaf,
}

/// Adds what a commit takes away, and forgets what is older than any readable message.
/// Returns whether anything changed.
pub fn record(departed: &mut Vec<Departed>, before: &[Leaf], summary: &Summary) -> bool {
    let last_epoch = summary.epoch_after.saturating_sub(1);
    let old_len = departed.len();
    departed.retain(|entry| entry.last_epoch.saturating_add(past_epochs()) >= summary.epoch_after);
    let forgotten = departed.len() != old_len;
    let changed = before.iter().filter(|leaf| {
        // Also true where a removal and an addition in one commit put a newcomer on the leaf.
        summary.members_after.iter().find(|after| after.index == leaf.index) != Some(leaf)
    });
    let kept = departed.len();
    departed.extend(changed.map(|leaf| Departed { last_epoch, leaf: leaf.clone() }));
    forgotten || departed.len() != kept
}

/// The leaf that sat at `index` in `epoch`, if it is not the one that sits there now.
pub fn find(departed: &[Departed], index: u32, epoch: u64) -> Option<&Leaf> {
    departed
        .iter()
        .filter(|entry| entry.leaf.index == index && entry.last_epoch >= epoch)
        .min_by_key(|entry| entry.last_epoch)
        .map(|entry| &entry.leaf)
}
