//! TOML with the line of every field.

use toml_edit::{Document, Item, TableLike, Value};

use super::{Lines, MAX_DEPTH, too_deep};
use crate::record::form::{Entry, FormError, FormFault, Node, Tree};

/// Reads a document.
pub(super) fn read(text: &str) -> Result<Node, FormError> {
    let lines = Lines::of(text);
    let document = Document::parse(text).map_err(|error| {
        let line = lines.at(error.span().map_or(0, |span| span.start));
        FormError::at(line, FormFault::Syntax(format!("not TOML: {}", error.message())))
    })?;
    Reader { text, lines: &lines }.table(document.as_table(), 1, 0)
}

struct Reader<'a> {
    text: &'a str,
    lines: &'a Lines,
}

impl Reader<'_> {
    fn table(&self, table: &dyn TableLike, line: usize, depth: usize) -> Result<Node, FormError> {
        if depth > MAX_DEPTH {
            return Err(too_deep(line));
        }
        let mut entries = Vec::new();
        for (name, item) in table.iter() {
            let key = table.key(name).and_then(toml_edit::Key::span);
            let line = key.or_else(|| item.span()).map_or(line, |span| self.lines.at(span.start));
            let node = self.item(item, line, depth.saturating_add(1))?;
            entries.push(Entry { key: name.to_owned(), line, node });
        }
        Ok(Node { line, value: Tree::Table(entries) })
    }

    fn item(&self, item: &Item, line: usize, depth: usize) -> Result<Node, FormError> {
        match item {
            Item::None => Ok(Node { line, value: Tree::Table(Vec::new()) }),
            Item::Value(value) => self.value(value, line, depth),
            Item::Table(table) => self.table(table, self.line(table.span(), line), depth),
            Item::ArrayOfTables(tables) => {
                let one = |table: &toml_edit::Table| self.table(table, self.line(table.span(), line), depth);
                let nodes = tables.iter().map(one).collect::<Result<_, _>>()?;
                Ok(Node { line, value: Tree::List(nodes) })
            }
        }
    }

    fn value(&self, value: &Value, line: usize, depth: usize) -> Result<Node, FormError> {
        if depth > MAX_DEPTH {
            return Err(too_deep(line));
        }
        let line = self.line(value.span(), line);
        let value = match value {
            Value::String(text) => Tree::Text(text.value().clone()),
            Value::InlineTable(table) => return self.table(table, line, depth),
            Value::Array(values) => {
                let one = |value| self.value(value, line, depth.saturating_add(1));
                Tree::List(values.iter().map(one).collect::<Result<_, _>>()?)
            }
            bare => {
                let written = bare.span().and_then(|span| self.text.get(span)).unwrap_or_default();
                Tree::Bare(written.trim().to_owned())
            }
        };
        Ok(Node { line, value })
    }

    fn line(&self, span: Option<std::ops::Range<usize>>, otherwise: usize) -> usize {
        span.map_or(otherwise, |span| self.lines.at(span.start))
    }
}
