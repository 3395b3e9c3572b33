//! Reads the known-answer vectors of `tests/vectors/sanduq`, for unit tests and for `tests/known.rs`.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    dead_code,
    reason = "tests, of which not every one reads every member"
)]

use serde_json::{Map, Value};

/// One vector: what it expects, what goes in and what comes out.
pub(crate) struct Vector(Map<String, Value>);

/// Lower-case hexadecimal digits as bytes.
pub(crate) fn unhex(digits: &str) -> Vec<u8> {
    let digit = |c: u8| u8::try_from(char::from(c).to_digit(16).unwrap()).unwrap();
    digits.as_bytes().chunks(2).map(|pair| digit(pair[0]) << 4 | digit(pair[1])).collect()
}

impl Vector {
    pub(crate) fn has(&self, member: &str) -> bool {
        self.0.contains_key(member)
    }

    pub(crate) fn value(&self, member: &str) -> &Value {
        self.0.get(member).unwrap_or_else(|| panic!("{}: no `{member}`", self.text("name")))
    }

    pub(crate) fn text(&self, member: &str) -> &str {
        self.value(member).as_str().unwrap()
    }

    pub(crate) fn number(&self, member: &str) -> u64 {
        self.value(member).as_u64().unwrap()
    }

    pub(crate) fn bytes(&self, member: &str) -> Vec<u8> {
        unhex(self.text(member))
    }

    pub(crate) fn array<const N: usize>(&self, member: &str) -> [u8; N] {
        self.bytes(member).try_into().unwrap()
    }

    /// A list of byte strings.
    pub(crate) fn list(&self, member: &str) -> Vec<Vec<u8>> {
        let list = self.value(member).as_array().unwrap();
        list.iter().map(|one| unhex(one.as_str().unwrap())).collect()
    }

    pub(crate) fn succeeds(&self) -> bool {
        self.text("expect") == "success"
    }
}

/// All vectors of one file.
pub(crate) fn read(file: &str) -> Vec<Vector> {
    let document: Value = serde_json::from_str(file).unwrap();
    let common = document["common"].as_object().unwrap();
    let whole = |own: &Value| {
        let mut members = common.clone();
        members.extend(own.as_object().unwrap().clone());
        Vector(members)
    };
    document["vectors"].as_array().unwrap().iter().map(whole).collect()
}

/// Checks every vector of a file: it succeeds, or fails in the way it expects.
///
/// Where the code tells several ways apart no further than that it refuses, it says `refused`.
#[track_caller]
pub(crate) fn check(file: &str, take: impl Fn(&Vector) -> Result<(), &'static str>) {
    let vectors = read(file);
    let wrong: Vec<String> = vectors.iter().filter_map(|vector| complaint(vector, take(vector))).collect();
    assert!(wrong.is_empty() && !vectors.is_empty(), "{}", wrong.join("\n"));
}

fn complaint(vector: &Vector, taken: Result<(), &'static str>) -> Option<String> {
    let expected = vector.text("expect");
    let fits = match taken {
        Ok(()) => expected == "success",
        Err("refused") => expected != "success" && expected != "newer",
        Err(class) => class == expected,
    };
    (!fits).then(|| format!("{}: {taken:?} where {expected} was expected", vector.text("name")))
}
