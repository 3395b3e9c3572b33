//! An exhibit's way in: one thread reads and hashes, several seal, one writes in order.

use std::io::{self, Read};
use std::ops::ControlFlow;
use std::panic::resume_unwind;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, Scope};

use zeroize::Zeroize;

use super::buffers::{Buffer, Pool, STRETCH_CHUNKS, buffer, workers};
use super::{Shape, StoredExhibit};
use crate::crypto::{OBJECT_HEADER_BYTES, ObjectSealer, ObjectType, Sha256Stream, Stretch, random_key};
use crate::format::ObjectKey;
use crate::store::{NewObject, ObjectName, Store};
use crate::vault::error::VaultError;
use crate::vault::objects::name_of;

type Progress<'a> = dyn FnMut(u64) -> ControlFlow<()> + Send + 'a;

/// Stores an exhibit cut as `shape` says.
pub(super) fn store(
    store: &dyn Store,
    source: &mut (dyn Read + Send),
    shape: Shape,
    progress: &mut Progress<'_>,
) -> Result<StoredExhibit, VaultError> {
    let mut intake = Intake { source, progress, hash: Sha256Stream::default() };
    let mut outlet = Outlet { store, object: None, published: Vec::new() };
    let mut cuts = Cuts::new(shape);
    let done = flow(&mut intake, &mut outlet, &mut cuts).and_then(|()| intake.expect_end());
    if let Err(error) = done {
        outlet.take_back();
        return Err(error);
    }
    Ok(StoredExhibit { bytes: shape.bytes, sha256: intake.hash.finish(), segments: cuts.keys })
}

/// Moves all stretches from the source to the store.
fn flow(intake: &mut Intake<'_, '_>, outlet: &mut Outlet<'_>, cuts: &mut Cuts) -> Result<(), VaultError> {
    let Some(first) = cuts.next() else { return Ok(()) };
    if first.stretch.is_last() && cuts.is_done() {
        // Threads would cost more than they save.
        let room = buffer(first.stretch.sealed_bytes());
        return outlet.write(&intake.fill(first, room)?.seal());
    }
    thread::scope(|scope| {
        let (lanes, sealed): (Vec<_>, Vec<_>) = (0..workers()).map(|_| sealing_lane(scope)).unzip();
        let (give_back, back) = channel();
        let writer = scope.spawn(move || write_all(outlet, &sealed, &give_back));
        let fed = feed(intake, std::iter::once(first).chain(cuts), &lanes, Pool::new(back));
        drop(lanes);
        // A writer that failed makes feeding end early and without an error.
        writer.join().unwrap_or_else(|panic| resume_unwind(panic)).and(fed)
    })
}

/// Fills buffer after buffer and deals them out to the sealing threads in turn.
fn feed(
    intake: &mut Intake<'_, '_>,
    cuts: impl Iterator<Item = Cut>,
    lanes: &[Sender<Piece>],
    mut pool: Pool,
) -> Result<(), VaultError> {
    for (cut, lane) in cuts.zip(lanes.iter().cycle()) {
        let Some(room) = pool.take() else { break };
        if lane.send(intake.fill(cut, room)?).is_err() {
            break;
        }
    }
    Ok(())
}

/// Starts a thread that seals what it is sent.
fn sealing_lane<'scope>(scope: &'scope Scope<'scope, '_>) -> (Sender<Piece>, Receiver<Sealed>) {
    let (pieces_in, pieces) = channel::<Piece>();
    let (sealed_in, sealed) = channel();
    scope.spawn(move || {
        for piece in pieces {
            if sealed_in.send(piece.seal()).is_err() {
                break;
            }
        }
    });
    (pieces_in, sealed)
}

/// Takes from the sealing threads in the turn in which they were dealt to, so that the order stays.
fn write_all(
    outlet: &mut Outlet<'_>,
    lanes: &[Receiver<Sealed>],
    give_back: &Sender<Buffer>,
) -> Result<(), VaultError> {
    for lane in lanes.iter().cycle() {
        let Ok(sealed) = lane.recv() else { break };
        outlet.write(&sealed)?;
        // Nobody waits for a buffer any more when all was read.
        give_back.send(sealed.buffer).unwrap_or(());
    }
    Ok(())
}

/// The stretches of all segments, in order, under fresh keys.
struct Cuts {
    shape: Shape,
    keys: Vec<ObjectKey>,
    sealer: Option<ObjectSealer>,
}

/// A stretch, and what stands before it when an object begins with it.
struct Cut {
    stretch: Stretch,
    begin: Option<Begin>,
}

struct Begin {
    name: ObjectName,
    total: u64,
    header: [u8; OBJECT_HEADER_BYTES],
}

impl Cuts {
    fn new(shape: Shape) -> Self {
        Self { shape, keys: Vec::new(), sealer: None }
    }

    /// Whether no segment is left to begin.
    fn is_done(&self) -> bool {
        self.keys.len() as u64 == self.shape.segments()
    }
}

impl Iterator for Cuts {
    type Item = Cut;

    fn next(&mut self) -> Option<Cut> {
        if let Some(stretch) = self.sealer.as_mut().and_then(|sealer| sealer.next_stretch(STRETCH_CHUNKS)) {
            return Some(Cut { stretch, begin: None });
        }
        if self.is_done() {
            return None;
        }
        let key = random_key();
        let content = self.shape.content(self.keys.len() as u64);
        let sealer = self.sealer.insert(ObjectSealer::new(&key, ObjectType::Segment, content));
        let name = name_of(&key);
        self.keys.push(key);
        let begin = Some(Begin { name, total: sealer.total(), header: *sealer.header() });
        Some(Cut { stretch: sealer.next_stretch(STRETCH_CHUNKS)?, begin })
    }
}

/// A stretch in its buffer.
struct Piece {
    cut: Cut,
    buffer: Buffer,
}

impl Piece {
    fn seal(mut self) -> Sealed {
        let (bytes, is_last) = (self.cut.stretch.sealed_bytes(), self.cut.stretch.is_last());
        self.cut.stretch.seal(&mut self.buffer);
        Sealed { begin: self.cut.begin, bytes, is_last, buffer: self.buffer }
    }
}

/// A sealed stretch.
struct Sealed {
    begin: Option<Begin>,
    bytes: usize,
    is_last: bool,
    buffer: Buffer,
}

/// Reads and hashes.
struct Intake<'a, 'p> {
    source: &'a mut (dyn Read + Send),
    progress: &'a mut Progress<'p>,
    hash: Sha256Stream,
}

impl Intake<'_, '_> {
    fn fill(&mut self, cut: Cut, mut buffer: Buffer) -> Result<Piece, VaultError> {
        let mut taken = 0;
        for slot in cut.stretch.slots(&mut buffer) {
            self.source.read_exact(slot).map_err(|error| VaultError::Source(shortened(error)))?;
            self.hash.update(slot);
            taken += slot.len() as u64;
        }
        match (self.progress)(taken) {
            ControlFlow::Continue(()) => Ok(Piece { cut, buffer }),
            ControlFlow::Break(()) => Err(VaultError::Cancelled),
        }
    }

    /// Checks that the source has nothing left.
    fn expect_end(&mut self) -> Result<(), VaultError> {
        let mut one = [0];
        match self.source.read_exact(&mut one) {
            Ok(()) => {
                one.zeroize();
                let grew = io::Error::new(io::ErrorKind::InvalidData, "it became longer while it was read");
                Err(VaultError::Source(grew))
            }
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(()),
            Err(error) => Err(VaultError::Source(error)),
        }
    }
}

fn shortened(error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => io::Error::new(error.kind(), "it became shorter while it was read"),
        _ => error,
    }
}

/// Writes objects in order, and remembers them so that they can be taken back.
struct Outlet<'a> {
    store: &'a dyn Store,
    object: Option<(ObjectName, Box<dyn NewObject + 'a>)>,
    published: Vec<ObjectName>,
}

impl Outlet<'_> {
    fn write(&mut self, sealed: &Sealed) -> Result<(), VaultError> {
        if let Some(begin) = &sealed.begin {
            let mut object = self.store.create(begin.name, begin.total)?;
            object.write(&begin.header)?;
            self.object = Some((begin.name, object));
        }
        let (name, mut object) = self.object.take().expect("the first stretch of an object begins it");
        object.write(&sealed.buffer[..sealed.bytes])?;
        if sealed.is_last {
            object.publish()?;
            self.published.push(name);
        } else {
            self.object = Some((name, object));
        }
        Ok(())
    }

    /// Deletes what was published: nobody else knows these names yet.
    fn take_back(&self) {
        for name in &self.published {
            // What cannot be deleted stays as an unknown object, which `check` counts.
            self.store.delete(*name).unwrap_or(());
        }
    }
}
