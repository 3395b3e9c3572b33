//! The exhibits that a verified content announces, while their bytes come in.

use std::collections::BTreeMap;
use std::io::Read;

use super::BundleError;
use super::collect::each_piece;
use super::error::ExhibitFault;
use super::plan::{Content, Piece, Planned};
use super::tar::MemberPath;
use crate::crypto::Sha256Stream;
use crate::record::{CaseCode, Digest, PartName};

/// Files of exhibits still to come, and the running digest of one in pieces.
pub(super) struct ExpectedExhibits {
    files: BTreeMap<MemberPath, Expected>,
    joined: Sha256Stream,
}

struct Expected {
    bytes: u64,
    exhibit: Digest,
    number: usize,
    of: usize,
    code: CaseCode,
    part: PartName,
    file: String,
}

impl ExpectedExhibits {
    /// Takes the exhibits of a plan.
    pub(super) fn of(plan: &[Planned<'_>]) -> Self {
        let file = |file: &Planned<'_>| match &file.content {
            Content::Piece(piece) => Some((file.path.clone(), Expected::new(file.bytes, piece))),
            _ => None,
        };
        Self { files: plan.iter().filter_map(file).collect(), joined: Sha256Stream::default() }
    }

    /// Reads a file, which must be announced; returns its digest, and that of its exhibit with the number of the piece.
    pub(super) fn take(
        &mut self,
        path: &MemberPath,
        bytes: u64,
        reader: &mut dyn Read,
        buffer: &mut [u8],
    ) -> Result<(Digest, (Digest, usize)), BundleError> {
        let unexpected = || BundleError::Unexpected { path: path.clone() };
        let expected = self.files.remove(path).ok_or_else(unexpected)?;
        if bytes != expected.bytes {
            return Err(expected.differs());
        }
        let mut hash = Sha256Stream::default();
        let in_pieces = expected.of > 1;
        each_piece(reader, buffer, |bytes| {
            hash.update(bytes);
            if in_pieces {
                self.joined.update(bytes);
            }
            Ok(())
        })?;
        let digest = hash.finish();
        let whole = match () {
            () if !in_pieces => Some(digest),
            () if expected.number + 1 == expected.of => Some(std::mem::take(&mut self.joined).finish()),
            () => None,
        };
        if whole.is_some_and(|whole| whole != expected.exhibit) {
            return Err(expected.differs());
        }
        Ok((digest, (expected.exhibit, expected.number)))
    }

    /// Checks that all came.
    pub(super) fn finish(self) -> Result<(), BundleError> {
        match self.files.into_keys().next() {
            None => Ok(()),
            Some(path) => Err(BundleError::Missing { path }),
        }
    }
}

impl Expected {
    fn new(bytes: u64, piece: &Piece<'_>) -> Self {
        Self {
            bytes,
            exhibit: piece.exhibit.sha256,
            number: piece.number,
            of: piece.of,
            code: piece.code(),
            part: piece.part.core.part.clone(),
            file: piece.file.clone(),
        }
    }

    fn differs(&self) -> BundleError {
        let Self { code, part, file, .. } = self;
        let (code, part, file) = (code.clone(), part.clone(), file.clone());
        BundleError::Exhibit { code, part, file, fault: ExhibitFault::Differs }
    }
}
