//! Commits: everything is put and made durable, then the entry appears. docs/format.md section 6, "Commit order".

use serde_bytes::{ByteArray, ByteBuf};

use super::desk::Recall;
use super::error::VaultError;
use super::log::heads_root;
use super::mailbox::Outgoing;
use super::objects::put_structure;
use super::run::{OpenRun, join, put_run};
use super::session::{Finding, Vault};
use super::state::{State, row_of};
use crate::crypto::{
    LeafKind, LeafSalts, ObjectType, SignatureLabel, random, random_key, seal_object, sha256,
};
use crate::format::{
    CardFact, Contact, Entry, EntryCore, EntryPlace, EntryPrivate, Fact, Head, Mark, Memory, ObjectRef,
    Operation, OperationBody, Operations, Row, RunRef, encode, encode_value,
};
use crate::record::{CardHash, CaseId, Digest, Time, Writer};
use crate::store::{ObjectName, StoreError};

/// Operations up to this many bytes stand in the entry itself.
const INLINE_BYTES: usize = 8 << 10;
/// How often a commit starts anew when its place is taken by a clone.
const TRIES: usize = 3;

/// What one commit is about to record. Built on a state that no other process of this identity changes meanwhile.
pub struct Draft<'a> {
    pub(super) vault: &'a Vault,
    pub(super) writer: Writer,
    pub(super) n: u64,
    pub(super) time: Time,
    rows: Vec<Row>,
    operations: Vec<Operation>,
    outgoing: Vec<Outgoing>,
    given_up: Vec<RunRef>,
}

impl<'a> Draft<'a> {
    /// Records a fact.
    pub(super) fn fact<F: Fact>(&mut self, case: CaseId, fact: &F) {
        self.rows.push(row_of(case, fact));
    }

    /// Records somebody's card under the start of its hash.
    pub(super) fn card_fact(&mut self, card: &CardHash, fact: &CardFact) {
        let mut row = row_of(CaseId::VAULT, fact);
        row.key.id = CardFact::id_of(card);
        self.rows.push(row);
    }

    /// Records an operation and gives its place.
    pub(super) fn operation(&mut self, case: Option<CaseId>, body: &OperationBody) -> EntryPlace {
        self.operations.push(Operation::new(case, body));
        EntryPlace { writer: self.writer, n: self.n, operation: self.operations.len() as u64 - 1 }
    }

    /// Sends a message after the entry appeared.
    pub(super) fn send(&mut self, message: Outgoing) {
        self.outgoing.push(message);
    }

    /// Records rows as they stood in other runs, and gives up runs that cannot be read.
    pub(super) fn mend(&mut self, rows: Vec<Row>, given_up: &[RunRef]) {
        self.rows.extend(rows);
        self.given_up.extend_from_slice(given_up);
    }

    /// The vault as it was before this commit.
    pub(super) fn vault(&self) -> &'a Vault {
        self.vault
    }
}

/// On what a commit stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Footing {
    /// On everything that was seen before; a vault that went back is refused.
    Whole,
    /// On a vault that went back: a new writer begins, and what is remembered as lost is forgotten.
    WentBack,
    /// On a state of which parts cannot be read, to give those up.
    Holed,
}

/// Where our writer stands.
struct Seat {
    writer: Writer,
    n: u64,
    previous: Option<Digest>,
}

impl Vault {
    /// Runs `work` on the newest state and commits what it drafts: on `Ok` it is durable, on `Err` nothing happened,
    /// but for [`VaultError::Recorded`]: the entry stands, and something after it could not be done.
    /// `work` may run again when its place was taken; whatever it puts then lies unused.
    pub fn commit<T>(
        &mut self,
        time: Time,
        work: impl FnMut(&mut Draft<'_>) -> Result<T, VaultError>,
    ) -> Result<T, VaultError> {
        self.commit_on(Footing::Whole, time, work)
    }

    pub(super) fn commit_on<T>(
        &mut self,
        footing: Footing,
        time: Time,
        mut work: impl FnMut(&mut Draft<'_>) -> Result<T, VaultError>,
    ) -> Result<T, VaultError> {
        let _lock = self.desktop.desk.lock(&self.desktop.identity, &self.id)?;
        for _ in 0..TRIES {
            self.refresh()?;
            let (mut memory, seat) = self.take_seat(footing)?;
            let mut draft = Draft {
                vault: self,
                writer: seat.writer,
                n: seat.n,
                time,
                rows: Vec::new(),
                operations: Vec::new(),
                outgoing: Vec::new(),
                given_up: Vec::new(),
            };
            let result = work(&mut draft)?;
            let Draft { rows, operations, outgoing, given_up, .. } = draft;
            if rows.is_empty() && operations.is_empty() {
                return Ok(result);
            }
            self.runs.retain(|run| !given_up.contains(run));
            match self.put_commit(&mut memory, &seat, time, (rows, operations)) {
                Err(VaultError::Clone) => self.note(Finding::Clone),
                Err(error) => return Err(error),
                Ok(()) => {
                    self.refresh().and_then(|()| self.send_all(&outgoing)).map_err(recorded)?;
                    return Ok(result);
                }
            }
        }
        Err(VaultError::Clone)
    }

    /// Decides whether our writer goes on or a new one begins. docs/format.md section 9, "Memory".
    fn take_seat(&mut self, footing: Footing) -> Result<(Memory, Seat), VaultError> {
        let recall = self.desktop.desk.recall(&self.desktop.identity, &self.id)?;
        let (mut memory, own) = match recall {
            Recall::Own(memory) => (memory, true),
            Recall::Copied(memory) => (memory, false),
            Recall::Nothing => (Memory::blank(self.id), false),
        };
        if footing == Footing::Whole {
            self.refuse_holes()?;
        }
        let cloned = self.compare(&memory)? | self.settle_pending(&mut memory)?;
        if footing == Footing::WentBack {
            self.join_runs(&memory.runs)?;
        } else if self.is_rolled_back() {
            return Err(VaultError::RolledBack);
        } else if cloned {
            self.note(Finding::Clone);
            self.join_runs(&memory.runs)?;
        } else if own && let (Some(writer), Some(marked)) = (memory.writer, memory.marked) {
            let head = self.heads.iter().find(|entry| entry.core.writer == writer).map(|entry| entry.head());
            let ours = Head { writer, n: marked.n, hash: marked.hash };
            if head == Some(ours) && !self.is_contested(&ours) {
                return Ok((memory, Seat { writer, n: marked.n + 1, previous: Some(marked.hash) }));
            }
            self.note(Finding::Clone);
            self.join_runs(&memory.runs)?;
        }
        memory.writer = Some(Writer::new(random()));
        (memory.marked, memory.pending) = (None, None);
        let seat = Seat { writer: memory.writer.expect("just set"), n: 0, previous: None };
        Ok((memory, seat))
    }

    /// A pending entry that stands is marked, and durable with the next barrier: whoever put it may have ended before
    /// its own. One that does not stand may stand in another copy, and ends the writer.
    /// Gives whether a clone's stands in its place.
    fn settle_pending(&self, memory: &mut Memory) -> Result<bool, VaultError> {
        let (Some(writer), Some(pending)) = (memory.writer, memory.pending.take()) else {
            return Ok(false);
        };
        let found = match self.log().read(&writer, pending.n) {
            Ok(entry) => Some(entry),
            Err(VaultError::Damaged(..)) => None,
            Err(error) => return Err(error),
        };
        match found {
            Some(entry) if entry.hash == pending.hash => {
                self.store.adopt(ObjectName::new(self.chain.name(&writer, pending.n)));
                (memory.marked, memory.runs) = (Some(pending), entry.private.runs);
                Ok(false)
            }
            other => {
                (memory.writer, memory.marked) = (None, None);
                Ok(other.is_some())
            }
        }
    }

    /// Whether an entry has seen another one under the name of `head`.
    fn is_contested(&self, head: &Head) -> bool {
        let seen = self.heads.iter().flat_map(|entry| &entry.private.heads);
        seen.into_iter().any(|seen| (seen.writer, seen.n) == (head.writer, head.n) && seen.hash != head.hash)
    }

    /// Nothing is written over a run that is missing: its rows would be lost to whoever reads the new entry.
    fn refuse_holes(&self) -> Result<(), VaultError> {
        for run in self.state.unread() {
            OpenRun::open(self.store.as_ref(), run)?;
        }
        // It came back just now: what was drafted on the state before must be planned anew.
        if self.state.unread().is_empty() { Ok(()) } else { Err(VaultError::Changed) }
    }

    /// Takes in the runs of these that are there and whole.
    fn join_runs(&mut self, runs: &[RunRef]) -> Result<(), VaultError> {
        for run in runs {
            match OpenRun::open(self.store.as_ref(), run) {
                Ok(_) => self.runs.push(run.clone()),
                Err(VaultError::Damaged(..)) => {}
                Err(error) => return Err(error),
            }
        }
        self.runs.sort();
        self.runs.dedup();
        self.state = State::open(self.store.as_ref(), &self.runs)?;
        Ok(())
    }

    fn put_commit(
        &self,
        memory: &mut Memory,
        seat: &Seat,
        time: Time,
        (mut rows, operations): (Vec<Row>, Vec<Operation>),
    ) -> Result<(), VaultError> {
        rows.extend(self.contact_rows()?);
        let runs = self.merge_runs(rows)?;
        let entry = self.build_entry(seat, time, &operations, runs)?;
        self.store.barrier()?;
        let mark = Mark { n: seat.n, hash: sha256(&entry.core) };
        memory.pending = Some(mark);
        self.desktop.desk.remember(&self.desktop.identity, memory)?;
        let name = ObjectName::new(self.chain.name(&seat.writer, seat.n));
        let key = self.chain.key(&seat.writer, seat.n);
        match self.store.put_synced(name, &seal_object(&key, ObjectType::Entry, &encode(&entry))) {
            Ok(()) => {}
            Err(StoreError::AlreadyExists { .. }) => {
                (memory.writer, memory.marked, memory.pending) = (None, None, None);
                self.desktop.desk.remember(&self.desktop.identity, memory)?;
                return Err(VaultError::Clone);
            }
            Err(error) => return Err(error.into()),
        }
        self.store.barrier().map_err(|error| recorded(error.into()))?;
        self.mark(memory, seat, mark, &entry).map_err(recorded)
    }

    fn mark(&self, memory: &mut Memory, seat: &Seat, mark: Mark, entry: &Entry) -> Result<(), VaultError> {
        let private: EntryPrivate = crate::format::decode(&entry.private).expect("we have just encoded it");
        (memory.marked, memory.pending, memory.runs) = (Some(mark), None, private.runs);
        memory.heads = private.heads;
        memory.heads.push(Head { writer: seat.writer, n: seat.n, hash: mark.hash });
        memory.heads.sort();
        self.desktop.desk.remember(&self.desktop.identity, memory)
    }

    /// Puts one run of new rows, with the next older run merged into it while that has fewer than twice its rows.
    fn merge_runs(&self, rows: Vec<Row>) -> Result<Vec<RunRef>, VaultError> {
        let mut live = self.runs.clone();
        if rows.is_empty() {
            return Ok(live);
        }
        // What cannot be read is named on, for whoever has it: only giving it up ends that.
        let unread = self.state.unread();
        let kept = live.extract_if(.., |run| unread.contains(run)).collect::<Vec<_>>();
        live.sort_by_key(|run| std::cmp::Reverse(run.rows));
        let mut rows = join(rows);
        while let Some(next) = live.pop_if(|run| run.rows < 2 * rows.len() as u64) {
            let run = OpenRun::open(self.store.as_ref(), &next)?;
            for block in 0..run.blocks() {
                rows.extend(run.block(block)?);
            }
            rows = join(rows);
        }
        live.push(put_run(self.store.as_ref(), &rows)?);
        live.extend(kept);
        Ok(live)
    }

    fn build_entry(
        &self,
        seat: &Seat,
        time: Time,
        operations: &[Operation],
        runs: Vec<RunRef>,
    ) -> Result<Entry, VaultError> {
        let encoded: Vec<ByteBuf> = operations.iter().map(|op| ByteBuf::from(encode_value(op))).collect();
        let salt = random_key();
        let salts = LeafSalts::new(&salt);
        let root = salts.root(LeafKind::Operation, encoded.iter().map(|bytes| bytes.as_slice()));
        let count = encoded.len() as u64;
        let (inline, object) = match encoded.iter().map(|bytes| bytes.len()).sum::<usize>() > INLINE_BYTES {
            false => (encoded, None),
            true => {
                let held = Operations { operations: encoded };
                let (key, digest) = put_structure(self.store.as_ref(), ObjectType::Operations, &held)?;
                (Vec::new(), Some(ObjectRef { key, digest, count }))
            }
        };
        let mut heads: Vec<Head> =
            self.heads.iter().map(|entry| entry.head()).filter(|head| head.writer != seat.writer).collect();
        heads.sort();
        let private = EntryPrivate { salt, heads, inline, object, runs };
        let core = EntryCore {
            vault: self.id,
            owner: self.owner().hash(),
            writer: seat.writer,
            n: seat.n,
            previous: seat.previous,
            heads: heads_root(&private),
            time,
            operations: root,
            private: sha256(&encode(&private)),
        };
        let core = encode(&core);
        let sig: ByteArray<64> = self.desktop.identity.sign(SignatureLabel::Entry, &core);
        Ok(Entry { core: ByteBuf::from(core), sig, private: ByteBuf::from(encode(&private)) })
    }

    /// The records of the address book that the vault does not keep yet.
    fn contact_rows(&self) -> Result<Vec<Row>, VaultError> {
        let kept = self.state.of_vault::<Contact>()?;
        let added =
            self.contacts.records().iter().filter(|record| kept.iter().all(|known| known.id != record.id));
        Ok(added.map(|contact| row_of(CaseId::VAULT, contact)).collect())
    }
}

/// An error after the entry appeared.
fn recorded(error: VaultError) -> VaultError {
    VaultError::Recorded(Box::new(error))
}
