//! Every file of a bundle that follows from its content, with size and digest: what the writer writes, and what
//! the reader compares with.

use std::collections::BTreeMap;

use super::BundleError;
use super::custody;
use super::error::ExhibitFault;
use super::layout::{Cut, LaidCase, LaidPart, case_json, exhibits, member, part_content, pieces, rank};
use super::tar::{MemberPath, TarWriteError};
use crate::crypto::{KnownCard, case_code, sha256};
use crate::format::{Exhibit, render_part};
use crate::record::{CardHash, CaseCode, Digest};
use crate::vault::LogExtract;

/// A file of a bundle.
pub(super) struct Planned<'a> {
    pub(super) path: MemberPath,
    pub(super) bytes: u64,
    /// None for a piece of an exhibit, and for what is not known yet.
    pub(super) digest: Option<Digest>,
    pub(super) content: Content<'a>,
}

/// Where the bytes of a file come from.
pub(super) enum Content<'a> {
    /// From here.
    Bytes(Vec<u8>),
    /// Rendered from a revision: the file with this number.
    Part(&'a LaidPart<'a>, usize),
    /// From the source of exhibits.
    Piece(Piece<'a>),
    /// Zeros.
    Zeros,
}

/// A piece of an exhibit, most often the only one.
#[derive(Clone)]
pub(super) struct Piece<'a> {
    pub(super) exhibit: &'a Exhibit,
    pub(super) part: &'a LaidPart<'a>,
    /// The exhibit's file inside the part's folder, without the number of a piece.
    pub(super) file: String,
    /// From 0.
    pub(super) number: usize,
    /// How many there are.
    pub(super) of: usize,
}

impl Piece<'_> {
    /// The code of the case it belongs to.
    pub(super) fn code(&self) -> CaseCode {
        let folder = self.part.folder.split('/').nth(1).and_then(|code| code.parse().ok());
        folder.unwrap_or_else(|| case_code(&self.part.core.case))
    }

    /// An error about the exhibit.
    pub(super) fn error(&self, fault: ExhibitFault) -> BundleError {
        let (part, file) = (self.part.core.part.clone(), self.file.clone());
        BundleError::Exhibit { code: self.code(), part, file, fault }
    }
}

impl<'a> Planned<'a> {
    /// A file whose bytes are here.
    pub(super) fn bytes(path: &str, bytes: Vec<u8>) -> Result<Self, BundleError> {
        let digest = Some(sha256(&bytes));
        Ok(Self { path: member(path)?, bytes: bytes.len() as u64, digest, content: Content::Bytes(bytes) })
    }
}

/// All of `custody/` but its two texts, and all of `data/`, in the order of a bundle.
pub(super) fn plan_content<'a>(
    laid: &'a [LaidCase<'a>],
    log: &[LogExtract],
    cards: &BTreeMap<CardHash, &KnownCard>,
    cut: Cut,
) -> Result<Vec<Planned<'a>>, BundleError> {
    let mut plan = Vec::new();
    for (path, bytes) in custody::files(laid, log, cards) {
        plan.push(Planned::bytes(&path, bytes)?);
    }
    for case in laid {
        plan.push(Planned::bytes(&format!("data/{}/case.json", case.code), case_json(case))?);
        for part in &case.parts {
            plan_part(part, cut, &mut plan)?;
        }
    }
    sort(&mut plan);
    Ok(plan)
}

/// Puts files in the order of a bundle.
pub(super) fn sort(plan: &mut [Planned<'_>]) {
    plan.sort_by(|a, b| (rank(a.path.as_str()), &a.path).cmp(&(rank(b.path.as_str()), &b.path)));
}

fn plan_part<'a>(part: &'a LaidPart<'a>, cut: Cut, plan: &mut Vec<Planned<'a>>) -> Result<(), BundleError> {
    let rendered = render_part(&part_content(&part.core, part.revision));
    for (number, file) in rendered.iter().enumerate() {
        plan.push(Planned {
            path: member(&format!("{}/{}", part.folder, file.path))?,
            bytes: file.bytes.len() as u64,
            digest: Some(sha256(&file.bytes)),
            content: Content::Part(part, number),
        });
    }
    for (exhibit, file) in exhibits(part.revision) {
        let pieces =
            pieces(&file, exhibit.bytes, cut).ok_or(TarWriteError::TooLarge { size: exhibit.bytes })?;
        for (number, (path, bytes)) in pieces.iter().enumerate() {
            let piece = Piece { exhibit, part, file: file.clone(), number, of: pieces.len() };
            plan.push(Planned {
                path: member(&format!("{}/{path}", part.folder))?,
                bytes: *bytes,
                digest: (pieces.len() == 1).then_some(exhibit.sha256),
                content: Content::Piece(piece),
            });
        }
    }
    Ok(())
}
