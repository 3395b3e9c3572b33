//! Persons under eighteen: those that the case knows as such, ages in words and figures, children near a name.

use super::names::Named;
use super::tables::Group;
use super::text::Text;
use super::{Hit, Rule};

const ADULT: u64 = 18;

pub(super) fn find(text: &Text<'_>, names: &[Named]) -> Vec<Hit> {
    let named = names.iter().filter(|named| named.minor);
    let mut hits: Vec<Hit> = named
        .map(|named| Hit { rule: Rule::Minor, range: named.range.clone(), who: named.who.clone() })
        .collect();
    hits.extend((0..text.tokens.len()).filter_map(|at| age(text, at)));
    hits.extend((0..text.tokens.len()).filter_map(|at| child_near_a_name(text, at, names)));
    hits
}

/// An age that ends at this token.
fn age(text: &Text<'_>, at: usize) -> Option<Hit> {
    let beyond = |far: usize, group| text.has(at + far, group);
    let small = |at: usize| is_small(text, at);
    let before = at.checked_sub(1)?;
    let hit = |from: usize, to: usize| Some(Hit::new(Rule::Minor, text.span(from, to)));
    // 15-летняя, семилетняя.
    if text.has(at, Group::Yearling) && !beyond(1, Group::Term) {
        let alone = text.lower(at).chars().count() > 9;
        return if alone { hit(at, at) } else { small(before).then(|| hit(before, at))? };
    }
    // 9 жасар, 12 ياشلىق, 六岁, 10 yaşındaki.
    if text.has(at, Group::Age) && small(before) {
        return hit(before, at);
    }
    // seven years old, 7-year-old; not "when I was".
    if text.has(at, Group::Old) && text.has(before, Group::Years) {
        let number = before.checked_sub(1).filter(|number| small(*number))?;
        return if text.near(number, 6, Group::Then).is_some() { None } else { hit(number, at) };
    }
    // aged 13
    if text.has(before, Group::Aged) && small(at) && !beyond(1, Group::Tens) {
        return hit(before, at);
    }
    // In the fifth grade, в 5 классе, 五年级: no higher than the eleventh.
    let grade = text.tokens[before]
        .value()
        .map_or(text.has(before, Group::Ordinal), |value| (1..=11).contains(&value));
    if text.has(at, Group::Grade) && grade {
        return hit(before, at);
    }
    // Turned eight, исполнилось 8; сегізге толды, 15-ке толды.
    if text.has(before, Group::Turned) && small(at) && !beyond(1, Group::Tens) {
        return hit(before, at);
    }
    if text.has(at, Group::Turned) {
        let number = [before, before.saturating_sub(1)].into_iter().find(|number| small(*number))?;
        return hit(number, at);
    }
    // Ему 8 лет, وعمره 9 سنوات: years of somebody, not years that went by.
    if text.has(at, Group::Years) && small(before) && !text.has(at + 1, Group::Old) {
        let sentence = text.tokens[at].sentence;
        let near = (before.saturating_sub(2)..before).any(|kin| {
            text.tokens[kin].sentence == sentence
                && text.has(kin, Group::Kin)
                && !text.gap(kin).contains(',')
                && !text.tokens[kin].is_number()
        });
        let latin = text.lower(at).is_ascii();
        return if near && !latin { hit(before, at) } else { None };
    }
    None
}

/// A number below eighteen, in figures or words, and not the end of a larger one.
fn is_small(text: &Text<'_>, at: usize) -> bool {
    let few = text.has(at, Group::Few);
    let below = text.tokens[at].value().is_some_and(|value| (1..ADULT).contains(&value));
    (few || below) && !at.checked_sub(1).is_some_and(|before| text.has(before, Group::Tens))
}

/// A word for a child in a sentence that names somebody.
fn child_near_a_name(text: &Text<'_>, at: usize, names: &[Named]) -> Option<Hit> {
    let token = &text.tokens[at];
    if !token.has(Group::Child) {
        return None;
    }
    let in_sentence = |named: &&Named| {
        let first = text.tokens.partition_point(|token| token.range.end <= named.range.start);
        text.tokens.get(first).is_some_and(|first| first.sentence == token.sentence)
    };
    let named = names.iter().find(in_sentence)?;
    Some(Hit { rule: Rule::Minor, range: token.range.clone(), who: named.who.clone() })
}
