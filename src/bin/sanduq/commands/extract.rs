//! `sanduq extract`: an exhibit out of the vault.

use std::io::Write;
use std::path::Path;

use sanduq::format::Exhibit;
use sanduq::record::{ExhibitName, PartName};
use sanduq::store::files::NewFile;
use sanduq::vault::{CaseView, VaultError, read_exhibit};
use serde::Serialize;

use super::Context;
use super::access::Access;
use crate::args::{Place, exhibit_name};
use crate::failure::{Failure, Kind};
use crate::process;
use crate::sanitize::one_line;
use crate::ui::{Format, output_failure};

/// Write an exhibit to a file
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Work on the case with this code
    #[arg(value_name = "CODE")]
    pub(crate) code: String,
    /// Write the exhibit with this number
    #[arg(value_name = "E3", value_parser = exhibit_name)]
    pub(crate) exhibit: ExhibitName,
    /// Write it to this new file, or with - to standard output
    #[arg(long, value_name = "FILE|-", value_parser = clap::value_parser!(Place))]
    pub(crate) out: Place,
}

/// What was written, for `--json`.
#[derive(Serialize)]
struct Extracted {
    code: String,
    exhibit: String,
    part: String,
    name: String,
    bytes: u64,
    sha256: String,
    file: String,
}

/// Runs the command.
pub(crate) fn run(args: Args, context: &mut Context) -> Result<(), Failure> {
    if args.out == Place::Standard && context.ui.format() == Format::Json {
        return Err(Failure::usage("--json and --out - both want standard output")
            .hint("write the exhibit to a file with `--out FILE`"));
    }
    let access = context.access()?;
    let views = access.views(&args.code)?;
    let Some(view) = views.first() else { return Err(VaultError::NotShared(args.code).into()) };
    let (part, exhibit) = find(context, &access, &views, &args.exhibit)?;
    let found = Found { access: &access, view, part: &part, exhibit: &exhibit };
    match &args.out {
        Place::Standard => found.to_stdout(context),
        Place::File(path) => {
            found.to_file(context, path)?;
            let done = Extracted {
                code: view.code().to_string(),
                exhibit: args.exhibit.to_string(),
                part: part.to_string(),
                name: exhibit.name.clone(),
                bytes: exhibit.bytes,
                sha256: exhibit.sha256.to_string(),
                file: path.display().to_string(),
            };
            context.ui.answer(&done, || {
                format!(
                    "{} written to {}\n{} bytes, sha256 {}",
                    done.exhibit,
                    one_line(&done.file),
                    done.bytes,
                    done.sha256
                )
            })?;
            context.ui.warn(&format!("{} is now readable by anyone who gets at it", done.file));
            Ok(())
        }
    }
}

/// Looks for an exhibit among what stands, then among what stood earlier, whoever gave it.
fn find(
    context: &Context,
    access: &Access,
    views: &[CaseView],
    name: &ExhibitName,
) -> Result<(PartName, Exhibit), Failure> {
    let (mut heads, mut all) = (Vec::new(), Vec::new());
    for view in views {
        let standing = view.part_names().into_iter().flat_map(|part| view.heads(part));
        heads.extend(standing.map(|fact| (view, fact)));
        all.extend(view.parts.values().flatten().rev().map(|fact| (view, fact)));
    }
    let mut damaged = None;
    for (facts, stands) in [(heads, true), (all, false)] {
        let mut found: Vec<(PartName, Exhibit)> = Vec::new();
        for (view, fact) in facts {
            let opened = match view.open(access.store(), fact).map_err(Failure::from) {
                Err(failure) if failure.kind() == Kind::Corrupt => {
                    damaged = Some(failure);
                    continue;
                }
                opened => opened?,
            };
            let named = |exhibit: &Exhibit| {
                name.names(exhibit.number, &exhibit.sha256)
                    && found.iter().all(|(_, other)| other.sha256 != exhibit.sha256)
            };
            let more: Vec<_> = opened.revision.exhibits.into_iter().filter(named).collect();
            found.extend(more.into_iter().map(|exhibit| (fact.part.clone(), exhibit)));
        }
        match found.len() {
            0 => {}
            1 => {
                if !stands {
                    context.ui.status(&format!(
                        "{name} stands in no current revision; it is taken from an earlier one"
                    ));
                }
                return Ok(found.remove(0));
            }
            _ => return Err(ambiguous(name, &found)),
        }
    }
    let none = || match views {
        [view, ..] => view.no_such(format!("exhibit {name}")).into(),
        [] => Failure::refused(format!("there is no exhibit {name}")),
    };
    Err(damaged.unwrap_or_else(none))
}

fn ambiguous(name: &ExhibitName, found: &[(PartName, Exhibit)]) -> Failure {
    let choices: Vec<String> = found
        .iter()
        .map(|(_, exhibit)| ExhibitName::new(exhibit.number, &exhibit.sha256, false).to_string())
        .collect();
    Failure::refused(format!("several exhibits are called {name}"))
        .hint(format!("say which one: {}", choices.join(" or ")))
}

/// An exhibit that was found.
struct Found<'a> {
    access: &'a Access,
    view: &'a CaseView,
    part: &'a PartName,
    exhibit: &'a Exhibit,
}

impl Found<'_> {
    /// Opens the exhibit piece by piece; the digest is checked at the end.
    fn read(&self, context: &Context, label: &str, sink: &mut (impl Write + Send)) -> Result<(), VaultError> {
        let progress = context.ui.progress(self.exhibit.bytes, label);
        let place = (self.view.case, self.part);
        let read = read_exhibit(self.access.store(), place, self.exhibit, &mut |bytes| {
            if process::cancelled() {
                return Err(std::io::Error::other("cancelled"));
            }
            progress.advance(bytes.len() as u64);
            sink.write_all(bytes)
        });
        drop(progress);
        match read {
            Err(VaultError::Sink(_)) if process::cancelled() => Err(VaultError::Cancelled),
            read => read,
        }
    }

    /// The file appears under its name only when the digest was right.
    fn to_file(&self, context: &Context, path: &Path) -> Result<(), Failure> {
        let mut file = NewFile::create(path)?;
        file.reserve(self.exhibit.bytes)?;
        self.read(context, "extracting", &mut file)
            .map_err(|error| Failure::from(error).hint(format!("nothing was left at {}", path.display())))?;
        Ok(file.publish()?)
    }

    /// What went down a pipe cannot be called back, so the digest is checked in a pass of its own.
    fn to_stdout(&self, context: &Context) -> Result<(), Failure> {
        let mut out = context.ui.bytes_out()?;
        self.read(context, "checking", &mut std::io::sink())?;
        self.read(context, "extracting", &mut out).map_err(|error| match error {
            VaultError::Sink(error) => output_failure(error),
            error => error.into(),
        })
    }
}
