//! The CDK's stacks: one of a cluster that could not be deleted, and one at work.
//!
//! | who | age | what |
//! | --- | --- | --- |
//! | `CDKToolkit` | 200 days | the roles, the bucket and the version that the CDK deploys with |
//! | `ShopProd` | 30 days | a cluster at work: a stack with two nested ones |
//! | `ShopProdApp` | 30 days | imports the VPC from it |
//! | `ShopProdTest` | 2 days | the same as `ShopProd`, deleted yesterday: DELETE_FAILED, the cluster is gone |

use std::collections::BTreeSet;

use serde_json::json;

use super::ScenarioError;
use super::builder::{Builder, days, minutes, tags};
use super::network::add_group;
use super::stacks::{delete_stack, leave_balancer, leave_interface, make_stack, physical, stack};
use super::templates::{CDK, NODE_POLICIES, both, exported, network, provider, reference, role};
use crate::cloudformation::{NewMember, NewStack, seed};
use crate::stores::cloudformation::StackStatus;
use crate::tags::Tags;

/// The logical ids of the nested stacks.
const NETWORK: &str = "NetworkNestedStackNetworkNestedStackResource2E4B2A6F";
const PROVIDER: &str = "awscdkawseksClusterResourceProviderNestedStackawscdkawseksClusterResourceProviderNestedStackResource9827C454";

/// The outermost stack of an app with a cluster.
struct Made {
    id: String,
    network: String,
    cluster: String,
}

/// Tells the story.
pub(super) fn tell(builder: &mut Builder) -> Result<(), ScenarioError> {
    builder.ago(days(200));
    toolkit(builder)?;
    builder.ago(days(30));
    let prod = make(builder, "ShopProd", 3)?;
    app(builder, &prod)?;
    builder.ago(days(2));
    let made = make(builder, "ShopProdTest", 1)?;
    let private = physical(builder, &made.network, CDK.subnets[2])?;
    leave_interface(builder, &made.cluster, &private)?;
    let vpc = physical(builder, &made.network, CDK.vpc)?;
    let public: Result<Vec<String>, _> =
        CDK.subnets[..2].iter().map(|name| physical(builder, &made.network, name)).collect();
    leave_balancer(builder, &made.cluster, (&vpc, &public?))?;
    builder.ago(days(1));
    delete_stack(builder, &made.id, &[], StackStatus::DeleteFailed)?;
    use_what_works(builder);
    Ok(())
}

/// What `cdk bootstrap` makes, but for its repository and its other roles.
/// <https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-env.html>
fn toolkit(builder: &mut Builder) -> Result<(), ScenarioError> {
    let mut resources = json!({});
    for (logical, name) in
        [("CloudFormationExecutionRole", "cfn-exec-role"), ("DeploymentActionRole", "deploy-role")]
    {
        let mut one = role("cloudformation.amazonaws.com", &["AdministratorAccess"]);
        one["Properties"]["RoleName"] =
            json!({ "Fn::Sub": format!("cdk-hnb659fds-{name}-${{AWS::AccountId}}-${{AWS::Region}}") });
        resources[logical] = one;
    }
    resources["StagingBucket"] = json!({
        "Type": "AWS::S3::Bucket", "DeletionPolicy": "Retain",
        "Properties": { "BucketName": { "Fn::Sub": "cdk-hnb659fds-assets-${AWS::AccountId}-${AWS::Region}" } },
    });
    resources["CdkBootstrapVersion"] = json!({ "Type": "AWS::SSM::Parameter", "Properties": {
        "Name": "/cdk-bootstrap/hnb659fds/version", "Type": "String", "Value": "29",
    } });
    let outputs = json!({ "BootstrapVersion": { "Value": "29" } });
    make_stack(builder, "CDKToolkit", &Tags::new(), (resources, outputs)).map(|_| ())
}

/// A stack with two nested ones: its network, and the functions that make the cluster. The cluster itself is a
/// custom resource: <https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_eks-readme.html>.
fn make(builder: &mut Builder, name: &str, number: u8) -> Result<Made, ScenarioError> {
    let marks = tags(&[("Project", "shop"), ("Stage", name)]);
    let tail = builder.world.ids.hex(12).to_uppercase();
    let own = format!("{name}-NetworkNestedStackNetworkNestedStackResource2E4B2A6F-{tail}");
    let network = make_stack(builder, &own, &marks, (network(&CDK, number), json!({})))?;
    let own = format!("{name}-awscdkawseksClusterResourceProviderNestedStackawscdkawseksClusterRes-{tail}");
    let provider = make_stack(builder, &own, &marks, (provider(), json!({})))?;
    let vpc = physical(builder, &network, CDK.vpc)?;
    let mut members = vec![
        nested(NETWORK, &network),
        nested(PROVIDER, &provider),
        member("CDKMetadata", "AWS::CDK::Metadata", &builder.world.ids.uuid()),
    ];
    members.extend(cluster(builder, name, (&network, &vpc))?);
    let export = format!("{name}:ExportsOutputRefVpc8378EB38C272D776");
    let outputs = vec![("ExportsOutputRefVpc8378EB38C272D776".to_owned(), vpc, Some(export))];
    let new = NewStack { name: name.to_owned(), tags: marks, outputs, members, ..NewStack::default() };
    let region = builder.region.clone();
    let id = seed(&mut builder.world, &region, new);
    for child in [&network, &provider] {
        if let Some(child) = stack(builder, child) {
            (child.parent, child.root) = (Some(id.clone()), Some(id.clone()));
        }
    }
    let cluster = physical(builder, &id, "Cluster9EE0221C")?;
    Ok(Made { id, network, cluster })
}

fn member(logical: &str, kind: &str, physical: &str) -> NewMember {
    NewMember {
        logical: logical.to_owned(),
        kind: kind.to_owned(),
        physical: physical.to_owned(),
        ..NewMember::default()
    }
}

fn nested(logical: &str, id: &str) -> NewMember {
    member(logical, "AWS::CloudFormation::Stack", id)
}

/// Logical id, name and ARN of the control plane's role and of the nodes'.
fn roles(builder: &mut Builder, stack: &str) -> Result<[(&'static str, String, String); 2], ScenarioError> {
    let plane = "ClusterRoleFA261979";
    let nodes = "ClusterNodegroupDefaultCapacityNodeGroupRole55953B04";
    let plane = make_role(builder, stack, plane, ("eks.amazonaws.com", &["AmazonEKSClusterPolicy"]))?;
    let nodes = make_role(builder, stack, nodes, ("ec2.amazonaws.com", &NODE_POLICIES))?;
    Ok([plane, nodes])
}

fn make_role(
    builder: &mut Builder,
    stack: &str,
    logical: &'static str,
    (service, policies): (&str, &[&str]),
) -> Result<(&'static str, String, String), ScenarioError> {
    let role = format!("{stack}-{logical}-{}", builder.world.ids.hex(12));
    let trust = crate::stores::iam::service_trust(service);
    let params = [("RoleName", role.as_str()), ("AssumeRolePolicyDocument", &trust)];
    let arn = builder.call("iam", "CreateRole", &params)?.text("Arn")?;
    for policy in policies {
        let policy = format!("arn:aws:iam::aws:policy/{policy}");
        builder.call("iam", "AttachRolePolicy", &[("RoleName", &role), ("PolicyArn", &policy)])?;
    }
    Ok((logical, role, arn))
}

/// The cluster with its nodes and its provider, made for the CDK by functions and by CloudFormation.
fn cluster(
    builder: &mut Builder,
    name: &str,
    (network, vpc): (&str, &str),
) -> Result<Vec<NewMember>, ScenarioError> {
    let [(plane_logical, plane_role, plane_arn), (nodes_logical, nodes_role, nodes_arn)] =
        roles(builder, name)?;
    let group_name = format!("{name}-ClusterControlPlaneSecurityGroupD274242C-{}", builder.world.ids.hex(12));
    let group = add_group(builder, vpc, &group_name, &Tags::new())?;
    let mut subnets = Vec::new();
    for logical in CDK.subnets {
        subnets.push(physical(builder, network, logical)?);
    }
    // The custom resource names the cluster `Cluster9EE0221C-<32 digits>`.
    let cluster = format!("Cluster9EE0221C-{}", builder.world.ids.hex(32));
    builder.json(
        "eks",
        "CreateCluster",
        json!({
            "name": cluster,
            "roleArn": plane_arn,
            "resourcesVpcConfig": { "subnetIds": subnets, "securityGroupIds": [group] },
        }),
    )?;
    builder.wait(minutes(12));
    let nodes = format!("ClusterNodegroupDefaultCapa-{}", builder.world.ids.hex(12));
    builder.json(
        "eks",
        "CreateNodegroup",
        json!({
            "clusterName": cluster,
            "nodegroupName": nodes,
            "nodeRole": nodes_arn,
            "subnets": subnets[2..],
            "scalingConfig": { "minSize": 1, "maxSize": 2, "desiredSize": 1 },
        }),
    )?;
    let told = builder.json("eks", "DescribeCluster", json!({ "name": cluster }))?;
    let issuer = told["cluster"]["identity"]["oidc"]["issuer"].as_str().unwrap_or_default().to_owned();
    let params = [("Url", issuer.as_str()), ("ClientIDList.member.1", "sts.amazonaws.com")];
    let provider =
        builder.call("iam", "CreateOpenIDConnectProvider", &params)?.text("OpenIDConnectProviderArn")?;
    builder.wait(minutes(15));
    let group_of = NewMember {
        needs: BTreeSet::from([NETWORK.to_owned()]),
        ..member("ClusterControlPlaneSecurityGroupD274242C", "AWS::EC2::SecurityGroup", &group)
    };
    Ok(vec![
        group_of,
        member(plane_logical, "AWS::IAM::Role", &plane_role),
        member(nodes_logical, "AWS::IAM::Role", &nodes_role),
        member("Cluster9EE0221C", "Custom::AWSCDK-EKS-Cluster", &cluster),
        member("ClusterAwsAuthmanifestFE51F8AE", "Custom::AWSCDK-EKS-KubernetesResource", "aws-auth"),
        member("ClusterOpenIdConnectProviderE7EB0530", "Custom::AWSCDKOpenIdConnectProvider", &provider),
        member(
            "ClusterNodegroupDefaultCapacityDA0920A3",
            "AWS::EKS::Nodegroup",
            &format!("{cluster}/{nodes}"),
        ),
    ])
}

/// A stack beside the healthy one, which takes the VPC from it.
fn app(builder: &mut Builder, prod: &Made) -> Result<(), ScenarioError> {
    let export =
        stack(builder, &prod.id).and_then(|stack| stack.outputs.first()?.export.clone()).unwrap_or_default();
    let resources = both(
        json!({ "AppSecurityGroup": { "Type": "AWS::EC2::SecurityGroup", "Properties": {
            "GroupDescription": "the shop", "VpcId": { "Fn::ImportValue": export },
        } } }),
        json!({ "AppLogs": { "Type": "AWS::Logs::LogGroup", "Properties": { "LogGroupName": "/shop/app" } } }),
    );
    let outputs = json!({ "Logs": exported("ShopProdApp:Logs", reference("AppLogs")) });
    make_stack(builder, "ShopProdApp", &tags(&[("Project", "shop")]), (resources, outputs)).map(|_| ())
}

/// The roles of the stacks at work were used until the end.
fn use_what_works(builder: &mut Builder) {
    builder.ago(minutes(20));
    let (now, region) = (builder.world.clock.now(), builder.region.clone());
    for role in builder.world.iam.roles.values_mut() {
        if role.name.starts_with("ShopProd-") || role.name.starts_with("cdk-") {
            role.last_used = Some((now, region.clone()));
        }
    }
}
