//! Which operation a method and a path mean, and the members that they carry.
//!
//! Paths and member names are the service model's:
//! <https://docs.aws.amazon.com/eks/latest/APIReference/API_Operations.html>.

use serde_json::{Map, Value};

use crate::protocol::{Request, path_members};

/// One way to an operation: method, path (`{member}` stands for one part), operation.
type Route = (&'static str, &'static str, &'static str);

const ROUTES: &[Route] = &[
    ("POST", "clusters", "CreateCluster"),
    ("GET", "clusters", "ListClusters"),
    ("GET", "clusters/{name}", "DescribeCluster"),
    ("DELETE", "clusters/{name}", "DeleteCluster"),
    ("POST", "clusters/{name}/update-config", "UpdateClusterConfig"),
    ("POST", "clusters/{clusterName}/node-groups", "CreateNodegroup"),
    ("GET", "clusters/{clusterName}/node-groups", "ListNodegroups"),
    ("GET", "clusters/{clusterName}/node-groups/{nodegroupName}", "DescribeNodegroup"),
    ("DELETE", "clusters/{clusterName}/node-groups/{nodegroupName}", "DeleteNodegroup"),
    ("GET", "cluster-versions", "DescribeClusterVersions"),
    ("GET", "addons/supported-versions", "DescribeAddonVersions"),
    ("POST", "clusters/{clusterName}/addons", "CreateAddon"),
    ("GET", "clusters/{clusterName}/addons", "ListAddons"),
    ("GET", "clusters/{clusterName}/addons/{addonName}", "DescribeAddon"),
    ("DELETE", "clusters/{clusterName}/addons/{addonName}", "DeleteAddon"),
    ("POST", "clusters/{clusterName}/fargate-profiles", "CreateFargateProfile"),
    ("GET", "clusters/{clusterName}/fargate-profiles", "ListFargateProfiles"),
    ("GET", "clusters/{clusterName}/fargate-profiles/{fargateProfileName}", "DescribeFargateProfile"),
    ("DELETE", "clusters/{clusterName}/fargate-profiles/{fargateProfileName}", "DeleteFargateProfile"),
    ("POST", "clusters/{clusterName}/access-entries", "CreateAccessEntry"),
    ("GET", "clusters/{clusterName}/access-entries", "ListAccessEntries"),
    ("GET", "clusters/{clusterName}/access-entries/{principalArn+}", "DescribeAccessEntry"),
    ("DELETE", "clusters/{clusterName}/access-entries/{principalArn+}", "DeleteAccessEntry"),
    ("POST", "clusters/{clusterName}/pod-identity-associations", "CreatePodIdentityAssociation"),
    ("GET", "clusters/{clusterName}/pod-identity-associations", "ListPodIdentityAssociations"),
    (
        "GET",
        "clusters/{clusterName}/pod-identity-associations/{associationId}",
        "DescribePodIdentityAssociation",
    ),
    (
        "DELETE",
        "clusters/{clusterName}/pod-identity-associations/{associationId}",
        "DeletePodIdentityAssociation",
    ),
    ("POST", "clusters/{clusterName}/identity-provider-configs", "ListIdentityProviderConfigs"),
    ("GET", "clusters/{clusterName}/identity-provider-configs", "ListIdentityProviderConfigs"),
    ("GET", "clusters/{clusterName}/capabilities", "ListCapabilities"),
    ("POST", "tags/{resourceArn+}", "TagResource"),
    ("DELETE", "tags/{resourceArn+}", "UntagResource"),
    ("GET", "tags/{resourceArn+}", "ListTagsForResource"),
];

/// The members in query strings that may stand there several times.
const LISTS: &[&str] = &["tagKeys", "clusterVersions", "types", "publishers", "owners"];

/// The operation of a request, with the members that its path and query carry.
pub(super) fn route(request: &Request) -> Option<(&'static str, Map<String, Value>)> {
    let path = request.path.trim_matches('/');
    let (mut members, operation) = ROUTES.iter().find_map(|(method, pattern, operation)| {
        (*method == request.method)
            .then(|| path_members(pattern, path))
            .flatten()
            .map(|members| (members, *operation))
    })?;
    for (key, value) in form_urlencoded::parse(request.query.as_bytes()) {
        if LISTS.contains(&key.as_ref()) {
            let list = members.entry(key.into_owned()).or_insert_with(|| Value::Array(Vec::new()));
            list.as_array_mut()?.push(Value::String(value.into_owned()));
        } else {
            members.insert(key.into_owned(), Value::String(value.into_owned()));
        }
    }
    Some((operation, members))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn routed(method: &str, path: &str, query: &str) -> Option<(&'static str, Map<String, Value>)> {
        let request =
            Request { method: method.into(), path: path.into(), query: query.into(), ..Request::default() };
        route(&request)
    }

    #[test]
    fn a_path_tells_the_operation_and_its_members() {
        let (action, members) = routed("DELETE", "/clusters/a/node-groups/b-1", "").unwrap();
        assert_eq!(action, "DeleteNodegroup");
        assert_eq!(members["clusterName"], "a");
        assert_eq!(members["nodegroupName"], "b-1");
        assert!(routed("PATCH", "/clusters/a", "").is_none());
        assert!(routed("GET", "/clusters/a/unheard-of", "").is_none());
    }

    #[test]
    fn an_arn_arrives_whole_however_its_slash_was_sent() {
        for path in ["/tags/arn%3Aaws%3Aeks%3Ar%3A1%3Acluster%2Fa", "/tags/arn:aws:eks:r:1:cluster/a"] {
            let (action, members) = routed("DELETE", path, "tagKeys=x&tagKeys=y").unwrap();
            assert_eq!(action, "UntagResource");
            assert_eq!(members["resourceArn"], "arn:aws:eks:r:1:cluster/a");
            assert_eq!(members["tagKeys"].as_array().unwrap().len(), 2);
        }
    }
}
