//! `sanduq ingest`: many cases in one commit.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use sanduq::format::{IngestError, IngestRecord, read_csv, read_jsonl};
use sanduq::store::Store;
use sanduq::vault::{IngestCase, IngestPart, NewExhibit, VaultError, store_exhibit};
use serde::Serialize;

use super::Context;
use super::accept::stop_when_cancelled;
use super::put::{LOOK_AT_THE_NAME, warn_of_source};
use super::words::count;
use crate::failure::{Failure, Kind};
use crate::process;

/// Wrong lines that are named one by one; of more only the count is told.
const SHOWN_LINES: usize = 20;

/// Record many cases from a JSONL or CSV file in one commit
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Read this file, ending in .jsonl or .csv
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Leave out lines that are wrong and name them, instead of writing nothing
    #[arg(long)]
    pub(crate) skip_bad: bool,
}

/// What was recorded, for `--json`.
#[derive(Serialize)]
struct Ingested {
    cases: usize,
    codes: Vec<String>,
    left_out: Vec<String>,
}

/// Runs the command.
pub(crate) fn run(args: Args, context: &mut Context) -> Result<(), Failure> {
    let mut vault = context.owner_vault()?;
    let working = context.ui.working("looking through the file");
    let looked = look_through(&args.file);
    drop(working);
    let Looked { good, bad } = looked?;
    if !bad.is_empty() && !args.skip_bad {
        return Err(refusal(&args.file, &bad));
    }
    let progress = context.ui.steps(good, "recording cases");
    let store = vault.shared_store();
    // What was wrong is left out; what became wrong meanwhile ends it.
    let mut left = bad.len();
    let cases = records(&args.file)?.filter_map(|record| {
        let whole = record.map_err(|error| tell(&error)).and_then(|record| is_whole(&args.file, record));
        match whole {
            Ok(record) => Some(prepare(store.as_ref(), &args.file, record)),
            Err(_) if left > 0 => {
                left -= 1;
                None
            }
            Err(line) => Some(Err(VaultError::Source(std::io::Error::other(line)))),
        }
    });
    let codes = vault.ingest(cases, context.now(), &mut |_| {
        progress.advance(1);
        stop_when_cancelled()
    });
    drop(progress);
    if process::cancelled() && codes.is_err() {
        return Err(Failure::cancelled());
    }
    let codes: Vec<String> = codes?.iter().map(ToString::to_string).collect();
    let done = Ingested { cases: codes.len(), codes, left_out: bad };
    context.ui.answer(&done, || page(&done))?;
    warn_of_source(context, &[args.file.display().to_string()]);
    Ok(())
}

fn page(done: &Ingested) -> String {
    let mut text = format!("{} recorded in one commit", count(done.cases, "case", "cases"));
    for line in done.left_out.iter().take(SHOWN_LINES) {
        text.push_str(&format!("\nleft out: {line}"));
    }
    if done.left_out.len() > SHOWN_LINES {
        text.push_str(&format!("\nleft out: {} more", done.left_out.len() - SHOWN_LINES));
    }
    text
}

fn refusal(path: &Path, bad: &[String]) -> Failure {
    let mut failure = Failure::say(
        Kind::Usage,
        format!(
            "{} of {} cannot be taken; nothing was recorded",
            count(bad.len(), "line", "lines"),
            path.display()
        ),
    );
    for line in bad.iter().take(SHOWN_LINES) {
        failure = failure.hint(line.clone());
    }
    if bad.len() > SHOWN_LINES {
        failure = failure.hint(format!("and {} more", bad.len() - SHOWN_LINES));
    }
    failure.hint("mend them, or leave them out with --skip-bad")
}

/// What a first look at a file found.
struct Looked {
    good: u64,
    bad: Vec<String>,
}

/// Reads the file once without keeping anything, and tells what is wrong with which line.
fn look_through(path: &Path) -> Result<Looked, Failure> {
    let mut looked = Looked { good: 0, bad: Vec::new() };
    for record in records(path)? {
        if process::cancelled() {
            return Err(Failure::cancelled());
        }
        match record.map_err(|error| tell(&error)).and_then(|record| is_whole(path, record)) {
            Ok(_) => looked.good += 1,
            Err(line) => looked.bad.push(line),
        }
    }
    Ok(looked)
}

fn tell(error: &IngestError) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    text
}

fn records(path: &Path) -> Result<Box<dyn Iterator<Item = Result<IngestRecord, IngestError>>>, Failure> {
    let open = || {
        File::open(path).map(BufReader::new).map_err(|error| {
            Failure::io(format!("cannot read {}", path.display()), error).hint(LOOK_AT_THE_NAME)
        })
    };
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("jsonl") => Ok(Box::new(read_jsonl(open()?))),
        Some("csv") => Ok(Box::new(read_csv(open()?))),
        _ => Err(Failure::usage(format!("{} is neither .jsonl nor .csv", path.display()))
            .hint("`sanduq ingest --help` says what is read")),
    }
}

/// Where an exhibit lies: paths are read from the folder of the file that names them.
fn beside(path: &Path, exhibit: &str) -> std::path::PathBuf {
    path.parent().unwrap_or(Path::new("")).join(exhibit)
}

/// Sees that the files a case names are there.
fn is_whole(path: &Path, record: IngestRecord) -> Result<IngestRecord, String> {
    for exhibit in &record.exhibits {
        let file = beside(path, exhibit);
        if !file.metadata().is_ok_and(|metadata| metadata.is_file()) {
            return Err(format!("line {}: no file {}", record.line, file.display()));
        }
    }
    Ok(record)
}

/// Seals the exhibits of a case; its texts are sealed by whoever records it.
fn prepare(store: &dyn Store, path: &Path, record: IngestRecord) -> Result<IngestCase, VaultError> {
    let mut exhibits = Vec::new();
    for exhibit in &record.exhibits {
        let file = beside(path, exhibit);
        let mut source = File::open(&file).map_err(VaultError::Source)?;
        let size = source.metadata().map_err(VaultError::Source)?.len();
        let stored = store_exhibit(store, &mut source, size, &mut |_| stop_when_cancelled())?;
        let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        exhibits.push(NewExhibit { name, stored });
    }
    let parts =
        record.parts.into_iter().map(|part| IngestPart { part: part.part, text: part.text, lang: part.lang });
    Ok(IngestCase { title: record.title, parts: parts.collect(), exhibits })
}
