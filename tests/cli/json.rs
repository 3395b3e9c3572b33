//! `--json`: one document on standard output with the fields that docs/cli.md lists.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::support::program::Home;

/// The fields of each command, from the table of docs/cli.md.
pub(super) fn documented() -> BTreeMap<String, Vec<String>> {
    let document = include_str!("../../docs/cli.md");
    let (_, section) = document.split_once("## JSON").unwrap();
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    rows.map(|line| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let fields = cells[1].split('`').skip(1).step_by(2).map(str::to_owned).collect();
        (cells[0].trim_matches('`').to_owned(), fields)
    })
    .collect()
}

pub(super) fn keys(value: &Value) -> Vec<String> {
    let object = value.as_array().map_or(value, |list| &list[0]);
    object.as_object().unwrap().keys().cloned().collect()
}

#[test]
fn every_document_has_exactly_the_documented_fields() {
    let table = documented();
    let home = Home::new();
    let check = |name: &str, value: &Value| {
        let (mut wanted, mut found) =
            (table.get(name).unwrap_or_else(|| panic!("{name}")).clone(), keys(value));
        wanted.sort();
        found.sort();
        assert_eq!(found, wanted, "{name}");
    };
    check("init", &home.json(&["init", "--kdf", "low"], ""));
    let new = home.json(&["new", "--title", "-"], "Көрші\n");
    check("new", &new);
    let code = new["code"].as_str().unwrap();
    check("title", &home.json(&["title", code], "Үй\n"));
    check("template", &home.json(&["template", "person"], ""));
    check("put", &home.json(&["put", code, "testimony"], "Мен көрдім"));
    let answers = "statement\n\nru\nx\n.\n".to_owned() + &"\n".repeat(12) + "done\n";
    check("edit", &home.json(&["edit", code, "notes"], &answers));
    home.write("a.txt", "a");
    let attached = home.json(&["attach", code, "a.txt"], "");
    check("attach", &attached);
    check("attach: exhibits", &attached["exhibits"]);
    check("extract", &home.json(&["extract", code, "E1", "--out", "b.txt"], ""));
    let page = home.json(&["show", code], "");
    check("show", &page);
    check("show: parts", &page["parts"]);
    check("show: shown", &page["parts"][0]["shown"]);
    check("show: exhibits", &page["parts"][2]["shown"][0]["exhibits"]);
    check("show: author", &page["parts"][0]["shown"][0]["author"]);
    check("detach", &home.json(&["detach", code, "E1"], ""));
    let searched = home.json(&["search", "көрдім"], "");
    check("search", &searched);
    check("search: found", &searched["found"]);
    check("list", &home.json(&["list"], ""));
    check("log", &home.json(&["log"], ""));
    let made = home.json(&["checkpoint"], "");
    check("checkpoint", &made);
    let words: Vec<&str> =
        made["words"].as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect();
    check("checkpoint --verify", &home.json(&["checkpoint", "--verify"], &words.join("\n")));
    check("card", &home.json(&["card"], ""));
    let other = Home::with_vault();
    other.run(&["card", "--out", home.path("her.card").to_str().unwrap()]).succeeds();
    check("contact add", &home.json(&["contact", "add", "her", "--card", "her.card"], ""));
    check("contact list", &home.json(&["contact", "list"], ""));
    check("contact remove", &home.json(&["contact", "remove", "her"], ""));
    let new = "ұзын және сирек кездесетін сөздер\n";
    check("identity new", &home.json(&["identity", "new", "--out", "second", "--kdf", "low"], ""));
    check("identity age-keys", &home.json(&["identity", "age-keys", "--out", "keys"], new));
    check("identity passphrase", &home.json(&["identity", "passphrase", "--kdf", "low"], new));
}

#[test]
fn a_hostile_title_leaves_no_byte_in_json_that_a_terminal_obeys() {
    let home = Home::with_vault();
    let code = home.new_case();
    home.run_with(&["put", &code, "notes"], "a\u{1b}[2Jb\u{202e}c").succeeds();
    let run = home.run(&["show", &code, "--json"]).succeeds();
    assert!(!run.out.contains('\u{1b}') && !run.out.contains('\u{202e}'));
    let page: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(page["parts"][0]["shown"][0]["text"], "a\u{1b}[2Jb\u{202e}c");
    let text = home.run(&["show", &code]).succeeds().out;
    assert!(!text.contains('\u{1b}') && text.contains("a\u{fffd}b\u{fffd}c"), "{text}");
}
