//! The calls of `vpn-connection`: its description as a resource, and its deletion. What they mean stands in
//! [`crate::kinds::vpn_connection`].

use async_trait::async_trait;
use aws_sdk_ec2::types::{Filter, TelemetryStatus, VpnConnection as Described};

use super::Kind;
use super::ec2::{fact, looked_up};
use crate::aws::shapes::{ec2_resource, timestamp};
use crate::aws::{Aws, Site};
use crate::kinds::vpn_connection::{NAME, SPEC};
use crate::model::words::{fact as facts, how};
use crate::model::{CloudError, KindSpec, Link, Resource};

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
        looked_up("vpn-connection-id", ids, |filter| described(aws, Some(filter))).await
    }

    async fn delete_one(&self, aws: &Aws, resource: &Resource) -> Result<(), CloudError> {
        let call = aws.ec2.delete_vpn_connection().vpn_connection_id(&resource.key.id);
        aws.change("ec2:DeleteVpnConnection", || call.set_dry_run(aws.dry_run()).send()).await
    }
}

/// One answer tells all: the call has no pages.
async fn described(aws: &Aws, filter: Option<Filter>) -> Result<Vec<Resource>, CloudError> {
    let call = aws.ec2.describe_vpn_connections().set_filters(filter.map(|it| vec![it]));
    let answer = aws.read("ec2:DescribeVpnConnections", || call.clone().send()).await?;
    Ok(answer.vpn_connections().iter().filter_map(|it| read(&aws.site, it)).collect())
}

/// The SDK's description as a resource. AWS tells no creation time. The router's configuration, in which its keys
/// stand, is not kept.
fn read(site: &Site, it: &Described) -> Option<Resource> {
    let id = it.vpn_connection_id()?;
    let mut resource = ec2_resource(site, NAME, id, it.tags(), None);
    resource.arn = Some(site.arn("ec2", &format!("vpn-connection/{id}")));
    resource.state = it.state().map(|state| state.as_str().to_owned());
    resource.life = SPEC.states.life(resource.state.as_deref())?;
    add_tunnels(it, &mut resource);
    for (kind, gateway) in
        [("vpn-gateway", it.vpn_gateway_id()), ("customer-gateway", it.customer_gateway_id())]
    {
        if let Some(gateway) = gateway.filter(|id| !id.is_empty()) {
            resource.links.insert(Link::new(how::USES, site.key(kind, gateway)));
        }
    }
    Some(resource)
}

/// How many of its tunnels are up, and when the last of them changed. Without a status of each, nothing is known.
fn add_tunnels(it: &Described, resource: &mut Resource) {
    let tunnels = it.vgw_telemetry();
    if tunnels.is_empty() || tunnels.iter().any(|tunnel| tunnel.status().is_none()) {
        return;
    }
    // A word of AWS's that is not known yet is no proof that a tunnel is down.
    let up = tunnels.iter().filter(|tunnel| tunnel.status() != Some(&TelemetryStatus::Down)).count();
    fact(resource, facts::TUNNELS_UP, Some(up.to_string()));
    let last = tunnels.iter().filter_map(|tunnel| tunnel.last_status_change()).filter_map(timestamp).max();
    fact(resource, facts::TUNNEL_CHANGED, last.map(|at| at.to_string()));
}

#[cfg(test)]
mod tests {
    use aws_sdk_ec2::types::{VgwTelemetry, VpnState};
    use aws_smithy_types::DateTime;

    use super::super::testing::{links, site};
    use super::*;

    fn connection(state: VpnState) -> aws_sdk_ec2::types::builders::VpnConnectionBuilder {
        Described::builder().vpn_connection_id("vpn-1").state(state)
    }

    fn tunnel(status: &str, seconds: i64) -> VgwTelemetry {
        let at = DateTime::from_secs(seconds);
        VgwTelemetry::builder().status(TelemetryStatus::from(status)).last_status_change(at).build()
    }

    #[test]
    fn a_connection_uses_the_gateways_at_both_its_ends() {
        let it = connection(VpnState::Available).vpn_gateway_id("vgw-1").customer_gateway_id("cgw-1");
        let read_links = |it: Described| links(&read(&site(), &it).unwrap());
        assert_eq!(read_links(it.build()), ["uses customer-gateway cgw-1", "uses vpn-gateway vgw-1"]);
        // One of a transit gateway's, which AWS tells with an empty id at times.
        let it = connection(VpnState::Available).vpn_gateway_id("").transit_gateway_id("tgw-1");
        assert!(read_links(it.build()).is_empty());
    }

    #[test]
    fn what_its_tunnels_tell_is_kept_and_what_they_do_not_tell_is_not_made_up() {
        let of = |tunnels: Vec<VgwTelemetry>| {
            let it = connection(VpnState::Available).set_vgw_telemetry(Some(tunnels)).build();
            let facts = read(&site(), &it).unwrap().facts;
            [facts::TUNNELS_UP, facts::TUNNEL_CHANGED]
                .map(|name| facts.get(name).cloned().unwrap_or_default())
        };
        let (down, up) = (tunnel("DOWN", 1_700_000_000), tunnel("UP", 1_600_000_000));
        assert_eq!(of(vec![down.clone(), up]), ["1", "2023-11-14T22:13:20Z"]);
        assert_eq!(of(vec![down.clone(), down.clone()])[0], "0");
        assert_eq!(of(vec![down.clone(), tunnel("A-WORD-OF-2030", 0)])[0], "1");
        assert_eq!(of(vec![down, VgwTelemetry::builder().build()]), ["", ""]);
        assert_eq!(of(Vec::new()), ["", ""]);
    }

    #[test]
    fn a_deleted_connection_is_gone_although_aws_shows_it_for_a_while() {
        assert!(read(&site(), &connection(VpnState::Deleted).build()).is_none());
        assert!(read(&site(), &connection(VpnState::Deleting).build()).is_some());
    }
}
