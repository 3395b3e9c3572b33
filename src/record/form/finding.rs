//! Medical findings, as the Istanbul Protocol asks for them.

use super::common::{Dated, Place};
use super::noun::noun;
use super::value::{ExhibitId, Id, Line, Prose};
use super::vocabulary::{Degree, FindingKind};

noun! {
    /// What one clinician found at one time. A later finding stands beside it and replaces nothing.
    Finding {
        /// An identifier in this form.
        id: Id = "\"F1\"",
        /// The patient.
        patient: Id = "\"P1\"",
        /// What kind: physical, psychological, or overall for the whole examination.
        kind: FindingKind = "\"physical\"",
        /// How far it fits what was alleged: not_consistent, consistent, highly_consistent, typical_of, diagnostic_of.
        degree: Degree = "\"highly_consistent\"",
        /// Who found it. Their name belongs into a part of its own, such as person/doctor.
        clinician: Option<Id> = "\"SRC-7\"",
        /// What the clinician is.
        qualification: Option<Line> = "\"trauma surgeon\"",
        /// When.
        date: Option<Dated> = "{ edtf = \"2021-01-15\" }",
        /// Where.
        place: Option<Place> = "{ said = \"a city hospital\", level = \"settlement\" }",
        /// Where on the body.
        body_site: Option<Line> = "\"sixth rib, left\"",
        /// What was found.
        description: Prose = "\"fracture\"",
        /// What was alleged.
        allegation: Option<Prose> = "\"\"",
        /// Who was present.
        present: Vec<Id> = "[\"P4\"]",
        /// Whether the patient was restrained.
        restrained: Option<bool> = "false",
        /// Whether police or guards were present.
        police_present: Option<bool> = "false",
        /// Who interpreted.
        interpreter: Option<Id> = "\"P5\"",
        /// Photographs and body diagrams.
        exhibit: Vec<ExhibitId> = "[\"E4\"]",
        /// The clinician's opinion.
        opinion: Option<Prose> = "\"\"",
        /// What could not be examined.
        limits: Option<Prose> = "\"no X-ray at hand\"",
        /// Anything else.
        note: Option<Prose> = "\"\"",
    }
}
