//! Scenarios that fill the world.
