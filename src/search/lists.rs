//! Lists of places: for each document that holds a word, where in it. docs/format.md section 9, "Search index".

use super::Broken;

/// A place: document in the upper half, number of the word in the lower.
pub(super) type Place = u64;

/// The place of the word `number` of a document.
pub(super) fn place(document: u32, number: u32) -> Place {
    u64::from(document) << 32 | u64::from(number)
}

/// The document of a place.
pub(super) fn document(place: Place) -> u32 {
    u32::try_from(place >> 32).expect("32 bits")
}

/// Appends a number, seven bits a byte.
pub(super) fn push_number(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// Takes a number from the front.
pub(super) fn take_number(bytes: &mut &[u8]) -> Result<u32, Broken> {
    let mut number = 0_u64;
    for shift in [0, 7, 14, 21, 28] {
        let (first, rest) = bytes.split_first().ok_or(Broken)?;
        *bytes = rest;
        number |= u64::from(first & 0x7f) << shift;
        if first & 0x80 == 0 {
            return u32::try_from(number).map_err(|_| Broken);
        }
    }
    Err(Broken)
}

/// Takes so many bytes from the front.
pub(super) fn take<'a>(bytes: &mut &'a [u8], count: usize) -> Result<&'a [u8], Broken> {
    let (taken, rest) = bytes.split_at_checked(count).ok_or(Broken)?;
    *bytes = rest;
    Ok(taken)
}

/// The list of one word while documents are added in order.
#[derive(Default)]
pub(super) struct List {
    bytes: Vec<u8>,
    document: u32,
    number: u32,
    open: bool,
}

impl List {
    /// Adds a place; they come in order.
    pub(super) fn push(&mut self, document: u32, number: u32) {
        if !self.open || self.document != document {
            if self.open {
                self.bytes.push(0);
            }
            push_number(&mut self.bytes, u64::from(document - self.document));
            (self.document, self.number, self.open) = (document, 0, true);
        }
        push_number(&mut self.bytes, u64::from(number - self.number));
        self.number = number;
    }

    /// Adds a document whose places are not told.
    pub(super) fn push_once(&mut self, document: u32) {
        if !self.open || self.document != document {
            self.push(document, 1);
        }
    }

    /// The list as it is kept.
    pub(super) fn finish(mut self) -> Vec<u8> {
        if self.open {
            self.bytes.push(0);
        }
        self.bytes
    }
}

/// Hands every document and number of a list to `each`.
pub(super) fn each_place(mut list: &[u8], mut each: impl FnMut(u32, u32)) -> Result<(), Broken> {
    let mut document = 0_u32;
    while !list.is_empty() {
        document = document.checked_add(take_number(&mut list)?).ok_or(Broken)?;
        let mut number = 0_u32;
        loop {
            match take_number(&mut list)? {
                0 => break,
                more => number = number.checked_add(more).ok_or(Broken)?,
            }
            each(document, number);
        }
        if number == 0 {
            return Err(Broken);
        }
    }
    Ok(())
}

/// The documents of a list, without looking at the places.
pub(super) fn documents(mut list: &[u8], found: &mut Vec<u32>) -> Result<(), Broken> {
    let mut document = 0_u32;
    while !list.is_empty() {
        document = document.checked_add(take_number(&mut list)?).ok_or(Broken)?;
        found.push(document);
        // A number that is zero is the one byte 0, and no other number ends before it.
        let end = list.iter().position(|byte| *byte == 0).ok_or(Broken)?;
        list = &list[end + 1..];
    }
    Ok(())
}

/// The places that stand in both sorted lists when those of the second are `ahead` words further on.
pub(super) fn followed(first: &[Place], second: &[Place], ahead: u32) -> Vec<Place> {
    let mut found = Vec::new();
    let mut rest = second;
    for place in first {
        let wanted = place + u64::from(ahead);
        // Both are walked once; long stretches in which nothing fits are leapt over.
        let skip = match rest.get(64) {
            Some(far) if *far < wanted => rest.partition_point(|other| *other < wanted),
            _ => rest.iter().take_while(|other| **other < wanted).count(),
        };
        rest = &rest[skip..];
        match rest.first() {
            Some(next) if *next == wanted => found.push(*place),
            Some(_) => {}
            None => break,
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn list(places: &[(u32, u32)]) -> Vec<u8> {
        let mut list = List::default();
        places.iter().for_each(|(document, number)| list.push(*document, *number));
        list.finish()
    }

    #[test]
    fn a_phrase_is_words_side_by_side_in_one_document() {
        let first = [place(0, 1), place(0, 9), place(3, 4), place(4, 1)];
        let second = [place(0, 2), place(3, 9), place(4, 2), place(5, 2)];
        assert_eq!(followed(&first, &second, 1), [place(0, 1), place(4, 1)]);
        assert_eq!(followed(&first, &second, 5), [place(3, 4)]);
    }

    proptest! {
        /// Fails when a document, a place or an end of a list is misread.
        #[test]
        fn reads_back_what_was_written(places in prop::collection::btree_set((0u32..5000, 1u32..100_000), 0..200)) {
            let places: Vec<_> = places.into_iter().collect();
            let bytes = list(&places);
            let mut read = Vec::new();
            each_place(&bytes, |document, number| read.push((document, number))).unwrap();
            prop_assert_eq!(&read, &places);
            let mut found = Vec::new();
            documents(&bytes, &mut found).unwrap();
            let mut expected: Vec<u32> = places.iter().map(|place| place.0).collect();
            expected.dedup();
            prop_assert_eq!(found, expected);
        }

        /// Any bytes are read to an end, without a panic and without more places than bytes.
        #[test]
        fn any_bytes_are_a_list_or_broken(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let mut count = 0;
            each_place(&bytes, |_, _| count += 1).ok();
            documents(&bytes, &mut Vec::new()).ok();
            prop_assert!(count <= bytes.len());
        }

        #[test]
        fn followed_is_what_a_slow_search_finds(
            first in prop::collection::btree_set(0u64..400, 0..80),
            second in prop::collection::btree_set(0u64..400, 0..300),
            ahead in 0u32..4,
        ) {
            let slow: Vec<u64> = first.iter().copied().filter(|p| second.contains(&(p + u64::from(ahead)))).collect();
            let (first, second): (Vec<_>, Vec<_>) = (first.into_iter().collect(), second.into_iter().collect());
            prop_assert_eq!(followed(&first, &second, ahead), slow);
        }
    }
}
