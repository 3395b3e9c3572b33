//! `custody/`: signed cores, log extracts and cards as files that stock tools can check, and back.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};
use serde_bytes::ByteArray;

use super::layout::{CUSTODY, LaidCase, json_bytes, short_name};
use crate::crypto::{KnownCard, sha256};
use crate::format::Malformed;
use crate::record::{CardHash, Digest};
use crate::vault::{LogExtract, Opening};

/// Signed bytes before a revision core. docs/format.md section 1, "Signature".
pub(super) const REVISION_LABEL: &[u8] = b"sanduq/1 revision\0";
/// Signed bytes before an entry core.
pub(super) const ENTRY_LABEL: &[u8] = b"sanduq/1 entry\0";
/// Name of the checker's recipe.
pub(super) const RECIPE: &str = "custody/RECIPE.txt";
/// Name of the program that checks the openings.
pub(super) const OPENINGS: &str = "custody/openings.py";
/// Ed25519 `SubjectPublicKeyInfo` before the key. RFC 8410 section 4.
const SPKI: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
const OPENINGS_FORM: &str = "openings 1";
/// Before the number of its version.
const OPENINGS_WORD: &str = "openings ";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct OpeningsJson {
    sanduq: String,
    entry: String,
    count: u64,
    operations: Vec<OpeningJson>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct OpeningJson {
    index: u64,
    salt: String,
    operation: String,
    path: Vec<String>,
}

/// Renders all of `custody/` that follows from the content: path and bytes.
pub(super) fn files(
    laid: &[LaidCase<'_>],
    log: &[LogExtract],
    cards: &BTreeMap<CardHash, &KnownCard>,
) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    let mut add = |folder: &str, name: &str, ending: &str, bytes: Vec<u8>| {
        files.push((format!("{CUSTODY}{folder}{name}{ending}"), bytes));
    };
    for (hash, card) in cards {
        add("cards/", &short_name(hash), ".card", card.to_text().into_bytes());
        add("cards/", &short_name(hash), ".pem", public_key_pem(&card.core().signing).into_bytes());
    }
    for entry in log {
        let id = sha256(&entry.core);
        add("log/", &short_name(&id), ".json", openings_json(&id, &entry.openings));
        add("log/", &short_name(&id), ".sig", entry.sig.to_vec());
        add("log/", &short_name(&id), ".signed", [ENTRY_LABEL, &entry.core].concat());
    }
    for part in laid.iter().flat_map(|case| &case.parts) {
        add("revisions/", &short_name(&part.id), ".sig", part.revision.sig.to_vec());
        add("revisions/", &short_name(&part.id), ".signed", [REVISION_LABEL, &part.revision.core].concat());
    }
    add("", "index", ".txt", index(laid).into_bytes());
    files
}

/// One line for each revision: its folder, and the names of its core and of its author's card.
fn index(laid: &[LaidCase<'_>]) -> String {
    let parts = laid.iter().flat_map(|case| &case.parts);
    parts
        .map(|part| format!("{} {} {}\n", part.folder, short_name(&part.id), short_name(&part.core.author)))
        .collect()
}

/// An Ed25519 public key as `openssl` reads it. RFC 7468, RFC 8410.
fn public_key_pem(key: &[u8; 32]) -> String {
    let encoded = BASE64.encode([&SPKI[..], key].concat());
    format!("-----BEGIN PUBLIC KEY-----\n{encoded}\n-----END PUBLIC KEY-----\n")
}

fn openings_json(entry: &Digest, openings: &[Opening]) -> Vec<u8> {
    let operations = openings.iter().map(|opening| OpeningJson {
        index: opening.index,
        salt: hex(&opening.salt),
        operation: hex(&opening.operation),
        path: opening.path.iter().map(ToString::to_string).collect(),
    });
    json_bytes(&OpeningsJson {
        sanduq: OPENINGS_FORM.into(),
        entry: entry.to_string(),
        count: openings.first().map_or(0, |opening| opening.count),
        operations: operations.collect(),
    })
}

/// Reads the openings of an entry; who does so renders them again and compares.
pub(super) fn parse_openings(json: &[u8]) -> Result<Vec<Opening>, Malformed> {
    let malformed = Malformed::NotA("list of openings");
    let parsed: OpeningsJson = serde_json::from_slice(json).map_err(|_| malformed)?;
    match parsed.sanduq.strip_prefix(OPENINGS_WORD).map(str::parse::<u64>) {
        Some(Ok(1)) => {}
        Some(Ok(2..)) => return Err(Malformed::Newer),
        _ => return Err(malformed),
    }
    let opening = |json: &OpeningJson| {
        Some(Opening {
            index: json.index,
            count: parsed.count,
            salt: unhex(&json.salt)?.try_into().ok()?,
            operation: unhex(&json.operation)?,
            path: json.path.iter().map(|digest| Digest::from_hex(digest)).collect::<Option<_>>()?,
        })
    };
    parsed.operations.iter().map(opening).collect::<Option<_>>().ok_or(malformed)
}

/// Reads a signature file.
pub(super) fn parse_signature(bytes: &[u8]) -> Option<ByteArray<64>> {
    bytes.try_into().ok().map(ByteArray::new)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |digit: u8| char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let pair = |pair: &[u8]| match *pair {
        [high, low] => Some(digit(high)? << 4 | digit(low)?),
        _ => None,
    };
    text.as_bytes().chunks(2).map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn openings_read_back_and_anything_else_is_refused() {
        let opening = |index| Opening {
            index,
            count: 3,
            salt: [7; 16],
            operation: vec![1, 2, 0xab],
            path: vec![Digest::new([3; 32]), Digest::new([4; 32])],
        };
        let openings = vec![opening(0), opening(2)];
        let json = openings_json(&Digest::new([1; 32]), &openings);
        assert_eq!(parse_openings(&json).unwrap(), openings);
        let text = String::from_utf8(json).unwrap();
        for bad in [
            text.replace("openings 1", "openings 0"),
            text.replace("openings 1", "openings 2"),
            text.replace("\"count\"", "\"counts\""),
            text.replace("0102ab", "0102a"),
            text.replace("0102ab", "0102ag"),
        ] {
            assert!(parse_openings(bad.as_bytes()).is_err(), "{bad}");
        }
    }
}
