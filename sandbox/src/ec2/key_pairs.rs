//! Key pairs. Their keys are not real: nobody logs in here.

use super::describe::{Kind, Pages, describe, one};
use super::noun::KEY_PAIR;
use super::tags::checked;
use crate::error::{AwsError, AwsResult};
use crate::protocol::{Answer, Ctx};
use crate::service::Operation;
use crate::stores::ec2::KeyPair;
use crate::world::World;
use crate::xml::Xml;

pub(crate) const OPERATIONS: &[(&str, Operation)] = &[
    ("CreateKeyPair", |world, ctx| create(world, ctx, "rsa")),
    ("ImportKeyPair", |world, ctx| create(world, ctx, "ed25519")),
    ("DeleteKeyPair", delete),
    ("DescribeKeyPairs", describe_pairs),
];

static KIND: Kind<KeyPair> = Kind {
    noun: &KEY_PAIR,
    ids: "KeyPairId",
    set: "keySet",
    pages: Pages::None,
    facts: &[
        ("fingerprint", |_, _, pair| one(&pair.fingerprint)),
        ("key-name", |_, _, pair| one(&pair.name)),
        ("key-pair-id", |_, id, _| one(id)),
    ],
    tags: |pair| &pair.tags,
    records: |ec2| &ec2.key_pairs,
    write: |_, xml, id, pair| {
        xml.text("keyPairId", id).text("keyName", &pair.name).text("keyType", &pair.key_type);
        xml.text("keyFingerprint", &pair.fingerprint).maybe("createTime", pair.created).tags(&pair.tags);
    },
};

fn unknown(name: &str) -> AwsError {
    AwsError::new("InvalidKeyPair.NotFound", format!("The key pair '{name}' does not exist"))
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeKeyPairs.html>
fn describe_pairs(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let pairs = &world.region(&ctx.region).ec2.key_pairs;
    let mut params = ctx.params.clone();
    for (place, name) in ctx.params.list("KeyName").iter().enumerate() {
        let found = pairs.iter().find(|(_, pair)| pair.name == *name);
        params.set(&format!("KeyPairId.{}", place + 1000), found.ok_or_else(|| unknown(name))?.0);
    }
    describe(world, &Ctx { params, ..ctx.clone() }, &KIND)
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateKeyPair.html>
fn create(world: &mut World, ctx: &Ctx, key_type: &str) -> AwsResult<Answer> {
    let name = ctx.params.required("KeyName")?;
    let tags = checked(ctx.params.tag_specifications("key-pair"))?;
    let pairs = &world.region(&ctx.region).ec2.key_pairs;
    if pairs.values().any(|pair| pair.name == name) {
        let text = format!("The keypair '{name}' already exists.");
        return Err(AwsError::new("InvalidKeyPair.Duplicate", text));
    }
    let pair = KeyPair {
        name: name.to_owned(),
        key_type: key_type.to_owned(),
        fingerprint: world.ids.hex(32),
        created: Some(world.clock.now()),
        tags,
    };
    let id = world.ids.ec2("key");
    let mut xml = Xml::new();
    xml.text("keyPairId", &id).text("keyName", name).text("keyFingerprint", &pair.fingerprint);
    if ctx.action == "CreateKeyPair" {
        xml.text("keyMaterial", "-----BEGIN RSA PRIVATE KEY-----\n-----END RSA PRIVATE KEY-----");
    }
    xml.tags(&pair.tags);
    world.region(&ctx.region).ec2.key_pairs.insert(id, pair);
    Ok(xml.into())
}

/// Deleting one that is not there succeeds: observed, not documented.
fn delete(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let (id, name) = (ctx.params.get("KeyPairId"), ctx.params.get("KeyName"));
    let pairs = &mut world.region(&ctx.region).ec2.key_pairs;
    let found = pairs.iter().find(|(key, pair)| Some(key.as_str()) == id || Some(pair.name.as_str()) == name);
    let found = found.map(|(key, _)| key.clone());
    if let Some(found) = &found {
        pairs.remove(found);
    }
    let mut xml = Xml::new();
    xml.text("return", true).maybe("keyPairId", found);
    Ok(xml.into())
}

#[cfg(test)]
mod tests {
    use crate::ec2::lab::Lab;

    #[test]
    fn names_are_unique_and_a_second_deletion_succeeds() {
        let mut lab = Lab::new();
        let name = [("KeyName", "ops")];
        let id = lab.get("CreateKeyPair", &name, "keyPairId");
        lab.refused("CreateKeyPair", &name, "InvalidKeyPair.Duplicate");
        assert_eq!(lab.get("DescribeKeyPairs", &[("KeyName.1", "ops")], "keyPairId"), id);
        lab.ok("DeleteKeyPair", &name);
        lab.ok("DeleteKeyPair", &name);
        lab.refused("DescribeKeyPairs", &[("KeyName.1", "ops")], "InvalidKeyPair.NotFound");
    }
}
