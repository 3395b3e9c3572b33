//! Writes an archive, the same bytes for the same files in the same order.

use std::io::{self, Write};

use super::header::{self, MAX_FILE_BYTES};
use super::path::{MemberPath, PathClash, PathFault, PathSet};
use super::walk::MAX_ENTRIES;
use super::{BLOCK, END_BYTES};
use crate::crypto::padme::padme;

/// Bytes of one block, as lengths are counted.
const BLOCK_BYTES: u64 = BLOCK as u64;
/// Shortest padded archive, in bytes; from here on every Padmé length is a multiple of 512.
const MIN_PADDED_BYTES: u64 = 16 * 1024;

/// Writing an archive failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TarWriteError {
    /// The path clashes with that of an earlier file.
    #[error("cannot add a file to the archive")]
    Clash(#[source] PathClash),
    /// The file before has not got all the bytes it announced.
    #[error("a file in the archive is {missing} bytes short of its announced size")]
    Incomplete {
        /// Bytes still to be written.
        missing: u64,
    },
    /// The path breaks a rule.
    #[error("cannot add a file to the archive")]
    Path(#[source] PathFault),
    /// The size does not fit the size field.
    #[error("a file of {size} bytes does not fit into the archive")]
    TooLarge {
        /// The announced size.
        size: u64,
    },
    /// There are [`MAX_ENTRIES`] files already.
    #[error("the archive is full at {MAX_ENTRIES} files")]
    TooManyEntries,
    /// More bytes were written than the file announced.
    #[error("a file in the archive is longer than its announced size")]
    TooLong,
    /// The bytes could not be written out.
    #[error("cannot write the archive")]
    Write(#[source] io::Error),
}

/// Writes an archive that [`super::TarWalker`] accepts; a file's content goes in through [`Write`].
///
/// An archive that was not ended with [`finish`](Self::finish) lacks its end and is refused by every reader.
pub struct TarWriter<W> {
    sink: W,
    paths: PathSet,
    entries: u32,
    /// Content bytes of the current file still to come.
    missing: u64,
    /// Zero bytes that fill the current file's last block.
    fill: usize,
}

impl<W: Write> TarWriter<W> {
    /// Starts an archive.
    pub fn new(sink: W) -> Self {
        Self { sink, paths: PathSet::new(), entries: 0, missing: 0, fill: 0 }
    }

    /// Ends the file before and starts one of exactly `size` bytes.
    pub fn begin(&mut self, path: &str, size: u64) -> Result<(), TarWriteError> {
        if size > MAX_FILE_BYTES {
            return Err(TarWriteError::TooLarge { size });
        }
        if self.entries == MAX_ENTRIES {
            return Err(TarWriteError::TooManyEntries);
        }
        let path: MemberPath = path.parse().map_err(TarWriteError::Path)?;
        self.end_file()?;
        self.paths.insert(&path).map_err(TarWriteError::Clash)?;
        self.sink.write_all(&header::encode(&path, size)).map_err(TarWriteError::Write)?;
        self.entries += 1;
        self.missing = size;
        self.fill = fill(size);
        Ok(())
    }

    /// Ends the last file and the archive, and hands the sink back, not flushed.
    pub fn finish(mut self) -> Result<W, TarWriteError> {
        self.end_file()?;
        self.sink.write_all(&[0; 2 * BLOCK]).map_err(TarWriteError::Write)?;
        Ok(self.sink)
    }

    fn end_file(&mut self) -> Result<(), TarWriteError> {
        if self.missing > 0 {
            return Err(TarWriteError::Incomplete { missing: self.missing });
        }
        let zeros = [0; BLOCK];
        self.sink.write_all(&zeros[..self.fill]).map_err(TarWriteError::Write)?;
        self.fill = 0;
        Ok(())
    }
}

impl<W: Write> Write for TarWriter<W> {
    /// Writes content of the current file; more than it announced is [`TarWriteError::TooLong`] inside.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.len() as u64 > self.missing {
            return Err(io::Error::other(TarWriteError::TooLong));
        }
        let written = self.sink.write(bytes)?;
        self.missing -= written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.sink.flush()
    }
}

/// Zero bytes after a content of `size` bytes.
pub(super) fn fill(size: u64) -> usize {
    let over = (size % BLOCK_BYTES) as usize;
    if over == 0 { 0 } else { BLOCK - over }
}

/// Returns the length of an archive of files of these sizes, `None` if one of them does not fit.
///
/// `Σ (512 + size rounded up to 512) + 1024`.
pub fn archive_len(sizes: impl IntoIterator<Item = u64>) -> Option<u64> {
    sizes.into_iter().try_fold(END_BYTES, |total, size| {
        let blocks = if size <= MAX_FILE_BYTES { size.div_ceil(BLOCK_BYTES) + 1 } else { return None };
        total.checked_add(blocks * BLOCK_BYTES)
    })
}

/// Returns the size of the one more file that makes an archive of `len` bytes as long as a Padmé length, and at
/// least 16 KiB; `None` if `len` is no archive's length or the file would not fit.
pub fn padding_file_len(len: u64) -> Option<u64> {
    let with_header = len.checked_add(BLOCK_BYTES)?;
    let target = padme(with_header.max(MIN_PADDED_BYTES));
    let padding = target.checked_sub(with_header)?;
    (len.is_multiple_of(BLOCK_BYTES) && len >= END_BYTES && padding <= MAX_FILE_BYTES).then_some(padding)
}

#[cfg(test)]
mod tests {
    use super::{TarWriteError, TarWriter, archive_len, padding_file_len};
    use crate::bundle::tar::MAX_FILE_BYTES;
    use crate::crypto::padme::padme;
    use std::io::Write as _;

    fn archive(files: &[(&str, u64)]) -> Vec<u8> {
        let mut writer = TarWriter::new(Vec::new());
        for (path, size) in files {
            writer.begin(path, *size).unwrap();
            writer.write_all(&vec![b'x'; *size as usize]).unwrap();
        }
        writer.finish().unwrap()
    }

    #[test]
    fn archive_len_is_the_length_written() {
        for sizes in [vec![], vec![0], vec![1], vec![512], vec![513, 0, 511], vec![1024; 9]] {
            let names: Vec<String> = (0..sizes.len()).map(|at| format!("f{at}")).collect();
            let files: Vec<(&str, u64)> =
                names.iter().map(String::as_str).zip(sizes.iter().copied()).collect();
            assert_eq!(archive_len(sizes.iter().copied()), Some(archive(&files).len() as u64));
        }
        assert_eq!(archive_len([MAX_FILE_BYTES + 1]), None);
    }

    #[test]
    fn padding_makes_every_archive_a_padme_length() {
        for blocks in 2..5000u64 {
            let padding = padding_file_len(blocks * 512).unwrap();
            let total = blocks * 512 + archive_len([padding]).unwrap() - 1024;
            assert_eq!(padding % 512, 0);
            assert_eq!(total, padme(total), "{blocks}");
            assert!(total >= 16 * 1024);
        }
        assert_eq!(padding_file_len(1025), None);
        assert_eq!(padding_file_len(0), None);
        assert_eq!(padding_file_len(!511), None);
    }

    #[test]
    fn refuses_what_the_walker_would_refuse() {
        let mut writer = TarWriter::new(Vec::new());
        assert!(matches!(writer.begin("../a", 1), Err(TarWriteError::Path(_))));
        assert!(matches!(writer.begin("a", MAX_FILE_BYTES + 1), Err(TarWriteError::TooLarge { .. })));
        writer.begin("a", 2).unwrap();
        writer.write_all(b"x").unwrap();
        assert!(matches!(writer.begin("b", 1), Err(TarWriteError::Incomplete { missing: 1 })));
        assert!(writer.write_all(b"yz").is_err());
        writer.write_all(b"y").unwrap();
        assert!(matches!(writer.begin("A", 1), Err(TarWriteError::Clash(_))));
        writer.begin("b", 1).unwrap();
        assert!(matches!(writer.finish(), Err(TarWriteError::Incomplete { missing: 1 })));
    }
}
