#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| sanduq_fuzz::target("form")(bytes));
