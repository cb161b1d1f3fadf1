//! The embedded AWS serves any client: boto3 lists and is refused by it.

use aws_janitor_sandbox::scenario;
use jiff::Timestamp;

use crate::program::serve;
use crate::venv::Venv;

/// What boto3 is made to do: list, be refused as AWS refuses, be answered with AWS's codes.
const SCRIPT: &str = r#"
import boto3, botocore, sys
from botocore.config import Config
where = dict(endpoint_url=sys.argv[1], region_name="us-east-1", aws_access_key_id="AKIAEXAMPLE",
             aws_secret_access_key="secret", config=Config(retries={"max_attempts": 0}))
ec2 = boto3.client("ec2", **where)
def code(call, **kw):
    try:
        call(**kw)
        return "accepted"
    except botocore.exceptions.ClientError as e:
        return e.response["Error"]["Code"]
tagged = [{"Name": "tag:EnvironmentSuffix", "Values": ["attempt-1"]}]
addresses = ec2.describe_addresses()["Addresses"]
print("addresses", len(addresses))
print("allocate", code(ec2.allocate_address))
vpc = ec2.describe_vpcs(Filters=tagged)["Vpcs"][0]["VpcId"]
print("delete-vpc", code(ec2.delete_vpc, VpcId=vpc))
held = [a for a in addresses if "AssociationId" in a][0]
print("release", code(ec2.release_address, AllocationId=held["AllocationId"]))
pages = list(ec2.get_paginator("describe_subnets").paginate(PaginationConfig={"PageSize": 5}))
print("subnet-pages", len(pages) > 1)
print("dry-run", code(ec2.delete_vpc, VpcId=vpc, DryRun=True))
iam = boto3.client("iam", **where)
roles = [r for p in iam.get_paginator("get_account_authorization_details").paginate(Filter=["Role"]) for r in p["RoleDetailList"]]
role = [r["RoleName"] for r in roles if "attempt-1" in r["RoleName"]][0]
print("delete-role", code(iam.delete_role, RoleName=role))
eks = boto3.client("eks", **where)
cluster = [c for c in eks.list_clusters()["clusters"] if "attempt-1" in c][0]
print("cluster", eks.describe_cluster(name=cluster)["cluster"]["status"])
print("delete-cluster", code(eks.delete_cluster, name=cluster))
print("account", boto3.client("sts", **where).get_caller_identity()["Account"])
print("balancers", len(boto3.client("elbv2", **where).describe_load_balancers()["LoadBalancers"]) > 0)
print("log-groups", len(boto3.client("logs", **where).describe_log_groups()["logGroups"]) > 0)
tagging = boto3.client("resourcegroupstaggingapi", **where)
print("tagged", len(tagging.get_resources()["ResourceTagMappingList"]) > 10)
"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn boto3_can_list_and_is_refused_as_aws_refuses() {
    let venv = Venv::found();
    let (_sandbox, endpoint) = serve(scenario::build("failed-eks", 1.0, Timestamp::now()).unwrap()).await;
    let text = venv.boto3(SCRIPT, &endpoint.url).await;
    let expected = "addresses 5
allocate AddressLimitExceeded
delete-vpc DependencyViolation
release AuthFailure
subnet-pages True
dry-run DryRunOperation
delete-role DeleteConflict
cluster ACTIVE
delete-cluster ResourceInUseException
account 111122223333
balancers True
log-groups True
tagged True
";
    assert_eq!(text, expected);
}
