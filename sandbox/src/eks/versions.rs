//! The Kubernetes versions that EKS offers, and how long it supports them.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::request::{Body, page_of};
use super::{invalid_parameter, json as render};
use crate::error::AwsResult;
use crate::protocol::{Answer, Ctx};
use crate::world::World;

/// One minor version, with its dates: release, end of standard support, end of extended support.
struct Version {
    name: &'static str,
    released: &'static str,
    standard: &'static str,
    extended: &'static str,
    patch: u32,
}

const fn version(
    name: &'static str,
    [released, standard, extended]: [&'static str; 3],
    patch: u32,
) -> Version {
    Version { name, released, standard, extended, patch }
}

/// The calendar, the newest first: <https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html>.
/// The patch numbers only have the form of AWS's.
const VERSIONS: &[Version] = &[
    version("1.36", ["2026-06-02", "2027-08-02", "2028-08-02"], 2),
    version("1.35", ["2026-01-27", "2027-03-27", "2028-03-27"], 4),
    version("1.34", ["2025-10-02", "2026-12-02", "2027-12-02"], 6),
    version("1.33", ["2025-05-29", "2026-07-29", "2027-07-29"], 9),
    version("1.32", ["2025-01-23", "2026-03-23", "2027-03-23"], 11),
    version("1.31", ["2024-09-26", "2025-11-26", "2026-11-26"], 14),
    version("1.30", ["2024-05-23", "2025-07-23", "2026-07-23"], 14),
    version("1.29", ["2024-01-23", "2025-03-23", "2026-03-23"], 15),
    version("1.28", ["2023-09-26", "2024-11-26", "2025-11-26"], 15),
    version("1.27", ["2023-05-24", "2024-07-24", "2025-07-24"], 16),
    version("1.26", ["2023-04-11", "2024-06-11", "2025-06-11"], 15),
    version("1.25", ["2023-02-22", "2024-05-01", "2025-05-01"], 16),
];

/// How old a version is when it becomes the one that a cluster gets whose creator named none. No page
/// tells it.
const BECOMES_DEFAULT: SignedDuration = SignedDuration::from_hours(24 * 180);

/// How AWS spells the support of a version, in `versionStatus` and in the older `status`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Support {
    Standard,
    Extended,
    None,
}

impl Support {
    fn version_status(self) -> &'static str {
        match self {
            Self::Standard => "STANDARD_SUPPORT",
            Self::Extended => "EXTENDED_SUPPORT",
            Self::None => "UNSUPPORTED",
        }
    }

    fn status(self) -> &'static str {
        match self {
            Self::Standard => "standard-support",
            Self::Extended => "extended-support",
            Self::None => "unsupported",
        }
    }
}

/// The beginning of a day. Every day of the table can be read, as a test sees to.
fn day(text: &str) -> Timestamp {
    format!("{text}T00:00:00Z").parse().unwrap_or(Timestamp::UNIX_EPOCH)
}

impl Version {
    /// `None`: it is not released yet.
    fn support(&self, now: Timestamp) -> Option<Support> {
        if now < day(self.released) {
            return None;
        }
        Some(match () {
            () if now < day(self.standard) => Support::Standard,
            () if now < day(self.extended) => Support::Extended,
            () => Support::None,
        })
    }
}

/// The versions that are released, the newest first, with their support. Before and after the time
/// that the calendar knows, its first and its last version are supported, so that a world can be built
/// at any moment.
fn released(now: Timestamp) -> Vec<(&'static Version, Support)> {
    let mut all: Vec<_> =
        VERSIONS.iter().filter_map(|version| Some((version, version.support(now)?))).collect();
    if all.is_empty() {
        all.extend(VERSIONS.last().map(|oldest| (oldest, Support::Standard)));
    }
    if all.iter().all(|(_, support)| *support == Support::None)
        && let Some(newest) = all.first_mut()
    {
        newest.1 = Support::Standard;
    }
    all
}

/// The version of a cluster whose creator named none.
fn default(now: Timestamp) -> &'static str {
    let all = released(now);
    let standard = || all.iter().filter(|(_, support)| *support == Support::Standard);
    let settled =
        standard().find(|(version, _)| now.duration_since(day(version.released)) >= BECOMES_DEFAULT);
    settled.or_else(|| standard().next()).or(all.first()).map_or("", |(version, _)| version.name)
}

/// Whether a cluster of this version can be made.
pub(crate) fn is_supported(now: Timestamp, name: &str) -> bool {
    released(now).iter().any(|(version, support)| version.name == name && *support != Support::None)
}

/// The version of a new cluster, or the refusal of one that EKS does not support (any more, or yet).
/// The sentence is the one that users report:
/// <https://github.com/terraform-aws-modules/terraform-aws-eks/issues/3164>.
pub(super) fn for_new_cluster(now: Timestamp, wanted: Option<&str>) -> AwsResult<&str> {
    match wanted {
        None => Ok(default(now)),
        Some(name) if is_supported(now, name) => Ok(name),
        Some(name) => Err(invalid_parameter(format!("unsupported Kubernetes version {name}"))),
    }
}

/// DescribeClusterVersions: <https://docs.aws.amazon.com/eks/latest/APIReference/API_DescribeClusterVersions.html>.
///
/// Without `includeAll`, a status or names, those in support are told. The page leaves open what a name
/// without support gives; here it is told, with its status.
pub(super) fn describe(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let body = Body::of(ctx);
    let now = world.clock.now();
    let names = body.texts("clusterVersions");
    let wanted_status = match (body.text("versionStatus"), body.text("status")) {
        (Some(_), Some(_)) => {
            return Err(invalid_parameter("You can't use both status and versionStatus in a request"));
        }
        (new, old) => new.or(old.map(|old| old.replace('-', "_").to_uppercase())),
    };
    let known = [Support::Standard, Support::Extended, Support::None].map(Support::version_status);
    if let Some(status) = wanted_status.as_deref().filter(|status| !known.contains(status)) {
        return Err(invalid_parameter(format!("{status} is not a valid version status")));
    }
    let default = default(now);
    let all = body.truth("includeAll") || !names.is_empty();
    let here = body.text("clusterType").is_none_or(|kind| kind == "eks");
    let rows = released(now).into_iter().filter(|(version, support)| {
        let by_status = match &wanted_status {
            Some(status) => status == support.version_status(),
            None => all || *support != Support::None,
        };
        here && by_status
            && (names.is_empty() || names.iter().any(|name| name == version.name))
            && (!body.truth("defaultOnly") || version.name == default)
    });
    // The newest first; the token counts down with the versions.
    let rows = rows.map(|(version, support)| {
        let place = VERSIONS.iter().position(|known| known.name == version.name).unwrap_or_default();
        (format!("{place:04}"), told(version, support, version.name == default))
    });
    page_of("clusterVersions", rows.collect(), &body).map(Answer::from)
}

/// <https://docs.aws.amazon.com/eks/latest/APIReference/API_ClusterVersionInformation.html>
fn told(version: &Version, support: Support, is_default: bool) -> Value {
    json!({
        "clusterVersion": version.name,
        "clusterType": "eks",
        "defaultPlatformVersion": "eks.1",
        "defaultVersion": is_default,
        "releaseDate": render::epoch(day(version.released)),
        "endOfStandardSupportDate": render::epoch(day(version.standard)),
        "endOfExtendedSupportDate": render::epoch(day(version.extended)),
        "status": support.status(),
        "versionStatus": support.version_status(),
        "kubernetesPatchVersion": format!("{}.{}", version.name, version.patch),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SimClock;

    fn at(now: &str) -> World {
        World::new("111122223333", SimClock::new(now.parse().unwrap(), 0.0))
    }

    fn listed(world: &mut World, input: Value) -> Vec<(String, String)> {
        let told = world.call_json("eks", "us-east-1", "DescribeClusterVersions", input).unwrap();
        let rows = told["clusterVersions"].as_array().unwrap().iter();
        let text = |row: &Value, key: &str| row[key].as_str().unwrap().to_owned();
        rows.map(|row| (text(row, "clusterVersion"), text(row, "versionStatus"))).collect()
    }

    fn names(rows: &[(String, String)], status: &str) -> Vec<String> {
        rows.iter().filter(|(_, of)| of == status).map(|(name, _)| name.clone()).collect()
    }

    #[test]
    fn support_follows_the_worlds_clock() {
        let rows = listed(&mut at("2026-11-20T10:00:00Z"), json!({}));
        assert_eq!(names(&rows, "STANDARD_SUPPORT"), ["1.36", "1.35", "1.34"]);
        assert_eq!(names(&rows, "EXTENDED_SUPPORT"), ["1.33", "1.32", "1.31"]);
        let rows = listed(&mut at("2026-11-26T00:00:00Z"), json!({}));
        assert_eq!(names(&rows, "EXTENDED_SUPPORT"), ["1.33", "1.32"], "1.31 ended that day");
        let rows = listed(&mut at("2026-01-26T00:00:00Z"), json!({}));
        assert!(!rows.iter().any(|(name, _)| name == "1.35"), "not released yet");
    }

    #[test]
    fn what_has_no_support_is_listed_only_on_request() {
        let mut world = at("2026-11-20T10:00:00Z");
        assert!(names(&listed(&mut world, json!({})), "UNSUPPORTED").is_empty());
        let all = names(&listed(&mut world, json!({ "includeAll": "true" })), "UNSUPPORTED");
        assert_eq!(all.first().map(String::as_str), Some("1.30"));
        let asked = json!({ "versionStatus": "UNSUPPORTED" });
        assert_eq!(names(&listed(&mut world, asked), "UNSUPPORTED"), all);
        let named = json!({ "clusterVersions": ["1.28", "1.35"] });
        assert_eq!(names(&listed(&mut world, named), "UNSUPPORTED"), ["1.28"]);
        let old = json!({ "status": "extended-support" });
        assert_eq!(listed(&mut world, old).len(), 3);
        let both = json!({ "status": "unsupported", "versionStatus": "UNSUPPORTED" });
        let refusal = world.call_json("eks", "us-east-1", "DescribeClusterVersions", both).unwrap_err();
        assert_eq!(refusal.code, "InvalidParameterException");
    }

    #[test]
    fn pages_go_from_new_to_old_and_hold_each_version_once() {
        let mut world = at("2026-11-20T10:00:00Z");
        let mut seen = Vec::new();
        let mut input = json!({ "maxResults": "4", "includeAll": "true" });
        loop {
            let page = world.call_json("eks", "us-east-1", "DescribeClusterVersions", input.clone()).unwrap();
            let rows = page["clusterVersions"].as_array().unwrap();
            seen.extend(rows.iter().map(|row| row["clusterVersion"].as_str().unwrap().to_owned()));
            let Some(token) = page.get("nextToken") else { break };
            input["nextToken"] = token.clone();
        }
        let all: Vec<&str> = VERSIONS.iter().map(|version| version.name).collect();
        assert_eq!(seen, all);
    }

    #[test]
    fn one_version_is_the_default_and_it_is_in_standard_support() {
        for now in ["1999-01-01", "2023-03-01", "2026-11-20", "2026-12-20", "2031-01-01"] {
            let mut world = at(&format!("{now}T00:00:00Z"));
            let rows = listed(&mut world, json!({ "defaultOnly": "true" }));
            assert_eq!(rows.len(), 1, "{now}: {rows:?}");
            assert_eq!(rows[0].1, "STANDARD_SUPPORT", "{now}");
        }
    }

    #[test]
    fn a_version_without_support_makes_no_cluster() {
        let now = day("2026-11-20");
        assert_eq!(for_new_cluster(now, Some("1.31")).unwrap(), "1.31");
        for name in ["1.30", "1.37", "latest", ""] {
            let refusal = for_new_cluster(now, Some(name)).unwrap_err();
            assert_eq!(refusal.code, "InvalidParameterException");
            assert_eq!(refusal.message, format!("unsupported Kubernetes version {name}"));
        }
    }

    #[test]
    fn the_calendar_can_be_read_and_ends_after_it_begins() {
        for version in VERSIONS {
            let days = [version.released, version.standard, version.extended].map(day);
            assert!(days[0] > Timestamp::UNIX_EPOCH && days.is_sorted(), "{}", version.name);
        }
        assert!(VERSIONS.is_sorted_by(|one, next| day(one.released) > day(next.released)));
    }
}
