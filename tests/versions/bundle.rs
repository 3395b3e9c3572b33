//! Later bundles, and later things in a bundle of this version.

use std::io::Cursor;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sanduq::bundle::{Judge, Trust, read_bundle};
use sanduq::crypto::SignatureLabel;

use super::{answered, newer};
use crate::support::bags::{Bag, comment, file, path_of, seal_bytes, sign_again, tar_of};
use crate::support::bundles::all_files;
use crate::support::pair::Pair;

/// The files of the bundle that lies in the lawyer's home, and the folder they lie in.
fn unpack(pair: &Pair) -> (Bag, String) {
    let bytes = std::fs::read(pair.lawyer.path("case.age")).unwrap();
    let known = |_: &_| Trust::Known;
    let judge = Judge { own: None, trust: &known };
    let keys = pair.lawyer.identity().age_keys();
    let mut bundle = read_bundle(Cursor::new(bytes), &keys, judge, &mut |_| {}).unwrap();
    let id = bundle.verified().parcel().bundle.to_string();
    (all_files(&mut bundle), format!("sanduq-{}", &id[..8]))
}

fn replace(bag: &mut Bag, ending: &str, from: &str, to: &str) {
    let path = path_of(bag, ending);
    let text = String::from_utf8(file(bag, &path).clone()).unwrap();
    assert!(text.contains(from), "{ending}: {text}");
    *file(bag, &path) = text.replace(from, to).into_bytes();
}

/// Makes the core after its label a later one, signed by the activist, who is author and owner of the log.
fn newer_core(pair: &Pair, bag: &mut Bag, folder: &str, label: SignatureLabel, words: &[u8]) {
    let signed =
        bag.iter().find(|(path, _)| path.starts_with(folder) && path.ends_with(".signed")).unwrap().0.clone();
    let core = newer(&file(bag, &signed)[words.len()..]);
    *file(bag, &signed) = [words, &core].concat();
    let sig = signed.replace(".signed", ".sig");
    *file(bag, &sig) = pair.activist.identity().sign(label, &core).to_vec();
}

/// The ways in which a bundle can be of a later version, apart from its trusted comment.
fn later_files(pair: &Pair, bag: &Bag) -> Vec<(&'static str, Bag)> {
    let mut all = Vec::new();
    let mut with = |what: &'static str, change: &dyn Fn(&mut Bag)| {
        let mut bag = bag.clone();
        change(&mut bag);
        all.push((what, bag));
    };
    with("part.json", &|bag| replace(bag, "testimony/part.json", "part 1", "part 2"));
    with("openings", &|bag| replace(bag, ".json", "openings 1", "openings 2"));
    with("revision core", &|bag| {
        newer_core(pair, bag, "custody/revisions/", SignatureLabel::Revision, b"sanduq/1 revision\0");
    });
    with("entry core", &|bag| {
        newer_core(pair, bag, "custody/log/", SignatureLabel::Entry, b"sanduq/1 entry\0");
    });
    with("author's card", &|bag| {
        let path = path_of(bag, ".card");
        assert!(path == "signer.card" || path.starts_with("custody/cards/"));
        let path = bag
            .iter()
            .find(|(path, _)| path.starts_with("custody/cards/") && path.ends_with(".card"))
            .unwrap()
            .0
            .clone();
        *file(bag, &path) = later_card(pair).into_bytes();
    });
    all
}

fn later_card(pair: &Pair) -> String {
    let card = BASE64.encode(newer(&pair.activist.identity().card().encode()));
    format!("-----BEGIN SANDUQ CARD-----\n{card}\n-----END SANDUQ CARD-----\n")
}

fn all_later(pair: &Pair) -> Vec<(&'static str, Bag, String)> {
    let (mut bag, folder) = unpack(pair);
    let signer = pair.activist.identity();
    let comment = comment(&mut bag, &signer);
    let mut all: Vec<(&str, Bag, String)> = Vec::new();
    for (what, mut bag) in later_files(pair, &bag) {
        sign_again(&mut bag, &signer, &comment);
        all.push((what, bag, folder.clone()));
    }
    let mut later = bag.clone();
    sign_again(&mut later, &signer, &comment.replace("sanduq bundle 1", "sanduq bundle 2"));
    all.push(("trusted comment", later, folder.clone()));
    // Of a later bundle nothing but the first four files is known.
    let mut later = bag.clone();
    later.truncate(4);
    later.push(("what-is-new.cbor".into(), vec![0xff; 100]));
    let tags = later.iter().position(|(path, _)| path == "tagmanifest-sha256.txt").unwrap();
    later[tags].1 = b"of another form".to_vec();
    sign_only(&mut later, &signer, "sanduq bundle 3 of=another-form");
    all.push(("form", later, "sanduq-other".into()));
    let mut later = bag;
    *file(&mut later, "signer.card") = later_card(pair).into_bytes();
    all.push(("signer's card", later, folder));
    all
}

/// Signs the tag manifest as it is.
fn sign_only(bag: &mut Bag, signer: &sanduq::crypto::Identity, comment: &str) {
    use std::io::Write as _;
    let mut hasher = sanduq::crypto::minisign::MinisignHasher::new();
    hasher.write_all(file(bag, "tagmanifest-sha256.txt")).unwrap();
    let signature = signer.minisign_key().sign(&hasher.finish(), comment).unwrap();
    *file(bag, "tagmanifest-sha256.txt.minisig") = signature.into_bytes();
}

/// Fails when a later card counts as a malformed one.
#[test]
fn a_later_bundle_is_answered_by_open_verify_and_import_and_nothing_is_kept() {
    let pair = Pair::new();
    let recipient = pair.lawyer.identity().card().hybrid();
    for (what, bag, folder) in all_later(&pair) {
        println!("{what}");
        pair.lawyer.write("later.age", seal_bytes(&recipient, &tar_of(&bag, &folder)));
        for args in [
            &["open", "later.age"][..],
            &["open", "later.age", "--out", "out"],
            &["verify", "later.age"],
            &["import", "later.age"],
        ] {
            answered(&pair.lawyer, args);
        }
        // Unpacked by hand.
        let unpacked = pair.lawyer.path("unpacked");
        for (path, content) in &bag {
            let path = unpacked.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, content).unwrap();
        }
        answered(&pair.lawyer, &["verify", "unpacked"]);
        std::fs::remove_dir_all(unpacked).unwrap();
    }
}

/// Who signs is judged before what it says: a stranger cannot send anyone after "the newer sanduq".
#[test]
fn a_later_bundle_of_a_stranger_is_a_strangers() {
    let pair = Pair::new();
    let stranger = sanduq::crypto::Identity::generate();
    let (mut bag, folder) = unpack(&pair);
    sign_again(&mut bag, &stranger, "sanduq bundle 2 id=00");
    let recipient = pair.lawyer.identity().card().hybrid();
    pair.lawyer.write("later.age", seal_bytes(&recipient, &tar_of(&bag, &folder)));
    pair.lawyer.run(&["open", "later.age"]).fails(14, "signed by a card you do not know");
}
