//! Files of many cases: JSONL and CSV. Pure; gives one case or one error at a time, with the line it begins on.
//!
//! Stricter than the usual readers: a doubled key, an unknown column or an unclosed quote is an error, because what
//! such a file means would be a guess, and a guess could put one person's words into another's case.

mod csv;
mod jsonl;

use std::io::{self, BufRead, Read};

pub use csv::read_csv;
pub use jsonl::read_jsonl;

use crate::record::form::{Form, FormError};
use crate::record::{Lang, PartName, PartNameError, TextError, Title, normalise_str};

/// Longest accepted case in a file, in bytes: some texts of the permitted size, escaped.
const MAX_CASE_BYTES: usize = 256 << 20;
/// How much of a key or column nobody expected is repeated.
const MAX_SHOWN_CHARS: usize = 60;

/// A case as a file gives it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IngestRecord {
    /// The line it begins on, from 1.
    pub line: u64,
    /// The title.
    pub title: Option<Title>,
    /// The texts, each part once.
    pub parts: Vec<IngestText>,
    /// Paths of files to attach, as they stand there.
    pub exhibits: Vec<String>,
}

/// What is given of a part: a text, a form or both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IngestText {
    /// The part.
    pub part: PartName,
    /// The text in its normal form.
    pub text: Option<String>,
    /// Its language.
    pub lang: Option<Lang>,
    /// The form.
    pub form: Option<Form>,
}

/// A line of a file of cases is wrong.
#[derive(Debug, thiserror::Error)]
#[error("line {}", grouped(*.line))]
pub struct IngestError {
    /// The line, from 1: where the case begins.
    pub line: u64,
    /// What is wrong.
    #[source]
    pub fault: IngestFault,
}

/// What is wrong with a line of a file of cases.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IngestFault {
    /// The columns do not fit the header.
    #[error("{found} fields where the header has {expected}")]
    Columns {
        /// As many as the header has.
        expected: usize,
        /// As many as there are.
        found: usize,
    },
    /// There is no case in the file.
    #[error("there is no case in this file")]
    Empty,
    /// A value is of another kind.
    #[error("`{key}` must be {expected}")]
    Expected {
        /// Of what.
        key: String,
        /// What it must be.
        expected: &'static str,
    },
    /// The form of a part is refused.
    #[error("the form of {part}: `{}` {}; {}", error.field, error.fault, error.fault.remedy())]
    Form {
        /// The part.
        part: PartName,
        /// Which field, and why.
        error: Box<FormError>,
    },
    /// Not JSON.
    #[error("not JSON: wrong at character {0} of the line")]
    Json(usize),
    /// A language without the part it is of, or not a language tag.
    #[error("the language of {part}")]
    Lang {
        /// The part.
        part: PartName,
        /// Why.
        #[source]
        error: TextError,
    },
    /// A column `PART.lang` without `PART`.
    #[error("a column for the language of {0}, and none for its text")]
    LangOnly(PartName),
    /// A key that every such object needs is not there.
    #[error("`{0}` has neither `text` nor `form`")]
    NoText(PartName),
    /// Not UTF-8; the offset in the line of the first wrong byte.
    #[error("not UTF-8 at byte {0} of the line: save the file as UTF-8")]
    NotUtf8(usize),
    /// Neither a title nor a part nor an exhibit.
    #[error("nothing in it")]
    Nothing,
    /// Not the name of a part.
    #[error("`{name}` is no part")]
    Part {
        /// What stands there.
        name: String,
        /// Why.
        #[source]
        error: PartNameError,
    },
    /// A quoted field is not closed, or goes on after its closing quote.
    #[error("a quote is open or stands inside a field; a quote inside a quoted field is doubled")]
    Quote,
    /// The file could not be read.
    #[error("the file cannot be read")]
    Read(#[source] io::Error),
    /// Columns are separated by something else.
    #[error("columns are separated by commas, not by semicolons or tabs")]
    Separator,
    /// The text of a part is refused.
    #[error("the text of {part}")]
    Text {
        /// The part.
        part: PartName,
        /// Why.
        #[source]
        error: TextError,
    },
    /// The title is refused.
    #[error("the title")]
    Title(#[source] TextError),
    /// Longer than a case may be.
    #[error("longer than a case may be")]
    TooLong,
    /// The same key or column twice.
    #[error("`{0}` stands there twice")]
    Twice(String),
    /// A key that has no meaning here.
    #[error("`{0}` has no meaning here: there are title, parts (text, lang, form) and exhibits")]
    UnknownKey(String),
}

impl IngestFault {
    fn at(self, line: u64) -> IngestError {
        IngestError { line, fault: self }
    }

    /// Nothing after it can be read.
    fn ends(&self) -> bool {
        matches!(self, Self::Read(_) | Self::TooLong)
    }
}

/// Digits in groups of three, as people read them.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut shown = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && digits.len().saturating_sub(i).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}

/// The beginning of something nobody expected, for a message.
fn shown(text: &str) -> String {
    text.chars().take(MAX_SHOWN_CHARS).collect()
}

fn part_name(name: &str) -> Result<PartName, IngestFault> {
    name.parse().map_err(|error| IngestFault::Part { name: shown(name), error })
}

fn text_of(part: PartName, text: Option<&str>, lang: Option<&str>) -> Result<IngestText, IngestFault> {
    let lang = lang.map(str::parse).transpose();
    let lang = lang.map_err(|error| IngestFault::Lang { part: part.clone(), error })?;
    match text.map(normalise_str).transpose() {
        Ok(text) => Ok(IngestText { part, text, lang, form: None }),
        Err(error) => Err(IngestFault::Text { part, error }),
    }
}

/// Takes away a UTF-8 byte order mark, as spreadsheets write it.
fn without_mark<R: BufRead>(mut input: R) -> io::Result<io::Chain<io::Cursor<Vec<u8>>, R>> {
    let mut first = Vec::new();
    input.by_ref().take(3).read_to_end(&mut first)?;
    if first == [0xef, 0xbb, 0xbf] {
        first.clear();
    }
    Ok(io::Cursor::new(first).chain(input))
}

/// What reads one case after the other from a file; ends after an error that leaves nothing more to read.
struct Cases<F> {
    next: F,
    any: bool,
    over: bool,
}

impl<F: FnMut() -> Option<Result<IngestRecord, IngestError>>> Cases<F> {
    fn new(next: F) -> Self {
        Self { next, any: false, over: false }
    }
}

impl<F: FnMut() -> Option<Result<IngestRecord, IngestError>>> Iterator for Cases<F> {
    type Item = Result<IngestRecord, IngestError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.over {
            return None;
        }
        let next = (self.next)();
        self.over = match &next {
            None => true,
            Some(Ok(_)) => false,
            Some(Err(error)) => error.fault.ends(),
        };
        if next.is_none() && !self.any {
            return Some(Err(IngestFault::Empty.at(1)));
        }
        self.any = true;
        next
    }
}

#[cfg(test)]
mod tests;
