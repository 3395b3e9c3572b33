//! Verifies a bundle that was unpacked already: the same first pass, over files that the program lists and opens.

use std::io::{self, Read};

use super::collect::Collector;
use super::judge::Judge;
use super::layout::{Cut, rank};
use super::tar::{MAX_ENTRIES, MemberPath};
use super::{BundleError, Verified};

/// Something that lies in an unpacked bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedFile {
    /// Its path inside the folder that holds `README.txt`, with `/` between components.
    pub path: Vec<u8>,
    /// Its size; none for what is no plain file (folders, which are not listed, aside).
    pub bytes: Option<u64>,
}

/// An unpacked bundle.
pub trait BundleFiles {
    /// Lists everything but folders, in any order.
    fn list(&mut self) -> io::Result<Vec<ListedFile>>;

    /// Opens a file that was listed, without following links.
    fn open(&mut self, path: &MemberPath) -> io::Result<Box<dyn Read + '_>>;
}

/// Verifies an unpacked bundle; `progress` hears of the bytes of every file.
pub fn verify_folder(
    files: &mut dyn BundleFiles,
    judge: Judge<'_>,
    progress: &mut dyn FnMut(u64),
) -> Result<Verified, BundleError> {
    let listed = files.list().map_err(BundleError::Read)?;
    if listed.len() > MAX_ENTRIES as usize {
        return Err(BundleError::Path);
    }
    let mut found = Vec::with_capacity(listed.len());
    for ListedFile { path, bytes } in listed {
        let path = MemberPath::parse(&path).map_err(|_| BundleError::Path)?;
        found.push((rank(path.as_str()), path, bytes));
    }
    found.sort();
    let mut collector = Collector::new(judge, Cut::default());
    for (_, path, bytes) in found {
        let Some(bytes) = bytes else { return Err(collector.no_file(path)) };
        let mut reader = files.open(&path).map_err(BundleError::Read)?;
        collector.file(path, bytes, &mut reader)?;
        progress(bytes);
    }
    Ok(collector.finish()?.0)
}
