//! Where in a document the words are, and the passage around them: read from the text itself.

use std::ops::Range;

use super::build::Field;
use super::find::{Fit, is_alike};
use super::fold::words;
use super::query::{Piece, Query, Sought};
use crate::names::sounds;

/// Characters of a passage before and after what was found.
const AROUND: usize = 60;

/// A passage of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passage {
    /// The field it stands in, by its place among those given.
    pub field: usize,
    /// The line in it, from 1.
    pub line: usize,
    /// A piece of that line.
    pub text: String,
    /// What was found in the piece, in bytes, in order and apart.
    pub marks: Vec<Range<usize>>,
    /// How well it fits.
    pub fit: Fit,
}

/// A word of a field.
struct Word {
    folded: String,
    written: String,
    range: Range<usize>,
    may_be_name: bool,
}

/// Where a word of the query stands.
struct Hit {
    fit: Fit,
    field: usize,
    range: Range<usize>,
}

/// Finds every word of a query in a document; none when one of them is not there.
pub fn locate(fields: &[Field], query: &Query) -> Option<Passage> {
    let read: Vec<Vec<Word>> = fields.iter().map(words_of).collect();
    let mut all: Vec<Vec<Hit>> = Vec::new();
    for sought in &query.words {
        let mut hits = Vec::new();
        for (field, (words, of)) in read.iter().zip(fields).enumerate() {
            hits.extend(hits_in(words, &of.text, sought).into_iter().map(|(fit, range)| Hit {
                fit,
                field,
                range,
            }));
        }
        // Only where it fits best, it counts.
        let best = hits.iter().map(|hit| hit.fit).min()?;
        hits.retain(|hit| hit.fit == best);
        all.push(hits);
    }
    let fit = all.iter().flatten().map(|hit| hit.fit).max()?;
    let holds = |field: usize| all.iter().filter(|hits| hits.iter().any(|hit| hit.field == field)).count();
    let field = (0..fields.len()).max_by_key(|field| (holds(*field), std::cmp::Reverse(*field)))?;
    let mut found: Vec<Range<usize>> =
        all.iter().flatten().filter(|hit| hit.field == field).map(|hit| hit.range.clone()).collect();
    found.sort_by_key(|range| (range.start, range.end));
    let text = &fields.get(field)?.text;
    let (line, text, marks) = cut(text, &found)?;
    Some(Passage { field, line, text, marks, fit })
}

fn words_of(field: &Field) -> Vec<Word> {
    let mut all = Vec::new();
    words(&field.text, |token| {
        all.push(Word {
            folded: token.folded.to_owned(),
            written: token.written.to_owned(),
            range: token.range(),
            may_be_name: (token.capital || field.names) && !token.spaceless,
        });
    });
    all
}

/// Where one word of the query stands in a field, and how well it fits there.
fn hits_in(words: &[Word], text: &str, sought: &Sought) -> Vec<(Fit, Range<usize>)> {
    let mut hits = Vec::new();
    for way in &sought.ways {
        for at in 0..words.len() {
            hits.extend(phrase_at(&words[at..], text, way));
        }
    }
    if let (true, [way]) = (sought.beginning, sought.ways.as_slice()) {
        let longer = |word: &&Word| way.iter().any(|piece| word.folded.starts_with(&piece.folded));
        hits.extend(words.iter().filter(longer).map(|word| (Fit::Beginning, word.range.clone())));
    }
    if !sought.names.is_empty() && hits.is_empty() {
        let named = names_in(words, text, &sought.names).into_iter();
        hits.extend(named.map(|range| (Fit::Sound, range)));
    }
    hits
}

/// Whether a phrase begins with the first of these words.
fn phrase_at(words: &[Word], text: &str, way: &[Piece]) -> Option<(Fit, Range<usize>)> {
    let mut fit = Fit::Exact;
    let mut end = 0;
    for piece in way {
        let at = piece.ahead as usize;
        let word = words.get(at)?;
        let pair = || words.get(at + 1).filter(|next| next.range.start == word.range.end);
        if word.folded == piece.folded {
            fit = if word.written == piece.written { fit } else { Fit::Folded };
            end = word.range.end;
        } else {
            let next = pair().filter(|next| piece.folded == format!("{}{}", word.folded, next.folded))?;
            end = next.range.end;
        }
    }
    let start = words.first()?.range.start;
    text.get(start..end).map(|_| (fit, start..end))
}

/// Names that sound like those looked for.
fn names_in(words: &[Word], text: &str, names: &[String]) -> Vec<Range<usize>> {
    let spans = words.iter().filter(|word| word.may_be_name).map(|word| word.range.clone());
    let heard: Vec<(Range<usize>, &str, Vec<String>)> = spans
        .chain(runs(words))
        .filter_map(|range| text.get(range.clone()).map(|name| (range, name, sounds(name))))
        .collect();
    let mut all = Vec::new();
    for name in names {
        let wanted = sounds(name);
        let alike = heard.iter().filter(|(_, other, heard)| {
            wanted.iter().any(|sound| heard.contains(sound)) && is_alike(name, other)
        });
        let before = all.len();
        all.extend(alike.map(|(range, ..)| range.clone()));
        if all.len() == before {
            return Vec::new();
        }
    }
    all
}

/// Characters side by side that may be a Chinese name, and its two halves.
fn runs(words: &[Word]) -> Vec<Range<usize>> {
    let mut spans = Vec::new();
    let beside = |a: &Word, b: &Word| !a.may_be_name && a.range.end == b.range.start;
    for run in words.chunk_by(beside).filter(|run| (2..=4).contains(&run.len())) {
        let [first, second, ..] = run else { continue };
        let end = run.last().map_or(second.range.end, |last| last.range.end);
        spans.extend([first.range.start..end, first.range.clone(), second.range.start..end]);
    }
    spans
}

/// The line of the first of these ranges, what of it stands around, and the ranges that lie in that.
fn cut(text: &str, found: &[Range<usize>]) -> Option<(usize, String, Vec<Range<usize>>)> {
    let first = found.first()?;
    let start_of_line = text[..first.start].rfind('\n').map_or(0, |at| at + 1);
    let end_of_line = text[first.start..].find('\n').map_or(text.len(), |at| first.start + at);
    let line = text[..first.start].matches('\n').count() + 1;
    let before = &text[start_of_line..first.start];
    let start = before
        .char_indices()
        .rev()
        .nth(AROUND)
        .map_or(start_of_line, |(at, c)| start_of_line + at + c.len_utf8());
    let behind = first.end.min(end_of_line);
    let end = text[behind..end_of_line].char_indices().nth(AROUND).map_or(end_of_line, |(at, _)| behind + at);
    let mut marks: Vec<Range<usize>> = Vec::new();
    let (open, close) =
        (if start > start_of_line { "…" } else { "" }, if end < end_of_line { "…" } else { "" });
    for range in found.iter().filter(|range| range.start >= start && range.start < end) {
        let shift = |at: usize| at.min(end) - start + open.len();
        match marks.last_mut() {
            Some(last) if last.end >= shift(range.start) => last.end = last.end.max(shift(range.end)),
            _ => marks.push(shift(range.start)..shift(range.end)),
        }
    }
    Some((line, format!("{open}{}{close}", &text[start..end]), marks))
}
