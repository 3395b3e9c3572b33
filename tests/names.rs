//! Names across scripts: how often the right one is found, how often another one is taken for it. docs/names.md.
#![cfg(test)]

use proptest::prelude::*;
use sanduq::names::{Likeness, Matcher, likeness};

fn pairs(file: &str) -> Vec<(String, String)> {
    let path = format!("{}/tests/vectors/names/{file}.tsv", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    let pair = |line: &str| line.split_once('\t').map(|(a, b)| (a.to_owned(), b.to_owned()));
    text.lines().filter(|line| !line.starts_with('#')).filter_map(pair).collect()
}

/// Of a hundred queries: how many find their name first, and in the first ten.
fn found(asked: &[(String, String)], among: &[String]) -> (usize, usize) {
    let matcher = Matcher::new(among);
    let (mut first, mut ten) = (0, 0);
    for (query, name) in asked {
        let found = matcher.find(query, 10);
        let place = found.iter().position(|found| among[found.index] == *name);
        first += usize::from(place == Some(0));
        ten += usize::from(place.is_some());
    }
    (100 * first / asked.len(), 100 * ten / asked.len())
}

#[test]
fn finds_names_of_other_scripts_never_learned_from() {
    let files = [("russian", 94, 98), ("arabic", 86, 96), ("chinese", 78, 92)];
    let among: Vec<String> = files.iter().flat_map(|file| pairs(file.0)).map(|pair| pair.1).collect();
    for (file, least_first, least_ten) in files {
        let (first, ten) = found(&pairs(file)[..100], &among);
        println!("{file}: first {first}, in the first ten {ten}");
        assert!(first >= least_first && ten >= least_ten, "{file}: first {first}, in the first ten {ten}");
    }
}

/// Names with all their words, among others made of the samples: how many of a hundred are first, and in the
/// first ten.
fn whole_names_found(how_many: usize) -> (usize, usize) {
    let same = pairs("same");
    let mut among: Vec<String> = same.iter().map(|pair| pair.1.clone()).collect();
    let parts = ["russian", "arabic", "chinese"].map(pairs);
    let part = |n: usize, step: usize| &parts[n % 3][(n / 3 * step) % parts[n % 3].len()].1;
    among.extend((among.len()..how_many).map(|n| format!("{} {}", part(n, 7), part(n, 11))));
    let (first, ten) = found(&same, &among);
    println!(
        "{} whole names among {how_many}: of a hundred {first} first, {ten} in the first ten",
        same.len()
    );
    (first, ten)
}

#[test]
fn finds_whole_names_in_any_order_and_spelling() {
    let (first, ten) = whole_names_found(500);
    assert!(first >= 90 && ten >= 98, "first {first}, in the first ten {ten}");
}

#[test]
#[ignore = "campaign: half a minute, whole names among 5,000"]
fn campaign_whole_names() {
    let (first, ten) = whole_names_found(5000);
    assert!(first >= 90 && ten >= 98, "first {first}, in the first ten {ten}");
}

/// Fails when a final -a says nothing: sisters are then taken for brothers.
#[test]
fn different_people_with_near_names_are_rarely_called_likely() {
    let count = |pairs: &[(String, String)], least| {
        pairs
            .iter()
            .filter(|(a, b)| likeness(a, b) >= least)
            .inspect(|pair| println!("  {least:?}: {pair:?}"))
            .count()
    };
    let other = pairs("other");
    let wrong = count(&other, Likeness::Likely);
    println!("{} different people: {wrong} likely", other.len());
    assert!(other.len() >= 80 && wrong <= 5, "{wrong} of {}", other.len());
}

/// Fails when the Latin letters written by hand are left out.
#[test]
fn spellings_of_one_name_are_mostly_called_likely() {
    let same = pairs("same");
    let missed = |least| same.iter().filter(|(a, b)| likeness(a, b) < least).collect::<Vec<_>>();
    println!("not likely: {:?}", missed(Likeness::Likely));
    println!("not even possible: {:?}", missed(Likeness::Possible));
    assert!(same.len() >= 60 && missed(Likeness::Likely).len() <= 16);
    assert!(missed(Likeness::Possible).len() <= 5);
}

/// Composed or not, in any case, with vowel signs, stretched, in presentation forms, with joiners between.
#[test]
fn writings_of_the_same_letters_are_the_same() {
    let writings = [
        ("Şahin Öztürk", "S\u{327}ahin O\u{308}ztu\u{308}rk"),
        ("Нұрлан АХМЕТОВ", "ахметов, Нұрлан"),
        ("Aigul Serik-Qyzy", "AIGUL «SERIK» QYZY"),
        ("محمد", "مُحَمَّد"),
        ("محمد", "محـــمد"),
        ("محمد", "ﻣﺤﻤﺪ"),
        ("محمد", "مح\u{200d}م\u{200c}د"),
        ("Sa'id Qadir", "Saʻid Qadir"),
        ("İlham", "ilham"),
        ("王晓明", "王晓明 "),
    ];
    for (a, b) in writings {
        assert_eq!(likeness(a, b), Likeness::Same, "{a} {b}");
    }
}

#[test]
fn nothing_is_like_nothing_and_huge_names_take_no_longer() {
    assert_eq!(likeness("", ""), Likeness::None);
    assert_eq!(likeness("---", "Aigul"), Likeness::None);
    let huge = "нұрлан ".repeat(100_000);
    assert!(Matcher::new([&huge, "Aigul"]).find(&huge, 10).len() <= 2);
    assert!(Matcher::new([""; 3]).find("Aigul", 10).is_empty());
    assert!(Matcher::new(["Aigul"]).find("Aigul", 0).is_empty());
    // Each of these is a family name and a given one.
    let many = "李王 王李 ".repeat(4);
    assert_eq!(Matcher::new([&many]).find(&many, 1).len(), 1);
}

proptest! {
    #[test]
    fn any_text_is_a_name(a in "\\PC{0,40}", b in any::<String>(), c in "[a-zәқ王李م ە'٠-]{0,30}") {
        let names = [&a, &b, &c];
        let matcher = Matcher::new(names);
        for query in names {
            let found = matcher.find(query, 3);
            prop_assert!(found.len() <= 3 && found.iter().all(|found| found.index < 3 && found.score.is_finite()));
            prop_assert_eq!(&found, &Matcher::new(names).find(query, 3));
        }
        prop_assert_eq!(likeness(&a, &c), likeness(&c, &a));
        prop_assert_eq!(likeness(&b, &c), likeness(&c, &b));
    }
}
