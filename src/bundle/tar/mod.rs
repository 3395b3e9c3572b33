//! The one dialect of tar that bundles are made of. `docs/format.md`, bundles.
//!
//! Plain ustar: regular files only (folders follow from the paths), owner 0/0 without names, time 0, mode 0644,
//! ASCII paths of at most 100 bytes in the `name` field, sizes under 8 GiB in octal, two zero blocks at the end
//! and nothing after them. An archive in this dialect has exactly one reading, in every tar program.

mod header;
mod path;
mod walk;
mod write;

pub use header::{HeaderFault, MAX_FILE_BYTES};
pub use path::{MAX_DEPTH, MAX_PATH_BYTES, MemberPath, PathClash, PathFault, PathSet};
pub use walk::{Entry, Limits, MAX_ENTRIES, TarError, TarFault, TarWalker};
pub use write::{TarWriteError, TarWriter, archive_len, padding_file_len};

/// Bytes in one block; headers are one, contents are filled up to one with zeros.
const BLOCK: usize = 512;
/// Bytes of the two zero blocks that end an archive.
const END_BYTES: u64 = 1024;
