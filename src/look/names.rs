//! Names of persons of the case, in any spelling and script, whole or one word of them.

use std::ops::Range;

use super::known::{Known, Name, is_han};
use super::spelling::{heard, push_sounds};
use super::text::Text;
use super::{Hit, Rule};
use crate::names::{Likeness, likeness};
use crate::record::form::Id;

/// A person named in a text.
#[derive(Clone, Debug)]
pub(super) struct Named {
    pub(super) range: Range<usize>,
    pub(super) who: Option<Id>,
    pub(super) going: bool,
    pub(super) minor: bool,
}

impl Named {
    /// The warning, where there is one: of a minor another rule warns.
    pub(super) fn into_hit(self) -> Option<Hit> {
        let warns = !self.going && !self.minor;
        warns.then_some(Hit { rule: Rule::Name, range: self.range, who: self.who })
    }
}

/// A word of the text that could be a word of a name.
#[derive(Clone, Debug)]
struct WordHit {
    range: Range<usize>,
    word: usize,
    likeness: Likeness,
    /// Whether it names somebody without another word of the name.
    alone: bool,
}

/// Words of one name that stand together.
struct Found<'a> {
    range: Range<usize>,
    words: usize,
    name: &'a Name,
}

/// Everybody who is named, those who go along too.
pub(super) fn find(text: &Text<'_>, known: &Known) -> Vec<Named> {
    let found = places_of(text, &known.names);
    let named = |found: Found<'_>| Named {
        range: found.range,
        who: found.name.who.clone(),
        going: found.name.going,
        minor: found.name.minor,
    };
    found.into_iter().map(named).collect()
}

/// Where names of places stand, with all their words.
pub(super) fn places<'a>(text: &Text<'_>, names: &'a [Name]) -> Vec<(Range<usize>, &'a Name)> {
    let found = places_of(text, names).into_iter();
    found
        .filter(|found| found.words >= found.name.words.len())
        .map(|found| (found.range, found.name))
        .collect()
}

/// Of names that overlap, the one with the most words; of two with as many, that of who goes along.
fn places_of<'a>(text: &Text<'_>, names: &'a [Name]) -> Vec<Found<'a>> {
    let all_heard: Vec<_> = text.words.iter().map(|word| heard(word)).collect();
    let runs = han_runs(text.text);
    let mut found: Vec<Found<'a>> = Vec::new();
    for name in names {
        let mut hits =
            if name.han { in_characters(text.text, name) } else { in_runs(text.text, &runs, name) };
        hits.extend(in_words(text, &all_heard, name));
        found.extend(joined(text.text, hits, name));
    }
    found.sort_by_key(|found| {
        (
            std::cmp::Reverse(found.words),
            std::cmp::Reverse(found.range.len()),
            !found.name.going,
            found.range.start,
        )
    });
    let mut out: Vec<Found<'a>> = Vec::new();
    for one in found {
        if out.iter().all(|other| other.range.end <= one.range.start || one.range.end <= other.range.start) {
            out.push(one);
        }
    }
    out.sort_by_key(|found| found.range.start);
    out
}

/// Words of the text that are spelled like words of the name.
fn in_words(text: &Text<'_>, all_heard: &[Vec<(String, Vec<u8>)>], name: &Name) -> Vec<WordHit> {
    let mut hits = Vec::new();
    let mut of_word: Vec<Option<Vec<(usize, Likeness)>>> = vec![None; text.words.len()];
    for token in &text.tokens {
        let Some(word) = token.word else { continue };
        let alike = of_word[word].get_or_insert_with(|| {
            let known = name.words.iter().enumerate();
            let rated = known.map(|(at, known)| (at, known.likeness(&all_heard[word])));
            rated.filter(|(_, likeness)| *likeness >= Likeness::Possible).collect()
        });
        for (at, likeness) in alike.iter() {
            let known = &name.words[*at];
            let cased = matches!(token.kind, super::text::Kind::Word { cased: true, .. });
            let clear = match (cased, *likeness) {
                (_, Likeness::Same) => known.word.chars().count() >= 3,
                (true, Likeness::Likely) => known.sounds.len() >= 2 && known.word.chars().count() >= 4,
                (false, Likeness::Likely) => known.sounds.len() >= 3,
                _ => false,
            };
            let alone = clear && (text.is_small || token.could_be_a_name()) && !name.han;
            hits.push(WordHit { range: token.range.clone(), word: *at, likeness: *likeness, alone });
        }
    }
    hits
}

/// A name in Chinese characters, as it is; of a name with a dot each long part too.
fn in_characters(text: &str, name: &Name) -> Vec<WordHit> {
    let parts: Vec<&str> = name.text.split(|c: char| !is_han(c)).filter(|part| !part.is_empty()).collect();
    let whole = parts.len() == 1;
    let mut hits = Vec::new();
    for (at, part) in parts.iter().enumerate().filter(|(_, part)| whole || part.chars().count() >= 2) {
        let alone = part.chars().count() >= if whole { 2 } else { 3 };
        for (start, _) in text.match_indices(part) {
            hits.push(WordHit {
                range: start..start + part.len(),
                word: at,
                likeness: Likeness::Same,
                alone,
            });
        }
    }
    hits
}

/// The stretches of Chinese characters, each character with its consonants.
type Run = Vec<(usize, char, Vec<u8>)>;

fn han_runs(text: &str) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut end = usize::MAX;
    for (at, c) in text.char_indices().filter(|(_, c)| is_han(*c)) {
        if at != end {
            runs.push(Vec::new());
        }
        let mut sounds = Vec::new();
        push_sounds(c, &mut sounds);
        runs.last_mut().expect("one was pushed").push((at, c, sounds));
        end = at + c.len_utf8();
    }
    runs
}

/// A name of another script spelled out in Chinese characters.
fn in_runs(text: &str, runs: &[Run], name: &Name) -> Vec<WordHit> {
    const LONGEST: usize = 6;
    let mut hits = Vec::new();
    for run in runs {
        for start in 0..run.len() {
            let mut sounds = Vec::new();
            for (at, c, more) in run[start..].iter().take(LONGEST) {
                sounds.extend(more);
                let range = run[start].0..at + c.len_utf8();
                for (word, known) in name.words.iter().enumerate() {
                    let characters = text[range.clone()].chars().count();
                    let enough = known.sounds.len() >= 2 && characters >= 2;
                    if enough && super::spelling::could_be(&sounds, &known.sounds) {
                        let likeness = likeness(&known.word, &text[range.clone()]);
                        let alone =
                            likeness >= Likeness::Likely && known.sounds.len() >= 3 && characters >= 3;
                        let range = range.clone();
                        hits.push(WordHit { range, word, likeness, alone });
                    }
                }
            }
        }
    }
    hits.retain(|hit| hit.likeness >= Likeness::Possible);
    hits
}

/// Words of a name that stand together, in any order, with at most one other word between them.
fn joined<'a>(text: &str, mut hits: Vec<WordHit>, name: &'a Name) -> Vec<Found<'a>> {
    hits.sort_by_key(|hit| (hit.range.start, std::cmp::Reverse(hit.range.end)));
    let mut out = Vec::new();
    for (at, first) in hits.iter().enumerate() {
        let (mut used, mut range, mut sure) = (vec![first.word], first.range.clone(), first.likeness);
        for next in &hits[at + 1..] {
            let beside = next.range.start >= range.end && is_beside(&text[range.end..next.range.start]);
            if beside && !used.contains(&next.word) {
                used.push(next.word);
                range.end = next.range.end;
                sure = sure.max(next.likeness);
            }
        }
        let enough = if used.len() > 1 { sure >= Likeness::Likely } else { first.alone };
        if enough {
            out.push(Found { range, words: used.len(), name });
        }
    }
    out
}

/// Whether what stands between two words lets them be one name: little, no other sentence, no list.
fn is_beside(between: &str) -> bool {
    let parts = |c: char| {
        matches!(c, ',' | ';' | ':' | '!' | '?' | '\n' | '。' | '，' | '、' | '！' | '？' | '،' | '؟')
    };
    let inner = between.trim();
    between.chars().count() <= 24
        && !between.contains(parts)
        && !inner.contains(char::is_whitespace)
        && (!inner.contains('.') || inner.chars().count() <= 2)
        && inner.chars().filter(|c| is_han(*c)).count() == 0
}
