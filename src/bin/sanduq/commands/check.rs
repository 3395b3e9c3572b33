//! `sanduq check`: every object, signature, link and digest.

use sanduq::crypto::case_code;
use sanduq::vault::{CheckOptions, CheckReport, CheckStage, Item, SharedVault, Vault};
use serde::Serialize;

use super::Context;
use super::accept::stop_when_cancelled;
use super::access::Access;
use super::loss;
use super::words::count;
use crate::failure::{Failure, Kind};
use crate::process;

/// Check every object, signature, link and digest of your vault
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Read every exhibit through as well
    #[arg(long)]
    pub(crate) read_data: bool,
    /// Accept that the vault went back to an older state, and write again
    #[arg(long)]
    pub(crate) accept_rollback: bool,
    /// Give up parts of the index that are lost for good, after showing what is lost, and write again
    #[arg(long, conflicts_with = "accept_rollback")]
    pub(crate) accept_loss: bool,
    /// Give them up without asking
    #[arg(long, requires = "accept_loss")]
    pub(crate) yes: bool,
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
    torn: Vec<String>,
    strays: Vec<String>,
    index_returned: u64,
    rollback_accepted: usize,
    loss_accepted: usize,
}

/// Runs the command.
pub(crate) fn run(args: Args, context: &mut Context) -> Result<(), Failure> {
    let mut vault = match args.accept_rollback {
        true => match context.access()? {
            Access::Owner(vault) => *vault,
            Access::Reader(mut shared) => return accept_missing(context, &mut shared),
        },
        false => context.owner_vault()?,
    };
    let accepted = if args.accept_rollback { accept(context, &mut vault)? } else { 0 };
    let lost = if args.accept_loss { loss::accept(context, &mut vault, args.yes)? } else { 0 };
    let options = CheckOptions { read_data: args.read_data };
    let progress = context.ui.steps(0, "checking");
    let report = vault.check(options, &|stage, done, total| {
        progress.at(done, total, wording(stage));
        stop_when_cancelled()
    });
    drop(progress);
    if process::cancelled() {
        return Err(Failure::cancelled());
    }
    let checked = Checked { rollback_accepted: accepted, loss_accepted: lost, ..Checked::of(&report?) };
    context.ui.answer(&checked, || checked.to_text(args.read_data))?;
    for path in &checked.interrupted {
        removable(context, path, "is what an interrupted copy leaves, and nothing needs it")?;
    }
    for path in &checked.torn {
        let cut = "is an entry cut short by a power failure or an interrupted copy, and holds nothing; if \
                   another copy of the vault has it whole, copy it here after removing this one";
        removable(context, path, cut)?;
    }
    if checked.index_returned > 0 {
        context
            .ui
            .warn("a part of the index that was given up is here again, with what is known nowhere else");
        context.ui.hint("`sanduq check --accept-loss` joins it again, and loses nothing");
    }
    if checked.sound {
        return Ok(());
    }
    let index = Item::Run.to_string();
    if checked.damaged.iter().any(|line| line.starts_with(&index)) {
        context.ui.hint(
            "if the index is whole nowhere, `sanduq check --accept-loss` shows what is lost, and goes on without it",
        );
    }
    let damaged = count(checked.damaged.len(), "thing is", "things are");
    Err(Failure::say(Kind::Corrupt, format!("{damaged} damaged or missing, named above"))
        .hint(
            "copy the vault's folder over this one from where it is whole: names that are there already stay",
        )
        .hint("everything that is not named above was found and is sound, and can be read"))
}

/// Says what a file in the vault folder is, and the line that removes it.
fn removable(context: &Context, path: &str, what: &str) -> Result<(), Failure> {
    let path = context.settings.vault()?.join(path).display().to_string();
    let quoted = shlex::try_quote(&path).map_or_else(|_| path.clone(), Into::into);
    context.ui.warn(&format!("{path} {what}"));
    context.ui.hint(&format!("remove it with: rm -- {quoted}"));
    Ok(())
}

fn wording(stage: CheckStage) -> &'static str {
    match stage {
        CheckStage::Log => "checking the log",
        CheckStage::Revisions => "checking revisions",
        CheckStage::Exhibits => "reading exhibits",
        _ => "checking",
    }
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

/// What a reader accepted, for `--json`.
#[derive(Serialize)]
struct Forgotten {
    missing_accepted: bool,
}

/// A reader accepts that messages are missing.
fn accept_missing(context: &Context, shared: &mut SharedVault) -> Result<(), Failure> {
    if !shared.is_missing_messages() {
        return Err(Failure::refused("no message is missing here: there is nothing to accept"));
    }
    let missing =
        shared.missing_messages().iter().map(|gap| gap.last - gap.first + 1).fold(0, u64::saturating_add);
    if missing > 0 {
        context.ui.status(&format!("missing here: {}", number(missing, "message", "messages")));
    }
    context.ui.status("what was given in the messages that are missing cannot be read here; if another copy has them, copy that one here first; one that comes later is read");
    context.ui.confirm_typed("accept that they are gone?", "accept")?;
    shared.accept_missing()?;
    context.ui.answer(&Forgotten { missing_accepted: true }, || {
        "accepted: these messages are not reported as missing any more".into()
    })
}

impl Checked {
    fn of(report: &CheckReport) -> Self {
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
            torn: shown(&report.torn),
            strays: shown(&report.strays),
            index_returned: report.returned,
            rollback_accepted: 0,
            loss_accepted: 0,
        }
    }

    fn to_text(&self, read_data: bool) -> String {
        let data = if read_data { "read through" } else { "looked at; --read-data reads them through" };
        let mut text = format!(
            "log        {} by {}, every signature and link checked\n\
             revisions  {}, every digest and signature checked\n\
             exhibits   {} in {}, {data}\n\
             messages   {}\n\
             unknown    {} that nothing here names; that is no error\n",
            number(self.entries, "entry", "entries"),
            number(self.writers, "writer", "writers"),
            self.revisions,
            self.exhibits,
            number(self.segments, "object", "objects"),
            self.messages,
            number(self.unknown_objects, "object", "objects"),
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

/// A number of the report and what is counted.
pub(super) fn number(number: u64, one: &str, several: &str) -> String {
    count(usize::try_from(number).unwrap_or(usize::MAX), one, several)
}
