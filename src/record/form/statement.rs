//! What somebody said: statements with their language, and claims with who says them and how they know.

use super::common::{Dated, Place};
use super::noun::noun;
use super::tree::{FormError, Node};
use super::value::{ExhibitId, Id, Line, Prose, Sum, Written};
use super::vocabulary::{Connection, Knowledge, Material, Method, Reliability};

noun! {
    /// A statement in one language. One without `translation_of` is an original.
    Statement, check something {
        /// An identifier in this form, by which a translation or a claim names it.
        id: Option<Id> = "\"S1\"",
        /// Language and script it is written in.
        lang: Written = "\"kk-Cyrl\"",
        /// The words.
        text: Option<Prose> = "\"Мен көрдім.\"",
        /// The exhibit that holds it, where it is a recording or a scan.
        exhibit: Option<ExhibitId> = "\"E3\"",
        /// The statement of this form that it translates.
        translation_of: Option<Id> = "\"S1\"",
        /// The original that it is a redacted copy of, as a salted digest; `sanduq redact` writes it.
        redaction_of: Option<Sum> = "\"\"",
        /// Who says it.
        by: Option<Id> = "\"P1\"",
        /// Who wrote it down, if somebody else did.
        drafted_by: Option<Id> = "\"P2\"",
        /// Who translated it.
        translated_by: Option<Id> = "\"P3\"",
        /// How it was translated: human, machine, machine_checked, or x-.
        method: Option<Method> = "\"human\"",
        /// Who took it.
        interviewer: Option<Id> = "\"P4\"",
        /// When it was taken.
        taken: Option<Dated> = "{ edtf = \"2021-01-15\" }",
        /// Where it was taken.
        place: Option<Place> = "{ said = \"Almaty\", level = \"settlement\" }",
        /// What it was taken from: interview, letter, affidavit, film and so on, or a HURIDOCS code.
        material: Option<Material> = "\"interview\"",
        /// How reliable it is, apart from who says it: highly_reliable to highly_unreliable, unknown.
        reliability_of_information: Option<Reliability> = "\"likely_reliable\"",
        /// Anything else.
        note: Option<Prose> = "\"\"",
    }
}

impl Statement {
    fn something(&self, node: &Node) -> Result<(), FormError> {
        if self.text.is_none() && self.exhibit.is_none() {
            return Err(node.refuse("has no words", "add `text`, or `exhibit` for a recording"));
        }
        if self.text.is_none() && self.redaction_of.is_some() {
            return Err(node.refuse("is a redacted copy without words", "`sanduq redact` writes both"));
        }
        if self.translation_of.is_none() && (self.translated_by.is_some() || self.method.is_some()) {
            let remedy = "say of which statement it is one with `translation_of`";
            return Err(node.refuse("says how it was translated, and is no translation", remedy));
        }
        Ok(())
    }
}

noun! {
    /// One thing that somebody says happened. Claims that differ stand beside each other; none is settled here.
    Claim {
        /// An identifier in this form.
        id: Id = "\"C1\"",
        /// What is claimed.
        text: Prose = "\"They were held for two days.\"",
        /// Who says it.
        said_by: Id = "\"P1\"",
        /// How they know: own_experience, witnessed, told_by_victim, relayed, document, publicly_known, inferred, unknown.
        knowledge: Knowledge = "\"own_experience\"",
        /// What they are to what happened: victim, witness, relative, third_party and so on, or a HURIDOCS code.
        connection: Option<Connection> = "\"witness\"",
        /// The statement of this form in which they say it.
        statement: Option<Id> = "\"S1\"",
        /// The event it is about.
        about: Option<Id> = "\"V1\"",
        /// The date that is claimed.
        date: Option<Dated> = "{ said = \"1 October\", edtf = \"2019-10-01\" }",
        /// The place that is claimed.
        place: Option<Place> = "{ said = \"Tacheng\", level = \"district\" }",
        /// A number that is claimed.
        count: Option<u64> = "2",
        /// The word that was used, where it matters which.
        term: Option<Line> = "\"лагерь\"",
        /// The language of that word.
        term_lang: Option<Written> = "\"ru\"",
        /// Where it is public already, with the date on which it was seen there.
        public_at: Option<Line> = "\"https://example.org/1, seen 2021-02-03\"",
        /// How reliable it is, apart from who says it.
        reliability_of_information: Option<Reliability> = "\"unsure\"",
        /// Anything else.
        note: Option<Prose> = "\"\"",
    }
}
