//! A progress bar over bytes or steps, on a terminal only.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::sanitize;

/// Progress of one piece of work; the bar goes when it is dropped.
pub(crate) struct Progress(Option<ProgressBar>);

impl Progress {
    /// Draws a bar over `total_bytes` on standard error.
    pub(super) fn shown(total_bytes: u64, label: &str) -> Self {
        let bar = ProgressBar::with_draw_target(Some(total_bytes), ProgressDrawTarget::stderr_with_hz(10));
        let style = ProgressStyle::with_template("{msg} [{bar:30}] {bytes} of {total_bytes}, {eta} left")
            .expect("the template is a constant")
            .progress_chars("=> ");
        bar.set_style(style);
        bar.set_message(sanitize::one_line(label).into_owned());
        bar.enable_steady_tick(Duration::from_millis(500));
        Self(Some(bar))
    }

    /// Draws a bar over steps; how many there are may be told later, with [`at`](Self::at).
    pub(super) fn steps(total: u64, label: &str) -> Self {
        let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr_with_hz(10));
        let style = ProgressStyle::with_template("{msg} [{bar:30}] {percent}%, {eta} left")
            .expect("the template is a constant")
            .progress_chars("=> ");
        bar.set_style(style);
        bar.set_message(sanitize::one_line(label).into_owned());
        bar.enable_steady_tick(Duration::from_millis(500));
        Self(Some(bar))
    }

    /// Draws a line that moves while something of unknown length is done.
    pub(super) fn spinning(label: &str) -> Self {
        Self::moving(label, "{spinner} {msg}")
    }

    /// Draws a line that moves and counts the bytes done.
    pub(super) fn counting(label: &str) -> Self {
        Self::moving(label, "{spinner} {msg}, {bytes} so far")
    }

    /// Draws a line that moves and counts what is done.
    pub(super) fn counted(label: &str) -> Self {
        Self::moving(label, "{spinner} {msg}, {pos} so far")
    }

    fn moving(label: &str, template: &str) -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(10));
        let style = ProgressStyle::with_template(template)
            .expect("the template is a constant")
            .tick_strings(&["|", "/", "-", "\\", " "]);
        bar.set_style(style);
        bar.set_message(sanitize::one_line(label).into_owned());
        bar.enable_steady_tick(Duration::from_millis(200));
        Self(Some(bar))
    }

    /// Draws nothing.
    pub(super) fn hidden() -> Self {
        Self(None)
    }

    /// Says that `done` of `total` steps of what is called `label` are done.
    pub(crate) fn at(&self, done: u64, total: u64, label: &'static str) {
        if let Some(bar) = &self.0 {
            bar.set_message(label);
            bar.set_length(total);
            bar.set_position(done);
        }
    }

    /// Says that `bytes`, or as many steps, more are done.
    pub(crate) fn advance(&self, bytes: u64) {
        if let Some(bar) = &self.0 {
            bar.inc(bytes);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}
