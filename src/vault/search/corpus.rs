//! What there is to search, whoever reads: the sources an index covers, and the documents that stand.

use std::collections::BTreeSet;

use crate::crypto::{KnownCard, sha256};
use crate::format::{ObjectKey, RevisionFact, SearchCase, SearchSource};
use crate::record::{CardHash, CaseId, PartName, RevisionId, VaultId};
use crate::search::{Document, Kind};
use crate::store::Store;
use crate::vault::case::CaseView;
use crate::vault::error::VaultError;
use crate::vault::session::{Desktop, Vault};
use crate::vault::shared::{MessagePlace, SharedVault};
use crate::vault::spread::spread;

/// From this many cases on, one reading of the whole state is cheaper than a look at each.
const MANY_CASES: usize = 500;

/// A vault that is searched by whoever may read in it.
#[derive(Clone, Copy)]
pub enum Corpus<'a> {
    /// By its owner.
    Owner(&'a Vault),
    /// By someone to whom something was given.
    Reader(&'a SharedVault),
}

/// What stands in a case, as one giver gave it.
pub(super) struct Holding {
    /// The case and the giver.
    pub(super) case: SearchCase,
    /// The documents to be found.
    pub(super) standing: Vec<Standing>,
    /// The ids of all revisions and titles there are, also of those that were replaced.
    pub(super) known: Vec<[u8; 32]>,
    /// Whether something of it could not be read.
    pub(super) damaged: bool,
}

/// A document that is to be found, and where its text is.
#[derive(Clone)]
pub(super) struct Standing {
    pub(super) document: Document,
    pub(super) time: u64,
    pub(super) text: Text,
}

/// Where the text of a document is.
#[derive(Clone)]
pub(super) enum Text {
    Title(String),
    Revision { part: PartName, key: ObjectKey },
}

impl<'a> Corpus<'a> {
    pub(super) fn id(self) -> VaultId {
        match self {
            Self::Owner(vault) => vault.id(),
            Self::Reader(shared) => shared.id(),
        }
    }

    pub(super) fn store(self) -> &'a dyn Store {
        match self {
            Self::Owner(vault) => vault.store(),
            Self::Reader(shared) => shared.store(),
        }
    }

    pub(super) fn desktop(self) -> &'a Desktop {
        match self {
            Self::Owner(vault) => &vault.desktop,
            Self::Reader(shared) => shared.desktop(),
        }
    }

    pub(super) fn card(self, hash: &CardHash) -> Result<Option<KnownCard>, VaultError> {
        match self {
            Self::Owner(vault) => vault.card(hash),
            Self::Reader(shared) => shared.card(hash),
        }
    }

    /// The runs that can be opened, or the messages that gave something.
    pub(super) fn sources(self) -> Vec<SearchSource> {
        match self {
            Self::Owner(vault) => vault.state.runs().iter().map(|run| source_of(run.reference())).collect(),
            Self::Reader(shared) => shared.messages().iter().map(source_of_message).collect(),
        }
    }

    /// How many runs cannot be opened.
    pub(super) fn holes(self) -> usize {
        match self {
            Self::Owner(vault) => vault.state.unread().len(),
            Self::Reader(_) => 0,
        }
    }

    /// Of these sources those that can be read whole, and the cases that they tell something of.
    pub(super) fn read_sources(
        self,
        sources: &[SearchSource],
    ) -> Result<(Vec<SearchSource>, BTreeSet<SearchCase>), VaultError> {
        match self {
            Self::Owner(vault) => read_runs(vault, sources),
            Self::Reader(shared) => {
                let wanted = |place: &MessagePlace| sources.contains(&source_of_message(place));
                let messages = shared.messages().into_iter().filter(wanted).collect();
                let cases = shared.given_by(&messages).into_iter();
                Ok((sources.to_vec(), cases.map(|(case, giver)| SearchCase { case, giver }).collect()))
            }
        }
    }

    /// Whether what is gone may have told of cases that the new sources do not tell of.
    pub(super) fn may_have_lost(self, gone: &[SearchSource], new: &[SearchSource]) -> bool {
        let rows = |sources: &[SearchSource]| {
            sources.iter().fold(0_u64, |sum, source| sum.saturating_add(source.rows))
        };
        match self {
            // Runs are merged: what goes stands in what comes.
            Self::Owner(_) => rows(gone) > rows(new),
            Self::Reader(_) => !gone.is_empty(),
        }
    }

    /// What stands in these cases, or in all.
    pub(super) fn holdings(self, wanted: Option<&BTreeSet<SearchCase>>) -> Result<Vec<Holding>, VaultError> {
        let few = wanted.filter(|wanted| wanted.len() < MANY_CASES);
        let all = match (self, few) {
            (_, Some(wanted)) => {
                let views = wanted.iter().map(|case| self.view(*case)).collect::<Result<Vec<_>, _>>()?;
                return Ok(views.into_iter().flatten().map(|view| Holding::of(&view)).collect());
            }
            (Self::Owner(vault), None) => vault.each_readable_case(|view| Holding::of(&view))?.0,
            (Self::Reader(shared), None) => shared.cases()?.iter().map(Holding::of).collect(),
        };
        let wanted = |holding: &Holding| wanted.is_none_or(|wanted| wanted.contains(&holding.case));
        Ok(all.into_iter().filter(wanted).collect())
    }

    /// A case as one giver gave it; none where there is nothing of it.
    pub(super) fn view(self, SearchCase { case, giver }: SearchCase) -> Result<Option<CaseView>, VaultError> {
        match self {
            Self::Owner(vault) if vault.owner().hash() != giver => Ok(None),
            Self::Owner(vault) => vault.readable_case(case).map(Some),
            Self::Reader(shared) => shared.view_of(case, giver),
        }
    }
}

fn source_of(run: &crate::format::RunRef) -> SearchSource {
    SearchSource { id: run.digest, rows: run.rows }
}

fn source_of_message((sender, writer, n): &MessagePlace) -> SearchSource {
    let place = [sender.as_bytes().as_slice(), writer.as_bytes(), &n.to_be_bytes()].concat();
    SearchSource { id: sha256(&place), rows: 1 }
}

fn read_runs(
    vault: &Vault,
    sources: &[SearchSource],
) -> Result<(Vec<SearchSource>, BTreeSet<SearchCase>), VaultError> {
    let giver = vault.owner().hash();
    let (mut whole, mut cases) = (Vec::new(), BTreeSet::new());
    for run in vault.state.runs() {
        let source = source_of(run.reference());
        if !sources.contains(&source) {
            continue;
        }
        let blocks: Vec<usize> = (0..run.blocks()).collect();
        let read = spread(&blocks, |block| -> Result<BTreeSet<CaseId>, VaultError> {
            Ok(run.block(*block)?.iter().map(|row| row.key.case).collect())
        });
        let mut is_whole = true;
        for block in read {
            match block {
                Ok(found) => cases.extend(found.into_iter().map(|case| SearchCase { case, giver })),
                Err(VaultError::Damaged(..)) => is_whole = false,
                Err(error) => return Err(error),
            }
        }
        whole.extend(is_whole.then_some(source));
    }
    cases.remove(&SearchCase { case: CaseId::VAULT, giver });
    Ok((whole, cases))
}

impl Holding {
    fn of(view: &CaseView) -> Self {
        let mut holding = Self {
            case: SearchCase { case: view.case, giver: view.owner },
            standing: Vec::new(),
            known: Vec::new(),
            damaged: !view.damaged.is_empty(),
        };
        for title in &view.titles {
            let document = title_document(view, &title.id);
            holding.known.push(document.id);
            let (time, text) = (title.fact.time.seconds(), title.fact.title.as_str().to_owned());
            holding.standing.push(Standing { document, time, text: Text::Title(text) });
        }
        for part in view.parts.keys() {
            holding.known.extend(view.revisions(part).iter().map(|fact| *fact.revision.as_bytes()));
            for head in view.heads(part) {
                let text = Text::Revision { part: part.clone(), key: head.key.clone() };
                let (document, time) = (revision_document(view, head), head.time.seconds());
                holding.standing.push(Standing { document, time, text });
            }
        }
        holding
    }
}

/// The document that a title is.
pub(super) fn title_document(view: &CaseView, id: &crate::record::FactId) -> Document {
    let mut whole = [0; 32];
    whole[..16].copy_from_slice(id.as_bytes());
    Document { case: *view.case.as_bytes(), giver: *view.owner.as_bytes(), kind: Kind::Title, id: whole }
}

/// The document that a revision is.
pub(super) fn revision_document(view: &CaseView, fact: &RevisionFact) -> Document {
    let id = *fact.revision.as_bytes();
    Document { case: *view.case.as_bytes(), giver: *view.owner.as_bytes(), kind: Kind::Revision, id }
}

/// The case of a document.
pub(super) fn case_of(document: &Document) -> SearchCase {
    SearchCase { case: CaseId::new(document.case), giver: CardHash::new(document.giver) }
}

/// The revision of a document.
pub(super) fn revision_of(document: &Document) -> RevisionId {
    RevisionId::new(document.id)
}
