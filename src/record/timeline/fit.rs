//! Arithmetic of dates that does not fit. It is shown, and never repaired.

use std::collections::BTreeMap;

use super::conflict::{Conflict, ConflictKind, Side, shown_date};
use super::day::Stretch;
use super::moment::{born, dated};
use super::sheet::{Sheet, roles};
use super::span::Span;
use crate::record::form::{Consent, Dated, Document, Event, Form, Id, Person, When};

/// A date of an entry: in which sheet, of which entry, what it is the date of, and the date.
#[derive(Clone)]
struct Told {
    at: usize,
    entry: String,
    of: &'static str,
    date: Dated,
}

impl Told {
    fn span(&self) -> Option<Span> {
        self.date.edtf.as_ref().map(Span::of)
    }

    fn side(&self) -> Side {
        let value = format!("{}: {}", self.of, shown_date(&self.date));
        Side { at: vec![self.at], entry: self.entry.clone(), value, ..Side::default() }
    }
}

/// Everything in a case that does not fit.
pub(super) fn misfits(sheets: &[Sheet<'_>]) -> Vec<Conflict> {
    let mut found = Vec::new();
    for sheet in sheets {
        found.extend(within(sheet.at, sheet.form));
    }
    found.extend(lives(sheets));
    let mut once: Vec<Conflict> = Vec::new();
    let mut places = BTreeMap::new();
    for misfit in found {
        // Revisions beside each other may say the same.
        let values: Vec<_> =
            misfit.sides.iter().map(|side| (side.entry.clone(), side.value.clone())).collect();
        let at = *places.entry((misfit.about.clone(), misfit.verdict.clone(), values)).or_insert(once.len());
        let Some(known) = once.get_mut(at) else {
            once.push(misfit);
            continue;
        };
        for (side, more) in known.sides.iter_mut().zip(misfit.sides) {
            side.at.extend(more.at);
            side.at.sort_unstable();
            side.at.dedup();
        }
    }
    once
}

/// Says that `second` was over before `first` began, if that is so.
fn backwards(about: &str, first: Option<Told>, second: Option<Told>, verdict: &str) -> Option<Conflict> {
    let (first, second) = (first?, second?);
    let (earlier, later) = (first.span()?, second.span()?);
    later
        .is_over_before(&earlier)
        .then(|| misfit(about, verdict, &[&earlier, &later], vec![first.side(), second.side()]))
}

fn misfit(about: &str, verdict: &str, spans: &[&Span], sides: Vec<Side>) -> Conflict {
    let as_written = spans.iter().any(|span| !span.is_as_written());
    let beside =
        if as_written { ", as the dates are written; one is only about right, or not sure" } else { "" };
    let verdict = format!("{verdict}{beside}");
    Conflict { kind: ConflictKind::DoesNotFit, about: about.to_owned(), verdict, compatible: false, sides }
}

/// What does not fit within entries of one form.
fn within(at: usize, form: &Form) -> Vec<Conflict> {
    let told = move |entry: &str, of: &'static str, date: Option<&Dated>| {
        Some(Told { at, entry: entry.to_owned(), of, date: date?.clone() })
    };
    let mut found = Vec::new();
    let mut stretch = |entry: String, from: Option<&Dated>, until: Option<&Dated>| {
        let (first, second) = (told(&entry, "from", from), told(&entry, "until", until));
        found.extend(backwards(&entry, first, second, "it ended before it began"));
    };
    for Event { id, date, until, .. } in &form.event {
        stretch(format!("event {id}"), date.as_ref(), until.as_ref());
    }
    for link in &form.link {
        let to = link.event.as_ref().or(link.to.as_ref()).map(|id| format!(" in {id}")).unwrap_or_default();
        stretch(format!("role of {}{to}", link.person), link.from.as_ref(), link.until.as_ref());
    }
    for whereabouts in &form.whereabouts {
        let entry = format!("whereabouts of {}", whereabouts.person);
        stretch(entry, whereabouts.from.as_ref(), whereabouts.until.as_ref());
    }
    found.extend(form.document.iter().flat_map(|one| of_document(at, one)));
    found.extend(form.consent.iter().flat_map(|one| of_consent(at, one)));
    found
}

fn on(at: usize, entry: &str, of: &'static str, date: Option<&When>) -> Option<Told> {
    Some(Told { at, entry: entry.to_owned(), of, date: dated(date?) })
}

fn of_document(at: usize, document: &Document) -> Vec<Conflict> {
    let entry = format!("document {}", document.id);
    let date = |of, date: &Option<When>| on(at, &entry, of, date.as_ref());
    let expires = || date("expires", &document.expires);
    let issued =
        backwards(&entry, date("issued", &document.issued), expires(), "it expired before it was issued");
    let valid = date("valid from", &document.valid_from);
    issued.into_iter().chain(backwards(&entry, valid, expires(), "it expired before it held")).collect()
}

fn of_consent(at: usize, consent: &Consent) -> Vec<Conflict> {
    let entry = format!("consent of {}", consent.person);
    let after = [
        ("valid until", &consent.valid_until, "it ended before it was given"),
        ("review", &consent.review, "it was to be asked again before it was given"),
        ("withdrawn", &consent.withdrawn, "it was withdrawn before it was given"),
    ];
    let given = on(at, &entry, "given", consent.date.as_ref());
    let pair = |(of, date, verdict): (&'static str, &Option<When>, &str)| {
        backwards(&entry, given.clone(), on(at, &entry, of, date.as_ref()), verdict)
    };
    after.into_iter().filter_map(pair).collect()
}

/// What does not fit in the life of each person, whichever parts tell of it.
fn lives(sheets: &[Sheet<'_>]) -> Vec<Conflict> {
    let mut persons = BTreeMap::<&Id, Vec<(usize, &Person)>>::new();
    for sheet in sheets {
        for person in &sheet.form.person {
            persons.entry(&person.id).or_default().push((sheet.at, person));
        }
    }
    let took_part = took_part(sheets);
    let mut found = Vec::new();
    for (id, entries) in persons {
        found.extend(ages(id, &entries));
        found.extend(life(id, &entries, took_part.get(id).map(Vec::as_slice).unwrap_or_default()));
    }
    found
}

/// Ages against births and against each other: each says between which days the person was born.
fn ages(id: &Id, entries: &[(usize, &Person)]) -> Vec<Conflict> {
    let entry = format!("person {id}");
    let ages = entries.iter().filter_map(|(at, one)| {
        let age = one.age.as_ref()?;
        let days = born(age)?;
        let told = Told { at: *at, entry: entry.clone(), of: "age", date: dated(&age.as_of) };
        let value = format!("{} years old on {}, so born {days}", age.years, age.as_of);
        Some((days, told.span()?, Side { value, ..told.side() }))
    });
    let births = entries.iter().filter_map(|(at, one)| {
        let birth = one.birth.as_ref()?;
        let told = Told { at: *at, entry: entry.clone(), of: "birth", date: birth.clone() };
        let span = told.span()?;
        let days = Stretch { first: span.earliest(), last: span.latest() };
        Some((days, span, told.side()))
    });
    let (ages, births): (Vec<_>, Vec<_>) = (ages.collect(), births.collect());
    let pairs = ages.iter().enumerate().flat_map(|(i, age)| {
        let others = births.iter().chain(&ages[i + 1..]);
        others.map(move |other| (age, other))
    });
    let misfits = pairs.filter(|((one, ..), (other, ..))| !one.meets(other)).map(|(age, other)| {
        misfit(&entry, "the age does not fit", &[&age.1, &other.1], vec![age.2.clone(), other.2.clone()])
    });
    misfits.collect()
}

/// Birth and death against what the person took part in.
fn life(id: &Id, entries: &[(usize, &Person)], took_part: &[Told]) -> Vec<Conflict> {
    let about = format!("person {id}");
    let told = |of: &'static str, date: fn(&Person) -> Option<&Dated>| {
        let one = |(at, person): &(usize, &Person)| {
            Some(Told { at: *at, entry: about.clone(), of, date: date(person)?.clone() })
        };
        entries.iter().filter_map(one).collect::<Vec<_>>()
    };
    let births = told("birth", |person| person.birth.as_ref());
    let deaths = told("death", |person| person.deceased.as_ref());
    let mut found = Vec::new();
    for death in &deaths {
        let pairs = births.iter().map(|birth| (Some(birth.clone()), Some(death.clone())));
        found.extend(pairs.filter_map(|(birth, death)| backwards(&about, birth, death, "died before birth")));
    }
    for event in took_part {
        let after = |birth: &Told| {
            backwards(&about, Some(birth.clone()), Some(event.clone()), "took part before birth")
        };
        let before = |death: &Told| {
            backwards(&about, Some(event.clone()), Some(death.clone()), "took part after death")
        };
        found.extend(births.iter().filter_map(after));
        found.extend(deaths.iter().filter_map(before));
    }
    found
}

/// For each person the events in which they have a role, the statements they made, the consents they gave themselves.
fn took_part<'a>(sheets: &[Sheet<'a>]) -> BTreeMap<&'a Id, Vec<Told>> {
    let roles = roles(sheets);
    let mut found = BTreeMap::<&Id, Vec<Told>>::new();
    for Sheet { at, form, .. } in sheets {
        let mut add = |person, entry: String, of: &'static str, date: Option<Dated>| {
            let told = date.map(|date| Told { at: *at, entry, of, date });
            found.entry(person).or_default().extend(told);
        };
        for event in &form.event {
            let mut persons: Vec<&Id> =
                roles.get(&event.id).into_iter().flatten().map(|(_, id)| *id).collect();
            persons.sort_unstable();
            persons.dedup();
            for person in persons {
                add(person, format!("event {}", event.id), "date", event.date.clone());
            }
        }
        for one in &form.statement {
            let name = one.id.as_ref().map(|id| format!(" {id}")).unwrap_or_default();
            if let Some(by) = &one.by {
                add(by, format!("statement{name}"), "taken", one.taken.clone());
            }
        }
        for one in &form.consent {
            if one.given_by.as_ref().is_some_and(|by| by.as_str() == "self") {
                add(&one.person, format!("consent of {}", one.person), "given", one.date.as_ref().map(dated));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::read_form;

    /// What does not fit in forms of the part `notes`, which takes every section but two, or of `consent`.
    fn told(forms: &[&str]) -> Vec<String> {
        let part = "notes".parse().unwrap();
        let kind = |text: &str| if text.starts_with("{\"consent") { "consent" } else { "notes" };
        let forms: Vec<Form> = forms.iter().map(|text| read_form(text, kind(text)).unwrap()).collect();
        let sheets: Vec<Sheet<'_>> =
            forms.iter().enumerate().map(|(at, form)| Sheet { at, part: &part, form }).collect();
        misfits(&sheets).iter().map(|one| format!("{}: {}", one.about, one.verdict)).collect()
    }

    const AS_WRITTEN: &str = ", as the dates are written; one is only about right, or not sure";

    /// Fails when any of these is not noticed, or a date that is only about right counts as certain.
    #[test]
    fn what_cannot_be_is_shown() {
        for (form, wanted) in [
            (
                r#"{"event": {"id": "V1", "date": {"edtf": "2020-07-15"}, "until": {"edtf": "2020-06-22"}}}"#,
                "event V1: it ended before it began".to_owned(),
            ),
            (
                r#"{"event": {"id": "V1", "date": {"edtf": "2020-07-15~"}, "until": {"edtf": "2020-06-22"}}}"#,
                format!("event V1: it ended before it began{AS_WRITTEN}"),
            ),
            (
                r#"{"document": {"id": "D1", "kind": "passport", "issuer": "A", "issued": "2021", "expires": "2020-10"}}"#,
                "document D1: it expired before it was issued".to_owned(),
            ),
            (
                r#"{"document": {"id": "D1", "kind": "passport", "issuer": "A", "valid_from": "2021", "expires": "2020-10"}}"#,
                "document D1: it expired before it held".to_owned(),
            ),
            (
                r#"{"link": {"person": "P1", "role": "legal_representative", "to": "P2", "from": {"edtf": "2021"}, "until": {"edtf": "2020"}}}"#,
                "role of P1 in P2: it ended before it began".to_owned(),
            ),
            (
                r#"{"consent": {"person": "P1", "status": "withdrawn", "date": "2021", "withdrawn": "2020-12"}}"#,
                "consent of P1: it was withdrawn before it was given".to_owned(),
            ),
            (
                r#"{"consent": {"person": "P1", "status": "unclear", "date": "2021", "review": "2020-12"}}"#,
                "consent of P1: it was to be asked again before it was given".to_owned(),
            ),
            (
                r#"{"person": {"id": "P1", "birth": {"edtf": "1991"}, "age": {"years": 34, "as_of": "2021-01"}}}"#,
                "person P1: the age does not fit".to_owned(),
            ),
            (
                r#"{"person": {"id": "P1", "birth": {"edtf": "1991"}, "deceased": {"edtf": "1990"}}}"#,
                "person P1: died before birth".to_owned(),
            ),
            (
                r#"{"person": {"id": "P1", "deceased": {"edtf": "2018"}},
                    "event": {"id": "V1", "date": {"edtf": "2019-10"}},
                    "link": {"person": "P1", "role": "witness", "event": "V1"}}"#,
                "person P1: took part after death".to_owned(),
            ),
            (
                r#"{"person": {"id": "P1", "birth": {"edtf": "2018"}},
                    "event": {"id": "V1", "date": {"edtf": "2013/2017"}},
                    "link": {"person": "P1", "role": "witness", "event": "V1"}}"#,
                "person P1: took part before birth".to_owned(),
            ),
            (
                r#"{"person": {"id": "P1", "deceased": {"edtf": "2018"}},
                    "statement": {"id": "S1", "lang": "ru", "text": "a", "by": "P1", "taken": {"edtf": "2020"}}}"#,
                "person P1: took part after death".to_owned(),
            ),
        ] {
            assert_eq!(told(&[form]), [wanted], "{form}");
        }
    }

    /// Fails when what may be is said not to fit.
    #[test]
    fn what_may_be_is_left_alone() {
        for form in [
            r#"{"event": {"id": "V1", "date": {"edtf": "2020-06-22"}, "until": {"edtf": "2020-06"}}}"#,
            r#"{"event": {"id": "V1", "date": {"edtf": "2020-07-15"}, "until": {"said": "in June"}}}"#,
            r#"{"document": {"id": "D1", "kind": "passport", "issuer": "A", "issued": "2020-10", "expires": "2020"}}"#,
            r#"{"person": {"id": "P1", "birth": {"edtf": "1986-11"}, "age": {"years": 34, "as_of": "2021-01"}}}"#,
            r#"{"person": {"id": "P1", "birth": {"edtf": "1987-01-31"}, "age": {"years": 34, "as_of": "2021-01"}}}"#,
            r#"{"person": {"id": "P1", "deceased": {"edtf": "2018"}},
                "event": {"id": "V1", "date": {"edtf": "2018-12"}},
                "link": {"person": "P1", "role": "witness", "event": "V1"}}"#,
            r#"{"person": {"id": "P1", "deceased": {"edtf": "2018"}},
                "event": {"id": "V1", "date": {"edtf": "2019"}},
                "link": {"person": "P2", "role": "witness", "event": "V1"}}"#,
        ] {
            assert!(told(&[form]).is_empty(), "{form}: {:?}", told(&[form]));
        }
    }

    /// Fails when two ages of one person are compared as numbers, or the same is said twice for two revisions.
    #[test]
    fn ages_are_compared_by_the_years_of_birth_they_give() {
        let aged = |years: u64, as_of: &str| {
            format!(r#"{{"person": {{"id": "P1", "age": {{"years": {years}, "as_of": "{as_of}"}}}}}}"#)
        };
        let (one, apart, fitting) = (aged(25, "2019-10"), aged(30, "2021-01"), aged(26, "2021-01"));
        assert_eq!(told(&[&one, &apart]), ["person P1: the age does not fit"]);
        assert!(told(&[&one, &fitting]).is_empty());
        let event =
            r#"{"event": {"id": "V1", "date": {"edtf": "2020-07-15"}, "until": {"edtf": "2020-06"}}}"#;
        assert_eq!(told(&[event, event]).len(), 1);
    }
}
