//! The calls of `vpn-gateway`: its description as a resource, its detachment and its deletion. What they mean stands
//! in [`crate::kinds::vpn_gateway`].

use async_trait::async_trait;
use aws_sdk_ec2::types::{AttachmentStatus, Filter, VpnGateway as Described};

use super::Kind;
use super::ec2::looked_up;
use crate::aws::shapes::ec2_resource;
use crate::aws::{Aws, Site};
use crate::kinds::vpn_gateway::{NAME, SPEC};
use crate::model::{CloudError, ErrorClass, KindSpec, Link, Resource, words::how};

/// Its calls.
pub struct Calls;

#[async_trait]
impl Kind for Calls {
    fn spec(&self) -> &'static KindSpec {
        &SPEC
    }

    async fn list(&self, aws: &Aws) -> Result<Vec<Resource>, CloudError> {
        described(aws, None).await
    }

    async fn look(&self, aws: &Aws, ids: &[String]) -> Result<Vec<Resource>, CloudError> {
        looked_up("vpn-gateway-id", ids, |filter| described(aws, Some(filter))).await
    }

    /// What somebody else is detaching already is answered as if it were not attached; the link stands until it is.
    async fn cut(&self, aws: &Aws, resource: &Resource, link: &Link) -> Result<(), CloudError> {
        let call = aws.ec2.detach_vpn_gateway().vpn_gateway_id(&resource.key.id).vpc_id(&link.to.id);
        let call = call.set_dry_run(aws.dry_run());
        match aws.change("ec2:DetachVpnGateway", || call.send()).await {
            Err(error) if error.class == ErrorClass::Gone => Ok(()),
            answer => answer,
        }
    }

    async fn delete_one(&self, aws: &Aws, resource: &Resource) -> Result<(), CloudError> {
        let call = aws.ec2.delete_vpn_gateway().vpn_gateway_id(&resource.key.id).set_dry_run(aws.dry_run());
        aws.change("ec2:DeleteVpnGateway", || call.send()).await
    }
}

/// One answer tells all: the call has no pages.
async fn described(aws: &Aws, filter: Option<Filter>) -> Result<Vec<Resource>, CloudError> {
    let call = aws.ec2.describe_vpn_gateways().set_filters(filter.map(|it| vec![it]));
    let answer = aws.read("ec2:DescribeVpnGateways", || call.clone().send()).await?;
    Ok(answer.vpn_gateways().iter().filter_map(|it| read(&aws.site, it)).collect())
}

/// The SDK's description as a resource. AWS tells no creation time.
fn read(site: &Site, it: &Described) -> Option<Resource> {
    let id = it.vpn_gateway_id()?;
    let mut resource = ec2_resource(site, NAME, id, it.tags(), None);
    resource.arn = Some(site.arn("ec2", &format!("vpn-gateway/{id}")));
    resource.state = it.state().map(|state| state.as_str().to_owned());
    resource.life = SPEC.states.life(resource.state.as_deref())?;
    // A VPC that it was attached to before stands there for a while.
    let attached = it.vpc_attachments().iter().filter(|it| it.state() != Some(&AttachmentStatus::Detached));
    for vpc in attached.filter_map(|it| it.vpc_id()) {
        resource.links.insert(Link::new(how::ATTACHED, site.key("vpc", vpc)));
    }
    Some(resource)
}

#[cfg(test)]
mod tests {
    use aws_sdk_ec2::types::{VpcAttachment, VpnState};

    use super::super::testing::{links, site};
    use super::*;

    fn gateway(state: VpnState) -> aws_sdk_ec2::types::builders::VpnGatewayBuilder {
        Described::builder().vpn_gateway_id("vgw-1").state(state)
    }

    #[test]
    fn a_gateway_is_attached_until_it_is_detached() {
        let of = |vpc: &str, state| VpcAttachment::builder().vpc_id(vpc).state(state).build();
        let it = gateway(VpnState::Available)
            .vpc_attachments(of("vpc-1", AttachmentStatus::Detached))
            .vpc_attachments(of("vpc-2", AttachmentStatus::Detaching))
            .vpc_attachments(of("vpc-3", AttachmentStatus::Attached))
            .build();
        assert_eq!(links(&read(&site(), &it).unwrap()), ["attached vpc vpc-2", "attached vpc vpc-3"]);
    }

    #[test]
    fn a_deleted_gateway_is_gone_although_aws_shows_it_for_a_while() {
        assert!(read(&site(), &gateway(VpnState::Deleted).build()).is_none());
        assert!(read(&site(), &gateway(VpnState::Deleting).build()).is_some());
    }
}
