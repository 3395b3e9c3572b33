//! The process itself: no memory dumps, wiped memory, private files, one line on a panic, signals as flags.
//!
//! What is special to one system stands here and in `settings`.

use std::alloc::System;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};

use rustix::process::{DumpableBehavior, Resource, Rlimit};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use zeroizing_alloc::ZeroAlloc;

use crate::failure::Kind;
use crate::ui;

/// Every freed block is wiped, whoever had it: growing buffers, decoded structures, what crates leave behind.
#[global_allocator]
static WIPING: ZeroAlloc<System> = ZeroAlloc(System);

static CANCELLED: LazyLock<Arc<AtomicBool>> = LazyLock::new(Arc::default);

static ENDING: LazyLock<Arc<AtomicBool>> = LazyLock::new(Arc::default);

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
    let signals = watch_signals();
    [
        (dumpable.is_err() || core.is_err(), "the system would not turn off memory dumps of this process"),
        (privileges.is_err(), "the system would not give up gaining privileges"),
        (signals.is_err(), "signals cannot be caught; Ctrl-C ends the program at once"),
    ]
    .into_iter()
    .filter_map(|(refused, warning)| refused.then_some(warning))
    .collect()
}

/// The first Ctrl-C sets its flag, a second one while it is set ends the process with 130 at once; so does a second
/// request to end. A terminal that hung up is often followed by such a request, and does not hurry it.
fn watch_signals() -> std::io::Result<()> {
    let code = i32::from(Kind::Cancelled.exit_code());
    signal_hook::flag::register_conditional_shutdown(SIGINT, code, Arc::clone(&CANCELLED))?;
    signal_hook::flag::register(SIGINT, Arc::clone(&CANCELLED))?;
    signal_hook::flag::register_conditional_shutdown(SIGTERM, code, Arc::clone(&ENDING))?;
    signal_hook::flag::register(SIGTERM, Arc::clone(&ENDING))?;
    signal_hook::flag::register(SIGHUP, Arc::clone(&ENDING))?;
    Ok(())
}

/// Reports whether Ctrl-C was pressed since the last [`reset_cancelled`], or the program is to end. Long work asks
/// between steps.
pub(crate) fn cancelled() -> bool {
    CANCELLED.load(Ordering::SeqCst) || is_ending()
}

/// Reports whether the terminal hung up or the system asked the program to end; nothing is begun any more.
pub(crate) fn is_ending() -> bool {
    ENDING.load(Ordering::SeqCst)
}

/// Forgets a Ctrl-C that was answered, before the next command of a prompt.
pub(crate) fn reset_cancelled() {
    CANCELLED.store(false, Ordering::SeqCst);
}
