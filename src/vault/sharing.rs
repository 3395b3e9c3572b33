//! Sharing: what goes to whom is a plan first, then one commit and one message. design: every disclosure is a deliberate act.

use std::collections::BTreeSet;

use super::case::CaseView;
use super::commit::Draft;
use super::consent::Judgement;
use super::contacts::KnownContact;
use super::error::VaultError;
use super::mailbox::{Message, granted};
use super::session::Vault;
use crate::crypto::KnownCard;
use crate::format::{
    EndedFact, Given, GivenFact, GrantContent, GrantedCase, MessageFact, OperationBody, RevisionFact,
};
use crate::record::form::Line;
use crate::record::{CaseCode, CaseId, FactId, PartName, Recipient, RevisionId, Time};

/// Revisions that one `given` fact names.
const MAX_GIVEN: usize = 400;
/// From this many cases on, one reading of everything is cheaper than a look at each.
const MANY: usize = 200;

/// What would be given to one contact.
#[derive(Clone, Debug)]
pub struct SharePlan {
    /// To whom.
    pub to: KnownContact,
    /// What, by case.
    pub cases: Vec<PlannedCase>,
    /// What the consents say to it; none before they were asked.
    pub judgement: Option<Judgement>,
    /// Why it goes although consent is missing.
    pub overruled: Option<Line>,
}

/// What would be given of one case.
#[derive(Clone, Debug)]
pub struct PlannedCase {
    /// The case.
    pub case: CaseId,
    /// Its code.
    pub code: CaseCode,
    /// Its parts, of those that were named and are there.
    pub parts: Vec<PlannedPart>,
    /// Parts that were named and that it does not have.
    pub absent: Vec<PartName>,
}

/// What would be given of one part.
#[derive(Clone, Debug)]
pub struct PlannedPart {
    /// The part.
    pub part: PartName,
    /// The revisions that stand; more than one when writers worked apart.
    pub heads: Vec<RevisionFact>,
    /// Earlier revisions that go too.
    pub history: Vec<RevisionFact>,
    /// How many earlier revisions stay behind.
    pub staying: usize,
    /// Whether it is a part of consents that goes along with what names these people, and was not asked for.
    pub along: bool,
}

impl SharePlan {
    /// A plan that nobody judged yet.
    pub(super) fn new(to: KnownContact, cases: Vec<PlannedCase>) -> Self {
        Self { to, cases, judgement: None, overruled: None }
    }

    /// The parts of which several revisions stand beside each other.
    pub fn several_heads(&self) -> impl Iterator<Item = (&PlannedCase, &PlannedPart)> {
        self.cases
            .iter()
            .flat_map(|case| case.parts.iter().map(move |part| (case, part)))
            .filter(|(_, part)| part.heads.len() > 1)
    }

    /// How many revisions go.
    pub fn revisions(&self) -> usize {
        self.cases.iter().flat_map(|case| &case.parts).map(|part| part.heads.len() + part.history.len()).sum()
    }
}

impl PlannedCase {
    pub(super) fn given(&self) -> Vec<Given> {
        let facts = self.facts();
        facts.map(|fact| Given { part: fact.part.clone(), revision: fact.revision }).collect()
    }

    /// Every revision that goes.
    pub fn facts(&self) -> impl Iterator<Item = &RevisionFact> {
        self.parts.iter().flat_map(|part| part.heads.iter().chain(&part.history))
    }
}

/// What ending a sharing would end.
#[derive(Clone, Debug)]
pub struct UnsharePlan {
    /// With whom.
    pub from: KnownContact,
    /// Which cases, and what the contact keeps of each.
    pub cases: Vec<(CaseId, CaseCode, Vec<Given>)>,
}

/// Who has which revision.
#[derive(Clone, Debug)]
pub struct ShareLine {
    /// The case.
    pub case: CaseId,
    /// Who.
    pub to: Recipient,
    /// Which part.
    pub part: PartName,
    /// Which revision.
    pub revision: RevisionId,
    /// Its number in the part, from 1.
    pub number: usize,
    /// When it was given.
    pub time: Time,
    /// Whether it went in a bundle.
    pub bundle: Option<crate::record::BundleId>,
    /// Whether a newer revision stands that they do not have.
    pub newer: bool,
    /// Whether sharing ended.
    pub ended: bool,
}

impl Vault {
    /// Plans to give the current revisions of the named parts to a contact, with earlier ones only with `history`.
    pub fn plan_share(
        &self,
        cases: &[CaseId],
        to: &str,
        parts: &[PartName],
        history: bool,
    ) -> Result<SharePlan, VaultError> {
        let to = self.contacts.find(to)?.clone();
        if to.card().is_none() {
            return Err(VaultError::BundlesOnly(to.label.to_string()));
        }
        let recipient = to.recipient();
        let mut planned = Vec::new();
        for view in self.views(cases)? {
            let has = revisions_given(&view, &recipient);
            let mut case = plan_case(&view, parts, history);
            case.parts.retain(|part| {
                part.heads.iter().chain(&part.history).any(|fact| !has.contains(&fact.revision))
            });
            view.with_consents(self.store(), &mut case, &has)?;
            planned.push(case);
        }
        nonempty(SharePlan::new(to, planned))
    }

    /// Plans what an export would take; the contact may be a bare age recipient.
    pub fn plan_export(
        &self,
        cases: &[CaseId],
        to: &str,
        parts: &[PartName],
    ) -> Result<SharePlan, VaultError> {
        let to = self.contacts.find(to)?.clone();
        let mut planned = Vec::new();
        for view in self.views(cases)? {
            let mut case = plan_case(&view, parts, false);
            view.with_consents(self.store(), &mut case, &BTreeSet::new())?;
            planned.push(case);
        }
        nonempty(SharePlan::new(to, planned))
    }

    /// Plans to send what changed since in what contacts were given, one plan a contact.
    pub fn plan_update(&self, to: Option<&str>) -> Result<Vec<SharePlan>, VaultError> {
        let only = to.map(|label| self.contacts.find(label).cloned()).transpose()?;
        let contacts = only.map_or_else(|| self.contacts.all().to_vec(), |contact| vec![contact]);
        let views = self.cases()?;
        let mut plans = Vec::new();
        for to in contacts.into_iter().filter(|contact| contact.card().is_some()) {
            let mut cases = Vec::new();
            for view in &views {
                let case = self.plan_newer(view, &to.recipient())?;
                cases.extend(Some(case).filter(|case| !case.parts.is_empty()));
            }
            plans.extend(Some(SharePlan::new(to, cases)).filter(|plan| !plan.cases.is_empty()));
        }
        if plans.is_empty() {
            Err(VaultError::Nothing("everyone has the newest revision of what they were given"))
        } else {
            Ok(plans)
        }
    }

    /// Applies a plan: one commit, then one message. **Durable** and sent on return.
    pub fn share(&mut self, plan: &SharePlan, time: Time) -> Result<(), VaultError> {
        let to = plan.to.card().ok_or_else(|| VaultError::BundlesOnly(plan.to.label.to_string()))?.clone();
        self.commit(time, |draft| {
            draft.vault().unchanged(plan, draft.time)?;
            let n = draft.vault().next_message(&to, draft.writer)?;
            for case in &plan.cases {
                draft.give(case, plan, None, n);
                let body =
                    OperationBody::Shared { to: to.hash(), writer: draft.writer, n, revisions: case.given() };
                draft.operation(Some(case.case), &body);
                draft.overriding(case.case, plan);
            }
            draft.message(plan, &to, n)
        })
    }

    /// Plans to end sharing cases with a contact.
    pub fn plan_unshare(&self, cases: &[CaseId], from: &str) -> Result<UnsharePlan, VaultError> {
        let from = self.contacts.find(from)?.clone();
        let recipient = from.recipient();
        let mut ending = Vec::new();
        for view in self.views(cases)? {
            let keeps: Vec<Given> = view
                .giving()
                .filter(|given| given.fact.to == recipient && given.fact.bundle.is_none())
                .flat_map(|given| given.fact.revisions.clone())
                .collect();
            if !keeps.is_empty() {
                ending.push((view.case, view.code(), keeps));
            }
        }
        if ending.is_empty() {
            Err(VaultError::Nothing("none of these cases is shared with this contact"))
        } else {
            Ok(UnsharePlan { from, cases: ending })
        }
    }

    /// Ends sharing. What was fetched stays readable. **Durable** on return.
    pub fn unshare(&mut self, plan: &UnsharePlan, time: Time) -> Result<(), VaultError> {
        let recipient = plan.from.recipient();
        let card =
            plan.from.card().ok_or_else(|| VaultError::BundlesOnly(plan.from.label.to_string()))?.hash();
        self.commit(time, |draft| {
            for (case, ..) in &plan.cases {
                let view = draft.vault().case(*case)?;
                let giving =
                    view.giving().filter(|given| given.fact.to == recipient && given.fact.bundle.is_none());
                let ends: Vec<FactId> = giving.map(|given| given.id).collect();
                draft.fact(*case, &EndedFact { to: recipient, time: draft.time, ends });
                draft.operation(Some(*case), &OperationBody::Unshared { from: card });
            }
            Ok(())
        })
    }

    /// Who has which revision, of one case or all.
    pub fn shares(&self, case: Option<CaseId>) -> Result<Vec<ShareLine>, VaultError> {
        let views = match case {
            Some(case) => vec![self.case(case)?],
            None => self.cases()?,
        };
        Ok(views.iter().flat_map(share_lines).collect())
    }

    /// The views of these cases, in this order.
    pub(super) fn views(&self, cases: &[CaseId]) -> Result<Vec<CaseView>, VaultError> {
        let mut seen = BTreeSet::new();
        let cases: Vec<&CaseId> = cases.iter().filter(|case| seen.insert(**case)).collect();
        if cases.len() < MANY {
            return cases.into_iter().map(|case| self.case(*case)).collect();
        }
        let mut all: std::collections::HashMap<CaseId, CaseView> =
            self.cases()?.into_iter().map(|view| (view.case, view)).collect();
        let missing = |case: &CaseId| VaultError::NotShared(crate::crypto::case_code(case).to_string());
        cases.into_iter().map(|case| all.remove(case).ok_or_else(|| missing(case))).collect()
    }

    /// Refuses a plan whose heads are no longer those it showed, or that has no consent any more.
    pub(super) fn unchanged(&self, plan: &SharePlan, time: Time) -> Result<(), VaultError> {
        let cases: Vec<CaseId> = plan.cases.iter().map(|case| case.case).collect();
        let views = self.views(&cases)?;
        for (view, case) in views.iter().zip(&plan.cases) {
            let same = case.parts.iter().all(|part| {
                let standing = match part.along {
                    true => view.standing_consents(&part.part),
                    false => view.heads(&part.part),
                };
                let now: BTreeSet<RevisionId> = standing.iter().map(|fact| fact.revision).collect();
                part.heads.iter().all(|fact| now.contains(&fact.revision))
            });
            if !same {
                return Err(VaultError::Changed);
            }
        }
        self.still_agreed(plan, &views, time)
    }

    /// What stands now in the parts a contact was given, and was not given yet.
    fn plan_newer(&self, view: &CaseView, to: &Recipient) -> Result<PlannedCase, VaultError> {
        let has = revisions_given(view, to);
        let parts: BTreeSet<&PartName> = view
            .giving()
            .filter(|given| given.fact.to == *to && given.fact.bundle.is_none())
            .flat_map(|given| given.fact.revisions.iter().map(|given| &given.part))
            .collect();
        // A contact who was given consents alone, as after a withdrawal, gets no later ones by an update.
        let asked: Vec<PartName> = parts.into_iter().filter(|part| !part.is_consent()).cloned().collect();
        let mut planned = plan_case(view, &asked, false);
        // Whose consents go along, what they have already says as well.
        view.with_consents(self.store(), &mut planned, &has)?;
        planned.parts.retain_mut(|part| {
            if part.along {
                return true;
            }
            let unseen =
                view.revisions(&part.part).iter().filter(|fact| !has.contains(&fact.revision)).count();
            part.staying = unseen.saturating_sub(part.heads.len());
            part.heads.iter().any(|fact| !has.contains(&fact.revision))
        });
        planned.absent.clear();
        Ok(planned)
    }
}

impl Draft<'_> {
    /// Records that the revisions of a planned case were given.
    pub(super) fn give(
        &mut self,
        case: &PlannedCase,
        plan: &SharePlan,
        bundle: Option<crate::record::BundleId>,
        n: u64,
    ) {
        // A fact has its largest size; a long history is several.
        for revisions in case.given().chunks(MAX_GIVEN) {
            let (to, purpose, revisions) = (plan.to.recipient(), plan.purpose().cloned(), revisions.to_vec());
            let (writer, time) = (self.writer, self.time);
            self.fact(case.case, &GivenFact { to, time, writer, n, bundle, revisions, purpose });
        }
    }

    /// Records why something of a case goes although consent is missing.
    pub(super) fn overriding(&mut self, case: CaseId, plan: &SharePlan) {
        if let Some(reason) = plan.overriding_in(&case) {
            let (to, purpose) = (plan.to.recipient(), plan.purpose().cloned());
            let body = OperationBody::ConsentOverridden { to, purpose, reason: reason.clone() };
            self.operation(Some(case), &body);
        }
    }

    pub(super) fn message(&mut self, plan: &SharePlan, to: &KnownCard, n: u64) -> Result<(), VaultError> {
        let authors: BTreeSet<_> =
            plan.cases.iter().flat_map(PlannedCase::facts).map(|fact| fact.author).collect();
        let cards = self.vault().cards_of(authors)?;
        let cases = plan
            .cases
            .iter()
            .map(|case| GrantedCase { case: case.case, revisions: case.facts().map(granted).collect() });
        let content = GrantContent { cases: cases.collect(), cards };
        let (writer, time) = (self.writer, self.time);
        let fact = MessageFact { to: to.hash(), writer, n, time, cases: plan.cases.len() as u64 };
        self.fact(CaseId::VAULT, &fact);
        let message = self.vault().seal(&Message { to: to.clone(), writer, n, time, content })?;
        self.send(message);
        Ok(())
    }
}

fn nonempty(mut plan: SharePlan) -> Result<SharePlan, VaultError> {
    if plan.cases.iter().all(|case| case.parts.is_empty()) {
        return Err(VaultError::Nothing(match plan.cases.iter().any(|case| case.absent.is_empty()) {
            true => "this contact has all of this already",
            false => "none of these cases has the named parts, or this contact has them already",
        }));
    }
    plan.cases.retain(|case| !case.parts.is_empty());
    Ok(plan)
}

fn plan_case(view: &CaseView, parts: &[PartName], history: bool) -> PlannedCase {
    let mut planned =
        PlannedCase { case: view.case, code: view.code(), parts: Vec::new(), absent: Vec::new() };
    let mut named: Vec<&PartName> = parts.iter().collect();
    named.sort_by_key(|part| part.order());
    named.dedup();
    for part in named {
        let heads: Vec<RevisionFact> = view.heads(part).into_iter().cloned().collect();
        if heads.is_empty() {
            planned.absent.push(part.clone());
            continue;
        }
        let is_head = |fact: &&RevisionFact| heads.iter().any(|head| head.revision == fact.revision);
        let earlier: Vec<RevisionFact> =
            view.revisions(part).iter().filter(|fact| !is_head(fact)).cloned().collect();
        let (history, staying) = if history { (earlier, 0) } else { (Vec::new(), earlier.len()) };
        planned.parts.push(PlannedPart { part: part.clone(), heads, history, staying, along: false });
    }
    planned
}

/// The revisions a contact was given, where sharing goes on.
fn revisions_given(view: &CaseView, to: &Recipient) -> BTreeSet<RevisionId> {
    let given = view.giving().filter(|given| given.fact.to == *to && given.fact.bundle.is_none());
    given.flat_map(|given| given.fact.revisions.iter().map(|given| given.revision)).collect()
}

fn share_lines(view: &CaseView) -> Vec<ShareLine> {
    let mut lines = Vec::new();
    for known in &view.given {
        let ended = view.ended.iter().any(|ended| ended.ends.contains(&known.id));
        let all: BTreeSet<RevisionId> = view
            .given
            .iter()
            .filter(|other| other.fact.to == known.fact.to)
            .flat_map(|other| other.fact.revisions.iter().map(|given| given.revision))
            .collect();
        for given in &known.fact.revisions {
            let revisions = view.revisions(&given.part);
            let number =
                revisions.iter().position(|fact| fact.revision == given.revision).map_or(0, |i| i + 1);
            let newer = view.heads(&given.part).iter().any(|head| !all.contains(&head.revision));
            lines.push(ShareLine {
                case: view.case,
                to: known.fact.to,
                part: given.part.clone(),
                revision: given.revision,
                number,
                time: known.fact.time,
                bundle: known.fact.bundle,
                newer,
                ended,
            });
        }
    }
    lines.sort_by(|a, b| {
        (a.to, a.time, a.part.order(), a.number).cmp(&(b.to, b.time, b.part.order(), b.number))
    });
    lines
}
