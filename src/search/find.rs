//! Which documents of a segment fit a query, and how well.

use super::Broken;
use super::build::sound_key;
use super::lists::{Place, documents, each_place, followed, place};
use super::query::{Piece, Query, Sought};
use super::segment::Segment;
use crate::names::{Likeness, likeness, sounds};

/// How well the words of a document fit those looked for: as well as the one that fits least.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fit {
    /// The same letters; capitals do not count.
    Exact,
    /// The same word with other marks, or other forms of its letters.
    Folded,
    /// A longer word that begins with it.
    Beginning,
    /// A name that sounds like it.
    Sound,
}

/// A document that fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Its number in the segment.
    pub document: u32,
    /// How well it fits.
    pub fit: Fit,
    /// Its time.
    pub time: u64,
}

/// Documents, sorted, each with how well it fits.
type Fits = Vec<(u32, Fit)>;

/// The documents that hold every word of a query.
pub fn find(segment: &Segment, query: &Query) -> Result<Vec<Finding>, Broken> {
    let mut all: Option<Fits> = None;
    for sought in &query.words {
        let fits = fits(segment, sought)?;
        let both = match all {
            None => fits,
            Some(before) => both(&before, &fits),
        };
        if both.is_empty() {
            return Ok(Vec::new());
        }
        all = Some(both);
    }
    let times = segment.times()?;
    let mut found = Vec::new();
    for (document, fit) in all.unwrap_or_default() {
        let time = *times.get(document as usize).ok_or(Broken)?;
        if !segment.is_gone(document) {
            found.push(Finding { document, fit, time });
        }
    }
    Ok(found)
}

fn fits(segment: &Segment, sought: &Sought) -> Result<Fits, Broken> {
    let mut all = Fits::new();
    for way in &sought.ways {
        match way.as_slice() {
            [piece] => word(segment, piece, sought.beginning, &mut all)?,
            pieces => phrase(segment, pieces, &mut all)?,
        }
    }
    if !sought.names.is_empty() {
        let mut alike: Option<Fits> = None;
        for name in &sought.names {
            let found = name_fits(segment, name)?;
            alike = Some(alike.map_or_else(|| found.clone(), |before| both(&before, &found)));
        }
        all.extend(alike.unwrap_or_default());
    }
    Ok(best(all))
}

/// A single word: the word itself, its other spellings, and longer ones.
fn word(segment: &Segment, piece: &Piece, beginning: bool, all: &mut Fits) -> Result<(), Broken> {
    let whole = [piece.folded.as_bytes(), &[0]].concat();
    let prefix = if beginning || piece.single { piece.folded.as_bytes() } else { &whole };
    let mut found = Vec::new();
    for (key, list) in segment.words_with(prefix)?.words() {
        let fit = match key.strip_prefix(whole.as_slice()) {
            _ if piece.single => Fit::Exact,
            Some(written) if written == piece.written.as_bytes() => Fit::Exact,
            Some(_) => Fit::Folded,
            None => Fit::Beginning,
        };
        found.clear();
        documents(list, &mut found)?;
        all.extend(found.iter().map(|document| (*document, fit)));
    }
    Ok(())
}

/// Words side by side.
fn phrase(segment: &Segment, pieces: &[Piece], all: &mut Fits) -> Result<(), Broken> {
    let (mut exact, mut folded): (Option<Vec<Place>>, Option<Vec<Place>>) = (None, None);
    for piece in pieces {
        let (same, any) = places(segment, piece)?;
        let step = |before: Option<Vec<Place>>, now: Vec<Place>| match before {
            None => now,
            Some(before) => followed(&before, &now, piece.ahead),
        };
        (exact, folded) = (Some(step(exact, same)), Some(step(folded, any)));
        if folded.as_ref().is_some_and(Vec::is_empty) {
            return Ok(());
        }
    }
    for (places, fit) in [(exact, Fit::Exact), (folded, Fit::Folded)] {
        all.extend(places.unwrap_or_default().into_iter().map(|place| (super::lists::document(place), fit)));
    }
    Ok(())
}

/// Where a word of a phrase stands: written so, and in any spelling.
fn places(segment: &Segment, piece: &Piece) -> Result<(Vec<Place>, Vec<Place>), Broken> {
    let whole = [piece.folded.as_bytes(), &[0]].concat();
    let prefix = if piece.single { piece.folded.as_bytes() } else { &whole };
    let (mut same, mut any) = (Vec::new(), Vec::new());
    for (key, list) in segment.words_with(prefix)?.words() {
        let start = any.len();
        each_place(list, |document, number| any.push(place(document, number)))?;
        if piece.single || key.get(whole.len()..) == Some(piece.written.as_bytes()) {
            same.extend_from_slice(&any[start..]);
        }
    }
    same.sort_unstable();
    any.sort_unstable();
    Ok((same, any))
}

/// Names that sound like one.
fn name_fits(segment: &Segment, name: &str) -> Result<Fits, Broken> {
    let mut all = Fits::new();
    let mut found = Vec::new();
    for sound in sounds(name) {
        let prefix = sound_key(&sound, b"");
        for (key, list) in segment.words_with(&prefix)?.words() {
            let other = std::str::from_utf8(&key[prefix.len()..]).map_err(|_| Broken)?;
            if is_alike(name, other) {
                found.clear();
                documents(list, &mut found)?;
                all.extend(found.iter().map(|document| (*document, Fit::Sound)));
            }
        }
    }
    Ok(best(all))
}

/// Whether two names that share a sound may be one.
pub(super) fn is_alike(name: &str, other: &str) -> bool {
    likeness(name, other) >= Likeness::Possible
}

/// Each document once, as well as it fits.
fn best(mut all: Fits) -> Fits {
    all.sort_unstable();
    all.dedup_by_key(|(document, _)| *document);
    all
}

/// What stands in both, as well as in the one where it fits less.
fn both(first: &Fits, second: &Fits) -> Fits {
    let mut rest = second.as_slice();
    let mut found = Fits::new();
    for (document, fit) in first {
        rest = &rest[rest.partition_point(|(other, _)| other < document)..];
        if let Some((other, worse)) = rest.first().filter(|(other, _)| other == document) {
            found.push((*other, *fit.max(worse)));
        }
    }
    found
}
