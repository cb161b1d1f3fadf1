//! The add-ons that EKS offers, their versions, and the clusters these fit.

use serde_json::{Value, json};

use super::invalid_parameter;
use super::request::{Body, page_of};
use crate::error::AwsResult;
use crate::protocol::{Answer, Ctx};
use crate::world::World;

/// One version of an add-on and the minor versions of Kubernetes 1 that it fits, from and to.
struct AddonVersion {
    name: &'static str,
    fits: (u32, u32),
}

struct Addon {
    name: &'static str,
    kind: &'static str,
    needs_permissions: bool,
    /// The newest first. A cluster's default is the newest that fits it.
    versions: &'static [AddonVersion],
}

const fn fits(name: &'static str, from: u32, to: u32) -> AddonVersion {
    AddonVersion { name, fits: (from, to) }
}

/// Names and types: <https://docs.aws.amazon.com/eks/latest/userguide/workloads-add-ons-available-eks.html>.
/// Of each add-on a few versions stand for the many of AWS; what they fit follows the tables there:
/// <https://docs.aws.amazon.com/eks/latest/userguide/managing-vpc-cni.html> and its sisters.
const ADDONS: &[Addon] = &[
    Addon {
        name: "aws-ebs-csi-driver",
        kind: "storage",
        needs_permissions: true,
        versions: &[
            fits("v1.53.0-eksbuild.1", 31, 36),
            fits("v1.45.0-eksbuild.2", 28, 34),
            fits("v1.35.0-eksbuild.1", 25, 31),
        ],
    },
    Addon {
        name: "coredns",
        kind: "networking",
        needs_permissions: false,
        versions: &[
            fits("v1.13.1-eksbuild.1", 34, 36),
            fits("v1.12.4-eksbuild.1", 33, 35),
            fits("v1.11.4-eksbuild.24", 29, 33),
            fits("v1.10.1-eksbuild.38", 25, 30),
        ],
    },
    Addon {
        name: "eks-pod-identity-agent",
        kind: "security",
        needs_permissions: false,
        versions: &[fits("v1.3.10-eksbuild.1", 27, 36), fits("v1.3.4-eksbuild.1", 25, 33)],
    },
    Addon {
        name: "kube-proxy",
        kind: "networking",
        needs_permissions: false,
        versions: &[
            fits("v1.36.1-eksbuild.2", 36, 36),
            fits("v1.35.3-eksbuild.2", 35, 36),
            fits("v1.34.5-eksbuild.2", 34, 36),
            fits("v1.33.8-eksbuild.3", 33, 36),
            fits("v1.32.9-eksbuild.2", 32, 35),
            fits("v1.31.13-eksbuild.2", 31, 34),
            fits("v1.30.14-eksbuild.13", 30, 33),
            fits("v1.29.15-eksbuild.22", 29, 32),
            fits("v1.28.15-eksbuild.34", 28, 31),
            fits("v1.27.16-eksbuild.38", 27, 30),
            fits("v1.26.15-eksbuild.36", 25, 29),
        ],
    },
    Addon {
        name: "vpc-cni",
        kind: "networking",
        needs_permissions: true,
        versions: &[
            fits("v1.21.1-eksbuild.1", 30, 36),
            fits("v1.20.4-eksbuild.2", 28, 35),
            fits("v1.19.6-eksbuild.7", 25, 33),
            fits("v1.18.6-eksbuild.1", 25, 31),
        ],
    },
];

impl AddonVersion {
    fn suits(&self, minor: u32) -> bool {
        (self.fits.0..=self.fits.1).contains(&minor)
    }
}

impl Addon {
    /// The version that a cluster gets whose creator named none.
    fn default_for(&self, minor: u32) -> Option<&'static AddonVersion> {
        self.versions.iter().find(|version| version.suits(minor))
    }
}

/// `35` of `1.35`.
fn minor(version: &str) -> Option<u32> {
    version.strip_prefix("1.")?.parse().ok()
}

/// The version of a new add-on, or the refusal of one that does not fit its cluster. The sentences are
/// those that users report: <https://github.com/marcincuber/eks/issues/10>,
/// <https://github.com/hashicorp/terraform-provider-aws/issues/33385>.
pub(super) fn for_cluster(name: &str, wanted: Option<String>, cluster_version: &str) -> AwsResult<String> {
    let minor = minor(cluster_version).unwrap_or_default();
    let addon = ADDONS.iter().find(|addon| addon.name == name);
    let default = addon.and_then(|addon| Some((addon, addon.default_for(minor)?)));
    let Some((addon, default)) = default else {
        return Err(invalid_parameter(format!(
            "Addon {name} specified is not supported in {cluster_version} kubernetes version"
        )));
    };
    match wanted {
        None => Ok(default.name.to_owned()),
        Some(wanted)
            if addon.versions.iter().any(|version| version.name == wanted && version.suits(minor)) =>
        {
            Ok(wanted)
        }
        Some(_) => Err(invalid_parameter("Addon version specified is not supported")),
    }
}

/// DescribeAddonVersions: <https://docs.aws.amazon.com/eks/latest/APIReference/API_DescribeAddonVersions.html>.
///
/// An add-on that EKS does not know, or that fits no such cluster, gives an empty list, as users report:
/// <https://github.com/marcincuber/eks/issues/10>.
pub(super) fn describe(_: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let body = Body::of(ctx);
    let name = body.text("addonName");
    let only = body.text("kubernetesVersion").map(|version| minor(&version).unwrap_or_default());
    let chosen = |list: &str, value: &str| {
        let wanted = body.texts(list);
        wanted.is_empty() || wanted.iter().any(|wanted| wanted == value)
    };
    let rows = ADDONS.iter().filter(|addon| {
        name.as_deref().is_none_or(|name| name == addon.name)
            && chosen("types", addon.kind)
            && chosen("publishers", "eks")
            && chosen("owners", "aws")
            && only.is_none_or(|minor| addon.default_for(minor).is_some())
    });
    let rows = rows.map(|addon| (addon.name.to_owned(), told(addon, only)));
    page_of("addons", rows.collect(), &body).map(Answer::from)
}

/// <https://docs.aws.amazon.com/eks/latest/APIReference/API_AddonInfo.html>
fn told(addon: &'static Addon, only: Option<u32>) -> Value {
    let wanted = |version: &&AddonVersion| only.is_none_or(|minor| version.suits(minor));
    let versions: Vec<Value> = addon
        .versions
        .iter()
        .filter(wanted)
        .map(|version| {
            json!({
                "addonVersion": version.name,
                "architecture": ["amd64", "arm64"],
                "computeTypes": ["ec2", "auto", "hybrid"],
                "compatibilities": compatibilities(addon, version, only),
                "requiresConfiguration": false,
                "requiresIamPermissions": addon.needs_permissions,
            })
        })
        .collect();
    json!({
        "addonName": addon.name,
        "type": addon.kind,
        "addonVersions": versions,
        "publisher": "eks",
        "owner": "aws",
        "defaultNamespace": "kube-system",
    })
}

fn compatibilities(addon: &Addon, version: &AddonVersion, only: Option<u32>) -> Vec<Value> {
    let minors = (version.fits.0..=version.fits.1).rev();
    minors
        .filter(|minor| only.is_none_or(|only| only == *minor))
        .map(|minor| {
            let is_default = addon.default_for(minor).is_some_and(|default| default.name == version.name);
            json!({
                "clusterVersion": format!("1.{minor}"),
                "platformVersions": ["*"],
                "defaultVersion": is_default,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SimClock;

    fn asked(input: Value) -> Value {
        let mut world =
            World::new("111122223333", SimClock::new("2026-11-20T10:00:00Z".parse().unwrap(), 0.0));
        world.call_json("eks", "us-east-1", "DescribeAddonVersions", input).unwrap()
    }

    fn names(told: &Value) -> Vec<&str> {
        told["addons"].as_array().unwrap().iter().map(|addon| addon["addonName"].as_str().unwrap()).collect()
    }

    #[test]
    fn each_cluster_version_has_one_default_of_each_addon() {
        let told = asked(json!({}));
        assert_eq!(names(&told).len(), ADDONS.len());
        for addon in told["addons"].as_array().unwrap() {
            for minor in 25..=36 {
                let version = format!("1.{minor}");
                let defaults = addon["addonVersions"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .flat_map(|version| version["compatibilities"].as_array().unwrap())
                    .filter(|fit| fit["clusterVersion"] == version.as_str() && fit["defaultVersion"] == true);
                assert_eq!(defaults.count(), 1, "{} {version}", addon["addonName"]);
            }
        }
    }

    #[test]
    fn a_cluster_version_narrows_what_is_told_to_what_fits_it() {
        let told = asked(json!({ "addonName": "coredns", "kubernetesVersion": "1.33" }));
        assert_eq!(names(&told), ["coredns"]);
        let versions = told["addons"][0]["addonVersions"].as_array().unwrap();
        let found: Vec<&str> = versions.iter().map(|it| it["addonVersion"].as_str().unwrap()).collect();
        assert_eq!(found, ["v1.12.4-eksbuild.1", "v1.11.4-eksbuild.24"]);
        for version in versions {
            let fits = version["compatibilities"].as_array().unwrap();
            assert_eq!(fits.len(), 1);
            assert_eq!(fits[0]["clusterVersion"], "1.33");
        }
    }

    #[test]
    fn an_unknown_addon_or_version_gives_an_empty_list() {
        for input in [
            json!({ "addonName": "coffee" }),
            json!({ "kubernetesVersion": "1.99" }),
            json!({ "kubernetesVersion": "latest" }),
            json!({ "owners": ["aws-marketplace"] }),
        ] {
            assert_eq!(asked(input.clone())["addons"], json!([]), "{input}");
        }
    }

    #[test]
    fn addons_come_in_pages() {
        let first = asked(json!({ "maxResults": "2" }));
        assert_eq!(names(&first), ["aws-ebs-csi-driver", "coredns"]);
        let second = asked(json!({ "maxResults": "2", "nextToken": first["nextToken"] }));
        assert_eq!(names(&second), ["eks-pod-identity-agent", "kube-proxy"]);
        let types = asked(json!({ "types": ["storage", "security"] }));
        assert_eq!(names(&types), ["aws-ebs-csi-driver", "eks-pod-identity-agent"]);
    }

    #[test]
    fn an_addon_is_made_only_in_a_version_that_fits_its_cluster() {
        let made = for_cluster("vpc-cni", None, "1.36").unwrap();
        assert_eq!(made, "v1.21.1-eksbuild.1");
        let old = || Some("v1.18.6-eksbuild.1".to_owned());
        assert!(for_cluster("vpc-cni", old(), "1.31").is_ok());
        let refusal = for_cluster("vpc-cni", old(), "1.36").unwrap_err();
        assert_eq!(refusal.code, "InvalidParameterException");
        assert_eq!(refusal.message, "Addon version specified is not supported");
        let refusal = for_cluster("coffee", None, "1.35").unwrap_err();
        assert_eq!(refusal.message, "Addon coffee specified is not supported in 1.35 kubernetes version");
    }
}
