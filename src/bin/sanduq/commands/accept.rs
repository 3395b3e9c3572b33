//! `sanduq accept`: shared cases into my own vault.

use std::ops::ControlFlow;
use std::path::PathBuf;

use sanduq::record::CaseId;
use sanduq::vault::{TakenIn, Vault};
use serde::Serialize;

use super::Context;
use super::access::parse_code;
use super::codes::Codes;
use super::inbox::others;
use super::names::Name;
use super::words::count;
use crate::failure::{Failure, Kind};
use crate::process;
use crate::sanitize::one_line;

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
    /// Who withdrew their consent, by what is new here.
    withdrawn: Vec<Withdrawal>,
    /// Cases that were left out, because something of them is damaged.
    damaged: Vec<LeftCase>,
}

#[derive(Serialize)]
struct Withdrawal {
    code: String,
    person: String,
    author: Name,
}

#[derive(Serialize)]
struct LeftCase {
    code: String,
    damage: String,
}

#[derive(Serialize)]
struct TakenCase {
    code: String,
    revisions: usize,
    /// Whether there was nothing of this case in the vault before.
    new: bool,
}

impl Taken {
    /// What the library took in.
    pub(super) fn of(taken: &TakenIn, vault: &Vault) -> Result<Self, Failure> {
        let ids: Vec<CaseId> = taken.cases.iter().map(|(case, _)| *case).collect();
        let codes = Codes::in_vault(vault, &ids)?;
        let mut cases = Vec::new();
        for (case, revisions) in &taken.cases {
            let there: usize = vault.case(*case)?.parts.values().map(Vec::len).sum();
            cases.push(TakenCase { code: codes.of(case), revisions: *revisions, new: there == *revisions });
        }
        let left = taken.left.iter();
        let damaged = left.map(|(case, what)| LeftCase { code: codes.of(case), damage: what.clone() });
        let mut withdrawn = Vec::new();
        for (case, person, author) in &taken.withdrawn {
            let author = Name::of_vault(vault, *author)?;
            withdrawn.push(Withdrawal { code: codes.of(case), person: person.to_string(), author });
        }
        let damaged = damaged.collect();
        Ok(Self { cases, known: taken.known, withdrawn, damaged })
    }

    /// The page.
    pub(super) fn to_text(&self) -> String {
        let mut text = String::new();
        for Withdrawal { code, person, author } in &self.withdrawn {
            text.push_str(&format!(
                "WITHDRAWN, as {author} records: {person} of {code} took their consent back; use and pass on nothing of theirs\n"
            ));
        }
        for case in &self.damaged {
            text.push_str(&format!("DAMAGED: {}: {}\n", case.code, one_line(&case.damage)));
        }
        if self.cases.is_empty() {
            return text
                + match self.damaged.is_empty() {
                    true => "nothing new: all of this is in your vault already",
                    false => "nothing new was taken in",
                };
        }
        for case in &self.cases {
            let revisions = count(case.revisions, "new revision", "new revisions");
            let known = if case.new { "a new case" } else { "added to the case that is there" };
            text.push_str(&format!("{}  {revisions}, {known}\n", case.code));
        }
        match self.known {
            0 => {}
            1 => text.push_str("1 revision was in your vault already\n"),
            known => text.push_str(&format!("{known} revisions were in your vault already\n")),
        }
        text + "now in your own vault, sealed anew; `sanduq title CODE` gives a case a title of your own"
    }
}

/// Runs the command.
pub(crate) fn run(args: Args, context: &mut Context) -> Result<(), Failure> {
    let Some(from) = args.from.as_deref() else {
        return Err(Failure::usage("whose vault is to be looked in?")
            .hint("`sanduq --vault YOURS accept --from THEIRS`: your own vault, and the folder that was shared with you"));
    };
    let codes = args.codes.iter().map(|code| parse_code(code)).collect::<Result<Vec<_>, _>>()?;
    let mut vault = context.owner_vault()?;
    let shared = others(context, Some(from))?;
    let cases = codes.iter().map(|code| shared.find(code)).collect::<Result<Vec<_>, _>>()?;
    let progress = context.ui.counting("taking cases in");
    let wanted = (!cases.is_empty()).then_some(cases.as_slice());
    let mut advance = |bytes| {
        progress.advance(bytes);
        stop_when_cancelled()
    };
    let taken = vault.accept(&shared, wanted, &mut advance, context.now());
    drop(progress);
    let taken = Taken::of(&taken?, &vault)?;
    context.ui.answer(&taken, || taken.to_text())?;
    if taken.damaged.is_empty() {
        return Ok(());
    }
    let left = count(taken.damaged.len(), "case was", "cases were");
    Err(Failure::say(
        Kind::Corrupt,
        format!("{left} left out, because something of them is damaged or missing"),
    )
    .hint(
        "everything else was taken in; copy the other vault again from where it is whole, then accept again",
    ))
}

/// Goes on until Ctrl-C.
pub(super) fn stop_when_cancelled() -> ControlFlow<()> {
    if process::cancelled() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
}
