//! Reading state runs block by block. docs/format.md section 8, "Runs".

use zeroize::Zeroizing;

use super::error::{Damage, Item, VaultError};
use super::objects::{name_of, put_sealed};
use crate::crypto::{CHUNK_BYTES, OBJECT_HEADER_BYTES, ObjectOpener, ObjectType, OpenError, sha256};
use crate::format::{FactKey, Malformed, Row, RunIndex, RunRef, build_run, parse_block, run_index_from_tail};
use crate::store::{ObjectReader, Store};

/// A run whose index was read and checked; blocks are read as they are asked for.
pub(crate) struct OpenRun {
    object: Box<dyn ObjectReader>,
    opener: ObjectOpener,
    index: RunIndex,
    run: RunRef,
}

impl OpenRun {
    /// Opens a run and checks its index against the reference.
    pub(crate) fn open(store: &dyn Store, run: &RunRef) -> Result<Self, VaultError> {
        Self::try_open(store, run).map_err(|damage| VaultError::damaged(Item::Run, damage))
    }

    fn try_open(store: &dyn Store, run: &RunRef) -> Result<Self, Damage> {
        let object = store.open(name_of(&run.key))?;
        let mut header = [0; OBJECT_HEADER_BYTES];
        object.read_at(0, &mut header)?;
        let opener = ObjectOpener::new(&run.key, ObjectType::Run, &header, object.size())?;
        let index = read_index(object.as_ref(), &opener, run)?;
        Ok(Self { object, opener, index, run: run.clone() })
    }

    /// The blocks that can hold rows whose keys begin with `prefix`.
    pub(crate) fn blocks_with(&self, prefix: &[u8]) -> std::ops::Range<usize> {
        let blocks = &self.index.blocks;
        let first = blocks.partition_point(|block| block.first.as_slice() < prefix).saturating_sub(1);
        let beyond = |block: &crate::format::Block| {
            block.first.as_slice() > prefix && !block.first.starts_with(prefix)
        };
        let last = blocks.iter().skip(first).position(beyond).map_or(blocks.len(), |held| first + held);
        first..last
    }

    /// The rows of one block whose keys begin with `prefix`, in order.
    pub(crate) fn block_with(&self, index: usize, prefix: &[u8]) -> Result<Vec<Row>, VaultError> {
        let mut rows = self.block(index)?;
        rows.retain(|row| row.key.to_bytes().starts_with(prefix));
        Ok(rows)
    }

    /// The reference it was opened by.
    pub(crate) fn reference(&self) -> &RunRef {
        &self.run
    }

    /// How many blocks there are.
    pub(crate) fn blocks(&self) -> usize {
        self.index.blocks.len()
    }

    /// All rows of one block, in order.
    pub(crate) fn block(&self, index: usize) -> Result<Vec<Row>, VaultError> {
        self.try_block(index).map_err(|damage| VaultError::damaged(Item::Run, damage))
    }

    fn try_block(&self, index: usize) -> Result<Vec<Row>, Damage> {
        let block = self.index.blocks.get(index).ok_or(Malformed::Field("blocks"))?;
        let mut rows = read_chunk(self.object.as_ref(), &self.opener, index as u64)?;
        let bytes = usize::try_from(block.bytes).ok().filter(|bytes| *bytes <= rows.len());
        let bytes = bytes.ok_or(Damage::Open(OpenError::Corrupt))?;
        // Behind the last block begins the index; what fills the others is covered by no digest.
        if index + 1 < self.index.blocks.len() && !is_zeros(&rows[bytes..]) {
            return Err(Damage::Open(OpenError::Corrupt));
        }
        rows.truncate(bytes);
        if sha256(&rows) != block.digest {
            return Err(Damage::Other);
        }
        let rows = parse_block(rows)?;
        match rows.first() {
            Some(first) if first.key.to_bytes() == *block.first => Ok(rows),
            _ => Err(Damage::Malformed(Malformed::Field("blocks"))),
        }
    }
}

fn read_chunk(
    object: &dyn ObjectReader,
    opener: &ObjectOpener,
    index: u64,
) -> Result<Zeroizing<Vec<u8>>, Damage> {
    if index >= opener.chunks() {
        return Err(Damage::Open(OpenError::Corrupt));
    }
    read_chunks(object, opener, index..index + 1)
}

/// The plaintext of consecutive chunks that are there.
pub(super) fn read_chunks(
    object: &dyn ObjectReader,
    opener: &ObjectOpener,
    chunks: std::ops::Range<u64>,
) -> Result<Zeroizing<Vec<u8>>, Damage> {
    let length = chunks.clone().map(|index| opener.range(index).1).sum();
    let mut bytes = Zeroizing::new(vec![0; length]);
    let mut end = 0;
    for index in chunks {
        let (offset, length) = opener.range(index);
        let chunk = &mut bytes[end..end + length];
        object.read_at(offset, chunk)?;
        // The next chunk goes where this one's tag stands.
        end += opener.open_in_place(index, chunk)?;
    }
    bytes.truncate(end);
    Ok(bytes)
}

/// Reads the end of a run: its last chunk, then as many as the index turns out to take.
fn read_index(object: &dyn ObjectReader, opener: &ObjectOpener, run: &RunRef) -> Result<RunIndex, Damage> {
    let mut first = opener.chunks() - 1;
    loop {
        let tail = read_chunks(object, opener, first..opener.chunks())?;
        let needed = match index_at_end(&tail, opener, run)? {
            Ok(index) => return Ok(index),
            Err(needed) => needed,
        };
        if first == 0 {
            return Err(Damage::Malformed(Malformed::NotA("run")));
        }
        first = (opener.plaintext().saturating_sub(needed) / CHUNK_BYTES as u64).min(first - 1);
    }
}

/// The index in the last bytes of a run's plaintext, or how many of them are needed.
fn index_at_end(tail: &[u8], opener: &ObjectOpener, run: &RunRef) -> Result<Result<RunIndex, u64>, Damage> {
    // The length field itself may straddle the last two chunks.
    if tail.len() < 8 {
        return Ok(Err(8));
    }
    let content = opener.content_length(tail)?;
    // The padding may be longer than what was read: then not one byte of content is there yet.
    let beyond = opener.plaintext() - content;
    let held = (tail.len() as u64).saturating_sub(beyond);
    let (held, end) = tail.split_at(usize::try_from(held).expect("no longer than what is held"));
    let needed = if held.len() < 4 { Err(4) } else { run_index_from_tail(held)? };
    let (index, bytes) = match needed {
        Ok(found) => found,
        Err(needed) => return Ok(Err(beyond.saturating_add(needed as u64))),
    };
    let padding = end.strip_suffix(&content.to_be_bytes());
    let whole = index.fills(content, bytes.len() as u64) && padding.is_some_and(is_zeros);
    match sha256(bytes) == run.digest && index.rows == run.rows && whole {
        true => Ok(Ok(index)),
        false => Err(Damage::Other),
    }
}

/// Whether bytes that hold nothing are what they must be.
pub(super) fn is_zeros(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| *byte == 0)
}

/// Writes a run of sorted rows; not durable before a barrier.
pub(crate) fn put_run(store: &dyn Store, rows: &[Row]) -> Result<RunRef, VaultError> {
    let (content, index) = build_run(rows, sha256).map_err(|error| VaultError::damaged(Item::Run, error))?;
    let content = Zeroizing::new(content);
    let key = put_sealed(store, ObjectType::Run, &content)?;
    Ok(RunRef { key, digest: sha256(&index), rows: rows.len() as u64 })
}

/// Joins sorted rows of several runs: each key once, the smaller value where two differ.
pub(crate) fn join(mut rows: Vec<Row>) -> Vec<Row> {
    rows.sort_by(|a, b| (a.key, &*a.value).cmp(&(b.key, &*b.value)));
    rows.dedup_by_key(|row| row.key);
    rows
}

/// The bytes with which the keys of all facts of a case begin.
pub(crate) fn prefix(case: &crate::record::CaseId, kind: Option<u8>) -> Vec<u8> {
    let mut prefix = case.as_bytes().to_vec();
    prefix.extend(kind);
    debug_assert!(prefix.len() < FactKey::BYTES);
    prefix
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{CaseId, FactId};
    use crate::store::MemoryStore;

    fn rows(count: u16) -> Vec<Row> {
        (0..count)
            .map(|i| Row {
                key: FactKey {
                    case: CaseId::new([(i / 100) as u8; 16]),
                    kind: 16 + (i % 2) as u8,
                    id: FactId::new([(i % 100) as u8; 16]),
                },
                value: crate::format::RowValue::new(vec![1; 300]),
            })
            .collect()
    }

    #[test]
    fn finds_one_case_among_many_and_reads_all() {
        let store = MemoryStore::default();
        let all = join(rows(3000));
        let run = OpenRun::open(&store, &put_run(&store, &all).unwrap()).unwrap();
        assert!(run.blocks() > 5);
        let rows_with = |prefix: &[u8]| -> Vec<Row> {
            run.blocks_with(prefix).flat_map(|i| run.block_with(i, prefix).unwrap()).collect()
        };
        for case in 0..30u8 {
            let found = rows_with(&prefix(&CaseId::new([case; 16]), None));
            assert_eq!(found.len(), 100, "case {case}");
            assert_eq!(rows_with(&prefix(&CaseId::new([case; 16]), Some(17))).len(), 50);
        }
        assert!(rows_with(&[200; 16]).is_empty());
        let read: Vec<Row> = (0..run.blocks()).flat_map(|i| run.block(i).unwrap()).collect();
        assert_eq!(read, all);
    }

    /// No digest covers what fills a block. Fails when it may be anything.
    #[test]
    fn what_fills_a_block_is_zeros() {
        let store = MemoryStore::default();
        let rows = join(rows(3000));
        let (mut content, index) = build_run(&rows, sha256).unwrap();
        let put = |content: &[u8]| {
            let key = put_sealed(&store, ObjectType::Run, content).unwrap();
            let run = RunRef { key, digest: sha256(&index), rows: rows.len() as u64 };
            OpenRun::open(&store, &run).unwrap()
        };
        assert!(put(&content).block(0).is_ok());
        assert_eq!(content[CHUNK_BYTES - 1], 0);
        content[CHUNK_BYTES - 1] = 1;
        let changed = put(&content);
        assert!(matches!(changed.block(0), Err(VaultError::Damaged(Item::Run, _))));
        assert!(changed.block(1).is_ok());
    }

    #[test]
    fn another_run_in_its_place_is_refused() {
        let store = MemoryStore::default();
        let mut run = put_run(&store, &rows(3)).unwrap();
        run.rows = 4;
        assert!(matches!(OpenRun::open(&store, &run), Err(VaultError::Damaged(Item::Run, _))));
    }
}
