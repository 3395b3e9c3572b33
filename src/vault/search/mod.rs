//! The search index of a vault: brought up to date, asked, and its answers checked against the vault.
//!
//! What is found is decided by the vault: a revision is opened and its words are found in it before it is an answer.
//! docs/format.md section 9, "Search index"; docs/decisions/0008-search.md.

mod content;
mod corpus;
mod shelf;
mod update;

use std::cmp::Reverse;
use std::ops::ControlFlow;

use crate::format::RevisionFact;
use crate::search::{Broken, Document, Fit, Kind, Passage, Query, find, locate};
use crate::vault::case::CaseView;
use crate::vault::error::{Damage, Item, VaultError};
use crate::vault::revision::{OpenRevision, read_revision};
use crate::vault::spread::spread;
use content::{fields_of, fields_of_title};
pub use corpus::Corpus;
use corpus::{case_of, revision_of, title_document};
use shelf::Kept;
use update::Update;

/// Told how many documents are read, and of how many; says whether to go on.
pub type Watch<'w> = dyn Fn(u64, u64) -> ControlFlow<()> + Sync + 'w;

/// An index that covers all that can be read.
pub struct SearchIndex<'a> {
    corpus: Corpus<'a>,
    segments: Vec<Kept>,
    unread: usize,
    is_kept: bool,
}

/// How well a document fits, then the newest first: its time, its segment, its number there.
type Candidate = (Fit, Reverse<(u64, usize, u32)>);

/// What a search found.
pub struct Answer {
    /// The first of it, what fits best and is newest before the rest.
    pub found: Vec<Found>,
    /// How much more there is.
    pub more: usize,
    /// Revisions that should have been here and could not be read.
    pub damaged: Vec<VaultError>,
}

/// A document that was opened and holds the words.
pub struct Found {
    /// The case.
    pub view: CaseView,
    /// The revision; none for a title.
    pub revision: Option<(RevisionFact, OpenRevision)>,
    /// What the words stand in, as people are told.
    pub place: String,
    /// The words and what is around them.
    pub passage: Passage,
}

/// Why a search could not be done.
enum Fault {
    /// The index is to be made again.
    Broken,
    Vault(VaultError),
}

impl From<Broken> for Fault {
    fn from(_: Broken) -> Self {
        Self::Broken
    }
}

impl<'a> SearchIndex<'a> {
    /// Opens the index of a vault and brings it up to date; `watch` is told how many documents are read, and of how many.
    ///
    /// # Errors
    /// [`VaultError::Busy`] if another process is making it and does not end.
    pub fn open(corpus: Corpus<'a>, watch: &Watch<'_>) -> Result<Self, VaultError> {
        match Update::run(corpus, watch, false) {
            Err(VaultError::Damaged(Item::Search, _)) => Update::run(corpus, watch, true),
            other => other,
        }
    }

    /// Whether it stands beside the identity file for the next time.
    pub fn is_kept(&self) -> bool {
        self.is_kept
    }

    /// Cases, and parts of the vault's own index, of which something could not be read, so that it is not searched.
    pub fn unread(&self) -> usize {
        self.unread
    }

    /// What fits a query, at most so many. An index that turns out to be damaged is made again.
    pub fn search(&mut self, query: &Query, limit: usize, watch: &Watch<'_>) -> Result<Answer, VaultError> {
        match self.try_search(query, limit) {
            Err(Fault::Broken) => *self = Update::run(self.corpus, watch, true)?,
            Err(Fault::Vault(error)) => return Err(error),
            Ok(answer) => return Ok(answer),
        }
        self.try_search(query, limit).map_err(|fault| match fault {
            Fault::Broken => VaultError::damaged(Item::Search, Damage::Other),
            Fault::Vault(error) => error,
        })
    }

    fn try_search(&self, query: &Query, limit: usize) -> Result<Answer, Fault> {
        let mut answer = Answer { found: Vec::new(), more: 0, damaged: Vec::new() };
        let mut rest = self.candidates(query)?.into_iter();
        while answer.found.len() < limit {
            let Some((segment, document)) = rest.next() else { break };
            let document = self.segments.get(segment).ok_or(Broken)?.segment.document(document)?;
            match self.check(query, &document) {
                Ok(found) => answer.found.extend(found),
                Err(error @ VaultError::Damaged(..)) => answer.damaged.push(error),
                Err(error) => return Err(Fault::Vault(error)),
            }
        }
        answer.more = rest.len();
        Ok(answer)
    }

    /// What the index says, in order: segment and document.
    fn candidates(&self, query: &Query) -> Result<Vec<(usize, u32)>, Broken> {
        let segments: Vec<usize> = (0..self.segments.len()).collect();
        let found = spread(&segments, |at| {
            self.segments.get(*at).map_or(Ok(Vec::new()), |kept| find(&kept.segment, query))
        });
        let mut all: Vec<Candidate> = Vec::new();
        for (at, found) in found.into_iter().enumerate() {
            all.extend(found?.iter().map(|one| (one.fit, Reverse((one.time, at, one.document)))));
        }
        all.sort_unstable();
        Ok(all.into_iter().map(|(_, Reverse((_, at, document)))| (at, document)).collect())
    }

    /// Opens a document, if it stands, and finds the words in it.
    fn check(&self, query: &Query, document: &Document) -> Result<Option<Found>, VaultError> {
        let Some(view) = self.corpus.view(case_of(document))? else { return Ok(None) };
        if document.kind == Kind::Title {
            let title = view.titles.iter().find(|title| title_document(&view, &title.id) == *document);
            let Some(title) = title else { return Ok(None) };
            let fields = fields_of_title(title.fact.title.as_str());
            let passage = locate(&fields, query);
            return Ok(passage.map(|passage| Found { view, revision: None, place: "title".into(), passage }));
        }
        let id = revision_of(document);
        let heads = view.parts.keys().flat_map(|part| view.heads(part));
        let Some(fact) = heads.into_iter().find(|fact| fact.revision == id).cloned() else { return Ok(None) };
        let opened = read_revision(self.corpus.store(), view.case, &fact.part, (&fact.key, id))?;
        match self.corpus.card(&fact.author)? {
            Some(card) if opened.core.author == fact.author => opened.check_author(&card)?,
            None if opened.core.author == fact.author => {}
            _ => {
                let item = Item::Revision(view.case, fact.part.clone());
                return Err(VaultError::damaged(item, Damage::UnknownAuthor));
            }
        }
        let fields = fields_of(&opened.revision);
        let Some(passage) = locate(&fields, query) else { return Ok(None) };
        let place = fields.get(passage.field).map(|field| field.place.clone()).unwrap_or_default();
        Ok(Some(Found { view, revision: Some((fact, opened)), place, passage }))
    }
}
