//! The people of a case, as far as its facts tell without opening a revision: where they are named, what they agreed to,
//! who was given what names them.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::case::CaseView;
use super::error::VaultError;
use super::sharing::{PlannedCase, PlannedPart};
use crate::format::{Beside, Given, Kind, People, RevisionFact, parse_form};
use crate::record::form::{Id, Marks, Mention, Terms};
use crate::record::{CardHash, PartName, Recipient, RevisionId, heads};
use crate::store::Store;

/// A person's consent as one version of a case records it.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// The part.
    pub part: PartName,
    /// Who wrote it down.
    pub author: CardHash,
    /// What it says.
    pub terms: Terms,
}

/// A person of a case, as far as its facts tell.
#[derive(Clone, Debug)]
pub struct PersonView {
    /// Who.
    pub person: Id,
    /// What is said of them in the versions that stand.
    pub marks: Marks,
    /// Parts whose standing versions name them.
    pub parts: Vec<PartName>,
    /// What they agreed to.
    pub consents: Vec<Recorded>,
    /// Who was ever given a revision that names them.
    pub readers: Vec<Recipient>,
}

/// The consents of a case.
#[derive(Clone, Debug, Default)]
pub struct Consents {
    /// Every record of every version that stands.
    pub records: Vec<Recorded>,
    /// Whether a version cannot be read here, or holds something beside consents and so cannot go along.
    pub unread: bool,
}

impl CaseView {
    /// The people of a revision: from its fact, or where they are too many for that from the revision itself.
    pub(super) fn people_of<'a>(
        &self,
        store: &dyn Store,
        fact: &'a RevisionFact,
    ) -> Result<Cow<'a, People>, VaultError> {
        match &fact.people {
            None => Ok(Cow::Owned(People::default())),
            Some(people) if !people.is.has(Kind::MORE) => Ok(Cow::Borrowed(people)),
            Some(_) => {
                let opened = self.open(store, fact)?.revision;
                let form = opened.form.as_deref().and_then(|form| parse_form(form).ok());
                let whole = form.and_then(|form| People::whole(&form, Beside::of(&opened), fact.time));
                Ok(Cow::Owned(whole.unwrap_or_default()))
            }
        }
    }

    /// What the standing versions of a case say of its persons, one for each mention, and who says so.
    pub(super) fn known_marks(&self, store: &dyn Store) -> Result<Vec<(CardHash, Mention)>, VaultError> {
        let mut all = Vec::new();
        for part in self.parts.keys() {
            for head in self.heads(part) {
                let people = self.people_of(store, head)?;
                all.extend(people.persons.iter().map(|mention| (head.author, mention.clone())));
            }
        }
        Ok(all)
    }

    /// The versions of a part of consents that stand: of each author those that the same author did not replace. What
    /// the owner writes, also over a withdrawal that came in, stands beside it and never in its place.
    pub fn standing_consents(&self, part: &PartName) -> Vec<&RevisionFact> {
        let all = self.revisions(part);
        let authors: BTreeSet<CardHash> = all.iter().map(|fact| fact.author).collect();
        if let (1, Some(author)) = (authors.len(), authors.first()) {
            return heads(all, *author);
        }
        let mut standing = Vec::new();
        for author in authors {
            let own: Vec<RevisionFact> = all.iter().filter(|fact| fact.author == author).cloned().collect();
            let ids: Vec<RevisionId> = heads(&own, author).into_iter().map(|fact| fact.revision).collect();
            standing.extend(all.iter().filter(|fact| ids.contains(&fact.revision)));
        }
        standing
    }

    /// The parts of consents.
    pub fn consent_parts(&self) -> impl Iterator<Item = &PartName> {
        self.parts.keys().filter(|part| part.is_consent())
    }

    /// What people agreed to in a case.
    pub fn consents(&self, store: &dyn Store) -> Result<Consents, VaultError> {
        let mut all = Consents::default();
        for part in self.consent_parts() {
            for fact in self.standing_consents(part) {
                let people = self.people_of(store, fact)?;
                all.unread |= !people.is.has(Kind::CONSENTS_ONLY);
                let recorded = |terms: &Terms| Recorded {
                    part: part.clone(),
                    author: fact.author,
                    terms: terms.clone(),
                };
                all.records.extend(people.consents.iter().map(recorded));
            }
        }
        Ok(all)
    }

    /// Everybody a case names.
    pub fn people(&self, store: &dyn Store) -> Result<Vec<PersonView>, VaultError> {
        let mut all: Vec<PersonView> = Vec::new();
        for part in self.part_names() {
            for head in self.heads(part) {
                for Mention { person, is } in self.people_of(store, head)?.into_owned().persons {
                    let at = all.iter().position(|known| known.person == person).unwrap_or_else(|| {
                        let (marks, parts, consents, readers) = Default::default();
                        all.push(PersonView { person: person.clone(), marks, parts, consents, readers });
                        all.len() - 1
                    });
                    all[at].marks = all[at].marks.and(is);
                    if all[at].parts.last() != Some(part) {
                        all[at].parts.push(part.clone());
                    }
                }
            }
        }
        let consents = self.consents(store)?;
        for one in &mut all {
            one.consents =
                consents.records.iter().filter(|one_of| one_of.terms.person == one.person).cloned().collect();
            one.readers = self.readers_of(store, &one.person)?;
        }
        Ok(all)
    }

    /// Who was ever given a revision that names a person.
    fn readers_of(&self, store: &dyn Store, person: &Id) -> Result<Vec<Recipient>, VaultError> {
        let mut readers = Vec::new();
        for given in &self.given {
            for one in &given.fact.revisions {
                if !readers.contains(&given.fact.to) && self.bears_on(store, one, person)? == Bearing::Names {
                    readers.push(given.fact.to);
                }
            }
        }
        Ok(readers)
    }

    /// Whether a revision that was given names a person, or nobody and so perhaps this one.
    pub fn bears_on(&self, store: &dyn Store, given: &Given, person: &Id) -> Result<Bearing, VaultError> {
        let fact = self.revisions(&given.part).iter().find(|fact| fact.revision == given.revision);
        let Some(fact) = fact else { return Ok(Bearing::NamesNobody) };
        let people = self.people_of(store, fact)?;
        Ok(match people.persons.iter().any(|mention| mention.person == *person) {
            true => Bearing::Names,
            false if people.persons.is_empty() || people.is.has(Kind::SOMEBODY_UNNAMED) => {
                Bearing::NamesNobody
            }
            false => Bearing::NamesOthers,
        })
    }

    /// Adds to what goes of a case the consents of those whom it names, in the versions that stand and are not there yet:
    /// of those versions only such as hold consents and nothing else.
    pub(super) fn with_consents(
        &self,
        store: &dyn Store,
        case: &mut PlannedCase,
        has: &BTreeSet<RevisionId>,
    ) -> Result<(), VaultError> {
        let mut named = Vec::new();
        for fact in case.facts().filter(|fact| !fact.part.is_consent()) {
            let people = self.people_of(store, fact)?;
            named.extend(people.persons.iter().map(|mention| mention.person.clone()));
        }
        for part in self.consent_parts() {
            if case.parts.iter().any(|planned| planned.part == *part) {
                continue;
            }
            let mut heads: Vec<RevisionFact> = Vec::new();
            for fact in self.standing_consents(part) {
                let people = self.people_of(store, fact)?;
                let about_them = people.consents.iter().any(|terms| named.contains(&terms.person));
                if about_them && people.is.has(Kind::CONSENTS_ONLY) {
                    heads.push(fact.clone());
                }
            }
            if heads.iter().any(|head| !has.contains(&head.revision)) {
                let staying = self.revisions(part).len() - heads.len();
                let (part, history) = (part.clone(), Vec::new());
                case.parts.push(PlannedPart { part, heads, history, staying, along: true });
            }
        }
        Ok(())
    }
}

/// What a revision that was given has to do with a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bearing {
    /// It names them.
    Names,
    /// It names nobody, or leaves somebody unnamed: it may be about them.
    NamesNobody,
    /// It names others only.
    NamesOthers,
}
