//! The fields of a document: what of it is searched.

use crate::format::{Revision, form_leaves};
use crate::search::Field;

/// The lines of the text, the values of the form, the names of the exhibits.
pub(super) fn fields_of(revision: &Revision) -> Vec<Field> {
    let mut fields = Vec::new();
    if let Some(text) = &revision.text {
        fields.push(Field { place: "text".into(), text: text.clone(), names: false });
    }
    for leaf in revision.form.as_deref().map(form_leaves).unwrap_or_default() {
        fields.push(Field { place: leaf.place, text: leaf.text, names: leaf.name });
    }
    for exhibit in &revision.exhibits {
        let place = format!("exhibit E{}", exhibit.number);
        fields.push(Field { place, text: exhibit.name.clone(), names: false });
    }
    fields
}

/// A title alone.
pub(super) fn fields_of_title(title: &str) -> Vec<Field> {
    vec![Field { place: "title".into(), text: title.to_owned(), names: true }]
}
