//! `sanduq log`: what was done in this vault.

use sanduq::format::{Given, Operation, OperationBody};
use sanduq::record::{CardHash, CaseId, Recipient, Time};
use sanduq::vault::{HistoryLine, Vault, VaultError};
use serde::Serialize;

use super::Context;
use super::access::{Access, parse_code};
use super::names::Name;
use super::words::count;
use crate::failure::{Failure, Kind};

/// Show what was done in this vault, by which device, when
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Show only what concerns this case
    #[arg(value_name = "CODE")]
    pub(crate) code: Option<String>,
}

/// A line of the log, for `--json`.
#[derive(Serialize)]
pub(super) struct Line {
    time: Time,
    device: String,
    entry: u64,
    code: Option<String>,
    operation: u64,
    done: String,
}

/// Runs the command.
pub(crate) fn run(args: Args, context: &mut Context) -> Result<(), Failure> {
    let code = args.code.as_deref().map(parse_code).transpose()?;
    let access = context.access()?;
    let Access::Owner(vault) = &access else {
        return Err(Failure::new(Kind::NoMatch, VaultError::NotOwner)
            .hint("a log is read by the vault's owner; `sanduq list` shows what was shared with you here"));
    };
    let case = code.map(|code| vault.find(&code)).transpose()?;
    let history = vault.history(case)?;
    let lines = history.iter().map(|line| read_line(vault, line)).collect::<Result<Vec<_>, _>>()?;
    context.ui.answer(&lines, || page(&lines))
}

pub(super) fn read_line(vault: &Vault, line: &HistoryLine) -> Result<Line, Failure> {
    let HistoryLine { time, writer, n, operation } = line;
    Ok(Line {
        time: *time,
        device: writer.to_string()[..8].to_owned(),
        entry: *n,
        code: operation.case.map(|case| sanduq::crypto::case_code(&case).to_string()),
        operation: operation.op,
        done: wording(vault, operation)?,
    })
}

fn wording(vault: &Vault, operation: &Operation) -> Result<String, Failure> {
    use OperationBody as Body;
    let body = operation.body().map_err(|error| Failure::new(Kind::Corrupt, error))?;
    let name = |card: &CardHash| Name::of_vault(vault, *card);
    Ok(match &body {
        Body::CaseOpened {} => "case opened".into(),
        Body::PartRevised { part, revision, replaces } => {
            let number = match operation.case {
                Some(case) => number_of(vault, case, part, revision)?,
                None => "a revision".into(),
            };
            let joined = if replaces.len() > 1 { ", joining what stood beside each other" } else { "" };
            format!("{part}: {number} written{joined}")
        }
        Body::Shared { to, revisions, .. } => format!("{} shared with {}", parts(revisions), name(to)?),
        Body::Unshared { from } => format!("no further updates for {}", name(from)?),
        Body::Exported { to, revisions, .. } => {
            format!("{} exported for {}", parts(revisions), recipient(vault, to)?)
        }
        Body::Imported { signer, revisions, .. } => {
            format!("{} imported from a bundle of {}", parts(revisions), name(signer)?)
        }
        Body::Accepted { sender, revisions, .. } => {
            format!("{} accepted from {}", parts(revisions), name(sender)?)
        }
        Body::RollbackAccepted { .. } => "accepted that the vault went back to an earlier state".into(),
        Body::ConsentOverridden { to, purpose, reason } => {
            let purpose = purpose.as_ref().map(|purpose| format!(" for {purpose}")).unwrap_or_default();
            format!("given to {}{purpose} without the consent it needs: {reason}", recipient(vault, to)?)
        }
        Body::ConsentWithdrawn { person, part, .. } => format!("{part}: {person} withdrew their consent"),
        Body::Checkpoint {} => "checkpoint made".into(),
        Body::ContactsChanged {} => "contacts changed".into(),
        Body::IndexMended { runs } if runs.is_empty() => {
            "parts of the index that were found again joined".into()
        }
        Body::IndexMended { runs } => {
            format!("accepted the loss of {} of the index", count(runs.len(), "part", "parts"))
        }
        Body::RecoverySet { needed, all, .. } => {
            format!("recovery set: any {needed} of {all} shares open the vault")
        }
        Body::Titled {} => "titled".into(),
        Body::Unknown(op) => format!("operation {op}, which this sanduq does not know"),
        _ => "operation which this sanduq does not know".into(),
    })
}

fn number_of(
    vault: &Vault,
    case: CaseId,
    part: &sanduq::record::PartName,
    revision: &sanduq::record::RevisionId,
) -> Result<String, Failure> {
    let view = vault.readable_case(case)?;
    let at = view.revisions(part).iter().position(|fact| fact.revision == *revision);
    Ok(at.map_or_else(|| "a revision".into(), |at| format!("revision {}", at + 1)))
}

/// The parts named, each once.
fn parts(revisions: &[Given]) -> String {
    let mut names: Vec<&str> = revisions.iter().map(|given| given.part.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    if names.is_empty() { "nothing".into() } else { names.join(", ") }
}

fn recipient(vault: &Vault, to: &Recipient) -> Result<String, Failure> {
    match vault.contacts().by_recipient(to) {
        Some(contact) if contact.card().is_none() => Ok(contact.label.to_string()),
        _ => Name::of_vault(vault, CardHash::new(*to.as_bytes())).map(|name| name.to_string()),
    }
}

pub(super) fn page(lines: &[Line]) -> String {
    if lines.is_empty() {
        return "nothing was done here yet".into();
    }
    let heading = ["when", "device", "case", "what"].map(String::from);
    let rows = lines.iter().map(|line| {
        let done = crate::sanitize::one_line(&line.done).into_owned();
        [line.time.to_string(), line.device.clone(), line.code.clone().unwrap_or_default(), done]
    });
    crate::ui::table(std::iter::once(heading).chain(rows))
}
