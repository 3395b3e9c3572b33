//! Dates of birth: known ones in any writing, and any date beside a word of birth.

use super::dates::{Written, dates};
use super::known::Known;
use super::tables::Group;
use super::text::Text;
use super::{Hit, Rule};

/// How far from a date a word of birth may stand, in words.
const NEAR: usize = 5;

pub(super) fn find(text: &Text<'_>, known: &Known) -> Vec<Hit> {
    let mut hits = Vec::new();
    for date in dates(text) {
        let (first, last) = (date.tokens.start, date.tokens.end - 1);
        let range = text.span(first, last);
        let whose = known.births.iter().find(|(_, birth)| date.can_be(birth));
        if let Some((who, _)) = whose {
            hits.push(Hit { rule: Rule::Birth, range, who: who.clone() });
            continue;
        }
        // г.р., "year of birth", written short.
        let short = ["г", "р"]
            .iter()
            .zip(last + 1..)
            .all(|(word, at)| at < text.tokens.len() && text.lower(at) == *word);
        if short || is_of_birth(text, &date) {
            hits.push(Hit::new(Rule::Birth, range));
        }
    }
    hits
}

fn is_of_birth(text: &Text<'_>, date: &Written) -> bool {
    let ends = [date.tokens.start, date.tokens.end - 1];
    let mut near = ends.iter().filter_map(|at| text.near(*at, NEAR, Group::Birth));
    // A year alone is one of birth only where nothing but small words stand between: born in 1984.
    near.any(|word| {
        let between =
            if word < date.tokens.start { word + 1..date.tokens.start } else { date.tokens.end..word };
        let small = |at: usize| text.has(at, Group::YearOf) || text.said(at).chars().count() <= 2;
        !date.year_alone || between.into_iter().all(small)
    })
}
