//! A bag made of these parts, in our tar, opened and checked with stock tools and by ourselves.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use sanduq::bundle::bag::{
    BAG_DECLARATION, BAG_INFO, BagError, BagInfo, DECLARATION, FileDigest, Inventory, Manifest, ManifestKind,
    Oxum, PAYLOAD_MANIFEST, TAG_MANIFEST, TAG_SIGNATURE,
};
use sanduq::bundle::tar::{archive_len, padding_file_len};
use sanduq::crypto::minisign::{MinisignHasher, MinisignKey};
use sanduq::crypto::padme::padme;
use sha2::{Digest as _, Sha256};

use super::{archive, put_file, run, run_quietly, walk};

const FOLDER: &str = "7f3a91c2";

type Files = BTreeMap<String, Vec<u8>>;

fn digest(bytes: &[u8]) -> FileDigest {
    Sha256::digest(bytes).into()
}

fn manifest(kind: ManifestKind, files: &Files) -> Vec<u8> {
    let mut manifest = Manifest::new(kind);
    for (path, content) in files {
        if path.starts_with("data/") == (kind == ManifestKind::Payload) {
            manifest.insert(path.parse().unwrap(), digest(content)).unwrap();
        }
    }
    let mut text = Vec::new();
    manifest.write_to(&mut text).unwrap();
    text
}

/// A bag of two statements and an exhibit, signed, with a padding file.
fn bag(padding: usize) -> (Files, MinisignKey) {
    let mut files = Files::new();
    let mut add = |path: &str, content: &[u8]| files.insert(path.to_owned(), content.to_vec());
    add("data/K7Q2-9F4M/testimony/statement.txt", "Айсұлу айтты: «Мен көрдім».\n".as_bytes());
    add("data/K7Q2-9F4M/person.doctor/statement.txt", "张医生\nالطبيب\n".as_bytes());
    add("data/K7Q2-9F4M/exhibits/E3.jpg", &[0xff, 0xd8, 0, 1]);
    add("data/K7Q2-9F4M/exhibits/empty", b"");
    add("README.txt", b"how to open\n");
    add("custody/cards/1.card", b"card");
    add("padding", &vec![0; padding]);
    let payload = files.iter().filter(|(path, _)| path.starts_with("data/"));
    let payload = payload.fold(Oxum::default(), |sum, (_, content)| Oxum {
        bytes: sum.bytes + content.len() as u64,
        files: sum.files + 1,
    });
    let info = BagInfo { bagging_date: "2026-02-28".parse().unwrap(), bundle_id: [0x7f; 16], payload };
    files.insert(DECLARATION.into(), BAG_DECLARATION.into());
    files.insert(BAG_INFO.into(), info.render().into());
    files.insert(PAYLOAD_MANIFEST.into(), manifest(ManifestKind::Payload, &files));
    files.insert(TAG_MANIFEST.into(), manifest(ManifestKind::Tag, &files));
    let key = MinisignKey::from_seed(&[0x33; 32]);
    let mut hasher = MinisignHasher::new();
    hasher.write_all(&files[TAG_MANIFEST]).unwrap();
    let signature = key.sign(&hasher.finish(), "bundle 7f7f 2026-02-28").unwrap();
    files.insert(TAG_SIGNATURE.into(), signature.into());
    (files, key)
}

fn to_archive(files: &Files) -> Vec<u8> {
    let paths: Vec<String> = files.keys().map(|path| format!("{FOLDER}/{path}")).collect();
    let contents = files.values().map(Vec::as_slice);
    archive(&paths.iter().map(String::as_str).zip(contents).collect::<Vec<_>>())
}

/// Unpacks a bag with GNU tar; the folder of the bag.
fn unpack(folder: &Path, files: &Files) -> PathBuf {
    put_file(&folder.join("bag.tar"), &to_archive(files));
    run_quietly(folder, "tar", &["-xf", "bag.tar", "--no-same-owner", "--no-same-permissions"]);
    folder.join(FOLDER)
}

/// A Python that has `bagit` 1.9.0.
fn python_with_bagit() -> PathBuf {
    let venv = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("bagit-venv").join("bin/python");
    [venv, PathBuf::from("python3")]
        .into_iter()
        .find(|python| {
            Command::new(python).args(["-c", "import bagit"]).output().is_ok_and(|o| o.status.success())
        })
        .expect("needed: python3 -m venv target/bagit-venv && target/bagit-venv/bin/pip install bagit==1.9.0")
}

/// Reads an archive and checks the bag in it, as an importer does.
fn check(bytes: &[u8]) -> Result<(), BagError> {
    let mut inventory = Inventory::new();
    let mut tag_files = Files::new();
    for (path, size, content) in walk(bytes).unwrap() {
        let path: sanduq::bundle::tar::MemberPath = path.parse().unwrap();
        let (folder, path) = path.split_first().unwrap();
        assert_eq!(folder, FOLDER);
        inventory.record(path.clone(), size, digest(&content))?;
        tag_files.insert(path.to_string(), content);
    }
    let payload = Manifest::parse(ManifestKind::Payload, tag_files[PAYLOAD_MANIFEST].as_slice())?;
    let tags = Manifest::parse(ManifestKind::Tag, tag_files[TAG_MANIFEST].as_slice())?;
    inventory.check(&payload, &tags, &BagInfo::parse(&tag_files[BAG_INFO])?)
}

#[test]
fn stock_sha256sum_and_minisign_accept_the_bag() {
    let folder = tempfile::tempdir().unwrap();
    let (files, key) = bag(0);
    let bag = unpack(folder.path(), &files);
    let public = key.public().to_string();
    run_quietly(&bag, "minisign", &["-V", "-H", "-m", TAG_MANIFEST, "-P", &public]);
    run_quietly(&bag, "sha256sum", &["--strict", "-c", TAG_MANIFEST]);
    run_quietly(&bag, "sha256sum", &["--strict", "-c", PAYLOAD_MANIFEST]);
    put_file(&bag.join("data/K7Q2-9F4M/exhibits/E3.jpg"), b"other");
    assert!(!run(&bag, "sha256sum", &["--strict", "-c", PAYLOAD_MANIFEST]).status.success());
}

#[test]
fn python_bagit_accepts_the_bag_and_refuses_it_changed() {
    let folder = tempfile::tempdir().unwrap();
    let bag = unpack(folder.path(), &bag(0).0);
    let python = python_with_bagit();
    let valid = || run(&bag, &python, &["-W", "ignore", "-m", "bagit", "--validate", "."]);
    let output = valid();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() && said.contains("valid") && !said.contains("WARN"), "{said}");
    put_file(&bag.join("README.txt"), b"changed\n");
    assert!(!valid().status.success());
}

#[test]
fn our_own_check_accepts_the_bag_and_names_what_is_wrong_with_a_changed_one() {
    let files = bag(0).0;
    check(&to_archive(&files)).unwrap();
    let changed = |change: fn(&mut Files)| {
        let mut files = files.clone();
        change(&mut files);
        check(&to_archive(&files)).unwrap_err()
    };
    let error = changed(|files| drop(files.insert("data/K7Q2-9F4M/exhibits/empty".into(), b"x".to_vec())));
    assert!(matches!(error, BagError::DigestDiffers { .. }), "{error}");
    let error = changed(|files| drop(files.insert("data/new".into(), Vec::new())));
    assert!(matches!(error, BagError::Unlisted { .. }), "{error}");
    // Python's bagit accepts this one.
    let error = changed(|files| drop(files.insert("unlisted.txt".into(), Vec::new())));
    assert!(matches!(error, BagError::Unlisted { .. }), "{error}");
    let error = changed(|files| drop(files.remove("custody/cards/1.card")));
    assert!(matches!(error, BagError::Missing { .. }), "{error}");
    let error = changed(|files| drop(files.remove(TAG_SIGNATURE)));
    assert!(matches!(error, BagError::Missing { .. }), "{error}");
}

#[test]
fn a_listed_padding_file_makes_the_archive_a_padme_length() {
    let without: u64 = archive_len(bag(0).0.values().map(|content| content.len() as u64)).unwrap() - 512;
    let padding = padding_file_len(without).unwrap();
    let bytes = to_archive(&bag(padding as usize).0);
    assert_eq!(bytes.len() as u64, without + 512 + padding);
    assert_eq!(bytes.len() as u64, padme(bytes.len() as u64));
    check(&bytes).unwrap();
}
