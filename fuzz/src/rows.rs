//! State runs.

use sanduq::crypto::sha256;
use sanduq::format::{BLOCK_BYTES, Row, build_run, parse_block, run_index_from_tail};
use zeroize::Zeroizing;

/// Rows of a block are what a run of just them begins with; the index of a run has one encoding and one place.
pub fn run(bytes: &[u8]) {
    let block = &bytes[..bytes.len().min(BLOCK_BYTES)];
    if let Ok(rows) = parse_block(Zeroizing::new(block.to_vec())) {
        assert!(rows.is_sorted_by(|a, b| a.key < b.key));
        let (content, _) = build_run(&rows, sha256).expect("rows that were read can be written");
        assert!(content.starts_with(block));
        assert_eq!(read(&content), Some(rows));
    }
    match run_index_from_tail(bytes) {
        Ok(Ok((_, index))) => {
            assert!(bytes[..bytes.len() - 4].ends_with(index));
            read(bytes);
        }
        Ok(Err(needed)) => assert!(needed > bytes.len()),
        Err(_) => {}
    }
}

/// Reads a whole run as the vault does, block by block; none if any of it is not as the index says.
fn read(content: &[u8]) -> Option<Vec<Row>> {
    let (index, _) = run_index_from_tail(content).ok()?.ok()?;
    let mut rows = Vec::new();
    for (number, block) in index.blocks.iter().enumerate() {
        let start = number.checked_mul(BLOCK_BYTES)?;
        let end = start.checked_add(usize::try_from(block.bytes).ok()?)?;
        let bytes = content.get(start..end)?;
        if sha256(bytes) != block.digest {
            return None;
        }
        rows.extend(parse_block(Zeroizing::new(bytes.to_vec())).ok()?);
    }
    Some(rows)
}
