//! Segments and queries together: what is found, in which order of fit, and what hostile bytes do.

use proptest::prelude::*;
use zeroize::Zeroizing;

use super::*;

fn field(place: &str, text: &str) -> Field {
    Field { place: place.into(), text: text.into(), names: place.contains("name") }
}

fn document(n: u8) -> Document {
    Document { case: [n; 16], giver: [9; 32], kind: Kind::Revision, id: [n; 32] }
}

/// A segment of these documents, with what it was made of.
fn segment(documents: &[Vec<Field>]) -> (Segment, Written) {
    let mut builder = Builder::default();
    for (n, fields) in documents.iter().enumerate() {
        builder.add(document(n as u8), 1000 + n as u64, fields);
    }
    let written = builder.finish();
    (open(&written), written)
}

fn open(written: &Written) -> Segment {
    let gone = vec![0; written.documents.div_ceil(8) as usize];
    Segment::open(Box::new(written.content.clone()), written.sections, written.documents, &gone).unwrap()
}

/// Documents and fits, each checked against the passage that the texts themselves give.
fn found(documents: &[Vec<Field>], query: &str) -> Vec<(u32, Fit)> {
    let (segment, _) = segment(documents);
    let query = Query::new(query).unwrap();
    let found = find(&segment, &query).unwrap();
    for (at, fields) in documents.iter().enumerate() {
        let listed = found.iter().find(|finding| finding.document == at as u32).map(|finding| finding.fit);
        assert_eq!(locate(fields, &query).map(|passage| passage.fit), listed, "document {at}");
    }
    found.into_iter().map(|finding| (finding.document, finding.fit)).collect()
}

fn texts(all: &[&str]) -> Vec<Vec<Field>> {
    all.iter().map(|text| vec![field("text", text)]).collect()
}

/// Fails when one of the scripts is cut or folded otherwise in texts than in queries.
#[test]
fn finds_words_in_four_scripts() {
    let documents = texts(&[
        "Мен лагерьде болдым, 2018 жылы.",
        "He was taken from Ürümqi to the camp.",
        "رأيتهم في المُعَسْكَر ليلا",
        "他们在维吾尔自治区被拘留。",
        "مەن لاگېردا بولدۇم",
    ]);
    use Fit::{Beginning, Exact, Folded};
    for (query, expected) in [
        ("\"лагерьде\"", vec![(0, Exact)]),
        ("лагерьде", vec![(0, Exact), (4, Fit::Sound)]),
        ("ЛАГЕРЬ", vec![(0, Beginning)]),
        ("ürümqi", vec![(1, Exact)]),
        ("urumqi camp", vec![(1, Folded)]),
        ("المعسكر", vec![(2, Folded)]),
        ("维吾尔", vec![(3, Exact)]),
        ("拘", vec![(3, Exact)]),
        ("尔维", vec![]),
        ("لاگېردا", vec![(4, Exact)]),
        ("2018", vec![(0, Exact)]),
        ("camp лагерьде", vec![]),
    ] {
        assert_eq!(found(&documents, query), expected, "{query}");
    }
}

/// Fails when words of a phrase may stand anywhere, or reach into the next field.
#[test]
fn a_phrase_stands_side_by_side_in_one_field() {
    let documents = vec![
        vec![field("text", "two men in black uniform\nthe next day")],
        vec![field("text", "black men, two of them, in uniform")],
        vec![field("text", "he wore black"), field("note", "uniform of the police")],
    ];
    assert_eq!(found(&documents, "\"black uniform\""), [(0, Fit::Exact)]);
    assert_eq!(found(&documents, "“uniform the next”"), [(0, Fit::Exact)]);
    assert_eq!(found(&documents, "black uniform").len(), 3);
    assert_eq!(found(&documents, "\"unif\""), []);
    assert_eq!(found(&documents, "\"two men\" next"), [(0, Fit::Exact)]);
}

#[test]
fn codes_and_dates_are_found_as_they_are_written() {
    let documents = texts(&[
        "siehe Fall K7Q2-9F4M",
        "on 2018-04-12 at night",
        "12.04.2018 күні",
        "on 4/12/2018, and on 2018-12-04",
        "K7Q2 and 9F4M apart: 9F4M K7Q2",
    ]);
    assert_eq!(found(&documents, "k7q2-9f4m"), [(0, Fit::Exact)]);
    assert_eq!(found(&documents, "2018-04-12"), [(1, Fit::Exact), (2, Fit::Exact)]);
    assert_eq!(found(&documents, "12.4.2018"), [(1, Fit::Exact), (2, Fit::Exact)]);
    assert_eq!(found(&documents, "2018-12-04").len(), 1);
}

/// Fails when names are compared as they are spelled.
#[test]
fn a_name_is_found_across_scripts() {
    let documents = vec![
        vec![field("text", "Ағам Мұхаммед Айдосов келді")],
        vec![field("person P1, name", "محمد ئايدوسوۋ")],
        vec![field("person P1, name", "王晓明")],
        vec![field("text", "Wang Xiaoming was there")],
        vec![field("text", "nobody was there")],
    ];
    assert_eq!(found(&documents, "Muhammad"), [(0, Fit::Sound), (1, Fit::Sound)]);
    assert_eq!(found(&documents, "Мухаммед"), [(0, Fit::Folded), (1, Fit::Sound)]);
    assert_eq!(found(&documents, "Wang Xiaoming"), [(2, Fit::Sound), (3, Fit::Exact)]);
    assert_eq!(found(&documents, "王晓明"), [(2, Fit::Exact), (3, Fit::Sound)]);
    assert_eq!(found(&documents, "\"Muhammad\""), []);
}

#[test]
fn a_query_of_nothing_or_of_too_much_is_refused() {
    for empty in ["", "  ", "…!?", "\"\"", "« »", "\u{301}"] {
        assert_eq!(Query::new(empty), Err(QueryError::Empty), "{empty:?}");
    }
    assert_eq!(Query::new(&"word ".repeat(33)), Err(QueryError::TooLong));
    assert_eq!(Query::new(&"a".repeat(5000)), Err(QueryError::TooLong));
    assert!(Query::new("\"unclosed phrase").is_ok());
}

#[test]
fn a_passage_is_a_piece_of_one_line_with_its_marks() {
    let long = "а ".repeat(100);
    let fields = [field("text", &format!("бірінші жол\n{long}лагерь және ЛАГЕРЬ {long}\nsoңы"))];
    let passage = locate(&fields, &Query::new("лагерь").unwrap()).unwrap();
    assert_eq!((passage.line, passage.field), (2, 0));
    assert!(passage.text.starts_with('…') && passage.text.ends_with('…'), "{}", passage.text);
    let marked: Vec<&str> = passage.marks.iter().map(|range| &passage.text[range.clone()]).collect();
    assert_eq!(marked, ["лагерь", "ЛАГЕРЬ"]);
}

/// Fails when a word of what is gone stays in the bytes.
#[test]
fn joining_leaves_out_what_is_gone_and_keeps_the_rest() {
    let first = texts(&["alpha Құпия сөз", "beta common"]);
    let second = texts(&["gamma common", "delta"]);
    let (mut a, _) = segment(&first);
    let (b, _) = segment(&second);
    a.mark_gone(0);
    assert!(find(&a, &Query::new("alpha").unwrap()).unwrap().is_empty());
    let written = join(&[&a, &b]).unwrap();
    let joined = open(&written);
    assert_eq!(joined.documents(), 3);
    let both = find(&joined, &Query::new("common").unwrap()).unwrap();
    assert_eq!(both.iter().map(|finding| finding.document).collect::<Vec<_>>(), [0, 1]);
    assert_eq!(joined.document(2).unwrap(), document(1));
    let holds = |segment: &Segment, word: &str| {
        let all = segment.all_words().unwrap();
        all.words().any(|(key, _)| key.windows(word.len()).any(|bytes| bytes == word.as_bytes()))
    };
    for word in ["alpha", "құпия", "купия"] {
        assert!(holds(&a, word) && !holds(&joined, word), "{word}");
    }
}

/// Fails when a key is written that cannot be read.
#[test]
fn no_text_makes_a_segment_that_cannot_be_read() {
    let marks = format!("Ә{}", "\u{301}".repeat(100_000));
    let all = ["ﷺ".repeat(500), marks, "A".repeat(70_000), "维".repeat(5000), "م\u{651}".repeat(5000)];
    let documents: Vec<Vec<Field>> =
        all.iter().map(|text| vec![field("a name", text), field("text", text)]).collect();
    let (segment, _) = segment(&documents);
    assert!(join(&[&segment]).is_ok());
    for text in &all {
        let start: String = text.chars().take(40).collect();
        assert!(!find(&segment, &Query::new(&start).unwrap()).unwrap().is_empty());
    }
}

#[test]
fn a_segment_of_many_words_finds_each_of_them() {
    let documents: Vec<Vec<Field>> = (0..200)
        .map(|n| vec![field("text", &(0..50).map(|m| format!("w{n}x{m} ")).collect::<String>())])
        .collect();
    let (segment, written) = segment(&documents);
    assert!(written.sections[2] > 100, "several blocks");
    for n in [0, 7, 99, 199] {
        for m in [0, 25, 49] {
            let query = Query::new(&format!("\"w{n}x{m}\"")).unwrap();
            let found = find(&segment, &query).unwrap();
            assert_eq!(found.len(), 1, "w{n}x{m}");
            assert_eq!((found[0].document, found[0].time), (n, 1000 + u64::from(n)));
        }
    }
}

/// How many of a hundred pairs of one name share a sound: names that do not are never compared.
#[test]
fn most_names_share_a_sound_with_their_other_spellings() {
    let files = [
        ("Russian", include_str!("../../tests/vectors/names/russian.tsv"), 88),
        ("Arabic", include_str!("../../tests/vectors/names/arabic.tsv"), 90),
        ("Chinese", include_str!("../../tests/vectors/names/chinese.tsv"), 68),
        ("invented", include_str!("../../tests/vectors/names/same.tsv"), 90),
    ];
    for (file, text, least) in files {
        let pairs: Vec<(&str, &str)> = text
            .lines()
            .filter(|line| !line.starts_with('#'))
            .filter_map(|line| line.split_once('\t'))
            .filter(|(a, b)| a.split_whitespace().count() == b.split_whitespace().count())
            .collect();
        let share = |(a, b): &&(&str, &str)| {
            a.split_whitespace().zip(b.split_whitespace()).all(|(a, b)| {
                let heard = crate::names::sounds(b);
                crate::names::sounds(a).iter().any(|sound| heard.contains(sound))
            })
        };
        let shared = 100 * pairs.iter().filter(share).count() / pairs.len();
        assert!(shared >= least, "{file}: {shared} of a hundred");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    /// What is found is exactly what holds the words.
    #[test]
    fn finds_what_a_slow_search_finds(
        words in prop::collection::vec(prop::collection::vec("[abя维吾尔]{1,3}", 0..12), 1..12),
        query in "[abя维吾尔]{1,3}",
    ) {
        let joined: Vec<String> = words.iter().map(|words| words.join(" ")).collect();
        let documents: Vec<Vec<Field>> = joined.iter().map(|text| vec![field("text", text)]).collect();
        let (segment, _) = segment(&documents);
        let query = Query::new(&format!("\"{query}\"")).unwrap();
        let found: Vec<u32> = find(&segment, &query).unwrap().iter().map(|finding| finding.document).collect();
        let slow: Vec<u32> = documents.iter().enumerate()
            .filter(|(_, fields)| locate(fields, &query).is_some()).map(|(at, _)| at as u32).collect();
        prop_assert_eq!(found, slow);
    }

    /// Any change of any byte is refused, or answered without a panic.
    #[test]
    fn changed_bytes_are_broken_or_answered(at in any::<prop::sample::Index>(), byte in any::<u8>(), section in 0usize..5, by in any::<u64>()) {
        let (_, written) = segment(&texts(&["Мен лагерьде болдым", "two men in black", "维吾尔 自治区"]));
        let mut content = written.content.to_vec();
        let at = at.index(content.len());
        content[at] = byte;
        let mut sections = written.sections;
        if by.is_multiple_of(3) {
            sections[section] = sections[section].wrapping_add(by >> 32);
        }
        if let Ok(segment) = Segment::open(Box::new(Zeroizing::new(content)), sections, 3, &[0]) {
            for query in ["лагерь", "\"two men\"", "维吾尔", "muhammad", "b"] {
                find(&segment, &Query::new(query).unwrap()).ok();
            }
            join(&[&segment]).ok();
            (0..5).for_each(|n| {
                segment.document(n).ok();
            });
        }
    }
}
