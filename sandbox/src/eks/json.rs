//! EKS's records as its REST JSON tells them. Names and forms are those of the service model;
//! timestamps are epoch seconds (<https://docs.aws.amazon.com/eks/latest/APIReference/API_Cluster.html>).

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::stores::eks::{AccessEntry, Addon, Association, Cluster, FargateProfile, Issue, Nodegroup};

/// `cluster` of DescribeCluster, CreateCluster and DeleteCluster.
pub fn cluster(region: &str, cluster: &Cluster) -> Value {
    let mut value = json!({
        "name": cluster.name,
        "arn": cluster.arn,
        "createdAt": epoch(cluster.created),
        "version": cluster.version,
        "roleArn": cluster.role_arn,
        "resourcesVpcConfig": {
            "subnetIds": cluster.subnets,
            "securityGroupIds": cluster.groups,
            "clusterSecurityGroupId": cluster.cluster_group,
            "vpcId": cluster.vpc,
            "endpointPublicAccess": true,
            "endpointPrivateAccess": false,
            "publicAccessCidrs": ["0.0.0.0/0"],
        },
        "kubernetesNetworkConfig": { "serviceIpv4Cidr": "172.20.0.0/16", "ipFamily": "ipv4" },
        "status": cluster.status.as_str(),
        "certificateAuthority": {},
        "platformVersion": "eks.1",
        "tags": cluster.tags,
        "health": { "issues": issues(&cluster.issues) },
        "accessConfig": { "authenticationMode": "API_AND_CONFIG_MAP" },
        "upgradePolicy": { "supportType": "EXTENDED" },
        "deletionProtection": cluster.deletion_protection,
    });
    if cluster.served {
        value["endpoint"] = json!(format!("https://{}.gr7.{region}.eks.amazonaws.com", cluster.identity));
        value["identity"] = json!({ "oidc": { "issuer": issuer(region, cluster) } });
        value["certificateAuthority"] = json!({ "data": "LS0tLS1CRUdJTi1DRVJUSUZJQ0FURS0tLS0t" });
    }
    if let Some(token) = &cluster.client_request_token {
        value["clientRequestToken"] = json!(token);
    }
    value
}

/// The issuer of the tokens of a cluster's service accounts.
/// <https://docs.aws.amazon.com/eks/latest/userguide/enable-iam-roles-for-service-accounts.html>
pub fn issuer(region: &str, cluster: &Cluster) -> String {
    format!("https://oidc.eks.{region}.amazonaws.com/id/{}", cluster.identity)
}

/// `nodegroup` of DescribeNodegroup, CreateNodegroup and DeleteNodegroup.
pub fn nodegroup(cluster: &Cluster, group: &Nodegroup) -> Value {
    let mut value = json!({
        "nodegroupName": group.name,
        "nodegroupArn": group.arn,
        "clusterName": cluster.name,
        "version": group.version,
        "createdAt": epoch(group.created),
        "modifiedAt": epoch(group.modified),
        "status": group.status.as_str(),
        "capacityType": group.capacity_type,
        "scalingConfig": {
            "minSize": group.scaling.min,
            "maxSize": group.scaling.max,
            "desiredSize": group.scaling.desired,
        },
        "instanceTypes": group.instance_types,
        "subnets": group.subnets,
        "amiType": group.ami_type,
        "nodeRole": group.node_role,
        "labels": group.labels,
        "resources": { "autoScalingGroups": [{ "name": group.scaling_group }] },
        "health": { "issues": issues(&group.issues) },
        "updateConfig": { "maxUnavailable": 1 },
        "tags": group.tags,
    });
    if let Some(size) = group.disk_size {
        value["diskSize"] = json!(size);
    }
    if let Some(access) = &group.remote_access {
        value["remoteAccess"] = json!({ "ec2SshKey": access.key });
        value["resources"]["remoteAccessSecurityGroup"] = json!(access.group);
    }
    if let Some(template) = &group.template {
        value["launchTemplate"] =
            json!({ "id": template.id, "name": template.name, "version": template.version });
    }
    value
}

/// `addon` of DescribeAddon, CreateAddon and DeleteAddon.
pub fn addon(cluster: &str, name: &str, addon: &Addon) -> Value {
    let mut value = json!({
        "addonName": name,
        "clusterName": cluster,
        "status": addon.status.as_str(),
        "addonVersion": addon.version,
        "health": { "issues": [] },
        "addonArn": addon.arn,
        "createdAt": epoch(addon.created),
        "modifiedAt": epoch(addon.modified),
        "tags": addon.tags,
        "publisher": "eks",
        "owner": "aws",
    });
    if let Some(role) = &addon.role_arn {
        value["serviceAccountRoleArn"] = json!(role);
    }
    value
}

/// `fargateProfile` of DescribeFargateProfile, CreateFargateProfile and DeleteFargateProfile.
pub fn fargate_profile(cluster: &str, name: &str, profile: &FargateProfile) -> Value {
    json!({
        "fargateProfileName": name,
        "fargateProfileArn": profile.arn,
        "clusterName": cluster,
        "createdAt": epoch(profile.created),
        "podExecutionRoleArn": profile.role_arn,
        "subnets": profile.subnets,
        "selectors": profile.selectors,
        "status": profile.status.as_str(),
        "tags": profile.tags,
        "health": { "issues": [] },
    })
}

fn issues(issues: &[Issue]) -> Value {
    issues
        .iter()
        .map(|issue| json!({ "code": issue.code, "message": issue.message, "resourceIds": issue.resources }))
        .collect()
}

/// A moment as EKS tells it.
pub fn epoch(at: Timestamp) -> f64 {
    at.as_millisecond() as f64 / 1000.0
}

/// As DescribeAccessEntry tells it.
pub fn access_entry(cluster: &str, principal: &str, entry: &AccessEntry) -> Value {
    json!({
        "clusterName": cluster,
        "principalArn": principal,
        "kubernetesGroups": entry.groups,
        "accessEntryArn": entry.arn,
        "createdAt": epoch(entry.created),
        "modifiedAt": epoch(entry.created),
        "tags": entry.tags,
        "username": principal,
        "type": entry.entry_type,
    })
}

/// As ListPodIdentityAssociations tells it.
pub fn association_summary(cluster: &str, it: &Association) -> Value {
    json!({
        "clusterName": cluster,
        "namespace": it.namespace,
        "serviceAccount": it.service_account,
        "associationArn": it.arn,
        "associationId": it.id,
    })
}

/// As DescribePodIdentityAssociation tells it.
pub fn association(cluster: &str, it: &Association) -> Value {
    let mut value = association_summary(cluster, it);
    value["roleArn"] = json!(it.role_arn);
    value["createdAt"] = json!(epoch(it.created));
    value["modifiedAt"] = json!(epoch(it.created));
    value["tags"] = json!(it.tags);
    if let Some(target) = &it.target_role_arn {
        value["targetRoleArn"] = json!(target);
    }
    value
}
