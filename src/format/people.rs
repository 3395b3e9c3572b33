//! Whom a revision names, kept beside its fact, so that a check before sharing need not open it. docs/format.md
//! section 8, "People".

use serde::{Deserialize, Serialize};

use super::{Revision, encode_value, parse_form};
use crate::record::Time;
use crate::record::form::{Consent, Form, Marks, Mention, Terms};

/// Longest encoding that is kept in a fact, in bytes: beside the largest vector it still fits into a row.
const MAX_PEOPLE_BYTES: usize = 15_000;

/// The people of a revision, derived from its form by whoever records it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct People {
    /// Everybody its form names.
    pub persons: Vec<Mention>,
    /// Its consents, and of these what the check asks.
    pub consents: Vec<Terms>,
    /// What else matters of it.
    pub is: Kind,
}

/// What matters of a revision beside whom it names, as a sum of the constants here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Kind(u8);

impl Kind {
    /// It holds consents and nothing else: no text, no exhibit, no other section.
    pub const CONSENTS_ONLY: Self = Self(1);
    /// Something in it is of a person whom it does not name.
    pub const SOMEBODY_UNNAMED: Self = Self(2);
    /// Its people are too many for a fact: the revision must be read.
    pub const MORE: Self = Self(4);

    /// Whether all of these are set.
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

impl People {
    /// The people of a form; none when it names nobody. `beside` are the text and the exhibits with it: what a file
    /// shows is not known, so everybody counts as named.
    pub fn of(form: &Form, beside: Beside, written: Time) -> Option<Self> {
        Self::whole(form, beside, written).map(|people| {
            let fits = encode_value(&people).len() <= MAX_PEOPLE_BYTES;
            if fits { people } else { Self { is: Kind::MORE, ..Self::default() } }
        })
    }

    /// The same of any length.
    pub fn whole(form: &Form, beside: Beside, written: Time) -> Option<Self> {
        let mut persons = form.mentions(written);
        if beside.exhibits {
            persons.iter_mut().for_each(|mention| mention.is = mention.is.and(Marks::NAMED));
        }
        let consents = form.consent.iter().map(Consent::terms).collect();
        let only = form.is_of_consents_only() && !beside.text && !beside.exhibits;
        let mut is = if only { Kind::CONSENTS_ONLY } else { Kind::default() };
        if form.leaves_somebody_unnamed() {
            is = Kind(is.0 | Kind::SOMEBODY_UNNAMED.0);
        }
        (!persons.is_empty()).then_some(Self { persons, consents, is })
    }

    /// The people of a revision; none without a form, or with one of a later version.
    pub fn of_revision(revision: &Revision, written: Time) -> Option<Self> {
        Self::of(&parse_form(revision.form.as_deref()?).ok()?, Beside::of(revision), written)
    }
}

/// What a revision holds beside its form.
#[derive(Clone, Copy, Debug)]
pub struct Beside {
    /// A text.
    pub text: bool,
    /// Exhibits.
    pub exhibits: bool,
}

impl Beside {
    /// What this revision holds.
    pub fn of(revision: &Revision) -> Self {
        Self { text: revision.text.is_some(), exhibits: !revision.exhibits.is_empty() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::read_form;
    use crate::record::form::Id;

    const FILES: Beside = Beside { text: false, exhibits: true };
    const NOTHING: Beside = Beside { text: false, exhibits: false };
    const NOW: Time = Time::from_seconds(1_795_356_301); // 2026-11-22

    fn mentions(kind: &str, toml: &str) -> Vec<(String, Marks)> {
        let form = read_form(toml, kind).unwrap();
        form.mentions(NOW).into_iter().map(|one| (one.person.to_string(), one.is)).collect()
    }

    #[test]
    fn a_mention_in_any_field_counts_and_names_tell_who_it_is() {
        let people = mentions(
            "person",
            r#"
            [[person]]
            id = "P1"
            name = [{ text = "Айдос Серікұлы", lang = "kk-Cyrl", kind = "birth" }]
            same_as = [{ person = "P2", certainty = "possible" }]
            [[person]]
            id = "P2"
            occupation = "herder"
            [[link]]
            person = "P3"
            role = "relative_at_risk"
            to = "P1"
            [[link]]
            person = "OFF-1"
            role = "perpetrator"
            to = "P1"
            [[document]]
            id = "D1"
            kind = "passport"
            issuer = "the county"
            number = "E00000000"
            holder = "P2"
            "#,
        );
        let expected = [
            ("P1", Marks::NAMED),
            ("P2", Marks::NAMED.and(Marks::OTHER_ROLE)),
            ("P3", Marks::RELATIVE),
            ("OFF-1", Marks::PERPETRATOR),
        ];
        assert_eq!(people, expected.map(|(id, is)| (id.to_owned(), is)));
    }

    #[test]
    fn what_a_claim_is_about_is_a_person_unless_the_form_says_what_else() {
        let said = |event: &str| {
            mentions(
                "testimony",
                &format!(
                    "{event}\n[[claim]]\nid = \"C1\"\ntext = \"我看见了。\"\nsaid_by = \"P1\"\nknowledge = \"witnessed\"\nabout = \"V1\""
                ),
            )
        };
        let ids = |all: Vec<(String, Marks)>| all.into_iter().map(|(id, _)| id).collect::<Vec<_>>();
        assert_eq!(ids(said("")), ["P1", "V1"]);
        assert_eq!(ids(said("[[event]]\nid = \"V1\"\ntitle = \"an arrest\"")), ["P1"]);
    }

    #[test]
    fn who_may_be_under_eighteen_is_a_minor_unless_the_form_says_no() {
        let minor = |field: &str| {
            let all = mentions("person", &format!("[[person]]\nid = \"P1\"\n{field}"));
            all[0].1.has(Marks::MINOR)
        };
        for young in [
            "minor = true",
            "age = { years = 17, as_of = \"2021\" }",
            "birth = { edtf = \"2008-11-23\" }",
            "birth = { edtf = \"2008\" }",
            "birth = { edtf = \"20XX\" }",
            "birth = { edtf = \"2001/\" }",
        ] {
            assert!(minor(young), "{young}");
        }
        for grown in [
            "",
            "minor = false\nage = { years = 3, as_of = \"1990\" }",
            "age = { years = 18, as_of = \"2021\" }",
            "birth = { edtf = \"2008-11-22\" }",
            "birth = { said = \"in the year of the sheep\" }",
        ] {
            assert!(!minor(grown), "{grown}");
        }
    }

    #[test]
    fn exhibits_beside_a_form_name_everybody_and_consents_are_kept_without_their_notes() {
        let toml = "[[consent]]\nperson = \"P1\"\nstatus = \"refused\"\nnote = \"Қорқады.\"\ninformed_of = [\"why\"]";
        let form = read_form(toml, "consent").unwrap();
        let people = People::of(&form, FILES, NOW).unwrap();
        assert!(people.persons[0].is.has(Marks::NAMED));
        let kept = format!("{:?}", people.consents);
        assert!(kept.contains("refused") && !kept.contains("Қорқады") && !kept.contains("why"), "{kept}");
        let fact = encode_value(&people);
        assert_eq!(crate::format::decode_value::<People>(&fact, "fact"), Ok(people.clone()));
        assert!(!people.is.has(Kind::CONSENTS_ONLY), "the file beside it is none");
        assert!(People::of(&form, NOTHING, NOW).unwrap().is.has(Kind::CONSENTS_ONLY));
        let text = Beside { text: true, exhibits: false };
        assert!(!People::of(&form, text, NOW).unwrap().is.has(Kind::CONSENTS_ONLY));
    }

    #[test]
    fn more_people_than_a_fact_holds_are_looked_for_in_the_revision() {
        let toml: String =
            (0..5_000).map(|n| format!("[[person]]\nid = \"PERSON-WITH-A-LONG-NAME-{n}\"\n")).collect();
        let form = read_form(&toml, "person").unwrap();
        assert_eq!(People::of(&form, NOTHING, NOW), Some(People { is: Kind::MORE, ..People::default() }));
        assert_eq!(People::whole(&form, NOTHING, NOW).unwrap().persons.len(), 5_000);
    }

    #[test]
    fn what_is_no_identifier_is_refused_in_a_fact() {
        let mention =
            |person: &str| serde_json::from_str::<Mention>(&format!("{{\"person\":{person:?},\"is\":1}}"));
        assert_eq!(mention("P1").unwrap().person, "P1".parse::<Id>().unwrap());
        assert!(mention("Айдос").is_err() && mention("").is_err());
    }

    #[test]
    fn a_statement_without_a_speaker_and_a_document_without_a_holder_are_somebodys() {
        let unnamed = |kind: &str, toml: &str| {
            let form = read_form(toml, kind).unwrap();
            People::of(&form, NOTHING, NOW).unwrap().is.has(Kind::SOMEBODY_UNNAMED)
        };
        let said = "[[statement]]\nid = \"S1\"\nlang = \"en\"\ntext = \"x\"\ninterviewer = \"P4\"\n";
        assert!(unnamed("testimony", said));
        let by = said.replace("lang", "by = \"P1\"\nlang");
        assert!(!unnamed("testimony", &by));
        let translated = format!("{by}[[statement]]\nlang = \"ru\"\ntext = \"y\"\ntranslation_of = \"S1\"\n");
        assert!(!unnamed("testimony", &translated), "who speaks in the original speaks in its translation");
        let paper = "[[document]]\nid = \"D1\"\nkind = \"letter\"\nissuer = \"unknown\"\n";
        assert!(unnamed(
            "notes",
            &format!("{paper}[[link]]\nperson = \"P1\"\nrole = \"source\"\nevent = \"V1\"")
        ));
        assert!(!unnamed("exhibits", &format!("{paper}holder = \"P1\"\n")));
    }

    #[test]
    fn who_speaks_or_holds_is_more_than_a_perpetrator() {
        let both = "[[link]]\nperson = \"OFF-1\"\nrole = \"perpetrator\"\nevent = \"V1\"\n\
                    [[claim]]\nid = \"C1\"\ntext = \"x\"\nsaid_by = \"OFF-1\"\nknowledge = \"witnessed\"\n";
        assert!(!mentions("testimony", both)[0].1.is_only_perpetrator());
    }

    #[test]
    fn only_who_is_nothing_but_a_perpetrator_is_not_asked() {
        assert!(Marks::PERPETRATOR.and(Marks::NAMED).is_only_perpetrator());
        for other in [Marks::MINOR, Marks::RELATIVE, Marks::OTHER_ROLE] {
            assert!(!Marks::PERPETRATOR.and(other).is_only_perpetrator());
        }
        assert!(!Marks::NAMED.is_only_perpetrator());
    }
}
