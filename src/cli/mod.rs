//! The command line: arguments in, data on stdout, all else on stderr, a documented exit code.

pub mod backend;
