//! Forms: what a part says about persons, events and documents, field by field. docs/format.md section 7, "Forms".
//!
//! Pure types and their rules; `format` reads them from files and writes them. A date, a place or an amount is kept as
//! it was said; nothing is settled, computed or guessed here.

mod common;
mod consent;
mod event;
mod finding;
mod noun;
mod people;
mod person;
mod rules;
mod shown;
mod statement;
mod tree;
mod value;
mod vocabulary;

pub use common::{Amount, Conversion, Dated, Place, Whereabouts};
pub use consent::{Consent, Terms};
pub use event::{Document, Event};
pub use finding::Finding;
pub use noun::{Field, Noun};
pub use people::{Marks, Mention};
pub use person::{Age, Link, Name, Person, SameAs};
pub use rules::{SECTIONS, Section};
pub use shown::Shown;
pub use statement::{Claim, Statement};
pub use tree::{Entry, FormError, FormFault, Node, Tree};
pub use value::{
    Currency, ExhibitId, Id, Line, NotAnId, Number, Prose, Shape, Slot, Sum, Tag, Value, When, Written,
};
pub use vocabulary::{
    Act, Connection, ConsentStatus, Degree, DocumentKind, FindingKind, GivenBy, Identity, IdentityLevel,
    Knowledge, Material, MediaLevel, Method, Mode, Monitoring, NameKind, Onward, PlaceLevel, Priority,
    Purpose, Reliability, Role, Sex, Signed, Status, Term, Violence,
};

/// The sections of a form, each with any number of entries.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Form {
    /// Persons.
    #[serde(skip_serializing_if = "Slot::is_absent")]
    pub person: Vec<Person>,
    /// Roles.
    #[serde(skip_serializing_if = "Slot::is_absent")]
    pub link: Vec<Link>,
    /// Consents.
    #[serde(skip_serializing_if = "Slot::is_absent")]
    pub consent: Vec<Consent>,
    /// Statements.
    #[serde(skip_serializing_if = "Slot::is_absent")]
    pub statement: Vec<Statement>,
    /// Claims.
    #[serde(skip_serializing_if = "Slot::is_absent")]
    pub claim: Vec<Claim>,
    /// Events.
    #[serde(skip_serializing_if = "Slot::is_absent")]
    pub event: Vec<Event>,
    /// Documents.
    #[serde(skip_serializing_if = "Slot::is_absent")]
    pub document: Vec<Document>,
    /// Medical findings.
    #[serde(skip_serializing_if = "Slot::is_absent")]
    pub finding: Vec<Finding>,
    /// Whereabouts.
    #[serde(skip_serializing_if = "Slot::is_absent")]
    pub whereabouts: Vec<Whereabouts>,
    /// Amounts of money.
    #[serde(skip_serializing_if = "Slot::is_absent")]
    pub amount: Vec<Amount>,
}
