//! What EKS supports in a region and which names KMS has given: asked by `preflight` for the checks that
//! compare with it.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_eks::types::{AddonVersionInfo, ClusterVersionInformation};
use futures::FutureExt;

use super::clients::Aws;
use super::shapes::{each, side_by_side, timestamp, told};
use crate::model::{CloudError, ErrorClass};
use crate::preflight::{AddonSupport, ClusterSupport, EksSupport, Support};

/// EKS's and KMS's largest page.
const PAGE: i32 = 100;

/// Every Kubernetes version, and the versions of these add-ons, each with the cluster version it is to run on.
/// For a cluster version that EKS does not have, nothing is asked: no add-on goes with it.
pub(super) async fn eks(aws: &Aws, addons: &BTreeSet<(String, String)>) -> Result<EksSupport, CloudError> {
    let clusters = cluster_versions(aws).await?;
    let known = addons.iter().filter(|(_, cluster)| clusters.contains_key(cluster));
    let answers =
        side_by_side(known.map(|(addon, cluster)| addon_versions(aws, addon, cluster).boxed()).collect())
            .await?;
    let none = addons.iter().map(|pair| (pair.clone(), AddonSupport::default()));
    Ok(EksSupport { clusters, addons: none.chain(answers).collect() })
}

/// <https://docs.aws.amazon.com/eks/latest/APIReference/API_DescribeClusterVersions.html>
async fn cluster_versions(aws: &Aws) -> Result<BTreeMap<String, ClusterSupport>, CloudError> {
    let api = "eks:DescribeClusterVersions";
    let call = aws.eks.describe_cluster_versions().include_all(true).max_results(PAGE);
    let send = |token| call.clone().set_next_token(token).send();
    let mut versions = BTreeMap::new();
    for page in aws.pages(api, send, |page| page.next_token()).await? {
        for it in told(api, page.cluster_versions)? {
            // Clusters on an Outpost have versions of their own.
            if it.cluster_type().is_some_and(|kind| kind != "eks") {
                continue;
            }
            if let Some(version) = it.cluster_version() {
                versions.insert(version.to_owned(), cluster_support(api, &it)?);
            }
        }
    }
    Ok(versions)
}

/// How far a version is supported, in AWS's own word. A word that nobody here knows is no answer: a guess
/// would call a version supported or lost.
fn cluster_support(api: &str, it: &ClusterVersionInformation) -> Result<ClusterSupport, CloudError> {
    // `status` is the older spelling of the same, in small letters and with hyphens.
    let word =
        it.version_status().map(|status| status.as_str()).or(it.status().map(|status| status.as_str()));
    let support = match word.map(|word| word.to_ascii_lowercase().replace('-', "_")).as_deref() {
        Some("standard_support") => Support::Standard,
        Some("extended_support") => Support::Extended,
        Some("unsupported") => Support::Unsupported,
        other => {
            let version = it.cluster_version().unwrap_or("a version");
            return Err(CloudError {
                class: ErrorClass::Refused,
                api: api.to_owned(),
                code: "UnreadableAnswer".to_owned(),
                message: format!(
                    "the status of {version} is {}, which is not known",
                    other.unwrap_or("missing")
                ),
                request_id: None,
            });
        }
    };
    Ok(ClusterSupport {
        support,
        standard_until: it.end_of_standard_support_date().and_then(timestamp),
        extended_until: it.end_of_extended_support_date().and_then(timestamp),
        is_default: it.default_version(),
    })
}

/// <https://docs.aws.amazon.com/eks/latest/APIReference/API_DescribeAddonVersions.html>
async fn addon_versions(
    aws: &Aws,
    addon: &str,
    cluster: &str,
) -> Result<((String, String), AddonSupport), CloudError> {
    let api = "eks:DescribeAddonVersions";
    let call =
        aws.eks.describe_addon_versions().addon_name(addon).kubernetes_version(cluster).max_results(PAGE);
    let send = |token| call.clone().set_next_token(token).send();
    let mut support = AddonSupport::default();
    // An add-on of which EKS has never heard has no versions.
    for page in each(aws.pages(api, send, |page| page.next_token()).await)?.into_iter().flatten() {
        for it in told(api, page.addons)?.iter().filter(|it| it.addon_name() == Some(addon)) {
            for version in it.addon_versions() {
                add_version(&mut support, version, cluster);
            }
        }
    }
    Ok(((addon.to_owned(), cluster.to_owned()), support))
}

/// Adds a version, if it goes with this cluster version.
fn add_version(support: &mut AddonSupport, it: &AddonVersionInfo, cluster: &str) {
    let Some(version) = it.addon_version() else { return };
    let mut fitting = it.compatibilities().iter().filter(|with| with.cluster_version() == Some(cluster));
    let Some(with) = fitting.next() else { return };
    support.versions.push(version.to_owned());
    if with.default_version() {
        support.default = Some(version.to_owned());
    }
}

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_ListAliases.html>
pub(super) async fn kms_aliases(aws: &Aws) -> Result<BTreeSet<String>, CloudError> {
    let api = "kms:ListAliases";
    let call = aws.kms.list_aliases().limit(PAGE);
    let send = |marker| call.clone().set_marker(marker).send();
    let mut names = BTreeSet::new();
    for page in aws.pages(api, send, |page| page.next_marker()).await? {
        names.extend(told(api, page.aliases)?.into_iter().filter_map(|alias| alias.alias_name));
    }
    Ok(names)
}

/// The value of a parameter, `None` if there is none.
pub(super) async fn parameter(aws: &Aws, name: &str) -> Result<Option<String>, CloudError> {
    let api = "ssm:GetParameter";
    let call = || aws.ssm.get_parameter().name(name).with_decryption(true).send();
    match aws.read(api, call).await {
        Err(error) if error.code == "ParameterNotFound" => Ok(None),
        answer => Ok(answer?.parameter.and_then(|it| it.value)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::scripted::Script;
    use crate::session::CallMode;

    const VERSIONS: &str = r#"{"clusterVersions": [
        {"clusterVersion": "1.34", "clusterType": "eks", "versionStatus": "STANDARD_SUPPORT",
         "defaultVersion": true, "endOfStandardSupportDate": 1796169600, "endOfExtendedSupportDate": 1827705600},
        {"clusterVersion": "1.32", "status": "extended-support"},
        {"clusterVersion": "1.29", "versionStatus": "UNSUPPORTED"},
        {"clusterVersion": "1.30", "clusterType": "eks-local-outposts", "versionStatus": "STANDARD_SUPPORT"}]}"#;

    fn pair(addon: &str, cluster: &str) -> (String, String) {
        (addon.to_owned(), cluster.to_owned())
    }

    #[tokio::test]
    async fn versions_are_read_with_their_support_in_either_spelling() {
        let script = Script::new([(200, VERSIONS)]);
        let read = eks(&script.aws(CallMode::Real), &BTreeSet::new()).await.unwrap();
        let support: Vec<(&str, Support)> =
            read.clusters.iter().map(|(version, it)| (version.as_str(), it.support)).collect();
        assert_eq!(
            support,
            [("1.29", Support::Unsupported), ("1.32", Support::Extended), ("1.34", Support::Standard)]
        );
        let newest = &read.clusters["1.34"];
        assert!(newest.is_default);
        assert_eq!(newest.standard_until.unwrap().to_string(), "2026-12-02T00:00:00Z");
        assert_eq!(newest.extended_until.unwrap().to_string(), "2027-12-02T00:00:00Z");
    }

    #[tokio::test]
    async fn a_status_that_nobody_knows_is_no_answer() {
        for status in [r#""versionStatus": "PREVIEW""#, r#""defaultVersion": false"#] {
            let body = format!(r#"{{"clusterVersions": [{{"clusterVersion": "1.40", {status}}}]}}"#);
            let error = eks(&Script::new([(200, body.as_str())]).aws(CallMode::Real), &BTreeSet::new()).await;
            assert!(error.unwrap_err().message.contains("1.40"));
        }
        let empty = eks(&Script::always(200, "{}").aws(CallMode::Real), &BTreeSet::new()).await;
        assert!(empty.is_err(), "an answer without versions is not \"there are none\"");
    }

    #[tokio::test]
    async fn an_add_on_has_the_versions_that_go_with_the_cluster_over_all_pages() {
        let page = |versions: &str, next: &str| {
            format!(r#"{{"addons": [{{"addonName": "coredns", "addonVersions": [{versions}]}}]{next}}}"#)
        };
        let version = |name: &str, cluster: &str, default: bool| {
            format!(
                r#"{{"addonVersion": "{name}", "compatibilities":
                [{{"clusterVersion": "{cluster}", "defaultVersion": {default}}}]}}"#
            )
        };
        let first = format!("{},{}", version("v1.12", "1.34", false), version("v1.11", "1.34", true));
        let script = Script::matching([
            ("/cluster-versions", 200, VERSIONS),
            ("nextToken=two", 200, page(&version("v1.10", "1.33", true), "").as_str()),
            ("/addons/supported-versions", 200, page(&first, r#", "nextToken": "two""#).as_str()),
        ]);
        let wanted = BTreeSet::from([pair("coredns", "1.34")]);
        let read = eks(&script.aws(CallMode::Real), &wanted).await.unwrap();
        let support = &read.addons[&pair("coredns", "1.34")];
        assert_eq!(support.versions, ["v1.12", "v1.11"]);
        assert_eq!(support.default.as_deref(), Some("v1.11"));
    }

    #[tokio::test]
    async fn an_add_on_or_a_cluster_version_that_does_not_exist_has_no_versions() {
        let gone = r#"{"__type": "ResourceNotFoundException", "message": "no such add-on"}"#;
        let script = Script::matching([
            ("/cluster-versions", 200, VERSIONS),
            ("addonName=nothing", 404, gone),
            ("addonName=empty", 200, r#"{"addons": []}"#),
        ]);
        let wanted =
            BTreeSet::from([pair("nothing", "1.34"), pair("empty", "1.34"), pair("coredns", "1.99")]);
        let read = eks(&script.aws(CallMode::Real), &wanted).await.unwrap();
        assert_eq!(read.addons.len(), 3);
        assert!(read.addons.values().all(|it| *it == AddonSupport::default()));
        assert_eq!(script.requests().len(), 3, "nothing goes with a version that is not there");
    }

    #[tokio::test]
    async fn what_eks_refuses_is_an_error() {
        let denied = r#"{"__type": "AccessDeniedException", "message": "no"}"#;
        let script = Script::matching([
            ("/cluster-versions", 200, VERSIONS),
            ("/addons/supported-versions", 403, denied),
        ]);
        let answer = eks(&script.aws(CallMode::Real), &BTreeSet::from([pair("coredns", "1.34")])).await;
        assert_eq!(answer.unwrap_err().class, ErrorClass::Denied);
    }

    #[tokio::test]
    async fn aliases_are_read_over_all_pages() {
        let script = Script::new([
            (200, r#"{"Aliases": [{"AliasName": "alias/aws/ebs"}], "Truncated": true, "NextMarker": "m"}"#),
            (200, r#"{"Aliases": [{"AliasName": "alias/shop"}], "Truncated": false}"#),
        ]);
        let read = kms_aliases(&script.aws(CallMode::Real)).await.unwrap();
        assert_eq!(Vec::from_iter(read), ["alias/aws/ebs", "alias/shop"]);
        assert!(script.requests()[1].contains(r#""Marker":"m""#));
        assert!(kms_aliases(&Script::always(200, "{}").aws(CallMode::Real)).await.is_err());
    }
}
