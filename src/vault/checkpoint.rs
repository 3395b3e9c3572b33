//! Checkpoints: states that people recognise by words kept outside. docs/format.md section 6, "Checkpoints".

use std::collections::HashMap;

use super::error::{Item, VaultError};
use super::log::{ReadEntry, entry_item, read_operation};
use super::session::Vault;
use crate::crypto::{CHECKPOINT_WORDS, checkpoint_words};
use crate::format::{Head, OperationBody, encode_value};
use crate::record::{Digest, Time, Writer};

/// A state that was made recognisable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The words that stand for it.
    pub words: [&'static str; CHECKPOINT_WORDS],
    /// When it was made.
    pub time: Time,
    /// By which device.
    pub writer: Writer,
    /// The number of its entry.
    pub n: u64,
    /// The heads it covers, its own entry among them.
    heads: Vec<Head>,
}

/// A checkpoint found in a vault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundCheckpoint {
    /// The checkpoint.
    pub checkpoint: Checkpoint,
    /// How many commits came after it.
    pub after: u64,
    /// Entries it covers that are damaged or missing; none of them in a vault that contains it.
    pub missing: Vec<Item>,
}

impl Checkpoint {
    fn of(entry: &ReadEntry) -> Self {
        let mut heads = entry.private.heads.clone();
        heads.push(entry.head());
        heads.sort();
        Self {
            words: checkpoint_words(&entry.core.vault, &encode_value(&heads)),
            time: entry.core.time,
            writer: entry.core.writer,
            n: entry.core.n,
            heads,
        }
    }

    /// How many devices wrote what it covers.
    pub fn writers(&self) -> usize {
        self.heads.len()
    }

    /// How many commits it covers, its own among them.
    pub fn entries(&self) -> u64 {
        self.heads.iter().map(|head| head.n.saturating_add(1)).fold(0, u64::saturating_add)
    }
}

/// Every entry that can be read, and its link to the one before.
type Entries = HashMap<(Writer, u64), (Digest, Option<Digest>)>;

impl Vault {
    /// Records the state the vault is in, and gives the words that stand for it. **Durable** on return.
    pub fn checkpoint(&mut self, time: Time) -> Result<Checkpoint, VaultError> {
        let place = self.commit(time, |draft| Ok(draft.operation(None, &OperationBody::Checkpoint {})))?;
        Ok(Checkpoint::of(&self.log().read(&place.writer, place.n)?))
    }

    /// Looks for the checkpoint that these words stand for; none where no entry made it.
    pub fn find_checkpoint(&self, words: &[String]) -> Result<Option<FoundCheckpoint>, VaultError> {
        let (entries, found) = self.read_checkpoints()?;
        let wanted = found.into_iter().find(|checkpoint| checkpoint.words[..] == *words);
        Ok(wanted.map(|checkpoint| {
            let all = self.heads.iter().map(|head| head.core.n.saturating_add(1));
            let after = all.fold(0, u64::saturating_add).saturating_sub(checkpoint.entries());
            let missing = checkpoint.heads.iter().flat_map(|head| broken_links(&entries, head)).collect();
            FoundCheckpoint { checkpoint, after, missing }
        }))
    }

    /// Reads the whole log, as far as it can be read.
    fn read_checkpoints(&self) -> Result<(Entries, Vec<Checkpoint>), VaultError> {
        let (read, _) = self.each_entry(|entry| {
            let made = self.makes_checkpoint(entry)?.then(|| Checkpoint::of(entry));
            Ok((entry.hash, entry.core.previous, made))
        })?;
        let (mut entries, mut checkpoints) = (Entries::new(), Vec::new());
        for (place, (hash, previous, made)) in read {
            entries.insert(place, (hash, previous));
            checkpoints.extend(made);
        }
        Ok((entries, checkpoints))
    }

    fn makes_checkpoint(&self, entry: &ReadEntry) -> Result<bool, VaultError> {
        for operation in entry.operations(self.store())? {
            if matches!(read_operation(&operation)?.body(), Ok(OperationBody::Checkpoint {})) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// The entries up to a head that are not there, or not those that the ones after them name.
fn broken_links(entries: &Entries, head: &Head) -> Vec<Item> {
    let mut broken = Vec::new();
    let mut expected = Some(head.hash);
    for n in (0..=head.n).rev() {
        match entries.get(&(head.writer, n)) {
            Some((hash, previous)) if expected.is_none_or(|expected| expected == *hash) => {
                expected = *previous;
            }
            found => {
                broken.push(entry_item(&head.writer, n));
                expected = found.and_then(|(_, previous)| *previous);
            }
        }
    }
    broken
}
