//! Passphrases in, secret words out: at the terminal itself, never on a stream that may be a file.

use std::cell::RefCell;
use std::fs::{File, OpenOptions};
use std::io::Write as _;

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use zeroize::Zeroizing;

use super::lines::{Line, Lines};
use super::{Passphrases, Ui};
use crate::failure::{Failure, Kind};
use crate::sanitize;

/// Enters the alternate screen, clears it and its scrollback, goes home. xterm, ECMA-48.
const ENTER: &[u8] = b"\x1b[?1049h\x1b[2J\x1b[3J\x1b[H";

/// Clears the alternate screen and leaves it.
const LEAVE: &[u8] = b"\x1b[2J\x1b[H\x1b[?1049l";

/// Clears the screen and its scrollback, goes home.
const CLEAR: &[u8] = b"\x1b[2J\x1b[3J\x1b[H";

impl Ui {
    /// Reports whether passphrases come from a descriptor, so that nobody can be shown anything.
    pub(crate) fn has_passphrase_descriptor(&self) -> bool {
        !matches!(self.passphrases, Passphrases::Terminal)
    }

    /// Asks for a passphrase: one line of the descriptor, else typed at the terminal without echo.
    pub(crate) fn prompt_passphrase(&self, question: &str) -> Result<Zeroizing<String>, Failure> {
        match &self.passphrases {
            Passphrases::Descriptor(lines) => passphrase_line(lines, question),
            Passphrases::StandardInput => passphrase_line(&self.input, question),
            Passphrases::Terminal => typed_passphrase(question),
        }
    }

    /// Shows secret words on the terminal's alternate screen until Enter, then clears it: they stand
    /// neither in a stream nor in the scrollback.
    pub(crate) fn show_secret(&self, heading: &str, words: &Zeroizing<String>) -> Result<(), Failure> {
        let terminal = open_terminal()?;
        let failed = |error| Failure::io("cannot use the terminal", error);
        let keys = terminal.try_clone().map_err(failed)?;
        let mut screen = Screen::enter(terminal).map_err(failed)?;
        let heading = sanitize::block(heading);
        for piece in ["\n", &heading, "\n\n    ", words, "\n\nEnter clears this screen\n"] {
            screen.0.write_all(piece.as_bytes()).map_err(failed)?;
        }
        Lines::new(keys, "the terminal").next(None).map(drop)
    }

    /// Clears the screen and its scrollback, where a person sits.
    pub(crate) fn clear_screen(&self) {
        if self.interactive
            && let Ok(mut terminal) = open_terminal()
        {
            // A terminal that went away shows nothing either.
            terminal.write_all(CLEAR).ok();
        }
    }
}

/// The alternate screen, left on drop, also when a failure or a panic passes through.
struct Screen(File);

impl Screen {
    fn enter(mut terminal: File) -> std::io::Result<Self> {
        terminal.write_all(ENTER)?;
        Ok(Self(terminal))
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        // Nothing further can be done for a terminal that went away.
        self.0.write_all(LEAVE).ok();
    }
}

fn passphrase_line(lines: &RefCell<Lines>, question: &str) -> Result<Zeroizing<String>, Failure> {
    match lines.borrow_mut().next(None)? {
        Line::Text(line) => Ok(line),
        Line::End | Line::Idle => Err(Failure::usage(format!("no line left for: {question}"))
            .hint("--passphrase-fd takes one line for each passphrase asked")),
    }
}

fn typed_passphrase(question: &str) -> Result<Zeroizing<String>, Failure> {
    let failed = |error| Failure::io("cannot read the passphrase from the terminal", error);
    let mut terminal = open_terminal()?;
    let keys = terminal.try_clone().map_err(failed)?;
    // Before the question, so that nothing typed after it is shown.
    let silence = Silence::on(terminal.try_clone().map_err(failed)?).map_err(failed)?;
    write!(terminal, "{}: ", sanitize::one_line(question)).map_err(failed)?;
    let line = Lines::new(keys, "the terminal").next(None);
    drop(silence);
    writeln!(terminal).map_err(failed)?;
    match line? {
        Line::Text(passphrase) => Ok(passphrase),
        Line::End | Line::Idle => Err(Failure::cancelled()),
    }
}

/// A terminal that shows nothing of what is typed, until dropped.
struct Silence {
    terminal: File,
    before: Termios,
}

impl Silence {
    fn on(terminal: File) -> std::io::Result<Self> {
        let before = tcgetattr(&terminal)?;
        let mut silent = before.clone();
        silent.local_modes.remove(LocalModes::ECHO);
        tcsetattr(&terminal, OptionalActions::Flush, &silent)?;
        Ok(Self { terminal, before })
    }
}

impl Drop for Silence {
    fn drop(&mut self) {
        // Nothing further can be done for a terminal that went away.
        tcsetattr(&self.terminal, OptionalActions::Now, &self.before).ok();
    }
}

/// Opens the terminal the program runs at, wherever its streams lead.
fn open_terminal() -> Result<File, Failure> {
    OpenOptions::new().read(true).write(true).open("/dev/tty").map_err(|error| {
        Failure::new(Kind::Usage, NoTerminal(error))
            .hint("run sanduq at a terminal, or give passphrases with `--passphrase-fd N`")
    })
}

/// The program runs without a terminal.
#[derive(Debug, thiserror::Error)]
#[error("there is no terminal for a passphrase or secret words")]
struct NoTerminal(#[source] std::io::Error);
