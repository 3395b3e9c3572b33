//! Words of names however they are spelled and inflected: a quick look at their consonants, then `names::likeness`.

use crate::names::{Likeness, likeness};

/// Consonants that may stand for each other across scripts; vowels, and what comes and goes like them, are left out.
pub(super) type Sound = u8;
const LIPS: Sound = 1;
const TEETH: Sound = 2;
const BACK: Sound = 4;
const HISS: Sound = 8;
const LIQUID: Sound = 16;
const M: Sound = 32;
const N: Sound = 64;
/// May be missing on the other side.
const OPTIONAL: Sound = 128;

/// A word by its consonants.
pub(super) fn sounds(word: &str) -> Vec<Sound> {
    let mut out = Vec::new();
    word.chars().for_each(|c| push_sounds(c, &mut out));
    out
}

/// Adds the consonants of one character, in Latin letters.
pub(super) fn push_sounds(c: char, out: &mut Vec<Sound>) {
    let latin = any_ascii::any_ascii_char(c).as_bytes();
    for (at, letter) in latin.iter().enumerate() {
        let after = latin.get(at + 1).map(u8::to_ascii_lowercase);
        let sound = match letter.to_ascii_lowercase() {
            b'b' | b'p' => LIPS,
            b't' | b'd' if matches!(after, Some(b's' | b'z' | b'j')) => TEETH | OPTIONAL,
            b't' | b'd' => TEETH,
            b'k' => BACK,
            b'g' if out.last().is_some_and(|last| last & N != 0) => BACK | OPTIONAL,
            b'g' => BACK,
            b'h' => BACK | OPTIONAL,
            b'q' | b'x' | b'c' => BACK | HISS,
            b's' | b'z' => HISS,
            b'j' => HISS | OPTIONAL,
            b'l' | b'r' => LIQUID,
            b'm' => M,
            b'n' => N,
            _ => continue,
        };
        // Doubled letters count once.
        if out.last() != Some(&sound) {
            out.push(sound);
        }
    }
}

/// Whether two words could be one by their consonants.
pub(super) fn could_be(a: &[Sound], b: &[Sound]) -> bool {
    match (a, b) {
        ([], rest) | (rest, []) => rest.iter().all(|sound| sound & OPTIONAL != 0),
        ([x, a_rest @ ..], [y, b_rest @ ..]) => {
            (x & y & !OPTIONAL != 0 && could_be(a_rest, b_rest))
                || (x & OPTIONAL != 0 && could_be(a_rest, b))
                || (y & OPTIONAL != 0 && could_be(a, b_rest))
        }
    }
}

/// Endings of cases, the longest first; what is left must have three letters. Chinese has none.
const CYRILLIC: [&str; 51] = [
    "лар",
    "лер",
    "дар",
    "дер",
    "тар",
    "тер",
    "дағы",
    "дегі",
    "тағы",
    "тегі",
    "ндағы",
    "ның",
    "нің",
    "дың",
    "дің",
    "тың",
    "тің",
    "дан",
    "ден",
    "тан",
    "тен",
    "нан",
    "нен",
    "мен",
    "бен",
    "пен",
    "ого",
    "ому",
    "ым",
    "ой",
    "ей",
    "ою",
    "ем",
    "ом",
    "ға",
    "ге",
    "қа",
    "ке",
    "на",
    "не",
    "ды",
    "ді",
    "ты",
    "ті",
    "ны",
    "ні",
    "да",
    "де",
    "та",
    "те",
    "н",
];
const VOWELS: [&str; 8] = ["а", "у", "е", "ы", "и", "ю", "я", "ә"];
const ARABIC: [&str; 32] = [
    "نىڭكى",
    "دىكى",
    "تىكى",
    "نىڭ",
    "دىڭ",
    "تىڭ",
    "دىن",
    "تىن",
    "دان",
    "تان",
    "نان",
    "مەن",
    "بەن",
    "پەن",
    "غا",
    "قا",
    "گە",
    "كە",
    "عا",
    "نا",
    "نە",
    "نى",
    "دى",
    "تى",
    "دا",
    "تا",
    "دە",
    "تە",
    "لار",
    "لەر",
    "ى",
    "ن",
];
const LATIN: [&str; 26] = [
    "ning", "nyń", "nıñ", "niñ", "dyń", "gha", "din", "tin", "dan", "den", "ğa", "ge", "qa", "ke", "ga",
    "ni", "di", "ti", "da", "de", "ta", "te", "ne", "na", "men", "s",
];

/// A word in lower case and what is left of it without the ending of a case.
pub(super) fn stems(word: &str) -> Vec<String> {
    let mut out = vec![word.to_owned()];
    let mut cut = |endings: &[&str], least: usize| {
        for ending in endings {
            if let Some(stem) = word.strip_suffix(ending).filter(|stem| stem.chars().count() >= least) {
                out.push(stem.to_owned());
            }
        }
    };
    match word.chars().last() {
        Some('\u{400}'..='\u{52f}') => {
            cut(&CYRILLIC, 3);
            cut(&VOWELS, 3);
            // Of women and adjectives: Бекову, Бековой; Садовой, Садовую.
            for (ending, instead) in [
                ("у", "а"),
                ("ой", "а"),
                ("ы", "а"),
                ("ой", "ая"),
                ("ую", "ая"),
                ("ого", "ий"),
                ("е", "а"),
                ("ю", "я"),
            ] {
                if let Some(stem) = word.strip_suffix(ending).filter(|stem| stem.chars().count() >= 3) {
                    out.push(format!("{stem}{instead}"));
                }
            }
        }
        Some('\u{600}'..='\u{6ff}') => cut(&ARABIC, 3),
        Some(c) if c.is_alphabetic() && u32::from(c) < 0x250 => cut(&LATIN, 4),
        _ => {}
    }
    out
}

/// A word of a name or place that is known.
#[derive(Clone, Debug)]
pub(super) struct Known {
    /// In lower case.
    pub(super) word: String,
    pub(super) sounds: Vec<Sound>,
}

impl Known {
    pub(super) fn new(word: &str) -> Self {
        let word = word.to_lowercase();
        Self { sounds: sounds(&word), word }
    }

    /// How alike a word of a text is, in any of its stems.
    pub(super) fn likeness(&self, stems: &[(String, Vec<Sound>)]) -> Likeness {
        let mut best = Likeness::None;
        for (stem, sounds) in stems {
            if *stem == self.word {
                return Likeness::Same;
            }
            let near = stem.chars().count().abs_diff(self.word.chars().count()) <= 4 || !stem.is_ascii();
            if near && best < Likeness::Likely && could_be(sounds, &self.sounds) {
                best = best.max(likeness(stem, &self.word));
            }
        }
        best
    }
}

/// The stems of a word, each with its consonants.
pub(super) fn heard(word: &str) -> Vec<(String, Vec<Sound>)> {
    stems(word).into_iter().map(|stem| (stem.clone(), sounds(&stem))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alike(known: &str, word: &str) -> Likeness {
        Known::new(known).likeness(&heard(word))
    }

    /// Fails when endings stay on, or another script has other consonants.
    #[test]
    fn inflected_words_of_names_are_known_in_every_script() {
        for (known, word) in [
            ("Касымов", "касымову"),
            ("Бекова", "бекову"),
            ("Бекова", "бековой"),
            ("Гүлнар", "гульнару"),
            ("Ерлан", "ерланның"),
            ("Ерлан", "erlan"),
            ("Қасымов", "قاسىموۆ"),
            ("تۇرسۇن", "تۇرسۇننىڭ"),
            ("Серікқызы", "серікқызын"),
            ("Шелек", "шелекке"),
        ] {
            assert!(alike(known, word) >= Likeness::Likely, "{known} {word} {:?}", alike(known, word));
        }
        for (known, word) in
            [("Ерлан", "ерлик"), ("Қасымов", "касенов"), ("Yıldız", "yılmaz"), ("Бекова", "беков")]
        {
            assert!(alike(known, word) < Likeness::Likely, "{known} {word}");
        }
    }
}
