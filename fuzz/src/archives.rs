//! Tar archives.

use std::io::{Read as _, Write as _};

use sanduq::bundle::tar::{Limits, TarWalker, TarWriter};

/// A path that any program unpacks inside the folder it was told.
///
/// # Panics
/// If it is none.
pub fn assert_stays_inside(path: &str) {
    assert!(!path.is_empty() && path.len() <= 100 && path.is_ascii());
    for component in path.split('/') {
        assert!(!matches!(component, "" | "." | ".."), "{path}");
        assert!(!component.starts_with('-') && !component.contains(['\\', ':', '\0']), "{path}");
    }
}

/// An archive that is accepted has one reading: what was read from it is written with the same bytes; all files stay
/// inside; contents left unread change nothing.
pub fn tar(bytes: &[u8]) {
    let limits = Limits { entries: 1_000, file_bytes: 1 << 20, total_bytes: 1 << 24 };
    let read = contents(bytes, limits);
    assert_eq!(read.is_some(), names(bytes, limits));
    let Some(files) = read else { return };
    let mut writer = TarWriter::new(Vec::new());
    for (path, content) in &files {
        assert_stays_inside(path);
        writer.begin(path, content.len() as u64).expect("a file that was read can be written");
        writer.write_all(content).expect("memory takes every write");
    }
    assert_eq!(writer.finish().ok().as_deref(), Some(bytes));
}

fn contents(bytes: &[u8], limits: Limits) -> Option<Vec<(String, Vec<u8>)>> {
    let mut walker = TarWalker::new(bytes, limits);
    let mut files = Vec::new();
    while let Some(mut entry) = walker.next_entry().ok()? {
        let (path, size) = (entry.path().as_str().to_owned(), entry.size());
        let mut content = Vec::new();
        entry.read_to_end(&mut content).ok()?;
        assert_eq!(content.len() as u64, size);
        files.push((path, content));
    }
    Some(files)
}

/// Walks without reading contents.
fn names(bytes: &[u8], limits: Limits) -> bool {
    let mut walker = TarWalker::new(bytes, limits);
    loop {
        match walker.next_entry() {
            Ok(Some(_)) => {}
            Ok(None) => return true,
            Err(_) => {
                assert!(walker.next_entry().is_err(), "goes on after a refusal");
                return false;
            }
        }
    }
}
