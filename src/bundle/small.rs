//! The files of a bundle that are read as a whole, and how large each kind may be.

use std::collections::BTreeMap;
use std::io::Read;

use super::BundleError;
use super::bag::{MAX_INFO_BYTES, TAG_MANIFEST};
use super::layout::{member, rank};
use super::tar::MemberPath;
use crate::crypto::minisign::MAX_SIGNATURE_BYTES;

/// Largest manifest: 100,000 lines of at most 167 bytes.
const MAX_MANIFEST_BYTES: u64 = 17 << 20;
/// Largest core, statement, form or list; texts of parts end at 16 MiB.
const MAX_CONTENT_BYTES: u64 = 32 << 20;
const MAX_README_BYTES: u64 = 64 << 10;
const MAX_CARD_BYTES: u64 = 16 << 10;
/// Most bytes kept of one bundle.
const MAX_TOTAL_BYTES: u64 = 1 << 30;

/// Whole files by path.
#[derive(Default)]
pub(super) struct SmallFiles {
    files: BTreeMap<MemberPath, Vec<u8>>,
    total: u64,
}

impl SmallFiles {
    /// Reads a file within the limit of its kind.
    pub(super) fn read(
        &mut self,
        path: &MemberPath,
        bytes: u64,
        reader: &mut dyn Read,
    ) -> Result<&[u8], BundleError> {
        self.total = self.total.saturating_add(bytes);
        if bytes > limit(path.as_str()) || self.total > MAX_TOTAL_BYTES {
            return Err(BundleError::TooLarge { path: path.clone() });
        }
        let mut content = Vec::new();
        reader.take(bytes).read_to_end(&mut content).map_err(super::collect::read_error)?;
        Ok(self.files.entry(path.clone()).or_insert(content))
    }

    /// Takes a file that must be there.
    pub(super) fn take(&mut self, path: &str) -> Result<Vec<u8>, BundleError> {
        let path = member(path)?;
        self.files.remove(&path).ok_or(BundleError::Missing { path })
    }

    /// Takes a file that may be there.
    pub(super) fn take_if_there(&mut self, path: &str) -> Option<Vec<u8>> {
        self.files.remove(&path.parse::<MemberPath>().ok()?)
    }

    /// The names, without beginning and ending, of the files between the two.
    pub(super) fn names(&self, folder: &str, ending: &str) -> Vec<String> {
        let name =
            |path: &MemberPath| path.as_str().strip_prefix(folder)?.strip_suffix(ending).map(str::to_owned);
        self.files.keys().filter_map(name).collect()
    }
}

fn limit(path: &str) -> u64 {
    match rank(path) {
        0 => MAX_README_BYTES,
        1 => MAX_CARD_BYTES,
        3 => MAX_SIGNATURE_BYTES as u64,
        4 | 5 => MAX_INFO_BYTES as u64,
        6 => MAX_MANIFEST_BYTES,
        _ if path == TAG_MANIFEST => MAX_MANIFEST_BYTES,
        _ => MAX_CONTENT_BYTES,
    }
}
