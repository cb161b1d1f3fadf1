//! EC2 and VPC over the EC2 query protocol.

pub mod store;
