//! What gives a subnet its route table, or a VPC its main one. Each tool makes it by itself; to AWS it is a part of
//! the table.

use crate::model::Scope;
use crate::model::deployed::{Declared, Deployed, Naming, Plays, Spelling, Tagging, Types, Uses};

const NAME: &str = "route-table-association";

/// What deployments call it and use of it.
pub const DECLARED: Declared = Declared {
    name: NAME,
    scope: Scope::Regional,
    deployed: Deployed {
        types: Types {
            terraform: &["aws_route_table_association", "aws_main_route_table_association"],
            pulumi: &[
                "aws:ec2/routeTableAssociation:RouteTableAssociation",
                "aws:ec2/mainRouteTableAssociation:MainRouteTableAssociation",
            ],
            cloudformation: &[
                "AWS::EC2::SubnetRouteTableAssociation",
                "AWS::EC2::GatewayRouteTableAssociation",
            ],
            adopted: &[],
        },
        attributes: &["gateway_id", "route_table_id", "subnet_id", "vpc_id"],
        aliases: &[],
        wrappers: &[],
        template: Spelling::SAME,
        sizes: &[],
        uses: Uses::Nothing,
        parts: |_, _| Vec::new(),
        instance_types: |_| Vec::new(),
        plays: Plays::RouteTableAssociation,
        name: Naming::Free,
        tags: Tagging::ANY,
    },
};
