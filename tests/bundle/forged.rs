//! Bundles that are well sealed and well signed, by somebody who should not have.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sanduq::bundle::{BundleError, LogFault, PartFault, Trust};
use sanduq::crypto::{Identity, SignatureLabel};

use super::bags::{
    FOLDER, bag, comment, file, files_of, path_of, place, seal, seal_bytes, sign_again, tar_of,
};
use super::{Bag, Story, refused, story};
use crate::support::tars::header;

/// What becomes of a bundle whose maker changes it, signs it again, and sends it.
fn changed(story: &Story, change: impl FnOnce(&mut Bag)) -> Result<(), BundleError> {
    let mut bag = bag(story);
    let comment = comment(&mut bag, &story.lawyer);
    change(&mut bag);
    sign_again(&mut bag, &story.lawyer, &comment);
    story.read(&seal(story, &bag, FOLDER)).map(drop)
}

#[test]
fn signing_again_without_a_change_is_accepted() {
    changed(&story(), |_| {}).unwrap();
}

#[test]
fn a_text_changed_under_a_colleagues_signature_is_refused_with_case_and_part() {
    let story = story();
    let error = refused(changed(&story, |bag| {
        let path = path_of(bag, "testimony+2/statement.txt");
        let text = String::from_utf8(file(bag, &path).clone()).unwrap();
        *file(bag, &path) = text.replace("сама", "издали").into_bytes();
    }));
    let BundleError::Part { part, fault: PartFault::ContentDiffers, code } = error else { panic!("{error}") };
    assert_eq!(part.as_str(), "testimony");
    assert_eq!(code, sanduq::crypto::case_code(&story.parcel.cases[0].case));
}

#[test]
fn every_file_of_custody_and_data_is_needed_and_bound_to_the_rest() {
    let story = story();
    let whole = bag(&story);
    for (path, content) in &whole {
        let texts = ["custody/RECIPE.txt", "custody/openings.py"];
        if texts.contains(&path.as_str()) || !(path.starts_with("custody/") || path.starts_with("data/")) {
            continue;
        }
        refused(changed(&story, |bag| bag.retain(|(other, _)| other != path)));
        for at in [0, content.len() / 2, content.len().saturating_sub(1)] {
            let change = |bag: &mut Bag| match file(bag, path) {
                empty if empty.is_empty() => empty.push(0),
                content => content[at] ^= 1,
            };
            refused(changed(&story, change));
        }
    }
}

#[test]
fn files_stand_in_the_documented_order_and_in_no_other() {
    let story = story();
    let mut bag = bag(&story);
    assert!(bag.is_sorted_by_key(|(path, _)| place(path)));
    for at in 0..bag.len() - 1 {
        bag.swap(at, at + 1);
        let error = refused(story.read(&seal(&story, &bag, FOLDER)));
        let early = matches!(error, BundleError::Missing { .. } | BundleError::Part { .. });
        assert!(early || matches!(error, BundleError::OutOfPlace { .. }), "{at}: {error}");
        bag.swap(at, at + 1);
    }
}

#[test]
fn a_file_that_does_not_follow_from_the_content_is_refused() {
    let story = story();
    for extra in [
        "custody/cards/00.card",
        "custody/notes.txt",
        "custody/revisions/00.sig",
        "data/K7Q2-9F4M/case.json",
        "data/K7Q2-9F4M/notes/exhibits/E1.jpg",
        "data/note.txt",
        "fetch.txt",
    ] {
        let error = refused(changed(&story, |bag| {
            bag.push((extra.to_owned(), story.activist.card().to_text().into_bytes()));
            bag.sort_by_key(|(path, _)| place(path));
        }));
        let BundleError::Unexpected { path } = error else { panic!("{extra}: {error}") };
        assert_eq!(path.as_str(), extra);
    }
}

#[test]
fn an_unknown_signer_is_refused_and_shown() {
    let story = story();
    let stranger = Identity::generate();
    let mut bag = bag(&story);
    let comment = comment(&mut bag, &story.lawyer);
    sign_again(&mut bag, &stranger, &comment);
    let BundleError::UnknownSigner { card } = refused(story.read(&seal(&story, &bag, FOLDER))) else {
        panic!("another error")
    };
    assert_eq!(&*card, stranger.card());
    // Known, a stranger is still not the owner of the lawyer's log.
    let known = |_: &_| Trust::Known;
    let error = refused(story.read_as(&story.agency, &seal(&story, &bag, FOLDER), &known));
    assert!(matches!(error, BundleError::Log { .. } | BundleError::Part { .. }), "{error}");
}

#[test]
fn a_signature_by_another_key_than_the_cards_is_refused() {
    let story = story();
    let mut bag = bag(&story);
    let comment = comment(&mut bag, &story.lawyer);
    sign_again(&mut bag, &Identity::generate(), &comment);
    *file(&mut bag, "signer.card") = story.lawyer.card().to_text().into_bytes();
    let error = refused(story.read(&seal(&story, &bag, FOLDER)));
    assert!(matches!(error, BundleError::Signature(_)), "{error}");
}

#[test]
fn a_bundle_for_another_reader_id_day_or_folder_is_refused() {
    let story = story();
    let agency = story.agency.card().recipient().to_string();
    for (from, to) in [
        (agency.as_str(), "0".repeat(64)),
        ("id=7f", "id=7e".into()),
        ("date=2026-11-22", "date=2026-11-23".into()),
        (" head=", "  head=".into()),
    ] {
        let mut bag = bag(&story);
        let comment = comment(&mut bag, &story.lawyer);
        assert!(comment.contains(from), "{comment}");
        sign_again(&mut bag, &story.lawyer, &comment.replace(from, &to));
        let error = refused(story.read(&seal(&story, &bag, FOLDER)));
        let expected = match from {
            from if from == agency => matches!(error, BundleError::MisAddressed { .. }),
            _ => matches!(error, BundleError::TrustedComment),
        };
        assert!(expected, "{from}: {error}");
    }
    let error = refused(story.read(&seal(&story, &bag(&story), "sanduq-7f7f7f7e")));
    assert!(matches!(error, BundleError::TrustedComment), "{error}");
}

#[test]
fn a_part_signed_by_a_stranger_under_the_authors_name_is_refused() {
    let mut story = story();
    let stranger = Identity::generate();
    let core = story.parcel.cases[0].revisions[0].core.clone();
    story.parcel.cases[0].revisions[0].sig = stranger.sign(SignatureLabel::Revision, &core);
    let error = refused(story.write_to(&story.recipient()));
    assert!(matches!(error, BundleError::Part { fault: PartFault::Signature(_), .. }), "{error}");
}

/// The same signature in another writing: S + L in the place of S, RFC 8032 section 5.1.7.
fn in_another_writing(sig: &mut [u8]) {
    // L, little-endian.
    let mut order = [0; 32];
    order[..16].copy_from_slice(&0x14de_f9de_a2f7_9cd6_5812_631a_5cf5_d3ed_u128.to_le_bytes());
    order[31] = 0x10;
    let mut carry = 0;
    for (byte, more) in sig[32..64].iter_mut().zip(order) {
        let sum = u16::from(*byte) + u16::from(more) + carry;
        (*byte, carry) = (sum.to_le_bytes()[0], sum >> 8);
    }
    assert_eq!(carry, 0);
}

/// Fails when a reader reduces S before it checks it.
#[test]
fn signatures_in_another_writing_are_refused() {
    let story = story();
    for folder in ["custody/revisions/", "custody/log/"] {
        let error = refused(changed(&story, |bag| {
            let sig = bag.iter_mut().find(|(path, _)| path.starts_with(folder) && path.ends_with(".sig"));
            in_another_writing(&mut sig.unwrap().1);
        }));
        let signature = matches!(&error, BundleError::Part { fault: PartFault::Signature(_), .. })
            || matches!(&error, BundleError::Log { fault: LogFault::Signature(_), .. });
        assert!(signature, "{folder}: {error}");
    }
    // Both signatures of the signed line, one after the other.
    for (line, skipped) in [(1, 10), (3, 0)] {
        let mut bag = bag(&story);
        let minisig = file(&mut bag, "tagmanifest-sha256.txt.minisig");
        let text = String::from_utf8(minisig.clone()).unwrap();
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let mut bytes = BASE64.decode(&lines[line]).unwrap();
        in_another_writing(&mut bytes[skipped..]);
        lines[line] = BASE64.encode(bytes);
        *minisig = (lines.join("\n") + "\n").into_bytes();
        let error = refused(story.read(&seal(&story, &bag, FOLDER)));
        assert!(matches!(error, BundleError::Signature(_)), "{line}: {error}");
    }
}

/// Fails when the names of a stranger's files are told before the signature was checked.
#[test]
fn nothing_that_a_stranger_named_is_told_before_the_signature_is_checked() {
    let story = story();
    let stranger = Identity::generate();
    let mut bag = bag(&story);
    let comment = comment(&mut bag, &story.lawyer);
    sign_again(&mut bag, &stranger, &comment);
    let named = "call-0800-at-once";
    let tell = |archive: Vec<u8>| {
        let error = refused(story.read(&seal_bytes(&story.recipient(), &archive)));
        let mut told = format!("{error:?} {error}");
        let mut cause = std::error::Error::source(&error);
        while let Some(error) = cause {
            told.push_str(&format!(" {error}"));
            cause = error.source();
        }
        assert!(!told.contains("call-0800"), "{told}");
        error
    };
    assert!(matches!(tell(tar_of(&[], FOLDER)), BundleError::Missing { .. }));
    for at in 0..bag.len() {
        for path in
            [format!("{FOLDER}/{named}"), format!("{named}/x"), named.to_owned(), format!("../{named}")]
        {
            let (before, after) = (files_of(&bag[..at], FOLDER), files_of(&bag[at..], FOLDER));
            let extra = [header(path.as_bytes(), 0, |_| {})].concat();
            tell([before, extra, after, vec![0; 1024]].concat());
        }
    }
    assert!(matches!(tell(tar_of(&bag, FOLDER)), BundleError::UnknownSigner { .. }));
}
