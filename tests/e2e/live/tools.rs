//! What machines and networks are given to work with, and lie in no network: it stays while something living names it,
//! whatever tags it wears, and goes after what failed with it.

use crate::gates::text;

use super::stage::{A1, DAY, FAILED, LIVE, Stage};

const SELECT: [&str; 2] = ["--select", FAILED];

/// The failed stack's account, three days before its end.
fn failed() -> Stage {
    let mut stage = Stage::new();
    stage.ago(3 * DAY);
    stage
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_set_of_dhcp_options_goes_after_its_vpc_and_stays_while_a_living_one_uses_it() {
    let mut stage = failed();
    let spare = stage.spare(A1);
    let (dead, living) = (stage.vpc(1, A1), stage.vpc(2, LIVE));
    let domain = [("DhcpConfiguration.1.Key", "domain-name"), ("DhcpConfiguration.1.Value.1", "shop.test")];
    let set = |stage: &mut Stage| stage.make("CreateDhcpOptions", &domain, A1, "dhcpOptionsId");
    let (own, shared, unused) = (set(&mut stage), set(&mut stage), set(&mut stage));
    let untagged = stage.make("CreateDhcpOptions", &domain, &[], "dhcpOptionsId");
    // A tool that adopts the region's own set tags it like its own.
    let default = text(&stage.ec2("DescribeVpcs", &[("VpcId.1", &dead)]), "dhcpOptionsId");
    A1.iter().for_each(|tag| stage.tag(&default, *tag));
    for (vpc, set) in [(&dead, &own), (&living, &shared)] {
        stage.ec2("AssociateDhcpOptions", &[("VpcId", vpc), ("DhcpOptionsId", set)]);
    }
    let scene = stage.open().await;
    let told = scene.told(&SELECT).await;
    told.orphans(&[&own, &unused, &dead]);
    told.says(&shared, "active", "user", &[&living]);
    told.says(&default, "protected", "guard", &["default set"]);
    // Who may not read VPCs does not know which use one.
    scene.sandbox.world().faults.denied.insert("ec2:DescribeVpcs".to_owned());
    scene.apply(&SELECT).await;
    scene.stand(&[&own, &shared, &unused, &default, &dead, &living]);
    scene.sandbox.world().faults.denied.clear();
    scene.apply(&SELECT).await.expect(3);
    scene.stand(&[&shared, &untagged, &default, &living]);
    scene.are_gone(&[&own, &unused, &dead]);
    scene.are_gone(&spare.all());
}
