//! The invented people, cases and words of the demo.

/// A text of a case: part, language, words.
pub(super) type Text = (&'static str, &'static str, &'static str);

/// A form of a case: part, TOML.
pub(super) type FormText = (&'static str, &'static str);

/// A case: the activist's own title, its texts, and the forms beside them.
pub(super) struct Script {
    pub(super) title: &'static str,
    pub(super) texts: &'static [Text],
    pub(super) forms: &'static [FormText],
}

/// What the teacher agreed to.
const TEACHER_AGREES: &str = r#"
[[consent]]
person = "P1"
status = "given"
given_by = "self"
mode = "oral"
purpose = ["legal_representation", "resettlement_submission"]
identity_level = "named"
onward = "any"
date = "2026-01"
"#;
/// What the neighbour agreed to: less.
const NEIGHBOUR_AGREES: &str = r#"
[[consent]]
person = "P1"
status = "limited"
given_by = "self"
mode = "oral"
purpose = ["legal_representation"]
identity_level = "pseudonym"
onward = "none"
date = "2026-01"
"#;
/// Who says what stands in the testimony: the person known as P1, and nobody else by name.
const SAID_BY_P1: &str = r#"
[[claim]]
id = "C1"
said_by = "P1"
knowledge = "witnessed"
text = "a relative was taken at night or before dawn"
"#;
/// Whose letter it is.
const LETTER_OF_P1: &str = r#"
[[document]]
id = "D1"
kind = "letter"
issuer = "nobody signed it"
holder = "P1"
"#;

/// The three cases.
pub(super) const CASES: [Script; 3] = [
    Script {
        title: "ئوقۇتقۇچى ۋە ئىنىسى",
        texts: &[
            ("person", "ug-Arab", "ئىسمى: گۈلزار ئۈلگە، 41 ياش، ئوقۇتقۇچى."),
            ("person/doctor", "en", "Dr Nadia Example, clinic in Altwil; she treated the brother."),
            ("testimony", "ug-Arab", "ئىنىمنى ئەتىگەن سائەت بەشتە ئېلىپ كەتتى. ئىككى ماشىنا كەلدى."),
        ],
        forms: &[("testimony", SAID_BY_P1), ("exhibits", LETTER_OF_P1), ("consent", TEACHER_AGREES)],
    },
    Script {
        title: "Көрші үй",
        texts: &[
            ("person", "kk-Cyrl", "Аты: Әсел Үлгіқызы, 34 жаста."),
            ("testimony", "kk-Cyrl", "Түнде үш адам келді. Есікті көршім Ербол Мысалұлы ашты."),
        ],
        forms: &[("testimony", SAID_BY_P1), ("consent", NEIGHBOUR_AGREES)],
    },
    Script {
        title: "北边的房子",
        texts: &[
            ("testimony", "zh-Hans", "他们把我带到北边的一座房子。我在那里待了四十天。"),
            ("whereabouts", "zh-Hans", "现在住在山谷旅馆后面。"),
        ],
        forms: &[],
    },
];

/// The second testimony once the neighbour's name is out of it.
pub(super) const CORRECTED: &str = "Түнде үш адам келді. Есікті бір көрші ашты.";
/// What is corrected once more, after the lawyer's updates ended.
pub(super) const LATER: &str = "Түнде төрт адам келді. Есікті бір көрші ашты.";

/// The file that is attached to the first case.
pub(super) const EXHIBIT_NAME: &str = "хат-letter.txt";
/// Its content.
pub(super) const EXHIBIT: &str = "To the family Example: he is well, do not ask for him. (no signature)\n";

/// Words of the cases that nobody may find in a vault's folder.
pub(super) fn planted() -> impl Iterator<Item = &'static str> {
    let texts = CASES.iter().flat_map(|case| case.texts.iter().map(|(.., text)| *text));
    let titles = CASES.iter().map(|case| case.title);
    let parts = CASES.iter().flat_map(|case| case.texts.iter().map(|(part, ..)| *part));
    let own = [CORRECTED, LATER, EXHIBIT, EXHIBIT_NAME];
    texts.chain(titles).chain(own).flat_map(str::split_whitespace).chain(parts).filter(|word| word.len() > 4)
}
