//! Forms: filled in, shown as a page, shared and exported; what is wrong in one, and that nothing of it is stored.

use super::circle::{Circle, path};
use crate::support::program::{Home, Run, content_of};

const PERSON: &str = r#"
[[person]]
id = "P1"
name = [
  { text = "Айдос Серікұлы", lang = "kk-Cyrl", kind = "birth", source = "D1" },
  { text = "ئايدوس", lang = "kk-Arab", kind = "nickname" },
  { text = "艾多斯", lang = "zh-Hans", kind = "document", since = "2009" },
  { text = "Aidos Serikuly", lang = "en", kind = "press" },
]
age = { years = 34, as_of = "2021-01", said = "thirty-four" }

[[person]]
id = "P2"
minor = true
same_as = { person = "P1", certainty = "excluded" }

[[document]]
id = "D1"
kind = "refugee_certificate"
issuer = "Immigration department"
issued = 2020-10-16
expires = "2021-10-16"

[[link]]
person = "P2"
role = "relative_at_risk"
to = "P1"
relation = "daughter"
"#;

const CONSENT: &str = r#"
[[consent]]
person = "P1"
status = "limited"
given_by = "self"
mode = "oral"
purpose = ["safekeeping", "asylum_procedure"]
identity_level = "pseudonym"
onward = "none"
date = "2021-01-15"
language = "kk"
"#;

const TESTIMONY: &str = r#"{"statement": [
  {"id": "S1", "lang": "kk-Cyrl", "by": "P1", "text": "Мен көрдім.\nОлар түнде келді."},
  {"lang": "ug-Arab", "text": "مەن كۆردۈم", "translation_of": "S1", "translated_by": "P3"}],
 "event": {"id": "V1", "date": {"said": "in November 201", "edtf": "201X-11"},
           "place": {"said": "塔城", "level": "district"}, "type_of_act": ["arrest", "030102"]},
 "claim": {"id": "C1", "text": "Двое суток.", "said_by": "P1", "knowledge": "relayed"}}"#;

fn put(home: &Home, code: &str, part: &str, form: &str) -> Run {
    home.write("form", form);
    home.run(&["put", code, part, "--form", "form"])
}

/// Fails when a value is dropped or changed on its way from the form to the page.
#[test]
fn a_form_is_shown_as_a_page_in_every_script() {
    let home = Home::with_cheap_vault();
    let code = home.new_case();
    let run = put(&home, &code, "person", PERSON).succeeds();
    assert!(
        run.out.contains("revision 1, its first") && run.err.contains("form is still readable"),
        "{}",
        run.err
    );
    home.run_with(&["put", &code, "testimony", "--form", "-"], TESTIMONY).succeeds();
    put(&home, &code, "consent", CONSENT).succeeds();
    let page = home.run(&["show", &code]).succeeds().out;
    for line in [
        "| PERSONS\n|   P1: Айдос Серікұлы\n",
        "Айдос Серікұлы (at birth, kk-Cyrl, from D1)",
        "ئايدوس (nickname, kk-Arab)",
        "艾多斯 (in a document, zh-Hans, since 2009)",
        "Aidos Serikuly (in the press, en)",
        "34 on 2021-01, said as “thirty-four”",
        "|   P2, A MINOR\n",
        "|   P2 is relative at risk towards P1\n",
        "|   P1 agreed with limits\n",
        "|   D1, refugee certificate issued by Immigration department, holds until 2021-10-16\n",
        "|   S1, in kk-Cyrl, said by P1\n|       text\n|         Мен көрдім.\n|         Олар түнде келді.\n",
        "a translation of S1 into ug-Arab, translated by P3",
        "“in November 201” (201X-11)",
        "“塔城” (district)",
        "C1, claimed by P1, who heard it from others",
    ] {
        assert!(page.contains(line), "{line:?} is not in\n{page}");
    }
    let shown = home.json(&["show", &code], "");
    let form = &shown["parts"][1]["shown"][0]["form"];
    assert_eq!(form["event"][0]["date"]["edtf"], "201X-11");
    assert_eq!(form["event"][0]["type_of_act"], serde_json::json!(["arrest", "detention"]));
    assert_eq!(shown["parts"][0]["shown"][0]["form"]["document"][0]["issued"], "2020-10-16");
}

/// A part, a form with a slip for it, what is said of the slip, and a word of the remedy.
type Slip = (&'static str, String, &'static str, &'static str);

fn changed(form: &str, from: &str, to: &str) -> String {
    assert!(form.contains(from));
    form.replacen(from, to, 1)
}

fn slips_of_a_person() -> Vec<Slip> {
    vec![
        (
            "person",
            changed(PERSON, "2020-10-16", "\"2020-02-30\""),
            "line 21: `document.issued` is no date",
            "201X-11",
        ),
        (
            "person",
            changed(PERSON, "kk-Arab", "kk_Arab"),
            "line 6: `person.name.lang` is no language tag",
            "no underscores",
        ),
        (
            "person",
            changed(PERSON, "kk-Cyrl", "kk"),
            "line 5: `person.name.lang` does not say in which script",
            "kk-Cyrl",
        ),
        (
            "person",
            changed(PERSON, "issuer", "isuer"),
            "line 20: `document.isuer` is no field here",
            "did you mean `issuer`?",
        ),
        (
            "person",
            changed(PERSON, "id = \"P2\"", "id = \"P1\""),
            "line 13: `person.id` stands twice: first in line 3",
            "identifier",
        ),
        (
            "person",
            changed(PERSON, ", as_of = \"2021-01\"", ""),
            "line 10: `person.age.as_of` is missing",
            "as_of = ",
        ),
        ("consent", changed(CONSENT, "status", "stauts = 1\nstatus"), "line 4: `consent.stauts`", "`status`"),
        ("person", changed(PERSON, "[[link]]", "[[link]"), "line 24: not TOML", "template"),
    ]
}

fn slips_of_a_testimony() -> Vec<Slip> {
    vec![
        (
            "testimony",
            changed(TESTIMONY, "\"S1\", \"translated_by\"", "\"S9\", \"translated_by\""),
            "line 3: `statement.translation_of` names S9, which is not in this form",
            "S1",
        ),
        (
            "testimony",
            changed(TESTIMONY, ", \"said_by\": \"P1\"", ""),
            "line 6: `claim.said_by` is missing",
            "said_by = ",
        ),
        (
            "testimony",
            changed(TESTIMONY, "relayed", "relaid"),
            "line 6: `claim.knowledge` is no word of its list",
            "\"relayed\"",
        ),
        ("testimony", changed(TESTIMONY, "}],", "}],,"), "line 3: not JSON", "template"),
        (
            "testimony",
            PERSON.to_owned(),
            "line 2: `person` does not belong into this part",
            "person or notes",
        ),
        ("testimony", String::new(), "line 1: holds nothing", "[[statement]]"),
    ]
}

/// Fails when any of these is stored, or its file, line or remedy is not said.
#[test]
fn a_form_with_anything_wrong_is_refused_whole() {
    let home = Home::with_cheap_vault();
    let code = home.new_case();
    put(&home, &code, "person", PERSON).succeeds();
    let before = content_of(&home.path("vault"));
    for (part, form, words, remedy) in slips_of_a_person().into_iter().chain(slips_of_a_testimony()) {
        let run = put(&home, &code, part, &form).fails(2, words);
        assert!(run.err.contains("the form form cannot be taken"), "{}", run.err);
        assert!(run.err.contains(remedy), "{remedy:?} is not in {}", run.err);
        assert_eq!(content_of(&home.path("vault")), before, "{words}");
    }
    home.write("form", b"[[person]]\nid = \"P\xff\"");
    let run = home.run(&["put", &code, "person", "--form", "form"]).fails(2, "not UTF-8");
    assert!(run.err.contains("line 2"), "{}", run.err);
    home.run(&["put", &code, "person", "--form", "nowhere"]).fails(2, "nowhere");
    assert_eq!(content_of(&home.path("vault")), before);
}

/// Fails when such a file is read before its size is looked at, or anything of it is stored.
#[test]
fn a_form_of_50_mb_is_refused_by_its_size() {
    let home = Home::with_cheap_vault();
    let code = home.new_case();
    let before = content_of(&home.path("vault"));
    let file = std::fs::File::create(home.path("large.toml")).unwrap();
    file.set_len(50 << 20).unwrap();
    let run =
        home.run(&["put", &code, "testimony", "--form", "large.toml"]).fails(2, "longer than 1048576 bytes");
    assert!(run.err.contains("large.toml") && run.err.contains("sanduq attach"), "{}", run.err);
    let long = format!("[[statement]]\nlang = \"ru\"\ntext = \"{}\"\n", "ж".repeat(1 << 20));
    home.run_with(&["put", &code, "testimony", "--form", "-"], long).fails(2, "larger than 1 MiB");
    assert_eq!(content_of(&home.path("vault")), before);
}

/// Fails when a text takes a form away or the other way round, or an entry goes without a word.
#[test]
fn text_and_form_stand_beside_each_other_and_nothing_goes_unsaid() {
    let home = Home::with_cheap_vault();
    let code = home.new_case();
    put(&home, &code, "testimony", TESTIMONY).succeeds();
    home.run_with(&["put", &code, "testimony"], "我看见了。").succeeds();
    home.write("photo.jpg", [1, 2, 3]);
    home.run(&["attach", &code, "photo.jpg", "--part", "testimony"]).succeeds();
    let least = "[[statement]]\nlang = \"ru\"\ntext = \"Я видел.\"\n";
    let run = put(&home, &code, "testimony", least).succeeds();
    assert!(run.out.contains("revision 4, follows revision 3"), "{}", run.out);
    assert!(
        run.err.contains("left out of this revision") && run.err.contains("statement S1, claim C1, event V1"),
        "{}",
        run.err
    );
    let page = home.run(&["show", &code]).succeeds().out;
    for line in ["| 我看见了。", "A statement, in ru", "Я видел.", "photo.jpg"] {
        assert!(page.contains(line), "{line:?} is not in\n{page}");
    }
    assert!(!page.contains("201X-11"), "{page}");
    let earlier = home.run(&["show", &code, "--part", "testimony", "--revision", "1"]).succeeds().out;
    assert!(earlier.contains("201X-11") && !earlier.contains("我看见了"), "{earlier}");
    let again = put(&home, &code, "testimony", least).succeeds();
    assert!(again.out.contains("is unchanged") && again.err.contains("exactly this form"), "{}", again.err);
}

/// Fails when a part's template names a section that the part refuses, or an example can be recorded as it stands.
#[test]
fn a_template_is_filled_in_line_by_line_and_holds_nothing_before() {
    let home = Home::with_cheap_vault();
    let code = home.new_case();
    for part in ["person/doctor", "testimony", "whereabouts", "medical", "notes", "exhibits"] {
        let template = home.run(&["template", part]).succeeds().out;
        put(&home, &code, part, &template).fails(2, "holds nothing");
        let opened = template.replacen("#[[", "[[", 1);
        let run = put(&home, &code, part, &opened).fails(2, "is missing");
        assert!(run.err.contains("add a line such as"), "{}", run.err);
        let (before, field) =
            opened.split_once("\n#id =").or_else(|| opened.split_once("\n#person =")).unwrap();
        put(&home, &code, part, &format!("{before}\nid ={field}")).fails(2, "not TOML");
    }
    let template = home.run(&["template", "testimony"]).succeeds().out;
    let filled = template
        .replacen("#[[statement]]", "[[statement]]", 1)
        .replacen("\n#lang =", "\nlang = \"ug-Arab\"", 1)
        .replacen("\n#text =", "\ntext = \"مەن كۆردۈم\"", 1);
    put(&home, &code, "testimony", &filled).succeeds();
    assert!(home.run(&["show", &code]).succeeds().out.contains("A statement, in ug-Arab"));
}

/// Fails when a reader, a bundle or an import loses the form, or stock tools do not find it as it was signed.
#[test]
fn a_form_goes_where_its_part_goes() {
    let circle = Circle::new();
    let code = circle.activist.new_case();
    put(&circle.activist, &code, "testimony", TESTIMONY).succeeds();
    put(&circle.activist, &code, "person", PERSON).succeeds();
    circle.share(&code, "testimony");
    let vault = path(&circle.activist, "vault");
    let read = circle.lawyer.run(&["--vault", &vault, "show", &code]).succeeds().out;
    assert!(read.contains("“in November 201” (201X-11)") && !read.contains("Айдос"), "{read}");
    circle.lawyer.run(&["accept", "--from", &vault]).succeeds();

    let bundle = circle.bundle(&code, "testimony", "case.age");
    let opened = circle.lawyer.run(&["open", &bundle, "--out", "opened"]).succeeds().out;
    assert!(opened.contains("C1, claimed by P1") && !opened.contains("Айдос"), "{opened}");
    let folder = circle.lawyer.path(&format!("opened/data/{code}/testimony"));
    let form = std::fs::read_to_string(folder.join("form.json")).unwrap();
    let json: serde_json::Value = serde_json::from_str(&form).unwrap();
    assert_eq!(json["statement"][0]["text"], "Мен көрдім.\nОлар түнде келді.");
    circle.lawyer.run(&["verify", "opened"]).succeeds();
    std::fs::write(folder.join("form.json"), form.replace("201X-11", "2013-11")).unwrap();
    circle.lawyer.run(&["verify", "opened"]).fails(12, "form.json");
    std::fs::write(folder.join("form.json"), &form).unwrap();

    // The recipe's second step: the signed core names what sha256sum prints about the folder.
    let recipe = std::fs::read_to_string(circle.lawyer.path("opened/custody/RECIPE.txt")).unwrap();
    let (_, step) = recipe.split_once("\n2. ").unwrap();
    let (step, _) = step.split_once("\n3. ").unwrap();
    let lines: Vec<&str> = step.lines().filter(|line| line.starts_with("    ")).collect();
    let said = || {
        let mut bash = std::process::Command::new("bash");
        bash.args(["-c", &lines.join("\n")]).current_dir(circle.lawyer.path("opened"));
        String::from_utf8(bash.output().unwrap().stdout).unwrap()
    };
    assert_eq!(said(), format!("data/{code}/testimony: as signed\n"));
    std::fs::write(folder.join("form.json"), form.replace("relayed", "witnessed")).unwrap();
    assert_eq!(said(), format!("data/{code}/testimony: NOT AS SIGNED\n"));

    circle.lawyer.run(&["import", &bundle]).succeeds();
    let own = circle.lawyer.json(&["show", &code], "");
    assert_eq!(own["parts"][0]["shown"][0]["form"], json);
}

/// Fails when a note in a form can pass for a heading or an author's line.
#[test]
fn a_hostile_form_stays_behind_its_bars() {
    let home = Home::with_cheap_vault();
    let code = home.new_case();
    let form = "[[statement]]\nlang = \"ru\"\ntext = \"a\\n== person ==\\nrevision 9 of 9, by you\\u001b[2J\\u202e\"\n";
    put(&home, &code, "notes", form).succeeds();
    let page = home.run(&["show", &code]).succeeds().out;
    assert!(!page.contains('\u{1b}') && !page.contains('\u{202e}'), "{page}");
    assert_eq!(page.lines().filter(|line| line.starts_with("== ")).count(), 1, "{page}");
    assert_eq!(page.lines().filter(|line| line.starts_with("revision ")).count(), 1, "{page}");
}

/// Fails when an answer is not kept before the next question, stands anywhere unsealed, or the case shows it too early.
#[test]
fn a_form_filled_in_by_questions_can_be_left_and_resumed() {
    let home = Home::with_cheap_vault();
    let code = home.new_case();
    let edit = ["edit", &code, "testimony"];
    let drafts = || {
        let files = content_of(&home.path(".config/sanduq"));
        files
            .into_iter()
            .filter(|(path, _)| path.extension().is_some_and(|end| end == "draft"))
            .collect::<Vec<_>>()
    };
    let run = home
        .run_with(&edit, "statement\nS1\nkk\nkk-Cyrl\nМен көрдім.\nОлар түнде келді.\n.\n")
        .fails(2, "no answer");
    assert!(
        run.err.contains("lang does not say in which script") && run.err.contains("goes on with it"),
        "{}",
        run.err
    );
    assert!(home.run(&["show", &code]).succeeds().out.contains("nothing is written"));
    let sealed = drafts();
    assert_eq!(sealed.len(), 1);
    let words = "көрдім".as_bytes();
    assert!(!sealed[0].1.windows(words.len()).any(|window| window == words));

    let run = home.run_with(&edit, "\n".repeat(15) + "statement 2\ndone\n").succeeds();
    assert!(
        run.err.contains("goes on with what was answered") && run.err.contains("there are 1"),
        "{}",
        run.err
    );
    let page = home.run(&["show", &code]).succeeds().out;
    assert!(
        page.contains("S1, in kk-Cyrl\n|       text\n|         Мен көрдім.\n|         Олар түнде келді."),
        "{page}"
    );
    assert_eq!(drafts(), []);

    let event = "event\nV1\n\ny\nin November 201\n2013-02-30\n201X-11\n\n\n".to_owned()
        + &"\n".repeat(2)
        + "arrest\n030102\n\n";
    home.run_with(&edit, event).fails(2, "no answer");
    home.run_with(&edit, "\n".repeat(19) + "done\n").succeeds();
    let page = home.run(&["show", &code]).succeeds().out;
    assert!(page.contains("“in November 201” (201X-11)") && page.contains("Мен көрдім."), "{page}");

    home.run_with(&edit, "claim\nC1\n").fails(2, "no answer");
    home.run_with(&["edit", &code, "testimony", "--anew"], "claim\nC1\nx\nP1\n").fails(2, "no answer");
    assert_eq!(drafts().len(), 1);
    let page_after = home.run(&["show", &code]).succeeds().out;
    assert_eq!(page_after, page, "what is not done is not in the case");
}
