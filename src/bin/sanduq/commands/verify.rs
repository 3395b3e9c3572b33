//! `sanduq verify`: a bundle or an opened one, judged.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use sanduq::bundle::tar::{MAX_ENTRIES, MemberPath};
use sanduq::bundle::{BundleError, BundleFiles, Judge, ListedFile, verify_folder};
use sanduq::crypto::KnownCard;
use sanduq::vault::Contacts;

use super::Context;
use super::bundles::{Judged, Stoppable, read, trust};
use crate::failure::Failure;
use crate::process;

/// Judge a bundle on one page: who recorded it, who passed it on, whether it is whole
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Judge this bundle, or the folder it was opened into
    #[arg(value_name = "FILE|DIR")]
    pub(crate) bundle: PathBuf,
}

/// Runs the command.
pub(crate) fn run(args: Args, context: &mut Context) -> Result<(), Failure> {
    let contacts = context.contacts()?;
    let identity = context.identity()?;
    let judged = if args.bundle.is_dir() {
        folder(context, &args.bundle, identity.card(), &contacts)?
    } else {
        let bundle = read(context, &args.bundle, &contacts)?;
        Judged::of(bundle.verified(), identity.card(), &contacts)?
    };
    context.ui.answer(&judged, || judged.to_text())
}

/// Judges a bundle that was unpacked.
fn folder(context: &Context, path: &Path, own: &KnownCard, contacts: &Contacts) -> Result<Judged, Failure> {
    let mut folder = Unpacked(root(path));
    let trust = |card: &KnownCard| trust(card, own, contacts);
    let bytes = folder.list().map(|files| files.iter().filter_map(|file| file.bytes).sum()).unwrap_or(0);
    let progress = context.ui.progress(bytes, "verifying");
    let judge = Judge { own: None, trust: &trust };
    let verified = verify_folder(&mut folder, judge, &mut |bytes| progress.advance(bytes));
    drop(progress);
    if process::cancelled() {
        return Err(Failure::cancelled());
    }
    let verified = verified.map_err(|error| {
        let unknown = matches!(error, BundleError::UnknownSigner { .. });
        let failure = Failure::from(error).while_doing(format!("{} is refused", path.display()));
        match unknown {
            true => failure
                .hint(format!("the card that came with it is {}", folder.0.join("signer.card").display())),
            false => failure,
        }
    })?;
    Judged::of(&verified, own, contacts)
}

/// The bundle's own folder, when the one above it was named.
fn root(folder: &Path) -> PathBuf {
    if folder.join("bagit.txt").exists() {
        return folder.to_path_buf();
    }
    let inner = fs::read_dir(folder)
        .ok()
        .map(|entries| entries.flatten().map(|entry| entry.path()).collect::<Vec<_>>());
    match inner.as_deref() {
        Some([only]) if only.is_dir() => only.clone(),
        _ => folder.to_path_buf(),
    }
}

/// A bundle unpacked into a folder.
struct Unpacked(PathBuf);

impl BundleFiles for Unpacked {
    fn list(&mut self) -> io::Result<Vec<ListedFile>> {
        let mut found = Vec::new();
        list_into(&self.0, &self.0, &mut found)?;
        Ok(found)
    }

    fn open(&mut self, path: &MemberPath) -> io::Result<Box<dyn Read + '_>> {
        let target = self.0.join(path.as_str());
        if !target.symlink_metadata()?.is_file() {
            return Err(io::Error::other("not a plain file"));
        }
        Ok(Box::new(Stoppable(fs::File::open(target)?)))
    }
}

fn list_into(root: &Path, folder: &Path, found: &mut Vec<ListedFile>) -> io::Result<()> {
    use std::os::unix::ffi::OsStrExt as _;
    for entry in fs::read_dir(folder)? {
        // Whoever unpacked a hostile archive has a million files: one more than a bundle may have is enough to refuse.
        if found.len() > MAX_ENTRIES as usize {
            return Ok(());
        }
        let path = entry?.path();
        let metadata = path.symlink_metadata()?;
        if metadata.is_dir() {
            list_into(root, &path, found)?;
            continue;
        }
        let inside = path.strip_prefix(root).map_err(io::Error::other)?;
        let bytes = metadata.is_file().then_some(metadata.len());
        found.push(ListedFile { path: inside.as_os_str().as_bytes().to_vec(), bytes });
    }
    Ok(())
}
