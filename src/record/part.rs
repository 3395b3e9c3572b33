//! Parts: the units of sharing inside a case. docs/format.md section 7.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

const KINDS: [&str; 7] = ["person", "testimony", "whereabouts", "medical", "notes", "exhibits", CONSENT];
const CONSENT: &str = "consent";
const MAX_LABEL_CHARS: usize = 32;

/// The name of a part: a kind, or a kind and a label, such as `person/doctor`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PartName(String);

/// A part's name could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PartNameError {
    /// The part before the slash is none of the seven kinds.
    #[error(
        "a part is person, testimony, whereabouts, medical, notes, exhibits or consent, alone or with a label (person/doctor)"
    )]
    Kind,
    /// The label is empty, too long or has other characters.
    #[error("a part's label is 1 to 32 of the characters a-z, 0-9 and -")]
    Label,
}

impl PartName {
    /// The default part of attached files.
    pub fn exhibits() -> Self {
        Self("exhibits".into())
    }

    /// The part that holds what people agreed to.
    pub fn consent() -> Self {
        Self(CONSENT.into())
    }

    /// Whether it holds what people agreed to.
    pub fn is_consent(&self) -> bool {
        self.kind() == CONSENT
    }

    /// The name as it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands before the label.
    pub fn kind(&self) -> &str {
        self.0.split('/').next().unwrap_or_default()
    }

    /// The name of its folder in a bundle, in which `/` is `.`.
    pub fn folder(&self) -> String {
        self.0.replace('/', ".")
    }

    /// Sorts the identity of persons first, then statements, as people read a case.
    pub fn order(&self) -> (usize, &str) {
        let kind = self.kind();
        (KINDS.iter().position(|k| *k == kind).unwrap_or(KINDS.len()), &self.0)
    }
}

impl FromStr for PartName {
    type Err = PartNameError;

    fn from_str(text: &str) -> Result<Self, PartNameError> {
        let (kind, label) = text.split_once('/').map_or((text, None), |(kind, label)| (kind, Some(label)));
        if !KINDS.contains(&kind) {
            return Err(PartNameError::Kind);
        }
        let plain = |label: &str| {
            (1..=MAX_LABEL_CHARS).contains(&label.len())
                && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        };
        if label.is_some_and(|label| !plain(label)) {
            return Err(PartNameError::Label);
        }
        Ok(Self(text.to_owned()))
    }
}

impl TryFrom<String> for PartName {
    type Error = PartNameError;

    fn try_from(text: String) -> Result<Self, PartNameError> {
        text.parse()
    }
}

impl From<PartName> for String {
    fn from(part: PartName) -> Self {
        part.0
    }
}

impl fmt::Display for PartName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_the_seven_kinds_and_their_labels_only() {
        for good in ["person", "person/doctor", "exhibits", "notes/2-b", "consent", "consent/helpers"] {
            assert_eq!(good.parse::<PartName>().unwrap().as_str(), good);
        }
        for bad in
            ["", "Person", "persons", "person/", "person/Doctor", "person/a/b", "person/../x", "/person"]
        {
            assert!(bad.parse::<PartName>().is_err(), "{bad}");
        }
        assert!(format!("person/{}", "a".repeat(33)).parse::<PartName>().is_err());
    }
}
