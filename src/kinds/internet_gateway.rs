//! Internet gateways. Deleting one takes a detach first, and EC2 refuses the detach while anything
//! in the VPC has a public address ("has some mapped public address(es)").
//!
//! <https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Internet_Gateway.html>

use async_trait::async_trait;
use aws_sdk_ec2::types::InternetGateway as Described;

use super::{Kind, ec2_resource, filter};
use crate::aws::{Aws, Place};
use crate::model::words::how;
use crate::model::{
    Apis, Cut, DataKind, Holds, KindSpec, Link, LinkRule, Near, QuotaUse, Resource, Scope, Settle, Touches,
};
use crate::run::cloud::CloudError;

/// The kind.
pub struct InternetGateway;

const NAME: &str = "internet-gateway";

/// What the planner knows of it.
pub const SPEC: KindSpec = KindSpec {
    name: NAME,
    title: "internet gateway",
    scope: Scope::Regional,
    links: &[LinkRule {
        how: how::ATTACHED,
        to: "vpc",
        holds: Holds::DeleteUntilCut,
        near: Near::CutFirst,
        cut: Some(Cut { api: "ec2:DetachInternetGateway", touches: Touches::BothEnds }),
    }],
    parts: &[],
    data: DataKind::No,
    settle: Settle::AtOnce,
    patience: 120,
    batch: 1,
    quota: Some(QuotaUse { name: "internet-gateway", service: "vpc", code: "L-A4707A72", per: None }),
    cost: |_| Vec::new(),
    apis: Apis { list: &["ec2:DescribeInternetGateways"], delete: &["ec2:DeleteInternetGateway"] },
};

#[async_trait]
impl Kind for InternetGateway {
    fn spec(&self) -> &'static KindSpec {
        &SPEC
    }

    async fn list(&self, aws: &Aws) -> Result<Vec<Resource>, CloudError> {
        let pages = aws.ec2.describe_internet_gateways().max_results(1000).into_paginator().send();
        let pages = aws.pages("ec2:DescribeInternetGateways", pages).await?;
        Ok(pages
            .iter()
            .flat_map(|page| page.internet_gateways())
            .filter_map(|it| read(&aws.place, it))
            .collect())
    }

    async fn look(&self, aws: &Aws, ids: &[String]) -> Result<Vec<Resource>, CloudError> {
        let filter = filter("internet-gateway-id", ids);
        let pages =
            aws.ec2.describe_internet_gateways().filters(filter).max_results(1000).into_paginator().send();
        let pages = aws.pages("ec2:DescribeInternetGateways", pages).await?;
        Ok(pages
            .iter()
            .flat_map(|page| page.internet_gateways())
            .filter_map(|it| read(&aws.place, it))
            .collect())
    }

    async fn cut(&self, aws: &Aws, resource: &Resource, link: &Link) -> Result<(), CloudError> {
        let call =
            aws.ec2.detach_internet_gateway().internet_gateway_id(&resource.key.id).vpc_id(&link.to.id);
        aws.change("ec2:DetachInternetGateway", || call.set_dry_run(aws.dry_run()).send()).await
    }

    async fn delete(&self, aws: &Aws, resources: &[Resource]) -> Vec<Result<(), CloudError>> {
        let mut answers = Vec::new();
        for resource in resources {
            let call = aws.ec2.delete_internet_gateway().internet_gateway_id(&resource.key.id);
            answers.push(
                aws.change("ec2:DeleteInternetGateway", || call.set_dry_run(aws.dry_run()).send()).await,
            );
        }
        answers
    }
}

/// The SDK's description as a resource.
fn read(place: &Place, it: &Described) -> Option<Resource> {
    let id = it.internet_gateway_id()?;
    let mut resource = ec2_resource(place, NAME, id, it.tags(), it.owner_id());
    resource.arn = Some(place.arn("ec2", &format!("internet-gateway/{id}")));
    for vpc in it.attachments().iter().filter_map(|attachment| attachment.vpc_id()) {
        resource.links.insert(Link::new(how::ATTACHED, place.key("vpc", vpc)));
    }
    Some(resource)
}
