"""Prints what stands on an endpoint, one line `type id` each, the types as AWS's tagging API spells them.

The end-to-end tests ask moto by it what is gone and what lives, so that they need not believe the program.
What is only still shown after its end (a terminated instance, a deleted NAT gateway) stands no longer.
"""

import sys

import boto3

WHERE = dict(
    endpoint_url=sys.argv[1],
    region_name="us-east-1",
    aws_access_key_id="AKIAEXAMPLE",
    aws_secret_access_key="secret",
)


def listed(service, operation, key, **arguments):
    """All pages of a listing."""
    client = boto3.client(service, **WHERE)
    if client.can_paginate(operation):
        for page in client.get_paginator(operation).paginate(**arguments):
            yield from page[key]
    else:
        yield from getattr(client, operation)(**arguments)[key]


# Service, operation, the key of its answer, the key of the id, the type.
LISTINGS = [
    ("ec2", "describe_vpcs", "Vpcs", "VpcId", "ec2:vpc"),
    ("ec2", "describe_subnets", "Subnets", "SubnetId", "ec2:subnet"),
    ("ec2", "describe_route_tables", "RouteTables", "RouteTableId", "ec2:route-table"),
    ("ec2", "describe_internet_gateways", "InternetGateways", "InternetGatewayId", "ec2:internet-gateway"),
    ("ec2", "describe_network_acls", "NetworkAcls", "NetworkAclId", "ec2:network-acl"),
    ("ec2", "describe_network_interfaces", "NetworkInterfaces", "NetworkInterfaceId", "ec2:network-interface"),
    ("ec2", "describe_security_groups", "SecurityGroups", "GroupId", "ec2:security-group"),
    ("ec2", "describe_addresses", "Addresses", "AllocationId", "ec2:elastic-ip"),
    ("ec2", "describe_nat_gateways", "NatGateways", "NatGatewayId", "ec2:natgateway"),
    ("ec2", "describe_vpc_endpoints", "VpcEndpoints", "VpcEndpointId", "ec2:vpc-endpoint"),
    ("ec2", "describe_volumes", "Volumes", "VolumeId", "ec2:volume"),
    ("ec2", "describe_launch_templates", "LaunchTemplates", "LaunchTemplateId", "ec2:launch-template"),
    ("elbv2", "describe_load_balancers", "LoadBalancers", "LoadBalancerArn", "elasticloadbalancing:loadbalancer"),
    ("elbv2", "describe_target_groups", "TargetGroups", "TargetGroupArn", "elasticloadbalancing:targetgroup"),
    ("iam", "list_roles", "Roles", "RoleName", "iam:role"),
    ("iam", "list_instance_profiles", "InstanceProfiles", "InstanceProfileName", "iam:instance-profile"),
    ("iam", "list_open_id_connect_providers", "OpenIDConnectProviderList", "Arn", "iam:oidc-provider"),
    ("logs", "describe_log_groups", "logGroups", "logGroupName", "logs:log-group"),
]

for service, operation, key, id_key, kind in LISTINGS:
    for thing in listed(service, operation, key):
        if thing.get("State") != "deleted":
            print(kind, thing[id_key])
for policy in listed("iam", "list_policies", "Policies", Scope="Local"):
    print("iam:policy", policy["Arn"])
for reservation in listed("ec2", "describe_instances", "Reservations"):
    for instance in reservation["Instances"]:
        if instance["State"]["Name"] != "terminated":
            print("ec2:instance", instance["InstanceId"])
for cluster in listed("eks", "list_clusters", "clusters"):
    print("eks:cluster", cluster)
    for group in listed("eks", "list_nodegroups", "nodegroups", clusterName=cluster):
        print("eks:nodegroup", cluster + "/" + group)
