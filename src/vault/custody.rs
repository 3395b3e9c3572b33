//! Custody: log cores with openings of just those operations that recorded what leaves. docs/format.md section 10.

use std::collections::BTreeMap;

use serde_bytes::ByteArray;

use super::error::{Damage, Item, VaultError};
use super::revision::OpenRevision;
use super::session::Vault;
use super::sharing::{PlannedCase, SharePlan};
use crate::crypto::{LeafKind, LeafSalts, merkle_path};
use crate::format::{BundleFact, OperationBody, RevisionFact};
use crate::record::{BundleId, CaseId, Digest, Time, Writer};

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

    /// The entries that recorded these revisions here, each with the openings of just those operations.
    pub fn extracts<'a>(
        &self,
        facts: impl IntoIterator<Item = &'a RevisionFact>,
    ) -> Result<Vec<LogExtract>, VaultError> {
        let mut places: BTreeMap<(Writer, u64), Vec<u64>> = BTreeMap::new();
        for fact in facts {
            places.entry((fact.entry.writer, fact.entry.n)).or_default().push(fact.entry.operation);
        }
        places.into_iter().map(|((writer, n), wanted)| self.extract(&writer, n, wanted)).collect()
    }

    fn extract(&self, writer: &Writer, n: u64, mut wanted: Vec<u64>) -> Result<LogExtract, VaultError> {
        let entry = self.log().read(writer, n)?;
        let operations = entry.operations(self.store.as_ref())?;
        let salts = LeafSalts::new(&entry.private.salt);
        let leaves = salts.leaves(LeafKind::Operation, operations.iter().map(|bytes| bytes.as_slice()));
        wanted.sort_unstable();
        wanted.dedup();
        let openings = wanted.into_iter().filter_map(|index| {
            let at = usize::try_from(index).ok()?;
            Some(Opening {
                index,
                count: operations.len() as u64,
                salt: salts.salt(LeafKind::Operation, at),
                operation: operations.get(at)?.to_vec(),
                path: merkle_path(&leaves, at),
            })
        });
        let openings = openings.collect();
        Ok(LogExtract { core: entry.entry.core.to_vec(), sig: entry.entry.sig, openings })
    }

    /// Hash of the newest entry: what a bundle says the log stood at.
    pub fn head(&self) -> Digest {
        let newest = self.heads.iter().max_by_key(|entry| (entry.core.time, entry.core.n));
        newest.map_or(Digest::new([0; 32]), |entry| entry.hash)
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
            draft.vault().unchanged(plan)?;
            for case in &plan.cases {
                draft.give(case, &to, Some(bundle), draft.n);
                let body = OperationBody::Exported { bundle, to, manifest, revisions: case.given() };
                draft.operation(Some(case.case), &body);
            }
            let label = plan.to.label.clone();
            draft.fact(CaseId::VAULT, &BundleFact { bundle, to, label, time, manifest });
            Ok(())
        })
    }
}
