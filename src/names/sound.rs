//! What is left of a name in any script without vowels, in a few classes of consonants: spellings of one name mostly
//! share it, so that few need to be compared closely.

use super::normal::{Word, words};
use super::query::in_latin;

/// Most classes that count; names part early enough.
const MAX_CLASSES: usize = 6;

/// The sounds of a word: one, or one for each way its letters are read.
pub fn sounds(word: &str) -> Vec<String> {
    let mut words = words(word);
    if words.is_empty() {
        return Vec::new();
    }
    let mut all = of_words(&words);
    // The article, which is written apart in Latin letters or left out.
    if let Some(first) = words.first_mut().filter(|first| has_article(first)) {
        first.letters.drain(..2);
        all.extend(of_words(&words));
    }
    all.sort();
    all.dedup();
    all
}

fn of_words(words: &[Word]) -> Vec<String> {
    let latin: Vec<Vec<char>> = words.iter().map(in_latin).collect();
    let letters = latin.concat();
    [Reading::Near, Reading::Far].map(|reading| sound(&letters, reading)).into()
}

fn has_article(word: &Word) -> bool {
    word.letters.starts_with(&['ا', 'ل']) && word.letters.len() > 4
}

/// Languages read some Latin letters in two ways.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reading {
    /// q and x as in Kazakh, Uyghur and Arabic names, c and j as in Turkish ones, v nearly a vowel.
    Near,
    /// q and x as in pinyin, c and g as in English, j nearly a vowel, v nearly an f.
    Far,
}

fn sound(letters: &[char], reading: Reading) -> String {
    let mut out = String::new();
    let mut rest = letters;
    while let Some((first, behind)) = rest.split_first() {
        let (class, taken) = class(*first, behind, reading);
        rest = rest.get(taken..).unwrap_or_default();
        if let Some(class) = class.filter(|class| !out.ends_with(*class)) {
            out.push(class);
        }
        if out.len() == MAX_CLASSES {
            break;
        }
    }
    if out.is_empty() { "A".to_owned() } else { out }
}

/// The class of the next letters, if they count, and how many they are.
fn class(first: char, behind: &[char], reading: Reading) -> (Option<char>, usize) {
    let next = behind.first().copied().unwrap_or(' ');
    match (first, next) {
        ('k', 'h') => (None, 2),
        ('g', 'h') => (Some('K'), 2),
        ('n', 'g') => (Some('N'), 2),
        ('p', 'h') => (Some('F'), 2),
        ('c', 'k') => (Some('K'), 2),
        ('k', 's') => (Some('S'), 2),
        ('g', 'e' | 'i') if reading == Reading::Far => (Some('S'), 1),
        ('v', _) if reading == Reading::Far => (Some('F'), 1),
        ('j', _) if reading == Reading::Far => (None, 1),
        ('s' | 'z' | 'c', 'h') | ('t' | 'd', 's' | 'z' | 'j') => (Some('S'), 2),
        ('d' | 't', 'h') => (Some('T'), 2),
        ('b' | 'p', _) => (Some('B'), 1),
        ('f', _) => (Some('F'), 1),
        ('d' | 't' | 'ţ' | 'ț', _) => (Some('T'), 1),
        ('k' | 'g' | 'ğ' | 'ģ' | 'ķ', _) => (Some('K'), 1),
        ('q', _) if reading == Reading::Near => (Some('K'), 1),
        ('c', _) if reading == Reading::Far => (Some('K'), 1),
        ('x', _) if reading == Reading::Near => (None, 1),
        (
            's' | 'z' | 'ş' | 'ș' | 'š' | 'ž' | 'ç' | 'č' | 'ć' | 'ś' | 'ź' | 'ż' | 'j' | 'c' | 'x' | 'q',
            _,
        ) => (Some('S'), 1),
        // Chinese writes both alike.
        ('l' | 'ł' | 'r', _) => (Some('L'), 1),
        ('m', _) => (Some('M'), 1),
        ('n' | 'ñ' | 'ň' | 'ŋ' | 'ń', _) => (Some('N'), 1),
        _ => (None, 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fails when a vowel, an h or a doubled letter counts.
    #[test]
    fn spellings_of_one_name_share_a_sound() {
        let groups: &[&[&str]] = &[
            &["Muhammad", "Mohamed", "محمد", "Мұхаммед", "Мухаммад"],
            &["Aigul", "Айгүл", "Ayghul", "ئايگۈل"],
            &["Qasym", "Қасым", "Kassym", "قاسىم"],
            &["Zhanar", "Жанар", "Janar"],
            &["Xiaoming", "晓明"],
            &["Wang", "王"],
            &["Masri", "المصري"],
            &["Murat", "木拉提", "Мұрат"],
            &["Yusuf", "يوسف", "Юсуф", "Youssef"],
            &["Khalid", "Халид", "خالد", "Halid", "Xalid"],
        ];
        for group in groups {
            let first = sounds(group[0]);
            for other in *group {
                let heard = sounds(other);
                assert!(heard.iter().any(|sound| first.contains(sound)), "{first:?}, {other}: {heard:?}");
            }
        }
        assert!(sounds("…").is_empty() && sounds("12").is_empty());
    }
}
