//! A world for tests of EC2's rules: calls by name, a clock that stands still until told.

use std::time::Duration;

use crate::error::AwsError;
use crate::xml::{text_of, texts_of};
use crate::{SimClock, World};

/// The region of all tests.
pub(crate) const REGION: &str = "us-east-1";

/// A world with one region in use.
pub(crate) struct Lab {
    /// The world.
    pub(crate) world: World,
}

impl Lab {
    /// A new account.
    pub(crate) fn new() -> Self {
        let origin = "2026-01-01T00:00:00Z".parse().unwrap();
        Self { world: World::new("111122223333", SimClock::new(origin, 0.0)) }
    }

    /// Calls, and expects an answer.
    #[track_caller]
    pub(crate) fn ok(&mut self, action: &str, params: &[(&str, &str)]) -> String {
        match self.world.call("ec2", REGION, action, params) {
            Ok(answer) => answer,
            Err(refusal) => panic!("{action} {params:?} was refused: {refusal:?}"),
        }
    }

    /// Calls, and gives the first text of this element of the answer.
    #[track_caller]
    pub(crate) fn get(&mut self, action: &str, params: &[(&str, &str)], element: &str) -> String {
        let answer = self.ok(action, params);
        text_of(&answer, element).unwrap_or_else(|| panic!("no {element} in {answer}"))
    }

    /// Calls, and gives every text of this element of the answer.
    #[track_caller]
    pub(crate) fn all(&mut self, action: &str, params: &[(&str, &str)], element: &str) -> Vec<String> {
        texts_of(&self.ok(action, params), element)
    }

    /// Calls, and expects a refusal with this code.
    #[track_caller]
    pub(crate) fn refused(&mut self, action: &str, params: &[(&str, &str)], code: &str) -> AwsError {
        match self.world.call("ec2", REGION, action, params) {
            Ok(answer) => panic!("{action} {params:?} was accepted: {answer}"),
            Err(refusal) => {
                assert_eq!(refusal.code, code, "{action} {params:?}: {}", refusal.message);
                refusal
            }
        }
    }

    /// Lets world time pass.
    pub(crate) fn pass(&mut self, time: Duration) {
        self.world.clock.skip(time);
        self.world.settle();
    }

    /// A VPC 10.0.0.0/16.
    pub(crate) fn vpc(&mut self) -> String {
        self.get("CreateVpc", &[("CidrBlock", "10.0.0.0/16")], "vpcId")
    }

    /// A VPC with a subnet 10.0.0.0/24 in the first zone.
    pub(crate) fn vpc_with_subnet(&mut self) -> (String, String) {
        let vpc = self.vpc();
        let subnet = self.get("CreateSubnet", &[("VpcId", &vpc), ("CidrBlock", "10.0.0.0/24")], "subnetId");
        (vpc, subnet)
    }

    /// As [`Lab::vpc_with_subnet`], with an internet gateway attached.
    pub(crate) fn public_subnet(&mut self) -> (String, String, String) {
        let (vpc, subnet) = self.vpc_with_subnet();
        let gateway = self.get("CreateInternetGateway", &[], "internetGatewayId");
        self.ok("AttachInternetGateway", &[("InternetGatewayId", &gateway), ("VpcId", &vpc)]);
        (vpc, subnet, gateway)
    }

    /// An available NAT gateway in this subnet: `(its id, its address's allocation id)`.
    pub(crate) fn nat(&mut self, subnet: &str) -> (String, String) {
        let address = self.get("AllocateAddress", &[], "allocationId");
        let params = [("SubnetId", subnet), ("AllocationId", &address)];
        let nat = self.get("CreateNatGateway", &params, "natGatewayId");
        self.pass(super::nat_gateways::CREATE_TAKES);
        (nat, address)
    }

    /// A security group in this VPC.
    pub(crate) fn group(&mut self, vpc: &str, name: &str) -> String {
        let params = [("VpcId", vpc), ("GroupName", name), ("GroupDescription", "test")];
        self.get("CreateSecurityGroup", &params, "groupId")
    }
}
