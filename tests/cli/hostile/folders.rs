//! Unpacked bundles with something in them that no bundle has, and places to write to that are taken or lead elsewhere.

use std::io::Write as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use sanduq::crypto::age::file::AgeWriter;

use super::{Scene, harmless, path};
use crate::support::bags::{FOLDER, bag, files_of};
use crate::support::program::{Home, PASSPHRASE, Run, feed};
use crate::support::tars::header;

/// Makes a pipe, which would keep who opens it waiting.
fn pipe(at: &Path) {
    assert!(Command::new("mkfifo").arg(at).status().unwrap().success());
}

/// Fails when anything but the plain files of the bundle is passed over or followed.
#[test]
fn an_unpacked_bundle_with_anything_else_in_it_is_refused() {
    let scene = Scene::new();
    scene.takes(&scene.story.write());
    let folder = scene.home.path("a/b/c/d/right");
    scene.home.run(&["verify", &path(&scene.home, "a/b/c/d/right")]).succeeds();
    type Plant<'a> = &'a dyn Fn(&Path);
    let file = |name: &'static [u8]| {
        move |folder: &Path| std::fs::write(folder.join(std::ffi::OsStr::from_bytes(name)), b"x").unwrap()
    };
    let moved = |name: &'static str| {
        move |folder: &Path| {
            std::fs::rename(folder.join(name), folder.with_file_name("moved")).unwrap();
            symlink(folder.with_file_name("moved"), folder.join(name)).unwrap();
        }
    };
    let plants: [(&str, Plant<'_>); 15] = [
        ("a link to a file", &|folder| symlink("/etc/hostname", folder.join("zz")).unwrap()),
        ("a link to a folder", &|folder| symlink("/etc", folder.join("data/zz")).unwrap()),
        ("a link to itself", &|folder| symlink("zz", folder.join("zz")).unwrap()),
        ("a pipe", &|folder| pipe(&folder.join("zz"))),
        ("a file more", &file(b"zz")),
        ("a hidden file", &file(b".zz")),
        ("a file of a file manager", &file(b"data/Thumbs.db")),
        ("a twin in capitals", &file(b"README.TXT")),
        ("a composed name", &file("caf\u{e9}".as_bytes())),
        ("a decomposed name", &file("cafe\u{301}".as_bytes())),
        ("a name that is no UTF-8", &file(b"\xff\xfe")),
        ("a name that clears the screen", &file(b"\x1b[2J\x1b]0;owned\x07")),
        ("a name that breaks the line", &file(b"zz\nFORGED")),
        ("the README behind a link", &moved("README.txt")),
        ("the data behind a link", &moved("data")),
    ];
    for (what, plant) in plants {
        let copy = scene.home.path("copy");
        assert!(Command::new("cp").arg("-a").args([&folder, &copy]).status().unwrap().success());
        plant(&copy);
        let run = scene.home.run(&["verify", "copy"]).fails(12, "copy is refused");
        assert!(run.out.is_empty(), "{what}: {}", run.out);
        harmless(&run);
        for gone in ["copy", "moved"].map(|name| scene.home.path(name)).iter().filter(|gone| gone.exists()) {
            if gone.is_dir() { std::fs::remove_dir_all(gone) } else { std::fs::remove_file(gone) }.unwrap();
        }
    }
}

/// Runs a command that is ended, with exit code 124, when it waits for somebody.
fn patiently(home: &Home, args: &[&str]) -> Run {
    let mut timeout = Command::new("/usr/bin/timeout");
    home.confine(&mut timeout);
    timeout.args(["60", env!("CARGO_BIN_EXE_sanduq"), "--passphrase-fd", "0"]).args(args);
    feed(&mut timeout, PASSPHRASE.as_bytes())
}

/// Fails when a pipe is opened to look what it is.
#[test]
fn what_is_no_plain_file_keeps_nobody_waiting() {
    let scene = Scene::new();
    pipe(&scene.home.path("pipe.age"));
    pipe(&scene.home.path("pipe.jsonl"));
    for args in [
        &["open", "pipe.age"][..],
        &["verify", "pipe.age"],
        &["import", "pipe.age"],
        &["ingest", "pipe.jsonl"],
        &["open", "/dev/zero"],
    ] {
        harmless(&patiently(&scene.home, args).fails(2, "is no plain file"));
    }
    for args in [
        &["contact", "add", "x", "--card", "pipe.age"][..],
        &["put", "K7Q2-9F4M", "notes", "--from", "pipe.age"],
        &["list", "--identity", "pipe.age"],
    ] {
        let run = patiently(&scene.home, args);
        assert!(![0, 124].contains(&run.code), "{args:?}");
        harmless(&run);
    }
}

/// Fails when the folder for the files is followed, or filled where something lies in it.
#[test]
fn files_go_into_a_new_folder_and_nowhere_else() {
    let scene = Scene::new();
    scene.home.write("bundle.age", scene.story.write());
    std::fs::create_dir(scene.home.path("elsewhere")).unwrap();
    scene.home.write("file", "mine");
    for (name, target) in [("link", "elsewhere"), ("dangling", "nowhere"), ("to-a-file", "file")] {
        symlink(target, scene.home.path(name)).unwrap();
    }
    for out in ["link", "dangling", "to-a-file", "elsewhere", "file", "."] {
        let run = scene.home.run(&["open", "bundle.age", "--out", out]).fails(14, "already");
        assert!(run.out.is_empty(), "{}", run.out);
    }
    assert_eq!(std::fs::read_dir(scene.home.path("elsewhere")).unwrap().count(), 0);
    assert!(!scene.home.path("nowhere").exists());
    assert_eq!(std::fs::read(scene.home.path("file")).unwrap(), b"mine");
}

/// A million files behind a right signature, and a million in a folder. Fails when all of them are read or kept.
#[test]
#[ignore = "campaign: about a minute, an archive of 512 MB and a folder of a million files"]
fn a_million_files_are_refused_in_little_memory() {
    const FILES: u32 = 1_000_000;
    let scene = Scene::new();
    let archive = std::fs::File::create(scene.home.path("million.age")).unwrap();
    let mut sealer = AgeWriter::seal(archive, &scene.story.recipient()).unwrap();
    let whole = bag(&scene.story);
    sealer.write_all(&files_of(&whole[..7], FOLDER)).unwrap();
    for n in 0..FILES {
        sealer.write_all(&header(format!("{FOLDER}/custody/x{n:07}").as_bytes(), 0, |_| {})).unwrap();
    }
    sealer.finish().unwrap();
    scene.takes(&scene.story.write());
    for n in 0..FILES {
        let folder = scene.home.path(&format!("a/b/c/d/right/data/{}", n % 100));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::File::create(folder.join(n.to_string())).unwrap();
    }
    for place in ["million.age", "a/b/c/d/right"] {
        // 256 MiB of address space, of which the program and its libraries take their part.
        let line = format!(
            "ulimit -v 262144; exec {} --passphrase-fd 0 verify {place}",
            env!("CARGO_BIN_EXE_sanduq")
        );
        let mut bash = Command::new("/bin/bash");
        scene.home.confine(&mut bash);
        let begun = std::time::Instant::now();
        let run = feed(bash.args(["-c", &line]), PASSPHRASE.as_bytes()).fails(12, "is refused");
        println!("{place}: {:?}", begun.elapsed());
        assert!(run.out.is_empty() && begun.elapsed() < std::time::Duration::from_secs(60), "{}", run.out);
    }
}
