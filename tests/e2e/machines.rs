//! What else a stack has in its network: a plain instance, endpoints, a free interface, a network ACL.

use aws_sdk_ec2::types as ec2;

use crate::story::{Deployment, Network};

impl Deployment<'_> {
    /// An instance, and a free interface, untagged on purpose: only its place tells whose it is.
    pub(crate) async fn machines(&mut self, network: &Network) {
        let client = aws_sdk_ec2::Client::new(self.config);
        self.instance(&client, network).await;
        let interface = client
            .create_network_interface()
            .subnet_id(&network.subnets[0])
            .groups(&network.groups[0])
            .send()
            .await
            .unwrap();
        let interface = interface.network_interface().unwrap().network_interface_id().unwrap();
        self.made.add("ec2:network-interface", interface);
    }

    /// An interface endpoint and a gateway endpoint.
    pub(crate) async fn endpoints(&mut self, network: &Network) {
        let client = aws_sdk_ec2::Client::new(self.config);
        let endpoint = client
            .create_vpc_endpoint()
            .vpc_id(&network.vpc)
            .vpc_endpoint_type(ec2::VpcEndpointType::Interface)
            .service_name("com.amazonaws.us-east-1.sts")
            .set_subnet_ids(Some(network.subnets[..2].to_vec()))
            .security_group_ids(&network.groups[0])
            .tag_specifications(self.tags(ec2::ResourceType::VpcEndpoint))
            .send()
            .await
            .unwrap();
        self.made.add("ec2:vpc-endpoint", endpoint.vpc_endpoint().unwrap().vpc_endpoint_id().unwrap());
        let endpoint = client
            .create_vpc_endpoint()
            .vpc_id(&network.vpc)
            .vpc_endpoint_type(ec2::VpcEndpointType::Gateway)
            .service_name("com.amazonaws.us-east-1.s3")
            .route_table_ids(&network.table)
            .send()
            .await
            .unwrap();
        self.made.add("ec2:vpc-endpoint", endpoint.vpc_endpoint().unwrap().vpc_endpoint_id().unwrap());
    }

    /// An instance with the stack's profile and group, running.
    async fn instance(&mut self, client: &aws_sdk_ec2::Client, network: &Network) {
        let profile = ec2::IamInstanceProfileSpecification::builder().name(self.name("profile")).build();
        let started = client
            .run_instances()
            .image_id("ami-0c0ffee0c0ffee012")
            .instance_type(ec2::InstanceType::T3Micro)
            .min_count(1)
            .max_count(1)
            .subnet_id(&network.subnets[0])
            .security_group_ids(&network.groups[0])
            .iam_instance_profile(profile)
            .tag_specifications(self.tags(ec2::ResourceType::Instance))
            .send()
            .await
            .unwrap();
        let instance = self.made.add("ec2:instance", started.instances()[0].instance_id().unwrap());
        for _ in 0..600 {
            let seen = client.describe_instances().instance_ids(&instance).send().await.unwrap();
            let state = seen.reservations()[0].instances()[0].state().unwrap().name().cloned();
            if state == Some(ec2::InstanceStateName::Running) {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        panic!("{instance} does not run");
    }

    /// A network ACL of the stack's own, in the place of the default one at its last subnet.
    pub(crate) async fn acl(&mut self, network: &Network) {
        let client = aws_sdk_ec2::Client::new(self.config);
        let subnet = network.subnets.last().unwrap();
        let of_subnet = ec2::Filter::builder().name("association.subnet-id").values(subnet).build();
        let standing = client.describe_network_acls().filters(of_subnet).send().await.unwrap();
        let associations = standing.network_acls()[0].associations();
        let association = associations.iter().find(|it| it.subnet_id() == Some(subnet)).unwrap();
        let association = association.network_acl_association_id().unwrap();
        let acl = client.create_network_acl().vpc_id(&network.vpc).send().await.unwrap();
        let acl = self.made.add("ec2:network-acl", acl.network_acl().unwrap().network_acl_id().unwrap());
        let replace = client.replace_network_acl_association();
        replace.association_id(association).network_acl_id(acl).send().await.unwrap();
    }
}
