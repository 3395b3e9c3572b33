//! Whether revisions and log extracts are what their authors signed: asked before writing and after reading.

use std::collections::{BTreeMap, BTreeSet};

use super::BundleError;
use super::error::{LogFault, PartFault};
use super::layout::{LaidCase, LaidPart, content_digest, part_content, short_name};
use crate::crypto::{KnownCard, SignatureLabel, leaf, merkle_root_from_path, sha256};
use crate::format::{EntryCore, Malformed, Operation, decode, decode_value, render_part};
use crate::record::{CardHash, CaseId, Digest, MAX_FILE_NAME_BYTES, MAX_TEXT_BYTES};
use crate::vault::LogExtract;

/// The cards of all authors and of the exporter.
pub(super) fn needed_cards<'a>(
    laid: &[LaidCase<'_>],
    cards: &'a [KnownCard],
    signer: &'a KnownCard,
) -> Result<BTreeMap<CardHash, &'a KnownCard>, BundleError> {
    let all: BTreeMap<CardHash, &KnownCard> =
        cards.iter().chain([signer]).map(|card| (card.hash(), card)).collect();
    let mut needed = BTreeMap::from([(signer.hash(), signer)]);
    for case in laid {
        for part in &case.parts {
            let author = part.core.author;
            let card = all.get(&author).ok_or_else(|| part_error(case, part, PartFault::AuthorMissing))?;
            needed.insert(author, card);
        }
    }
    Ok(needed)
}

/// Checks every revision and every log extract.
pub(super) fn verify_all(
    laid: &[LaidCase<'_>],
    log: &[LogExtract],
    cards: &BTreeMap<CardHash, &KnownCard>,
    signer: &KnownCard,
) -> Result<(), BundleError> {
    for case in laid {
        for part in &case.parts {
            verify_part(part, cards).map_err(|fault| part_error(case, part, fault))?;
        }
    }
    let cases: BTreeSet<CaseId> = laid.iter().map(|case| case.case).collect();
    for extract in log {
        verify_extract(extract, signer, &cases)
            .map_err(|fault| BundleError::log(short_name(&sha256(&extract.core)), fault))?;
    }
    Ok(())
}

fn part_error(case: &LaidCase<'_>, part: &LaidPart<'_>, fault: PartFault) -> BundleError {
    BundleError::Part { code: case.code.clone(), part: part.core.part.clone(), fault }
}

fn verify_part(part: &LaidPart<'_>, cards: &BTreeMap<CardHash, &KnownCard>) -> Result<(), PartFault> {
    let LaidPart { revision, core, .. } = part;
    let author = cards.get(&core.author).ok_or(PartFault::AuthorMissing)?;
    author.check(SignatureLabel::Revision, &revision.core, &revision.sig)?;
    let names_fit = revision.exhibits.iter().all(|exhibit| exhibit.name.len() <= MAX_FILE_NAME_BYTES);
    if !names_fit || revision.text.as_ref().is_some_and(|text| text.len() > MAX_TEXT_BYTES) {
        return Err(PartFault::TooLong);
    }
    if content_digest(&render_part(&part_content(core, revision))) != core.content {
        return Err(PartFault::ContentDiffers);
    }
    let sorted = revision.exhibits.is_sorted_by(|a, b| (a.number, a.sha256) < (b.number, b.sha256))
        && revision.removed.is_sorted_by(|a, b| a < b);
    if !sorted || !revision.exhibits.iter().map(|exhibit| exhibit.sha256).eq(core.exhibits.iter().copied()) {
        return Err(PartFault::ExhibitsDiffer);
    }
    Ok(())
}

fn verify_extract(
    extract: &LogExtract,
    signer: &KnownCard,
    cases: &BTreeSet<CaseId>,
) -> Result<(), LogFault> {
    let core: EntryCore = decode(&extract.core)?;
    if core.owner != signer.hash() {
        return Err(LogFault::OtherOwner);
    }
    signer.check(SignatureLabel::Entry, &extract.core, &extract.sig)?;
    let count = extract.openings.first().ok_or(Malformed::Field("operations"))?.count;
    let in_order = extract.openings.is_sorted_by(|a, b| a.index < b.index);
    if !in_order || extract.openings.iter().any(|opening| opening.count != count) {
        return Err(Malformed::Field("index").into());
    }
    for opening in &extract.openings {
        let (index, count) = (to_usize(opening.index)?, to_usize(opening.count)?);
        let leaf: Digest = leaf(&opening.salt, &opening.operation);
        if merkle_root_from_path(leaf, index, count, &opening.path) != Some(core.operations) {
            return Err(LogFault::NotInEntry);
        }
        let operation: Operation = decode_value(&opening.operation, "operation")?;
        if !operation.case.is_some_and(|case| cases.contains(&case)) {
            return Err(LogFault::OtherCase);
        }
    }
    Ok(())
}

fn to_usize(n: u64) -> Result<usize, Malformed> {
    // A quarter of the largest: sums of two stay in range.
    usize::try_from(n).ok().filter(|n| *n <= usize::MAX / 4).ok_or(Malformed::Field("count"))
}
