//! How alike two names are, for a warning that two may be one person. Never a reason to make them one.

use super::align::{NEVER, Spans};
use super::form::{Ending, forms};
use super::normal::{Script, Word, words};
use super::query::{Piece, Query, in_latin, split};
use super::table::{Cost, Kind, NAT};

/// How alike two names are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Likeness {
    /// Other names.
    None,
    /// Could be spellings of one name, some part being far off, or missing.
    Possible,
    /// Spellings that are in use for one name.
    Likely,
    /// The same letters, but for case, marks, punctuation and order.
    Same,
}

/// How alike two names are, whichever comes first.
///
/// Of names, not of people: fathers, sons and strangers have the same ones. The answer is for a person to look at.
pub fn likeness(a: &str, b: &str) -> Likeness {
    one_way(a, b).max(one_way(b, a))
}

/// Spellings in use are no further apart than this, in each word.
const LIKELY: Cost = 5 * NAT;
/// Nor could one name be further than this.
const POSSIBLE: Cost = 9 * NAT;

fn one_way(a: &str, b: &str) -> Likeness {
    let (mut typed, mut named) = (words(a), words(b));
    if typed.is_empty() || named.is_empty() {
        return Likeness::None;
    }
    typed.sort_unstable();
    named.sort_unstable();
    if typed == named {
        return Likeness::Same;
    }
    let query = Query::new(a);
    let pairs = pairs(&query, b);
    let name = Sides { words: split(&words(b)).len(), patronymics: patronymics(b) };
    let asked = Sides { words: query.lengths.len(), patronymics: patronymics(a) };
    Pairing { pairs: &pairs, asked, name }.best((0, 0), Worst { apart: 0, left_out: 0 })
}

/// A part of one name for a part of the other, and how far apart they are.
#[derive(Clone, Copy, Debug)]
struct Pair {
    asked: u8,
    name: u8,
    apart: Cost,
}

/// The words of a name, and which of them say whose child it is.
#[derive(Clone, Copy, Debug)]
struct Sides {
    words: usize,
    patronymics: u8,
}

/// The words that could be left out because they say whose child it is: with an ending, in a name of three.
fn patronymics(name: &str) -> u8 {
    let words = split(&words(name));
    let bit = |(at, word)| if forms(word).len() > 1 { 1_u8 << at } else { 0 };
    if words.len() > 2 { words.iter().enumerate().map(bit).sum() } else { 0 }
}

fn pairs(query: &Query, name: &str) -> Vec<Pair> {
    let words = split(&words(name));
    let mut parts: Vec<(u8, Ending, Word)> = Vec::new();
    for (at, word) in words.iter().enumerate() {
        for (ending, letters) in forms(word) {
            parts.push((1 << at, ending, Word { script: word.script, letters }));
        }
    }
    for (at, pair) in words.windows(2).enumerate().filter(|(_, pair)| pair[0].script == pair[1].script) {
        let letters = [pair[0].letters.as_slice(), &pair[1].letters].concat();
        parts.push((3 << at, Ending::Whole, Word { script: pair[0].script, letters }));
    }
    let mut out = Vec::new();
    for (covers, ending, word) in &parts {
        for piece in &query.pieces {
            let apart =
                Kind::of(word.script).iter().map(|kind| apart(*kind, &word.letters, &piece.spans(*kind)));
            let apart = apart.min().unwrap_or(NEVER).max(kin(piece, *ending, word));
            out.push(Pair { asked: piece.covers, name: *covers, apart });
        }
    }
    out.retain(|pair| pair.apart <= POSSIBLE);
    out
}

/// How far apart two words are at least, by what their endings say of whose child, and whether a son or daughter.
fn kin(piece: &Piece, ending: Ending, word: &Word) -> Cost {
    let woman = |letters: &[char]| letters.last().is_some_and(|c| matches!(c, 'a' | 'e' | 'ä' | 'ə'));
    match (piece.ending, ending) {
        (a, b)
            if a == b && (word.script == Script::Han || woman(piece.letters()) == woman(&in_latin(word))) =>
        {
            0
        }
        (a, b) if a == b || a == Ending::Whole || b == Ending::Whole => LIKELY + 1,
        _ => NEVER,
    }
}

/// What a spelling costs more than the usual one.
fn apart(kind: Kind, letters: &[char], spans: &Spans) -> Cost {
    let table = kind.table();
    let units = table.units(letters);
    let rows: Vec<_> = units.into_iter().map(|unit| table.rows(unit, true)).collect();
    let cost = |spans: &Spans| {
        rows.iter().fold(spans.start(), |front, known| spans.costs(known).step(&front))[spans.length]
    };
    let usual: Vec<char> = rows.iter().flat_map(|known| known.best().chars().collect::<Vec<_>>()).collect();
    cost(spans).saturating_sub(cost(&Spans::new(&usual, table.reach)))
}

/// The worst of what was paired so far.
#[derive(Clone, Copy, Debug)]
struct Worst {
    apart: Cost,
    left_out: u8,
}

impl Worst {
    fn likeness(self) -> Likeness {
        match self {
            Self { apart: 0..=LIKELY, left_out: 0 } => Likeness::Likely,
            Self { apart: 0..=POSSIBLE, left_out: 0..=1 } => Likeness::Possible,
            _ => Likeness::None,
        }
    }
}

#[derive(Debug)]
struct Pairing<'a> {
    pairs: &'a [Pair],
    asked: Sides,
    name: Sides,
}

impl Pairing<'_> {
    /// The best likeness over all ways to pair the words.
    fn best(&self, (asked, name): (u8, u8), worst: Worst) -> Likeness {
        if worst.likeness() == Likeness::None {
            return Likeness::None;
        }
        let Some(next) = (0..self.asked.words).find(|word| asked & (1 << word) == 0) else {
            return if name == 0 { Likeness::None } else { self.left(name, worst) };
        };
        let bit = 1 << next;
        let out = if self.asked.patronymics & bit == 0 { worst.left_out + 1 } else { worst.left_out };
        let skipped = self.best((asked | bit, name), Worst { left_out: out, ..worst });
        let fits = |pair: &&Pair| pair.asked & bit != 0 && pair.asked & asked == 0 && pair.name & name == 0;
        self.pairs.iter().filter(fits).fold(skipped, |best, pair| {
            let worst = Worst { apart: worst.apart.max(pair.apart), ..worst };
            best.max(self.best((asked | pair.asked, name | pair.name), worst))
        })
    }

    /// What is left of the name counts as left out, unless it is a patronymic.
    fn left(&self, name: u8, worst: Worst) -> Likeness {
        let all = (0..self.name.words).fold(0_u8, |bits, at| bits | 1 << at);
        let left = (all & !name & !self.name.patronymics).count_ones() as u8;
        Worst { left_out: worst.left_out.saturating_add(left), ..worst }.likeness()
    }
}
