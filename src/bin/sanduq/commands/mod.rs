//! One file per command: its `Args` (their doc comments are the help) and its `run`. Here: who runs what.
//!
//! What several commands share: `context`, `access`, `codes` and `names` as they are shown, `choice` of passphrases,
//! the `page` of a case, what is `leaving` a vault, the last `look` at it and the `permission` of the people in it,
//! `bundles` as they are read.
//! the `page` of a case, its forms as `sheets` and their `conflicts`, what is `leaving` a vault and the `permission`
//! of the people in it, `bundles` as they are read.

mod access;
mod bundles;
mod choice;
mod codes;
mod conflicts;
mod context;
mod form;
mod form_page;
mod leaving;
mod look;
mod loss;
mod names;
mod page;
mod permission;
mod sheets;
mod words;

pub(crate) mod accept;
pub(crate) mod attach;
pub(crate) mod card;
pub(crate) mod check;
pub(crate) mod checkpoint;
pub(crate) mod consent;
pub(crate) mod contact;
pub(crate) mod demo;
pub(crate) mod detach;
pub(crate) mod due;
pub(crate) mod edit;
pub(crate) mod explain;
pub(crate) mod export;
pub(crate) mod extract;
pub(crate) mod identity;
pub(crate) mod import;
pub(crate) mod inbox;
pub(crate) mod incident;
pub(crate) mod ingest;
pub(crate) mod init;
pub(crate) mod lint;
pub(crate) mod list;
pub(crate) mod log;
pub(crate) mod new;
pub(crate) mod open;
pub(crate) mod people;
pub(crate) mod put;
pub(crate) mod recovery;
pub(crate) mod redact;
pub(crate) mod search;
pub(crate) mod share;
pub(crate) mod shares;
pub(crate) mod show;
pub(crate) mod template;
pub(crate) mod timeline;
pub(crate) mod title;
pub(crate) mod unshare;
pub(crate) mod verify;
pub(crate) mod withdraw;

use crate::args::Command;
use crate::failure::Failure;

pub(crate) use context::Context;

/// Runs one command.
pub(crate) fn run(command: Command, context: &mut Context) -> Result<(), Failure> {
    match command {
        Command::Init(args) => init::run(args, context),
        Command::Identity(args) => identity::run(args, context),
        Command::Card(args) => card::run(args, context),
        Command::Contact(args) => contact::run(args, context),
        Command::New(args) => new::run(args, context),
        Command::Title(args) => title::run(args, context),
        Command::Template(args) => template::run(&args, context),
        Command::Put(args) => put::run(args, context),
        Command::Edit(args) => edit::run(&args, context),
        Command::Attach(args) => attach::run(args, context),
        Command::Detach(args) => detach::run(args, context),
        Command::List(args) => list::run(args, context),
        Command::Show(args) => show::run(args, context),
        Command::Search(args) => search::run(&args, context),
        Command::Extract(args) => extract::run(args, context),
        Command::Log(args) => log::run(args, context),
        Command::Timeline(args) => timeline::run(&args, context),
        Command::Due(args) => due::run(&args, context),
        Command::Share(args) => share::run(args, context),
        Command::Consent(args) => consent::run(&args, context),
        Command::Withdraw(args) => withdraw::run(&args, context),
        Command::People(args) => people::run(&args, context),
        Command::Explain(args) => explain::run(&args, context),
        Command::Incident(args) => incident::run(&args, context),
        Command::Redact(args) => redact::run(args, context),
        Command::Lint(args) => lint::run(args, context),
        Command::Unshare(args) => unshare::run(args, context),
        Command::Shares(args) => shares::run(args, context),
        Command::Inbox(args) => inbox::run(args, context),
        Command::Accept(args) => accept::run(args, context),
        Command::Export(args) => export::run(args, context),
        Command::Open(args) => open::run(args, context),
        Command::Verify(args) => verify::run(args, context),
        Command::Import(args) => import::run(args, context),
        Command::Ingest(args) => ingest::run(args, context),
        Command::Check(args) => check::run(args, context),
        Command::Checkpoint(args) => checkpoint::run(args, context),
        Command::Recovery(args) => recovery::run(args, context),
        Command::Demo(args) => demo::run(args, context),
    }
}
