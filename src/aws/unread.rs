//! Things of kinds that are not read: takes the tag filters of a scan, lists with the tagging API what carries such
//! tags, and gives what no kind of the catalog is about.
//!
//! The tagging API goes on listing what is gone, and nothing here is confirmed by a describe: it is told and
//! decides nothing. What it lists of kinds that are read is theirs to confirm, and dropped here.
//! <https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html>

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_resourcegroupstagging::types::TagFilter as Filter;
use futures::future::join_all;

use super::clients::Aws;
use super::shapes::tagged;
use crate::inventory::UnreadThing;
use crate::kinds::CATALOG;
use crate::model::{CloudError, Region};
use crate::session::{ScanRequest, TagFilter};

/// What was found, and why that may not be all.
pub(super) type Unread = (Vec<UnreadThing>, Option<String>);

/// Lists in these places. One that does not tell is a note and no gap: what was seen of it decides nothing.
pub(super) async fn look(places: &BTreeMap<Region, Aws>, request: &ScanRequest) -> Unread {
    if request.without_services.contains("tag") {
        return (Vec::new(), None);
    }
    let ask = places.values().flat_map(|aws| request.tags.iter().map(move |tags| listed(aws, tags)));
    let mut found = BTreeSet::new();
    let mut why = None;
    for answer in join_all(ask).await {
        match answer {
            Ok(things) => found.extend(things),
            Err(error) => why = why.or(Some(error.to_string())),
        }
    }
    (found.into_iter().collect(), why)
}

/// What carries all of these tags in one place and is of no kind that is read.
async fn listed(aws: &Aws, tags: &TagFilter) -> Result<Vec<UnreadThing>, CloudError> {
    let filters = tags.iter().map(|(key, values)| {
        let values = (!values.is_empty()).then(|| values.iter().cloned().collect());
        Filter::builder().key(key).set_values(values).build()
    });
    let call = aws.tagging.get_resources().set_tag_filters(Some(filters.collect()));
    let all = tagged(aws, call).await?;
    // Things of the account stand in the listing of its home region beside those of the region.
    let here = |region: &Region| region.is_global() == aws.site.region.is_global();
    let things = all.into_iter().filter(|(arn, _)| CATALOG.of_arn(arn).is_none());
    let things = things.map(|(arn, tags)| UnreadThing { region: region_of(&arn), arn, tags });
    Ok(things.filter(|thing| here(&thing.region)).collect())
}

/// The region in an ARN; `global` if it has none.
fn region_of(arn: &str) -> Region {
    match arn.split(':').nth(3) {
        Some(region) if !region.is_empty() => Region::new(region),
        Some(_) | None => Region::global(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::aws::Site;
    use crate::aws::scripted::{Script, aws_over};
    use crate::model::AccountId;
    use crate::session::{CallMode, UserRegions};

    fn places(script: &Script) -> BTreeMap<Region, Aws> {
        let place = |region: Region| {
            let site = Site { region: region.clone(), account: AccountId::new("111122223333") };
            (region, aws_over(script.clone(), site, CallMode::Real))
        };
        [Region::new("us-east-1"), Region::global()].map(place).into()
    }

    fn request(without: &[&str]) -> ScanRequest {
        let shop = [("Project".to_owned(), ["shop".to_owned()].into()), ("Env".to_owned(), BTreeSet::new())];
        ScanRequest {
            regions: [Region::new("us-east-1")].into(),
            kinds: BTreeSet::new(),
            users: UserRegions::Nowhere,
            without_services: without.iter().map(|name| (*name).to_owned()).collect(),
            tags: [shop.into()].into(),
        }
    }

    fn answer(arns: &[&str]) -> String {
        let tags = json!([{ "Key": "Project", "Value": "shop" }]);
        let rows: Vec<_> = arns.iter().map(|arn| json!({ "ResourceARN": arn, "Tags": tags })).collect();
        json!({ "PaginationToken": "", "ResourceTagMappingList": rows }).to_string()
    }

    #[tokio::test]
    async fn what_no_kind_is_about_is_told_once_with_its_place_and_its_tags() {
        let all = answer(&[
            "arn:aws:ec2:us-east-1:111122223333:vpc/vpc-1",
            "arn:aws:elasticloadbalancing:us-east-1:111122223333:listener/app/web/1/2",
            "arn:aws:logs:us-east-1:111122223333:log-group:/aws/eks/shop/cluster",
            "arn:aws:rds:us-east-1:111122223333:db:orders",
            "arn:aws:iam::111122223333:policy/shop",
            "arn:aws:s3:::shop-artifacts",
        ]);
        let script = Script::always(200, &all);
        let (found, why) = look(&places(&script), &request(&[])).await;
        let arns: Vec<(&str, &str)> = found.iter().map(|it| (it.arn.as_str(), it.region.as_str())).collect();
        assert_eq!(
            arns,
            [
                ("arn:aws:rds:us-east-1:111122223333:db:orders", "us-east-1"),
                ("arn:aws:s3:::shop-artifacts", "global")
            ]
        );
        assert!(
            why.is_none() && found.iter().all(|it| it.tags.get("Project").is_some_and(|it| it == "shop"))
        );
        let asked: serde_json::Value = serde_json::from_str(&script.requests()[0]).unwrap();
        assert_eq!(asked["TagFilters"], json!([{ "Key": "Env" }, { "Key": "Project", "Values": ["shop"] }]));
    }

    #[tokio::test]
    async fn a_denied_listing_is_a_note() {
        let denied = json!({ "__type": "AccessDeniedException", "message": "not authorized" }).to_string();
        let (found, why) = look(&places(&Script::always(400, &denied)), &request(&[])).await;
        assert!(found.is_empty() && why.is_some_and(|why| why.contains("tag:GetResources")));
    }

    #[tokio::test]
    async fn nothing_is_asked_where_no_tags_are_meant_or_the_service_is_done_without() {
        let script = Script::new([]);
        let none = ScanRequest { tags: BTreeSet::new(), ..request(&[]) };
        assert_eq!(look(&places(&script), &none).await, (Vec::new(), None));
        assert_eq!(look(&places(&script), &request(&["tag"])).await, (Vec::new(), None));
    }
}
