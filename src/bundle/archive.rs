//! Puts planned files into the archive; exhibits are streamed, spread over their pieces and checked on the way.

use std::io::{self, Write};

use super::BundleError;
use super::error::ExhibitFault;
use super::layout::part_content;
use super::parcel::ExhibitSource;
use super::pipe::Feed;
use super::plan::{Content, Piece, Planned};
use super::tar::TarWriter;
use crate::format::render_part;

static ZEROS: [u8; 65536] = [0; 65536];

/// The archive while it is written.
pub(super) struct Archive<'a, 'f> {
    pub(super) tar: TarWriter<&'f mut Feed>,
    pub(super) folder: String,
    pub(super) exhibits: &'a dyn ExhibitSource,
    pub(super) progress: &'a mut (dyn FnMut(u64) + Send),
}

impl Archive<'_, '_> {
    /// Puts every file in, in this order.
    pub(super) fn put_all(&mut self, plan: &[Planned<'_>]) -> Result<(), BundleError> {
        for (at, file) in plan.iter().enumerate() {
            match &file.content {
                Content::Piece(piece) if piece.number > 0 => continue,
                Content::Piece(piece) => {
                    let files: Vec<&Planned<'_>> = plan.iter().skip(at).take(piece.of).collect();
                    self.put_exhibit(piece, &files)?;
                }
                Content::Bytes(bytes) => self.put(file, bytes)?,
                Content::Part(part, number) => {
                    let rendered = render_part(&part_content(&part.core, part.revision));
                    let bytes = rendered.get(*number).map(|file| file.bytes.as_slice());
                    self.put(file, bytes.unwrap_or_default())?;
                }
                Content::Zeros => {
                    self.begin(file)?;
                    zeros(file.bytes, |piece| self.tar.write_all(piece)).map_err(BundleError::Write)?;
                }
            }
        }
        Ok(())
    }

    fn begin(&mut self, file: &Planned<'_>) -> Result<(), BundleError> {
        Ok(self.tar.begin(&format!("{}/{}", self.folder, file.path), file.bytes)?)
    }

    fn put(&mut self, file: &Planned<'_>, bytes: &[u8]) -> Result<(), BundleError> {
        self.begin(file)?;
        self.tar.write_all(bytes).map_err(BundleError::Write)
    }

    /// Streams an exhibit into its files and checks that it is still the file that was attached.
    fn put_exhibit(&mut self, piece: &Piece<'_>, files: &[&Planned<'_>]) -> Result<(), BundleError> {
        let source = self.exhibits;
        let mut taker = Taker { archive: self, files, room: 0, stopped: None };
        taker.next_file()?;
        let read = source.read(piece.exhibit, &mut |bytes| taker.take(bytes));
        let Taker { files, room, stopped, .. } = taker;
        let digest = match (stopped, read) {
            (Some(Stop::TooLong), _) => return Err(piece.error(ExhibitFault::Differs)),
            (Some(Stop::Failed(error)), _) => return Err(error),
            (None, Err(cause)) => return Err(piece.error(ExhibitFault::Source(cause))),
            (None, Ok(digest)) => digest,
        };
        if room > 0 || !files.is_empty() || digest != piece.exhibit.sha256 {
            return Err(piece.error(ExhibitFault::Differs));
        }
        Ok(())
    }
}

/// Why no more bytes of an exhibit are taken.
enum Stop {
    Failed(BundleError),
    TooLong,
}

/// Spreads the bytes of an exhibit over its files.
struct Taker<'t, 'a, 'f, 'p> {
    archive: &'t mut Archive<'a, 'f>,
    /// The files not begun yet.
    files: &'t [&'t Planned<'p>],
    /// Bytes that the current file still takes.
    room: u64,
    stopped: Option<Stop>,
}

impl Taker<'_, '_, '_, '_> {
    fn next_file(&mut self) -> Result<(), BundleError> {
        if let Some((file, rest)) = self.files.split_first() {
            self.archive.begin(file)?;
            (self.files, self.room) = (rest, file.bytes);
        }
        Ok(())
    }

    fn take(&mut self, bytes: &[u8]) -> io::Result<()> {
        (self.archive.progress)(bytes.len() as u64);
        self.spread(bytes).map_err(|stop| {
            self.stopped = Some(stop);
            io::Error::other("the bundle cannot be written")
        })
    }

    fn spread(&mut self, mut bytes: &[u8]) -> Result<(), Stop> {
        while !bytes.is_empty() {
            if self.room == 0 {
                if self.files.is_empty() {
                    return Err(Stop::TooLong);
                }
                self.next_file().map_err(Stop::Failed)?;
            }
            let step = usize::try_from(self.room).unwrap_or(usize::MAX).min(bytes.len());
            let (now, later) = bytes.split_at(step);
            self.archive.tar.write_all(now).map_err(|cause| Stop::Failed(BundleError::Write(cause)))?;
            (bytes, self.room) = (later, self.room - step as u64);
        }
        Ok(())
    }
}

/// Hands so many zeros to `sink`.
pub(super) fn zeros<E>(mut bytes: u64, mut sink: impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
    while bytes > 0 {
        let step = usize::try_from(bytes).unwrap_or(usize::MAX).min(ZEROS.len());
        sink(&ZEROS[..step])?;
        bytes -= step as u64;
    }
    Ok(())
}
