//! `sanduq export`: a sealed bundle for one contact.

use std::path::{Path, PathBuf};

use sanduq::bundle::{Export, VaultExhibits, WrittenBundle, pack, write_bundle};
use sanduq::crypto::age::recipient::AgeRecipient;
use sanduq::crypto::{KnownCard, random};
use sanduq::record::{BundleId, PartName};
use sanduq::store::files::{self, NewFile};
use sanduq::vault::{ContactKey, SharePlan, Vault};
use serde::Serialize;

use super::Context;
use super::access::find_all;
use super::leaving::{Answers, Gone, ask, look, warn};
use super::permission::Errand;
use super::put::parse_part;
use crate::failure::Failure;
use crate::process;
use crate::sanitize::one_line;

/// Write a sealed bundle for one contact
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Export the cases with these codes
    #[arg(value_name = "CODE", required = true)]
    pub(crate) codes: Vec<String>,
    /// Seal it to this contact
    #[arg(long, value_name = "LABEL")]
    pub(crate) to: String,
    /// Give these parts, and no others
    #[arg(long, value_name = "P,…", value_delimiter = ',', required = true)]
    pub(crate) parts: Vec<String>,
    /// Write the bundle to this new file
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// Write the covering note to this new file too
    #[arg(long, value_name = "FILE")]
    pub(crate) note: Option<PathBuf>,
    /// Seal so that every stock age can open it, without protection against quantum computers
    #[arg(long)]
    pub(crate) classic: bool,
    #[command(flatten)]
    pub(crate) errand: Errand,
    #[command(flatten)]
    pub(crate) answers: Answers,
}

/// What was written, for `--json`.
#[derive(Serialize)]
struct Written {
    file: String,
    bundle: String,
    bytes: u64,
    sha256: String,
    classic: bool,
    note: Option<String>,
    went: Gone,
}

/// Runs the command.
pub(crate) fn run(args: Args, context: &mut Context) -> Result<(), Failure> {
    let answers = args.answers;
    let parts = args.parts.iter().map(|part| parse_part(part)).collect::<Result<Vec<PartName>, _>>()?;
    let mut vault = context.owner_vault()?;
    let cases = find_all(&vault, &args.codes)?;
    let plans = vec![vault.plan_export(&cases, &args.to, &parts)?];
    let plans = args.errand.judge(context, &vault, plans)?;
    let recipient = recipient_of(&plans[0], args.classic);
    let classic = matches!(recipient, AgeRecipient::Classic(_));
    let file = NewFile::create(&args.out)?;
    if let Some(path) = args.note.as_ref().filter(|path| path.symlink_metadata().is_ok()) {
        return Err(sanduq::store::StoreError::AlreadyExists { place: path.as_path().into() }.into());
    }
    let what = match classic {
        true => {
            "whoever has the file and its key reads it, for ever; a quantum computer may one day open it without: this cannot be undone"
        }
        false => "whoever has the file and its key reads it, for ever: this cannot be undone",
    };
    let codes = look(context, &vault, &plans, answers, what)?;
    let warnings = warn(context, &vault, &plans)?.pop().flatten();
    let plan = args.errand.permit(context, plans, &codes, answers.yes)?.remove(0);
    ask(context, &plan, answers)?;
    let (bundle, written) = carry_out(context, &mut vault, &plan, &recipient, file)?;
    let note = note(&args.out, &written, classic, vault.owner());
    if let Some(path) = &args.note {
        files::create_new(path, note.as_bytes())?;
    }
    let done = Written {
        file: args.out.display().to_string(),
        bundle: bundle.to_string(),
        bytes: written.bytes,
        sha256: written.sha256.to_string(),
        classic,
        note: args.note.as_ref().map(|path| path.display().to_string()),
        went: Gone::of(&plan, &codes, warnings),
    };
    context.ui.answer(&done, || note.clone())
}

fn recipient_of(plan: &SharePlan, classic: bool) -> AgeRecipient {
    match &plan.to.key {
        ContactKey::Card(card) if classic => card.classic(),
        ContactKey::Card(card) => card.hybrid(),
        ContactKey::Age(age) => age.clone(),
    }
}

/// Writes the bundle, records it, and only then gives the file its name.
pub(super) fn carry_out(
    context: &Context,
    vault: &mut Vault,
    plan: &SharePlan,
    recipient: &AgeRecipient,
    mut file: NewFile,
) -> Result<(BundleId, WrittenBundle), Failure> {
    let bundle = BundleId::new(random());
    let written = write(context, vault, plan, (bundle, recipient), &mut file)?;
    vault.record_export(plan, bundle, written.manifest, context.now())?;
    file.publish()?;
    Ok((bundle, written))
}

fn write(
    context: &Context,
    vault: &Vault,
    plan: &SharePlan,
    (bundle, recipient): (BundleId, &AgeRecipient),
    file: &mut NewFile,
) -> Result<WrittenBundle, Failure> {
    let parcel = pack(vault, plan, bundle, context.now())?;
    let exhibits = VaultExhibits::new(vault, &parcel);
    let bytes =
        parcel.cases.iter().flat_map(|case| &case.revisions).flat_map(|r| &r.exhibits).map(|e| e.bytes).sum();
    let progress = context.ui.progress(bytes, "sealing the bundle");
    let export = Export { parcel: &parcel, exhibits: &exhibits, signer: vault.identity(), recipient };
    let written = write_bundle(&export, Stoppable(&mut *file), &mut |bytes| progress.advance(bytes));
    drop(progress);
    if process::cancelled() {
        return Err(Failure::cancelled());
    }
    Ok(written?)
}

/// Ends writing at Ctrl-C.
struct Stoppable<'a>(&'a mut NewFile);

impl std::io::Write for Stoppable<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if process::cancelled() {
            return Err(std::io::Error::other("cancelled"));
        }
        self.0.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0.flush()
    }
}

/// The covering note to send along; it names nobody.
fn note(path: &Path, written: &WrittenBundle, classic: bool, signer: &KnownCard) -> String {
    let file = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let file = one_line(&file);
    let opens = match classic {
        true => "any age program (1.0 or newer), rage, or sanduq",
        false => "age 1.3 or newer, or sanduq",
    };
    let words = signer.fingerprint().words().join(" ");
    format!(
        "This file is a sealed bundle of testimony records, for you alone.\n\
         \n\
         file     {file}\n\
         bytes    {}\n\
         sha256   {}\n\
         \n\
         It opens with {opens}:\n\
         \x20   sanduq open {file}\n\
         \x20   age -d -i YOUR-KEY-FILE {file} > bundle.tar\n\
         README.txt inside says how to check it with stock tools.\n\
         \n\
         Before you trust it, call the sender and compare these words; they may be said aloud:\n\
         \x20   {words}\n",
        written.bytes, written.sha256
    )
}
