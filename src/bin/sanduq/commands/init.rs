//! `sanduq init`: an identity, if there is none, and an empty vault.

use std::path::Path;
use std::sync::Arc;

use serde::Serialize;

use sanduq::store::{LocalStore, StoreError};
use sanduq::vault::{Vault, VaultError, read_header};

use super::context::canonical;
use super::{Context, choice};
use crate::args::NewPassphrase;
use crate::failure::{Failure, Kind};
use crate::sanitize::one_line;

/// Make a vault, and an identity if there is none
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) passphrase: NewPassphrase,
}

/// What was made, for `--json`.
#[derive(Serialize)]
struct Made {
    vault: String,
    id: String,
    identity: String,
    identity_made: bool,
    card: String,
}

/// Runs the command.
pub(crate) fn run(args: Args, context: &mut Context) -> Result<(), Failure> {
    let folder = context.settings.vault()?.to_path_buf();
    let file = context.settings.identity()?.to_path_buf();
    let store = prepare_folder(&folder)?;
    let found = file.symlink_metadata().is_ok();
    if found {
        context.ui.status(&one_line(&format!("the identity at {} is used", file.display())));
        if args.passphrase.kdf.is_some() || args.passphrase.own {
            context.ui.warn("--kdf and --own are left aside: they are for a new identity");
            context.ui.hint("`sanduq identity passphrase` changes the passphrase and its cost");
        }
        context.identity()?;
    } else {
        let identity = choice::make_identity(context, &file, &args.passphrase)?;
        context.keep(identity);
    }
    let desktop = context.desktop()?;
    let vault = Vault::create(Arc::new(store), desktop, context.now()).map_err(Failure::from);
    let mut vault = vault.map_err(|failure| match found {
        true => failure,
        false => failure.hint(format!("the identity at {} was made and stays", file.display())),
    })?;
    let place = canonical(&folder);
    let noticed = vault.notice_place(std::os::unix::ffi::OsStrExt::as_bytes(place.as_os_str()));
    if noticed.is_err() {
        context.ui.warn("which vault stands here cannot be remembered beside the identity file");
    }
    context.warn_of(vault.findings());
    let made = Made {
        vault: place.display().to_string(),
        id: vault.id().to_string(),
        identity: canonical(&file).display().to_string(),
        identity_made: !found,
        card: vault.owner().hash().to_string(),
    };
    context.ui.answer(&made, || closing(&made))
}

/// Refuses a folder that is not free before anything is asked.
fn prepare_folder(folder: &Path) -> Result<LocalStore, Failure> {
    match LocalStore::create(folder) {
        Err(StoreError::NotEmpty { .. }) if folder.join("vault").exists() => {
            if let Ok(store) = LocalStore::open(folder)
                && let Err(newer @ VaultError::Newer) = read_header(&store)
            {
                return Err(newer.into());
            }
            Err(Failure::refused(format!("{} is a vault already", folder.display()))
                .hint("nothing was changed; name a new folder with `--vault DIR`, or use this one"))
        }
        Err(StoreError::NotEmpty { .. }) if is_half_done(folder) => Err(Failure::refused(format!(
            "{} holds what an interrupted init left, and no vault",
            folder.display()
        ))
        .hint("it may be removed; then run init again")),
        Err(error @ StoreError::NotFound { .. }) => Err(Failure::new(Kind::Storage, error)
            .hint("make the folder above it first; only the last folder is made")),
        other => Ok(other?),
    }
}

/// Reports whether a folder holds `objects` and nothing else.
fn is_half_done(folder: &Path) -> bool {
    let names = |entries: std::fs::ReadDir| entries.flatten().map(|entry| entry.file_name()).collect();
    let names: Vec<_> = std::fs::read_dir(folder).map(names).unwrap_or_default();
    names == ["objects"]
}

fn closing(made: &Made) -> String {
    let (vault, identity) = (one_line(&made.vault), one_line(&made.identity));
    format!(
        "vault made: {vault}\n\n\
         copy these, and keep the copies apart from each other:\n  \
         the vault folder   {vault}\n                     sealed; may lie anywhere, copy it often\n  \
         the identity file  {identity}\n                     never beside the vault, never uploaded\n  \
         the address book   {identity}.contacts\n                     sealed; is made with the first contact\n  \
         the passphrase     on paper or in your head, never in a file\n\n\
         whoever has the identity file and the passphrase reads everything; without either nothing opens\n\
         do not copy {identity}.memory: it belongs to this device\n\n\
         next: `sanduq new` opens a case, `sanduq card --out FILE` writes your card for others,\n\
         `sanduq recovery split --shares 3/5` makes shares for the day when identity or passphrase are lost"
    )
}
