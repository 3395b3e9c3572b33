//! `sanduq check`: every object, signature, link and digest.

use std::ops::ControlFlow;

use sanduq::crypto::case_code;
use sanduq::vault::{CheckOptions, CheckReport, Vault};
use serde::Serialize;

use super::Context;
use crate::failure::{Failure, Kind};
use crate::process;

/// Check every object, signature and link you can read
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Read every exhibit through as well
    #[arg(long)]
    pub(crate) read_data: bool,
    /// Accept that the vault went back to an older state, and write again
    #[arg(long)]
    pub(crate) accept_rollback: bool,
}

/// What was found, for `--json`.
#[derive(Serialize)]
struct Checked {
    sound: bool,
    writers: u64,
    entries: u64,
    revisions: u64,
    exhibits: u64,
    segments: u64,
    messages: u64,
    runs: u64,
    damaged: Vec<String>,
    unknown_authors: Vec<String>,
    unknown_objects: u64,
    interrupted: Vec<String>,
    strays: Vec<String>,
    rollback_accepted: usize,
}

/// Runs the command.
pub(crate) fn run(args: Args, context: &mut Context) -> Result<(), Failure> {
    let mut vault = context.owner_vault()?;
    let accepted = if args.accept_rollback { accept(context, &mut vault)? } else { 0 };
    let options = CheckOptions { read_data: args.read_data };
    let working = context.ui.working("checking every object");
    let report = vault.check(options, &|_, _, _| match process::cancelled() {
        true => ControlFlow::Break(()),
        false => ControlFlow::Continue(()),
    });
    drop(working);
    if process::cancelled() {
        return Err(Failure::cancelled());
    }
    let checked = Checked::of(&report?, accepted);
    context.ui.answer(&checked, || checked.to_text(args.read_data))?;
    let folder = context.settings.vault()?.display();
    for path in &checked.interrupted {
        context.ui.warn("something is what an interrupted copy leaves, and nothing needs it");
        context.ui.hint(&format!("remove it with: rm '{folder}/{path}'"));
    }
    if checked.sound {
        return Ok(());
    }
    Err(Failure::say(Kind::Corrupt, format!("{} object(s) are damaged or missing", checked.damaged.len()))
        .hint(
            "copy the vault's folder over this one from where it is whole: names that are there already stay",
        )
        .hint("everything not named above was found and is sound"))
}

fn accept(context: &Context, vault: &mut Vault) -> Result<usize, Failure> {
    if !vault.is_rolled_back() {
        return Err(Failure::refused("this vault did not go back: there is nothing to accept"));
    }
    context.ui.status(
        "what was recorded after the state found here is lost for this folder; if another copy has it, copy that one here first",
    );
    context.ui.confirm_typed("accept the loss and write on from here?", "accept")?;
    Ok(vault.accept_rollback(context.now())?.len())
}

impl Checked {
    fn of(report: &CheckReport, rollback_accepted: usize) -> Self {
        let shown =
            |paths: &[std::path::PathBuf]| paths.iter().map(|path| path.display().to_string()).collect();
        let author = |(case, part, card): &(_, sanduq::record::PartName, sanduq::record::CardHash)| {
            format!("{} {part}: card {}…", case_code(case), &card.to_string()[..8])
        };
        let damaged = report.damaged.iter().map(|error| {
            let cause =
                std::error::Error::source(error).map(|cause| format!(": {cause}")).unwrap_or_default();
            format!("{error}{cause}")
        });
        Self {
            sound: report.is_sound(),
            writers: report.sound.writers,
            entries: report.sound.entries,
            revisions: report.sound.revisions,
            exhibits: report.sound.exhibits,
            segments: report.sound.segments,
            messages: report.sound.messages,
            runs: report.sound.runs,
            damaged: damaged.collect(),
            unknown_authors: report.unknown_authors.iter().map(author).collect(),
            unknown_objects: report.unknown,
            interrupted: shown(&report.interrupted),
            strays: shown(&report.strays),
            rollback_accepted,
        }
    }

    fn to_text(&self, read_data: bool) -> String {
        let data = if read_data { "read through" } else { "looked at; --read-data reads them through" };
        let mut text = format!(
            "log        {} entries by {} writers, every signature and link checked\n\
             revisions  {}, every digest and signature checked\n\
             exhibits   {} in {} objects, {data}\n\
             messages   {}\n\
             unknown    {} objects that nothing here names; that is no error\n",
            self.entries,
            self.writers,
            self.revisions,
            self.exhibits,
            self.segments,
            self.messages,
            self.unknown_objects
        );
        for line in &self.damaged {
            text.push_str(&format!("DAMAGED    {line}\n"));
        }
        for line in &self.unknown_authors {
            text.push_str(&format!(
                "unsure     {line}: its author's card is not here, the signature could not be checked\n"
            ));
        }
        for line in &self.strays {
            text.push_str(&format!("stray      {}\n", crate::sanitize::one_line(line)));
        }
        if self.sound {
            text.push_str("sound\n");
        }
        text
    }
}
