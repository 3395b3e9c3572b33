//! Many cases in one commit. Revisions are sealed and put on all cores while the next cases are still being read.

use std::collections::HashSet;
use std::ops::ControlFlow;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use serde_bytes::ByteBuf;

use super::commit::Draft;
use super::error::VaultError;
use super::objects::name_of;
use super::parts::NewExhibit;
use super::revision::{OpenRevision, PartDraft, RevisionPlace, put_revision, sign_revision};
use super::session::Vault;
use crate::crypto::{Signer, leaving_no_stack, random};
use crate::format::{Beside, CodeFact, Exhibit, ObjectKey, People, write_form};
use crate::record::form::Form;
use crate::record::{Branch, CaseCode, Lang, PartName, Position, Time, Title, Vector};

/// Cases handed to a thread at once, so that threads seldom wait for each other.
const BATCH_CASES: usize = 16;
/// Batches that wait for a thread to seal them.
const WAITING_BATCHES: usize = 8;
const MAX_THREADS: usize = 8;

/// What a part of a case to be recorded begins with.
#[derive(Clone, Debug)]
pub struct IngestPart {
    /// The part; each once in a case.
    pub part: PartName,
    /// The text in its normal form.
    pub text: Option<String>,
    /// Its language.
    pub lang: Option<Lang>,
    /// The form.
    pub form: Option<Form>,
}

/// A case to be recorded, with the first revisions of its parts.
#[derive(Clone, Debug, Default)]
pub struct IngestCase {
    /// The owner's title.
    pub title: Option<Title>,
    /// The texts.
    pub parts: Vec<IngestPart>,
    /// Files for the part `exhibits`, put already.
    pub exhibits: Vec<NewExhibit>,
}

/// What is drawn and put for one case, and not recorded yet.
struct Prepared {
    number: usize,
    code: CodeFact,
    title: Option<Title>,
    revisions: Vec<(OpenRevision, ObjectKey, Option<People>)>,
}

/// A case on its way to a sealing thread.
struct Waiting {
    number: usize,
    code: CodeFact,
    case: IngestCase,
}

impl Vault {
    /// Records all `cases` in one commit and gives their codes, in order. `progress` is told how many cases were taken
    /// and may say stop. **Durable** on return; on any error no case is recorded, and what was put is deleted again
    /// as far as the store allows (exhibits, which the caller put, are not).
    pub fn ingest(
        &mut self,
        cases: impl IntoIterator<Item = Result<IngestCase, VaultError>>,
        time: Time,
        progress: &mut dyn FnMut(u64) -> ControlFlow<()>,
    ) -> Result<Vec<CaseCode>, VaultError> {
        if self.is_rolled_back() {
            return Err(VaultError::RolledBack);
        }
        let prepared = self.prepare(cases, time, progress)?;
        if prepared.is_empty() {
            return Err(VaultError::Nothing("there is no case to record"));
        }
        let store = self.shared_store();
        std::thread::scope(|scope| {
            // Tens of thousands of objects go to the disk while the commit is composed on another core. Should this
            // fail, so does the commit's own barrier: a store whose sync failed takes nothing more.
            scope.spawn(move || store.barrier());
            self.commit(time, |draft| {
                prepared.iter().for_each(|case| draft.record_new_case(case));
                Ok(())
            })
        })?;
        Ok(prepared.iter().map(|case| CaseCode::of(&case.code.digest)).collect())
    }

    /// Draws every case and puts its revisions; on an error takes away again what was put.
    fn prepare(
        &self,
        cases: impl IntoIterator<Item = Result<IngestCase, VaultError>>,
        time: Time,
        progress: &mut dyn FnMut(u64) -> ControlFlow<()>,
    ) -> Result<Vec<Prepared>, VaultError> {
        let (sender, receiver) = sync_channel::<Vec<Waiting>>(WAITING_BATCHES);
        let (receiver, stop) = (Mutex::new(receiver), AtomicBool::new(false));
        let threads = std::thread::available_parallelism().map_or(1, usize::from).min(MAX_THREADS);
        let mut prepared = Vec::new();
        let result = std::thread::scope(|scope| {
            let seal = || leaving_no_stack(|| self.seal_waiting(&receiver, &stop, time));
            let workers: Vec<_> = (0..threads).map(|_| scope.spawn(seal)).collect();
            let mut result = self.draw_all(cases, sender, &stop, progress);
            for worker in workers {
                let (done, sealed) = *worker.join().expect("sealing a case does not panic");
                prepared.extend(done);
                result = result.and(sealed);
            }
            result
        });
        if let Err(error) = result {
            for (_, key, _) in prepared.iter().flat_map(|case| &case.revisions) {
                // What cannot be deleted stays as an unknown object.
                self.store.delete(name_of(key)).unwrap_or(());
            }
            return Err(error);
        }
        prepared.sort_unstable_by_key(|case| case.number);
        Ok(prepared)
    }

    /// Draws a code for every case and hands it to the sealing threads.
    fn draw_all(
        &self,
        cases: impl IntoIterator<Item = Result<IngestCase, VaultError>>,
        sender: SyncSender<Vec<Waiting>>,
        stop: &AtomicBool,
        progress: &mut dyn FnMut(u64) -> ControlFlow<()>,
    ) -> Result<(), VaultError> {
        let mut taken: HashSet<CaseCode> = self.codes()?;
        let mut batch = Vec::with_capacity(BATCH_CASES);
        for (number, case) in cases.into_iter().enumerate() {
            let code = self.draw_case(&|code| Ok(taken.contains(code)))?;
            taken.insert(CaseCode::of(&code.digest));
            batch.push(Waiting { number, code, case: case? });
            // A thread that failed says why when it is joined.
            if stop.load(Ordering::Relaxed) {
                return Ok(());
            }
            if batch.len() == BATCH_CASES && sender.send(std::mem::take(&mut batch)).is_err() {
                return Ok(());
            }
            if progress(number as u64 + 1).is_break() {
                return Err(VaultError::Cancelled);
            }
        }
        // The receiver lives longer than this sender.
        sender.send(batch).map_err(|_| VaultError::Cancelled)
    }

    /// Seals cases until none comes any more. After an error it only empties the queue, so that nobody waits.
    fn seal_waiting(
        &self,
        waiting: &Mutex<Receiver<Vec<Waiting>>>,
        stop: &AtomicBool,
        time: Time,
    ) -> (Vec<Prepared>, Result<(), VaultError>) {
        let (mut done, mut result) = (Vec::new(), Ok(()));
        let signer = self.identity().signer();
        loop {
            let next = waiting.lock().expect("no thread panics while it waits").recv();
            let Ok(batch) = next else { return (done, result) };
            for Waiting { number, code, case } in batch {
                if result.is_err() || stop.load(Ordering::Relaxed) {
                    continue;
                }
                let title = case.title.clone();
                let mut prepared = Prepared { number, code, title, revisions: Vec::new() };
                result = self.seal_case(case, (&signer, time), &mut prepared);
                stop.fetch_or(result.is_err(), Ordering::Relaxed);
                done.push(prepared);
            }
        }
    }

    fn seal_case(
        &self,
        case: IngestCase,
        (signer, time): (&Signer, Time),
        prepared: &mut Prepared,
    ) -> Result<(), VaultError> {
        for (part, draft, form) in drafts(case) {
            let author = self.owner().hash();
            let position = Position { author, branch: Branch::new(random()), index: 0 };
            let vector = Vector::joining(&[] as &[crate::format::RevisionFact], author, position);
            let place = RevisionPlace { case: prepared.code.case, part, position, vector, time };
            let mut signed = sign_revision(signer, place, draft);
            let key = put_revision(self.store(), &signed.revision)?;
            let beside = Beside::of(&signed.revision);
            let people = form.and_then(|form| People::of(&form, beside, time));
            // Only the core is needed any more; ten thousand texts need not stay in memory.
            (signed.revision.text, signed.revision.form) = (None, None);
            signed.revision.core = ByteBuf::new();
            signed.revision.exhibits = Vec::new();
            prepared.revisions.push((signed, key, people));
        }
        Ok(())
    }
}

impl Draft<'_> {
    fn record_new_case(&mut self, case: &Prepared) {
        self.open_case(&case.code, case.title.as_ref());
        for (signed, key, people) in &case.revisions {
            self.record_revision(signed, key.clone(), Vec::new(), people.clone());
        }
    }
}

/// The first revision of every part of a case.
fn drafts(case: IngestCase) -> Vec<(PartName, PartDraft, Option<Form>)> {
    let mut drafts: Vec<(PartName, PartDraft, Option<Form>)> = case
        .parts
        .into_iter()
        .map(|IngestPart { part, text, lang, form }| {
            let written = form.as_ref().map(write_form);
            (part, PartDraft { lang, text, form: written, ..PartDraft::default() }, form)
        })
        .collect();
    let mut exhibits: Vec<Exhibit> = Vec::new();
    for NewExhibit { name, stored } in case.exhibits {
        if exhibits.iter().all(|there| there.sha256 != stored.sha256) {
            let number = exhibits.len() as u64 + 1;
            let super::exhibits::StoredExhibit { bytes, sha256, segments } = stored;
            exhibits.push(Exhibit { number, name, bytes, sha256, segments });
        }
    }
    if !exhibits.is_empty() {
        let part = PartName::exhibits();
        match drafts.iter_mut().find(|(name, ..)| *name == part) {
            Some((_, draft, _)) => draft.exhibits = exhibits,
            None => drafts.push((part, PartDraft { exhibits, ..PartDraft::default() }, None)),
        }
    }
    drafts
}
