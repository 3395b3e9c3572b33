//! How writing and reading bundles can fail: which class, and where. Wording beyond one line is the program's.

use std::io;

use super::bag::BagError;
use super::tar::{MemberPath, TarError, TarWriteError};
use crate::crypto::minisign::MinisignError;
use crate::crypto::{BadSignature, CardError, KnownCard, OpenError, SealError};
use crate::format::Malformed;
use crate::record::{CaseCode, PartName, Recipient};

/// A bundle could not be written, or is refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BundleError {
    /// The bag is not closed, or a file in it is not the listed one.
    #[error(transparent)]
    Bag(#[from] BagError),
    /// A card in the bundle cannot be read or is not signed by itself.
    #[error("the card {path} is refused")]
    Card {
        /// The card file.
        path: MemberPath,
        /// What is wrong with it.
        #[source]
        cause: CardError,
    },
    /// A `case.json` or the folder it lies in is not what its contents would be rendered to.
    #[error("the folder of case {code} is malformed")]
    Case {
        /// The folder's name, which is safe to print.
        code: String,
    },
    /// Something about an exhibit of a part.
    #[error("exhibit {file} of case {code}, part {part}, {fault}")]
    Exhibit {
        /// The case.
        code: CaseCode,
        /// The part.
        part: PartName,
        /// The exhibit's file inside the part's folder.
        file: String,
        /// What is wrong with it.
        fault: ExhibitFault,
    },
    /// The files do not lie in one folder. What they are called is not told: this is seen before the signature is.
    #[error("the files of the bundle do not lie in one folder")]
    Folders,
    /// A log extract is refused.
    #[error("the log extract {name} is refused")]
    Log {
        /// Its name in `custody/log/`.
        name: String,
        /// What is wrong with it.
        #[source]
        fault: LogFault,
    },
    /// The bundle is meant for somebody else.
    #[error("this bundle is addressed to somebody else")]
    MisAddressed {
        /// For whom it was made.
        to: Recipient,
    },
    /// A file that every bundle of this content has is not there.
    #[error("{path} is missing")]
    Missing {
        /// The file.
        path: MemberPath,
    },
    /// It was made by a later version.
    #[error("written by a newer sanduq")]
    Newer,
    /// No exhibit with this digest is in the bundle.
    #[error("the exhibit is not in the bundle")]
    NoSuchExhibit,
    /// The sealed file cannot be opened.
    #[error("the bundle cannot be opened")]
    Open(#[source] OpenError),
    /// A file does not come after the one before it.
    #[error("{path} is out of its place in the bundle")]
    OutOfPlace {
        /// The file.
        path: MemberPath,
    },
    /// A part is refused.
    #[error("case {code}, part {part}, is refused")]
    Part {
        /// The case.
        code: CaseCode,
        /// The part.
        part: PartName,
        /// What is wrong with it.
        #[source]
        fault: PartFault,
    },
    /// A path of an unpacked bundle is none that a bundle has.
    #[error("the folder holds something that is no file of a bundle")]
    Path,
    /// Reading the bundle, or a file of it, failed.
    #[error("cannot read the bundle")]
    Read(#[source] io::Error),
    /// A file is not what the bundle's contents would be rendered to.
    #[error("{path} is not what the bundle's contents are rendered to")]
    Rendering {
        /// The file.
        path: MemberPath,
    },
    /// The bundle cannot be sealed.
    #[error("the bundle cannot be sealed")]
    Seal(#[source] SealError),
    /// The signature over the bundle is not by the card in it, or is malformed.
    #[error("the signature over the bundle is refused")]
    Signature(#[source] MinisignError),
    /// Whoever took what was read could not keep it.
    #[error("cannot keep what was read from the bundle")]
    Sink(#[source] io::Error),
    /// The archive is refused or cannot be read.
    #[error(transparent)]
    Tar(TarError),
    /// The archive cannot be written.
    #[error(transparent)]
    TarWrite(#[from] TarWriteError),
    /// A file that is read as a whole is larger than its kind may be.
    #[error("{path} is larger than is accepted")]
    TooLarge {
        /// The file.
        path: MemberPath,
    },
    /// The trusted comment is none of a bundle, or does not agree with `bag-info.txt`.
    #[error("the signed line about bundle, date and recipient is malformed or does not fit the bundle")]
    TrustedComment,
    /// A file is there that a bundle of this content does not have.
    #[error("{path} does not belong into the bundle")]
    Unexpected {
        /// The file.
        path: MemberPath,
    },
    /// The bundle is signed by a card that the reader does not trust; everything behind it was not looked at.
    #[error("the bundle is signed by an unknown card")]
    UnknownSigner {
        /// The card.
        card: Box<KnownCard>,
    },
    /// Writing the sealed file failed.
    #[error("cannot write the bundle")]
    Write(#[source] io::Error),
}

impl BundleError {
    /// A card file is refused.
    pub(super) fn card(path: MemberPath, cause: CardError) -> Self {
        match cause {
            CardError::Newer => Self::Newer,
            cause => Self::Card { path, cause },
        }
    }

    /// A log extract is refused.
    pub(super) fn log(name: String, fault: LogFault) -> Self {
        match fault {
            LogFault::Malformed(Malformed::Newer) => Self::Newer,
            fault => Self::Log { name, fault },
        }
    }

    /// A part is refused.
    pub(super) fn part(code: CaseCode, part: PartName, fault: PartFault) -> Self {
        match fault {
            PartFault::Core(Malformed::Newer) => Self::Newer,
            fault => Self::Part { code, part, fault },
        }
    }
}

/// What is wrong with an exhibit.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExhibitFault {
    /// Its bytes are not those whose SHA-256 was taken at intake.
    #[error("is not the file that was attached")]
    Differs,
    /// Its source failed.
    #[error("cannot be read")]
    Source(#[source] io::Error),
}

/// What is wrong with a revision of a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PartFault {
    /// The author's card is not in the bundle.
    #[error("the author's card is not there")]
    AuthorMissing,
    /// Text, language, exhibits or their names are not what the author signed.
    #[error("the content is not what its author signed")]
    ContentDiffers,
    /// The signed core cannot be read.
    #[error("the signed core is malformed")]
    Core(#[from] Malformed),
    /// The digests of the exhibits are not the signed ones, or stand in another order.
    #[error("the exhibits are not those its author signed")]
    ExhibitsDiffer,
    /// The core is of another case or part.
    #[error("the signed core is of another case or part")]
    OtherPlace,
    /// The core's signature is not the author's.
    #[error("the author's signature does not fit")]
    Signature(#[from] BadSignature),
    /// A text or name breaks the rules of texts.
    #[error("a text or file name is longer than is accepted")]
    TooLong,
}

/// What is wrong with a log extract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LogFault {
    /// The core, an opening or an operation cannot be read.
    #[error("it is malformed")]
    Malformed(#[from] Malformed),
    /// An operation is not in the signed entry.
    #[error("an operation is not in the signed entry")]
    NotInEntry,
    /// An operation concerns nothing in the bundle.
    #[error("an operation concerns no case of the bundle")]
    OtherCase,
    /// The entry is of another owner's vault.
    #[error("the entry is not of the signer's log")]
    OtherOwner,
    /// The entry's signature does not fit.
    #[error("the entry's signature does not fit")]
    Signature(#[from] BadSignature),
}
