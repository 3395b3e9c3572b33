//! Lists of words: each with its HURIDOCS code where one is known, and `x-` words of one's own beside them.
//!
//! The codes are those of the HURIDOCS micro-thesauri as OpenEvSys ships them (twelve digits); `MTn` is their list.

use serde::Serialize;

use super::tree::{FormError, Node, nearest};
use super::value::{MAX_WORD_CHARS, Value, deserialize_as_read};

/// A word of a list and its HURIDOCS code; empty where the list has none for it.
pub type Term = (&'static str, &'static str);

/// Declares a list. `code` lists also take the digits of any other code of the HURIDOCS list.
macro_rules! list {
    ($(#[$doc:meta])* $name:ident, $codes:expr, [$(($word:literal, $code:literal)),* $(,)?]) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// The list.
            pub const TERMS: &'static [Term] = &[$(($word, $code)),*];

            /// The word.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// Its HURIDOCS code, if it has one.
            pub fn huridocs(&self) -> Option<&str> {
                huridocs(&self.0, Self::TERMS)
            }
        }

        impl Value for $name {
            fn read(node: &Node) -> Result<Self, FormError> {
                word(node, Self::TERMS, $codes).map(Self)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = FormError;

            fn from_str(text: &str) -> Result<Self, FormError> {
                Self::read(&Node::typed(text))
            }
        }

        deserialize_as_read!($name);
    };
}

fn huridocs<'a>(word: &'a str, terms: &'static [Term]) -> Option<&'a str> {
    if word.starts_with(|first: char| first.is_ascii_digit()) {
        return Some(word);
    }
    terms.iter().find(|(known, code)| *known == word && !code.is_empty()).map(|(_, code)| *code)
}

/// Reads a word of a list; a code that stands in it counts as its word.
fn word(node: &Node, terms: &'static [Term], codes: bool) -> Result<String, FormError> {
    const DIGITS: std::ops::RangeInclusive<usize> = 2..=12;
    let text = node.text()?;
    let is_code = DIGITS.contains(&text.len())
        && text.len().is_multiple_of(2)
        && text.bytes().all(|b| b.is_ascii_digit());
    let own = |rest: &str| {
        (1..=MAX_WORD_CHARS).contains(&rest.chars().count())
            && rest.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'))
    };
    let same_code = |code: &str| code.trim_end_matches('0') == text.trim_end_matches('0') && !code.is_empty();
    if let Some((known, _)) = terms.iter().find(|(known, _)| *known == text) {
        return Ok((*known).to_owned());
    }
    if let Some((known, _)) = terms.iter().find(|(_, code)| is_code && same_code(code)) {
        return Ok((*known).to_owned());
    }
    if text.strip_prefix("x-").is_some_and(own) || (codes && is_code) {
        return Ok(text.to_owned());
    }
    let known = terms.iter().map(|(known, _)| *known);
    let listed = known.clone().collect::<Vec<_>>().join(", ");
    let code = if codes { ", or the digits of a HURIDOCS code" } else { "" };
    let remedy = match nearest(text, known) {
        Some(like) => {
            format!("did you mean {like:?}? The words are {listed}{code}, or x- and a word of your own")
        }
        None => format!("the words are {listed}{code}, or x- and a word of your own"),
    };
    Err(node.refuse("is no word of its list", remedy))
}

list!(
/// Role of a person in an event or towards another person: the four of HURIDOCS, and those they lack.
Role, false, [
    ("victim", ""), ("source", ""), ("perpetrator", ""), ("intervening_party", ""), ("witness", ""),
    ("interpreter", ""), ("drafter", ""), ("helper", ""), ("relative_at_risk", ""),
    ("legal_representative", ""), ("medical_professional", ""), ("custodian", ""), ("interviewer", ""),
]);
list!(
/// Kind of a name.
NameKind, false, [
    ("birth", ""), ("document", ""), ("patronymic", ""), ("alias", ""), ("nickname", ""), ("press", ""),
    ("transliteration", ""), ("codename", ""),
]);
list!(
    /// Whether two persons are one.
    Identity, false, [("possible", ""), ("likely", ""), ("certain", ""), ("excluded", "")]);
list!(
    /// Sex, MT39 and more.
    Sex, false, [("female", "020000000000"), ("male", ""), ("not_applicable", ""), ("unknown", "")]);
list!(
/// Reliability, MT42; of a source and of an information apart.
Reliability, true, [
    ("highly_reliable", "010000000000"), ("likely_reliable", "020000000000"), ("unsure", "030000000000"),
    ("likely_unreliable", "040000000000"), ("highly_unreliable", "050000000000"), ("unknown", "990000000000"),
]);
list!(
    /// How exactly a place is told.
    PlaceLevel, false, [("exact", ""), ("settlement", ""), ("district", ""), ("region", ""), ("country", "")]);
list!(
/// Kind of a document.
DocumentKind, false, [
    ("passport", ""), ("identity_card", ""), ("refugee_certificate", ""), ("asylum_application", ""),
    ("residence_permit", ""), ("birth_certificate", ""), ("marriage_certificate", ""), ("court_record", ""),
    ("arrest_warrant", ""), ("medical_record", ""), ("letter", ""), ("press_article", ""),
]);
list!(
/// What a statement was taken from, MT16.
Material, true, [
    ("victim_testimony", ""), ("witness_testimony", ""), ("interview", ""), ("letter", ""), ("affidavit", ""),
    ("physician_examination", ""), ("photograph", ""), ("film", ""), ("audio", ""), ("court_record", ""),
    ("newspaper", ""), ("press_release", ""), ("translated_document", ""), ("telephone", ""), ("television", ""),
]);
list!(
    /// How a translation was made.
    Method, false, [("human", ""), ("machine", ""), ("machine_checked", "")]);
list!(
/// How the one who says it knows.
Knowledge, false, [
    ("own_experience", ""), ("witnessed", ""), ("told_by_victim", ""), ("relayed", ""), ("document", ""),
    ("publicly_known", ""), ("inferred", ""), ("unknown", ""),
]);
list!(
/// What the one who says it is to what happened, MT19.
Connection, true, [
    ("victim", ""), ("witness", "010200000000"), ("perpetrator", ""), ("relative", "020101000000"),
    ("colleague", "020102000000"), ("same_organisation", "020103000000"), ("third_party", "030000000000"),
    ("lawyer", ""), ("medical_provider", ""), ("ngo", ""), ("human_rights_ngo", ""), ("unknown", ""),
]);
list!(
/// Act, MT4.
Act, true, [
    ("arrest", "030101000000"), ("detention", "030102000000"), ("house_arrest", "030105000000"),
    ("surveillance", "020103030000"), ("threats", "020103010000"), ("threats_against_family", "020103010200"),
    ("torture", "020111110000"), ("extortion", "130104000000"), ("refoulement", "380101000000"),
]);
list!(
/// Method of violence, MT5.
Violence, true, [
    ("beating", "030100000000"), ("electric_shock", "030800000000"), ("sleep_deprivation", "031502000000"),
    ("threats_to_family", "032202000000"),
]);
list!(
/// How far a violation is established, MT41.
Status, true, [
    ("confirmed_violation", ""), ("confirmed_similar_act", ""), ("confirmed_no_violation", ""), ("likely", ""),
    ("possible", ""), ("unlikely", "020000000000"), ("unknown", ""),
]);
list!(
    /// Whether a case is followed, MT43.
    Monitoring, true, [("active", ""), ("pending", "020000000000"), ("not_active", "")]);
list!(
    /// How urgent, MT46.
    Priority, true, [("urgent", ""), ("high", "020000000000"), ("priority", ""), ("low", ""), ("rejected", "")]);
list!(
    /// Whether statements were signed, MT36.
    Signed, true, [("forced", "010000000000"), ("not_requested_or_forced", "020000000000"), ("unknown", "")]);
list!(
    /// Kind of a medical finding.
    FindingKind, false, [("physical", ""), ("psychological", ""), ("overall", "")]);
list!(
/// Degree of consistency (Istanbul Protocol, 2022).
Degree, false, [
    ("not_consistent", ""), ("consistent", ""), ("highly_consistent", ""), ("typical_of", ""),
    ("diagnostic_of", ""),
]);
list!(
/// State of a consent.
ConsentStatus, false, [
    ("given", ""), ("limited", ""), ("refused", ""), ("withdrawn", ""), ("expired", ""), ("not_asked", ""),
    ("unclear", ""),
]);
list!(
    /// Who gave a consent.
    GivenBy, false, [("self", ""), ("guardian", ""), ("representative", "")]);
list!(
    /// How a consent was given.
    Mode, false, [("oral", ""), ("audio", ""), ("written", ""), ("thumbprint", "")]);
list!(
/// What a consent is for.
Purpose, false, [
    ("safekeeping", ""), ("legal_representation", ""), ("asylum_procedure", ""), ("resettlement_submission", ""),
    ("domestic_case", ""), ("international_accountability", ""), ("un_mechanism", ""), ("advocacy_private", ""),
    ("advocacy_public", ""), ("media", ""), ("medical_care", ""), ("material_assistance", ""),
    ("statistics", ""), ("archive_after_death", ""),
]);
list!(
/// How far a person may be known.
IdentityLevel, false, [
    ("named", ""), ("pseudonym", ""), ("no_identifying_detail", ""), ("aggregate_only", ""),
]);
list!(
    /// How far a person may be seen and heard.
    MediaLevel, false, [("text", ""), ("voice_altered", ""), ("voice", ""), ("face_blurred", ""), ("face", "")]);
list!(
    /// To whom a recipient may hand on.
    Onward, false, [("none", ""), ("same_org", ""), ("named_list", ""), ("any", "")]);
