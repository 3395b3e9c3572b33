//! The program's own prompt: the same commands, unlocked once, locked after idle minutes.
//!
//! Lines are kept nowhere. Where no person sits, lines of standard input are commands too, and the first
//! failure ends them.

use std::time::Duration;

use clap::{CommandFactory as _, FromArgMatches as _};

use crate::args::{Cli, Command};
use crate::commands::Context;
use crate::failure::{Failure, Kind};
use crate::process;
use crate::ui::{self, Format, Line};

/// Time without a command after which the prompt locks.
const IDLE: Duration = Duration::from_secs(15 * 60);

/// What a typed line asks for.
enum Step {
    Exit,
    Help(clap::Error),
    Lock,
    Nothing,
    Run(Box<Command>, Format),
}

/// Takes commands until `exit` or the end of input. `run` runs one; `lock` forgets everything unlocked, and
/// is called at the end whatever happens.
pub(crate) fn serve(
    context: &mut Context,
    mut run: impl FnMut(Command, &mut Context) -> Result<(), Failure>,
    mut lock: impl FnMut(&mut Context),
) -> Result<(), Failure> {
    if context.ui.is_interactive() {
        context.ui.status("help lists the commands; lock forgets the passphrase; exit ends");
    }
    let ended = take_commands(context, &mut run, &mut lock);
    lock(context);
    ended
}

fn take_commands(
    context: &mut Context,
    run: &mut impl FnMut(Command, &mut Context) -> Result<(), Failure>,
    lock: &mut impl FnMut(&mut Context),
) -> Result<(), Failure> {
    let interactive = context.ui.is_interactive();
    let format = context.ui.format();
    let mut idle = Some(IDLE);
    loop {
        let done = match context.ui.prompt_command(idle) {
            Ok(Line::End) => return Ok(()),
            Ok(Line::Idle) => {
                lock_screen(context, lock, "locked after 15 minutes without a command");
                idle = None;
                continue;
            }
            Ok(Line::Text(line)) => parse(&line).and_then(|step| match step {
                Step::Exit => Ok(true),
                Step::Help(text) => ui::print_help(&text).map(|()| false),
                Step::Lock => {
                    lock_screen(context, lock, "locked");
                    Ok(false)
                }
                Step::Nothing => Ok(false),
                Step::Run(command, line_format) => {
                    context.ui.set_format(if line_format == Format::Json { line_format } else { format });
                    run(*command, context).map(|()| false)
                }
            }),
            Err(failure) => Err(failure),
        };
        context.ui.set_format(format);
        idle = Some(IDLE);
        match done {
            Ok(true) => return Ok(()),
            Ok(false) => {}
            Err(failure) if interactive && failure.kind() != Kind::OutputClosed => {
                ui::print_failure(&failure);
            }
            Err(failure) => return Err(failure),
        }
        process::reset_cancelled();
    }
}

fn lock_screen(context: &mut Context, lock: &mut impl FnMut(&mut Context), words: &str) {
    lock(context);
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
        _ => {}
    }
    let parsed = Cli::command().no_binary_name(true).try_get_matches_from(words);
    let cli = match parsed.and_then(|matches| Cli::from_arg_matches(&matches)) {
        Ok(cli) => cli,
        Err(text) if !text.use_stderr() => return Ok(Step::Help(text)),
        Err(error) => return Err(error.into()),
    };
    let globals = &cli.globals;
    if globals.vault.is_some() || globals.identity.is_some() || globals.passphrase_fd.is_some() {
        return Err(Failure::usage("--vault, --identity and --passphrase-fd stay as they were at the start")
            .hint("leave with `exit` and start sanduq with them"));
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
        for line in
            ["show 'K7Q2", "shew K7Q2-9F4M", "sanduq list", "list --vault other", "list --passphrase-fd 3"]
        {
            assert_eq!(parse(line).err().unwrap().exit_code(), 2, "{line}");
        }
    }
}
