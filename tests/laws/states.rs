//! Laws about states of deployment tools: whatever state is written, what it owns is what was put in as owned, and no
//! secret comes out. The writer here knows the truth, and shares no code with the readers.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use aws_janitor::deployment::Alone;
use aws_janitor::model::{OwnedStatus, StateClaims};
use aws_janitor::states::{claims, read};
use serde_json::{Map, Value as Json, json};

use crate::rng::Rng;

const STATES: u64 = 3_000;

/// As many times as long as the parse of a state its reading may take, and how many megabytes one of 100 may: the names
/// in a text of nothing else are kept twice, as they are found and in order.
const MOST_TIME: f64 = 10.0;
const MOST_ROOM: usize = 1_000;

/// What stands in a state.
#[derive(Default)]
struct Truth {
    /// What it owns, by its id, with what is said of it.
    owned: Vec<(String, &'static str)>,
    /// What it looks up, or refers to.
    others: BTreeSet<String>,
    secrets: Vec<String>,
}

/// What Terraform and Pulumi call a type, and how its ids begin.
const TYPES: [(&str, &str, &str); 8] = [
    ("aws_vpc", "aws:ec2/vpc:Vpc", "vpc-"),
    ("aws_nat_gateway", "aws:ec2/natGateway:NatGateway", "nat-"),
    ("aws_eip", "aws:ec2/eip:Eip", "eipalloc-"),
    ("aws_eks_cluster", "aws:eks/cluster:Cluster", "cluster "),
    ("aws_iam_role", "aws:iam/role:Role", "role "),
    ("aws_iam_policy", "aws:iam/policy:Policy", "arn:aws:iam::123456789012:policy/"),
    ("aws_s3_bucket", "aws:s3/bucket:Bucket", "bucket "),
    ("awscc_ec2_subnet", "aws-native:ec2:Subnet", "subnet-"),
];

struct Writer {
    rng: Rng,
    truth: Truth,
    made: u64,
}

impl Writer {
    fn id(&mut self, begins: &str) -> String {
        self.made += 1;
        match begins.strip_suffix('-') {
            Some(_) => format!("{begins}{:017x}", u64::from(self.rng.chance(1, 2)) << 60 | self.made),
            None => format!("{}{}", begins.replace(' ', "_"), self.made),
        }
    }

    /// A text of no form that AWS gives anything.
    fn secret(&mut self) -> String {
        let forms = [
            "Pa$$w0rd-{}",
            "AKIA{}",
            "-----BEGIN KEY-----\n{}\n",
            "eyJ{}==",
            "{\"password\": \"{}\"}",
            "é{}\u{7}",
        ];
        let text = self.rng.pick(&forms).replace("{}", &format!("{:016X}Z", self.rng.next()));
        self.truth.secrets.push(text.split(['"', '\n']).max_by_key(|part| part.len()).unwrap().to_owned());
        text
    }

    /// A value with secrets in it, however deep.
    fn value(&mut self, depth: usize) -> Json {
        match self.rng.below(if depth == 0 { 4 } else { 7 }) {
            0 | 1 => json!(self.secret()),
            2 => json!(self.rng.next()),
            3 => {
                let id = self.id("eni-");
                self.truth.others.insert(id.clone());
                let words = [id.clone(), format!("see {id}, please"), json!({"a": {"b": id}}).to_string()];
                json!(self.rng.pick(&words))
            }
            4 => Json::Array((0..self.rng.below(3)).map(|_| self.value(depth - 1)).collect()),
            5 => json!(null),
            _ => self.object(depth - 1),
        }
    }

    fn object(&mut self, depth: usize) -> Json {
        let names = [
            "password",
            "user_data",
            "content",
            "tags",
            "tags_all",
            "policy",
            "environment",
            "value",
            "description",
        ];
        let names: Vec<&str> = names.into_iter().filter(|_| self.rng.chance(1, 3)).collect();
        Json::Object(names.into_iter().map(|name| (name.to_owned(), self.value(depth))).collect())
    }

    /// Attributes of a thing of this id.
    fn attributes(&mut self, id: Option<&str>) -> Map<String, Json> {
        let Json::Object(mut attributes) = self.object(3) else { unreachable!() };
        attributes.extend(id.map(|id| ("id".to_owned(), json!(id))));
        attributes
    }

    fn terraform(&mut self) -> Json {
        let mut resources = Vec::new();
        for _ in 0..self.rng.below(8) {
            let (type_name, _, begins) = *self.rng.pick(&TYPES);
            let lookup = self.rng.chance(1, 4);
            let other = self.rng.chance(1, 6);
            let mut instances = Vec::new();
            for key in 0..self.rng.below(3) {
                let id = self.id(if lookup { "subnet-" } else { begins });
                let mut it = json!({"index_key": key, "attributes": self.attributes(Some(&id)), "private": self.secret(),
                    "sensitive_attributes": [[{"type": "get_attr", "value": "password"}]]});
                let status = *self.rng.pick(&["managed", "tainted", "deposed"]);
                match status {
                    "tainted" => it["status"] = json!("tainted"),
                    "deposed" => it["deposed"] = json!("1800718f"),
                    _ => {}
                }
                match (lookup, other) {
                    (true, _) => drop(self.truth.others.insert(id)),
                    (false, true) => {}
                    (false, false) => self.truth.owned.push((id, status)),
                }
                instances.push(it);
            }
            let type_name = if other && !lookup { "random_pet" } else { type_name };
            resources.push(
                json!({"mode": if lookup { "data" } else { "managed" }, "type": type_name, "name": "it",
                "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]", "instances": instances}),
            );
        }
        let outputs = json!({"all": {"value": self.value(3), "type": "string", "sensitive": true}});
        json!({"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "x", "outputs": outputs,
            "resources": resources})
    }

    /// A file of Terraform's as `terraform show -json` writes it.
    fn shown(file: &Json) -> Json {
        let mut module = json!({"resources": [], "child_modules": []});
        for entry in file["resources"].as_array().unwrap() {
            for it in entry["instances"].as_array().unwrap() {
                let mut told = json!({"address": "a.b", "mode": entry["mode"], "type": entry["type"], "values": it["attributes"]});
                told["deposed_key"] = it["deposed"].clone();
                told["tainted"] = json!(it["status"] == json!("tainted"));
                module["resources"].as_array_mut().unwrap().push(told);
            }
            // The last one is the innermost.
            module = json!({"resources": [], "child_modules": [module]});
        }
        json!({"format_version": "1.0", "values": {"outputs": file["outputs"], "root_module": module}})
    }

    fn pulumi(&mut self) -> Json {
        let mut resources = Vec::new();
        for n in 0..self.rng.below(12) {
            let (_, type_name, begins) = *self.rng.pick(&TYPES);
            let as_what = *self.rng.pick(&[
                "managed",
                "managed",
                "tainted",
                "deposed",
                "external",
                "component",
                "other",
            ]);
            let id = self.id(if as_what == "external" { "subnet-" } else { begins });
            let mut outputs = self.attributes(Some(&id));
            // What Pulumi wraps is a secret, however it is formed.
            let hidden = [self.id("vpc-"), self.secret()];
            let hidden = self.rng.pick(&hidden).clone();
            self.truth.secrets.push(hidden.lines().max_by_key(|line| line.len()).unwrap().to_owned());
            let name = *self.rng.pick(&["name", "arn", "region", "tags", "more"]);
            let name = if outputs.contains_key(name) { "more" } else { name };
            outputs.insert(name.to_owned(), json!({"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "plaintext": hidden}));
            let mut it = json!({"urn": format!("urn:pulumi:dev::shop::{type_name}::it{n}"), "type": type_name, "id": id,
                "custom": true, "inputs": self.attributes(None), "outputs": outputs});
            match as_what {
                "tainted" => it["initErrors"] = json!([self.secret()]),
                "deposed" => it["delete"] = json!(true),
                "external" => it["external"] = json!(true),
                "component" => it["custom"] = json!(false),
                "other" => it["type"] = json!("random:index/randomPet:RandomPet"),
                _ => {}
            }
            match as_what {
                "external" => drop(self.truth.others.insert(id)),
                "component" | "other" => {}
                _ => self.truth.owned.push((id, as_what)),
            }
            resources.push(it);
        }
        json!({"version": 3, "deployment": {"manifest": {}, "secrets_providers": {"state": self.secret()}, "resources": resources}})
    }
}

fn said(status: OwnedStatus) -> &'static str {
    match status {
        OwnedStatus::Managed => "managed",
        OwnedStatus::Tainted => "tainted",
        OwnedStatus::Deposed => "deposed",
        OwnedStatus::Pending => "pending",
    }
}

fn told(bytes: &[u8]) -> StateClaims {
    claims("state", read("state", bytes, &Alone), None)
}

#[test]
fn whatever_state_is_written_its_owned_ids_come_out_and_no_secret_does() {
    let (mut owned, mut secrets, mut others) = (0, 0, 0);
    for seed in 0..STATES {
        let mut writer = Writer { rng: Rng::new(seed), truth: Truth::default(), made: 0 };
        let file = match seed % 3 {
            0 => writer.terraform(),
            1 => Writer::shown(&writer.terraform()),
            _ => writer.pulumi(),
        };
        let mut truth = writer.truth;
        let claims = told(file.to_string().as_bytes());
        assert_eq!(claims.unread, None, "{seed}: {file}");
        let mut found: Vec<_> = claims.owned.iter().map(|it| (it.id.clone(), said(it.status))).collect();
        found.sort();
        truth.owned.sort();
        assert_eq!(found, truth.owned, "{seed}: {file}");
        let printed = format!("{claims:?}{}", serde_json::to_string(&claims).unwrap());
        for secret in &truth.secrets {
            assert!(!printed.contains(secret.as_str()), "{seed}: {secret} in {claims:#?}");
        }
        for other in &truth.others {
            assert!(claims.named.contains(other), "{seed}: {other} is named in {file}");
            assert!(
                claims.owned.iter().all(|it| it.id != *other && !it.also.contains(other)),
                "{seed}: {other}"
            );
        }
        owned += found.len();
        secrets += truth.secrets.len();
        others += truth.others.len();
    }
    assert!(
        owned > 3_000 && secrets > 10_000 && others > 1_000,
        "{owned} owned, {secrets} secrets, {others} others"
    );
}

#[test]
fn a_state_that_is_cut_anywhere_may_own_anything() {
    for seed in 0..12 {
        let mut writer = Writer { rng: Rng::new(seed), truth: Truth::default(), made: 0 };
        let file = if seed % 2 == 0 { writer.terraform() } else { writer.pulumi() };
        let text = file.to_string();
        for end in 0..text.len() {
            let claims = told(&text.as_bytes()[..end]);
            assert!(claims.unread.is_some() && claims.owned.is_empty(), "{seed}, cut at {end}");
        }
    }
}

/// What writes the things of a large state, one at a time, and what stands around them.
struct Form {
    name: &'static str,
    begins: &'static str,
    thing: fn(usize, &str) -> String,
    ends: &'static str,
}

const FORMS: [Form; 3] = [
    Form {
        name: "a state of Terraform",
        begins: r#"{"version":4,"serial":1,"resources":["#,
        thing: |id, more| {
            format!(
                r#"{{"mode":"managed","type":"aws_vpc","name":"a","instances":[{{"attributes":{{"id":"vpc-{id:017x}","owner":"arn:aws:iam::123456789012:role/a","more":"{more}"}}}}]}}"#
            )
        },
        ends: "]}",
    },
    Form {
        name: "what terraform show writes",
        begins: r#"{"format_version":"1.0","values":{"root_module":{"resources":["#,
        thing: |id, more| {
            format!(
                r#"{{"address":"aws_vpc.a","mode":"managed","type":"aws_vpc","name":"a","values":{{"id":"vpc-{id:017x}","owner":"arn:aws:iam::123456789012:role/a","more":"{more}"}}}}"#
            )
        },
        ends: "]}}}",
    },
    Form {
        name: "a checkpoint of Pulumi",
        begins: r#"{"version":3,"checkpoint":{"stack":"organization/shop/dev","latest":{"resources":["#,
        thing: |id, more| {
            format!(
                r#"{{"urn":"urn:pulumi:dev::shop::aws:ec2/vpc:Vpc::a{id}","custom":true,"type":"aws:ec2/vpc:Vpc","id":"vpc-{id:017x}","inputs":{{"cidrBlock":"10.0.0.0/16"}},"outputs":{{"id":"vpc-{id:017x}","owner":"arn:aws:iam::123456789012:role/a","more":"{more}"}}}}"#
            )
        },
        ends: "]}}}",
    },
];

/// A state of about so many bytes, of things or of one hostile text.
fn large(form: &Form, bytes: usize, hostile: Option<&str>) -> Vec<u8> {
    let mut text = form.begins.to_owned();
    if let Some(part) = hostile {
        text += &(form.thing)(1, &part.repeat(bytes / part.len()));
    }
    let mut id = 0;
    while hostile.is_none() && text.len() < bytes {
        text += if id == 0 { "" } else { "," };
        text += &(form.thing)(id, "subnet-0123456789abcdef0");
        id += 1;
    }
    text += form.ends;
    text.into_bytes()
}

/// So many megabytes this process holds at most, since it was asked last; where the system tells that.
fn most() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let _ = std::fs::write("/proc/self/clear_refs", "5");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse::<usize>().ok().map(|kib| kib / 1024)
}

fn best(times: usize, run: impl Fn()) -> Duration {
    let times = (0..times).map(|_| {
        let begun = Instant::now();
        run();
        begun.elapsed()
    });
    times.min().unwrap()
}

#[test]
#[ignore = "`make linear` measures it in an optimized build"]
fn reading_a_state_of_five_times_the_bytes_takes_five_times_as_long() {
    let nested = "arn:aws:ec2:us-east-1:123456789012:";
    let hostile = ["arn:aws:", nested, "a-0123456789", "arn:aws:iam::1:role/a,", "-"];
    for form in &FORMS {
        for hostile in [None].into_iter().chain(hostile.map(Some)) {
            let files = [20_000_000, 100_000_000].map(|bytes| large(form, bytes, hostile));
            most();
            let before = most();
            let [one, five] = files.each_ref().map(|file| best(3, || assert!(told(file).unread.is_none())));
            let after = most();
            let parse = best(3, || drop(serde_json::from_slice::<Json>(&files[1]).unwrap()));
            let ratio = five.as_secs_f64() / parse.as_secs_f64();
            let room = before.zip(after).map(|(before, after)| after.saturating_sub(before));
            println!(
                "{}, {hostile:?}: 20 MB in {one:.0?}, 100 MB in {five:.0?}, {ratio:.1} times its parse, {room:?} MB",
                form.name
            );
            assert!(five < one * 8, "{}, {hostile:?}: 20 MB in {one:?}, 100 MB in {five:?}", form.name);
            assert!(ratio < MOST_TIME, "{}, {hostile:?}: {ratio:.1} times its parse", form.name);
            assert!(room.is_none_or(|room| room < MOST_ROOM), "{}, {hostile:?}: {room:?} MB", form.name);
        }
    }
}
