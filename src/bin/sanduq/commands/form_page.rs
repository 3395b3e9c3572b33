//! A form as a page: for each entry a sentence, and below it what else is known, in columns.

use sanduq::format::{Malformed, parse_form};
use sanduq::record::form::{
    Amount, Claim, Consent, Document, Event, Finding, Form, Link, Noun, Person, Statement, Whereabouts,
};

use crate::ui::{quoted, table};

/// Lays out the form of a revision, behind bars like every text of others.
pub(super) fn form_page(written: &str) -> String {
    match parse_form(written) {
        Ok(form) => quoted(&lay_out(&form)),
        Err(Malformed::Newer) => "a form written by a newer sanduq: use that one to read it\n".to_owned(),
        Err(error) => format!("a form that cannot be read: {error}\n"),
    }
}

/// The form for `--json`, as it is in the revision.
pub(super) fn form_value(written: Option<&str>) -> Option<serde_json::Value> {
    written.and_then(|written| serde_json::from_str(written).ok())
}

fn lay_out(form: &Form) -> String {
    let mut page = Pages::default();
    page.section("PERSONS", &form.person, person);
    page.section("ROLES", &form.link, link);
    page.section("CONSENT", &form.consent, consent);
    page.section("STATEMENTS", &form.statement, statement);
    page.section("CLAIMS", &form.claim, claim);
    page.section("EVENTS", &form.event, event);
    page.section("DOCUMENTS", &form.document, document);
    page.section("MEDICAL FINDINGS", &form.finding, finding);
    page.section("WHEREABOUTS", &form.whereabouts, whereabouts);
    page.section("AMOUNTS", &form.amount, amount);
    page.0
}

/// A sentence about an entry, and the fields that it has told already.
type Sentence = (String, &'static [&'static str]);

#[derive(Default)]
struct Pages(String);

impl Pages {
    fn section<T: Noun>(&mut self, heading: &str, entries: &[T], sentence: fn(&T) -> Sentence) {
        if entries.is_empty() {
            return;
        }
        if !self.0.is_empty() {
            self.0.push('\n');
        }
        self.0.push_str(&format!("{heading}\n"));
        for entry in entries {
            let (line, told) = sentence(entry);
            self.0.push_str(&format!("  {line}\n"));
            let rows = entry.rows().into_iter().filter(|(field, _)| !told.contains(field));
            self.rows(rows.collect());
        }
    }

    /// Short values beside their field, texts of several lines below it.
    fn rows(&mut self, rows: Vec<(&str, Vec<String>)>) {
        let is_long = |lines: &[String]| lines.iter().any(|line| line.trim_end().contains('\n'));
        let (long, short): (Vec<_>, Vec<_>) = rows.into_iter().partition(|(_, lines)| is_long(lines));
        let label = |field: &str| format!("      {}", field.replace('_', " "));
        let cells = short.into_iter().flat_map(|(field, lines)| {
            let named = move |(at, line): (usize, String)| {
                [if at == 0 { label(field) } else { "      ".into() }, line.trim_end().to_owned()]
            };
            lines.into_iter().enumerate().map(named)
        });
        self.0.push_str(&table(cells));
        for (field, lines) in long {
            self.0.push_str(&format!("{}\n", label(field)));
            for line in lines.iter().flat_map(|text| text.trim_end().split('\n')) {
                self.0.push_str(format!("        {line}").trim_end());
                self.0.push('\n');
            }
        }
    }
}

/// A word of a list as it is said in a sentence.
fn said(word: &str) -> String {
    word.strip_prefix("x-").unwrap_or(word).replace('_', " ")
}

fn person(person: &Person) -> Sentence {
    let name = person.name.first().map(|name| format!(": {}", name.text)).unwrap_or_default();
    let minor = if person.minor == Some(true) { ", A MINOR" } else { "" };
    (format!("{}{name}{minor}", person.id), &["id"])
}

fn link(link: &Link) -> Sentence {
    let event = link.event.as_ref().map(|event| format!(" in event {event}")).unwrap_or_default();
    let to = link.to.as_ref().map(|to| format!(" towards {to}")).unwrap_or_default();
    let sentence = format!("{} is {}{event}{to}", link.person, said(link.role.as_str()));
    (sentence, &["person", "role", "event", "to"])
}

fn consent(consent: &Consent) -> Sentence {
    let sentence = match consent.status.as_str() {
        "given" => "agreed".to_owned(),
        "limited" => "agreed with limits".to_owned(),
        "refused" => "REFUSED".to_owned(),
        "withdrawn" => "WITHDREW the consent".to_owned(),
        "expired" => "agreed once; the consent HAS EXPIRED".to_owned(),
        "not_asked" => "was NOT ASKED".to_owned(),
        "unclear" => "may or may not have agreed: UNCLEAR".to_owned(),
        other => format!("gave a consent that stands as {}", said(other)),
    };
    (format!("{} {sentence}", consent.person), &["person", "status"])
}

fn statement(statement: &Statement) -> Sentence {
    let id = statement.id.as_ref().map_or_else(|| "A statement".to_owned(), ToString::to_string);
    let kind = match &statement.translation_of {
        Some(original) => format!("a translation of {original} into {}", statement.lang),
        None => format!("in {}", statement.lang),
    };
    let who = |verb: &str, id: &Option<sanduq::record::form::Id>| {
        id.as_ref().map(|id| format!(", {verb} {id}")).unwrap_or_default()
    };
    let said = who("said by", &statement.by);
    let drafted = who("written down by", &statement.drafted_by);
    let translated = who("translated by", &statement.translated_by);
    let told = &["id", "lang", "translation_of", "by", "drafted_by", "translated_by"];
    (format!("{id}, {kind}{said}{drafted}{translated}"), told)
}

fn claim(claim: &Claim) -> Sentence {
    let knows = knows(claim.knowledge.as_str());
    (format!("{}, claimed by {}, {knows}", claim.id, claim.said_by), &["id", "said_by", "knowledge"])
}

/// How somebody knows what they say.
pub(super) fn knows(knowledge: &str) -> String {
    match knowledge {
        "own_experience" => "from own experience".to_owned(),
        "witnessed" => "who saw it".to_owned(),
        "told_by_victim" => "who heard it from the victim".to_owned(),
        "relayed" => "who heard it from others".to_owned(),
        "document" => "from a document".to_owned(),
        "publicly_known" => "as it is publicly known".to_owned(),
        "inferred" => "who infers it".to_owned(),
        "unknown" => "how they know is not known".to_owned(),
        other => said(other),
    }
}

fn event(event: &Event) -> Sentence {
    let title = event.title.as_ref().map(|title| format!(": {title}")).unwrap_or_default();
    (format!("{}{title}", event.id), &["id", "title"])
}

fn document(document: &Document) -> Sentence {
    let until = document.expires.as_ref().map(|day| format!(", holds until {day}")).unwrap_or_default();
    let kind = said(document.kind.as_str());
    let sentence = format!("{}, {kind} issued by {}{until}", document.id, document.issuer);
    (sentence, &["id", "kind", "issuer", "expires"])
}

fn finding(finding: &Finding) -> Sentence {
    let degree = match finding.degree.as_str() {
        "not_consistent" => "NOT consistent with what is alleged".to_owned(),
        "consistent" => "consistent with what is alleged".to_owned(),
        "highly_consistent" => "highly consistent with what is alleged".to_owned(),
        "typical_of" => "typical of what is alleged".to_owned(),
        "diagnostic_of" => "diagnostic of what is alleged".to_owned(),
        other => said(other),
    };
    let kind = said(finding.kind.as_str());
    let sentence = format!("{}, {kind}, of {}: {degree}", finding.id, finding.patient);
    (sentence, &["id", "kind", "patient", "degree"])
}

fn whereabouts(whereabouts: &Whereabouts) -> Sentence {
    (whereabouts.person.to_string(), &["person"])
}

fn amount(amount: &Amount) -> Sentence {
    let sentence = format!("{}, {}: {} {}", amount.id, amount.what, amount.amount, amount.currency);
    (sentence, &["id", "what", "amount", "currency"])
}
