//! `sanduq template`: a form to fill in.

use serde::Serialize;

use super::Context;
use super::put::parse_part;
use crate::failure::Failure;

/// Print a form for a part, every field explained, to be filled in
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Print the form for this part: person, testimony, whereabouts, medical, notes or exhibits
    #[arg(value_name = "PART")]
    pub(crate) part: String,
}

#[derive(Serialize)]
struct Template<'a> {
    part: &'a str,
    form: String,
}

/// Runs the command.
pub(crate) fn run(args: &Args, context: &Context) -> Result<(), Failure> {
    let part = parse_part(&args.part)?;
    let form = sanduq::format::template(part.kind());
    context.ui.answer(&Template { part: part.as_str(), form: form.clone() }, || form)
}
