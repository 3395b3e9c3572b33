//! The ways in which bytes from elsewhere can be wrong.

/// Bytes are not what docs/format.md says they must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Malformed {
    /// A field holds a value its rules forbid; the name is the field's.
    #[error("the field `{0}` holds a forbidden value")]
    Field(&'static str),
    /// Written by a later version.
    #[error("written by a newer sanduq")]
    Newer,
    /// Decodes, but another encoding of the same is the only permitted one.
    #[error("not in its one permitted encoding")]
    NotCanonical,
    /// Not a structure of this type.
    #[error("not a {0}")]
    NotA(&'static str),
    /// Longer than this type may be.
    #[error("longer than a {0} may be")]
    TooLong(&'static str),
}
