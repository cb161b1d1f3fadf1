//! The calls of `launch-template`: its description as a resource, and its deletion. What they mean stands in
//! [`crate::kinds::launch_template`].

use std::collections::BTreeSet;

use async_trait::async_trait;
use aws_sdk_ec2::types::LaunchTemplate as Described;
use futures::FutureExt;

use super::Kind;
use super::ec2::guard_operated;
use super::template_contents::{self, Contents};
use crate::aws::shapes::{each, ec2_resource, side_by_side, timestamp, told};
use crate::aws::{Aws, Site};
use crate::inventory::marks::node_group;
use crate::kinds::launch_template::{NAME, SPEC};
use crate::model::{CloudError, ErrorClass, KindSpec, Link, Resource, words::how};

/// Its calls.
pub struct Calls;

/// DescribeLaunchTemplates takes no larger page.
const PAGE: i32 = 200;

/// How many ids one call names.
const PAGE_IDS: usize = 200;

/// In whose name EKS makes templates: the session of its service-linked role for node groups.
const EKS_ROLE: &str = "AWSServiceRoleForAmazonEKSNodegroup";

#[async_trait]
impl Kind for Calls {
    fn spec(&self) -> &'static KindSpec {
        &SPEC
    }

    async fn list(&self, aws: &Aws) -> Result<Vec<Resource>, CloudError> {
        // The contents first: a template that is made between the two calls is then listed and asked about by itself.
        let mut contents = template_contents::of_all(aws).await?;
        let call = aws.ec2.describe_launch_templates().include_managed_resources(true).max_results(PAGE);
        let pages = aws
            .pages(
                "ec2:DescribeLaunchTemplates",
                |token| call.clone().set_next_token(token).send(),
                |page| page.next_token(),
            )
            .await?;
        let found = pages
            .iter()
            .flat_map(|page| page.launch_templates())
            .filter_map(|it| read(&aws.site, it))
            .collect();
        with_contents(aws, found, &mut contents).await
    }

    async fn look(&self, aws: &Aws, ids: &[String]) -> Result<Vec<Resource>, CloudError> {
        let mut found = Vec::new();
        for chunk in ids.chunks(PAGE_IDS) {
            match named(aws, chunk).await {
                Ok(some) => found.extend(some),
                // One that is gone fails the call for all of them.
                Err(error) if error.class == ErrorClass::Gone => found.extend(one_by_one(aws, chunk).await?),
                Err(error) => return Err(error),
            }
        }
        with_contents(aws, found, &mut Contents::new()).await
    }

    async fn delete_one(&self, aws: &Aws, resource: &Resource) -> Result<(), CloudError> {
        let call =
            aws.ec2.delete_launch_template().launch_template_id(&resource.key.id).set_dry_run(aws.dry_run());
        aws.change("ec2:DeleteLaunchTemplate", || call.send()).await
    }
}

/// The same with the links of what they hold. One whose contents were not told among all is asked about by
/// itself; one that is gone by then is left out, since it would read like one that holds nothing.
async fn with_contents(
    aws: &Aws,
    found: Vec<Resource>,
    contents: &mut Contents,
) -> Result<Vec<Resource>, CloudError> {
    let missing = found.iter().filter(|it| !contents.contains_key(it.key.id.as_str()));
    let asked = missing.map(|it| contents_of(aws, &it.key.id).boxed()).collect();
    contents.extend(side_by_side(asked).await?.into_iter().flatten());
    let links = |mut it: Resource| {
        it.links.extend(contents.remove(it.key.id.as_str())?);
        Some(it)
    };
    Ok(found.into_iter().filter_map(links).collect())
}

/// What one template holds, with its id; `None` if it is gone.
async fn contents_of(aws: &Aws, id: &str) -> Result<Option<(String, BTreeSet<Link>)>, CloudError> {
    match each(template_contents::of_one(aws, id).await)? {
        None => Ok(None),
        Some(mut told_of) => {
            Ok(Some((id.to_owned(), told(template_contents::VERSIONS, told_of.remove(id))?)))
        }
    }
}

/// Templates by their ids: alone among EC2's describes this one has no filter for them.
async fn named(aws: &Aws, ids: &[String]) -> Result<Vec<Resource>, CloudError> {
    let call = aws
        .ec2
        .describe_launch_templates()
        .set_launch_template_ids(Some(ids.to_vec()))
        .include_managed_resources(true);
    let pages = aws
        .pages(
            "ec2:DescribeLaunchTemplates",
            |token| call.clone().set_next_token(token).send(),
            |page| page.next_token(),
        )
        .await?;
    Ok(pages.iter().flat_map(|page| page.launch_templates()).filter_map(|it| read(&aws.site, it)).collect())
}

/// Those of these templates that still exist.
async fn one_by_one(aws: &Aws, ids: &[String]) -> Result<Vec<Resource>, CloudError> {
    let mut found = Vec::new();
    for id in ids {
        match named(aws, std::slice::from_ref(id)).await {
            Ok(some) => found.extend(some),
            Err(error) if error.class == ErrorClass::Gone => {}
            Err(error) => return Err(error),
        }
    }
    Ok(found)
}

/// The SDK's description as a resource.
fn read(site: &Site, it: &Described) -> Option<Resource> {
    let id = it.launch_template_id()?;
    let mut resource = ec2_resource(site, NAME, id, it.tags(), None);
    resource.arn = Some(site.arn("ec2", &format!("launch-template/{id}")));
    resource.name = it.launch_template_name().map(str::to_owned).or(resource.name);
    resource.created = it.create_time().and_then(timestamp);
    guard_operated(&mut resource, it.operator());
    // Both marks: people put tags of this form on templates of their own, and EKS leaves those alone.
    let by_eks = it.created_by().is_some_and(|by| by.contains(EKS_ROLE));
    if let (true, Some(nodegroup)) = (by_eks, node_group(&resource)) {
        resource.links.insert(Link::new(how::MADE_BY, site.key("eks-nodegroup", nodegroup)));
    }
    Some(resource)
}

#[cfg(test)]
mod tests {
    use aws_smithy_types::DateTime;

    use super::*;
    use crate::aws::kinds::testing::{links, site, tag};

    fn template(by: &str) -> Described {
        Described::builder()
            .launch_template_id("lt-1")
            .launch_template_name("eks-0a1b")
            .create_time(DateTime::from_secs(1_700_000_000))
            .created_by(by)
            .tags(tag("eks:cluster-name", "dev"))
            .tags(tag("eks:nodegroup-name", "blue"))
            .build()
    }

    #[test]
    fn a_template_that_eks_made_goes_with_its_node_group() {
        let by = "arn:aws:sts::111122223333:assumed-role/AWSServiceRoleForAmazonEKSNodegroup/EKS";
        let read = read(&site(), &template(by)).unwrap();
        assert_eq!(links(&read), ["made-by eks-nodegroup dev/blue"]);
        assert_eq!(read.name.as_deref(), Some("eks-0a1b"));
        assert_eq!(read.created.unwrap().to_string(), "2023-11-14T22:13:20Z");
    }

    #[test]
    fn a_template_of_somebody_else_is_ordinary_whatever_its_tags_say() {
        let read = read(&site(), &template("arn:aws:iam::111122223333:user/dev")).unwrap();
        assert!(read.links.is_empty());
    }
}
