//! What is known of a case: who its persons are, who of them goes along, and what would tell where they are.

use std::collections::BTreeSet;

use super::dates::{Date, day_of};
use super::spelling;
use super::text::Text;
use crate::record::form::{Form, Id, Person, When};

/// What is known of a case.
#[derive(Debug, Default)]
pub struct Known {
    going: BTreeSet<Id>,
    pub(super) names: Vec<Name>,
    pub(super) births: Vec<(Option<Id>, Date)>,
    /// Numbers of documents, of letters and digits alone.
    pub(super) numbers: Vec<(Option<Id>, String)>,
    /// Occupations, in lower case.
    pub(super) occupations: BTreeSet<String>,
    /// Places of whereabouts that have a name.
    pub(super) places: Vec<Name>,
    /// Words and numbers of addresses that stand beside each other.
    pub(super) houses: Vec<(Option<Id>, spelling::Known, u64)>,
    /// Telephone numbers and the like, by their digits.
    pub(super) contacts: Vec<(Option<Id>, String)>,
}

/// A name and its words.
#[derive(Debug)]
pub(super) struct Name {
    pub(super) who: Option<Id>,
    pub(super) going: bool,
    pub(super) minor: bool,
    pub(super) text: String,
    pub(super) words: Vec<spelling::Known>,
    /// Whether it is written in Chinese characters.
    pub(super) han: bool,
}

impl Name {
    fn new(text: &str, who: Option<Id>, going: bool, minor: bool) -> Self {
        let han = text.chars().next().is_some_and(is_han);
        Self { words: words(text), text: text.to_owned(), who, going, minor, han }
    }
}

pub(super) fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// The words of a name; a Chinese one of two to four characters as family and given name.
fn words(text: &str) -> Vec<spelling::Known> {
    let words =
        text.split(|c: char| !(c.is_alphabetic() || unicode_normalization::char::is_combining_mark(c)));
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    let parted = |word: &str| {
        let (first, rest) = word.split_at(word.chars().next().map_or(0, char::len_utf8));
        [first, rest].map(spelling::Known::new).into()
    };
    match words[..] {
        [word] if word.chars().all(is_han) && (2..=4).contains(&word.chars().count()) => parted(word),
        _ => words.into_iter().map(spelling::Known::new).collect(),
    }
}

impl Known {
    /// Nothing yet; `going` are the persons who are meant to go along.
    pub fn new(going: BTreeSet<Id>) -> Self {
        Self { going, ..Self::default() }
    }

    /// Takes what a form says. `going`: it is in a part that goes along and was named for what it holds.
    pub fn add_form(&mut self, form: &Form, going: bool) {
        for person in &form.person {
            self.add_person(person, going);
        }
        if going {
            return;
        }
        for document in &form.document {
            if let Some(number) = &document.number {
                self.numbers.push((document.holder.clone(), letters_and_digits(number.as_str())));
            }
        }
        for whereabouts in &form.whereabouts {
            let who = Some(whereabouts.person.clone());
            let said = whereabouts.place.said.as_str();
            if !matches!(whereabouts.place.level.as_str(), "region" | "country") {
                self.add_place(said, who.clone());
            }
            self.add_address(whereabouts.address.as_ref().map_or("", |address| address.as_str()), who);
        }
    }

    /// Takes the text of a part without a form, as far as its kind says what stands there: a name on a line of its
    /// own, or after "name:"; addresses, and places on a line of their own.
    pub fn add_text(&mut self, kind: &str, text: &str, going: bool) {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        match kind {
            "person" => {
                let names: Vec<&str> = lines.filter_map(name_on).collect();
                self.names.extend(names.into_iter().map(|name| Name::new(name, None, going, false)));
            }
            "whereabouts" if !going => lines.for_each(|line| {
                self.add_place(line, None);
                self.add_address(line, None);
            }),
            _ => {}
        }
    }

    /// How many names of persons are looked for.
    pub fn names(&self) -> usize {
        self.names.len()
    }

    fn add_person(&mut self, person: &Person, going: bool) {
        let id = &person.id;
        let along = self.going.contains(id);
        let minor = person.minor == Some(true);
        let names = person.name.iter().filter(|name| name.kind.as_str() != "codename");
        self.names.extend(names.map(|name| Name::new(name.text.as_str(), Some(id.clone()), along, minor)));
        if along || going {
            return;
        }
        let birth = person.birth.as_ref().and_then(|birth| birth.edtf.as_ref()).map(When::as_str);
        self.births.extend(birth.and_then(day_of).map(|day| (Some(id.clone()), day)));
        let occupation = person.occupation.as_ref().map_or("", |line| line.as_str()).to_lowercase();
        let long = |word: &&str| word.chars().count() >= 4;
        self.occupations.extend(occupation.split_whitespace().filter(long).map(str::to_owned));
        let contact = person.contact.as_ref().map_or("", |text| text.as_str());
        let numbers = super::contacts::numbers(contact).into_iter();
        self.contacts.extend(numbers.map(|number| (Some(id.clone()), number)));
    }

    /// A place that has a name: up to three words, one of them with a capital or in a script without.
    fn add_place(&mut self, said: &str, who: Option<Id>) {
        let text = Text::new(said);
        let named = text.tokens.iter().any(super::text::Token::could_be_a_name);
        let short = (1..=3).contains(&text.tokens.len());
        if named && short && !text.tokens.iter().any(super::text::Token::is_number) {
            self.places.push(Name::new(said, who, false, false));
        }
    }

    fn add_address(&mut self, address: &str, who: Option<Id>) {
        let text = Text::new(address);
        for at in 1..text.tokens.len() {
            let (before, number) = (&text.tokens[at - 1], text.tokens[at].value());
            let word = text.lower(at - 1);
            if let Some(number) = number.filter(|_| before.could_be_a_name() && word.chars().count() >= 3) {
                self.houses.push((who.clone(), spelling::Known::new(word), number));
            }
        }
    }
}

/// The name on a line of a part about a person: the whole line if it could be one, or what follows "name:".
fn name_on(line: &str) -> Option<&str> {
    const LABELS: [&str; 12] =
        ["name", "full name", "имя", "фио", "аты", "аты-жөні", "есімі", "ئىسمى", "اتى", "姓名", "ad", "اسم"];
    let labelled = line
        .split_once([':', '：'])
        .filter(|(label, _)| LABELS.contains(&label.trim().to_lowercase().as_str()));
    let (name, sure) = labelled.map_or((line, false), |(_, name)| (name.trim(), true));
    let text = Text::new(name);
    let words = text.tokens.len();
    let names = text.tokens.iter().all(super::text::Token::could_be_a_name);
    let plain = !name.contains(['.', ',', ';', '!', '?', '。', '，', '؟', '،']);
    (names && plain && words <= 8 && words > 0 && (sure || words >= 2 || name.chars().count() <= 4))
        .then_some(name)
}

/// What counts of a document's number.
pub(super) fn letters_and_digits(number: &str) -> String {
    let plain = |c: char| match super::text::digit(c) {
        Some(digit) => digit.to_string(),
        None => c.to_lowercase().collect(),
    };
    number.chars().filter(|c| c.is_alphanumeric()).map(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fails when every line of a part about a person is taken for a name.
    #[test]
    fn names_are_taken_from_texts_where_they_stand_alone() {
        for (line, name) in [
            ("Гүлнар Бекова", Some("Гүлнар Бекова")),
            ("Name: Mehmet Yıldız", Some("Mehmet Yıldız")),
            ("姓名：王立明", Some("王立明")),
            ("ئابدۇرېھىم تۇرسۇن", Some("ئابدۇرېھىم تۇرسۇن")),
            ("She works at night.", None),
            ("работает в больнице", None),
        ] {
            assert_eq!(name_on(line), name);
        }
    }
}
