//! What each command prints, 80 columns wide.

use expect_test::expect;

use crate::run;

const SELECT: &str = "--region us-east-1 --select tag:Project=demo --protect stack=demo/live";

#[test]
fn scan() {
    let ended = run(&format!("scan {SELECT}"));
    expect![[r#"
        Done
        Account 123456789012 (acme-dev), caller arn:aws:iam::123456789012:user/deployer
        Regions us-east-1
        Stack demo/a1 · healthy · 13 resources · oldest 3d · $41.75/month
        ? elastic-ip        eipalloc-0a1000000000000001     $3.65 uncertain: nat-0a1000
                            demo-a1-nat                           000000000001 uses it
                                                                  and is uncertain: vpc
                                                                  -0a1000000000000001
                                                                  also holds sg-0a10000
                                                                  00000000001, which is
                                                                  active (sg-0f10000000
                                                                  00000001 uses it and
                                                                  is protected)
        -                   eipalloc-0a1000000000000009     $3.65 orphan: tag
                            demo-a1-spare                         Project=demo matches
                                                                  --select
                                                                  tag:Project=demo
        - iam-policy        arn:aws:iam::123456789012:p 3d        orphan: tag
                            olicy/demo-a1-dns                     Project=demo matches
                            demo-a1-dns                           --select
                                                                  tag:Project=demo
        - iam-role          demo-a1-node                3d        orphan: tag
                                                                  Project=demo matches
                                                                  --select
                                                                  tag:Project=demo
        ? internet-gateway  igw-0a1000000000000001                uncertain: vpc-0a1000
                            demo-a1-igw                           000000000001 also
                                                                  holds sg-0a1000000000
                                                                  000001, which is
                                                                  active (sg-0f10000000
                                                                  00000001 uses it and
                                                                  is protected)
        ? nat-gateway       nat-0a1000000000000001      3d $32.85 uncertain: vpc-0a1000
                            demo-a1-nat                           000000000001 also
                                                                  holds sg-0a1000000000
                                                                  000001, which is
                                                                  active (sg-0f10000000
                                                                  00000001 uses it and
                                                                  is protected)
        ? network-interface eni-0a1000000000000001      3d        uncertain: goes only
                                                                  with nat-0a1000000000
                                                                  000001, which is
                                                                  uncertain
        · security-group    sg-0a1000000000000001                 active:
                            demo-a1-nodes                         sg-0f1000000000000001
                                                                  uses it and is
                                                                  protected
        ?                   sg-0a1000000000000002                 uncertain: vpc-0a1000
                            demo-a1-cluster                       000000000001 also
                                                                  holds sg-0a1000000000
                                                                  000001, which is
                                                                  active (sg-0f10000000
                                                                  00000001 uses it and
                                                                  is protected)
        ? subnet            subnet-0a1000000000000001             uncertain: vpc-0a1000
                            demo-a1-public                        000000000001 also
                                                                  holds sg-0a1000000000
                                                                  000001, which is
                                                                  active (sg-0f10000000
                                                                  00000001 uses it and
                                                                  is protected)
        ?                   subnet-0a1000000000000002             uncertain: vpc-0a1000
                            demo-a1-private                       000000000001 also
                                                                  holds sg-0a1000000000
                                                                  000001, which is
                                                                  active (sg-0f10000000
                                                                  00000001 uses it and
                                                                  is protected)
        - volume            vol-0a10000000000000001     3d  $1.60 orphan: tag
                            demo-a1-data                          Project=demo matches
                                                                  --select
                                                                  tag:Project=demo
        ? vpc               vpc-0a1000000000000001                uncertain: vpc-0a1000
                            demo-a1-vpc                           000000000001 also
                                                                  holds sg-0a1000000000
                                                                  000001, which is
                                                                  active (sg-0f10000000
                                                                  00000001 uses it and
                                                                  is protected)

        Stack demo/live · healthy · 9 resources · oldest 11d · $36.50/month
        · elastic-ip        eipalloc-0f1000000000000001      $3.65 protected: stack
                            demo-live-nat                          demo/live matches
                                                                   --protect
                                                                   stack=demo/live
        · internet-gateway  igw-0f1000000000000001                 protected: stack
                            demo-live-igw                          demo/live matches
                                                                   --protect
                                                                   stack=demo/live
        · nat-gateway       nat-0f1000000000000001      11d $32.85 protected: stack
                            demo-live-nat                          demo/live matches
                                                                   --protect
                                                                   stack=demo/live
        · network-interface eni-0f1000000000000001      11d        protected: stack
                                                                   demo/live matches
                                                                   --protect
                                                                   stack=demo/live
        · security-group    sg-0f1000000000000001                  protected: stack
                            demo-live-nodes                        demo/live matches
                                                                   --protect
                                                                   stack=demo/live
        ·                   sg-0f1000000000000002                  protected: stack
                            demo-live-cluster                      demo/live matches
                                                                   --protect
                                                                   stack=demo/live
        · subnet            subnet-0f1000000000000001              protected: stack
                            demo-live-public                       demo/live matches
                                                                   --protect
                                                                   stack=demo/live
        ·                   subnet-0f1000000000000002              protected: stack
                            demo-live-private                      demo/live matches
                                                                   --protect
                                                                   stack=demo/live
        · vpc               vpc-0f1000000000000001                 protected: stack
                            demo-live-vpc                          demo/live matches
                                                                   --protect
                                                                   stack=demo/live

        In no stack · 1 resource
        · vpc vpc-0d00000000000000001      protected: it is the region's default VPC

        Scan: 4 orphans, 8 uncertain, 11 kept; orphans cost $5.25/month (list price,
          checked 2026-11-21)
        Read 11 kinds in 1 region; nothing was left unread.
    "#]]
    .assert_eq(&format!("{:?}\n{}{}", ended.exit, ended.err, ended.out));
}

#[test]
fn scan_tree() {
    let ended = run(&format!("scan -o tree {SELECT}"));
    expect![[r#"
        Done
        Account 123456789012 (acme-dev), caller arn:aws:iam::123456789012:user/deployer
        Regions us-east-1
        Stack demo/a1 · healthy · 13 resources · oldest 3d · $41.75/month
        ├─ ? vpc vpc-0a1000000000000001
        │  │     (demo-a1-vpc) uncertain: vpc-0a1000000000000001 also holds
        │  │     sg-0a1000000000000001, which is active (sg-0f1000000000000001 uses it
        │  │     and is protected)
        │  ├─ ? internet-gateway igw-0a1000000000000001
        │  │        (demo-a1-igw) uncertain: vpc-0a1000000000000001 also holds
        │  │        sg-0a1000000000000001, which is active (sg-0f1000000000000001 uses
        │  │        it and is protected)
        │  ├─ · security-group sg-0a1000000000000001
        │  │        (demo-a1-nodes) active: sg-0f1000000000000001 uses it and is
        │  │        protected
        │  ├─ ? security-group sg-0a1000000000000002
        │  │        (demo-a1-cluster) uncertain: vpc-0a1000000000000001 also holds
        │  │        sg-0a1000000000000001, which is active (sg-0f1000000000000001 uses
        │  │        it and is protected)
        │  ├─ ? subnet subnet-0a1000000000000001
        │  │  │     (demo-a1-public) uncertain: vpc-0a1000000000000001 also holds
        │  │  │     sg-0a1000000000000001, which is active (sg-0f1000000000000001 uses
        │  │  │     it and is protected)
        │  │  ├─ ? nat-gateway nat-0a1000000000000001
        │  │  │        (demo-a1-nat) $32.85/month uncertain: vpc-0a1000000000000001 also
        │  │  │        holds sg-0a1000000000000001, which is active
        │  │  │        (sg-0f1000000000000001 uses it and is protected)
        │  │  └─ ? network-interface eni-0a1000000000000001
        │  │           uncertain: goes only with nat-0a1000000000000001, which is
        │  │           uncertain
        │  └─ ? subnet subnet-0a1000000000000002
        │           (demo-a1-private) uncertain: vpc-0a1000000000000001 also holds
        │           sg-0a1000000000000001, which is active (sg-0f1000000000000001 uses
        │           it and is protected)
        ├─ ? elastic-ip eipalloc-0a1000000000000001
        │        (demo-a1-nat) $3.65/month uncertain: nat-0a1000000000000001 uses it and
        │        is uncertain: vpc-0a1000000000000001 also holds sg-0a1000000000000001,
        │        which is active (sg-0f1000000000000001 uses it and is protected)
        ├─ - elastic-ip eipalloc-0a1000000000000009
        │        (demo-a1-spare) $3.65/month orphan: tag Project=demo matches --select
        │        tag:Project=demo
        ├─ - iam-policy arn:aws:iam::123456789012:policy/demo-a1-dns
        │        (demo-a1-dns) orphan: tag Project=demo matches --select
        │        tag:Project=demo
        ├─ - iam-role demo-a1-node
        │        orphan: tag Project=demo matches --select tag:Project=demo
        └─ - volume vol-0a10000000000000001
                 (demo-a1-data) $1.60/month orphan: tag Project=demo matches --select
                 tag:Project=demo

        Stack demo/live · healthy · 9 resources · oldest 11d · $36.50/month
        ├─ · vpc vpc-0f1000000000000001
        │  │     (demo-live-vpc) protected: stack demo/live matches --protect
        │  │     stack=demo/live
        │  ├─ · internet-gateway igw-0f1000000000000001
        │  │        (demo-live-igw) protected: stack demo/live matches --protect
        │  │        stack=demo/live
        │  ├─ · security-group sg-0f1000000000000001
        │  │        (demo-live-nodes) protected: stack demo/live matches --protect
        │  │        stack=demo/live
        │  ├─ · security-group sg-0f1000000000000002
        │  │        (demo-live-cluster) protected: stack demo/live matches --protect
        │  │        stack=demo/live
        │  ├─ · subnet subnet-0f1000000000000001
        │  │  │     (demo-live-public) protected: stack demo/live matches --protect
        │  │  │     stack=demo/live
        │  │  ├─ · nat-gateway nat-0f1000000000000001
        │  │  │        (demo-live-nat) $32.85/month protected: stack demo/live matches
        │  │  │        --protect stack=demo/live
        │  │  └─ · network-interface eni-0f1000000000000001
        │  │           protected: stack demo/live matches --protect stack=demo/live
        │  └─ · subnet subnet-0f1000000000000002
        │           (demo-live-private) protected: stack demo/live matches --protect
        │           stack=demo/live
        └─ · elastic-ip eipalloc-0f1000000000000001
                 (demo-live-nat) $3.65/month protected: stack demo/live matches
                 --protect stack=demo/live

        In no stack · 1 resource
        └─ · vpc vpc-0d00000000000000001  protected: it is the region's default VPC

        Scan: 4 orphans, 8 uncertain, 11 kept; orphans cost $5.25/month (list price,
          checked 2026-11-21)
        Read 11 kinds in 1 region; nothing was left unread.
    "#]]
    .assert_eq(&format!("{:?}\n{}{}", ended.exit, ended.err, ended.out));
}

#[test]
fn plan() {
    let ended = run(&format!("plan {SELECT}"));
    expect![[r#"
        Done
        Account 123456789012 (acme-dev), caller arn:aws:iam::123456789012:user/deployer
        Regions us-east-1
        Stack demo/a1 · 3 to delete · oldest 3d · $3.65/month
           1 ~ iam-role demo-a1-node: cut attaches arn:aws:iam::123456789012:policy/demo-a1-dns
           2 - elastic-ip eipalloc-0a1000000000000009 (demo-a1-spare)  $3.65/month
           3 - iam-policy arn:aws:iam::123456789012:policy/demo-a1-dns (demo-a1-dns)
                 after 1: demo-a1-node attaches
                 arn:aws:iam::123456789012:policy/demo-a1-dns
           4 - iam-role demo-a1-node
                 after 1: demo-a1-node attaches
                 arn:aws:iam::123456789012:policy/demo-a1-dns until that is cut

        Kept: 1 active, 1 holding data, 10 protected, 8 uncertain.
        Prices: list price, checked 2026-11-21.
        Read 11 kinds in 1 region; nothing was left unread.

        Plan: 3 to delete, 1 to cut, 0 blocked, $3.65/month freed, about 2 min
    "#]]
    .assert_eq(&format!("{:?}\n{}{}", ended.exit, ended.err, ended.out));
}

#[test]
fn plan_tree() {
    let ended = run(&format!("plan -o tree {SELECT}"));
    expect![[r#"
        Done
        Account 123456789012 (acme-dev), caller arn:aws:iam::123456789012:user/deployer
        Regions us-east-1
        Stack demo/a1 · 3 of 11 resources to go
        ├─ ? elastic-ip eipalloc-0a1000000000000001  uncertain
        ├─ - elastic-ip eipalloc-0a1000000000000009  (demo-a1-spare)  $3.65/month
        ├─ - iam-policy arn:aws:iam::123456789012:policy/demo-a1-dns  (demo-a1-dns)
        ├─ - iam-role demo-a1-node
        ├─ ? internet-gateway igw-0a1000000000000001  uncertain
        ├─ ? nat-gateway nat-0a1000000000000001  uncertain
        ├─ ? network-interface eni-0a1000000000000001  uncertain
        ├─ ? security-group sg-0a1000000000000002  uncertain
        ├─ ? subnet subnet-0a1000000000000001  uncertain
        ├─ ? subnet subnet-0a1000000000000002  uncertain
        └─ ? vpc vpc-0a1000000000000001  uncertain

        Kept: 1 active, 1 holding data, 10 protected, 8 uncertain.
        Prices: list price, checked 2026-11-21.
        Read 11 kinds in 1 region; nothing was left unread.

        Plan: 3 to delete, 1 to cut, 0 blocked, $3.65/month freed, about 2 min
    "#]]
    .assert_eq(&format!("{:?}\n{}{}", ended.exit, ended.err, ended.out));
}
