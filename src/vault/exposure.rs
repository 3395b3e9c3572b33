//! Exposure: who can be read of by whoever got a device, a contact's keys, or a bundle. From facts and log alone; no
//! revision is opened.

use super::case::CaseView;
use super::error::VaultError;
use super::session::Vault;
use crate::format::RevisionFact;
use crate::record::form::{Id, Marks};
use crate::record::{BundleId, CaseId, PartName, Recipient, RevisionId, Time, Writer};

/// What got into other hands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Incident {
    /// A device of the owner's: it held everything that its last entry had seen, and may hold what came later.
    Device(Writer),
    /// A contact's keys: they open what the contact was ever given.
    Contact(Recipient),
    /// A bundle, with the keys that open it.
    Bundle(BundleId),
}

/// What is exposed of one case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExposedCase {
    /// The case.
    pub case: CaseId,
    /// The revisions.
    pub revisions: Vec<ExposedRevision>,
    /// Whom they name, those to warn first before the others.
    pub people: Vec<AtRisk>,
}

/// A revision that can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExposedRevision {
    /// Its part.
    pub part: PartName,
    /// The revision.
    pub revision: RevisionId,
    /// Its number in the part, from 1.
    pub number: usize,
    /// Since when.
    pub since: Time,
    /// Whether that is certain; else it is there if the folder was copied to the device later.
    pub certain: bool,
    /// Whether its form names nobody: anyone may be in it.
    pub names_nobody: bool,
}

/// A person who can be read of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AtRisk {
    /// Who.
    pub person: Id,
    /// What is said of them in what is exposed.
    pub marks: Marks,
    /// In which revisions, by part and number.
    pub places: Vec<(PartName, usize)>,
    /// Since when the first of these.
    pub since: Time,
    /// Whether it is certain of one of them.
    pub certain: bool,
}

/// How soon a person is to be warned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    /// Where they are can be read.
    Findable,
    /// Who they are can be read, of a minor or a relative at risk.
    NamedAndWeak,
    /// Who they are can be read.
    Named,
    /// They are named by a pseudonym.
    Pseudonym,
}

impl AtRisk {
    /// How soon they are to be warned.
    pub fn urgency(&self) -> Urgency {
        let weak = self.marks.has(Marks::MINOR) || self.marks.has(Marks::RELATIVE);
        let found = |(part, _): &(PartName, usize)| part.kind() == "whereabouts";
        match self.marks.has(Marks::NAMED) {
            true if self.places.iter().any(found) => Urgency::Findable,
            true if weak => Urgency::NamedAndWeak,
            true => Urgency::Named,
            false => Urgency::Pseudonym,
        }
    }
}

/// A revision, since when it can be read, and whether that is certain.
type Reach<'a> = (&'a RevisionFact, Time, bool);

impl Vault {
    /// What is exposed, by case; cases of which nothing is are left out.
    pub fn exposure(&self, incident: Incident) -> Result<Vec<ExposedCase>, VaultError> {
        let mut exposed = Vec::new();
        for view in self.cases()? {
            let reach = self.reach(&view, incident)?;
            if !reach.is_empty() {
                exposed.push(self.exposed(&view, reach)?);
            }
        }
        exposed.sort_by_key(|case| (case.people.first().map(AtRisk::urgency), case.case));
        Ok(exposed)
    }

    /// The writers whose names begin so, as `log` shows devices.
    pub fn writers_named(&self, beginning: &str) -> Vec<Writer> {
        let writers = self.heads.iter().map(|entry| entry.core.writer);
        writers.filter(|writer| writer.to_string().starts_with(&beginning.to_lowercase())).collect()
    }

    /// When a writer last recorded something.
    pub fn last_seen(&self, writer: &Writer) -> Option<Time> {
        let head = self.heads.iter().find(|entry| entry.core.writer == *writer);
        head.map(|entry| entry.core.time)
    }

    fn reach<'a>(&self, view: &'a CaseView, incident: Incident) -> Result<Vec<Reach<'a>>, VaultError> {
        let given_to = |wanted: &dyn Fn(&crate::format::GivenFact) -> bool| {
            let mut reach: Vec<Reach<'a>> = Vec::new();
            let mut given: Vec<_> = view.given.iter().filter(|given| wanted(&given.fact)).collect();
            given.sort_by_key(|given| given.fact.time);
            for given in given {
                for one in &given.fact.revisions {
                    let fact = view.revisions(&one.part).iter().find(|fact| fact.revision == one.revision);
                    let new =
                        fact.filter(|fact| reach.iter().all(|(known, ..)| known.revision != fact.revision));
                    reach.extend(new.map(|fact| (fact, given.fact.time, true)));
                }
            }
            reach
        };
        Ok(match incident {
            Incident::Contact(to) => given_to(&|given| given.to == to),
            Incident::Bundle(bundle) => given_to(&|given| given.bundle == Some(bundle)),
            Incident::Device(writer) => {
                let facts = view.parts.values().flatten();
                facts.map(|fact| (fact, fact.time, self.had_seen(&writer, fact))).collect()
            }
        })
    }

    /// Whether the last entry of a writer had seen the entry that recorded a revision.
    fn had_seen(&self, writer: &Writer, fact: &RevisionFact) -> bool {
        let Some(last) = self.heads.iter().find(|entry| entry.core.writer == *writer) else { return false };
        let seen =
            last.private.heads.iter().any(|head| head.writer == fact.entry.writer && head.n >= fact.entry.n);
        seen || fact.entry.writer == *writer
    }

    fn exposed(&self, view: &CaseView, reach: Vec<Reach<'_>>) -> Result<ExposedCase, VaultError> {
        let (mut revisions, mut people): (Vec<ExposedRevision>, Vec<AtRisk>) = Default::default();
        for (fact, since, certain) in reach {
            let all = view.revisions(&fact.part);
            let number = all.iter().position(|known| known.revision == fact.revision).map_or(0, |at| at + 1);
            let persons = view.people_of(self.store(), fact)?.into_owned().persons;
            revisions.push(ExposedRevision {
                part: fact.part.clone(),
                revision: fact.revision,
                number,
                since,
                certain,
                names_nobody: persons.is_empty(),
            });
            for mention in persons {
                let place = (fact.part.clone(), number);
                match people.iter_mut().find(|known| known.person == mention.person) {
                    Some(known) => {
                        known.marks = known.marks.and(mention.is);
                        known.places.push(place);
                        (known.since, known.certain) = (known.since.min(since), known.certain || certain);
                    }
                    None => {
                        let (person, marks) = (mention.person, mention.is);
                        people.push(AtRisk { person, marks, places: vec![place], since, certain });
                    }
                }
            }
        }
        revisions.sort_by(|a, b| (a.part.order(), a.number).cmp(&(b.part.order(), b.number)));
        people.sort_by(|a, b| (a.urgency(), &a.person).cmp(&(b.urgency(), &b.person)));
        Ok(ExposedCase { case: view.case, revisions, people })
    }
}
