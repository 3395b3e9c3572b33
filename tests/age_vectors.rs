//! The age test kit of C2SP: every vector gives the class of result it names, through our reader.
#![cfg(test)]

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::Path;

use hkdf::Hkdf;
use sanduq::crypto::age::fault::AgeFault;
use sanduq::crypto::age::file::{AgeReader, Opener};
use sanduq::crypto::age::keys::AgeIdentity;
use sanduq::crypto::stream::{CHUNK_BYTES, StreamCipher, TAG_BYTES};
use sha2::{Digest, Sha256};

const VECTORS: usize = 143;

pub(crate) struct Vector {
    pub(crate) name: String,
    /// Header fields of the vector; `passphrase` and `identity` may repeat.
    fields: Vec<(String, String)>,
    pub(crate) file: Vec<u8>,
}

impl Vector {
    fn read(path: &Path) -> Self {
        let bytes = fs::read(path).unwrap();
        let end = bytes.windows(2).position(|pair| pair == b"\n\n").unwrap();
        let fields: Vec<(String, String)> = std::str::from_utf8(&bytes[..end])
            .unwrap()
            .lines()
            .map(|line| line.split_once(": ").unwrap())
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let body = &bytes[end + 2..];
        let compressed = fields.iter().any(|(name, value)| name == "compressed" && value == "zlib");
        let file = if compressed {
            miniz_oxide::inflate::decompress_to_vec_zlib(body).unwrap()
        } else {
            body.to_vec()
        };
        Self { name: path.file_name().unwrap().to_str().unwrap().to_owned(), fields, file }
    }

    fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.fields.iter().filter(move |(field, _)| field == name).map(|(_, value)| value.as_str())
    }

    fn one(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }
}

pub(crate) fn vectors() -> Vec<Vector> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/age-testkit");
    let mut vectors: Vec<Vector> =
        fs::read_dir(folder).unwrap().map(|entry| Vector::read(&entry.unwrap().path())).collect();
    vectors.sort_by(|a, b| a.name.cmp(&b.name));
    vectors
}

/// The test kit's word for a fault; `None` for one that it never expects.
fn class(fault: &AgeFault) -> Option<&'static str> {
    Some(match fault {
        AgeFault::Armor => "armor failure",
        AgeFault::Header | AgeFault::UnknownVersion => "header failure",
        AgeFault::Mac => "HMAC failure",
        AgeFault::NoIdentityMatches => "no match",
        AgeFault::Payload => "payload failure",
        _ => return None,
    })
}

fn open<'a>(vector: &'a Vector, opener: Opener<'_>) -> Result<AgeReader<&'a [u8]>, AgeFault> {
    AgeReader::open_with(&vector.file[..], opener)
}

/// Opens a vector as a caller would, and names what came of it; plaintext read before a failure is kept.
fn result_of(vector: &Vector) -> (&'static str, Vec<u8>) {
    let identities: Vec<AgeIdentity> = vector.all("identity").map(|text| text.parse().unwrap()).collect();
    let opened = match vector.one("passphrase") {
        Some(passphrase) => open(vector, Opener::Passphrase(passphrase)),
        None => open(vector, Opener::Identities(&identities)),
    };
    let unexpected = |fault: &AgeFault| panic!("{}: {fault:?}", vector.name);
    let mut plain = Vec::new();
    match opened {
        Err(fault) => (class(&fault).unwrap_or_else(|| unexpected(&fault)), plain),
        Ok(mut reader) => match reader.read_to_end(&mut plain) {
            Ok(_) => ("success", plain),
            Err(error) => {
                let fault = AgeFault::from(error);
                assert!(
                    matches!(fault, AgeFault::Payload | AgeFault::Armor),
                    "{}: {fault:?} only when reading",
                    vector.name
                );
                assert!(reader.read(&mut [0; 64]).is_err(), "{}: goes on after a failure", vector.name);
                (class(&fault).unwrap_or_else(|| unexpected(&fault)), plain)
            }
        },
    }
}

#[test]
fn every_vector_of_the_age_test_kit_gives_the_expected_result() {
    let vectors = vectors();
    assert_eq!(vectors.len(), VECTORS);
    let mut wrong = Vec::new();
    let mut counts = BTreeMap::new();
    for vector in &vectors {
        let expected = vector.one("expect").unwrap();
        let (result, plain) = result_of(vector);
        *counts.entry(result).or_insert(0) += 1;
        let digest = hex(&Sha256::digest(&plain));
        // A failing payload may give the chunks before the failure, and nothing else.
        let right_bytes = match vector.one("payload") {
            Some(payload) => digest == payload,
            None => plain.is_empty(),
        };
        if result != expected || !right_bytes {
            wrong.push(format!("{}: {result} (expected {expected}), bytes {right_bytes}", vector.name));
        }
    }
    assert!(wrong.is_empty(), "{} of {VECTORS}:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(counts.values().sum::<usize>(), VECTORS, "{counts:?}");
}

/// The STREAM codec of our own objects, judged by the same vectors: it is age's payload byte for byte.
#[test]
fn our_stream_opens_and_refuses_the_payloads_of_the_test_kit() {
    let mut counts = (0, 0);
    for vector in vectors().iter().filter(|vector| vector.one("armored").is_none()) {
        let expected = vector.one("expect").unwrap();
        if expected != "success" && expected != "payload failure" {
            continue;
        }
        let opened = open_payload(vector);
        match expected {
            "success" => {
                let plain = opened.unwrap_or_else(|| panic!("{} refused", vector.name));
                assert_eq!(hex(&Sha256::digest(&plain)), vector.one("payload").unwrap(), "{}", vector.name);
                counts.0 += 1;
            }
            _ => {
                assert!(opened.is_none(), "{} accepted", vector.name);
                counts.1 += 1;
            }
        }
    }
    assert_eq!(counts, (19, 18), "vectors that reach the payload: opened, refused");
}

fn open_payload(vector: &Vector) -> Option<Vec<u8>> {
    let mac = vector.file.windows(5).position(|bytes| bytes == b"\n--- ").unwrap();
    let payload = mac + 5 + vector.file[mac + 5..].iter().position(|byte| *byte == b'\n').unwrap() + 1;
    let (nonce, sealed) = vector.file[payload..].split_at(16);
    let mut key = [0; 32];
    let file_key = unhex(vector.one("file key").unwrap());
    Hkdf::<Sha256>::new(Some(nonce), &file_key).expand(b"payload", &mut key).unwrap();

    let cipher = StreamCipher::new(&key);
    let chunks: Vec<&[u8]> = sealed.chunks(CHUNK_BYTES + TAG_BYTES).collect();
    let mut plain = Vec::new();
    for (index, chunk) in chunks.iter().enumerate() {
        let mut chunk = chunk.to_vec();
        cipher.open_chunk(index as u64, index + 1 == chunks.len(), &mut chunk).ok()?;
        plain.extend(chunk);
    }
    (!chunks.is_empty()).then_some(plain)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}
