//! Withdrawing consent: a record of its own, the end of sharing, and that record alone to everybody who has something of
//! the person. docs/consent.md, "Withdrawal".

use std::collections::{BTreeMap, BTreeSet};

use super::case::CaseView;
use super::commit::Draft;
use super::contacts::KnownContact;
use super::error::VaultError;
use super::people::Bearing;
use super::session::Vault;
use super::sharing::{PlannedCase, PlannedPart, SharePlan};
use crate::crypto::KnownCard;
use crate::format::{EndedFact, Given, OperationBody, RevisionFact, write_form};
use crate::record::form::{Consent, Form, Id, When};
use crate::record::{CardHash, CaseId, FactId, Label, PartName, Recipient, RevisionId, Time};

/// Records of people who withdrew share a part as long as its name is taken by the same person.
const MOST_NAMESAKES: usize = 99;
/// Characters of an identifier that stand in the name of the part.
const NAME_CHARS: usize = 18;

/// What withdrawing a consent did.
#[derive(Clone, Debug)]
pub struct Withdrawn {
    /// The part that says so.
    pub part: PartName,
    /// The revision that says so.
    pub revision: RevisionId,
    /// To whom it was sent.
    pub sent: Vec<Label>,
    /// Who was given something of the person, or of nobody named, and cannot be sent a message.
    pub unsent: Vec<Recipient>,
}

impl Vault {
    /// Records that a person withdrew, in a part of its own; ends the sharing of what names them or nobody; and sends that
    /// record alone to everybody who was ever given such. Done again, it tells those who were not told.
    /// **Durable** and sent on return. What was given stays given.
    pub fn withdraw(
        &mut self,
        case: CaseId,
        person: &Id,
        date: &When,
        time: Time,
    ) -> Result<Withdrawn, VaultError> {
        self.commit(time, |draft| {
            let view = draft.vault().case(case)?;
            let (part, standing) = draft.vault().place_of_withdrawal(&view, person)?;
            let (fact, is_new) = match standing {
                Some(fact) => (fact, false),
                None => (draft.record_withdrawal(&view, &part, (person, date))?, true),
            };
            let ended = draft.end_sharing_of(&view, person)?;
            let (sent, unsent) = draft.send_record(&view, &fact, person)?;
            if !is_new && !ended && sent.is_empty() {
                return Err(VaultError::Nothing(
                    "it is recorded already that this person withdrew, and everybody who can be told was told",
                ));
            }
            Ok(Withdrawn { part, revision: fact.revision, sent, unsent })
        })
    }

    /// The part in which a person's withdrawal stands or is to be written, and the version of ours that says so already.
    fn place_of_withdrawal(
        &self,
        view: &CaseView,
        person: &Id,
    ) -> Result<(PartName, Option<RevisionFact>), VaultError> {
        for number in 1..=MOST_NAMESAKES {
            let part = part_of(person, number);
            let heads = view.heads(&part);
            let mut is_ours = true;
            for head in &heads {
                let people = view.people_of(self.store(), head)?;
                let terms = &people.consents;
                is_ours &= terms.iter().all(|terms| terms.person == *person) && !terms.is_empty();
                let says_so = terms.iter().any(|terms| terms.status.as_str() == "withdrawn");
                if is_ours && says_so && head.author == view.owner && heads.len() == 1 {
                    return Ok((part, Some((*head).clone())));
                }
            }
            if is_ours {
                return Ok((part, None));
            }
        }
        Err(VaultError::SeveralForms)
    }
}

/// The part of a person's withdrawal: the identifier in the letters that labels have.
fn part_of(person: &Id, number: usize) -> PartName {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let name: String = person.as_str().chars().take(NAME_CHARS).map(plain).collect();
    let number = if number == 1 { String::new() } else { format!("-{number}") };
    format!("consent/withdrawn-{name}{number}").parse().expect("a part's name")
}

impl Draft<'_> {
    /// Writes the record of a withdrawal, and nothing else, into its part.
    fn record_withdrawal(
        &mut self,
        view: &CaseView,
        part: &PartName,
        (person, date): (&Id, &When),
    ) -> Result<RevisionFact, VaultError> {
        let consent = Consent::withdrawn(person.clone(), date.clone());
        let written = write_form(&Form { consent: vec![consent], ..Form::default() });
        let (_, fact) = self.rewrite(view, part, &mut |standing| {
            standing.only_form(written.clone());
            Ok(Vec::new())
        })?;
        let (person, part, revision) = (person.clone(), part.clone(), fact.revision);
        self.operation(Some(view.case), &OperationBody::ConsentWithdrawn { person, part, revision });
        Ok(fact)
    }

    /// Ends the sharing of what names a person, or names nobody and may be about anyone. Whether any went on.
    fn end_sharing_of(&mut self, view: &CaseView, person: &Id) -> Result<bool, VaultError> {
        let mut ends: BTreeMap<Recipient, Vec<FactId>> = BTreeMap::new();
        for given in view.giving().filter(|given| given.fact.bundle.is_none()) {
            let parts = &given.fact.revisions;
            // What was given of consents alone, as after a withdrawal, ends nothing.
            if parts.iter().all(|one| one.part.is_consent()) {
                continue;
            }
            if concerns(self.vault(), view, parts, person)? {
                ends.entry(given.fact.to).or_default().push(given.id);
            }
        }
        let any = !ends.is_empty();
        for (to, ends) in ends {
            self.fact(view.case, &EndedFact { to, time: self.time, ends });
            self.operation(Some(view.case), &OperationBody::Unshared { from: CardHash::new(*to.as_bytes()) });
        }
        Ok(any)
    }

    /// Sends the record alone to everybody who was ever given something that names the person or nobody, and does not
    /// have it: those it goes to, and those it cannot go to.
    fn send_record(
        &mut self,
        view: &CaseView,
        fact: &RevisionFact,
        person: &Id,
    ) -> Result<(Vec<Label>, Vec<Recipient>), VaultError> {
        let (mut concerned, mut told): (BTreeSet<Recipient>, BTreeSet<Recipient>) = Default::default();
        for given in view.given.iter().map(|given| &given.fact) {
            if given.revisions.iter().any(|one| one.revision == fact.revision) && given.bundle.is_none() {
                told.insert(given.to);
            }
            if concerns(self.vault(), view, &given.revisions, person)? {
                concerned.insert(given.to);
            }
        }
        let (mut sent, mut unsent): (Vec<Label>, Vec<Recipient>) = Default::default();
        for to in concerned.difference(&told) {
            let contact = self.vault().contacts().by_recipient(to).cloned();
            let Some((contact, card)) = contact.and_then(|c| c.card().cloned().map(|card| (c, card))) else {
                unsent.push(*to);
                continue;
            };
            self.send_alone(view, fact, (&contact, &card))?;
            sent.push(contact.label);
        }
        Ok((sent, unsent))
    }

    fn send_alone(
        &mut self,
        view: &CaseView,
        fact: &RevisionFact,
        (contact, card): (&KnownContact, &KnownCard),
    ) -> Result<(), VaultError> {
        let (part, heads, history) = (fact.part.clone(), vec![fact.clone()], Vec::new());
        let planned = PlannedPart { part, heads, history, staying: 0, along: true };
        let case =
            PlannedCase { case: view.case, code: view.code(), parts: vec![planned], absent: Vec::new() };
        let n = self.vault().next_message(card, self.writer)?;
        let body = OperationBody::Shared { to: card.hash(), writer: self.writer, n, revisions: case.given() };
        let plan = SharePlan::new(contact.clone(), vec![case]);
        for case in &plan.cases {
            self.give(case, &plan, None, n);
        }
        self.operation(Some(view.case), &body);
        self.message(&plan, card, n)
    }
}

/// Whether some of these revisions name a person, or nobody and so perhaps this one.
fn concerns(vault: &Vault, view: &CaseView, given: &[Given], person: &Id) -> Result<bool, VaultError> {
    for one in given {
        if view.bears_on(vault.store(), one, person)? != Bearing::NamesOthers {
            return Ok(true);
        }
    }
    Ok(false)
}
