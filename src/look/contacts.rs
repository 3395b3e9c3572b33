//! Telephone numbers, mail addresses, accounts in messengers.

use std::ops::Range;

use super::known::Known;
use super::tables::Group;
use super::text::Text;
use super::{Hit, Rule};

pub(super) fn find(text: &Text<'_>, known: &Known) -> Vec<Hit> {
    let mut hits: Vec<Hit> =
        accounts(text.text).into_iter().map(|range| Hit::new(Rule::Contact, range)).collect();
    hits.extend((0..text.tokens.len()).filter_map(|at| account(text, at)));
    let mut at = 0;
    while at < text.tokens.len() {
        if !text.tokens[at].is_number() || text.tokens[at].digits() == 0 {
            at += 1;
            continue;
        }
        let end = group(text, at);
        hits.extend(own(text, known, at, end).or_else(|| number(text, at, end)));
        at = end;
    }
    hits
}

/// The numbers in a text by which somebody can be reached, of their digits alone.
pub(super) fn numbers(text: &str) -> Vec<String> {
    let text = Text::new(text);
    let (mut out, mut at) = (Vec::new(), 0);
    while at < text.tokens.len() {
        let end = if text.tokens[at].digits() > 0 { group(&text, at) } else { at + 1 };
        out.extend(Some(digits(&text, at, end)).filter(|digits| digits.len() >= LEAST));
        at = end;
    }
    out
}

/// Shorter numbers are too often something else.
const LEAST: usize = 6;

fn digits(text: &Text<'_>, start: usize, end: usize) -> String {
    let said = text.text[text.span(start, end - 1)].chars();
    said.filter_map(super::text::digit).map(|digit| digit.to_string()).collect()
}

/// A number of somebody of the case, with or without what stands before it in another country.
fn own(text: &Text<'_>, known: &Known, start: usize, end: usize) -> Option<Hit> {
    const COUNTS: usize = 10;
    let digits = digits(text, start, end);
    let last = &digits[digits.len().saturating_sub(COUNTS)..];
    let fits = |(_, own): &&(_, String)| last.len() >= LEAST && own.ends_with(last);
    let (who, _) = known.contacts.iter().find(fits)?;
    Some(Hit { rule: Rule::Contact, range: text.span(start, end - 1), who: who.clone() })
}

/// Figures that stand together with spaces, dashes, brackets or points between them.
fn group(text: &Text<'_>, start: usize) -> usize {
    let joins = |at: usize| {
        let gap = text.gap(at);
        gap.chars().count() <= 2
            && gap.chars().all(|c| matches!(c, ' ' | '-' | '–' | '.' | '(' | ')' | '\u{a0}'))
    };
    let mut at = start;
    while at + 1 < text.tokens.len() && text.tokens[at + 1].digits() > 0 && joins(at) {
        at += 1;
    }
    at + 1
}

/// Whether figures are a telephone number.
fn number(text: &Text<'_>, start: usize, end: usize) -> Option<Hit> {
    let tokens = &text.tokens[start..end];
    // Letters that touch the figures make them something else; Chinese has no spaces.
    let glued = |before: usize, word: usize| {
        text.gap(before).is_empty() && text.tokens.get(word).is_some_and(|token| token.word.is_some())
    };
    if start.checked_sub(1).is_some_and(|before| glued(before, before)) || glued(end - 1, end) {
        return None;
    }
    let digits = digits(text, start, end);
    let range = text.span(start, end - 1);
    let plus = text.text[..range.start].trim_end_matches('(').ends_with('+');
    // The number of a case or an account is none to call.
    let matter = || text.near(start, 3, Group::Matter).is_some();
    let near =
        || text.near(start, 4, Group::Phone).is_some() || text.near(end - 1, 2, Group::Phone).is_some();
    let called = || near() && !matter();
    let is_date = tokens.len() == 3 && tokens.iter().any(|token| token.digits() == 4 && digits.len() == 8);
    let fits = match digits.len() {
        _ if plus => (8..=15).contains(&digits.len()),
        11 => {
            digits.starts_with("87")
                || digits.starts_with("77")
                || digits.starts_with("89")
                || digits.starts_with("79")
                || digits.starts_with("05")
                || digits.starts_with("02")
                || is_chinese_mobile(&digits)
                || (digits.starts_with('0') && tokens.len() == 2)
                || called()
        }
        12 | 13 if digits.starts_with("00") => true,
        10 if tokens.len() > 2 && (digits.starts_with('7') || digits.starts_with('5')) => called(),
        12 if digits.starts_with('0') && tokens.len() == 2 => true,
        5..=13 if !is_date => called() && !amounts(tokens),
        _ => false,
    };
    let range =
        if plus { text.text[..range.start].rfind('+').unwrap_or(range.start)..range.end } else { range };
    fits.then(|| Hit::new(Rule::Contact, range))
}

/// A name in Latin letters with figures or a line in it, behind the name of a messenger.
fn account(text: &Text<'_>, at: usize) -> Option<Hit> {
    const LEAST: usize = 5;
    if !text.has(at, Group::Account) {
        return None;
    }
    let start = text.tokens.get(at + 1)?.range.start;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.');
    let said = text.text[start..].split(|c| !plain(c)).next().unwrap_or_default().trim_end_matches('.');
    let marked = said.contains('_') || said.bytes().any(|byte| byte.is_ascii_digit());
    let fits = said.len() >= LEAST && marked && said.starts_with(|c: char| c.is_ascii_alphabetic());
    fits.then(|| Hit::new(Rule::Contact, start..start + said.len()))
}

fn is_chinese_mobile(digits: &str) -> bool {
    digits.starts_with('1') && matches!(digits.as_bytes().get(1), Some(b'3'..=b'9'))
}

/// Figures in groups of three, as amounts are written.
fn amounts(tokens: &[super::text::Token]) -> bool {
    tokens.len() > 1 && tokens[0].digits() <= 3 && tokens[1..].iter().all(|token| token.digits() == 3)
}

/// name@example.org, @name, t.me/name.
fn accounts(text: &str) -> Vec<Range<usize>> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '+');
    let mut out = Vec::new();
    for (at, _) in text.match_indices('@') {
        let before = text[..at].chars().rev().take_while(|c| plain(*c)).count();
        let after = text[at + 1..].chars().take_while(|c| plain(*c)).count();
        let domain = text[at + 1..at + 1 + after].trim_end_matches(['.', '-']);
        let mail = before > 0 && domain.contains('.');
        let handle = before == 0 && domain.len() >= 4 && domain.bytes().any(|b| b.is_ascii_alphabetic());
        if mail || handle {
            out.push(at - before..at + 1 + domain.len());
        }
    }
    for (at, found) in text.match_indices("t.me/").chain(text.match_indices("wa.me/")) {
        let after = text[at + found.len()..].chars().take_while(|c| plain(*c)).count();
        if after > 0 {
            out.push(at..at + found.len() + after);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fails when only what looks like a telephone number is looked for.
    #[test]
    fn a_number_of_the_case_is_known_in_any_writing() {
        let mut known = Known::default();
        known.contacts.push((None, numbers("after six: +7 701 555 01 42")[0].clone()));
        let found = |text: &str| find(&Text::new(text), &known).len();
        assert_eq!(numbers("after six: +7 701 555 01 42"), ["77015550142"]);
        for text in ["5550142 деп жазды", "555-01-42", "8 (701) 555 01 42", "七点 5550142"] {
            assert_eq!(found(text), 1, "{text}");
        }
        assert_eq!(found("5550143 and 0142") + find(&Text::new("5550142"), &Known::default()).len(), 0);
    }
}
