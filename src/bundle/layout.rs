//! Where everything stands in a bundle: codes, folders, order of files. docs/format.md section 10.

use std::collections::BTreeMap;

use serde::Serialize;

use super::BundleError;
use super::bag::{BAG_INFO, DECLARATION, PAYLOAD_FOLDER, PAYLOAD_MANIFEST, TAG_MANIFEST, TAG_SIGNATURE};
use super::error::PartFault;
use super::parcel::ParcelCase;
use super::tar::{MAX_FILE_BYTES, MemberPath};
use crate::crypto::{case_digest, sha256};
use crate::format::{Exhibit, PartContent, RenderedFile, Revision, RevisionCore, decode, exhibit_files};
use crate::record::{BundleId, CaseCode, CaseId, Digest, PartName, RevisionId};

/// Name of the file that tells how to open and check the bundle.
pub(super) const README: &str = "README.txt";
/// Name of the exporter's card.
pub(super) const SIGNER: &str = "signer.card";
/// Name of the file of zeros.
pub(super) const PADDING: &str = "padding";
/// Folder of all that proves where the content comes from, with its slash.
pub(super) const CUSTODY: &str = "custody/";

/// Longest folder name of a part, in bytes, so that every path fits into a header.
const MAX_PART_FOLDER: usize = 24;
/// Digits of a digest in a file name.
const NAME_DIGITS: usize = 32;
/// Digits of the bundle id in the name of the bag's folder.
const FOLDER_DIGITS: usize = 8;

/// Most pieces of an exhibit: three digits number them.
const MAX_PIECES: u64 = 999;

/// How large exhibits are cut.
#[derive(Clone, Copy)]
pub(super) struct Cut {
    /// Largest exhibit that is not cut.
    pub(super) whole: u64,
    /// Bytes of a piece.
    pub(super) piece: u64,
}

impl Default for Cut {
    fn default() -> Self {
        Self { whole: MAX_FILE_BYTES, piece: 4 << 30 }
    }
}

/// A revision and its folder.
pub(super) struct LaidPart<'a> {
    pub(super) revision: &'a Revision,
    pub(super) core: RevisionCore,
    pub(super) id: RevisionId,
    /// `data/<code>/<part>`.
    pub(super) folder: String,
}

/// A case and its folder.
pub(super) struct LaidCase<'a> {
    pub(super) case: CaseId,
    pub(super) code: CaseCode,
    pub(super) parts: Vec<LaidPart<'a>>,
}

/// Name of the bag's folder.
pub(super) fn bag_folder(bundle: &BundleId) -> String {
    format!("sanduq-{}", short(&bundle.to_string(), FOLDER_DIGITS))
}

/// The beginning of a digest, as file names in `custody/` have it.
pub(super) fn short_name(digest: &impl ToString) -> String {
    short(&digest.to_string(), NAME_DIGITS)
}

fn short(text: &str, digits: usize) -> String {
    text.chars().take(digits).collect()
}

/// Place of a file in a bundle: what is needed to judge the rest comes first, then by path.
pub(super) fn rank(path: &str) -> u8 {
    const FIRST: [&str; 7] =
        [README, SIGNER, TAG_MANIFEST, TAG_SIGNATURE, DECLARATION, BAG_INFO, PAYLOAD_MANIFEST];
    let is_exhibit = || path.split('/').count() > 4;
    match FIRST.iter().position(|first| *first == path) {
        Some(at) => u8::try_from(at).unwrap_or(u8::MAX),
        None if path.starts_with(PAYLOAD_FOLDER) && is_exhibit() => 9,
        None if path.starts_with(PAYLOAD_FOLDER) => 8,
        None if path == PADDING => 10,
        None => 7,
    }
}

/// Gives every case its code and every revision its folder, in the order of a bundle.
pub(super) fn lay_out(cases: &[ParcelCase]) -> Result<Vec<LaidCase<'_>>, BundleError> {
    let codes = codes(cases);
    let mut laid = cases.iter().zip(codes).map(lay_out_case).collect::<Result<Vec<_>, _>>()?;
    laid.sort_by_key(|case| case.code.to_string());
    Ok(laid)
}

fn lay_out_case<'a>((case, code): (&'a ParcelCase, CaseCode)) -> Result<LaidCase<'a>, BundleError> {
    let mut parts = Vec::with_capacity(case.revisions.len());
    for revision in &case.revisions {
        let core: RevisionCore =
            decode(&revision.core).map_err(|_| BundleError::Case { code: code.to_string() })?;
        if let Err(fault) = core.check() {
            return Err(BundleError::Part { code, part: core.part, fault: fault.into() });
        }
        if core.case != case.case {
            return Err(BundleError::Part { code, part: core.part, fault: PartFault::OtherPlace });
        }
        let id = RevisionId::new(*sha256(&revision.core).as_bytes());
        parts.push(LaidPart { revision, core, id, folder: String::new() });
    }
    parts.sort_by(|a, b| {
        (a.core.part.order(), a.core.time, a.id).cmp(&(b.core.part.order(), b.core.time, b.id))
    });
    for run in parts.chunk_by_mut(|a, b| a.core.part == b.core.part) {
        let several = run.len() > 1;
        for (at, part) in run.iter_mut().enumerate() {
            let folder = part_folder(&part.core.part);
            let number = if several { format!("+{}", at + 1) } else { String::new() };
            part.folder = format!("{PAYLOAD_FOLDER}{code}/{folder}{number}");
        }
    }
    Ok(LaidCase { case: case.case, code, parts })
}

/// The bare code of each case, or the shortest one that no other case of the bundle has.
fn codes(cases: &[ParcelCase]) -> Vec<CaseCode> {
    let digests: Vec<Digest> = cases.iter().map(|case| case_digest(&case.case)).collect();
    let mut codes: Vec<CaseCode> = digests.iter().map(CaseCode::of).collect();
    for more in 1..=10 {
        let mut count = BTreeMap::new();
        codes.iter().for_each(|code| *count.entry(code.clone()).or_insert(0) += 1);
        let shared = |code: &CaseCode| count.get(code).is_some_and(|count| *count > 1);
        let longer = codes
            .iter()
            .zip(&digests)
            .map(|(code, digest)| if shared(code) { CaseCode::long(digest, more) } else { code.clone() });
        codes = longer.collect();
    }
    codes
}

/// `person/doctor` as `person.doctor`; a longer name as its beginning, `_` and eight digits of its SHA-256.
fn part_folder(part: &PartName) -> String {
    const DIGITS: usize = 8;
    let folder = part.folder();
    if folder.len() <= MAX_PART_FOLDER {
        return folder;
    }
    let digits = short(&sha256(part.as_str().as_bytes()).to_string(), DIGITS);
    format!("{}_{digits}", short(&folder, MAX_PART_FOLDER - DIGITS - 1))
}

/// The files of an exhibit: path inside the part's folder and size; none for more than 999 pieces.
pub(super) fn pieces(file: &str, bytes: u64, cut: Cut) -> Option<Vec<(String, u64)>> {
    if bytes <= cut.whole {
        return Some(vec![(file.to_owned(), bytes)]);
    }
    let count = bytes.div_ceil(cut.piece);
    let piece = |at: u64| (format!("{file}.{:03}", at + 1), cut.piece.min(bytes - at * cut.piece));
    (count <= MAX_PIECES).then(|| (0..count).map(piece).collect())
}

/// The exhibits of a revision and their files.
pub(super) fn exhibits(revision: &Revision) -> impl Iterator<Item = (&Exhibit, String)> {
    revision.exhibits.iter().zip(exhibit_files(&revision.exhibits))
}

/// What `part.json`, `statement.txt` and `form.json` are rendered from.
pub(super) fn part_content(core: &RevisionCore, revision: &Revision) -> PartContent {
    PartContent {
        case: core.case,
        part: core.part.clone(),
        lang: revision.lang.clone(),
        random: Digest::new(*revision.random),
        text: revision.text.clone(),
        exhibits: revision.exhibits.clone(),
        removed: revision.removed.clone(),
        form: revision.form.clone(),
    }
}

/// SHA-256 of the lines that `sha256sum part.json statement.txt form.json` prints about those that are there. docs/format.md section 7.
pub(super) fn content_digest(files: &[RenderedFile]) -> Digest {
    let lines: String =
        files.iter().map(|file| format!("{}  {}\n", sha256(&file.bytes), file.path)).collect();
    sha256(lines.as_bytes())
}

#[derive(Serialize)]
struct CaseJson {
    sanduq: &'static str,
    case: String,
    code: String,
    parts: Vec<PartEntry>,
}

#[derive(Serialize)]
struct PartEntry {
    part: String,
    folder: String,
    revision: String,
}

/// Renders `case.json`.
pub(super) fn case_json(case: &LaidCase<'_>) -> Vec<u8> {
    let folder = |part: &LaidPart<'_>| part.folder.rsplit('/').next().unwrap_or_default().to_owned();
    let parts = case.parts.iter().map(|part| PartEntry {
        part: part.core.part.to_string(),
        folder: folder(part),
        revision: part.id.to_string(),
    });
    json_bytes(&CaseJson {
        sanduq: "case 1",
        case: case.case.to_string(),
        code: case.code.to_string(),
        parts: parts.collect(),
    })
}

/// JSON as all our files have it: two-space indentation, one LF at the end.
pub(super) fn json_bytes(value: &impl Serialize) -> Vec<u8> {
    let mut bytes = serde_json::to_vec_pretty(value).expect("our types encode into memory");
    bytes.push(b'\n');
    bytes
}

/// Takes a path that we have made ourselves.
pub(super) fn member(path: &str) -> Result<MemberPath, BundleError> {
    path.parse().map_err(|fault| super::tar::TarWriteError::Path(fault).into())
}
