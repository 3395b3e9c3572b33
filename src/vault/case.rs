//! One case as it is known here: its parts, their heads, titles, who was given what.

use std::collections::BTreeMap;

use super::error::{Item, VaultError};
use super::revision::{OpenRevision, read_revision};
use super::state::{Known, is, read_fact};
use crate::crypto::case_code;
use crate::format::{EndedFact, FactKind, GivenFact, OpenedFact, ReceivedFact, RevisionFact, Row, TitleFact};
use crate::record::{CardHash, CaseCode, CaseId, FactId, PartName, Time, heads};
use crate::store::Store;

/// A case, read from the facts about it.
#[derive(Clone, Debug)]
pub struct CaseView {
    /// The case.
    pub case: CaseId,
    /// The vault's owner, whose revisions count in full.
    pub owner: CardHash,
    /// When and via whom it came.
    pub opened: Vec<OpenedFact>,
    /// Titles that none replaces.
    pub titles: Vec<Known<TitleFact>>,
    /// The revisions of every part, oldest first.
    pub parts: BTreeMap<PartName, Vec<RevisionFact>>,
    /// What was given to whom.
    pub given: Vec<Known<GivenFact>>,
    /// What ended.
    pub ended: Vec<EndedFact>,
    /// What came from whom.
    pub received: Vec<ReceivedFact>,
    /// Revisions that were given and do not open: the part, and why.
    pub damaged: Vec<(PartName, String)>,
    /// How many parts of the vault's index that may hold more about it cannot be read.
    pub holes: usize,
}

impl CaseView {
    /// A case of which nothing is known yet.
    pub(crate) fn blank(case: CaseId, owner: CardHash) -> Self {
        Self {
            case,
            owner,
            opened: Vec::new(),
            titles: Vec::new(),
            parts: BTreeMap::new(),
            given: Vec::new(),
            ended: Vec::new(),
            received: Vec::new(),
            damaged: Vec::new(),
            holes: 0,
        }
    }

    /// Reads the facts about one case.
    pub(crate) fn from_rows(case: CaseId, owner: CardHash, rows: &[Row]) -> Result<Self, VaultError> {
        let mut view = Self::blank(case, owner);
        for row in rows {
            view.take(row)?;
        }
        let replaced: Vec<FactId> =
            view.titles.iter().flat_map(|title| title.fact.replaces.clone()).collect();
        view.titles.retain(|title| !replaced.contains(&title.id));
        view.titles.sort_by_key(|title| title.fact.time);
        view.parts.values_mut().for_each(|revisions| {
            revisions.sort_by_key(|fact| (fact.time, fact.vector.weight(), fact.revision));
        });
        Ok(view)
    }

    fn take(&mut self, row: &Row) -> Result<(), VaultError> {
        if is(row, FactKind::Revision) {
            let fact = read_fact::<RevisionFact>(row)?.fact;
            self.parts.entry(fact.part.clone()).or_default().push(fact);
        } else if is(row, FactKind::Title) {
            self.titles.push(read_fact(row)?);
        } else if is(row, FactKind::Opened) {
            self.opened.push(read_fact::<OpenedFact>(row)?.fact);
        } else if is(row, FactKind::Given) {
            self.given.push(read_fact(row)?);
        } else if is(row, FactKind::Ended) {
            self.ended.push(read_fact::<EndedFact>(row)?.fact);
        } else if is(row, FactKind::Received) {
            self.received.push(read_fact::<ReceivedFact>(row)?.fact);
        }
        Ok(())
    }

    /// Its bare code.
    pub fn code(&self) -> CaseCode {
        case_code(&self.case)
    }

    /// Its title, as far as one was given here: the newest where two devices gave one each.
    pub fn title(&self) -> Option<&str> {
        self.titles.last().map(|title| title.fact.title.as_str())
    }

    /// When it was opened or came, or its first revision was written.
    pub fn since(&self) -> Option<Time> {
        let written = self.parts.values().flatten().map(|fact| fact.time);
        self.opened.iter().map(|fact| fact.time).min().or_else(|| written.min())
    }

    /// When something was last written in it.
    pub fn changed(&self) -> Option<Time> {
        self.parts.values().flatten().map(|fact| fact.time).max().or_else(|| self.since())
    }

    /// The names of its parts, persons first.
    pub fn part_names(&self) -> Vec<&PartName> {
        let mut names: Vec<_> = self.parts.keys().collect();
        names.sort_by_key(|name| name.order());
        names
    }

    /// The revisions of a part that stand.
    pub fn heads(&self, part: &PartName) -> Vec<&RevisionFact> {
        self.parts.get(part).map(|revisions| heads(revisions, self.owner)).unwrap_or_default()
    }

    /// The revisions of a part, oldest first; empty when there is no such part.
    pub fn revisions(&self, part: &PartName) -> &[RevisionFact] {
        self.parts.get(part).map(Vec::as_slice).unwrap_or_default()
    }

    /// What was given and did not end, by whom it was given to.
    pub fn giving(&self) -> impl Iterator<Item = &Known<GivenFact>> {
        self.given.iter().filter(|given| !self.ended.iter().any(|ended| ended.ends.contains(&given.id)))
    }

    /// Opens a revision of this case and checks everything but who signed it.
    pub fn open(&self, store: &dyn Store, fact: &RevisionFact) -> Result<OpenRevision, VaultError> {
        let opened = read_revision(store, self.case, &fact.part, (&fact.key, fact.revision))?;
        if opened.core.author != fact.author {
            let item = Item::Revision(self.case, fact.part.clone());
            return Err(VaultError::damaged(item, super::error::Damage::UnknownAuthor));
        }
        Ok(opened)
    }

    /// The error for something that this case does not have.
    pub fn no_such(&self, what: impl Into<String>) -> VaultError {
        VaultError::NoSuch { case: self.code(), what: what.into() }
    }
}
