//! One field asked for: what it holds, what stands there, and an answer that can be taken.

use sanduq::record::form::{Field, Node, Shape, Tree};

use crate::failure::Failure;
use crate::ui::Ui;

/// Longest part of a value that is shown in brackets, in characters.
const SHOWN_CHARS: usize = 40;

/// What became of a field.
pub(super) enum Left {
    /// Nothing was changed.
    AsItWas,
    /// Another value, or none.
    Changed,
}

/// Asks for a field of a table until the answer can be taken.
pub(super) fn field(ui: &Ui, field: &Field, name: &str, table: &mut Node) -> Result<Left, Failure> {
    if matches!(field.shape, Shape::Computed) {
        return Ok(Left::AsItWas);
    }
    let says = field.says.split_whitespace().collect::<Vec<_>>().join(" ");
    let example = if field.example == "\"\"" { String::new() } else { format!(" Such as {}", field.example) };
    ui.status(&format!("{says}{example}"));
    loop {
        let before = table.get(field.name).cloned();
        let after = match (field.shape, field.list) {
            (Shape::Fields(fields), false) => nested(ui, fields, name, before.clone())?,
            (Shape::Fields(fields), true) => several_nested(ui, fields, name, before.clone())?,
            (_, true) => several(ui, name, before.clone())?,
            (shape, false) => one(ui, shape, name, before.clone())?,
        };
        let fault = match &after {
            Some(node) => (field.check)(node).err().map(|error| (error.field.clone(), error.fault)),
            None => None,
        };
        match fault {
            None if after.is_none() && field.needed => ui.warn(&format!("{name} is needed")),
            None if after == before => return Ok(Left::AsItWas),
            None => {
                table.set(field.name, after);
                return Ok(Left::Changed);
            }
            Some((inner, fault)) => {
                let dot = if inner.is_empty() { "" } else { "." };
                ui.warn(&format!("{name}{dot}{inner} {fault}; {}", fault.remedy()));
            }
        }
    }
}

/// What stands there, in brackets.
fn shown(before: Option<&Node>) -> String {
    let text = match before.map(|node| &node.value) {
        None => return String::new(),
        Some(Tree::Text(text) | Tree::Bare(text)) => text.replace('\n', " "),
        Some(Tree::List(nodes)) => format!("{} of them", nodes.len()),
        Some(Tree::Table(_)) => "filled in".to_owned(),
    };
    let cut: String = text.chars().take(SHOWN_CHARS).collect();
    let more = if cut.len() < text.len() { "…" } else { "" };
    format!(" [{}{more}]", crate::sanitize::one_line(&cut))
}

/// One value: Enter keeps what is there, `-` takes it away.
fn one(ui: &Ui, shape: Shape, name: &str, before: Option<Node>) -> Result<Option<Node>, Failure> {
    let how = match shape {
        Shape::Prose => " (a line with a single . ends it)",
        Shape::YesNo => " (yes or no)",
        _ => "",
    };
    let first = ui.prompt_line(&format!("{name}{how}{}", shown(before.as_ref())))?;
    match first.trim() {
        "" => return Ok(before),
        "-" => return Ok(None),
        _ => {}
    }
    let node = match (shape, first.trim()) {
        (Shape::Prose, _) => {
            let mut text = first.to_string();
            loop {
                let line = ui.prompt_line(name)?;
                if line.trim() == "." {
                    break Node::typed(text);
                }
                text.push('\n');
                text.push_str(&line);
            }
        }
        (Shape::YesNo, "yes" | "y") => Node::bare("true"),
        (Shape::YesNo, "no" | "n") => Node::bare("false"),
        (Shape::Number, number) => Node::bare(number),
        (_, text) => Node::typed(text),
    };
    Ok(Some(node))
}

/// A list of plain values, one a line.
fn several(ui: &Ui, name: &str, before: Option<Node>) -> Result<Option<Node>, Failure> {
    let question = format!("{name}, one a line, Enter ends");
    let mut values = Vec::new();
    loop {
        let there = if values.is_empty() { shown(before.as_ref()) } else { String::new() };
        match ui.prompt_line(&format!("{question}{there}"))?.trim() {
            "" if values.is_empty() => return Ok(before),
            "" => return Ok(Some(Node { line: 1, value: Tree::List(values) })),
            "-" => return Ok(None),
            value => values.push(Node::typed(value)),
        }
    }
}

/// A value of several fields, asked for only if wanted.
fn nested(ui: &Ui, fields: &[Field], name: &str, before: Option<Node>) -> Result<Option<Node>, Failure> {
    let answer =
        ui.prompt_line(&format!("{name}: fill in? y, Enter to pass on{}", shown(before.as_ref())))?;
    match answer.trim() {
        "y" | "yes" => {}
        "-" => return Ok(None),
        _ => return Ok(before),
    }
    let mut table = before.unwrap_or_else(Node::table);
    for inner in fields {
        field(ui, inner, &format!("{name}.{}", inner.name), &mut table)?;
    }
    Ok(Some(table))
}

/// Any number of them: those that are there stay, more are added.
fn several_nested(
    ui: &Ui,
    fields: &[Field],
    name: &str,
    before: Option<Node>,
) -> Result<Option<Node>, Failure> {
    let mut all = before.as_ref().map(Node::list).unwrap_or_default();
    loop {
        let question = format!("{name} ({}): another? y, Enter to pass on, - to begin anew", all.len());
        match ui.prompt_line(&question)?.trim() {
            "-" => all.clear(),
            "y" | "yes" => {
                let mut table = Node::table();
                for inner in fields {
                    field(ui, inner, &format!("{name}.{}", inner.name), &mut table)?;
                }
                all.push(table);
            }
            _ if all.is_empty() => return Ok(None),
            _ if before.as_ref().is_some_and(|node| node.list() == all) => return Ok(before),
            _ => return Ok(Some(Node { line: 1, value: Tree::List(all) })),
        }
    }
}
