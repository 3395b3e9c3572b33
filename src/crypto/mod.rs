//! crypto

pub mod age;
pub mod error;
pub mod stream;
