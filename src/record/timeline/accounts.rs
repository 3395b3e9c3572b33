//! Claims about one event or person, and the event itself, held against each other.

use std::collections::{BTreeMap, BTreeSet};

use super::conflict::{Conflict, ConflictKind, Difference, Side, Timed, compare, dates, shown_date};
use super::sheet::{Sheet, langs};
use crate::record::form::{Claim, Dated, Event, Id, Line, Place, Shown as _, Written};

/// What one claim, or the entry of an event, says of something.
struct Account<'a> {
    side: Side,
    date: Option<&'a Dated>,
    place: Option<&'a Place>,
    count: Option<u64>,
    term: Option<(&'a Line, Option<&'a Written>)>,
}

/// Where the accounts of each thing differ.
pub(super) fn differences(sheets: &[Sheet<'_>]) -> Vec<Conflict> {
    let mut about = BTreeMap::<&Id, Vec<Account<'_>>>::new();
    for Sheet { at, form, .. } in sheets {
        for event in &form.event {
            about.entry(&event.id).or_default().push(of_event(*at, event));
        }
        let langs = langs(form);
        for claim in &form.claim {
            let lang = claim.statement.as_ref().and_then(|id| langs.get(id)).map(ToString::to_string);
            if let Some(id) = &claim.about {
                about.entry(id).or_default().push(of_claim(*at, claim, lang));
            }
        }
    }
    let forms = || sheets.iter().map(|sheet| sheet.form);
    let events: BTreeSet<&Id> = forms().flat_map(|form| &form.event).map(|event| &event.id).collect();
    let persons: BTreeSet<&Id> = forms().flat_map(|form| &form.person).map(|person| &person.id).collect();
    let named = |id: &Id| match () {
        () if events.contains(id) => format!("event {id}"),
        () if persons.contains(id) => format!("person {id}"),
        () => id.to_string(),
    };
    about.into_iter().flat_map(|(id, accounts)| differing(&named(id), &accounts)).collect()
}

fn of_event(at: usize, event: &Event) -> Account<'_> {
    let text = event.title.as_ref().map(ToString::to_string);
    let side = Side { at: vec![at], entry: format!("event {}", event.id), text, ..Side::default() };
    Account { side, date: event.date.as_ref(), place: event.place.as_ref(), count: None, term: None }
}

fn of_claim(at: usize, claim: &Claim, lang: Option<String>) -> Account<'_> {
    let side = Side {
        at: vec![at],
        entry: format!("claim {}", claim.id),
        value: String::new(),
        text: Some(claim.text.to_string()),
        said_by: Some(claim.said_by.clone()),
        knowledge: Some(claim.knowledge.clone()),
        lang,
    };
    Account {
        side,
        date: claim.date.as_ref(),
        place: claim.place.as_ref(),
        count: claim.count,
        term: claim.term.as_ref().map(|term| (term, claim.term_lang.as_ref())),
    }
}

fn differing(about: &str, accounts: &[Account<'_>]) -> Vec<Conflict> {
    let dated = told(accounts, |one| one.date.map(Timed::of), |timed| shown_date(timed.date));
    let counted = told(accounts, |one| one.count, ToString::to_string);
    let placed = told(accounts, |one| one.place, |place| place.shown().concat());
    let termed = told(accounts, |one| one.term, shown_term);
    let numbers = |a: &u64, b: &u64| (a != b).then_some(Difference::differ("different numbers"));
    let found = [
        compare(ConflictKind::Date, about, dated, dates),
        compare(ConflictKind::Count, about, counted, numbers),
        compare(ConflictKind::Place, about, placed, |a, b| places(a, b)),
        compare(ConflictKind::Term, about, termed, terms),
    ];
    found.into_iter().flatten().collect()
}

/// The accounts that say something of this kind, each with what it says.
fn told<'a, T>(
    accounts: &[Account<'a>],
    what: impl Fn(&Account<'a>) -> Option<T>,
    shown: impl Fn(&T) -> String,
) -> Vec<(Side, T)> {
    let one = |account: &Account<'a>| {
        let said = what(account)?;
        Some((Side { value: shown(&said), ..account.side.clone() }, said))
    };
    accounts.iter().filter_map(one).collect()
}

/// Places are words: only their letters and their levels are compared, and which lies in which nobody decides here.
fn places(one: &Place, other: &Place) -> Option<Difference> {
    match () {
        () if one.said == other.said => None,
        () if one.code.is_some() && one.code == other.code => {
            Some(Difference::compatible("different words for a place of one code"))
        }
        () if one.level != other.level => Some(Difference::less(
            "different places as said, told at different levels: one may lie in the other",
        )),
        () => Some(Difference::differ("different places as said")),
    }
}

fn shown_term((term, lang): &(&Line, Option<&Written>)) -> String {
    let lang = lang.map(|lang| format!(" ({lang})")).unwrap_or_default();
    format!("“{term}”{lang}")
}

fn terms(one: &(&Line, Option<&Written>), other: &(&Line, Option<&Written>)) -> Option<Difference> {
    match () {
        () if one.0 == other.0 => None,
        () if one.1.is_some() && other.1.is_some() && one.1 != other.1 => {
            Some(Difference::less("different words in different languages: translation may be the cause"))
        }
        () => Some(Difference::differ("different words")),
    }
}
