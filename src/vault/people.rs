//! The people of a case, as far as its facts tell without opening a revision: where they are named, what they agreed to,
//! who was given what names them.

use std::collections::BTreeSet;

use super::case::CaseView;
use super::error::VaultError;
use super::sharing::{PlannedCase, PlannedPart};
use crate::format::{People, RevisionFact, parse_form};
use crate::record::form::{Id, Marks, Mention, Terms};
use crate::record::{CardHash, PartName, Recipient, RevisionId};
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

impl CaseView {
    /// The people of a revision: from its fact, or where they are too many for that from the revision itself.
    pub(super) fn people_of(&self, store: &dyn Store, fact: &RevisionFact) -> Result<People, VaultError> {
        match &fact.people {
            None => Ok(People::default()),
            Some(people) if !people.more => Ok(people.clone()),
            Some(_) => {
                let opened = self.open(store, fact)?.revision;
                let form = opened.form.as_deref().and_then(|form| parse_form(form).ok());
                let whole =
                    form.and_then(|form| People::whole(&form, !opened.exhibits.is_empty(), fact.time));
                Ok(whole.unwrap_or_default())
            }
        }
    }

    /// What the standing versions of a case say of its persons, one for each mention.
    pub(super) fn known_marks(&self, store: &dyn Store) -> Result<Vec<Mention>, VaultError> {
        let mut all = Vec::new();
        for part in self.parts.keys() {
            for head in self.heads(part) {
                all.extend(self.people_of(store, head)?.persons);
            }
        }
        Ok(all)
    }

    /// What people agreed to in a case: every record of every version that stands.
    pub fn consents(&self, store: &dyn Store) -> Result<Vec<Recorded>, VaultError> {
        let mut all = Vec::new();
        for part in self.parts.keys().filter(|part| part.is_consent()) {
            for head in self.heads(part) {
                let terms = self.people_of(store, head)?.consents;
                let recorded = |terms| Recorded { part: part.clone(), author: head.author, terms };
                all.extend(terms.into_iter().map(recorded));
            }
        }
        Ok(all)
    }

    /// Everybody a case names.
    pub fn people(&self, store: &dyn Store) -> Result<Vec<PersonView>, VaultError> {
        let mut all: Vec<PersonView> = Vec::new();
        for part in self.part_names() {
            for head in self.heads(part) {
                for Mention { person, is } in self.people_of(store, head)?.persons {
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
                consents.iter().filter(|recorded| recorded.terms.person == one.person).cloned().collect();
            one.readers = self.readers_of(store, &one.person)?;
        }
        Ok(all)
    }

    /// Who was ever given a revision that names a person.
    fn readers_of(&self, store: &dyn Store, person: &Id) -> Result<Vec<Recipient>, VaultError> {
        let mut readers = Vec::new();
        for given in &self.given {
            for one in &given.fact.revisions {
                let fact = self.revisions(&one.part).iter().find(|fact| fact.revision == one.revision);
                let Some(fact) = fact else { continue };
                if self.people_of(store, fact)?.persons.iter().any(|mention| mention.person == *person)
                    && !readers.contains(&given.fact.to)
                {
                    readers.push(given.fact.to);
                }
            }
        }
        Ok(readers)
    }

    /// Adds to what goes of a case the consents of those whom it names, in the versions that stand and are not there yet.
    pub(super) fn with_consents(
        &self,
        store: &dyn Store,
        case: &mut PlannedCase,
        has: &BTreeSet<RevisionId>,
    ) -> Result<(), VaultError> {
        let mut named = Vec::new();
        for fact in case.facts().filter(|fact| !fact.part.is_consent()) {
            named.extend(self.people_of(store, fact)?.persons.into_iter().map(|mention| mention.person));
        }
        for part in self.parts.keys().filter(|part| part.is_consent()) {
            if case.parts.iter().any(|planned| planned.part == *part) {
                continue;
            }
            let heads: Vec<RevisionFact> = self.heads(part).into_iter().cloned().collect();
            let mut about_them = false;
            for head in &heads {
                let terms = self.people_of(store, head)?.consents;
                about_them |= terms.iter().any(|terms| named.contains(&terms.person));
            }
            if about_them && heads.iter().any(|head| !has.contains(&head.revision)) {
                let staying = self.revisions(part).len() - heads.len();
                case.parts.push(PlannedPart { part: part.clone(), heads, history: Vec::new(), staying });
            }
        }
        Ok(())
    }
}
