//! Things of other services that take interfaces, addresses, instances or a quota of their own in a VPC, and of which
//! no kind tells how much: `makers` asks it, so that a file with one of them is not said to need nothing.
//!
//! The list is of those that stand in VPCs most often, and not of all that AWS has. Where a kind is counted or told
//! already, it says so itself.

use super::types::{self, Types};

/// What they are for people, and the types.
const BESIDE: [(&str, Types); 22] = [
    (
        "Cloud9 environments",
        of(
            &["aws_cloud9_environment_ec2"],
            &["aws:cloud9/environmentEC2:EnvironmentEC2"],
            &["AWS::Cloud9::EnvironmentEC2"],
        ),
    ),
    (
        "transit gateways",
        of(
            &["aws_ec2_transit_gateway"],
            &["aws:ec2transitgateway/transitGateway:TransitGateway"],
            &["AWS::EC2::TransitGateway"],
        ),
    ),
    (
        "transit gateway attachments",
        of(
            &["aws_ec2_transit_gateway_vpc_attachment"],
            &["aws:ec2transitgateway/vpcAttachment:VpcAttachment"],
            &["AWS::EC2::TransitGatewayAttachment", "AWS::EC2::TransitGatewayVpcAttachment"],
        ),
    ),
    (
        "VPN connections",
        of(&["aws_vpn_connection"], &["aws:ec2/vpnConnection:VpnConnection"], &["AWS::EC2::VPNConnection"]),
    ),
    (
        "customer gateways",
        of(
            &["aws_customer_gateway"],
            &["aws:ec2/customerGateway:CustomerGateway"],
            &["AWS::EC2::CustomerGateway"],
        ),
    ),
    (
        "Client VPN endpoints",
        of(
            &["aws_ec2_client_vpn_endpoint"],
            &["aws:ec2clientvpn/endpoint:Endpoint"],
            &["AWS::EC2::ClientVpnEndpoint"],
        ),
    ),
    (
        "RDS instances",
        of(
            &["aws_db_instance", "aws_rds_cluster_instance"],
            &["aws:rds/instance:Instance", "aws:rds/clusterInstance:ClusterInstance"],
            &["AWS::RDS::DBInstance"],
        ),
    ),
    (
        "DocumentDB instances",
        of(
            &["aws_docdb_cluster_instance"],
            &["aws:docdb/clusterInstance:ClusterInstance"],
            &["AWS::DocDB::DBInstance"],
        ),
    ),
    (
        "Neptune instances",
        of(
            &["aws_neptune_cluster_instance"],
            &["aws:neptune/clusterInstance:ClusterInstance"],
            &["AWS::Neptune::DBInstance"],
        ),
    ),
    (
        "ElastiCache clusters",
        of(
            &["aws_elasticache_cluster", "aws_elasticache_replication_group"],
            &["aws:elasticache/cluster:Cluster", "aws:elasticache/replicationGroup:ReplicationGroup"],
            &["AWS::ElastiCache::CacheCluster", "AWS::ElastiCache::ReplicationGroup"],
        ),
    ),
    (
        "EFS mount targets",
        of(&["aws_efs_mount_target"], &["aws:efs/mountTarget:MountTarget"], &["AWS::EFS::MountTarget"]),
    ),
    (
        "OpenSearch domains",
        of(
            &["aws_elasticsearch_domain", "aws_opensearch_domain"],
            &["aws:elasticsearch/domain:Domain", "aws:opensearch/domain:Domain"],
            &["AWS::Elasticsearch::Domain", "AWS::OpenSearchService::Domain"],
        ),
    ),
    ("MSK clusters", of(&["aws_msk_cluster"], &["aws:msk/cluster:Cluster"], &["AWS::MSK::Cluster"])),
    (
        "Redshift clusters",
        of(&["aws_redshift_cluster"], &["aws:redshift/cluster:Cluster"], &["AWS::Redshift::Cluster"]),
    ),
    ("Amazon MQ brokers", of(&["aws_mq_broker"], &["aws:mq/broker:Broker"], &["AWS::AmazonMQ::Broker"])),
    (
        "directories",
        of(
            &["aws_directory_service_directory"],
            &["aws:directoryservice/directory:Directory"],
            &["AWS::DirectoryService::MicrosoftAD", "AWS::DirectoryService::SimpleAD"],
        ),
    ),
    (
        "DMS replication instances",
        of(
            &["aws_dms_replication_instance"],
            &["aws:dms/replicationInstance:ReplicationInstance"],
            &["AWS::DMS::ReplicationInstance"],
        ),
    ),
    (
        "SageMaker notebooks",
        of(
            &["aws_sagemaker_notebook_instance"],
            &["aws:sagemaker/notebookInstance:NotebookInstance"],
            &["AWS::SageMaker::NotebookInstance"],
        ),
    ),
    (
        "network firewalls",
        of(
            &["aws_networkfirewall_firewall"],
            &["aws:networkfirewall/firewall:Firewall"],
            &["AWS::NetworkFirewall::Firewall"],
        ),
    ),
    (
        "Route 53 resolver endpoints",
        of(
            &["aws_route53_resolver_endpoint"],
            &["aws:route53/resolverEndpoint:ResolverEndpoint"],
            &["AWS::Route53Resolver::ResolverEndpoint"],
        ),
    ),
    (
        "carrier gateways",
        of(
            &["aws_ec2_carrier_gateway"],
            &["aws:ec2/carrierGateway:CarrierGateway"],
            &["AWS::EC2::CarrierGateway"],
        ),
    ),
    (
        "instance connect endpoints",
        of(
            &["aws_ec2_instance_connect_endpoint"],
            &["aws:ec2transitgateway/instanceConnectEndpoint:InstanceConnectEndpoint"],
            &["AWS::EC2::InstanceConnectEndpoint"],
        ),
    ),
];

const fn of(
    terraform: &'static [&'static str],
    pulumi: &'static [&'static str],
    cloudformation: &'static [&'static str],
) -> Types {
    Types { terraform, pulumi, cloudformation, adopted: &[] }
}

/// What things of this type are, for people, if they are of these.
pub(super) fn title(type_name: &str) -> Option<&'static str> {
    BESIDE.iter().find(|(_, types)| types::is_among(types, type_name)).map(|(title, _)| *title)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_tool_means_the_same() {
        for type_name in [
            "aws_cloud9_environment_ec2",
            "awscc_cloud9_environment_ec2",
            "aws:cloud9/environmentEC2:EnvironmentEC2",
            "aws-native:cloud9:EnvironmentEc2",
            "AWS::Cloud9::EnvironmentEC2",
        ] {
            assert_eq!(title(type_name), Some("Cloud9 environments"), "{type_name}");
        }
        assert_eq!(title("aws_s3_bucket"), None);
        assert_eq!(title("AWS::EC2::VPNGateway"), None, "its kind tells it");
    }

    #[test]
    fn what_a_kind_counts_or_tells_is_not_told_twice_and_no_type_stands_in_two_rows() {
        let mut seen = BTreeSet::new();
        for (_, row) in &BESIDE {
            for name in row.terraform.iter().chain(row.pulumi).chain(row.cloudformation) {
                assert!(seen.insert(*name), "{name}");
                let known =
                    [types::of_terraform(name), types::of_pulumi(name), types::of_cloudformation(name)];
                assert!(known.iter().all(Option::is_none), "{name}");
            }
        }
    }
}
