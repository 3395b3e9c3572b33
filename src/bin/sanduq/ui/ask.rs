//! Questions a person answers, on standard error, with the answers from standard input.

use std::time::Duration;

use zeroize::Zeroizing;

use super::lines::{self, Line};
use super::{Ui, write_err};
use crate::failure::Failure;
use crate::settings::since_boot;

/// Longest line a Linux terminal hands over in one piece, in bytes; what goes beyond is cut off by the
/// system without a word (N_TTY's line buffer of 4,096 with its line feed).
const TERMINAL_LINE: usize = 4095;

impl Ui {
    /// Asks for one line. Where no person sits, the next line of standard input is the answer.
    pub(crate) fn prompt_line(&self, question: &str) -> Result<Zeroizing<String>, Failure> {
        if self.interactive {
            write_err(&format!("{question}: "));
        }
        match self.next_line(None)? {
            Line::Text(line) => self.uncut(line),
            Line::End | Line::Idle => {
                Err(Failure::usage(format!("no answer on standard input to: {question}")))
            }
        }
    }

    /// Asks for a text of several lines, ended by a line with a single `.` or Ctrl-D. Where no person sits,
    /// all that is left of standard input is the text.
    pub(crate) fn prompt_text(&self, question: &str) -> Result<Zeroizing<String>, Failure> {
        let mut input = self.input.borrow_mut();
        if !self.interactive {
            return input.rest();
        }
        write_err(&format!("{question}, ended by a line with a single . or by Ctrl-D:\n"));
        let mut text = Zeroizing::default();
        while let Line::Text(line) = input.next(None)? {
            if line.as_str() == "." {
                break;
            }
            lines::push_wiping(&mut text, self.uncut(line)?.as_bytes());
            lines::push_wiping(&mut text, b"\n");
        }
        lines::text(text, "the text")
    }

    /// Reads a line at the program's own prompt.
    pub(crate) fn prompt_command(&self, idle: Option<Duration>) -> Result<Line, Failure> {
        // From before the prompt shows: a machine that falls asleep between the two is too late as well.
        let end = idle.map(|idle| since_boot().saturating_add(idle));
        if self.interactive {
            write_err("sanduq> ");
        }
        self.next_line(end)
    }

    /// Reads a line; where Ctrl-C or Ctrl-D left the cursor behind a question, ends that line.
    fn next_line(&self, end: Option<Duration>) -> Result<Line, Failure> {
        let line = self.input.borrow_mut().next(end);
        if self.interactive && !matches!(line, Ok(Line::Text(_))) {
            write_err("\n");
        }
        line
    }

    /// Asks before what cannot be undone; `yes` is the flag that answers beforehand.
    pub(crate) fn confirm(&self, question: &str, yes: bool) -> Result<(), Failure> {
        if yes {
            return Ok(());
        }
        self.need_person(question)
            .map_err(|refused| refused.hint("to go ahead without being asked, add --yes"))?;
        let answer = self.prompt_line(&format!("{question} [y/N]"))?;
        match answer.trim() {
            "y" | "Y" | "yes" | "Yes" | "YES" => Ok(()),
            _ => Err(Failure::cancelled()),
        }
    }

    /// Asks to type `expected`, before what cannot be undone and is easily done by mistake.
    pub(crate) fn confirm_typed(&self, question: &str, expected: &str) -> Result<(), Failure> {
        let answer = self.prompt_line(&format!("{question} (type {expected})"))?;
        if answer.trim() == expected { Ok(()) } else { Err(Failure::cancelled()) }
    }

    /// Refuses to go on where no person sits.
    pub(crate) fn need_person(&self, question: &str) -> Result<(), Failure> {
        if self.interactive {
            return Ok(());
        }
        Err(Failure::refused(format!("there is no terminal to ask at: {question}")))
    }

    fn uncut(&self, line: Zeroizing<String>) -> Result<Zeroizing<String>, Failure> {
        if self.interactive && line.len() >= TERMINAL_LINE {
            return Err(Failure::usage("the terminal cut this line off after 4095 bytes")
                .hint("use shorter lines, or read the text from a file with `--from FILE`"));
        }
        Ok(line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::{Format, Lines, Passphrases};
    use std::cell::RefCell;
    use std::io::Write as _;

    fn ui(typed: &str, interactive: bool) -> Ui {
        let (reader, mut writer) = std::io::pipe().unwrap();
        writer.write_all(typed.as_bytes()).unwrap();
        let input = RefCell::new(Lines::new(reader, "standard input"));
        Ui { format: Format::Text, input, passphrases: Passphrases::StandardInput, interactive }
    }

    #[test]
    fn refuses_to_go_ahead_without_a_terminal_or_yes() {
        let refused = ui("y\n", false).confirm("share with lawyer?", false).unwrap_err();
        assert_eq!(refused.exit_code(), 14);
        assert!(refused.render().ends_with("sanduq: hint: to go ahead without being asked, add --yes\n"));
        assert!(ui("", false).confirm("share with lawyer?", true).is_ok());
    }

    #[test]
    fn only_a_clear_yes_goes_ahead() {
        assert!(ui("y\n", true).confirm("share?", false).is_ok());
        for answer in ["\n", "n\n", "yess\n", "д\n"] {
            assert_eq!(ui(answer, true).confirm("share?", false).unwrap_err().exit_code(), 130);
        }
        assert_eq!(ui("", true).confirm("share?", false).unwrap_err().exit_code(), 2);
    }

    #[test]
    fn what_was_typed_must_match() {
        assert!(ui("K7Q2-9F4M\n", true).confirm_typed("end updates?", "K7Q2-9F4M").is_ok());
        assert_eq!(
            ui("K7Q2\n", true).confirm_typed("end updates?", "K7Q2-9F4M").unwrap_err().exit_code(),
            130
        );
    }

    #[test]
    fn a_typed_text_ends_at_a_single_dot_or_the_end() {
        let ui_dot = ui("бірінші жол\n..\n.\nlist\n", true);
        assert_eq!(ui_dot.prompt_text("testimony").unwrap().as_str(), "бірінші жол\n..\n");
        assert_eq!(ui_dot.prompt_line("next").unwrap().as_str(), "list");
        assert_eq!(ui("证词\n", true).prompt_text("testimony").unwrap().as_str(), "证词\n");
        assert_eq!(ui("a\n.\nb", false).prompt_text("testimony").unwrap().as_str(), "a\n.\nb");
    }

    #[test]
    fn a_line_the_terminal_cut_off_is_refused() {
        let long = format!("{}\n", "a".repeat(TERMINAL_LINE));
        assert_eq!(ui(&long, true).prompt_text("testimony").unwrap_err().exit_code(), 2);
        assert_eq!(ui(&long, false).prompt_line("testimony").unwrap().len(), TERMINAL_LINE);
    }

    #[test]
    fn each_passphrase_is_one_line_before_the_text() {
        let ui = ui("old words\nnew words\nthe text\n", false);
        assert_eq!(ui.prompt_passphrase("passphrase").unwrap().as_str(), "old words");
        assert_eq!(ui.prompt_passphrase("new passphrase").unwrap().as_str(), "new words");
        assert_eq!(ui.prompt_text("testimony").unwrap().as_str(), "the text\n");
        assert_eq!(ui.prompt_passphrase("passphrase").unwrap_err().exit_code(), 2);
    }
}
