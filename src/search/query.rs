//! What is looked for: words, phrases in quotes, and what may stand for them.

use unicode_normalization::UnicodeNormalization as _;

use super::fold::words;

/// Longest query, in bytes.
const MAX_BYTES: usize = 4096;
/// Most words of a query.
const MAX_WORDS: usize = 32;
/// Shortest word that others may begin with, in characters.
const BEGINNING_CHARS: usize = 3;

/// A query that nothing can be found by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum QueryError {
    /// Neither a letter nor a digit.
    #[error("there is no word in it to look for")]
    Empty,
    /// More than anybody looks for.
    #[error("a query is at most {MAX_WORDS} words and {MAX_BYTES} bytes")]
    TooLong,
}

/// What is looked for: all of these words, anywhere in a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    pub(super) words: Vec<Sought>,
}

/// A word, a phrase, a date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sought {
    /// The words side by side that are it, in one way of writing or another.
    pub(super) ways: Vec<Vec<Piece>>,
    /// Whether longer words that begin so will do.
    pub(super) beginning: bool,
    /// The words of a name, where it may be one.
    pub(super) names: Vec<String>,
}

/// A word of a phrase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) folded: String,
    /// In lower case; empty where it is the same.
    pub(super) written: String,
    /// How many words after the first it stands.
    pub(super) ahead: u32,
    /// Whether it is one character of a script without spaces, which stands before any other.
    pub(super) single: bool,
}

impl Query {
    /// Reads a query as it was typed.
    pub fn new(typed: &str) -> Result<Self, QueryError> {
        if typed.len() > MAX_BYTES {
            return Err(QueryError::TooLong);
        }
        let typed: String = typed.nfc().collect();
        let mut sought = Vec::new();
        for (at, piece) in typed.split(['"', '“', '”', '„', '«', '»']).enumerate() {
            match at % 2 {
                1 => sought.extend(Sought::phrase(piece)),
                _ => sought.extend(piece.split_whitespace().filter_map(Sought::word)),
            }
        }
        match sought.len() {
            0 => Err(QueryError::Empty),
            1..=MAX_WORDS => Ok(Self { words: sought }),
            _ => Err(QueryError::TooLong),
        }
    }
}

impl Sought {
    fn phrase(text: &str) -> Option<Self> {
        let pieces = pieces(text);
        (!pieces.is_empty()).then(|| Self { ways: vec![pieces], beginning: false, names: Vec::new() })
    }

    fn word(text: &str) -> Option<Self> {
        let pieces = pieces(text);
        let first = pieces.first()?;
        let beginning = pieces.len() == 1 && !first.single && first.folded.chars().count() >= BEGINNING_CHARS;
        let names = names(text);
        let ways = match date(text) {
            Some(ways) => ways.iter().map(|way| self::pieces(way)).collect(),
            None => vec![pieces],
        };
        Some(Self { ways, beginning, names })
    }
}

/// The words of a phrase, with pairs of characters for scripts without spaces.
pub(super) fn pieces(text: &str) -> Vec<Piece> {
    let mut tokens: Vec<(String, String, bool, (usize, usize))> = Vec::new();
    words(text, |token| {
        tokens.push((token.folded.into(), token.written.into(), token.spaceless, token.range));
    });
    let mut pieces = Vec::new();
    for (at, (folded, written, spaceless, range)) in tokens.iter().enumerate() {
        let ahead = at as u32;
        let beside = |other: &(String, String, bool, (usize, usize)), end, start| other.2 && end == start;
        let next = tokens.get(at + 1).filter(|next| *spaceless && beside(next, range.1, next.3.0));
        let before = at.checked_sub(1).map(|before| &tokens[before]);
        let joined = before.is_some_and(|before| *spaceless && beside(before, before.3.1, range.0));
        match next {
            Some(next) => pieces.push(Piece {
                folded: format!("{folded}{}", next.0),
                written: String::new(),
                ahead,
                single: false,
            }),
            // The last character of a run stands in the pair before.
            None if joined => {}
            None => pieces.push(Piece {
                folded: folded.clone(),
                written: if *spaceless { String::new() } else { written.clone() },
                ahead,
                single: *spaceless,
            }),
        }
    }
    pieces
}

/// The words of a name: one word of letters, or a Chinese family name and the given one.
fn names(text: &str) -> Vec<String> {
    const GIVEN_CHARS: std::ops::RangeInclusive<usize> = 1..=3;
    let (mut all, mut spaceless) = (Vec::new(), 0);
    words(text, |token| {
        let letters = token.folded.chars().all(char::is_alphabetic);
        spaceless += usize::from(token.spaceless);
        all.push(text.get(token.range()).filter(|_| letters).map(str::to_owned));
    });
    let Some(all) = all.into_iter().collect::<Option<Vec<String>>>() else { return Vec::new() };
    match all.as_slice() {
        [word] if spaceless == 0 && word.chars().count() >= 2 => vec![word.clone()],
        [family, given @ ..] if spaceless == all.len() && GIVEN_CHARS.contains(&given.len()) => {
            vec![family.clone(), given.concat()]
        }
        _ => Vec::new(),
    }
}

/// The ways a whole date is written: the year first, or the day.
fn date(text: &str) -> Option<Vec<String>> {
    let numbers: Vec<&str> = text.split(['-', '.', '/']).collect();
    let [a, month, b] = numbers.as_slice() else { return None };
    let digits = |text: &str, most: usize| {
        (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    let (year, day) = match (a.len(), b.len()) {
        (4, 1..=2) => (a, b),
        (1..=2, 4) => (b, a),
        _ => return None,
    };
    if !(digits(year, 4) && digits(month, 2) && digits(day, 2)) {
        return None;
    }
    let short = |number: &str| number.trim_start_matches('0').to_owned();
    let (m, d) = (short(month), short(day));
    let mut ways = Vec::new();
    for (m, d) in [(format!("{m:0>2}"), format!("{d:0>2}")), (m, d)] {
        ways.extend([format!("{year} {m} {d}"), format!("{d} {m} {year}")]);
    }
    ways.sort();
    ways.dedup();
    Some(ways)
}
