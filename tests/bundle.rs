//! Whole bundles: written, opened, checked with stock tools, and refused when anything about them is wrong.

#![cfg(test)]

#[path = "bundle/damaged.rs"]
mod damaged;
#[path = "bundle/every_bit.rs"]
mod every_bit;
#[path = "bundle/forged.rs"]
mod forged;
#[path = "bundle/round_trip.rs"]
mod round_trip;
#[path = "bundle/stock.rs"]
mod stock;

use crate::support::bags::{self, Bag};
use crate::support::bundles::{Files, Story, all_files, refused, story};
