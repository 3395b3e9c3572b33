//! Dates in order, accounts that differ, what is due: a case told in four scripts, by its owner and by a reader.

use std::collections::HashMap;

use jiff::ToSpan as _;
use jiff::civil::Date;
use sanduq::crypto::Identity;
use serde_json::Value;

use super::circle::{meet, path};
use super::json::{documented, keys};
use crate::support::program::{Home, OVERRIDE, Run, content_of};

const PERSON: &str = r#"
[[person]]
id = "P1"
name = [{ text = "Айдос Серікұлы", lang = "kk-Cyrl", kind = "birth" }]
age = { years = 25, as_of = "2019-10", said = "жиырма бес" }
same_as = { person = "P2", certainty = "possible", note = "the brother he dined with in 2023" }

[[person]]
id = "P2"

[[document]]
id = "D1"
kind = "refugee_certificate"
issuer = "Ақмола көші-қон басқармасы"
holder = "P1"
issued = "2020-10-16"
valid_from = "2020-10-16"
expires = "2021-10-16"
"#;

const TESTIMONY: &str = r#"{
 "statement": [
  {"id": "S1", "lang": "kk-Cyrl", "by": "P1", "text": "Біз түнде кестік.", "taken": {"edtf": "2021-01-15"}},
  {"id": "S2", "lang": "ru", "by": "P3", "text": "Перешли шестого."},
  {"id": "S3", "lang": "zh-Hans", "by": "P4", "text": "他在监狱里。"},
  {"id": "S4", "lang": "ug-Arab", "by": "P5", "text": "ئۇ لاگېردا ئىدى."}],
 "claim": [
  {"id": "C1", "text": "Қазанның бірінде кестік.", "said_by": "P1", "knowledge": "own_experience", "statement": "S1",
   "about": "V1", "date": {"said": "1 қазан", "edtf": "2019-10-01"}, "count": 1},
  {"id": "C2", "text": "Перешли шестого.", "said_by": "P3", "knowledge": "relayed", "statement": "S2",
   "about": "V1", "date": {"said": "шестого октября", "edtf": "2019-10-06"}, "count": 2},
  {"id": "C3", "text": "他在监狱里。", "said_by": "P4", "knowledge": "told_by_victim", "statement": "S3",
   "about": "V2", "term": "监狱", "term_lang": "zh-Hans", "place": {"said": "塔城", "level": "district"}},
  {"id": "C4", "text": "ئۇ لاگېردا ئىدى.", "said_by": "P5", "knowledge": "witnessed", "statement": "S4",
   "about": "V2", "term": "لاگېر", "term_lang": "ug-Arab", "place": {"said": "ئىلى", "level": "district"}},
  {"id": "C5", "text": "No date and no event.", "said_by": "P5", "knowledge": "unknown"}],
 "event": [
  {"id": "V1", "title": "Шекарадан өту", "date": {"said": "in October", "edtf": "2019-10"}},
  {"id": "V2", "date": {"edtf": "2013"}, "until": {"said": "in November 201", "edtf": "201X-11"},
   "type_of_act": ["detention"], "place": {"said": "新疆", "level": "region"}},
  {"id": "V3", "title": "Sentence", "date": {"said": "from 21 January, 5 months 24 days", "edtf": "2020-07-15~"},
   "until": {"said": "released 22 June", "edtf": "2020-06-22"}},
  {"id": "V4", "title": "A quarrel", "date": {"said": "before the snow"}}],
 "link": {"person": "P1", "role": "victim", "event": "V2"}}"#;

fn put(home: &Home, code: &str, part: &str, form: &str) -> Run {
    home.run_with(&["put", code, part, "--form", "-"], form).succeeds()
}

/// A case with a person and a testimony.
fn told(home: &Home) -> String {
    let code = home.new_case();
    put(home, &code, "person", PERSON);
    put(home, &code, "testimony", TESTIMONY);
    code
}

/// A vault and a reader of it who compared words.
fn pair() -> (Home, Home) {
    let people = [Identity::generate(), Identity::generate()];
    let (giver, reader) = (Home::of(&people[0]), Home::of(&people[1]));
    meet(&giver, "lawyer", &reader);
    meet(&reader, "activist", &giver);
    (giver, reader)
}

#[track_caller]
fn has_all(page: &str, wanted: &[&str]) {
    for lines in wanted {
        assert!(page.contains(lines), "{lines}\nis not in\n{page}");
    }
}

/// The timeline of that case.
const PAGE: &str = r#"
11 dates as they were said, by the first day it can have been; ~ where it is not certain that it came after the one above

|   “in November 201” (201X-11); between 2010-11-01 and 2019-11-30; not every digit known; may belong up to 5 dates further down
|       end of event V2: detention
|       TESTIMONY
| ~ 2013; between 2013-01-01 and 2013-12-31; until “in November 201” (201X-11)
|       event V2: detention
|       who: victim P1 (Айдос Серікұлы)
|       where: “新疆” (region)
|       TESTIMONY
|   “1 қазан” (2019-10-01); may belong up to 2 dates further down
|       claim C1 about V1: Қазанның бірінде кестік.
|       said by P1 (Айдос Серікұлы), from own experience, in kk-Cyrl
|       TESTIMONY
| ~ 2019-10; between 2019-10-01 and 2019-10-31; may belong up to 2 dates further down
|       P1 is 25 years old: said as “жиырма бес”
|       whole years from birth: born between 1993-10-02 and 1994-10-31
|       who: P1 (Айдос Серікұлы)
|       PERSON
| ~ “in October” (2019-10); between 2019-10-01 and 2019-10-31
|       event V1: Шекарадан өту
|       TESTIMONY
| ~ “шестого октября” (2019-10-06)
|       claim C2 about V1: Перешли шестого.
|       said by P3, who heard it from others, in ru
|       TESTIMONY
|   “released 22 June” (2020-06-22)
|       end of event V3: Sentence
|       TESTIMONY
| ~ “from 21 January, 5 months 24 days” (2020-07-15~); about; until “released 22 June” (2020-06-22)
|       event V3: Sentence
|       TESTIMONY
| ~ 2020-10-16
|       document D1 issued: refugee certificate, Ақмола көші-қон басқармасы
|       who: holder P1 (Айдос Серікұлы)
|       PERSON
|   2021-01-15
|       statement S1 taken
|       said by P1 (Айдос Серікұлы), in kk-Cyrl
|       TESTIMONY
|   2021-10-16
|       document D1 expires: refugee certificate, Ақмола көші-қон басқармасы
|       who: holder P1 (Айдос Серікұлы)
|       PERSON

NO DATE THAT CAN BE ORDERED

|   “before the snow”
|       event V4: A quarrel
|       TESTIMONY
"#;

/// Fails when a date is completed, put in an order that is not certain without a mark, or shown without its words.
#[test]
fn dates_stand_in_order_as_they_were_said_with_what_they_leave_open() {
    let home = Home::with_cheap_vault();
    let code = told(&home);
    let before = content_of(&home.path("vault"));
    let page = home.run(&["timeline", &code]).succeeds().out;
    let wanted = PAGE.replace("PERSON", &format!("{code} person, revision 1 by you"));
    let wanted = wanted.replace("TESTIMONY", &format!("{code} testimony, revision 1 by you"));
    assert_eq!(page, format!("{code}{wanted}"));
    let dates = home.json(&["timeline", &code], "")["dates"].clone();
    let end = &dates[0];
    assert_eq!(end["date"]["edtf"], "201X-11");
    assert_eq!((end["earliest"].as_str(), end["latest"].as_str()), (Some("2010-11-01"), Some("2019-11-30")));
    assert_eq!((end["order"].as_str(), dates[1]["order"].as_str()), (None, Some("open")));
    assert_eq!(content_of(&home.path("vault")), before, "looking writes nothing");
}

/// Fails when two accounts are settled, one is left out, or a language or the way of knowing is not said.
#[test]
fn accounts_that_differ_stand_beside_each_other_and_nothing_is_settled() {
    let home = Home::with_cheap_vault();
    let code = told(&home);
    let before = content_of(&home.path("vault"));
    let page = home.run(&["timeline", &code, "--conflicts"]).succeeds().out;
    let line = format!("|       {code} testimony, revision 1 by you\n");
    has_all(
        &page,
        &[
            &format!(
                "{code}: accounts differ in 5 points; 1 thing does not fit\ncompared: 4 claims, 4 events, 2 persons in 2 forms; by date, number, place, word and person; 1 claim not: what they are about is not named\nnothing of it is settled here\n"
            ),
            &format!(
                "| event V1: DATES DIFFER: no day fits all of them\n|     “in October” (2019-10)\n|       event V1: Шекарадан өту\n{line}|     “1 қазан” (2019-10-01)\n|       claim C1: Қазанның бірінде кестік.\n|       said by P1 (Айдос Серікұлы), from own experience, in kk-Cyrl\n{line}|     “шестого октября” (2019-10-06)\n|       claim C2: Перешли шестого.\n|       said by P3, who heard it from others, in ru\n{line}"
            ),
            "| event V1: COUNTS DIFFER: different numbers\n|     1\n|       claim C1",
            "| event V2: PLACES DIFFER: different places as said\n|     “新疆” (region)\n",
            &format!(
                "| event V2: TERMS DIFFER: different words in different languages: translation may be the cause\n|     “监狱” (zh-Hans)\n|       claim C3: 他在监狱里。\n|       said by P4, who heard it from the victim, in zh-Hans\n{line}|     “لاگېر” (ug-Arab)\n|       claim C4: ئۇ لاگېردا ئىدى.\n|       said by P5, who saw it, in ug-Arab\n{line}"
            ),
            "| persons P1 and P2: MAY BE ONE PERSON: they stay two\n|     same person: possible: the brother he dined with in 2023\n",
            "| event V3: DOES NOT FIT: it ended before it began, as the dates are written; one is only about right, or not sure\n|     from: “from 21 January, 5 months 24 days” (2020-07-15~)\n",
        ],
    );
    let conflicts = home.json(&["timeline", &code, "--conflicts"], "")["cases"][0]["conflicts"].clone();
    let kinds: Vec<&str> =
        conflicts.as_array().unwrap().iter().map(|one| one["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["date", "count", "place", "term", "person", "does_not_fit"]);
    assert_eq!(content_of(&home.path("vault")), before);

    let quiet = home.new_case();
    put(&home, &quiet, "testimony", r#"{"event": {"id": "V1", "date": {"edtf": "2019"}}}"#);
    let page = home.run(&["timeline", &quiet, &code, "--conflicts"]).succeeds().out;
    has_all(
        &page,
        &[&format!("{quiet}: no accounts differ\ncompared: 0 claims, 1 event, 0 persons in 1 form")],
    );
    assert!(page.contains(&format!("\n{code}: accounts differ in 5 points")), "{page}");
}

/// Fails when one case's P1 lends another case's P1 a name, or events of two cases with one identifier are compared.
#[test]
fn identifiers_mean_something_within_their_case_only() {
    let home = Home::with_cheap_vault();
    let (one, other) = (told(&home), home.new_case());
    let form = r#"{"event": {"id": "V1", "date": {"edtf": "1999"}}, "link": {"person": "P1", "role": "witness", "event": "V1"}}"#;
    put(&home, &other, "testimony", form);
    let page = home.run(&["timeline", &one, &other, &one]).succeeds().out;
    has_all(&page, &[&format!("{one} {other}\n"), "|       event V1\n|       who: witness P1\n"]);
    let page = home.run(&["timeline", &one, &other, "--conflicts"]).succeeds().out;
    assert!(page.contains(&format!("{other}: no accounts differ")) && !page.contains("1999"), "{page}");
}

/// Fails when a reader learns a name, a document or a date of a part that was not shared.
#[test]
fn a_reader_sees_the_dates_of_what_was_shared_and_no_more() {
    let (giver, reader) = pair();
    let code = told(&giver);
    let vault = path(&giver, "vault");
    let share = |parts: &str| {
        giver
            .run(&["share", &code, "--to", "lawyer", "--parts", parts, "--override", OVERRIDE, "--yes"])
            .succeeds();
    };
    let read = |args: &[&str]| reader.run(&[&["--vault", &vault], args].concat());
    read(&["timeline", &code]).fails(11, "no contact of yours has shared anything here");
    share("testimony");
    let page = read(&["timeline", &code]).succeeds().out;
    let line = "testimony, revision 1 by activist, verified, given by activist, verified\n";
    has_all(&page, &["|       said by P1, from own experience, in kk-Cyrl\n", "who: victim P1\n", line]);
    assert!(!page.contains("Айдос") && !page.contains("D1") && !page.contains("25 years"), "{page}");
    let due = read(&["due", "--within", "100y"]).succeeds().out;
    has_all(&due, &["in 1 case\n\nnothing is due\n"]);
    let conflicts = read(&["timeline", &code, "--conflicts"]).succeeds().out;
    assert!(!conflicts.contains("P2") && conflicts.contains("differ in 4 points"), "{conflicts}");

    share("person");
    let page = read(&["timeline", &code]).succeeds().out;
    has_all(&page, &["said by P1 (Айдос Серікұлы), from own experience", "document D1 expires"]);
    has_all(&read(&["due"]).succeeds().out, &["OVERDUE by ", "document D1 expires: refugee certificate"]);
}

/// Fails when revisions written apart are not told, or what both say stands twice.
#[test]
fn revisions_written_apart_are_held_against_each_other() {
    let home = Home::with_cheap_vault();
    let code = home.new_case();
    let form = |year: u64, more: &str| {
        format!(
            r#"{{"event": [{{"id": "V1", "date": {{"edtf": "{year}"}}}}, {{"id": "V2", "date": {{"edtf": "2010"}}}}{more}]}}"#
        )
    };
    put(&home, &code, "testimony", &form(2012, ""));
    let other = Home::device_like(&home);
    let copy = |from: &Home, to: &Home, how: &str| {
        let from = format!("{}/.", path(from, "vault"));
        let done = std::process::Command::new("cp").args([how, &from, &path(to, "vault")]).status().unwrap();
        assert!(done.success());
    };
    copy(&home, &other, "-r");
    put(&home, &code, "testimony", &form(2013, ""));
    put(&other, &code, "testimony", &form(2014, r#", {"id": "V3"}"#));
    copy(&other, &home, "-rn");
    let page = home.run(&["timeline", &code, "--conflicts"]).succeeds().out;
    has_all(
        &page,
        &[
            "| event V1: DATES DIFFER: no day fits all of them\n|     201",
            "|     2013\n|       event V1\n",
            "|     2014\n|       event V1\n",
            "| part testimony: STAND BESIDE EACH OTHER: 2 revisions of one part, written apart\n",
            "only in this revision: event V3",
        ],
    );
    let page = home.run(&["timeline", &code]).succeeds().out;
    assert_eq!(page.matches("event V2\n").count(), 1, "{page}");
    assert!(page.contains(", revision 2 by you\n") && page.contains(", revision 3 by you\n"), "{page}");
    assert!(!page.contains("2012"), "an earlier revision does not count: {page}");
}

fn due_case(home: &Home, expires: &str, review: &str, hearing: &str) -> String {
    let code = home.new_case();
    let person = format!(
        r#"{{"person": {{"id": "P1", "name": {{"text": "ئالىم", "lang": "ug-Arab", "kind": "birth"}}}},
            "document": {{"id": "D1", "kind": "passport", "issuer": "公安局", "holder": "P1", "expires": "{expires}"}}}}"#
    );
    put(home, &code, "person", &person);
    let consent = format!(r#"{{"consent": {{"person": "P1", "status": "unclear", "review": "{review}"}}}}"#);
    put(home, &code, "consent", &consent);
    let notes = format!(
        r#"{{"event": [{{"id": "V1", "title": "Слушание", "type_of_act": ["x-hearing"], "date": {hearing}}}]}}"#
    );
    put(home, &code, "notes/lawyer", &notes);
    code
}

/// Fails when something due is passed over, stands in another order than that of its first possible day, or is written.
#[test]
fn what_is_due_is_listed_across_all_cases_by_the_first_day_it_may_be() {
    let home = Home::with_cheap_vault();
    let empty = home.run(&["due"]).succeeds().out;
    has_all(&empty, &["in 0 cases\n\nnothing is due\n"]);
    let today: Date = home.json(&["due"], "")["today"].as_str().unwrap().parse().unwrap();
    let day = |days: i64| today.checked_add(days.days()).unwrap();
    let month = day(70).strftime("%Y-%m").to_string();
    let near = due_case(&home, &day(9).to_string(), &month, r#"{"said": "after the feast"}"#);
    let far = due_case(&home, "2021-10-16", &day(400).to_string(), &format!(r#"{{"edtf": "{}"}}"#, day(20)));
    let before = content_of(&home.path("vault"));
    let page = home.run(&["due"]).succeeds().out;
    let place = |code: &str, part: &str| format!("|       {code} {part}, revision 1 by you\n");
    let over = (today - "2021-10-16".parse::<Date>().unwrap()).get_days();
    let (first, last) = (format!("{month}-01"), day(70).last_of_month());
    has_all(
        &page,
        &[
            &format!("due by {}, today being {today} (UTC), in 2 cases\n\n", day(90)),
            &format!(
                "| OVERDUE by {over} days: 2021-10-16\n|       document D1 expires: passport, 公安局\n|       who: P1 (ئالىم)\n{}| in 9 days: {}\n",
                place(&far, "person"),
                day(9)
            ),
            &format!(
                "| in 20 days: {}\n|       event V1 is a hearing: Слушание\n{}",
                day(20),
                place(&far, "notes/lawyer")
            ),
            &format!(
                " at the earliest: {month}; between {first} and {last}\n|       consent of P1 to be asked again: unclear\n"
            ),
            &format!(
                "\nHEARINGS WITHOUT A DATE THAT CAN BE ORDERED\n\n| no date that can be ordered: “after the feast”\n|       event V1 is a hearing: Слушание\n{}",
                place(&near, "notes/lawyer")
            ),
        ],
    );
    let kinds = |within: &str| {
        let due = home.json(&["due", "--within", within], "");
        let kinds = due["due"].as_array().unwrap().iter();
        kinds.map(|row| row["kind"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(kinds("0d"), ["document_expires"]);
    assert_eq!(kinds("2w"), ["document_expires", "document_expires"]);
    assert_eq!(kinds("1m"), ["document_expires", "document_expires", "hearing"]);
    assert_eq!(
        kinds("2y"),
        ["document_expires", "document_expires", "hearing", "consent_review", "consent_review"]
    );
    assert_eq!(content_of(&home.path("vault")), before, "looking writes nothing");
    let refused = home.run(&["due", "--within", "90"]);
    assert!(refused.code == 2 && refused.err.contains("like 90d, 6w, 3m or 1y"), "{}", refused.err);
}

/// Fails when a case without dates is an error, an unknown one is none, or damage hides what is whole.
#[test]
fn what_cannot_be_read_is_named_and_the_rest_is_shown() {
    let home = Home::with_cheap_vault();
    let code = home.new_case();
    home.run(&["timeline", "7777-7777"]).fails(2, "is no case code");
    home.run_with(&["put", &code, "notes"], "жай мәтін").succeeds();
    let none = home.run(&["timeline", &code]).succeeds().out;
    assert_eq!(none, format!("{code}\n\nno form of this case has a date\n"));
    put(&home, &code, "testimony", TESTIMONY);
    let before = content_of(&home.path("vault"));
    put(&home, &code, "person", PERSON);
    let after: HashMap<_, _> = content_of(&home.path("vault")).into_iter().collect();
    // Of the objects that the second form added, its revision is the one that `list` does not miss.
    let added = after.iter().filter(|(path, _)| !before.iter().any(|(known, _)| known == *path));
    let hurt = added.into_iter().find(|(path, bytes)| {
        std::fs::remove_file(path).unwrap();
        let list = home.run(&["list"]);
        let is_revision = list.code == 0 && list.err.is_empty();
        if !is_revision {
            std::fs::write(path, bytes).unwrap();
        }
        is_revision
    });
    assert!(hurt.is_some());
    for command in [&["timeline", &code][..], &["timeline", &code, "--conflicts"], &["due"]] {
        let run = home.run(command).fails(12, "1 revision cannot be read, named above");
        has_all(
            &run.out,
            &[&format!("\nDAMAGED: {code} person, revision 1: a revision of person of {code}")],
        );
        assert!(command[0] == "due" || run.out.contains("Қазанның бірінде кестік."), "{}", run.out);
    }
}

/// Fails when a form, a title or a name can pass for a line of the program.
#[test]
fn hostile_words_stay_behind_their_bars() {
    let home = Home::with_cheap_vault();
    let code = home.new_case();
    let form = r#"{"event": {"id": "V1", "type_of_act": ["x-hearing"], "title": "a\u202eb", "date": {"edtf": "2019"}},
        "claim": {"id": "C1", "text": "x\nNO DATE THAT CAN BE ORDERED\n\u001b[2J", "said_by": "P1", "knowledge": "relayed",
        "about": "V1", "date": {"edtf": "2018"}}}"#;
    put(&home, &code, "notes", form);
    for command in [&["timeline", &code][..], &["timeline", &code, "--conflicts"]] {
        let page = home.run(command).succeeds().out;
        assert!(!page.contains('\u{1b}') && !page.contains('\u{202e}'), "{page}");
        assert!(!page.lines().any(|line| line.starts_with("NO DATE")), "{page}");
        assert!(page.contains("x NO DATE THAT CAN BE ORDERED"), "{page}");
    }
    let long = format!(
        r#"{{"claim": {{"id": "C1", "text": "{}", "said_by": "P1", "knowledge": "relayed", "date": {{"edtf": "2018"}}}}}}"#,
        "ж".repeat(1000)
    );
    put(&home, &code, "notes", &long);
    let page = home.run(&["timeline", &code]).succeeds().out;
    assert!(page.contains(&format!("{}…\n", "ж".repeat(160))), "{page}");
    assert_eq!(
        home.json(&["timeline", &code], "")["dates"][0]["text"].as_str().unwrap().chars().count(),
        1001 - 1
    );
}

#[test]
fn every_document_of_time_has_exactly_the_documented_fields() {
    let table = documented();
    let check = |name: &str, value: &Value| {
        let (mut wanted, mut found) =
            (table.get(name).unwrap_or_else(|| panic!("{name}")).clone(), keys(value));
        wanted.sort();
        found.sort();
        assert_eq!(found, wanted, "{name}");
    };
    let home = Home::with_cheap_vault();
    let code = told(&home);
    let page = home.json(&["timeline", &code], "");
    check("timeline", &page);
    check("timeline: dates", &page["dates"]);
    check("timeline: dates", &page["unordered"]);
    check("timeline: persons", &page["dates"][1]["persons"]);
    check("timeline: sources", &page["dates"][0]["sources"]);
    check("timeline: names", &page["names"]);
    let page = home.json(&["timeline", &code, "--conflicts"], "");
    check("timeline --conflicts", &page);
    check("timeline --conflicts: cases", &page["cases"]);
    check("timeline --conflicts: compared", &page["cases"][0]["compared"]);
    check("timeline --conflicts: conflicts", &page["cases"][0]["conflicts"]);
    check("timeline --conflicts: sides", &page["cases"][0]["conflicts"][0]["sides"]);
    let page = home.json(&["due"], "");
    check("due", &page);
    check("due: due", &page["due"]);
    check("timeline: sources", &page["due"][0]["source"]);
}
