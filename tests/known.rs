//! Known answers: the vectors of `tests/vectors/sanduq`, which were made from `docs/format.md` by a program in another
//! language (`tests/interop/make_vectors.py`) and are read by that too (`tests/interop/check_vectors.py`).
//!
//! Entries, runs and messages are opened in `src/vault/known.rs`, derivations in `src/crypto/kdf.rs`.
#![cfg(test)]
#![allow(clippy::disallowed_methods, reason = "tests prepare files")]

#[path = "known/cases.rs"]
mod cases;
#[path = "known/people.rs"]
mod people;
#[path = "known/seals.rs"]
mod seals;
#[path = "known/vaults.rs"]
mod vaults;
#[path = "../src/vectors.rs"]
mod vectors;

use std::path::Path;
use std::process::Command;

use sanduq::format::{Malformed, ObjectKey, decode_value};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
/// Those that are read here, and those that unit tests read.
const KINDS: [&str; 21] = [
    "beside",
    "card",
    "card-file",
    "case-code",
    "derivation",
    "entry",
    "fact",
    "identity-file",
    "message",
    "minisign",
    "name",
    "object",
    "operation",
    "revision",
    "run",
    "signature",
    "size",
    "standing",
    "structure",
    "tree",
    "vault",
];

/// A key, as it stands inside structures.
fn object_key(bytes: &[u8]) -> ObjectKey {
    decode_value(&[&[0x58, 0x20], bytes].concat(), "key").unwrap()
}

fn malformed(error: Malformed) -> &'static str {
    match error {
        Malformed::Newer => "newer",
        Malformed::Field("cost") => "cost",
        _ => "malformed",
    }
}

/// Fails when a file of vectors is added and nothing reads it.
#[test]
fn every_vector_is_read() {
    let mut files: Vec<String> = std::fs::read_dir(Path::new(ROOT).join("tests/vectors/sanduq"))
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    files.sort();
    assert_eq!(files, KINDS);
}

/// Fails when the reader takes a vector otherwise (seen with the check of the zeros left out of `objects.py`).
#[test]
fn the_independent_reader_takes_every_vector_as_it_should() {
    let mut command = Command::new(Path::new(ROOT).join("target/reader-venv/bin/python"));
    let script = Path::new(ROOT).join("tests/interop/check_vectors.py");
    let run =
        command.arg("-B").arg(script).arg(Path::new(ROOT).join("tests/vectors/sanduq")).output().unwrap();
    let printed = String::from_utf8_lossy(&run.stdout).into_owned() + &String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success() && printed.ends_with(" vectors, 0 wrong\n"), "{printed}");
}
