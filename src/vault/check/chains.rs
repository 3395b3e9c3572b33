//! The log, from entry 0 of every writer to its head. docs/format.md sections 3 and 6.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};

use super::super::error::{Damage, VaultError};
use super::super::log::{LOOK_AHEAD, ReadEntry, entry_item, read_operation, recorded_by};
use super::super::objects::{name_of, open_at, stands_whole};
use super::super::spread::spread;
use super::{Check, CheckStage};
use crate::crypto::ObjectType;
use crate::format::{Head, OperationBody, RunRef};
use crate::record::{Digest, RevisionId, Writer};
use crate::store::{ObjectName, Store, StoreError};

/// Which revisions each operation of an entry recorded, as far as entries could be read.
pub(super) type Recorded = HashMap<(Writer, u64), Vec<Vec<RevisionId>>>;

/// The runs that entries name.
#[derive(Default)]
pub(super) struct OlderRuns {
    /// All of them, live ones too.
    pub(super) named: HashSet<RunRef>,
    /// Those that were given up.
    pub(super) given_up: HashSet<Digest>,
}

/// What is kept of an entry once it was checked by itself.
struct Walked {
    head: Head,
    previous: Option<Digest>,
    heads: Vec<Head>,
    runs: Vec<RunRef>,
    operations: Result<Operations, VaultError>,
    held: Option<ObjectName>,
}

/// What the operations of an entry say.
#[derive(Default)]
struct Operations {
    recorded: Vec<Vec<RevisionId>>,
    /// Runs that were given up, by the digest that entries name them with.
    given_up_runs: Vec<Digest>,
    /// Heads whose loss was accepted.
    given_up: Vec<Head>,
}

impl Check<'_> {
    /// Checks every entry and every link between entries. Gives what they record and the runs they name.
    pub(super) fn chains(&mut self) -> Result<(Recorded, OlderRuns), VaultError> {
        let mut places = Vec::new();
        for head in &self.vault.heads {
            let writer = head.core.writer;
            self.report.sound.writers += 1;
            places.extend((0..=self.end_of(&writer, head.core.n)?).map(|n| (writer, n)));
        }
        let (done, total) = (AtomicU64::new(0), places.len() as u64);
        let walked = spread(&places, |(writer, n)| {
            self.tell(CheckStage::Log, done.fetch_add(1, Ordering::Relaxed), total)?;
            Ok(walk(self.vault.store(), &self.vault.log().read(writer, *n)?))
        });
        let (mut entries, mut unread) = (Vec::new(), HashSet::new());
        for ((writer, n), walked) in places.iter().zip(walked) {
            self.known.insert(ObjectName::new(self.vault.chain.name(writer, *n)));
            match self.judge(walked)? {
                Some(entry) => entries.push(entry),
                None => {
                    unread.insert((*writer, *n));
                }
            }
        }
        self.report.sound.entries = entries.len() as u64;
        self.torn()?;
        for ((writer, n), damage) in self.wrong_links(&entries) {
            if !unread.contains(&(writer, n)) {
                self.judge(Err::<(), _>(VaultError::damaged(entry_item(&writer, n), damage)))?;
            }
        }
        self.recorded(entries)
    }

    /// Names the entries that count as not written, and those whose size shows that they were cut short.
    fn torn(&mut self) -> Result<(), VaultError> {
        for torn in &self.vault.torn {
            // The others are among those walked.
            if self.known.insert(torn.name) {
                let key = self.vault.chain.recognise(torn.name.as_bytes());
                let opened = key.map(|key| {
                    open_at(self.vault.store(), torn.name, &key, ObjectType::Entry, &torn.item).map(drop)
                });
                let damage = || Err(VaultError::damaged(torn.item.clone(), Damage::Other));
                self.judge(opened.filter(Result::is_err).unwrap_or_else(damage))?;
            }
            if !stands_whole(self.vault.store(), torn.name)? {
                self.report.torn.push(torn.name.path());
            }
        }
        Ok(())
    }

    /// The last entry that stands, looking beyond gaps as far as a reader must.
    fn end_of(&self, writer: &Writer, head: u64) -> Result<u64, VaultError> {
        let (mut end, mut next) = (head, head.saturating_add(1));
        while next <= end.saturating_add(LOOK_AHEAD) {
            if self.vault.log().stands(writer, next)? {
                end = next;
            }
            next = next.saturating_add(1);
        }
        Ok(end)
    }

    /// The entries that do not follow the one before them, or that others name and that are not there.
    fn wrong_links(&self, entries: &[Walked]) -> BTreeMap<(Writer, u64), Damage> {
        let hashes: HashMap<(Writer, u64), Digest> =
            entries.iter().map(|entry| ((entry.head.writer, entry.head.n), entry.head.hash)).collect();
        let given_up: Vec<Head> = entries
            .iter()
            .flat_map(|entry| entry.operations.iter())
            .flat_map(|operations| operations.given_up.clone())
            .collect();
        let is_given_up =
            |head: &Head| given_up.iter().any(|lost| lost.writer == head.writer && lost.n >= head.n);
        let mut wrong = BTreeMap::new();
        for entry in entries {
            let Head { writer, n, .. } = entry.head;
            let before = n.checked_sub(1).and_then(|before| hashes.get(&(writer, before)));
            if before.is_some() && before != entry.previous.as_ref() {
                wrong.insert((writer, n), Damage::Other);
            }
            for seen in &entry.heads {
                let place = (seen.writer, seen.n);
                match hashes.get(&place) {
                    Some(hash) if *hash == seen.hash => {}
                    Some(_) => {
                        wrong.insert(place, Damage::Other);
                    }
                    None if is_given_up(seen) || self.came_meanwhile(seen) => {}
                    None => {
                        let name = ObjectName::new(self.vault.chain.name(&seen.writer, seen.n));
                        wrong.insert(place, StoreError::NotFound { place: name.into() }.into());
                    }
                }
            }
        }
        wrong
    }

    /// Whether an entry that was not there when the vault was opened is there now, as others name it.
    fn came_meanwhile(&self, head: &Head) -> bool {
        let log = self.vault.log();
        log.read(&head.writer, 0).is_ok()
            && log.read(&head.writer, head.n).is_ok_and(|entry| entry.hash == head.hash)
    }

    fn recorded(&mut self, entries: Vec<Walked>) -> Result<(Recorded, OlderRuns), VaultError> {
        let (mut recorded, mut runs) = (Recorded::new(), OlderRuns::default());
        for entry in entries {
            let place = (entry.head.writer, entry.head.n);
            self.known.extend(entry.held);
            runs.named.extend(entry.runs);
            if let Some(operations) = self.judge(entry.operations)? {
                runs.given_up.extend(operations.given_up_runs);
                self.report.sound.operations += u64::from(entry.held.is_some());
                recorded.insert(place, operations.recorded);
            }
        }
        Ok((recorded, runs))
    }
}

fn walk(store: &dyn Store, entry: &ReadEntry) -> Walked {
    let ReadEntry { core, private, .. } = entry;
    Walked {
        head: entry.head(),
        previous: core.previous,
        heads: private.heads.clone(),
        runs: private.runs.clone(),
        operations: read_operations(store, entry),
        held: private.object.as_ref().map(|object| name_of(&object.key)),
    }
}

fn read_operations(store: &dyn Store, entry: &ReadEntry) -> Result<Operations, VaultError> {
    let mut all = Operations::default();
    for bytes in entry.operations(store)? {
        let item = || entry_item(&entry.core.writer, entry.core.n);
        let body = read_operation(&bytes)?.body().map_err(|error| VaultError::damaged(item(), error))?;
        all.recorded.push(recorded_by(&body));
        match body {
            OperationBody::RollbackAccepted { heads } => all.given_up.extend(heads),
            OperationBody::IndexMended { runs } => all.given_up_runs.extend(runs),
            _ => {}
        }
    }
    Ok(all)
}
