//! The last look before something leaves: what in outgoing texts could tell who somebody is or where to find them.
//!
//! Pure: texts and what is known of the case go in, warnings come out. It decides nothing and changes nothing.
//! The rules, what they miss and how often they are right: `docs/look.md`.

mod addresses;
mod births;
mod contacts;
mod dates;
mod documents;
mod known;
mod minors;
mod names;
mod outgoing;
mod spelling;
mod tables;
mod text;
mod whereabouts;
mod workplaces;

use std::ops::Range;

use serde::Serialize;

use crate::record::form::Id;
use text::Text;

pub use known::Known;
pub use outgoing::{Outgoing, minors};

/// What a warning is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Rule {
    /// The name of a person of the case who is not meant to go along.
    Name,
    /// A person under eighteen.
    Minor,
    /// A street and a house.
    Address,
    /// A telephone number, a mail address, an account in a messenger.
    Contact,
    /// The number of a passport, an identity card, a certificate.
    Document,
    /// A date of birth.
    Birth,
    /// A role, a workplace and a small place: together they name a person.
    Workplace,
    /// Where somebody of the case is or was.
    Whereabouts,
}

impl Rule {
    /// All of them, in the order in which they are told.
    pub const ALL: [Self; 8] = [
        Self::Name,
        Self::Minor,
        Self::Address,
        Self::Contact,
        Self::Document,
        Self::Birth,
        Self::Workplace,
        Self::Whereabouts,
    ];

    /// What it warns of, as people read it.
    pub fn says(self) -> &'static str {
        match self {
            Self::Name => "name of a person not meant to go along",
            Self::Minor => "a minor",
            Self::Address => "an address",
            Self::Contact => "a telephone number or mail address",
            Self::Document => "number of a document",
            Self::Birth => "a date of birth",
            Self::Workplace => "role, workplace and small place together",
            Self::Whereabouts => "whereabouts",
        }
    }
}

/// A warning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Of what.
    pub rule: Rule,
    /// Which bytes of the text.
    pub range: Range<usize>,
    /// Whom it is about, as far as the case tells.
    pub who: Option<Id>,
}

impl Hit {
    fn new(rule: Rule, range: Range<usize>) -> Self {
        Self { rule, range, who: None }
    }

    fn about(mut self, who: &Id) -> Self {
        self.who = Some(who.clone());
        self
    }

    /// The line it begins in, from 1.
    pub fn line(&self, text: &str) -> usize {
        text.as_bytes()[..self.range.start].iter().filter(|byte| **byte == b'\n').count() + 1
    }

    /// What to show of the text: the hit with some words around it, on its lines. Whole characters.
    pub fn passage<'a>(&self, text: &'a str) -> &'a str {
        const AROUND: usize = 60;
        let line = text[..self.range.start].rfind('\n').map_or(0, |at| at + 1);
        let end = text[self.range.end..].find('\n').map_or(text.len(), |at| self.range.end + at);
        let before = text[line..self.range.start].char_indices().rev().take(AROUND).last();
        let after = text[self.range.end..end].char_indices().take(AROUND + 1).last();
        let start = before.map_or(self.range.start, |(at, _)| line + at);
        let stop = match after {
            Some((at, c)) if self.range.end + at + c.len_utf8() == end => end,
            Some((at, _)) => self.range.end + at,
            None => end,
        };
        &text[start..stop]
    }
}

/// Looks at one text. What is shown are the warnings in the order of the text, each passage once a rule.
pub fn look(text: &str, known: &Known) -> Vec<Hit> {
    let text = Text::new(text);
    let names = names::find(&text, known);
    let mut hits = minors::find(&text, &names);
    hits.extend(names.into_iter().filter_map(names::Named::into_hit));
    hits.extend(addresses::find(&text));
    hits.extend(contacts::find(&text, known));
    hits.extend(documents::find(&text, known));
    hits.extend(births::find(&text, known));
    hits.extend(workplaces::find(&text, known));
    hits.extend(whereabouts::find(&text, known));
    one_a_passage(hits)
}

/// Where persons of the case are named, in any spelling, and who they are as far as the case tells.
pub fn named(text: &str, known: &Known) -> Vec<(Range<usize>, Option<Id>)> {
    let named = names::find(&Text::new(text), known).into_iter();
    named.map(|named| (named.range, named.who)).collect()
}

/// Warnings of one rule that overlap are one; so are parts of an address that touch.
fn one_a_passage(mut hits: Vec<Hit>) -> Vec<Hit> {
    hits.sort_by_key(|hit| (hit.rule, hit.range.start, std::cmp::Reverse(hit.range.end)));
    let mut out: Vec<Hit> = Vec::new();
    for hit in hits {
        let reach = hit.range.start + usize::from(hit.rule != Rule::Address);
        match out.last_mut().filter(|last| last.rule == hit.rule && last.range.end >= reach) {
            Some(last) => {
                last.range.end = last.range.end.max(hit.range.end);
                last.who = last.who.take().or(hit.who);
            }
            None => out.push(hit),
        }
    }
    out.sort_by_key(|hit| (hit.range.start, hit.rule));
    out
}
