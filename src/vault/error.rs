//! What can go wrong with a vault, and where in it.

use crate::crypto::ObjectType;
use crate::crypto::{BadSignature, CardError, OpenError};
use crate::format::Malformed;
use crate::record::{CardHash, CaseCode, CaseId, PartName, VaultId};
use crate::store::StoreError;

/// An operation on a vault failed; nothing was changed unless the variant says so.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VaultError {
    /// Several cases have this bare code.
    #[error("{} cases have the code {code}", choices.len())]
    AmbiguousCode {
        /// The code.
        code: CaseCode,
        /// Longer codes that tell them apart.
        choices: Vec<CaseCode>,
    },
    /// Another process of this identity is writing.
    #[error("another sanduq is writing in this vault")]
    Busy,
    /// Whoever asked for it said stop.
    #[error("stopped before it was done")]
    Cancelled,
    /// The vault changed between the plan and its application.
    #[error("the vault changed since this was planned")]
    Changed,
    /// Somebody else writes under this device's name: its memory was copied.
    #[error("another device writes under this device's name")]
    Clone,
    /// A contact by this label is there already.
    #[error("there is already a contact `{0}`")]
    ContactExists(String),
    /// An object is missing, or not what it must be.
    #[error("{0} is damaged or missing")]
    Damaged(Item, #[source] Damage),
    /// Nothing to do.
    #[error("nothing to do: {0}")]
    Nothing(&'static str),
    /// No contact of this identity gave anything in this vault.
    #[error("no contact of yours has shared anything here")]
    NothingShared,
    /// The vault does not belong to this identity.
    #[error("this vault is not yours")]
    NotOwner,
    /// No such contact.
    #[error("no contact `{0}`")]
    NoContact(String),
    /// The shares fit together, and open nothing here.
    #[error("these shares belong together, and open no recovery of this vault")]
    NoRecovery,
    /// No such case, or not for this identity: the two cannot be told apart.
    #[error("{0}: not shared with you")]
    NotShared(String),
    /// No such part, revision or exhibit in a case that can be read.
    #[error("{case} has no {what}")]
    NoSuch {
        /// The case.
        case: CaseCode,
        /// What is not there.
        what: String,
    },
    /// It is recorded, and what follows could not be done: making it durable, remembering it, sending messages.
    /// Doing it again would record it twice; the next opening sends what is missing.
    #[error("it is recorded, but what follows could not be done")]
    Recorded(#[source] Box<Self>),
    /// Going back was noticed; the vault is read-only until it is accepted.
    #[error("this vault went back to an earlier state")]
    RolledBack,
    /// What is to be recorded is larger than its kind may be.
    #[error("this {0} would be larger than it may be")]
    TooLarge(&'static str),
    /// A text breaks the rules of texts.
    #[error("the text cannot be taken")]
    Text(#[source] crate::record::TextError),
    /// The part `consent` takes forms and nothing else: it goes along with what others are given.
    #[error("the part `{0}` takes a form and nothing else")]
    FormsOnly(PartName),
    /// Not everybody whose data would go out consents to it.
    #[error("not everybody whose data would go out consents to it")]
    NoConsent,
    /// Heads with different forms stand beside each other; only a new form for the part can join them.
    #[error("two versions of this part's form stand beside each other")]
    SeveralForms,
    /// Heads with different texts stand beside each other; only a new text for the part can join them.
    #[error("two versions of this part's text stand beside each other")]
    SeveralTexts,
    /// Whoever takes the bytes of an exhibit could not.
    #[error("what was read cannot be written where it is to go")]
    Sink(#[source] std::io::Error),
    /// The source of an exhibit changed while it was read, or could not be read.
    #[error("the source file changed while it was read, or cannot be read")]
    Source(#[source] std::io::Error),
    /// The place could not be read or written.
    #[error("the vault's folder cannot be used")]
    Store(#[from] StoreError),
    /// The contact has only an age recipient, or no card that mailboxes can be agreed with.
    #[error("`{0}` can only receive bundles")]
    BundlesOnly(String),
    /// Written by a later version.
    #[error("written by a newer sanduq")]
    Newer,
}

/// What is damaged or missing.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Item {
    /// The address book beside the identity file.
    AddressBook,
    /// A card kept in the vault.
    Card(CardHash),
    /// The draft of a form beside the identity file.
    Draft,
    /// A log entry of a writer.
    Entry(String, u64),
    /// An exhibit.
    Exhibit(CaseId, PartName, u64),
    /// The genesis.
    Genesis,
    /// The plain header.
    Header,
    /// The memory beside the identity file.
    Memory,
    /// A message.
    Message(u64),
    /// The operations of an entry.
    Operations,
    /// A recovery, which shares open.
    Recovery,
    /// A revision.
    Revision(CaseId, PartName),
    /// A state run.
    Run,
    /// The search index beside the identity file.
    Search,
    /// The vault as another one than expected.
    Vault(VaultId),
}

impl std::fmt::Display for Item {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let code = crate::crypto::case_code;
        match self {
            Self::AddressBook => f.write_str("the address book"),
            Self::Card(card) => write!(f, "the card {card}"),
            Self::Draft => f.write_str("the draft of this form beside the identity file"),
            Self::Entry(writer, n) => write!(f, "entry {n} of writer {writer}"),
            Self::Exhibit(case, part, n) => write!(f, "exhibit E{n} in {part} of {}", code(case)),
            Self::Genesis => f.write_str("the vault's genesis"),
            Self::Header => f.write_str("the file `vault`"),
            Self::Memory => f.write_str("the memory of this vault beside the identity file"),
            Self::Message(n) => write!(f, "message {n}"),
            Self::Operations => f.write_str("the list of operations of an entry"),
            Self::Recovery => f.write_str("the recovery that shares open"),
            Self::Revision(case, part) => write!(f, "a revision of {part} of {}", code(case)),
            Self::Run => f.write_str("a part of the vault's index"),
            Self::Search => f.write_str("the search index beside the identity file"),
            Self::Vault(vault) => write!(f, "the vault {vault}"),
        }
    }
}

/// How it is damaged.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Damage {
    /// It opens to something that has another digest than the reference to it.
    #[error("it is not what the reference to it says")]
    Other,
    /// Its signature is wrong.
    #[error(transparent)]
    BadSignature(#[from] BadSignature),
    /// The card in it is not usable.
    #[error(transparent)]
    Card(#[from] CardError),
    /// Its bytes are not of its format.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// It does not open.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// It cannot be read from its place.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Nobody known wrote it.
    #[error("the card of its author is not known")]
    UnknownAuthor,
}

impl VaultError {
    /// Names what is damaged; a later version and an unreachable place are not damage.
    pub(crate) fn damaged(item: Item, damage: impl Into<Damage>) -> Self {
        match damage.into() {
            Damage::Malformed(Malformed::Newer) | Damage::Card(CardError::Newer) => Self::Newer,
            Damage::Store(error)
                if !matches!(
                    error,
                    StoreError::NotFound { .. }
                        | StoreError::NotAFile { .. }
                        | StoreError::TooLarge { .. }
                        | StoreError::OutOfRange { .. }
                ) =>
            {
                Self::Store(error)
            }
            damage => Self::Damaged(item, damage),
        }
    }
}

/// The type an item is sealed as, and how large its content may be.
pub(crate) fn limit_of(kind: ObjectType) -> u64 {
    match kind {
        ObjectType::Genesis | ObjectType::Entry => 2 << 20,
        ObjectType::Revision => 40 << 20,
        _ => 600 << 20,
    }
}
