//! ASCII armor of age, read strictly and in bounded memory: RFC 7468, figure 3, white space around it aside.

use std::io::{self, BufRead, Read};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::fault::AgeFault;

const BEGIN: &[u8] = b"-----BEGIN AGE ENCRYPTED FILE-----";
const END: &[u8] = b"-----END AGE ENCRYPTED FILE-----";
/// Columns of a full line.
const COLUMNS: usize = 64;
/// Bytes in a full line.
const LINE_BYTES: usize = 48;
/// Longest line looked at, line end included.
const MAX_LINE_BYTES: u64 = 80;
/// Most white space accepted behind the end line.
const MAX_TRAILING_BYTES: u64 = 64 * 1024;

/// Reads the bytes inside an armor.
pub(super) struct Dearmor<R> {
    inner: R,
    decoded: [u8; COLUMNS],
    given: usize,
    filled: usize,
    place: Place,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    BeforeBegin,
    Body,
    /// Behind a line that was not full: only the end may follow.
    Short,
    Finished,
    /// A malformed line was met; nothing is given after it.
    Malformed,
}

impl<R: BufRead> Dearmor<R> {
    /// Expects the begin line next.
    pub(super) fn new(inner: R) -> Self {
        Self { inner, decoded: [0; COLUMNS], given: 0, filled: 0, place: Place::BeforeBegin }
    }

    fn advance(&mut self) -> io::Result<()> {
        let line = self.line()?;
        let next = match self.place {
            Place::BeforeBegin if line == BEGIN => Some(Place::Body),
            Place::Body | Place::Short if line == END => self.at_end()?.then_some(Place::Finished),
            Place::Body => self.decode(&line),
            Place::Finished => Some(Place::Finished),
            Place::BeforeBegin | Place::Short | Place::Malformed => None,
        };
        self.place = next.unwrap_or(Place::Malformed);
        if next.is_some() { Ok(()) } else { Err(AgeFault::Armor.into()) }
    }

    /// The next line without its end; a line too long comes cut, and is then malformed.
    fn line(&mut self) -> io::Result<Vec<u8>> {
        let mut line = Vec::with_capacity(COLUMNS + 2);
        self.inner.by_ref().take(MAX_LINE_BYTES).read_until(b'\n', &mut line)?;
        if line.pop_if(|byte| *byte == b'\n').is_some() {
            line.pop_if(|byte| *byte == b'\r');
        }
        Ok(line)
    }

    fn decode(&mut self, line: &[u8]) -> Option<Place> {
        if line.is_empty() || line.len() > COLUMNS {
            return None;
        }
        self.filled = BASE64_STANDARD.decode_slice(line, &mut self.decoded).ok()?;
        self.given = 0;
        Some(if self.filled == LINE_BYTES { Place::Body } else { Place::Short })
    }

    /// Whether nothing but white space follows.
    fn at_end(&mut self) -> io::Result<bool> {
        let mut trailing = Vec::new();
        self.inner.by_ref().take(MAX_TRAILING_BYTES + 1).read_to_end(&mut trailing)?;
        Ok(trailing.len() as u64 <= MAX_TRAILING_BYTES && trailing.iter().all(u8::is_ascii_whitespace))
    }
}

impl<R: BufRead> Read for Dearmor<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(buffer)?;
        self.consume(count);
        Ok(count)
    }
}

impl<R: BufRead> BufRead for Dearmor<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.given == self.filled && self.place != Place::Finished {
            self.advance()?;
        }
        Ok(&self.decoded[self.given..self.filled])
    }

    fn consume(&mut self, count: usize) {
        self.given = (self.given + count).min(self.filled);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(armored: &[u8]) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        Dearmor::new(armored).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    #[test]
    fn reads_armor_with_either_line_end() {
        let armored = "-----BEGIN AGE ENCRYPTED FILE-----\nc2FuZHVx\n-----END AGE ENCRYPTED FILE-----\n \n";
        assert_eq!(read(armored.as_bytes()).unwrap(), b"sanduq");
        assert_eq!(read(armored.replace('\n', "\r\n").as_bytes()).unwrap(), b"sanduq");
    }

    /// Fails when any first line counts as the begin line.
    #[test]
    fn refuses_another_first_line() {
        for first in ["-----BEGIN AGE ENCRYPTED FILE----- ", "-----BEGIN CERTIFICATE-----", "", "c2FuZHVx"] {
            let armored = format!("{first}\nc2FuZHVx\n-----END AGE ENCRYPTED FILE-----\n");
            assert!(read(armored.as_bytes()).is_err(), "{first:?}");
        }
    }

    /// Fails when what follows the end is not looked at.
    #[test]
    fn only_some_white_space_may_follow_the_end() {
        let with = |tail: &str| {
            let end = "-----END AGE ENCRYPTED FILE-----\n";
            read(format!("-----BEGIN AGE ENCRYPTED FILE-----\nc2FuZHVx\n{end}{tail}").as_bytes())
        };
        let room = usize::try_from(MAX_TRAILING_BYTES).unwrap();
        assert!(with(&" ".repeat(room)).is_ok());
        assert!(with(&" ".repeat(room + 1)).is_err());
        assert!(with(" x").is_err());
    }

    #[test]
    fn refuses_an_endless_line_without_reading_it() {
        let mut endless = io::BufReader::new(
            io::Cursor::new(b"-----BEGIN AGE ENCRYPTED FILE-----\n").chain(io::repeat(b'A')),
        );
        let error = Dearmor::new(&mut endless).read(&mut [0; 16]).unwrap_err();
        assert!(matches!(AgeFault::from(error), AgeFault::Armor));
    }

    #[test]
    fn gives_nothing_after_a_malformed_line() {
        let armored = "-----BEGIN AGE ENCRYPTED FILE-----\n!!\nc2FuZHVx\n-----END AGE ENCRYPTED FILE-----\n";
        let mut reader = Dearmor::new(armored.as_bytes());
        for _ in 0..3 {
            assert!(reader.read(&mut [0; 16]).is_err());
        }
    }
}
