//! The parts a bundle is made of, against the stock tools that people will open bundles with.

#![expect(clippy::unwrap_used, clippy::panic, reason = "clippy knows only functions marked as tests")]

#[path = "bundle_parts/bag.rs"]
mod bag;
#[path = "bundle_parts/hostile.rs"]
mod hostile;
#[path = "bundle_parts/listing.rs"]
mod listing;
#[path = "bundle_parts/minisign.rs"]
mod minisign;

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Command, Output};

use sanduq::bundle::tar::{Limits, TarError, TarFault, TarWalker};

use crate::support::tars::{archive, header, repair_checksum};

/// Path, size and content of a file.
type Listed = (String, u64, Vec<u8>);

fn put_file(path: &Path, bytes: &[u8]) {
    File::create(path).unwrap().write_all(bytes).unwrap();
}

/// Runs a stock tool, which must be installed, away from the user's settings.
fn run(folder: &Path, tool: impl AsRef<Path>, arguments: &[&str]) -> Output {
    let mut command = Command::new(tool.as_ref());
    command.current_dir(folder).args(arguments).env("LC_ALL", "C.UTF-8").env("TZ", "UTC").env("HOME", folder);
    command.output().unwrap_or_else(|error| panic!("{} is needed: {error}", tool.as_ref().display()))
}

fn run_quietly(folder: &Path, tool: impl AsRef<Path>, arguments: &[&str]) -> Vec<u8> {
    let output = run(folder, tool, arguments);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && errors.is_empty(), "{arguments:?}: {errors}");
    output.stdout
}

/// What we read from an archive, or the entry and the rule it breaks.
fn walk(bytes: &[u8]) -> Result<Vec<Listed>, (u32, TarFault)> {
    let mut walker = TarWalker::new(bytes, Limits::default());
    let mut files = Vec::new();
    loop {
        let mut entry = match walker.next_entry() {
            Ok(Some(entry)) => entry,
            Ok(None) => return Ok(files),
            Err(TarError::Refused { entry, fault }) => return Err((entry, fault)),
            Err(error) => panic!("{error}"),
        };
        let mut content = Vec::new();
        if let Err(error) = entry.read_to_end(&mut content) {
            let cause = error.into_inner().and_then(|cause| cause.downcast::<TarError>().ok());
            match cause.as_deref() {
                Some(TarError::Refused { entry, fault }) => return Err((*entry, *fault)),
                other => panic!("{other:?}"),
            }
        }
        files.push((entry.path().to_string(), entry.size(), content));
    }
}
