//! The rule before anything leaves a vault: whose consent it needs, and what is missing. docs/consent.md.

use edtf_core::Bound;

use super::form::{ConsentStatus, Id, IdentityLevel, Marks, Onward, Purpose, Terms, When};
use super::{Label, Time};

/// A person whose data is about to go out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaving {
    /// Who.
    pub person: Id,
    /// What goes out tells of them.
    pub tells: Marks,
    /// What is said of them anywhere in the case.
    pub known: Marks,
    /// Whether some of it was written by somebody else and is passed on.
    pub passed_on: bool,
}

/// For what, to whom, when.
#[derive(Clone, Copy, Debug)]
pub struct Errand<'a> {
    /// What for.
    pub purpose: &'a Purpose,
    /// The contact.
    pub to: &'a Label,
    /// Now.
    pub now: Time,
}

/// What a consent lacks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Lack {
    /// There is no record.
    #[error("no consent is recorded, and unknown is no")]
    Record,
    /// A version of the case's consents cannot be read here: what it says is unknown.
    #[error(
        "a version of the case's consents holds something else or cannot be read here, and does not count"
    )]
    Unread,
    /// It was withdrawn, and not given again since.
    #[error("consent was withdrawn on {0}, and not given again since")]
    Withdrawn(When),
    /// The record does not say yes.
    #[error("consent is {}", words(.0.as_str()))]
    Status(ConsentStatus),
    /// It is for other purposes.
    #[error("consent is for {}, not for {}", listed(.agreed), .asked)]
    Purpose {
        /// Those agreed to.
        agreed: Vec<Purpose>,
        /// That asked for.
        asked: Purpose,
    },
    /// More would be known of them than they agreed to.
    #[error("consent is to be known as {}, and what goes out {}", agreed_level(.agreed.as_ref()), goes_as(*.named))]
    Identity {
        /// How far they agreed to be known.
        agreed: Option<IdentityLevel>,
        /// Whether what goes out tells who they are.
        named: bool,
    },
    /// It begins later, or nobody can say when.
    #[error("consent is dated {}", .0.as_ref().map_or("nowhere", |date| date.as_str()))]
    NotYet(Option<When>),
    /// It has run out.
    #[error("consent was valid until {0}")]
    Over(When),
    /// A minor's, and not given by a guardian.
    #[error("a minor: only a guardian's consent counts")]
    Minor,
    /// A relative's at risk, and not given personally.
    #[error("a relative at risk: only their own consent counts")]
    Relative,
    /// It was given for them by nobody else.
    #[error("the consent names nobody else who gave it for them")]
    Representative,
    /// It does not allow handing on.
    #[error("consent lets what came from others be handed on to {}", allowed(.0.as_ref(), .1))]
    Onward(Option<Onward>, Vec<String>),
}

impl Lack {
    /// What would be needed.
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Record => "ask them, and record it with `sanduq edit CODE consent`",
            Self::Unread => {
                "look for it with `sanduq show CODE`, and put what is no consent into another part"
            }
            Self::Withdrawn(_) => "ask them again; only a consent dated after the withdrawal counts",
            Self::Status(_) => "ask them again, and record the answer; without a yes it stays here",
            Self::Purpose { .. } => "ask them for this purpose too, or share for one they agreed to",
            Self::Identity { named: true, .. } => {
                "give a copy that tells less of them, or ask whether they may be named"
            }
            Self::Identity { .. } => "give a copy that leaves them out, or ask whether a pseudonym may stand",
            Self::NotYet(_) => "correct the date of the record, or wait",
            Self::Over(_) => "ask them again, and record the new date",
            Self::Minor => "ask the guardian, and record it as given_by guardian with their identifier",
            Self::Relative => "ask them personally: nobody agrees for another",
            Self::Representative => "record who gave it for them",
            Self::Onward(..) => "ask whoever recorded the case to get that consent",
        }
    }
}

fn words(word: &str) -> String {
    word.strip_prefix("x-").unwrap_or(word).replace('_', " ")
}

fn listed(purposes: &[Purpose]) -> String {
    match purposes {
        [] => "nothing".into(),
        some => some.iter().map(Purpose::as_str).collect::<Vec<_>>().join(", "),
    }
}

fn agreed_level(level: Option<&IdentityLevel>) -> String {
    level.map_or_else(|| "nothing".into(), |level| words(level.as_str()))
}

fn goes_as(named: bool) -> &'static str {
    if named { "tells who they are" } else { "names them by a pseudonym" }
}

fn allowed(onward: Option<&Onward>, list: &[String]) -> String {
    match onward.map(Onward::as_str) {
        Some("named_list") => format!("nobody but {}", list.join(", ")),
        Some("same_org") => "the same organisation, which this program does not know".into(),
        _ => "nobody".into(),
    }
}

/// What a person's consents lack for this errand; nothing when all of them say yes.
///
/// `trusted` are the records whose yes counts: by the vault's owner, and by those who wrote what leaves. Of `others`
/// only a no counts: whoever gives a case, or a part of one, must not agree for the people of somebody else's.
pub fn lacks<'a>(
    leaving: &Leaving,
    trusted: impl IntoIterator<Item = &'a Terms>,
    others: impl IntoIterator<Item = &'a Terms>,
    errand: Errand<'_>,
) -> Vec<Lack> {
    let mut own = trusted.into_iter().peekable();
    let mut all: Vec<Lack> = if own.peek().is_none() { vec![Lack::Record] } else { Vec::new() };
    let refusals =
        others.into_iter().filter(|terms| matches!(terms.status.as_str(), "refused" | "withdrawn"));
    let refused = refusals.map(|terms| Lack::Status(terms.status.clone()));
    for lack in own.flat_map(|consent| of_one(leaving, consent, errand)).chain(refused) {
        if !all.contains(&lack) {
            all.push(lack);
        }
    }
    all
}

fn of_one(leaving: &Leaving, consent: &Terms, errand: Errand<'_>) -> Vec<Lack> {
    if let Some(lack) = standing(consent, errand.now) {
        return vec![lack];
    }
    let purpose = (!consent.purpose.contains(errand.purpose))
        .then(|| Lack::Purpose { agreed: consent.purpose.clone(), asked: errand.purpose.clone() });
    let onward = (leaving.passed_on && !may_go_on(consent, errand.to)).then(|| {
        Lack::Onward(consent.onward.clone(), consent.onward_to.iter().map(ToString::to_string).collect())
    });
    [purpose, identity(leaving, consent), giver(leaving.known, consent), onward]
        .into_iter()
        .flatten()
        .collect()
}

/// What is missing so that a consent says yes to anything at all today.
fn standing(consent: &Terms, now: Time) -> Option<Lack> {
    if !matches!(consent.status.as_str(), "given" | "limited") {
        return Some(Lack::Status(consent.status.clone()));
    }
    if let Some(withdrawn) = consent.withdrawn.as_ref()
        && !consent.date.as_ref().is_some_and(|date| is_after(date, withdrawn))
    {
        return Some(Lack::Withdrawn(withdrawn.clone()));
    }
    if !consent.date.as_ref().is_some_and(|date| has_come(date, now)) {
        return Some(Lack::NotYet(consent.date.clone()));
    }
    let over = consent.valid_until.as_ref().filter(|until| is_over(until, now));
    over.map(|until| Lack::Over(until.clone()))
}

fn identity(leaving: &Leaving, consent: &Terms) -> Option<Lack> {
    let named = leaving.tells.has(Marks::NAMED);
    let enough = match consent.identity_level.as_ref().map(IdentityLevel::as_str) {
        Some("named") => true,
        Some("pseudonym") => !named,
        _ => false,
    };
    (!enough).then(|| Lack::Identity { agreed: consent.identity_level.clone(), named })
}

/// What is missing so that a consent says yes to anything today, of a person of whom this is known.
pub fn no_today(consent: &Terms, known: Marks, now: Time) -> Option<Lack> {
    standing(consent, now).or_else(|| giver(known, consent))
}

/// Who gave it must be allowed to.
fn giver(known: Marks, consent: &Terms) -> Option<Lack> {
    let by = consent.given_by.as_ref().map_or("", |by| by.as_str());
    let somebody_else = consent.representative.as_ref().is_some_and(|other| *other != consent.person);
    match by {
        _ if known.has(Marks::MINOR) && by != "guardian" => Some(Lack::Minor),
        _ if known.has(Marks::RELATIVE) && !known.has(Marks::MINOR) && by != "self" => Some(Lack::Relative),
        "self" => None,
        _ => (!somebody_else).then_some(Lack::Representative),
    }
}

fn may_go_on(consent: &Terms, to: &Label) -> bool {
    let same = |line: &super::form::Line| line.as_str().to_lowercase() == to.as_str().to_lowercase();
    match consent.onward.as_ref().map(Onward::as_str) {
        Some("any") => true,
        Some("named_list") => consent.onward_to.iter().any(same),
        _ => false,
    }
}

/// Whether a date is unsure, about, has unknown digits, or is one of several: any day between its bounds may be meant.
fn is_loose(date: &When) -> bool {
    date.as_str().contains(['?', '~', '%', 'X', '[', '{', 'S', '.', '/'])
}

/// Whether a date has come: its first day, and where any day of it may be meant its last.
pub fn has_come(date: &When, now: Time) -> bool {
    let bounds = date.bounds();
    match (if is_loose(date) { bounds.latest } else { bounds.earliest }, now.day()) {
        (Bound::Date(day), Some(today)) => day <= today,
        _ => false,
    }
}

/// Whether a date until which something holds may have passed: its last day, and where any day of it may be meant its
/// first. One without an end never does.
pub fn is_over(until: &When, now: Time) -> bool {
    let bounds = until.bounds();
    let end = match bounds.latest {
        Bound::PositiveInfinity => return false,
        latest if !is_loose(until) => latest,
        _ => bounds.earliest,
    };
    match (end, now.day()) {
        (Bound::Date(last), Some(today)) => last < today,
        _ => true,
    }
}

/// Whether a date is certainly after another one.
fn is_after(date: &When, other: &When) -> bool {
    match (date.bounds().earliest, other.bounds().latest) {
        (Bound::Date(first), Bound::Date(last)) => first > last,
        _ => false,
    }
}
