#![no_main]
//! The law `state` of `tests/laws/parsers.rs`, on whatever libFuzzer makes.

#[expect(dead_code, reason = "each target has one of the laws")]
#[path = "../../tests/laws/parsers.rs"]
mod parsers;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| parsers::state(bytes));
