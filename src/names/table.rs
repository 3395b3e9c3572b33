//! What it costs that a letter of one script stands for letters of another: learned tables and written ones.
//!
//! A row says for one letter (between two others, before another, or anywhere) which Latin letters it is
//! written with, in sixteenths of a nat, and what it costs to look for others in the next, wider row.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::normal::Script;

/// A cost in sixteenths of a nat, that is of a natural logarithm of a likelihood.
pub(super) type Cost = u16;
/// One nat.
pub(super) const NAT: Cost = 16;
/// Most Latin letters one letter is written with.
pub(super) const MAX_SPAN: usize = 6;

/// The tables. Arabic letters have two: one for languages that leave vowels out, one for those that write them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Kind {
    Latin,
    Cyrillic,
    Arabic,
    TurkicArabic,
    Han,
}

impl Kind {
    /// The tables a word is read by.
    pub(super) fn of(script: Script) -> &'static [Self] {
        match script {
            Script::Latin => &[Self::Latin],
            Script::Cyrillic => &[Self::Cyrillic],
            Script::Arabic => &[Self::Arabic, Self::TurkicArabic],
            Script::Han => &[Self::Han],
        }
    }

    /// What it costs to read a word by this table, where another one fits its letters better.
    pub(super) fn guess(self, letters: &[char]) -> Cost {
        match (self, writes_vowels(letters)) {
            (Self::Arabic, true) => 2 * NAT,
            (Self::TurkicArabic, false) => 5 * NAT,
            _ => 0,
        }
    }

    pub(super) fn table(self) -> &'static Table {
        static TABLES: LazyLock<[Table; 5]> = LazyLock::new(|| {
            let letters = include_str!("tables/letters.txt");
            let written =
                |name: &str| letters.split("\n\n").find(|part| part.starts_with(name)).unwrap_or("");
            [
                Table::parse(include_str!("tables/latin.txt"), written("latin")),
                Table::parse(include_str!("tables/russian.txt"), written("cyrillic")),
                Table::parse(include_str!("tables/arabic.txt"), written("arabic")),
                Table::parse("", written("turkic arabic")),
                Table::parse(include_str!("tables/chinese.txt"), ""),
            ]
        });
        &TABLES[self as usize]
    }
}

/// Whether a word has letters that only Kazakh, Uyghur and their neighbours write.
pub(super) fn writes_vowels(letters: &[char]) -> bool {
    letters.iter().any(|c| matches!(c, 'ە' | 'ۇ' | 'ۆ' | 'ۈ' | 'ې' | 'ۋ' | 'ڭ' | 'ھ'))
}

/// A letter in its surroundings: class of the letter before, letter, class of the letter after.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Unit {
    before: Sort,
    pub(super) letter: char,
    after: Sort,
}

/// Letters that act alike on their neighbours: every letter is a sort of its own, but Chinese characters of one
/// reading are one.
type Sort = u64;
const ANY: Sort = u64::MAX;

/// Latin letters packed into a number, the last one lowest.
pub(super) type Span = u64;

/// Adds a letter to a span.
pub(super) fn push(span: Span, letter: char) -> Span {
    (span << 10) | u64::from(u32::from(letter) & 0x3ff)
}

fn length(span: Span) -> usize {
    (64 - span.leading_zeros() as usize).div_ceil(10)
}

fn span(text: &str) -> Span {
    text.chars().fold(0, push)
}

fn code(c: char) -> Sort {
    u64::from(u32::from(c))
}

/// Readings are packed like the bytes of a number.
fn packed(reading: &str) -> Sort {
    reading
        .bytes()
        .filter(u8::is_ascii_alphabetic)
        .take(7)
        .fold(0, |s, b| (s << 8) | u64::from(b.to_ascii_lowercase()))
}

fn sort(c: char) -> Sort {
    match c {
        '\u{3400}'.. => {
            Some(packed(any_ascii::any_ascii_char(c))).filter(|sort| *sort != 0).unwrap_or(code(c))
        }
        c => code(c),
    }
}

/// The key of the row for all characters of one reading, apart from those of single letters.
fn shared(sort: Sort) -> (Sort, Sort, Sort) {
    (ANY, sort | (1 << 60), ANY)
}

impl Row {
    fn cost(&self, span: Span) -> Option<Cost> {
        let at = self.costs.binary_search_by_key(&span, |(span, _)| *span).ok()?;
        Some(self.costs[at].1)
    }
}

type Rows = HashMap<(Sort, Sort, Sort), Row>;

#[derive(Debug, Default)]
struct Row {
    others: Cost,
    /// By span, to be searched: rows are short.
    costs: Vec<(Span, Cost)>,
    best: String,
}

/// Lines are `unit others (latin cost)…`; anything else is a heading or a remark.
fn rows(text: &str) -> Rows {
    let mut rows = Rows::new();
    for line in text.lines() {
        let mut fields = line.split(' ');
        let (Some(unit), Some(others)) = (fields.next(), fields.next()) else { continue };
        let (Some(key), Ok(others)) = (key(unit), others.parse()) else { continue };
        let mut row = Row { others, ..Row::default() };
        while let (Some(latin), Some(Ok(cost))) = (fields.next(), fields.next().map(str::parse::<Cost>)) {
            let latin = if latin == "-" { "" } else { latin };
            if row.costs.is_empty() {
                latin.clone_into(&mut row.best);
            }
            row.costs.push((span(latin), cost));
        }
        row.costs.sort_unstable();
        rows.insert(key, row);
    }
    rows
}

/// One table.
#[derive(Debug)]
pub(super) struct Table {
    letters: Vec<char>,
    rows: Rows,
    /// Written by hand: a spelling costs no more than they say, wherever the letter stands.
    written: Rows,
    /// Most Latin letters one letter is written with.
    pub(super) reach: usize,
}

impl Table {
    fn parse(learned: &str, written: &str) -> Self {
        let mut letters: Vec<char> = ('a'..='z').collect();
        let lines = learned.lines().chain(written.lines());
        letters.extend(lines.filter_map(|line| line.strip_prefix("letters ")).flat_map(str::chars));
        let (rows, written) = (rows(learned), rows(written));
        let longest = |row: &Row| row.costs.iter().map(|(span, _)| length(*span)).max().unwrap_or(0);
        let reach = rows.values().chain(written.values()).map(longest).max().unwrap_or(0);
        Self { letters, rows, written, reach: reach.min(MAX_SPAN) }
    }

    /// A word in the Latin letters this table knows.
    pub(super) fn spell(&self, letters: &[char]) -> Vec<char> {
        let known = |c: &char| self.letters.contains(c);
        let mut out = Vec::new();
        for c in letters {
            match known(c) {
                true => out.push(*c),
                false => out.extend(
                    any_ascii::any_ascii_char(*c).chars().map(|c| c.to_ascii_lowercase()).filter(known),
                ),
            }
        }
        out.truncate(super::normal::MAX_LETTERS);
        out
    }

    /// The letters of a word in their surroundings.
    pub(super) fn units(&self, letters: &[char]) -> Vec<Unit> {
        let at = |i: usize, end: char| letters.get(i).map_or(code(end), |c| sort(*c));
        let unit = |(i, letter): (usize, &char)| Unit {
            before: at(i.wrapping_sub(1), '^'),
            letter: *letter,
            after: at(i + 1, '$'),
        };
        letters.iter().enumerate().map(unit).collect()
    }

    /// What is known of a unit, the narrowest row first; without its surroundings if it is to stand for all.
    pub(super) fn rows(&self, unit: Unit, narrow: bool) -> Known<'_> {
        let own = code(unit.letter);
        let keys = [
            (unit.before, own, unit.after),
            (ANY, own, unit.after),
            (ANY, own, ANY),
            shared(sort(unit.letter)),
        ];
        let skip = if narrow { 0 } else { 2 };
        let count = if sort(unit.letter) == own { 3 } else { 4 };
        let mut rows: Vec<&Row> = keys[skip..count].iter().filter_map(|key| self.rows.get(key)).collect();
        let written: Vec<&Row> = keys[..count].iter().filter_map(|key| self.written.get(key)).collect();
        if rows.is_empty() {
            rows.extend(written.first());
        }
        Known { rows, written, reading: any_ascii::any_ascii_char(unit.letter) }
    }
}

/// `x`, `x|after`, `before|x|after` or, for all characters of one reading, `=reading`.
fn key(unit: &str) -> Option<(Sort, Sort, Sort)> {
    let first = |text: &str| text.chars().next().map(code);
    let beside =
        |text: &str| if text.is_ascii() && text.len() > 1 { Some(packed(text)) } else { first(text) };
    let fields: Vec<&str> = unit.split('|').collect();
    match fields[..] {
        [reading] if reading.len() > 1 && reading.starts_with('=') => Some(shared(packed(&reading[1..]))),
        [x] if x.chars().count() == 1 => Some((ANY, first(x)?, ANY)),
        [x, after] => Some((ANY, first(x)?, beside(after)?)),
        [before, x, after] => Some((beside(before)?, first(x)?, beside(after)?)),
        _ => None,
    }
}

/// The rows for one unit.
#[derive(Debug)]
pub(super) struct Known<'a> {
    rows: Vec<&'a Row>,
    written: Vec<&'a Row>,
    reading: &'static str,
}

impl Known<'_> {
    /// What it costs that the unit stands for this span.
    pub(super) fn cost(&self, span: Span, length: usize) -> Cost {
        let written = self.written.iter().filter_map(|row| row.cost(span));
        written.fold(self.learned(span, length), |least, cost| least.min(cost))
    }

    fn learned(&self, span: Span, length: usize) -> Cost {
        let mut so_far = 0;
        for row in &self.rows {
            match row.cost(span) {
                Some(cost) if length == 0 => return (so_far + cost).min(UNHEARD),
                Some(cost) => return so_far + cost,
                None => so_far += row.others,
            }
        }
        match self.rows.is_empty() && length > 0 && span == self::span(&self.reading.to_lowercase()) {
            true => NAT,
            false if length == 0 => UNHEARD,
            false => so_far.min(UNSEEN) + LENGTHS[length.min(MAX_SPAN)] + OTHER_LETTER * length as Cost,
        }
    }

    /// The usual spelling.
    pub(super) fn best(&self) -> String {
        self.rows.first().map_or_else(|| self.reading.to_lowercase(), |row| row.best.clone())
    }
}

/// What it costs that a letter is written with so many letters, before anything else is known of it.
const LENGTHS: [Cost; MAX_SPAN + 1] = [34, 8, 26, 48, 74, 88, 99];
const OTHER_LETTER: Cost = 49;
/// What it costs at most that a letter is not written at all, and that it is written as never seen.
const UNHEARD: Cost = 104;
const UNSEEN: Cost = 160;
