//! What is looked for: the words of a query in Latin letters, alone and joined.

use super::align::Spans;
use super::form::{Ending, forms};
use super::normal::{MAX_LETTERS, MAX_WORDS, Script, Word, words};
use super::table::{Kind, writes_vowels};

/// One or more words of the query, as one.
#[derive(Debug)]
pub(super) struct Piece {
    /// The words it covers, a bit each.
    pub(super) covers: u8,
    pub(super) ending: Ending,
    letters: Vec<char>,
}

impl Piece {
    /// Whether it is one word, or could be written as one where words are parted.
    pub(super) fn is_short(&self) -> bool {
        self.covers.count_ones() == 1 || self.letters.len() <= 12
    }

    /// How many letters it has.
    pub(super) fn length(&self) -> usize {
        self.letters.len().min(MAX_LETTERS)
    }

    /// Its Latin letters.
    pub(super) fn letters(&self) -> &[char] {
        &self.letters
    }

    /// Its spans for a table, in the letters that one knows.
    pub(super) fn spans(&self, kind: Kind) -> Spans {
        let table = kind.table();
        Spans::new(&table.spell(&self.letters), table.reach)
    }
}

/// A query.
#[derive(Debug)]
pub(super) struct Query {
    typed: Vec<Word>,
    /// The letters of each word, in Latin.
    pub(super) lengths: Vec<usize>,
    pub(super) pieces: Vec<Piece>,
}

impl Query {
    pub(super) fn new(text: &str) -> Self {
        let typed = words(text);
        let latin: Vec<(Word, Vec<char>)> =
            split(&typed).into_iter().map(|word| (word.clone(), in_latin(&word))).collect();
        let mut pieces = Vec::new();
        for (at, (word, letters)) in latin.iter().enumerate() {
            pieces.push(Piece { covers: 1 << at, ending: Ending::Whole, letters: letters.clone() });
            for (ending, stem) in forms(word).into_iter().skip(1) {
                let letters = in_latin(&Word { script: word.script, letters: stem });
                pieces.push(Piece { covers: 1 << at, ending, letters });
            }
        }
        let whole: Vec<&[char]> = latin.iter().map(|(_, letters)| letters.as_slice()).collect();
        pieces.extend(joins(&whole));
        Self { typed, lengths: whole.iter().map(|letters| letters.len()).collect(), pieces }
    }

    /// The words as typed, with the places they cover: to find the very same.
    pub(super) fn typed(&self) -> Vec<(u8, Word)> {
        let parts = split(&self.typed);
        let all = parts.iter().enumerate().fold(0, |bits, (at, _)| bits | 1 << at);
        let whole = self.typed.first().filter(|_| self.typed.len() == 1).map(|word| (all, word.clone()));
        let parts = parts.into_iter().enumerate().map(|(at, word)| (1 << at, word));
        parts.chain(whole).collect()
    }
}

/// Words side by side as one: neighbours, all of them, and all with the last one first.
fn joins(words: &[&[char]]) -> Vec<Piece> {
    let join = |order: Vec<usize>| {
        let letters: Vec<char> = order.iter().flat_map(|i| words[*i]).copied().collect();
        let covers = order.iter().fold(0, |bits, i| bits | 1 << i);
        (letters.len() <= MAX_LETTERS).then_some(Piece { covers, ending: Ending::Whole, letters })
    };
    let count = words.len();
    let mut orders: Vec<Vec<usize>> = Vec::new();
    if count > 2 {
        orders.extend((1..count).map(|i| vec![i - 1, i]));
    }
    if count > 1 {
        orders.push((0..count).collect());
        orders.push(std::iter::once(count - 1).chain(0..count - 1).collect());
    }
    orders.into_iter().filter_map(join).collect()
}

/// Chinese names as family and given name: the first character, and the rest. No more words than are looked at.
pub(super) fn split(words: &[Word]) -> Vec<Word> {
    let part = |letters: &[char]| Word { script: Script::Han, letters: letters.to_vec() };
    let parts = |word: &Word| match (word.script, word.letters.len()) {
        (Script::Han, 2..=3) => vec![part(&word.letters[..1]), part(&word.letters[1..])],
        _ => vec![word.clone()],
    };
    words.iter().flat_map(parts).take(MAX_WORDS).collect()
}

/// A word in Latin letters: as it is, or in its usual spelling.
pub(super) fn in_latin(word: &Word) -> Vec<char> {
    let kind = match word.script {
        Script::Latin => return word.letters.clone(),
        Script::Han => {
            return word
                .letters
                .iter()
                .flat_map(|c| any_ascii::any_ascii_char(*c).to_lowercase().chars().collect::<Vec<_>>())
                .collect();
        }
        Script::Cyrillic => Kind::Cyrillic,
        Script::Arabic if writes_vowels(&word.letters) => Kind::TurkicArabic,
        Script::Arabic => Kind::Arabic,
    };
    let table = kind.table();
    let best = |unit| table.rows(unit, true).best().chars().collect::<Vec<_>>();
    table.units(&word.letters).into_iter().flat_map(best).collect()
}
