//! How the ids of each kind look, and AWS's words for one that does not exist.
//!
//! Codes: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html>;
//! AWS spells them differently from kind to kind.

use std::collections::BTreeMap;

use crate::error::{AwsError, AwsResult};

/// The ids of one kind.
pub(crate) struct Noun {
    /// What its ids begin with: `vpc`.
    pub prefix: &'static str,
    /// The code for an unknown id.
    pub not_found: &'static str,
    /// The code for what cannot be an id.
    pub malformed: &'static str,
    /// AWS's sentence for an unknown id, around the id.
    pub says: (&'static str, &'static str),
}

impl Noun {
    /// That nothing of this kind has this id.
    pub(crate) fn unknown(&self, id: &str) -> AwsError {
        AwsError::new(self.not_found, format!("{}{id}{}", self.says.0, self.says.1))
    }

    /// Refuses an id that is malformed or not among the records.
    pub(crate) fn check<T>(&self, id: &str, records: &BTreeMap<String, T>) -> AwsResult<()> {
        self.find(id, records).map(|_| ())
    }

    /// The record of this id.
    pub(crate) fn find<'a, T>(&self, id: &str, records: &'a BTreeMap<String, T>) -> AwsResult<&'a T> {
        self.well_formed(id)?;
        records.get(id).ok_or_else(|| self.unknown(id))
    }

    /// The record of this id, to change it.
    pub(crate) fn find_mut<'a, T>(
        &self,
        id: &str,
        records: &'a mut BTreeMap<String, T>,
    ) -> AwsResult<&'a mut T> {
        self.well_formed(id)?;
        records.get_mut(id).ok_or_else(|| self.unknown(id))
    }

    /// Ids are a prefix and 8 or 17 hexadecimal digits:
    /// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/resource-ids.html>.
    fn well_formed(&self, id: &str) -> AwsResult<()> {
        let digits = id.strip_prefix(self.prefix).and_then(|rest| rest.strip_prefix('-'));
        let good = digits.is_some_and(|digits| {
            [8, 17].contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_hexdigit())
        });
        if good {
            return Ok(());
        }
        let text = format!("Invalid id: \"{id}\" (expecting \"{}-...\")", self.prefix);
        Err(AwsError::new(self.malformed, text))
    }
}

const fn noun(
    prefix: &'static str,
    not_found: &'static str,
    malformed: &'static str,
    says: (&'static str, &'static str),
) -> Noun {
    Noun { prefix, not_found, malformed, says }
}

pub(crate) static VPC: Noun =
    noun("vpc", "InvalidVpcID.NotFound", "InvalidVpcID.Malformed", ("The vpc ID '", "' does not exist"));
pub(crate) static SUBNET: Noun = noun(
    "subnet",
    "InvalidSubnetID.NotFound",
    "InvalidSubnetID.Malformed",
    ("The subnet ID '", "' does not exist"),
);
pub(crate) static ROUTE_TABLE: Noun = noun(
    "rtb",
    "InvalidRouteTableID.NotFound",
    "InvalidRouteTableId.Malformed",
    ("The routeTable ID '", "' does not exist"),
);
pub(crate) static INTERNET_GATEWAY: Noun = noun(
    "igw",
    "InvalidInternetGatewayID.NotFound",
    "InvalidInternetGatewayId.Malformed",
    ("The internetGateway ID '", "' does not exist"),
);
pub(crate) static NETWORK_ACL: Noun = noun(
    "acl",
    "InvalidNetworkAclID.NotFound",
    "InvalidNetworkAclId.Malformed",
    ("The networkAcl ID '", "' does not exist"),
);
pub(crate) static INTERFACE: Noun = noun(
    "eni",
    "InvalidNetworkInterfaceID.NotFound",
    "InvalidNetworkInterfaceId.Malformed",
    ("The networkInterface ID '", "' does not exist"),
);
pub(crate) static SECURITY_GROUP: Noun = noun(
    "sg",
    "InvalidGroup.NotFound",
    "InvalidGroupId.Malformed",
    ("The security group '", "' does not exist"),
);
pub(crate) static RULE: Noun = noun(
    "sgr",
    "InvalidSecurityGroupRuleId.NotFound",
    "InvalidSecurityGroupRuleId.Malformed",
    ("The security group rule ID '", "' does not exist"),
);
pub(crate) static NAT_GATEWAY: Noun =
    noun("nat", "NatGatewayNotFound", "NatGatewayMalformed", ("The Nat Gateway ", " was not found"));
pub(crate) static ALLOCATION: Noun = noun(
    "eipalloc",
    "InvalidAllocationID.NotFound",
    "InvalidAllocationID.Malformed",
    ("The allocation ID '", "' does not exist"),
);
pub(crate) static ENDPOINT: Noun = noun(
    "vpce",
    "InvalidVpcEndpointId.NotFound",
    "InvalidVpcEndpointId.Malformed",
    ("The Vpc Endpoint Id '", "' does not exist"),
);
pub(crate) static EGRESS_GATEWAY: Noun = noun(
    "eigw",
    "InvalidEgressOnlyInternetGatewayId.NotFound",
    "InvalidEgressOnlyInternetGatewayId.Malformed",
    ("The egressOnlyInternetGateway ID '", "' does not exist"),
);
pub(crate) static VPN_GATEWAY: Noun = noun(
    "vgw",
    "InvalidVpnGatewayID.NotFound",
    "InvalidVpnGatewayID.Malformed",
    ("The vpnGateway ID '", "' does not exist"),
);
pub(crate) static VPN_CONNECTION: Noun = noun(
    "vpn",
    "InvalidVpnConnectionID.NotFound",
    "InvalidVpnConnectionID.Malformed",
    ("The vpnConnection ID '", "' does not exist"),
);
pub(crate) static CUSTOMER_GATEWAY: Noun = noun(
    "cgw",
    "InvalidCustomerGatewayID.NotFound",
    "InvalidCustomerGatewayId.Malformed",
    ("The customerGateway ID '", "' does not exist"),
);
pub(crate) static CARRIER_GATEWAY: Noun = noun(
    "cagw",
    "InvalidCarrierGatewayID.NotFound",
    "InvalidCarrierGatewayID.Malformed",
    ("The carrier gateway ID '", "' does not exist"),
);
pub(crate) static INSTANCE_CONNECT_ENDPOINT: Noun = noun(
    "eice",
    "InvalidInstanceConnectEndpointId.NotFound",
    "InvalidInstanceConnectEndpointId.Malformed",
    ("The instance connect endpoint ID '", "' does not exist"),
);
pub(crate) static TRANSIT_ATTACHMENT: Noun = noun(
    "tgw-attach",
    "InvalidTransitGatewayAttachmentID.NotFound",
    "InvalidTransitGatewayAttachmentID.Malformed",
    ("Transit Gateway VPC Attachment ", " was deleted or does not exist."),
);
pub(crate) static ENDPOINT_SERVICE: Noun = noun(
    "vpce-svc",
    "InvalidVpcEndpointServiceId.NotFound",
    "InvalidVpcEndpointServiceId.Malformed",
    ("The VpcEndpointService Id '", "' does not exist"),
);
pub(crate) static DHCP_OPTIONS: Noun = noun(
    "dopt",
    "InvalidDhcpOptionID.NotFound",
    "InvalidDhcpOptionsId.Malformed",
    ("The dhcpOption ID '", "' does not exist"),
);
pub(crate) static FLOW_LOG: Noun = noun(
    "fl",
    "InvalidFlowLogId.NotFound",
    "InvalidFlowLogId.Malformed",
    ("These flow log ids in the input list are not found: [", "]"),
);
pub(crate) static PEERING: Noun = noun(
    "pcx",
    "InvalidVpcPeeringConnectionID.NotFound",
    "InvalidVpcPeeringConnectionId.Malformed",
    ("The vpcPeeringConnection ID '", "' does not exist"),
);
pub(crate) static KEY_PAIR: Noun = noun(
    "key",
    "InvalidKeyPair.NotFound",
    "InvalidKeyPair.Format",
    ("The key pair with ID '", "' does not exist"),
);
pub(crate) static PLACEMENT_GROUP: Noun = noun(
    "pg",
    "InvalidPlacementGroup.Unknown",
    "InvalidPlacementGroupId.Malformed",
    ("The Placement Group '", "' is unknown."),
);
pub(crate) static INSTANCE: Noun = noun(
    "i",
    "InvalidInstanceID.NotFound",
    "InvalidInstanceID.Malformed",
    ("The instance ID '", "' does not exist"),
);
pub(crate) static VOLUME: Noun =
    noun("vol", "InvalidVolume.NotFound", "InvalidVolumeID.Malformed", ("The volume '", "' does not exist."));
pub(crate) static LAUNCH_TEMPLATE: Noun = noun(
    "lt",
    "InvalidLaunchTemplateId.NotFound",
    "InvalidLaunchTemplateId.Malformed",
    ("The specified launch template, with template ID ", ", does not exist."),
);

/// That no association has this id (of an address, a route table or a network ACL).
pub(crate) fn unknown_association(id: &str) -> AwsError {
    AwsError::new("InvalidAssociationID.NotFound", format!("The association ID '{id}' does not exist"))
}

/// The refusal for a thing that others still need.
pub(crate) fn dependency(text: impl Into<String>) -> AwsError {
    AwsError::new("DependencyViolation", text)
}

/// The refusal for a thing that belongs to another account or to one of AWS's services.
///
/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/requester-managed-eni.html>
pub(crate) fn not_yours() -> AwsError {
    AwsError::new("AuthFailure", "You do not have permission to access the specified resource.")
}
