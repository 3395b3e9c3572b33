//! Entries of archives that a bundle does not have: what the tar programs of the world can express.

use crate::support::bags::FOLDER;
use crate::support::tars::header;

type Change = fn(&mut [u8]);

/// An entry of whole blocks under a right checksum.
pub(super) fn entry(path: &[u8], content: &[u8], change: impl FnOnce(&mut [u8])) -> Vec<u8> {
    let mut bytes = header(path, content.len() as u64, change);
    bytes.extend_from_slice(content);
    bytes.resize(bytes.len().next_multiple_of(512), 0);
    bytes
}

/// An entry of another type, with a link name.
fn other(path: &str, kind: u8, link: &str) -> Vec<u8> {
    entry(path.as_bytes(), b"", |block| {
        block[156] = kind;
        block[157..157 + link.len()].copy_from_slice(link.as_bytes());
    })
}

/// Names, types and fields, each of them in an entry that is well made otherwise.
pub(super) fn entries() -> Vec<(&'static str, Vec<u8>)> {
    let mut all = names();
    all.extend(types());
    let fields: [(&str, Change); 12] = [
        ("set-user-id", |block| block[103..107].copy_from_slice(b"4755")),
        ("an owner", |block| block[114] = b'1'),
        ("a time", |block| block[146] = b'1'),
        ("an owner's name that clears the screen", |block| block[265..269].copy_from_slice(b"\x1b[2J")),
        ("a link name", |block| block[157] = b'/'),
        ("a prefix that climbs", |block| block[345..348].copy_from_slice(b"../")),
        ("a device number", |block| block[335] = b'1'),
        ("another magic", |block| block[257..265].copy_from_slice(b"ustar  \0")),
        ("no magic", |block| block[257..265].fill(0)),
        ("a size in base 256", |block| block[124] = 0x80),
        ("a size below zero", |block| block[124..136].fill(0xff)),
        ("a size of spaces", |block| block[124..136].fill(b' ')),
    ];
    let path = format!("{FOLDER}/zz");
    all.extend(fields.map(|(what, change)| (what, entry(path.as_bytes(), b"", change))));
    all
}

fn names() -> Vec<(&'static str, Vec<u8>)> {
    let names: [(&str, &[u8]); 27] = [
        ("climbs", b"../escape"),
        ("climbs from within", b"sanduq-7f7f7f7f/../../../escape"),
        ("stands still", b"sanduq-7f7f7f7f/./zz"),
        ("climbs at its end", b"sanduq-7f7f7f7f/.."),
        ("is absolute", b"/tmp/sanduq-absolute"),
        ("is absolute twice", b"//tmp/sanduq-absolute"),
        ("climbs on Windows", b"sanduq-7f7f7f7f/..\\escape"),
        ("names a drive", b"C:escape"),
        ("names a stream", b"sanduq-7f7f7f7f/zz:stream"),
        ("is empty", b""),
        ("ends in a slash", b"sanduq-7f7f7f7f/zz/"),
        ("has two slashes", b"sanduq-7f7f7f7f//zz"),
        ("clears the screen", b"sanduq-7f7f7f7f/\x1b[2J\x1b]0;owned\x07"),
        ("breaks the line", b"sanduq-7f7f7f7f/zz\nFORGED"),
        ("turns letters round", "sanduq-7f7f7f7f/\u{202e}txt.exe".as_bytes()),
        ("is composed", "sanduq-7f7f7f7f/caf\u{e9}".as_bytes()),
        ("is decomposed", "sanduq-7f7f7f7f/cafe\u{301}".as_bytes()),
        ("is no UTF-8", b"sanduq-7f7f7f7f/\xff\xfe"),
        ("hides behind a zero", b"sanduq-7f7f7f7f/zz\0/../../escape"),
        ("is a device on Windows", b"sanduq-7f7f7f7f/data/nul.txt"),
        ("is another device on Windows", b"sanduq-7f7f7f7f/data/COM1"),
        ("ends in a dot", b"sanduq-7f7f7f7f/zz."),
        ("is an option", b"sanduq-7f7f7f7f/-rf"),
        ("is too deep", b"sanduq-7f7f7f7f/b/c/d/e/f/g/h/i"),
        ("lies in another folder", b"sanduq-00000000/zz"),
        ("lies in no folder", b"zz"),
        ("differs in case only", b"SANDUQ-7F7F7F7F/readme.TXT"),
    ];
    names.map(|(what, name)| (what, entry(name, b"", |_| {}))).into()
}

/// Types, with names and links as who unpacks them would be harmed by.
fn types() -> Vec<(&'static str, Vec<u8>)> {
    let path = format!("{FOLDER}/zz");
    let links = [
        ("a hard link out", b'1', "/etc/passwd"),
        ("a hard link in", b'1', "sanduq-7f7f7f7f/README.txt"),
        ("a symbolic link out", b'2', "/tmp"),
        ("a symbolic link that climbs", b'2', "../../../.."),
        ("a symbolic link to nothing", b'2', ""),
        ("a character device", b'3', ""),
        ("a block device", b'4', ""),
        ("a folder", b'5', ""),
        ("a pipe", b'6', ""),
        ("a contiguous file", b'7', ""),
        ("a file of the old kind", 0, ""),
        ("a GNU folder listing", b'D', ""),
        ("a GNU long link", b'K', ""),
        ("a GNU long name", b'L', ""),
        ("a GNU continuation", b'M', ""),
        ("a GNU sparse file", b'S', ""),
        ("a GNU volume", b'V', ""),
        ("a Solaris header", b'X', ""),
        ("an access list", b'A', ""),
    ];
    links.map(|(what, kind, link)| (what, other(&path, kind, link))).into()
}

/// A PAX header of kind `x` or `g` with these records.
fn pax(kind: u8, records: &[(&str, &str)]) -> Vec<u8> {
    let record = |(key, value): &(&str, &str)| {
        let rest = format!(" {key}={value}\n");
        let digits = (1..4).find(|digits| (rest.len() + digits).to_string().len() == *digits).unwrap();
        format!("{}{rest}", rest.len() + digits)
    };
    let content: String = records.iter().map(record).collect();
    entry(b"pax", content.as_bytes(), |block| block[156] = kind)
}

/// The archives behind the advisories of 2025 and 2026: extended headers that say something else than the header of
/// the file, headers between a header and its file, and a link that a later entry goes through.
pub(super) fn tricks() -> Vec<(&'static str, Vec<u8>)> {
    let path = format!("{FOLDER}/zz");
    let plain = entry(path.as_bytes(), b"x", |_| {});
    let hidden = entry(format!("{FOLDER}/hidden").as_bytes(), b"x", |_| {});
    let long_name = entry(b"././@LongLink", &[path.as_bytes(), b"\0"].concat(), |block| block[156] = b'L');
    let folder = other(&format!("{FOLDER}/zz/"), b'5', "");
    let link = other(&path, b'2', "/tmp");
    let through = entry(format!("{FOLDER}/zz/sanduq-absolute").as_bytes(), b"x", |_| {});
    let size = |size: &str| pax(b'x', &[("size", size)]);
    vec![
        // RUSTSEC-2026-0068: which of two sizes counts decides where the next header stands.
        ("a PAX size beside another", [size("1024"), plain.clone(), hidden.clone()].concat()),
        // CVE-2025-62518: a file of no size whose content is the next archive.
        (
            "a PAX size over zero",
            [size("1024"), entry(path.as_bytes(), b"", |_| {}), hidden.clone()].concat(),
        ),
        // GHSA-3pv8-6f4r-ffg2, GHSA-3cv2-h65g-fgmm: the size applies to the header between.
        ("a PAX size before a long name", [size("1536"), long_name.clone(), plain.clone(), hidden].concat()),
        // GHSA-fp55-jw48-c537 and CVE-2026-32766: headers that one reader skips and another obeys.
        ("two PAX headers", [size("1"), pax(b'x', &[("path", "../escape")]), plain.clone()].concat()),
        (
            "a PAX record of a wrong length",
            [entry(b"pax", b"99 path=../escape\n", |b| b[156] = b'x'), plain.clone()].concat(),
        ),
        ("a PAX path for all files", [pax(b'g', &[("path", "../escape")]), plain.clone()].concat()),
        ("a PAX path that clears the screen", [pax(b'x', &[("path", "\x1b[2J")]), plain.clone()].concat()),
        ("a PAX link", [pax(b'x', &[("linkpath", "/tmp")]), link.clone()].concat()),
        (
            "a PAX sparse file",
            [pax(b'x', &[("GNU.sparse.major", "1"), ("GNU.sparse.minor", "0")]), plain.clone()].concat(),
        ),
        ("a PAX size of eight exbibytes", [size("9223372036854775807"), plain.clone()].concat()),
        ("a long name twice", [long_name.clone(), long_name, plain].concat()),
        // RUSTSEC-2026-0067: a link, then a folder of its name, then a file in it.
        ("a link that is then a folder", [link.clone(), folder].concat()),
        ("a file behind a link", [link, through].concat()),
    ]
}

/// Ends of archives whose sizes lie, to stand after a whole bag.
pub(super) fn lies() -> Vec<(&'static str, Vec<u8>)> {
    let path = format!("{FOLDER}/zz");
    let sized = |size: u64| header(path.as_bytes(), size, |_| {});
    vec![
        ("larger than what is there", [sized(1 << 20), vec![0; 1024]].concat()),
        ("the largest there is", [sized(0o77_777_777_777), vec![0; 1024]].concat()),
        ("the end itself", [sized(1024), vec![0; 1024]].concat()),
        ("smaller than what is there", [sized(1), vec![b'x'; 512], vec![0; 1024]].concat()),
        ("cut off in a header", sized(0)[..300].to_vec()),
        ("no end", Vec::new()),
        ("half an end", vec![0; 512]),
        ("an end and more", [vec![0; 1024], entry(path.as_bytes(), b"x", |_| {})].concat()),
        ("an end of a record's length, as GNU tar writes it", vec![0; 10240]),
    ]
}
