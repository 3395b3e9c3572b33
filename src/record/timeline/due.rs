//! What is due: documents that expire, consents to be asked again or that end, hearings.

use super::day::{Day, Edge};
use super::moment::dated;
use super::sheet::{Roles, Sheet, roles, word};
use super::span::Span;
use crate::record::form::{Consent, Dated, Document, Event, Id};

/// The act by which an event is a hearing.
pub const HEARING: &str = "x-hearing";

/// What is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DueKind {
    /// A consent is to be asked again.
    ConsentReview,
    /// A consent ends.
    ConsentEnds,
    /// A document expires.
    DocumentExpires,
    /// A hearing takes place.
    Hearing,
}

impl DueKind {
    /// The kind in one word, as in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ConsentReview => "consent_review",
            Self::ConsentEnds => "consent_ends",
            Self::DocumentExpires => "document_expires",
            Self::Hearing => "hearing",
        }
    }
}

/// Something that is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// The sheet it stands in.
    pub at: usize,
    /// What it is.
    pub kind: DueKind,
    /// The entry: "document D1".
    pub entry: String,
    /// What is said of it.
    pub text: Option<String>,
    /// Whom it is about.
    pub persons: Vec<Id>,
    /// The date as it was said.
    pub date: Dated,
    /// What the date leaves open; none where there are only words or no date at all.
    pub span: Option<Span>,
}

/// How something due stands on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DueState {
    /// Its last possible day is over.
    Overdue,
    /// Its first possible day is over, the last one is not.
    MayBeOverdue,
    /// It is due on this very day, or may be.
    Today,
    /// It is due later.
    Ahead,
}

impl DueState {
    /// The state in one word, as in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Overdue => "overdue",
            Self::MayBeOverdue => "may_be_overdue",
            Self::Today => "today",
            Self::Ahead => "ahead",
        }
    }
}

impl Due {
    /// The first day on which it may be due; none where nothing can be told.
    pub fn earliest(&self) -> Option<Edge> {
        self.span.as_ref().map(Span::earliest)
    }

    /// How it stands today, if it is due by `until`: the first day counts on which it may be. A hearing that is over is
    /// not due any more.
    pub fn state(&self, today: Day, until: Day) -> Option<DueState> {
        let span = self.span.as_ref()?;
        let (first, last, today) = (span.earliest(), span.latest(), Edge::On(today));
        match () {
            () if first > Edge::On(until).max(today) => None,
            () if last < today && self.kind == DueKind::Hearing => None,
            () if last < today => Some(DueState::Overdue),
            () if first < today => Some(DueState::MayBeOverdue),
            () if first == today => Some(DueState::Today),
            () => Some(DueState::Ahead),
        }
    }
}

/// Everything in a form that is or becomes due.
pub fn dues(sheet: Sheet<'_>) -> Vec<Due> {
    let mut found = Vec::new();
    found.extend(sheet.form.document.iter().filter_map(|one| expiry(sheet.at, one)));
    found.extend(sheet.form.consent.iter().flat_map(|one| of_consent(sheet.at, one)));
    let sheets = [sheet];
    let roles = roles(&sheets);
    found.extend(sheet.form.event.iter().filter_map(|one| hearing(sheet.at, one, &roles)));
    found
}

fn expiry(at: usize, document: &Document) -> Option<Due> {
    let expires = document.expires.as_ref()?;
    Some(Due {
        at,
        kind: DueKind::DocumentExpires,
        entry: format!("document {}", document.id),
        text: Some(format!("{}, {}", word(document.kind.as_str()), document.issuer)),
        persons: document.holder.iter().cloned().collect(),
        date: dated(expires),
        span: Some(Span::of(expires)),
    })
}

/// A consent ends only where one was given.
fn of_consent(at: usize, consent: &Consent) -> Vec<Due> {
    let never = matches!(consent.status.as_str(), "refused" | "withdrawn" | "expired" | "not_asked");
    let ends = consent.valid_until.as_ref().filter(|_| !never);
    let dates = [(DueKind::ConsentReview, consent.review.as_ref()), (DueKind::ConsentEnds, ends)];
    let due = |(kind, date): (DueKind, Option<&crate::record::form::When>)| {
        Some(Due {
            at,
            kind,
            entry: format!("consent of {}", consent.person),
            text: Some(word(consent.status.as_str())),
            persons: vec![consent.person.clone()],
            date: dated(date?),
            span: date.map(Span::of),
        })
    };
    dates.into_iter().filter_map(due).collect()
}

fn hearing(at: usize, event: &Event, roles: &Roles<'_>) -> Option<Due> {
    let persons = roles.get(&event.id).into_iter().flatten();
    let is_hearing = event.type_of_act.iter().any(|act| act.as_str() == HEARING);
    let untold = || Dated { said: None, edtf: None, time: None, zone: None };
    is_hearing.then(|| Due {
        at,
        kind: DueKind::Hearing,
        entry: format!("event {}", event.id),
        text: event.title.as_ref().map(ToString::to_string),
        persons: persons.map(|(_, id)| (*id).clone()).collect(),
        date: event.date.clone().unwrap_or_else(untold),
        span: event.date.as_ref().and_then(|date| date.edtf.as_ref()).map(Span::of),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::{read_form, write_form};

    fn day(text: &str) -> Day {
        text.parse::<jiff::civil::Date>().unwrap().into()
    }

    fn of(text: &str, kind: &str) -> Vec<Due> {
        let part = kind.parse().unwrap();
        let form = read_form(text, kind).unwrap();
        assert!(!write_form(&form).is_empty());
        dues(Sheet { at: 0, part: &part, form: &form })
    }

    fn document(expires: &str) -> Due {
        let text = format!(
            r#"{{"document": [{{"id": "D1", "kind": "passport", "issuer": "Altwil", "expires": "{expires}"}}]}}"#
        );
        of(&text, "person").remove(0)
    }

    /// Fails when an uncertain date counts by its last day, or what is over is not told from what may be.
    #[test]
    fn a_document_is_due_from_the_first_day_on_which_it_may_expire() {
        let (today, until) = (day("2026-11-22"), day("2027-02-20"));
        for (expires, state) in [
            ("2021-10-16", Some(DueState::Overdue)),
            ("2026-11-21", Some(DueState::Overdue)),
            ("2026-11-22", Some(DueState::Today)),
            ("2026-11-23", Some(DueState::Ahead)),
            ("2026-11", Some(DueState::MayBeOverdue)),
            ("2026-10", Some(DueState::Overdue)),
            ("2027-02-20", Some(DueState::Ahead)),
            ("2027-02-21", None),
            ("2027", Some(DueState::Ahead)),
            ("202X", Some(DueState::MayBeOverdue)),
            ("2027-03~", None),
            ("[..2030]", Some(DueState::MayBeOverdue)),
            ("[2026-11-22,2026-12]", Some(DueState::Today)),
            ("2028/..", None),
        ] {
            assert_eq!(document(expires).state(today, until), state, "{expires}");
        }
        assert_eq!(document("2026-11-22").state(today, today), Some(DueState::Today), "--within 0d");
        assert_eq!(document("2026-11-23").state(today, today), None, "--within 0d");
    }

    /// Fails when a hearing that is over stays due, or one without a date that can be ordered is dropped.
    #[test]
    fn a_hearing_is_due_until_it_is_over() {
        let hearings = of(
            r#"{"event": [
                {"id": "V1", "type_of_act": ["x-hearing"], "date": {"edtf": "2026-12-24"}},
                {"id": "V2", "type_of_act": ["x-hearing"], "date": {"edtf": "2026-11-21"}},
                {"id": "V3", "type_of_act": ["arrest"], "date": {"edtf": "2026-12-24"}},
                {"id": "V4", "type_of_act": ["x-hearing"], "date": {"said": "after the feast"}},
                {"id": "V5", "type_of_act": ["x-hearing"]}],
               "link": [{"person": "P1", "role": "victim", "event": "V1"}]}"#,
            "testimony",
        );
        let (today, until) = (day("2026-11-22"), day("2027-02-20"));
        let states: Vec<_> =
            hearings.iter().map(|due| (due.entry.as_str(), due.state(today, until))).collect();
        assert_eq!(
            states,
            [("event V1", Some(DueState::Ahead)), ("event V2", None), ("event V4", None), ("event V5", None)]
        );
        assert_eq!(hearings[0].persons[0].as_str(), "P1");
        assert!(hearings[1].span.is_some() && hearings[2].span.is_none() && hearings[3].span.is_none());
    }

    /// Fails when a consent that was refused or withdrawn is said to end.
    #[test]
    fn a_consent_is_asked_again_and_ends_only_where_it_was_given() {
        let consent = |status: &str, more: &str| {
            let text = format!(
                r#"{{"consent": [{{"person": "P1", "status": "{status}", "review": "2027-01",
                    "valid_until": "2027-06"{more}}}]}}"#
            );
            of(&text, "consent").iter().map(|due| due.kind).collect::<Vec<_>>()
        };
        let given = r#", "given_by": "self", "mode": "oral", "purpose": ["safekeeping"],
            "identity_level": "named", "onward": "none", "date": "2026""#;
        assert_eq!(consent("given", given), [DueKind::ConsentReview, DueKind::ConsentEnds]);
        assert_eq!(consent("unclear", ""), [DueKind::ConsentReview, DueKind::ConsentEnds]);
        assert_eq!(consent("refused", ""), [DueKind::ConsentReview]);
        assert_eq!(consent("withdrawn", r#", "withdrawn": "2026-03""#), [DueKind::ConsentReview]);
    }
}
