//! The story, built by the real SDK on any endpoint: two failed attempts and a healthy stack.

use std::collections::BTreeSet;

use aws_config::SdkConfig;
use aws_sdk_ec2::types as ec2;
use aws_sdk_eks::types as eks;
use aws_sdk_iam::types as iam;

/// How far a deployment came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Everything was made.
    Whole,
    /// It broke off after the addresses and the roles.
    BrokenOff,
    /// A healthy stack, without addresses of its own.
    Healthy,
}

/// What is there to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parts {
    /// All of it.
    All,
    /// All but a network ACL of its own: moto keeps its association when the subnet has gone, and no call
    /// takes such an association away.
    WhatMotoFrees,
}

/// Everything one deployment made, as `type id`, the types spelled as AWS's tagging API has them.
#[derive(Debug, Default)]
pub struct Made {
    /// Ids and names.
    pub ids: BTreeSet<String>,
    /// Data kinds among them, which stay unless named.
    pub data: BTreeSet<String>,
}

impl Made {
    pub(crate) fn add(&mut self, kind: &str, id: impl Into<String>) -> String {
        let id = id.into();
        self.ids.insert(format!("{kind} {id}"));
        id
    }
}

/// One deployment of the stack `shop/<suffix>`.
pub struct Deployment<'a> {
    pub(crate) config: &'a SdkConfig,
    suffix: &'a str,
    pub(crate) made: Made,
}

impl<'a> Deployment<'a> {
    /// Deploys the stack as far as told.
    pub async fn run(config: &'a SdkConfig, suffix: &'a str, reach: Reach, parts: Parts) -> Made {
        let mut this = Self { config, suffix, made: Made::default() };
        let network = this.network(reach).await;
        let roles = this.roles().await;
        this.machines(&network).await;
        this.endpoints(&network).await;
        if parts == Parts::All {
            this.acl(&network).await;
        }
        if reach != Reach::BrokenOff {
            this.cluster(reach, &network, &roles).await;
            this.extras(reach, &network).await;
        }
        this.made
    }

    pub(crate) fn name(&self, what: &str) -> String {
        format!("shop-{}-{what}", self.suffix)
    }

    fn pairs(&self) -> [(&'static str, &'a str); 2] {
        [("Project", "shop"), ("EnvironmentSuffix", self.suffix)]
    }

    pub(crate) fn tags(&self, kind: ec2::ResourceType) -> ec2::TagSpecification {
        let tags = self.pairs().map(|(key, value)| ec2::Tag::builder().key(key).value(value).build());
        ec2::TagSpecification::builder().resource_type(kind).set_tags(Some(tags.to_vec())).build()
    }

    fn iam_tags(&self) -> Vec<iam::Tag> {
        let tag = |(key, value)| iam::Tag::builder().key(key).value(value).build().unwrap();
        self.pairs().map(tag).to_vec()
    }

    async fn network(&mut self, reach: Reach) -> Network {
        let client = aws_sdk_ec2::Client::new(self.config);
        let vpc = client
            .create_vpc()
            .cidr_block("10.0.0.0/16")
            .tag_specifications(self.tags(ec2::ResourceType::Vpc))
            .send()
            .await
            .unwrap();
        let vpc = self.made.add("ec2:vpc", vpc.vpc().unwrap().vpc_id().unwrap());
        let gateway = client
            .create_internet_gateway()
            .tag_specifications(self.tags(ec2::ResourceType::InternetGateway))
            .send()
            .await
            .unwrap();
        let gateway = gateway.internet_gateway().unwrap().internet_gateway_id().unwrap().to_owned();
        self.made.add("ec2:internet-gateway", &gateway);
        client.attach_internet_gateway().vpc_id(&vpc).internet_gateway_id(&gateway).send().await.unwrap();
        let mut subnets = Vec::new();
        for (index, zone) in ["us-east-1a", "us-east-1b", "us-east-1c"].iter().enumerate() {
            let subnet = client
                .create_subnet()
                .vpc_id(&vpc)
                .cidr_block(format!("10.0.{index}.0/24"))
                .availability_zone(*zone)
                .tag_specifications(self.tags(ec2::ResourceType::Subnet))
                .send()
                .await
                .unwrap();
            subnets.push(self.made.add("ec2:subnet", subnet.subnet().unwrap().subnet_id().unwrap()));
        }
        let table = self.routes(&client, &vpc, &gateway, &subnets).await;
        let groups = self.groups(&client, &vpc).await;
        self.addresses(&client, reach, &subnets).await;
        Network { vpc, subnets, groups, table }
    }

    /// A table for all subnets. Untagged on purpose: only its VPC tells whose it is.
    async fn routes(
        &mut self,
        client: &aws_sdk_ec2::Client,
        vpc: &str,
        gateway: &str,
        subnets: &[String],
    ) -> String {
        let table = client.create_route_table().vpc_id(vpc).send().await.unwrap();
        let table = self.made.add("ec2:route-table", table.route_table().unwrap().route_table_id().unwrap());
        client
            .create_route()
            .route_table_id(&table)
            .destination_cidr_block("0.0.0.0/0")
            .gateway_id(gateway)
            .send()
            .await
            .unwrap();
        for subnet in subnets {
            client.associate_route_table().route_table_id(&table).subnet_id(subnet).send().await.unwrap();
        }
        table
    }

    /// Elastic IPs, and where the deployment came so far a NAT gateway on each.
    async fn addresses(&mut self, client: &aws_sdk_ec2::Client, reach: Reach, subnets: &[String]) {
        let addresses = match reach {
            Reach::Whole => 3,
            Reach::BrokenOff => 2,
            Reach::Healthy => 0,
        };
        for subnet in &subnets[..addresses] {
            let address = client
                .allocate_address()
                .domain(ec2::DomainType::Vpc)
                .tag_specifications(self.tags(ec2::ResourceType::ElasticIp))
                .send()
                .await
                .unwrap();
            let address = self.made.add("ec2:elastic-ip", address.allocation_id().unwrap());
            if reach == Reach::Whole {
                let nat = client
                    .create_nat_gateway()
                    .subnet_id(subnet)
                    .allocation_id(&address)
                    .tag_specifications(self.tags(ec2::ResourceType::Natgateway))
                    .send()
                    .await
                    .unwrap();
                self.made.add("ec2:natgateway", nat.nat_gateway().unwrap().nat_gateway_id().unwrap());
            }
        }
    }

    /// Two security groups whose rules name each other.
    async fn groups(&mut self, client: &aws_sdk_ec2::Client, vpc: &str) -> Vec<String> {
        let mut groups = Vec::new();
        for what in ["nodes", "control"] {
            let group = client
                .create_security_group()
                .group_name(self.name(what))
                .description("story")
                .vpc_id(vpc)
                .tag_specifications(self.tags(ec2::ResourceType::SecurityGroup))
                .send()
                .await
                .unwrap();
            groups.push(self.made.add("ec2:security-group", group.group_id().unwrap()));
        }
        for (group, other) in [(&groups[0], &groups[1]), (&groups[1], &groups[0])] {
            let pair = ec2::UserIdGroupPair::builder().group_id(other).build();
            let permission = ec2::IpPermission::builder()
                .ip_protocol("tcp")
                .from_port(443)
                .to_port(443)
                .user_id_group_pairs(pair)
                .build();
            client
                .authorize_security_group_ingress()
                .group_id(group)
                .ip_permissions(permission)
                .send()
                .await
                .unwrap();
        }
        groups
    }

    async fn roles(&mut self) -> Vec<String> {
        let client = aws_sdk_iam::Client::new(self.config);
        let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"eks.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
        let allow =
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}]}"#;
        let mut arns = Vec::new();
        for what in ["cluster", "node"] {
            let name = self.name(what);
            let role = client
                .create_role()
                .role_name(&name)
                .assume_role_policy_document(trust)
                .set_tags(Some(self.iam_tags()))
                .send()
                .await
                .unwrap();
            arns.push(role.role().unwrap().arn().to_owned());
            self.made.add("iam:role", &name);
            client
                .put_role_policy()
                .role_name(&name)
                .policy_name("inline")
                .policy_document(allow)
                .send()
                .await
                .unwrap();
        }
        let policy = client
            .create_policy()
            .policy_name(self.name("policy"))
            .policy_document(allow)
            .set_tags(Some(self.iam_tags()))
            .send()
            .await
            .unwrap();
        let policy = self.made.add("iam:policy", policy.policy().unwrap().arn().unwrap());
        client
            .create_policy_version()
            .policy_arn(&policy)
            .policy_document(allow)
            .set_as_default(true)
            .send()
            .await
            .unwrap();
        client.attach_role_policy().role_name(self.name("node")).policy_arn(&policy).send().await.unwrap();
        self.profile(&client).await;
        arns
    }

    /// An instance profile with the nodes' role inside.
    async fn profile(&mut self, client: &aws_sdk_iam::Client) {
        let profile = self.name("profile");
        client
            .create_instance_profile()
            .instance_profile_name(&profile)
            .set_tags(Some(self.iam_tags()))
            .send()
            .await
            .unwrap();
        client
            .add_role_to_instance_profile()
            .instance_profile_name(&profile)
            .role_name(self.name("node"))
            .send()
            .await
            .unwrap();
        self.made.add("iam:instance-profile", &profile);
    }

    async fn cluster(&mut self, reach: Reach, network: &Network, roles: &[String]) {
        let client = aws_sdk_eks::Client::new(self.config);
        let name = self.name("eks");
        let mut create =
            client.create_cluster().name(&name).version("1.35").role_arn(&roles[0]).resources_vpc_config(
                eks::VpcConfigRequest::builder()
                    .set_subnet_ids(Some(network.subnets.clone()))
                    .security_group_ids(&network.groups[1])
                    .build(),
            );
        for (key, value) in self.pairs() {
            create = create.tags(key, value);
        }
        create.send().await.unwrap();
        self.made.add("eks:cluster", &name);
        let issuer = self.wait_for_cluster(&client, &name).await;
        let mut create = client
            .create_nodegroup()
            .cluster_name(&name)
            .nodegroup_name("workers")
            .node_role(&roles[1])
            .set_subnets(Some(network.subnets.clone()))
            .scaling_config(
                eks::NodegroupScalingConfig::builder().min_size(1).desired_size(2).max_size(3).build(),
            );
        for (key, value) in self.pairs() {
            create = create.tags(key, value);
        }
        create.send().await.unwrap();
        self.made.add("eks:nodegroup", format!("{name}/workers"));
        if reach == Reach::Whole {
            let iam = aws_sdk_iam::Client::new(self.config);
            let provider = iam
                .create_open_id_connect_provider()
                .url(issuer)
                .thumbprint_list("9e99a48a9960b14926bb7f3b02e22da2b0ab7280")
                .client_id_list("sts.amazonaws.com")
                .set_tags(Some(self.iam_tags()))
                .send()
                .await
                .unwrap();
            self.made.add("iam:oidc-provider", provider.open_id_connect_provider_arn().unwrap());
        }
        self.wait_for_nodes(&client, &name).await;
    }

    async fn wait_for_cluster(&self, client: &aws_sdk_eks::Client, name: &str) -> String {
        for _ in 0..600 {
            let cluster = client.describe_cluster().name(name).send().await.unwrap();
            let cluster = cluster.cluster().unwrap();
            if cluster.status() == Some(&eks::ClusterStatus::Active) {
                return cluster.identity().unwrap().oidc().unwrap().issuer().unwrap().to_owned();
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        panic!("the cluster {name} did not become ACTIVE");
    }

    async fn wait_for_nodes(&self, client: &aws_sdk_eks::Client, name: &str) {
        for _ in 0..600 {
            let group = client
                .describe_nodegroup()
                .cluster_name(name)
                .nodegroup_name("workers")
                .send()
                .await
                .unwrap();
            if group.nodegroup().unwrap().status() != Some(&eks::NodegroupStatus::Creating) {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        panic!("the node group of {name} is still being created");
    }

    /// A launch template, a log group, and what the cluster's controllers make: a load balancer with
    /// its target group, and a volume.
    async fn extras(&mut self, reach: Reach, network: &Network) {
        let client = aws_sdk_ec2::Client::new(self.config);
        let template = client
            .create_launch_template()
            .launch_template_name(self.name("template"))
            .launch_template_data(
                ec2::RequestLaunchTemplateData::builder().instance_type(ec2::InstanceType::T3Medium).build(),
            )
            .tag_specifications(self.tags(ec2::ResourceType::LaunchTemplate))
            .send()
            .await
            .unwrap();
        let template = template.launch_template().unwrap().launch_template_id().unwrap().to_owned();
        self.made.add("ec2:launch-template", template);
        let logs = aws_sdk_cloudwatchlogs::Client::new(self.config);
        let group = format!("/aws/eks/{}/cluster", self.name("eks"));
        // EKS may have made it already.
        let _ = logs.create_log_group().log_group_name(&group).send().await;
        self.made.data.insert(format!("logs:log-group {group}"));
        self.balancer(reach, network).await;
        self.volume(&client).await;
    }

    /// What the load balancer controller makes: tagged with its cluster alone.
    async fn balancer(&mut self, reach: Reach, network: &Network) {
        let cluster = self.name("eks");
        let elb = aws_sdk_elasticloadbalancingv2::Client::new(self.config);
        let owned = aws_sdk_elasticloadbalancingv2::types::Tag::builder()
            .key("elbv2.k8s.aws/cluster")
            .value(&cluster)
            .build();
        let balancer = elb
            .create_load_balancer()
            .name(format!("k8s-shop-{}", self.suffix))
            .set_subnets(Some(network.subnets[..2].to_vec()))
            .security_groups(&network.groups[0])
            .scheme(match reach {
                Reach::Healthy => aws_sdk_elasticloadbalancingv2::types::LoadBalancerSchemeEnum::Internal,
                Reach::Whole | Reach::BrokenOff => {
                    aws_sdk_elasticloadbalancingv2::types::LoadBalancerSchemeEnum::InternetFacing
                }
            })
            .tags(owned.clone())
            .send()
            .await
            .unwrap();
        let balancer = balancer.load_balancers()[0].load_balancer_arn().unwrap().to_owned();
        let targets = elb
            .create_target_group()
            .name(format!("k8s-tg-{}", self.suffix))
            .protocol(aws_sdk_elasticloadbalancingv2::types::ProtocolEnum::Http)
            .port(80)
            .vpc_id(&network.vpc)
            .tags(owned)
            .send()
            .await
            .unwrap();
        let targets = targets.target_groups()[0].target_group_arn().unwrap().to_owned();
        elb.create_listener()
            .load_balancer_arn(&balancer)
            .protocol(aws_sdk_elasticloadbalancingv2::types::ProtocolEnum::Http)
            .port(80)
            .default_actions(
                aws_sdk_elasticloadbalancingv2::types::Action::builder()
                    .r#type(aws_sdk_elasticloadbalancingv2::types::ActionTypeEnum::Forward)
                    .target_group_arn(&targets)
                    .build(),
            )
            .send()
            .await
            .unwrap();
        self.made.add("elasticloadbalancing:loadbalancer", balancer);
        self.made.add("elasticloadbalancing:targetgroup", targets);
    }

    /// What the EBS CSI driver makes for a claim.
    async fn volume(&mut self, client: &aws_sdk_ec2::Client) {
        let cluster = self.name("eks");
        let csi = [
            ("ebs.csi.aws.com/cluster", "true".to_owned()),
            ("kubernetes.io/created-for/pvc/name", "data".to_owned()),
            (&*format!("kubernetes.io/cluster/{cluster}"), "owned".to_owned()),
        ]
        .map(|(key, value)| ec2::Tag::builder().key(key).value(value).build());
        let volume = client
            .create_volume()
            .availability_zone("us-east-1a")
            .size(20)
            .volume_type(ec2::VolumeType::Gp3)
            .tag_specifications(
                ec2::TagSpecification::builder()
                    .resource_type(ec2::ResourceType::Volume)
                    .set_tags(Some(csi.to_vec()))
                    .build(),
            )
            .send()
            .await
            .unwrap();
        self.made.data.insert(format!("ec2:volume {}", volume.volume_id().unwrap()));
    }
}

/// What the other parts of a stack stand in.
pub(crate) struct Network {
    pub(crate) vpc: String,
    pub(crate) subnets: Vec<String>,
    pub(crate) groups: Vec<String>,
    pub(crate) table: String,
}
