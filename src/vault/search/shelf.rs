//! The files of a search index: a list and segments, beside the identity file. docs/format.md section 9.

use std::path::{Path, PathBuf};

use serde_bytes::{ByteArray, ByteBuf};
use zeroize::Zeroizing;

use crate::crypto::{
    CHUNK_BYTES, OBJECT_HEADER_BYTES, ObjectOpener, ObjectType, random, random_key, seal_object,
};
use crate::format::{ObjectKey, SearchList, SearchSegment, encode};
use crate::record::VaultId;
use crate::search::{Broken, RULES, Ranges, Segment, Written};
use crate::store::{ObjectReader as _, StoreError, files};
use crate::vault::desk::read_sealed;
use crate::vault::error::{Item, VaultError};
use crate::vault::run::read_chunks;
use crate::vault::session::Desktop;

/// Where the index of a vault lies.
pub(super) struct Shelf {
    key: ObjectKey,
    list: PathBuf,
    vault: VaultId,
}

/// A segment and the row of the list that names it.
pub(super) struct Kept {
    pub(super) row: SearchSegment,
    pub(super) segment: Segment,
    /// Whether it is a file; else it is in memory alone.
    pub(super) is_file: bool,
}

impl Kept {
    /// The row, with the marks as they are now.
    pub(super) fn row(&self) -> SearchSegment {
        SearchSegment { gone: ByteBuf::from(self.segment.gone()), ..self.row.clone() }
    }
}

impl Shelf {
    pub(super) fn of(desktop: &Desktop, vault: VaultId) -> Self {
        let (key, name) = desktop.identity.search_key(&vault);
        let mut list = desktop.desk.path(&name).into_os_string();
        list.push(".search");
        Self { key, list: list.into(), vault }
    }

    /// The list; none when there is none, or it is not to be used.
    pub(super) fn list(&self) -> Result<Option<SearchList>, VaultError> {
        match read_sealed::<SearchList>(&self.list, &self.key, ObjectType::Search, &Item::Search) {
            Ok(list) => Ok(list.filter(|list| list.rules == RULES && list.vault == self.vault)),
            Err(VaultError::Damaged(..)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Opens the segments of a list; none when one of them cannot be used.
    pub(super) fn segments(&self, list: &SearchList) -> Option<Vec<Kept>> {
        list.segments.iter().map(|row| self.segment(row)).collect()
    }

    fn segment(&self, row: &SearchSegment) -> Option<Kept> {
        let sealed = Sealed::open(&self.path_of(row.file), &row.key).ok()?;
        let segment = Segment::open(Box::new(sealed), row.sections, row.documents, &row.gone).ok()?;
        Some(Kept { row: row.clone(), segment, is_file: true })
    }

    /// Keeps a segment, in memory where it cannot be written.
    pub(super) fn keep(&self, written: Written, may_write: bool) -> Result<Kept, VaultError> {
        let (key, file) = (random_key(), ByteArray::new(random()));
        let Written { content, sections, documents } = written;
        let len = usize::try_from(documents.div_ceil(8)).expect("a segment is small");
        let row = SearchSegment { file, key, documents, sections, gone: ByteBuf::from(vec![0; len]) };
        if may_write {
            let sealed = seal_object(&row.key, ObjectType::Search, &content);
            match files::create_new(&self.path_of(file), &sealed) {
                Ok(_) => {
                    return self
                        .segment(&row)
                        .ok_or(VaultError::damaged(Item::Search, crate::vault::Damage::Other));
                }
                Err(StoreError::AlreadyExists { place }) => {
                    return Err(StoreError::AlreadyExists { place }.into());
                }
                Err(_) => {}
            }
        }
        let segment = Segment::open(Box::new(content), row.sections, row.documents, &row.gone);
        let segment = segment.map_err(|_| VaultError::damaged(Item::Search, crate::vault::Damage::Other))?;
        Ok(Kept { row, segment, is_file: false })
    }

    /// Puts a list in the place of the one before, and removes the files it does not name.
    pub(super) fn publish(&self, list: &SearchList) -> Result<(), VaultError> {
        let content = Zeroizing::new(encode(list));
        files::replace(&self.list, &seal_object(&self.key, ObjectType::Search, &content))?;
        let named: Vec<PathBuf> = list.segments.iter().map(|row| self.path_of(row.file)).collect();
        let (Some(folder), Some(name)) =
            (self.list.parent(), self.list.file_name().and_then(|name| name.to_str()))
        else {
            return Ok(());
        };
        for path in files::beginning(folder, &format!("{name}-"))? {
            if !named.contains(&path) {
                files::remove(&path)?;
            }
        }
        Ok(())
    }

    fn path_of(&self, file: ByteArray<8>) -> PathBuf {
        let mut path = self.list.clone().into_os_string();
        path.push("-");
        path.push(file.iter().map(|byte| format!("{byte:02x}")).collect::<String>());
        path.into()
    }
}

/// A sealed file that is opened chunk by chunk.
struct Sealed {
    file: files::OpenFile,
    opener: ObjectOpener,
}

impl Sealed {
    fn open(path: &Path, key: &ObjectKey) -> Result<Self, Broken> {
        let file = files::open(path).map_err(|_| Broken)?;
        let mut header = [0; OBJECT_HEADER_BYTES];
        file.read_at(0, &mut header).map_err(|_| Broken)?;
        let opener = ObjectOpener::new(key, ObjectType::Search, &header, file.size()).map_err(|_| Broken)?;
        Ok(Self { file, opener })
    }
}

impl Ranges for Sealed {
    fn read(&self, start: u64, length: usize) -> Result<Zeroizing<Vec<u8>>, Broken> {
        if length == 0 {
            return Ok(Zeroizing::default());
        }
        let end =
            start.checked_add(length as u64).filter(|end| *end <= self.opener.plaintext()).ok_or(Broken)?;
        let chunk = CHUNK_BYTES as u64;
        let chunks = start / chunk..end.div_ceil(chunk);
        let mut bytes = read_chunks(&self.file, &self.opener, chunks).map_err(|_| Broken)?;
        let skipped = usize::try_from(start % chunk).map_err(|_| Broken)?;
        bytes.copy_within(skipped..skipped + length, 0);
        bytes.truncate(length);
        Ok(bytes)
    }
}
