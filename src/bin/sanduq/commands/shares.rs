//! `sanduq shares`: who has which revision.

use std::collections::BTreeSet;

use sanduq::record::CaseId;
use sanduq::vault::{ShareLine, Vault};
use serde::Serialize;

use super::Context;
use super::access::parse_code;
use super::codes::Codes;
use super::names::recipient_label;
use crate::failure::Failure;
use crate::sanitize::one_line;

/// Show who has which revision, and where a newer one exists
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Show only this case
    #[arg(value_name = "CODE")]
    pub(crate) code: Option<String>,
    /// Show only this contact
    #[arg(long, value_name = "LABEL")]
    pub(crate) contact: Option<String>,
}

/// Who has what, for `--json`.
#[derive(Serialize)]
struct Line {
    code: String,
    to: String,
    part: String,
    revision: usize,
    id: String,
    time: sanduq::record::Time,
    bundle: Option<String>,
    newer: bool,
    ended: bool,
}

/// Runs the command.
pub(crate) fn run(args: Args, context: &mut Context) -> Result<(), Failure> {
    let vault = context.owner_vault()?;
    let case =
        args.code.as_deref().map(|code| Ok::<_, Failure>(vault.find(&parse_code(code)?)?)).transpose()?;
    let only = args
        .contact
        .as_deref()
        .map(|label| Ok::<_, Failure>(vault.contacts().find(label)?.recipient()))
        .transpose()?;
    let mut lines = vault.shares(case)?;
    lines.retain(|line| only.is_none_or(|to| line.to == to));
    let cases: BTreeSet<CaseId> = lines.iter().map(|line| line.case).collect();
    let codes = Codes::in_vault(&vault, &cases.into_iter().collect::<Vec<_>>())?;
    let lines: Vec<Line> = lines.iter().map(|line| one(&vault, line, &codes)).collect();
    context.ui.answer(&lines, || page(&lines))
}

fn one(vault: &Vault, line: &ShareLine, codes: &Codes) -> Line {
    Line {
        code: codes.of(&line.case),
        to: recipient_label(vault.contacts(), &line.to),
        part: line.part.to_string(),
        revision: line.number,
        id: line.revision.to_string(),
        time: line.time,
        bundle: line.bundle.map(|bundle| bundle.to_string()),
        newer: line.newer,
        ended: line.ended,
    }
}

fn page(lines: &[Line]) -> String {
    if lines.is_empty() {
        return "nothing was given to anyone".into();
    }
    let heading = ["code", "to", "part", "revision", "given", "how", ""].map(String::from);
    let rows = lines.iter().map(|line| {
        let state = match (line.ended, line.newer) {
            (true, _) => "ended: they keep this",
            (false, true) => "a newer revision stands",
            (false, false) => "",
        };
        let how = if line.bundle.is_some() { "bundle" } else { "shared" };
        [
            line.code.clone(),
            one_line(&line.to).into_owned(),
            line.part.clone(),
            line.revision.to_string(),
            line.time.to_string(),
            how.to_owned(),
            state.to_owned(),
        ]
    });
    crate::ui::table(std::iter::once(heading).chain(rows))
}
