//! Texts people write: normal form and limits. docs/format.md section 1.

use std::fmt;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

/// Largest text of a part, in bytes of UTF-8.
pub const MAX_TEXT_BYTES: usize = 16 << 20;
/// Longest file name of an exhibit, in bytes.
pub const MAX_FILE_NAME_BYTES: usize = 255;
const MAX_TITLE_BYTES: usize = 1024;
const MAX_LABEL_BYTES: usize = 64;
const MAX_LANG_BYTES: usize = 64;

/// A text was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TextError {
    /// Nothing but white space.
    #[error("the text is empty")]
    Empty,
    /// A control character or a line break where one line is expected.
    #[error("the text has a line break or a control character where one plain line is expected")]
    NotOneLine,
    /// Not UTF-8; the number is the offset of the first wrong byte.
    #[error("the text is not UTF-8: first wrong byte at offset {0}")]
    NotUtf8(usize),
    /// Not a language tag.
    #[error("a language tag is letters, digits and hyphens, such as kk-Cyrl, ug-Arab, zh-Hans, ru (BCP 47)")]
    NotALanguage,
    /// Longer than the limit, in bytes.
    #[error("the text is longer than {0} bytes")]
    TooLong(usize),
}

/// Brings bytes to a text in its normal form: UTF-8 in NFC, LF line ends, no byte order mark.
pub fn normalise_text(bytes: &[u8]) -> Result<String, TextError> {
    normalise_str(std::str::from_utf8(bytes).map_err(|error| TextError::NotUtf8(error.valid_up_to()))?)
}

/// [`normalise_text`] of what is known to be UTF-8.
pub fn normalise_str(text: &str) -> Result<String, TextError> {
    // All of them: files that were joined bring several, and a text that begins with one is read nowhere.
    let text = text.trim_start_matches('\u{feff}');
    let text = match text.contains('\r') {
        true => text.replace("\r\n", "\n").replace('\r', "\n"),
        false => text.to_owned(),
    };
    if text.trim().is_empty() {
        return Err(TextError::Empty);
    }
    // Most texts are in the normal form already, and looking is much cheaper than making.
    let text = if unicode_normalization::is_nfc(&text) { text } else { text.nfc().collect() };
    if text.len() > MAX_TEXT_BYTES { Err(TextError::TooLong(MAX_TEXT_BYTES)) } else { Ok(text) }
}

/// Whether a text is in its normal form and within its limit.
pub fn is_normal_text(text: &str) -> bool {
    text.len() <= MAX_TEXT_BYTES
        && !text.trim().is_empty()
        && !text.starts_with('\u{feff}')
        && !text.contains('\r')
        && unicode_normalization::is_nfc(text)
}

fn one_line(text: &str, max_bytes: usize) -> Result<String, TextError> {
    let text: String = text.trim().nfc().collect();
    match text {
        text if text.is_empty() => Err(TextError::Empty),
        text if text.len() > max_bytes => Err(TextError::TooLong(max_bytes)),
        text if text.chars().any(|c| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')) => {
            Err(TextError::NotOneLine)
        }
        text => Ok(text),
    }
}

/// Declares a one-line text with its own limits.
macro_rules! line {
    ($(#[$doc:meta])* $name:ident, $parse:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = TextError;
            fn from_str(text: &str) -> Result<Self, TextError> {
                let parse: fn(&str) -> Result<String, TextError> = $parse;
                parse(text).map(Self)
            }
        }

        impl TryFrom<String> for $name {
            type Error = TextError;
            fn try_from(text: String) -> Result<Self, TextError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(line: $name) -> String {
                line.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

line!(
    /// The local name of a contact.
    Label, |text| one_line(text, MAX_LABEL_BYTES));
line!(
    /// The owner's own sealed title of a case; it is never shared.
    Title, |text| one_line(text, MAX_TITLE_BYTES));
line!(
/// A language tag (BCP 47), kept as it was given.
Lang, |text| {
    let well_formed = |tag: &str| {
        tag.len() <= MAX_LANG_BYTES
            && tag.split('-').all(|sub| (1..=8).contains(&sub.len()) && sub.bytes().all(|b| b.is_ascii_alphanumeric()))
            && tag.split('-').next().is_some_and(|first| (first.len() > 1 || first == "x" || first == "i") && first.bytes().all(|b| b.is_ascii_alphabetic()))
    };
    if well_formed(text) { Ok(text.to_owned()) } else { Err(TextError::NotALanguage) }
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brings_texts_to_one_form() {
        assert_eq!(normalise_text("\u{feff}е\u{308}ки\r\nکىشى\rend".as_bytes()).unwrap(), "ёки\nکىشى\nend");
        assert_eq!(normalise_text("\u{feff}\u{feff}е\u{308}".as_bytes()).unwrap(), "ё");
        assert_eq!(normalise_text(b" \n"), Err(TextError::Empty));
        assert_eq!(normalise_text("\u{feff}\u{feff}".as_bytes()), Err(TextError::Empty));
        assert_eq!(normalise_text(b"ab\xff"), Err(TextError::NotUtf8(2)));
    }

    proptest::proptest! {
        /// What was not in its normal form when it was signed would be refused by every reader.
        #[test]
        fn the_normal_form_is_normal(text in "[\u{feff}\r\n e\u{301}\u{323}\u{212b}\u{1100}\u{1161}ض\u{344}]{0,12}") {
            if let Ok(normal) = normalise_text(text.as_bytes()) {
                proptest::prop_assert!(is_normal_text(&normal), "{normal:?}");
                proptest::prop_assert_eq!(normalise_text(normal.as_bytes()), Ok(normal));
            }
        }
    }

    #[test]
    fn refuses_labels_that_would_break_a_line() {
        assert_eq!("a\nb".parse::<Label>(), Err(TextError::NotOneLine));
        assert_eq!(" Адвокат ".parse::<Label>().unwrap().as_str(), "Адвокат");
        assert_eq!("x".repeat(65).parse::<Label>(), Err(TextError::TooLong(64)));
    }

    #[test]
    fn takes_language_tags_with_script() {
        for good in ["ug", "ug-Arab", "kk-Cyrl-KZ", "zh-Hans", "x-any", "sl-rozaj-biske"] {
            assert!(good.parse::<Lang>().is_ok(), "{good}");
        }
        for bad in ["", "u", "ug_Arab", "uyghur latin", "ug-", "123"] {
            assert!(bad.parse::<Lang>().is_err(), "{bad}");
        }
    }
}
