//! Redacted copies of texts: passages between marks are hidden, and a copy tells which passages those were, not what
//! stood there nor how long it was. docs/format.md section 7, "Redacted copies".

use std::ops::Range;

/// Stands before a passage to be hidden, and before what stands in its place.
pub const OPEN: char = '⟦';
/// Stands behind it.
pub const CLOSE: char = '⟧';
/// What stands between the two in a copy for a passage that was hidden: the same however long it was.
pub const HIDDEN: &str = "█████";

/// Why a text cannot be redacted so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RedactionError {
    /// The original has the marks itself.
    #[error("the original itself has ⟦ or ⟧, in line {0}: copies of it could not be told from it")]
    MarksInOriginal(usize),
    /// A mark without its other half, one inside another, or nothing between them.
    #[error("the marks in line {0} do not come in pairs with something between them")]
    Unpaired(usize),
    /// The marked text is not the original without its marks.
    #[error("without its marks, the text differs from the original in line {0}")]
    Differs(usize),
    /// Nothing is marked.
    #[error("nothing is marked")]
    Nothing,
}

fn line_at(text: &str, at: usize) -> usize {
    text.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count() + 1
}

/// Whether copies can be made of a text.
pub fn can_be_redacted(original: &str) -> Result<(), RedactionError> {
    match original.find([OPEN, CLOSE]) {
        Some(at) => Err(RedactionError::MarksInOriginal(line_at(original, at))),
        None => Ok(()),
    }
}

/// The passages of the original that are marked in a text which is the original but for the marks.
pub fn marked(text: &str, original: &str) -> Result<Vec<Range<usize>>, RedactionError> {
    can_be_redacted(original)?;
    let (mut plain, mut passages, mut open) = (String::new(), Vec::new(), None);
    for (at, c) in text.char_indices() {
        match (c, open) {
            (OPEN, None) => open = Some(plain.len()),
            (CLOSE, Some(start)) if start < plain.len() => {
                passages.push(start..plain.len());
                open = None;
            }
            (OPEN | CLOSE, _) => return Err(RedactionError::Unpaired(line_at(text, at))),
            (c, _) => plain.push(c),
        }
    }
    if open.is_some() {
        return Err(RedactionError::Unpaired(line_at(text, text.len())));
    }
    if plain != original {
        let same = plain.bytes().zip(original.bytes()).take_while(|(a, b)| a == b).count();
        return Err(RedactionError::Differs(line_at(original, same)));
    }
    if passages.is_empty() { Err(RedactionError::Nothing) } else { Ok(passages) }
}

/// The copy in which each passage is hidden, or shows a pseudonym. Passages that overlap are one, and hidden.
pub fn redacted(
    original: &str,
    mut passages: Vec<(Range<usize>, Option<String>)>,
) -> Result<String, RedactionError> {
    can_be_redacted(original)?;
    passages.sort_by_key(|(range, _)| (range.start, range.end));
    let mut joined: Vec<(Range<usize>, Option<String>)> = Vec::new();
    for (range, shown) in passages {
        match joined.last_mut().filter(|(last, _)| range.start < last.end) {
            Some((last, before)) => {
                last.end = last.end.max(range.end);
                *before = None;
            }
            None => joined.push((range, shown)),
        }
    }
    if joined.is_empty() {
        return Err(RedactionError::Nothing);
    }
    let (mut copy, mut from) = (String::new(), 0);
    for (range, shown) in &joined {
        copy.push_str(&original[from..range.start]);
        copy.push(OPEN);
        copy.push_str(shown.as_deref().unwrap_or(HIDDEN));
        copy.push(CLOSE);
        from = range.end;
    }
    copy.push_str(&original[from..]);
    Ok(copy)
}

/// Whether a copy says nothing that the original does not say at that place: what stands outside the marks stands in
/// the original, in this order, from its first character to its last.
pub fn is_copy_of(copy: &str, original: &str) -> bool {
    let mut kept = Vec::new();
    let mut rest = copy;
    while let Some((before, after)) = rest.split_once(OPEN) {
        let Some((_, after)) = after.split_once(CLOSE) else { return false };
        kept.push(before);
        rest = after;
    }
    let Some(first) = kept.first() else { return false };
    let Some(original) = original.strip_prefix(first) else { return false };
    // The shortest way through: each piece where it is found first, and the last at the end. Something is hidden at
    // every mark.
    let skip = |text: &'_ str| text.chars().next().map_or(0, char::len_utf8);
    let mut left = original;
    for piece in &kept[1..] {
        let from = skip(left);
        if from == 0 {
            return false;
        }
        let Some(at) = left[from..].find(piece) else { return false };
        left = &left[from + at + piece.len()..];
    }
    skip(left) > 0 && left[skip(left)..].ends_with(rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ORIGINAL: &str = "Мен Гүлнарды көрдім.\nئۇ كېلىپ، 我看见了。";

    fn hide(marked_text: &str) -> Result<String, RedactionError> {
        let hidden = marked(marked_text, ORIGINAL)?;
        redacted(ORIGINAL, hidden.into_iter().map(|range| (range, None)).collect())
    }

    /// Fails when the sign has the length of the passage, or the marked text is not compared with the original.
    #[test]
    fn what_is_marked_is_hidden_and_nothing_else_changes() {
        let copy = hide("Мен ⟦Гүлнарды⟧ көрдім.\nئۇ كېلىپ، ⟦我⟧看见了。").unwrap();
        assert_eq!(copy, "Мен ⟦█████⟧ көрдім.\nئۇ كېلىپ، ⟦█████⟧看见了。");
        assert!(is_copy_of(&copy, ORIGINAL));
        for (text, error) in [
            (ORIGINAL, RedactionError::Nothing),
            ("Мен ⟦Гүлнарды көрдім.\nئۇ كېلىپ، 我看见了。", RedactionError::Unpaired(2)),
            ("Мен ⟦⟧Гүлнарды көрдім.\nئۇ كېلىپ، 我看见了。", RedactionError::Unpaired(1)),
            ("⟦Мен ⟦Гүлнарды⟧⟧ көрдім.\nئۇ كېلىپ، 我看见了。", RedactionError::Unpaired(1)),
            ("Мен ⟦Гүлнарды⟧ көрдім.\nئۇ كېلىپ، 他看见了。", RedactionError::Differs(2)),
            ("Мен ⟦Гүлнарды⟧ көрдім.", RedactionError::Differs(1)),
        ] {
            assert_eq!(hide(text), Err(error), "{text}");
        }
        assert_eq!(marked("a⟦b⟧", "a⟦b⟧"), Err(RedactionError::MarksInOriginal(1)));
    }

    /// Fails when overlapping passages show a pseudonym beside letters of the name, or a word more than is hidden.
    #[test]
    fn persons_are_shown_by_pseudonyms_and_what_is_hidden_stays_hidden() {
        let name = 7..7 + "Гүлнарды".len();
        let shown = Some("SRC-7".to_owned());
        let copy = redacted(ORIGINAL, vec![(name.clone(), shown.clone())]).unwrap();
        assert!(copy.starts_with("Мен ⟦SRC-7⟧ көрдім.") && is_copy_of(&copy, ORIGINAL), "{copy}");
        let copy = redacted(ORIGINAL, vec![(name.clone(), shown), (name.start..name.end + 3, None)]).unwrap();
        assert!(copy.starts_with("Мен ⟦█████⟧") && !copy.contains("SRC-7"), "{copy}");
    }

    /// Fails when a copy may add a word, leave one out, or begin or end elsewhere.
    #[test]
    fn a_copy_that_says_something_else_is_no_copy() {
        for text in [
            "Мен ⟦█████⟧ көрмедім.\nئۇ كېلىپ، 我看见了。",
            "Сен ⟦█████⟧ көрдім.\nئۇ كېلىپ، 我看见了。",
            "Мен ⟦█████⟧ көрдім.\nئۇ كېلىپ، 我看见了。!",
            "көрдім ⟦█████⟧ Мен",
            "Мен ⟦█████ көрдім.\nئۇ كېلىپ، 我看见了。",
            "Мен Гүлнарды ⟦█████⟧көрдім.\nئۇ كېلىپ، 我看见了。",
            ORIGINAL,
        ] {
            assert!(!is_copy_of(text, ORIGINAL), "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_copy_is_one_of_its_original(text in "[a-cа-в我\n ]{1,40}", cuts in prop::collection::vec((0usize..40, 1usize..9), 1..5)) {
            let ends: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
            let last = ends.len() - 1;
            let passage = |(from, length): (usize, usize)| {
                let from = from.min(last - 1);
                (ends[from]..ends[(from + length).min(last)], None)
            };
            let copy = redacted(&text, cuts.into_iter().map(passage).collect()).unwrap();
            prop_assert!(is_copy_of(&copy, &text), "{copy:?} of {text:?}");
        }
    }
}
