//! Consent: what a plan lacks before it may leave, and what people agreed to in a case. docs/consent.md.

use super::case::CaseView;
use super::error::VaultError;
use super::session::Vault;
use super::sharing::{PlannedCase, PlannedPart, SharePlan};
use crate::crypto::case_code;
use crate::record::form::{Id, Line, Marks, Mention, Purpose};
use crate::record::leave::{Errand, Lack, Leaving, has_come, lacks};
use crate::record::{CaseId, Label, PartName, Time};

/// What the consents say to a plan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Judgement {
    /// What it is for, if that was said.
    pub purpose: Option<Purpose>,
    /// What is missing; nothing when it may go.
    pub lacking: Vec<Lacking>,
    /// Persons who are asked for no consent, being perpetrators and nothing else.
    pub not_asked: Vec<(CaseId, Id)>,
    /// Persons whose consent was to be asked for again by now.
    pub to_review: Vec<(CaseId, Id)>,
}

/// Something that a plan lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lacking {
    /// In which case; none when it is about the plan as a whole.
    pub case: Option<CaseId>,
    /// In which parts.
    pub parts: Vec<PartName>,
    /// What.
    pub what: Missing,
}

/// What a plan can lack.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Missing {
    /// It was not said what for.
    #[error("it is not said what for, and no purpose is no consent")]
    Purpose,
    /// A revision names no person: whose it is, and what they want, is unknown.
    #[error("it names no person, and counts as one of unknown consent")]
    Persons,
    /// A person's consent.
    #[error("{0}: {1}")]
    Consent(Id, Lack),
}

impl Missing {
    /// What would be needed.
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Purpose => "add `--purpose WORD`, such as legal_representation or asylum_procedure",
            Self::Persons => {
                "say who it is about, in a form beside the text: `sanduq edit CODE PART`, for example a `link` (who, in \
                 which role) or a `statement` (`by` whom)"
            }
            Self::Consent(_, lack) => lack.remedy(),
        }
    }
}

impl Lacking {
    /// The bare code of its case, if it is about one.
    pub fn code(&self) -> Option<crate::record::CaseCode> {
        self.case.as_ref().map(case_code)
    }
}

impl SharePlan {
    /// Goes ahead although consent is missing, for a reason that the log keeps.
    pub fn overruled(mut self, reason: Line) -> Self {
        self.overruled = Some(reason);
        self
    }

    /// Whether it may go: everybody consents, or consent was overruled.
    pub fn may_go(&self) -> bool {
        self.overruled.is_some() || self.judgement.as_ref().is_some_and(|judged| judged.lacking.is_empty())
    }

    /// Why it goes although something is missing; none when nothing is.
    pub fn overriding(&self) -> Option<&Line> {
        let lacks = self.judgement.as_ref().is_none_or(|judged| !judged.lacking.is_empty());
        self.overruled.as_ref().filter(|_| lacks)
    }

    /// What it is for.
    pub fn purpose(&self) -> Option<&Purpose> {
        self.judgement.as_ref().and_then(|judged| judged.purpose.as_ref())
    }
}

impl Vault {
    /// Asks the consents about a plan. One that was not judged, or lacks something and was not overruled, does not go.
    pub fn judge(
        &self,
        mut plan: SharePlan,
        purpose: Option<Purpose>,
        time: Time,
    ) -> Result<SharePlan, VaultError> {
        let cases: Vec<CaseId> = plan.cases.iter().map(|case| case.case).collect();
        let judgement = self.judgement(&plan, &self.views(&cases)?, purpose, time)?;
        plan.judgement = Some(judgement);
        Ok(plan)
    }

    /// Refuses a plan that may not go, or to which the consents say something else by now.
    pub(super) fn still_agreed(
        &self,
        plan: &SharePlan,
        views: &[CaseView],
        time: Time,
    ) -> Result<(), VaultError> {
        if !plan.may_go() {
            return Err(VaultError::NoConsent);
        }
        let Some(before) = &plan.judgement else { return Ok(()) };
        let now = self.judgement(plan, views, before.purpose.clone(), time)?;
        if now.lacking == before.lacking { Ok(()) } else { Err(VaultError::Changed) }
    }

    fn judgement(
        &self,
        plan: &SharePlan,
        views: &[CaseView],
        purpose: Option<Purpose>,
        time: Time,
    ) -> Result<Judgement, VaultError> {
        let mut judged = Judgement { purpose, ..Judgement::default() };
        let asks = |case: &PlannedCase| case.parts.iter().any(|part| !part.part.is_consent());
        if judged.purpose.is_none() && plan.cases.iter().any(asks) {
            judged.lacking.push(Lacking { case: None, parts: Vec::new(), what: Missing::Purpose });
        }
        for (case, view) in plan.cases.iter().zip(views) {
            self.judge_case(case, view, (&plan.to.label, time), &mut judged)?;
        }
        Ok(judged)
    }

    fn judge_case(
        &self,
        case: &PlannedCase,
        view: &CaseView,
        (to, now): (&Label, Time),
        judged: &mut Judgement,
    ) -> Result<(), VaultError> {
        let mut leaving: Vec<(Leaving, Vec<PartName>)> = Vec::new();
        for planned in case.parts.iter().filter(|planned| !planned.part.is_consent()) {
            if self.take_leaving(view, planned, &mut leaving)? {
                let parts = vec![planned.part.clone()];
                judged.lacking.push(Lacking { case: Some(case.case), parts, what: Missing::Persons });
            }
        }
        if leaving.is_empty() {
            return Ok(());
        }
        let (known, consents) = (view.known_marks(self.store())?, view.consents(self.store())?);
        for (mut leaving, parts) in leaving {
            let said = known.iter().filter(|mention| mention.person == leaving.person);
            leaving.known = said.fold(leaving.tells, |all, mention| all.and(mention.is));
            let person = leaving.person.clone();
            if leaving.known.is_only_perpetrator() {
                judged.not_asked.push((case.case, person));
                continue;
            }
            let own =
                || consents.iter().map(|recorded| &recorded.terms).filter(|terms| terms.person == person);
            if own().any(|terms| terms.review.as_ref().is_some_and(|review| has_come(review, now))) {
                judged.to_review.push((case.case, person.clone()));
            }
            // Without a purpose, what else is missing is said all the same.
            let unsaid = "x-unsaid".parse().expect("a word of one's own");
            let purpose = judged.purpose.as_ref().unwrap_or(&unsaid);
            for lack in lacks(&leaving, own(), Errand { purpose, to, now }) {
                if judged.purpose.is_none() && matches!(lack, Lack::Purpose { .. }) {
                    continue;
                }
                let what = Missing::Consent(person.clone(), lack);
                judged.lacking.push(Lacking { case: Some(case.case), parts: parts.clone(), what });
            }
        }
        Ok(())
    }

    /// Adds the persons whom the revisions of a part name; whether one of these names nobody.
    fn take_leaving(
        &self,
        view: &CaseView,
        planned: &PlannedPart,
        leaving: &mut Vec<(Leaving, Vec<PartName>)>,
    ) -> Result<bool, VaultError> {
        let mut nobody = false;
        for fact in planned.heads.iter().chain(&planned.history) {
            let people = view.people_of(self.store(), fact)?;
            nobody |= people.persons.is_empty();
            for Mention { person, is } in people.persons {
                let at = match leaving.iter().position(|(known, _)| known.person == person) {
                    Some(at) => at,
                    None => {
                        let (tells, known) = (Marks::default(), Marks::default());
                        leaving.push((Leaving { person, tells, known, passed_on: false }, Vec::new()));
                        leaving.len() - 1
                    }
                };
                let (known, parts) = &mut leaving[at];
                known.tells = known.tells.and(is);
                known.passed_on |= fact.author != view.owner;
                if parts.last() != Some(&planned.part) {
                    parts.push(planned.part.clone());
                }
            }
        }
        Ok(nobody)
    }
}
