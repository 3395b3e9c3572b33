//! The program: prepares the process, parses, runs one command or the prompt, returns an exit code.

mod args;
mod commands;
mod failure;
mod process;
mod prompt;
mod sanitize;
mod settings;
mod ui;

use std::process::ExitCode;

use clap::Parser as _;
use sanduq::crypto::leaving_no_stack;

use crate::args::Cli;
use crate::commands::Context;
use crate::failure::{Failure, Kind};
use crate::settings::Settings;
use crate::ui::Ui;

fn main() -> ExitCode {
    let warnings = process::prepare();
    // Rust's own code for a panic, 101, is not in the table of docs/cli.md.
    let work = || std::panic::catch_unwind(|| run(&warnings)).unwrap_or(Kind::Other.exit_code());
    let code = *leaving_no_stack(work);
    ExitCode::from(code)
}

fn run(warnings: &[&str]) -> u8 {
    let done = match Cli::try_parse() {
        Ok(cli) => start(cli, warnings),
        Err(text) if !text.use_stderr() => ui::print_help(&text),
        Err(error) => Err(error.into()),
    };
    match done {
        Ok(()) => 0,
        Err(failure) => {
            ui::print_failure(&failure);
            failure.exit_code()
        }
    }
}

fn start(cli: Cli, warnings: &[&str]) -> Result<(), Failure> {
    if cli.command.is_some() && cli.lock_after.is_some() {
        return Err(Failure::usage("--lock-after is for the prompt, which starts without a command"));
    }
    // The passphrase descriptor is opened first: no file of ours may have taken its number.
    let ui = Ui::new(cli.globals.format(), cli.globals.passphrase_fd)?;
    for warning in warnings {
        ui.warn(warning);
    }
    let mut context = Context::new(Settings::read(&cli.globals), ui);
    match cli.command {
        Some(command) => commands::run(command, &mut context),
        None => {
            (*leaving_no_stack(|| context.unlock_for_prompt()))?;
            prompt::serve(&mut context, cli.lock_after.unwrap_or_default())
        }
    }
}
