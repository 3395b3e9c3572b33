//! The program as a person uses it: commands, what they print, what bad input gets.
#![cfg(test)]

#[path = "cli/bad_input.rs"]
mod bad_input;
#[path = "cli/json.rs"]
mod json;
#[path = "cli/story.rs"]
mod story;
#[path = "cli/terminal.rs"]
mod terminal;
