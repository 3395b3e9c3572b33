//! Persons, their names, and the roles they hold in events and towards each other.

use super::common::{Dated, Place};
use super::noun::noun;
use super::tree::{FormError, Node};
use super::value::{Id, Line, Prose, Tag, When, Written};
use super::vocabulary::{Identity, NameKind, Reliability, Role, Sex};

noun! {
    /// A person, known to other parts by the identifier alone.
    Person {
        /// A pseudonym by which other entries and other parts name the person.
        id: Id = "\"P1\"",
        /// Every variant of the name that occurs anywhere.
        name: Vec<Name> = "[{ text = \"Айдос Серікұлы\", lang = \"kk-Cyrl\", kind = \"birth\", source = \"D1\" }]",
        /// Date of birth as said, and as far as it is known.
        birth: Option<Dated> = "{ said = \"in the year of the sheep\", edtf = \"1991~\" }",
        /// Age, with the date it was true.
        age: Option<Age> = "{ years = 34, as_of = \"2021-01\" }",
        /// Place of birth.
        birth_place: Option<Place> = "{ said = \"a village near Tacheng\", level = \"district\" }",
        /// Sex: female, male, not_applicable, unknown, or x- and a word of your own.
        sex: Option<Sex> = "\"male\"",
        /// True for a person under eighteen.
        minor: Option<bool> = "false",
        /// Citizenship, as said.
        citizenship: Vec<Line> = "[\"China\"]",
        /// Ethnic background, as the person says it.
        ethnic_background: Option<Line> = "\"Kazakh\"",
        /// Languages the person speaks.
        language: Vec<Tag> = "[\"kk\", \"zh\"]",
        /// Occupation.
        occupation: Option<Line> = "\"herder\"",
        /// Civil status.
        civil_status: Option<Line> = "\"married\"",
        /// Those who depend on the person.
        dependants: Option<Line> = "\"a daughter of seven\"",
        /// Date of death, of a person who has died.
        deceased: Option<Dated> = "{ edtf = \"2018\" }",
        /// How the person can be reached.
        contact: Option<Prose> = "\"through SRC-7 only\"",
        /// Another person of this form who is or may be the same one.
        same_as: Vec<SameAs> = "[{ person = \"P2\", certainty = \"possible\" }]",
        /// How reliable the person is as a source, apart from any one statement: HURIDOCS 01 to 05 and 99.
        reliability_as_source: Option<Reliability> = "\"unsure\"",
        /// Anything else.
        note: Option<Prose> = "\"\"",
    }
}

noun! {
    /// One variant of a name.
    Name {
        /// The name as it is written there.
        text: Line = "\"艾多斯\"",
        /// Language and script.
        lang: Written = "\"zh-Hans\"",
        /// What kind of name: birth, document, patronymic, alias, nickname, press, transliteration, codename, or x-.
        kind: NameKind = "\"document\"",
        /// Where it stands: a document, a person, a newspaper.
        source: Option<Line> = "\"passport D1\"",
        /// Since when it is used.
        since: Option<When> = "\"2013\"",
    }
}

noun! {
    /// An age and the date on which it was true: without that it means nothing.
    Age {
        /// Whole years.
        years: u64 = "34",
        /// The date on which the age was true.
        as_of: When = "\"2021-01\"",
        /// The words in which it was said.
        said: Option<Line> = "\"thirty-four\"",
    }
}

noun! {
    /// Two persons who may be one. They are never made one.
    SameAs {
        /// The other person's identifier.
        person: Id = "\"P2\"",
        /// How certain it is: possible, likely, certain, or excluded.
        certainty: Identity = "\"possible\"",
        /// Why.
        note: Option<Prose> = "\"same nickname\"",
    }
}

noun! {
    /// A role of a person in an event, or towards another person. A person may hold several.
    Link, check one_end {
        /// Who holds the role.
        person: Id = "\"P1\"",
        /// The role: victim, source, witness, perpetrator, intervening_party, interpreter, drafter, helper,
        /// relative_at_risk, legal_representative, medical_professional, custodian, interviewer, or x-.
        role: Role = "\"victim\"",
        /// In which event.
        event: Option<Id> = "\"V1\"",
        /// Towards which person.
        to: Option<Id> = "\"P2\"",
        /// What they are to each other.
        relation: Option<Line> = "\"brother\"",
        /// Since when.
        from: Option<Dated> = "{ edtf = \"2019-10\" }",
        /// Until when.
        until: Option<Dated> = "{ edtf = \"2020-06\" }",
        /// Anything else.
        note: Option<Prose> = "\"\"",
    }
}

impl Link {
    fn one_end(&self, node: &Node) -> Result<(), FormError> {
        if self.event.is_some() || self.to.is_some() {
            return Ok(());
        }
        Err(node.refuse(
            "says a role in nothing",
            "add `event` or `to`: a role is held in an event or towards a person",
        ))
    }
}
