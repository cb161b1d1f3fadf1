//! What is kept beside an account's things and asked before they go: when they were seen first, in a bucket, and
//! whether the account consents, in a parameter.

use aws_janitor_sandbox::s3;
use serde_json::{Value, json};

use super::stage::{A1, DAY, FAILED, HOME, Scene, Stage};
use crate::program::mutating;

const OBJECT: &str = "janitor/seen.json";

fn kept(scene: &Scene) -> Option<Value> {
    let world = scene.sandbox.world();
    let object = world.s3.buckets.get("memories").unwrap().objects.get(OBJECT)?;
    Some(serde_json::from_slice(&object.body).unwrap())
}

/// Says that everything in the memory was seen that much earlier.
fn aged(scene: &Scene, memory: &Value) {
    let week_ago = scene.sandbox.world().clock.now() - 7 * DAY;
    let mut memory = memory.clone();
    for seen in memory["seen"].as_object_mut().unwrap().values_mut() {
        seen["first"] = json!(week_ago.to_string());
    }
    let mut world = scene.sandbox.world();
    let body = memory.to_string();
    s3::seed(&mut world, HOME, "memories", &[(OBJECT, body.as_bytes())]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_memory_in_a_bucket_saw_a_week_ago_is_old_and_a_dry_run_writes_none() {
    let mut stage = Stage::new();
    stage.ago(8 * DAY);
    let network = stage.network(1, A1);
    s3::seed(&mut stage.world, HOME, "memories", &[]);
    stage.world.faults.denied.insert("cloudtrail:LookupEvents".to_owned());
    let scene = stage.open().await;
    let place = format!("s3://memories/{OBJECT}");
    let flags = ["--select", FAILED, "--older-than", "2d", "--memory", &place];
    scene.apply(&[&flags[..], &["--dry-run"]].concat()).await;
    assert_eq!(kept(&scene), None, "a dry run writes nothing");
    let told = scene.told(&flags).await;
    told.says(&network.vpc, "uncertain", "age-unknown", &[]);
    let memory = kept(&scene).expect("a scan remembers");
    assert!(memory["seen"].to_string().contains(&network.vpc), "{memory:#}");
    let calls = mutating(&scene.sandbox.world().calls);
    assert!(calls.iter().all(|call| call.contains("PutObject")), "{calls:?}");
    aged(&scene, &memory);
    scene.apply(&flags).await.expect(0);
    scene.are_gone(&network.all());
    // What it was told first it goes on to believe.
    let after = kept(&scene).unwrap();
    let first =
        |memory: &Value| memory["seen"].as_object().unwrap().values().map(|it| it["first"].to_string()).min();
    assert!(first(&after) < first(&memory), "{after:#}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_goes_before_the_parameter_that_the_policy_names_says_yes() {
    let mut stage = Stage::new();
    stage.ago(3 * DAY);
    let network = stage.network(1, A1);
    let scene = stage.open().await;
    let policy = scene.endpoint.file("policy.toml");
    let marker = "consent-marker = { parameter = '/janitor/consent', value = 'yes' }\n";
    std::fs::write(&policy, format!("select = ['{FAILED}']\n{marker}")).unwrap();
    let flags = ["--policy", policy.as_str()];
    let put = |value: &str| {
        let input =
            json!({ "Name": "/janitor/consent", "Value": value, "Type": "String", "Overwrite": true });
        scene.sandbox.world().call_json("ssm", HOME, "PutParameter", input).unwrap();
    };
    scene.apply(&flags).await.expect(4);
    put("no");
    scene.apply(&flags).await.expect(4);
    scene.sandbox.world().faults.denied.insert("ssm:GetParameter".to_owned());
    put("yes");
    scene.apply(&flags).await.expect(4);
    scene.stand(&network.all());
    scene.sandbox.world().faults.denied.clear();
    scene.apply(&flags).await.expect(0);
    scene.are_gone(&network.all());
}
