//! `sanduq accept`: shared cases into my own vault.

use std::path::PathBuf;

use std::ops::ControlFlow;

use sanduq::crypto::case_code;
use serde::Serialize;

use super::Context;
use super::access::parse_code;
use crate::failure::Failure;
use crate::process;

/// Take cases shared with you into your own vault
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Take only the cases with these codes
    #[arg(value_name = "CODE")]
    pub(crate) codes: Vec<String>,
    /// Look in this vault folder instead of the one named by --vault
    #[arg(long, value_name = "DIR")]
    pub(crate) from: Option<PathBuf>,
}

/// What was taken in, for `--json`; also of `import`.
#[derive(Serialize)]
pub(super) struct Taken {
    cases: Vec<TakenCase>,
    known: usize,
}

#[derive(Serialize)]
struct TakenCase {
    code: String,
    revisions: usize,
}

impl Taken {
    /// What the library took in.
    pub(super) fn of(taken: &sanduq::vault::TakenIn) -> Self {
        let case = |(case, revisions): &(sanduq::record::CaseId, usize)| TakenCase {
            code: case_code(case).to_string(),
            revisions: *revisions,
        };
        Self { cases: taken.cases.iter().map(case).collect(), known: taken.known }
    }

    /// The page.
    pub(super) fn to_text(&self) -> String {
        let mut text = String::new();
        for case in &self.cases {
            text.push_str(&format!("{}  {} new revision(s)\n", case.code, case.revisions));
        }
        match (self.cases.is_empty(), self.known) {
            (true, _) => "nothing new: all of this is in your vault already".into(),
            (false, 0) => {
                text + "now in your own vault, sealed anew; give a case a title with `sanduq title CODE`"
            }
            (false, known) => format!("{text}{known} revision(s) were in your vault already"),
        }
    }
}

/// Runs the command.
pub(crate) fn run(args: Args, context: &mut Context) -> Result<(), Failure> {
    let Some(from) = args.from.as_deref() else {
        return Err(Failure::usage("whose vault is to be looked in?")
            .hint("`sanduq --vault YOURS accept --from THEIRS`: your own vault, and the folder that was shared with you"));
    };
    let codes = args.codes.iter().map(|code| parse_code(code)).collect::<Result<Vec<_>, _>>()?;
    let shared = context.shared(Some(from))?;
    let cases = codes.iter().map(|code| shared.find(code)).collect::<Result<Vec<_>, _>>()?;
    let mut vault = context.owner_vault()?;
    let working = context.ui.working("taking cases in");
    let wanted = (!cases.is_empty()).then_some(cases.as_slice());
    let taken = vault.accept(&shared, wanted, &mut |_| stop_when_cancelled(), context.now());
    drop(working);
    let taken = Taken::of(&taken?);
    context.ui.answer(&taken, || taken.to_text())
}

/// Goes on until Ctrl-C.
pub(super) fn stop_when_cancelled() -> ControlFlow<()> {
    if process::cancelled() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
}
