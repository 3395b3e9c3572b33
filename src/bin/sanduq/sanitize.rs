//! Untrusted text to drawable text: what a terminal would obey, and what would turn the order of
//! letters round, is replaced by one visible `�`; writing systems are left alone.
//!
//! Left alone on purpose: ZWJ, ZWNJ, LRM, RLM, ALM, combining marks, variation selectors. Kazakh, Uyghur,
//! Arabic, Persian, Chinese and emoji need them. Knows nothing of terminals themselves; `ui` calls it
//! on everything it prints.

use std::borrow::Cow;
use std::fmt::Write as _;

/// What stands where something was taken out; a run of such things leaves one.
const MARK: char = '\u{fffd}';

/// Whether line breaks and tabs stay.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Layout {
    /// They stay.
    Block,
    /// Each becomes one space, so that a label cannot forge a second line.
    OneLine,
}

/// Returns `text` with everything a terminal would obey replaced; line feeds and tabs stay.
pub(crate) fn block(text: &str) -> Cow<'_, str> {
    clean(text, Layout::Block)
}

/// Returns `text` like [`block`], on one line: line breaks and tabs become spaces.
pub(crate) fn one_line(text: &str) -> Cow<'_, str> {
    clean(text, Layout::OneLine)
}

/// Returns an encoded JSON document with everything forbidden written as `\u and four digits`: the same document,
/// nothing lost, nothing obeyed. Such characters can only stand inside its strings.
pub(crate) fn json(document: &str) -> Cow<'_, str> {
    if !document.chars().any(is_forbidden) {
        return Cow::Borrowed(document);
    }
    let mut out = String::with_capacity(document.len() + 16);
    for c in document.chars() {
        if is_forbidden(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}").expect("a string takes every write");
            }
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

fn clean(text: &str, layout: Layout) -> Cow<'_, str> {
    let touched = |c| is_forbidden(c) || (layout == Layout::OneLine && matches!(c, '\n' | '\t'));
    if !text.chars().any(touched) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut marked = false;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        let drawn = match c {
            '\r' if rest.starts_with('\n') => continue,
            '\n' | '\u{2028}' | '\u{2029}' => Some('\n'),
            c if is_forbidden(c) => None,
            c => Some(c),
        };
        match drawn {
            Some('\n' | '\t') if layout == Layout::OneLine => out.push(' '),
            Some(c) => out.push(c),
            None => {
                rest = after_sequence(c, rest);
                if !marked {
                    out.push(MARK);
                }
            }
        }
        marked = drawn.is_none();
    }
    Cow::Owned(out)
}

/// Reports whether `c` may not reach a terminal or a line of ours.
fn is_forbidden(c: char) -> bool {
    match c {
        '\n' | '\t' => false,
        // C0, DEL, C1
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' => true,
        // line and paragraph separator; bidi embeddings and overrides; isolates; deprecated format characters
        '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{206f}' => true,
        // interlinear annotation; tag characters
        '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}' => true,
        _ => false,
    }
}

/// Returns what follows the escape sequence that `introducer` began, ECMA-48 section 5.4 and 5.6.
/// A sequence that is not complete loses only its introducer: the text behind it stays readable.
fn after_sequence(introducer: char, rest: &str) -> &str {
    let length = match introducer {
        '\u{1b}' => escape_length(rest),
        '\u{9b}' => control_length(rest.as_bytes()),
        '\u{90}' | '\u{98}' | '\u{9d}'..='\u{9f}' => string_length(rest),
        _ => None,
    };
    length.and_then(|length| rest.get(length..)).unwrap_or(rest)
}

/// Counts the bytes of the sequence after ESC.
fn escape_length(rest: &str) -> Option<usize> {
    let (&first, tail) = rest.as_bytes().split_first()?;
    let more = match first {
        b'[' => control_length(tail),
        b']' | b'P' | b'X' | b'^' | b'_' => string_length(rest.get(1..)?),
        b' '..=b'/' => {
            let intermediates = tail.iter().take_while(|b| matches!(b, b' '..=b'/')).count();
            matches!(tail.get(intermediates), Some(b'0'..=b'~')).then_some(intermediates + 1)
        }
        b'0'..=b'~' => Some(0),
        _ => None,
    };
    more.map(|more| more + 1)
}

/// Counts the bytes of a control sequence after its introducer: parameters, intermediates, final byte.
fn control_length(rest: &[u8]) -> Option<usize> {
    let parameters = rest.iter().take_while(|b| matches!(b, b'0'..=b'?')).count();
    let tail = rest.get(parameters..)?;
    let intermediates = tail.iter().take_while(|b| matches!(b, b' '..=b'/')).count();
    matches!(tail.get(intermediates), Some(b'@'..=b'~')).then_some(parameters + intermediates + 1)
}

/// Counts the bytes of a command string (OSC, DCS, SOS, PM, APC) up to BEL, ESC \ or ST on the same line.
/// Any other control character ends the search, which keeps hostile text linear to clean.
fn string_length(rest: &str) -> Option<usize> {
    let (at, end) = rest.char_indices().find(|&(_, c)| c.is_control())?;
    match end {
        '\u{7}' | '\u{9c}' => Some(at + end.len_utf8()),
        '\u{1b}' if rest.get(at + 1..)?.starts_with('\\') => Some(at + 2),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Texts that must come out as they went in.
    const INTACT: [&str; 9] = [
        "Айгүл Сәрсенқызы: «әкемді түнде алып кетті» ң ғ ү ұ қ ө һ",
        "ايگۇل سارسەنقىزى، قازاقشا توتە جازۋ",
        "ئايگۈل ئەركىن: «دادامنى كېچىدە ئېلىپ كەتتى»",
        "شهد أحمدُ بنُ سليمان بما رآه، ٣ مايو",
        "می‌خواهم بگویم\u{200c}: پروندهٔ زهرا\u{200f} (۱۲)",
        "张伟说：他们在夜里来的。葛\u{e0100}城",
        "e\u{301}\u{323} Zoe\u{308} \u{200e}(ltr)\u{200e}",
        "👩🏽\u{200d}⚖\u{fe0f} 👨\u{200d}👩\u{200d}👧 🇰🇿",
        "two lines\n\tand a tab",
    ];

    const ATTACKS: [(&str, &str, &str); 25] = [
        ("clear screen", "a\u{1b}[2Jb", "a�b"),
        ("colour with parameters", "\u{1b}[38;2;1;2;3mred\u{1b}[0m", "�red�"),
        ("8-bit control sequence", "a\u{9b}31mb", "a�b"),
        ("private mode", "\u{1b}[?1049hx", "�x"),
        ("window title", "a\u{1b}]0;title\u{7}b", "a�b"),
        ("link, ended by ST", "\u{1b}]8;;https://x.example\u{1b}\\text\u{1b}]8;;\u{1b}\\", "�text�"),
        ("clipboard", "a\u{1b}]52;c;cm0gLXJm\u{7}b", "a�b"),
        ("8-bit OSC ended by 8-bit ST", "a\u{9d}52;c;eA==\u{9c}b", "a�b"),
        ("device control string", "a\u{1b}Pq#0;2;0;0;0\u{1b}\\b", "a�b"),
        ("application command", "a\u{1b}_Gf=24\u{1b}\\b", "a�b"),
        ("open string keeps its text", "a\u{1b}]0;the rest\nof it", "a�]0;the rest\nof it"),
        ("string over two lines keeps its text", "\u{1b}]0;a\nb\u{7}c", "�]0;a\nb�c"),
        ("open control sequence", "a\u{1b}[12", "a�[12"),
        ("charset switch", "a\u{1b}(0b", "a�b"),
        ("full reset", "a\u{1b}cb", "a�b"),
        ("escape at the end", "a\u{1b}", "a�"),
        ("escape before another script", "\u{1b}қ", "�қ"),
        ("carriage return hides a line", "shared\rno", "shared�no"),
        ("backspace, bell, delete, nul", "a\u{8}b\u{7}c\u{7f}d\0e", "a�b�c�d�e"),
        ("windows line end", "a\r\nb", "a\nb"),
        ("override", "\u{202e}txt.exe\u{202c}", "�txt.exe�"),
        ("embedding and isolates", "a\u{202a}b\u{2067}c\u{2069}d", "a�b�c�d"),
        ("separators", "a\u{2028}b\u{2029}c", "a\nb\nc"),
        ("tag characters, one mark a run", "a\u{e0001}\u{e0041}\u{e007f}b", "a�b"),
        ("annotation", "a\u{fff9}b\u{fffb}", "a�b�"),
    ];

    #[test]
    fn leaves_every_script_intact() {
        for text in INTACT {
            assert_eq!(block(text), text);
            assert!(matches!(block(text), Cow::Borrowed(_)));
        }
    }

    #[test]
    fn takes_out_what_a_terminal_would_obey() {
        for (attack, text, drawn) in ATTACKS {
            assert_eq!(block(text), drawn, "{attack}");
        }
    }

    #[test]
    fn keeps_a_label_on_one_line() {
        assert_eq!(one_line("a\nb\tc\r\nd\u{2028}e\u{1b}[2Jf"), "a b c d e�f");
        assert_eq!(one_line("Әсел"), "Әсел");
    }

    #[test]
    fn escapes_forbidden_characters_in_json_without_loss() {
        let value = "a\u{7f}b\u{9b}c\u{202e}d\u{e0041}e\u{1b}f Әсел";
        let encoded = serde_json::to_string(value).unwrap();
        let safe = json(&encoded);
        assert!(!safe.chars().any(is_forbidden));
        assert_eq!(serde_json::from_str::<String>(&safe).unwrap(), value);
    }

    #[test]
    fn cleans_a_mebibyte_of_open_sequences_in_linear_time() {
        for attack in ["\u{1b}]", "\u{1b}[1", "\u{9d}a", "\u{1b}(", "\u{1b}P\r"] {
            let text = attack.repeat((1 << 20) / attack.len());
            assert!(block(&text).chars().all(|c| !is_forbidden(c)));
        }
    }

    fn hostile() -> impl Strategy<Value = String> {
        let chars = prop_oneof![
            any::<char>(),
            proptest::char::range('\0', '\u{a0}'),
            proptest::char::range('\u{2020}', '\u{2070}'),
            proptest::sample::select(vec![
                '\u{1b}', '[', ']', '\\', 'P', ';', '1', '\u{7}', '\n', 'ض', '\u{9d}'
            ]),
        ];
        proptest::collection::vec(chars, 0..60).prop_map(|chars| chars.into_iter().collect())
    }

    proptest! {
        #[test]
        fn output_never_holds_a_forbidden_character(text in hostile()) {
            let cleaned = block(&text).into_owned();
            prop_assert!(!cleaned.chars().any(is_forbidden));
            prop_assert_eq!(block(&cleaned), cleaned.as_str());
            let line = one_line(&text).into_owned();
            prop_assert!(!line.chars().any(|c| is_forbidden(c) || c == '\n' || c == '\t'));
        }

        #[test]
        fn ordinary_text_is_unchanged(text in "[\\p{Arabic}\\p{Cyrillic}\\p{Han}\\p{Latin}\\p{Mn}\u{200c}-\u{200f}\n .,]{0,80}") {
            prop_assert_eq!(block(&text), text.as_str());
        }
    }
}
