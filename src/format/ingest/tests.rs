#![allow(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a test that cannot go on fails"
)]

use super::*;

fn jsonl(text: &str) -> Vec<Result<IngestRecord, IngestError>> {
    read_jsonl(text.as_bytes()).collect()
}

fn csv(text: &str) -> Vec<Result<IngestRecord, IngestError>> {
    read_csv(text.as_bytes()).collect()
}

/// Fails when a form is read otherwise than from a file of its own, or what is wrong in one is taken.
#[test]
fn a_part_may_have_a_form() {
    let line = |form: &str| format!("{{\"parts\":{{\"testimony\":{{\"form\":{form}}}}}}}\n");
    let jsonl = |text: &str| super::read_jsonl(text.as_bytes()).next().unwrap();
    let form = r#"{"amount":{"id":"A1","what":"fine","amount":44.20,"currency":"USD"}}"#;
    let record = jsonl(&line(form)).unwrap();
    assert_eq!(record.parts[0].text, None);
    let read = record.parts[0].form.clone().unwrap();
    assert_eq!(read, crate::format::read_form(form, "testimony").unwrap());
    assert_eq!(read.amount[0].amount.as_str(), "44.20");
    assert!(matches!(jsonl(&line("null")).unwrap_err().fault, IngestFault::NoText(_)));
    let person = jsonl(&line(r#"{"person":{"id":"P1"}}"#)).unwrap_err().fault;
    assert_eq!(
        person.to_string(),
        "the form of testimony: `person` does not belong into this part; put it into the part person or notes of the case, with a form of its own"
    );
    let slip = jsonl(&line(r#"{"amount":{"id":"A1","waht":"fine"}}"#)).unwrap_err().fault;
    assert!(slip.to_string().ends_with("`amount.waht` is no field here; did you mean `what`?"), "{slip}");
}

fn text(part: &str, text: &str, lang: Option<&str>) -> IngestText {
    IngestText {
        part: part.parse().unwrap(),
        text: Some(text.into()),
        lang: lang.map(|lang| lang.parse().unwrap()),
        form: None,
    }
}

/// "line N: message: cause".
fn told(error: &IngestError) -> String {
    let mut told = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        told = format!("{told}: {cause}");
        source = cause.source();
    }
    told
}

fn faults(results: Vec<Result<IngestRecord, IngestError>>) -> Vec<String> {
    results.iter().filter_map(|result| result.as_ref().err().map(told)).collect()
}

#[test]
fn reads_cases_of_both_forms_in_four_scripts() {
    let expected = vec![
        IngestRecord {
            line: 1,
            title: Some("Ержан, 2018".parse().unwrap()),
            parts: vec![
                text("person", "Ержан Қасымов", Some("kk-Cyrl")),
                text("testimony", "كۆردۈم\n\"ئۇ يەردە\"", Some("ug-Arab")),
            ],
            exhibits: vec!["a/фото.jpg".into()],
        },
        IngestRecord {
            line: 3,
            title: None,
            parts: vec![text("testimony", "我看见了, 两次", None)],
            exhibits: vec![],
        },
    ];
    let lines = concat!(
        "\u{feff}{\"title\":\"Ержан, 2018\",\"parts\":{\"person\":{\"text\":\"Ержан Қасымов\",\"lang\":\"kk-Cyrl\"},",
        "\"testimony\":{\"lang\":\"ug-Arab\",\"text\":\"كۆردۈم\\r\\n\\\"ئۇ يەردە\\\"\"}},\"exhibits\":[\"a/фото.jpg\"]}\r\n",
        "\n{\"title\":null,\"parts\":{\"testimony\":{\"text\":\"我看见了, 两次\",\"lang\":null}}}"
    );
    let read: Vec<_> = jsonl(lines).into_iter().map(Result::unwrap).collect();
    assert_eq!(read, expected);

    let table = "\u{feff}title,person,person.lang,testimony,testimony.lang\r\n\
        \"Ержан, 2018\",Ержан Қасымов,kk-Cyrl,\"كۆردۈم\r\n\"\"ئۇ يەردە\"\"\",ug-Arab\r\n\
        \r\n\
        ,,,\"我看见了, 两次\",";
    let read: Vec<_> = csv(table).into_iter().map(Result::unwrap).collect();
    let at = |record: &IngestRecord, line| IngestRecord { line, exhibits: vec![], ..record.clone() };
    assert_eq!(read, [at(&expected[0], 2), at(&expected[1], 5)]);
}

#[test]
fn names_the_line_and_what_is_wrong_in_it() {
    let good = r#"{"parts":{"notes":{"text":"x"}}}"#;
    for (line, fault) in [
        (
            r#"{"parts":{"confession":{"text":"x"}}}"#,
            "line 2: `confession` is no part: a part is person, testimony, whereabouts, medical, notes, exhibits or consent, alone or with a label (person/doctor)",
        ),
        (
            r#"{"parts":{"notes":{"text":"x","lang":"uyghur_latin"}}}"#,
            "line 2: the language of notes: a language tag is letters, digits and hyphens, such as kk-Cyrl, ug-Arab, zh-Hans, ru (BCP 47)",
        ),
        (r#"{"parts":{"notes":{"lang":"ug"}}}"#, "line 2: `notes` has neither `text` nor `form`"),
        (r#"{"parts":{"notes":{"text":" "}}}"#, "line 2: the text of notes: the text is empty"),
        (
            r#"{"parts":{"notes":{"text":"x","by":"y"}}}"#,
            "line 2: `by` has no meaning here: there are title, parts (text, lang, form) and exhibits",
        ),
        (
            r#"{"titel":"x"}"#,
            "line 2: `titel` has no meaning here: there are title, parts (text, lang, form) and exhibits",
        ),
        (r#"{"title":"x","title":"y"}"#, "line 2: `title` stands there twice"),
        (r#"{"parts":{"notes":{"text":"x"},"notes":{"text":"y"}}}"#, "line 2: `notes` stands there twice"),
        (r#"{"title":7}"#, "line 2: `title` must be a text"),
        (r#"{"parts":["notes"]}"#, "line 2: `parts` must be an object"),
        (r#"{"exhibits":"a.jpg"}"#, "line 2: `exhibits` must be a list of paths"),
        (r#"{"exhibits":[1]}"#, "line 2: `exhibits` must be a list of paths"),
        (
            r#"{"title":"a\nb"}"#,
            "line 2: the title: the text has a line break or a control character where one plain line is expected",
        ),
        (r#"["x"]"#, "line 2: `a line` must be an object"),
        ("{}", "line 2: nothing in it"),
        (r#"{"title":"x""#, "line 2: not JSON: wrong at character 12 of the line"),
        (r#"{"title":"x"} y"#, "line 2: not JSON: wrong at character 15 of the line"),
    ] {
        let results = jsonl(&format!("{good}\n{line}\n{good}\n"));
        assert_eq!(faults(results), [fault], "{line}");
    }
    let wrong = [b"{\"title\":\"x\"}\n{\"title\":\"".as_slice(), b"\xff\"}\n{\"title\":\"z\"}"].concat();
    let results: Vec<_> = read_jsonl(wrong.as_slice()).collect();
    assert_eq!(results.len(), 3, "the others are still read");
    assert_eq!(faults(results), ["line 2: not UTF-8 at byte 10 of the line: save the file as UTF-8"]);
}

#[test]
fn names_the_line_of_a_wrong_record() {
    let good = "title,notes,notes.lang\nA,x,ru\n";
    for (record, fault) in [
        ("B,y\n", "line 3: 2 fields where the header has 3"),
        ("B,y,ru,z\n", "line 3: 4 fields where the header has 3"),
        (
            "B,y,r\n",
            "line 3: the language of notes: a language tag is letters, digits and hyphens, such as kk-Cyrl, ug-Arab, zh-Hans, ru (BCP 47)",
        ),
        (",,ru\n", "line 3: nothing in it"),
        (
            "B,y \"z\",\n",
            "line 3: a quote is open or stands inside a field; a quote inside a quoted field is doubled",
        ),
        (
            "B,\"y\" z,\n",
            "line 3: a quote is open or stands inside a field; a quote inside a quoted field is doubled",
        ),
    ] {
        assert_eq!(faults(csv(&format!("{good}{record}"))), [fault], "{record}");
    }
    for (header, fault) in [
        ("title;notes\nA;x\n", "line 1: columns are separated by commas, not by semicolons or tabs"),
        ("title,notes.lang\nA,ru\n", "line 1: a column for the language of notes, and none for its text"),
        ("title,notes,notes\nA,x,y\n", "line 1: `notes` stands there twice"),
        (
            "name,notes\nA,x\n",
            "line 1: `name` is no part: a part is person, testimony, whereabouts, medical, notes, exhibits or consent, alone or with a label (person/doctor)",
        ),
    ] {
        assert_eq!(faults(csv(header)), [fault], "{header}");
    }
    let results: Vec<_> = read_csv(b"title,notes\nA,x\nB,\xffy\nC,z\n".as_slice()).collect();
    assert_eq!(results.len(), 3, "the others are still read");
    assert_eq!(faults(results), ["line 3: not UTF-8 at byte 0 of the line: save the file as UTF-8"]);
}

#[test]
fn an_open_quote_never_joins_two_witnesses_into_one() {
    // The csv crate reads the first of these as one record whose text is `y\nC,z\n`.
    for table in ["title,notes\nA,x\nB,\"y\nC,z\n", "title,notes\nA,x\nB,\"y\nC,\"z\"\n"] {
        let results = csv(table);
        assert_eq!(results.len(), 2, "{table}: {results:?}");
        assert_eq!(results[0].as_ref().unwrap().title.as_ref().unwrap().as_str(), "A");
        assert!(told(results[1].as_ref().unwrap_err()).starts_with("line 3: a quote is open"), "{table}");
    }
}

#[test]
fn an_empty_file_is_an_error() {
    for empty in ["", "\n \n", "\u{feff}"] {
        assert_eq!(faults(jsonl(empty)), ["line 1: there is no case in this file"], "{empty:?}");
        assert_eq!(faults(csv(empty)), ["line 1: there is no case in this file"], "{empty:?}");
    }
    assert_eq!(faults(csv("title,notes\n")), ["line 1: there is no case in this file"]);
}

#[test]
fn shows_line_numbers_as_people_read_them() {
    for (number, shown) in [(1, "1"), (999, "999"), (8412, "8,412"), (1_234_567, "1,234,567")] {
        assert_eq!(grouped(number), shown);
    }
    let lines = "{\"title\":\"x\"}\n".repeat(8411) + "{\"titel\":\"x\"}\n";
    assert!(faults(jsonl(&lines))[0].starts_with("line 8,412: "));
}

#[test]
fn a_file_that_fails_while_it_is_read_ends() {
    struct Failing;
    impl Read for Failing {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::ErrorKind::PermissionDenied.into())
        }
    }
    let file = || io::BufReader::new(b"title,notes\nA,x\n".chain(Failing));
    assert_eq!(faults(read_csv(file()).collect()), ["line 3: the file cannot be read: permission denied"]);
    assert_eq!(
        faults(read_jsonl(file()).collect()).last().unwrap(),
        "line 3: the file cannot be read: permission denied"
    );
}

#[test]
fn a_read_that_was_interrupted_is_done_again() {
    struct Interrupted(bool);
    impl Read for Interrupted {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.0 = !self.0;
            if self.0 {
                Err(io::ErrorKind::Interrupted.into())
            } else {
                b"B,y\n".as_slice().read(&mut buffer[..4])
            }
        }
    }
    let file = io::BufReader::new(b"title,notes\nA,x\n".chain(Interrupted(false).take(4)));
    assert_eq!(read_csv(file).filter_map(Result::ok).count(), 2);
}

#[test]
fn after_a_wrong_quote_or_header_nothing_is_read() {
    let results = csv("title,notes\nA,x\nB,y\"z\nC,z\n");
    assert_eq!(results.len(), 2, "{results:?}");
    assert_eq!(csv("title,\"no\"tes\nA,x\nB,y\n").len(), 1);
    assert_eq!(csv("title,notes,\nA,x,\n").len(), 1);
    assert!(csv("title,notes\nA,x\"y")[0].is_err(), "also where the file ends");
}

#[test]
fn a_carriage_return_inside_quotes_belongs_to_the_text() {
    let text = |table: &str| csv(table)[0].as_ref().unwrap().parts[0].text.clone().unwrap();
    assert_eq!(text("notes\r\n\"a\r\"\r\n"), "a\n");
    assert_eq!(text("notes\r\na\r\n"), "a");
}

#[test]
fn exhibits_may_be_null_and_no_path_is_empty() {
    let record = jsonl("{\"title\":\"x\",\"exhibits\":null}").remove(0).unwrap();
    assert!(record.exhibits.is_empty());
    let refused = faults(jsonl("{\"title\":\"x\",\"exhibits\":[\"\"]}"));
    assert_eq!(refused, ["line 1: `exhibits` must be a list of paths"]);
}

proptest::proptest! {
    #[test]
    fn reads_what_the_csv_crate_writes(texts in proptest::collection::vec(("[a-z,\"\n\r é]{1,12}x", "[a-z,\"\né]{0,9}"), 1..6)) {
        let mut writer = ::csv::Writer::from_writer(Vec::new());
        writer.write_record(["notes", "medical"]).unwrap();
        for (a, b) in &texts {
            writer.write_record([a, b]).unwrap();
        }
        let read: Vec<_> = read_csv(writer.into_inner().unwrap().as_slice()).map(Result::unwrap).collect();
        proptest::prop_assert_eq!(read.len(), texts.len());
        for (record, (a, b)) in read.iter().zip(&texts) {
            let expected: Vec<String> = [a, b].into_iter().filter_map(|text| normalise_str(text).ok()).collect();
            let found: Vec<String> = record.parts.iter().filter_map(|part| part.text.clone()).collect();
            proptest::prop_assert_eq!(found, expected);
        }
    }

    #[test]
    fn never_panics(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200)) {
        let quoted: Vec<u8> = bytes.iter().map(|byte| b"a,\"\n\r;{}[]:\xff"[usize::from(*byte) % 12]).collect();
        for bytes in [&bytes, &quoted] {
            read_csv(bytes.as_slice()).for_each(drop);
            read_jsonl(bytes.as_slice()).for_each(drop);
            read_csv([b"title,notes\n", bytes.as_slice()].concat().as_slice()).for_each(drop);
        }
    }
}
