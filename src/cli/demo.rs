//! `demo`: the whole story on an embedded AWS in this process. No account, no credentials, no network.
//!
//! Nothing here knows what the scan will find: it goes the way that `scan`, `plan` and `apply` go.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use aws_janitor_sandbox::{Sandbox, scenario};
use clap::Args;

use super::args::{AwsArgs, Format, SelectionArgs};
use super::assess;
use super::connect::{self, Place};
use super::context::Tty;
use super::core;
use super::exit::Exit;
use super::failure::{Failure, FailureKind};
use super::remedy::Command;
use super::run::{self, Order};
use super::shell::Shell;
use super::survey::{self, Criteria, Survey};
use crate::inventory::Inventory;
use crate::model::{Key, KindSpec, Region, Verdict};
use crate::needs;
use crate::plan::file::PlanFile;
use crate::policy::Policy;
use crate::quota::Answer;
use crate::report::colour::{Mark, Tone};
use crate::report::plan_text::PlanView;
use crate::report::quota_text::{self, Gauges, QuotaView};
use crate::report::{Detail, count, hang, outline, plan_text, scan_table, sums};
use crate::session::{Backend, Connection, ScanRequest};

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  aws-janitor demo
  aws-janitor demo -v                # with every resource and every step
  aws-janitor demo --speed 20        # slower, to watch what waits for what")]
pub(super) struct DemoArgs {
    /// How many times faster than AWS's its clock runs
    #[arg(long, value_name = "X", default_value_t = 60.0)]
    speed: f64,
}

/// Codes by which AWS says that something else has to go first.
const TOO_EARLY: [&str; 10] = [
    // Of an address that a NAT gateway or another service holds.
    "AuthFailure",
    "DeleteConflict",
    "DependencyViolation",
    "IncorrectState",
    "InvalidGroup.InUse",
    "InvalidIPAddress.InUse",
    "InvalidNetworkInterface.InUse",
    "ResourceInUse",
    "ResourceInUseException",
    "VolumeInUse",
];

/// What the user of the story types.
const SELECT: &str = "tag:Project=shop,tag:EnvironmentSuffix=attempt-*";
const PROTECT: &str = "tag:EnvironmentSuffix=live";
const NEED: &str = "eip=3,vpc=1";

pub(super) async fn run(args: &DemoArgs, shell: &Shell<'_>, backend: &dyn Backend) -> Result<Exit, Failure> {
    let sandbox = Sandbox::new(super::sandbox::build("failed-eks", args.speed, shell)?);
    let story = Story { shell, backend, sandbox, speed: args.speed };
    shell.data(&wrapped(
        &format!(
            "An AWS of its own, in this process: no account, no credentials, no network. \
             Its clock runs {} times as fast as AWS's, so that minutes pass in seconds.",
            args.speed
        ),
        shell,
    ))?;
    story.title("1. The third attempt at the stack `shop` asks for an Elastic IP, and is refused")?;
    let refused = story.ask_for_an_address()?;
    story.title("2. What is there: aws-janitor scan")?;
    let (survey, place) = story.survey().await?;
    story.found(&survey)?;
    story.title(&format!("3. Would the third attempt fit? aws-janitor quota --need {NEED}"))?;
    let short = story.quota(&survey, &place).await? == Answer::Short;
    story.title("4. What would go, and when: aws-janitor plan")?;
    let file = story.plan(&survey)?;
    story.title("5. It goes: aws-janitor apply")?;
    let calls = story.sandbox.world().calls.len();
    let exit = story.apply(&survey, &place, &file).await?;
    story.title("6. The third attempt asks again")?;
    let (after, _) = story.survey().await?;
    let fits = story.quota(&after, &place).await? == Answer::Fits;
    let accepted = !story.ask_for_an_address()?;
    story.title("7. What was to stay has stayed")?;
    let untouched = story.untouched(&survey.inventory, &survey, &place).await?;
    let in_order = story.tell_refusals(calls)?;
    story.farewell()?;
    let well = refused && short && fits && accepted && untouched && in_order;
    Ok(if well { exit } else { Exit::Partly })
}

fn wrapped(text: &str, shell: &Shell<'_>) -> String {
    hang("", text, shell.look)
}

/// What the user of the story selects.
fn selection() -> SelectionArgs {
    SelectionArgs {
        select: vec![SELECT.to_owned()],
        protect: vec![PROTECT.to_owned()],
        ..SelectionArgs::default()
    }
}

struct Story<'a> {
    shell: &'a Shell<'a>,
    backend: &'a dyn Backend,
    sandbox: Sandbox,
    speed: f64,
}

impl Story<'_> {
    fn title(&self, title: &str) -> Result<(), Failure> {
        self.shell.data(&format!("\n{}\n\n", self.shell.look.paint.tint(Tone::Head, title)))
    }

    /// Whether the account refuses another Elastic IP.
    fn ask_for_an_address(&self) -> Result<bool, Failure> {
        let asked =
            self.sandbox.world().call("ec2", scenario::REGION, "AllocateAddress", &[("Domain", "vpc")]);
        let (refused, tone, text) = match asked {
            Ok(_) => (false, Tone::Good, "ec2:AllocateAddress: here you are".to_owned()),
            Err(error) => {
                (true, Tone::Goes, format!("ec2:AllocateAddress: {}: {}", error.code, error.message))
            }
        };
        self.shell.data(&format!("{}\n", self.shell.look.paint.tint(tone, &text)))?;
        Ok(refused)
    }

    /// Whether what the third attempt needs fits, and what would help.
    async fn quota(&self, survey: &Survey, place: &Place) -> Result<Answer, Failure> {
        let allowed = assess::ask_limits(place, survey, &[], self.shell).await;
        let needs = needs::typed(NEED, survey.catalog, &survey.inventory.regions)
            .map_err(|error| Failure::error(error.to_string()))?;
        let aws = AwsArgs::default();
        let policy = survey::policy(self.shell, &selection(), &aws, Policy::default())?;
        let command = Command { policy: &policy, file: None, aws: &aws };
        let mut assessment = assess::assess(survey, &allowed.limits, &needs, &[], &command)?;
        // The story is about these two.
        assessment.report.lines.retain(|line| line.need.is_some());
        let document = assess::document(survey, &allowed, &assessment, &[], 0);
        let gauges = match self.shell.environment.out_tty {
            Tty::Terminal => Gauges::Bars,
            Tty::Elsewhere => Gauges::Numbers,
        };
        let view = QuotaView {
            report: &assessment.report,
            document: &document,
            selected: true,
            asked: true,
            gauges,
        };
        self.shell.data(&quota_text::text(&view, self.shell.look))?;
        Ok(assessment.report.answer)
    }

    /// What the scan found: with `-v` all, else by stack and kind.
    fn found(&self, survey: &Survey) -> Result<(), Failure> {
        let (view, look) = (survey.view(), self.shell.look);
        let text = match look.detail {
            Detail::Full => scan_table::text(&view, look),
            Detail::Brief => {
                let groups = view.groups();
                let mut text = format!("{}\n", sums::stacks(&groups, &view, look));
                for group in groups.iter().filter(|group| group.marked(Mark::Delete) > 0) {
                    let orphans: Vec<_> = group.rows.iter().filter(|row| row.mark == Mark::Delete).collect();
                    text.push_str(&format!("{}\n", scan_table::heading(group, &view, look)));
                    text.push_str(&format!("{}\n", sums::by_kind(&orphans, &view, look)));
                }
                text + &scan_table::footer(&view, &groups, look)
            }
        };
        self.shell.data(&text)
    }

    /// Where to go from here.
    fn farewell(&self) -> Result<(), Failure> {
        self.shell.data(
            "\nTry it yourself:\n  \
             aws-janitor demo -v                        # every resource, every step\n  \
             aws-janitor sandbox                        # this account, for any client\n  \
             aws-janitor scan --region us-east-1        # your own; changes nothing\n",
        )
    }

    async fn survey(&self) -> Result<(Survey, Place), Failure> {
        let policy =
            survey::policy(self.shell, &selection(), &AwsArgs::default(), Policy::default())?.into_whole();
        let catalog = self.backend.catalog();
        let selector = survey::selector(&policy, &catalog)?;
        let connection = Connection {
            region: Some(Region::new(scenario::REGION)),
            clock_speed: Some(self.speed),
            embedded: Some(self.sandbox.clone()),
            ..Connection::default()
        };
        let place = connect::place(self.shell, self.backend, &connection, &Policy::default()).await?;
        let reading = place.scan(self.shell, &self.request()).await?;
        let criteria = Criteria { policy, selector, catalog };
        let survey = Survey::live(reading, criteria, &place, place.when(self.shell)).await?;
        Ok((survey, place))
    }

    fn request(&self) -> ScanRequest {
        let kinds = self.backend.catalog().iter().map(KindSpec::kind).collect();
        ScanRequest::new(BTreeSet::from([Region::new(scenario::REGION)]), kinds, &Policy::default())
    }

    fn plan(&self, survey: &Survey) -> Result<PlanFile, Failure> {
        let file = core::plan(survey)?;
        let (scan, stacks) = (survey.view(), survey.stack_of());
        let view = PlanView {
            file: &file,
            stacks: &stacks,
            scan: Some(&scan),
            catalog: &survey.catalog,
            now: survey.now,
        };
        let look = self.shell.look;
        let text = match look.detail {
            Detail::Full => plan_text::table(&view, look),
            Detail::Brief => {
                let outline = outline::text(&file, &stacks, look);
                format!("{outline}\n{}\n", look.paint.tint(Tone::Head, &plan_text::count_line(&file)))
            }
        };
        self.shell.data(&text)?;
        core::check(&file, survey)?;
        Ok(file)
    }

    async fn apply(&self, survey: &Survey, place: &Place, file: &PlanFile) -> Result<Exit, Failure> {
        let start = run::Start { file: file.clone(), left_out: Vec::new(), unclear: false, goal: None };
        let order = Order {
            goal: None,
            ground: run::Ground::Real,
            survey,
            rulings: start.rulings(),
            left_out: BTreeMap::new(),
            timeout: None,
            format: Format::Table,
            // A story that takes seconds cannot wait for half a minute to say something.
            heartbeat: Duration::from_millis(1_500),
            journal: None,
        };
        run::carry_out(self.shell, place, run::in_memory(&start.line(survey.now))?, &order).await
    }

    /// Whether everything that was no orphan is still there, as it was.
    async fn untouched(&self, before: &Inventory, survey: &Survey, place: &Place) -> Result<bool, Failure> {
        let mut after = place.session.scan(&self.request(), &|_| {}).await;
        if let Ok(inventory) = &mut after {
            crate::inventory::complete(inventory);
        }
        let after = after.map_err(|error| Failure::caused(FailureKind::Error, &error))?;
        let orphan = |key: &Key| survey.judgement.verdicts[key].verdict == Verdict::Orphan;
        let stay: Vec<&Key> = before.resources.keys().filter(|key| !orphan(key)).collect();
        let hurt: Vec<String> = stay
            .iter()
            .filter(|key| match after.resources.get(**key) {
                Some(now) => {
                    now.tags != before.resources[**key].tags || now.life != before.resources[**key].life
                }
                None => true,
            })
            .map(ToString::to_string)
            .collect();
        let line = if hurt.is_empty() {
            self.shell.look.paint.tint(
                Tone::Good,
                &format!("{} that were no orphans: all still there", count(stay.len(), "resource")),
            )
        } else {
            self.shell.look.paint.tint(Tone::Goes, &format!("no longer as they were: {}", hurt.join(", ")))
        };
        self.shell.data(&format!("{line}\n"))?;
        Ok(hurt.is_empty())
    }

    /// Whether no call of the run came too early, as the embedded AWS itself counted.
    fn tell_refusals(&self, since: usize) -> Result<bool, Failure> {
        let world = self.sandbox.world();
        let changes: Vec<_> = world.calls.iter().skip(since).filter(|call| call.mutating).collect();
        let refused: Vec<String> = changes
            .iter()
            .filter_map(|call| Some((call, call.refused.as_deref()?)))
            .filter(|(_, code)| TOO_EARLY.contains(code))
            .map(|(call, code)| format!("{} {}: {code}", call.iam_action(), call.target))
            .collect();
        let made = changes.len();
        drop(world);
        let tone = if refused.is_empty() { Tone::Good } else { Tone::Goes };
        let line = format!(
            "{} that change something, refused for their order: {}",
            count(made, "call"),
            refused.len()
        );
        self.shell.data(&format!("{}\n", self.shell.look.paint.tint(tone, &line)))?;
        for line in &refused {
            self.shell.data(&format!("  {line}\n"))?;
        }
        Ok(refused.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first of a type in the story's account whose name or tags tell the first attempt.
    fn one(sandbox: &Sandbox, kind: &str) -> String {
        let things = sandbox.inventory();
        let of_first = |it: &&aws_janitor_sandbox::Thing| {
            let mut said = it.tags.values().chain([&it.id]);
            it.kind == kind && said.any(|text| text.contains("attempt-1"))
        };
        things.iter().find(of_first).unwrap().id.clone()
    }

    #[test]
    fn whatever_the_embedded_aws_refuses_for_its_order_counts_as_too_early() {
        let now = "2026-11-20T10:00:00Z".parse().unwrap();
        let sandbox = Sandbox::new(scenario::build("failed-eks", 60.0, now).unwrap());
        for (service, action, parameter, kind) in [
            ("ec2", "ReleaseAddress", "AllocationId", "ec2:elastic-ip"),
            ("ec2", "DeleteVpc", "VpcId", "ec2:vpc"),
            ("ec2", "DeleteSubnet", "SubnetId", "ec2:subnet"),
            ("ec2", "DeleteSecurityGroup", "GroupId", "ec2:security-group"),
            ("ec2", "DeleteInternetGateway", "InternetGatewayId", "ec2:internet-gateway"),
            ("iam", "DeleteRole", "RoleName", "iam:role"),
            ("iam", "DeletePolicy", "PolicyArn", "iam:policy"),
            ("iam", "DeleteInstanceProfile", "InstanceProfileName", "iam:instance-profile"),
            (
                "elasticloadbalancing",
                "DeleteTargetGroup",
                "TargetGroupArn",
                "elasticloadbalancing:targetgroup",
            ),
        ] {
            let id = one(&sandbox, kind);
            let refused = sandbox.world().call(service, scenario::REGION, action, &[(parameter, &id)]);
            let code = refused.unwrap_err().code;
            assert!(TOO_EARLY.contains(&&*code), "{action}: {code}");
        }
    }
}
