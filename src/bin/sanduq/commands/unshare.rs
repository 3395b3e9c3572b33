//! `sanduq unshare`: no further updates for a contact.

use std::collections::BTreeSet;

use sanduq::format::Given;
use sanduq::record::{CaseCode, CaseId};
use sanduq::vault::UnsharePlan;
use serde::Serialize;

use super::Context;
use super::access::find_all;
use super::codes::Codes;
use super::words::count;
use crate::failure::Failure;
use crate::sanitize::one_line;

/// End further updates of cases for a contact; what was shared stays readable
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// End updates of the cases with these codes
    #[arg(value_name = "CODE", required = true)]
    pub(crate) codes: Vec<String>,
    /// End them for this contact
    #[arg(long, value_name = "LABEL")]
    pub(crate) from: String,
    /// Go ahead without asking
    #[arg(long)]
    pub(crate) yes: bool,
}

/// What ended, for `--json`.
#[derive(Serialize)]
struct Ended {
    from: String,
    cases: Vec<EndedCase>,
}

#[derive(Serialize)]
struct EndedCase {
    code: String,
    keeps: Vec<Kept>,
}

#[derive(Serialize)]
struct Kept {
    part: String,
    revision: String,
}

impl Ended {
    fn of(plan: &UnsharePlan, codes: &Codes) -> Self {
        let kept =
            |given: &Given| Kept { part: given.part.to_string(), revision: given.revision.to_string() };
        let case = |(case, _, keeps): &(CaseId, CaseCode, Vec<Given>)| EndedCase {
            code: codes.of(case),
            keeps: keeps.iter().map(kept).collect(),
        };
        Self { from: plan.from.label.to_string(), cases: plan.cases.iter().map(case).collect() }
    }

    /// What ends, and what the other side keeps.
    fn plan(&self) -> String {
        let mut lines = format!("no further revisions for {} of:", one_line(&self.from));
        for case in &self.cases {
            let parts: BTreeSet<&str> = case.keeps.iter().map(|kept| kept.part.as_str()).collect();
            let parts: Vec<&str> = parts.into_iter().collect();
            let kept = count(case.keeps.len(), "revision", "revisions");
            lines.push_str(&format!("\n  {}  they keep {kept} of {}", case.code, parts.join(", ")));
        }
        lines
            + "\nwhat they fetched, or can fetch from any copy of this folder, stays readable for them: \
               nothing takes that back"
    }
}

/// Runs the command.
pub(crate) fn run(args: Args, context: &mut Context) -> Result<(), Failure> {
    let mut vault = context.owner_vault()?;
    let cases = find_all(&vault, &args.codes)?;
    let plan = vault.plan_unshare(&cases, &args.from)?;
    let ended = Ended::of(&plan, &Codes::in_vault(&vault, &cases)?);
    context.ui.status(&ended.plan());
    context.ui.confirm("end it?", args.yes)?;
    vault.unshare(&plan, context.now())?;
    context.ui.answer(&ended, || {
        let cases = count(ended.cases.len(), "case", "cases");
        format!("updates for {} ended: {cases}; they keep what they were given", one_line(&ended.from))
    })
}
