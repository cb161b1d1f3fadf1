//! What a state, a marker and a stack are to a program: boto3 asks the embedded AWS and moto the same, and both answer
//! alike. moto was written by others, so a wrong belief about S3, SSM or CloudFormation would have to be theirs as well.

use aws_janitor_sandbox::scenario;
use jiff::Timestamp;

use crate::moto::start;
use crate::program::serve;
use crate::venv::Venv;

/// The way to both: a client of each service, and the code of a refusal.
const COMMON: &str = r#"
import boto3, botocore, json, sys, time
from botocore.config import Config
where = dict(endpoint_url=sys.argv[1], region_name="us-east-1", aws_access_key_id="AKIAEXAMPLE",
             aws_secret_access_key="secret",
             config=Config(retries={"max_attempts": 0}, s3={"addressing_style": "path"}))
def code(call, **kw):
    try:
        call(**kw)
        return "accepted"
    except botocore.exceptions.ClientError as e:
        return e.response["Error"]["Code"]
"#;

const S3: &str = r#"
s3 = boto3.client("s3", **where)
b = dict(Bucket="states")
print("no-bucket", code(s3.list_objects_v2, **b), code(s3.get_object, Key="a", **b), code(s3.head_bucket, **b))
s3.create_bucket(**b)
print("bucket", s3.head_bucket(**b)["ResponseMetadata"]["HTTPStatusCode"])
print("no-key", code(s3.get_object, Key="a", **b), code(s3.head_object, Key="a", **b))
print("empty", s3.list_objects_v2(**b)["KeyCount"])
first = s3.put_object(Key="env:/a/key", Body=b"one", **b)["ETag"]
for key in ["env:/b/key", "env:/b/key.tflock", "root"]:
    s3.put_object(Key=key, Body=b"x", **b)
print("again", code(s3.put_object, Key="env:/a/key", Body=b"two", IfNoneMatch="*", **b))
print("stale", code(s3.put_object, Key="env:/a/key", Body=b"two", IfMatch='"00000000000000000000000000000000"', **b))
print("fresh", code(s3.put_object, Key="env:/a/key", Body=b"two", IfMatch=first, **b))
print("new", code(s3.put_object, Key="new", Body=b"n", IfNoneMatch="*", **b))
print("read", s3.get_object(Key="env:/a/key", **b)["Body"].read())
keys, token, pages = [], {}, 0
while True:
    page = s3.list_objects_v2(Prefix="env:/", MaxKeys=2, **b, **token)
    keys += [it["Key"] for it in page["Contents"]]
    pages += 1
    if not page["IsTruncated"]:
        break
    token = {"ContinuationToken": page["NextContinuationToken"]}
print("list", keys, pages)
page = s3.list_objects_v2(Prefix="env:/", Delimiter="/", **b)
print("folders", [it["Prefix"] for it in page["CommonPrefixes"]])
print("delete", code(s3.delete_object, Key="env:/a/key", **b), code(s3.delete_object, Key="env:/a/key", **b))
print("full", code(s3.delete_bucket, **b))
"#;

const SSM: &str = r#"
ssm = boto3.client("ssm", **where)
n = dict(Name="/janitor/consent")
print("none", code(ssm.get_parameter, **n))
print("put", ssm.put_parameter(Value="yes", Type="String", **n)["Version"])
print("twice", code(ssm.put_parameter, Value="no", Type="String", **n))
print("over", ssm.put_parameter(Value="no", Type="String", Overwrite=True, **n)["Version"])
told = ssm.get_parameter(**n)["Parameter"]
print("told", told["Value"], told["Type"], told["Version"])
print("delete", code(ssm.delete_parameter, **n), code(ssm.delete_parameter, **n))
"#;

const CLOUDFORMATION: &str = r#"
cfn, ec2 = boto3.client("cloudformation", **where), boto3.client("ec2", **where)
def until(name, wanted):
    for _ in range(600):
        it = cfn.describe_stacks(StackName=name)["Stacks"][0]
        if it["StackStatus"] == wanted:
            return it
        time.sleep(0.05)
    return it
template = json.dumps({
    "Resources": {
        "Net": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.77.0.0/16"}},
        "Sub": {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Ref": "Net"}, "CidrBlock": "10.77.0.0/24"}},
        "Job": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {
            "Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
            "Principal": {"Service": "ec2.amazonaws.com"}}]}}},
    },
    "Outputs": {"Id": {"Value": {"Ref": "Net"}, "Export": {"Name": "web-net"}}},
})
print("none", code(cfn.describe_stacks, StackName="web"), code(cfn.list_stack_resources, StackName="web"))
made = cfn.create_stack(StackName="web", TemplateBody=template, Capabilities=["CAPABILITY_IAM"])["StackId"]
print("id", made.split(":")[2], made.split(":")[5].split("/")[:2])
it = until("web", "CREATE_COMPLETE")
print("made", it["StackStatus"], it["StackId"] == made, it["Outputs"][0]["ExportName"])
print("twice", code(cfn.create_stack, StackName="web", TemplateBody=template, Capabilities=["CAPABILITY_IAM"]))
rows = {r["LogicalResourceId"]: r for r in cfn.list_stack_resources(StackName=made)["StackResourceSummaries"]}
print("rows", sorted((k, r["ResourceType"], r["ResourceStatus"]) for k, r in rows.items()))
net = rows["Net"]["PhysicalResourceId"]
vpc = ec2.describe_vpcs(VpcIds=[net])["Vpcs"][0]
tags = {t["Key"]: t["Value"] for t in vpc["Tags"]}
print("tags", tags["aws:cloudformation:stack-name"], tags["aws:cloudformation:stack-id"] == made,
      tags["aws:cloudformation:logical-id"])
print("delete", code(cfn.delete_stack, StackName="web"), until(made, "DELETE_COMPLETE")["StackStatus"])
print("gone", code(cfn.describe_stacks, StackName="web"), code(ec2.describe_vpcs, VpcIds=[net]))
rows = cfn.list_stack_resources(StackName=made)["StackResourceSummaries"]
print("record", len(rows))
"#;

/// Asks both; gives what the embedded AWS and what moto said.
async fn asked(script: &str) -> (String, String) {
    let venv = Venv::found();
    let script = format!("{COMMON}{script}");
    let (_sandbox, here) = serve(scenario::build("empty", 2000.0, Timestamp::now()).unwrap()).await;
    let ours = venv.boto3(&script, &here.url).await;
    let (_child, there) = start(&venv).await;
    (ours, venv.boto3(&script, &there.url).await)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s3_keeps_states_under_conditions_as_moto_does() {
    let (ours, motos) = asked(S3).await;
    assert_eq!(ours, motos);
    assert!(ours.contains("again PreconditionFailed\nstale PreconditionFailed\nfresh accepted"), "{ours}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ssm_keeps_parameters_as_moto_does() {
    let (ours, motos) = asked(SSM).await;
    assert_eq!(ours, motos);
    assert!(ours.contains("none ParameterNotFound\nput 1"), "{ours}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cloudformation_makes_records_and_deletes_stacks_as_moto_does() {
    let (ours, motos) = asked(CLOUDFORMATION).await;
    assert_eq!(ours, motos);
    assert!(ours.contains("gone ValidationError"), "{ours}");
}
