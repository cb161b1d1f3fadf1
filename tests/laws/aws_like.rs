//! A fixed catalog that resembles AWS's network, compute and access kinds.

use aws_janitor::model::{
    Apis, Catalog, Cut, DataKind, Holds, KindSpec, LinkRule, Near, Scope, Settle, Touches,
};

use crate::worlds::POLL;

const NO_COST: fn(&aws_janitor::model::Resource) -> Vec<aws_janitor::model::Cost> = |_| Vec::new();

const fn kind(name: &'static str, scope: Scope, settle: Settle, links: &'static [LinkRule]) -> KindSpec {
    KindSpec {
        name,
        title: name,
        scope,
        links,
        parts: &["inline-policy"],
        data: DataKind::No,
        settle,
        patience: 0,
        pause: 0,
        batch: 1,
        quotas: &[],
        cost: NO_COST,
        apis: Apis { list: &["x:List"], delete: &["x:Delete"] },
    }
}

const fn rule(how: &'static str, to: &'static str, holds: Holds, near: Near) -> LinkRule {
    LinkRule { how, to, holds, near, cut: None }
}

const fn cuttable(
    how: &'static str,
    to: &'static str,
    holds: Holds,
    near: Near,
    touches: Touches,
) -> LinkRule {
    LinkRule { how, to, holds, near, cut: Some(Cut { api: "x:Cut", touches }) }
}

use Holds::{Delete, DeleteAndCuts, DeleteUntilCut, Nothing};
use Near::{AfterIfGoes, AfterTarget, CutFirst, Free, GoesWithTarget};

const VPC: KindSpec = kind("vpc", Scope::Regional, Settle::AtOnce, &[]);
const SUBNET: KindSpec =
    kind("subnet", Scope::Regional, Settle::AtOnce, &[rule("within", "vpc", Delete, Free)]);
const IGW: KindSpec = kind(
    "internet-gateway",
    Scope::Regional,
    Settle::AtOnce,
    &[cuttable("attached", "vpc", DeleteUntilCut, CutFirst, Touches::BothEnds)],
);
const EIP: KindSpec = kind(
    "elastic-ip",
    Scope::Regional,
    Settle::AtOnce,
    &[
        rule("mapped-through", "internet-gateway", DeleteAndCuts, Free),
        cuttable("associated", "network-interface", Nothing, CutFirst, Touches::BothEnds),
    ],
);
const NAT: KindSpec = kind(
    "nat-gateway",
    Scope::Regional,
    POLL,
    &[
        rule("within", "subnet", Delete, Free),
        rule("uses", "elastic-ip", Delete, Free),
        rule("mapped-through", "internet-gateway", DeleteAndCuts, Free),
    ],
);
const ENI: KindSpec = kind(
    "network-interface",
    Scope::Regional,
    Settle::AtOnce,
    &[
        rule("within", "subnet", Delete, Free),
        rule("uses", "security-group", Delete, Free),
        rule("made-by", "nat-gateway", Nothing, GoesWithTarget(POLL)),
        rule("made-by", "instance", Nothing, GoesWithTarget(Settle::AtOnce)),
        rule("made-by", "eks-cluster", Nothing, GoesWithTarget(POLL)),
        rule("mapped-through", "internet-gateway", DeleteAndCuts, Free),
    ],
);
const SG: KindSpec = kind(
    "security-group",
    Scope::Regional,
    Settle::AtOnce,
    &[
        rule("within", "vpc", Delete, Free),
        cuttable("names", "security-group", DeleteUntilCut, Free, Touches::NearEnd),
        rule("made-by", "eks-cluster", Nothing, GoesWithTarget(POLL)),
        rule("made-by", "vpc", Nothing, GoesWithTarget(Settle::AtOnce)),
        rule("managed-from", "eks-nodegroup", Nothing, AfterIfGoes),
    ],
);
const RTB: KindSpec = kind(
    "route-table",
    Scope::Regional,
    Settle::AtOnce,
    &[
        rule("within", "vpc", Delete, Free),
        rule("made-by", "vpc", Nothing, GoesWithTarget(Settle::AtOnce)),
        cuttable("associated", "subnet", Nothing, CutFirst, Touches::BothEnds),
    ],
);
const INSTANCE: KindSpec = kind(
    "instance",
    Scope::Regional,
    POLL,
    &[
        rule("within", "subnet", Delete, Free),
        rule("uses", "security-group", Delete, Free),
        rule("made-by", "eks-nodegroup", Nothing, GoesWithTarget(Settle::AtOnce)),
    ],
);
const VOLUME: KindSpec = KindSpec {
    data: DataKind::Yes,
    ..kind(
        "volume",
        Scope::Regional,
        POLL,
        &[
            rule("made-by", "instance", Nothing, GoesWithTarget(Settle::AtOnce)),
            rule("attached", "instance", Nothing, AfterTarget),
        ],
    )
};
const CLUSTER: KindSpec = kind(
    "eks-cluster",
    Scope::Regional,
    POLL,
    &[
        rule("uses", "subnet", Nothing, Free),
        rule("uses", "security-group", Delete, Free),
        rule("uses", "iam-role", Delete, Free),
    ],
);
const NODEGROUP: KindSpec = kind(
    "eks-nodegroup",
    Scope::Regional,
    POLL,
    &[rule("of-cluster", "eks-cluster", Delete, Free), rule("uses", "iam-role", Delete, Free)],
);
const LOGS: KindSpec = KindSpec {
    data: DataKind::Yes,
    ..kind(
        "log-group",
        Scope::Regional,
        Settle::AtOnce,
        &[rule("made-for", "eks-cluster", Nothing, AfterIfGoes)],
    )
};
const ROLE: KindSpec = kind(
    "iam-role",
    Scope::Global,
    Settle::AtOnce,
    &[
        cuttable("attaches", "iam-policy", DeleteUntilCut, CutFirst, Touches::NearEnd),
        cuttable("has", "inline-policy", Nothing, CutFirst, Touches::NearEnd),
    ],
);
const POLICY: KindSpec = kind("iam-policy", Scope::Global, Settle::AtOnce, &[]);
const PROFILE: KindSpec = kind(
    "iam-instance-profile",
    Scope::Global,
    Settle::AtOnce,
    &[cuttable("contains", "iam-role", DeleteUntilCut, CutFirst, Touches::NearEnd)],
);

pub(crate) const CATALOG: Catalog = Catalog::new(&[
    &VPC, &SUBNET, &IGW, &EIP, &NAT, &ENI, &SG, &RTB, &INSTANCE, &VOLUME, &CLUSTER, &NODEGROUP, &LOGS, &ROLE,
    &POLICY, &PROFILE,
]);
