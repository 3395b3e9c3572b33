//! How values read on a page: dates and places as they were said, with what is known of them in brackets.

use super::common::{Conversion, Dated, Place};
use super::person::{Age, Name, SameAs};

/// A value as people read it; several for a list, none for what is not there.
pub trait Shown {
    /// The lines.
    fn shown(&self) -> Vec<String>;
}

/// Joins what is there.
fn joined(parts: impl IntoIterator<Item = Option<String>>) -> String {
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn plain(word: &str) -> String {
    match word.strip_prefix("x-") {
        Some(own) => own.to_owned(),
        None => word.replace('_', " "),
    }
}

impl<T: Shown> Shown for Option<T> {
    fn shown(&self) -> Vec<String> {
        self.as_ref().map(T::shown).unwrap_or_default()
    }
}

impl<T: Shown> Shown for Vec<T> {
    fn shown(&self) -> Vec<String> {
        self.iter().flat_map(T::shown).collect()
    }
}

impl Shown for bool {
    fn shown(&self) -> Vec<String> {
        vec![if *self { "yes" } else { "no" }.to_owned()]
    }
}

impl Shown for u64 {
    fn shown(&self) -> Vec<String> {
        vec![self.to_string()]
    }
}

/// A word of a list with its HURIDOCS code in brackets, as short as people write it: without the pairs of noughts at
/// its end. A code that no word stands for is shown alone.
fn coded(word: &str, code: Option<&str>) -> String {
    let Some(mut code) = code.filter(|code| *code != word) else { return plain(word) };
    while let Some(shorter) = code.strip_suffix("00").filter(|shorter| !shorter.is_empty()) {
        code = shorter;
    }
    format!("{} ({code})", plain(word))
}

/// Texts are shown as they are, words of lists without what joins them.
macro_rules! shown {
    (as_is: $($text:ident),*; words: $($word:ident),* $(,)?) => {
        $(impl Shown for super::$text {
            fn shown(&self) -> Vec<String> {
                vec![self.as_str().to_owned()]
            }
        })*
        $(impl Shown for super::$word {
            fn shown(&self) -> Vec<String> {
                vec![coded(self.as_str(), self.huridocs())]
            }
        })*
    };
}

shown!(
    as_is: Line, Prose, Id, When, Tag, Written, Currency, Number, Sum, ExhibitId;
    words: Act, Connection, ConsentStatus, Degree, DocumentKind, FindingKind, GivenBy, Identity, IdentityLevel, Knowledge,
    Material, MediaLevel, Method, Mode, Monitoring, NameKind, Onward, PlaceLevel, Priority, Purpose, Reliability, Role,
    Sex, Signed, Status, Violence,
);

impl Shown for Dated {
    fn shown(&self) -> Vec<String> {
        let date = match (&self.said, &self.edtf) {
            (Some(said), Some(edtf)) => format!("“{said}” ({edtf})"),
            (Some(said), None) => format!("“{said}”"),
            (None, edtf) => edtf.as_ref().map(ToString::to_string).unwrap_or_default(),
        };
        let zone = self.zone.as_ref().map(ToString::to_string);
        vec![joined([Some(date), self.time.as_ref().map(|time| format!("“{time}”")), zone])]
    }
}

impl Shown for Place {
    fn shown(&self) -> Vec<String> {
        let told = joined([Some(plain(self.level.as_str())), self.code.as_ref().map(ToString::to_string)]);
        vec![format!("“{}” ({told})", self.said)]
    }
}

impl Shown for Name {
    fn shown(&self) -> Vec<String> {
        let kind = match self.kind.as_str() {
            "birth" => "at birth".to_owned(),
            "document" => "in a document".to_owned(),
            "press" => "in the press".to_owned(),
            other => plain(other),
        };
        let source = self.source.as_ref().map(|source| format!("from {source}"));
        let since = self.since.as_ref().map(|since| format!("since {since}"));
        vec![format!("{} ({})", self.text, joined([Some(kind), Some(self.lang.to_string()), source, since]))]
    }
}

impl Shown for Age {
    fn shown(&self) -> Vec<String> {
        let said = self.said.as_ref().map(|said| format!(", said as “{said}”")).unwrap_or_default();
        vec![format!("{} on {}{said}", self.years, self.as_of)]
    }
}

impl Shown for SameAs {
    fn shown(&self) -> Vec<String> {
        let note = self.note.as_ref().map(|note| format!(": {note}")).unwrap_or_default();
        vec![format!("{} ({}){note}", self.person, plain(self.certainty.as_str()))]
    }
}

impl Shown for Conversion {
    fn shown(&self) -> Vec<String> {
        let source = self.source.as_ref().map(|source| format!(", said by {source}")).unwrap_or_default();
        vec![format!("{} {}{source}", self.amount, self.currency)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fails when a code is left out, invented, or cut in the middle of a pair.
    #[test]
    fn words_stand_with_their_code_and_codes_alone() {
        assert_eq!(coded("arrest", Some("030101000000")), "arrest (030101)");
        assert_eq!(coded("refoulement", Some("380101000000")), "refoulement (380101)");
        assert_eq!(coded("highly_reliable", Some("010000000000")), "highly reliable (01)");
        assert_eq!(coded("own_list", None), "own list");
        assert_eq!(coded("x-hearing", None), "hearing");
        assert_eq!(coded("0110", Some("0110")), "0110");
    }
}
