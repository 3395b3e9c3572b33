//! Streets with a house.

use super::tables::Group;
use super::text::Text;
use super::{Hit, Rule};

pub(super) fn find(text: &Text<'_>) -> Vec<Hit> {
    let found = (0..text.tokens.len()).filter_map(|at| {
        street_first(text, at)
            .or_else(|| number_first(text, at))
            .or_else(|| name_first(text, at))
            .or_else(|| chinese(text, at))
            .or_else(|| house_and_flat(text, at))
    });
    found.map(|(from, to)| Hit::new(Rule::Address, text.span(from, to))).collect()
}

/// The number of a house at this token or after a word for one: its place.
fn house(text: &Text<'_>, at: usize) -> Option<usize> {
    let number = if text.has(at, Group::House) { at + 1 } else { at };
    text.tokens.get(number).and_then(|token| token.value()).filter(|value| *value < 10_000).map(|_| number)
}

fn same_sentence(text: &Text<'_>, a: usize, b: usize) -> bool {
    text.tokens[a].sentence == text.tokens[b].sentence
}

fn is_name(text: &Text<'_>, at: usize) -> bool {
    text.tokens.get(at).is_some_and(|token| token.could_be_a_name() && token.word.is_some())
}

/// ул. Абая, д. 12; шارع الزهور 14; street, name, number.
fn street_first(text: &Text<'_>, at: usize) -> Option<(usize, usize)> {
    if !(text.has(at, Group::Street) || text.has(at, Group::StreetBefore)) {
        return None;
    }
    let names =
        (1..=3).take_while(|far| is_name(text, at + far) && !text.has(at + far, Group::House)).count();
    let number = house(text, at + names + 1).filter(|number| same_sentence(text, at, *number))?;
    // In Latin letters the street stands behind its name: Orchard Street 27.
    let latin = text.lower(at).is_ascii();
    match (names, latin) {
        (0, true) => {
            let before = at.checked_sub(1).filter(|before| is_name(text, *before) && capital(text, at))?;
            Some((before, number))
        }
        (0, false) => None,
        _ => Some((at, number)),
    }
}

fn capital(text: &Text<'_>, at: usize) -> bool {
    matches!(text.tokens[at].kind, super::text::Kind::Word { capital: true, .. })
}

/// 27 Orchard Street
fn number_first(text: &Text<'_>, at: usize) -> Option<(usize, usize)> {
    text.tokens[at].value().filter(|value| (1..10_000).contains(value))?;
    let names =
        (1..=3).take_while(|far| is_name(text, at + far) && !text.has(at + far, Group::Street)).count();
    let street = at + names + 1;
    let fits = names > 0 && text.has(street, Group::Street) && capital(text, street);
    (fits && text.lower(street).is_ascii() && same_sentence(text, at, street)).then_some((at, street))
}

/// Абай көшесі, 14-үй; Gül Sokak No: 5; باھار كوچىسى 25
fn name_first(text: &Text<'_>, at: usize) -> Option<(usize, usize)> {
    if !text.has(at, Group::StreetAfter) || text.tokens[at].word.is_none() {
        return None;
    }
    let name = at.checked_sub(1).filter(|name| is_name(text, *name) && same_sentence(text, *name, at))?;
    let number = house(text, at + 1).filter(|number| same_sentence(text, at, *number))?;
    let end = if text.has(number + 1, Group::House) && same_sentence(text, at, number + 1) {
        number + 1
    } else {
        number
    };
    Some((name, end))
}

/// 解放路18号, 和平街5巷12号
fn chinese(text: &Text<'_>, at: usize) -> Option<(usize, usize)> {
    let token = &text.tokens[at];
    if token.word.is_some() || !token.has(Group::StreetAfter) {
        return None;
    }
    text.tokens.get(at + 1).and_then(|token| token.value())?;
    let mark = text.tokens.get(at + 2)?;
    let house = mark.word.is_none() && (mark.has(Group::House) || mark.has(Group::StreetAfter));
    let from = at.saturating_sub(2);
    (house && text.gap(at).is_empty() && text.gap(at + 1).is_empty()).then_some((from, at + 2))
}

/// дом 14, кв. 3; 3单元502室
fn house_and_flat(text: &Text<'_>, at: usize) -> Option<(usize, usize)> {
    if !text.has(at, Group::House)
        || text.has(at, Group::Number)
        || text.lower(at).is_ascii() && text.tokens[at].word.is_some()
    {
        return None;
    }
    let chinese = text.tokens[at].word.is_none();
    let (first, second) = if chinese { (at.checked_sub(1)?, at + 1) } else { (at + 1, at + 3) };
    let numbers = [first, second]
        .iter()
        .all(|number| text.tokens.get(*number).is_some_and(|token| token.value().is_some()));
    let flat = text.has(at + 2, Group::House);
    (numbers && flat && same_sentence(text, at, at + 2)).then_some((first.min(at), second.max(at + 2)))
}
