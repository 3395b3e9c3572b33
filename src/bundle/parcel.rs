//! What goes into a bundle and comes out of one: cases with signed revisions, cards, log extracts.

use std::io;

use crate::crypto::age::recipient::AgeRecipient;
use crate::crypto::{KnownCard, sha256};
use crate::format::{Exhibit, Revision};
use crate::record::{BundleId, CaseId, Digest, Recipient, Time};
use crate::vault::LogExtract;

/// The whole content of a bundle, but for the bytes of exhibits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parcel {
    /// The bundle, random.
    pub bundle: BundleId,
    /// When it was made; the bundle shows the day.
    pub date: Time,
    /// For whom.
    pub to: Recipient,
    /// The cases.
    pub cases: Vec<ParcelCase>,
    /// The cards of all authors, and any others, which are left out.
    pub cards: Vec<KnownCard>,
    /// The entries of the exporter's log that recorded the revisions.
    pub log: Vec<LogExtract>,
    /// The last entry of the exporting writer.
    pub head: Digest,
}

/// A case in a bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParcelCase {
    /// The case.
    pub case: CaseId,
    /// Revisions of its parts; read from a bundle, their exhibits have no segments.
    pub revisions: Vec<Revision>,
}

/// Where the bytes of exhibits come from.
pub trait ExhibitSource: Sync {
    /// Hands all bytes of an exhibit to `sink`, in order, and gives the SHA-256 of what it handed over; an error of
    /// the sink is passed on as it is.
    fn read(
        &self,
        exhibit: &Exhibit,
        sink: &mut (dyn FnMut(&[u8]) -> io::Result<()> + Send),
    ) -> io::Result<Digest>;
}

/// How a bundle names a bare age recipient: the SHA-256 of its text. docs/format.md section 8.
pub fn bare_recipient(recipient: &AgeRecipient) -> Recipient {
    Recipient::new(*sha256(recipient.to_string().as_bytes()).as_bytes())
}

/// All names under which a bundle can be addressed to the owner of a card.
pub fn own_recipients(card: &KnownCard) -> [Recipient; 3] {
    [card.recipient(), bare_recipient(&card.hybrid()), bare_recipient(&card.classic())]
}
