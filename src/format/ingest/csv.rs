//! One case a record (RFC 4180), after a header `title,PART,PART.lang`.
//!
//! Read by hand: readers in use take an unclosed or stray quote as it comes and so join two records into one.

use std::io::{self, BufRead};

use super::{
    Cases, IngestError, IngestFault, IngestRecord, MAX_CASE_BYTES, part_name, shown, text_of, without_mark,
};
use crate::record::PartName;

/// Reads a CSV file of cases. Empty lines are passed over; an empty field is a part that is not there.
pub fn read_csv<'a>(
    input: impl BufRead + 'a,
) -> impl Iterator<Item = Result<IngestRecord, IngestError>> + 'a {
    let mut records = without_mark(input).map(|input| Records { input, line: 1 });
    let mut columns: Option<Vec<Column>> = None;
    let mut over = false;
    Cases::new(move || {
        let records = match &mut records {
            Ok(records) => records,
            Err(error) => return Some(Err(IngestFault::Read(error.kind().into()).at(1))),
        };
        loop {
            if over {
                return None;
            }
            let (line, fields) = match records.next() {
                Ok(None) => return None,
                Ok(Some(next)) => next,
                Err(error) => {
                    // Where the header or a quote is wrong, nothing after it can be trusted.
                    over = columns.is_none() || matches!(error.fault, IngestFault::Quote);
                    return Some(Err(error));
                }
            };
            match &columns {
                Some(columns) => return Some(case(columns, line, &fields).map_err(|fault| fault.at(line))),
                None => match header(&fields) {
                    Ok(found) => columns = Some(found),
                    Err(fault) => {
                        over = true;
                        return Some(Err(fault.at(line)));
                    }
                },
            }
        }
    })
}

/// What a column holds.
#[derive(PartialEq, Eq)]
enum Column {
    Title,
    Text(PartName),
    Lang(PartName),
}

fn header(names: &[String]) -> Result<Vec<Column>, IngestFault> {
    if let [name] = names
        && name.contains([';', '\t'])
    {
        return Err(IngestFault::Separator);
    }
    let mut columns = Vec::new();
    for name in names {
        let name = name.trim();
        let column = match name.strip_suffix(".lang") {
            _ if name == "title" => Column::Title,
            Some(part) => Column::Lang(part_name(part)?),
            None => Column::Text(part_name(name)?),
        };
        if columns.contains(&column) {
            return Err(IngestFault::Twice(shown(name)));
        }
        columns.push(column);
    }
    for column in &columns {
        if let Column::Lang(part) = column
            && !columns.contains(&Column::Text(part.clone()))
        {
            return Err(IngestFault::LangOnly(part.clone()));
        }
    }
    Ok(columns)
}

fn case(columns: &[Column], line: u64, fields: &[String]) -> Result<IngestRecord, IngestFault> {
    if fields.len() != columns.len() {
        return Err(IngestFault::Columns { expected: columns.len(), found: fields.len() });
    }
    let mut record = IngestRecord { line, ..IngestRecord::default() };
    let filled = |(_, field): &(&Column, &String)| !field.trim().is_empty();
    let field_of = |wanted: &Column| {
        let found = columns.iter().zip(fields).filter(filled).find(|(column, _)| *column == wanted);
        found.map(|(_, field)| field.as_str())
    };
    for (column, field) in columns.iter().zip(fields).filter(filled) {
        match column {
            Column::Title => record.title = Some(field.parse().map_err(IngestFault::Title)?),
            Column::Text(part) => {
                let lang = field_of(&Column::Lang(part.clone())).map(str::trim);
                record.parts.push(text_of(part.clone(), Some(field), lang)?);
            }
            Column::Lang(_) => {}
        }
    }
    if record.title.is_none() && record.parts.is_empty() {
        return Err(IngestFault::Nothing);
    }
    Ok(record)
}

/// A reader of records.
struct Records<R> {
    input: R,
    /// The line that is read next.
    line: u64,
}

/// Where in a field the reader is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    Start,
    Plain,
    Quoted,
    /// After a quote inside a quoted field: it is doubled, or the field is over.
    Quote,
}

impl<R: BufRead> Records<R> {
    /// The next record and the line it begins on.
    fn next(&mut self) -> Result<Option<(u64, Vec<String>)>, IngestError> {
        loop {
            let line = self.line;
            let Some(fields) = self.record().map_err(|fault| fault.at(line))? else { return Ok(None) };
            if !matches!(fields.as_slice(), [only] if only.trim_ascii().is_empty()) {
                let text = |field: Vec<u8>| {
                    let not_utf8 = |error: std::string::FromUtf8Error| error.utf8_error().valid_up_to();
                    String::from_utf8(field).map_err(|error| IngestFault::NotUtf8(not_utf8(error)).at(line))
                };
                return Ok(Some((line, fields.into_iter().map(text).collect::<Result<_, _>>()?)));
            }
        }
    }

    fn record(&mut self) -> Result<Option<Vec<Vec<u8>>>, IngestFault> {
        let (mut fields, mut field, mut at) = (Vec::new(), Vec::new(), At::Start);
        let (mut taken, mut stray) = (0usize, false);
        loop {
            let Some(byte) = self.byte().map_err(IngestFault::Read)? else {
                let nothing = fields.is_empty() && field.is_empty() && at == At::Start;
                fields.push(field);
                return match at {
                    _ if nothing => Ok(None),
                    At::Quoted => Err(IngestFault::Quote),
                    _ if stray => Err(IngestFault::Quote),
                    _ => Ok(Some(fields)),
                };
            };
            taken = taken.saturating_add(1);
            if taken > MAX_CASE_BYTES {
                return Err(IngestFault::TooLong);
            }
            at = match (at, byte) {
                (At::Start, b'"') => At::Quoted,
                (At::Quoted, b'"') => At::Quote,
                (At::Quote, b'"') | (At::Quoted, _) => {
                    field.push(byte);
                    At::Quoted
                }
                (_, b',') => {
                    fields.push(std::mem::take(&mut field));
                    At::Start
                }
                (_, b'\n') => {
                    if at != At::Quote && field.last() == Some(&b'\r') {
                        field.pop();
                    }
                    fields.push(field);
                    return if stray { Err(IngestFault::Quote) } else { Ok(Some(fields)) };
                }
                (At::Quote, b'\r') => At::Quote,
                (at, byte) => {
                    stray |= byte == b'"' || at == At::Quote;
                    field.push(byte);
                    At::Plain
                }
            };
        }
    }

    fn byte(&mut self) -> io::Result<Option<u8>> {
        let byte = loop {
            match self.input.fill_buf() {
                Ok(buffer) => break buffer.first().copied(),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        };
        if let Some(byte) = byte {
            self.input.consume(1);
            self.line = self.line.saturating_add(u64::from(byte == b'\n'));
        }
        Ok(byte)
    }
}
