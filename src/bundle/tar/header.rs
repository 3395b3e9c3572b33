//! The 512-byte header of one file, POSIX.1-1988 `ustar`, with every field but two fixed.
//!
//! Decoding is canonical: what does not encode again to the same bytes is refused.

use std::ops::Range;

use super::BLOCK;
use super::path::{MAX_PATH_BYTES, MemberPath, PathFault};

/// Largest file, in bytes: eleven octal digits, one byte less than 8 GiB.
pub const MAX_FILE_BYTES: u64 = 0o77_777_777_777;

const NAME: Range<usize> = 0..MAX_PATH_BYTES;
const MODE: Range<usize> = 100..108;
const UID: Range<usize> = 108..116;
const GID: Range<usize> = 116..124;
const SIZE: Range<usize> = 124..136;
const MTIME: Range<usize> = 136..148;
const CHECKSUM: Range<usize> = 148..156;
const TYPE: Range<usize> = 156..157;
const LINK_NAME: Range<usize> = 157..257;
const MAGIC: Range<usize> = 257..265;
const OWNER_NAMES: Range<usize> = 265..329;
const DEVICE: Range<usize> = 329..345;
const PREFIX: Range<usize> = 345..500;

/// Why a header is not one of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HeaderFault {
    /// The checksum is wrong or not written as six octal digits, NUL, space.
    #[error("the header's checksum is wrong")]
    BadChecksum,
    /// The magic is not `ustar`, NUL, `00`.
    #[error("the header is not of the ustar format")]
    BadMagic,
    /// A size, mode, owner or time is not written as we write it, or is not the fixed one.
    #[error("a number in the header is not as it must be")]
    BadNumber,
    /// A device number is not zero.
    #[error("the header names a device")]
    HasDevice,
    /// The link name is not empty.
    #[error("the header names a link")]
    HasLinkName,
    /// The owner's or group's name is not empty.
    #[error("the header names an owner")]
    HasOwner,
    /// The prefix field is not empty.
    #[error("the header has a path prefix")]
    HasPrefix,
    /// The type is not `0`: a link, device, folder, or an extension of PAX or GNU.
    #[error("the entry is not a plain file")]
    NotRegularFile,
    /// The path breaks a rule.
    #[error(transparent)]
    Path(#[from] PathFault),
    /// Bytes that belong to no field, or follow the end of the path, are not zero.
    #[error("unused bytes of the header are not zero")]
    UnusedBytes,
}

/// Encodes the header of a file; `size` is at most [`MAX_FILE_BYTES`], which the caller has checked.
pub(super) fn encode(path: &MemberPath, size: u64) -> [u8; BLOCK] {
    let mut block = [0; BLOCK];
    block[..path.as_str().len()].copy_from_slice(path.as_str().as_bytes());
    block[MODE].copy_from_slice(b"0000644\0");
    block[UID].copy_from_slice(b"0000000\0");
    block[GID].copy_from_slice(b"0000000\0");
    block[SIZE].copy_from_slice(format!("{size:011o}\0").as_bytes());
    block[MTIME].copy_from_slice(b"00000000000\0");
    block[TYPE].copy_from_slice(b"0");
    block[MAGIC].copy_from_slice(b"ustar\x0000");
    block[DEVICE].copy_from_slice(b"0000000\x000000000\0");
    let sum = checksum(&block);
    block[CHECKSUM].copy_from_slice(&sum);
    block
}

/// Decodes a header into path and size.
pub(super) fn decode(block: &[u8; BLOCK]) -> Result<(MemberPath, u64), HeaderFault> {
    let zero = |range: Range<usize>| block[range].iter().all(|byte| *byte == 0);
    let require = |holds: bool, fault: HeaderFault| if holds { Ok(()) } else { Err(fault) };
    require(block[CHECKSUM] == checksum(block), HeaderFault::BadChecksum)?;
    require(block[TYPE] == *b"0", HeaderFault::NotRegularFile)?;
    require(block[MAGIC] == *b"ustar\x0000", HeaderFault::BadMagic)?;
    require(zero(LINK_NAME), HeaderFault::HasLinkName)?;
    require(zero(PREFIX), HeaderFault::HasPrefix)?;
    require(block[DEVICE] == *b"0000000\x000000000\0", HeaderFault::HasDevice)?;
    require(zero(OWNER_NAMES), HeaderFault::HasOwner)?;
    let size = parse_size(&block[SIZE]).ok_or(HeaderFault::BadNumber)?;
    let path = MemberPath::parse(until_nul(&block[NAME]))?;
    let ours = encode(&path, size);
    require(block[MODE.start..CHECKSUM.start] == ours[MODE.start..CHECKSUM.start], HeaderFault::BadNumber)?;
    require(*block == ours, HeaderFault::UnusedBytes)?;
    Ok((path, size))
}

/// The sum of all bytes, the field itself taken as spaces: six octal digits, NUL, space.
fn checksum(block: &[u8; BLOCK]) -> [u8; 8] {
    let all: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    let field: u32 = block[CHECKSUM].iter().map(|byte| u32::from(*byte)).sum();
    let mut text = *b"000000\0 ";
    let sum = all - field + 8 * u32::from(b' ');
    text[..6].copy_from_slice(format!("{sum:06o}").as_bytes());
    text
}

/// Eleven octal digits and NUL.
fn parse_size(field: &[u8]) -> Option<u64> {
    let digits = field.strip_suffix(b"\0")?;
    digits.iter().try_fold(0, |size: u64, digit| match digit {
        b'0'..=b'7' => Some(size * 8 + u64::from(digit - b'0')),
        _ => None,
    })
}

fn until_nul(field: &[u8]) -> &[u8] {
    field.split(|byte| *byte == 0).next().unwrap_or_default()
}
