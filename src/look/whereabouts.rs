//! Where persons of the case are or were, in any spelling: named places, and streets with their house.

use super::known::Known;
use super::names::places;
use super::spelling::heard;
use super::text::Text;
use super::{Hit, Rule};
use crate::names::Likeness;

/// How many words further the number of a house may stand.
const NEAR: usize = 3;

pub(super) fn find(text: &Text<'_>, known: &Known) -> Vec<Hit> {
    let named = places(text, &known.places).into_iter();
    let mut hits: Vec<Hit> =
        named.map(|(range, place)| Hit { rule: Rule::Whereabouts, range, who: place.who.clone() }).collect();
    for (who, street, number) in &known.houses {
        for at in 0..text.tokens.len() {
            if text.tokens[at].value() != Some(*number) {
                continue;
            }
            let from = at.saturating_sub(NEAR)..(at + NEAR + 1).min(text.tokens.len());
            let found = from.into_iter().find(|word| {
                let token = &text.tokens[*word];
                token.could_be_a_name()
                    && token.sentence == text.tokens[at].sentence
                    && street.likeness(&heard(text.lower(*word))) >= Likeness::Likely
            });
            if let Some(word) = found {
                let hit = Hit::new(Rule::Whereabouts, text.span(word.min(at), word.max(at)));
                hits.push(match who {
                    Some(who) => hit.about(who),
                    None => hit,
                });
            }
        }
    }
    hits
}
