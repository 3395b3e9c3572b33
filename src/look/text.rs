//! A text as the rules see it: words and numbers in any script, and where sentences end.

use std::collections::HashMap;
use std::ops::Range;

use super::tables::{Group, MAX_HAN, Tags, han, tags};

/// What a piece of text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A word; with a capital at its beginning, or in a script that has none of them.
    Word {
        /// Begins with a capital letter.
        capital: bool,
        /// Its script knows capitals.
        cased: bool,
    },
    /// Chinese characters: a word of the tables, or one that is in none.
    Han,
    /// A number: its value, if it is small enough to mean one, and how many digits it has.
    Number {
        /// Its value.
        value: Option<u64>,
        /// How many digits; none for Chinese numerals.
        digits: usize,
    },
}

/// A word or a number.
#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) range: Range<usize>,
    pub(super) kind: Kind,
    pub(super) tags: Tags,
    /// Which sentence it is in.
    pub(super) sentence: usize,
    /// The word in lower case, by its number in [`Text::words`]; only of letters.
    pub(super) word: Option<usize>,
}

impl Token {
    pub(super) fn has(&self, group: Group) -> bool {
        self.tags.has(group)
    }

    pub(super) fn value(&self) -> Option<u64> {
        if let Kind::Number { value, .. } = self.kind { value } else { None }
    }

    /// How many digits a number has.
    pub(super) fn digits(&self) -> usize {
        if let Kind::Number { digits, .. } = self.kind { digits } else { 0 }
    }

    pub(super) fn is_number(&self) -> bool {
        matches!(self.kind, Kind::Number { .. })
    }

    /// A word that could be a name as far as capitals tell.
    pub(super) fn could_be_a_name(&self) -> bool {
        match self.kind {
            Kind::Word { capital, cased } => capital || !cased,
            Kind::Han => true,
            Kind::Number { .. } => false,
        }
    }
}

/// A text in tokens.
#[derive(Debug)]
pub(super) struct Text<'a> {
    pub(super) text: &'a str,
    pub(super) tokens: Vec<Token>,
    /// Every word once, in lower case.
    pub(super) words: Vec<String>,
    /// Whether it is written without any capital letter.
    pub(super) is_small: bool,
}

impl<'a> Text<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let mut build =
            Build { text, tokens: Vec::new(), words: Vec::new(), seen: HashMap::new(), sentence: 0 };
        let mut from = 0;
        while let Some((start, end, sort)) = next_run(text, from) {
            build.gap(from..start);
            match sort {
                Sort::Letter => build.word(start..end),
                Sort::Digit => build.number(start..end),
                Sort::Han => build.han(start..end),
                Sort::Other => {}
            }
            from = end;
        }
        let is_small = !text.chars().any(char::is_uppercase);
        Self { text, tokens: build.tokens, words: build.words, is_small }
    }

    /// What stands between a token and the next one.
    pub(super) fn gap(&self, at: usize) -> &'a str {
        let end = self.tokens.get(at + 1).map_or(self.text.len(), |next| next.range.start);
        &self.text[self.tokens[at].range.end..end]
    }

    /// What a token says.
    pub(super) fn said(&self, at: usize) -> &'a str {
        &self.text[self.tokens[at].range.clone()]
    }

    /// A word in lower case.
    pub(super) fn lower(&self, at: usize) -> &str {
        self.tokens[at].word.map_or("", |word| self.words[word].as_str())
    }

    /// From one token to another, both with them.
    pub(super) fn span(&self, from: usize, to: usize) -> Range<usize> {
        self.tokens[from].range.start..self.tokens[to].range.end
    }

    pub(super) fn has(&self, at: usize, group: Group) -> bool {
        self.tokens.get(at).is_some_and(|token| token.has(group))
    }

    /// Whether a token at most `far` away in the same sentence is of a group.
    pub(super) fn near(&self, at: usize, far: usize, group: Group) -> Option<usize> {
        let sentence = self.tokens[at].sentence;
        let all = at.saturating_sub(far)..(at + far + 1).min(self.tokens.len());
        let fits = |near: &usize| self.tokens[*near].sentence == sentence && self.tokens[*near].has(group);
        all.filter(fits).min_by_key(|near| near.abs_diff(at))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sort {
    Letter,
    Digit,
    Han,
    Other,
}

fn sort(c: char) -> Sort {
    match c {
        '\u{3007}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}' => {
            Sort::Han
        }
        c if digit(c).is_some() => Sort::Digit,
        '№' => Sort::Letter,
        c if c.is_alphabetic() || unicode_normalization::char::is_combining_mark(c) => Sort::Letter,
        // Joiners and marks of direction stand inside words.
        '\u{200b}'..='\u{200f}' | '\u{640}' | '\u{ad}' => Sort::Letter,
        _ => Sort::Other,
    }
}

/// The value of a digit: of Latin and Arabic ones and those of full width.
pub(super) fn digit(c: char) -> Option<u64> {
    let zero = match c {
        '0'..='9' => '0',
        '\u{660}'..='\u{669}' => '\u{660}',
        '\u{6f0}'..='\u{6f9}' => '\u{6f0}',
        '\u{ff10}'..='\u{ff19}' => '\u{ff10}',
        _ => return None,
    };
    Some(u64::from(u32::from(c) - u32::from(zero)))
}

/// The next letters, digits or Chinese characters that stand together.
fn next_run(text: &str, from: usize) -> Option<(usize, usize, Sort)> {
    let mut chars = text[from..].char_indices().map(|(at, c)| (from + at, sort(c)));
    let (start, first) = chars.find(|(_, sort)| *sort != Sort::Other)?;
    let end = chars.find(|(_, sort)| *sort != first).map_or(text.len(), |(at, _)| at);
    Some((start, end, first))
}

/// Shortened words after which a full stop ends no sentence; shorter ones never do.
const SHORTENED: [&str; 10] = ["mah", "cad", "apt", "bul", "blv", "стр", "просп", "пос", "мкр", "tel"];

struct Build<'a> {
    text: &'a str,
    tokens: Vec<Token>,
    words: Vec<String>,
    seen: HashMap<String, (usize, Tags)>,
    sentence: usize,
}

impl Build<'_> {
    /// Looks whether a sentence ends between two tokens.
    fn gap(&mut self, gap: Range<usize>) {
        let (between, next) = (&self.text[gap.clone()], self.text[gap.end..].chars().next());
        let ends = between.contains(['!', '?', '。', '！', '？', '؟', '…', '\n', '۔']);
        let stop = between.find('.').is_some_and(|at| between[at + 1..].starts_with(char::is_whitespace));
        let before = self.tokens.last().and_then(|last| last.word).map(|word| self.words[word].as_str());
        let shortened = before.is_some_and(|word| word.chars().count() <= 2 || SHORTENED.contains(&word));
        if ends || (stop && !shortened && !next.is_some_and(char::is_lowercase)) {
            self.sentence += 1;
        }
    }

    fn push(&mut self, range: Range<usize>, kind: Kind, tags: Tags, word: Option<usize>) {
        self.tokens.push(Token { range, kind, tags, sentence: self.sentence, word });
    }

    fn word(&mut self, range: Range<usize>) {
        let said = &self.text[range.clone()];
        let first = said.chars().find(|c| c.is_alphabetic());
        let capital = first.is_some_and(char::is_uppercase);
        let cased = capital || first.is_some_and(char::is_lowercase);
        let lower: String = said
            .to_lowercase()
            .chars()
            .filter(|c| !matches!(c, '\u{200b}'..='\u{200f}' | '\u{640}' | '\u{ad}' | '\u{307}'))
            .collect();
        let (word, tags) = match self.seen.get(&lower) {
            Some(found) => *found,
            None => {
                let found = (self.words.len(), tags(&lower));
                self.words.push(lower.clone());
                self.seen.insert(lower, found);
                found
            }
        };
        self.push(range, Kind::Word { capital, cased }, tags, Some(word));
    }

    fn number(&mut self, range: Range<usize>) {
        let digits: Vec<u64> = self.text[range.clone()].chars().filter_map(digit).collect();
        let value = (digits.len() <= 18).then(|| digits.iter().fold(0, |sum, digit| sum * 10 + digit));
        self.push(range, Kind::Number { value, digits: digits.len() }, Tags::default(), None);
    }

    /// Chinese characters: numerals, the longest words of the tables, and single ones.
    fn han(&mut self, range: Range<usize>) {
        let mut at = range.start;
        while at < range.end {
            let rest = &self.text[at..range.end];
            let end = at + numerals(rest);
            if end > at {
                self.push(
                    at..end,
                    Kind::Number { value: han_value(&self.text[at..end]), digits: 0 },
                    Tags::default(),
                    None,
                );
                at = end;
                continue;
            }
            let ends: Vec<usize> =
                rest.char_indices().map(|(start, c)| start + c.len_utf8()).take(MAX_HAN).collect();
            let known = ends.iter().rev().find_map(|end| Some((*end, han(&rest[..*end])?)));
            let (length, tags) = known.unwrap_or((ends[0], Tags::default()));
            self.push(at..at + length, Kind::Han, tags, None);
            at += length;
        }
    }
}

const NUMERALS: &str = "〇一二三四五六七八九";

/// How many bytes of numerals a text begins with; what the tables know as a word is none.
fn numerals(text: &str) -> usize {
    let is_one = |c: char| NUMERALS.contains(c) || matches!(c, '十' | '百' | '两');
    text.find(|c| !is_one(c)).unwrap_or(text.len())
}

/// The value of Chinese numerals up to 999, and of years digit by digit.
fn han_value(text: &str) -> Option<u64> {
    let digit = |c: char| NUMERALS.chars().position(|numeral| numeral == c).map(|at| at as u64);
    if text.chars().count() == 4 && text.chars().all(|c| digit(c).is_some()) {
        return Some(text.chars().filter_map(digit).fold(0, |sum, digit| sum * 10 + digit));
    }
    let (mut sum, mut last) = (0, None);
    for c in text.chars() {
        match c {
            '十' => sum += last.take().unwrap_or(1) * 10,
            '百' => sum += last.take().unwrap_or(1) * 100,
            '两' => last = Some(2),
            c => last = digit(c),
        }
    }
    (sum < 1000).then(|| sum + last.unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sentences(text: &str) -> Vec<usize> {
        let text = Text::new(text);
        (0..text.tokens.len()).map(|at| text.tokens[at].sentence).collect()
    }

    /// Fails when every full stop ends a sentence, or none does.
    #[test]
    fn sentences_end_where_people_end_them() {
        assert_eq!(sentences("Он живёт: ул. Абая, д. 12. Потом уехал."), [0, 0, 0, 0, 0, 0, 1, 1]);
        assert_eq!(sentences("他走了。ئۇ كەتتى؟ كەلدى"), [0, 0, 0, 1, 1, 2]);
        assert_eq!(sentences("at 10.30 came"), [0, 0, 0, 0]);
    }

    /// Fails when digits of another script are letters, or numerals have no value.
    #[test]
    fn numbers_have_values_in_every_script() {
        let values = |text: &str| Text::new(text).tokens.iter().filter_map(Token::value).collect::<Vec<_>>();
        assert_eq!(values("٠٥ ۱۲ １７ 15-летний"), [5, 12, 17, 15]);
        assert_eq!(values("六岁 十二岁 四十五岁 二〇一七年"), [6, 12, 45, 2017]);
        assert_eq!(Text::new("N04512876").tokens.len(), 2);
    }

    #[test]
    fn words_of_the_tables_are_found_in_chinese_lines() {
        let text = Text::new("县医院的医生");
        assert!(text.has(0, Group::Workplace) && text.has(0, Group::Small) && text.has(2, Group::Role));
    }
}
