//! `sanduq recovery`: shares that open the vault where identity file or passphrase are lost.

mod ask;
mod give;

use std::path::PathBuf;
use std::str::FromStr;

use sanduq::crypto::RecoverySecret;
use sanduq::format::RecoveryFact;
use sanduq::vault::{read_header, recover};
use serde::Serialize;

use super::words::count;
use super::{Context, choice};
use crate::args::NewPassphrase;
use crate::failure::{Failure, Kind};
use crate::sanitize::one_line;

/// Cut the key of your vault into shares, try them, or bring a lost identity back with them
#[derive(clap::Args, Debug)]
#[command(arg_required_else_help = false)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) action: Action,
}

/// What to do with shares.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Action {
    /// Make shares, so many of which open your vault; shares made before open it no more
    Split {
        /// How many of how many shares are needed, like 3/5
        #[arg(long, value_name = "NEEDED/ALL")]
        shares: Shares,
        /// Write each share as a page to print into this new folder, instead of showing them
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
        /// Go on without asking
        #[arg(long)]
        yes: bool,
    },
    /// Type real shares and see that they open this vault; nothing is changed
    Drill,
    /// Bring the identity of a vault back from shares, under a new passphrase
    Combine {
        /// Write the identity file here instead of where --identity says
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        #[command(flatten)]
        passphrase: NewPassphrase,
    },
}

/// How many of how many shares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shares {
    needed: u8,
    all: u8,
}

/// The text is no number of shares.
#[derive(Debug, thiserror::Error)]
#[error("so many of so many, like 3/5: at least 2, at most 16")]
pub(crate) struct NotShares;

impl FromStr for Shares {
    type Err = NotShares;

    fn from_str(text: &str) -> Result<Self, NotShares> {
        let (needed, all) = text.split_once('/').ok_or(NotShares)?;
        let number = |text: &str| text.parse::<u8>().map_err(|_| NotShares);
        let (needed, all) = (number(needed)?, number(all)?);
        match 2 <= needed && needed <= all && all <= 16 {
            true => Ok(Self { needed, all }),
            false => Err(NotShares),
        }
    }
}

/// What was made, for `--json`: never the shares.
#[derive(Serialize)]
struct Made {
    needed: u8,
    all: u8,
    files: Vec<String>,
    replaced: usize,
    left: usize,
}

/// What shares opened, for `--json`.
#[derive(Serialize)]
struct Opened {
    vault: String,
    card: String,
    shares: usize,
    file: Option<String>,
}

/// Runs the command.
pub(crate) fn run(args: Args, context: &mut Context) -> Result<(), Failure> {
    match args.action {
        Action::Split { shares, out, yes } => split(shares, out, yes, context),
        Action::Drill => drill(context),
        Action::Combine { out, passphrase } => bring_back(out, &passphrase, context),
    }
}

fn split(shares: Shares, out: Option<PathBuf>, yes: bool, context: &mut Context) -> Result<(), Failure> {
    give::check_way(context, out.as_deref())?;
    let mut vault = context.owner_vault()?;
    let before = vault.recoveries()?;
    plan(shares, &before, context);
    context.ui.confirm("make these shares?", yes)?;
    let secret = RecoverySecret::generate();
    let made = secret.split(shares.needed, shares.all).map_err(|error| Failure::new(Kind::Usage, error))?;
    let heading = give::Heading { shares, vault: vault.id().to_string(), time: context.now() };
    // Given first: were the vault changed first, a run that ends here would leave nobody with shares.
    let files = match &out {
        Some(folder) => give::write_pages(folder, &made, &heading)?,
        None => give::show_all(context, &made, &heading)?,
    };
    let set = vault.set_recovery(&secret, shares.needed, shares.all, context.now());
    let set = set.map_err(|error| {
        Failure::from(error)
            .hint("the shares just given open nothing, unless the vault says otherwise: run it again")
    })?;
    let files: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
    let made = Made { needed: shares.needed, all: shares.all, files, replaced: set.replaced, left: set.left };
    context.ui.answer(&made, || made.to_text())?;
    if made.left > 0 {
        let left = count(made.left, "earlier splitting", "earlier splittings");
        context.ui.warn(&format!("{left} could not be removed: those shares still open this folder"));
    }
    if out.is_some() {
        context.ui.warn("the pages are readable by anyone who gets at the disk");
        context.ui.hint("print them and delete them; deleting leaves traces, most of all on sticks and SSDs");
    }
    context
        .ui
        .hint("`sanduq recovery drill` tries real shares and changes nothing: do it before you need them");
    Ok(())
}

/// Says what the shares can do, and what no new splitting takes back.
fn plan(shares: Shares, before: &[RecoveryFact], context: &Context) {
    let Shares { needed, all } = shares;
    let ui = &context.ui;
    ui.status(&format!(
        "{all} shares of 33 words, for {all} people or places: any {needed} of them, with the vault's folder or a \
         copy of it, open everything in it, without your passphrase; fewer tell nothing"
    ));
    for fact in before {
        ui.status(&format!(
            "the splitting of {} ({} of {}) ends: its shares do not open this folder any more",
            fact.time, fact.needed, fact.all
        ));
    }
    if !before.is_empty() {
        ui.status(
            "whoever kept a copy of the folder from before, and enough of the old shares, still gets your key out of \
             that copy, and with it everything here",
        );
    }
}

impl Made {
    fn to_text(&self) -> String {
        let mut text = format!("{} shares made; any {} of them open this vault", self.all, self.needed);
        for file in &self.files {
            text.push_str(&format!("\n  {}", one_line(file)));
        }
        if self.replaced > self.left {
            text.push_str("\nthe earlier splitting was removed");
        }
        text
    }
}

fn drill(context: &Context) -> Result<(), Failure> {
    let store = context.store()?;
    let vault = read_header(store.as_ref())?;
    let found = ask::ask_shares(context)?;
    let identity = recover(store.as_ref(), &found.secret)?;
    let opened = Opened {
        vault: vault.to_string(),
        card: identity.card().hash().to_string(),
        shares: found.count,
        file: None,
    };
    context
        .ui
        .answer(&opened, || format!("these {} shares open this vault; nothing was changed", found.count))
}

fn bring_back(out: Option<PathBuf>, wish: &NewPassphrase, context: &Context) -> Result<(), Failure> {
    let store = context.store()?;
    let vault = read_header(store.as_ref())?;
    let file = match out {
        Some(out) => out,
        None => context.settings.identity()?.to_path_buf(),
    };
    choice::check_free(&file, choice::OTHER_IDENTITY)?;
    let found = ask::ask_shares(context)?;
    let identity = recover(store.as_ref(), &found.secret)?;
    context.ui.clear_screen();
    context.ui.status("the shares open this vault: its identity gets a new passphrase now");
    let identity = choice::write_identity(context, &file, wish, || identity)?;
    let opened = Opened {
        vault: vault.to_string(),
        card: identity.card().hash().to_string(),
        shares: found.count,
        file: Some(file.display().to_string()),
    };
    context.ui.answer(&opened, || {
        format!(
            "identity brought back: {}\n\ncopy it, and keep it apart from the vault and from the passphrase; your card \
             is the same as before, contacts need not do anything",
            one_line(&file.display().to_string())
        )
    })?;
    context.ui.hint(
        "whoever has the lost identity file and its passphrase still opens the vault; the shares still open it too: \
         `sanduq recovery split` makes new ones",
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_how_many_of_how_many() {
        assert_eq!("3/5".parse::<Shares>().unwrap(), Shares { needed: 3, all: 5 });
        for text in
            ["", "3", "3/", "/5", "5/3", "1/3", "1/1", "0/0", "2/17", "-2/3", "2/3/4", "3 of 5", "300/301"]
        {
            assert!(text.parse::<Shares>().is_err(), "{text}");
        }
    }
}
