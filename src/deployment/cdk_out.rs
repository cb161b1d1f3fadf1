//! Reads the folder that `cdk synth` writes: takes its manifest and gives the template of each stack to
//! `cfn_template`.
//!
//! What stands in the manifest is described by the CDK's own package `cloud-assembly-schema`
//! (<https://github.com/aws/aws-cdk-cli/tree/main/packages/@aws-cdk/cloud-assembly-schema>).

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use serde_json::Value as Json;

use super::cfn_template::{self, FoundItems, TemplateUse};
use super::{Deployment, Format, Input, ReadError, Uncounted, Value, Weight};
use crate::model::{AccountId, Region};

/// How deep assemblies are followed: the CDK nests one in another for each stage.
const DEEPEST: usize = 8;

/// Look-ups of the CDK of which the answer changes no count.
const HARMLESS_LOOKUPS: &[&str] = &["ami", "hosted-zone", "key-provider", "security-group", "ssm"];

/// Reads a folder by its manifest: all its stacks are one deployment, and each stack's name stands before
/// its addresses.
pub fn read(input: &Input<'_>) -> Result<Deployment, ReadError> {
    let mut assembly = Assembly { input, found: FoundItems::default(), stacks: Vec::new() };
    assembly.manifest(input.bytes, "", 0)?;
    if assembly.stacks.is_empty() {
        return Err(broken("it holds no stack"));
    }
    let accounts: BTreeSet<&String> = assembly.stacks.iter().filter_map(|it| it.account.as_ref()).collect();
    let mut found = assembly.found;
    found.closing_remarks(input);
    if accounts.len() > 1 {
        let accounts: Vec<&str> = accounts.iter().map(|account| account.as_str()).collect();
        found.uncounted.push(Uncounted {
            what: format!("accounts {}", accounts.join(" and ")),
            why: "the stacks are for several accounts, which are counted here as one: give the template of \
                  each stack by itself"
                .to_owned(),
            weight: Weight::Open,
        });
    }
    let everywhere = assembly.stacks.iter().all(|stack| stack.account.is_some());
    let account = accounts.first().filter(|_| everywhere && accounts.len() == 1);
    let stack = match assembly.stacks.as_slice() {
        [only] => Some(only.name.clone()),
        _ => None,
    };
    Ok(Deployment {
        source: input.source.to_owned(),
        format: Format::CdkOut,
        stack,
        account: account.map(|account| AccountId::new(account.as_str())),
        items: found.items,
        uncounted: found.uncounted,
    })
}

fn broken(why: impl Into<String>) -> ReadError {
    ReadError::Broken { format: Format::CdkOut.title(), why: why.into() }
}

struct Assembly<'a> {
    input: &'a Input<'a>,
    found: FoundItems,
    stacks: Vec<Stack>,
}

struct Stack {
    name: String,
    account: Option<String>,
}

impl Assembly<'_> {
    fn manifest(&mut self, bytes: &[u8], folder: &str, depth: usize) -> Result<(), ReadError> {
        let manifest = cfn_template::json(bytes, Format::CdkOut.title())?;
        let version = manifest.get("version").and_then(Json::as_str);
        let version = version.ok_or_else(|| broken("it names no version"))?;
        // The schema's version rises with nearly every release of the CDK; what is read here is in all of them.
        if version.split('.').next().and_then(|major| major.parse::<u32>().ok()).is_none() {
            let version = version.to_owned();
            return Err(ReadError::UnknownVersion { format: Format::CdkOut.title(), version });
        }
        let artifacts = || manifest.get("artifacts").and_then(Json::as_object).into_iter().flatten();
        let assets = Rc::new(self.assets(artifacts().map(|(_, artifact)| artifact), folder));
        for (id, artifact) in artifacts() {
            match artifact.get("type").and_then(Json::as_str) {
                Some("aws:cloudformation:stack") => self.stack(id, artifact, folder, &assets)?,
                Some("cdk:cloud-assembly") => self.nested(id, artifact, folder, depth)?,
                _ => {}
            }
        }
        let missing = manifest.get("missing").and_then(Json::as_array);
        for uncounted in missing.into_iter().flatten().map(missing_context) {
            // An assembly repeats what is missing in those that are nested in it.
            if !self.found.uncounted.contains(&uncounted) {
                self.found.uncounted.push(uncounted);
            }
        }
        Ok(())
    }

    /// The files of the assets that these artifacts name. Where a manifest of them is missing, the template that
    /// needs one of them says so.
    fn assets<'j>(
        &self,
        artifacts: impl Iterator<Item = &'j Json>,
        folder: &str,
    ) -> BTreeMap<String, String> {
        let is_manifest = |it: &&Json| it.get("type").is_some_and(|kind| kind == "cdk:asset-manifest");
        let names = artifacts.filter(is_manifest).filter_map(|it| it.pointer("/properties/file")?.as_str());
        let files = names.filter_map(|name| cfn_template::within(folder, name));
        let read =
            files.filter_map(|file| Some((self.input.beside.file(&file)?, cfn_template::folder(&file))));
        read.flat_map(|(bytes, folder)| cfn_template::assets(&bytes, &folder)).collect()
    }

    fn nested(&mut self, id: &str, artifact: &Json, folder: &str, depth: usize) -> Result<(), ReadError> {
        if depth >= DEEPEST {
            return Err(broken("assemblies are nested in it without end"));
        }
        let name = artifact.pointer("/properties/directoryName").and_then(Json::as_str);
        let inner = name.and_then(|name| cfn_template::within(folder, name));
        let inner = inner.ok_or_else(|| broken(format!("the assembly {id} names no folder in it")))?;
        let file = format!("{inner}/manifest.json");
        let bytes = self.input.beside.file(&file);
        let bytes = bytes.ok_or_else(|| broken(format!("{file} is missing")))?;
        self.manifest(&bytes, &format!("{inner}/"), depth + 1)
    }

    fn stack(
        &mut self,
        id: &str,
        artifact: &Json,
        folder: &str,
        assets: &Rc<BTreeMap<String, String>>,
    ) -> Result<(), ReadError> {
        let property = |name: &str| artifact.get("properties").and_then(|it| it.get(name));
        let (account, region) = environment(artifact.get("environment").and_then(Json::as_str));
        // A construct's path is one of a kind in its app; a stack's name is so only in its environment.
        let shown = artifact.get("displayName").and_then(Json::as_str).unwrap_or(id);
        let name = property("stackName").and_then(Json::as_str).unwrap_or(id);
        let template = property("templateFile").and_then(Json::as_str);
        let file = template.and_then(|template| cfn_template::within(folder, template));
        let file = file.ok_or_else(|| broken(format!("stack {shown} names no template in it")))?;
        let bytes = self.input.beside.file(&file);
        let bytes =
            bytes.ok_or_else(|| broken(format!("{file}, the template of stack {shown}, is missing")))?;

        let agnostic = region.is_none();
        let own = property("parameters").and_then(Json::as_object).into_iter().flatten();
        let own = own.filter_map(|(name, value)| Some((name, Value::text(value.as_str()?))));
        // What the user gives goes before what the app says.
        let given = self.input.parameters.iter().map(|(name, value)| (name, Value::text(value.as_str())));
        let parameters = own.chain(given).collect();
        let mut setting = TemplateUse {
            region,
            asked_for_region: Rc::default(),
            account: account.clone(),
            stack: Some(name.to_owned()),
            prefix: format!("{shown}/"),
            folder: cfn_template::folder(&file),
            assets: Rc::clone(assets),
            parameters,
            depth: 0,
        };
        let within = |error| broken(format!("{error} ({file})"));
        if agnostic {
            setting.region = cfn_template::region(self.input, &setting, &bytes).map_err(within)?;
        }
        self.found.zones_by_place = false;
        self.found.template(&bytes, &setting, self.input.beside).map_err(within)?;
        if agnostic && self.found.zones_by_place {
            self.found.uncounted.push(Uncounted {
                what: format!("stack {shown}"),
                why: "it names no region, so that the CDK made it for two zones, whatever the app asks for: \
                      set env, if it should have more"
                    .to_owned(),
                weight: Weight::Remark,
            });
        }
        self.stacks.push(Stack { name: name.to_owned(), account });
        Ok(())
    }
}

/// Account and region of `aws://123456789012/us-east-1`, as far as they are known.
fn environment(text: Option<&str>) -> (Option<String>, Option<Region>) {
    let Some((account, region)) = text.and_then(|text| text.strip_prefix("aws://")?.split_once('/')) else {
        return (None, None);
    };
    let known = |it: &str| (!it.is_empty() && !it.starts_with("unknown-")).then(|| it.to_owned());
    (known(account), known(region).map(Region::new))
}

/// What a look-up that was not made leaves open: the CDK puts in dummy values and goes on.
fn missing_context(missing: &Json) -> Uncounted {
    let provider = missing.get("provider").and_then(Json::as_str).unwrap_or("unknown");
    let key = missing.get("key").and_then(Json::as_str).unwrap_or(provider);
    let harmless = HARMLESS_LOOKUPS.contains(&provider);
    Uncounted {
        what: format!("context {key}"),
        why: "it was missing when the app was synthesized, so that dummy values stand in for it: run `cdk synth` \
              with credentials"
            .to_owned(),
        weight: if harmless { Weight::Remark } else { Weight::Open },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deployment::Item;
    use crate::deployment::testing::Files;

    fn read_folder(manifest: &str, folder: &Files) -> Result<Deployment, ReadError> {
        let parameters = BTreeMap::new();
        read(&Input {
            source: "cdk.out",
            bytes: manifest.as_bytes(),
            beside: folder,
            region: None,
            parameters: &parameters,
        })
    }

    fn addresses(deployment: &Deployment) -> Vec<&str> {
        deployment.items.iter().map(|item| item.address.as_str()).collect()
    }

    fn open(deployment: &Deployment) -> Vec<&str> {
        let open = deployment.uncounted.iter().filter(|it| it.weight == Weight::Open);
        open.map(|it| it.what.as_str()).collect()
    }

    const ONE: &str = r#"{"version": "36.0.0", "artifacts": {"Shop": {"type": "aws:cloudformation:stack",
        "environment": "aws://123456789012/eu-west-1", "properties": {"templateFile": "Shop.json"}}}}"#;
    const EIP: &str = r#"{"Resources": {"Eip": {"Type": "AWS::EC2::EIP"}}}"#;

    #[test]
    fn a_stack_tells_its_account_and_region() {
        let deployment = read_folder(ONE, &Files::of(&[("Shop.json", EIP)])).unwrap();
        assert_eq!(addresses(&deployment), ["Shop/Eip"]);
        assert_eq!(deployment.account, Some(AccountId::new("123456789012")));
        assert_eq!(deployment.stack.as_deref(), Some("Shop"));
        assert_eq!(deployment.items.first().and_then(|it| it.region.clone()), Some(Region::new("eu-west-1")));
        assert!(open(&deployment).is_empty());
    }

    #[test]
    fn a_template_that_is_missing_is_an_error_and_not_an_empty_stack() {
        for folder in [Files::of(&[]), Files::of(&[("../Shop.json", EIP)])] {
            assert!(matches!(read_folder(ONE, &folder), Err(ReadError::Broken { .. })));
        }
        let outside = ONE.replace("Shop.json", "../Shop.json");
        assert!(read_folder(&outside, &Files::of(&[("../Shop.json", EIP), ("Shop.json", EIP)])).is_err());
        assert!(read_folder(r#"{"version": "36.0.0", "artifacts": {}}"#, &Files::of(&[])).is_err());
    }

    #[test]
    fn a_stack_for_no_region_counts_two_zones_and_says_so() {
        const ZONES: &str = r#"{"Resources": {"Net": {"Type": "AWS::EC2::Subnet", "Properties":
            {"AvailabilityZone": {"Fn::Select": [1, {"Fn::GetAZs": ""}]}}}}}"#;
        let agnostic = ONE.replace("123456789012/eu-west-1", "unknown-account/unknown-region");
        let deployment = read_folder(&agnostic, &Files::of(&[("Shop.json", ZONES)])).unwrap();
        assert_eq!((&deployment.account, &deployment.items[0].region), (&None, &None));
        assert!(
            deployment.uncounted.iter().any(|it| it.what == "stack Shop" && it.why.contains("two zones"))
        );
        assert_eq!(deployment.items[0].properties.at("availability_zone"), &Value::zone(1));
        let concrete = read_folder(ONE, &Files::of(&[("Shop.json", ZONES)])).unwrap();
        assert!(!concrete.uncounted.iter().any(|it| it.what == "stack Shop"));
    }

    #[test]
    fn stages_and_nested_templates_are_followed() {
        const OUTER: &str = r#"{"version": "36.0.0", "artifacts": {"assembly-Prod": {"type": "cdk:cloud-assembly",
            "properties": {"directoryName": "assembly-Prod"}}}}"#;
        const INNER: &str = r#"{"version": "36.0.0", "artifacts": {"ProdShop1": {"type": "aws:cloudformation:stack",
            "environment": "aws://123456789012/eu-west-1", "displayName": "Prod/Shop",
            "properties": {"templateFile": "Shop.json", "stackName": "Prod-Shop"}}}}"#;
        const SHOP: &str = r#"{"Resources": {"Net": {"Type": "AWS::CloudFormation::Stack",
            "Properties": {"TemplateURL": {"Fn::Sub": "https://s3.${AWS::URLSuffix}/x"}},
            "Metadata": {"aws:asset:path": "Net.nested.json", "aws:asset:property": "TemplateURL"}}}}"#;
        const NET: &str = r#"{"Resources": {"Eip": {"Type": "AWS::EC2::EIP", "Properties":
            {"Tags": [{"Key": "Name", "Value": {"Ref": "AWS::StackName"}}]}}}}"#;
        let folder = Files::of(&[
            ("assembly-Prod/manifest.json", INNER),
            ("assembly-Prod/Shop.json", SHOP),
            ("assembly-Prod/Net.nested.json", NET),
        ]);
        let deployment = read_folder(OUTER, &folder).unwrap();
        assert_eq!(addresses(&deployment), ["Prod/Shop/Net", "Prod/Shop/Net.Eip"]);
        assert_eq!(deployment.stack.as_deref(), Some("Prod-Shop"));
        assert!(open(&deployment).is_empty());
        let nested_name = deployment.items[1].properties.at("tags").at("Name");
        assert!(nested_name.is_open(), "a nested stack's name is AWS's");
    }

    #[test]
    fn a_nested_template_without_metadata_is_found_by_the_hash_of_its_asset() {
        const MANIFEST: &str = r#"{"version": "36.0.0", "artifacts": {
            "Shop.assets": {"type": "cdk:asset-manifest", "properties": {"file": "Shop.assets.json"}},
            "Shop": {"type": "aws:cloudformation:stack", "environment": "aws://123456789012/eu-west-1",
                     "properties": {"templateFile": "Shop.template.json"}}}}"#;
        let url = |url: &str| {
            format!(
                r#"{{"Resources": {{"Net": {{"Type": "AWS::CloudFormation::Stack", "Properties": {{"TemplateURL": {url}}}}}}}}}"#
            )
        };
        let assets = r#"{"files": {"abc1": {"source": {"path": "Net.json", "packaging": "file"}},
            "abc2": {"source": {"path": "../../Net.json"}}, "abc3": {"source": {"path": "Gone.json"}}}}"#;
        let folder = |template: &str, assets: &str| {
            Files::of(&[("Shop.template.json", template), ("Shop.assets.json", assets), ("Net.json", EIP)])
        };
        let of = |template: &str, assets: &str| {
            let deployment = read_folder(MANIFEST, &folder(template, assets)).unwrap();
            (addresses(&deployment).len(), open(&deployment).len())
        };
        let joined = r#"{"Fn::Join": ["", ["https://s3.", {"Ref": "AWS::URLSuffix"}, "/assets/abc1.json"]]}"#;
        let substituted = r#"{"Fn::Sub": "https://s3.${AWS::URLSuffix}/assets/abc1.json"}"#;
        let with_names = r#"{"Fn::Sub": ["https://s3.${Suffix}/abc1.json", {"Suffix": "abc3"}]}"#;
        for found in [joined, substituted, with_names, r#""https://s3.amazonaws.com/assets/abc1.json""#] {
            assert_eq!(of(&url(found), assets), (2, 0), "{found}");
        }
        for (hash, why) in [("abc2", "it leads out"), ("abc3", "no file"), ("abc4", "no asset")] {
            assert_eq!(of(&url(&joined.replace("abc1", hash)), assets), (1, 1), "{why}");
        }
        assert_eq!(of(&url(joined), "[]"), (1, 1), "no manifest of assets");
        let parameters = BTreeMap::new();
        let template = url(joined);
        let alone = cfn_template::read(&Input {
            source: "cdk.out/Shop.template.json",
            bytes: template.as_bytes(),
            beside: &folder(&template, assets),
            region: None,
            parameters: &parameters,
        });
        assert_eq!(addresses(&alone.unwrap()), ["Net", "Net.Eip"], "the template by itself");
    }

    #[test]
    fn missing_context_leaves_the_counts_open() {
        let with = |provider: &str| {
            let missing =
                format!(r#""missing": [{{"key": "{provider}:a=1", "provider": "{provider}"}}], "version""#);
            read_folder(&ONE.replace("\"version\"", &missing), &Files::of(&[("Shop.json", EIP)])).unwrap()
        };
        assert_eq!(open(&with("availability-zones")), ["context availability-zones:a=1"]);
        assert_eq!(open(&with("something-new")), ["context something-new:a=1"]);
        assert!(open(&with("ami")).is_empty());
    }

    #[test]
    fn stacks_of_two_accounts_are_not_told_as_one() {
        let two = ONE.replace(
            "\"artifacts\": {",
            r#""artifacts": {"Other": {"type": "aws:cloudformation:stack",
               "environment": "aws://210987654321/eu-west-1", "properties": {"templateFile": "Shop.json"}},"#,
        );
        let deployment = read_folder(&two, &Files::of(&[("Shop.json", EIP)])).unwrap();
        assert_eq!(addresses(&deployment), ["Other/Eip", "Shop/Eip"]);
        assert_eq!(deployment.account, None);
        assert_eq!(open(&deployment), ["accounts 123456789012 and 210987654321"]);
    }

    #[test]
    fn the_cdks_own_cluster_is_a_cluster() {
        const CLUSTER: &str = r#"{"Resources": {"C": {"Type": "Custom::AWSCDK-EKS-Cluster", "Properties": {
            "ServiceToken": "x", "Config": {"name": "shop", "version": "1.33", "roleArn": {"Fn::GetAtt": ["R", "Arn"]},
            "resourcesVpcConfig": {"subnetIds": [{"Ref": "A"}, {"Ref": "B"}]}}}}}}"#;
        let deployment = read_folder(ONE, &Files::of(&[("Shop.json", CLUSTER)])).unwrap();
        let item: &Item = &deployment.items[0];
        assert_eq!(item.kind.as_ref().map(|kind| kind.as_str()), Some("eks-cluster"));
        assert_eq!(item.properties.at("name").as_text(), Some("shop"));
        assert_eq!(item.properties.at("version").as_text(), Some("1.33"));
        assert_eq!(item.properties.at("role_arn").sources(), ["Shop/R"]);
        assert_eq!(item.properties.at("vpc_config.subnet_ids").members().len(), 2);
        assert!(item.properties.at("service_token").is_empty());
        assert!(open(&deployment).is_empty());
    }

    #[test]
    fn a_manifest_that_is_none_is_an_error() {
        for (text, truncated) in
            [("{\"version\": \"36.0.0\"", true), ("[]", false), ("{\"version\": 3}", false)]
        {
            let error = read_folder(text, &Files::of(&[])).unwrap_err();
            assert_eq!(matches!(error, ReadError::Truncated { .. }), truncated, "{text}");
        }
        let odd = read_folder("{\"version\": \"next\"}", &Files::of(&[])).unwrap_err();
        assert!(matches!(odd, ReadError::UnknownVersion { .. }));
    }
}
