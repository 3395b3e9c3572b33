//! The words by which rules recognise what they are about: `tables/words.txt`, `tables/months.txt`.

use std::collections::HashMap;
use std::sync::LazyLock;

/// Declares the groups of `words.txt`, each one bit.
macro_rules! groups {
    ($($name:ident = $heading:literal),* $(,)?) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        pub(super) enum Group { $($name),* }

        impl Group {
            const HEADINGS: &'static [(&'static str, Self)] = &[$(($heading, Self::$name)),*];
        }
    };
}

groups! {
    Role = "role", Workplace = "workplace", Small = "small", Narrow = "narrow", Child = "child", Kin = "kin", Age = "age",
    Years = "years", Old = "old", Aged = "aged", Grade = "grade", Ordinal = "ordinal", Turned = "turned", Yearling = "yearling", Term = "term", Then = "then",
    Few = "few", Tens = "tens", Street = "street", StreetAfter = "street-after", StreetBefore = "street-before",
    House = "house", Phone = "phone", Account = "account", Matter = "matter", Paper = "paper", Number = "number", Birth = "birth", YearOf = "year-of",
}

/// The groups a word is in, and the month it names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tags {
    groups: u32,
    /// From 1; 0 for no month.
    pub(super) month: u8,
}

impl Tags {
    pub(super) fn has(self, group: Group) -> bool {
        self.groups & (1 << group as u32) != 0
    }

    fn join(&mut self, other: Self) {
        self.groups |= other.groups;
        self.month = self.month.max(other.month);
    }
}

/// Longest Chinese word of the tables, in characters.
pub(super) const MAX_HAN: usize = 5;

struct Tables {
    whole: HashMap<&'static str, Tags>,
    beginnings: HashMap<&'static str, Tags>,
}

static TABLES: LazyLock<Tables> = LazyLock::new(|| {
    let mut tables = Tables { whole: HashMap::new(), beginnings: HashMap::new() };
    let mut group = None;
    for line in include_str!("tables/words.txt").lines().filter(|line| !line.starts_with('#')) {
        if let Some(heading) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            group = Group::HEADINGS.iter().find(|(known, _)| *known == heading).map(|(_, group)| *group);
        } else if let (Some(group), Some((_, words))) = (group, line.split_once(' ')) {
            tables.add(words, Tags { groups: 1 << group as u32, month: 0 });
        }
    }
    let months = include_str!("tables/months.txt").lines().filter(|line| !line.starts_with('#'));
    for (month, words) in (1_u8..).zip(months) {
        tables.add(words, Tags { groups: 0, month });
    }
    tables
});

impl Tables {
    fn add(&mut self, words: &'static str, tags: Tags) {
        for word in words.split_whitespace() {
            match word.strip_suffix('*') {
                Some(start) => self.beginnings.entry(start).or_default().join(tags),
                None => self.whole.entry(word).or_default().join(tags),
            }
        }
    }
}

/// What the tables say of a word in lower case.
pub(super) fn tags(word: &str) -> Tags {
    /// Beginnings longer than this are not in the tables.
    const LONGEST: usize = 17;
    let mut tags = TABLES.whole.get(word).copied().unwrap_or_default();
    let ends = word.char_indices().map(|(at, c)| at + c.len_utf8()).take(LONGEST);
    for start in ends.filter_map(|end| TABLES.beginnings.get(&word[..end])) {
        tags.join(*start);
    }
    tags
}

/// What the tables say of Chinese characters that are a word of theirs.
pub(super) fn han(word: &str) -> Option<Tags> {
    TABLES.whole.get(word).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fails when a heading is misspelled, or a group of the program has no words.
    #[test]
    fn every_group_and_every_heading_is_known() {
        let headings = include_str!("tables/words.txt").lines().filter_map(|line| line.strip_prefix('['));
        let mut headings: Vec<&str> = headings.map(|line| line.trim_end_matches(']')).collect();
        let mut groups: Vec<&str> = Group::HEADINGS.iter().map(|(heading, _)| *heading).collect();
        headings.sort_unstable();
        groups.sort_unstable();
        assert_eq!(headings, groups);
        assert_eq!(
            include_str!("tables/months.txt").lines().filter(|line| !line.starts_with('#')).count(),
            12
        );
    }

    /// Fails when a word stands in upper case, or a beginning is longer than is looked for.
    #[test]
    fn words_are_in_lower_case_and_not_too_long() {
        let all = TABLES.whole.keys().chain(TABLES.beginnings.keys());
        for word in all {
            assert_eq!(*word, word.to_lowercase());
            assert!(word.chars().count() <= 17, "{word}");
        }
        assert!(tags("учительница").has(Group::Role) && !tags("учебник").has(Group::Role));
        assert!(tags("мамырда").month == 5 && han("县医院").unwrap().has(Group::Small));
    }
}
