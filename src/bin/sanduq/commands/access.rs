//! The cases one can read in a folder, whoever one is to it: the few questions that show, list and extract ask.

use sanduq::crypto::{KnownCard, case_code, case_digest};
use sanduq::record::{CardHash, CaseCode, CaseId};
use sanduq::store::Store;
use sanduq::vault::{CaseView, Contacts, Corpus, SharedVault, Vault};

use super::names::Name;
use crate::failure::{Failure, Kind};

/// A vault opened by someone who may read in it.
pub(crate) enum Access {
    /// By its owner, who reads everything.
    Owner(Box<Vault>),
    /// By someone with whom its owner shared something; they read just that.
    Reader(Box<SharedVault>),
}

impl Access {
    /// Returns what `brief` makes of every case that can be read, in no order, and how many parts of the index cannot be.
    pub(crate) fn each_case<T: Send>(
        &self,
        brief: impl Fn(CaseView) -> T + Sync,
    ) -> Result<(Vec<T>, usize), Failure> {
        match self {
            Self::Owner(vault) => Ok(vault.each_readable_case(brief)?),
            Self::Reader(shared) => Ok((shared.cases()?.into_iter().map(brief).collect(), 0)),
        }
    }

    /// Returns the case with a code as it was typed: for a reader as each of its givers gave it, never mixed.
    pub(crate) fn views(&self, code: &str) -> Result<Vec<CaseView>, Failure> {
        let code = parse_code(code)?;
        match self {
            Self::Owner(vault) => Ok(vec![vault.readable_case(vault.find_readable(&code)?)?]),
            Self::Reader(shared) => Ok(shared.views(shared.find(&code)?)?),
        }
    }

    /// Returns who gave what a view shows; none to the owner.
    pub(crate) fn giver(&self, owner: CardHash) -> Result<Option<Name>, Failure> {
        match self {
            Self::Owner(_) => Ok(None),
            Self::Reader(_) => Name::of(self, owner).map(Some),
        }
    }

    /// Returns a card by its hash.
    pub(crate) fn card(&self, hash: &CardHash) -> Result<Option<KnownCard>, Failure> {
        match self {
            Self::Owner(vault) => Ok(vault.card(hash)?),
            Self::Reader(shared) => Ok(shared.card(hash)?),
        }
    }

    /// Returns the store the vault lies in.
    pub(crate) fn store(&self) -> &dyn Store {
        match self {
            Self::Owner(vault) => vault.store(),
            Self::Reader(shared) => shared.store(),
        }
    }

    /// Returns the contacts of whoever reads.
    pub(crate) fn contacts(&self) -> &Contacts {
        match self {
            Self::Owner(vault) => vault.contacts(),
            Self::Reader(shared) => shared.contacts(),
        }
    }

    /// Returns the card of whoever reads.
    pub(crate) fn me(&self) -> CardHash {
        match self {
            Self::Owner(vault) => vault.identity().card().hash(),
            Self::Reader(shared) => shared.identity().card().hash(),
        }
    }

    /// Returns the cases, each with whose view of it, in which something came since `list --new` was last asked.
    pub(crate) fn arrivals(&self) -> Result<Vec<(CaseId, CardHash)>, Failure> {
        match self {
            Self::Owner(vault) => Ok(vault.arrivals()?.into_iter().map(|case| (case, self.me())).collect()),
            Self::Reader(shared) => Ok(shared.arrivals()?),
        }
    }

    /// Remembers that `list --new` showed everything there is.
    pub(crate) fn mark_arrivals(&mut self) -> Result<(), Failure> {
        match self {
            Self::Owner(vault) => Ok(vault.mark_arrivals()?),
            Self::Reader(shared) => Ok(shared.mark_arrivals()?),
        }
    }

    /// Returns all that can be read, to be searched.
    pub(crate) fn corpus(&self) -> Corpus<'_> {
        match self {
            Self::Owner(vault) => Corpus::Owner(vault),
            Self::Reader(shared) => Corpus::Reader(shared),
        }
    }

    /// Returns the case with a code, if there is one alone.
    pub(crate) fn find(&self, code: &CaseCode) -> Option<CaseId> {
        match self {
            Self::Owner(vault) => vault.find_readable(code).ok(),
            Self::Reader(shared) => shared.find(code).ok(),
        }
    }

    /// Returns the code that names a case alone here: longer where another case shares the bare one.
    pub(crate) fn code(&self, case: CaseId) -> CaseCode {
        let bare = case_code(&case);
        let alone = match self {
            Self::Owner(vault) => vault.find(&bare).is_ok(),
            Self::Reader(shared) => shared.find(&bare).is_ok(),
        };
        if alone { bare } else { CaseCode::long(&case_digest(&case), 1) }
    }
}

/// Returns the cases with these codes as they were typed.
pub(crate) fn find_all(vault: &Vault, codes: &[String]) -> Result<Vec<CaseId>, Failure> {
    let codes = codes.iter().map(|code| parse_code(code)).collect::<Result<Vec<_>, _>>()?;
    Ok(vault.find_all(&codes)?)
}

/// Reads a case code as people type it.
pub(crate) fn parse_code(text: &str) -> Result<CaseCode, Failure> {
    text.parse().map_err(|error| {
        Failure::new(Kind::Usage, Unread { text: text.to_owned(), source: error })
            .hint("`sanduq list` shows the codes of the cases you can read here")
    })
}

/// What was typed is no case code.
#[derive(Debug, thiserror::Error)]
#[error("{text:?} is no case code")]
struct Unread {
    text: String,
    source: sanduq::record::CaseCodeError,
}
