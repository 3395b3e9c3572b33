//! Where accounts differ: who says what, and nothing of it is settled.

use std::collections::BTreeMap;

use super::accounts;
use super::entries;
use super::fit;
use super::sheet::Sheet;
use super::span::{Agreement, Span};
use crate::record::form::{Dated, Id, Knowledge, Shown as _};

/// Against how many others an account of one thing is held at most; nobody tells so many of one event.
const MAX_AGAINST: usize = 500;

/// In what accounts differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ConflictKind {
    /// In the date.
    Date,
    /// In a number.
    Count,
    /// In the place.
    Place,
    /// In the word that was used.
    Term,
    /// In who somebody is.
    Person,
    /// In another field of one entry that stands in several revisions or parts.
    Entry,
    /// Revisions of one part stand beside each other.
    Beside,
    /// The arithmetic of dates does not fit.
    DoesNotFit,
}

impl ConflictKind {
    /// The kind in one word, as in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Date => "date",
            Self::Count => "count",
            Self::Place => "place",
            Self::Term => "term",
            Self::Person => "person",
            Self::Entry => "entry",
            Self::Beside => "beside",
            Self::DoesNotFit => "does_not_fit",
        }
    }
}

/// One thing about which accounts differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// In what.
    pub kind: ConflictKind,
    /// About what, by identifiers: "event V1".
    pub about: String,
    /// How they differ.
    pub verdict: String,
    /// Whether all of them can be right at once.
    pub compatible: bool,
    /// The accounts.
    pub sides: Vec<Side>,
}

/// One account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Side {
    /// The sheets it stands in.
    pub at: Vec<usize>,
    /// The entry: "claim C1".
    pub entry: String,
    /// What it says.
    pub value: String,
    /// In whose words.
    pub text: Option<String>,
    /// Who says so.
    pub said_by: Option<Id>,
    /// How they know.
    pub knowledge: Option<Knowledge>,
    /// In which language they say it.
    pub lang: Option<String>,
}

/// What was compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Compared {
    /// Claims that name what they are about.
    pub claims: usize,
    /// Claims that name nothing, and could not be held against others.
    pub alone: usize,
    /// Events.
    pub events: usize,
    /// Persons.
    pub persons: usize,
    /// Revisions.
    pub revisions: usize,
}

/// Compares what the sheets of one case say.
pub fn conflicts(sheets: &[Sheet<'_>]) -> (Vec<Conflict>, Compared) {
    let mut found = accounts::differences(sheets);
    found.extend(entries::differences(sheets));
    found.extend(fit::misfits(sheets));
    found.sort_by(|a, b| (a.kind, &a.about).cmp(&(b.kind, &b.about)));
    let claims = || sheets.iter().flat_map(|sheet| &sheet.form.claim);
    let counted = Compared {
        claims: claims().filter(|claim| claim.about.is_some()).count(),
        alone: claims().filter(|claim| claim.about.is_none()).count(),
        events: sheets.iter().map(|sheet| sheet.form.event.len()).sum(),
        persons: sheets.iter().map(|sheet| sheet.form.person.len()).sum(),
        revisions: sheets.len(),
    };
    (found, counted)
}

/// How two accounts differ. Of several pairs the one that weighs most is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Difference {
    weight: u8,
    words: &'static str,
}

impl Difference {
    /// From this weight on, accounts exclude each other.
    const EXCLUDING: u8 = 10;
    /// Nothing weighs more.
    const MOST: u8 = 20;

    /// They differ, and can all be right.
    pub(super) const fn compatible(words: &'static str) -> Self {
        Self { weight: 0, words }
    }

    /// They differ.
    pub(super) const fn differ(words: &'static str) -> Self {
        Self { weight: Self::MOST, words }
    }

    /// They differ, but less than others may.
    pub(super) const fn less(words: &'static str) -> Self {
        Self { weight: Self::EXCLUDING, words }
    }

    const fn weighing(weight: u8, words: &'static str) -> Self {
        Self { weight, words }
    }
}

/// A date, and what it leaves open.
pub(super) struct Timed<'a> {
    pub(super) date: &'a Dated,
    span: Option<Span>,
}

impl<'a> Timed<'a> {
    pub(super) fn of(date: &'a Dated) -> Self {
        Self { date, span: date.edtf.as_ref().map(Span::of) }
    }
}

/// How two dates of one thing differ. Words alone are compared letter by letter.
pub(super) fn dates(one: &Timed<'_>, other: &Timed<'_>) -> Option<Difference> {
    let (Some(a), Some(b)) = (&one.span, &other.span) else {
        let words = "different words, without a date that can be compared";
        return (one.date != other.date).then_some(Difference::less(words));
    };
    match a.agreement(b) {
        Agreement::Same => None,
        Agreement::Narrower => {
            Some(Difference::weighing(0, "one is more exact than another; they do not exclude each other"))
        }
        Agreement::Shared => Some(Difference::weighing(1, "they share days and do not exclude each other")),
        Agreement::ApartAsWritten => Some(Difference::weighing(
            Difference::EXCLUDING + 1,
            "no day fits all of them as they are written; one is only about right, or not sure",
        )),
        Agreement::Apart => Some(Difference::differ("no day fits all of them")),
    }
}

/// A date as it is shown.
pub(super) fn shown_date(date: &Dated) -> String {
    date.shown().concat()
}

/// Holds accounts against each other, each with each; what is said twice in the same way stands once.
pub(super) fn compare<T>(
    kind: ConflictKind,
    about: &str,
    accounts: Vec<(Side, T)>,
    differ: impl Fn(&T, &T) -> Option<Difference>,
) -> Option<Conflict> {
    let difference = heaviest(&accounts, differ)?;
    let mut sides: Vec<Side> = Vec::new();
    let mut places = BTreeMap::<(String, String), Vec<usize>>::new();
    for (side, _) in accounts {
        let alike = places.entry((side.entry.clone(), side.value.clone())).or_default();
        match alike.iter().find(|at| sides[**at].says_the_same(&side)) {
            Some(at) => sides[*at].at.extend(side.at),
            None => {
                alike.push(sides.len());
                sides.push(side);
            }
        }
    }
    let compatible = difference.weight < Difference::EXCLUDING;
    Some(Conflict { kind, about: about.to_owned(), verdict: difference.words.to_owned(), compatible, sides })
}

/// The difference of those two accounts that differ most. Of very many accounts each is held against the next ones only.
fn heaviest<T>(accounts: &[(Side, T)], differ: impl Fn(&T, &T) -> Option<Difference>) -> Option<Difference> {
    let mut most: Option<Difference> = None;
    for (at, (_, one)) in accounts.iter().enumerate() {
        for (_, other) in accounts[at + 1..].iter().take(MAX_AGAINST) {
            most = most.max(differ(one, other));
            if most.is_some_and(|most| most.weight == Difference::MOST) {
                return most;
            }
        }
    }
    most
}

impl Side {
    /// Whether two are one but for the revision they stand in.
    fn says_the_same(&self, other: &Self) -> bool {
        self.entry == other.entry
            && self.value == other.value
            && self.text == other.text
            && self.said_by == other.said_by
            && self.knowledge == other.knowledge
            && self.lang == other.lang
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::read_form;
    use crate::record::PartName;

    /// Kind, about, verdict and the values of all sides, of forms that stand in these parts.
    fn told(forms: &[(&str, &str)]) -> Vec<String> {
        let forms: Vec<(PartName, _)> = forms
            .iter()
            .map(|(part, text)| {
                let part: PartName = part.parse().unwrap();
                let form = read_form(text, part.kind()).unwrap();
                (part, form)
            })
            .collect();
        let sheets: Vec<Sheet<'_>> =
            forms.iter().enumerate().map(|(at, (part, form))| Sheet { at, part, form }).collect();
        let line = |one: &Conflict| {
            let sides: Vec<String> =
                one.sides.iter().map(|side| format!("{:?} {}", side.at, side.value)).collect();
            let sign = if one.compatible { "=" } else { "≠" };
            format!("{} {}: {sign} {}: {}", one.kind.as_str(), one.about, one.verdict, sides.join(" | "))
        };
        conflicts(&sheets).0.iter().map(line).collect()
    }

    fn claims(fields: &[&str]) -> String {
        let claim = |(at, field): (usize, &&str)| {
            format!(
                r#"{{"id": "C{at}", "text": "t", "said_by": "P1", "knowledge": "relayed", "about": "V1", {field}}}"#
            )
        };
        format!("{{\"claim\": [{}]}}", fields.iter().enumerate().map(claim).collect::<Vec<_>>().join(", "))
    }

    /// Fails when a difference is not seen, one is seen where there is none, or one that can be right counts as one.
    #[test]
    fn claims_about_one_thing_are_held_against_each_other() {
        for (fields, wanted) in [
            (
                [r#""date": {"edtf": "2019-10-01"}"#, r#""date": {"edtf": "2019-10-06"}"#],
                Some("date V1: ≠ no day fits all of them: [0] 2019-10-01 | [0] 2019-10-06"),
            ),
            (
                [r#""date": {"edtf": "2019-10"}"#, r#""date": {"edtf": "2019-10-06"}"#],
                Some(
                    "date V1: = one is more exact than another; they do not exclude each other: [0] 2019-10 | [0] 2019-10-06",
                ),
            ),
            (
                [r#""date": {"said": "spring"}"#, r#""date": {"said": "көктем"}"#],
                Some(
                    "date V1: ≠ different words, without a date that can be compared: [0] “spring” | [0] “көктем”",
                ),
            ),
            (
                [r#""date": {"said": "Oct. 6", "edtf": "2019-10-06"}"#, r#""date": {"edtf": "2019-10-06"}"#],
                None,
            ),
            ([r#""count": 1"#, r#""count": 2"#], Some("count V1: ≠ different numbers: [0] 1 | [0] 2")),
            ([r#""count": 2"#, r#""count": 2"#], None),
            ([r#""count": 2"#, r#""date": {"edtf": "2019"}"#], None),
            (
                [
                    r#""place": {"said": "塔城", "level": "district"}"#,
                    r#""place": {"said": "ئىلى", "level": "district"}"#,
                ],
                Some("place V1: ≠ different places as said: [0] “塔城” (district) | [0] “ئىلى” (district)"),
            ),
            (
                [
                    r#""place": {"said": "塔城", "level": "district", "code": "X 1"}"#,
                    r#""place": {"said": "Tacheng", "level": "district", "code": "X 1"}"#,
                ],
                Some(
                    "place V1: = different words for a place of one code: [0] “塔城” (district, X 1) | [0] “Tacheng” (district, X 1)",
                ),
            ),
            (
                [r#""term": "лагерь", "term_lang": "ru""#, r#""term": "监狱", "term_lang": "zh-Hans""#],
                Some(
                    "term V1: ≠ different words in different languages: translation may be the cause: [0] “лагерь” (ru) | [0] “监狱” (zh-Hans)",
                ),
            ),
            (
                [r#""term": "лагерь", "term_lang": "ru""#, r#""term": "тюрьма", "term_lang": "ru""#],
                Some("term V1: ≠ different words: [0] “лагерь” (ru) | [0] “тюрьма” (ru)"),
            ),
        ] {
            let found = told(&[("testimony", &claims(&fields))]);
            assert_eq!(found, wanted.into_iter().collect::<Vec<_>>(), "{fields:?}");
        }
    }

    /// Fails when of three dates the two that differ least are told.
    #[test]
    fn of_several_dates_the_two_that_differ_most_are_told() {
        for (dates, wanted) in [
            (["2019-10-01", "2019-10-06", "2019-10-08~"], "≠ no day fits all of them:"),
            (["2019-10", "2019-10-06", "2019-10-08~"], "≠ no day fits all of them as they are written;"),
            (["2019-10", "2019-10-06", "2019"], "= one is more exact than another;"),
        ] {
            let found = told(&[(
                "testimony",
                &claims(
                    &dates
                        .map(|date| format!(r#""date": {{"edtf": "{date}"}}"#))
                        .each_ref()
                        .map(String::as_str),
                ),
            )]);
            assert!(found.len() == 1 && found[0].contains(wanted), "{dates:?}: {found:?}");
        }
    }

    /// Fails when two districts that differ are told as a region and a district.
    #[test]
    fn of_several_places_those_of_one_level_are_told() {
        let place = |said: &str, level: &str| format!(r#""place": {{"said": "{said}", "level": "{level}"}}"#);
        let fields = [place("新疆", "region"), place("塔城", "district"), place("ئىلى", "district")];
        let found = told(&[("testimony", &claims(&fields.each_ref().map(String::as_str)))]);
        assert!(found[0].contains("≠ different places as said: "), "{found:?}");
        let found = told(&[("testimony", &claims(&[&fields[0], &fields[1]]))]);
        assert!(found[0].contains("≠ different places as said, told at different levels"), "{found:?}");
    }

    /// Fails when an identifier of one form means the same in another part, where only persons and events do.
    #[test]
    fn one_entry_in_two_parts_is_held_against_itself() {
        let person = |year: &str| {
            format!(r#"{{"person": {{"id": "P1", "sex": "male", "birth": {{"edtf": "{year}"}}}}}}"#)
        };
        assert_eq!(
            told(&[("person", &person("1991")), ("notes", &person("1986"))]),
            ["date person P1, birth: ≠ no day fits all of them: [0] 1991 | [1] 1986"]
        );
        assert!(told(&[("person", &person("1991")), ("notes", &person("1991"))]).is_empty());
        let event = |id: &str, year: &str| {
            format!(
                r#"{{"event": {{"id": "{id}", "date": {{"edtf": "{year}"}}, "status_at_end": "{year}"}}}}"#
            )
        };
        assert_eq!(
            told(&[("testimony", &event("V1", "2013")), ("notes", &event("V1", "2014"))]),
            [
                "date event V1: ≠ no day fits all of them: [0] 2013 | [1] 2014",
                "entry event V1, status at end: ≠ different values: [0] 2013 | [1] 2014"
            ]
        );
        assert!(told(&[("testimony", &event("V1", "2013")), ("notes", &event("V2", "2014"))]).is_empty());
        let amount = |number: u64| {
            format!(
                r#"{{"amount": {{"id": "A1", "what": "a fine", "amount": {number}, "currency": "CNY"}}}}"#
            )
        };
        assert!(told(&[("testimony", &amount(1)), ("notes", &amount(2))]).is_empty());
    }

    /// Fails when revisions beside each other are not told, or what both say stands twice.
    #[test]
    fn revisions_beside_each_other_are_compared_entry_by_entry() {
        let form = |number: u64, more: &str| {
            format!(
                r#"{{"amount": [{{"id": "A1", "what": "a fine", "amount": {number}, "currency": "CNY"}}{more}]}}"#
            )
        };
        let more = r#", {"id": "A2", "what": "a bribe", "amount": 5, "currency": "CNY"}"#;
        assert_eq!(
            told(&[("testimony", &form(1, "")), ("testimony", &form(2, more))]),
            [
                "entry amount A1, amount: ≠ different values: [0] 1 | [1] 2",
                "beside part testimony: ≠ 2 revisions of one part, written apart: [0] nothing that only this revision \
                 has | [1] only in this revision: amount A2"
            ]
        );
        assert!(told(&[("testimony", &form(1, more)), ("testimony", &form(1, more))]).is_empty());
        let both = claims(&[r#""count": 1"#, r#""count": 2"#]);
        assert_eq!(
            told(&[("testimony", &both), ("testimony", &both)]),
            ["count V1: ≠ different numbers: [0, 1] 1 | [0, 1] 2"]
        );
    }

    /// Fails when two persons who may be one are not told, or those who certainly are or are not.
    #[test]
    fn persons_who_may_be_one_are_told_and_stay_two() {
        let same = |certainty: &str| {
            format!(
                r#"{{"person": [{{"id": "P1", "same_as": {{"person": "P2", "certainty": "{certainty}", "note": "same nickname"}}}}, {{"id": "P2"}}]}}"#
            )
        };
        assert_eq!(
            told(&[("person", &same("possible"))]),
            ["person persons P1 and P2: ≠ they stay two: [0] same person: possible: same nickname"]
        );
        assert!(
            told(&[("person", &same("certain"))]).is_empty()
                && told(&[("person", &same("excluded"))]).is_empty()
        );
    }
}
