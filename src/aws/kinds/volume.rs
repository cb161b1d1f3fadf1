//! The calls of `volume`: its description as a resource, and its deletion. What they mean stands in
//! [`crate::kinds::volume`].

use async_trait::async_trait;
use aws_sdk_ec2::types::{Filter, Volume as Described, VolumeAttachment, VolumeAttachmentState};

use super::Kind;
use super::ec2::{PAGE, fact, guard, guard_operated, looked_up};
use crate::aws::shapes::{ec2_resource, timestamp};
use crate::aws::{Aws, Site};
use crate::kinds::volume::{NAME, SPEC};
use crate::model::words::{fact as facts, how};
use crate::model::{CloudError, GuardRule, KindSpec, Link, Resource};

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
        looked_up("volume-id", ids, |filter| described(aws, Some(filter))).await
    }

    async fn delete_one(&self, aws: &Aws, resource: &Resource) -> Result<(), CloudError> {
        let call = aws.ec2.delete_volume().volume_id(&resource.key.id).set_dry_run(aws.dry_run());
        aws.change("ec2:DeleteVolume", || call.send()).await
    }
}

/// With those that an account setting hides: they cost all the same.
async fn described(aws: &Aws, filter: Option<Filter>) -> Result<Vec<Resource>, CloudError> {
    let call = aws
        .ec2
        .describe_volumes()
        .set_filters(filter.map(|it| vec![it]))
        .include_managed_resources(true)
        .max_results(PAGE);
    let pages = aws
        .pages(
            "ec2:DescribeVolumes",
            |token| call.clone().set_next_token(token).send(),
            |page| page.next_token(),
        )
        .await?;
    Ok(pages.iter().flat_map(|page| page.volumes()).filter_map(|it| read(&aws.site, it)).collect())
}

/// The SDK's description as a resource.
fn read(site: &Site, it: &Described) -> Option<Resource> {
    let id = it.volume_id()?;
    let mut resource = ec2_resource(site, NAME, id, it.tags(), it.owner_id());
    resource.state = it.state().map(|state| state.as_str().to_owned());
    resource.life = SPEC.states.life(resource.state.as_deref())?;
    resource.arn = Some(site.arn("ec2", &format!("volume/{id}")));
    resource.created = it.create_time().and_then(timestamp);
    fact(&mut resource, facts::ZONE, it.availability_zone());
    fact(&mut resource, facts::TYPE, it.volume_type().map(|kind| kind.as_str()));
    fact(&mut resource, facts::SIZE_GIB, it.size().map(|size| size.to_string()));
    for attachment in it.attachments() {
        add_attachment(site, attachment, &mut resource);
    }
    // One that goes with its instance is the instance's matter, and that is guarded itself.
    if resource.links_as(how::MADE_BY).next().is_none() {
        guard_operated(&mut resource, it.operator());
    }
    Some(resource)
}

fn add_attachment(site: &Site, it: &VolumeAttachment, resource: &mut Resource) {
    if it.state() == Some(&VolumeAttachmentState::Detached) {
        return;
    }
    let Some(instance) = it.instance_id().filter(|id| !id.is_empty()) else {
        let with = it.associated_resource().or(it.instance_owning_service()).unwrap_or("something unnamed");
        guard(resource, GuardRule::UnknownMaker, format!("it is attached to {with}"));
        return;
    };
    let how = if it.delete_on_termination() == Some(true) { how::MADE_BY } else { how::ATTACHED };
    resource.links.insert(Link::new(how, site.key("instance", instance)));
}

#[cfg(test)]
mod tests {
    use aws_sdk_ec2::types::{OperatorResponse, VolumeType};
    use aws_smithy_types::DateTime;

    use super::*;
    use crate::aws::kinds::testing::{guards, links, site};
    use crate::kinds::volume::cost;
    use crate::model::Life;
    use crate::model::{Amount, Cost};
    use aws_sdk_ec2::types::VolumeState as State;

    fn volume() -> aws_sdk_ec2::types::builders::VolumeBuilder {
        Described::builder()
            .volume_id("vol-1")
            .volume_type(VolumeType::Gp3)
            .size(20)
            .availability_zone("us-east-1a")
            .create_time(DateTime::from_secs(1_700_000_000))
    }

    fn attached(goes: bool) -> VolumeAttachment {
        VolumeAttachment::builder()
            .instance_id("i-1")
            .state(VolumeAttachmentState::Attached)
            .delete_on_termination(goes)
            .build()
    }

    #[test]
    fn a_volume_goes_with_its_instance_or_waits_for_it() {
        let goes = read(&site(), &volume().attachments(attached(true)).build()).unwrap();
        assert_eq!(links(&goes), ["made-by instance i-1"]);
        let waits = read(&site(), &volume().attachments(attached(false)).build()).unwrap();
        assert_eq!(links(&waits), ["attached instance i-1"]);
    }

    #[test]
    fn a_detached_volume_is_free_and_one_held_by_something_unnamed_is_guarded() {
        let detached =
            VolumeAttachment::builder().instance_id("i-1").state(VolumeAttachmentState::Detached).build();
        let free = read(&site(), &volume().attachments(detached).build()).unwrap();
        assert!(free.links.is_empty() && free.guards.is_empty());
        let held = VolumeAttachment::builder().instance_owning_service("svc.amazonaws.com").build();
        let held = read(&site(), &volume().attachments(held).build()).unwrap();
        assert_eq!(guards(&held), [GuardRule::UnknownMaker]);
    }

    #[test]
    fn a_volume_costs_by_type_and_size_and_an_unknown_type_is_not_free() {
        let known = read(&site(), &volume().build()).unwrap();
        assert_eq!(cost(&known), [Cost { item: "volume-gp3-gib", units: 20.0 }]);
        assert_eq!(known.created.unwrap().to_string(), "2023-11-14T22:13:20Z");
        let unknown = read(&site(), &volume().volume_type(VolumeType::from("gp9")).build()).unwrap();
        assert_eq!(crate::price::monthly(&cost(&unknown), &site().region), None);
    }

    #[test]
    fn a_volume_uses_its_size_of_the_quota_of_its_type_alone() {
        let used = |it: Described| -> Vec<(&str, Amount)> {
            let resource = read(&site(), &it).unwrap();
            let amounts = SPEC.quotas.iter().map(|quota| (quota.name, (quota.amount)(&resource)));
            amounts.filter(|(_, amount)| *amount != Amount::Known(0)).collect()
        };
        assert_eq!(used(volume().build()), [("ebs-gp3", Amount::Known(20))]);
        assert_eq!(
            used(volume().volume_type(VolumeType::Standard).build()),
            [("ebs-standard", Amount::Known(20))]
        );
        let sizeless = Described::builder().volume_id("vol-1").volume_type(VolumeType::Io2);
        assert_eq!(used(sizeless.build()), [("ebs-io2", Amount::Unknown)]);
        let untold = used(Described::builder().volume_id("vol-1").build());
        assert_eq!(untold.len(), SPEC.quotas.len(), "it may be of any type: {untold:?}");
    }

    #[test]
    fn a_volume_lives_from_creating_to_deleting() {
        let life = |state| read(&site(), &volume().state(state).build()).map(|it| it.life);
        assert_eq!(life(State::Creating), Some(Life::Coming));
        assert_eq!(life(State::InUse), Some(Life::Standing));
        assert_eq!(life(State::Error), Some(Life::Standing));
        assert_eq!(life(State::Deleting), Some(Life::Leaving));
        assert_eq!(life(State::Deleted), None);
    }

    #[test]
    fn an_operated_volume_is_guarded_unless_its_instance_takes_it_along() {
        let operator = OperatorResponse::builder().managed(true).principal("eks.amazonaws.com").build();
        let alone = read(&site(), &volume().operator(operator.clone()).build()).unwrap();
        assert_eq!(guards(&alone), [GuardRule::UnknownMaker]);
        let along = read(&site(), &volume().operator(operator).attachments(attached(true)).build()).unwrap();
        assert!(along.guards.is_empty());
    }
}
