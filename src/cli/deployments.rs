//! Reads the files that tell what somebody is about to deploy, with the files beside them, and gives `quota`
//! and `preflight` the deployments in them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

use super::context::Environment;
use super::failure::Failure;
use crate::deployment::types::is_aws;
use crate::deployment::{Beside, Change, Deployment, Format, Input, Item, file};
use crate::kinds;
use crate::model::deployed::Plays;
use crate::model::{AccountId, Region};
use crate::policy::Regions;

/// The file of a CDK folder that names the others.
const CDK_MANIFEST: &str = "manifest.json";

/// Reads them all, in the order named; a file that is named twice is read once. `region` is where things are
/// made whose file does not tell; `parameters` are values of a template's parameters. The first that cannot
/// be read ends it: half an answer would be a wrong one.
pub(super) fn read(
    paths: &[PathBuf],
    region: Option<Region>,
    parameters: &BTreeMap<String, String>,
) -> Result<Vec<Deployment>, Failure> {
    let mut seen = BTreeSet::new();
    let mut deployments = Vec::new();
    for path in paths {
        let file = if path.is_dir() { path.join(CDK_MANIFEST) } else { path.clone() };
        if path.is_dir() && !file.is_file() {
            return Err(Failure::error(format!("{} is a folder without {CDK_MANIFEST}", path.display()))
                .hint(
                    "name a plan, a preview, a template, or the folder that `cdk synth` writes (cdk.out)",
                ));
        }
        if seen.insert(fs::canonicalize(&file).unwrap_or_else(|_| file.clone())) {
            deployments.push(one(path, &file, region.clone(), parameters)?);
        }
    }
    Ok(deployments)
}

fn one(
    path: &Path,
    file: &Path,
    region: Option<Region>,
    parameters: &BTreeMap<String, String>,
) -> Result<Deployment, Failure> {
    let bytes = fs::read(file).map_err(|error| Failure::file("read", file, &error))?;
    let source = path.display().to_string();
    let beside = Folder::of(file);
    let input = Input { source: &source, bytes: &bytes, beside: &beside, region: region.clone(), parameters };
    let mut deployment = file::read(&input)
        .map_err(|error| Failure::error(format!("{source}: {error}")).hint(error.remedy()))?;
    for item in &mut deployment.items {
        if item.region.is_none() && (is_aws(&item.type_name) || is_regional(item)) {
            item.region.clone_from(&region);
        }
    }
    Ok(deployment)
}

/// The region for files that name none, of the regions that a call looks into: the only one that is named, else the
/// environment's.
pub(super) fn region(looked_into: &Regions, environment: &Environment) -> Option<Region> {
    match looked_into {
        Regions::Unnamed => region_of_environment(environment),
        named => named.single().cloned(),
    }
}

/// The region that the environment names for files that name none, as AWS's clients take it.
/// <https://docs.aws.amazon.com/sdkref/latest/guide/feature-region.html>
pub(super) fn region_of_environment(environment: &Environment) -> Option<Region> {
    ["AWS_REGION", "AWS_DEFAULT_REGION"].iter().find_map(|name| environment.variable(name)).map(Region::new)
}

/// Values of a template's parameters, of `KEY=VALUE` as typed.
pub(super) fn parameters(typed: &[String]) -> Result<BTreeMap<String, String>, Failure> {
    let mut parameters = BTreeMap::new();
    for text in typed {
        let pair = text.split_once('=').filter(|(key, _)| !key.is_empty());
        // The value may be a secret, so that it is not said again.
        let (key, value) = pair.ok_or_else(|| {
            Failure::usage("--parameter takes KEY=VALUE")
                .hint("as in --parameter Zones=us-east-1a,us-east-1b")
        })?;
        if parameters.insert(key.to_owned(), value.to_owned()).is_some() {
            return Err(Failure::usage(format!("--parameter {key} is given twice")).hint("give it once"));
        }
    }
    Ok(parameters)
}

/// The regions in which something is made or changed. Refuses a file that does not tell where.
pub(super) fn regions(deployments: &[Deployment]) -> Result<BTreeSet<Region>, Failure> {
    let mut regions = BTreeSet::new();
    for deployment in deployments {
        for item in &deployment.items {
            let changes = item.change.makes() || item.change == Change::Update;
            match &item.region {
                Some(region) if changes && is_regional(item) && !region.is_global() => {
                    regions.insert(region.clone());
                }
                None if changes && is_regional(item) => {
                    return Err(Failure::usage(format!(
                        "{} does not tell in which region {} is made",
                        deployment.source, item.address
                    ))
                    .hint("name it with --region, and no other"));
                }
                Some(_) | None => {}
            }
        }
    }
    Ok(regions)
}

/// A kind of ours. Helm releases live in a cluster, and what is no kind of ours may live anywhere.
fn is_regional(item: &Item) -> bool {
    kinds::row_of(item).is_some_and(|row| row.deployed.plays != Plays::Release)
}

/// Refuses files that make nothing in any region that was named (none, or `all`, is no name).
pub(super) fn check_regions(deployments: &[Deployment], named: &[String]) -> Result<(), Failure> {
    if named.is_empty() || named.iter().any(|name| name == "all") {
        return Ok(());
    }
    for deployment in deployments {
        let meant = regions(std::slice::from_ref(deployment))?;
        if !meant.is_empty() && !meant.iter().any(|region| named.iter().any(|name| name == region.as_str())) {
            let meant: Vec<&str> = meant.iter().map(Region::as_str).collect();
            let (meant, named) = (meant.join(" and "), named.join(" and "));
            return Err(Failure::usage(format!(
                "{} is for {meant}, and --region names {named}",
                deployment.source
            ))
            .hint(match deployment.format {
                Format::CloudFormationTemplate | Format::CdkOut => {
                    "leave --region away: the file names zones or things of that region, unless --parameter gives \
                     it others"
                }
                Format::TerraformPlan
                | Format::TerraformLog
                | Format::PulumiPreview
                | Format::PulumiEvents
                | Format::CloudFormationChangeSet => "leave --region away: the file tells the region",
            }));
        }
    }
    Ok(())
}

/// Refuses files that are for another account.
pub(super) fn check_account(deployments: &[Deployment], account: &AccountId) -> Result<(), Failure> {
    for deployment in deployments {
        if let Some(other) = deployment.account.as_ref().filter(|other| *other != account) {
            return Err(Failure::error(format!(
                "{} is for account {other}, and this is account {account}",
                deployment.source
            ))
            .hint("name the right profile with --profile"));
        }
    }
    Ok(())
}

/// The folder of a file, out of which no name leads.
pub(super) struct Folder {
    /// As it is, without links; `None` where there is none.
    root: Option<PathBuf>,
}

impl Folder {
    /// The folder that this file lies in.
    pub fn of(file: &Path) -> Self {
        let folder = match file.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            Some(_) | None => Path::new("."),
        };
        Self { root: fs::canonicalize(folder).ok() }
    }
}

impl Beside for Folder {
    fn file(&self, name: &str) -> Option<Vec<u8>> {
        let root = self.root.as_deref()?;
        let name = Path::new(name);
        let inside = |part: Component<'_>| matches!(part, Component::Normal(_) | Component::CurDir);
        if !name.components().all(inside) {
            return None;
        }
        // A link may lead out all the same.
        let path = fs::canonicalize(root.join(name)).ok()?;
        if !path.starts_with(root) || !path.is_file() {
            return None;
        }
        fs::read(path).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("aws-janitor-beside-{}-{name}", std::process::id()));
        drop(fs::remove_dir_all(&folder));
        fs::create_dir_all(folder.join("in/nested")).unwrap();
        fs::write(folder.join("secret"), "secret").unwrap();
        fs::write(folder.join("in/a"), "a").unwrap();
        fs::write(folder.join("in/nested/b"), "b").unwrap();
        folder
    }

    #[test]
    fn no_name_leads_out_of_the_folder() {
        let root = folder("out");
        let beside = Folder::of(&root.join("in/plan.json"));
        assert_eq!(beside.file("a").as_deref(), Some(b"a".as_slice()));
        assert_eq!(beside.file("nested/b").as_deref(), Some(b"b".as_slice()));
        let absolute = root.join("secret");
        for out in ["../secret", "nested/../../secret", absolute.to_str().unwrap(), "", ".", "nested", "none"]
        {
            assert_eq!(beside.file(out), None, "{out}");
        }
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(&absolute, root.join("in/link")).unwrap();
            assert_eq!(beside.file("link"), None);
        }
        fs::remove_dir_all(root).unwrap();
    }

    #[test]
    fn parameters_are_read_up_to_the_first_equals_sign() {
        let typed = |list: &[&str]| parameters(&list.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>());
        assert_eq!(
            typed(&["A=b=c", "B="]).unwrap(),
            [("A".into(), "b=c".into()), ("B".into(), String::new())].into()
        );
        assert!(typed(&["A"]).is_err() && typed(&["=b"]).is_err() && typed(&["A=1", "A=2"]).is_err());
        assert!(!typed(&["hunter2"]).unwrap_err().text().contains("hunter2"));
    }

    #[test]
    fn a_folder_without_a_manifest_is_told_for_what_it_is() {
        let root = folder("bare");
        let failure = read(std::slice::from_ref(&root), None, &BTreeMap::new()).unwrap_err();
        assert!(failure.message.contains("a folder without manifest.json"), "{}", failure.message);
        fs::remove_dir_all(root).unwrap();
    }
}
