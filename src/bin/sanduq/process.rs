//! The process itself: no memory dumps, private files, one line on a panic, Ctrl-C as a flag.
//!
//! What is special to one system stands here and in `settings`.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};

use rustix::process::{DumpableBehavior, Resource, Rlimit};
use signal_hook::consts::SIGINT;

use crate::failure::Kind;
use crate::ui;

static CANCELLED: LazyLock<Arc<AtomicBool>> = LazyLock::new(Arc::default);

/// Prepares the process before anything secret is in it. Returns what the system refused, as warnings.
///
/// SIGPIPE stays ignored, as Rust sets it: a closed output is an error that `ui` turns into a quiet end.
pub(crate) fn prepare() -> Vec<&'static str> {
    // Also keeps other processes of the same user from attaching, and hides /proc/PID/mem.
    let dumpable = rustix::process::set_dumpable_behavior(DumpableBehavior::NotDumpable);
    let core = rustix::process::setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    let privileges = rustix::thread::set_no_new_privs(true);
    rustix::process::umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
    std::panic::set_hook(Box::new(|panic| {
        // The payload may quote data, so only the place is said.
        let place = panic.location().map(|at| format!("{}:{}", at.file(), at.line())).unwrap_or_default();
        ui::print_panic(&place);
    }));
    let signals = watch_interrupt();
    [
        (dumpable.is_err() || core.is_err(), "the system would not turn off memory dumps of this process"),
        (privileges.is_err(), "the system would not give up gaining privileges"),
        (signals.is_err(), "Ctrl-C cannot be caught; it ends the program at once"),
    ]
    .into_iter()
    .filter_map(|(refused, warning)| refused.then_some(warning))
    .collect()
}

/// The first Ctrl-C sets the flag, a second one while it is set ends the process with 130 at once.
fn watch_interrupt() -> std::io::Result<()> {
    let code = i32::from(Kind::Cancelled.exit_code());
    signal_hook::flag::register_conditional_shutdown(SIGINT, code, Arc::clone(&CANCELLED))?;
    signal_hook::flag::register(SIGINT, Arc::clone(&CANCELLED))?;
    Ok(())
}

/// Reports whether Ctrl-C was pressed since the last [`reset_cancelled`]. Long work asks between steps.
pub(crate) fn cancelled() -> bool {
    CANCELLED.load(Ordering::SeqCst)
}

/// Forgets a Ctrl-C that was answered, before the next command of a prompt.
pub(crate) fn reset_cancelled() {
    CANCELLED.store(false, Ordering::SeqCst);
}
