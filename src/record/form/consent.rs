//! What a person agreed to. One record a person, under the person's pseudonym; it never covers another person.

use serde::{Deserialize, Serialize};

use super::noun::noun;
use super::tree::{FormError, Node};
use super::value::{Id, Line, Prose, Tag, When};
use super::vocabulary::{ConsentStatus, GivenBy, IdentityLevel, MediaLevel, Mode, Onward, Purpose};

noun! {
    /// The consent of one person: to what, how it was given, until when. What is not said is not agreed to.
    Consent, check whole {
        /// Whose.
        person: Id = "\"P1\"",
        /// How it stands: given, limited, refused, withdrawn, expired, not_asked, unclear.
        status: ConsentStatus = "\"limited\"",
        /// Who gave it: self, guardian, representative.
        given_by: Option<GivenBy> = "\"self\"",
        /// The guardian or representative.
        representative: Option<Id> = "\"P2\"",
        /// How: oral, audio, written, thumbprint.
        mode: Option<Mode> = "\"oral\"",
        /// What for: safekeeping, legal_representation, asylum_procedure, media and so on.
        purpose: Vec<Purpose> = "[\"safekeeping\", \"asylum_procedure\"]",
        /// How far the person may be known: named, pseudonym, no_identifying_detail, aggregate_only.
        identity_level: Option<IdentityLevel> = "\"pseudonym\"",
        /// How far the person may be seen and heard: text, voice_altered, voice, face_blurred, face.
        media_level: Option<MediaLevel> = "\"text\"",
        /// To whom a recipient may hand on: none, same_org, named_list, any.
        onward: Option<Onward> = "\"none\"",
        /// The names of that list.
        onward_to: Vec<Line> = "[\"the lawyer of the family\"]",
        /// The language in which it was asked and given.
        language: Option<Tag> = "\"kk\"",
        /// Who interpreted.
        interpreter: Option<Id> = "\"P5\"",
        /// What the person was told before.
        informed_of: Vec<Line> = "[\"why it is recorded\", \"who will read it\", \"the right to refuse\"]",
        /// When it was given or refused.
        date: Option<When> = "\"2021-01-15\"",
        /// Until when it holds.
        valid_until: Option<When> = "\"2023-01-15\"",
        /// When it is to be asked again.
        review: Option<When> = "\"2022-01-15\"",
        /// When it was withdrawn.
        withdrawn: Option<When> = "\"2022-03\"",
        /// Who was present as a witness of it.
        witness: Option<Id> = "\"P6\"",
        /// Anything else, such as the reason of a refusal.
        note: Option<Prose> = "\"\"",
    }
}

impl Consent {
    /// A consent that says yes says how, for what and how far; one that was withdrawn says when.
    fn whole(&self, node: &Node) -> Result<(), FormError> {
        let status = self.status.as_str();
        let granted = matches!(status, "given" | "limited");
        let needed = [
            ("given_by", granted && self.given_by.is_none()),
            ("mode", granted && self.mode.is_none()),
            ("purpose", granted && self.purpose.is_empty()),
            ("identity_level", granted && self.identity_level.is_none()),
            ("onward", granted && self.onward.is_none()),
            ("date", granted && self.date.is_none()),
            ("withdrawn", status == "withdrawn" && self.withdrawn.is_none()),
            (
                "onward_to",
                self.onward.as_ref().is_some_and(|onward| onward.as_str() == "named_list")
                    && self.onward_to.is_empty(),
            ),
            (
                "representative",
                self.given_by.as_ref().is_some_and(|by| by.as_str() != "self")
                    && self.representative.is_none(),
            ),
        ];
        match needed.iter().find(|(_, missing)| *missing) {
            None => Ok(()),
            Some((name, _)) => Err(node.refuse(
                format!("needs `{name}` to be {status}"),
                format!("add `{name}`; what is not said is not agreed to"),
            )),
        }
    }
}

/// What a check before sharing asks of a consent; the rest stays in the form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    /// Whose.
    pub person: Id,
    /// How it stands.
    pub status: ConsentStatus,
    /// Who gave it.
    pub given_by: Option<GivenBy>,
    /// The guardian or representative.
    pub representative: Option<Id>,
    /// What for.
    pub purpose: Vec<Purpose>,
    /// How far the person may be known.
    pub identity_level: Option<IdentityLevel>,
    /// To whom a recipient may hand on.
    pub onward: Option<Onward>,
    /// The names of that list.
    pub onward_to: Vec<Line>,
    /// When it was given or refused.
    pub date: Option<When>,
    /// Until when it holds.
    pub valid_until: Option<When>,
    /// When it is to be asked again.
    pub review: Option<When>,
    /// When it was withdrawn.
    pub withdrawn: Option<When>,
}

impl Consent {
    /// The record of a person of whom nothing was recorded before they withdrew.
    pub fn withdrawn(person: Id, date: When) -> Self {
        Self {
            person,
            status: "withdrawn".parse().expect("a word of the list"),
            given_by: None,
            representative: None,
            mode: None,
            purpose: Vec::new(),
            identity_level: None,
            media_level: None,
            onward: None,
            onward_to: Vec::new(),
            language: None,
            interpreter: None,
            informed_of: Vec::new(),
            date: None,
            valid_until: None,
            review: None,
            withdrawn: Some(date),
            witness: None,
            note: None,
        }
    }

    /// What a check asks of it.
    pub fn terms(&self) -> Terms {
        Terms {
            person: self.person.clone(),
            status: self.status.clone(),
            given_by: self.given_by.clone(),
            representative: self.representative.clone(),
            purpose: self.purpose.clone(),
            identity_level: self.identity_level.clone(),
            onward: self.onward.clone(),
            onward_to: self.onward_to.clone(),
            date: self.date.clone(),
            valid_until: self.valid_until.clone(),
            review: self.review.clone(),
            withdrawn: self.withdrawn.clone(),
        }
    }
}
