//! Custody: log cores with openings of just those operations that recorded what leaves. docs/format.md section 10.

use std::collections::BTreeMap;

use serde_bytes::ByteArray;

use super::error::{Damage, Item, VaultError};
use super::log::{read_operation, recorded_by};
use super::revision::OpenRevision;
use super::session::Vault;
use super::sharing::{PlannedCase, SharePlan};
use crate::crypto::{LeafKind, LeafSalts, merkle_path};
use crate::format::{BundleFact, OperationBody, RevisionFact};
use crate::record::{BundleId, CaseId, Digest, RevisionId, Time, Writer};
use crate::store::StoreError;

/// Operations of one entry by index, with the revisions that each is to have recorded.
type Wanted = BTreeMap<u64, Vec<RevisionId>>;

/// An entry's signed core and the openings of some of its operations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogExtract {
    /// The encoded core.
    pub core: Vec<u8>,
    /// The owner's signature over it.
    pub sig: ByteArray<64>,
    /// The operations shown, sorted by index.
    pub openings: Vec<Opening>,
}

/// What shows that an operation stands in an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening {
    /// Its index.
    pub index: u64,
    /// How many operations the entry has.
    pub count: u64,
    /// The leaf's salt.
    pub salt: [u8; 16],
    /// The encoded operation.
    pub operation: Vec<u8>,
    /// The audit path from the leaf upwards, RFC 6962 section 2.1.1.
    pub path: Vec<Digest>,
}

impl Vault {
    /// The revisions that a plan takes, opened and checked.
    pub fn open_planned(&self, case: &PlannedCase) -> Result<Vec<OpenRevision>, VaultError> {
        let view = self.case(case.case)?;
        case.facts()
            .map(|fact| {
                let opened = view.open(self.store.as_ref(), fact)?;
                let author = self.card(&fact.author)?;
                let unknown = || VaultError::damaged(Item::Card(fact.author), Damage::UnknownAuthor);
                opened.check_author(&author.ok_or_else(unknown)?)?;
                Ok(opened)
            })
            .collect()
    }

    /// The entries that recorded these revisions here, each with the openings of just those operations. What only
    /// an entry that is gone recorded has none.
    pub fn extracts<'a>(
        &self,
        facts: impl IntoIterator<Item = &'a RevisionFact>,
    ) -> Result<Vec<LogExtract>, VaultError> {
        let mut places: BTreeMap<(Writer, u64), Wanted> = BTreeMap::new();
        for fact in facts {
            let wanted = places.entry((fact.entry.writer, fact.entry.n)).or_default();
            wanted.entry(fact.entry.operation).or_default().push(fact.revision);
        }
        let extracts = places.iter().map(|((writer, n), wanted)| self.extract(writer, *n, wanted));
        extracts.filter_map(Result::transpose).collect()
    }

    fn extract(&self, writer: &Writer, n: u64, wanted: &Wanted) -> Result<Option<LogExtract>, VaultError> {
        if !self.heads.iter().any(|head| head.core.writer == *writer && head.core.n >= n) {
            return Ok(None);
        }
        let entry = match self.log().read(writer, n) {
            Err(VaultError::Damaged(_, Damage::Store(StoreError::NotFound { .. }))) => return Ok(None),
            other => other?,
        };
        let operations = entry.operations(self.store.as_ref())?;
        let salts = LeafSalts::new(&entry.private.salt);
        let leaves = salts.leaves(LeafKind::Operation, operations.iter().map(|bytes| bytes.as_slice()));
        let mut openings = Vec::new();
        for (index, revisions) in wanted {
            let Some(at) = usize::try_from(*index).ok() else { continue };
            let Some(operation) = operations.get(at) else { continue };
            // A clone's entry in the place of one that is gone recorded something else.
            let body = read_operation(operation)?.body();
            let body = body.map_err(|error| VaultError::damaged(Item::Operations, error))?;
            if !recorded_by(&body).iter().any(|recorded| revisions.contains(recorded)) {
                continue;
            }
            openings.push(Opening {
                index: *index,
                count: operations.len() as u64,
                salt: salts.salt(LeafKind::Operation, at),
                operation: operation.to_vec(),
                path: merkle_path(&leaves, at),
            });
        }
        let extract = LogExtract { core: entry.entry.core.to_vec(), sig: entry.entry.sig, openings };
        Ok((!extract.openings.is_empty()).then_some(extract))
    }

    /// Hash of the last entry of the writer that exports here, else of the newest: what a bundle says the log
    /// stood at.
    pub fn head(&self) -> Digest {
        let writer = self.memory().ok().and_then(|memory| memory.writer);
        let own = self.heads.iter().find(|entry| Some(entry.core.writer) == writer);
        let newest = || self.heads.iter().max_by_key(|entry| (entry.core.time, entry.core.n));
        own.or_else(newest).map_or(Digest::new([0; 32]), |entry| entry.hash)
    }

    /// Records that a bundle was written, before it gets its final name. **Durable** on return.
    pub fn record_export(
        &mut self,
        plan: &SharePlan,
        bundle: BundleId,
        manifest: Digest,
        time: Time,
    ) -> Result<(), VaultError> {
        let to = plan.to.recipient();
        self.commit(time, |draft| {
            draft.vault().unchanged(plan, time)?;
            for case in &plan.cases {
                draft.give(case, plan, Some(bundle), draft.n);
                let body = OperationBody::Exported { bundle, to, manifest, revisions: case.given() };
                draft.operation(Some(case.case), &body);
                draft.overriding(case.case, plan);
            }
            let label = plan.to.label.clone();
            draft.fact(CaseId::VAULT, &BundleFact { bundle, to, label, time, manifest });
            Ok(())
        })
    }
}
