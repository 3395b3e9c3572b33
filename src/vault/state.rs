//! The state: facts joined from the live runs. docs/format.md section 8.

use super::error::{Item, VaultError};
use super::run::{OpenRun, join, prefix};
use super::spread::spread;
use crate::crypto::sha256;
use crate::format::{Fact, FactKey, FactKind, Row, RowValue, RunRef};
use crate::record::{CaseId, FactId};
use crate::store::Store;

/// The live runs of a vault, opened.
pub(crate) struct State {
    runs: Vec<OpenRun>,
    unread: Vec<RunRef>,
}

/// A fact and its id.
#[derive(Clone, Debug)]
pub struct Known<F> {
    /// The id.
    pub id: FactId,
    /// The fact.
    pub fact: F,
}

impl State {
    /// Opens the runs that can be opened; the others are [`unread`](Self::unread).
    pub(crate) fn open(store: &dyn Store, runs: &[RunRef]) -> Result<Self, VaultError> {
        let mut state = Self { runs: Vec::new(), unread: Vec::new() };
        for run in runs {
            match OpenRun::open(store, run) {
                Ok(run) => state.runs.push(run),
                Err(VaultError::Damaged(..)) => state.unread.push(run.clone()),
                Err(error) => return Err(error),
            }
        }
        Ok(state)
    }

    /// The runs that are damaged or missing: what they say is not known, and nothing may be written over it.
    pub(crate) fn unread(&self) -> &[RunRef] {
        &self.unread
    }

    /// The runs that are open.
    pub(crate) fn runs(&self) -> &[OpenRun] {
        &self.runs
    }

    /// All rows about one case, or of one kind of the vault's own, sorted.
    pub(crate) fn rows_with(&self, prefix: &[u8]) -> Result<Vec<Row>, VaultError> {
        let blocks = self.blocks_with(prefix);
        let rows = blocks.map(|(run, i)| run.block_with(i, prefix)).collect::<Result<Vec<_>, _>>()?;
        Ok(join(rows.concat()))
    }

    /// As [`rows_with`](Self::rows_with), without what cannot be read: for who shows what is there, and decides
    /// nothing by what is not.
    pub(crate) fn readable_with(&self, prefix: &[u8]) -> Result<Readable, VaultError> {
        let blocks = self.blocks_with(prefix).map(|(run, i)| run.block_with(i, prefix));
        Readable::of(self.unread.len(), blocks)
    }

    fn blocks_with<'a>(&'a self, prefix: &[u8]) -> impl Iterator<Item = (&'a OpenRun, usize)> {
        let blocks = |run: &'a OpenRun| run.blocks_with(prefix).map(move |i| (run, i)).collect::<Vec<_>>();
        self.runs.iter().flat_map(blocks).collect::<Vec<_>>().into_iter()
    }

    /// All facts about one case.
    pub(crate) fn case(&self, case: &CaseId) -> Result<Vec<Row>, VaultError> {
        self.rows_with(&prefix(case, None))
    }

    /// All facts of one kind about the vault itself.
    pub(crate) fn of_vault<F: Fact>(&self) -> Result<Vec<Known<F>>, VaultError> {
        self.rows_with(&prefix(&CaseId::VAULT, Some(F::KIND as u8)))?.iter().map(read_fact).collect()
    }

    /// Every row there is, sorted: blocks are opened on all cores.
    pub(crate) fn all(&self) -> Result<Vec<Row>, VaultError> {
        let mut rows = Vec::new();
        for block in self.all_blocks() {
            rows.extend(block?);
        }
        Ok(join(rows))
    }

    /// Every row that can be read, sorted.
    pub(crate) fn all_readable(&self) -> Result<Readable, VaultError> {
        Readable::of(self.unread.len(), self.all_blocks().into_iter())
    }

    fn all_blocks(&self) -> Vec<Result<Vec<Row>, VaultError>> {
        let blocks: Vec<_> =
            self.runs.iter().flat_map(|run| (0..run.blocks()).map(move |i| (run, i))).collect();
        spread(&blocks, |(run, i)| run.block(*i))
    }
}

/// What of the state can be read.
pub(crate) struct Readable {
    /// The rows, sorted.
    pub(crate) rows: Vec<Row>,
    /// How many runs, and blocks of runs, cannot be read, of which there may be more rows.
    pub(crate) holes: usize,
}

impl Readable {
    /// Joins the blocks that can be read.
    pub(crate) fn of(
        holes: usize,
        blocks: impl Iterator<Item = Result<Vec<Row>, VaultError>>,
    ) -> Result<Self, VaultError> {
        let mut all = Self { rows: Vec::new(), holes };
        for block in blocks {
            match block {
                Ok(rows) => all.rows.extend(rows),
                Err(VaultError::Damaged(..)) => all.holes += 1,
                Err(error) => return Err(error),
            }
        }
        all.rows = join(all.rows);
        Ok(all)
    }
}

/// Decodes a row as the fact it must be.
pub(crate) fn read_fact<F: Fact>(row: &Row) -> Result<Known<F>, VaultError> {
    let fact = F::from_value(&row.value).map_err(|error| VaultError::damaged(Item::Run, error))?;
    Ok(Known { id: row.key.id, fact })
}

/// The row that records a fact.
pub(crate) fn row_of<F: Fact>(case: CaseId, fact: &F) -> Row {
    let value = fact.to_value();
    let id = fact.id(&sha256(&value));
    Row { key: FactKey { case, kind: F::KIND as u8, id }, value: RowValue::new(value) }
}

/// Whether a row is of this kind.
pub(crate) fn is(row: &Row, kind: FactKind) -> bool {
    row.key.kind == kind as u8
}
