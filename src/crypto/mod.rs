//! crypto
pub mod minisign;
pub mod padme;
