//! Text for the terminal.

#[path = "../../src/bin/sanduq/sanitize.rs"]
mod sanitize;

use sanitize::{block, json, one_line};

/// The characters of docs/cli.md, "Everywhere", written down a second time.
fn obeyed(c: char) -> bool {
    (c.is_control() && c != '\n' && c != '\t')
        || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{206f}' | '\u{fff9}'..='\u{fffb}')
        || matches!(c, '\u{e0000}'..='\u{e007f}')
}

/// Nothing a terminal would obey comes out; what came out comes out again as it is; what is harmless is untouched;
/// JSON stays the same document.
pub fn texts(bytes: &[u8]) {
    let text = &*String::from_utf8_lossy(bytes);
    let drawn = block(text).into_owned();
    assert!(!drawn.chars().any(obeyed));
    assert_eq!(block(&drawn), drawn);
    assert!(drawn.chars().count() <= text.chars().count());
    let line = one_line(text).into_owned();
    assert!(!line.chars().any(|c| obeyed(c) || c == '\n' || c == '\t'));
    assert_eq!(one_line(&line), line);
    if !text.chars().any(obeyed) {
        assert_eq!(drawn, text);
    }
    assert!(is_subsequence(&drawn, text));
    let document = serde_json::to_string(text).expect("a text is JSON");
    let safe = json(&document);
    assert!(!safe.chars().any(obeyed));
    assert_eq!(serde_json::from_str::<String>(&safe).ok().as_deref(), Some(text));
}

/// Whether every character drawn was there in this order, marks and line ends aside.
fn is_subsequence(drawn: &str, text: &str) -> bool {
    let mut rest = text.chars();
    drawn.chars().filter(|c| !matches!(c, '\u{fffd}' | '\n')).all(|c| rest.any(|other| other == c))
}
