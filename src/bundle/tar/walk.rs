//! Walks an archive from a stranger, by hand, and refuses everything that is not strictly our dialect.
//!
//! An archive is accepted only once [`TarWalker::next_entry`] has returned `None`: what was handed out before
//! that is not to be shown or kept. Knows nothing of bags and never touches a file system.

use std::io::{self, Read};

use super::BLOCK;
use super::header::{self, HeaderFault, MAX_FILE_BYTES};
use super::path::{MemberPath, PathClash, PathSet};
use super::write::fill;

/// Most files in an archive.
pub const MAX_ENTRIES: u32 = 100_000;

/// How much of a foreign archive is taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Most files.
    pub entries: u32,
    /// Largest file, in bytes.
    pub file_bytes: u64,
    /// Largest sum of all files, in bytes.
    pub total_bytes: u64,
}

impl Default for Limits {
    /// What the format allows; no limit on the sum.
    fn default() -> Self {
        Self { entries: MAX_ENTRIES, file_bytes: MAX_FILE_BYTES, total_bytes: u64::MAX }
    }
}

/// What is wrong with an archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TarFault {
    /// One zero block is not followed by a second.
    #[error("the end of the archive is not two zero blocks")]
    BadEnd,
    /// The path cannot stand beside that of an earlier entry.
    #[error(transparent)]
    Clash(#[from] PathClash),
    /// The bytes that fill the last block of a file are not zero.
    #[error("the bytes after the end of a file are not zero")]
    DirtyFill,
    /// The header is not one of ours.
    #[error(transparent)]
    Header(#[from] HeaderFault),
    /// An earlier error ended the walk.
    #[error("the walk had already ended with an error")]
    Stopped,
    /// The file, or the sum of all so far, is larger than the limit.
    #[error("the archive holds more bytes than are accepted")]
    TooLarge,
    /// There are more entries than the limit.
    #[error("the archive holds more files than are accepted")]
    TooManyEntries,
    /// There are bytes after the end.
    #[error("there are bytes after the end of the archive")]
    TrailingBytes,
    /// The archive ends too early.
    #[error("the archive is cut off")]
    Truncated,
}

/// Walking an archive failed; entries are counted from 1 and never named, for their names are a stranger's.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TarError {
    /// The bytes could not be read.
    #[error("cannot read the archive at entry {entry}")]
    Read {
        /// The entry that was being read.
        entry: u32,
        /// What the source said.
        #[source]
        cause: io::Error,
    },
    /// The archive breaks a rule.
    #[error("the archive is refused at entry {entry}")]
    Refused {
        /// The entry that breaks it; one more than there are for the end of the archive.
        entry: u32,
        /// The rule.
        #[source]
        fault: TarFault,
    },
}

enum State {
    Done,
    Stopped,
    Walking,
}

/// A forward walk over an archive, in memory bounded by [`MAX_ENTRIES`] paths.
pub struct TarWalker<R> {
    source: R,
    limits: Limits,
    paths: PathSet,
    /// The number of the current entry, from 1; 0 before the first.
    entry: u32,
    /// Content bytes of the current entry not yet handed out.
    unread: u64,
    /// Bytes that fill the current entry's last block.
    fill: usize,
    total_bytes: u64,
    state: State,
}

/// One file of an archive; its content comes through [`Read`], and what is left of it is skipped.
pub struct Entry<'a, R> {
    path: MemberPath,
    size: u64,
    walker: &'a mut TarWalker<R>,
}

impl<R: Read> TarWalker<R> {
    /// Starts at the first byte of an archive.
    pub fn new(source: R, limits: Limits) -> Self {
        let paths = PathSet::new();
        Self { source, limits, paths, entry: 0, unread: 0, fill: 0, total_bytes: 0, state: State::Walking }
    }

    /// Goes to the next file; `None` once, and only if, the whole archive is as it must be.
    pub fn next_entry(&mut self) -> Result<Option<Entry<'_, R>>, TarError> {
        match self.state {
            State::Done => return Ok(None),
            State::Stopped => return Err(TarError::Refused { entry: self.entry, fault: TarFault::Stopped }),
            State::Walking => {}
        }
        self.state = State::Stopped;
        self.skip_rest()?;
        self.entry = self.entry.saturating_add(1);
        let mut block = [0; BLOCK];
        self.fill_buffer(&mut block)?;
        if block == [0; BLOCK] {
            self.check_end()?;
            self.state = State::Done;
            return Ok(None);
        }
        let (path, size) = self.admit(&block).map_err(|fault| self.refuse(fault))?;
        self.state = State::Walking;
        Ok(Some(Entry { path, size, walker: self }))
    }

    /// Takes a header, or says what is wrong with it.
    fn admit(&mut self, block: &[u8; BLOCK]) -> Result<(MemberPath, u64), TarFault> {
        if self.entry > self.limits.entries {
            return Err(TarFault::TooManyEntries);
        }
        let (path, size) = header::decode(block)?;
        self.total_bytes = self.total_bytes.saturating_add(size);
        if size > self.limits.file_bytes || self.total_bytes > self.limits.total_bytes {
            return Err(TarFault::TooLarge);
        }
        self.paths.insert(&path)?;
        self.unread = size;
        self.fill = fill(size);
        Ok((path, size))
    }

    /// Reads what was not asked for of the current file, and the zeros after it.
    fn skip_rest(&mut self) -> Result<(), TarError> {
        let skipped = io::copy(&mut (&mut self.source).take(self.unread), &mut io::sink());
        let skipped = skipped.map_err(|cause| self.read_error(cause))?;
        if skipped < self.unread {
            return Err(self.refuse(TarFault::Truncated));
        }
        self.unread = 0;
        let mut zeros = [0; BLOCK];
        let fill = std::mem::take(&mut self.fill);
        self.fill_buffer(&mut zeros[..fill])?;
        if zeros == [0; BLOCK] { Ok(()) } else { Err(self.refuse(TarFault::DirtyFill)) }
    }

    /// Checks the second zero block, and that nothing follows it.
    fn check_end(&mut self) -> Result<(), TarError> {
        let mut block = [0; BLOCK];
        self.fill_buffer(&mut block)?;
        if block != [0; BLOCK] {
            return Err(self.refuse(TarFault::BadEnd));
        }
        match self.fill_buffer(&mut [0; 1]) {
            Err(TarError::Refused { fault: TarFault::Truncated, .. }) => Ok(()),
            Err(error) => Err(error),
            Ok(()) => Err(self.refuse(TarFault::TrailingBytes)),
        }
    }

    fn fill_buffer(&mut self, buffer: &mut [u8]) -> Result<(), TarError> {
        self.source.read_exact(buffer).map_err(|cause| match cause.kind() {
            io::ErrorKind::UnexpectedEof => self.refuse(TarFault::Truncated),
            _ => self.read_error(cause),
        })
    }

    fn refuse(&self, fault: TarFault) -> TarError {
        TarError::Refused { entry: self.entry, fault }
    }

    fn read_error(&self, cause: io::Error) -> TarError {
        TarError::Read { entry: self.entry, cause }
    }
}

impl<R> Entry<'_, R> {
    /// Returns the number of the entry, from 1.
    pub fn number(&self) -> u32 {
        self.walker.entry
    }

    /// Returns the path, checked and safe to print.
    pub fn path(&self) -> &MemberPath {
        &self.path
    }

    /// Returns the size of the content, in bytes.
    pub fn size(&self) -> u64 {
        self.size
    }
}

impl<R: Read> Read for Entry<'_, R> {
    /// Reads content; an archive that ends inside it is [`TarFault::Truncated`] inside, and ends the walk.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.walker.unread).unwrap_or(usize::MAX).min(buffer.len());
        if most == 0 {
            return Ok(0);
        }
        let read = self.walker.source.read(&mut buffer[..most])?;
        if read == 0 {
            self.walker.state = State::Stopped;
            return Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                self.walker.refuse(TarFault::Truncated),
            ));
        }
        self.walker.unread -= read as u64;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::{Limits, TarError, TarFault, TarWalker};
    use crate::bundle::tar::TarWriter;
    use std::io::{Read as _, Write as _};

    fn archive(files: &[(&str, &str)]) -> Vec<u8> {
        let mut writer = TarWriter::new(Vec::new());
        for (path, content) in files {
            writer.begin(path, content.len() as u64).unwrap();
            writer.write_all(content.as_bytes()).unwrap();
        }
        writer.finish().unwrap()
    }

    /// Walks without reading contents.
    fn walk(bytes: &[u8], limits: Limits) -> Result<u32, (u32, TarFault)> {
        let mut walker = TarWalker::new(bytes, limits);
        let mut entries = 0;
        loop {
            match walker.next_entry() {
                Ok(Some(_)) => entries += 1,
                Ok(None) => return Ok(entries),
                Err(TarError::Refused { entry, fault }) => return Err((entry, fault)),
                Err(error) => panic!("{error}"),
            }
        }
    }

    #[test]
    fn hands_out_each_file_and_skips_what_is_not_read() {
        let bytes = archive(&[("a", "one"), ("b/c", ""), ("b/d", "شهادة"), ("e", "four")]);
        let mut walker = TarWalker::new(bytes.as_slice(), Limits::default());
        let mut seen = Vec::new();
        while let Some(mut entry) = walker.next_entry().unwrap() {
            let mut content = String::new();
            if entry.number() != 1 {
                entry.read_to_string(&mut content).unwrap();
            }
            seen.push((entry.number(), entry.path().to_string(), entry.size(), content));
        }
        let expected = [(1, "a", 3, ""), (2, "b/c", 0, ""), (3, "b/d", 10, "شهادة"), (4, "e", 4, "four")];
        assert_eq!(
            seen,
            expected.map(|(n, path, size, content)| (n, path.to_owned(), size, content.to_owned()))
        );
        assert!(walker.next_entry().unwrap().is_none());
    }

    #[test]
    fn stops_at_the_limits() {
        let bytes = archive(&[("a", "123"), ("b", "1234"), ("c", "")]);
        let all = Limits::default();
        assert_eq!(walk(&bytes, Limits { entries: 3, file_bytes: 4, total_bytes: 7 }), Ok(3));
        assert_eq!(walk(&bytes, Limits { entries: 2, ..all }), Err((3, TarFault::TooManyEntries)));
        assert_eq!(walk(&bytes, Limits { file_bytes: 3, ..all }), Err((2, TarFault::TooLarge)));
        assert_eq!(walk(&bytes, Limits { total_bytes: 6, ..all }), Err((2, TarFault::TooLarge)));
    }

    #[test]
    fn an_error_ends_the_walk_for_good() {
        let mut bytes = archive(&[("a", "x"), ("b", "y")]);
        bytes[1024] ^= 1;
        let mut walker = TarWalker::new(bytes.as_slice(), Limits::default());
        assert!(walker.next_entry().unwrap().is_some());
        assert!(walker.next_entry().is_err());
        assert!(matches!(walker.next_entry(), Err(TarError::Refused { fault: TarFault::Stopped, .. })));
    }

    #[test]
    fn a_content_cut_off_while_being_read_ends_the_walk() {
        let bytes = archive(&[("a", &"x".repeat(2000))]);
        let mut walker = TarWalker::new(&bytes[..1000], Limits::default());
        let mut entry = walker.next_entry().unwrap().unwrap();
        assert!(entry.read_to_end(&mut Vec::new()).is_err());
        assert!(matches!(walker.next_entry(), Err(TarError::Refused { fault: TarFault::Stopped, .. })));
    }
}
