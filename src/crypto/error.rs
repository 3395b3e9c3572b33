//! How sealing and opening can fail. Says which class of failure, never which byte or which recipient.

use std::io;

/// Opening sealed bytes failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The bytes are damaged, cut off, or were changed after sealing.
    #[error("sealed data is corrupt")]
    Corrupt,
    /// The header of a foreign file is longer than any honest one.
    #[error("header of the sealed file is larger than the accepted limit")]
    HeaderTooLarge,
    /// Reading the sealed bytes failed.
    #[error("cannot read the sealed data")]
    Io(#[source] io::Error),
    /// None of the given identities is among the recipients.
    #[error("no identity matched any of the recipients")]
    NoIdentityMatches,
    /// The bytes are no age file, or one of a version or kind that is not read here.
    #[error("not an age file, or one of an unsupported kind")]
    Unsupported,
}

/// Sealing bytes failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    /// Writing the sealed bytes failed.
    #[error("cannot write the sealed data")]
    Io(#[source] io::Error),
    /// The recipient's key cannot protect anything (not a point or key that any honest tool makes).
    #[error("recipient key is unusable")]
    UnusableRecipient,
}
