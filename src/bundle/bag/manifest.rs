//! The two manifests, in one form.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, BufRead, Read as _, Write};

use super::{BagError, FileDigest, PAYLOAD_FOLDER, TAG_MANIFEST, TAG_SIGNATURE, hex, unhex};
use crate::bundle::tar::{MAX_ENTRIES, MAX_PATH_BYTES, MemberPath, PathSet};

/// Longest manifest line: digest, two spaces, path, line feed.
const MAX_LINE_BYTES: usize = 64 + 2 + MAX_PATH_BYTES + 1;

/// Which files a manifest lists.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ManifestKind {
    /// `manifest-sha256.txt`: everything under `data/`.
    Payload,
    /// `tagmanifest-sha256.txt`: everything else but itself and its signature.
    Tag,
}

impl ManifestKind {
    pub(super) fn admits(self, path: &MemberPath) -> bool {
        let in_payload = path.as_str().starts_with(PAYLOAD_FOLDER);
        match self {
            Self::Payload => in_payload,
            Self::Tag => !in_payload && ![TAG_MANIFEST, TAG_SIGNATURE].contains(&path.as_str()),
        }
    }
}

impl fmt::Display for ManifestKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Payload => "payload",
            Self::Tag => "tag",
        })
    }
}

/// Digests of files by path: lines `<64 hex digits>  <path>`, sorted by the bytes of the path.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Manifest {
    kind: ManifestKind,
    files: BTreeMap<MemberPath, FileDigest>,
}

impl Manifest {
    /// Starts an empty manifest.
    pub fn new(kind: ManifestKind) -> Self {
        Self { kind, files: BTreeMap::new() }
    }

    /// Adds a file.
    pub fn insert(&mut self, path: MemberPath, digest: FileDigest) -> Result<(), BagError> {
        if !self.kind.admits(&path) {
            return Err(BagError::WrongManifest { kind: self.kind, path });
        }
        match self.files.insert(path.clone(), digest) {
            None => Ok(()),
            Some(_) => Err(BagError::SeenTwice { path }),
        }
    }

    /// Writes the manifest as text.
    pub fn write_to(&self, sink: &mut impl Write) -> io::Result<()> {
        self.files.iter().try_for_each(|(path, digest)| writeln!(sink, "{}  {path}", hex(digest)))
    }

    /// Reads a manifest's text, line by line.
    pub fn parse(kind: ManifestKind, mut source: impl BufRead) -> Result<Self, BagError> {
        let mut manifest = Self::new(kind);
        let mut paths = PathSet::new();
        let mut bytes = Vec::with_capacity(MAX_LINE_BYTES);
        for line in 1.. {
            bytes.clear();
            let mut limited = source.by_ref().take(MAX_LINE_BYTES as u64);
            limited.read_until(b'\n', &mut bytes).map_err(|cause| BagError::Read { kind, cause })?;
            if bytes.is_empty() {
                break;
            }
            if line > MAX_ENTRIES as usize {
                return Err(BagError::TooMany { kind });
            }
            let (digest, path) = parse_line(&bytes).ok_or(BagError::BadLine { kind, line })?;
            let follows = manifest.files.last_key_value().is_none_or(|(last, _)| *last < path);
            if !follows || paths.insert(&path).is_err() {
                return Err(BagError::OutOfOrder { kind, line });
            }
            manifest.insert(path, digest)?;
        }
        Ok(manifest)
    }

    /// Returns which files it lists.
    pub fn kind(&self) -> ManifestKind {
        self.kind
    }

    /// Returns the listed digest of a file.
    pub fn digest(&self, path: &MemberPath) -> Option<&FileDigest> {
        self.files.get(path)
    }

    /// Returns the listed files, sorted by path.
    pub fn iter(&self) -> impl Iterator<Item = (&MemberPath, &FileDigest)> {
        self.files.iter()
    }
}

/// `<64 hex digits>  <path>\n`.
fn parse_line(line: &[u8]) -> Option<(FileDigest, MemberPath)> {
    let (digest, rest) = line.strip_suffix(b"\n")?.split_at_checked(64)?;
    Some((unhex(digest)?, MemberPath::parse(rest.strip_prefix(b"  ")?).ok()?))
}

#[cfg(test)]
mod tests {
    use super::{Manifest, ManifestKind};
    use crate::bundle::bag::BagError;

    fn manifest(kind: ManifestKind, files: &[(&str, u8)]) -> Manifest {
        let mut manifest = Manifest::new(kind);
        files.iter().for_each(|(path, byte)| manifest.insert(path.parse().unwrap(), [*byte; 32]).unwrap());
        manifest
    }

    #[test]
    fn manifest_round_trips_sorted_by_path_bytes() {
        let manifest = manifest(
            ManifestKind::Payload,
            &[("data/b", 2), ("data/a/x", 1), ("data/B-", 3), ("data/a-b", 4)],
        );
        let mut text = Vec::new();
        manifest.write_to(&mut text).unwrap();
        let paths: Vec<String> =
            String::from_utf8(text.clone()).unwrap().lines().map(|line| line[66..].to_owned()).collect();
        assert_eq!(paths, ["data/B-", "data/a-b", "data/a/x", "data/b"]);
        assert_eq!(Manifest::parse(ManifestKind::Payload, text.as_slice()).unwrap(), manifest);
    }

    #[test]
    fn refuses_manifests_in_any_other_form() {
        let digest = "0".repeat(64);
        let long = "x".repeat(96);
        let bad_line = [
            format!("{digest}  data/a"),
            format!("{digest} data/a\n"),
            format!("{digest} *data/a\n"),
            format!("{digest}  ./data/a\n"),
            format!("{digest}  data/a\r\n"),
            format!("{digest}  data/%0A\n"),
            format!("{digest}  data/{long}\n"),
            format!("\\{digest}  data/a\n"),
            format!("{}  data/a\n", "A".repeat(64)),
            format!("{}  data/a\n", "0".repeat(63)),
            "\n".to_owned(),
        ];
        for text in bad_line {
            let error = Manifest::parse(ManifestKind::Payload, text.as_bytes()).unwrap_err();
            assert!(matches!(error, BagError::BadLine { line: 1, .. }), "{text:?} {error}");
        }
        for second in ["data/b", "data/a", "data/B"] {
            let text = format!("{digest}  data/b\n{digest}  {second}\n");
            let error = Manifest::parse(ManifestKind::Payload, text.as_bytes()).unwrap_err();
            assert!(matches!(error, BagError::OutOfOrder { line: 2, .. }), "{second}");
        }
        for (kind, path) in [
            (ManifestKind::Payload, "README.txt"),
            (ManifestKind::Tag, "data/a"),
            (ManifestKind::Tag, "tagmanifest-sha256.txt"),
            (ManifestKind::Tag, "tagmanifest-sha256.txt.minisig"),
        ] {
            let text = format!("{digest}  {path}\n");
            assert!(matches!(Manifest::parse(kind, text.as_bytes()), Err(BagError::WrongManifest { .. })));
        }
    }
}
