//! End to end: the real program as a process, the real SDK, an AWS on loopback.
//!
//! One binary for all of it, because each test binary links the SDK once more.

#![expect(clippy::disallowed_methods, reason = "tests start the program as the world does")]
#![cfg(all(feature = "aws", feature = "sandbox"))]
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on must say where")]

mod beyond;
mod demo;
mod gates;
mod killed;
mod live;
mod machines;
mod moto;
mod other_clients;
mod plans;
mod policies;
mod printed;
mod privilege;
mod program;
mod quota;
mod quota_weather;
mod records;
mod refusals;
mod sandbox;
mod scenario;
mod second_opinion;
mod speed;
mod standing;
mod states;
mod story;
mod unattached;
mod venv;
mod ways_out;
mod weather;
