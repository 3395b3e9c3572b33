//! All cases of a vault, and one among many by its code.

use std::collections::HashMap;

use super::case::CaseView;
use super::error::{Damage, Item, VaultError};
use super::run::prefix;
use super::session::Vault;
use super::spread::spread;
use super::state::{Readable, read_fact};
use crate::crypto::{case_digest, random};
use crate::format::{CodeFact, FactKind, Row};
use crate::record::{CaseCode, CaseId};

/// From this many codes on, one reading of all is cheaper than a look at each.
const MANY_CODES: usize = 200;
/// Cases that one thread reads in one go.
const CASES_AT_ONCE: usize = 256;
/// Bytes of a code's digest that the code shows whole.
const WHOLE_BYTES: usize = 4;

impl Vault {
    /// The case with this code.
    pub fn find(&self, code: &CaseCode) -> Result<CaseId, VaultError> {
        let mut found = self.coded(code)?;
        found.retain(|fact| code.names(&fact.digest));
        choose(code, &found.iter().map(|fact| fact.case).collect::<Vec<_>>())
    }

    /// The cases with these codes, in their order: of many codes all are looked up in one reading.
    pub fn find_all(&self, codes: &[CaseCode]) -> Result<Vec<CaseId>, VaultError> {
        if codes.len() < MANY_CODES {
            return codes.iter().map(|code| self.find(code)).collect();
        }
        let mut known: HashMap<CaseCode, Vec<CodeFact>> = HashMap::new();
        for fact in self.state.of_vault::<CodeFact>()? {
            known.entry(CaseCode::of(&fact.fact.digest)).or_default().push(fact.fact);
        }
        let find = |code: &CaseCode| {
            let alike = known.get(&code.bare()).map(Vec::as_slice).unwrap_or_default();
            let found = alike.iter().filter(|fact| code.names(&fact.digest));
            choose(code, &found.map(|fact| fact.case).collect::<Vec<_>>())
        };
        codes.iter().map(find).collect()
    }

    /// Everything known about a case.
    pub fn case(&self, case: CaseId) -> Result<CaseView, VaultError> {
        CaseView::from_rows(case, self.owner().hash(), &self.state.case(&case)?)
    }

    /// What can be read about a case where parts of the index cannot; the view counts those.
    pub fn readable_case(&self, case: CaseId) -> Result<CaseView, VaultError> {
        let readable = self.state.readable_with(&prefix(&case, None))?;
        let mut view = CaseView::from_rows(case, self.owner().hash(), &readable.rows)?;
        view.holes = readable.holes;
        Ok(view)
    }

    /// The case with this code, also where the part of the index that says so cannot be read.
    pub fn find_readable(&self, code: &CaseCode) -> Result<CaseId, VaultError> {
        match self.find(code) {
            Err(error @ (VaultError::NotShared(_) | VaultError::Damaged(..))) => {
                let Readable { rows, holes } = self.state.all_readable()?;
                let mut cases: Vec<CaseId> = rows.iter().map(|row| row.key.case).collect();
                cases.dedup();
                cases.retain(|case| *case != CaseId::VAULT && code.names(&case_digest(case)));
                match (holes, cases.is_empty()) {
                    (0, _) => Err(error),
                    (_, true) => Err(VaultError::damaged(Item::Run, Damage::Other)),
                    (_, false) => choose(code, &cases),
                }
            }
            found => found,
        }
    }

    /// All cases, in no order.
    pub fn cases(&self) -> Result<Vec<CaseView>, VaultError> {
        self.each_case(|view| view)
    }

    /// What `brief` makes of every case, in no order: of many cases only that is held in memory.
    pub fn each_case<T: Send>(&self, brief: impl Fn(CaseView) -> T + Sync) -> Result<Vec<T>, VaultError> {
        self.brief_all(&self.state.all()?, brief)
    }

    /// As [`each_case`](Self::each_case), of what can be read; and how many parts of the index cannot.
    pub fn each_readable_case<T: Send>(
        &self,
        brief: impl Fn(CaseView) -> T + Sync,
    ) -> Result<(Vec<T>, usize), VaultError> {
        let Readable { rows, holes } = self.state.all_readable()?;
        Ok((self.brief_all(&rows, brief)?, holes))
    }

    fn brief_all<T: Send>(
        &self,
        rows: &[Row],
        brief: impl Fn(CaseView) -> T + Sync,
    ) -> Result<Vec<T>, VaultError> {
        let of_cases: Vec<&[Row]> = rows
            .chunk_by(|a, b| a.key.case == b.key.case)
            .filter(|rows| rows.first().is_some_and(|row| row.key.case != CaseId::VAULT))
            .collect();
        let owner = self.owner().hash();
        let shares: Vec<&[&[Row]]> = of_cases.chunks(CASES_AT_ONCE).collect();
        let read = |share: &&[&[Row]]| -> Result<Vec<T>, VaultError> {
            share.iter().map(|rows| Ok(brief(CaseView::from_rows(rows[0].key.case, owner, rows)?))).collect()
        };
        let mut cases = Vec::with_capacity(of_cases.len());
        for briefs in spread(&shares, read) {
            cases.extend(briefs?);
        }
        Ok(cases)
    }

    /// A new case whose code no other case here has.
    pub(super) fn draw_case(
        &self,
        taken: &dyn Fn(&CaseCode) -> Result<bool, VaultError>,
    ) -> Result<CodeFact, VaultError> {
        loop {
            let case = CaseId::new(random());
            let digest = case_digest(&case);
            if case != CaseId::VAULT && !taken(&CaseCode::of(&digest))? {
                return Ok(CodeFact { case, digest });
            }
        }
    }

    /// The facts of all cases whose code may be this one.
    pub(super) fn coded(&self, code: &CaseCode) -> Result<Vec<CodeFact>, VaultError> {
        let mut start = prefix(&CaseId::VAULT, Some(FactKind::Code as u8));
        start.extend(code.leading_bytes().iter().take(WHOLE_BYTES));
        let rows = self.state.rows_with(&start)?;
        rows.iter().map(|row| read_fact::<CodeFact>(row).map(|known| known.fact)).collect()
    }

    /// All codes in use.
    pub(super) fn codes(&self) -> Result<std::collections::HashSet<CaseCode>, VaultError> {
        Ok(self.state.of_vault::<CodeFact>()?.iter().map(|known| CaseCode::of(&known.fact.digest)).collect())
    }
}

/// The one case that is meant, or why it is none.
pub(super) fn choose(code: &CaseCode, found: &[CaseId]) -> Result<CaseId, VaultError> {
    match found {
        [] => Err(VaultError::NotShared(code.to_string())),
        [case] => Ok(*case),
        several => Err(VaultError::AmbiguousCode {
            code: code.clone(),
            choices: several.iter().map(|case| CaseCode::long(&case_digest(case), 1)).collect(),
        }),
    }
}
