//! Consent: what a plan lacks before it may leave, and what people agreed to in a case. docs/consent.md.

use super::case::CaseView;
use super::error::VaultError;
use super::people::{Consents, Recorded};
use super::session::Vault;
use super::sharing::{PlannedCase, PlannedPart, SharePlan};
use super::spread::spread;
use crate::crypto::case_code;
use crate::format::{Kind, RevisionFact};
use crate::record::form::{Id, Line, Marks, Mention, Purpose};
use crate::record::leave::{Errand, Lack, Leaving, has_come, lacks};
use crate::record::{CardHash, CaseId, Label, PartName, Time};

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

    /// The same for one of its cases: where only others lack something, nothing is overridden in this one.
    pub(super) fn overriding_in(&self, case: &CaseId) -> Option<&Line> {
        let here = |lacking: &Lacking| lacking.case.is_none_or(|of| of == *case);
        let lacks = self.judgement.as_ref().is_none_or(|judged| judged.lacking.iter().any(here));
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
        let leaving: Vec<(&PlannedCase, &CaseView)> = plan.cases.iter().zip(views).collect();
        let judge = |(case, view): &(&PlannedCase, &CaseView)| {
            let mut judged = Judgement { purpose: purpose.clone(), ..Judgement::default() };
            let asked: Vec<&PlannedPart> = case.parts.iter().filter(|planned| !planned.along).collect();
            if asked.is_empty() {
                return Ok((judged, false));
            }
            let departure = Departure { vault: self, view, to: &plan.to.label, now: time };
            departure.judge(&asked, &mut judged).map(|()| (judged, true))
        };
        let mut all = Judgement { purpose: purpose.clone(), ..Judgement::default() };
        let mut any = false;
        for judged in spread(&leaving, judge) {
            let (judged, asked) = judged?;
            any |= asked;
            all.lacking.extend(judged.lacking);
            all.not_asked.extend(judged.not_asked);
            all.to_review.extend(judged.to_review);
        }
        if any && all.purpose.is_none() {
            all.lacking.insert(0, Lacking { case: None, parts: Vec::new(), what: Missing::Purpose });
        }
        Ok(all)
    }
}

/// What leaves of one case.
struct Departure<'a> {
    vault: &'a Vault,
    view: &'a CaseView,
    to: &'a Label,
    now: Time,
}

/// A person who leaves by the revisions of some authors, and the parts that name them.
struct Traveller {
    leaving: Leaving,
    authors: Vec<CardHash>,
    parts: Vec<PartName>,
}

impl Departure<'_> {
    fn judge(&self, asked: &[&PlannedPart], judged: &mut Judgement) -> Result<(), VaultError> {
        let case = self.view.case;
        let known = self.view.known_marks(self.vault.store())?;
        let consents = self.view.consents(self.vault.store())?;
        let mut travellers: Vec<Traveller> = Vec::new();
        for planned in asked {
            let mut nobody = false;
            for fact in planned.heads.iter().chain(&planned.history) {
                nobody |= self.take(planned, fact, &mut travellers)?;
            }
            if nobody {
                let parts = vec![planned.part.clone()];
                judged.lacking.push(Lacking { case: Some(case), parts, what: Missing::Persons });
            }
        }
        for traveller in &mut travellers {
            traveller.leaving.known = self.known(traveller, &known);
            self.ask(traveller, &consents, judged);
        }
        self.refuse_unasked(asked, judged)
    }

    /// Adds the persons whom a revision names; whether it names nobody, or leaves somebody unnamed.
    fn take(
        &self,
        planned: &PlannedPart,
        fact: &RevisionFact,
        travellers: &mut Vec<Traveller>,
    ) -> Result<bool, VaultError> {
        let people = self.view.people_of(self.vault.store(), fact)?;
        let nobody = people.persons.is_empty() || people.is.has(Kind::SOMEBODY_UNNAMED);
        // Whoever edits what came from others passes their words on, under a signature of their own.
        let mut authors: Vec<CardHash> =
            fact.vector.positions().iter().map(|position| position.author).collect();
        authors.push(fact.author);
        let passed_on = authors.iter().any(|author| *author != self.view.owner);
        for Mention { person, is } in &people.persons {
            let at =
                travellers.iter().position(|known| known.leaving.person == *person).unwrap_or_else(|| {
                    let (tells, known) = (Marks::default(), Marks::default());
                    let leaving = Leaving { person: person.clone(), tells, known, passed_on: false };
                    travellers.push(Traveller { leaving, authors: Vec::new(), parts: Vec::new() });
                    travellers.len() - 1
                });
            let traveller = &mut travellers[at];
            traveller.leaving.tells = traveller.leaving.tells.and(*is);
            traveller.leaving.passed_on |= passed_on;
            traveller.authors.extend(&authors);
            if traveller.parts.last() != Some(&planned.part) {
                traveller.parts.push(planned.part.clone());
            }
        }
        Ok(nobody)
    }

    /// Whether a record or a mark by this author counts for the person: the vault's owner's does, and that of whoever
    /// wrote what leaves of them.
    fn counts(&self, traveller: &Traveller, author: CardHash) -> bool {
        author == self.view.owner || traveller.authors.contains(&author)
    }

    /// What is said of a person anywhere in the case. Others may say that somebody is a minor, a relative, or has a
    /// role; only those who count, that somebody is a perpetrator, of whom nothing is asked.
    fn known(&self, traveller: &Traveller, known: &[(CardHash, Mention)]) -> Marks {
        let said = known.iter().filter(|(_, mention)| mention.person == traveller.leaving.person);
        let marks = said.map(|(author, mention)| match self.counts(traveller, *author) {
            true => mention.is,
            false => mention.is.without(Marks::PERPETRATOR),
        });
        marks.fold(traveller.leaving.tells, Marks::and)
    }

    fn ask(&self, traveller: &Traveller, consents: &Consents, judged: &mut Judgement) {
        let (case, leaving) = (self.view.case, &traveller.leaving);
        let own: Vec<&Recorded> =
            consents.records.iter().filter(|one| one.terms.person == leaving.person).collect();
        if leaving.known.is_only_perpetrator() && own.is_empty() {
            return judged.not_asked.push((case, leaving.person.clone()));
        }
        let late =
            |one: &&Recorded| one.terms.review.as_ref().is_some_and(|review| has_come(review, self.now));
        if own.iter().any(late) {
            judged.to_review.push((case, leaving.person.clone()));
        }
        // Without a purpose, what else is missing is said all the same.
        let unsaid = "x-unsaid".parse().expect("a word of one's own");
        let purpose = judged.purpose.as_ref().unwrap_or(&unsaid);
        let errand = Errand { purpose, to: self.to, now: self.now };
        let counts = |one: &&&Recorded| self.counts(traveller, one.author);
        let trusted = own.iter().filter(counts).map(|one| &one.terms);
        let others = own.iter().filter(|one| !counts(one)).map(|one| &one.terms);
        let unread = consents.unread.then_some(Lack::Unread);
        let lacks: Vec<Lack> = lacks(leaving, trusted, others, errand).into_iter().chain(unread).collect();
        for lack in lacks {
            if judged.purpose.is_none() && matches!(lack, Lack::Purpose { .. }) {
                continue;
            }
            let what = Missing::Consent(leaving.person.clone(), lack);
            judged.lacking.push(Lacking { case: Some(case), parts: traveller.parts.clone(), what });
        }
    }

    /// A revision that names nobody but those who are not asked is about somebody else, whom it does not name.
    fn refuse_unasked(&self, asked: &[&PlannedPart], judged: &mut Judgement) -> Result<(), VaultError> {
        let case = self.view.case;
        let not_asked: Vec<Id> =
            judged.not_asked.iter().filter(|(of, _)| *of == case).map(|(_, person)| person.clone()).collect();
        for planned in asked {
            for fact in planned.heads.iter().chain(&planned.history) {
                let people = self.view.people_of(self.vault.store(), fact)?;
                let persons = &people.persons;
                let lacking =
                    Lacking { case: Some(case), parts: vec![planned.part.clone()], what: Missing::Persons };
                let only = !persons.is_empty() && persons.iter().all(|one| not_asked.contains(&one.person));
                if only && !judged.lacking.contains(&lacking) {
                    judged.lacking.push(lacking);
                }
            }
        }
        Ok(())
    }
}
