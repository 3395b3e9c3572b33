//! `sanduq put`: text into a part.

use super::Context;
use crate::args::Place;
use crate::failure::Failure;

/// Write text into a part of a case
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Work on the case with this code
    #[arg(value_name = "CODE")]
    pub(crate) code: String,
    /// Write into this part: person, testimony, whereabouts, medical, notes, or labelled like person/doctor
    #[arg(value_name = "PART")]
    pub(crate) part: String,
    /// Read the text from this file, or with - from standard input
    #[arg(long, value_name = "FILE|-", value_parser = clap::value_parser!(Place))]
    pub(crate) from: Option<Place>,
    /// Say which language the text is in, like kk, ug-Arab or zh-Hans
    #[arg(long, value_name = "TAG")]
    pub(crate) lang: Option<String>,
    /// Add to the text that is there instead of replacing it
    #[arg(long)]
    pub(crate) add: bool,
}

/// Runs the command.
pub(crate) fn run(_args: Args, _context: &mut Context) -> Result<(), Failure> {
    Err(Failure::unavailable())
}
