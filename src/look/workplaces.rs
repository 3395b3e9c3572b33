//! A role, a workplace and a small place: "the small hospital where the doctor works" names the doctor.

use std::ops::Range;

use super::known::Known;
use super::tables::Group;
use super::text::Text;
use super::{Hit, Rule};

/// How close a word such as "small" or "only" stands to the role or the workplace it tells of, in words.
const CLOSE: usize = 2;

/// Role and workplace stand in one sentence, the small place there or in one beside it.
pub(super) fn find(text: &Text<'_>, known: &Known) -> Vec<Hit> {
    let sentences = sentences(text);
    let mut hits = Vec::new();
    for (at, sentence) in sentences.iter().enumerate() {
        let role = sentence.clone().find(|token| is_role(text, *token, known));
        let of = |group| move |token: &usize| text.has(*token, group);
        let workplace = sentence.clone().find(of(Group::Workplace));
        let (Some(role), Some(workplace)) = (role, workplace) else { continue };
        let near = [Some(at), at.checked_sub(1), Some(at + 1)];
        let small = near.iter().flatten().find_map(|near| {
            sentences.get(*near)?.clone().find(|token| {
                let narrow = of(Group::Narrow)(token)
                    && [role, workplace].iter().any(|at| at.abs_diff(*token) <= CLOSE);
                (narrow || is_small(text, *token, known)) && beside(text, *token, role)
            })
        });
        let Some(small) = small else { continue };
        let ends = [role, workplace, small];
        let (from, to) = (ends.into_iter().min().unwrap_or(role), ends.into_iter().max().unwrap_or(role));
        let kept = if text.tokens[small].sentence == text.tokens[role].sentence {
            (from, to)
        } else {
            (role.min(workplace), role.max(workplace))
        };
        hits.push(Hit::new(Rule::Workplace, text.span(kept.0, kept.1)));
    }
    hits
}

fn is_role(text: &Text<'_>, at: usize, known: &Known) -> bool {
    let own = !known.occupations.is_empty() && known.occupations.contains(text.lower(at));
    text.has(at, Group::Role) || (own && text.tokens[at].word.is_some())
}

/// A small place, or one where somebody of the case is, also as an adjective.
fn is_small(text: &Text<'_>, at: usize, known: &Known) -> bool {
    let word = text.lower(at);
    let of_place = |place: &super::known::Name| {
        place
            .words
            .iter()
            .any(|known| known.word.chars().count() >= 4 && word.starts_with(known.word.as_str()))
    };
    text.has(at, Group::Small) || (!word.is_empty() && known.places.iter().any(of_place))
}

/// Long lists without full stops are not one sentence.
fn beside(text: &Text<'_>, a: usize, b: usize) -> bool {
    const FAR: usize = 40;
    a.abs_diff(b) <= FAR && text.tokens[a].sentence.abs_diff(text.tokens[b].sentence) <= 1
}

fn sentences(text: &Text<'_>) -> Vec<Range<usize>> {
    let mut out: Vec<Range<usize>> = Vec::new();
    for (at, token) in text.tokens.iter().enumerate() {
        match out.last_mut() {
            Some(last) if text.tokens[last.start].sentence == token.sentence => last.end = at + 1,
            _ => out.push(at..at + 1),
        }
    }
    out
}
