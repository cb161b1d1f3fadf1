//! Worlds with owners: each thing's true owner is decided first, its owner's tools tag and wire it as they really
//! do, time moves, and the program is shown no more than AWS shows. Two laws hold its judgement to the truth:
//! nothing that is not the failed attempts', and nothing that a living thing works with, is ever deleted; and where
//! there is no doubt, all that is theirs goes.

mod cluster;
mod counts;
mod doubt;
mod examples;
mod hand;
mod kept;
mod land;
mod laws;
mod more;
mod network;
mod record;
mod situation;
mod small;
mod stack;
mod states;
mod strangers;
mod tally;
mod time;
mod truth;
mod users;
mod wide;
mod world;
mod write;
