//! Whom a form names, and what it says of them that matters before it is shared. docs/format.md section 8, "People".

use std::collections::{BTreeMap, BTreeSet};

use edtf_core::{Bound, BoundDate};
use serde::{Deserialize, Serialize};

use super::{Form, Id, Person};
use crate::record::Time;

/// Years after which nobody is a minor.
const GROWN_UP: u64 = 18;

/// A person that a form names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mention {
    /// The identifier.
    pub person: Id,
    /// What it says of them.
    pub is: Marks,
}

/// What is said of a person, as a sum of the constants here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Marks(u8);

impl Marks {
    /// What the revision holds tells who the person is.
    pub const NAMED: Self = Self(1);
    /// Under eighteen, or perhaps so.
    pub const MINOR: Self = Self(2);
    /// A relative at risk.
    pub const RELATIVE: Self = Self(4);
    /// A perpetrator.
    pub const PERPETRATOR: Self = Self(8);
    /// In another role.
    pub const OTHER_ROLE: Self = Self(16);

    /// Whether all of these are set.
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// All but these.
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Both.
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether a perpetrator and nothing else: of such a person no consent is asked.
    pub const fn is_only_perpetrator(self) -> bool {
        self.has(Self::PERPETRATOR) && self.0 & (Self::MINOR.0 | Self::RELATIVE.0 | Self::OTHER_ROLE.0) == 0
    }
}

/// The persons, in the order in which they are first named.
#[derive(Default)]
struct Named {
    all: Vec<Mention>,
    at: BTreeMap<Id, usize>,
}

impl Named {
    fn add(&mut self, person: &Id, is: Marks) {
        let at = *self.at.entry(person.clone()).or_insert(self.all.len());
        match self.all.get_mut(at) {
            Some(mention) => mention.is = mention.is.and(is),
            None => self.all.push(Mention { person: person.clone(), is }),
        }
    }

    fn plain<'a>(&mut self, persons: impl IntoIterator<Item = &'a Id>) {
        persons.into_iter().for_each(|person| self.add(person, Marks::default()));
    }

    /// Those who speak, are examined, hold or stay: more than perpetrators, whatever else is said of them.
    fn acting<'a>(&mut self, persons: impl IntoIterator<Item = &'a Id>) {
        persons.into_iter().for_each(|person| self.add(person, Marks::OTHER_ROLE));
    }
}

impl Form {
    /// Every person it names, each once. `now` is when it is written: who may be under eighteen then counts as a minor.
    pub fn mentions(&self, now: Time) -> Vec<Mention> {
        let mut named = Named::default();
        let no_person: BTreeSet<&Id> =
            self.ids().into_iter().filter(|(section, _)| *section != "person").map(|(_, id)| id).collect();
        for person in &self.person {
            named.add(&person.id, marks_of(person, now));
            named.plain(person.same_as.iter().map(|same| &same.person));
        }
        for link in &self.link {
            named.add(&link.person, marks_of_role(link.role.as_str()));
            named.plain(&link.to);
        }
        for consent in &self.consent {
            named.plain([&consent.person]);
            named.plain(consent.representative.iter().chain(&consent.interpreter).chain(&consent.witness));
        }
        for said in &self.statement {
            named.acting(&said.by);
            named.plain(said.drafted_by.iter().chain(&said.translated_by).chain(&said.interviewer));
        }
        for claim in &self.claim {
            named.acting([&claim.said_by]);
            named.plain(claim.about.iter().filter(|id| !no_person.contains(id)));
        }
        for document in &self.document {
            let tells = if document.number.is_some() { Marks::NAMED } else { Marks::default() };
            document.holder.iter().for_each(|holder| named.add(holder, tells.and(Marks::OTHER_ROLE)));
        }
        for finding in &self.finding {
            named.acting([&finding.patient]);
            named.plain(finding.clinician.iter().chain(&finding.present).chain(&finding.interpreter));
        }
        for stay in &self.whereabouts {
            named.add(&stay.person, Marks::NAMED.and(Marks::OTHER_ROLE));
            named.plain(&stay.known_to);
        }
        named.all
    }

    /// Whether something in it is of a person whom it does not name: a statement that is no translation and says not
    /// who speaks, a document without a holder.
    pub fn leaves_somebody_unnamed(&self) -> bool {
        self.statement.iter().any(|said| said.by.is_none() && said.translation_of.is_none())
            || self.document.iter().any(|document| document.holder.is_none())
    }

    /// Whether it holds nothing but consents.
    pub fn is_of_consents_only(&self) -> bool {
        !self.consent.is_empty() && Self { consent: Vec::new(), ..self.clone() } == Self::default()
    }
}

fn marks_of(person: &Person, now: Time) -> Marks {
    let tells = !person.name.is_empty()
        || person.birth.is_some()
        || person.birth_place.is_some()
        || person.contact.is_some();
    let named = if tells { Marks::NAMED } else { Marks::default() };
    if is_minor(person, now) { named.and(Marks::MINOR) } else { named }
}

fn is_minor(person: &Person, now: Time) -> bool {
    if let Some(said) = person.minor {
        return said;
    }
    let young = person.age.as_ref().is_some_and(|age| age.years < GROWN_UP);
    let born = person.birth.as_ref().and_then(|birth| birth.edtf.as_ref());
    let born_late = born.is_some_and(|born| match born.bounds().latest {
        Bound::Date(day) => {
            let grown = BoundDate { year: day.year.saturating_add(GROWN_UP as i64), ..day };
            now.day().is_none_or(|today| today < grown)
        }
        Bound::NegativeInfinity => false,
        Bound::PositiveInfinity | Bound::Unknown => true,
    });
    young || born_late
}

fn marks_of_role(role: &str) -> Marks {
    match role {
        "relative_at_risk" => Marks::RELATIVE,
        "perpetrator" => Marks::PERPETRATOR,
        _ => Marks::OTHER_ROLE,
    }
}
