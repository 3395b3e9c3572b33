//! Signatures that go both ways between us and the stock `minisign`.

use std::io::Write as _;
use std::path::Path;

use sanduq::crypto::minisign::{
    MinisignError, MinisignHasher, MinisignKey, MinisignPrehash, MinisignPublicKey, MinisignSignature,
};

use super::{put_file, run, run_quietly};

const CONTENT: &str = "Мен ол жерде болдым. كىشىلەر ئېلىپ كېتىلدى. 他们被带走了。\n";
const COMMENT: &str = "bundle 7f3a91c2 2026-02-28 recipient 00 head 00";

fn prehash(content: &[u8]) -> MinisignPrehash {
    let mut hasher = MinisignHasher::new();
    // In pieces, as a file is streamed.
    content.chunks(7).for_each(|piece| hasher.write_all(piece).unwrap());
    hasher.finish()
}

/// A folder where stock minisign made a key pair without a passphrase and signed `m`.
fn stock_signature(arguments: &[&str]) -> (tempfile::TempDir, MinisignPublicKey) {
    let folder = tempfile::tempdir().unwrap();
    put_file(&folder.path().join("m"), CONTENT.as_bytes());
    run_quietly(folder.path(), "minisign", &["-G", "-W", "-f", "-p", "k.pub", "-s", "k.sec"]);
    let sign = ["-S", "-W", "-s", "k.sec", "-m", "m"];
    run_quietly(folder.path(), "minisign", &[&sign, arguments].concat());
    let text = std::fs::read_to_string(folder.path().join("k.pub")).unwrap();
    let key = text.lines().nth(1).unwrap().parse().unwrap();
    (folder, key)
}

fn stock_verify(folder: &Path, key: &MinisignPublicKey) -> bool {
    run(folder, "minisign", &["-V", "-H", "-m", "m", "-P", &key.to_string()]).status.success()
}

#[test]
fn stock_minisign_verifies_ours_and_shows_the_comment() {
    let folder = tempfile::tempdir().unwrap();
    let key = MinisignKey::from_seed(&[0x5a; 32]);
    let text = key.sign(&prehash(CONTENT.as_bytes()), COMMENT).unwrap();
    put_file(&folder.path().join("m"), CONTENT.as_bytes());
    put_file(&folder.path().join("m.minisig"), text.as_bytes());
    let public = key.public().to_string();
    let shown = run_quietly(folder.path(), "minisign", &["-V", "-H", "-Q", "-m", "m", "-P", &public]);
    assert_eq!(String::from_utf8(shown).unwrap().trim_end(), COMMENT);
    put_file(&folder.path().join("m"), CONTENT.replace("他们", "我们").as_bytes());
    assert!(!stock_verify(folder.path(), &key.public()));
}

#[test]
fn verifies_a_signature_of_stock_minisign() {
    let (folder, key) = stock_signature(&["-t", COMMENT]);
    let text = std::fs::read(folder.path().join("m.minisig")).unwrap();
    let signature = MinisignSignature::parse(&text).unwrap();
    assert_eq!(signature.key_id(), key.id());
    assert_eq!(signature.verify(&key, &prehash(CONTENT.as_bytes())), Ok(COMMENT));
    assert_eq!(signature.verify(&key, &prehash(b"other")), Err(MinisignError::BadSignature));
}

#[test]
fn refuses_stock_signatures_of_another_kind() {
    let (folder, _) = stock_signature(&["-l", "-t", COMMENT]);
    let text = std::fs::read(folder.path().join("m.minisig")).unwrap();
    assert_eq!(MinisignSignature::parse(&text).unwrap_err(), MinisignError::NotPrehashed);
    // Stock minisign's own trusted comment has tabs in it.
    let (folder, _) = stock_signature(&[]);
    let text = std::fs::read(folder.path().join("m.minisig")).unwrap();
    assert_eq!(MinisignSignature::parse(&text).unwrap_err(), MinisignError::BadComment);
}

#[test]
fn refuses_a_signature_file_with_any_bit_flipped_or_byte_missing() {
    let (folder, key) = stock_signature(&["-t", COMMENT]);
    let text = std::fs::read(folder.path().join("m.minisig")).unwrap();
    let content = prehash(CONTENT.as_bytes());
    let verifies = |text: &[u8]| {
        MinisignSignature::parse(text).is_ok_and(|signature| signature.verify(&key, &content).is_ok())
    };
    assert!(verifies(&text));
    for bit in 0..text.len() * 8 {
        let mut flipped = text.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert!(!verifies(&flipped), "bit {bit}");
    }
    for len in 0..text.len() {
        assert!(!verifies(&text[..len]), "{len} bytes");
    }
}

#[test]
fn a_trusted_comment_or_global_signature_of_another_file_is_refused() {
    let key = MinisignKey::from_seed(&[0x5a; 32]);
    let content = prehash(CONTENT.as_bytes());
    let (one, other) = (key.sign(&content, "bundle 1").unwrap(), key.sign(&content, "bundle 2").unwrap());
    let swapped = one.replace("bundle 1", "bundle 2");
    let signature = MinisignSignature::parse(swapped.as_bytes()).unwrap();
    assert_eq!(signature.verify(&key.public(), &content), Err(MinisignError::BadSignature));
    // Both halves right, of two contents.
    let third = key.sign(&prehash(b"third"), "bundle 1").unwrap();
    let line = |text: &str, at: usize| text.lines().nth(at).unwrap().to_owned();
    let mixed = other.replace(&line(&other, 1), &line(&third, 1));
    let signature = MinisignSignature::parse(mixed.as_bytes()).unwrap();
    assert_eq!(signature.verify(&key.public(), &prehash(b"third")), Err(MinisignError::BadSignature));
}
