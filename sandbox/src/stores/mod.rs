//! The records of every service that has some: what is, without a rule of how it may change. The rules are
//! in the room of each service; the world holds the records.

pub mod autoscaling;
pub mod cloudformation;
pub mod ec2;
pub mod ecs;
pub mod eks;
pub mod elb;
pub mod iam;
pub mod kms;
pub mod lambda;
pub mod logs;
pub mod s3;
pub mod ssm;
