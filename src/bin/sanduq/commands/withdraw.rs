//! `sanduq withdraw`: a person takes their consent back. What was given stays given, and is listed.

use std::path::PathBuf;

use sanduq::format::Given;
use sanduq::record::Time;
use sanduq::record::form::{FormError, Id, When};
use sanduq::record::leave::has_come;
use sanduq::store::files;
use sanduq::vault::{Bearing, CaseView, ShareLine, Vault};
use serde::Serialize;

use super::Context;
use super::access::parse_code;
use super::names::recipient_label;
use super::words::count;
use crate::failure::Failure;
use crate::sanitize::one_line;

/// Record that a person withdrew their consent, end the sharing, and tell everybody who has the case
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Work on the case with this code
    #[arg(value_name = "CODE")]
    pub(crate) code: String,
    /// Withdraw the consent of this person, by identifier, such as P1
    #[arg(value_name = "PERSON")]
    pub(crate) person: String,
    /// Say when they withdrew, as far as is known [default: today]
    #[arg(long, value_name = "DATE")]
    pub(crate) date: Option<String>,
    /// Write the recall notice to this new file too
    #[arg(long, value_name = "FILE")]
    pub(crate) notice: Option<PathBuf>,
    /// Go ahead without asking
    #[arg(long)]
    pub(crate) yes: bool,
}

/// What was done, for `--json`.
#[derive(Serialize)]
struct Done {
    code: String,
    person: String,
    date: String,
    part: String,
    revision: String,
    sent: Vec<String>,
    unsent: Vec<String>,
    has: Vec<Has>,
    notice: String,
    file: Option<String>,
}

/// What somebody has.
#[derive(Serialize)]
struct Has {
    to: String,
    part: String,
    revision: usize,
    bundle: Option<String>,
    time: Time,
}

/// Runs the command.
pub(crate) fn run(args: &Args, context: &mut Context) -> Result<(), Failure> {
    let (person, date) = (read_person(&args.person)?, read_date(args.date.as_deref(), context.now())?);
    if let Some(path) = args.notice.as_ref().filter(|path| path.symlink_metadata().is_ok()) {
        return Err(sanduq::store::StoreError::AlreadyExists { place: path.as_path().into() }.into());
    }
    let mut vault = context.owner_vault()?;
    let case = vault.find(&parse_code(&args.code)?)?;
    let code = super::codes::Codes::in_vault(&vault, &[case])?.of(&case);
    let view = vault.case(case)?;
    refuse_stranger(&vault, &view, &code, &person)?;
    let has = has(&vault, &view, &person)?;
    context.ui.status(&plan(&code, &person, &has));
    context.ui.confirm(&format!("record that {person} withdrew?"), args.yes)?;
    let working = context.ui.working("sealing and writing");
    let withdrawn = vault.withdraw(case, &person, &date, context.now());
    drop(working);
    let withdrawn = withdrawn?;
    let notice = notice(&code, &person, &date, &has);
    if let Some(path) = &args.notice {
        files::create_new(path, notice.as_bytes())?;
    }
    let done = Done {
        code,
        person: person.to_string(),
        date: date.to_string(),
        part: withdrawn.part.to_string(),
        revision: withdrawn.revision.to_string(),
        sent: withdrawn.sent.iter().map(ToString::to_string).collect(),
        unsent: withdrawn.unsent.iter().map(|to| recipient_label(vault.contacts(), to)).collect(),
        has,
        notice,
        file: args.notice.as_ref().map(|path| path.display().to_string()),
    };
    context.ui.answer(&done, || page(&done))
}

/// A person whom no version of the case names, where every version names somebody, is a slip.
fn refuse_stranger(vault: &Vault, view: &CaseView, code: &str, person: &Id) -> Result<(), Failure> {
    let all = view.parts.values().flatten();
    let given = all.map(|fact| Given { part: fact.part.clone(), revision: fact.revision });
    let mut bearings = Vec::new();
    for given in given {
        bearings.push(view.bears_on(vault.store(), &given, person)?);
    }
    match bearings.iter().all(|bearing| *bearing == Bearing::NamesOthers) {
        true => Err(Failure::refused(format!("no form of {code} names {person}"))
            .hint(format!("`sanduq people {code}` lists those it names"))),
        false => Ok(()),
    }
}

/// Who was given something that names the person, or names nobody.
fn has(vault: &Vault, view: &CaseView, person: &Id) -> Result<Vec<Has>, Failure> {
    let mut has = Vec::new();
    for line in vault.shares(Some(view.case))? {
        let given = Given { part: line.part.clone(), revision: line.revision };
        if view.bears_on(vault.store(), &given, person)? != Bearing::NamesOthers {
            has.push(one(vault, &line));
        }
    }
    Ok(has)
}

fn read_person(text: &str) -> Result<Id, Failure> {
    text.parse().map_err(|error: sanduq::record::form::NotAnId| {
        Failure::usage(error.to_string()).hint("`sanduq people CODE` lists the persons of a case")
    })
}

fn read_date(text: Option<&str>, now: Time) -> Result<When, Failure> {
    let unfit = |error: FormError| {
        Failure::unfit("the date cannot be taken", error.clone()).hint(error.fault.remedy())
    };
    let date = text.map_or_else(|| now.date(), str::to_owned).parse::<When>().map_err(unfit)?;
    if has_come(&date, now) {
        return Ok(date);
    }
    Err(Failure::usage(format!("{date} is in the future"))
        .hint("a consent that ends later has a `valid_until`"))
}

fn one(vault: &Vault, line: &ShareLine) -> Has {
    Has {
        to: recipient_label(vault.contacts(), &line.to),
        part: line.part.to_string(),
        revision: line.number,
        bundle: line.bundle.map(|bundle| bundle.to_string()),
        time: line.time,
    }
}

fn plan(code: &str, person: &Id, has: &[Has]) -> String {
    let mut text =
        format!("{person} of {code} withdraws: no further sharing of what names them, or names nobody");
    if has.is_empty() {
        return text + "\nnothing of this person was given to anyone";
    }
    text.push_str("\nnothing takes back what was given:");
    for one in has {
        let how = if one.bundle.is_some() { "in a bundle" } else { "shared" };
        let (to, time) = (one_line(&one.to), one.time);
        text.push_str(&format!("\n  {to}  {} revision {}, {how}, {time}", one.part, one.revision));
    }
    text
}

fn page(done: &Done) -> String {
    let mut text =
        format!("recorded: {} withdrew their consent in {} on {}\n", done.person, done.code, done.date);
    if !done.sent.is_empty() {
        let sent: Vec<String> = done.sent.iter().map(|to| one_line(to).into_owned()).collect();
        text.push_str(&format!("the signed withdrawal went to: {}\n", sent.join(", ")));
    }
    if !done.unsent.is_empty() {
        let unsent: Vec<String> = done.unsent.iter().map(|to| one_line(to).into_owned()).collect();
        text.push_str(&format!("cannot be sent to, tell them yourself: {}\n", unsent.join(", ")));
    }
    let bundles = done.has.iter().filter(|one| one.bundle.is_some()).count();
    if bundles > 0 {
        text.push_str(&format!(
            "{} went in bundles: send these people the notice below, and when they open or import one again they are not told\n",
            count(bundles, "revision", "revisions")
        ));
    }
    if done.has.is_empty() { text } else { text + "\n" + &done.notice }
}

/// What to send to those who have it; it names nobody but by the code and the identifier they have.
fn notice(code: &str, person: &Id, date: &When, has: &[Has]) -> String {
    let mut bundles: Vec<&str> = has.iter().filter_map(|one| one.bundle.as_deref()).collect();
    bundles.sort_unstable();
    bundles.dedup();
    let mut text = format!(
        "RECALL NOTICE\n\
         In the case {code} the person recorded as {person} has withdrawn consent (date: {date}).\n\
         Do not use, publish or pass on what you have of this person. Delete it where no law obliges you to keep it.\n\
         Tell those to whom you gave it. Tell the sender of this notice what you deleted, and what you could not.\n"
    );
    if !bundles.is_empty() {
        text.push_str("It is in these bundles:\n");
        bundles.iter().for_each(|bundle| text.push_str(&format!("    {bundle}\n")));
    }
    text
}
