//! Files of many cases.

use std::fmt::Write as _;

use sanduq::format::{IngestError, IngestRecord, read_csv, read_jsonl, write_form};
use sanduq::record::is_normal_text;

/// What every accepted record of every file satisfies.
fn collect(
    records: impl Iterator<Item = Result<IngestRecord, IngestError>>,
    lines: usize,
) -> Vec<IngestRecord> {
    let mut last = 0;
    let mut good = Vec::new();
    for (count, record) in records.enumerate() {
        assert!(count <= lines, "more records than lines");
        let line = record.as_ref().map_or_else(|error| error.line, |record| record.line);
        assert!(line > last && line <= lines as u64 + 1, "line {line} after {last} of {lines}");
        last = line;
        let Ok(record) = record else { continue };
        assert!(record.title.is_some() || !record.parts.is_empty() || !record.exhibits.is_empty());
        let mut parts: Vec<_> = record.parts.iter().map(|text| &text.part).collect();
        parts.sort();
        assert!(parts.is_sorted_by(|a, b| a < b), "a part twice");
        assert!(record.parts.iter().all(|part| part.text.as_deref().is_none_or(is_normal_text)));
        good.push(record);
    }
    assert!(last > 0, "a file without a case is an error");
    good
}

fn lines(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte == b'\n').count() + 1
}

fn same(read: Vec<IngestRecord>, written: &[IngestRecord]) {
    let without_lines = |record: &IngestRecord| IngestRecord { line: 0, ..record.clone() };
    let (read, written): (Vec<_>, Vec<_>) =
        (read.iter().map(without_lines).collect(), written.iter().map(without_lines).collect());
    assert_eq!(read, written);
}

/// In both forms: lines are numbered as they stand, texts are in their normal form, and what was read is read again
/// when it is written anew.
pub fn files(bytes: &[u8]) {
    jsonl(bytes);
    csv(bytes);
}

/// Records written as JSONL are read back.
fn jsonl(bytes: &[u8]) {
    let records = collect(read_jsonl(bytes), lines(bytes));
    let text = |text: &str| serde_json::to_string(text).expect("a text is JSON");
    let mut file = String::new();
    for record in &records {
        let title = record.title.as_ref().map_or_else(|| "null".into(), |title| text(title.as_str()));
        let part = |part: &sanduq::format::IngestText| {
            let lang = part.lang.as_ref().map_or_else(|| "null".into(), |lang| text(lang.as_str()));
            let words = part.text.as_ref().map_or_else(|| "null".into(), |words| text(words));
            let form =
                part.form.as_ref().map_or_else(|| "null".into(), |form| write_form(form).replace('\n', " "));
            format!("{}:{{\"text\":{words},\"lang\":{lang},\"form\":{form}}}", text(part.part.as_str()))
        };
        let parts = record.parts.iter().map(part).collect::<Vec<_>>().join(",");
        let exhibits = record.exhibits.iter().map(|path| text(path)).collect::<Vec<_>>().join(",");
        writeln!(file, "{{\"title\":{title},\"parts\":{{{parts}}},\"exhibits\":[{exhibits}]}}")
            .expect("a string takes every write");
    }
    if !records.is_empty() {
        same(collect(read_jsonl(file.as_bytes()), records.len()), &records);
    }
}

/// Records written as CSV, every field quoted, are read back.
fn csv(bytes: &[u8]) {
    let records = collect(read_csv(bytes), lines(bytes));
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    for record in records {
        assert!(record.exhibits.is_empty());
        let (mut header, mut fields) = (Vec::new(), Vec::new());
        if let Some(title) = &record.title {
            header.push(quoted("title"));
            fields.push(quoted(title.as_str()));
        }
        for text in &record.parts {
            header.extend([quoted(text.part.as_str()), quoted(&format!("{}.lang", text.part))]);
            fields.extend([
                quoted(text.text.as_deref().unwrap_or_default()),
                quoted(text.lang.as_ref().map_or("", |lang| lang.as_str())),
            ]);
        }
        let file = format!("{}\r\n{}\r\n", header.join(","), fields.join(","));
        let count = lines(file.as_bytes());
        same(collect(read_csv(file.as_bytes()), count), &[record]);
    }
}
