//! Archives, well made and not.

use std::io::Write as _;

use sanduq::bundle::tar::TarWriter;

/// An archive as we write it.
pub(crate) fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = TarWriter::new(Vec::new());
    for (path, content) in files {
        writer.begin(path, content.len() as u64).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap()
}

/// A header with the usual fields, changed by `change`, under a right checksum.
pub(crate) fn header(path: &[u8], size: u64, change: impl FnOnce(&mut [u8])) -> Vec<u8> {
    let mut block = archive(&[("x", b"")])[..512].to_vec();
    block[0] = 0;
    block[..path.len()].copy_from_slice(path);
    block[124..135].copy_from_slice(format!("{size:011o}").as_bytes());
    change(&mut block);
    repair_checksum(&mut block);
    block
}

/// Makes the checksum of a header right.
pub(crate) fn repair_checksum(header: &mut [u8]) {
    header[148..156].fill(b' ');
    let sum: u32 = header[..512].iter().map(|byte| u32::from(*byte)).sum();
    header[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
}
