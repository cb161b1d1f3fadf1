//! Joins the two halves of the program: the command line and the edge.

fn main() {}
