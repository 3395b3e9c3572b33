//! Withdrawing consent: a new version of the record, the end of sharing, and the withdrawal alone to everybody who has
//! the case. docs/consent.md, "Withdrawal".

use std::collections::BTreeMap;

use super::case::CaseView;
use super::commit::Draft;
use super::error::VaultError;
use super::parts::StandingPart;
use super::session::Vault;
use super::sharing::{PlannedCase, PlannedPart, SharePlan};
use crate::format::{EndedFact, MAX_FORM_BYTES, OperationBody, RevisionFact, parse_form, write_form};
use crate::record::form::{Consent, ConsentStatus, Form, Id, When};
use crate::record::{CardHash, CaseId, FactId, Label, PartName, Recipient, RevisionId, TextError, Time};

/// What withdrawing a consent did.
#[derive(Clone, Debug)]
pub struct Withdrawn {
    /// The part that says so.
    pub part: PartName,
    /// The revision that says so.
    pub revision: RevisionId,
    /// To whom it was sent.
    pub sent: Vec<Label>,
    /// Who was given something of the case and cannot be sent a message.
    pub unsent: Vec<Recipient>,
}

impl Vault {
    /// Records that a person withdrew, ends the sharing of what names them or nobody, and sends the record alone to
    /// everybody who was ever given something of the case. **Durable** and sent on return. What was given stays given.
    pub fn withdraw(
        &mut self,
        case: CaseId,
        person: &Id,
        date: &When,
        time: Time,
    ) -> Result<Withdrawn, VaultError> {
        self.commit(time, |draft| {
            let view = draft.vault().case(case)?;
            let (part, mut form) = draft.vault().record_of(&view, person)?;
            mark_withdrawn(&mut form, person, date)?;
            let written = write_form(&form);
            if written.len() > MAX_FORM_BYTES {
                return Err(VaultError::Text(TextError::TooLong(MAX_FORM_BYTES)));
            }
            let (_, fact) = draft.rewrite(&view, &part, &mut |standing| {
                standing.form = Some(written.clone());
                Ok(Vec::new())
            })?;
            let said = (person.clone(), part.clone(), fact.revision);
            let body = OperationBody::ConsentWithdrawn { person: said.0, part: said.1, revision: said.2 };
            draft.operation(Some(case), &body);
            draft.end_sharing_of(&view, person)?;
            let (sent, unsent) = draft.send_record(&view, &fact)?;
            Ok(Withdrawn { part, revision: fact.revision, sent, unsent })
        })
    }

    /// The part in which a withdrawal is written, and the form that stands there: where the person's record is, else
    /// `consent`; where versions stand beside each other that only a new form could join, a part of its own.
    fn record_of(&self, view: &CaseView, person: &Id) -> Result<(PartName, Form), VaultError> {
        let mut places: Vec<PartName> = Vec::new();
        for recorded in
            view.consents(self.store())?.into_iter().filter(|recorded| recorded.terms.person == *person)
        {
            places.push(recorded.part);
        }
        let aside: PartName = "consent/withdrawn".parse().expect("a part's name");
        places.extend([PartName::consent(), aside]);
        for part in places {
            let standing = StandingPart::read(self, view, &part)?;
            if standing.check_one_form().is_ok() && standing.check_one_text().is_ok() {
                let Some(form) = standing.form.as_deref() else { return Ok((part, Form::default())) };
                // A form of a later version is not written over.
                if let Ok(form) = parse_form(form) {
                    return Ok((part, form));
                }
            }
        }
        Err(VaultError::SeveralForms)
    }
}

/// Sets a person's record in a form to withdrawn; adds one where there is none.
fn mark_withdrawn(form: &mut Form, person: &Id, date: &When) -> Result<(), VaultError> {
    let status: ConsentStatus = "withdrawn".parse().expect("a word of the list");
    match form.consent.iter_mut().find(|consent| consent.person == *person) {
        Some(consent) if consent.status == status => {
            Err(VaultError::Nothing("the record says already that this person withdrew"))
        }
        Some(consent) => {
            (consent.status, consent.withdrawn) = (status, Some(date.clone()));
            Ok(())
        }
        None => {
            form.consent.push(Consent::withdrawn(person.clone(), date.clone()));
            Ok(())
        }
    }
}

impl Draft<'_> {
    /// Ends the sharing of what names a person, or names nobody and may be about anyone.
    fn end_sharing_of(&mut self, view: &CaseView, person: &Id) -> Result<(), VaultError> {
        let mut ends: BTreeMap<Recipient, Vec<FactId>> = BTreeMap::new();
        for given in view.giving().filter(|given| given.fact.bundle.is_none()) {
            for one in &given.fact.revisions {
                let fact = view.revisions(&one.part).iter().find(|fact| fact.revision == one.revision);
                let persons = match fact {
                    Some(fact) => view.people_of(self.vault().store(), fact)?.persons,
                    None => Vec::new(),
                };
                if persons.is_empty() || persons.iter().any(|mention| mention.person == *person) {
                    ends.entry(given.fact.to).or_default().push(given.id);
                    break;
                }
            }
        }
        for (to, ends) in ends {
            self.fact(view.case, &EndedFact { to, time: self.time, ends });
            self.operation(Some(view.case), &OperationBody::Unshared { from: CardHash::new(*to.as_bytes()) });
        }
        Ok(())
    }

    /// Sends the record alone to everybody who was ever given something of the case: those it goes to, and those it
    /// cannot go to.
    fn send_record(
        &mut self,
        view: &CaseView,
        fact: &RevisionFact,
    ) -> Result<(Vec<Label>, Vec<Recipient>), VaultError> {
        let (mut sent, mut unsent): (Vec<Label>, Vec<Recipient>) = Default::default();
        let recipients: std::collections::BTreeSet<Recipient> =
            view.given.iter().map(|given| given.fact.to).collect();
        for to in recipients {
            let contact = self.vault().contacts().by_recipient(&to).cloned();
            let Some((contact, card)) = contact.and_then(|c| c.card().cloned().map(|card| (c, card))) else {
                unsent.push(to);
                continue;
            };
            let (part, heads, history) = (fact.part.clone(), vec![fact.clone()], Vec::new());
            let parts = vec![PlannedPart { part, heads, history, staying: 0 }];
            let case = PlannedCase { case: view.case, code: view.code(), parts, absent: Vec::new() };
            let plan = SharePlan::new(contact.clone(), vec![case]);
            let n = self.vault().next_message(&card, self.writer)?;
            for case in &plan.cases {
                self.give(case, &plan, None, n);
                let (writer, revisions) = (self.writer, case.given());
                let body = OperationBody::Shared { to: card.hash(), writer, n, revisions };
                self.operation(Some(view.case), &body);
            }
            self.message(&plan, &card, n)?;
            sent.push(contact.label);
        }
        Ok((sent, unsent))
    }
}
