//! An exhibit's way in: read in order, hashed in order, sealed side by side, written in order.

use std::io::{self, Read};
use std::ops::ControlFlow;
use std::sync::Mutex;

use zeroize::Zeroize;

use super::line::{Line, PIECE_CHUNKS};
use super::{Shape, StoredExhibit};
use crate::crypto::{OBJECT_HEADER_BYTES, ObjectSealer, ObjectType, Sha256Stream, Stretch, random_key};
use crate::format::ObjectKey;
use crate::store::{NewObject, ObjectName, Store};
use crate::vault::error::VaultError;
use crate::vault::objects::name_of;

type Progress<'a> = dyn FnMut(u64) -> ControlFlow<()> + Send + 'a;

/// The ordered steps.
const HASH: usize = 0;
const WRITE: usize = 1;

/// Stores an exhibit cut as `shape` says.
pub(super) fn store(
    store: &dyn Store,
    source: &mut (dyn Read + Send),
    shape: Shape,
    progress: &mut Progress<'_>,
) -> Result<StoredExhibit, VaultError> {
    let cuts = Cuts { shape, keys: Vec::new(), sealer: None };
    let mut intake = Intake { source, progress, cuts, taken: 0, failed: false };
    let mut hash = Sha256Stream::default();
    let mut outlet = Outlet { store, object: None, published: Vec::new() };
    let done = flow(&mut intake, &mut hash, &mut outlet, shape).and_then(|()| intake.expect_end());
    if let Err(error) = done {
        outlet.take_back();
        return Err(error);
    }
    Ok(StoredExhibit { bytes: shape.bytes, sha256: hash.finish(), segments: intake.cuts.keys })
}

/// Moves all pieces from the source to the store.
fn flow(
    intake: &mut Intake<'_, '_>,
    hash: &mut Sha256Stream,
    outlet: &mut Outlet<'_>,
    shape: Shape,
) -> Result<(), VaultError> {
    const UNSHARED: &str = "a thread that panicked ends the others";
    let (intake, hash, outlet) = (Mutex::new(intake), Mutex::new(hash), Mutex::new(outlet));
    Line::run(shape.sealed_bytes(), |line, buffer| {
        loop {
            let taken = intake.lock().expect(UNSHARED).take(buffer)?;
            let Some((number, cut)) = taken else { return Ok(()) };
            let hashed = line.in_turn(HASH, number, || {
                let mut hash = hash.lock().expect(UNSHARED);
                cut.stretch.slots(buffer).for_each(|slot| hash.update(slot));
                Ok::<(), VaultError>(())
            })?;
            let Some(()) = hashed else { return Ok(()) };
            let (begin, bytes, ends) = (cut.begin, cut.stretch.sealed_bytes(), cut.stretch.is_last());
            cut.stretch.seal(buffer);
            let write = || outlet.lock().expect(UNSHARED).write(begin, &buffer[..bytes], ends);
            let Some(()) = line.in_turn(WRITE, number, write)? else { return Ok(()) };
        }
    })
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

impl Iterator for Cuts {
    type Item = Cut;

    fn next(&mut self) -> Option<Cut> {
        if let Some(stretch) = self.sealer.as_mut().and_then(|sealer| sealer.next_stretch(PIECE_CHUNKS)) {
            return Some(Cut { stretch, begin: None });
        }
        if self.keys.len() as u64 == self.shape.segments() {
            return None;
        }
        let key = random_key();
        let content = self.shape.content(self.keys.len() as u64);
        let sealer = self.sealer.insert(ObjectSealer::new(&key, ObjectType::Segment, content));
        let name = name_of(&key);
        self.keys.push(key);
        let begin = Some(Begin { name, total: sealer.total(), header: *sealer.header() });
        Some(Cut { stretch: sealer.next_stretch(PIECE_CHUNKS)?, begin })
    }
}

/// Reads and cuts.
struct Intake<'a, 'p> {
    source: &'a mut (dyn Read + Send),
    progress: &'a mut Progress<'p>,
    cuts: Cuts,
    /// Pieces taken so far.
    taken: u64,
    failed: bool,
}

impl Intake<'_, '_> {
    /// Reads the next piece; gives its number and what it is. Nothing more comes after an error.
    fn take(&mut self, buffer: &mut [u8]) -> Result<Option<(u64, Cut)>, VaultError> {
        if self.failed {
            return Ok(None);
        }
        let taken = self.try_take(buffer);
        self.failed = taken.is_err();
        taken
    }

    fn try_take(&mut self, buffer: &mut [u8]) -> Result<Option<(u64, Cut)>, VaultError> {
        let Some(cut) = self.cuts.next() else { return Ok(None) };
        let mut bytes = 0;
        for slot in cut.stretch.slots(buffer) {
            self.source.read_exact(slot).map_err(|error| VaultError::Source(shortened(error)))?;
            bytes += slot.len() as u64;
        }
        if (self.progress)(bytes).is_break() {
            return Err(VaultError::Cancelled);
        }
        let number = self.taken;
        self.taken += 1;
        Ok(Some((number, cut)))
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
    fn write(&mut self, begin: Option<Begin>, sealed: &[u8], ends: bool) -> Result<(), VaultError> {
        if let Some(begin) = begin {
            let mut object = self.store.create(begin.name, begin.total)?;
            object.write(&begin.header)?;
            self.object = Some((begin.name, object));
        }
        let (name, mut object) = self.object.take().expect("the first piece of an object begins it");
        object.write(sealed)?;
        if ends {
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
