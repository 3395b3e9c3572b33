//! Bags as a dishonest maker changes, signs and seals them.

use std::io::Write as _;

use sanduq::bundle::bag::{Manifest, ManifestKind};
use sanduq::bundle::tar::TarWriter;
use sanduq::crypto::age::file::AgeWriter;
use sanduq::crypto::age::recipient::AgeRecipient;
use sanduq::crypto::minisign::{MinisignHasher, MinisignPublicKey, MinisignSignature};
use sanduq::crypto::{Identity, sha256};

use super::bundles::{Story, all_files};

/// The folder of the story's bag.
pub(crate) const FOLDER: &str = "sanduq-7f7f7f7f";

/// The files of a bag, in order.
pub(crate) type Bag = Vec<(String, Vec<u8>)>;

pub(crate) fn bag(story: &Story) -> Bag {
    all_files(&mut story.read(&story.write()).unwrap())
}

pub(crate) fn file<'a>(bag: &'a mut Bag, path: &str) -> &'a mut Vec<u8> {
    &mut bag.iter_mut().find(|(other, _)| other == path).unwrap_or_else(|| panic!("{path}")).1
}

/// The first path that ends so.
pub(crate) fn path_of(bag: &Bag, ending: &str) -> String {
    bag.iter().find(|(path, _)| path.ends_with(ending)).unwrap().0.clone()
}

pub(crate) fn comment(bag: &mut Bag, signer: &Identity) -> String {
    let mut hasher = MinisignHasher::new();
    hasher.write_all(file(bag, "tagmanifest-sha256.txt")).unwrap();
    let signature = MinisignSignature::parse(file(bag, "tagmanifest-sha256.txt.minisig")).unwrap();
    let key = MinisignPublicKey::from_bytes(&signer.card().core().minisign).unwrap();
    signature.verify(&key, &hasher.finish()).unwrap().to_owned()
}

/// Makes manifests and signature again, as a dishonest colleague would, with a key of their own.
pub(crate) fn sign_again(bag: &mut Bag, signer: &Identity, comment: &str) {
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

pub(crate) fn seal(story: &Story, bag: &Bag, folder: &str) -> Vec<u8> {
    seal_bytes(&story.recipient(), &tar_of(bag, folder))
}

/// Any bytes, sealed.
pub(crate) fn seal_bytes(recipient: &AgeRecipient, bytes: &[u8]) -> Vec<u8> {
    let mut sealer = AgeWriter::seal(Vec::new(), recipient).unwrap();
    sealer.write_all(bytes).unwrap();
    sealer.finish().unwrap()
}

/// The archive of a bag.
pub(crate) fn tar_of(bag: &[(String, Vec<u8>)], folder: &str) -> Vec<u8> {
    let mut tar = TarWriter::new(Vec::new());
    for (path, content) in bag {
        tar.begin(&format!("{folder}/{path}"), content.len() as u64).unwrap();
        tar.write_all(content).unwrap();
    }
    tar.finish().unwrap()
}

/// The files of a bag as they stand in an archive, without its end.
pub(crate) fn files_of(bag: &[(String, Vec<u8>)], folder: &str) -> Vec<u8> {
    let mut archive = tar_of(bag, folder);
    archive.truncate(archive.len() - 1024);
    archive
}

/// The place of a file as docs/format.md section 10 has it.
pub(crate) fn place(path: &str) -> (usize, String) {
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
