//! A stick pulled out while the program writes to it: exFAT through FUSE, whose daemon is killed. What had reached the
//! stick is there when it is put back, nothing else.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::store::available;
use crate::store::mounts::{Mount, mount_exfat};
use crate::support::program::{Home, PASSPHRASE, Run};

/// Starts the program with its vault on the stick.
fn start(home: &Home, stick: &Path, args: &[&str]) -> Child {
    use std::io::Write as _;
    let mut command = home.command();
    command.args(["--passphrase-fd", "0", "--vault"]).arg(stick.join("vault")).args(args);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // It may find no vault, and end before it asks.
    writeln!(child.stdin.take().unwrap(), "{PASSPHRASE}").unwrap_or(());
    child
}

fn run(home: &Home, stick: &Path, args: &[&str]) -> Run {
    Run::of(&start(home, stick, args).wait_with_output().unwrap())
}

/// Bytes of the objects on the stick; what is being written counts.
fn written(stick: &Path) -> u64 {
    let walk = Command::new("du").args(["-sb"]).arg(stick).output().unwrap();
    String::from_utf8_lossy(&walk.stdout).split_whitespace().next().unwrap().parse().unwrap()
}

/// Runs a command and pulls the stick out when it has written some of what it will.
fn pull_during(home: &Home, stick: &Mount, args: &[&str], enough: u64) -> Run {
    let before = written(stick.path());
    let child = start(home, stick.path(), args);
    let until = Instant::now() + Duration::from_secs(60);
    while written(stick.path()) < before + enough {
        assert!(Instant::now() < until, "{args:?} wrote nothing");
        std::thread::sleep(Duration::from_millis(5));
    }
    stick.pull_out();
    Run::of(&child.wait_with_output().unwrap())
}

/// Fails when the error names no next step. A single failed write that is passed over shows only on disks that go on
/// after it: `a_put_on_a_failing_disk_says_so_and_the_vault_opens`.
#[test]
fn pulling_the_stick_out_loses_nothing_that_was_recorded() {
    let Some(stick) = available("a stick pulled out", mount_exfat()) else { return };
    let home = Home::new();
    run(&home, stick.path(), &["init", "--kdf", "low"]).succeeds();
    let code = run(&home, stick.path(), &["new"]).succeeds().out.trim().to_owned();
    home.write("note.txt", "бірінші жазба");
    run(&home, stick.path(), &["put", &code, "notes", "--from", "note.txt"]).succeeds();
    home.write("film.mp4", vec![7; 40 << 20]);
    let cases: String =
        (0..4000).map(|n| format!("{{\"parts\":{{\"notes\":{{\"text\":\"{n}\"}}}}}}\n")).collect();
    home.write("cases.jsonl", cases);
    let works: [(&[&str], u64); 2] =
        [(&["attach", &code, "film.mp4"], 4 << 20), (&["ingest", "cases.jsonl"], 100 << 10)];
    for (work, enough) in works {
        let pulled = pull_during(&home, &stick, work, enough).fails(13, "");
        assert!(pulled.err.contains("stick is in"), "{}", pulled.err);
        assert_eq!(pulled.out, "", "nothing is called done");
        run(&home, stick.path(), &["list"]).fails(13, "");
        stick.put_back().unwrap();
        let listed = run(&home, stick.path(), &["list", "--json"]).succeeds();
        assert_eq!(listed.out.matches("\"code\"").count(), 1, "{}", listed.out);
        assert!(run(&home, stick.path(), &["show", &code]).succeeds().out.contains("бірінші жазба"));
        run(&home, stick.path(), &["check", "--read-data"]).succeeds();
    }
    run(&home, stick.path(), &["attach", &code, "film.mp4"]).succeeds();
    run(&home, stick.path(), &["check", "--read-data"]).succeeds();
}
