//! The pages that say which test shows what, kept true.
#![cfg(test)]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Underscores from which on a word between backticks is the name of a test, and nothing else.
const UNDERSCORES: usize = 3;
/// What a claim says that no test can show.
const LIMITS: [&str; 2] = ["(a limit)", "(an assumption)"];

fn page(name: &str) -> String {
    fs::read_to_string(Path::new(ROOT).join("docs").join(name)).unwrap()
}

/// The names of all tests in the sources.
fn tests() -> BTreeSet<String> {
    fn collect(folder: &Path, names: &mut BTreeSet<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.ends_with("node_modules") {
                collect(&path, names);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                names.extend(tests_of(&fs::read_to_string(&path).unwrap()));
            }
        }
    }
    let mut names = BTreeSet::new();
    ["src", "tests"].iter().for_each(|folder| collect(&Path::new(ROOT).join(folder), &mut names));
    names
}

/// The functions of a source that are marked as tests.
fn tests_of(source: &str) -> Vec<String> {
    let (mut marked, mut names) = (false, Vec::new());
    for line in source.lines().map(str::trim_start) {
        match line.strip_prefix("fn ") {
            _ if line == "#[test]" => marked = true,
            Some(rest) => {
                if std::mem::take(&mut marked) {
                    names.push(rest.split(['(', '<']).next().unwrap().to_owned());
                }
            }
            None => marked &= line.starts_with('#') || line.starts_with("//"),
        }
    }
    names
}

/// The names of tests in a text.
fn named(text: &str) -> BTreeSet<String> {
    let spans = text.split('`').skip(1).step_by(2);
    let words = spans.flat_map(|span| span.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')));
    words.filter(|word| word.matches('_').count() >= UNDERSCORES).map(str::to_owned).collect()
}

/// Fails when a page names a test that was renamed or taken out.
#[test]
fn every_test_that_a_page_names_exists() {
    let tests = tests();
    assert!(tests.len() > 300, "{}", tests.len());
    for name in ["threat-model.md", "assurance.md", "scenarios.md"] {
        let named = named(&page(name));
        assert!(named.len() > 10, "{name} names {} tests", named.len());
        let missing: Vec<&String> = named.difference(&tests).collect();
        assert!(missing.is_empty(), "{name} names tests that do not exist: {missing:?}");
    }
}

/// Fails when a claim about an adversary stands there with neither a test nor the word that it is a limit.
#[test]
fn every_claim_of_the_threat_model_names_its_test() {
    let page = page("threat-model.md");
    let (_, claims) = page.split_once("## What an adversary").unwrap();
    let (claims, _) = claims.split_once("## What is not promised").unwrap();
    let claims: Vec<&str> = claims.lines().filter(|line| line.starts_with("* ")).collect();
    assert!(claims.len() > 40, "{} claims", claims.len());
    for claim in claims {
        let limit = LIMITS.iter().any(|limit| claim.contains(limit));
        assert!(limit || !named(claim).is_empty(), "no test shows: {claim}");
    }
}

#[test]
fn names_of_tests_are_found_in_sources_and_pages() {
    let source = "#[test]\n#[ignore = \"campaign\"]\nfn a_b_c_d() {\nfn not_this_one_here() {\n    #[test]\n    /// Why.\n    fn e_f_g_h(x in 0..1) {";
    assert_eq!(tests_of(source), ["a_b_c_d", "e_f_g_h"]);
    let text = "shown by `a_b_c_d`, `cargo test e_f_g_h -- --ignored` and `deny_unknown_fields`, not i_j_k_l";
    assert_eq!(named(text), ["a_b_c_d", "e_f_g_h"].map(str::to_owned).into());
}
