//! The forms a word of a name is looked for in: as written, and without the ending that says whose child.

use super::normal::Word;
use super::table::Cost;

/// Which ending a form was cut of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Ending {
    /// None was cut: the form is the whole word.
    Whole,
    /// -ov, -uly, -ovich, -oğlu: a man's.
    Son,
    /// -ova, -qyzy, -ovna: a woman's.
    Daughter,
}

/// Endings, the longest of a kind first.
const SONS: [&str; 40] = [
    "ovich",
    "evich",
    "ovitch",
    "evitch",
    "ovič",
    "evič",
    "ogly",
    "oglu",
    "oğlu",
    "oghli",
    "oghly",
    "oghlu",
    "ogli",
    "uulu",
    "uly",
    "ulı",
    "uli",
    "ulu",
    "ūly",
    "ov",
    "ev",
    "off",
    "eff",
    "ович",
    "евич",
    "улы",
    "ұлы",
    "ули",
    "уулу",
    "оглы",
    "оғлы",
    "ўғли",
    "оғли",
    "ов",
    "ев",
    "ёв",
    "ۇلى",
    "ۇلي",
    "ئوغلى",
    "وغلۇ",
];
const DAUGHTERS: [&str; 25] = [
    "ovna", "evna", "kyzy", "qyzy", "kizi", "qizi", "kızı", "qızı", "gyzy", "qyzı", "kyz", "ova", "eva",
    "овна", "евна", "кызы", "қызы", "гызы", "қизи", "кизи", "ова", "ева", "قىزى", "قيزى", "قىزي",
];
/// What must be left of a word for its ending to be one.
const LEAST_LEFT: usize = 3;

/// The word, and what is left of it without an ending.
pub(super) fn forms(word: &Word) -> Vec<(Ending, Vec<char>)> {
    let mut out = vec![(Ending::Whole, word.letters.clone())];
    let text: String = word.letters.iter().collect();
    let cut = |endings: &[&'static str]| {
        let ending = endings.iter().find(|ending| text.ends_with(**ending))?;
        let left = word.letters.len() - ending.chars().count();
        (left >= LEAST_LEFT).then(|| word.letters[..left].to_vec())
    };
    let daughter = cut(&DAUGHTERS).map(|left| (Ending::Daughter, left));
    out.extend(daughter.or_else(|| cut(&SONS).map(|left| (Ending::Son, left))));
    out
}

/// What it costs that a query has one ending and the name another; nothing is said of two whole words.
pub(super) fn between(a: Ending, b: Ending) -> Cost {
    match (a, b) {
        (a, b) if a == b => 0,
        (Ending::Whole, _) | (_, Ending::Whole) => 56,
        _ => 120,
    }
}
