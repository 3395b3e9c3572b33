//! A share as words: ten bits a word, a checksum at the end. SLIP-0039, "Format of the share mnemonic" and "Checksum".

use zeroize::Zeroizing;

use super::{MIN_BYTES, Share, ShareError};

/// Letters of the longest word.
const WORD_BYTES: usize = 8;
const WORDS: usize = 1024;
/// The word list of SLIP-0039, each word known by its first four letters.
static LIST: [[u8; WORD_BYTES]; WORDS] = padded(include_bytes!("words.txt"));

const CHECKSUM_WORDS: usize = 3;
/// Identifier, flags and exponent in two words, places and thresholds in two.
const HEAD_WORDS: usize = 4;
const MIN_WORDS: usize = HEAD_WORDS + (MIN_BYTES * 8).div_ceil(10) + CHECKSUM_WORDS;
/// Largest number of words looked at: a secret of 512 bits.
const MAX_WORDS: usize = 59;

/// Lines of a list as words filled up with zeros.
const fn padded(list: &[u8]) -> [[u8; WORD_BYTES]; WORDS] {
    let mut words = [[0; WORD_BYTES]; WORDS];
    let (mut word, mut letter, mut i) = (0, 0, 0);
    while i < list.len() {
        if list[i] == b'\n' {
            word += 1;
            letter = 0;
        } else {
            words[word][letter] = list[i];
            letter += 1;
        }
        i += 1;
    }
    words
}

/// The share as words with one space between.
pub(super) fn write(share: &Share) -> Zeroizing<String> {
    let indices = indices_of(share);
    let mut text = Zeroizing::new(String::with_capacity(indices.len() * (WORD_BYTES + 1)));
    for index in indices.iter() {
        if !text.is_empty() {
            text.push(' ');
        }
        let word = word_at(*index);
        word.iter().filter(|letter| **letter != 0).for_each(|letter| text.push(char::from(*letter)));
    }
    text
}

/// Reads words as people write them: any case, any space between.
pub(super) fn read(text: &str) -> Result<Share, ShareError> {
    let mut indices = Zeroizing::new(Vec::with_capacity(MAX_WORDS));
    for (number, word) in text.split_whitespace().enumerate() {
        if number == MAX_WORDS {
            return Err(ShareError::Length);
        }
        indices.push(index_of(word).ok_or(ShareError::UnknownWord(number + 1))?);
    }
    share_of(&indices)
}

/// The word at a secret place: all are looked at.
fn word_at(index: u16) -> Zeroizing<[u8; WORD_BYTES]> {
    let mut word = Zeroizing::new([0; WORD_BYTES]);
    for (here, candidate) in (0..).zip(&LIST) {
        let chosen = same(here, index);
        word.iter_mut().zip(candidate).for_each(|(letter, byte)| *letter |= byte & chosen);
    }
    word
}

/// The place of a word, by its first four letters as on metal plates, or all of it.
fn index_of(word: &str) -> Option<u16> {
    let mut typed = Zeroizing::new([0; WORD_BYTES]);
    let bytes = Some(word.as_bytes()).filter(|bytes| !bytes.contains(&0))?;
    typed.get_mut(..bytes.len())?.copy_from_slice(bytes);
    typed.make_ascii_lowercase();
    let (mut found, mut index) = (0, 0);
    for (here, candidate) in (0u16..).zip(&LIST) {
        let whole = candidate.iter().zip(typed.iter()).fold(0, |differ, (a, b)| differ | (a ^ b));
        let begin = candidate[..4].iter().zip(typed.iter()).fold(0, |differ, (a, b)| differ | (a ^ b));
        let short = typed[4..].iter().fold(begin, |differ, byte| differ | byte);
        let chosen = same(0, u16::from(whole)) | same(0, u16::from(short));
        found |= chosen;
        index |= here & u16::from_ne_bytes([chosen; 2]);
    }
    (found != 0).then_some(index)
}

/// All ones if both are the same; both have less than 2^15 values.
fn same(a: u16, b: u16) -> u8 {
    (((a ^ b).wrapping_sub(1) >> 15) as u8).wrapping_neg()
}

fn indices_of(share: &Share) -> Zeroizing<Vec<u16>> {
    let value_words = (share.value.len() * 8).div_ceil(10);
    let mut indices = Zeroizing::new(Vec::with_capacity(HEAD_WORDS + value_words + CHECKSUM_WORDS));
    let flags = u32::from(share.extendable) << 4 | u32::from(share.exponent);
    let numbers =
        [share.group, share.group_threshold - 1, share.groups - 1, share.member, share.threshold - 1];
    for pair in [u32::from(share.id) << 5 | flags, numbers.iter().fold(0, |all, n| all << 4 | u32::from(*n))]
    {
        indices.extend([(pair >> 10) as u16 & 0x3ff, pair as u16 & 0x3ff]);
    }
    let (mut held, mut bits) = (0u32, value_words * 10 - share.value.len() * 8);
    for byte in share.value.iter() {
        (held, bits) = (held << 8 | u32::from(*byte), bits + 8);
        if bits >= 10 {
            bits -= 10;
            indices.push((held >> bits) as u16 & 0x3ff);
        }
    }
    let checksum = polymod(share.extendable, indices.iter().copied().chain([0; CHECKSUM_WORDS])) ^ 1;
    indices.extend([20, 10, 0].map(|shift| (checksum >> shift) as u16 & 0x3ff));
    indices
}

fn share_of(indices: &[u16]) -> Result<Share, ShareError> {
    if indices.len() < MIN_WORDS {
        return Err(ShareError::Length);
    }
    let (head, rest) = indices.split_at(HEAD_WORDS);
    let (words, _) = rest.split_at(rest.len() - CHECKSUM_WORDS);
    let padding = words.len() * 10 % 16;
    if padding > 8 {
        return Err(ShareError::Length);
    }
    let pair = |at: usize| u32::from(head[at]) << 10 | u32::from(head[at + 1]);
    let (first, second) = (pair(0), pair(2));
    let extendable = first >> 4 & 1 == 1;
    if polymod(extendable, indices.iter().copied()) != 1 {
        return Err(ShareError::Checksum);
    }
    let number = |shift: u32| (second >> shift & 15) as u8;
    let (group_threshold, groups) = (number(12) + 1, number(8) + 1);
    if group_threshold > groups {
        return Err(ShareError::Groups);
    }
    Ok(Share {
        id: (first >> 5) as u16,
        extendable,
        exponent: first as u8 & 15,
        group: number(16),
        group_threshold,
        groups,
        member: number(4),
        threshold: number(0) + 1,
        value: value_of(words, padding)?,
    })
}

/// The bytes behind so many zero bits of filling.
fn value_of(words: &[u16], padding: usize) -> Result<Zeroizing<Vec<u8>>, ShareError> {
    let mut value = Zeroizing::new(Vec::with_capacity(words.len() * 10 / 8));
    let (mut held, mut bits) = (0u32, 0);
    let mut filling = padding;
    for word in words {
        (held, bits) = (held << 10 | u32::from(*word), bits + 10);
        if filling > 0 {
            bits -= filling;
            if held >> bits != 0 {
                return Err(ShareError::Padding);
            }
            filling = 0;
        }
        while bits >= 8 {
            bits -= 8;
            value.push((held >> bits) as u8);
        }
        held &= (1 << bits) - 1;
    }
    Ok(value)
}

/// RS1024 over the customisation and the words.
fn polymod(extendable: bool, words: impl Iterator<Item = u16>) -> u32 {
    const GENERATOR: [u32; 10] = [
        0x00e0_e040,
        0x01c1_c080,
        0x0383_8100,
        0x0707_0200,
        0x0e0e_0009,
        0x1c0c_2412,
        0x3808_6c24,
        0x3090_fc48,
        0x21b1_f890,
        0x03f3_f120,
    ];
    let custom: &[u8] = if extendable { b"shamir_extendable" } else { b"shamir" };
    let values = custom.iter().map(|byte| u16::from(*byte)).chain(words);
    values.fold(1, |sum: u32, value| {
        let top = sum >> 20;
        let shifted = (sum & 0xf_ffff) << 10 ^ u32::from(value);
        (0..10)
            .zip(GENERATOR)
            .fold(shifted, |sum, (bit, term)| sum ^ (term & (top >> bit & 1).wrapping_neg()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_found_whole_and_by_its_first_four_letters() {
        for index in 0..1024 {
            let word: String = word_at(index)
                .iter()
                .filter(|letter| **letter != 0)
                .map(|letter| char::from(*letter))
                .collect();
            assert_eq!(index_of(&word), Some(index));
            assert_eq!(index_of(&word[..4].to_uppercase()), Some(index), "{word}");
        }
        for wrong in ["", "aca", "academix", "academicacademic", "академик", "zzzz", "acad\0"] {
            assert_eq!(index_of(wrong), None, "{wrong:?}");
        }
    }
}
