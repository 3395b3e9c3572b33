//! Going on after parts of the index are lost for good. docs/format.md section 8, "Mending the index".

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::commit::Footing;
use super::error::VaultError;
use super::history::HistoryLine;
use super::log::{ReadEntry, read_operation};
use super::recovery::recoveries_in;
use super::run::{OpenRun, join};
use super::session::Vault;
use super::spread::spread;
use super::state::{Readable, is, read_fact, row_of};
use crate::crypto::case_digest;
use crate::format::{
    BundleFact, CodeFact, EndedFact, FactKey, FactKind, GivenFact, MessageFact, OpenedFact, OperationBody,
    RecoveryFact, RevisionFact, Row, RunRef, TitleFact,
};
use crate::record::{CardHash, CaseId, RevisionId, Time, Writer};

/// What mending the index would bring back and give up.
#[derive(Debug)]
pub struct LossPlan {
    /// What was done and cannot be known in full any more, newest first.
    pub lost: Vec<HistoryLine>,
    /// How many facts were found again, in older parts of the index and in the log.
    pub found: usize,
    /// How many entries cannot be read: what they recorded may be lost too, and nobody can say what it was.
    pub unread_entries: usize,
    runs: Vec<RunRef>,
    rows: Vec<Row>,
}

impl LossPlan {
    /// How many parts of the index would be given up.
    pub fn parts(&self) -> usize {
        self.runs.len()
    }
}

/// What the log says: the runs that were ever live, and every operation.
struct Told {
    runs: BTreeSet<RunRef>,
    lines: Vec<HistoryLine>,
    unread: usize,
}

/// The live runs by whether they can be read.
struct Live {
    /// Rows of those that can be read whole.
    whole: Vec<Row>,
    /// Those of which something cannot be read.
    broken: Vec<RunRef>,
    /// The rows of these that can.
    rest: Vec<Row>,
}

impl Vault {
    /// Plans to give up what of the index cannot be read. Older runs, which nothing removes, and the log give back what
    /// they hold of it; runs given up before that are there again are joined again.
    pub fn plan_loss(&self) -> Result<LossPlan, VaultError> {
        let live = self.read_live()?;
        let told = self.read_told()?;
        let mut known: BTreeMap<FactKey, Row> = live.whole.iter().map(|row| (row.key, row.clone())).collect();
        let kept = known.len() + live.rest.len();
        let mut rows = live.rest;
        let older: Vec<&RunRef> = told.runs.iter().filter(|run| !self.runs.contains(run)).collect();
        for found in spread(&older, |run| self.read_run(run)) {
            rows.extend(found?.rows);
        }
        let mut rows = join(rows);
        rows.retain(|row| !known.contains_key(&row.key));
        known.extend(rows.iter().map(|row| (row.key, row.clone())));
        if !live.broken.is_empty() {
            for row in retold(&told.lines, &known)? {
                known.insert(row.key, row.clone());
                rows.push(row);
            }
        }
        if live.broken.is_empty() && rows.is_empty() {
            return Err(VaultError::Nothing("every part of this vault's index can be read"));
        }
        let lost = if live.broken.is_empty() { Vec::new() } else { lost_lines(told.lines, &known)? };
        let found = known.len() - kept;
        Ok(LossPlan { lost, found, unread_entries: told.unread, runs: live.broken, rows: join(rows) })
    }

    /// Applies a plan: the log says which parts were given up. **Durable** on return.
    pub fn accept_loss(&mut self, plan: &LossPlan, time: Time) -> Result<(), VaultError> {
        self.commit_on(Footing::Holed, time, |draft| {
            let now = draft.vault().plan_loss()?;
            if (&now.runs, &now.lost) != (&plan.runs, &plan.lost) {
                return Err(VaultError::Changed);
            }
            draft.mend(now.rows, &now.runs);
            let runs = now.runs.iter().map(|run| run.digest).collect();
            draft.operation(None, &OperationBody::IndexMended { runs });
            Ok(())
        })?;
        self.reload()
    }

    fn read_live(&self) -> Result<Live, VaultError> {
        let mut live = Live { whole: Vec::new(), broken: Vec::new(), rest: Vec::new() };
        for run in &self.runs {
            let Readable { rows, holes } = self.read_run(run)?;
            match holes {
                0 => live.whole.extend(rows),
                _ => {
                    live.broken.push(run.clone());
                    live.rest.extend(rows);
                }
            }
        }
        live.rest = join(live.rest);
        live.whole = join(live.whole);
        live.rest.retain(|row| live.whole.binary_search_by_key(&row.key, |row| row.key).is_err());
        Ok(live)
    }

    /// What of a run can be read; a run that does not open is one hole.
    pub(super) fn read_run(&self, run: &RunRef) -> Result<Readable, VaultError> {
        match OpenRun::open(self.store(), run) {
            Ok(run) => Readable::of(0, (0..run.blocks()).map(|i| run.block(i))),
            Err(VaultError::Damaged(..)) => Readable::of(1, std::iter::empty()),
            Err(error) => Err(error),
        }
    }

    fn read_told(&self) -> Result<Told, VaultError> {
        let (entries, mut unread) =
            self.each_entry(|entry| Ok((entry.private.runs.clone(), self.lines(entry))))?;
        let mut told = Told { runs: BTreeSet::new(), lines: Vec::new(), unread: 0 };
        for (_, (runs, lines)) in entries {
            told.runs.extend(runs);
            match lines {
                Ok(lines) => told.lines.extend(lines),
                Err(VaultError::Damaged(..)) => unread += 1,
                Err(error) => return Err(error),
            }
        }
        told.unread = unread;
        told.lines.sort_by_key(|line| std::cmp::Reverse((line.time, line.n)));
        Ok(told)
    }

    fn lines(&self, entry: &ReadEntry) -> Result<Vec<HistoryLine>, VaultError> {
        let (writer, n, time) = (entry.core.writer, entry.core.n, entry.core.time);
        let operations = entry.operations(self.store())?;
        let line = |bytes: &serde_bytes::ByteBuf| {
            Ok(HistoryLine { time, writer, n, operation: read_operation(bytes)? })
        };
        operations.iter().map(line).collect()
    }
}

/// What of the operations' facts is known.
#[derive(Default)]
struct Facts {
    opened: HashSet<CaseId>,
    coded: HashSet<CaseId>,
    revisions: HashSet<RevisionId>,
    titles: HashSet<(CaseId, Time)>,
    given: Vec<(CaseId, crate::record::FactId, GivenFact)>,
    ended: HashSet<(CaseId, CardHash, Time)>,
    messages: HashSet<(CardHash, Writer, u64)>,
    bundles: HashSet<crate::record::BundleId>,
}

impl Facts {
    fn of(known: &BTreeMap<FactKey, Row>) -> Result<Self, VaultError> {
        let mut facts = Self::default();
        for row in known.values() {
            let case = row.key.case;
            if is(row, FactKind::Opened) {
                facts.opened.insert(case);
            } else if is(row, FactKind::Code) {
                facts.coded.insert(read_fact::<CodeFact>(row)?.fact.case);
            } else if is(row, FactKind::Revision) {
                facts.revisions.insert(read_fact::<RevisionFact>(row)?.fact.revision);
            } else if is(row, FactKind::Title) {
                facts.titles.insert((case, read_fact::<TitleFact>(row)?.fact.time));
            } else {
                facts.take_sharing(row)?;
            }
        }
        Ok(facts)
    }

    fn take_sharing(&mut self, row: &Row) -> Result<(), VaultError> {
        let case = row.key.case;
        if is(row, FactKind::Given) {
            let given = read_fact::<GivenFact>(row)?;
            self.given.push((case, given.id, given.fact));
        } else if is(row, FactKind::Ended) {
            let fact = read_fact::<EndedFact>(row)?.fact;
            self.ended.insert((case, CardHash::new(*fact.to.as_bytes()), fact.time));
        } else if is(row, FactKind::Message) {
            let fact = read_fact::<MessageFact>(row)?.fact;
            self.messages.insert((fact.to, fact.writer, fact.n));
        } else if is(row, FactKind::Bundle) {
            self.bundles.insert(read_fact::<BundleFact>(row)?.fact.bundle);
        }
        Ok(())
    }
}

/// The recoveries that operations tell again.
fn retold_recoveries(lines: &[HistoryLine], known: &BTreeMap<FactKey, Row>) -> Result<Vec<Row>, VaultError> {
    let there: Vec<_> = recoveries_in(known.values())?.into_iter().map(|fact| fact.object).collect();
    let told = lines.iter().filter_map(|line| match line.operation.body() {
        Ok(OperationBody::RecoverySet { object, needed, all, replaces }) if !there.contains(&object) => {
            Some(row_of(CaseId::VAULT, &RecoveryFact { object, needed, all, time: line.time, replaces }))
        }
        _ => None,
    });
    Ok(told.collect())
}

/// The facts that operations tell again: that a case is there, who was given what, and that sharing ended. Nobody gets an
/// update because the end of sharing was lost: it ends all that was given before it.
fn retold(lines: &[HistoryLine], known: &BTreeMap<FactKey, Row>) -> Result<Vec<Row>, VaultError> {
    let mut facts = Facts::of(known)?;
    let mut rows = retold_recoveries(lines, known)?;
    for line in lines.iter().rev() {
        let (Some(case), Ok(body)) = (line.operation.case, line.operation.body()) else { continue };
        if facts.coded.insert(case) {
            rows.push(row_of(CaseId::VAULT, &CodeFact { case, digest: case_digest(&case) }));
        }
        match body {
            OperationBody::CaseOpened {} if facts.opened.insert(case) => {
                rows.push(row_of(case, &OpenedFact { time: line.time, via: None }));
            }
            OperationBody::Accepted { sender: via, .. } | OperationBody::Imported { signer: via, .. }
                if facts.opened.insert(case) =>
            {
                rows.push(row_of(case, &OpenedFact { time: line.time, via: Some(via) }));
            }
            OperationBody::Shared { to, writer, n, revisions } => {
                let place = (to.into(), writer, n);
                if facts
                    .given
                    .iter()
                    .any(|(of, _, given)| *of == case && (given.to, given.writer, given.n) == place)
                {
                    continue;
                }
                let bundle = None;
                let fact =
                    GivenFact { to: to.into(), time: line.time, writer, n, bundle, revisions, purpose: None };
                let row = row_of(case, &fact);
                facts.given.push((case, row.key.id, fact));
                rows.push(row);
            }
            OperationBody::Unshared { from } if !facts.ended.contains(&(case, from, line.time)) => {
                let ends = facts.given.iter().filter(|(of, _, given)| {
                    *of == case
                        && given.to == from.into()
                        && given.bundle.is_none()
                        && given.time <= line.time
                });
                let ends = ends.map(|(_, id, _)| *id).collect();
                rows.push(row_of(case, &EndedFact { to: from.into(), time: line.time, ends }));
            }
            _ => {}
        }
    }
    Ok(rows)
}

/// The operations of which something is not known any more.
fn lost_lines(
    lines: Vec<HistoryLine>,
    known: &BTreeMap<FactKey, Row>,
) -> Result<Vec<HistoryLine>, VaultError> {
    let facts = Facts::of(known)?;
    let is_lost = |line: &HistoryLine| {
        let case = line.operation.case.unwrap_or(CaseId::VAULT);
        match line.operation.body() {
            Ok(OperationBody::CaseOpened {}) => !facts.opened.contains(&case),
            Ok(OperationBody::PartRevised { revision, .. }) => !facts.revisions.contains(&revision),
            Ok(OperationBody::Accepted { revisions, .. } | OperationBody::Imported { revisions, .. }) => {
                revisions.iter().any(|given| !facts.revisions.contains(&given.revision))
            }
            Ok(OperationBody::Shared { to, writer, n, .. }) => !facts.messages.contains(&(to, writer, n)),
            Ok(OperationBody::Exported { bundle, .. }) => !facts.bundles.contains(&bundle),
            Ok(OperationBody::Titled {}) => !facts.titles.contains(&(case, line.time)),
            // What a later version recorded, or nothing that a fact stands for.
            _ => false,
        }
    };
    Ok(lines.into_iter().filter(is_lost).collect())
}
