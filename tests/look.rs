//! The last look: how often its rules are right, and how often they miss. docs/look.md.
#![cfg(test)]

use std::collections::BTreeMap;

use sanduq::format::read_form;
use sanduq::look::{Hit, Known, Rule, look};
use sanduq::record::form::Form;
use serde::Deserialize;

/// A text, the rule it tempts, and what is to be warned of in it.
#[derive(Deserialize)]
struct Passage {
    lang: String,
    text: String,
    tempts: String,
    warn: Vec<(String, String)>,
}

/// How often a rule was right, warned in vain, and missed.
#[derive(Clone, Copy, Debug, Default)]
struct Score {
    right: usize,
    vain: usize,
    missed: usize,
}

impl Score {
    fn add(&mut self, other: Self) {
        self.right += other.right;
        self.vain += other.vain;
        self.missed += other.missed;
    }

    /// In hundredths, rounded down; without a warning nothing was in vain.
    fn precision(self) -> usize {
        (100 * self.right).checked_div(self.right + self.vain).unwrap_or(100)
    }

    fn recall(self) -> usize {
        (100 * self.right).checked_div(self.right + self.missed).unwrap_or(100)
    }
}

fn passages(file: &str) -> Vec<Passage> {
    file.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

const SEEN: &str = include_str!("look/seen.jsonl");
const UNSEEN: &str = include_str!("look/unseen.jsonl");

static CASE: std::sync::LazyLock<Known> = std::sync::LazyLock::new(case);

/// The invented case, of which P1 goes along.
fn case() -> Known {
    let file = include_str!("look/case.toml");
    let (persons, places) = file.split_at(file.find("[[whereabouts]]").unwrap());
    let (persons, places) =
        (read_form(persons, "person").unwrap(), read_form(places, "whereabouts").unwrap());
    let going = |form: &Form| form.person.iter().take(1).map(|one| one.id.clone()).collect();
    let mut known = Known::new(going(&persons));
    known.add_form(&persons, false);
    known.add_form(&places, false);
    known
}

fn named(rule: Rule) -> String {
    serde_json::to_value(rule).unwrap().as_str().unwrap().to_owned()
}

/// A warning is right if it is of the rule and touches the passage.
fn score(passage: &Passage, hits: &[Hit], by_rule: &mut BTreeMap<String, Score>) {
    let mut open: Vec<(String, std::ops::Range<usize>)> = Vec::new();
    for (rule, said) in &passage.warn {
        let start = passage.text.find(said.as_str()).expect("the passage is in its text");
        open.push((rule.clone(), start..start + said.len()));
    }
    for hit in hits {
        let rule = named(hit.rule);
        let touches = |(wanted, range): &(String, std::ops::Range<usize>)| {
            *wanted == rule && range.start < hit.range.end && hit.range.start < range.end
        };
        match open.iter().position(touches) {
            Some(at) => {
                open.remove(at);
                by_rule.entry(rule).or_default().right += 1;
            }
            None => {
                println!(
                    "  {} in vain: {:?} in {} {}",
                    rule,
                    &passage.text[hit.range.clone()],
                    passage.lang,
                    passage.text
                );
                by_rule.entry(rule).or_default().vain += 1;
            }
        }
    }
    for (rule, range) in open {
        println!("  {rule} missed: {:?} in {} {}", &passage.text[range], passage.lang, passage.text);
        by_rule.entry(rule).or_default().missed += 1;
    }
}

fn judge(name: &str, file: &str) -> BTreeMap<String, Score> {
    let known = case();
    let mut by_rule = BTreeMap::new();
    for passage in passages(file) {
        score(&passage, &look(&passage.text, &known), &mut by_rule);
    }
    let mut all = Score::default();
    by_rule.values().for_each(|score| all.add(*score));
    by_rule.insert("all".to_owned(), all);
    for (rule, score) in &by_rule {
        println!("{name} {rule}: {score:?}, precision {}, recall {}", score.precision(), score.recall());
    }
    by_rule
}

/// The floors of docs/look.md: set, rule, precision, recall.
fn floors() -> Vec<(String, String, usize, usize)> {
    let rows = include_str!("../docs/look.md")
        .lines()
        .filter(|line| line.starts_with("| seen |") || line.starts_with("| unseen |"));
    let cells = rows.map(|line| line.trim_matches('|').split('|').map(str::trim).collect::<Vec<_>>());
    cells
        .map(|cells| (cells[0].into(), cells[1].into(), cells[2].parse().unwrap(), cells[3].parse().unwrap()))
        .collect()
}

/// Fails when a rule is taken out, or made to warn of everything.
#[test]
fn the_rules_are_as_often_right_as_the_page_says() {
    let judged = [("seen", judge("seen", SEEN)), ("unseen", judge("unseen", UNSEEN))];
    let floors = floors();
    assert_eq!(floors.len(), 2 * (Rule::ALL.len() + 1), "every rule has a floor in both sets");
    for (set, rule, precision, recall) in floors {
        let (_, scores) = judged.iter().find(|(name, _)| *name == set).unwrap();
        let score = scores.get(&rule).copied().unwrap_or_default();
        assert!(score.precision() >= precision && score.recall() >= recall, "{set} {rule}: {score:?}");
    }
}

#[test]
fn the_passages_tempt_every_rule_in_four_scripts_and_half_must_not_warn() {
    let all: Vec<Passage> = [SEEN, UNSEEN].iter().flat_map(|file| passages(file)).collect();
    let scripts = [("Latn", "en"), ("Cyrl", "ru"), ("Arab", "ug-Arab"), ("Hans", "zh-Hans")];
    for rule in Rule::ALL.map(named) {
        let tempted = all.iter().filter(|passage| passage.tempts == rule);
        let (still, warned): (Vec<_>, Vec<_>) = tempted.partition(|passage| passage.warn.is_empty());
        assert!(still.len() >= 8 && warned.len() >= 8, "{rule}: {} {}", still.len(), warned.len());
    }
    for (script, lang) in scripts {
        assert!(all.iter().filter(|passage| passage.lang == lang).count() >= 15, "{script}");
    }
    let quiet = all.iter().filter(|passage| passage.warn.is_empty()).count();
    assert!(all.len() >= 60 && 2 * quiet >= all.len(), "{quiet} of {}", all.len());
}

/// Fails when a name of who goes along is warned of.
#[test]
fn a_person_who_goes_along_is_named_without_a_warning() {
    let text = "Айдос Серікұлы мен Ерлан Қасымов бірге келді.";
    let hits = look(text, &case());
    assert_eq!(hits.len(), 1, "{hits:?}");
    assert_eq!((hits[0].rule, &text[hits[0].range.clone()]), (Rule::Name, "Ерлан Қасымов"));
    assert_eq!(hits[0].who.as_ref().unwrap().as_str(), "P4");
    assert_eq!(look(text, &Known::default()), vec![]);
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(100))]

    /// Fails when a range is not of whole characters, or a text of no sense stops a rule.
    #[test]
    fn any_text_can_be_looked_at(text in "([ -~]|[а-яӘ]|[一-十]|[ا-ي]|[0-9]|\\.|@|\n|号|路|岁|村){0,120}") {
        for hit in look(&text, &CASE) {
            let passage = hit.passage(&text);
            proptest::prop_assert!(passage.contains(&text[hit.range.clone()].split('\n').next().unwrap().to_owned()));
            proptest::prop_assert!(hit.line(&text) >= 1);
        }
    }
}
