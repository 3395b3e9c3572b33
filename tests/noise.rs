//! What lies in a vault looks like noise: no byte, size or repetition tells what an object is for.
//!
//! The ordinary suite looks at some hundred objects, the campaign at more than ten thousand. A limit of eight standard
//! deviations is passed by honest noise in fewer than one of ten thousand runs, and by far by what the last test takes for noise.
#![cfg(test)]
#![allow(clippy::print_stdout, reason = "the figures of a campaign")]
#![allow(clippy::disallowed_methods, reason = "files beside an identity are read directly")]

#[path = "noise/sample.rs"]
mod sample;
#[path = "noise/statistics.rs"]
mod statistics;

use std::collections::{BTreeMap, HashSet};

use sanduq::crypto::padme::plaintext_capacity;

use sample::{Sample, gather};
use statistics::{Histogram, LIMIT, deviation, deviation_of_sum};

/// Positions at the beginning and at the end of objects that are looked at one by one: salt, commitment, first bytes of
/// the first chunk; last tag and what stands before it.
const FIRST: usize = 80;
const LAST: usize = 32;
/// Of fewer objects three equal bytes at one position look like a pattern, and come by chance.
const ENOUGH: usize = 100;

/// What speaks against noise, in words; nothing for noise.
fn faults(samples: &[Sample]) -> Vec<String> {
    let mut faults = Vec::new();
    let mut kinds: BTreeMap<&str, Vec<&[u8]>> = BTreeMap::new();
    samples.iter().for_each(|sample| kinds.entry(sample.kind).or_default().push(&sample.bytes));
    let all: Vec<&[u8]> = samples.iter().map(|sample| sample.bytes.as_slice()).collect();
    for (kind, objects) in kinds.iter().map(|(kind, objects)| (*kind, objects)).chain([("all", &all)]) {
        let mut fault = |what: &str, by: f64| {
            println!("{kind:<12} {what:<40} {by:>6.2}");
            if by.abs() > LIMIT || by.is_nan() {
                faults.push(format!("{kind}: {what}: {by:.1} standard deviations"));
            }
        };
        fault("chi-square within objects", deviation_of_sum(objects));
        if objects.len() >= ENOUGH {
            fault("chi-square at the worst position", worst_position(objects));
        }
        let whole = Histogram::of(objects.iter().flat_map(|bytes| bytes.iter()));
        fault("chi-square of all bytes", deviation(whole.chi_square()));
        fault("ones among the bits", whole.ones());
    }
    for object in &all {
        let packed = miniz_oxide::deflate::compress_to_vec(object, 9).len();
        if packed < object.len() {
            faults.push(format!("{} bytes can be packed into {packed}", object.len()));
        }
        if plaintext_capacity(object.len() as u64).is_none() {
            faults.push(format!("{} bytes is no size of an object", object.len()));
        }
    }
    let whole = all.concat();
    let packed = miniz_oxide::deflate::compress_to_vec(&whole, 6).len();
    println!("all {} bytes one after the other are packed into {packed}", whole.len());
    if packed < whole.len() {
        faults.push("all together can be packed".into());
    }
    let mut seen = HashSet::new();
    let repeated =
        all.iter().flat_map(|bytes| bytes.chunks_exact(8)).filter(|block| !seen.insert(*block)).count();
    if repeated > 0 {
        faults.push(format!("{repeated} times eight bytes stand twice"));
    }
    faults
}

/// The deviation of the position that is furthest from even, from the front and from the end.
fn worst_position(objects: &[&[u8]]) -> f64 {
    let front = (0..FIRST).map(|at| Histogram::of(objects.iter().filter_map(|bytes| bytes.get(at))));
    let end = (1..=LAST)
        .map(|back| Histogram::of(objects.iter().filter_map(move |b| b.get(b.len().checked_sub(back)?))));
    front
        .chain(end)
        .map(|histogram| deviation(histogram.chi_square()))
        .fold(0.0, |worst: f64, now| if now.abs() > worst.abs() { now } else { worst })
}

/// How often the kind of an object is guessed right by who knows only its size and guesses the most frequent kind.
fn guessed_by_size(samples: &[Sample]) -> f64 {
    let mut sizes: BTreeMap<usize, BTreeMap<&str, usize>> = BTreeMap::new();
    for sample in samples {
        *sizes.entry(sample.bytes.len()).or_default().entry(sample.kind).or_default() += 1;
    }
    let mut right = 0;
    for (size, kinds) in &sizes {
        println!("{size:>9} bytes: {kinds:?}");
        right += kinds.values().max().unwrap();
    }
    right as f64 / samples.len() as f64
}

fn look(samples: &[Sample]) {
    let faults = faults(samples);
    assert!(faults.is_empty(), "{faults:#?}");
    let names: HashSet<&[u8; 32]> = samples.iter().filter_map(|sample| sample.name.as_ref()).collect();
    assert_eq!(names.len(), samples.iter().filter(|sample| sample.name.is_some()).count(), "no name twice");
    let named: Vec<&[u8]> = names.iter().map(|name| name.as_slice()).collect();
    let worst = (0..32).map(|at| deviation(Histogram::of(named.iter().map(|name| &name[at])).chi_square()));
    let worst = worst.fold(0.0, f64::max);
    println!("chi-square of names at the worst position {worst:.2}");
    assert!(worst < LIMIT);
    println!("the kind is guessed right by size alone: {:.0} %", 100.0 * guessed_by_size(samples));
}

/// Fails when one byte of every salt is fixed.
#[test]
fn objects_of_all_kinds_look_like_noise() {
    look(&gather(4, 1));
}

#[test]
#[ignore = "campaign: 2 min of processor time, more than 10,000 objects of all kinds"]
fn campaign_ten_thousand_objects_look_like_noise() {
    let samples = gather(300, 25);
    assert!(samples.len() > 10_000, "{}", samples.len());
    look(&samples);
}

/// The statistics see what is no noise, so that the tests above can fail.
#[test]
fn one_fixed_byte_a_text_and_a_repetition_are_seen() {
    let noise = |n: u8| -> Vec<u8> {
        (0..16u8).flat_map(|i| *sanduq::crypto::sha256(&[n, i]).as_bytes()).cycle().take(512).collect()
    };
    let half = |n: u8| [noise(n), noise(n ^ 0x80)].concat();
    let samples = |make: &dyn Fn(u8) -> Vec<u8>| -> Vec<Sample> {
        (0..120).map(|n| Sample { kind: "Entry", name: None, bytes: make(n) }).collect()
    };
    assert_eq!(faults(&samples(&half)), Vec::<String>::new());
    let fixed = samples(&|n| {
        let mut bytes = half(n);
        bytes[40] = 7;
        bytes
    });
    assert!(faults(&fixed).iter().any(|fault| fault.contains("worst position")));
    let text = samples(&|n| format!("{n:>03} Мен көрдім. ").repeat(100).into_bytes()[..1024].to_vec());
    assert!(faults(&text).iter().any(|fault| fault.contains("can be packed")));
    let digits =
        samples(&|n| half(n).iter().flat_map(|byte| format!("{byte:02x}").into_bytes()).take(1024).collect());
    assert!(faults(&digits).iter().any(|fault| fault.contains("ones among the bits")));
    let odd = samples(&|n| half(n)[..1000].to_vec());
    assert!(faults(&odd).iter().any(|fault| fault.contains("no size of an object")));
    let twice = samples(&|n| [noise(n), noise(n)].concat());
    assert!(faults(&twice).iter().any(|fault| fault.contains("stand twice")));
}
