//! A form to fill in: every field of a part with what it holds and an example, all of it commented out.
//!
//! Examples stand in the remarks alone: a line whose # was taken away and that was not filled in is refused, so that no
//! example is ever recorded as somebody's words.

use std::fmt::Write as _;

use super::{MARK, VERSION};
use crate::record::form::{Field, SECTIONS, Section};

/// Renders the form of a kind of part, in TOML.
pub fn template(kind: &str) -> String {
    let mut text = format!(
        "# A form for the part `{kind}` (TOML). Take the # away before a heading like [[event]] and before what you fill\n\
         # in below it, and leave the rest: lines that begin with # are not read. Entries can be repeated.\n\
         # Nothing must be known exactly: a date may be \"201X-11\", a place \"a village\". A text of several lines stands\n\
         # between three quotes, \"\"\" and \"\"\". Persons are named by pseudonyms (P1, SRC-7), their names stand in the\n\
         # part `person` alone.\n\n{MARK} = {VERSION:?}\n"
    );
    for section in SECTIONS.iter().filter(|section| section.parts.contains(&kind)) {
        push_section(&mut text, section);
    }
    text
}

fn push_section(text: &mut String, section: &Section) {
    write!(text, "\n# ---- {} ----\n#[[{}]]\n", section.says, section.name)
        .expect("a string takes every write");
    section.fields.iter().for_each(|field| push_field(text, field));
}

fn push_field(text: &mut String, field: &Field) {
    let says = field.says.split_whitespace().collect::<Vec<_>>().join(" ");
    let example = match field.example {
        "\"\"" => String::new(),
        example => format!(" Such as {example}"),
    };
    writeln!(text, "# {says}{example}\n#{} =", field.name).expect("a string takes every write");
}
