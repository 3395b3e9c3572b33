//! The only printing and prompting. Its rules:
//!
//! * Data goes to standard output, everything else to standard error.
//! * Messages are lower case without a full stop; errors read `sanduq: error:`, `sanduq: caused by:`,
//!   `sanduq: hint:`.
//! * No colour is needed to understand anything, and none is used.
//! * Nothing secret is printed unless it was asked for, and then only on a terminal, cleared afterwards.
//! * Every text is cleaned on its way out, whoever wrote it. A foreign *label* or file name inside a line of ours
//!   goes through `sanitize::one_line` first, so that it cannot forge a second line; a foreign *text* is set off
//!   by [`quoted`], so that none of its lines can pass for one of ours.
//! * With `--json`, standard output carries one JSON document and nothing else.
//! * A closed standard output ends the program quietly.

mod ask;
mod lines;
mod progress;
mod quoted;
mod secret;
mod table;

use std::cell::RefCell;
use std::fs::File;
use std::io::{IsTerminal as _, Write as _};
use std::os::fd::AsFd as _;

use serde::Serialize;

use crate::failure::{Failure, Kind};
use crate::sanitize;

pub(crate) use lines::Line;
use lines::Lines;
pub(crate) use progress::Progress;
pub(crate) use quoted::{file_name, quoted};
pub(crate) use table::table;

/// How results are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// One JSON document.
    Json,
    /// Text for people.
    Text,
}

/// Where passphrases come from.
enum Passphrases {
    /// One line each from a descriptor of its own.
    Descriptor(RefCell<Lines>),
    /// One line each from standard input, before anything else read there.
    StandardInput,
    /// Typed at the terminal, without echo.
    Terminal,
}

/// The standard streams and the terminal.
pub(crate) struct Ui {
    format: Format,
    input: RefCell<Lines>,
    passphrases: Passphrases,
    interactive: bool,
}

impl Ui {
    /// Takes hold of the streams. **MUST** run before the program opens any file: descriptor
    /// `passphrase_fd` is opened here, and has to be the caller's.
    pub(crate) fn new(format: Format, passphrase_fd: Option<u32>) -> Result<Self, Failure> {
        let passphrases = match passphrase_fd {
            None => Passphrases::Terminal,
            Some(0) => Passphrases::StandardInput,
            Some(fd) => Passphrases::Descriptor(RefCell::new(Lines::of_descriptor(fd)?)),
        };
        let stdin = std::io::stdin();
        let input = stdin.as_fd().try_clone_to_owned();
        let input = input.map_err(|error| Failure::io("cannot use standard input", error))?;
        Ok(Self {
            format,
            input: RefCell::new(Lines::new(input, "standard input")),
            passphrases,
            interactive: stdin.is_terminal() && std::io::stderr().is_terminal(),
        })
    }

    /// Sets how results are printed, for one command of a prompt.
    pub(crate) fn set_format(&mut self, format: Format) {
        self.format = format;
    }

    /// Returns how results are printed.
    pub(crate) fn format(&self) -> Format {
        self.format
    }

    /// Reports whether a person sits there: questions can be asked.
    pub(crate) fn is_interactive(&self) -> bool {
        self.interactive
    }

    /// Prints a result: `value` with `--json`, else the text.
    pub(crate) fn answer<T: Serialize>(
        &self,
        value: &T,
        text: impl FnOnce() -> String,
    ) -> Result<(), Failure> {
        match self.format {
            Format::Json => self.json(value),
            Format::Text => self.data(&text()),
        }
    }

    /// Prints a document with `--json`, and nothing else: the text was printed as it came.
    pub(crate) fn answer_json<T: Serialize>(&self, value: &T) -> Result<(), Failure> {
        if self.format == Format::Json { self.json(value) } else { Ok(()) }
    }

    /// Prints text to standard output, cleaned, ended by one line feed. Prints nothing with `--json`.
    pub(crate) fn data(&self, text: &str) -> Result<(), Failure> {
        if self.format == Format::Json {
            return Ok(());
        }
        let text = sanitize::block(text);
        write_out(&[text.trim_end_matches('\n').as_bytes(), b"\n"])
    }

    /// Prints one JSON document to standard output.
    pub(crate) fn json<T: Serialize>(&self, value: &T) -> Result<(), Failure> {
        let document =
            serde_json::to_string_pretty(value).map_err(|error| Failure::new(Kind::Other, error))?;
        write_out(&[sanitize::json(&document).as_bytes(), b"\n"])
    }

    /// Returns standard output for the bytes of an exhibit; refused at a terminal, which would obey them.
    pub(crate) fn bytes_out(&self) -> Result<File, Failure> {
        if std::io::stdout().is_terminal() {
            return Err(Failure::refused("file contents are not written to a terminal")
                .hint("write them to a file, or send standard output into one"));
        }
        standard_output().map_err(output_failure)
    }

    /// Says what happened, on standard error.
    pub(crate) fn status(&self, text: &str) {
        write_err(&format!("{text}\n"));
    }

    /// Warns, in one line, of what the person should know before going on.
    pub(crate) fn warn(&self, text: &str) {
        write_err(&format!("sanduq: warning: {}\n", sanitize::one_line(text)));
    }

    /// Names, in one line, the next thing the person can do.
    pub(crate) fn hint(&self, text: &str) {
        write_err(&format!("sanduq: hint: {}\n", sanitize::one_line(text)));
    }

    /// Shows progress over `total_bytes` on a terminal, and nothing elsewhere or with `--json`.
    pub(crate) fn progress(&self, total_bytes: u64, label: &str) -> Progress {
        let shown = self.format == Format::Text && std::io::stderr().is_terminal();
        if shown { Progress::shown(total_bytes, label) } else { Progress::hidden() }
    }

    /// Shows progress over `total` steps, as [`progress`](Self::progress) does over bytes.
    pub(crate) fn steps(&self, total: u64, label: &str) -> Progress {
        let shown = self.format == Format::Text && std::io::stderr().is_terminal();
        if shown { Progress::steps(total, label) } else { Progress::hidden() }
    }

    /// Counts steps on a terminal, where nobody knows how many there are.
    pub(crate) fn counted(&self, label: &str) -> Progress {
        let shown = self.format == Format::Text && std::io::stderr().is_terminal();
        if shown { Progress::counted(label) } else { Progress::hidden() }
    }

    /// Counts bytes on a terminal where nobody knows how many will come.
    pub(crate) fn counting(&self, label: &str) -> Progress {
        let shown = self.format == Format::Text && std::io::stderr().is_terminal();
        if shown { Progress::counting(label) } else { Progress::hidden() }
    }

    /// Says on a terminal that something takes a moment, until dropped.
    pub(crate) fn working(&self, label: &str) -> Progress {
        if std::io::stderr().is_terminal() { Progress::spinning(label) } else { Progress::hidden() }
    }
}

/// Prints a failure: error, causes, hints.
pub(crate) fn print_failure(failure: &Failure) {
    write_err(&failure.render());
}

/// Prints the help or version text a command line asked for.
pub(crate) fn print_help(text: &clap::Error) -> Result<(), Failure> {
    write_out(&[sanitize::block(&text.render().to_string()).as_bytes()])
}

/// Prints that the program itself failed at `place` of its source, in one line without data.
pub(crate) fn print_panic(place: &str) {
    write_err(&format!("sanduq: error: internal error at {place}, please report this line\n"));
}

fn write_out(pieces: &[&[u8]]) -> Result<(), Failure> {
    let written =
        standard_output().and_then(|mut stdout| pieces.iter().try_for_each(|piece| stdout.write_all(piece)));
    written.map_err(output_failure)
}

/// Standard output without the buffer that the standard library keeps for the whole run and never wipes.
fn standard_output() -> std::io::Result<File> {
    std::io::stdout().as_fd().try_clone_to_owned().map(File::from)
}

/// Turns a failed write to standard output into a failure; a closed pipe into a quiet end.
pub(crate) fn output_failure(error: std::io::Error) -> Failure {
    match error.kind() {
        std::io::ErrorKind::BrokenPipe => Failure::say(Kind::OutputClosed, "standard output was closed"),
        _ => Failure::io("cannot write to standard output", error)
            .hint("only the answer is missing: what the command was to record is recorded; look before you run it again"),
    }
}

/// Standard error is the last place to complain to, so a failed write there is let go.
fn write_err(text: &str) {
    let mut stderr = std::io::stderr().lock();
    stderr.write_all(sanitize::block(text).as_bytes()).and_then(|()| stderr.flush()).ok();
}
