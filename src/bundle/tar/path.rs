//! Paths inside a bundle, and sets of them that any file system can hold side by side.
//!
//! A [`MemberPath`] is safe to print, to write into a manifest without escapes and to create on Linux, Windows
//! and macOS. Knows nothing of files.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Bound;
use std::str::FromStr;

/// Longest path, in bytes: what the `name` field of a ustar header holds.
pub const MAX_PATH_BYTES: usize = 100;
/// Most components of a path, the file's own name included.
pub const MAX_DEPTH: usize = 8;

/// Device names that Windows reserves, with and without an extension.
const RESERVED: [&str; 4] = ["con", "prn", "aux", "nul"];

/// What is wrong with a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PathFault {
    /// It begins with `/`.
    #[error("the path is absolute")]
    Absolute,
    /// It holds a byte other than `A-Z a-z 0-9 . _ + - /`.
    #[error("the path holds a character other than letters, digits and . _ + - /")]
    BadCharacter,
    /// A component is `.` or `..`.
    #[error("the path climbs with . or ..")]
    DotComponent,
    /// It is empty, or two slashes stand side by side or at the end.
    #[error("the path has an empty component")]
    EmptyComponent,
    /// A component begins with `-`, which tools take for an option or for standard input.
    #[error("a component of the path begins with a dash")]
    LeadingDash,
    /// A component is a device name on Windows.
    #[error("a component of the path is a device name on Windows")]
    ReservedName,
    /// It has more than [`MAX_DEPTH`] components.
    #[error("the path is more than {MAX_DEPTH} deep")]
    TooDeep,
    /// It is longer than [`MAX_PATH_BYTES`].
    #[error("the path is longer than {MAX_PATH_BYTES} bytes")]
    TooLong,
    /// A component ends in a dot, which Windows drops.
    #[error("a component of the path ends in a dot")]
    TrailingDot,
}

/// The path of a regular file in a bundle: relative, ASCII, the same on every system.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct MemberPath(Box<str>);

impl MemberPath {
    /// Takes the bytes of a path from a stranger.
    pub fn parse(path: &[u8]) -> Result<Self, PathFault> {
        let text = std::str::from_utf8(path).map_err(|_| PathFault::BadCharacter)?;
        if text.len() > MAX_PATH_BYTES {
            return Err(PathFault::TooLong);
        }
        if text.starts_with('/') {
            return Err(PathFault::Absolute);
        }
        if !path.iter().all(|byte| byte.is_ascii_alphanumeric() || b"._+-/".contains(byte)) {
            return Err(PathFault::BadCharacter);
        }
        if text.split('/').count() > MAX_DEPTH {
            return Err(PathFault::TooDeep);
        }
        text.split('/').try_for_each(check_component)?;
        Ok(Self(text.into()))
    }

    /// Returns the path as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Splits off the first folder; `None` for a file that lies in no folder.
    pub fn split_first(&self) -> Option<(&str, Self)> {
        self.0.split_once('/').map(|(folder, rest)| (folder, Self(rest.into())))
    }
}

impl FromStr for MemberPath {
    type Err = PathFault;

    fn from_str(text: &str) -> Result<Self, PathFault> {
        Self::parse(text.as_bytes())
    }
}

impl fmt::Display for MemberPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn check_component(component: &str) -> Result<(), PathFault> {
    match component {
        "" => Err(PathFault::EmptyComponent),
        "." | ".." => Err(PathFault::DotComponent),
        _ if component.ends_with('.') => Err(PathFault::TrailingDot),
        _ if component.starts_with('-') => Err(PathFault::LeadingDash),
        _ if is_reserved(component) => Err(PathFault::ReservedName),
        _ => Ok(()),
    }
}

/// Whether Windows takes the name for a device: `CON`, `nul.txt`, `Com1.tar.gz`.
fn is_reserved(component: &str) -> bool {
    let stem = component.split('.').next().unwrap_or_default().to_ascii_lowercase();
    let numbered = stem.strip_prefix("com").or_else(|| stem.strip_prefix("lpt"));
    RESERVED.contains(&stem.as_str())
        || numbered.is_some_and(|rest| rest.len() == 1 && rest.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Why a path cannot stand beside those already there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PathClash {
    /// It, or a folder in it, differs from an earlier one in upper and lower case only.
    #[error("the path differs from an earlier one in upper and lower case only")]
    CaseTwin,
    /// The same path was there before.
    #[error("the path was there before")]
    Duplicate,
    /// A file is also needed as a folder.
    #[error("a file of the same path is also a folder")]
    FileIsFolder,
}

/// Paths that can lie side by side on any file system.
///
/// A path of 100 bytes costs about 170 bytes here, so 100,000 of them stay under 20 MiB.
#[derive(Default)]
pub struct PathSet {
    /// Lower-cased path → which of its bytes were upper case.
    folded: BTreeMap<Box<str>, u128>,
}

impl PathSet {
    /// Starts with no path.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a path, unless it clashes with one that is there.
    pub fn insert(&mut self, path: &MemberPath) -> Result<(), PathClash> {
        let folded = path.0.to_ascii_lowercase();
        let capitals = capitals(&path.0);
        if let Some(earlier) = self.folded.get(folded.as_str()) {
            return Err(if *earlier == capitals { PathClash::Duplicate } else { PathClash::CaseTwin });
        }
        if self.first_below(&folded).is_some() {
            return Err(PathClash::FileIsFolder);
        }
        for (end, _) in folded.match_indices('/') {
            let folder = &folded[..end];
            if self.folded.contains_key(folder) {
                return Err(PathClash::FileIsFolder);
            }
            // Any one path below the folder shows how it is written: the others were checked against it.
            let same_case = |earlier: u128| (earlier ^ capitals) & ((1 << end) - 1) == 0;
            if self.first_below(folder).is_some_and(|earlier| !same_case(earlier)) {
                return Err(PathClash::CaseTwin);
            }
        }
        self.folded.insert(folded.into(), capitals);
        Ok(())
    }

    /// The capitals of some path below `folder`.
    fn first_below(&self, folder: &str) -> Option<u128> {
        let start = format!("{folder}/");
        let (path, capitals) =
            self.folded.range::<str, _>((Bound::Included(start.as_str()), Bound::Unbounded)).next()?;
        path.starts_with(&start).then_some(*capitals)
    }
}

/// One bit for each byte that is an upper-case letter; a path has at most 100.
fn capitals(path: &str) -> u128 {
    path.bytes()
        .take(MAX_PATH_BYTES)
        .enumerate()
        .fold(0, |bits, (at, byte)| bits | (u128::from(byte.is_ascii_uppercase()) << at))
}

#[cfg(test)]
mod tests {
    use super::{MemberPath, PathClash, PathFault, PathSet};
    use proptest::prelude::*;

    fn insert_all(paths: &[&str]) -> Result<(), PathClash> {
        let mut set = PathSet::new();
        paths.iter().try_for_each(|path| set.insert(&path.parse().unwrap()))
    }

    #[test]
    fn refuses_paths_that_could_leave_the_folder_or_differ_between_systems() {
        let table: [(&[u8], PathFault); 24] = [
            (b"", PathFault::EmptyComponent),
            (b"a//b", PathFault::EmptyComponent),
            (b"a/", PathFault::EmptyComponent),
            (b"/etc/passwd", PathFault::Absolute),
            (b"..", PathFault::DotComponent),
            (b"../a", PathFault::DotComponent),
            (b"a/../b", PathFault::DotComponent),
            (b"./a", PathFault::DotComponent),
            (b"a/.", PathFault::DotComponent),
            (b"a...", PathFault::TrailingDot),
            (b"a./b", PathFault::TrailingDot),
            (b"a\\b", PathFault::BadCharacter),
            (b"C:a", PathFault::BadCharacter),
            (b"a b", PathFault::BadCharacter),
            (b"a\n", PathFault::BadCharacter),
            (b"\xff", PathFault::BadCharacter),
            ("证词".as_bytes(), PathFault::BadCharacter),
            (b"a/b/c/d/e/f/g/h/i", PathFault::TooDeep),
            (&[b'a'; 101], PathFault::TooLong),
            (b"-rf", PathFault::LeadingDash),
            (b"data/-", PathFault::LeadingDash),
            (b"a/NuL/b", PathFault::ReservedName),
            (b"com7.tar.gz", PathFault::ReservedName),
            (b"LPT0", PathFault::ReservedName),
        ];
        for (path, fault) in table {
            assert_eq!(MemberPath::parse(path), Err(fault), "{}", String::from_utf8_lossy(path));
        }
    }

    #[test]
    fn accepts_ordinary_paths() {
        for path in
            ["a", "a/b/c/d/e/f/g/h", ".hidden", "a.b+c_d-e", "console", "com10", "com", "nul-", "K7Q2-9F4M/x"]
        {
            assert_eq!(path.parse::<MemberPath>().unwrap().as_str(), path);
        }
        assert!(MemberPath::parse(&[b'a'; 100]).is_ok());
    }

    #[test]
    fn refuses_paths_that_cannot_lie_side_by_side() {
        assert_eq!(insert_all(&["a", "b", "a"]), Err(PathClash::Duplicate));
        assert_eq!(insert_all(&["data/a", "data/A"]), Err(PathClash::CaseTwin));
        assert_eq!(insert_all(&["data/a", "b", "Data/c"]), Err(PathClash::CaseTwin));
        assert_eq!(insert_all(&["x/data/q/a", "x/data/b", "x/daTa/q/c"]), Err(PathClash::CaseTwin));
        assert_eq!(insert_all(&["a/b", "a"]), Err(PathClash::FileIsFolder));
        assert_eq!(insert_all(&["a", "a/b/c"]), Err(PathClash::FileIsFolder));
        assert_eq!(insert_all(&["A", "a/b"]), Err(PathClash::FileIsFolder));
        assert_eq!(insert_all(&["a/b", "a-b", "a.b", "a0", "ab"]), Ok(()));
    }

    proptest! {
        #[test]
        fn finds_a_clash_exactly_when_a_pair_of_paths_clashes(paths in prop::collection::vec("[aAb](/[aAb.]x?){0,3}", 1..8)) {
            let paths: Vec<MemberPath> = paths.iter().filter_map(|path| path.parse().ok()).collect();
            let mut set = PathSet::new();
            let clash = paths.iter().any(|path| set.insert(path).is_err());
            let pair = |a: &str, b: &str| {
                let (mut a, mut b) = (a.split('/'), b.split('/'));
                loop {
                    match (a.next(), b.next()) {
                        (None, _) | (_, None) => return true,
                        (Some(a), Some(b)) if a == b => {}
                        (Some(a), Some(b)) => return a.eq_ignore_ascii_case(b),
                    }
                }
            };
            let expected = paths.iter().enumerate().any(|(at, a)| paths[..at].iter().any(|b| pair(a.as_str(), b.as_str())));
            prop_assert_eq!(clash, expected);
        }
    }
}
