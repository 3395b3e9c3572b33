//! The program's own prompt: the same commands, unlocked once, locked after idle minutes.
//!
//! Lines are kept nowhere. Where no person sits, lines of standard input are commands too, and the first
//! failure ends them.

use clap::{CommandFactory as _, FromArgMatches as _};

use sanduq::crypto::leaving_no_stack;

use crate::args::{Cli, Command, LockAfter};
use crate::commands::{self, Context};
use crate::failure::{Failure, Kind};
use crate::process;
use crate::ui::{self, Format, Line};

/// What a typed line asks for.
enum Step {
    Exit,
    Help(clap::Error),
    Lock,
    Nothing,
    Run(Box<Command>, Format),
}

/// Takes commands until `exit`, the end of input or a signal that ends the program. At the end, whatever happens,
/// everything unlocked is forgotten and the screen cleared, as `lock` does.
pub(crate) fn serve(context: &mut Context, lock_after: LockAfter) -> Result<(), Failure> {
    if context.ui.is_interactive() {
        context.ui.status("help lists the commands; lock forgets the passphrase; exit ends");
    }
    let ended = take_commands(context, lock_after);
    context.lock();
    context.ui.clear_screen();
    ended
}

fn take_commands(context: &mut Context, lock_after: LockAfter) -> Result<(), Failure> {
    let interactive = context.ui.is_interactive();
    let format = context.ui.format();
    let mut idle = Some(lock_after.0);
    loop {
        let done = match context.ui.prompt_command(idle) {
            Ok(Line::End) => return Ok(()),
            Ok(Line::Idle) => {
                lock(context, &format!("locked after {lock_after} without a command"));
                idle = None;
                continue;
            }
            Ok(Line::Text(line)) => *leaving_no_stack(|| carry_out(context, &line)),
            Err(failure) => Err(failure),
        };
        context.ui.set_format(format);
        idle = Some(lock_after.0);
        match done {
            Ok(Next::Exit) => return Ok(()),
            Ok(Next::Line) => {}
            Err(failure) if survives(&failure, interactive) => ui::print_failure(&failure),
            Err(failure) => return Err(failure),
        }
        process::reset_cancelled();
    }
}

/// Whether the prompt goes on after a failure: a person sits there to read it.
fn survives(failure: &Failure, interactive: bool) -> bool {
    interactive && failure.kind() != Kind::OutputClosed && !process::is_ending()
}

/// What follows a line.
enum Next {
    Exit,
    Line,
}

fn carry_out(context: &mut Context, line: &str) -> Result<Next, Failure> {
    match parse(line)? {
        Step::Exit => return Ok(Next::Exit),
        Step::Help(text) => ui::print_help(&text)?,
        Step::Lock => lock(context, "locked"),
        Step::Nothing => {}
        Step::Run(command, Format::Json) => {
            context.ui.set_format(Format::Json);
            commands::run(*command, context)?;
        }
        Step::Run(command, Format::Text) => commands::run(*command, context)?,
    }
    Ok(Next::Line)
}

fn lock(context: &mut Context, words: &str) {
    context.lock();
    context.ui.clear_screen();
    context.ui.status(words);
}

fn parse(line: &str) -> Result<Step, Failure> {
    let words =
        shlex::split(line).ok_or_else(|| Failure::usage("a quote is not closed, or a \\ ends the line"))?;
    match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => return Ok(Step::Nothing),
        ["exit" | "quit"] => return Ok(Step::Exit),
        ["lock"] => return Ok(Step::Lock),
        ["help", word @ ("lock" | "exit" | "quit")] | [word @ ("lock" | "exit" | "quit"), ..] => {
            let what = if word == "lock" { "forgets the passphrase" } else { "leaves the prompt" };
            return Err(Failure::usage(format!("`{word}` stands alone on its line: it {what}"))
                .hint("both clear the screen and what scrolled out of it"));
        }
        _ => {}
    }
    let parsed = Cli::command().no_binary_name(true).try_get_matches_from(words);
    let cli = match parsed.and_then(|matches| Cli::from_arg_matches(&matches)) {
        Ok(cli) => cli,
        Err(text) if !text.use_stderr() => return Ok(Step::Help(text)),
        Err(error) => return Err(error.into()),
    };
    let globals = &cli.globals;
    let places = globals.vault.is_some() || globals.identity.is_some() || globals.passphrase_fd.is_some();
    if places || cli.lock_after.is_some() {
        let at_the_start =
            "--vault, --identity, --passphrase-fd and --lock-after stay as they were at the start";
        return Err(Failure::usage(at_the_start).hint("leave with `exit` and start sanduq with them"));
    }
    let format = globals.format();
    Ok(cli.command.map_or(Step::Nothing, |command| Step::Run(Box::new(command), format)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_words_of_the_prompt_and_the_commands() {
        assert!(matches!(parse("  ").unwrap(), Step::Nothing));
        assert!(matches!(parse("exit").unwrap(), Step::Exit));
        assert!(matches!(parse("lock").unwrap(), Step::Lock));
        assert!(matches!(parse("help").unwrap(), Step::Help(_)));
        assert!(matches!(parse("help share").unwrap(), Step::Help(_)));
        assert!(matches!(parse("list --json").unwrap(), Step::Run(_, Format::Json)));
        let Step::Run(command, Format::Text) = parse("attach K7Q2-9F4M 'my file.jpg' күні.jpg").unwrap()
        else {
            panic!("attach is a command");
        };
        let Command::Attach(args) = *command else { panic!("attach is attach") };
        assert_eq!(args.files, ["my file.jpg", "күні.jpg"].map(std::path::PathBuf::from));
    }

    #[test]
    fn refuses_open_quotes_unknown_words_and_other_vaults() {
        for line in [
            "show 'K7Q2",
            "shew K7Q2-9F4M",
            "sanduq list",
            "list --vault other",
            "list --passphrase-fd 3",
            "--lock-after 1",
            "lock --now",
            "help exit",
        ] {
            assert_eq!(parse(line).err().unwrap().exit_code(), 2, "{line}");
        }
    }
}
