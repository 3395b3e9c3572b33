//! A reader that gives back what was read ahead before it goes on.

use std::io::{self, BufRead, Read, Seek, SeekFrom};

/// Bytes taken from `inner`, and `inner` behind them.
pub(super) struct Replay<R> {
    ahead: Vec<u8>,
    given: usize,
    inner: R,
}

impl<R> Replay<R> {
    /// Puts `ahead`, the bytes last read from `inner`, back in front of it.
    pub(super) fn new(ahead: Vec<u8>, inner: R) -> Self {
        Self { ahead, given: 0, inner }
    }

    fn left(&self) -> &[u8] {
        &self.ahead[self.given..]
    }
}

impl<R: Read> Read for Replay<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left().is_empty() {
            return self.inner.read(buffer);
        }
        let count = self.left().read(buffer)?;
        self.given += count;
        Ok(count)
    }
}

impl<R: BufRead> BufRead for Replay<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.left().is_empty() { self.inner.fill_buf() } else { Ok(&self.ahead[self.given..]) }
    }

    fn consume(&mut self, count: usize) {
        let from_ahead = count.min(self.left().len());
        self.given += from_ahead;
        self.inner.consume(count - from_ahead);
    }
}

impl<R: Seek> Seek for Replay<R> {
    /// Positions are those of `inner`, which stands right behind the bytes read ahead.
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = self.inner.stream_position()?.checked_sub(self.left().len() as u64);
        let position = position.ok_or(io::ErrorKind::InvalidInput)?;
        if to == SeekFrom::Current(0) {
            return Ok(position);
        }
        let to = match to {
            SeekFrom::Current(by) => {
                SeekFrom::Start(position.checked_add_signed(by).ok_or(io::ErrorKind::InvalidInput)?)
            }
            other => other,
        };
        let reached = self.inner.seek(to)?;
        self.given = self.ahead.len();
        Ok(reached)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn replay() -> Replay<io::Cursor<&'static [u8]>> {
        let mut inner = io::Cursor::new(&b"0123456789"[..]);
        inner.set_position(4);
        Replay::new(b"0123".to_vec(), inner)
    }

    #[test]
    fn gives_what_was_read_ahead_and_then_the_rest() {
        let mut text = String::new();
        replay().read_to_string(&mut text).unwrap();
        assert_eq!(text, "0123456789");
        let mut line = Vec::new();
        replay().read_until(b'6', &mut line).unwrap();
        assert_eq!(line, b"0123456");
    }

    #[test]
    fn seeks_as_if_nothing_had_been_read_ahead() {
        let mut replay = replay();
        replay.read_exact(&mut [0; 2]).unwrap();
        assert_eq!(replay.stream_position().unwrap(), 2);
        assert_eq!(replay.seek(SeekFrom::Current(-1)).unwrap(), 1);
        let mut rest = String::new();
        replay.read_to_string(&mut rest).unwrap();
        assert_eq!(rest, "123456789");
    }
}
