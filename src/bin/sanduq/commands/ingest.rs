//! `sanduq ingest`: many cases in one commit.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use sanduq::format::{IngestError, IngestRecord, IngestText, read_csv, read_jsonl};
use sanduq::store::Store;
use sanduq::vault::{IngestCase, IngestPart, NewExhibit, VaultError, store_exhibit};
use serde::Serialize;

use super::Context;
use super::accept::stop_when_cancelled;
use super::put::{LOOK_AT_THE_NAME, warn_of_source};
use super::words::count;
use crate::failure::{Failure, Kind};
use crate::process;
use crate::sanitize::one_line;

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
    let (read, store) = (Rc::new(Cell::new(0)), vault.shared_store());
    let records = records(&args.file, &read)?;
    let mut cases = Cases { args: &args, store, records, looked: args.skip_bad, bad: Vec::new() };
    let total = args.file.metadata().map_or(0, |metadata| metadata.len());
    let progress = context.ui.steps(total, "recording cases");
    let mut shown = 0;
    let codes = vault.ingest(std::iter::from_fn(|| cases.next()), context.now(), &mut |_| {
        progress.advance(read.get() - shown);
        shown = read.get();
        stop_when_cancelled()
    });
    drop(progress);
    if process::cancelled() && codes.is_err() {
        return Err(Failure::cancelled());
    }
    if !cases.bad.is_empty() && !args.skip_bad {
        return Err(refusal(&args.file, &cases.bad));
    }
    let codes: Vec<String> = codes?.iter().map(ToString::to_string).collect();
    let done = Ingested { cases: codes.len(), codes, left_out: cases.bad };
    context.ui.answer(&done, || page(&done))?;
    warn_of_source(context, &[args.file.display().to_string()]);
    Ok(())
}

/// The cases of a file, read once; those with exhibits only after all lines were seen to be right.
struct Cases<'a> {
    args: &'a Args,
    store: Arc<dyn Store>,
    records: Records,
    /// Whether a wrong line further on can no longer undo what is put now.
    looked: bool,
    bad: Vec<String>,
}

impl Cases<'_> {
    /// The next case; after a wrong line that is not to be left out, an error that takes back all before it.
    fn next(&mut self) -> Option<Result<IngestCase, VaultError>> {
        loop {
            let record = match whole(&self.args.file, self.records.next()?) {
                Ok(record) => record,
                Err(line) if self.args.skip_bad => {
                    self.bad.push(line);
                    continue;
                }
                Err(line) => {
                    self.bad.push(line);
                    self.bad.extend(wrong_lines(&self.args.file, &mut self.records));
                    return Some(Err(refused()));
                }
            };
            // Exhibits are large: none is sealed for a file that will be refused.
            if !record.exhibits.is_empty() && !std::mem::replace(&mut self.looked, true) {
                match records(&self.args.file, &Rc::default()) {
                    Ok(mut again) => self.bad = wrong_lines(&self.args.file, &mut again),
                    Err(failure) => self.bad.push(failure.to_string()),
                }
                if !self.bad.is_empty() {
                    return Some(Err(refused()));
                }
            }
            return Some(prepare(self.store.as_ref(), &self.args.file, record));
        }
    }
}

/// Ends the recording; which lines are wrong is told by whoever asked for it.
fn refused() -> VaultError {
    VaultError::Source(io::Error::other("a line cannot be taken"))
}

/// What is wrong with the lines still to come.
fn wrong_lines(path: &Path, records: &mut Records) -> Vec<String> {
    records.take_while(|_| !process::cancelled()).filter_map(|record| whole(path, record).err()).collect()
}

fn page(done: &Ingested) -> String {
    let mut text = format!("{} recorded in one commit", count(done.cases, "case", "cases"));
    for line in done.left_out.iter().take(SHOWN_LINES) {
        text.push_str(&format!("\nleft out: {}", one_line(line)));
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

fn tell(error: &IngestError) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    text
}

type Records = Box<dyn Iterator<Item = Result<IngestRecord, IngestError>>>;

/// Reads a file of cases; `read` is told how many bytes of it were read.
fn records(path: &Path, read: &Rc<Cell<u64>>) -> Result<Records, Failure> {
    let open = || {
        let counted = |file| BufReader::new(Counted { file, read: Rc::clone(read) });
        let cannot =
            |error| Failure::io(format!("cannot read {}", path.display()), error).hint(LOOK_AT_THE_NAME);
        // Asked before opening: opening a pipe would wait for its other end.
        if !path.metadata().map_err(cannot)?.is_file() {
            return Err(Failure::usage(format!("{} is no plain file", path.display()))
                .hint("the file may be read twice; save it first"));
        }
        File::open(path).map(counted).map_err(cannot)
    };
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("jsonl") => Ok(Box::new(read_jsonl(open()?))),
        Some("csv") => Ok(Box::new(read_csv(open()?))),
        _ => Err(Failure::usage(format!("{} is neither .jsonl nor .csv", path.display()))
            .hint("`sanduq ingest --help` says what is read")),
    }
}

/// A file that counts the bytes read from it.
struct Counted {
    file: File,
    read: Rc<Cell<u64>>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(buffer)?;
        self.read.set(self.read.get() + count as u64);
        Ok(count)
    }
}

/// Where an exhibit lies: a plain file in the folder of the file that names it, links followed. Whoever wrote that
/// file is not to choose what else of this computer goes into a case, and from there to others.
fn beside(path: &Path, exhibit: &str) -> Result<PathBuf, String> {
    let folder = path.parent().unwrap_or(Path::new(""));
    let file = folder.join(exhibit);
    let found =
        Path::new(".").join(folder).canonicalize().and_then(|folder| Ok((folder, file.canonicalize()?)));
    match found {
        Ok((folder, found)) if !found.starts_with(&folder) => {
            Err(format!("{} lies outside the folder of {}", file.display(), path.display()))
        }
        Ok((_, found)) if found.is_file() => Ok(found),
        _ => Err(format!("no file {}", file.display())),
    }
}

/// A case whose files are there, or what is wrong with it.
fn whole(path: &Path, record: Result<IngestRecord, IngestError>) -> Result<IngestRecord, String> {
    let record = record.map_err(|error| tell(&error))?;
    for exhibit in &record.exhibits {
        beside(path, exhibit).map_err(|wrong| format!("line {}: {wrong}", record.line))?;
    }
    Ok(record)
}

/// Seals the exhibits of a case; its texts are sealed by whoever records it.
fn prepare(store: &dyn Store, path: &Path, record: IngestRecord) -> Result<IngestCase, VaultError> {
    let mut exhibits = Vec::new();
    for exhibit in &record.exhibits {
        let file = beside(path, exhibit).map_err(|wrong| VaultError::Source(io::Error::other(wrong)))?;
        let mut source = File::open(&file).map_err(VaultError::Source)?;
        let size = source.metadata().map_err(VaultError::Source)?.len();
        let stored = store_exhibit(store, &mut source, size, &mut |_| stop_when_cancelled())?;
        let name = Path::new(exhibit)
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default();
        exhibits.push(NewExhibit { name, stored });
    }
    let parts = record.parts.into_iter();
    let parts = parts.map(|IngestText { part, text, lang, form }| IngestPart { part, text, lang, form });
    Ok(IngestCase { title: record.title, parts: parts.collect(), exhibits })
}
