//! `sanduq title`: my own title of a case.

use serde::Serialize;

use super::access::parse_code;
use super::{Context, new};
use crate::failure::Failure;

/// Give a case a title of your own, asked for or read from standard input
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Work on the case with this code
    #[arg(value_name = "CODE")]
    pub(crate) code: String,
}

/// The case, for `--json`.
#[derive(Serialize)]
struct Titled {
    code: String,
    title: String,
}

/// Runs the command.
pub(crate) fn run(args: Args, context: &mut Context) -> Result<(), Failure> {
    let code = parse_code(&args.code)?;
    let mut vault = context.owner_vault()?;
    let case = vault.find(&code)?;
    let title = new::ask_title(context)?;
    vault.title_case(case, &title, context.now())?;
    let titled = Titled { code: code.to_string(), title: title.to_string() };
    context.ui.answer(&titled, || format!("{} has a new title", titled.code))
}
