//! The bytes of an age file, out of their armor if they lie in one.

use std::io::{self, BufRead, Read, Seek, SeekFrom};

use super::armor::Dearmor;
use super::fault::AgeFault;
use super::prescan::{self, Form};
use super::replay::Replay;

/// An age file in either form, read as binary.
pub(super) enum Source<R> {
    /// In ASCII armor.
    Armored(Dearmor<Replay<R>>),
    /// As it is.
    Binary(Replay<R>),
}

impl<R: BufRead> Source<R> {
    /// Tells the form by the first bytes.
    pub(super) fn sniff(mut reader: R) -> Result<Self, AgeFault> {
        let (form, mut start) = prescan::sniff(&mut reader)?;
        Ok(match form {
            Form::Armored { white_space } => {
                start.drain(..white_space);
                Self::Armored(Dearmor::new(Replay::new(start, reader)))
            }
            Form::Binary => Self::Binary(Replay::new(start, reader)),
        })
    }
}

impl<R: BufRead> Read for Source<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Armored(armored) => armored.read(buffer),
            Self::Binary(binary) => binary.read(buffer),
        }
    }
}

impl<R: BufRead> BufRead for Source<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        match self {
            Self::Armored(armored) => armored.fill_buf(),
            Self::Binary(binary) => binary.fill_buf(),
        }
    }

    fn consume(&mut self, count: usize) {
        match self {
            Self::Armored(armored) => armored.consume(count),
            Self::Binary(binary) => binary.consume(count),
        }
    }
}

impl<R: BufRead + Seek> Seek for Source<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        match self {
            Self::Armored(_) => Err(io::ErrorKind::Unsupported.into()),
            Self::Binary(binary) => binary.seek(to),
        }
    }
}
