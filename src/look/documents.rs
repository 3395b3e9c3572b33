//! Numbers of passports, identity cards, certificates: those of the case, and what has their form.

use super::known::Known;
use super::tables::Group;
use super::text::{Text, digit};
use super::{Hit, Rule};

/// How far from a number the word for a document may stand, in words.
const NEAR: usize = 5;
/// Shorter numbers of the case are looked for only beside a word for a document.
const LONG_ENOUGH: usize = 5;

pub(super) fn find(text: &Text<'_>, known: &Known) -> Vec<Hit> {
    let mut hits = known_ones(text, known);
    let mut at = 0;
    while at < text.tokens.len() {
        let end = series(text, at);
        hits.extend(by_form(text, at, end));
        at = end.max(at + 1);
    }
    hits
}

/// The case's own numbers, whatever stands between their letters and digits.
fn known_ones(text: &Text<'_>, known: &Known) -> Vec<Hit> {
    if known.numbers.is_empty() {
        return Vec::new();
    }
    let (mut plain, mut places) = (String::new(), Vec::new());
    for (at, c) in text.text.char_indices().filter(|(_, c)| c.is_alphanumeric()) {
        let before = plain.len();
        match digit(c) {
            Some(digit) => plain.push_str(&digit.to_string()),
            None => plain.extend(c.to_lowercase()),
        }
        places.resize(places.len() + plain.len() - before, (at, at + c.len_utf8()));
    }
    let mut hits = Vec::new();
    for (who, number) in known.numbers.iter().filter(|(_, number)| !number.is_empty()) {
        for (start, _) in plain.match_indices(number.as_str()) {
            let range = places[start].0..places[start + number.len() - 1].1;
            let alone = !text.text[..range.start].ends_with(char::is_alphanumeric)
                && !text.text[range.end..].starts_with(char::is_alphanumeric);
            let token = text.tokens.partition_point(|token| token.range.end <= range.start);
            let called = || text.near(token, NEAR, Group::Paper).is_some();
            if alone && (number.chars().count() >= LONG_ENOUGH || called()) {
                hits.push(Hit { rule: Rule::Document, range, who: who.clone() });
            }
        }
    }
    hits
}

/// The end of a number that begins here: a letter or two and figures, or figures with single spaces between.
fn series(text: &Text<'_>, at: usize) -> usize {
    let digits = |at: usize| text.tokens.get(at).map_or(0, super::text::Token::digits);
    let mut end = at;
    if digits(at) == 0 {
        let letters = text.tokens[at].word.is_some() && text.said(at).chars().count() <= 3;
        let near = matches!(text.gap(at), "" | " " | "-");
        if !(letters && near && digits(at + 1) > 0) {
            return at;
        }
        end += 1;
    }
    while digits(end + 1) > 0 && matches!(text.gap(end), " " | "-" | "\u{a0}") {
        end += 1;
    }
    end + 1
}

/// Whether letters and figures have the form of a document's number.
fn by_form(text: &Text<'_>, start: usize, end: usize) -> Option<Hit> {
    if end <= start {
        return None;
    }
    let glued = start
        .checked_sub(1)
        .is_some_and(|before| text.gap(before).is_empty() && text.tokens[before].word.is_some());
    let range = text.span(start, end - 1);
    let said = &text.text[range];
    let digits: Vec<u64> = said.chars().filter_map(digit).collect();
    let letters: String = said.chars().filter(|c| c.is_alphabetic()).collect();
    let upper = letters.chars().all(char::is_uppercase);
    let called = || called(text, start, end);
    let fits = match (letters.chars().count(), digits.len()) {
        _ if glued => false,
        (0, 17) => {
            text.tokens.get(end).is_some_and(|next| next.word.is_some()) && text.gap(end - 1).is_empty()
        }
        (0, 18) => is_chinese(&digits) || called(),
        (0, 12) if end == start + 1 => is_kazakh(&digits) || called(),
        (0, 11) if end == start + 1 => is_turkish(&digits) || called(),
        (1..=2, 7..=8) => upper && end == start + 2,
        (0..=3, 6..=14) => called(),
        _ => false,
    };
    fits.then(|| Hit::new(Rule::Document, widened(text, start, end)))
}

/// A word for a document near, which is no count of documents.
fn called(text: &Text<'_>, start: usize, end: usize) -> bool {
    text.near(start, NEAR, Group::Paper).is_some() || text.near(end - 1, 2, Group::Paper).is_some()
}

/// With a series before it: 4510 номер 123456.
fn widened(text: &Text<'_>, start: usize, end: usize) -> std::ops::Range<usize> {
    let before = start
        .checked_sub(2)
        .filter(|before| text.tokens[*before].digits() == 4 && text.has(start - 1, Group::Number));
    text.span(before.unwrap_or(start), end - 1)
}

/// GB 11643: weights 2^17 to 2^1, and a date of birth; a number that ends in X has 17 figures and is taken as it is.
fn is_chinese(digits: &[u64]) -> bool {
    let sum: u64 = digits.iter().enumerate().map(|(at, digit)| digit * ((1 << (17 - at)) % 11)).sum();
    sum % 11 == 1
}

/// Six figures of a date of birth, one of century and sex.
fn is_kazakh(digits: &[u64]) -> bool {
    let (month, day) = (digits[2] * 10 + digits[3], digits[4] * 10 + digits[5]);
    (1..=12).contains(&month) && (1..=31).contains(&day) && digits[6] <= 6
}

/// The tenth figure out of the odd and even ones before it, the eleventh out of all.
fn is_turkish(digits: &[u64]) -> bool {
    let odd: u64 = digits[..9].iter().step_by(2).sum();
    let even: u64 = digits[1..8].iter().step_by(2).sum();
    let all: u64 = digits[..10].iter().sum();
    digits[0] != 0 && (odd * 7 + 100 - even) % 10 == digits[9] && all % 10 == digits[10]
}
