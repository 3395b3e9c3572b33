//! `sanduq new`: a new case.

use sanduq::record::Title;
use serde::Serialize;

use super::Context;
use crate::failure::Failure;

/// Open a case and print its code
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Ask for a title, or read it from standard input; a title is never taken from the command line
    #[arg(long, value_name = "-", value_parser = ["-"], hide_possible_values = true)]
    pub(crate) title: Option<String>,
}

/// The case, for `--json`.
#[derive(Serialize)]
struct Opened {
    code: String,
    title: Option<String>,
}

/// Runs the command.
pub(crate) fn run(args: Args, context: &mut Context) -> Result<(), Failure> {
    let mut vault = context.owner_vault()?;
    let title = args.title.map(|_| ask_title(context)).transpose()?;
    let code = vault.open_case(title.as_ref(), context.now())?.to_string();
    let opened = Opened { code, title: title.map(|title| title.to_string()) };
    context.ui.answer(&opened, || opened.code.clone())
}

/// Asks for a title, or takes the next line of standard input.
pub(super) fn ask_title(context: &Context) -> Result<Title, Failure> {
    let line = context.ui.prompt_line("title (sealed, for you alone, never shared)")?;
    line.parse().map_err(|error| {
        Failure::unfit("this title cannot be taken", error).hint("a title is one line of at most 1024 bytes")
    })
}
