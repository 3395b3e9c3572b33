//! Words of a text: where they stand, how they were written, and the one form in which they are compared.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// Longest word that is kept, in characters; the rest of a longer one is not looked at.
const MAX_CHARS: usize = 48;
/// Bytes of a word after which nothing is added to it, as it is folded and as it was written: one letter can stand for
/// eighteen, and carry any number of marks.
const MAX_BYTES: usize = 200;

/// A word, or one character of a script that writes without spaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token<'a> {
    /// Lower case, without marks, in one form of every letter.
    pub(super) folded: &'a str,
    /// Lower case; empty where it is the same.
    pub(super) written: &'a str,
    /// First byte of the text, and first behind.
    pub(super) range: (usize, usize),
    /// Whether its neighbours follow without a space.
    pub(super) spaceless: bool,
    /// Whether it may be a name: it begins with a capital letter, or its script has none.
    pub(super) capital: bool,
}

impl Token<'_> {
    /// Where it stands in the text.
    pub(super) fn range(&self) -> Range<usize> {
        self.range.0..self.range.1
    }
}

/// Hands every word of a text to `each`, in order.
pub(super) fn words(text: &str, mut each: impl FnMut(Token<'_>)) {
    let mut word = Word::default();
    for (at, c) in text.char_indices() {
        let end = at + c.len_utf8();
        if c.is_ascii_alphanumeric() {
            word.begin(at, c.is_ascii_uppercase());
            word.push(c.to_ascii_lowercase(), c.to_ascii_lowercase(), end);
        } else if is_spaceless(c) {
            word.end(&mut each);
            let mut one = Word::default();
            one.begin(at, false);
            one.fold(c, end);
            one.spaceless = true;
            one.end(&mut each);
        } else if is_passed_over(c) {
            word.mark(c, end);
        } else if c.is_alphanumeric() {
            word.begin(at, c.is_uppercase() || has_no_capitals(c));
            word.fold(c, end);
        } else {
            word.end(&mut each);
        }
    }
    word.end(&mut each);
}

/// A word that is being read.
#[derive(Default)]
struct Word {
    folded: String,
    written: String,
    range: (usize, usize),
    chars: usize,
    capital: bool,
    spaceless: bool,
}

impl Word {
    fn begin(&mut self, at: usize, capital: bool) {
        if self.chars == 0 {
            self.range = (at, at);
            self.capital = capital;
        }
    }

    fn push(&mut self, folded: char, written: char, end: usize) {
        self.chars += 1;
        self.range.1 = end;
        if self.chars <= MAX_CHARS {
            self.folded.push(folded);
            self.written.push(written);
        }
    }

    fn fold(&mut self, c: char, end: usize) {
        if let Some((folded, written)) = simple(c) {
            return self.push(folded, written, end);
        }
        self.chars += 1;
        self.range.1 = end;
        if self.chars > MAX_CHARS || self.folded.len().max(self.written.len()) >= MAX_BYTES {
            return;
        }
        self.written.extend(c.to_lowercase());
        let parts = c.to_lowercase().nfkd().flat_map(char::to_lowercase);
        for part in parts.filter(|part| part.is_alphanumeric() && !is_passed_over(*part)) {
            match spelled_out(part) {
                "" => self.folded.push(one_letter(part)),
                spelled => self.folded.push_str(spelled),
            }
        }
    }

    /// A mark counts in how the word is written, signs between letters in neither.
    fn mark(&mut self, c: char, end: usize) {
        if self.chars > 0 && is_combining_mark(c) {
            self.range.1 = end;
            if self.chars <= MAX_CHARS && self.written.len() < MAX_BYTES {
                self.written.push(c);
            }
        }
    }

    fn end(&mut self, each: &mut impl FnMut(Token<'_>)) {
        if !self.folded.is_empty() {
            let written = if self.written == self.folded { "" } else { self.written.as_str() };
            let Self { range, spaceless, capital, .. } = *self;
            each(Token { folded: &self.folded, written, range, spaceless, capital });
        }
        (self.chars, self.capital) = (0, false);
        self.folded.clear();
        self.written.clear();
    }
}

/// The most common letters without a look into tables: folded, and in lower case.
fn simple(c: char) -> Option<(char, char)> {
    let same = |c| Some((c, c));
    match c {
        'а'..='и' | 'к'..='я' => same(c),
        'А'..='И' | 'К'..='Я' => char::from_u32(u32::from(c) + 0x20).and_then(same),
        'ا'..='ب' | 'ت'..='غ' | 'ف'..='و' | 'ي' => same(c),
        '\u{4e00}'..='\u{9fff}' => same(c),
        'ә' | 'ғ' | 'қ' | 'ң' | 'ө' | 'ү' | 'ұ' | 'һ' | 'і' => Some((one_letter(c), c)),
        _ => None,
    }
}

/// One form of letters that look alike or stand for each other: also of those that a Russian keyboard lacks.
fn one_letter(c: char) -> char {
    match c {
        'ә' => 'а',
        'ғ' => 'г',
        'қ' => 'к',
        'ң' => 'н',
        'ө' => 'о',
        'ү' | 'ұ' => 'у',
        'һ' | 'ҳ' => 'х',
        'і' => 'и',
        'ҷ' => 'ч',
        'ى' | 'ی' => 'ي',
        'ک' => 'ك',
        'ة' | 'ھ' | 'ہ' => 'ه',
        '٠'..='٩' => digit(c, '٠'),
        '۰'..='۹' => digit(c, '۰'),
        'ı' => 'i',
        'ø' => 'o',
        'ł' => 'l',
        'đ' | 'ð' => 'd',
        'ħ' => 'h',
        other => other,
    }
}

/// Letters that are two in other spellings; empty for all others.
fn spelled_out(c: char) -> &'static str {
    match c {
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'þ' => "th",
        _ => "",
    }
}

fn digit(c: char, zero: char) -> char {
    char::from_digit(u32::from(c) - u32::from(zero), 10).unwrap_or(c)
}

/// Chinese, Japanese, Thai, Lao, Burmese, Khmer.
fn is_spaceless(c: char) -> bool {
    matches!(c, '\u{2e80}'..='\u{2fdf}' | '\u{3005}'..='\u{3007}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}'
        | '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}')
        && !is_combining_mark(c)
        && c.is_alphanumeric()
}

/// Signs that are written or left out as one likes: vowel signs, stretching, joiners, apostrophes.
fn is_passed_over(c: char) -> bool {
    let sign = matches!(c, '\'' | '`' | '’' | '‘' | 'ʻ' | 'ʼ' | 'ʾ' | 'ʿ' | '´' | '\u{640}' | '\u{feff}');
    let joiner =
        matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}');
    sign || joiner || is_combining_mark(c)
}

/// Arabic letters, which have one case.
fn has_no_capitals(c: char) -> bool {
    matches!(c, '\u{620}'..='\u{6ff}' | '\u{750}'..='\u{77f}' | '\u{fb50}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(text: &str) -> Vec<String> {
        let mut all = Vec::new();
        words(text, |token| all.push(token.folded.to_owned()));
        all
    }

    /// Fails when a mark, a case or a form of a letter counts.
    #[test]
    fn one_word_in_its_spellings_is_one_word() {
        let spellings: &[&[&str]] = &[
            &["Öztürk", "ÖZTÜRK", "ozturk", "O\u{308}ztu\u{308}rk"],
            &["Нұрлан", "НҰРЛАН", "Нурлан"],
            &["Ёлка", "елка", "ЕЛКА"],
            &["مُحَمَّد", "محمد", "محـــمد", "ﻣﺤﻤﺪ", "مح\u{200d}مد"],
            &["ئۇيغۇر", "ئۇيغۇر"],
            &["علی", "على", "علي"],
            &["o‘zbek", "o'zbek", "oʻzbek", "ozbek"],
            &["İstanbul", "istanbul", "ISTANBUL"],
            &["٢٠١٨", "۲۰۱۸", "2018", "２０１８"],
            &["Straße", "STRASSE"],
        ];
        for group in spellings {
            let first = folded(group[0]);
            assert_eq!(first.len(), 1, "{first:?}");
            for other in *group {
                assert_eq!(folded(other), first, "{other}");
            }
        }
    }

    #[test]
    fn words_are_cut_where_the_script_cuts_them() {
        assert_eq!(folded("2018-04-12, K7Q2-9F4M"), ["2018", "04", "12", "k7q2", "9f4m"]);
        assert_eq!(folded("在2018年,新疆"), ["在", "2018", "年", "新", "疆"]);
        assert_eq!(folded("«Мен» көрдім."), ["мен", "кордим"]);
        assert!(folded("— … !! \u{301}\u{640}").is_empty());
        assert_eq!(folded(&"a".repeat(100)), ["a".repeat(MAX_CHARS)]);
    }

    /// Fails when a word can become longer than a key may be.
    #[test]
    fn no_word_is_longer_than_is_kept() {
        let marks = "\u{301}".repeat(100_000);
        for text in [&"ﷺ".repeat(300), &format!("a{marks}b"), &"ǆ".repeat(300), &"𝕊".repeat(300)] {
            words(text, |token| {
                assert!(token.folded.len() < MAX_BYTES + 64 && token.written.len() < MAX_BYTES + 64);
            });
        }
    }

    /// Fails when what was written is lost, or kept where it says nothing.
    #[test]
    fn a_token_knows_how_and_where_it_was_written() {
        let text = "ол, Öztürk дей";
        let mut seen = Vec::new();
        words(text, |token| {
            seen.push((token.written.to_owned(), text[token.range()].to_owned(), token.capital));
        });
        let expected = [("", "ол", false), ("öztürk", "Öztürk", true), ("дей", "дей", false)];
        assert_eq!(seen, expected.map(|(a, b, c)| (a.to_owned(), b.to_owned(), c)));
    }

    proptest::proptest! {
        #[test]
        fn every_range_is_a_piece_of_the_text_and_folding_twice_changes_nothing(text in "\\PC{0,60}") {
            let mut all = Vec::new();
            words(&text, |token| {
                assert!(text.get(token.range()).is_some_and(|piece| !piece.is_empty()));
                all.push(token.folded.to_owned());
            });
            for word in all {
                let again = folded(&word).concat();
                proptest::prop_assert_eq!(again, word);
            }
        }
    }
}
