//! The program as a person uses it: commands, what they print, what bad input gets.
#![cfg(test)]
#![allow(
    clippy::disallowed_methods,
    reason = "tests prepare files, and find python3 by the PATH they run with"
)]

#[path = "cli/alike.rs"]
mod alike;
#[path = "cli/bad_input.rs"]
mod bad_input;
#[path = "cli/bundles.rs"]
mod bundles;
#[path = "cli/circle.rs"]
mod circle;
#[path = "cli/claims.rs"]
mod claims;
#[path = "cli/consent.rs"]
mod consent;
#[path = "cli/exposure.rs"]
mod exposure;
#[path = "cli/findings.rs"]
mod findings;
#[path = "cli/forms.rs"]
mod forms;
#[path = "cli/hostile/mod.rs"]
mod hostile;
#[path = "cli/json.rs"]
mod json;
#[path = "cli/later_form.rs"]
mod later_form;
#[path = "cli/locking.rs"]
mod locking;
#[path = "cli/look.rs"]
mod look;
#[path = "cli/many.rs"]
mod many;
#[path = "cli/recovery.rs"]
mod recovery;
#[path = "cli/redact.rs"]
mod redact;
#[path = "cli/search.rs"]
mod search;
#[path = "cli/sharing.rs"]
mod sharing;
#[path = "cli/stick.rs"]
mod stick;
#[path = "cli/story.rs"]
mod story;
#[path = "cli/terminal.rs"]
mod terminal;
#[path = "cli/time.rs"]
mod time;
#[path = "cli/upkeep.rs"]
mod upkeep;
#[path = "cli/writers.rs"]
mod writers;
