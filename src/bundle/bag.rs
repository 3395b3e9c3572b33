//! The bag inside a bundle: BagIt 1.0 (RFC 8493) tag files, rendered and read in one form, and the check that a
//! bag is closed. `docs/format.md`, bundles.
//!
//! Stricter than BagIt: nothing may be in the bag that no manifest lists. Paths here are relative to the bag's
//! own folder and need no escapes, for [`MemberPath`] has no character that does.

use std::collections::BTreeMap;
use std::io;

use super::tar::{MemberPath, PathSet};

mod info;
mod manifest;

pub use info::{BagInfo, MAX_INFO_BYTES, Oxum};
pub use manifest::{Manifest, ManifestKind};

/// The whole of `bagit.txt`.
pub const BAG_DECLARATION: &str = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n";
/// Name of the file that declares the bag.
pub const DECLARATION: &str = "bagit.txt";
/// Name of the file with [`BagInfo`].
pub const BAG_INFO: &str = "bag-info.txt";
/// Name of the manifest of everything under `data/`.
pub const PAYLOAD_MANIFEST: &str = "manifest-sha256.txt";
/// Name of the manifest of everything else.
pub const TAG_MANIFEST: &str = "tagmanifest-sha256.txt";
/// Name of the signature over the tag manifest; it and the tag manifest are the only files no manifest lists.
pub const TAG_SIGNATURE: &str = "tagmanifest-sha256.txt.minisig";
/// Folder of the payload, with its slash.
pub const PAYLOAD_FOLDER: &str = "data/";
/// A SHA-256.
pub type FileDigest = [u8; 32];

/// A bag is not as it must be. Lines are counted from 1.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BagError {
    /// `bag-info.txt` is not what its own contents would be rendered to.
    #[error("bag-info.txt is malformed")]
    BadInfo,
    /// A line is not `<64 hex digits>  <path>`.
    #[error("line {line} of the {kind} manifest is malformed")]
    BadLine {
        /// Which manifest.
        kind: ManifestKind,
        /// Where.
        line: usize,
    },
    /// A file's digest is not the listed one.
    #[error("{path} is not the file that was listed")]
    DigestDiffers {
        /// The file.
        path: MemberPath,
    },
    /// A file is listed and not there.
    #[error("{path} is listed and missing")]
    Missing {
        /// The file.
        path: MemberPath,
    },
    /// A line does not come after the one before it, or names a path that clashes with an earlier one.
    #[error("line {line} of the {kind} manifest is out of order or clashes with an earlier one")]
    OutOfOrder {
        /// Which manifest.
        kind: ManifestKind,
        /// Where.
        line: usize,
    },
    /// The number or the bytes of the payload files are not those in `bag-info.txt`.
    #[error("the payload is {found}, and bag-info.txt says {expected}")]
    OxumDiffers {
        /// What `bag-info.txt` says.
        expected: Oxum,
        /// What is there.
        found: Oxum,
    },
    /// A manifest could not be read.
    #[error("cannot read the {kind} manifest")]
    Read {
        /// Which manifest.
        kind: ManifestKind,
        /// What the source said.
        #[source]
        cause: io::Error,
    },
    /// The same path was recorded twice, or clashes with another.
    #[error("{path} clashes with another file")]
    SeenTwice {
        /// The file.
        path: MemberPath,
    },
    /// A manifest lists more files than a bundle holds.
    #[error("the {kind} manifest lists too many files")]
    TooMany {
        /// Which manifest.
        kind: ManifestKind,
    },
    /// A file is there and not listed.
    #[error("{path} is not listed")]
    Unlisted {
        /// The file.
        path: MemberPath,
    },
    /// A path does not belong into this manifest.
    #[error("{path} does not belong into the {kind} manifest")]
    WrongManifest {
        /// Which manifest.
        kind: ManifestKind,
        /// The file.
        path: MemberPath,
    },
}

/// The files that were found in a bag, each with its size and digest.
#[derive(Default)]
pub struct Inventory {
    files: BTreeMap<MemberPath, (u64, FileDigest)>,
    paths: PathSet,
}

impl Inventory {
    /// Starts with nothing found.
    pub fn new() -> Self {
        Self::default()
    }

    /// Records a file that was read to its end.
    pub fn record(&mut self, path: MemberPath, size: u64, digest: FileDigest) -> Result<(), BagError> {
        if self.paths.insert(&path).is_err() {
            return Err(BagError::SeenTwice { path });
        }
        self.files.insert(path, (size, digest));
        Ok(())
    }

    /// Returns the size of the payload found.
    pub fn payload(&self) -> Oxum {
        let payload = self.files.iter().filter(|(path, _)| ManifestKind::Payload.admits(path));
        payload.fold(Oxum::default(), |sum, (_, (size, _))| Oxum {
            bytes: sum.bytes.saturating_add(*size),
            files: sum.files + 1,
        })
    }

    /// Checks that the bag is closed: every file found is listed with its digest, every listed file was found,
    /// the tag files every bundle has are there, and the payload has the size `bag-info.txt` gives.
    pub fn check(&self, payload: &Manifest, tags: &Manifest, info: &BagInfo) -> Result<(), BagError> {
        for path in [TAG_MANIFEST, TAG_SIGNATURE, DECLARATION, BAG_INFO, PAYLOAD_MANIFEST] {
            self.require(&path.parse().expect("the names of the tag files are valid paths"))?;
        }
        for (path, (_, found)) in &self.files {
            if [TAG_MANIFEST, TAG_SIGNATURE].contains(&path.as_str()) {
                continue;
            }
            let manifest = if ManifestKind::Payload.admits(path) { payload } else { tags };
            match manifest.digest(path) {
                Some(listed) if listed == found => {}
                Some(_) => return Err(BagError::DigestDiffers { path: path.clone() }),
                None => return Err(BagError::Unlisted { path: path.clone() }),
            }
        }
        payload.iter().chain(tags.iter()).try_for_each(|(path, _)| self.require(path))?;
        let (expected, found) = (info.payload, self.payload());
        if expected == found { Ok(()) } else { Err(BagError::OxumDiffers { expected, found }) }
    }

    fn require(&self, path: &MemberPath) -> Result<(), BagError> {
        if self.files.contains_key(path) { Ok(()) } else { Err(BagError::Missing { path: path.clone() }) }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Reads lower-case hexadecimal digits, exactly two for each byte.
fn unhex<const N: usize>(text: &[u8]) -> Option<[u8; N]> {
    let nibble = |digit: u8| match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    };
    let bytes: Option<Vec<u8>> = text
        .chunks(2)
        .map(|pair| match *pair {
            [high, low] => Some(nibble(high)? << 4 | nibble(low)?),
            _ => None,
        })
        .collect();
    bytes?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::{BagError, BagInfo, FileDigest, Inventory, Manifest, ManifestKind, Oxum};

    fn info() -> BagInfo {
        BagInfo {
            bagging_date: "2026-02-28".parse().unwrap(),
            bundle_id: [0xab; 16],
            payload: Oxum { bytes: 5, files: 2 },
        }
    }

    fn manifest(kind: ManifestKind, files: &[(&str, u8)]) -> Manifest {
        let mut manifest = Manifest::new(kind);
        files.iter().for_each(|(path, byte)| manifest.insert(path.parse().unwrap(), [*byte; 32]).unwrap());
        manifest
    }

    /// A whole bag: its files, its payload manifest, its tag manifest.
    fn bag() -> (Vec<(&'static str, u64, FileDigest)>, Manifest, Manifest) {
        let payload = [("data/a", 1), ("data/b/c", 2)];
        let tags = [("bagit.txt", 3), ("bag-info.txt", 4), ("manifest-sha256.txt", 5), ("README.txt", 6)];
        let mut files =
            vec![("tagmanifest-sha256.txt", 9, [0; 32]), ("tagmanifest-sha256.txt.minisig", 9, [0; 32])];
        files.extend(payload.iter().map(|(path, byte)| (*path, u64::from(*byte) + 1, [*byte; 32])));
        files.extend(tags.iter().map(|(path, byte)| (*path, 9, [*byte; 32])));
        (files, manifest(ManifestKind::Payload, &payload), manifest(ManifestKind::Tag, &tags))
    }

    fn check(files: &[(&str, u64, FileDigest)], payload: &Manifest, tags: &Manifest) -> Result<(), BagError> {
        let mut inventory = Inventory::new();
        files
            .iter()
            .try_for_each(|(path, size, digest)| inventory.record(path.parse().unwrap(), *size, *digest))?;
        inventory.check(payload, tags, &info())
    }

    #[test]
    fn a_bag_is_closed_when_listed_and_found_are_the_same() {
        let (files, payload, tags) = bag();
        check(&files, &payload, &tags).unwrap();
        for at in 0..files.len() {
            let mut fewer = files.clone();
            let gone = fewer.remove(at).0;
            let error = check(&fewer, &payload, &tags).unwrap_err();
            assert!(matches!(&error, BagError::Missing { path } if path.as_str() == gone), "{error}");
            let mut changed = files.clone();
            changed[at].2[31] ^= 1;
            let unlisted = gone.starts_with("tagmanifest");
            assert_eq!(check(&changed, &payload, &tags).is_ok(), unlisted, "{gone}");
        }
        for extra in ["data/z", "z", "custody/z", "fetch.txt", "manifest-sha512.txt"] {
            let mut more = files.clone();
            more.push((extra, 0, [7; 32]));
            assert!(matches!(check(&more, &payload, &tags), Err(BagError::Unlisted { .. })), "{extra}");
        }
    }

    #[test]
    fn refuses_a_payload_of_another_size_than_bag_info_gives() {
        let (mut files, payload, tags) = bag();
        files.iter_mut().for_each(|file| file.1 += 1);
        let expected = Oxum { bytes: 5, files: 2 };
        let found = Oxum { bytes: 7, files: 2 };
        let error = check(&files, &payload, &tags).unwrap_err();
        assert!(
            matches!(error, BagError::OxumDiffers { expected: e, found: f } if e == expected && f == found)
        );
    }

    #[test]
    fn refuses_a_bag_without_its_declaration_even_when_no_manifest_lists_it() {
        let (mut files, payload, _) = bag();
        files.retain(|file| file.0 != "bagit.txt");
        let tags = manifest(
            ManifestKind::Tag,
            &[("bag-info.txt", 4), ("manifest-sha256.txt", 5), ("README.txt", 6)],
        );
        assert!(matches!(check(&files, &payload, &tags), Err(BagError::Missing { .. })));
    }
}
