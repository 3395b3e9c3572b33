//! How well names are found across scripts, and how fast: `cargo bench --bench names -- --names FOLDER`.
//!
//! FOLDER holds `russian.tsv`, `arabic.tsv`, `chinese.tsv`: Latin name, the same in the other script (letters
//! parted by spaces), how often the pair was seen. Measured are the pairs the tables were not learned from, or,
//! with `--all`, every pair (for files that none of the tables was learned from). `--least N` asks for no pair
//! seen fewer than N times, `--misses` prints what was not found.
#![expect(clippy::print_stdout, reason = "a program for developers that prints a table")]
#![expect(clippy::unwrap_used, reason = "a failed step of a measurement has nobody to report to")]
#![allow(missing_docs, reason = "the harness of a bench is its main function")]

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use sanduq::names::Matcher;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

const AMONG: usize = 5000;

struct Pair {
    latin: String,
    other: String,
    count: u32,
}

#[derive(Default)]
struct Options {
    folder: PathBuf,
    all: bool,
    misses: bool,
    least: u32,
    queries: usize,
}

fn main() {
    let mut options = Options { queries: AMONG, ..Options::default() };
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--names" => options.folder = args.next().unwrap().into(),
            "--all" => options.all = true,
            "--misses" => options.misses = true,
            "--least" => options.least = args.next().unwrap().parse().unwrap(),
            "--queries" => options.queries = args.next().unwrap().parse().unwrap(),
            _ => {}
        }
    }
    if options.folder.as_os_str().is_empty() {
        println!("nothing measured: say where the names are, --names FOLDER");
        return;
    }
    let scripts = ["russian", "arabic", "chinese"];
    let there = |script: &&str| options.folder.join(script).with_extension("tsv").exists();
    let scripts: Vec<&str> = scripts.into_iter().filter(there).collect();
    scripts.iter().for_each(|script| hits(script, &options));
    if !options.misses {
        speed(&options.folder, &scripts);
    }
}

fn pairs(folder: &Path, script: &str) -> Vec<Pair> {
    let text = std::fs::read_to_string(folder.join(script).with_extension("tsv")).unwrap();
    let pair = |line: &str| {
        let fields: Vec<&str> = line.split('\t').collect();
        let count = fields.get(2).and_then(|count| count.parse().ok()).unwrap_or(1);
        Pair { latin: fields[0].nfc().collect(), other: fields[1].replace(' ', ""), count }
    };
    text.lines().map(pair).collect()
}

/// Whether the tables were not learned from a name: one in five, by the CRC-32 of the name without marks.
/// `benches/names/train.py` says the same.
fn held_out(latin: &str) -> bool {
    let plain = |c: char| match c {
        'ł' => "l".to_owned(),
        'ø' => "o".to_owned(),
        'đ' | 'ð' => "d".to_owned(),
        'ı' => "i".to_owned(),
        'ß' => "ss".to_owned(),
        'æ' => "ae".to_owned(),
        'œ' => "oe".to_owned(),
        'þ' => "th".to_owned(),
        'ə' => "e".to_owned(),
        '’' | '‘' | '\'' | '-' | 'ʻ' | 'ʿ' | 'ʾ' | '`' | '.' => String::new(),
        c => c.to_string(),
    };
    let text: String = latin.nfd().filter(|c| !is_combining_mark(*c)).map(plain).collect();
    crc32(text.as_bytes()).is_multiple_of(5)
}

fn crc32(bytes: &[u8]) -> u32 {
    let bit = |crc: u32, _| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
    !bytes.iter().fold(!0, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), bit))
}

/// Of every Latin name: is the same name in the other script, among 5,000, the first or in the first ten?
fn hits(script: &str, options: &Options) {
    let mut pairs = pairs(&options.folder, script);
    pairs.retain(|pair| options.all || held_out(&pair.latin));
    let order = |pair: &Pair| crc32(format!("{}{}", pair.latin, pair.other).as_bytes());
    pairs.sort_by_cached_key(|pair| (pair.count < options.least, order(pair)));
    let mut seen = HashSet::new();
    pairs.retain(|pair| seen.insert(pair.other.clone()));
    pairs.truncate(AMONG);
    let matcher = Matcher::new(pairs.iter().map(|pair| &pair.other));
    let (mut first, mut ten) = (0, 0);
    let asked = pairs.iter().take(options.queries).filter(|pair| pair.count >= options.least).count();
    let mut seconds = 0.0;
    for (index, pair) in pairs.iter().enumerate().take(asked) {
        let start = processor();
        let found = matcher.find(&pair.latin, 10);
        seconds += processor() - start;
        first += usize::from(found.first().is_some_and(|found| found.index == index));
        let there = found.iter().any(|found| found.index == index);
        ten += usize::from(there);
        if options.misses && !there {
            let names: Vec<&str> =
                found.iter().take(3).map(|found| pairs[found.index].other.as_str()).collect();
            println!("  {} is {}, found {}", pair.latin, pair.other, names.join(" "));
        }
    }
    let share = |n: usize| n as f64 / asked as f64;
    let each = 1000.0 * seconds / asked as f64;
    println!(
        "{script}: {asked} among {}: in the first ten {:.4}, first {:.4}; {each:.2} ms each",
        pairs.len(),
        share(ten),
        share(first)
    );
}

/// Seconds of processor time so far: on a busy machine those of the clock say little.
fn processor() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

/// 100,000 names of two or three words of one script, and queries of as many.
fn speed(folder: &Path, scripts: &[&str]) {
    let mut names = Vec::new();
    let mut queries = Vec::new();
    for script in scripts {
        let pairs = pairs(folder, script);
        let at = |n: usize| &pairs[crc32(&n.to_le_bytes()) as usize % pairs.len()];
        for n in 0..100_000_usize.div_ceil(scripts.len()) {
            let parts: Vec<&Pair> = (0..2 + n % 2).map(|part| at(3 * n + part)).collect();
            let join =
                |text: fn(&Pair) -> &str| parts.iter().map(|pair| text(pair)).collect::<Vec<_>>().join(" ");
            let other = join(|pair| &pair.other);
            names.push(if n % 4 == 0 { join(|pair| &pair.latin) } else { other });
            if n % 2500 == 0 {
                queries.push(join(|pair| &pair.latin));
            }
        }
    }
    names.truncate(100_000);
    let start = processor();
    let matcher = Matcher::new(&names);
    let made = processor() - start;
    let mut seconds: Vec<f64> = Vec::new();
    for query in &queries {
        let start = processor();
        assert!(matcher.find(query, 10).len() <= 10);
        seconds.push(processor() - start);
    }
    seconds.sort_by(f64::total_cmp);
    let (median, most) = (seconds[seconds.len() / 2], seconds[seconds.len() - 1]);
    println!(
        "{} names: made ready in {made:.2} s; {} queries: {median:.3} s each, {most:.3} s at most",
        names.len(),
        seconds.len()
    );
}
