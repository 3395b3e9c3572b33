//! Lines and whole texts from a descriptor, waiting in a way that Ctrl-C and an idle timeout can end.
//!
//! Buffers are wiped when dropped, and growing leaves no copy behind.

use std::fs::File;
use std::os::fd::OwnedFd;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::io::Errno;
use zeroize::{Zeroize as _, Zeroizing};

use crate::failure::{Failure, Kind};
use crate::process;
use crate::settings::since_boot;

/// Largest line read, in bytes.
const MAX_LINE: usize = 64 << 10;

/// Largest text read, in bytes. docs/format.md, Text.
pub(super) const MAX_TEXT: usize = 16 << 20;

/// Longest wait between two looks at the clock: no timer of the system counts the time a machine sleeps.
const LOOK: Duration = Duration::from_secs(5);

/// Bytes read at once.
const CHUNK: usize = 8 << 10;

/// What came when a line was waited for.
pub(crate) enum Line {
    /// The input ended before another line began.
    End,
    /// Nothing came in the time given.
    Idle,
    /// A line, without its end.
    Text(Zeroizing<String>),
}

enum Filled {
    Bytes,
    End,
    Idle,
}

/// A descriptor read line by line; what was read ahead stays here for the next reader.
pub(super) struct Lines {
    fd: OwnedFd,
    name: String,
    pending: Zeroizing<Vec<u8>>,
}

impl Lines {
    /// Reads from `fd`, called `name` in messages.
    pub(super) fn new(fd: impl Into<OwnedFd>, name: impl Into<String>) -> Self {
        Self { fd: fd.into(), name: name.into(), pending: Zeroizing::default() }
    }

    /// Reads from the descriptor number `fd` the caller of the program opened.
    pub(super) fn of_descriptor(fd: u32) -> Result<Self, Failure> {
        let name = format!("descriptor {fd}");
        let file = File::open(format!("/proc/self/fd/{fd}")).or_else(|_| File::open(format!("/dev/fd/{fd}")));
        let file = file.map_err(|error| {
            Failure::new(Kind::Usage, NoDescriptor { name: name.clone(), source: error })
                .hint(format!("open it in the shell, as in `{fd}<FILE`"))
        })?;
        Ok(Self::new(file, name))
    }

    /// Reads the next line, waiting for it until `end` ([`since_boot`], sleep of the machine included).
    pub(super) fn next(&mut self, end: Option<Duration>) -> Result<Line, Failure> {
        loop {
            if let Some(at) = self.pending.iter().position(|&b| b == b'\n') {
                return self.take(at, at + 1).map(Line::Text);
            }
            if self.pending.len() > MAX_LINE {
                return Err(Failure::usage(format!("{} has a line longer than {MAX_LINE} bytes", self.name)));
            }
            match self.fill(end)? {
                Filled::Bytes => {}
                Filled::End if self.pending.is_empty() => return Ok(Line::End),
                Filled::End => return self.take(self.pending.len(), self.pending.len()).map(Line::Text),
                Filled::Idle => return Ok(Line::Idle),
            }
        }
    }

    /// Reads everything up to the end.
    pub(super) fn rest(&mut self) -> Result<Zeroizing<String>, Failure> {
        while matches!(self.fill(None)?, Filled::Bytes) {
            if self.pending.len() > MAX_TEXT {
                return Err(Failure::usage(format!(
                    "{} holds more than {} MiB of text",
                    self.name,
                    MAX_TEXT >> 20
                ))
                .hint("attach it as a file with `sanduq attach`"));
            }
        }
        text(std::mem::take(&mut self.pending), &self.name)
    }

    /// Takes the first `length` bytes as a line and drops all up to `end`.
    fn take(&mut self, length: usize, end: usize) -> Result<Zeroizing<String>, Failure> {
        let mut line = Zeroizing::new(self.pending[..length].to_vec());
        let rest = self.pending.len() - end;
        self.pending.copy_within(end.., 0);
        self.pending[rest..].zeroize();
        self.pending.truncate(rest);
        if line.last() == Some(&b'\r') {
            line.pop();
        }
        text(line, &self.name)
    }

    /// Waits for bytes until `end`, a time since the machine was started; what comes later is left where it is.
    fn fill(&mut self, end: Option<Duration>) -> Result<Filled, Failure> {
        let failed = |name: &str, errno: Errno| Failure::io(format!("cannot read {name}"), errno.into());
        let mut chunk = Zeroizing::new([0; CHUNK]);
        loop {
            if process::cancelled() {
                return Err(Failure::cancelled());
            }
            let left = end.map(|end| end.saturating_sub(since_boot()));
            let timeout = left.and_then(|left| Timespec::try_from(left.min(LOOK)).ok());
            // poll is never restarted after a signal, so Ctrl-C always comes through.
            let mut ready = [PollFd::new(&self.fd, PollFlags::IN)];
            let came = match rustix::event::poll(&mut ready, timeout.as_ref()) {
                Ok(count) => count > 0,
                Err(Errno::INTR) => false,
                Err(errno) => return Err(failed(&self.name, errno)),
            };
            if end.is_some_and(|end| since_boot() >= end) {
                return Ok(Filled::Idle);
            }
            if !came {
                continue;
            }
            match rustix::io::read(&self.fd, &mut chunk[..]) {
                // A terminal that hung up ends too; it is told apart by its signal.
                Ok(0) if process::cancelled() => return Err(Failure::cancelled()),
                Ok(0) => return Ok(Filled::End),
                Ok(count) => {
                    push_wiping(&mut self.pending, &chunk[..count]);
                    return Ok(Filled::Bytes);
                }
                Err(Errno::INTR | Errno::AGAIN) => {}
                Err(errno) => return Err(failed(&self.name, errno)),
            }
        }
    }
}

/// The caller named a descriptor that is not open, or is no file or pipe.
#[derive(Debug, thiserror::Error)]
#[error("cannot read passphrases from {name}")]
struct NoDescriptor {
    name: String,
    source: std::io::Error,
}

/// Appends `bytes`; where the buffer must grow, the old one is wiped.
pub(super) fn push_wiping(buffer: &mut Zeroizing<Vec<u8>>, bytes: &[u8]) {
    let needed = buffer.len() + bytes.len();
    if needed > buffer.capacity() {
        let mut larger = Zeroizing::new(Vec::with_capacity(needed.max(2 * buffer.capacity()).max(CHUNK)));
        larger.extend_from_slice(buffer);
        *buffer = larger;
    }
    buffer.extend_from_slice(bytes);
}

/// Turns bytes into text, wiping them if they are none.
pub(super) fn text(mut bytes: Zeroizing<Vec<u8>>, name: &str) -> Result<Zeroizing<String>, Failure> {
    if std::str::from_utf8(&bytes).is_err() {
        return Err(
            Failure::usage(format!("{name} is not UTF-8 text")).hint("save the text as UTF-8 and try again")
        );
    }
    let bytes = std::mem::take(&mut *bytes);
    Ok(Zeroizing::new(String::from_utf8(bytes).expect("checked just above")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;
    use std::os::fd::AsRawFd as _;

    fn lines(content: &[u8]) -> Lines {
        let (reader, mut writer) = std::io::pipe().unwrap();
        writer.write_all(content).unwrap();
        Lines::new(reader, "the pipe")
    }

    fn next(lines: &mut Lines) -> Option<String> {
        match lines.next(None).unwrap() {
            Line::Text(text) => Some(text.to_string()),
            Line::End | Line::Idle => None,
        }
    }

    #[test]
    fn reads_lines_with_either_end_and_a_last_one_without() {
        let mut lines = lines("жеті сөз\r\n\nسەككىز".as_bytes());
        assert_eq!(next(&mut lines).as_deref(), Some("жеті сөз"));
        assert_eq!(next(&mut lines).as_deref(), Some(""));
        assert_eq!(next(&mut lines).as_deref(), Some("سەككىز"));
        assert_eq!(next(&mut lines), None);
    }

    #[test]
    fn a_line_leaves_the_rest_for_the_next_reader() {
        let mut lines = lines(b"passphrase\ntext\nof two lines\n");
        assert_eq!(next(&mut lines).as_deref(), Some("passphrase"));
        assert_eq!(lines.rest().unwrap().as_str(), "text\nof two lines\n");
    }

    #[test]
    fn refuses_what_is_not_utf8_and_an_endless_line() {
        assert_eq!(lines(b"a\xff\n").next(None).err().unwrap().exit_code(), 2);
        assert_eq!(lines(b"a\xff\n").rest().unwrap_err().exit_code(), 2);
        let file = tempfile::tempfile().unwrap();
        (&file).write_all(&vec![b'a'; MAX_LINE + 2 * CHUNK]).unwrap();
        let mut endless = Lines::of_descriptor(file.as_raw_fd().unsigned_abs()).unwrap();
        assert_eq!(endless.next(None).err().unwrap().exit_code(), 2);
    }

    #[test]
    fn says_when_nothing_came_in_time() {
        let (reader, writer) = std::io::pipe().unwrap();
        let mut lines = Lines::new(reader, "the pipe");
        assert!(matches!(lines.next(Some(since_boot() + Duration::from_millis(1))).unwrap(), Line::Idle));
        drop(writer);
        assert!(matches!(lines.next(Some(since_boot() + Duration::from_secs(5))).unwrap(), Line::End));
    }

    #[test]
    fn reads_the_descriptor_a_caller_opened() {
        let (reader, mut writer) = std::io::pipe().unwrap();
        writer.write_all(b"old words\nnew words\n").unwrap();
        let mut lines = Lines::of_descriptor(reader.as_raw_fd().unsigned_abs()).unwrap();
        assert_eq!(next(&mut lines).as_deref(), Some("old words"));
        assert_eq!(next(&mut lines).as_deref(), Some("new words"));
        let closed = Lines::of_descriptor(99_999).err().unwrap();
        assert!(
            closed.render().starts_with("sanduq: error: cannot read passphrases from descriptor 99999\n")
        );
    }
}
