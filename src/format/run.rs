//! State runs: sorted rows in blocks of one chunk each, and an index. docs/format.md section 8.

use std::fmt;
use std::ops::{Deref, Range};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_bytes::ByteArray;
use zeroize::Zeroizing;

use super::{FactKey, Malformed, Structure, decode, encode};
use crate::record::Digest;

/// A block is one chunk of the sealed object.
pub const BLOCK_BYTES: usize = 65_536;
const MAX_VALUE_BYTES: usize = 60_000;
const ROW_HEADER_BYTES: usize = 2 + FactKey::BYTES;

/// One fact, encoded.
#[derive(Clone, PartialEq, Eq)]
pub struct Row {
    /// Its key.
    pub key: FactKey,
    /// Its value.
    pub value: RowValue,
}

/// The value of a row: a stretch of the block it was read from, so that reading many rows copies nothing.
#[derive(Clone)]
pub struct RowValue {
    block: Arc<Zeroizing<Vec<u8>>>,
    stretch: Range<u32>,
}

impl RowValue {
    /// A value of its own.
    pub fn new(bytes: Vec<u8>) -> Self {
        let end = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        Self { block: Arc::new(Zeroizing::new(bytes)), stretch: 0..end }
    }
}

impl Deref for RowValue {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.block.get(self.stretch.start as usize..self.stretch.end as usize).unwrap_or_default()
    }
}

impl PartialEq for RowValue {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for RowValue {}

/// Never shows what it records.
impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Row({:?}, {} bytes)", self.key, self.value.len())
    }
}

/// The index at a run's end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunIndex {
    /// How many rows the run holds.
    pub rows: u64,
    /// Its blocks in order.
    pub blocks: Vec<Block>,
}

impl Structure for RunIndex {
    const TYPE: &'static str = "run";
    const LIMIT: usize = 256 << 20;
}

impl RunIndex {
    /// Whether a run of this length is its blocks, an index of this length, and the length's own four bytes.
    pub fn fills(&self, content: u64, index: u64) -> bool {
        let full = (self.blocks.len() as u64).saturating_sub(1).saturating_mul(BLOCK_BYTES as u64);
        let last = self.blocks.last().map_or(0, |block| block.bytes);
        content == full.saturating_add(last).saturating_add(index).saturating_add(4)
    }
}

/// One block of rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Block {
    /// The first row's key.
    pub first: ByteArray<{ FactKey::BYTES }>,
    /// Length of the rows, without filling.
    pub bytes: u64,
    /// SHA-256 of the rows.
    pub digest: Digest,
}

/// Lays out sorted rows as a run: its content and the encoded index that is part of it.
pub fn build_run(rows: &[Row], sha256: impl Fn(&[u8]) -> Digest) -> Result<(Vec<u8>, Vec<u8>), Malformed> {
    let mut content = Vec::new();
    let mut index = RunIndex { rows: rows.len() as u64, blocks: Vec::new() };
    let mut block: Option<(usize, [u8; FactKey::BYTES])> = None;
    for row in rows {
        let length = u16::try_from(row.value.len()).map_err(|_| Malformed::TooLong("fact"))?;
        if !is_permitted(row.value.len()) {
            return Err(Malformed::TooLong("fact"));
        }
        let key = row.key.to_bytes();
        let end = content.len().saturating_add(ROW_HEADER_BYTES).saturating_add(row.value.len());
        if let Some(open) = block.take_if(|(start, _)| end > start.saturating_add(BLOCK_BYTES)) {
            close_block(&content, &mut index, open, &sha256);
            content.resize(open.0.saturating_add(BLOCK_BYTES), 0);
        }
        block.get_or_insert((content.len(), key));
        content.extend(length.to_be_bytes());
        content.extend(key);
        content.extend(row.value.iter());
    }
    if let Some(open) = block {
        close_block(&content, &mut index, open, &sha256);
    }
    let index = encode(&index);
    content.extend(&index);
    content.extend(u32::try_from(index.len()).map_err(|_| Malformed::TooLong("run"))?.to_be_bytes());
    Ok((content, index))
}

/// Whether a value may have this length, in a run that is written and in one that is read.
fn is_permitted(value_bytes: usize) -> bool {
    (1..=MAX_VALUE_BYTES).contains(&value_bytes)
}

fn close_block(
    content: &[u8],
    index: &mut RunIndex,
    (start, first): (usize, [u8; FactKey::BYTES]),
    sha256: &impl Fn(&[u8]) -> Digest,
) {
    let rows = content.get(start..).unwrap_or_default();
    index.blocks.push(Block { first: ByteArray::new(first), bytes: rows.len() as u64, digest: sha256(rows) });
}

/// Where the index stands, given the last bytes of a run's content: `(index bytes)` if the tail holds all of it,
/// else how many bytes of tail are needed.
pub fn run_index_from_tail(tail: &[u8]) -> Result<Result<(RunIndex, &[u8]), usize>, Malformed> {
    let (rest, length) = tail.split_last_chunk::<4>().ok_or(Malformed::NotA("run"))?;
    let length = u32::from_be_bytes(*length) as usize;
    let Some(start) = rest.len().checked_sub(length) else {
        return Ok(Err(length.saturating_add(4)));
    };
    let bytes = rest.get(start..).unwrap_or_default();
    let index: RunIndex = decode(bytes)?;
    let rises = index.blocks.is_sorted_by(|a, b| a.first < b.first);
    if !rises || index.blocks.iter().any(|block| block.bytes > BLOCK_BYTES as u64) {
        return Err(Malformed::Field("blocks"));
    }
    Ok(Ok((index, bytes)))
}

/// Reads the rows of a block whose digest was checked; keys must rise.
pub fn parse_block(block: Zeroizing<Vec<u8>>) -> Result<Vec<Row>, Malformed> {
    let not_a = Malformed::NotA("block of rows");
    let block = Arc::new(block);
    let mut rows: Vec<Row> = Vec::new();
    let mut bytes: &[u8] = &block;
    let mut start = 0u32;
    while let Some((length, rest)) = bytes.split_first_chunk::<2>() {
        let length = u16::from_be_bytes(*length);
        let (key, rest) = rest.split_first_chunk::<{ FactKey::BYTES }>().ok_or(not_a)?;
        let (_, rest) = rest.split_at_checked(usize::from(length)).ok_or(not_a)?;
        let key = FactKey::from_bytes(key).ok_or(not_a)?;
        if !is_permitted(usize::from(length)) || rows.last().is_some_and(|last| last.key >= key) {
            return Err(not_a);
        }
        let value_start = start.saturating_add(ROW_HEADER_BYTES as u32);
        start = value_start.saturating_add(u32::from(length));
        rows.push(Row { key, value: RowValue { block: Arc::clone(&block), stretch: value_start..start } });
        bytes = rest;
    }
    if bytes.is_empty() { Ok(rows) } else { Err(not_a) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{CaseId, FactId};

    fn sum(bytes: &[u8]) -> Digest {
        let mut out = [0u8; 32];
        for (i, byte) in bytes.iter().enumerate() {
            out[i % 32] = out[i % 32].wrapping_mul(31).wrapping_add(*byte);
        }
        Digest::new(out)
    }

    fn rows(count: u16, value_bytes: usize) -> Vec<Row> {
        (0..count)
            .map(|i| Row {
                key: FactKey {
                    case: CaseId::new([u8::try_from(i >> 8).unwrap(); 16]),
                    kind: 18,
                    id: FactId::new([u8::try_from(i & 255).unwrap(); 16]),
                },
                value: RowValue::new(vec![7; value_bytes]),
            })
            .collect()
    }

    #[test]
    fn no_row_straddles_a_block_and_all_come_back() {
        for (count, size) in [(0, 1), (1, 1), (700, 300), (3, 60_000), (5, 32_733), (4, 32_734)] {
            let rows = rows(count, size);
            let (content, index_bytes) = build_run(&rows, sum).unwrap();
            let (index, found) = run_index_from_tail(&content).unwrap().unwrap();
            assert_eq!(found, index_bytes);
            assert_eq!(index.rows, u64::from(count));
            let (all, of_index) = (content.len() as u64, index_bytes.len() as u64);
            assert!(index.fills(all, of_index) && !index.fills(all + 1, of_index));
            let mut back = Vec::new();
            for (i, block) in index.blocks.iter().enumerate() {
                let bytes = &content[i * BLOCK_BYTES..][..block.bytes as usize];
                assert_eq!(sum(bytes), block.digest);
                back.extend(parse_block(Zeroizing::new(bytes.to_vec())).unwrap());
            }
            assert_eq!(back, rows, "{count} rows of {size}");
            // Two rows of 32,733 bytes fill a block to its last byte.
            assert!((count, size) != (5, 32_733) || index.blocks.len() == 3);
        }
    }

    #[test]
    fn asks_for_a_longer_tail_when_the_index_does_not_fit() {
        let (content, index) = build_run(&rows(300, 30_000), sum).unwrap();
        let needed = run_index_from_tail(&content[content.len() - 100..]).unwrap().unwrap_err();
        assert_eq!(needed, index.len() + 4);
        assert!(run_index_from_tail(&content[content.len() - needed..]).unwrap().is_ok());
    }

    #[test]
    fn refuses_an_index_whose_blocks_do_not_rise_or_are_too_long() {
        let tail = |blocks: &[(u8, u64)]| {
            let block = |(first, bytes): &(u8, u64)| Block {
                first: ByteArray::new([*first; FactKey::BYTES]),
                bytes: *bytes,
                digest: Digest::new([0; 32]),
            };
            let index = encode(&RunIndex { rows: 2, blocks: blocks.iter().map(block).collect() });
            [&index[..], &u32::try_from(index.len()).unwrap().to_be_bytes()].concat()
        };
        assert!(run_index_from_tail(&tail(&[(1, 65_536), (2, 9)])).unwrap().is_ok());
        for blocks in [[(1, 9), (1, 9)], [(2, 9), (1, 9)], [(1, 65_537), (2, 9)]] {
            assert_eq!(run_index_from_tail(&tail(&blocks)).err(), Some(Malformed::Field("blocks")));
        }
    }

    #[test]
    fn values_are_compared_by_their_bytes() {
        assert!(RowValue::new(vec![1, 2]) == RowValue::new(vec![1, 2]));
        assert!(RowValue::new(vec![1, 2]) != RowValue::new(vec![1, 3]));
    }

    #[test]
    fn says_how_long_a_row_is_and_not_what_it_holds() {
        let shown = format!("{:?}", rows(1, 4)[0]);
        assert!(shown.ends_with(", 4 bytes)"), "{shown}");
    }

    #[test]
    fn refuses_rows_out_of_order_and_values_out_of_bounds() {
        let mut twice = rows(1, 4);
        twice.push(twice[0].clone());
        let (content, _) = build_run(&twice, sum).unwrap();
        assert!(parse_block(Zeroizing::new(content[..2 * (ROW_HEADER_BYTES + 4)].to_vec())).is_err());
        for length in [0, 60_001] {
            assert!(build_run(&rows(1, length), sum).is_err());
            let row =
                [&u16::try_from(length).unwrap().to_be_bytes()[..], &[1; FactKey::BYTES], &vec![7; length]];
            assert!(parse_block(Zeroizing::new(row.concat())).is_err(), "{length}");
        }
    }
}
