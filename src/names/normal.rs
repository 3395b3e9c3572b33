//! From what was typed to words in one normal form.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// What of a name is looked at: enough for any name, and a bound on the time for what is none.
const MAX_NAME_CHARS: usize = 160;
/// Words of a name that are looked at.
pub(super) const MAX_WORDS: usize = 6;
/// Letters of a word that are looked at.
pub(super) const MAX_LETTERS: usize = 24;

/// The script of a word, as far as the tables tell scripts apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Script {
    Latin,
    Cyrillic,
    Arabic,
    Han,
}

/// Letters of one script, in lower case, composed, without marks that writers leave out.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Word {
    pub(super) script: Script,
    pub(super) letters: Vec<char>,
}

/// The words of a name. Whatever is no letter parts words or, where it stands inside them, is passed over.
pub(super) fn words(name: &str) -> Vec<Word> {
    let text =
        name.chars().take(MAX_NAME_CHARS).nfkc().take(MAX_NAME_CHARS).flat_map(char::to_lowercase).nfc();
    let mut words: Vec<Word> = Vec::new();
    let mut open = false;
    for c in text.flat_map(plain) {
        if is_passed_over(c) {
            continue;
        }
        let Some(script) = script(c) else {
            open = false;
            continue;
        };
        match words.last_mut() {
            Some(word) if open && word.script == script => word.letters.push(c),
            _ => words.push(Word { script, letters: vec![c] }),
        }
        open = true;
    }
    let mut words = joined(words);
    words.truncate(MAX_WORDS);
    words.iter_mut().for_each(|word| word.letters.truncate(MAX_LETTERS));
    words
}

/// Letters of scripts without a table of their own, in Latin ones; every other character as it is.
fn plain(c: char) -> impl Iterator<Item = char> {
    let foreign = c.is_alphabetic() && script(c).is_none();
    let latin = if foreign { any_ascii::any_ascii_char(c) } else { "" };
    let ascii = latin.chars().map(|c| c.to_ascii_lowercase());
    ascii.chain((!foreign).then_some(c))
}

/// Marks that are written or left out as one likes: vowel signs, stretching, joiners, apostrophes.
fn is_passed_over(c: char) -> bool {
    let mark = matches!(c, '\'' | '`' | '’' | '‘' | 'ʻ' | 'ʼ' | 'ʾ' | 'ʿ' | '´' | '\u{640}' | '\u{674}');
    let joiner =
        matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}');
    mark || joiner || is_combining_mark(c) || c == '\u{feff}'
}

fn script(c: char) -> Option<Script> {
    if !c.is_alphabetic() {
        return None;
    }
    match u32::from(c) {
        0x41..=0x24f | 0x1e00..=0x1eff | 0x259 => Some(Script::Latin),
        0x400..=0x52f => Some(Script::Cyrillic),
        0x600..=0x6ff | 0x750..=0x77f => Some(Script::Arabic),
        0x3400..=0x9fff | 0xf900..=0xfaff | 0x20000..=0x3ffff => Some(Script::Han),
        _ => None,
    }
}

/// Words that are half a name go with the next one, as they are written in other spellings.
fn joined(words: Vec<Word>) -> Vec<Word> {
    let halves = ["abd", "abdul", "abdel", "abdal", "abu", "عبد", "ابو", "أبو", "абд", "абу"];
    let articles = ["al", "el", "ul", "ال"];
    let mut out: Vec<Word> = Vec::new();
    let mut half: Option<Word> = None;
    let last = words.len().saturating_sub(1);
    for (at, mut word) in words.into_iter().enumerate() {
        let text: String = word.letters.iter().collect();
        if let Some(mut before) = half.take() {
            if before.script == word.script {
                before.letters.append(&mut word.letters);
                word = before;
            } else {
                out.push(before);
            }
        }
        match at < last {
            true if halves.contains(&text.as_str()) || articles.contains(&text.as_str()) => half = Some(word),
            _ => out.push(word),
        }
    }
    out
}
