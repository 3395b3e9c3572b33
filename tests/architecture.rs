//! The house rules that a reader of `use` lines can check. docs/architecture.md.
#![cfg(test)]

use std::fs;
use std::path::{Path, PathBuf};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Which layers may name which.
const ARROWS: [(&str, &[&str]); 9] = [
    ("record", &[]),
    ("names", &["record"]),
    ("look", &["names", "record"]),
    ("search", &["names"]),
    ("store", &[]),
    ("format", &["record"]),
    ("crypto", &["format", "record"]),
    ("vault", &["crypto", "format", "record", "search", "store"]),
    ("bundle", &["vault", "crypto", "format", "record", "store"]),
];

fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => walk(&path, found),
                false if path.extension().is_some_and(|e| e == "rs") => found.push(path),
                false => {}
            }
        }
    }
    let mut found = Vec::new();
    walk(&Path::new(ROOT).join(folder), &mut found);
    assert!(!found.is_empty(), "{folder}");
    found.into_iter().map(|path| (path.clone(), fs::read_to_string(path).unwrap())).collect()
}

/// The code of a file without its unit tests and comments.
fn code(text: &str) -> impl Iterator<Item = &str> {
    let end = text.find("#[cfg(test)]\nmod tests").unwrap_or(text.len());
    text[..end].lines().filter(|line| !line.trim_start().starts_with("//"))
}

#[test]
fn arrows_between_layers_point_one_way() {
    for (layer, allowed) in ARROWS {
        for (path, text) in sources(&format!("src/{layer}")) {
            for line in code(&text) {
                for (other, _) in
                    ARROWS.iter().filter(|(other, _)| *other != layer && !allowed.contains(other))
                {
                    assert!(!line.contains(&format!("crate::{other}")), "{}: {line}", path.display());
                }
            }
        }
    }
}

#[test]
fn each_place_and_power_has_one_home() {
    let homes: [(&str, &[&str]); 7] = [
        ("std::fs", &["src/store/", "src/bin/"]),
        ("std::env", &["src/bin/sanduq/settings.rs", "src/bin/sanduq/main.rs"]),
        ("use age::", &["src/crypto/age/"]),
        ("OsRng", &["src/crypto/"]),
        ("SystemTime::now", &["src/bin/sanduq/settings.rs"]),
        ("println!", &["src/bin/sanduq/ui"]),
        ("clap::", &["src/bin/"]),
    ];
    for (path, text) in sources("src") {
        let name = path.strip_prefix(ROOT).unwrap().to_str().unwrap().to_owned();
        for line in code(&text) {
            for (power, allowed) in homes {
                let home = allowed.iter().any(|home| name.starts_with(home));
                assert!(home || !line.contains(power), "{name}: {line}");
            }
        }
    }
}

#[test]
fn no_file_is_past_its_ceiling_and_none_is_unfinished() {
    // Put together here, so that this file does not find itself.
    let marks = [("TO", "DO"), ("FIX", "ME")].map(|(start, end)| format!("{start}{end}"));
    for (path, text) in sources("src").into_iter().chain(sources("tests")) {
        assert!(text.lines().count() <= 500, "{} has {} lines", path.display(), text.lines().count());
        for mark in &marks {
            assert!(!text.contains(mark.as_str()), "{}: {mark}", path.display());
        }
    }
}

#[test]
fn the_architecture_page_stays_short() {
    let page = fs::read_to_string(Path::new(ROOT).join("docs/architecture.md")).unwrap();
    assert!(page.lines().count() <= 150);
}

#[test]
fn no_test_file_is_forgotten() {
    let main = fs::read_to_string(Path::new(ROOT).join("tests/main.rs")).unwrap();
    for entry in fs::read_dir(Path::new(ROOT).join("tests")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        if path.extension().is_some_and(|e| e == "rs") && name != "main" {
            assert!(main.contains(&format!("mod {name};")), "tests/{name}.rs is not run");
        }
    }
}
