//! Carrying out a plan.

pub mod cloud;
