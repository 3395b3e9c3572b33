//! Texts and file names of others, set off from what the program itself says: each line of a text begins with a bar,
//! so that none can pass for a heading, for the line that names an author, or for another part; a name is cut, so
//! that it cannot reach the edge of the terminal and begin the next line.

use rustix::termios::tcgetwinsize;
use std::io::IsTerminal as _;

use crate::sanitize;

/// What stands before each line.
const BAR: &str = "| ";
/// Narrower than this no terminal is taken for, in columns.
const MIN_COLUMNS: usize = 20;
/// Most columns that are shown of a file name: the rest of its line fits beside them.
const NAME_COLUMNS: usize = 48;
/// How many of them the end of a longer name gets, where its kind stands.
const NAME_END_COLUMNS: usize = 16;
/// Most columns a tab takes.
const TAB_COLUMNS: usize = 8;

/// Returns a text, cleaned, with the bar before each of its lines. For a terminal, lines are broken before it would
/// break them itself: what it breaks goes on without a bar.
pub(crate) fn quoted(text: &str) -> String {
    let stdout = std::io::stdout();
    let columns = stdout.is_terminal().then(|| tcgetwinsize(&stdout).ok()).flatten();
    within(
        &sanitize::block(text),
        columns.map(|size| usize::from(size.ws_col)).filter(|columns| *columns > 0),
    )
}

/// Returns a file name, cleaned, on one line, without its middle where it is long.
pub(crate) fn file_name(name: &str) -> String {
    let name = sanitize::one_line(name);
    if name.chars().map(at_most).sum::<usize>() <= NAME_COLUMNS {
        return name.into_owned();
    }
    let room = |columns: usize| {
        let mut used = 0;
        move |c: &char| {
            used += at_most(*c);
            used <= columns
        }
    };
    let start: String = name.chars().take_while(room(NAME_COLUMNS - NAME_END_COLUMNS - 2)).collect();
    let end: Vec<char> = name.chars().rev().take_while(room(NAME_END_COLUMNS)).collect();
    format!("{start}…{}", end.iter().rev().collect::<String>())
}

fn within(text: &str, columns: Option<usize>) -> String {
    let room = columns.map_or(usize::MAX, |columns| columns.max(MIN_COLUMNS) - BAR.len());
    let mut out = String::with_capacity(text.len() + text.len() / 16 + BAR.len() + 1);
    for mut line in text.trim_end_matches('\n').split('\n') {
        loop {
            let (first, rest) = line.split_at(fitting(line, room));
            out.push_str(BAR);
            out.push_str(first);
            out.push('\n');
            if rest.is_empty() {
                break;
            }
            line = rest;
        }
    }
    out
}

/// How many bytes of a line fit into `room` columns: all of them, or up to a space, or as many as there is room for.
fn fitting(line: &str, room: usize) -> usize {
    let (mut used, mut after_space) = (0, 0);
    for (at, c) in line.char_indices() {
        used += at_most(c);
        if used > room {
            return if after_space > 0 { after_space } else { at.max(c.len_utf8()) };
        }
        if c == ' ' {
            after_space = at + 1;
        }
    }
    line.len()
}

/// The most columns a terminal takes for a sign; better a line too short than one that the terminal breaks.
fn at_most(c: char) -> usize {
    match c {
        '\t' => TAB_COLUMNS,
        ..'\u{1100}' => 1,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Fails when only the first line gets a bar.
    #[test]
    fn every_line_of_a_text_begins_with_the_bar() {
        let forged =
            "Мен көрдім.\n\n== person ==\nrevision 1 of 1, by you\r\nx\u{2028}sound\u{b}y\u{85}z\n\n";
        let shown =
            "| Мен көрдім.\n| \n| == person ==\n| revision 1 of 1, by you\n| x\n| sound\u{fffd}y\u{fffd}z\n";
        assert_eq!(quoted(forged), shown);
        assert_eq!(quoted(""), "| \n");
    }

    /// Fails when a line is left to the terminal to break.
    #[test]
    fn a_line_that_is_filled_with_spaces_up_to_the_edge_goes_on_behind_a_bar() {
        let forged = format!("seen{}== person ==", " ".repeat(76));
        let shown = within(&forged, Some(80));
        let lines: Vec<&str> = shown.lines().collect();
        assert!(lines.len() == 2 && lines.iter().all(|line| line.starts_with(BAR)), "{shown}");
        assert_eq!(within("我看见了他们", Some(20)), "| 我看见了他们\n");
        assert_eq!(within(&"我".repeat(10), Some(20)), format!("| {}\n| 我\n", "我".repeat(9)));
        assert_eq!(within("one two three four five", Some(20)), "| one two three \n| four five\n");
    }

    /// Fails when a name is shown however long it is.
    #[test]
    fn a_long_file_name_does_not_reach_the_edge_of_the_terminal() {
        assert_eq!(file_name("фото с улицы.jpg"), "фото с улицы.jpg");
        let forged = format!("x{}== person ==.jpg", " ".repeat(75));
        assert_eq!(file_name(&forged), format!("x{}…== person ==.jpg", " ".repeat(29)));
        assert_eq!(file_name(&"证".repeat(60)), format!("{}…{}", "证".repeat(15), "证".repeat(8)));
        assert_eq!(file_name("a\nb\u{1b}[2J"), "a b\u{fffd}");
    }

    proptest! {
        #[test]
        fn no_line_is_wider_than_the_terminal_and_nothing_is_lost(
            text in "([ -~]|[а-я]|[一-三]|\t|\u{301}|\n){0,200}",
            columns in 20usize..100,
        ) {
            let shown = within(&text, Some(columns));
            prop_assert!(shown.lines().all(|line| line.starts_with(BAR)));
            prop_assert!(shown.lines().all(|line| line.chars().map(at_most).sum::<usize>() <= columns));
            let kept: String = shown.lines().map(|line| &line[BAR.len()..]).collect();
            prop_assert_eq!(kept, text.trim_end_matches('\n').replace('\n', ""));
        }
    }
}
