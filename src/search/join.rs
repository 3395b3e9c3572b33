//! Joining segments, and leaving out what is gone.

use super::Broken;
use super::lists::{List, each_place};
use super::segment::{Document, Segment, Writer, Written};

/// One segment of several, without the documents that are gone, and without any word that only they had.
pub fn join(segments: &[&Segment]) -> Result<Written, Broken> {
    let mut documents: Vec<(Document, u64)> = Vec::new();
    let mut numbers: Vec<Vec<Option<u32>>> = Vec::new();
    for segment in segments {
        let mut of_segment = Vec::new();
        for (at, (document, time)) in segment.all_documents()?.into_iter().zip(segment.times()?).enumerate() {
            let stays = !segment.is_gone(at as u32);
            of_segment.push(stays.then_some(documents.len() as u32));
            documents.extend(stays.then_some((document, time)));
        }
        numbers.push(of_segment);
    }
    let read = segments.iter().map(|segment| segment.all_words()).collect::<Result<Vec<_>, _>>()?;
    let mut words: Vec<(&[u8], usize, &[u8])> = Vec::new();
    for (at, found) in read.iter().enumerate() {
        words.extend(found.words().map(|(key, list)| (key, at, list)));
    }
    words.sort_unstable_by_key(|(key, at, _)| (*key, *at));
    let mut writer = Writer::default();
    for alike in words.chunk_by(|a, b| a.0 == b.0) {
        let mut list = List::default();
        for (_, at, places) in alike {
            let of_segment = &numbers[*at];
            each_place(places, |document, number| {
                if let Some(Some(document)) = of_segment.get(document as usize) {
                    list.push(*document, number);
                }
            })?;
        }
        let list = list.finish();
        if let (false, [(key, ..), ..]) = (list.is_empty(), alike) {
            writer.push(key, &list);
        }
    }
    Ok(writer.finish(&documents))
}
