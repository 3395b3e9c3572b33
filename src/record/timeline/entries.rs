//! One entry in several revisions or parts, held against itself; persons who may be one.

use std::collections::{BTreeMap, BTreeSet};

use super::conflict::{Conflict, ConflictKind, Difference, Side, Timed, compare, dates, shown_date};
use super::sheet::Sheet;
use crate::record::PartName;
use crate::record::form::{Dated, Form, Id, Noun};

/// What every part may tell in its own way, and lists that each part fills as far as it knows.
const OF_EACH_PART: [&str; 6] = ["name", "note", "contact", "description", "language", "title"];
/// What is compared with the claims about the same thing.
const AMONG_CLAIMS: [&str; 5] = ["date", "place", "count", "term", "term_lang"];

/// An entry as it stands in one sheet.
struct Entry<'a> {
    at: usize,
    part: &'a PartName,
    /// "person P1".
    called: String,
    /// Whether all parts of a case mean the same by its identifier.
    across: bool,
    /// Whether claims are held against each other elsewhere.
    claimed: bool,
    dates: Vec<(&'static str, &'a Dated)>,
    rows: Vec<(&'static str, String)>,
}

/// Where entries that are one differ.
pub(super) fn differences(sheets: &[Sheet<'_>]) -> Vec<Conflict> {
    let mut entries = BTreeMap::<(String, Option<&PartName>), Vec<Entry<'_>>>::new();
    for entry in sheets.iter().flat_map(|sheet| entries_of(*sheet)) {
        let within = (!entry.across).then_some(entry.part);
        entries.entry((entry.called.clone(), within)).or_default().push(entry);
    }
    let mut found: Vec<Conflict> = entries.values().flat_map(|same| of_entry(same)).collect();
    found.extend(beside(sheets));
    found.extend(may_be_one(sheets));
    found
}

/// What an entry is called, whether all parts mean the same by it, and the dates that are compared as dates.
type Head<'a> = (String, bool, Vec<(&'static str, &'a Dated)>);

fn entries_of<'a>(sheet: Sheet<'a>) -> Vec<Entry<'a>> {
    let form = sheet.form;
    let about = form.claim.iter().filter(|one| one.about.is_some()).map(|one| format!("claim {}", one.id));
    let about: BTreeSet<String> = about.collect();
    let mut entries = Vec::new();
    let mut add = |(called, across, dates): Head<'a>, rows: Vec<(&'static str, Vec<String>)>| {
        let rows = rows.into_iter().map(|(field, lines)| (field, lines.join("; "))).collect();
        let claimed = called.starts_with("event ") || about.contains(&called);
        entries.push(Entry { at: sheet.at, part: sheet.part, called, across, claimed, dates, rows });
    };
    let dates = |fields: [(&'static str, Option<&'a Dated>); 2]| {
        fields.into_iter().filter_map(|(field, date)| Some((field, date?))).collect::<Vec<_>>()
    };
    for one in &form.person {
        let dates = dates([("birth", one.birth.as_ref()), ("deceased", one.deceased.as_ref())]);
        add((format!("person {}", one.id), true, dates), one.rows());
    }
    for one in &form.event {
        let dates = dates([("until", one.until.as_ref()), ("until", None)]);
        add((format!("event {}", one.id), true, dates), one.rows());
    }
    form.consent
        .iter()
        .for_each(|one| add((format!("consent of {}", one.person), true, Vec::new()), one.rows()));
    // By these identifiers one form means its own.
    let mut own = |section: &str, id: &Id, rows| add((format!("{section} {id}"), false, Vec::new()), rows);
    let statements = form.statement.iter().filter_map(|one| Some((one.id.as_ref()?, one.rows())));
    statements.for_each(|(id, rows)| own("statement", id, rows));
    form.claim.iter().for_each(|one| own("claim", &one.id, one.rows()));
    form.document.iter().for_each(|one| own("document", &one.id, one.rows()));
    form.finding.iter().for_each(|one| own("finding", &one.id, one.rows()));
    form.amount.iter().for_each(|one| own("amount", &one.id, one.rows()));
    entries
}

/// How one entry differs from itself, field by field.
fn of_entry(same: &[Entry<'_>]) -> Vec<Conflict> {
    let [first, rest @ ..] = same else { return Vec::new() };
    let one_part = rest.iter().all(|other| other.part == first.part);
    let side = |entry: &Entry<'_>, value: String| Side {
        at: vec![entry.at],
        entry: entry.called.clone(),
        value,
        ..Side::default()
    };
    let mut found = Vec::new();
    for field in ["birth", "deceased", "until"] {
        let told = same.iter().filter_map(|entry| {
            let date = entry.dates.iter().find(|(name, _)| *name == field)?.1;
            Some((side(entry, shown_date(date)), Timed::of(date)))
        });
        let about = format!("{}, {field}", first.called);
        found.extend(compare(ConflictKind::Date, &about, told.collect(), dates));
    }
    let mut fields: Vec<&str> =
        same.iter().flat_map(|entry| entry.rows.iter().map(|(field, _)| *field)).collect();
    fields.sort_unstable();
    fields.dedup();
    let elsewhere = |field: &str| {
        // Ages are held against each other by the years of birth they give.
        ["age", "birth", "deceased"].contains(&field)
            || (first.called.starts_with("event ") && field == "until")
            || (same.iter().any(|entry| entry.claimed) && AMONG_CLAIMS.contains(&field))
    };
    fields.retain(|field| !elsewhere(field) && (one_part || !OF_EACH_PART.contains(field)));
    for field in fields {
        let told = same.iter().filter_map(|entry| {
            let (_, value) = entry.rows.iter().find(|(name, _)| *name == field)?;
            Some((side(entry, value.clone()), value.clone()))
        });
        let about = format!("{}, {}", first.called, field.replace('_', " "));
        let differ = |a: &String, b: &String| (a != b).then_some(Difference::differ("different values"));
        found.extend(compare(ConflictKind::Entry, &about, told.collect(), differ));
    }
    found
}

/// Revisions of one part that stand beside each other, and what only one of them has.
fn beside(sheets: &[Sheet<'_>]) -> Vec<Conflict> {
    let mut parts = BTreeMap::<&PartName, Vec<Sheet<'_>>>::new();
    sheets.iter().for_each(|sheet| parts.entry(sheet.part).or_default().push(*sheet));
    let apart = |sheets: &[Sheet<'_>]| sheets.iter().any(|sheet| sheet.form != sheets[0].form);
    let of_part = |(part, sheets): (&PartName, Vec<Sheet<'_>>)| {
        let has: Vec<BTreeSet<String>> = sheets.iter().map(|sheet| all_of(sheet.form)).collect();
        let side = |(at, sheet): (usize, &Sheet<'_>)| {
            let mut others = has.iter().enumerate().filter(|(other, _)| *other != at);
            let only = |entry: &&String| !others.clone().any(|(_, has)| has.contains(*entry));
            let only: Vec<&str> =
                has[at].iter().filter(only).map(|entry| entry.split('\0').next().unwrap_or("")).collect();
            let value = match (others.next(), only.is_empty()) {
                (_, true) => "nothing that only this revision has".to_owned(),
                (_, false) => format!("only in this revision: {}", only.join(", ")),
            };
            Side { at: vec![sheet.at], entry: part.to_string(), value, ..Side::default() }
        };
        let sides = sheets.iter().enumerate().map(side).collect();
        let verdict = format!("{} revisions of one part, written apart", sheets.len());
        Conflict {
            kind: ConflictKind::Beside,
            about: format!("part {part}"),
            verdict,
            compatible: false,
            sides,
        }
    };
    parts.into_iter().filter(|(_, sheets)| apart(sheets)).map(of_part).collect()
}

/// Everything that stands in a form: what it is called, and for what has no identifier also what it says.
fn all_of(form: &Form) -> BTreeSet<String> {
    let said = |rows: Vec<(&'static str, Vec<String>)>| format!("{rows:?}");
    let links = form.link.iter().map(|one| format!("role of {}\0{}", one.person, said(one.rows())));
    let places =
        form.whereabouts.iter().map(|one| format!("whereabouts of {}\0{}", one.person, said(one.rows())));
    let unnamed = form.statement.iter().filter(|one| one.id.is_none());
    let unnamed = unnamed.map(|one| format!("a statement\0{}", said(one.rows())));
    let consents = form.consent.iter().map(|one| format!("consent of {}", one.person));
    let named = form.ids().into_iter().map(|(section, id)| format!("{section} {id}"));
    named.chain(consents).chain(links).chain(places).chain(unnamed).collect()
}

/// Persons of whom it is said that they may be one. They stay two.
fn may_be_one(sheets: &[Sheet<'_>]) -> Vec<Conflict> {
    let persons = sheets.iter().flat_map(|sheet| sheet.form.person.iter().map(move |one| (sheet.at, one)));
    let pairs = persons.flat_map(|(at, one)| one.same_as.iter().map(move |same| (at, one, same)));
    let open = pairs.filter(|(_, _, same)| matches!(same.certainty.as_str(), "possible" | "likely"));
    let conflict = |(at, one, same): (usize, &crate::record::form::Person, &crate::record::form::SameAs)| {
        let note = same.note.as_ref().map(|note| format!(": {note}")).unwrap_or_default();
        let value = format!("same person: {}{note}", same.certainty.as_str());
        Conflict {
            kind: ConflictKind::Person,
            about: format!("persons {} and {}", one.id, same.person),
            verdict: "they stay two".to_owned(),
            compatible: false,
            sides: vec![Side { at: vec![at], entry: format!("person {}", one.id), value, ..Side::default() }],
        }
    };
    let mut found = BTreeMap::<String, Conflict>::new();
    for conflict in open.map(conflict) {
        match found.entry(conflict.about.clone()) {
            std::collections::btree_map::Entry::Vacant(place) => drop(place.insert(conflict)),
            std::collections::btree_map::Entry::Occupied(mut known) => {
                known.get_mut().sides.extend(conflict.sides);
            }
        }
    }
    found.into_values().collect()
}
