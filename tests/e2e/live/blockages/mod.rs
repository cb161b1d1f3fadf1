//! Blockages whose cause is known: each is built on the embedded AWS by calls of AWS's own API, tried there, and
//! answered from AWS's documentation before the program is asked. `explain ID` has to name the true cause at the end
//! of one path, the shortest, with what can be done; and the plan has to name the same cause before any run.
//!
//! What is asked about is what AWS refuses to delete, where it refuses: the same call is accepted once the cause is
//! gone, so that it is the cause, and the only one. The two tables hold the cases, the files beside them build
//! them.

use std::collections::BTreeSet;
use std::time::Duration;

use aws_janitor_sandbox::World;
use serde_json::Value;

use table_networks::{GROUND, GROUPS, SERVICES, WAYS};
use table_others::{CLUSTERS, GUARDED, IDENTITY, STACKS};

use super::stage::{FAILED, HOME, SPEED, Scene, Stage, Tags, touched};

mod cluster;
mod ground;
mod groups;
mod guarded;
mod identity;
mod parts;
mod services;
mod stacks;
mod table_networks;
mod table_others;
mod ways;

/// A blockage and the true answer. `{name}` in the answer is the id that the case calls so.
pub struct Blockage {
    pub name: &'static str,
    pub build: fn(&mut Stage) -> Case,
    /// From what holds the thing directly to the cause, each as `kind id`; empty, if the cause is its own.
    pub path: &'static [&'static str],
    /// What the cause says: who it is, or what.
    pub cause: &'static [&'static str],
    pub todo: Todo,
    /// Why the program answers otherwise, if it is known to.
    pub open: Option<&'static str>,
}

/// What can be done about a cause.
#[derive(Debug, Clone, Copy)]
pub enum Todo {
    /// This command, or the beginning of it.
    Run(&'static str),
    /// Wait: it goes by itself, and these words tell when.
    Wait(&'static [&'static str]),
    /// Nothing: this holds it, `kind id`, and goes before it, since nobody else's it is.
    Goes(&'static str),
    /// Nothing that could be run: it is at work, and its owner alone can say that it is to end.
    Leave,
}

/// What was built.
pub struct Case {
    asked: String,
    flags: Vec<String>,
    names: Vec<(&'static str, String)>,
    refused: Option<(Call, &'static str)>,
    cure: Vec<Call>,
    speed: f64,
    denied: &'static [&'static str],
}

/// A call of AWS's API.
pub struct Call {
    service: &'static str,
    action: &'static str,
    input: Input,
}

enum Input {
    Query(Vec<(String, String)>),
    Json(Value),
}

impl Call {
    pub fn query(service: &'static str, action: &'static str, params: Tags<'_>) -> Self {
        let params = params.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Self { service, action, input: Input::Query(params.collect()) }
    }

    pub fn json(service: &'static str, action: &'static str, input: Value) -> Self {
        Self { service, action, input: Input::Json(input) }
    }

    /// Calls; gives the code of the refusal.
    fn make(&self, world: &mut World) -> Result<(), String> {
        let answer = match &self.input {
            Input::Query(params) => {
                let params: Vec<_> =
                    params.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
                world.call(self.service, HOME, self.action, &params).map(|_| ())
            }
            Input::Json(input) => world.call_json(self.service, HOME, self.action, input.clone()).map(|_| ()),
        };
        answer.map_err(|error| error.code)
    }
}

impl Case {
    /// A case that asks about this, under the failed stack's selection.
    pub fn of(asked: &str) -> Self {
        Self {
            asked: asked.to_owned(),
            flags: vec!["--select".to_owned(), FAILED.to_owned()],
            names: Vec::new(),
            refused: None,
            cure: Vec::new(),
            speed: SPEED,
            denied: &[],
        }
    }

    /// Calls this id so in the answer.
    pub fn named(mut self, name: &'static str, id: &str) -> Self {
        self.names.push((name, id.to_owned()));
        self
    }

    /// AWS refuses this call, with this code.
    pub fn refused(mut self, call: Call, code: &'static str) -> Self {
        self.refused = Some((call, code));
        self
    }

    /// This call takes the cause away: then AWS accepts what it refused.
    pub fn cured(mut self, call: Call) -> Self {
        self.cure.push(call);
        self
    }

    /// More flags.
    pub fn flags(mut self, flags: &[&str]) -> Self {
        self.flags.extend(flags.iter().map(|flag| (*flag).to_owned()));
        self
    }

    /// Another selection than the failed stack's.
    pub fn selecting(mut self, select: &str) -> Self {
        self.flags[1] = select.to_owned();
        self
    }

    /// What must not end while the program looks: the clock runs hardly faster than AWS's.
    pub fn slowly(mut self) -> Self {
        self.speed = 20.0;
        self
    }

    /// The same, for what ends within a minute of AWS's.
    pub fn very_slowly(mut self) -> Self {
        self.speed = 1.0;
        self
    }

    /// What the program's caller may not do.
    pub fn denied(mut self, actions: &'static [&'static str]) -> Self {
        self.denied = actions;
        self
    }

    /// The text with this case's ids.
    fn told(&self, text: &str) -> String {
        self.names.iter().fold(text.to_owned(), |text, (name, id)| text.replace(&format!("{{{name}}}"), id))
    }
}

/// What goes along with the VPCs of the account: no cause of anything.
fn along(world: &mut World) -> BTreeSet<String> {
    let ec2 = &world.region(HOME).ec2;
    let acls = ec2.network_acls.iter().filter(|(_, it)| it.is_default).map(|(id, _)| id);
    let groups = ec2.security_groups.iter().filter(|(_, it)| it.name == "default").map(|(id, _)| id);
    let tables = ec2.route_tables.iter().filter(|(_, it)| it.is_main()).map(|(id, _)| id);
    acls.chain(groups).chain(tables).cloned().collect()
}

/// What is wrong with the answers to one case.
async fn faults(it: &Blockage) -> Vec<String> {
    let mut stage = Stage::new();
    let case = (it.build)(&mut stage);
    stage.ago(Duration::ZERO);
    let mut faults = Vec::new();
    if let Some((call, code)) = &case.refused {
        let answer = call.make(&mut stage.world);
        if answer.as_ref().err().map(String::as_str) != Some(code) {
            faults.push(format!("AWS answers {} with {answer:?}, and {code} was expected", call.action));
        }
    }
    let scene = stage.open_at(case.speed).await;
    scene.sandbox.world().faults.denied = case.denied.iter().map(|it| (*it).to_owned()).collect();
    let flags: Vec<&str> = case.flags.iter().map(String::as_str).collect();
    let args = [&["explain", &case.asked, "-o", "json", "--region", HOME], &flags[..]].concat();
    let ended = scene.endpoint.run(&args).await;
    let explained: Value = serde_json::from_str(&ended.out).unwrap_or_default();
    if explained.is_null() {
        return vec![format!("explain answers nothing: {ended:?}")];
    }
    let along = along(&mut scene.sandbox.world());
    faults.extend(of_explain(it, &case, &explained, &along));
    let plan = scene.plan(&flags).await;
    faults.extend(of_plan(it, &case, &plan, &along));
    faults.extend(of_cure(&case, &scene));
    faults
}

/// Holds what `explain` says to the answer.
fn of_explain(it: &Blockage, case: &Case, told: &Value, along: &BTreeSet<String>) -> Vec<String> {
    let mut faults = Vec::new();
    let path: Vec<&str> = told["path"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let right: Vec<String> = it.path.iter().map(|step| case.told(step)).collect();
    if path != right {
        faults.push(format!("the path is {path:?}, and {right:?} was expected"));
    }
    let cause = told["cause"].as_str().unwrap_or_default();
    for word in it.cause.iter().map(|word| case.told(word)).filter(|word| !cause.contains(word)) {
        faults.push(format!("the cause says nothing of `{word}`"));
    }
    let remedy = told["remedy"].as_str().unwrap_or_default();
    let way = format!("{} {remedy}", told["path_told"]);
    match it.todo {
        // What no kind is tells its command along with what it is.
        Todo::Run(command) if !format!("{remedy} {cause}").contains(&case.told(command)) => {
            faults.push(format!("the remedy is not `{}`", case.told(command)));
        }
        Todo::Wait(words) => {
            let missing = words.iter().map(|word| case.told(word));
            let missing = missing.filter(|word| !way.contains(word) && !cause.contains(word));
            faults.extend(missing.map(|word| format!("that it goes by itself is not told: `{word}`")));
        }
        Todo::Goes(step) => {
            let holders = told["held_by"].as_array().into_iter().flatten();
            let mut going = holders.filter(|by| by["fate"] == "delete").map(|by| &by["resource"]);
            let held = going.any(|by| {
                let text = |key: &str| by[key].as_str().unwrap_or_default();
                format!("{} {}", text("kind"), text("id")) == case.told(step)
            });
            faults.extend((!held).then(|| format!("{} is not told as what goes first", case.told(step))));
        }
        Todo::Leave if remedy.contains("aws ") => faults.push("what is at work is to be removed".to_owned()),
        Todo::Run(_) | Todo::Leave => {}
    }
    let answer = format!("{} {way} {cause}", told["path"]);
    faults.extend(along.iter().filter(|id| answer.contains(*id)).map(|id| format!("{id} goes along")));
    if !faults.is_empty() {
        let keys = ["verdict", "gate", "evidence", "fate", "path", "path_told", "cause", "remedy"];
        let said = keys.map(|key| format!("{key}: {}", told[key]));
        faults.push(format!("explain said\n        {}", said.join("\n        ")));
    }
    faults
}

/// Holds what the plan says of the same thing to the answer: nothing of it is to be touched, and the cause is named.
fn of_plan(it: &Blockage, case: &Case, plan: &Value, along: &BTreeSet<String>) -> Vec<String> {
    if let Todo::Goes(first) = it.todo {
        let steps = plan["steps"].as_array().unwrap();
        let place = |id: &str| {
            steps.iter().position(|step| step["resource"].as_str() == Some(id) && step["action"] == "delete")
        };
        let first = case.told(first);
        let order = (first.split_once(' ').and_then(|(_, id)| place(id)), place(&case.asked));
        return match order {
            (Some(first), Some(then)) if first < then => Vec::new(),
            order => vec![format!("the plan has no order for them: {order:?}: {}", plan["steps"])],
        };
    }
    if touched(plan).contains(&case.asked) {
        return vec!["the plan touches it".to_owned()];
    }
    let rows = plan["blocked"].as_array().into_iter().flatten();
    let Some(row) = rows.into_iter().find(|row| row["id"] == case.asked.as_str()) else {
        return vec!["the plan says nothing of it".to_owned()];
    };
    let text = row.to_string();
    let last = it.path.last().map(|step| case.told(step));
    let named = match &last {
        // As people are told of it: an ARN by its end.
        Some(step) => {
            step.split_once(' ').is_some_and(|(_, id)| text.contains(id) || text.contains(end_of(id)))
        }
        None => it.cause.iter().all(|word| text.contains(&case.told(word))),
    };
    let mut faults = Vec::new();
    if !named {
        faults.push(format!(
            "the plan does not name {:?}: {row}",
            last.unwrap_or_else(|| format!("{:?}", it.cause))
        ));
    }
    faults.extend(along.iter().filter(|id| text.contains(*id)).map(|id| format!("the plan blames {id}")));
    if case.asked.starts_with("vpc-") {
        let freed = plan["quota_freed"].as_array().into_iter().flatten().any(|it| it["quota"] == "vpc");
        faults.extend(freed.then(|| "the plan promises a VPC".to_owned()));
    }
    faults
}

/// The name at the end of an ARN.
fn end_of(id: &str) -> &str {
    match id.strip_prefix("arn:") {
        Some(arn) => arn.rsplit(':').next().unwrap_or(arn),
        None => id,
    }
}

/// Takes the cause away: AWS then accepts what it refused, or the cause was another.
fn of_cure(case: &Case, scene: &Scene) -> Vec<String> {
    let Some((refused, _)) = &case.refused else { return Vec::new() };
    let mut world = scene.sandbox.world();
    world.faults.denied.clear();
    for call in &case.cure {
        if let Err(code) = call.make(&mut world) {
            return vec![format!("the cure {} is refused: {code}", call.action)];
        }
        world.clock.skip(Duration::from_secs(3600));
        world.settle();
    }
    match refused.make(&mut world) {
        Err(code) if !case.cure.is_empty() => {
            vec![format!("AWS refuses {} all the same: {code}", refused.action)]
        }
        Ok(()) | Err(_) => Vec::new(),
    }
}

/// Holds the program to every answer of a table, and tells all that is wrong together.
async fn hold(table: &[Blockage]) {
    let mut wrong = Vec::new();
    for it in table {
        let faults = faults(it).await;
        match (it.open, faults.is_empty()) {
            (None, true) | (Some(_), false) => {}
            (None, false) => wrong.push(format!("{}\n    {}", it.name, faults.join("\n    "))),
            (Some(why), true) => wrong.push(format!("{}: is answered rightly now, though: {why}", it.name)),
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {} are answered wrongly:\n{}",
        wrong.len(),
        table.len(),
        wrong.join("\n")
    );
}

macro_rules! tables {
    ($($test:ident $table:ident)+) => {
        $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $test() {
            hold($table).await;
        })+
    };
}
tables! {
    what_holds_a_vpc_is_named WAYS
    what_lies_on_ground_of_the_stacks_is_named GROUND
    what_services_keep_in_a_subnet_is_named SERVICES
    who_names_a_group_or_works_in_it_is_named GROUPS
    what_keeps_a_cluster_and_what_it_keeps_is_named CLUSTERS
    who_works_with_a_role_or_what_goes_with_one_is_named IDENTITY
    what_is_guarded_or_was_not_read_is_told GUARDED
    what_keeps_a_stack_of_cloudformation_is_named STACKS
}

#[test]
fn every_case_has_a_name_of_its_own_and_there_are_forty() {
    let all = [WAYS, GROUND, SERVICES, GROUPS, CLUSTERS, IDENTITY, GUARDED, STACKS];
    let names: Vec<&str> = all.into_iter().flatten().map(|it| it.name).collect();
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
    assert!(names.len() >= 40, "{}", names.len());
}
