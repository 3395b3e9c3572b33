//! Events, and the documents that tell of persons and events.

use super::common::{Dated, Place};
use super::noun::noun;
use super::value::{ExhibitId, Id, Line, Prose, When, Written};
use super::vocabulary::{Act, DocumentKind, Monitoring, Priority, Signed, Status, Violence};

noun! {
    /// Something that happened. Who was in it, and as what, stands in links.
    Event {
        /// An identifier, by which links and claims name it.
        id: Id = "\"V1\"",
        /// A title.
        title: Option<Line> = "\"Arrest at the market\"",
        /// When it happened or began.
        date: Option<Dated> = "{ said = \"in November 201\", edtf = \"201X-11\" }",
        /// When it ended.
        until: Option<Dated> = "{ edtf = \"2017\" }",
        /// Where.
        place: Option<Place> = "{ said = \"Tacheng\", level = \"district\" }",
        /// What was done: arrest, detention, torture and so on, or HURIDOCS codes; x-hearing for a hearing, which is due then.
        type_of_act: Vec<Act> = "[\"arrest\", \"detention\"]",
        /// By which means: beating, electric_shock, sleep_deprivation and so on, or HURIDOCS codes.
        method_of_violence: Vec<Violence> = "[\"sleep_deprivation\"]",
        /// What happened.
        description: Option<Prose> = "\"\"",
        /// The reason that was given.
        stated_reason: Option<Line> = "\"none\"",
        /// Whom it is attributed to, and by whom.
        attribution: Option<Line> = "\"county police, by P1\"",
        /// Whether statements had to be signed: forced, not_requested_or_forced, unknown.
        statements_signed: Option<Signed> = "\"forced\"",
        /// What it did to the body. That nothing was left to see is a fact too.
        physical_consequences: Option<Prose> = "\"no marks to be seen\"",
        /// What it did to the mind.
        psychological_consequences: Option<Prose> = "\"\"",
        /// How it stood at the end.
        status_at_end: Option<Line> = "\"released\"",
        /// How far it is established: confirmed_violation to unlikely, unknown.
        violation_status: Option<Status> = "\"likely\"",
        /// Whether it is followed: active, pending, not_active.
        monitoring_status: Option<Monitoring> = "\"active\"",
        /// How urgent it is: urgent, high, priority, low, rejected.
        priority: Option<Priority> = "\"urgent\"",
        /// When it was reported here.
        received: Option<Dated> = "{ edtf = \"2021-01-15\" }",
        /// Anything else.
        note: Option<Prose> = "\"\"",
    }
}

noun! {
    /// A document: who issued it, and until when it holds.
    Document {
        /// An identifier in this form.
        id: Id = "\"D1\"",
        /// What kind: passport, identity_card, refugee_certificate, court_record and so on, or x-.
        kind: DocumentKind = "\"refugee_certificate\"",
        /// A title.
        title: Option<Line> = "\"Certificate of an asylum seeker\"",
        /// Its number.
        number: Option<Line> = "\"0123\"",
        /// Who issued it.
        issuer: Line = "\"Immigration department of Akmola\"",
        /// Whose it is.
        holder: Option<Id> = "\"P1\"",
        /// When it was issued.
        issued: Option<When> = "\"2020-10-16\"",
        /// From when it holds.
        valid_from: Option<When> = "\"2020-10-16\"",
        /// Until when it holds.
        expires: Option<When> = "\"2021-10-16\"",
        /// Language and script.
        lang: Option<Written> = "\"ru\"",
        /// The exhibit that shows it.
        exhibit: Option<ExhibitId> = "\"E1\"",
        /// Anything else.
        note: Option<Prose> = "\"\"",
    }
}
