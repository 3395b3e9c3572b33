//! At which layer opening an age file failed: the classes of the age test kit.
//!
//! For diagnosis and for the vectors; what people are told is [`OpenError`], which joins most of them.

use std::io;

use crate::crypto::error::OpenError;

/// The layer of an age file at which opening it failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AgeFault {
    /// The ASCII armor is malformed.
    #[error("age armor is malformed")]
    Armor,
    /// The header is malformed, or asks for more work than is granted.
    #[error("age header is malformed")]
    Header,
    /// The header is longer, or has more stanzas, than is accepted.
    #[error("age header is too large")]
    HeaderTooLarge,
    /// Reading failed.
    #[error("cannot read the age file")]
    Io(#[source] io::Error),
    /// The header was changed after sealing.
    #[error("age header does not match its authentication code")]
    Mac,
    /// No identity opens any stanza.
    #[error("no identity matched any of the recipients")]
    NoIdentityMatches,
    /// The bytes do not begin as an age file does.
    #[error("not an age file")]
    NotAge,
    /// The payload is damaged or cut off.
    #[error("age payload is corrupt")]
    Payload,
    /// An age file of an unknown version.
    #[error("age file of an unknown version")]
    UnknownVersion,
}

impl AgeFault {
    /// Takes back a fault that travelled through [`std::io::Read`], or wraps what else went wrong there.
    pub(super) fn from_io(error: io::Error, cut_off: Self) -> Self {
        if error.get_ref().is_some_and(|inner| inner.is::<Self>()) {
            let inner = error.into_inner().expect("an inner error was just seen");
            return *inner.downcast::<Self>().expect("its type was just seen");
        }
        match error.kind() {
            io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => cut_off,
            _ => Self::Io(error),
        }
    }
}

impl From<AgeFault> for io::Error {
    fn from(fault: AgeFault) -> Self {
        match fault {
            AgeFault::Io(error) => error,
            fault => Self::new(io::ErrorKind::InvalidData, fault),
        }
    }
}

impl From<AgeFault> for OpenError {
    fn from(fault: AgeFault) -> Self {
        match fault {
            AgeFault::Armor | AgeFault::Header | AgeFault::Mac | AgeFault::Payload => Self::Corrupt,
            AgeFault::HeaderTooLarge => Self::HeaderTooLarge,
            AgeFault::Io(error) => Self::Io(error),
            AgeFault::NoIdentityMatches => Self::NoIdentityMatches,
            AgeFault::NotAge | AgeFault::UnknownVersion => Self::Unsupported,
        }
    }
}

impl From<io::Error> for AgeFault {
    /// For errors met while reading plaintext from an `AgeReader`.
    fn from(error: io::Error) -> Self {
        Self::from_io(error, Self::Payload)
    }
}

impl OpenError {
    /// Judges an error met while reading plaintext from an `AgeReader`: damaged data apart from a failing disk.
    pub fn from_read(error: io::Error) -> Self {
        AgeFault::from(error).into()
    }
}
