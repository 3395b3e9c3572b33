//! bundle
pub mod bag;
pub mod tar;
