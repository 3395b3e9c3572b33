//! A segment: documents, the sorted words in them, and where each word stands. docs/format.md section 9.

use zeroize::Zeroizing;

use super::Broken;
use super::lists::{push_number, take, take_number};

/// Bytes of a block of words after which the next begins.
const BLOCK_BYTES: usize = 8 << 10;
/// Longest key, in bytes.
const MAX_KEY_BYTES: usize = 1024;
/// Bytes of a document's row.
const ROW_BYTES: usize = 81;
/// First byte of the key of a sound; no word begins with it.
pub(super) const SOUND: u8 = 2;

/// What a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A revision of a part.
    Revision,
    /// A title.
    Title,
}

/// A document, as the vault knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Document {
    /// The case.
    pub case: [u8; 16],
    /// Who gave it: the owner in their own vault.
    pub giver: [u8; 32],
    /// What it is.
    pub kind: Kind,
    /// The revision, or the fact of the title and zeros.
    pub id: [u8; 32],
}

impl Document {
    fn row(&self) -> [u8; ROW_BYTES] {
        let mut row = [0; ROW_BYTES];
        row[..16].copy_from_slice(&self.case);
        row[16..48].copy_from_slice(&self.giver);
        row[48] = u8::from(self.kind == Kind::Title);
        row[49..].copy_from_slice(&self.id);
        row
    }

    fn read(row: &[u8]) -> Result<Self, Broken> {
        let mut rest = row;
        let case = take(&mut rest, 16)?.try_into().map_err(|_| Broken)?;
        let giver = take(&mut rest, 32)?.try_into().map_err(|_| Broken)?;
        let kind = match take(&mut rest, 1)? {
            [0] => Kind::Revision,
            [1] => Kind::Title,
            _ => return Err(Broken),
        };
        let id = rest.try_into().map_err(|_| Broken)?;
        Ok(Self { case, giver, kind, id })
    }
}

/// The bytes of a segment, read in pieces.
pub trait Ranges: Send + Sync {
    /// So many bytes from an offset on, or [`Broken`] where they cannot be had.
    fn read(&self, start: u64, length: usize) -> Result<Zeroizing<Vec<u8>>, Broken>;
}

impl Ranges for Zeroizing<Vec<u8>> {
    fn read(&self, start: u64, length: usize) -> Result<Zeroizing<Vec<u8>>, Broken> {
        let start = usize::try_from(start).map_err(|_| Broken)?;
        let end = start.checked_add(length).ok_or(Broken)?;
        Ok(Self::new(self.get(start..end).ok_or(Broken)?.to_vec()))
    }
}

/// A segment as it is to be kept.
pub struct Written {
    /// All sections.
    pub content: Zeroizing<Vec<u8>>,
    /// The length of each.
    pub sections: [u64; 5],
    /// How many documents are in it.
    pub documents: u64,
}

/// A segment that is being written: words in the order of their keys, then the documents.
#[derive(Default)]
pub(super) struct Writer {
    places: Vec<u8>,
    words: Vec<u8>,
    blocks: Vec<u8>,
    block: usize,
    before: Vec<u8>,
}

impl Writer {
    /// Adds a word and its list.
    pub(super) fn push(&mut self, key: &[u8], list: &[u8]) {
        if self.blocks.is_empty() || self.words.len() - self.block >= BLOCK_BYTES {
            self.block = self.words.len();
            self.before.clear();
            let offset = |at: usize| u32::try_from(at).expect("segments are far below 4 GiB").to_be_bytes();
            self.blocks.extend(offset(self.words.len()));
            self.blocks.extend(offset(self.places.len()));
            self.blocks.extend(u16::try_from(key.len()).expect("keys are short").to_be_bytes());
            self.blocks.extend(key);
        }
        let shared = key.iter().zip(&self.before).take_while(|(a, b)| a == b).count();
        for number in [shared, key.len() - shared] {
            push_number(&mut self.words, number as u64);
        }
        self.words.extend(&key[shared..]);
        push_number(&mut self.words, list.len() as u64);
        self.places.extend(list);
        self.before.clear();
        self.before.extend(key);
    }

    /// The whole segment.
    pub(super) fn finish(self, documents: &[(Document, u64)]) -> Written {
        let times: Vec<u8> = documents.iter().flat_map(|(_, time)| time.to_be_bytes()).collect();
        let rows: Vec<u8> = documents.iter().flat_map(|(document, _)| document.row()).collect();
        let sections = [&self.places, &self.words, &self.blocks, &times, &rows];
        Written {
            content: Zeroizing::new(sections.map(Vec::as_slice).concat()),
            sections: sections.map(|section| section.len() as u64),
            documents: documents.len() as u64,
        }
    }
}

/// A block of words.
struct Block {
    words: u32,
    places: u32,
    first: Vec<u8>,
}

/// A segment that was opened.
pub struct Segment {
    ranges: Box<dyn Ranges>,
    sections: [u64; 5],
    blocks: Vec<Block>,
    gone: Vec<u8>,
}

/// Words that begin alike, and their lists.
pub(super) struct Found {
    words: Vec<(Vec<u8>, std::ops::Range<usize>)>,
    places: Zeroizing<Vec<u8>>,
}

impl Found {
    /// Each word with its list.
    pub(super) fn words(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.words.iter().map(|(key, range)| (key.as_slice(), &self.places[range.clone()]))
    }
}

impl Segment {
    /// Opens a segment of so many documents; `gone` is a bit for each.
    pub fn open(
        ranges: Box<dyn Ranges>,
        sections: [u64; 5],
        documents: u64,
        gone: &[u8],
    ) -> Result<Self, Broken> {
        let fits = documents < u64::from(u32::MAX)
            && sections[3] == documents * 8
            && sections[4] == documents * ROW_BYTES as u64
            && sections[..3].iter().all(|section| *section <= u64::from(u32::MAX))
            && gone.len() as u64 == documents.div_ceil(8);
        if !fits {
            return Err(Broken);
        }
        let mut segment = Self { ranges, sections, blocks: Vec::new(), gone: gone.to_vec() };
        let listed = segment.section(2)?;
        let mut rest = listed.as_slice();
        while !rest.is_empty() {
            let words = u32::from_be_bytes(take(&mut rest, 4)?.try_into().map_err(|_| Broken)?);
            let places = u32::from_be_bytes(take(&mut rest, 4)?.try_into().map_err(|_| Broken)?);
            let length = u16::from_be_bytes(take(&mut rest, 2)?.try_into().map_err(|_| Broken)?);
            let first = take(&mut rest, usize::from(length))?.to_vec();
            segment.blocks.push(Block { words, places, first });
        }
        let starts = |at: fn(&Block) -> u32, end: u64| {
            segment.blocks.is_sorted_by_key(at)
                && segment.blocks.last().is_none_or(|last| u64::from(at(last)) <= end)
        };
        match starts(|block| block.words, sections[1]) && starts(|block| block.places, sections[0]) {
            true => Ok(segment),
            false => Err(Broken),
        }
    }

    /// How many documents are in it, those that are gone too.
    pub fn documents(&self) -> u32 {
        u32::try_from(self.sections[3] / 8).expect("checked when it was opened")
    }

    /// Whether a document is not to be found any more.
    pub fn is_gone(&self, document: u32) -> bool {
        let byte = self.gone.get(document as usize / 8).copied().unwrap_or(u8::MAX);
        byte & (1 << (document % 8)) != 0
    }

    /// Marks a document as not to be found any more.
    pub fn mark_gone(&mut self, document: u32) {
        if let Some(byte) = self.gone.get_mut(document as usize / 8) {
            *byte |= 1 << (document % 8);
        }
    }

    /// The marks of all documents.
    pub fn gone(&self) -> &[u8] {
        &self.gone
    }

    /// How many documents are not to be found any more.
    pub fn gone_count(&self) -> u32 {
        (0..self.documents()).filter(|document| self.is_gone(*document)).count() as u32
    }

    /// Bytes of all sections.
    pub fn bytes(&self) -> u64 {
        self.sections.iter().sum()
    }

    /// The time of each document.
    pub(super) fn times(&self) -> Result<Vec<u64>, Broken> {
        let bytes = self.section(3)?;
        Ok(bytes.as_chunks::<8>().0.iter().map(|time| u64::from_be_bytes(*time)).collect())
    }

    /// What a document is.
    pub fn document(&self, document: u32) -> Result<Document, Broken> {
        if document >= self.documents() {
            return Err(Broken);
        }
        let start = self.start(4) + u64::from(document) * ROW_BYTES as u64;
        Document::read(&self.ranges.read(start, ROW_BYTES)?)
    }

    /// What all documents are.
    pub fn all_documents(&self) -> Result<Vec<Document>, Broken> {
        self.section(4)?.chunks(ROW_BYTES).map(Document::read).collect()
    }

    /// The words whose keys begin with `prefix`, with their lists.
    pub(super) fn words_with(&self, prefix: &[u8]) -> Result<Found, Broken> {
        let from = self.blocks.partition_point(|block| block.first.as_slice() <= prefix).saturating_sub(1);
        let beyond = |block: &Block| block.first.as_slice() > prefix && !block.first.starts_with(prefix);
        let to = from + self.blocks[from..].partition_point(|block| !beyond(block));
        self.words_in(from..to, prefix)
    }

    /// All words.
    pub(super) fn all_words(&self) -> Result<Found, Broken> {
        self.words_in(0..self.blocks.len(), b"")
    }

    fn words_in(&self, blocks: std::ops::Range<usize>, prefix: &[u8]) -> Result<Found, Broken> {
        let mut words = Vec::new();
        let Some(first) = self.blocks.get(blocks.start).filter(|_| !blocks.is_empty()) else {
            return Ok(Found { words, places: Zeroizing::default() });
        };
        let end = self.blocks.get(blocks.end).map_or(self.sections[1], |block| u64::from(block.words));
        let length = usize::try_from(end - u64::from(first.words)).map_err(|_| Broken)?;
        let read = self.ranges.read(self.start(1) + u64::from(first.words), length)?;
        for at in blocks {
            let block = &self.blocks[at];
            let start = (block.words - first.words) as usize;
            let end = self.blocks.get(at + 1).map_or(read.len(), |next| (next.words - first.words) as usize);
            let bytes = read.get(start..end.min(read.len())).ok_or(Broken)?;
            self.words_of_block(bytes, block, prefix, &mut words)?;
        }
        let (Some(first), Some(last)) = (words.first(), words.last()) else {
            return Ok(Found { words, places: Zeroizing::default() });
        };
        // Words side by side have lists side by side: one reading for all.
        let (start, end) = (first.1.start, last.1.end);
        if end as u64 > self.sections[0] {
            return Err(Broken);
        }
        let places = self.ranges.read(start as u64, end.checked_sub(start).ok_or(Broken)?)?;
        for (_, range) in &mut words {
            *range = range.start.checked_sub(start).ok_or(Broken)?..range.end - start;
        }
        Ok(Found { words, places })
    }

    fn words_of_block(
        &self,
        mut bytes: &[u8],
        block: &Block,
        prefix: &[u8],
        words: &mut Vec<(Vec<u8>, std::ops::Range<usize>)>,
    ) -> Result<(), Broken> {
        let mut key: Vec<u8> = Vec::new();
        let mut at = block.places as usize;
        while !bytes.is_empty() {
            let shared = take_number(&mut bytes)? as usize;
            let length = take_number(&mut bytes)? as usize;
            if shared > key.len() || shared + length > MAX_KEY_BYTES {
                return Err(Broken);
            }
            key.truncate(shared);
            key.extend(take(&mut bytes, length)?);
            let end = at.checked_add(take_number(&mut bytes)? as usize).ok_or(Broken)?;
            if key.starts_with(prefix) {
                words.push((key.clone(), at..end));
            }
            at = end;
        }
        Ok(())
    }

    fn start(&self, section: usize) -> u64 {
        self.sections[..section].iter().sum()
    }

    fn section(&self, section: usize) -> Result<Zeroizing<Vec<u8>>, Broken> {
        let length = usize::try_from(self.sections[section]).map_err(|_| Broken)?;
        self.ranges.read(self.start(section), length)
    }
}
