//! What each command prints, 80 columns wide.

#![expect(clippy::too_many_lines, reason = "the lines are what is printed")]

use aws_janitor::report::width;
use expect_test::{Expect, expect};

use crate::{Call, SELECT, World, run};

#[track_caller]
fn check(line: &str, expected: Expect) {
    let ended = run(line);
    for shown in ended.out.lines() {
        assert!(width::columns(shown) <= 80, "too wide: {shown}");
    }
    expected.assert_eq(&format!("{:?}\n{}\n{}", ended.exit, ended.err, ended.out));
}

#[test]
fn scan() {
    check(
        &format!("scan {SELECT}"),
        expect![[r#"
            Done
            Account 123456789012 (acme-dev), caller arn:aws:iam::123456789012:user/deployer
            Regions us-east-1

            STACK      VERDICT RESOURCES ORPHANS OLDEST PER MONTH
            demo/a1    lost           14      14     3d    $42.75
            demo/live  healthy         9       0    11d    $36.50
            (no stack)                 1       0

            Stack demo/a1 · lost · 14 resources · oldest 3d · $42.75/month
            - elastic-ip        eipalloc-0a1000000000000001 demo-a1-nat       $3.65 [1]
            -                   eipalloc-0a1000000000000009 demo-a1-spare     $3.65 [1]
            - iam-policy        demo-a1-dns                               3d        [1]
            - iam-role          demo-a1-node                              3d        [1]
            - internet-gateway  igw-0a1000000000000001 demo-a1-igw                  [1]
            - kms-key           key-0a1000000000000001 alias/demo-a1      3d  $1.00 [1]
            - nat-gateway       nat-0a1000000000000001 demo-a1-nat        3d $32.85 [1]
            - network-interface eni-0a1000000000000001                    3d        [2]
            - security-group    sg-0a1000000000000001 demo-a1-nodes                 [1]
            -                   sg-0a1000000000000002 demo-a1-cluster               [1]
            - subnet            subnet-0a1000000000000001 demo-a1-public            [1]
            -                   subnet-0a1000000000000002 demo-a1-private           [1]
            - volume            vol-0a10000000000000001 demo-a1-data      3d  $1.60 [1]
            - vpc               vpc-0a1000000000000001 demo-a1-vpc                  [1]
               [1] stack tags Project=demo, EnvironmentSuffix=a1
               [2] made by nat-0a1000000000000001, and goes with it

            Stack demo/live · healthy · 9 resources · oldest 11d · $36.50/month
            · 9 protected (stack demo/live matches --protect stack=demo/live): 1 elastic-ip,
              1 internet-gateway, 1 nat-gateway, 1 network-interface, 2 security-group,
              2 subnet, 1 vpc

            In no stack · 1 resource
            · 1 of AWS's own: service-linked roles, the default VPC and its parts

            -v lists what stays too; `explain ID` tells all of one resource.
            Read 44 kinds in 1 region; nothing was left unread.
            Scan: 14 orphans, 0 uncertain, 10 kept; orphans cost $42.75/month (list price,
              checked 2026-11-21)
        "#]],
    );
}

#[test]
fn scan_tree() {
    check(
        &format!("scan -o tree {SELECT}"),
        expect![[r#"
            Done
            Account 123456789012 (acme-dev), caller arn:aws:iam::123456789012:user/deployer
            Regions us-east-1

            Stack demo/a1 · lost · 14 resources · oldest 3d · $42.75/month
            ├─ - vpc vpc-0a1000000000000001
            │  │     (demo-a1-vpc) orphan: stack tags Project=demo, EnvironmentSuffix=a1
            │  ├─ - internet-gateway igw-0a1000000000000001  (demo-a1-igw)  orphan
            │  ├─ - security-group sg-0a1000000000000001  (demo-a1-nodes)  orphan
            │  ├─ - security-group sg-0a1000000000000002  (demo-a1-cluster)  orphan
            │  ├─ - subnet subnet-0a1000000000000001  (demo-a1-public)  orphan
            │  │  ├─ - nat-gateway nat-0a1000000000000001
            │  │  │        (demo-a1-nat) $32.85/month orphan
            │  │  └─ - network-interface eni-0a1000000000000001
            │  │           orphan: made by nat-0a1000000000000001, and goes with it
            │  └─ - subnet subnet-0a1000000000000002  (demo-a1-private)  orphan
            ├─ - elastic-ip eipalloc-0a1000000000000001
            │        (demo-a1-nat) $3.65/month orphan: stack tags Project=demo,
            │        EnvironmentSuffix=a1
            ├─ - elastic-ip eipalloc-0a1000000000000009
            │        (demo-a1-spare) $3.65/month orphan: stack tags Project=demo,
            │        EnvironmentSuffix=a1
            ├─ - iam-policy arn:aws:iam::123456789012:policy/demo-a1-dns
            │        (demo-a1-dns) orphan: stack tags Project=demo, EnvironmentSuffix=a1
            ├─ - iam-role demo-a1-node
            │        orphan: stack tags Project=demo, EnvironmentSuffix=a1
            ├─ - kms-key key-0a1000000000000001
            │        (alias/demo-a1) $1.00/month orphan: stack tags Project=demo,
            │        EnvironmentSuffix=a1
            └─ - volume vol-0a10000000000000001
                     (demo-a1-data) $1.60/month orphan: stack tags Project=demo,
                     EnvironmentSuffix=a1

            Stack demo/live · healthy · 9 resources · oldest 11d · $36.50/month
            ├─ · vpc vpc-0f1000000000000001
            │  │     (demo-live-vpc) protected: stack demo/live matches --protect
            │  │     stack=demo/live
            │  ├─ · internet-gateway igw-0f1000000000000001  (demo-live-igw)  protected
            │  ├─ · security-group sg-0f1000000000000001  (demo-live-nodes)  protected
            │  ├─ · security-group sg-0f1000000000000002  (demo-live-cluster)  protected
            │  ├─ · subnet subnet-0f1000000000000001  (demo-live-public)  protected
            │  │  ├─ · nat-gateway nat-0f1000000000000001
            │  │  │        (demo-live-nat) $32.85/month protected
            │  │  └─ · network-interface eni-0f1000000000000001  protected
            │  └─ · subnet subnet-0f1000000000000002  (demo-live-private)  protected
            └─ · elastic-ip eipalloc-0f1000000000000001
                     (demo-live-nat) $3.65/month protected: stack demo/live matches
                     --protect stack=demo/live

            In no stack · 1 resource
            └─ · vpc vpc-0d00000000000000001  protected: it is the region's default VPC

            -v lists what stays too; `explain ID` tells all of one resource.
            Read 44 kinds in 1 region; nothing was left unread.
            Scan: 14 orphans, 0 uncertain, 10 kept; orphans cost $42.75/month (list price,
              checked 2026-11-21)
        "#]],
    );
}

#[test]
fn plan() {
    check(
        &format!("plan {SELECT}"),
        expect![[r#"
            Done
            Account 123456789012 (acme-dev), caller arn:aws:iam::123456789012:user/deployer
            Regions us-east-1

            Stack demo/a1 · 11 to delete · oldest 3d · $40.15/month
             1 - nat-gateway       nat-0a1000000000000001 demo-a1-nat                 ~2 min
             2 - network-interface eni-0a1000000000000001 by itself           ~15 s  after 1
             3 ~ security-group    sg-0a1000000000000001: revoke sg-0a1000000000000002
             4 ~ security-group    sg-0a1000000000000002: revoke sg-0a1000000000000001
             5 ~ iam-role          demo-a1-node: detach demo-a1-dns
             6 ~ internet-gateway  igw-0a1000000000000001: detach vpc-0a1000000000000001
             7 - security-group    sg-0a1000000000000001 demo-a1-nodes            after 3, 4
             8 - security-group    sg-0a1000000000000002 demo-a1-cluster          after 3, 4
             9 - subnet            subnet-0a1000000000000001 demo-a1-public          after 2
            10 - subnet            subnet-0a1000000000000002 demo-a1-private
            11 - elastic-ip        eipalloc-0a1000000000000001 demo-a1-nat           after 1
            12 - elastic-ip        eipalloc-0a1000000000000009 demo-a1-spare
            13 - iam-policy        demo-a1-dns                                       after 5
            14 - iam-role          demo-a1-node                                      after 5
            15 - internet-gateway  igw-0a1000000000000001 demo-a1-igw                after 6
            16 - vpc               vpc-0a1000000000000001 demo-a1-vpc             after 6-10

            Blocked
              ! kms-key key-0a1000000000000001
                key-0a1000000000000001 ← volume vol-0a10000000000000001
                vol-0a10000000000000001 uses key-0a1000000000000001; vol-0a10000000000000001
                stays: it holds data, and nobody named volume among the kinds to delete
                do: keep it, or let the data go too: --with-data volume

            Kept, as it holds data; to let it go too: --with-data volume
              · volume vol-0a10000000000000001

            Goes by itself with what is deleted: 1 network-interface.
            Kept: 1 held, 1 holding data, 10 protected.
            Quota freed: 2 eip, 1 iam-policy, 1 iam-role, 1 internet-gateway,
              1 nat-gateway in us-east-1a, 1 network-interface, 2 security-group, 1 vpc.
            Prices: list price, checked 2026-11-21.
            Read 44 kinds in 1 region; nothing was left unread.

            Plan: 11 to delete, 4 to cut, 1 blocked, $40.15/month freed, about 2 min
        "#]],
    );
}

#[test]
fn a_plan_with_the_proof_of_each_step() {
    check(
        &format!("plan -v {SELECT}"),
        expect![[r#"
            Done
            Account 123456789012 (acme-dev), caller arn:aws:iam::123456789012:user/deployer
            Regions us-east-1

            Stack demo/a1 · 11 to delete · oldest 3d · $40.15/month
             1 - nat-gateway       nat-0a1000000000000001 demo-a1-nat                 ~2 min
                 stack tags Project=demo, EnvironmentSuffix=a1; 3d 3h old at least (AWS says
                 so); no user among route-table in us-east-1
             2 - network-interface eni-0a1000000000000001 by itself           ~15 s  after 1
                 made by nat-0a1000000000000001, and goes with it; 3d 3h old at least (AWS
                 says so); no user among elastic-ip, nat-gateway, route-table,
                 instance-connect-endpoint, launch-template, auto-scaling-group in us-east-1
                 after 1: eni-0a1000000000000001 goes with nat-0a1000000000000001
             3 ~ security-group    sg-0a1000000000000001: revoke sg-0a1000000000000002
             4 ~ security-group    sg-0a1000000000000002: revoke sg-0a1000000000000001
             5 ~ iam-role          demo-a1-node: detach demo-a1-dns
             6 ~ internet-gateway  igw-0a1000000000000001: detach vpc-0a1000000000000001
             7 - security-group    sg-0a1000000000000001 demo-a1-nodes            after 3, 4
                 stack tags Project=demo, EnvironmentSuffix=a1; no user among
                 network-interface, vpc-endpoint, instance-connect-endpoint, instance,
                 launch-template, auto-scaling-group, load-balancer, eks-cluster,
                 eks-nodegroup, lambda-function, ecs-service in us-east-1
                 after 3: sg-0a1000000000000001 names sg-0a1000000000000002 until that is
                 cut
                 after 4: sg-0a1000000000000002 names sg-0a1000000000000001
             8 - security-group    sg-0a1000000000000002 demo-a1-cluster          after 3, 4
                 stack tags Project=demo, EnvironmentSuffix=a1; no user among
                 network-interface, vpc-endpoint, instance-connect-endpoint, instance,
                 launch-template, auto-scaling-group, load-balancer, eks-cluster,
                 eks-nodegroup, lambda-function, ecs-service in us-east-1
                 after 3: sg-0a1000000000000001 names sg-0a1000000000000002
                 after 4: sg-0a1000000000000002 names sg-0a1000000000000001 until that is
                 cut
             9 - subnet            subnet-0a1000000000000001 demo-a1-public          after 2
                 stack tags Project=demo, EnvironmentSuffix=a1; no user among
                 launch-template, auto-scaling-group, eks-fargate-profile, lambda-function,
                 ecs-service in us-east-1
                 after 2: subnet-0a1000000000000001 holds eni-0a1000000000000001, which goes
                 with nat-0a1000000000000001
            10 - subnet            subnet-0a1000000000000002 demo-a1-private
                 stack tags Project=demo, EnvironmentSuffix=a1; no user among
                 launch-template, auto-scaling-group, eks-fargate-profile, lambda-function,
                 ecs-service in us-east-1
            11 - elastic-ip        eipalloc-0a1000000000000001 demo-a1-nat           after 1
                 stack tags Project=demo, EnvironmentSuffix=a1; no user but
                 nat-0a1000000000000001, which goes too, among nat-gateway in us-east-1
                 after 1: nat-0a1000000000000001 uses eipalloc-0a1000000000000001
            12 - elastic-ip        eipalloc-0a1000000000000009 demo-a1-spare
                 stack tags Project=demo, EnvironmentSuffix=a1; no user among nat-gateway in
                 us-east-1
            13 - iam-policy        demo-a1-dns                                       after 5
                 stack tags Project=demo, EnvironmentSuffix=a1; 3d 3h old at least (AWS says
                 so); no user but iam-role demo-a1-node, which goes too, among iam-role,
                 cloudformation-stack in eu-west-1 and us-east-1
                 after 5: demo-a1-node attaches arn:aws:iam::123456789012:policy/demo-a1-dns
            14 - iam-role          demo-a1-node                                      after 5
                 stack tags Project=demo, EnvironmentSuffix=a1; 3d 3h old at least (AWS says
                 so); no user among eks-cluster, eks-nodegroup, eks-fargate-profile,
                 eks-access-entry, eks-pod-identity-association, lambda-function,
                 ecs-service, iam-role, iam-instance-profile, flow-log, cloudformation-stack
                 in eu-west-1 and us-east-1
                 after 5: demo-a1-node attaches arn:aws:iam::123456789012:policy/demo-a1-dns
                 until that is cut
            15 - internet-gateway  igw-0a1000000000000001 demo-a1-igw                after 6
                 stack tags Project=demo, EnvironmentSuffix=a1; no user but
                 vpc-0a1000000000000001, which goes too, among route-table, vpc in us-east-1
                 after 6: igw-0a1000000000000001 is attached to vpc-0a1000000000000001 until
                 that is cut
            16 - vpc               vpc-0a1000000000000001 demo-a1-vpc             after 6-10
                 stack tags Project=demo, EnvironmentSuffix=a1
                 after 6: igw-0a1000000000000001 is attached to vpc-0a1000000000000001
                 after 7: vpc-0a1000000000000001 holds sg-0a1000000000000001
                 after 8: vpc-0a1000000000000001 holds sg-0a1000000000000002
                 after 9: vpc-0a1000000000000001 holds subnet-0a1000000000000001
                 after 10: vpc-0a1000000000000001 holds subnet-0a1000000000000002

            Blocked
              ! kms-key key-0a1000000000000001
                key-0a1000000000000001 ← volume vol-0a10000000000000001
                vol-0a10000000000000001 uses key-0a1000000000000001; vol-0a10000000000000001
                stays: it holds data, and nobody named volume among the kinds to delete
                do: keep it, or let the data go too: --with-data volume

            Kept, as it holds data; to let it go too: --with-data volume
              · volume vol-0a10000000000000001
                it holds data, and nobody named volume among the kinds to delete

            Goes by itself with what is deleted: 1 network-interface.
            Kept: 1 held, 1 holding data, 10 protected.
            Quota freed: 2 eip, 1 iam-policy, 1 iam-role, 1 internet-gateway,
              1 nat-gateway in us-east-1a, 1 network-interface, 2 security-group, 1 vpc.
            Prices: list price, checked 2026-11-21.
            Read 44 kinds in 1 region; nothing was left unread.

            Plan: 11 to delete, 4 to cut, 1 blocked, $40.15/month freed, about 2 min
        "#]],
    );
}

#[test]
fn plan_tree() {
    check(
        &format!("plan -o tree {SELECT}"),
        expect![[r#"
            Done
            Account 123456789012 (acme-dev), caller arn:aws:iam::123456789012:user/deployer
            Regions us-east-1

            Stack demo/a1 · 12 of 14 resources to go
            ├─ - vpc vpc-0a1000000000000001  (demo-a1-vpc)
            │  ├─ - internet-gateway igw-0a1000000000000001  (demo-a1-igw)
            │  ├─ - security-group sg-0a1000000000000001  (demo-a1-nodes)
            │  ├─ - security-group sg-0a1000000000000002  (demo-a1-cluster)
            │  ├─ - subnet subnet-0a1000000000000001  (demo-a1-public)
            │  │  ├─ - nat-gateway nat-0a1000000000000001  (demo-a1-nat)  $32.85/month
            │  │  └─ - network-interface eni-0a1000000000000001
            │  │           goes by itself with nat-0a1000000000000001
            │  └─ - subnet subnet-0a1000000000000002  (demo-a1-private)
            ├─ - elastic-ip eipalloc-0a1000000000000001  (demo-a1-nat)  $3.65/month
            ├─ - elastic-ip eipalloc-0a1000000000000009  (demo-a1-spare)  $3.65/month
            ├─ - iam-policy arn:aws:iam::123456789012:policy/demo-a1-dns  (demo-a1-dns)
            ├─ - iam-role demo-a1-node
            ├─ ! kms-key key-0a1000000000000001
            │        (alias/demo-a1) $1.00/month vol-0a10000000000000001 uses
            │        key-0a1000000000000001; vol-0a10000000000000001 stays: it holds data,
            │        and nobody named volume among the kinds to delete
            └─ · volume vol-0a10000000000000001
                     (demo-a1-data) $1.60/month it holds data, and nobody named volume among
                     the kinds to delete

            Goes by itself with what is deleted: 1 network-interface.
            Kept: 1 held, 1 holding data, 10 protected.
            Quota freed: 2 eip, 1 iam-policy, 1 iam-role, 1 internet-gateway,
              1 nat-gateway in us-east-1a, 1 network-interface, 2 security-group, 1 vpc.
            Prices: list price, checked 2026-11-21.
            Read 44 kinds in 1 region; nothing was left unread.

            Plan: 11 to delete, 4 to cut, 1 blocked, $40.15/month freed, about 2 min
        "#]],
    );
}

#[test]
fn explain_what_goes() {
    check(
        &format!("explain demo-a1-vpc {SELECT}"),
        expect![[r#"
            Done
            Account 123456789012 (acme-dev), caller arn:aws:iam::123456789012:user/deployer
            Regions us-east-1

            vpc vpc-0a1000000000000001 (demo-a1-vpc) in us-east-1
              verdict  orphan
                       stack tags Project=demo, EnvironmentSuffix=a1
                       tag Project=demo matches --select tag:Project=demo
              fate     would be deleted, step 16 of 16
              arn      arn:aws:ec2:us-east-1:123456789012:vpc/vpc-0a1000000000000001
              stack    demo/a1
              age      AWS does not tell
              cost     nothing
              held by  internet-gateway igw-0a1000000000000001 is attached to it (would be
                       deleted)
                       it holds nat-gateway nat-0a1000000000000001 (would be deleted)
                       it holds 2 security-group sg-0a1000000000000001,
                       sg-0a1000000000000002 (would be deleted)
                       it holds 2 subnet subnet-0a1000000000000001,
                       subnet-0a1000000000000002 (would be deleted)
              holds    nothing
        "#]],
    );
}

#[test]
fn explain_what_is_blocked() {
    check(
        &format!("explain key-0a1000000000000001 {SELECT}"),
        expect![[r#"
            Done
            Account 123456789012 (acme-dev), caller arn:aws:iam::123456789012:user/deployer
            Regions us-east-1

            kms-key key-0a1000000000000001 (alias/demo-a1) in us-east-1
              verdict  orphan
                       stack tags Project=demo, EnvironmentSuffix=a1
                       tag Project=demo matches --select tag:Project=demo
                       3d 3h old at least (AWS says so)
              fate     stays: held by volume vol-0a10000000000000001 (uses)
              arn      arn:aws:kms:us-east-1:123456789012:key/key-0a1000000000000001
              stack    demo/a1
              state    Enabled
              age      3d (made 2026-11-18T08:50:00Z)
              cost     $1.00/month (list price, checked 2026-11-21)
              held by  volume vol-0a10000000000000001 uses it (stays)
              path     key-0a1000000000000001 ← volume vol-0a10000000000000001
                       (demo-a1-data; of stack demo/a1)
              cause    volume vol-0a10000000000000001 stays: it holds data, and nobody named
                       its kind (--with-data)
              do       keep it, or let the data go too: --with-data volume
              holds    nothing
        "#]],
    );
}

#[test]
fn a_dry_run() {
    check(
        &format!("apply --dry-run -q {SELECT}"),
        expect![[r#"
            Done

            Stack demo/a1 · 11 to delete · oldest 3d · $40.15/month
             1 - nat-gateway       nat-0a1000000000000001 demo-a1-nat                 ~2 min
             2 - network-interface eni-0a1000000000000001 by itself           ~15 s  after 1
             3 ~ security-group    sg-0a1000000000000001: revoke sg-0a1000000000000002
             4 ~ security-group    sg-0a1000000000000002: revoke sg-0a1000000000000001
             5 ~ iam-role          demo-a1-node: detach demo-a1-dns
             6 ~ internet-gateway  igw-0a1000000000000001: detach vpc-0a1000000000000001
             7 - security-group    sg-0a1000000000000001 demo-a1-nodes            after 3, 4
             8 - security-group    sg-0a1000000000000002 demo-a1-cluster          after 3, 4
             9 - subnet            subnet-0a1000000000000001 demo-a1-public          after 2
            10 - subnet            subnet-0a1000000000000002 demo-a1-private
            11 - elastic-ip        eipalloc-0a1000000000000001 demo-a1-nat           after 1
            12 - elastic-ip        eipalloc-0a1000000000000009 demo-a1-spare
            13 - iam-policy        demo-a1-dns                                       after 5
            14 - iam-role          demo-a1-node                                      after 5
            15 - internet-gateway  igw-0a1000000000000001 demo-a1-igw                after 6
            16 - vpc               vpc-0a1000000000000001 demo-a1-vpc             after 6-10

            Blocked
              ! kms-key key-0a1000000000000001
                key-0a1000000000000001 ← volume vol-0a10000000000000001
                vol-0a10000000000000001 uses key-0a1000000000000001; vol-0a10000000000000001
                stays: it holds data, and nobody named volume among the kinds to delete
                do: keep it, or let the data go too: --with-data volume

            Kept, as it holds data; to let it go too: --with-data volume
              · volume vol-0a10000000000000001

            Goes by itself with what is deleted: 1 network-interface.
            Kept: 1 held, 1 holding data, 10 protected.
            Quota freed: 2 eip, 1 iam-policy, 1 iam-role, 1 internet-gateway,
              1 nat-gateway in us-east-1a, 1 network-interface, 2 security-group, 1 vpc.
            Prices: list price, checked 2026-11-21.
            Read 44 kinds in 1 region; nothing was left unread.

            Plan: 11 to delete, 4 to cut, 1 blocked, $40.15/month freed, about 2 min

              would delete 2 elastic-ip, 1 iam-policy, 1 iam-role, 1 internet-gateway,
                           1 nat-gateway, 1 network-interface, 2 security-group, 2 subnet,
                           1 vpc
              would cut from 1 iam-role, 1 internet-gateway, 2 security-group

            Dry run: would delete 12, would cut 4; $40.15/month would be freed; nothing was
              changed
        "#]],
    );
}

#[test]
fn a_plan_as_csv_and_jsonl() {
    let csv = run(&format!("plan -o csv {SELECT}")).out;
    let jsonl = run(&format!("plan -o jsonl {SELECT}")).out;
    let head = |text: &str| text.lines().take(3).collect::<Vec<_>>().join("\n");
    expect![[r#"
        step,action,kind,id,region,api,after,expected_seconds,why
        1,delete,nat-gateway,nat-0a1000000000000001,us-east-1,ec2:DeleteNatGateway,,90,
        2,await,network-interface,eni-0a1000000000000001,us-east-1,,1,15,eni-0a1000000000000001 goes with nat-0a1000000000000001
        {"id":1,"action":"delete","kind":"nat-gateway","resource":"nat-0a1000000000000001","region":"us-east-1","api":"ec2:DeleteNatGateway","after":[],"expected_seconds":90}
        {"id":2,"action":"await","kind":"network-interface","resource":"eni-0a1000000000000001","region":"us-east-1","api":null,"after":[{"step":1,"why":"eni-0a1000000000000001 goes with nat-0a1000000000000001"}],"expected_seconds":15}
        {"id":3,"action":"cut","kind":"security-group","resource":"sg-0a1000000000000001","region":"us-east-1","link":{"how":"names","to":"sg-0a1000000000000002","kind":"security-group","region":"us-east-1"},"api":"ec2:RevokeSecurityGroupIngress","after":[],"expected_seconds":1}"#]].assert_eq(&format!("{}\n{}", head(&csv), head(&jsonl)));
}

#[test]
fn a_plan_as_markdown() {
    let ended = run(&format!("plan -o markdown {SELECT}"));
    expect![[r#"
        ### aws-janitor plan for account 123456789012

        **Plan: 11 to delete, 4 to cut, 1 blocked, $40.15/month freed, about 2 min**

        | Blocked | Held by | Why |
        |---|---|---|
        | kms-key key-0a1000000000000001 | volume vol-0a10000000000000001 | vol-0a10000000000000001 uses key-0a1000000000000001; vol-0a10000000000000001 stays: it holds data, and nobody named volume among the kinds to delete |

        <details><summary>16 steps</summary>

        | Step | Action | Resource | Stack | After |
        |---:|---|---|---|---|
        | 1 | delete | nat-gateway nat-0a1000000000000001 | demo/a1 |  |
        | 2 | await | network-interface eni-0a1000000000000001: AWS removes it by itself | demo/a1 | 1: eni-0a1000000000000001 goes with nat-0a1000000000000001 |
        | 3 | cut | security-group sg-0a1000000000000001: revoke security-group sg-0a1000000000000002 | demo/a1 |  |
        | 4 | cut | security-group sg-0a1000000000000002: revoke security-group sg-0a1000000000000001 | demo/a1 |  |
        | 5 | cut | iam-role demo-a1-node: detach iam-policy arn:aws:iam::123456789012:policy/demo-a1-dns | demo/a1 |  |
        | 6 | cut | internet-gateway igw-0a1000000000000001: detach vpc vpc-0a1000000000000001 | demo/a1 |  |
        | 7 | delete | security-group sg-0a1000000000000001 | demo/a1 | 3: sg-0a1000000000000001 names sg-0a1000000000000002 until that is cut; 4: sg-0a1000000000000002 names sg-0a1000000000000001 |
        | 8 | delete | security-group sg-0a1000000000000002 | demo/a1 | 3: sg-0a1000000000000001 names sg-0a1000000000000002; 4: sg-0a1000000000000002 names sg-0a1000000000000001 until that is cut |
        | 9 | delete | subnet subnet-0a1000000000000001 | demo/a1 | 1: subnet-0a1000000000000001 holds nat-0a1000000000000001; 2: subnet-0a1000000000000001 holds eni-0a1000000000000001, which goes with nat-0a1000000000000001 |
        | 10 | delete | subnet subnet-0a1000000000000002 | demo/a1 |  |
        | 11 | delete | elastic-ip eipalloc-0a1000000000000001 | demo/a1 | 1: nat-0a1000000000000001 uses eipalloc-0a1000000000000001 |
        | 12 | delete | elastic-ip eipalloc-0a1000000000000009 | demo/a1 |  |
        | 13 | delete | iam-policy arn:aws:iam::123456789012:policy/demo-a1-dns | demo/a1 | 5: demo-a1-node attaches arn:aws:iam::123456789012:policy/demo-a1-dns |
        | 14 | delete | iam-role demo-a1-node | demo/a1 | 5: demo-a1-node attaches arn:aws:iam::123456789012:policy/demo-a1-dns until that is cut |
        | 15 | delete | internet-gateway igw-0a1000000000000001 | demo/a1 | 6: igw-0a1000000000000001 is attached to vpc-0a1000000000000001 until that is cut |
        | 16 | delete | vpc vpc-0a1000000000000001 | demo/a1 | 1: vpc-0a1000000000000001 holds nat-0a1000000000000001; 6: igw-0a1000000000000001 is attached to vpc-0a1000000000000001; 7: vpc-0a1000000000000001 holds sg-0a1000000000000001; 8: vpc-0a1000000000000001 holds sg-0a1000000000000002; 9: vpc-0a1000000000000001 holds subnet-0a1000000000000001; 10: vpc-0a1000000000000001 holds subnet-0a1000000000000002 |

        </details>

        Read 44 kinds in 1 region; nothing was left unread.

        Prices: list price, checked 2026-11-21.
    "#]].assert_eq(&ended.out);
}

#[test]
fn the_neighbourhood_of_a_gateway() {
    let ended = run(&format!("graph --format mermaid --focus igw-0a1000000000000001 {SELECT}"));
    expect![[r#"
        flowchart LR
          subgraph g0["demo/a1"]
            n0["internet-gateway<br/>igw-0a1000000000000001<br/>demo-a1-igw"]:::delete
            n1["vpc<br/>vpc-0a1000000000000001<br/>demo-a1-vpc"]:::delete
          end
          n0 -->|"attached"| n1
          classDef delete fill:#f8d7da,stroke:#b02a37,color:#000
          classDef cut fill:#fff3cd,stroke:#997404,color:#000
          classDef blocked fill:#e2d9f3,stroke:#59359a,color:#000
          classDef uncertain fill:#fff3cd,stroke:#997404,color:#000,stroke-dasharray:4
          classDef kept fill:#e9ecef,stroke:#6c757d,color:#000
    "#]]
    .assert_eq(&ended.out);
}

#[test]
fn the_least_privilege() {
    let ended = run("iam-policy --for apply");
    expect![[r#"
        {
          "Statement": [
            {
              "Action": [
                "autoscaling:DescribeAutoScalingGroups",
                "autoscaling:DescribeLaunchConfigurations",
                "cloudformation:DescribeStacks",
                "cloudformation:ListImports",
                "cloudformation:ListStackResources",
                "cloudtrail:LookupEvents",
                "ec2:DescribeAddresses",
                "ec2:DescribeCarrierGateways",
                "ec2:DescribeCustomerGateways",
                "ec2:DescribeDhcpOptions",
                "ec2:DescribeEgressOnlyInternetGateways",
                "ec2:DescribeFlowLogs",
                "ec2:DescribeInstanceAttribute",
                "ec2:DescribeInstanceConnectEndpoints",
                "ec2:DescribeInstances",
                "ec2:DescribeInternetGateways",
                "ec2:DescribeKeyPairs",
                "ec2:DescribeLaunchTemplateVersions",
                "ec2:DescribeLaunchTemplates",
                "ec2:DescribeNatGateways",
                "ec2:DescribeNetworkAcls",
                "ec2:DescribeNetworkInterfaces",
                "ec2:DescribePlacementGroups",
                "ec2:DescribeRegions",
                "ec2:DescribeRouteTables",
                "ec2:DescribeSecurityGroupRules",
                "ec2:DescribeSecurityGroups",
                "ec2:DescribeSubnets",
                "ec2:DescribeTransitGatewayVpcAttachments",
                "ec2:DescribeVolumes",
                "ec2:DescribeVpcEndpointServiceConfigurations",
                "ec2:DescribeVpcEndpoints",
                "ec2:DescribeVpcPeeringConnections",
                "ec2:DescribeVpcs",
                "ec2:DescribeVpnConnections",
                "ec2:DescribeVpnGateways",
                "ecs:DescribeServices",
                "ecs:DescribeTaskDefinition",
                "ecs:ListClusters",
                "ecs:ListServices",
                "eks:DescribeAccessEntry",
                "eks:DescribeAddon",
                "eks:DescribeCluster",
                "eks:DescribeFargateProfile",
                "eks:DescribeNodegroup",
                "eks:DescribePodIdentityAssociation",
                "eks:ListAccessEntries",
                "eks:ListAddons",
                "eks:ListClusters",
                "eks:ListFargateProfiles",
                "eks:ListNodegroups",
                "eks:ListPodIdentityAssociations",
                "elasticloadbalancing:DescribeLoadBalancerAttributes",
                "elasticloadbalancing:DescribeLoadBalancers",
                "elasticloadbalancing:DescribeTags",
                "elasticloadbalancing:DescribeTargetGroups",
                "elasticloadbalancing:DescribeTargetHealth",
                "iam:GetAccountAuthorizationDetails",
                "iam:GetInstanceProfile",
                "iam:GetOpenIDConnectProvider",
                "iam:GetPolicy",
                "iam:GetRole",
                "iam:ListAccountAliases",
                "iam:ListAttachedRolePolicies",
                "iam:ListEntitiesForPolicy",
                "iam:ListInstanceProfiles",
                "iam:ListOpenIDConnectProviders",
                "iam:ListPolicyTags",
                "iam:ListPolicyVersions",
                "iam:ListRolePolicies",
                "kms:ListKeys",
                "lambda:ListFunctions",
                "logs:DescribeLogGroups",
                "logs:DescribeLogStreams",
                "logs:ListTagsForResource",
                "sts:GetCallerIdentity",
                "tag:GetResources"
              ],
              "Effect": "Allow",
              "Resource": "*",
              "Sid": "JanitorReads"
            },
            {
              "Action": [
                "cloudformation:DeleteStack"
              ],
              "Effect": "Allow",
              "Resource": "*",
              "Sid": "JanitorChangesCloudformation"
            },
            {
              "Action": [
                "ec2:DeleteCarrierGateway",
                "ec2:DeleteCustomerGateway",
                "ec2:DeleteDhcpOptions",
                "ec2:DeleteEgressOnlyInternetGateway",
                "ec2:DeleteFlowLogs",
                "ec2:DeleteInstanceConnectEndpoint",
                "ec2:DeleteInternetGateway",
                "ec2:DeleteKeyPair",
                "ec2:DeleteLaunchTemplate",
                "ec2:DeleteNatGateway",
                "ec2:DeleteNetworkAcl",
                "ec2:DeleteNetworkInterface",
                "ec2:DeletePlacementGroup",
                "ec2:DeleteRoute",
                "ec2:DeleteRouteTable",
                "ec2:DeleteSecurityGroup",
                "ec2:DeleteSubnet",
                "ec2:DeleteTransitGatewayVpcAttachment",
                "ec2:DeleteVolume",
                "ec2:DeleteVpc",
                "ec2:DeleteVpcEndpoints",
                "ec2:DeleteVpcPeeringConnection",
                "ec2:DeleteVpnConnection",
                "ec2:DeleteVpnGateway",
                "ec2:DetachInternetGateway",
                "ec2:DetachVpnGateway",
                "ec2:DisassociateRouteTable",
                "ec2:ReleaseAddress",
                "ec2:RevokeSecurityGroupEgress",
                "ec2:RevokeSecurityGroupIngress",
                "ec2:TerminateInstances"
              ],
              "Effect": "Allow",
              "Resource": "*",
              "Sid": "JanitorChangesEc2"
            },
            {
              "Action": [
                "eks:DeleteAccessEntry",
                "eks:DeleteAddon",
                "eks:DeleteCluster",
                "eks:DeleteNodegroup",
                "eks:DeletePodIdentityAssociation"
              ],
              "Effect": "Allow",
              "Resource": "*",
              "Sid": "JanitorChangesEks"
            },
            {
              "Action": [
                "elasticloadbalancing:DeleteLoadBalancer",
                "elasticloadbalancing:DeleteTargetGroup"
              ],
              "Effect": "Allow",
              "Resource": "*",
              "Sid": "JanitorChangesElasticloadbalancing"
            },
            {
              "Action": [
                "iam:DeleteInstanceProfile",
                "iam:DeleteOpenIDConnectProvider",
                "iam:DeletePolicy",
                "iam:DeletePolicyVersion",
                "iam:DeleteRole",
                "iam:DeleteRolePolicy",
                "iam:DetachRolePolicy",
                "iam:RemoveRoleFromInstanceProfile"
              ],
              "Effect": "Allow",
              "Resource": "*",
              "Sid": "JanitorChangesIam"
            },
            {
              "Action": [
                "kms:ScheduleKeyDeletion"
              ],
              "Effect": "Allow",
              "Resource": "*",
              "Sid": "JanitorChangesKms"
            },
            {
              "Action": [
                "logs:DeleteLogGroup"
              ],
              "Effect": "Allow",
              "Resource": "*",
              "Sid": "JanitorChangesLogs"
            },
            {
              "Action": [
                "sts:DecodeAuthorizationMessage"
              ],
              "Effect": "Allow",
              "Resource": "*",
              "Sid": "JanitorChangesSts"
            }
          ],
          "Version": "2012-10-17"
        }
    "#]]
    .assert_eq(&ended.out);
}

#[test]
fn where_only_ascii_can_be_shown_no_other_letter_is() {
    for line in ["scan", "scan -o tree", "plan", "plan -o tree"] {
        let ended = Call::new(World::default()).variable("LANG", "C").run(&format!("{line} {SELECT}"));
        assert!(ended.out.is_ascii(), "{}", ended.out);
    }
}

#[test]
fn colours_are_used_only_when_asked_for() {
    let coloured = run(&format!("--color always plan {SELECT}")).out;
    let plain = run(&format!("plan {SELECT}")).out;
    assert!(coloured.contains("\u{1b}[31m") && !plain.contains('\u{1b}'));
    assert_eq!(
        coloured.replace("\u{1b}[31m", "").matches("- subnet").count(),
        plain.matches("- subnet").count()
    );
}
