//! Instance types: their vCPUs, cores and threads, and the quota that their vCPUs count to.
//!
//! Memory, network and storage of a type are not told: nothing here depends on them.

use std::collections::BTreeMap;

use super::describe::{Pages, any_matches, check_filters, one, paged};
use crate::error::{AwsError, AwsResult};
use crate::protocol::{Answer, Ctx};
use crate::quotas::table;
use crate::service::Operation;
use crate::world::World;
use crate::xml::Xml;

pub(crate) const OPERATIONS: &[(&str, Operation)] = &[("DescribeInstanceTypes", describe)];

/// The group of families whose vCPUs share a quota:
/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-on-demand-instances.html#ec2-on-demand-instances-limits>.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    Standard,
    G,
    P,
    X,
    Inf,
}

impl Class {
    /// The quota of On-Demand or of Spot instances, by its code.
    pub(crate) fn quota(self, spot: bool) -> &'static str {
        match (self, spot) {
            (Self::Standard, false) => table::STANDARD_VCPUS,
            (Self::Standard, true) => table::STANDARD_SPOT_VCPUS,
            (Self::G, false) => table::G_VCPUS,
            (Self::G, true) => table::G_SPOT_VCPUS,
            (Self::P, false) => table::P_VCPUS,
            (Self::P, true) => table::P_SPOT_VCPUS,
            (Self::X, false) => table::X_VCPUS,
            (Self::X, true) => table::X_SPOT_VCPUS,
            (Self::Inf, false) => table::INF_VCPUS,
            (Self::Inf, true) => table::INF_SPOT_VCPUS,
        }
    }
}

/// What a type is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shape {
    pub(crate) class: Class,
    pub(crate) vcpus: u32,
    threads: u32,
    arm: bool,
    current: bool,
}

impl Shape {
    /// Cores, and threads of each. A type with one vCPU has one thread.
    pub(crate) fn cores_and_threads(self) -> (u32, u32) {
        let threads = self.threads.min(self.vcpus);
        (self.vcpus / threads, threads)
    }
}

/// Families that are alike: their names, threads per core, whether they are Arm, and their sizes with
/// their vCPUs.
type Alike = (&'static str, Class, u32, bool, &'static [(&'static str, u32)]);

const BURSTING: &[(&str, u32)] =
    &[("nano", 2), ("micro", 2), ("small", 2), ("medium", 2), ("large", 2), ("xlarge", 4), ("2xlarge", 8)];

const UP_TO_24: &[(&str, u32)] = &[
    ("large", 2),
    ("xlarge", 4),
    ("2xlarge", 8),
    ("4xlarge", 16),
    ("8xlarge", 32),
    ("12xlarge", 48),
    ("16xlarge", 64),
    ("24xlarge", 96),
];

const UP_TO_32: &[(&str, u32)] = &[
    ("large", 2),
    ("xlarge", 4),
    ("2xlarge", 8),
    ("4xlarge", 16),
    ("8xlarge", 32),
    ("12xlarge", 48),
    ("16xlarge", 64),
    ("24xlarge", 96),
    ("32xlarge", 128),
    ("metal", 128),
];

const UP_TO_48: &[(&str, u32)] = &[
    ("large", 2),
    ("xlarge", 4),
    ("2xlarge", 8),
    ("4xlarge", 16),
    ("8xlarge", 32),
    ("12xlarge", 48),
    ("16xlarge", 64),
    ("24xlarge", 96),
    ("48xlarge", 192),
];

const GRAVITON: &[(&str, u32)] = &[
    ("medium", 1),
    ("large", 2),
    ("xlarge", 4),
    ("2xlarge", 8),
    ("4xlarge", 16),
    ("8xlarge", 32),
    ("12xlarge", 48),
    ("16xlarge", 64),
    ("metal", 64),
];

/// <https://docs.aws.amazon.com/ec2/latest/instancetypes/ec2-instance-type-specifications.html>,
/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/cpu-options-supported-instances-values.html>.
const FAMILIES: &[Alike] = &[
    ("m1", Class::Standard, 1, false, &[("small", 1), ("medium", 1), ("large", 2), ("xlarge", 4)]),
    (
        "t2",
        Class::Standard,
        1,
        false,
        &[
            ("nano", 1),
            ("micro", 1),
            ("small", 1),
            ("medium", 2),
            ("large", 2),
            ("xlarge", 4),
            ("2xlarge", 8),
        ],
    ),
    ("t3 t3a", Class::Standard, 2, false, BURSTING),
    ("t4g", Class::Standard, 1, true, BURSTING),
    (
        "m4",
        Class::Standard,
        2,
        false,
        &[("large", 2), ("xlarge", 4), ("2xlarge", 8), ("4xlarge", 16), ("10xlarge", 40), ("16xlarge", 64)],
    ),
    ("m5 m5a m5d m5n r5 r5a r5d r5n", Class::Standard, 2, false, UP_TO_24),
    ("m6i m6id c6i c6id r6i r6id", Class::Standard, 2, false, UP_TO_32),
    ("m6a c6a r6a m7i c7i r7i", Class::Standard, 2, false, UP_TO_48),
    ("m7a c7a r7a", Class::Standard, 1, false, UP_TO_48),
    ("m6g m7g c6g c7g r6g r7g", Class::Standard, 1, true, GRAVITON),
    (
        "c5 c5d",
        Class::Standard,
        2,
        false,
        &[
            ("large", 2),
            ("xlarge", 4),
            ("2xlarge", 8),
            ("4xlarge", 16),
            ("9xlarge", 36),
            ("12xlarge", 48),
            ("18xlarge", 72),
            ("24xlarge", 96),
            ("metal", 96),
        ],
    ),
    ("i3", Class::Standard, 2, false, &[("large", 2), ("xlarge", 4), ("2xlarge", 8), ("16xlarge", 64)]),
    (
        "g4dn",
        Class::G,
        2,
        false,
        &[
            ("xlarge", 4),
            ("2xlarge", 8),
            ("4xlarge", 16),
            ("8xlarge", 32),
            ("12xlarge", 48),
            ("16xlarge", 64),
            ("metal", 96),
        ],
    ),
    (
        "g5 g6",
        Class::G,
        2,
        false,
        &[
            ("xlarge", 4),
            ("2xlarge", 8),
            ("4xlarge", 16),
            ("8xlarge", 32),
            ("12xlarge", 48),
            ("16xlarge", 64),
            ("24xlarge", 96),
            ("48xlarge", 192),
        ],
    ),
    ("p3", Class::P, 2, false, &[("2xlarge", 8), ("8xlarge", 32), ("16xlarge", 64)]),
    ("p4d", Class::P, 2, false, &[("24xlarge", 96)]),
    ("p5", Class::P, 2, false, &[("48xlarge", 192)]),
    ("inf2", Class::Inf, 2, false, &[("xlarge", 4), ("8xlarge", 32), ("24xlarge", 96), ("48xlarge", 192)]),
    ("x2idn", Class::X, 2, false, &[("16xlarge", 64), ("24xlarge", 96), ("32xlarge", 128), ("metal", 128)]),
];

/// Families of which AWS says that they are of a previous generation.
const PREVIOUS: &[&str] = &["m1", "m4", "t2", "i3", "p3"];

/// Every type by its name.
fn all() -> BTreeMap<String, Shape> {
    let mut all = BTreeMap::new();
    for (families, class, threads, arm, sizes) in FAMILIES {
        for family in families.split(' ') {
            for (size, vcpus) in *sizes {
                let shape = Shape {
                    class: *class,
                    vcpus: *vcpus,
                    threads: *threads,
                    arm: *arm,
                    current: !PREVIOUS.contains(&family),
                };
                all.insert(format!("{family}.{size}"), shape);
            }
        }
    }
    all
}

/// The shape of a type, if it is one that is modelled.
pub(crate) fn find(name: &str) -> Option<Shape> {
    let (family, size) = name.split_once('.')?;
    let (_, class, threads, arm, sizes) =
        FAMILIES.iter().find(|(families, ..)| families.split(' ').any(|known| known == family))?;
    let (_, vcpus) = sizes.iter().find(|(known, _)| *known == size)?;
    let current = !PREVIOUS.contains(&family);
    Some(Shape { class: *class, vcpus: *vcpus, threads: *threads, arm: *arm, current })
}

/// The architecture of a type.
pub(super) fn architecture(name: &str) -> &'static str {
    if find(name).is_some_and(|shape| shape.arm) { "arm64" } else { "x86_64" }
}

/// DescribeInstanceTypes: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstanceTypes.html>.
fn describe(_: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let asked = ctx.params.list("InstanceType");
    let known = [
        "current-generation",
        "instance-type",
        "processor-info.supported-architecture",
        "vcpu-info.default-cores",
        "vcpu-info.default-threads-per-core",
        "vcpu-info.default-vcpus",
    ];
    let filters = check_filters(ctx.params.filters(), &known)?;
    if asked.len() > 100 {
        let text = "You can specify at most 100 instance types in a request.";
        return Err(AwsError::new("InvalidParameterValue", text));
    }
    // https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html: `InvalidInstanceType`
    let unknown: Vec<&str> = asked.iter().map(String::as_str).filter(|name| find(name).is_none()).collect();
    if !unknown.is_empty() {
        let names = unknown.join(", ");
        let text = format!("The following supplied instance types do not exist: [{names}]");
        return Err(AwsError::new("InvalidInstanceType", text));
    }
    let all = all();
    let rows = all.iter().filter(|(name, shape)| {
        let (cores, threads) = shape.cores_and_threads();
        let fits = |filter: &crate::query::Filter| {
            let values = match filter.name.as_str() {
                "current-generation" => one(shape.current),
                "instance-type" => one(name),
                "processor-info.supported-architecture" => one(architecture(name)),
                "vcpu-info.default-cores" => one(cores),
                "vcpu-info.default-threads-per-core" => one(threads),
                "vcpu-info.default-vcpus" => one(shape.vcpus),
                _ => Vec::new(),
            };
            any_matches(&values, &filter.values)
        };
        (asked.is_empty() || asked.contains(name)) && filters.iter().all(fits)
    });
    let pages = Pages::OfUnlessIds(100);
    let (rows, next) = paged(ctx, pages, !asked.is_empty(), rows, |(name, _)| name.as_str())?;
    let mut xml = Xml::new();
    xml.list("instanceTypeSet", rows, |item, (name, shape)| write(item, name, *shape));
    xml.maybe("nextToken", next);
    Ok(xml.into())
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceTypeInfo.html>
fn write(xml: &mut Xml, name: &str, shape: Shape) {
    let (cores, threads) = shape.cores_and_threads();
    xml.text("instanceType", name)
        .text("currentGeneration", shape.current)
        .text("bareMetal", name.ends_with(".metal"))
        .texts("supportedUsageClasses", ["on-demand", "spot"]);
    xml.node("processorInfo", |info| {
        info.texts("supportedArchitectures", [architecture(name)]);
    });
    xml.node("vCpuInfo", |info| {
        info.text("defaultVCpus", shape.vcpus)
            .text("defaultCores", cores)
            .text("defaultThreadsPerCore", threads);
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ec2::lab::Lab;
    use crate::xml::{text_of, texts_of};

    #[test]
    fn named_types_are_told_with_their_vcpus_cores_and_threads() {
        let mut lab = Lab::new();
        for (name, vcpus, cores, threads) in [
            ("t3.medium", "2", "1", "2"),
            ("t2.micro", "1", "1", "1"),
            ("m7g.medium", "1", "1", "1"),
            ("m7g.4xlarge", "16", "16", "1"),
            ("c5.9xlarge", "36", "18", "2"),
            ("p4d.24xlarge", "96", "48", "2"),
        ] {
            let told = lab.ok("DescribeInstanceTypes", &[("InstanceType.1", name)]);
            assert_eq!(texts_of(&told, "instanceType"), [name]);
            assert!(told.contains("<supportedUsageClasses><item>on-demand</item>"), "{told}");
            assert_eq!(text_of(&told, "defaultVCpus").as_deref(), Some(vcpus), "{name}");
            assert_eq!(text_of(&told, "defaultCores").as_deref(), Some(cores), "{name}");
            assert_eq!(text_of(&told, "defaultThreadsPerCore").as_deref(), Some(threads), "{name}");
        }
    }

    #[test]
    fn one_unknown_type_fails_the_whole_call() {
        let mut lab = Lab::new();
        let asked = [("InstanceType.1", "t3.small"), ("InstanceType.2", "t3.huge")];
        let refusal = lab.refused("DescribeInstanceTypes", &asked, "InvalidInstanceType");
        assert!(refusal.message.contains("[t3.huge]"), "{}", refusal.message);
    }

    #[test]
    fn types_come_in_pages_of_at_most_a_hundred() {
        let mut lab = Lab::new();
        let (mut names, mut token) = (Vec::new(), String::new());
        loop {
            let page = lab.ok("DescribeInstanceTypes", &[("NextToken", &token)]);
            let found = texts_of(&page, "instanceType");
            assert!(found.len() <= 100);
            names.extend(found);
            let Some(next) = text_of(&page, "nextToken") else { break };
            token = next;
        }
        assert!(names.len() > 200 && names.is_sorted() && names.len() == all().len());
        lab.refused("DescribeInstanceTypes", &[("MaxResults", "101")], "InvalidParameterValue");
        let both = [("MaxResults", "5"), ("InstanceType.1", "t3.small")];
        lab.refused("DescribeInstanceTypes", &both, "InvalidParameterCombination");
    }

    #[test]
    fn every_listed_type_can_be_found_by_name_with_the_same_shape() {
        for (name, shape) in all() {
            assert_eq!(find(&name), Some(shape), "{name}");
            let (cores, threads) = shape.cores_and_threads();
            assert_eq!(cores * threads, shape.vcpus, "{name}");
        }
    }

    #[test]
    fn filters_narrow_the_list() {
        let mut lab = Lab::new();
        let asked = [
            ("Filter.1.Name", "instance-type"),
            ("Filter.1.Value.1", "m7?.large"),
            ("Filter.2.Name", "processor-info.supported-architecture"),
            ("Filter.2.Value.1", "arm64"),
        ];
        assert_eq!(lab.all("DescribeInstanceTypes", &asked, "instanceType"), ["m7g.large"]);
    }
}
