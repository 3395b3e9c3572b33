//! The values of a form's fields: lines, texts, identifiers, dates, language tags, amounts.

use edtf_core::Edtf;
use oxilangtag::LanguageTag;
use serde::Serialize;
use unicode_normalization::UnicodeNormalization as _;

use super::noun::Field;
use super::tree::{FormError, Node, Tree};
use crate::record::{Lang, normalise_str};

/// Longest identifier or word of a list, in characters.
pub(super) const MAX_WORD_CHARS: usize = 64;
const MAX_LINE_BYTES: usize = 1024;
/// Languages that are written in several scripts by those whose cases are recorded here.
const SEVERAL_SCRIPTS: [&str; 9] = ["az", "kk", "ky", "mn", "tg", "tt", "ug", "uz", "zh"];

/// How a value is asked for.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// In one line.
    Line,
    /// In any number of lines.
    Prose,
    /// With yes or no.
    YesNo,
    /// As a whole number.
    Number,
    /// Not at all: a command writes it.
    Computed,
    /// Field by field.
    Fields(&'static [Field]),
}

/// What a field can hold.
pub trait Value: Sized {
    /// How it is asked for.
    const SHAPE: Shape = Shape::Line;

    /// Reads it, or says what is wrong.
    fn read(node: &Node) -> Result<Self, FormError>;
}

/// Declares a value that is one text with its own rule.
macro_rules! text_value {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// As it was written.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text_value!(
    /// One line: a name, an issuer, a place as said.
    Line
);
text_value!(
    /// A text of any number of lines.
    Prose
);
text_value!(
    /// An identifier, for persons a pseudonym: by it other entries and other parts name this one.
    Id
);
text_value!(
    /// A date as far as it is known: EDTF (ISO 8601-2), levels 0 to 2, kept as it was written.
    When
);
text_value!(
    /// A language tag (BCP 47) of something spoken.
    Tag
);
text_value!(
    /// A language tag of something written: with its script where the language has several.
    Written
);
text_value!(
    /// A currency (ISO 4217).
    Currency
);
text_value!(
    /// A decimal number.
    Number
);
text_value!(
    /// A SHA-256: 64 hexadecimal digits in lower case.
    Sum
);
text_value!(
    /// An exhibit of the case, such as `E3`.
    ExhibitId
);

impl Value for Line {
    fn read(node: &Node) -> Result<Self, FormError> {
        let text: String = node.text()?.trim().nfc().collect();
        let breaks = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
        match () {
            () if text.is_empty() => Err(node.refuse("is empty", "write something, or leave the field out")),
            () if text.contains(breaks) => Err(node.refuse("has several lines", "write it on one line")),
            () if text.len() > MAX_LINE_BYTES => {
                Err(node
                    .refuse(format!("is longer than {MAX_LINE_BYTES} bytes"), "shorten it, or use a note"))
            }
            () => Ok(Self(text)),
        }
    }
}

impl Value for Prose {
    const SHAPE: Shape = Shape::Prose;

    fn read(node: &Node) -> Result<Self, FormError> {
        let refused =
            |error| node.refuse(format!("cannot be taken: {error}"), "write a text, or leave the field out");
        normalise_str(node.text()?).map(Self).map_err(refused)
    }
}

impl Value for Id {
    fn read(node: &Node) -> Result<Self, FormError> {
        let refused = |NotAnId| {
            node.refuse("is no identifier", "take 1 to 32 of A-Z, a-z, 0-9, - _ and ., such as P1 or SRC-7")
        };
        node.text()?.parse().map_err(refused)
    }
}

/// The text is no identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an identifier is 1 to 32 of A-Z, a-z, 0-9, - _ and ., such as P1 or SRC-7")]
pub struct NotAnId;

impl std::str::FromStr for Id {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, NotAnId> {
        const MAX: usize = 32;
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
        match (1..=MAX).contains(&text.len()) && text.bytes().all(plain) {
            true => Ok(Self(text.to_owned())),
            false => Err(NotAnId),
        }
    }
}

/// Reads a value that is one text by its own rule, as it is read from a form.
macro_rules! deserialize_as_read {
    ($name:ident) => {
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                use $crate::record::form::{Node, Value};
                let node = Node::typed(<String as serde::Deserialize>::deserialize(deserializer)?);
                Self::read(&node).map_err(serde::de::Error::custom)
            }
        }
    };
}
pub(super) use deserialize_as_read;

/// Reads a value by its own rule from a text that stands in no form.
macro_rules! parse_as_read {
    ($name:ident) => {
        impl std::str::FromStr for $name {
            type Err = FormError;

            fn from_str(text: &str) -> Result<Self, FormError> {
                Self::read(&Node::typed(text))
            }
        }
    };
}

parse_as_read!(Line);
parse_as_read!(When);
deserialize_as_read!(Id);
deserialize_as_read!(Line);
deserialize_as_read!(When);

impl When {
    /// First and last day it can be.
    pub fn bounds(&self) -> edtf_core::Bounds {
        self.edtf().bounds()
    }

    /// What it says.
    pub(in crate::record) fn edtf(&self) -> Edtf {
        Edtf::parse(&self.0).expect("it was parsed when it was read")
    }
}

impl Value for When {
    fn read(node: &Node) -> Result<Self, FormError> {
        let text = node.text()?;
        let short = text.len() <= MAX_LINE_BYTES && !text.is_empty();
        match Edtf::parse(text) {
            Ok(_) if short => Ok(Self(text.to_owned())),
            _ => Err(node.refuse(
                "is no date",
                "write as much as is known: 2013-03-21, 2013-03, 2013, 201X-11 (a digit unknown), 2013-03~ \
                 (about), 2013? (unsure), 2013/2017 (from, to); a day that no calendar has is refused",
            )),
        }
    }
}

/// Reads a language tag.
fn tag(node: &Node) -> Result<LanguageTag<String>, FormError> {
    let text = node.text()?;
    let known = text.parse::<Lang>().ok().and_then(|lang| LanguageTag::parse(lang.as_str().to_owned()).ok());
    known.ok_or_else(|| {
        node.refuse(
            "is no language tag",
            "write it like kk-Cyrl, kk-Arab, ug-Arab, zh-Hans, ru, tr, en (BCP 47: hyphens, no underscores)",
        )
    })
}

impl Value for Tag {
    fn read(node: &Node) -> Result<Self, FormError> {
        tag(node).map(|tag| Self(tag.into_inner()))
    }
}

impl Value for Written {
    fn read(node: &Node) -> Result<Self, FormError> {
        let tag = tag(node)?;
        let language = tag.primary_language().to_ascii_lowercase();
        if tag.script().is_none() && SEVERAL_SCRIPTS.contains(&language.as_str()) {
            return Err(node.refuse(
                format!("does not say in which script: {language} is written in several"),
                format!("add it: {language}-Cyrl, {language}-Arab, {language}-Latn, or for Chinese zh-Hans or zh-Hant"),
            ));
        }
        Ok(Self(tag.into_inner()))
    }
}

impl Value for Currency {
    fn read(node: &Node) -> Result<Self, FormError> {
        let text = node.text()?;
        if text.len() == 3 && text.bytes().all(|b| b.is_ascii_uppercase()) {
            return Ok(Self(text.to_owned()));
        }
        Err(node
            .refuse("is no currency", "write its three capital letters (ISO 4217): CNY, KZT, TRY, USD, EUR"))
    }
}

impl Value for Number {
    fn read(node: &Node) -> Result<Self, FormError> {
        const MAX_DIGITS: usize = 30;
        let text = node.text()?;
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        let fits = match text.split_once('.') {
            Some((whole, part)) => digits(whole) && digits(part),
            None => digits(text),
        };
        if fits && text.len() <= MAX_DIGITS {
            return Ok(Self(text.to_owned()));
        }
        Err(node.refuse("is no number", "write digits only, with a point before a fraction: 300000 or 44.2"))
    }
}

impl Value for ExhibitId {
    fn read(node: &Node) -> Result<Self, FormError> {
        let text = node.text()?;
        match text.parse::<crate::record::ExhibitName>() {
            Ok(name) if name.to_string() == text => Ok(Self(text.to_owned())),
            _ => Err(node.refuse("is no exhibit", "name it like E3, as `sanduq show` lists it")),
        }
    }
}

impl Value for Sum {
    const SHAPE: Shape = Shape::Computed;

    fn read(node: &Node) -> Result<Self, FormError> {
        const DIGITS: usize = 64;
        let text = node.text()?;
        if text.len() == DIGITS && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
            return Ok(Self(text.to_owned()));
        }
        Err(node.refuse("is no digest", "leave it out: `sanduq redact` writes it"))
    }
}

impl Value for bool {
    const SHAPE: Shape = Shape::YesNo;

    fn read(node: &Node) -> Result<Self, FormError> {
        match &node.value {
            Tree::Bare(bare) if bare == "true" => Ok(true),
            Tree::Bare(bare) if bare == "false" => Ok(false),
            _ => Err(node.refuse("is neither true nor false", "write true or false, without quotes")),
        }
    }
}

impl Value for u64 {
    const SHAPE: Shape = Shape::Number;

    fn read(node: &Node) -> Result<Self, FormError> {
        let Tree::Bare(bare) = &node.value else {
            return Err(node.refuse("is no number", "write a number without quotes"));
        };
        let canonical = |number: &Self| number.to_string() == *bare;
        let number = bare.parse().ok().filter(canonical);
        number.ok_or_else(|| node.refuse("is no whole number", "write digits only, such as 34"))
    }
}

/// A field's value, a value that may be missing, or any number of them.
pub trait Slot: Sized {
    /// How a value is asked for.
    const SHAPE: Shape;
    /// Whether there can be several.
    const LIST: bool = false;
    /// Whether it must be there.
    const NEEDED: bool = false;
    /// Reads it where it is there.
    fn fill(node: &Node) -> Result<Self, FormError>;
    /// What stands when it is not there; none when it must be.
    fn absent() -> Option<Self>;
    /// Whether it is left out when it is written.
    fn is_absent(&self) -> bool;
}

impl<T: Value> Slot for T {
    const SHAPE: Shape = T::SHAPE;
    const NEEDED: bool = true;

    fn fill(node: &Node) -> Result<Self, FormError> {
        T::read(node)
    }

    fn absent() -> Option<Self> {
        None
    }

    fn is_absent(&self) -> bool {
        false
    }
}

impl<T: Value> Slot for Option<T> {
    const SHAPE: Shape = T::SHAPE;

    fn fill(node: &Node) -> Result<Self, FormError> {
        T::read(node).map(Some)
    }

    fn absent() -> Option<Self> {
        Some(None)
    }

    fn is_absent(&self) -> bool {
        self.is_none()
    }
}

impl<T: Value> Slot for Vec<T> {
    const SHAPE: Shape = T::SHAPE;
    const LIST: bool = true;

    /// A single value counts as a list of one.
    fn fill(node: &Node) -> Result<Self, FormError> {
        match &node.value {
            Tree::List(nodes) => nodes.iter().map(T::read).collect(),
            _ => Ok(vec![T::read(node)?]),
        }
    }

    fn absent() -> Option<Self> {
        Some(Self::new())
    }

    fn is_absent(&self) -> bool {
        self.is_empty()
    }
}
