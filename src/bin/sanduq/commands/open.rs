//! `sanduq open`: a bundle, read.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use sanduq::bundle::VerifiedBundle;
use sanduq::store::files::{self, NewFile};
use sanduq::vault::check_revision;
use serde::Serialize;

use super::Context;
use super::bundles::{Judged, Stoppable, read};
use super::codes::Codes;
use super::form_page::{form_page, form_value};
use super::words::count;
use crate::failure::{Failure, Kind, ROOM};
use crate::process;
use crate::sanitize::one_line;
use crate::ui::{file_name, quoted};

/// Read a bundle, verified first
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Read this bundle
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Write its files into this new folder, readable by anyone who gets at it
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
}

/// What was read, for `--json`.
#[derive(Serialize)]
struct Opened {
    judged: Judged,
    texts: Vec<Text>,
    folder: Option<String>,
    files: usize,
}

#[derive(Serialize)]
struct Text {
    code: String,
    part: String,
    id: String,
    text: Option<String>,
    /// The form, as it stands in the revision.
    form: Option<serde_json::Value>,
    /// The same as a page.
    #[serde(skip)]
    form_page: Option<String>,
    exhibits: Vec<Exhibit>,
}

#[derive(Serialize)]
struct Exhibit {
    exhibit: String,
    name: String,
    bytes: u64,
    sha256: String,
}

/// Runs the command.
pub(crate) fn run(args: Args, context: &mut Context) -> Result<(), Failure> {
    let contacts = context.contacts()?;
    if let Some(folder) = &args.out {
        refuse_taken(folder)?;
    }
    let mut bundle = read(context, &args.file, &contacts)?;
    let identity = context.identity()?;
    let judged = Judged::of(bundle.verified(), identity.card(), &contacts)?;
    let texts = texts(&bundle)?;
    let files = match &args.out {
        Some(folder) => unpack(context, &mut bundle, folder)?,
        None => 0,
    };
    let folder = args.out.as_ref().map(|folder| folder.display().to_string());
    let opened = Opened { judged, texts, folder, files };
    context.ui.answer(&opened, || opened.to_text())?;
    if let Some(folder) = &opened.folder {
        context.ui.warn(&format!(
            "{} in {folder} can now be read by anyone who gets at them",
            count(opened.files, "file", "files")
        ));
    }
    Ok(())
}

fn texts(bundle: &VerifiedBundle<Stoppable>) -> Result<Vec<Text>, Failure> {
    let mut texts = Vec::new();
    let cases = &bundle.verified().parcel().cases;
    let codes = Codes::among(cases.iter().map(|case| case.case));
    for case in cases {
        for revision in &case.revisions {
            let (core, id) =
                check_revision(revision).map_err(|damage| Failure::new(Kind::Corrupt, damage))?;
            let exhibit = |exhibit: &sanduq::format::Exhibit| Exhibit {
                exhibit: format!("E{}", exhibit.number),
                name: exhibit.name.clone(),
                bytes: exhibit.bytes,
                sha256: exhibit.sha256.to_string(),
            };
            texts.push(Text {
                code: codes.of(&case.case),
                part: core.part.to_string(),
                id: id.to_string(),
                text: revision.text.clone(),
                form: form_value(revision.form.as_deref()),
                form_page: revision.form.as_deref().map(form_page),
                exhibits: revision.exhibits.iter().map(exhibit).collect(),
            });
        }
    }
    Ok(texts)
}

impl Opened {
    fn to_text(&self) -> String {
        let mut page = self.judged.to_text();
        for text in &self.texts {
            page.push_str(&format!("\n== {} {} ==\n", text.code, text.part));
            if let Some(text) = &text.text {
                page.push_str(&format!("\n{}", quoted(text)));
            }
            if let Some(form) = &text.form_page {
                page.push_str(&format!("\n{form}"));
            }
            for exhibit in &text.exhibits {
                let name = file_name(&exhibit.name);
                page.push_str(&format!(
                    "  {}  {name}  {} bytes  sha256 {}…\n",
                    exhibit.exhibit,
                    exhibit.bytes,
                    &exhibit.sha256[..16]
                ));
            }
        }
        match &self.folder {
            Some(folder) => {
                let folder = one_line(folder);
                page.push_str(&format!("\n{} written to {folder}\n", count(self.files, "file", "files")));
            }
            None => page.push_str(
                "\nto write its files: `sanduq open FILE --out DIR`; into your vault: `sanduq import FILE`\n",
            ),
        }
        page
    }
}

/// Refuses a place where something is, before a bundle is read for nothing.
fn refuse_taken(folder: &Path) -> Result<(), Failure> {
    match folder.symlink_metadata() {
        Err(_) => Ok(()),
        Ok(_) => Err(Failure::refused(format!("there is something at {} already", folder.display()))
            .hint("nothing is overwritten; name a new folder")),
    }
}

/// Writes every file of a verified bundle into a new folder; nothing that is there is overwritten.
fn unpack(
    context: &Context,
    bundle: &mut VerifiedBundle<Stoppable>,
    folder: &Path,
) -> Result<usize, Failure> {
    files::make_new_folder(folder)?;
    let bytes = bundle.files().map(|(_, bytes)| bytes).sum();
    let progress = context.ui.progress(bytes, "writing files");
    let mut count = 0;
    let mut failed = None;
    let written = bundle.each_file(&mut |path, _, reader| {
        let target = folder.join(path.as_str());
        let mut write = || -> Result<(), Failure> {
            if let Some(parent) = target.parent() {
                files::make_folder(parent)?;
            }
            let mut file = NewFile::create(&target)?;
            let mut buffer = vec![0; 1 << 16];
            loop {
                if process::cancelled() {
                    return Err(Failure::cancelled());
                }
                let read =
                    reader.read(&mut buffer).map_err(|error| Failure::io("cannot read the bundle", error))?;
                if read == 0 {
                    break;
                }
                progress.advance(read as u64);
                file.write_all(&buffer[..read]).map_err(|error| {
                    Failure::io(format!("cannot write {}", target.display()), error).hint(ROOM)
                })?;
            }
            Ok(file.publish()?)
        };
        count += 1;
        write().map_err(|failure| {
            failed = Some(failure);
            std::io::Error::other("not written")
        })
    });
    drop(progress);
    match (failed, written) {
        (Some(failure), _) => {
            Err(failure.hint(format!("what was written so far lies in {}; remove it", folder.display())))
        }
        (None, written) => {
            written?;
            Ok(count)
        }
    }
}
