//! `sanduq detach`: an exhibit left out of later revisions.

use sanduq::record::ExhibitName;
use serde::Serialize;

use super::Context;
use super::access::parse_code;
use super::put::{Revised, parse_part};
use crate::args::exhibit_name;
use crate::failure::Failure;

/// Leave an exhibit out of later revisions
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Work on the case with this code
    #[arg(value_name = "CODE")]
    pub(crate) code: String,
    /// Leave out the exhibit with this number
    #[arg(value_name = "E3", value_parser = exhibit_name)]
    pub(crate) exhibit: ExhibitName,
    /// Leave it out of this part
    #[arg(long, value_name = "PART", default_value = "exhibits")]
    pub(crate) part: String,
}

/// What was left out, for `--json`.
#[derive(Serialize)]
struct Detached {
    #[serde(flatten)]
    revised: Revised,
    exhibit: String,
}

/// Runs the command.
pub(crate) fn run(args: Args, context: &mut Context) -> Result<(), Failure> {
    let (code, part) = (parse_code(&args.code)?, parse_part(&args.part)?);
    let mut vault = context.owner_vault()?;
    let case = vault.find(&code)?;
    let written = vault.detach(case, &part, &args.exhibit, context.now())?;
    let revised = Revised::of(&vault, case, &part, Some(&written))?;
    let detached = Detached { revised, exhibit: args.exhibit.to_string() };
    context.ui.answer(&detached, || {
        format!("{} is left out from here on\n{}", detached.exhibit, detached.revised)
    })?;
    context.ui.status("earlier revisions keep it, and so does everyone they were shared with");
    Ok(())
}
