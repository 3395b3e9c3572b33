//! Forms read from both writings, written, read back; what is refused and how it is named.

use super::*;
use crate::record::form::{Noun, SECTIONS};

const TESTIMONY: &str = r#"
# Invented people.
[[statement]]
id = "S1"
lang = "kk-Cyrl"
by = "P1"
drafted_by = "P2"
text = """
Мен көрдім.
"""

[[statement]]
id = "S2"
lang = "ug-Arab"
text = "مەن كۆردۈم"
translation_of = "S1"
translated_by = "P3"
method = "human"

[[event]]
id = "V1"
date = { said = "in November 201", edtf = "201X-11" }
place = { said = "塔城", level = "district" }
type_of_act = ["arrest", "030102", "x-summons"]
method_of_violence = "sleep_deprivation"

[[claim]]
id = "C1"
text = "Екі күн болды."
said_by = "P1"
knowledge = "own_experience"
statement = "S1"
count = 2

[[amount]]
id = "A1"
what = "a fine"
said = "300,000 yuan"
amount = 300000
currency = "CNY"
conversion = [{ amount = 44200, currency = "USD", source = "the newspaper" }]
"#;

fn read(text: &str) -> Form {
    read_form(text, "testimony").unwrap_or_else(|error| panic!("{error} {}", error.fault.remedy()))
}

#[track_caller]
fn refused(kind: &str, text: &str, line: usize, words: &str, remedy: &str) {
    let error = read_form(text, kind).expect_err(text);
    assert_eq!(error.line, line, "{error}");
    assert!(error.to_string().contains(words), "{words:?} is not in {error}");
    assert!(error.fault.remedy().contains(remedy), "{remedy:?} is not in {}", error.fault.remedy());
}

/// Fails when a field is dropped, or read otherwise from JSON than from TOML.
#[test]
fn what_is_written_is_read_back() {
    let form = read(TESTIMONY);
    let written = write_form(&form);
    assert_eq!(parse_form(&written), Ok(form.clone()));
    assert_eq!(read(&written), form);
    assert_eq!(form.event[0].date.as_ref().unwrap().edtf.as_ref().unwrap().as_str(), "201X-11");
    let acts: Vec<_> = form.event[0].type_of_act.iter().map(|act| (act.as_str(), act.huridocs())).collect();
    assert_eq!(
        acts,
        [("arrest", Some("030101000000")), ("detention", Some("030102000000")), ("x-summons", None)]
    );
    assert_eq!(form.ids().len(), 5);
    assert!(
        written.starts_with("{\n  \"sanduq\": \"form 1\",\n  \"statement\": [") && written.ends_with("}\n")
    );
}

/// Fails when a reader takes another writing of the same form.
#[test]
fn one_writing_is_taken_from_a_revision() {
    let written = write_form(&read(TESTIMONY));
    for other in [
        written.replace("\n      ", "\n     "),
        written.trim_end().into(),
        written.replace("\"S1\"", "\"S\\u0031\""),
        written.replace("\"detention\"", "\"030102\""),
        written.replace("\"count\": 2", "\"count\": 2.0"),
        written.replace("\"by\": \"P1\"", "\"who\": \"P1\""),
        written.replace("form 1", "form 01"),
    ] {
        assert_ne!(other, written);
        assert!(parse_form(&other).is_err() && !is_form(&other), "{other}");
    }
    let newer = written.replace("form 1", "form 2");
    assert_eq!((parse_form(&newer), is_form(&newer)), (Err(Malformed::Newer), true));
}

/// Fails when the template is not the form that is read: every field of every section, as it is shown, is taken.
#[test]
fn the_template_can_be_filled_in() {
    for section in SECTIONS {
        let mut text = format!("[[{}]]\n", section.name);
        let filled =
            section.fields.iter().filter(|field| !["\"\"", "", "\"S1\"", "\"P2\""].contains(&field.example));
        filled.for_each(|field| text.push_str(&format!("{} = {}\n", field.name, field.example)));
        if section.name == "statement" {
            text = text.replace("translated_by = \"P3\"\n", "").replace("method = \"human\"\n", "");
        }
        text = text.replace("same_as = [{ person = \"P2\", certainty = \"possible\" }]\n", "");
        for kind in section.parts {
            read_form(&text, kind).unwrap_or_else(|error| panic!("{kind}: {error}\n{text}"));
        }
    }
    for kind in ["person", "testimony", "whereabouts", "medical", "notes", "exhibits"] {
        let text = template(kind);
        assert!(
            SECTIONS
                .iter()
                .filter(|one| one.parts.contains(&kind))
                .all(|one| text.contains(&format!("#[[{}]]", one.name)))
        );
        refused(kind, &text, 1, "holds nothing", "[[statement]]");
    }
    let fields: Vec<_> = crate::record::form::Person::FIELDS.iter().map(|field| field.name).collect();
    assert_eq!((fields[0], fields[1]), ("id", "name"));
}

#[test]
fn a_slip_is_named_with_its_line_and_the_field_meant() {
    refused(
        "testimony",
        "[[statement]]\nlang = \"ru\"\ntxet = \"Я видел.\"\n",
        3,
        "`statement.txet` is no field",
        "`text`",
    );
    refused("testimony", "[[statment]]\nlang = \"ru\"\n", 1, "`statment`", "`statement`");
    refused(
        "testimony",
        "{\"statement\": [\n{\"lang\": \"ru\",\n\"txet\": \"x\"}]}",
        3,
        "`statement.txet`",
        "`text`",
    );
    refused(
        "testimony",
        "[[statement]]\nlang = \"ru\"\n\ntext = \"a\ntext = \"b\"",
        4,
        "not TOML",
        "template",
    );
    refused(
        "testimony",
        "{\"statement\": [\n{\"lang\": \"ru\"\n\"text\": \"x\"}]}",
        3,
        "not JSON",
        "template",
    );
    refused(
        "testimony",
        "{\"statement\": {\n\"lang\": \"ru\",\n\"lang\": \"tr\"}}",
        3,
        "stands twice: first in line 2",
        "leave",
    );
    let word = "[[event]]\nid = \"V1\"\ntitle = true\n";
    refused("testimony", word, 3, "`event.title` is no text", "quotes");
    assert_eq!(read(r#"{"event": {"id": "V1", "title": null}}"#).event[0].title, None);
    refused("testimony", r#"{"event": {"id": "V1", "type_of_act": [null]}}"#, 1, "is no text", "quotes");
    let act = "[[event]]\nid = \"V1\"\ntype_of_act = [\"arest\"]\n";
    refused("testimony", act, 3, "`event.type_of_act` is no word", "\"arrest\"");
}

#[test]
fn what_cannot_be_is_refused() {
    let dated = |date: &str| format!("[[event]]\nid = \"V1\"\n\ndate = {{ edtf = \"{date}\" }}\n");
    for good in ["2013-02-28", "201X-11", "2013-03~", "2013?", "2013/2017", "2013/..", "156X", "2004-06~-11"]
    {
        read(&dated(good));
    }
    for bad in ["2013-02-30", "2013-13", "21.03.2013", "", "yesterday"] {
        refused("testimony", &dated(bad), 4, "`event.date.edtf` is no date", "201X-11");
    }
    let tagged = |lang: &str| format!("[[statement]]\nlang = \"{lang}\"\ntext = \"x\"\n");
    refused("testimony", &tagged("kk_Cyrl"), 2, "is no language tag", "no underscores");
    refused("testimony", &tagged("kk"), 2, "in which script", "kk-Arab");
    refused("testimony", &tagged("qq-toolongsubtag"), 2, "is no language tag", "kk-Cyrl");
    read(&tagged("ru"));
    refused("testimony", "[[statement]]\nlang = \"ru\"\n", 1, "has no words", "text");
    refused(
        "person",
        "[[person]]\nid = \"P1\"\nage = { years = 34 }\n",
        3,
        "`person.age.as_of` is missing",
        "as_of = ",
    );
    refused(
        "testimony",
        "[[claim]]\nid = \"C1\"\ntext = \"x\"\nsaid_by = \"P1\"\n",
        1,
        "`claim.knowledge` is missing",
        "own_experience",
    );
    let granted = "[[consent]]\nperson = \"P1\"\nstatus = \"given\"\n";
    refused("consent", granted, 1, "needs `given_by`", "not agreed to");
    read_form(
        "[[consent]]\nperson = \"P1\"\nstatus = \"refused\"\nnote = \"fears for her mother\"\n",
        "consent",
    )
    .unwrap();
}

#[test]
fn what_a_form_names_is_in_it_once() {
    let translated = TESTIMONY.replace("translation_of = \"S1\"", "translation_of = \"S7\"");
    refused("testimony", &translated, 16, "`statement.translation_of` names S7", "S1, S2");
    let circle = TESTIMONY.replace("\nby = \"P1\"", "\ntranslation_of = \"S2\"");
    refused("testimony", &circle, 3, "leads back to itself", "original");
    let twice = "[[person]]\nid = \"P1\"\n\n[[person]]\nid = \"P1\"\n";
    refused("person", twice, 5, "`person.id` stands twice: first in line 2", "another identifier");
    let consents = "[[consent]]\nperson = \"P1\"\nstatus = \"refused\"\n".repeat(2);
    refused("consent", &consents, 5, "`consent.person` stands twice", "leave");
    refused("person", &consents, 1, "`consent` does not belong", "consent of the case");
    refused("testimony", twice, 1, "`person` does not belong", "person or notes");
    let same = "[[person]]\nid = \"P1\"\nsame_as = { person = \"P9\", certainty = \"possible\" }\n";
    refused("person", same, 1, "names P9", "P1");
}

#[test]
fn limits_hold() {
    let long = format!("[[statement]]\nlang = \"ru\"\ntext = \"{}\"\n", "x".repeat(MAX_FORM_FILE_BYTES));
    refused("testimony", &long, 1, "larger than 1 MiB", "template");
    let deep = format!("{{\"person\": {}}}", "[".repeat(60) + &"]".repeat(60));
    refused("person", &deep, 1, "nested too deeply", "template");
    let many = format!("{{\"person\": {}}}", "[".repeat(60_000));
    assert!(read_form(&many, "person").is_err());
}

/// Fails, by taking minutes, when entries are compared each with all others.
#[test]
fn as_many_entries_as_fit_are_judged_in_a_moment() {
    let begun = std::time::Instant::now();
    let fields: Vec<String> = (0..90_000).map(|n| format!("\"{n:05}\":1")).collect();
    let error = read_form(&format!("{{{}}}", fields.join(",")), "notes").unwrap_err();
    assert!(matches!(error.fault, FormFault::Unknown { .. }), "{error}");
    let statement = |n: usize| {
        format!("{{\"id\":\"S{n}\",\"lang\":\"ru\",\"text\":\"x\",\"translation_of\":\"S{}\"}}", n + 1)
    };
    let last = "{\"id\":\"S15000\",\"lang\":\"ru\",\"text\":\"x\"}".to_owned();
    let chain: Vec<String> = (0..15_000).map(statement).chain([last]).collect();
    let form = read(&format!("{{\"statement\":[{}]}}", chain.join(",")));
    let written = write_form(&form);
    assert!(written.len() < MAX_FORM_BYTES);
    assert_eq!(parse_form(&written), Ok(form));
    assert!(begun.elapsed() < std::time::Duration::from_secs(20), "{:?}", begun.elapsed());
}

proptest::proptest! {
    /// Fails when any bytes make the reading panic, or a form that was read is not written and read back the same.
    #[test]
    fn no_text_panics_and_every_form_comes_back(
        cut in 0usize..1400, insert in "[\\[\\]{}=\",#a-zé\u{feff}\n0-9X~-]{0,6}", kind in 0usize..6,
    ) {
        let at = (0..=cut.min(TESTIMONY.len())).rev().find(|at| TESTIMONY.is_char_boundary(*at)).unwrap();
        let kind = ["person", "testimony", "whereabouts", "medical", "notes", "exhibits"][kind];
        let (before, after) = TESTIMONY.split_at(at);
        for text in [format!("{before}{insert}{after}"), format!("{{{insert}"), before.to_owned()] {
            match read_form(&text, kind) {
                Ok(form) => proptest::prop_assert_eq!(parse_form(&write_form(&form)), Ok(form)),
                Err(error) => proptest::prop_assert!(error.line <= text.lines().count() + 1 && !error.fault.remedy().is_empty()),
            }
        }
    }
}
