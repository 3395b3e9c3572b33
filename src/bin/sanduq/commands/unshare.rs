//! `sanduq unshare`: no further updates for a contact.

use serde::Serialize;

use super::Context;
use super::access::find_all;
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

/// Runs the command.
pub(crate) fn run(args: Args, context: &mut Context) -> Result<(), Failure> {
    let mut vault = context.owner_vault()?;
    let cases = find_all(&vault, &args.codes)?;
    let plan = vault.plan_unshare(&cases, &args.from)?;
    let label = one_line(&args.from).into_owned();
    let kept = |given: &sanduq::format::Given| Kept {
        part: given.part.to_string(),
        revision: given.revision.to_string(),
    };
    let ended = Ended {
        from: label.clone(),
        cases: plan
            .cases
            .iter()
            .map(|(_, code, keeps)| EndedCase {
                code: code.to_string(),
                keeps: keeps.iter().map(kept).collect(),
            })
            .collect(),
    };
    let mut lines = format!("no further revisions for {label} of:");
    for case in &ended.cases {
        let mut parts: Vec<&str> = case.keeps.iter().map(|kept| kept.part.as_str()).collect();
        parts.dedup();
        lines.push_str(&format!(
            "\n  {}  they keep {} revision(s) of {}",
            case.code,
            case.keeps.len(),
            parts.join(", ")
        ));
    }
    context.ui.status(&lines);
    context.ui.status("what they fetched, or can fetch from a copy of this folder, stays readable for them: nothing takes that back");
    context.ui.confirm("end it?", args.yes)?;
    vault.unshare(&plan, context.now())?;
    context.ui.answer(&ended, || format!("sharing with {label} ended for {} case(s)", ended.cases.len()))
}
