//! Things of other services that take interfaces, addresses, instances or a quota of their own in a VPC, and of which
//! no kind tells how much: `makers` asks it, so that a file with one of them is not said to need nothing.
//!
//! The list is of those that stand in VPCs most often, and not of all that AWS has. Where a kind is counted or told
//! already, it says so itself.

use super::types::is_same;

/// What they are for people, and the types of Terraform, Pulumi and CloudFormation.
struct Beside {
    title: &'static str,
    terraform: &'static [&'static str],
    pulumi: &'static [&'static str],
    cloudformation: &'static [&'static str],
}

const BESIDE: [Beside; 22] = [
    Beside {
        title: "Cloud9 environments",
        terraform: &["aws_cloud9_environment_ec2"],
        pulumi: &["aws:cloud9/environmentEC2:EnvironmentEC2"],
        cloudformation: &["AWS::Cloud9::EnvironmentEC2"],
    },
    Beside {
        title: "transit gateways",
        terraform: &["aws_ec2_transit_gateway"],
        pulumi: &["aws:ec2transitgateway/transitGateway:TransitGateway"],
        cloudformation: &["AWS::EC2::TransitGateway"],
    },
    Beside {
        title: "transit gateway attachments",
        terraform: &["aws_ec2_transit_gateway_vpc_attachment"],
        pulumi: &["aws:ec2transitgateway/vpcAttachment:VpcAttachment"],
        cloudformation: &["AWS::EC2::TransitGatewayAttachment", "AWS::EC2::TransitGatewayVpcAttachment"],
    },
    Beside {
        title: "VPN connections",
        terraform: &["aws_vpn_connection"],
        pulumi: &["aws:ec2/vpnConnection:VpnConnection"],
        cloudformation: &["AWS::EC2::VPNConnection"],
    },
    Beside {
        title: "customer gateways",
        terraform: &["aws_customer_gateway"],
        pulumi: &["aws:ec2/customerGateway:CustomerGateway"],
        cloudformation: &["AWS::EC2::CustomerGateway"],
    },
    Beside {
        title: "Client VPN endpoints",
        terraform: &["aws_ec2_client_vpn_endpoint"],
        pulumi: &["aws:ec2clientvpn/endpoint:Endpoint"],
        cloudformation: &["AWS::EC2::ClientVpnEndpoint"],
    },
    Beside {
        title: "RDS instances",
        terraform: &["aws_db_instance", "aws_rds_cluster_instance"],
        pulumi: &["aws:rds/instance:Instance", "aws:rds/clusterInstance:ClusterInstance"],
        cloudformation: &["AWS::RDS::DBInstance"],
    },
    Beside {
        title: "DocumentDB instances",
        terraform: &["aws_docdb_cluster_instance"],
        pulumi: &["aws:docdb/clusterInstance:ClusterInstance"],
        cloudformation: &["AWS::DocDB::DBInstance"],
    },
    Beside {
        title: "Neptune instances",
        terraform: &["aws_neptune_cluster_instance"],
        pulumi: &["aws:neptune/clusterInstance:ClusterInstance"],
        cloudformation: &["AWS::Neptune::DBInstance"],
    },
    Beside {
        title: "ElastiCache clusters",
        terraform: &["aws_elasticache_cluster", "aws_elasticache_replication_group"],
        pulumi: &["aws:elasticache/cluster:Cluster", "aws:elasticache/replicationGroup:ReplicationGroup"],
        cloudformation: &["AWS::ElastiCache::CacheCluster", "AWS::ElastiCache::ReplicationGroup"],
    },
    Beside {
        title: "EFS mount targets",
        terraform: &["aws_efs_mount_target"],
        pulumi: &["aws:efs/mountTarget:MountTarget"],
        cloudformation: &["AWS::EFS::MountTarget"],
    },
    Beside {
        title: "OpenSearch domains",
        terraform: &["aws_elasticsearch_domain", "aws_opensearch_domain"],
        pulumi: &["aws:elasticsearch/domain:Domain", "aws:opensearch/domain:Domain"],
        cloudformation: &["AWS::Elasticsearch::Domain", "AWS::OpenSearchService::Domain"],
    },
    Beside {
        title: "MSK clusters",
        terraform: &["aws_msk_cluster"],
        pulumi: &["aws:msk/cluster:Cluster"],
        cloudformation: &["AWS::MSK::Cluster"],
    },
    Beside {
        title: "Redshift clusters",
        terraform: &["aws_redshift_cluster"],
        pulumi: &["aws:redshift/cluster:Cluster"],
        cloudformation: &["AWS::Redshift::Cluster"],
    },
    Beside {
        title: "Amazon MQ brokers",
        terraform: &["aws_mq_broker"],
        pulumi: &["aws:mq/broker:Broker"],
        cloudformation: &["AWS::AmazonMQ::Broker"],
    },
    Beside {
        title: "directories",
        terraform: &["aws_directory_service_directory"],
        pulumi: &["aws:directoryservice/directory:Directory"],
        cloudformation: &["AWS::DirectoryService::MicrosoftAD", "AWS::DirectoryService::SimpleAD"],
    },
    Beside {
        title: "DMS replication instances",
        terraform: &["aws_dms_replication_instance"],
        pulumi: &["aws:dms/replicationInstance:ReplicationInstance"],
        cloudformation: &["AWS::DMS::ReplicationInstance"],
    },
    Beside {
        title: "SageMaker notebooks",
        terraform: &["aws_sagemaker_notebook_instance"],
        pulumi: &["aws:sagemaker/notebookInstance:NotebookInstance"],
        cloudformation: &["AWS::SageMaker::NotebookInstance"],
    },
    Beside {
        title: "network firewalls",
        terraform: &["aws_networkfirewall_firewall"],
        pulumi: &["aws:networkfirewall/firewall:Firewall"],
        cloudformation: &["AWS::NetworkFirewall::Firewall"],
    },
    Beside {
        title: "Route 53 resolver endpoints",
        terraform: &["aws_route53_resolver_endpoint"],
        pulumi: &["aws:route53/resolverEndpoint:ResolverEndpoint"],
        cloudformation: &["AWS::Route53Resolver::ResolverEndpoint"],
    },
    Beside {
        title: "carrier gateways",
        terraform: &["aws_ec2_carrier_gateway"],
        pulumi: &["aws:ec2/carrierGateway:CarrierGateway"],
        cloudformation: &["AWS::EC2::CarrierGateway"],
    },
    Beside {
        title: "instance connect endpoints",
        terraform: &["aws_ec2_instance_connect_endpoint"],
        pulumi: &["aws:ec2transitgateway/instanceConnectEndpoint:InstanceConnectEndpoint"],
        cloudformation: &["AWS::EC2::InstanceConnectEndpoint"],
    },
];

/// What things of this type are, for people, if they are of these.
pub(super) fn title(type_name: &str) -> Option<&'static str> {
    let fits = |it: &Beside| {
        it.terraform.contains(&type_name)
            || it.pulumi.contains(&type_name)
            || it.cloudformation.iter().any(|own| is_same(own, type_name))
    };
    BESIDE.iter().find(|it| fits(it)).map(|it| it.title)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::deployment::types;

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
        for row in &BESIDE {
            for name in row.terraform.iter().chain(row.pulumi).chain(row.cloudformation) {
                assert!(seen.insert(*name), "{name}");
                let known =
                    [types::of_terraform(name), types::of_pulumi(name), types::of_cloudformation(name)];
                assert!(known.iter().all(Option::is_none), "{name}");
            }
        }
    }
}
