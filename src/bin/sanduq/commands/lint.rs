//! `sanduq lint`: the last look, without anything leaving.

use std::collections::BTreeSet;

use sanduq::record::PartName;

use super::Context;
use super::access::find_all;
use super::look::look_over;
use super::put::parse_part;
use super::words::count;
use crate::failure::{Failure, Kind};
use crate::sanitize::one_line;

/// Look for what could tell who somebody is in what would leave, and give nothing
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Look at the cases with these codes
    #[arg(value_name = "CODE", required = true)]
    pub(crate) codes: Vec<String>,
    /// Look at what would go to this contact
    #[arg(long, value_name = "LABEL")]
    pub(crate) to: String,
    /// Look at these parts, instead of every part
    #[arg(long, value_name = "P,…", value_delimiter = ',')]
    pub(crate) parts: Vec<String>,
}

/// Runs the command.
pub(crate) fn run(args: Args, context: &mut Context) -> Result<(), Failure> {
    let mut parts = args.parts.iter().map(|part| parse_part(part)).collect::<Result<Vec<PartName>, _>>()?;
    let vault = context.owner_vault()?;
    let cases = find_all(&vault, &args.codes)?;
    if parts.is_empty() {
        let mut all = BTreeSet::new();
        for case in &cases {
            all.extend(vault.case(*case)?.part_names().into_iter().cloned());
        }
        parts = all.into_iter().collect();
    }
    let plan = vault.plan_export(&cases, &args.to, &parts)?;
    let working = context.ui.working("looking");
    let looked = look_over(&vault, &plan);
    drop(working);
    let looked = looked?;
    context.ui.answer(&looked, || looked.page())?;
    if looked.is_clear() {
        return Ok(());
    }
    let label = one_line(plan.to.label.as_str());
    let what = count(looked.counted(), "passage", "passages");
    Err(Failure::say(Kind::Found, format!("{what} to think about before this goes to {label}"))
        .hint("give another part, or change the text with `sanduq put`; earlier revisions stay behind"))
}
