//! `sanduq explain`: who can read each part of a case, and why.

use std::collections::HashMap;

use sanduq::format::{GivenFact, OperationBody};
use sanduq::record::{CaseId, PartName, Recipient, Time, Writer};
use sanduq::vault::{CaseView, Vault};
use serde::Serialize;

use super::Context;
use super::access::parse_code;
use super::names::{Name, recipient_label};
use crate::failure::Failure;
use crate::sanitize::one_line;

/// Say who can read each part of a case, and why
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Explain the case with this code
    #[arg(value_name = "CODE")]
    pub(crate) code: String,
}

/// Who can read a part, for `--json`.
#[derive(Serialize)]
struct Part {
    part: String,
    readers: Vec<Reader>,
}

/// Somebody who can read revisions of a part.
#[derive(Serialize)]
struct Reader {
    who: String,
    why: String,
    revision: Option<usize>,
    current: Option<bool>,
    since: Option<Time>,
    bundle: Option<String>,
    purpose: Option<String>,
    #[serde(rename = "override")]
    overridden: Option<String>,
    ended: bool,
}

/// Runs the command.
pub(crate) fn run(args: &Args, context: &mut Context) -> Result<(), Failure> {
    let vault = context.owner_vault()?;
    let case = vault.find(&parse_code(&args.code)?)?;
    let view = vault.case(case)?;
    let reasons = Reasons::of(&vault, case)?;
    let mut parts = Vec::new();
    for part in view.part_names() {
        let mut readers = authors(&vault, &view, part)?;
        for given in &view.given {
            readers.extend(recipients(&vault, &view, part, &given.fact, &reasons));
        }
        parts.push(Part { part: part.to_string(), readers });
    }
    let shares: Vec<(u8, u8)> = vault.recoveries()?.iter().map(|fact| (fact.needed, fact.all)).collect();
    context.ui.answer(&parts, || page(&parts, &shares))
}

/// You, whoever wrote a revision, and whoever gave it to you.
fn authors(vault: &Vault, view: &CaseView, part: &PartName) -> Result<Vec<Reader>, Failure> {
    let plain = |who: String, why: &str| Reader {
        who,
        why: why.to_owned(),
        revision: None,
        current: None,
        since: None,
        bundle: None,
        purpose: None,
        overridden: None,
        ended: false,
    };
    let mut readers =
        vec![plain("you".into(), "it is in your vault: on all your devices, and in every copy of it")];
    for fact in view.revisions(part) {
        let came = [(Some(fact.author), "recorded it"), (fact.via, "gave it to you")];
        for (card, why) in came.into_iter().filter_map(|(card, why)| Some((card?, why))) {
            let who = Name::of_vault(vault, card)?.to_string();
            if card != view.owner
                && readers.iter().all(|known| (&known.who, known.why.as_str()) != (&who, why))
            {
                readers.push(plain(who, why));
            }
        }
    }
    Ok(readers)
}

/// What one giving gave of a part.
fn recipients<'a>(
    vault: &'a Vault,
    view: &'a CaseView,
    part: &'a PartName,
    given: &'a GivenFact,
    reasons: &'a Reasons,
) -> impl Iterator<Item = Reader> + 'a {
    let who = recipient_label(vault.contacts(), &given.to);
    let goes_on = view.giving().any(|known| known.fact == *given);
    given.revisions.iter().filter(move |one| one.part == *part).map(move |one| {
        let number = view.revisions(part).iter().position(|fact| fact.revision == one.revision);
        Reader {
            who: who.clone(),
            why: if given.bundle.is_some() { "it went in a bundle" } else { "it was shared" }.to_owned(),
            revision: number.map(|at| at + 1),
            current: Some(view.heads(part).iter().any(|head| head.revision == one.revision)),
            since: Some(given.time),
            bundle: given.bundle.map(|bundle| bundle.to_string()),
            purpose: given.purpose.as_ref().map(ToString::to_string),
            overridden: reasons.of_given(given),
            ended: !goes_on,
        }
    })
}

/// Why something went without the consent it needs, by recipient and the number of its message or entry.
struct Reasons(HashMap<(Recipient, Writer, u64, bool), String>);

impl Reasons {
    fn of(vault: &Vault, case: CaseId) -> Result<Self, Failure> {
        let history = vault.history(Some(case))?;
        let mut reasons = HashMap::new();
        for line in &history {
            let Ok(OperationBody::ConsentOverridden { to, reason, .. }) = line.operation.body() else {
                continue;
            };
            let same = history.iter().filter(|other| (other.writer, other.n) == (line.writer, line.n));
            for other in same {
                let place = match other.operation.body() {
                    Ok(OperationBody::Shared { writer, n, .. }) => (to, writer, n, false),
                    Ok(OperationBody::Exported { .. }) => (to, line.writer, line.n, true),
                    _ => continue,
                };
                reasons.insert(place, reason.to_string());
            }
        }
        Ok(Self(reasons))
    }

    fn of_given(&self, given: &GivenFact) -> Option<String> {
        self.0.get(&(given.to, given.writer, given.n, given.bundle.is_some())).cloned()
    }
}

fn page(parts: &[Part], shares: &[(u8, u8)]) -> String {
    let mut text = String::new();
    let mut line = |indent: &str, words: &str| {
        text.push_str(indent);
        text.push_str(&one_line(words));
        text.push('\n');
    };
    for part in parts {
        line("", &part.part);
        for reader in &part.readers {
            line("    ", &sentence(reader));
        }
    }
    if parts.is_empty() {
        line("", "the case has no parts yet");
    }
    for (needed, all) in shares {
        line(
            "",
            &format!(
                "and whoever brings {needed} of the {all} recovery shares together, with a copy of the folder"
            ),
        );
    }
    text
}

fn sentence(reader: &Reader) -> String {
    let mut words = format!("{}: {}", reader.who, reader.why);
    if let Some(number) = reader.revision {
        let current = if reader.current == Some(true) { ", the current one" } else { ", an earlier one" };
        words.push_str(&format!(", revision {number}{current}"));
    }
    if let Some(since) = reader.since {
        words.push_str(&format!(", since {since}"));
    }
    if let Some(purpose) = &reader.purpose {
        words.push_str(&format!(", for {purpose}"));
    }
    if let Some(reason) = &reader.overridden {
        words.push_str(&format!(", without the consent it needs: {reason}"));
    }
    if reader.ended {
        words.push_str(", sharing ended: they keep this");
    }
    words
}
