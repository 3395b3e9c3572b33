//! Forms.

use sanduq::format::{MAX_FORM_BYTES, Malformed, is_form, parse_form, read_form, write_form};
use sanduq::record::form::Form;

const KINDS: [&str; 6] = ["person", "testimony", "whereabouts", "medical", "notes", "exhibits"];

/// What is read from a file is written and read back the same, what is wrong in one has a line and a remedy; what a
/// revision may hold has one writing.
pub fn forms(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    for kind in KINDS {
        match read_form(text, kind) {
            Ok(form) => comes_back(&form),
            Err(error) => {
                assert!((1..=text.matches('\n').count() + 1).contains(&error.line), "{error}");
                assert!(!error.fault.remedy().is_empty());
            }
        }
    }
    match parse_form(text) {
        Ok(form) => {
            assert_eq!(write_form(&form), text);
            comes_back(&form);
        }
        Err(Malformed::Newer) => assert!(is_form(text) && text.len() <= MAX_FORM_BYTES),
        Err(_) => assert!(!is_form(text)),
    }
}

fn comes_back(form: &Form) {
    assert_ne!(*form, Form::default());
    let written = write_form(form);
    assert_eq!(parse_form(&written).as_ref(), Ok(form));
    assert!(form.ids().iter().all(|(_, id)| !id.as_str().is_empty()));
}
