//! The dates of a case in order.

use std::collections::BTreeMap;

use super::day::{Day, Edge, Stretch};
use super::sheet::{Roles, Sheet, langs, roles, word};
use super::span::{Order, Span};
use crate::record::PartName;
use crate::record::form::{
    Age, Claim, Consent, Dated, Document, Event, Finding, Form, Id, Knowledge, Link, Person, Place,
    Statement, When, Whereabouts,
};

/// Something with a date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The sheets it stands in: several where revisions that stand beside each other say the same.
    pub at: Vec<usize>,
    /// What it is, by identifiers alone: "event V1".
    pub what: String,
    /// What is said of it.
    pub text: Option<String>,
    /// The date as it was said.
    pub date: Dated,
    /// What the date leaves open; none where there are only words, which nobody may put in order.
    pub span: Option<Span>,
    /// Until when it lasted, where that is a date of its own.
    pub until: Option<Dated>,
    /// Where.
    pub place: Option<Place>,
    /// Who was in it, and as what.
    pub persons: Vec<(String, Id)>,
    /// Who says so.
    pub said_by: Option<Id>,
    /// How they know.
    pub knowledge: Option<Knowledge>,
    /// In which language they say it.
    pub lang: Option<String>,
    /// What follows from the date and was not said.
    pub follows: Option<String>,
}

/// The dates of some cases.
#[derive(Debug, Default)]
pub struct Timeline {
    /// In order of the first day they can have been, then of the last.
    pub ordered: Vec<Moment>,
    /// What nobody can put in order, as it was read.
    pub unordered: Vec<Moment>,
}

impl Timeline {
    /// Adds what one case says.
    pub fn add(&mut self, sheets: &[Sheet<'_>]) {
        let (ordered, unordered): (Vec<_>, Vec<_>) =
            of_case(sheets).into_iter().partition(|moment| moment.span.is_some());
        self.ordered.extend(ordered);
        self.unordered.extend(unordered);
        self.ordered.sort_by_key(|moment| moment.span.as_ref().map(sort_key));
    }

    /// Whether each came after the one before it, and up to how many lines further down it may belong.
    pub fn orders(&self) -> Vec<(Option<Order>, usize)> {
        let spans: Vec<&Span> = self.ordered.iter().filter_map(|moment| moment.span.as_ref()).collect();
        let order = |at: usize| Some(spans[at.checked_sub(1)?].begins_before(spans[at]));
        let further =
            |at: usize| spans[at + 1..].partition_point(|later| later.begins.first <= spans[at].begins.last);
        (0..spans.len()).map(|at| (order(at), further(at))).collect()
    }
}

/// What the sheets of a case say, once where those of one part say the same.
fn of_case(sheets: &[Sheet<'_>]) -> Vec<Moment> {
    let mut found: Vec<Moment> = Vec::new();
    let mut places = BTreeMap::<(&PartName, String), Vec<usize>>::new();
    let roles = roles(sheets);
    for sheet in sheets {
        let mut moments = Moments { roles: &roles, found: Vec::new() };
        moments.take(*sheet);
        for moment in moments.found {
            let alike = places.entry((sheet.part, moment.what.clone())).or_default();
            let same = |at: &&usize| {
                let known = &found[**at];
                !known.at.contains(&sheet.at) && Moment { at: known.at.clone(), ..moment.clone() } == *known
            };
            match alike.iter().find(same).copied() {
                Some(at) => found[at].at.push(sheet.at),
                None => {
                    alike.push(found.len());
                    found.push(moment);
                }
            }
        }
    }
    found
}

fn sort_key(span: &Span) -> (Stretch, Stretch) {
    (span.begins, span.ends)
}

struct Moments<'a> {
    roles: &'a Roles<'a>,
    found: Vec<Moment>,
}

impl Moments<'_> {
    fn take(&mut self, sheet: Sheet<'_>) {
        let Form {
            person,
            link,
            consent,
            statement,
            claim,
            event,
            document,
            finding,
            whereabouts,
            amount: _,
        } = sheet.form;
        person.iter().for_each(|one| self.person(sheet.at, one));
        link.iter().for_each(|one| self.link(sheet.at, one));
        consent.iter().for_each(|one| self.consent(sheet.at, one));
        statement.iter().for_each(|one| self.statement(sheet.at, one));
        let langs = langs(sheet.form);
        for one in claim {
            let lang = one.statement.as_ref().and_then(|id| langs.get(id)).map(ToString::to_string);
            self.claim(sheet.at, one, lang);
        }
        event.iter().for_each(|one| self.event(sheet.at, one));
        document.iter().for_each(|one| self.document(sheet.at, one));
        finding.iter().for_each(|one| self.finding(sheet.at, one));
        whereabouts.iter().for_each(|one| self.whereabouts(sheet.at, one));
    }

    /// Adds something with its date, where there is one, and gives it to have more said of it.
    fn add(&mut self, at: usize, what: String, date: Option<&Dated>) -> Option<&mut Moment> {
        let date = date?;
        self.found.push(Moment {
            at: vec![at],
            what,
            text: None,
            span: date.edtf.as_ref().map(Span::of),
            date: date.clone(),
            until: None,
            place: None,
            persons: Vec::new(),
            said_by: None,
            knowledge: None,
            lang: None,
            follows: None,
        });
        self.found.last_mut()
    }

    fn on(&mut self, at: usize, what: String, date: Option<&When>) -> Option<&mut Moment> {
        self.add(at, what, date.map(dated).as_ref())
    }

    fn event(&mut self, at: usize, event: &Event) {
        // An event whose date nobody told belongs in no place, and must not be lost.
        let untold = Dated { said: None, edtf: None, time: None, zone: None };
        let persons = self.roles.get(&event.id).cloned().unwrap_or_default();
        let text = event.title.as_ref().map(ToString::to_string).or_else(|| acts(event));
        let what = format!("event {}", event.id);
        if let Some(begun) = self.add(at, what, Some(event.date.as_ref().unwrap_or(&untold))) {
            begun.text.clone_from(&text);
            begun.until.clone_from(&event.until);
            begun.place.clone_from(&event.place);
            begun.persons = persons.into_iter().map(|(role, id)| (role, id.clone())).collect();
        }
        if let Some(ended) = self.add(at, format!("end of event {}", event.id), event.until.as_ref()) {
            ended.text = text;
        }
    }

    fn claim(&mut self, at: usize, claim: &Claim, lang: Option<String>) {
        let about = claim.about.as_ref().map(|id| format!(" about {id}")).unwrap_or_default();
        if let Some(claimed) = self.add(at, format!("claim {}{about}", claim.id), claim.date.as_ref()) {
            claimed.text = Some(claim.text.to_string());
            claimed.place.clone_from(&claim.place);
            claimed.said_by = Some(claim.said_by.clone());
            claimed.knowledge = Some(claim.knowledge.clone());
            claimed.lang = lang;
        }
    }

    fn link(&mut self, at: usize, link: &Link) {
        let role = word(link.role.as_str());
        let event = link.event.as_ref().map(|event| format!(" in event {event}")).unwrap_or_default();
        let to = link.to.as_ref().map(|to| format!(" towards {to}")).unwrap_or_default();
        let sentence = format!("{} is {role}{event}{to}", link.person);
        let persons: Vec<_> = std::iter::once(link.person.clone())
            .chain(link.to.clone())
            .map(|id| (String::new(), id))
            .collect();
        let ends = [(link.from.as_ref(), "from then on"), (link.until.as_ref(), "until then")];
        for (date, when) in ends {
            if let Some(moment) = self.add(at, format!("{sentence}, {when}"), date) {
                moment.text = link.relation.as_ref().map(ToString::to_string);
                moment.persons.clone_from(&persons);
            }
        }
    }

    fn person(&mut self, at: usize, person: &Person) {
        let own = || vec![(String::new(), person.id.clone())];
        if let Some(born) = self.add(at, format!("{} is born", person.id), person.birth.as_ref()) {
            born.place.clone_from(&person.birth_place);
            born.persons = own();
        }
        if let Some(died) = self.add(at, format!("{} dies", person.id), person.deceased.as_ref()) {
            died.persons = own();
        }
        let Some(age) = &person.age else { return };
        let what = format!("{} is {} years old", person.id, age.years);
        if let Some(aged) = self.on(at, what, Some(&age.as_of)) {
            aged.text = age.said.as_ref().map(|said| format!("said as “{said}”"));
            aged.persons = own();
            aged.follows = born(age).map(|days| format!("whole years from birth: born {days}"));
        }
    }

    fn consent(&mut self, at: usize, consent: &Consent) {
        let status = word(consent.status.as_str());
        let dates = [
            (consent.date.as_ref(), format!("consent of {}: {status}", consent.person)),
            (consent.withdrawn.as_ref(), format!("consent of {} withdrawn", consent.person)),
        ];
        for (date, what) in dates {
            if let Some(moment) = self.on(at, what, date) {
                moment.persons = vec![(String::new(), consent.person.clone())];
            }
        }
    }

    fn statement(&mut self, at: usize, statement: &Statement) {
        let id = statement.id.as_ref().map(|id| format!(" {id}")).unwrap_or_default();
        if let Some(taken) = self.add(at, format!("statement{id} taken"), statement.taken.as_ref()) {
            taken.place.clone_from(&statement.place);
            taken.said_by.clone_from(&statement.by);
            taken.lang = Some(statement.lang.to_string());
        }
    }

    fn document(&mut self, at: usize, document: &Document) {
        let text = format!("{}, {}", word(document.kind.as_str()), document.issuer);
        let persons: Vec<_> =
            document.holder.clone().map(|id| ("holder".to_owned(), id)).into_iter().collect();
        let from = document.valid_from.as_ref().filter(|from| document.issued.as_ref() != Some(from));
        let dates = [
            (document.issued.as_ref(), "issued"),
            (from, "holds from then on"),
            (document.expires.as_ref(), "expires"),
        ];
        for (date, what) in dates {
            if let Some(moment) = self.on(at, format!("document {} {what}", document.id), date) {
                moment.text = Some(text.clone());
                moment.persons.clone_from(&persons);
            }
        }
    }

    fn finding(&mut self, at: usize, finding: &Finding) {
        let (degree, kind) = (word(finding.degree.as_str()), word(finding.kind.as_str()));
        let what = format!("finding {} of {}: {kind}, {degree}", finding.id, finding.patient);
        if let Some(found) = self.add(at, what, finding.date.as_ref()) {
            found.text = Some(finding.description.to_string());
            found.place.clone_from(&finding.place);
            found.persons = vec![("patient".to_owned(), finding.patient.clone())];
            found.persons.extend(finding.clinician.clone().map(|id| ("clinician".to_owned(), id)));
        }
    }

    fn whereabouts(&mut self, at: usize, whereabouts: &Whereabouts) {
        for (date, when) in [(&whereabouts.from, "from then on"), (&whereabouts.until, "until then")] {
            let what = format!("whereabouts of {}, {when}", whereabouts.person);
            if let Some(moment) = self.add(at, what, date.as_ref()) {
                moment.place = Some(whereabouts.place.clone());
                moment.persons = vec![(String::new(), whereabouts.person.clone())];
            }
        }
    }
}

/// A date of which only EDTF is told.
pub(super) fn dated(when: &When) -> Dated {
    Dated { said: None, edtf: Some(when.clone()), time: None, zone: None }
}

fn acts(event: &Event) -> Option<String> {
    let acts = event.type_of_act.iter().map(|act| word(act.as_str()));
    let acts = acts.collect::<Vec<_>>().join(", ");
    (!acts.is_empty()).then_some(acts)
}

/// When somebody was born who was so old on such a date, counted in whole years from birth.
pub(super) fn born(age: &Age) -> Option<Stretch> {
    let as_of = Span::of(&age.as_of);
    let (first, last) = (as_of.earliest().day()?, as_of.latest().day()?);
    let first = first.years_before(age.years.checked_add(1)?).map(Day::next)?;
    Some(Stretch { first: Edge::On(first), last: Edge::On(last.years_before(age.years)?) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::read_form;
    use crate::record::PartName;

    fn timeline(forms: &[(&str, &str)]) -> Timeline {
        let parts: Vec<PartName> = forms.iter().map(|(part, _)| part.parse().unwrap()).collect();
        let forms: Vec<Form> =
            forms.iter().zip(&parts).map(|((_, text), part)| read_form(text, part.kind()).unwrap()).collect();
        let sheets = forms.iter().zip(&parts).enumerate();
        let sheets: Vec<Sheet<'_>> = sheets.map(|(at, (form, part))| Sheet { at, part, form }).collect();
        let mut timeline = Timeline::default();
        timeline.add(&sheets);
        timeline
    }

    fn events(dates: &[&str]) -> String {
        let event =
            |(at, date): (usize, &&str)| format!(r#"{{"id": "V{at}", "date": {{"edtf": "{date}"}}}}"#);
        format!("{{\"event\": [{}]}}", dates.iter().enumerate().map(event).collect::<Vec<_>>().join(", "))
    }

    /// Fails when the last possible day counts first, or an order that is not certain is not told.
    #[test]
    fn dates_stand_by_their_first_possible_day_and_say_where_that_is_not_certain() {
        let form = events(&["2019-10-06", "2019-10", "201X", "2019-10-01", "2018-05-03?", "../2015"]);
        let timeline = timeline(&[("testimony", &form)]);
        let dates: Vec<String> =
            timeline.ordered.iter().map(|moment| moment.date.edtf.as_ref().unwrap().to_string()).collect();
        assert_eq!(dates, ["../2015", "201X", "2018-05-03?", "2019-10-01", "2019-10", "2019-10-06"]);
        assert_eq!(
            timeline.orders(),
            [
                (None, 1),
                (Some(Order::Open), 4),
                (Some(Order::Open), 0),
                (Some(Order::AsWritten), 1),
                (Some(Order::Open), 1),
                (Some(Order::Open), 0)
            ]
        );
    }

    /// Fails when words alone are put in order, or an event that nobody dated is lost.
    #[test]
    fn words_alone_are_never_put_in_order() {
        let form = r#"{"event": [{"id": "V1", "date": {"said": "before the snow"}}, {"id": "V2"}],
            "claim": [{"id": "C1", "text": "t", "said_by": "P1", "knowledge": "relayed"}]}"#;
        let timeline = timeline(&[("testimony", form)]);
        assert!(timeline.ordered.is_empty());
        let what: Vec<&str> = timeline.unordered.iter().map(|moment| moment.what.as_str()).collect();
        assert_eq!(what, ["event V1", "event V2"]);
    }

    /// Fails when a section's dates are left out, or persons of another part are not found.
    #[test]
    fn every_section_with_dates_is_in_the_timeline() {
        let person = r#"{"person": {"id": "P1", "birth": {"edtf": "1991"}, "deceased": {"edtf": "2022"},
              "age": {"years": 30, "as_of": "2021-01"}},
            "link": [{"person": "P1", "role": "victim", "event": "V1"},
              {"person": "P2", "role": "legal_representative", "to": "P1", "from": {"edtf": "2019"}, "until": {"edtf": "2020"}}],
            "document": {"id": "D1", "kind": "passport", "issuer": "A", "issued": "2010", "valid_from": "2011", "expires": "2020"}}"#;
        let testimony = r#"{"statement": {"id": "S1", "lang": "kk-Cyrl", "text": "a", "by": "P1", "taken": {"edtf": "2021"}},
            "claim": {"id": "C1", "text": "t", "said_by": "P1", "knowledge": "relayed", "about": "V1", "statement": "S1", "date": {"edtf": "2013"}},
            "event": {"id": "V1", "title": "Arrest", "date": {"edtf": "2013"}, "until": {"edtf": "2017"}}}"#;
        let consent =
            r#"{"consent": {"person": "P1", "status": "withdrawn", "date": "2020", "withdrawn": "2021"}}"#;
        let medical = r#"{"finding": {"id": "F1", "patient": "P1", "kind": "physical", "degree": "typical_of", "date": {"edtf": "2018"}, "description": "scar"}}"#;
        let whereabouts = r#"{"whereabouts": {"person": "P1", "place": {"said": "a house", "level": "exact"}, "from": {"edtf": "2019"}, "until": {"edtf": "2020"}}}"#;
        let timeline = timeline(&[
            ("person", person),
            ("testimony", testimony),
            ("medical", medical),
            ("whereabouts", whereabouts),
            ("consent", consent),
        ]);
        let what: Vec<&str> = timeline.ordered.iter().map(|moment| moment.what.as_str()).collect();
        let wanted = [
            "P1 is born",
            "document D1 issued",
            "document D1 holds from then on",
            "claim C1 about V1",
            "event V1",
            "end of event V1",
            "finding F1 of P1: physical, typical of",
            "P2 is legal representative towards P1, from then on",
            "whereabouts of P1, from then on",
            "P2 is legal representative towards P1, until then",
            "document D1 expires",
            "whereabouts of P1, until then",
            "consent of P1: withdrawn",
            "P1 is 30 years old",
            "statement S1 taken",
            "consent of P1 withdrawn",
            "P1 dies",
        ];
        assert_eq!(what, wanted);
        let claim = &timeline.ordered[3];
        assert_eq!(claim.lang.as_deref(), Some("kk-Cyrl"));
        assert_eq!(timeline.ordered[4].persons[0].0, "victim");
        assert_eq!(
            timeline.ordered[13].follows.as_deref(),
            Some("whole years from birth: born between 1990-01-02 and 1991-01-31")
        );
    }

    /// Fails, by taking minutes, when entries are compared each with all others.
    #[test]
    fn as_many_entries_as_fit_are_held_against_each_other_in_a_moment() {
        let begun = std::time::Instant::now();
        let list = |entry: fn(usize) -> String| (0..2000).map(entry).collect::<Vec<_>>().join(",");
        let persons = list(|n| {
            format!(
                r#"{{"id": "P{n}", "birth": {{"edtf": "201X-11"}}, "same_as": {{"person": "P{n}", "certainty": "possible"}}}}"#
            )
        });
        let links = list(|n| format!(r#"{{"person": "P{n}", "role": "victim", "event": "V{n}"}}"#));
        let claims = list(|n| {
            format!(
                r#"{{"id": "C{n}", "text": "t", "said_by": "P1", "knowledge": "relayed", "about": "V1", "date": {{"edtf": "20XX-1X-XX"}}, "count": 1, "statement": "S{n}"}}"#
            )
        });
        let statements = list(|n| format!(r#"{{"id": "S{n}", "lang": "ru", "text": "t", "by": "P{n}"}}"#));
        let events =
            list(|n| format!(r#"{{"id": "V{n}", "date": {{"edtf": "2005"}}, "until": {{"edtf": "2004"}}}}"#));
        let form = format!(
            r#"{{"person": [{persons}], "link": [{links}], "statement": [{statements}], "claim": [{claims}], "event": [{events}]}}"#
        );
        let form = read_form(&form, "notes").unwrap();
        let part = "notes".parse().unwrap();
        let sheets = [0, 1].map(|at| Sheet { at, part: &part, form: &form });
        let mut timeline = Timeline::default();
        timeline.add(&sheets);
        assert_eq!(timeline.ordered.len(), 4 * 2000);
        assert_eq!(timeline.orders().len(), 4 * 2000);
        let (found, _) = super::super::conflicts(&sheets);
        let kinds = |kind| found.iter().filter(|one| one.kind == kind).count();
        assert_eq!(
            kinds(super::super::ConflictKind::DoesNotFit),
            2 * 2000,
            "ended before it began, and before birth"
        );
        assert_eq!(kinds(super::super::ConflictKind::Person), 2000);
        assert!(begun.elapsed() < std::time::Duration::from_secs(20), "{:?}", begun.elapsed());
    }

    /// Fails when what two revisions of one part say stands twice, or what two parts say stands once.
    #[test]
    fn what_revisions_beside_each_other_both_say_stands_once() {
        let form = events(&["2019-10-06"]);
        let twice = timeline(&[("testimony", &form), ("testimony", &form)]);
        assert_eq!(
            twice.ordered.iter().map(|moment| moment.at.as_slice()).collect::<Vec<_>>(),
            [&[0, 1][..]]
        );
        let apart = timeline(&[("testimony", &form), ("notes", &form)]);
        assert_eq!(apart.ordered.len(), 2);
    }
}
