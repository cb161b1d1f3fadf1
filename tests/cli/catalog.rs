//! Twelve kinds that resemble AWS's, so that the command line can be tested without the SDK.

use aws_janitor::model::words::{fact, how};
use aws_janitor::model::{
    Apis, Catalog, Cost, Cut, DataKind, Holds, KindSpec, LinkRule, Near, Per, QuotaUse, Resource, Scope,
    Settle, Touches,
};

const FREE: fn(&Resource) -> Vec<Cost> = |_| Vec::new();
const MINUTES: Settle = Settle::Poll { every: 5, usually: 120, at_most: 900 };

const fn rule(how: &'static str, to: &'static str, holds: Holds, near: Near) -> LinkRule {
    LinkRule { how, to, holds, near, cut: None }
}

const fn spec(name: &'static str, links: &'static [LinkRule], apis: Apis) -> KindSpec {
    KindSpec {
        name,
        title: name,
        scope: Scope::Regional,
        links,
        parts: &[],
        data: DataKind::No,
        settle: Settle::AtOnce,
        patience: 0,
        pause: 0,
        batch: 1,
        quotas: &[],
        cost: FREE,
        apis,
    }
}

const VPC: KindSpec = KindSpec {
    quotas: &[QuotaUse::each("vpc", "VPCs", ("vpc", "L-F678F1CE"), Per::Region)],
    ..spec("vpc", &[], Apis { list: &["ec2:DescribeVpcs"], delete: &["ec2:DeleteVpc"] })
};
const SUBNET: KindSpec = spec(
    "subnet",
    &[rule(how::WITHIN, "vpc", Holds::Delete, Near::Free)],
    Apis { list: &["ec2:DescribeSubnets"], delete: &["ec2:DeleteSubnet"] },
);
const GATEWAY: KindSpec = spec(
    "internet-gateway",
    &[LinkRule {
        how: how::ATTACHED,
        to: "vpc",
        holds: Holds::DeleteUntilCut,
        near: Near::CutFirst,
        cut: Some(Cut { api: "ec2:DetachInternetGateway", touches: Touches::BothEnds }),
    }],
    Apis { list: &["ec2:DescribeInternetGateways"], delete: &["ec2:DeleteInternetGateway"] },
);
const ADDRESS: KindSpec = KindSpec {
    quotas: &[QuotaUse::each("eip", "Elastic IPs", ("ec2", "L-0263D0A3"), Per::Region)],
    cost: |_| vec![Cost { item: "public-ipv4", units: 1.0 }],
    ..spec("elastic-ip", &[], Apis { list: &["ec2:DescribeAddresses"], delete: &["ec2:ReleaseAddress"] })
};
const NAT: KindSpec = KindSpec {
    quotas: &[QuotaUse::each("nat-gateway", "NAT gateways", ("vpc", "L-FE5A380F"), Per::Zone)],
    settle: MINUTES,
    cost: |_| vec![Cost { item: "nat-gateway", units: 1.0 }],
    ..spec(
        "nat-gateway",
        &[
            rule(how::WITHIN, "subnet", Holds::Delete, Near::Free),
            rule(how::WITHIN, "vpc", Holds::Delete, Near::Free),
            rule(how::USES, "elastic-ip", Holds::Delete, Near::Free),
            rule(how::MAPPED_THROUGH, "internet-gateway", Holds::DeleteAndCuts, Near::Free),
        ],
        Apis { list: &["ec2:DescribeNatGateways"], delete: &["ec2:DeleteNatGateway"] },
    )
};
const INTERFACE: KindSpec = spec(
    "network-interface",
    &[
        rule(how::WITHIN, "subnet", Holds::Delete, Near::Free),
        rule(how::USES, "security-group", Holds::Delete, Near::Free),
        rule(how::MADE_BY, "nat-gateway", Holds::Nothing, Near::GoesWithTarget(MINUTES)),
    ],
    Apis { list: &["ec2:DescribeNetworkInterfaces"], delete: &["ec2:DeleteNetworkInterface"] },
);
const GROUP: KindSpec = spec(
    "security-group",
    &[
        rule(how::WITHIN, "vpc", Holds::Delete, Near::Free),
        LinkRule {
            how: how::NAMES,
            to: "security-group",
            holds: Holds::DeleteUntilCut,
            near: Near::Free,
            cut: Some(Cut { api: "ec2:RevokeSecurityGroupIngress", touches: Touches::NearEnd }),
        },
    ],
    Apis { list: &["ec2:DescribeSecurityGroups"], delete: &["ec2:DeleteSecurityGroup"] },
);
const INSTANCE: KindSpec = spec(
    "instance",
    &[
        rule(how::WITHIN, "subnet", Holds::Delete, Near::Free),
        rule(how::USES, "security-group", Holds::Delete, Near::Free),
    ],
    Apis { list: &["ec2:DescribeInstances"], delete: &["ec2:TerminateInstances"] },
);
const VOLUME: KindSpec = KindSpec {
    data: DataKind::Yes,
    cost: |volume| {
        let size = volume.facts.get(fact::SIZE_GIB).and_then(|size| size.parse().ok()).unwrap_or(0.0);
        vec![Cost { item: "volume-gp3-gib", units: size }]
    },
    // Stricter than AWS: a key stays while a volume uses it, so that something is blocked.
    ..spec(
        "volume",
        &[rule(how::USES, "kms-key", Holds::Delete, Near::Free)],
        Apis { list: &["ec2:DescribeVolumes"], delete: &["ec2:DeleteVolume"] },
    )
};
const KEY: KindSpec = KindSpec {
    cost: |_| vec![Cost { item: "kms-key", units: 1.0 }],
    ..spec("kms-key", &[], Apis { list: &["kms:ListKeys"], delete: &["kms:ScheduleKeyDeletion"] })
};
const ROLE: KindSpec = KindSpec {
    scope: Scope::Global,
    ..spec(
        "iam-role",
        &[LinkRule {
            how: how::ATTACHES,
            to: "iam-policy",
            holds: Holds::DeleteUntilCut,
            near: Near::CutFirst,
            cut: Some(Cut { api: "iam:DetachRolePolicy", touches: Touches::NearEnd }),
        }],
        Apis { list: &["iam:GetAccountAuthorizationDetails"], delete: &["iam:DeleteRole"] },
    )
};
const POLICY: KindSpec = KindSpec {
    scope: Scope::Global,
    ..spec(
        "iam-policy",
        &[],
        Apis {
            list: &["iam:GetAccountAuthorizationDetails", "iam:GetPolicy"],
            delete: &["iam:DeletePolicy", "iam:DeletePolicyVersion"],
        },
    )
};

/// The catalog.
pub(crate) const CATALOG: Catalog = Catalog::new(&[
    &ADDRESS, &NAT, &VPC, &SUBNET, &GATEWAY, &INTERFACE, &GROUP, &INSTANCE, &VOLUME, &KEY, &ROLE, &POLICY,
]);
