//! What can go wrong in a place, and where.

use std::fmt;
use std::io;
use std::path::PathBuf;

use super::local::linux;
use super::name::ObjectName;

/// Where something went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Place {
    /// At an object of the store.
    Object(ObjectName),
    /// At a file or folder.
    Path(PathBuf),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Object(name) => write!(f, "object {name}"),
            Self::Path(path) => write!(f, "{}", path.display()),
        }
    }
}

impl From<ObjectName> for Place {
    fn from(name: ObjectName) -> Self {
        Self::Object(name)
    }
}

impl From<PathBuf> for Place {
    fn from(path: PathBuf) -> Self {
        Self::Path(path)
    }
}

impl From<&std::path::Path> for Place {
    fn from(path: &std::path::Path) -> Self {
        Self::Path(path.to_path_buf())
    }
}

/// A place could not be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The name is taken; what stands there is unchanged.
    #[error("{place} already exists")]
    AlreadyExists {
        /// The name that is taken.
        place: Place,
    },
    /// The operating system does not let this user do this here.
    #[error("not allowed to use {place}")]
    Denied {
        /// The place that was refused.
        place: Place,
        /// The operating system's answer.
        source: io::Error,
    },
    /// There is no room left (disk or quota); nothing was published.
    #[error("no room left for {place}")]
    Full {
        /// What did not fit.
        place: Place,
        /// The operating system's answer.
        source: io::Error,
    },
    /// The folder is there and holds no vault: its `vault` file is missing, or it is no folder.
    #[error("{} is not a vault", path.display())]
    NotAVault {
        /// The folder.
        path: PathBuf,
    },
    /// What stands there is not a regular file (a folder, link, pipe or device).
    #[error("{place} is not a regular file")]
    NotAFile {
        /// The place.
        place: Place,
    },
    /// An earlier write of this store could not be made durable, so that nothing more is written
    /// through it. What was published since the last good barrier may or may not be there.
    #[error("an earlier write could not be made durable")]
    NotDurable,
    /// A folder for a new vault holds something already.
    #[error("{} is not empty", path.display())]
    NotEmpty {
        /// The folder.
        path: PathBuf,
    },
    /// Nothing stands there.
    #[error("{place} does not exist")]
    NotFound {
        /// The place.
        place: Place,
    },
    /// A failure of another kind.
    #[error("cannot use {place}")]
    Other {
        /// The place.
        place: Place,
        /// The operating system's answer.
        source: io::Error,
    },
    /// Bytes were asked for that lie beyond the end.
    #[error("{place} ends before byte {end}")]
    OutOfRange {
        /// The object.
        place: Place,
        /// The end of the range asked for.
        end: u64,
    },
    /// The file system is mounted read-only.
    #[error("{place} is on a read-only file system")]
    ReadOnly {
        /// The place.
        place: Place,
        /// The operating system's answer.
        source: io::Error,
    },
    /// A new object got more or fewer bytes than were announced; it was not published.
    #[error("{place} was announced with {announced} bytes and given {written}")]
    SizeMismatch {
        /// The object.
        place: Place,
        /// The size given to `create`.
        announced: u64,
        /// The bytes given to `write`, the refused ones included.
        written: u64,
    },
    /// What stands there is larger than the caller accepts; it was not read.
    #[error("{place} has {size} bytes, at most {max} are accepted")]
    TooLarge {
        /// The place.
        place: Place,
        /// The size found.
        size: u64,
        /// The size accepted.
        max: u64,
    },
    /// It was written and stands under its name, and the system could not make that durable.
    #[error("{place} was written, and may be lost again if the power fails")]
    Unsettled {
        /// The place.
        place: Place,
        /// The operating system's answer.
        source: io::Error,
    },
    /// The device or server does not answer, or answers with errors: a stick pulled out, a cut
    /// connection, a broken disk.
    #[error("cannot reach {place}")]
    Unreachable {
        /// The place.
        place: Place,
        /// The operating system's answer.
        source: io::Error,
    },
}

impl StoreError {
    /// Sorts an operating system's error at `place` into the variants above.
    pub(crate) fn io(place: impl Into<Place>, source: io::Error) -> Self {
        let place = place.into();
        match source.kind() {
            io::ErrorKind::AlreadyExists => Self::AlreadyExists { place },
            io::ErrorKind::NotFound => Self::NotFound { place },
            io::ErrorKind::PermissionDenied => Self::Denied { place, source },
            io::ErrorKind::ReadOnlyFilesystem => Self::ReadOnly { place, source },
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full { place, source },
            _ if linux::is_unreachable(&source) => Self::Unreachable { place, source },
            _ => Self::Other { place, source },
        }
    }
}
