//! The cases one can read in a folder, whoever one is to it: the few questions that show, list and extract ask.

use sanduq::crypto::{KnownCard, case_digest};
use sanduq::record::{CardHash, CaseCode, CaseId};
use sanduq::store::Store;
use sanduq::vault::{CaseView, Contacts, SharedVault, Vault};

use crate::failure::{Failure, Kind};

/// A vault opened by someone who may read in it.
pub(crate) enum Access {
    /// By its owner, who reads everything.
    Owner(Box<Vault>),
    /// By someone it was shared with, who reads what was given.
    Reader(Box<SharedVault>),
}

impl Access {
    /// Returns the cases that can be read, in no order.
    pub(crate) fn cases(&self) -> Result<Vec<CaseView>, Failure> {
        match self {
            Self::Owner(vault) => Ok(vault.cases()?),
            Self::Reader(vault) => Ok(vault.cases()?),
        }
    }

    /// Returns everything known about a case.
    pub(crate) fn case(&self, case: CaseId) -> Result<CaseView, Failure> {
        match self {
            Self::Owner(vault) => Ok(vault.case(case)?),
            Self::Reader(vault) => Ok(vault.case(case)?),
        }
    }

    /// Returns the case with a code as it was typed.
    pub(crate) fn view(&self, code: &str) -> Result<CaseView, Failure> {
        let code = parse_code(code)?;
        let case = match self {
            Self::Owner(vault) => vault.find(&code)?,
            Self::Reader(vault) => vault.find(&code)?,
        };
        self.case(case)
    }

    /// Returns a card by its hash.
    pub(crate) fn card(&self, hash: &CardHash) -> Result<Option<KnownCard>, Failure> {
        match self {
            Self::Owner(vault) => Ok(vault.card(hash)?),
            Self::Reader(vault) => Ok(vault.card(hash)?),
        }
    }

    /// Returns the store the vault lies in.
    pub(crate) fn store(&self) -> &dyn Store {
        match self {
            Self::Owner(vault) => vault.store(),
            Self::Reader(vault) => vault.store(),
        }
    }

    /// Returns the contacts of whoever reads.
    pub(crate) fn contacts(&self) -> &Contacts {
        match self {
            Self::Owner(vault) => vault.contacts(),
            Self::Reader(vault) => vault.contacts(),
        }
    }

    /// Returns the card of whoever reads.
    pub(crate) fn me(&self) -> CardHash {
        match self {
            Self::Owner(vault) => vault.identity().card().hash(),
            Self::Reader(vault) => vault.identity().card().hash(),
        }
    }

    /// Returns which cases `list --new` has not shown yet, and remembers that it has now.
    pub(crate) fn take_new(&mut self) -> Result<Vec<CaseId>, Failure> {
        let (new, marked) = match self {
            Self::Owner(vault) => (vault.arrivals()?, vault.mark_arrivals()),
            Self::Reader(vault) => (vault.arrivals()?, vault.mark_arrivals()),
        };
        marked?;
        Ok(new)
    }

    /// Returns the code that names a case alone here: longer where another case shares the bare one.
    pub(crate) fn code(&self, case: CaseId) -> CaseCode {
        let bare = CaseCode::of(&case_digest(&case));
        let alone = match self {
            Self::Owner(vault) => vault.find(&bare).is_ok(),
            Self::Reader(vault) => vault.find(&bare).is_ok(),
        };
        if alone { bare } else { CaseCode::long(&case_digest(&case), 1) }
    }
}

/// Returns the cases with these codes as they were typed.
pub(crate) fn find_all(vault: &Vault, codes: &[String]) -> Result<Vec<CaseId>, Failure> {
    codes.iter().map(|code| Ok(vault.find(&parse_code(code)?)?)).collect()
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
