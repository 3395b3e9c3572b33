//! From the files of a bundle back to its content. Everything read here is rendered again and compared.

use std::collections::BTreeMap;

use serde_bytes::{ByteArray, ByteBuf};

use super::BundleError;
use super::comment::start_of;
use super::custody::{ENTRY_LABEL, REVISION_LABEL, parse_openings, parse_signature};
use super::error::PartFault;
use super::judge::Head;
use super::layout::{LaidCase, lay_out, member};
use super::parcel::{Parcel, ParcelCase};
use super::small::SmallFiles;
use crate::crypto::{CardError, KnownCard};
use crate::format::{Malformed, PartContent, Revision, RevisionCore, decode, parse_part};
use crate::record::CaseId;
use crate::vault::LogExtract;

/// Reads the content of a bundle under its signed head.
pub(super) fn parse(head: &Head, small: &mut SmallFiles) -> Result<Parcel, BundleError> {
    let comment = &head.comment;
    let cards = cards(small)?;
    let log = log(small)?;
    let cases = cases(small)?;
    let laid = lay_out(&cases)?;
    let filled = laid.iter().map(|case| fill(case, small)).collect::<Result<_, _>>()?;
    Ok(Parcel {
        bundle: comment.bundle,
        date: start_of(comment.date).ok_or(BundleError::TrustedComment)?,
        to: comment.to,
        cases: filled,
        cards,
        log,
        head: comment.head,
    })
}

fn cards(small: &mut SmallFiles) -> Result<Vec<KnownCard>, BundleError> {
    let names = small.names("custody/cards/", ".card");
    let read = |name: String| {
        let path = format!("custody/cards/{name}.card");
        let bytes = small.take(&path)?;
        let refused = |cause: CardError| match member(&path) {
            Ok(path) => BundleError::card(path, cause),
            Err(error) => error,
        };
        KnownCard::from_text(&bytes).map_err(refused)
    };
    names.into_iter().map(read).collect()
}

/// A signed core and its signature, from the two files of that name.
fn signed(small: &mut SmallFiles, stem: &str, label: &[u8]) -> Result<(Vec<u8>, ByteArray<64>), BundleError> {
    let refused = |ending: &str| match member(&format!("{stem}{ending}")) {
        Ok(path) => BundleError::Rendering { path },
        Err(error) => error,
    };
    let mut message = small.take(&format!("{stem}.signed"))?;
    if !message.starts_with(label) {
        return Err(refused(".signed"));
    }
    message.drain(..label.len());
    let sig = parse_signature(&small.take(&format!("{stem}.sig"))?).ok_or_else(|| refused(".sig"))?;
    Ok((message, sig))
}

fn log(small: &mut SmallFiles) -> Result<Vec<LogExtract>, BundleError> {
    let names = small.names("custody/log/", ".signed");
    let read = |name: String| {
        let (core, sig) = signed(small, &format!("custody/log/{name}"), ENTRY_LABEL)?;
        let json = small.take(&format!("custody/log/{name}.json"))?;
        match parse_openings(&json) {
            Ok(openings) => Ok(LogExtract { core, sig, openings }),
            Err(malformed) => Err(BundleError::log(name, malformed.into())),
        }
    };
    names.into_iter().map(read).collect()
}

/// Cases and revisions as the signed cores tell them, still without content.
fn cases(small: &mut SmallFiles) -> Result<Vec<ParcelCase>, BundleError> {
    let mut cases = BTreeMap::<CaseId, Vec<Revision>>::new();
    for name in small.names("custody/revisions/", ".signed") {
        let stem = format!("custody/revisions/{name}");
        let (core, sig) = signed(small, &stem, REVISION_LABEL)?;
        let parsed: Result<RevisionCore, Malformed> = decode(&core);
        let parsed = match parsed {
            Ok(parsed) => parsed,
            Err(Malformed::Newer) => return Err(BundleError::Newer),
            Err(_) => return Err(BundleError::Rendering { path: member(&format!("{stem}.signed"))? }),
        };
        cases.entry(parsed.case).or_default().push(Revision {
            core: ByteBuf::from(core),
            sig,
            random: ByteArray::new([0; 32]),
            lang: None,
            text: None,
            exhibits: Vec::new(),
            removed: Vec::new(),
            form: None,
        });
    }
    Ok(cases.into_iter().map(|(case, revisions)| ParcelCase { case, revisions }).collect())
}

/// Gives the revisions of a case their content.
fn fill(case: &LaidCase<'_>, small: &mut SmallFiles) -> Result<ParcelCase, BundleError> {
    let mut revisions = Vec::with_capacity(case.parts.len());
    for part in &case.parts {
        let json = small.take(&format!("{}/part.json", part.folder))?;
        let statement = small.take_if_there(&format!("{}/statement.txt", part.folder));
        let refused = |fault: PartFault| BundleError::part(case.code.clone(), part.core.part.clone(), fault);
        let form = small.take_if_there(&format!("{}/form.json", part.folder));
        let content =
            parse_part(&json, statement.as_deref(), form.as_deref()).map_err(|cause| match cause {
                Malformed::Newer => refused(PartFault::Core(cause)),
                _ => refused(PartFault::ContentDiffers),
            })?;
        let PartContent { lang, random, text, exhibits, removed, form, .. } = content;
        if (content.case, &content.part) != (part.core.case, &part.core.part) {
            return Err(refused(PartFault::OtherPlace));
        }
        let random = ByteArray::new(*random.as_bytes());
        let (core, sig) = (part.revision.core.clone(), part.revision.sig);
        revisions.push(Revision { core, sig, random, lang, text, exhibits, removed, form });
    }
    Ok(ParcelCase { case: case.case, revisions })
}
