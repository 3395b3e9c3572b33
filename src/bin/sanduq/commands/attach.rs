//! `sanduq attach`: files into a part.

use std::path::PathBuf;

use std::fs::{File, Metadata};
use std::io::Read;
use std::path::Path;

use sanduq::crypto::Sha256Stream;
use sanduq::record::{CaseId, Digest, MAX_FILE_NAME_BYTES, PartName};
use sanduq::vault::{NewExhibit, Vault, VaultError, store_exhibit};
use serde::Serialize;

use super::Context;
use super::accept::stop_when_cancelled;
use super::access::parse_code;
use super::put::{Revised, parse_part, warn_of_source};
use crate::failure::Failure;
use crate::process;

/// Bytes read at once where a file is only hashed.
const CHUNK: usize = 1 << 20;

/// Attach files of any size to a case as exhibits
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Work on the case with this code
    #[arg(value_name = "CODE")]
    pub(crate) code: String,
    /// Attach these files; they stay readable where they are
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// Attach to this part
    #[arg(long, value_name = "PART", default_value = "exhibits")]
    pub(crate) part: String,
}

/// What was attached, for `--json`.
#[derive(Serialize)]
struct Attached {
    #[serde(flatten)]
    revised: Revised,
    exhibits: Vec<One>,
}

/// One file.
#[derive(Serialize)]
struct One {
    exhibit: String,
    name: String,
    bytes: u64,
    sha256: String,
    new: bool,
}

/// Runs the command.
pub(crate) fn run(args: Args, context: &mut Context) -> Result<(), Failure> {
    let (code, part) = (parse_code(&args.code)?, parse_part(&args.part)?);
    // Every file is looked at before anything is asked or written.
    let sources = args.files.iter().map(|path| Source::open(path)).collect::<Result<Vec<_>, _>>()?;
    let mut vault = context.owner_vault()?;
    let case = vault.find(&code)?;
    let there = standing(&vault, case, &part)?;
    let mut known = Vec::new();
    let mut new: Vec<NewExhibit> = Vec::new();
    for source in sources {
        match recognise(context, &source, &there)? {
            Some(exhibit) => known.push(One { new: false, ..exhibit }),
            None => new.push(seal(context, &vault, source)?),
        }
    }
    let written = match new.is_empty() {
        true => None,
        false => Some(vault.attach(case, &part, &new, context.now())?),
    };
    let outcome = written.iter().flat_map(|written| &written.exhibits).zip(&new);
    let exhibits = outcome.map(|((number, name, new), sealed)| One {
        exhibit: format!("E{number}"),
        name: name.clone(),
        bytes: sealed.stored.bytes,
        sha256: sealed.stored.sha256.to_string(),
        new: *new,
    });
    let exhibits = known.into_iter().chain(exhibits).collect();
    let attached = Attached { revised: Revised::of(&vault, case, &part, written.as_ref())?, exhibits };
    context.ui.answer(&attached, || page(&attached))?;
    warn_of_source(context, &args.files.iter().map(|path| path.display().to_string()).collect::<Vec<_>>());
    Ok(())
}

fn page(attached: &Attached) -> String {
    let lines = attached.exhibits.iter().map(|one| {
        let name = crate::ui::file_name(&one.name);
        match one.new {
            true => format!("{}  {name}  {} bytes  sha256 {}\n", one.exhibit, one.bytes, one.sha256),
            false => format!("{}  {name}  is attached already, with the same content\n", one.exhibit),
        }
    });
    lines.collect::<String>() + &attached.revised.to_string()
}

/// The exhibits of a part as they stand.
fn standing(vault: &Vault, case: CaseId, part: &PartName) -> Result<Vec<One>, Failure> {
    let view = vault.case(case)?;
    let mut there: Vec<One> = Vec::new();
    for head in view.heads(part) {
        let opened = view.open(vault.store(), head)?;
        there.extend(opened.revision.exhibits.iter().map(|exhibit| One {
            exhibit: format!("E{}", exhibit.number),
            name: exhibit.name.clone(),
            bytes: exhibit.bytes,
            sha256: exhibit.sha256.to_string(),
            new: false,
        }));
    }
    Ok(there)
}

/// A file to attach, open, and what the system said of it then.
struct Source {
    path: PathBuf,
    name: String,
    file: File,
    metadata: Metadata,
}

impl Source {
    fn open(path: &Path) -> Result<Self, Failure> {
        let shown = path.display();
        let cannot = |error| Failure::io(format!("cannot attach {shown}"), error);
        // Asked before opening: opening a pipe would wait for its other end.
        let metadata = std::fs::metadata(path).map_err(cannot)?;
        if metadata.is_dir() {
            return Err(Failure::usage(format!("{shown} is a folder"))
                .hint("name the files in it, or pack them into one file first"));
        }
        if !metadata.is_file() {
            return Err(
                Failure::usage(format!("{shown} is no plain file")).hint("only plain files are attached")
            );
        }
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if name.len() > MAX_FILE_NAME_BYTES {
            return Err(Failure::usage(format!("the name of {shown} is longer than 255 bytes")));
        }
        let file = File::open(path).map_err(cannot)?;
        let metadata = file.metadata().map_err(cannot)?;
        Ok(Self { path: path.to_path_buf(), name, file, metadata })
    }

    /// Reports whether size and time of change are still those at opening.
    fn is_unchanged(&self) -> bool {
        self.file.metadata().is_ok_and(|now| {
            now.len() == self.metadata.len() && now.modified().ok() == self.metadata.modified().ok()
        })
    }
}

/// Finds a file among those attached: only where one has the same size is it read for that.
fn recognise(context: &Context, source: &Source, there: &[One]) -> Result<Option<One>, Failure> {
    let size = source.metadata.len();
    if there.iter().all(|one| one.bytes != size) {
        return Ok(None);
    }
    let digest = hash(context, source)?.to_string();
    let found = there.iter().find(|one| one.sha256 == digest);
    Ok(found.map(|one| One { exhibit: one.exhibit.clone(), name: one.name.clone(), sha256: digest, ..*one }))
}

fn hash(context: &Context, source: &Source) -> Result<Digest, Failure> {
    let progress = context.ui.progress(source.metadata.len(), &format!("looking at {}", source.name));
    let failed = |error| Failure::io(format!("cannot read {}", source.path.display()), error);
    let mut file = File::open(&source.path).map_err(failed)?;
    let mut digest = Sha256Stream::default();
    let mut chunk = vec![0; CHUNK];
    loop {
        if process::cancelled() {
            return Err(Failure::cancelled());
        }
        match file.read(&mut chunk).map_err(failed)? {
            0 => return Ok(digest.finish()),
            count => {
                digest.update(&chunk[..count]);
                progress.advance(count as u64);
            }
        }
    }
}

/// Seals and puts a file; it is not attached yet.
fn seal(context: &Context, vault: &Vault, mut source: Source) -> Result<NewExhibit, Failure> {
    let size = source.metadata.len();
    let progress = context.ui.progress(size, &source.name);
    let stored = store_exhibit(vault.store(), &mut source.file, size, &mut |bytes| {
        progress.advance(bytes);
        stop_when_cancelled()
    });
    drop(progress);
    let doing = format!("cannot attach {}", source.path.display());
    let stored = stored.map_err(|error| match error {
        VaultError::Cancelled => Failure::cancelled(),
        error => Failure::from(error).while_doing(doing.clone()),
    })?;
    if !source.is_unchanged() {
        let changed = std::io::Error::other("its size or time of change is not what it was");
        return Err(Failure::from(VaultError::Source(changed)).while_doing(doing));
    }
    Ok(NewExhibit { name: source.name, stored })
}
