//! An exhibit's way out: read and opened side by side, hashed in order, handed on in order.

use std::io;
use std::sync::{Arc, Mutex};

use super::line::{Line, PIECE_CHUNKS};
use super::{Failure, Shape};
use crate::crypto::padme::sealed_size;
use crate::crypto::{OBJECT_HEADER_BYTES, ObjectOpener, ObjectType, OpenError, Sha256Stream};
use crate::format::{Exhibit, ObjectKey};
use crate::store::{ObjectReader, Store};
use crate::vault::error::Damage;
use crate::vault::objects::name_of;

type Sink<'a> = dyn FnMut(&[u8]) -> io::Result<()> + Send + 'a;

/// The ordered steps.
const HASH: usize = 0;
const HAND_ON: usize = 1;

/// Reads an exhibit that is cut as `shape` says.
pub(super) fn read(
    store: &dyn Store,
    exhibit: &Exhibit,
    shape: Shape,
    sink: &mut Sink<'_>,
) -> Result<(), Failure> {
    if exhibit.segments.len() as u64 != shape.segments() {
        return Err(Damage::Other.into());
    }
    let mut hash = Sha256Stream::default();
    let spans = Spans { store, keys: &exhibit.segments, shape, segment: None, begun: 0, next: 0 };
    flow(spans, &mut hash, sink)?;
    if hash.finish() == exhibit.sha256 { Ok(()) } else { Err(Damage::Other.into()) }
}

/// Moves all pieces from the store to the sink.
fn flow(spans: Spans<'_>, hash: &mut Sha256Stream, sink: &mut Sink<'_>) -> Result<(), Failure> {
    const UNSHARED: &str = "a thread that panicked ends the others";
    let bytes = spans.shape.sealed_bytes();
    let (spans, hash, sink) = (Mutex::new((0..).zip(spans)), Mutex::new(hash), Mutex::new(sink));
    Line::run(bytes, |line, buffer| {
        loop {
            let Some((number, span)) = spans.lock().expect(UNSHARED).next() else { return Ok(()) };
            let span = span?;
            span.open(buffer)?;
            let hashed = line.in_turn(HASH, number, || {
                let mut hash = hash.lock().expect(UNSHARED);
                span.content(buffer).for_each(|piece| hash.update(piece));
                Ok::<(), Failure>(())
            })?;
            let Some(()) = hashed else { return Ok(()) };
            let handed_on = line.in_turn(HAND_ON, number, || {
                let mut sink = sink.lock().expect(UNSHARED);
                span.content(buffer).try_for_each(&mut **sink).map_err(Failure::Sink)
            })?;
            let Some(()) = handed_on else { return Ok(()) };
        }
    })
}

/// A segment of the exhibit, found and of the right size.
struct Segment {
    object: Box<dyn ObjectReader>,
    opener: ObjectOpener,
    content: u64,
}

impl Segment {
    fn open(store: &dyn Store, key: &ObjectKey, content: u64) -> Result<Self, Damage> {
        let object = store.open(name_of(key))?;
        if object.size() != sealed_size(content) {
            return Err(OpenError::Corrupt.into());
        }
        let mut header = [0; OBJECT_HEADER_BYTES];
        object.read_at(0, &mut header)?;
        let opener = ObjectOpener::new(key, ObjectType::Segment, &header, object.size())?;
        Ok(Self { object, opener, content })
    }
}

/// The stretches of all segments, in order. Segments are opened as their turn comes.
struct Spans<'a> {
    store: &'a dyn Store,
    keys: &'a [ObjectKey],
    shape: Shape,
    segment: Option<Arc<Segment>>,
    /// Segments opened so far.
    begun: usize,
    /// The next chunk of the segment at hand.
    next: u64,
}

impl Iterator for Spans<'_> {
    type Item = Result<Span, Damage>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(segment) = self.segment.as_ref().filter(|segment| self.next < segment.opener.chunks()) {
            let span = Span::new(segment, self.next);
            self.next += PIECE_CHUNKS;
            return Some(Ok(span));
        }
        let key = self.keys.get(self.begun)?;
        match Segment::open(self.store, key, self.shape.content(self.begun as u64)) {
            Ok(segment) => {
                self.begun += 1;
                self.next = PIECE_CHUNKS;
                let segment = self.segment.insert(Arc::new(segment));
                Some(Ok(Span::new(segment, 0)))
            }
            Err(damage) => Some(Err(damage)),
        }
    }
}

/// Consecutive chunks of a segment that are still to be read.
struct Span {
    segment: Arc<Segment>,
    first: u64,
    offset: u64,
    bytes: usize,
}

impl Span {
    fn new(segment: &Arc<Segment>, first: u64) -> Self {
        let opener = &segment.opener;
        let last = (first + PIECE_CHUNKS).min(opener.chunks());
        let bytes = (first..last).map(|index| opener.range(index).1).sum();
        Self { segment: Arc::clone(segment), first, offset: opener.range(first).0, bytes }
    }

    /// Reads, opens and checks the chunks.
    fn open(&self, buffer: &mut [u8]) -> Result<(), Damage> {
        let sealed = &mut buffer[..self.bytes];
        self.segment.object.read_at(self.offset, sealed)?;
        Ok(self.segment.opener.open_stretch(self.first, self.segment.content, sealed)?)
    }

    /// The content in the opened chunks.
    fn content<'b>(&self, opened: &'b [u8]) -> impl Iterator<Item = &'b [u8]> {
        self.segment.opener.content_in(self.first, self.segment.content, &opened[..self.bytes])
    }
}
