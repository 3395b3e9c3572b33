//! Reads the beginning of a foreign age file without trusting it: the kind of file, and the header as bytes.
//!
//! The `age` crate parses headers in quadratic time without a limit, and takes two forms of stanza that the
//! specification forbids. So the grammar of <https://c2sp.org/age>, "ABNF definition of file header", is
//! checked here first, line by line and within limits. What the stanzas hold is not looked at.

use std::io::{BufRead, Read};

use super::fault::AgeFault;

/// Longest header accepted, in bytes.
pub const MAX_HEADER_BYTES: usize = 64 * 1024;
/// Most stanzas accepted.
pub const MAX_STANZAS: usize = 32;

const MAGIC: &[u8] = b"age-encryption.org/";
const VERSION: &[u8] = b"v1";
/// What every armor begins with, well-formed or not.
const DASHES: &[u8] = b"-----";
const ARMOR_MARK: &[u8] = b"-----BEGIN";
/// How far the beginning of a file is searched for armor, in bytes.
const SNIFF_BYTES: u64 = 1024;
/// Columns of a full line in the body of a stanza.
const COLUMNS: usize = 64;
/// Columns of the authentication code.
const MAC_COLUMNS: usize = 43;

/// How the bytes of an age file lie.
pub(super) enum Form {
    /// In ASCII armor, behind so many bytes of white space.
    Armored { white_space: usize },
    /// As they are.
    Binary,
}

/// Tells the form of an age file, and gives back the bytes read to know it.
pub(super) fn sniff(source: &mut impl Read) -> Result<(Form, Vec<u8>), AgeFault> {
    let mut start = Vec::new();
    source.by_ref().take(SNIFF_BYTES).read_to_end(&mut start).map_err(AgeFault::Io)?;
    let text = start.trim_ascii_start();
    let form = if start.starts_with(MAGIC) {
        Form::Binary
    } else if text.starts_with(DASHES) {
        Form::Armored { white_space: start.len() - text.len() }
    } else if start.is_empty() {
        return Err(AgeFault::Header);
    } else if start.windows(ARMOR_MARK.len()).any(|window| window == ARMOR_MARK) {
        return Err(AgeFault::Armor);
    } else {
        return Err(AgeFault::NotAge);
    };
    Ok((form, start))
}

/// Reads a whole header, which is then well-formed and within the limits; nothing behind it is consumed.
pub(super) fn read_header(source: &mut impl BufRead) -> Result<Vec<u8>, AgeFault> {
    let mut scan = Scan { source, header: Vec::new() };
    check_version(scan.line()?)?;
    let mut stanzas = 0;
    loop {
        let line = scan.line()?;
        if let Some(arguments) = line.strip_prefix(b"-> ") {
            check_arguments(arguments)?;
            scan.body()?;
            stanzas += 1;
            if stanzas > MAX_STANZAS {
                return Err(AgeFault::HeaderTooLarge);
            }
        } else {
            let mac = line.strip_prefix(b"--- ").ok_or(AgeFault::Header)?;
            let well_formed = mac.len() == MAC_COLUMNS && is_base64(mac) && stanzas > 0;
            return if well_formed { Ok(scan.header) } else { Err(AgeFault::Header) };
        }
    }
}

struct Scan<'a, R> {
    source: &'a mut R,
    header: Vec<u8>,
}

impl<R: BufRead> Scan<'_, R> {
    /// The next line, without its end.
    fn line(&mut self) -> Result<&[u8], AgeFault> {
        let start = self.header.len();
        let room = (MAX_HEADER_BYTES - start) as u64;
        self.source
            .by_ref()
            .take(room)
            .read_until(b'\n', &mut self.header)
            .map_err(|error| AgeFault::from_io(error, AgeFault::Header))?;
        match self.header[start..].strip_suffix(b"\n") {
            Some(line) => Ok(line),
            None if self.header.len() == MAX_HEADER_BYTES => Err(AgeFault::HeaderTooLarge),
            None => Err(AgeFault::Header),
        }
    }

    /// The body of a stanza: full lines, and one that is shorter.
    fn body(&mut self) -> Result<(), AgeFault> {
        loop {
            let line = self.line()?;
            if line.len() > COLUMNS || !is_base64(line) {
                return Err(AgeFault::Header);
            }
            if line.len() < COLUMNS {
                return Ok(());
            }
        }
    }
}

fn check_version(line: &[u8]) -> Result<(), AgeFault> {
    match line.strip_prefix(MAGIC) {
        Some(VERSION) => Ok(()),
        Some(other) if is_visible(other) => Err(AgeFault::UnknownVersion),
        _ => Err(AgeFault::Header),
    }
}

fn check_arguments(arguments: &[u8]) -> Result<(), AgeFault> {
    let well_formed = arguments.split(|byte| *byte == b' ').all(is_visible);
    if well_formed { Ok(()) } else { Err(AgeFault::Header) }
}

/// `1*VCHAR`
fn is_visible(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(u8::is_ascii_graphic)
}

fn is_base64(text: &[u8]) -> bool {
    text.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{BufReader, Cursor};

    const MAC: &str = "--- HK2NmOBN9Dpq0Gw6xMCuhFcQlQLvZ/wQUi/2scLG75s\n";

    fn header(stanzas: &str) -> String {
        format!("age-encryption.org/v1\n{stanzas}{MAC}")
    }

    fn scan(bytes: &[u8]) -> Result<Vec<u8>, AgeFault> {
        read_header(&mut &*bytes)
    }

    #[test]
    fn reads_the_header_and_nothing_behind_it() {
        let whole = header("-> X25519 abc\nAAAA\n-> joint\n\n");
        let file = format!("{whole}payload");
        let mut source = file.as_bytes();
        assert_eq!(read_header(&mut source).unwrap(), whole.as_bytes());
        assert_eq!(source, b"payload");
    }

    #[test]
    fn accepts_32_stanzas_and_refuses_33() {
        assert!(scan(header(&"-> x\n\n".repeat(MAX_STANZAS)).as_bytes()).is_ok());
        let more = scan(header(&"-> x\n\n".repeat(MAX_STANZAS + 1)).as_bytes());
        assert!(matches!(more, Err(AgeFault::HeaderTooLarge)));
    }

    #[test]
    fn refuses_an_endless_header_after_64_kib() {
        for filler in ["-> ", "-> x\n"] {
            let body = format!("{}\n", "A".repeat(COLUMNS)).repeat(2000);
            let endless = format!("age-encryption.org/v1\n{filler}{body}");
            let mut source = BufReader::with_capacity(
                1,
                Cursor::new(endless.as_bytes().to_vec()).chain(std::io::repeat(b'A')),
            );
            let fault = read_header(&mut source).unwrap_err();
            assert!(matches!(fault, AgeFault::HeaderTooLarge | AgeFault::Header));
            assert!(source.get_ref().get_ref().0.position() <= MAX_HEADER_BYTES as u64 + 1);
        }
    }

    #[test]
    fn refuses_the_stanza_forms_that_the_crate_still_takes() {
        let full = "A".repeat(COLUMNS);
        for stanzas in
            ["-> x\n".to_owned(), format!("-> x\n{full}\n"), format!("-> x\n{full}\n-> y\n\n"), String::new()]
        {
            assert!(matches!(scan(header(&stanzas).as_bytes()), Err(AgeFault::Header)), "{stanzas}");
        }
    }

    /// Fails when arguments are not looked at.
    #[test]
    fn refuses_arguments_that_are_empty_or_not_visible() {
        for stanza in ["-> \n\n", "-> x  y\n\n", "-> x \n\n", "-> x\ty\n\n", "-> x\x7f\n\n", "-> әже\n\n"]
        {
            assert!(matches!(scan(header(stanza).as_bytes()), Err(AgeFault::Header)), "{stanza:?}");
        }
    }

    /// Fails when any character is base64, or a code of another length is one.
    #[test]
    fn refuses_bodies_and_codes_that_are_no_base64() {
        assert!(matches!(scan(header("-> x\nAA=A\n").as_bytes()), Err(AgeFault::Header)));
        let with_code =
            |code: String| scan(format!("age-encryption.org/v1\n-> x\n\n--- {code}\n").as_bytes());
        assert!(with_code("A".repeat(43)).is_ok());
        for code in ["A".repeat(42), "A".repeat(44), format!("{}=", "A".repeat(42))] {
            assert!(matches!(with_code(code), Err(AgeFault::Header)));
        }
    }

    #[test]
    fn every_cut_is_refused() {
        let whole = header("-> X25519 abc\nAAAA\n");
        for len in 0..whole.len() {
            assert!(matches!(scan(&whole.as_bytes()[..len]), Err(AgeFault::Header)), "{len}");
        }
    }

    #[test]
    fn knows_what_is_no_age_file_and_what_is_a_newer_one() {
        assert!(matches!(sniff(&mut &b"\x89PNG\r\n"[..]), Err(AgeFault::NotAge)));
        assert!(matches!(
            sniff(&mut &b"\n \r\n-----BEGIN AGE"[..]),
            Ok((Form::Armored { white_space: 4 }, _))
        ));
        assert!(matches!(scan(b"age-encryption.org/v2\n"), Err(AgeFault::UnknownVersion)));
        for none in ["age-encryption.org/\n", "age-encryption.org/v 2\n", "age-encryption.org/v\x1b[2J\n"] {
            assert!(matches!(scan(none.as_bytes()), Err(AgeFault::Header)), "{none:?}");
        }
    }

    /// Fails when a line that fills the limit counts as cut off.
    #[test]
    fn a_line_that_reaches_the_limit_is_too_large_and_a_shorter_one_is_cut_off() {
        let line = |bytes: usize| format!("age-encryption.org/v1\n-> {}", "A".repeat(bytes - 25));
        assert!(matches!(scan(line(MAX_HEADER_BYTES).as_bytes()), Err(AgeFault::HeaderTooLarge)));
        assert!(matches!(scan(line(MAX_HEADER_BYTES + 1).as_bytes()), Err(AgeFault::HeaderTooLarge)));
        assert!(matches!(scan(line(MAX_HEADER_BYTES - 1).as_bytes()), Err(AgeFault::Header)));
    }
}
