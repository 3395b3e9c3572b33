//! An exhibit's way out: several threads read and open, one hashes and hands on in order.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, Scope};

use super::buffers::{BUFFERS, Buffer, STRETCH_CHUNKS, buffer, workers};
use super::{Failure, Shape};
use crate::crypto::padme::sealed_size;
use crate::crypto::{OBJECT_HEADER_BYTES, ObjectOpener, ObjectType, OpenError, Sha256Stream};
use crate::format::{Exhibit, ObjectKey};
use crate::store::{ObjectReader, Store};
use crate::vault::error::Damage;
use crate::vault::objects::name_of;

type Sink<'a> = dyn FnMut(&[u8]) -> io::Result<()> + Send + 'a;

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
    let mut outlet = Outlet { hash: Sha256Stream::default(), sink };
    let spans = Spans { store, keys: &exhibit.segments, shape, segment: None, begun: 0, next: 0 };
    flow(spans, &mut outlet)?;
    if outlet.hash.finish() == exhibit.sha256 { Ok(()) } else { Err(Damage::Other.into()) }
}

/// Moves all stretches from the store to the sink.
fn flow(mut spans: Spans<'_>, outlet: &mut Outlet<'_, '_>) -> Result<(), Failure> {
    let Some(first) = spans.next().transpose()? else { return Ok(()) };
    if spans.is_done() {
        // Threads would cost more than they save.
        let room = buffer(first.bytes);
        return outlet.take(&first.open(room)?).map_err(Failure::Sink);
    }
    thread::scope(|scope| {
        let (jobs, opened): (Vec<_>, Vec<_>) = (0..workers()).map(|_| opening_lane(scope)).unzip();
        let mut jobs = std::iter::once(Ok(first)).chain(spans).zip(jobs.iter().cycle());
        let mut deal = |room: Buffer| -> Result<bool, Damage> {
            let Some((span, lane)) = jobs.next() else { return Ok(false) };
            Ok(lane.send((span?, room)).is_ok())
        };
        let mut under_way = 0;
        while under_way < BUFFERS && deal(buffer(usize::MAX))? {
            under_way += 1;
        }
        // From the lanes in the turn in which they were dealt to, so that the order stays.
        for lane in opened.iter().cycle() {
            if under_way == 0 {
                break;
            }
            let opened = lane.recv().expect("a lane answers every job")?;
            outlet.take(&opened).map_err(Failure::Sink)?;
            under_way -= usize::from(!deal(opened.buffer)?);
        }
        Ok(())
    })
}

type Job = (Span, Buffer);

/// Starts a thread that reads and opens what it is told to.
fn opening_lane<'scope>(scope: &'scope Scope<'scope, '_>) -> (Sender<Job>, Receiver<Result<Opened, Damage>>) {
    let (jobs_in, jobs) = channel::<Job>();
    let (opened_in, opened) = channel();
    scope.spawn(move || {
        for (span, room) in jobs {
            if opened_in.send(span.open(room)).is_err() {
                break;
            }
        }
    });
    (jobs_in, opened)
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

impl Spans<'_> {
    fn is_done(&self) -> bool {
        let rest = self.segment.as_ref().is_some_and(|segment| self.next < segment.opener.chunks());
        !rest && self.begun == self.keys.len()
    }
}

impl Iterator for Spans<'_> {
    type Item = Result<Span, Damage>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(segment) = self.segment.as_ref().filter(|segment| self.next < segment.opener.chunks()) {
            let span = Span::new(segment, self.next);
            self.next += STRETCH_CHUNKS;
            return Some(Ok(span));
        }
        let key = self.keys.get(self.begun)?;
        match Segment::open(self.store, key, self.shape.content(self.begun as u64)) {
            Ok(segment) => {
                self.begun += 1;
                self.next = STRETCH_CHUNKS;
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
        let last = (first + STRETCH_CHUNKS).min(opener.chunks());
        let bytes = (first..last).map(|index| opener.range(index).1).sum();
        Self { segment: Arc::clone(segment), first, offset: opener.range(first).0, bytes }
    }

    fn open(self, mut buffer: Buffer) -> Result<Opened, Damage> {
        let sealed = &mut buffer[..self.bytes];
        self.segment.object.read_at(self.offset, sealed)?;
        self.segment.opener.open_stretch(self.first, self.segment.content, sealed)?;
        Ok(Opened { span: self, buffer })
    }
}

/// Chunks that were opened and checked.
struct Opened {
    span: Span,
    buffer: Buffer,
}

/// Hashes and hands on.
struct Outlet<'a, 's> {
    hash: Sha256Stream,
    sink: &'a mut Sink<'s>,
}

impl Outlet<'_, '_> {
    fn take(&mut self, opened: &Opened) -> io::Result<()> {
        let Opened { span: Span { segment, first, bytes, .. }, buffer } = opened;
        for piece in segment.opener.content_in(*first, segment.content, &buffer[..*bytes]) {
            self.hash.update(piece);
            (self.sink)(piece)?;
        }
        Ok(())
    }
}
