//! `sanduq identity`: new identities, new passphrases, age keys for stock tools.

use std::path::{Path, PathBuf};

use serde::Serialize;

use sanduq::crypto::age::identity_file::{AGE_WORK_FACTOR, KeyFileLock, KeyFileScope, write_key_file};
use sanduq::store::{StoreError, files};

use super::{Context, choice};
use crate::args::NewPassphrase;
use crate::failure::{Failure, Kind};
use crate::sanitize::one_line;

/// Make an identity, change its passphrase, hand out its age keys
#[derive(clap::Args, Debug)]
#[command(arg_required_else_help = false)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) action: Action,
}

/// What to do with an identity.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Action {
    /// Make a new identity file
    New {
        /// Write it here instead of where --identity says
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        #[command(flatten)]
        passphrase: NewPassphrase,
    },
    /// Change the passphrase of the identity file
    Passphrase {
        #[command(flatten)]
        passphrase: NewPassphrase,
    },
    /// Write the age keys for stock age, protected by a passphrase: they open bundles, never the vault
    AgeKeys {
        /// Write them to this file
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
}

/// What was written, for `--json`.
#[derive(Serialize)]
struct Written {
    file: String,
    card: String,
}

/// Runs the command.
pub(crate) fn run(args: Args, context: &mut Context) -> Result<(), Failure> {
    match args.action {
        Action::New { out, passphrase } => new(out, &passphrase, context),
        Action::Passphrase { passphrase } => change(&passphrase, context),
        Action::AgeKeys { out } => age_keys(&out, context),
    }
}

fn new(out: Option<PathBuf>, wish: &NewPassphrase, context: &Context) -> Result<(), Failure> {
    let file = match out {
        Some(out) => out,
        None => context.settings.identity()?.to_path_buf(),
    };
    let identity = choice::make_identity(context, &file, wish)?;
    let written = Written { file: file.display().to_string(), card: identity.card().hash().to_string() };
    context.ui.answer(&written, || {
        format!(
            "identity made: {}\n\ncopy it, and keep it apart from the vault and from the passphrase",
            one_line(&written.file)
        )
    })
}

fn change(wish: &NewPassphrase, context: &mut Context) -> Result<(), Failure> {
    let file = context.settings.identity()?.to_path_buf();
    // At the prompt the identity may be unlocked; whoever changes the passphrase shows that they know it.
    context.lock();
    let identity = context.identity()?;
    let passphrase = choice::choose(context, wish)?;
    files::replace(&file, &choice::seal(context, &identity, &passphrase, wish)?).map_err(in_force)?;
    let written = Written { file: file.display().to_string(), card: identity.card().hash().to_string() };
    context.ui.answer(&written, || format!("the passphrase of {} was changed", one_line(&written.file)))?;
    context.ui.warn("copies made of the identity file before still open with the old passphrase");
    context.ui.hint(
        "replace or destroy those copies; shares made by `sanduq recovery split` open the vault as before",
    );
    Ok(())
}

/// Says which passphrase opens the file now, where that is not the old one.
fn in_force(error: StoreError) -> Failure {
    let unsettled = matches!(error, StoreError::Unsettled { .. });
    let failure = Failure::from(error);
    match unsettled {
        true => failure
            .hint("the new passphrase is in force; keep the old one in mind until you have used the new one"),
        false => failure,
    }
}

fn age_keys(out: &Path, context: &mut Context) -> Result<(), Failure> {
    choice::check_free(out, "nothing is overwritten; take another name")?;
    let identity = context.identity()?;
    context.ui.status(
        "these keys open bundles sealed to you, with stock age; they open neither the vault nor what contacts \
         share with you in theirs\nthe file gets a passphrase of its own, which age will ask for",
    );
    let passphrase = choice::own(context, "passphrase of the age keys")?;
    let working = context.ui.working("sealing the age keys");
    let lock = KeyFileLock { passphrase: passphrase.as_str(), work_factor: AGE_WORK_FACTOR };
    let scope = KeyFileScope::ClassicHybridAsComment;
    let sealed = write_key_file(Vec::new(), &identity.age_keys(), scope, lock)
        .map_err(|error| Failure::new(Kind::Other, error))?;
    drop(working);
    files::create_new(out, &sealed)?;
    let written = Written { file: out.display().to_string(), card: identity.card().hash().to_string() };
    context.ui.answer(&written, || {
        let file = shlex::try_quote(&written.file).map_or_else(|_| written.file.clone(), Into::into);
        let file = one_line(&file);
        format!("age keys written: {file}\n\nto open a bundle with stock age: age -d -i {file} BUNDLE.age")
    })?;
    context.ui.warn("whoever has this file and its passphrase reads every bundle sealed to you");
    Ok(())
}
