//! Bundles that are well sealed and well signed, by somebody who should not have.

use std::io::Write as _;

use sanduq::bundle::bag::{Manifest, ManifestKind};
use sanduq::bundle::tar::TarWriter;
use sanduq::bundle::{BundleError, PartFault, Trust};
use sanduq::crypto::age::file::AgeWriter;
use sanduq::crypto::minisign::{MinisignHasher, MinisignPublicKey, MinisignSignature};
use sanduq::crypto::{Identity, sha256};

use super::{Story, all_files, refused, story};

type Bag = Vec<(String, Vec<u8>)>;

fn bag(story: &Story) -> Bag {
    all_files(&mut story.read(&story.write()).unwrap())
}

fn file<'a>(bag: &'a mut Bag, path: &str) -> &'a mut Vec<u8> {
    &mut bag.iter_mut().find(|(other, _)| other == path).unwrap_or_else(|| panic!("{path}")).1
}

/// The first path that ends so.
fn path_of(bag: &Bag, ending: &str) -> String {
    bag.iter().find(|(path, _)| path.ends_with(ending)).unwrap().0.clone()
}

fn comment(bag: &mut Bag, signer: &Identity) -> String {
    let mut hasher = MinisignHasher::new();
    hasher.write_all(file(bag, "tagmanifest-sha256.txt")).unwrap();
    let signature = MinisignSignature::parse(file(bag, "tagmanifest-sha256.txt.minisig")).unwrap();
    let key = MinisignPublicKey::from_bytes(&signer.card().core().minisign).unwrap();
    signature.verify(&key, &hasher.finish()).unwrap().to_owned()
}

/// Makes manifests and signature again, as a dishonest colleague would, with a key of their own.
fn sign_again(bag: &mut Bag, signer: &Identity, comment: &str) {
    *file(bag, "signer.card") = signer.card().to_text().into_bytes();
    let manifest = |bag: &Bag, kind: ManifestKind| {
        let mut manifest = Manifest::new(kind);
        for (path, content) in bag {
            let is_payload = path.starts_with("data/");
            if is_payload == (kind == ManifestKind::Payload) && !path.starts_with("tagmanifest") {
                manifest.insert(path.parse().unwrap(), *sha256(content).as_bytes()).unwrap();
            }
        }
        let mut text = Vec::new();
        manifest.write_to(&mut text).unwrap();
        text
    };
    let payload = bag.iter().filter(|(path, _)| path.starts_with("data/"));
    let (files, bytes) =
        payload.fold((0, 0), |(files, bytes), (_, content)| (files + 1, bytes + content.len()));
    let info = String::from_utf8(file(bag, "bag-info.txt").clone()).unwrap();
    let (start, _) = info.split_once("Payload-Oxum").unwrap();
    *file(bag, "bag-info.txt") = format!("{start}Payload-Oxum: {bytes}.{files}\n").into_bytes();
    *file(bag, "manifest-sha256.txt") = manifest(bag, ManifestKind::Payload);
    let tags = manifest(bag, ManifestKind::Tag);
    let mut hasher = MinisignHasher::new();
    hasher.write_all(&tags).unwrap();
    let signature = signer.minisign_key().sign(&hasher.finish(), comment).unwrap();
    *file(bag, "tagmanifest-sha256.txt") = tags;
    *file(bag, "tagmanifest-sha256.txt.minisig") = signature.into_bytes();
}

fn seal(story: &Story, bag: &Bag, folder: &str) -> Vec<u8> {
    let sealer = AgeWriter::seal(Vec::new(), &story.recipient()).unwrap();
    let mut tar = TarWriter::new(sealer);
    for (path, content) in bag {
        tar.begin(&format!("{folder}/{path}"), content.len() as u64).unwrap();
        tar.write_all(content).unwrap();
    }
    tar.finish().unwrap().finish().unwrap()
}

const FOLDER: &str = "sanduq-7f7f7f7f";

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

/// The place of a file as docs/format.md section 10 has it.
fn place(path: &str) -> (usize, String) {
    let first = [
        "README.txt",
        "signer.card",
        "tagmanifest-sha256.txt",
        "tagmanifest-sha256.txt.minisig",
        "bagit.txt",
        "bag-info.txt",
        "manifest-sha256.txt",
    ];
    let rank = match first.iter().position(|first| *first == path) {
        Some(at) => at,
        None if path == "padding" => 10,
        None if !path.starts_with("data/") => 7,
        None => 8 + usize::from(path.split('/').count() > 4),
    };
    (rank, path.to_owned())
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
    story.parcel.cases[0].revisions[0].sig = stranger.sign(sanduq::crypto::SignatureLabel::Revision, &core);
    let error = refused(story.write_to(&story.recipient()));
    assert!(matches!(error, BundleError::Part { fault: PartFault::Signature(_), .. }), "{error}");
}
