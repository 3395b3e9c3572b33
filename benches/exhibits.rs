//! Exhibits beside their peers: `cargo bench --bench exhibits [-- ROUNDS [FOLDER…]]`.
//!
//! Each work is done in a fresh process, ours and the peers' in turn, and the medians are compared. FOLDER is
//! where it happens: `/tmp` for the disk, `/dev/shm` for memory unless named.
#![expect(clippy::print_stdout, reason = "a program for developers that prints a table")]
#![expect(clippy::unwrap_used, reason = "a failed step of a measurement has nobody to report to")]
#![allow(missing_docs, reason = "the harness of a bench is its main function")]

use std::fs::File;
use std::io::{Read, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use sanduq::format::{Exhibit, decode_value, encode_value};
use sanduq::record::{CaseId, PartName};
use sanduq::store::files::{NewFile, create_new, read};
use sanduq::store::{LocalStore, Store};
use sanduq::vault::{read_exhibit, store_exhibit};

const FILE_BYTES: u64 = 512 << 20;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["store", file, vault] => store(Path::new(file), Path::new(vault)),
        ["extract", vault, out] => extract(Path::new(vault), Path::new(out)),
        [] => compare(7, &["/tmp", "/dev/shm"]),
        [rounds] => compare(rounds.parse().unwrap(), &["/tmp", "/dev/shm"]),
        [rounds, ref folders @ ..] => compare(rounds.parse().unwrap(), folders),
    }
}

/// Stores a file as an exhibit in a new vault folder, durably, and prints the seconds it took.
fn store(file: &Path, vault: &Path) {
    let start = Instant::now();
    let mut source = File::open(file).unwrap();
    let bytes = source.metadata().unwrap().len();
    let store = LocalStore::create(vault).unwrap();
    let stored = store_exhibit(&store, &mut source, bytes, &mut |_| ControlFlow::Continue(())).unwrap();
    store.barrier().unwrap();
    println!("{}", start.elapsed().as_secs_f64());
    store.write_header_new(b"bench").unwrap();
    let (sha256, segments) = (stored.sha256, stored.segments);
    let exhibit = Exhibit { number: 1, name: "bench".into(), bytes, sha256, segments };
    create_new(&vault.join("exhibit"), &encode_value(&exhibit)).unwrap();
}

/// Writes an exhibit to a new file, published after its digest was right, and prints the seconds it took.
fn extract(vault: &Path, out: &Path) {
    let exhibit: Exhibit = decode_value(&read(&vault.join("exhibit"), 1 << 20).unwrap(), "exhibit").unwrap();
    let start = Instant::now();
    let store = LocalStore::open(vault).unwrap();
    let mut file = NewFile::create(out).unwrap();
    file.reserve(exhibit.bytes).unwrap();
    let place = (CaseId::new([0; 16]), &PartName::exhibits());
    read_exhibit(&store, place, &exhibit, &mut |piece| file.write_all(piece)).unwrap();
    file.publish().unwrap();
    println!("{}", start.elapsed().as_secs_f64());
}

/// One thing that is timed: its name, how, and the seconds it took each time.
struct Work<'a> {
    name: &'static str,
    run: Box<dyn Fn() -> f64 + 'a>,
    seconds: Vec<f64>,
}

impl<'a> Work<'a> {
    fn new(name: &'static str, run: impl Fn() -> f64 + 'a) -> Self {
        Self { name, run: Box::new(run), seconds: Vec::new() }
    }

    fn median(&self) -> f64 {
        let mut sorted = self.seconds.clone();
        sorted.sort_by(f64::total_cmp);
        sorted[sorted.len() / 2]
    }
}

fn compare(rounds: usize, folders: &[&str]) {
    println!("512 MiB, seconds: median (least to most) of {rounds} alternating rounds, fresh processes");
    for folder in folders {
        let folder = tempfile::tempdir_in(folder).unwrap();
        compare_in(rounds, folder.path());
    }
}

fn compare_in(rounds: usize, folder: &Path) {
    println!("\nin {}", folder.display());
    let at = |name: &str| folder.join(name);
    fill(&at("F"));
    shell(folder, "age-keygen -o K 2>K.log; age-keygen -y K > R; mkdir V");
    let mut works = [
        Work::new("store", || {
            shell(folder, "rm -rf V; sync");
            own(&["store", "F", "V"], folder)
        }),
        Work::new("openssl + age + sync", || {
            shell(folder, "rm -f O; sync");
            shell(folder, "openssl dgst -sha256 F >S; age -r $(cat R) -o O F; sync O")
        }),
        Work::new("cp + sync", || {
            shell(folder, "rm -f G; sync");
            shell(folder, "cp --reflink=never F G; sync G")
        }),
        Work::new("extract", || {
            shell(folder, "rm -f P; sync");
            own(&["extract", "V", "P"], folder)
        }),
        Work::new("age -d", || {
            shell(folder, "rm -f D; sync");
            shell(folder, "age -d -i K -o D O")
        }),
    ];
    for _ in 0..rounds {
        works.iter_mut().for_each(|work| work.seconds.push((work.run)()));
    }
    shell(folder, "cmp F P && cmp F D");
    let [store, pair, copy, extract, age] = &works;
    for Work { name, seconds, .. } in &works {
        let range = seconds.iter().fold((f64::MAX, 0f64), |(low, high), s| (low.min(*s), high.max(*s)));
        let median = works.iter().find(|work| work.name == *name).unwrap().median();
        println!("  {name:22} {median:.3} ({:.3} to {:.3})", range.0, range.1);
    }
    let ratio = |a: &Work<'_>, b: &Work<'_>| a.median() / b.median();
    println!("  store / (openssl + age + sync): {:.2} of the time", ratio(store, pair));
    println!("  store / (cp + sync): {:.2} of the time", ratio(store, copy));
    println!("  (openssl + age + sync) / store: {:.2} of the throughput", ratio(pair, store));
    println!("  age -d / extract: {:.2} of the throughput", ratio(age, extract));
}

/// Writes a file that no file system can make smaller.
fn fill(path: &Path) {
    let mut random = File::open("/dev/urandom").unwrap().take(FILE_BYTES);
    std::io::copy(&mut random, &mut File::create(path).unwrap()).unwrap();
}

/// Runs this program and gives the seconds it printed.
fn own(args: &[&str], folder: &Path) -> f64 {
    let program: PathBuf = std::env::current_exe().unwrap();
    let output = Command::new(program).args(args).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().parse().unwrap()
}

/// Runs a line of shell and gives the seconds it took.
fn shell(folder: &Path, line: &str) -> f64 {
    let start = Instant::now();
    let status = Command::new("sh").args(["-c", line]).current_dir(folder).status().unwrap();
    assert!(status.success(), "{line}");
    start.elapsed().as_secs_f64()
}
