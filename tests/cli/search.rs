//! `search`: what it finds, what it does not, and what it leaves beside the identity file.

use std::path::PathBuf;

use sanduq::crypto::{ObjectType, open_object, seal_object};
use sanduq::format::{SearchList, decode, encode};
use sanduq::search::{Query, Segment, find};
use serde_json::Value;

use super::circle::{Circle, path};
use crate::support::program::{Home, OVERRIDE, PASSPHRASE, feed, first_obeyed};

const FORM: &str = r#"{"person":[{"id":"P1","name":[{"text":"王晓明","lang":"zh-Hans","kind":"document"},
{"text":"Ван Сяомин","lang":"ru","kind":"press"}],"occupation":"herder","birth":{"said":"in the year of the sheep","edtf":"1991-03-04"}}]}"#;

/// A home with a case of several parts, and its code.
fn home() -> (Home, String) {
    let home = Home::with_cheap_vault();
    let code = home.run_with(&["new", "--title", "-"], "Көршінің ісі\n").succeeds().out.trim().to_owned();
    let text = "Мен лагерьде болдым.\nҚарындасым Айгүл де сонда, 2018-04-12 күні.\n他们在维吾尔自治区被拘留。\n\
                رأيتهم في المُعَسْكَر ليلا";
    home.run_with(&["put", &code, "testimony"], text).succeeds();
    home.write("form.json", FORM);
    home.run(&["put", &code, "person", "--form", "form.json"]).succeeds();
    home.write("шағым хат.pdf", "x");
    home.run(&["attach", &code, "шағым хат.pdf"]).succeeds();
    (home, code)
}

fn search(home: &Home, words: &str) -> Value {
    home.json(&["search"], &format!("{words}\n"))
}

/// What was found: part, place, fit, and the first piece that is marked.
fn found(home: &Home, words: &str) -> Vec<[String; 4]> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let rows = search(home, words);
    let row =
        |hit: &Value| [text(&hit["part"]), text(&hit["place"]), text(&hit["fit"]), text(&hit["hits"][0])];
    rows["found"].as_array().unwrap().iter().map(row).collect()
}

/// The files of the index beside the identity file.
fn index_files(home: &Home) -> Vec<PathBuf> {
    let folder = std::fs::read_dir(home.path(".config/sanduq/identity.memory")).unwrap();
    let mut files: Vec<PathBuf> = folder.map(|entry| entry.unwrap().path()).collect();
    let name = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
    files.retain(|path| name(path).contains(".search") && !name(path).ends_with(".lock"));
    files.sort();
    files
}

/// The list of the index, opened with the owner's keys.
fn list(home: &Home) -> (PathBuf, SearchList) {
    let file = index_files(home).remove(0);
    let key = home.identity().search_key(&vault_id(home)).0;
    let content = open_object(&key, ObjectType::Search, &std::fs::read(&file).unwrap()).unwrap();
    (file, decode(&content).unwrap())
}

fn vault_id(home: &Home) -> sanduq::record::VaultId {
    let header = std::fs::read_to_string(home.path("vault/vault")).unwrap();
    sanduq::record::VaultId::from_hex(header.lines().nth(1).unwrap()).unwrap()
}

/// Fails when a script, a field of a form, a title or the name of an exhibit is left out.
#[test]
fn everything_that_can_be_read_is_found_in_every_script() {
    let (home, code) = home();
    for (words, part, place, fit, hit) in [
        ("болдым", "testimony", "text", "exact", "болдым"),
        ("БОЛДЫМ", "testimony", "text", "exact", "болдым"),
        ("карындасым", "testimony", "text", "spelling", "Қарындасым"),
        ("\"Айгүл де сонда\"", "testimony", "text", "exact", "Айгүл де сонда"),
        ("维吾尔", "testimony", "text", "exact", "维吾尔"),
        ("المعسكر", "testimony", "text", "spelling", "المُعَسْكَر"),
        ("2018-04-12", "testimony", "text", "exact", "2018-04-12"),
        ("12.04.2018", "testimony", "text", "exact", "2018-04-12"),
        ("Aygul", "testimony", "text", "sound", "Айгүл"),
        ("herder", "person", "person P1, occupation", "exact", "herder"),
        ("04.03.1991", "person", "person P1, birth edtf", "exact", "1991-03-04"),
        ("шағым", "exhibits", "exhibit E1", "exact", "шағым"),
        ("көршінің", "", "title", "exact", "Көршінің"),
    ] {
        let row = [part, place, fit, hit].map(str::to_owned);
        assert_eq!(found(&home, words), [row], "{words}");
    }
    let named = found(&home, "Wang Xiaoming");
    assert!(named.iter().any(|row| row[1] == "person P1, name text" && row[2] == "sound"), "{named:?}");
    let page = home.run_with(&["search"], "лагерьде\n").succeeds().out;
    assert!(page.contains(&code) && page.contains("testimony, revision 1 of 1, by you"), "{page}");
    assert!(page.contains("line 1\n| Мен »лагерьде« болдым."), "{page}");
    assert_eq!(search(&home, &code.to_lowercase())["case"], *code);
}

#[test]
fn a_query_comes_from_an_argument_too_and_one_of_nothing_is_refused() {
    let (home, _) = home();
    let page = home.run(&["search", "Мен лагерьде"]).succeeds().out;
    assert!(page.contains("»Мен лагерьде«"), "{page}");
    assert!(home.run(&["search", "лагерьде", "Мен"]).succeeds().out.contains("»Мен« »лагерьде«"));
    assert!(home.run(&["search", "лагерьде Мен"]).succeeds().out.contains("nothing found"));
    for nothing in ["…!?", "\"\""] {
        home.run(&["search", nothing]).fails(2, "no word in it");
    }
    home.run_with(&["search"], "\n").fails(2, "no word in it");
    assert_eq!(home.run(&["search"]).code, 2);
    home.run_with(&["search"], "а".repeat(10_000)).fails(2, "at most 32 words");
    let limited = home.json(&["search", "--limit", "1", "де"], "");
    assert_eq!(limited["found"].as_array().unwrap().len(), 1);
}

/// Fails when the index is not followed by what is written after it was made.
#[test]
fn after_a_new_revision_the_words_of_the_one_before_are_found_no_more() {
    let (home, code) = home();
    assert_eq!(found(&home, "болдым").len(), 1);
    home.run_with(&["put", &code, "testimony"], "Мен екі адамды көрдім.").succeeds();
    assert!(found(&home, "болдым").is_empty());
    assert_eq!(found(&home, "адамды")[0][3], "адамды");
    for n in 0..12 {
        let other = home.new_case();
        home.run_with(&["put", &other, "notes"], format!("ортақ сөз{n}")).succeeds();
        assert_eq!(found(&home, &format!("сөз{n}")).len(), 1, "{n}");
    }
    assert_eq!(found(&home, "ортақ").len(), 12);
    assert!(index_files(&home).len() <= 6, "segments are joined: {:?}", index_files(&home));
    let newest = search(&home, "ортақ");
    assert!(newest["found"][0]["passage"].as_str().unwrap().contains("сөз11"), "{newest}");
}

/// Fails when a part that was not shared, or a later revision, is found by whoever it was not shared with.
#[test]
fn a_reader_finds_what_was_shared_and_nothing_else() {
    let circle = Circle::new();
    let Circle { activist, lawyer, .. } = &circle;
    let code = circle.case();
    activist.run_with(&["title", &code], "Құпия атау\n").succeeds();
    circle.share(&code, "testimony");
    let vault = path(activist, "vault");
    let theirs = |words: &str| {
        let rows = lawyer.json(&["--vault", &vault, "search"], &format!("{words}\n"));
        rows["found"].as_array().unwrap().clone()
    };
    let page = lawyer.run_with(&["--vault", &vault, "search"], "көрдім\n").succeeds().out;
    assert!(page.contains("given by activist, verified") && page.contains("»көрдім«"), "{page}");
    assert_eq!(theirs("看见")[0]["part"], "testimony");
    for hidden in ["Nadia", "Құпия", "фото"] {
        assert!(theirs(hidden).is_empty(), "{hidden}");
        assert_eq!(activist.json(&["search", hidden], "")["found"].as_array().unwrap().len(), 1, "{hidden}");
    }
    activist.run_with(&["put", &code, "testimony"], "Енді басқаша айттым.").succeeds();
    assert!(theirs("басқаша").is_empty());
    activist.run(&["share", "--update", "--override", OVERRIDE, "--yes"]).succeeds();
    assert!(theirs("көрдім").is_empty());
    assert_eq!(theirs("басқаша").len(), 1);
    // What they were given they keep.
    activist.run(&["unshare", &code, "--from", "lawyer", "--yes"]).succeeds();
    assert_eq!(theirs("басқаша").len(), 1);
}

/// Fails when a damaged index gives an answer less, or an error.
#[test]
fn an_index_that_is_gone_damaged_or_anothers_is_made_again() {
    let (home, _) = home();
    let whole = found(&home, "лагерьде");
    assert_eq!(whole.len(), 1);
    let (file, mut other) = list(&home);
    let segment = index_files(&home).remove(1);
    let key = home.identity().search_key(&vault_id(&home)).0;
    // As if an older program had kept nothing.
    other.rules = 0;
    other.segments.clear();
    let older = seal_object(&key, ObjectType::Search, &encode(&other));
    let sealed = std::fs::read(&segment).unwrap();
    let changed =
        |at: usize| sealed.iter().enumerate().map(|(i, b)| if i == at { b ^ 1 } else { *b }).collect();
    let all: [(&PathBuf, Option<Vec<u8>>); 8] = [
        (&file, None),
        (&segment, None),
        (&file, Some(b"damaged".to_vec())),
        (&file, Some(older)),
        (&file, Some(sealed.clone())),
        (&segment, Some(changed(3))),
        (&segment, Some(changed(200))),
        (&segment, Some(sealed[..sealed.len() / 2].to_vec())),
    ];
    let before: Vec<(PathBuf, Vec<u8>)> =
        index_files(&home).into_iter().map(|path| (path.clone(), std::fs::read(path).unwrap())).collect();
    for (at, (path, bytes)) in all.into_iter().enumerate() {
        index_files(&home).iter().for_each(|path| std::fs::remove_file(path).unwrap());
        before.iter().for_each(|(path, bytes)| std::fs::write(path, bytes).unwrap());
        std::fs::remove_file(path).unwrap();
        if let Some(bytes) = bytes {
            std::fs::write(path, bytes).unwrap();
        }
        assert_eq!(found(&home, "лагерьде"), whole, "{at}");
        assert_eq!(index_files(&home).len(), 2, "{at}: nothing is left of the one before");
        assert_eq!(found(&home, "лагерьде"), whole, "{at}, again");
    }
    // Of a later version it says so, and leaves it.
    let (file, list) = list(&home);
    let mut bytes = encode(&list);
    assert_eq!(bytes[3], 1);
    bytes[3] = 2;
    let newer = seal_object(&key, ObjectType::Search, &bytes);
    std::fs::write(&file, &newer).unwrap();
    home.run(&["search", "лагерьде"]).fails(1, "written by a newer sanduq");
    assert_eq!(std::fs::read(&file).unwrap(), newer);
}

/// Fails when a file of the index is not sealed.
#[test]
fn no_word_can_be_read_beside_the_identity_file() {
    let (home, _) = home();
    assert_eq!(found(&home, "лагерьде").len(), 1);
    let files = index_files(&home);
    assert!(files.len() >= 2, "{files:?}");
    for file in files {
        let bytes = std::fs::read(&file).unwrap();
        assert!(bytes.len().is_power_of_two(), "{}", file.display());
        for word in
            ["лагерьде", "болдым", "айгүл", "维吾", "herder", "шағым", "хат", "KSN", "search", "segments"]
        {
            let shows = bytes.windows(word.len()).any(|found| found == word.as_bytes());
            assert!(!shows, "{word} in {}", file.display());
        }
    }
    // Another identity does not open it.
    let other = Home::with_cheap_vault();
    let key = other.identity().search_key(&vault_id(&home)).0;
    let bytes = std::fs::read(&index_files(&home)[0]).unwrap();
    assert!(open_object(&key, ObjectType::Search, &bytes).is_err());
}

/// Fails when what stands nowhere any more stays in the index until more of it does.
#[test]
fn what_is_nowhere_any_more_leaves_the_index_at_the_next_search() {
    let (home, code) = home();
    // Looked up as if nothing were marked as gone.
    let holds = |home: &Home, word: &str| {
        let (file, list) = list(home);
        list.segments.iter().any(|row| {
            let end: String = row.file.iter().map(|byte| format!("{byte:02x}")).collect();
            let sealed = std::fs::read(format!("{}-{end}", file.display())).unwrap();
            let content = open_object(&row.key, ObjectType::Search, &sealed).unwrap();
            let none = vec![0; row.gone.len()];
            let segment = Segment::open(Box::new(content), row.sections, row.documents, &none).unwrap();
            !find(&segment, &Query::new(word).unwrap()).unwrap().is_empty()
        })
    };
    assert_eq!(found(&home, "көршінің").len(), 1);
    assert!(holds(&home, "көршінің"));
    home.run_with(&["title", &code], "Басқа атау\n").succeeds();
    assert!(found(&home, "көршінің").is_empty());
    assert!(!holds(&home, "көршінің") && holds(&home, "басқа"));
}

#[test]
fn an_index_that_cannot_be_kept_is_made_for_each_search() {
    let (home, _) = home();
    let memory = home.path(".config/sanduq/identity.memory");
    std::fs::rename(&memory, home.path("away")).unwrap();
    std::fs::write(&memory, "a file in the place of the folder").unwrap();
    let run = home.run_with(&["search"], "лагерьде\n");
    assert!(run.code != 0 || run.err.contains("cannot be kept"), "{}", run.err);
    assert!(!run.err.contains("internal error"), "{}", run.err);
}

/// Two programs that make the index at once both answer, and one index is left.
#[test]
fn two_searches_at_once_make_one_index() {
    let (home, _) = home();
    let runs: Vec<_> = std::thread::scope(|scope| {
        let one = || {
            let mut command = home.command();
            command.args(["--passphrase-fd", "0", "search", "лагерьде"]);
            feed(&mut command, format!("{PASSPHRASE}\n").as_bytes())
        };
        let running: Vec<_> = (0..4).map(|_| scope.spawn(one)).collect();
        running.into_iter().map(|run| run.join().unwrap()).collect()
    });
    for run in runs {
        assert!(run.succeeds().out.contains("»лагерьде«"));
    }
    assert_eq!(index_files(&home).len(), 2);
    assert_eq!(list(&home).1.segments.len(), 1);
}

/// Fails when a passage reaches the terminal as it is.
#[test]
fn what_a_passage_holds_is_cleaned_and_stands_behind_a_bar() {
    let home = Home::with_cheap_vault();
    let code = home.new_case();
    let text = "сөз \u{1b}[2J жасырын\u{202e} кері\r\n== person ==\nсөз";
    home.run_with(&["put", &code, "notes"], text).succeeds();
    let page = home.run_with(&["search"], "жасырын\n").succeeds().out;
    assert_eq!(first_obeyed(&page), None, "{page}");
    let passage = page.lines().find(|line| line.contains("жасырын")).unwrap();
    assert!(passage.starts_with("| "), "{page}");
}

/// A revision that cannot be read is missed and said, and everything else is found.
#[test]
fn what_cannot_be_read_is_named_and_the_rest_is_found() {
    let (home, _) = home();
    let objects = |home: &Home| -> Vec<PathBuf> {
        let folders = std::fs::read_dir(home.path("vault/objects")).unwrap();
        folders
            .flat_map(|folder| std::fs::read_dir(folder.unwrap().path()).unwrap())
            .map(|e| e.unwrap().path())
            .collect()
    };
    let before = objects(&home);
    let other = home.new_case();
    home.run_with(&["put", &other, "notes"], "жоғалған сөз").succeeds();
    // Of what was added, only the revision can be missing without the vault noticing at once.
    for path in objects(&home).into_iter().filter(|path| !before.contains(path)) {
        let away = home.path("away-object");
        std::fs::rename(&path, &away).unwrap();
        index_files(&home).iter().for_each(|file| std::fs::remove_file(file).unwrap());
        let run = home.run(&["search", "лагерьде"]);
        if run.code == 12
            && run.err.contains("were not searched")
            && !run.err.contains("the vault's index is")
        {
            assert!(run.out.contains("»лагерьде«"), "{}", run.out);
            std::fs::rename(&away, &path).unwrap();
            assert_eq!(found(&home, "жоғалған").len(), 1);
            return;
        }
        std::fs::rename(&away, &path).unwrap();
    }
    panic!("no object was missed by a search");
}
