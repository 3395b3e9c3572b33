//! Archives a stranger could send, each refused for its own reason.

use std::io;

use sanduq::bundle::tar::{
    HeaderFault, Limits, MAX_ENTRIES, PathClash, PathFault, TarError, TarFault, TarWalker,
};

use super::{archive, header, put_file, run_quietly, walk};

/// An archive of one good file and then `entry`, whole blocks, and the end.
fn after_a_good_file(entry: &[u8]) -> Vec<u8> {
    let good = archive(&[("good", b"x")]);
    [&good[..1024], entry, &[0; 1024]].concat()
}

#[test]
fn refuses_each_hostile_entry_for_its_own_reason() {
    type Change = fn(&mut [u8]);
    let none: Change = |_| {};
    let table: Vec<(&[u8], Change, HeaderFault)> = vec![
        (b"../escape", none, PathFault::DotComponent.into()),
        (b"a/../../escape", none, PathFault::DotComponent.into()),
        (b"/etc/cron.d/x", none, PathFault::Absolute.into()),
        (b"..\\escape", none, PathFault::BadCharacter.into()),
        (b"a\x1b[2Jb", none, PathFault::BadCharacter.into()),
        ("مۇئەللىم".as_bytes(), none, PathFault::BadCharacter.into()),
        (b"data/aux.txt", none, PathFault::ReservedName.into()),
        (b"a/b/c/d/e/f/g/h/i", none, PathFault::TooDeep.into()),
        (b"", none, PathFault::EmptyComponent.into()),
        (b"folder/", none, PathFault::EmptyComponent.into()),
        (b"a", |block| block[156] = 0, HeaderFault::NotRegularFile),
        (b"a", |block| block[156] = b'1', HeaderFault::NotRegularFile),
        (b"a", |block| block[156] = b'2', HeaderFault::NotRegularFile),
        (b"a", |block| block[156] = b'3', HeaderFault::NotRegularFile),
        (b"a", |block| block[156] = b'5', HeaderFault::NotRegularFile),
        (b"a", |block| block[156] = b'7', HeaderFault::NotRegularFile),
        (b"a", |block| block[156] = b'x', HeaderFault::NotRegularFile),
        (b"a", |block| block[156] = b'g', HeaderFault::NotRegularFile),
        (b"a", |block| block[156] = b'L', HeaderFault::NotRegularFile),
        (b"a", |block| block[156] = b'S', HeaderFault::NotRegularFile),
        (b"a", |block| block[157] = b'/', HeaderFault::HasLinkName),
        (b"a", |block| block[257..265].copy_from_slice(b"ustar  \0"), HeaderFault::BadMagic),
        (b"a", |block| block[257..265].fill(0), HeaderFault::BadMagic),
        (b"a", |block| block[345..347].copy_from_slice(b".."), HeaderFault::HasPrefix),
        (b"a", |block| block[335] = b'1', HeaderFault::HasDevice),
        (b"a", |block| block[265..269].copy_from_slice(b"root"), HeaderFault::HasOwner),
        (b"a", |block| block[103..107].copy_from_slice(b"4755"), HeaderFault::BadNumber),
        (b"a", |block| block[114] = b'1', HeaderFault::BadNumber),
        (b"a", |block| block[146] = b'1', HeaderFault::BadNumber),
        (b"a", |block| block[124] = b' ', HeaderFault::BadNumber),
        (b"a", |block| block[124] = b'-', HeaderFault::BadNumber),
        (b"a", |block| block[124] = 0x80, HeaderFault::BadNumber),
        (b"a", |block| block[135] = b' ', HeaderFault::BadNumber),
        (b"a\0b", none, HeaderFault::UnusedBytes),
        (b"a", |block| block[511] = 1, HeaderFault::UnusedBytes),
    ];
    for (path, change, fault) in table {
        let bytes = after_a_good_file(&header(path, 0, change));
        assert_eq!(walk(&bytes), Err((2, fault.into())), "{}", String::from_utf8_lossy(path));
    }
}

#[test]
fn refuses_a_bad_checksum_and_one_written_otherwise() {
    for (at, value) in [(148, b'7'), (154, b' '), (155, 0), (148, b' ')] {
        let mut entry = header(b"a", 0, |_| {});
        entry[at] = value;
        assert_eq!(walk(&after_a_good_file(&entry)), Err((2, HeaderFault::BadChecksum.into())), "{at}");
    }
}

#[test]
fn refuses_paths_that_clash() {
    for (path, clash) in [
        (&b"good"[..], PathClash::Duplicate),
        (b"GOOD", PathClash::CaseTwin),
        (b"good/below", PathClash::FileIsFolder),
        (b"Good/below", PathClash::FileIsFolder),
    ] {
        assert_eq!(walk(&after_a_good_file(&header(path, 0, |_| {}))), Err((2, clash.into())));
    }
}

#[test]
fn refuses_sizes_that_lie() {
    // More than is there: the end marker is eaten, and then the archive is over.
    assert_eq!(walk(&after_a_good_file(&header(b"a", 4096, |_| {}))), Err((2, TarFault::Truncated)));
    assert_eq!(
        walk(&after_a_good_file(&header(b"a", 0o77_777_777_777, |_| {}))),
        Err((2, TarFault::Truncated))
    );
    // Exactly the end marker: then there is none.
    assert_eq!(walk(&after_a_good_file(&header(b"a", 1024, |_| {}))), Err((3, TarFault::Truncated)));
    assert_eq!(walk(&after_a_good_file(&header(b"a", 512, |_| {}))), Err((3, TarFault::Truncated)));
    // Less than is there: the rest is no header, or stands where zeros must.
    let more = [header(b"a", 0, |_| {}), vec![b'x'; 512]].concat();
    assert_eq!(walk(&after_a_good_file(&more)), Err((3, HeaderFault::BadChecksum.into())));
    let more = [header(b"a", 1, |_| {}), vec![b'x'; 512]].concat();
    assert_eq!(walk(&after_a_good_file(&more)), Err((2, TarFault::DirtyFill)));
}

#[test]
fn refuses_an_archive_cut_off_anywhere_or_followed_by_anything() {
    let bytes = archive(&[("a", b"one"), ("b", &[b'b'; 1500]), ("c", b"")]);
    walk(&bytes).unwrap();
    for len in 0..bytes.len() {
        assert!(matches!(walk(&bytes[..len]), Err((1..=4, TarFault::Truncated))), "{len}");
    }
    for tail in [&[0; 1][..], b"x", &[0; 512], &[0; 8192], &bytes] {
        assert_eq!(walk(&[&bytes, tail].concat()), Err((4, TarFault::TrailingBytes)));
    }
    let mut lone = bytes;
    let last = lone.len() - 1;
    lone[last] = 1;
    assert_eq!(walk(&lone), Err((4, TarFault::BadEnd)));
}

#[test]
fn refuses_what_stock_tools_write_in_other_dialects() {
    let folder = tempfile::tempdir().unwrap();
    put_file(&folder.path().join("plain"), b"x");
    put_file(&folder.path().join("ä"), b"x");
    run_quietly(folder.path(), "ln", &["-s", "/etc", "link"]);
    let sparse = std::fs::File::create(folder.path().join("sparse")).unwrap();
    sparse.set_len(1 << 20).unwrap();
    let table: [(&str, &[&str]); 8] = [
        ("tar", &["--format=gnu", "plain"]),
        ("tar", &["--format=pax", "--pax-option=comment:=x", "plain"]),
        ("tar", &["--format=v7", "plain"]),
        ("tar", &["--format=ustar", "link"]),
        ("tar", &["--format=gnu", "--sparse", "sparse"]),
        ("tar", &["--format=pax", "--sparse", "sparse"]),
        ("bsdtar", &["--format=pax", "ä"]),
        ("bsdtar", &["--format=ustar", "plain"]),
    ];
    for (tool, arguments) in table {
        let bytes = run_quietly(folder.path(), tool, &[&["-cf", "-"], arguments].concat());
        assert!(matches!(walk(&bytes), Err((1, TarFault::Header(_)))), "{tool} {arguments:?}");
    }
    let ours = [
        "--format=ustar",
        "--owner=0",
        "--group=0",
        "--numeric-owner",
        "--mode=0644",
        "--mtime=@0",
        "-b1",
        "plain",
    ];
    let bytes = run_quietly(folder.path(), "tar", &[&["-cf", "-"], &ours[..]].concat());
    assert!(bytes == archive(&[("plain", b"x")]), "GNU tar can be told to write our dialect");
}

/// An endless archive of small files, made as it is read.
struct Endless {
    entries: u32,
    block: io::Cursor<Vec<u8>>,
}

impl io::Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.block.position() == 512 {
            self.entries += 1;
            let path = format!("folder-{}/{:080}", self.entries % 7, self.entries);
            self.block = io::Cursor::new(header(path.as_bytes(), 0, |_| {}));
        }
        self.block.read(buffer)
    }
}

#[test]
fn refuses_the_entry_after_the_hundred_thousandth() {
    let mut block = io::Cursor::new(vec![0; 512]);
    block.set_position(512);
    let mut walker = TarWalker::new(Endless { entries: 0, block }, Limits::default());
    for _ in 0..MAX_ENTRIES {
        assert!(walker.next_entry().unwrap().is_some());
    }
    let error = walker.next_entry().map(|_| ()).unwrap_err();
    assert!(matches!(error, TarError::Refused { entry: 100_001, fault: TarFault::TooManyEntries }));
}

#[test]
fn errors_never_repeat_a_strangers_name() {
    let bytes = after_a_good_file(&header(b"../Aisha-Karimova", 0, |_| {}));
    let mut walker = TarWalker::new(bytes.as_slice(), Limits::default());
    walker.next_entry().unwrap();
    let error = walker.next_entry().map(|_| ()).unwrap_err();
    assert_eq!(error.to_string(), "the archive is refused at entry 2");
    assert!(!format!("{error:?}").contains("Aisha"));
}
