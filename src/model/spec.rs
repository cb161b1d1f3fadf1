//! A kind as data: its spec, the rules of its links, and the catalog that rooms are given and ask.
//!
//! The dependent declares the rule, because its description always names what it refers to
//! (an interface has its subnet, a gateway its VPC). So a new kind never edits an old one.

use std::collections::BTreeSet;
use std::time::Duration;

use super::deployed::Deployed;
use super::words::{fact, how};
use super::{
    ByHand, Class, GuardRule, Ids, KindName, Logs, LookedAfter, MadeFor, Position, QuotaUse, Resource,
    RouteTarget, Serves, ShowsLife, States, WorksAs, same_service,
};

/// What a standing link forbids at its far end, the resource that is referred to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// Nothing.
    Nothing,
    /// The far end cannot be deleted until the near end is gone.
    Delete,
    /// The far end can neither be deleted nor have its own links cut until the near end is gone
    /// (an internet gateway cannot be detached while an interface in its VPC has a public address).
    DeleteAndCuts,
    /// The far end cannot be deleted until the near end is gone or this link is cut.
    DeleteUntilCut,
}

/// What a standing link means for its near end, the resource that carries it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Near {
    /// Nothing: the near end can be deleted with the link standing.
    Free,
    /// The link must be cut before the near end can be deleted.
    CutFirst,
    /// The near end cannot be deleted before the far end is gone; if the far end stays, so does the near end.
    /// A far end that is not in the inventory counts as one that stays: a listing must not go on
    /// reporting such a link when the far end is gone.
    AfterTarget,
    /// If the far end goes too, it goes first (whoever works there would make the near end anew). Else free;
    /// but while the far end's kind was not seen whole there, nobody knows, and the near end stays, also if
    /// some of that kind were seen: one that goes and one that is hidden look alike when the first is gone.
    AfterIfGoes,
    /// The near end is never deleted by a call: it goes by itself when the far end goes, this long after.
    /// While the far end is not in the inventory, the near end is an ordinary resource.
    /// What goes with several goes when all of them go, and stays if one of them stays.
    GoesWithTarget(Settle),
}

/// Whom a cut changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Touches {
    /// Only the near end (a policy is detached from a role: the policy does not notice).
    NearEnd,
    /// Both ends (a VPC whose internet gateway is detached loses its way out): so both must be going.
    BothEnds,
}

/// How a link is severed without deleting its owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cut {
    /// The IAM action of the call: `ec2:DetachInternetGateway`.
    pub api: &'static str,
    /// Whom it changes.
    pub touches: Touches,
    /// The command that severs it by hand at a near end that stays and loses nothing by it; `None` if it loses.
    pub by_hand: Option<ByHand>,
    /// How it comes to its end: with the call, or when a describe no longer shows the link (a VPN gateway is
    /// `detaching` for minutes).
    pub settle: Settle,
}

/// What links of one role mean, declared by the kind that carries them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LinkRule {
    /// The role, [`super::Link::how`].
    pub how: &'static str,
    /// The kind at the far end: one of the catalog, or one of this kind's [`KindSpec::parts`].
    pub to: &'static str,
    /// What it forbids there.
    pub holds: Holds,
    /// What it means here.
    pub near: Near,
    /// How it is cut, if it can be.
    pub cut: Option<Cut>,
}

impl LinkRule {
    /// Stands in [`Self::to`] for every kind that a route can lead to ([`RouteTarget::Yes`]), also for one that
    /// comes later. A rule that names such a kind goes before.
    pub const ANY_ROUTE_TARGET: &'static str = "*";

    /// The far end cannot be deleted until the near end is gone.
    pub const fn until_gone(how: &'static str, to: &'static str) -> Self {
        Self { how, to, holds: Holds::Delete, near: Near::Free, cut: None }
    }

    /// The near end works with the far end, which must be neither deleted nor changed meanwhile: a node
    /// group whose role has lost its policies cannot be drained.
    pub const fn in_use(how: &'static str, to: &'static str) -> Self {
        Self { how, to, holds: Holds::DeleteAndCuts, near: Near::Free, cut: None }
    }

    /// The near end goes by itself with the far end.
    pub const fn goes_with(how: &'static str, to: &'static str, settle: Settle) -> Self {
        Self { how, to, holds: Holds::Nothing, near: Near::GoesWithTarget(settle), cut: None }
    }

    /// The near end cannot go before the far end has.
    pub const fn after(how: &'static str, to: &'static str) -> Self {
        Self { how, to, holds: Holds::Nothing, near: Near::AfterTarget, cut: None }
    }

    /// The near end goes after the far end, if that goes.
    pub const fn after_if_goes(how: &'static str, to: &'static str) -> Self {
        Self { how, to, holds: Holds::Nothing, near: Near::AfterIfGoes, cut: None }
    }

    /// A link that forbids nothing, declared so that a reader sees it was thought of.
    pub const fn free(how: &'static str, to: &'static str) -> Self {
        Self { how, to, holds: Holds::Nothing, near: Near::Free, cut: None }
    }
}

/// What it means for a thing of whatever kind to be a member of a stack. No kind declares it, since a stack takes in
/// anything: it is gone when the stack is.
pub const MEMBERSHIP: LinkRule =
    LinkRule::goes_with(how::MEMBER_OF, "", Settle::Poll { every: 15, usually: 60, at_most: 3_600 });

/// How a deletion (or a disappearance) comes to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settle {
    /// Done when the call has returned.
    AtOnce,
    /// Done when a describe no longer shows it (or shows it deleted).
    Poll {
        /// Time between two looks, in seconds of AWS's clock.
        every: u32,
        /// How long it usually takes, in seconds.
        usually: u32,
        /// After how many seconds to give up.
        at_most: u32,
    },
}

impl Settle {
    /// How long it usually takes.
    pub fn usually(self) -> Duration {
        match self {
            Self::AtOnce => Duration::from_secs(1),
            Self::Poll { usually, .. } => Duration::from_secs(u64::from(usually)),
        }
    }
}

/// Where a kind's resources live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// In a region.
    Regional,
    /// In the account as a whole; its region is [`super::Region::global`].
    Global,
}

/// The IAM actions of a kind's calls: `ec2:DescribeVpcs`. From these the least-privilege policies are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Apis {
    /// What listing and re-describing it calls.
    pub list: &'static [&'static str],
    /// What deleting it calls. The first is the delete itself. Empty for what is only read.
    pub delete: &'static [&'static str],
}

/// One line of a resource's running cost: so many units of an item of the price table.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cost {
    /// The item's name in [`crate::price`].
    pub item: &'static str,
    /// How many units of it (hours are the price table's business): 1 gateway, 20 GiB, 2 zones.
    pub units: f64,
}

/// All that the planner ever knows of a kind. There is no `Default`: each kind answers each question.
#[derive(Debug, Clone, Copy)]
pub struct KindSpec {
    /// Its name.
    pub name: &'static str,
    /// The name for people, singular: `NAT gateway`.
    pub title: &'static str,
    /// What it is and what its deletion takes along, in a sentence or two for people.
    pub about: &'static str,
    /// The form of its ids.
    pub ids: Ids,
    /// What it is good for.
    pub class: Class,
    /// What it is to the things around it.
    pub position: Position,
    /// Whether it works for one thing at a time.
    pub serves: Serves,
    /// As which services it works with a role.
    pub works_as: WorksAs,
    /// Who makes it anew while he runs.
    pub looked_after: LookedAfter,
    /// What of it shows that somebody works with it now.
    pub shows_life: ShowsLife,
    /// For what it was made, where no field of its description says so.
    pub made_for: MadeFor,
    /// What AWS's words for its states mean.
    pub states: States,
    /// Whether a route can lead to it.
    pub route_target: RouteTarget,
    /// The guards that its description can show. What it shows besides, no room is prepared for.
    pub guards: &'static [GuardRule],
    /// The command that removes it by hand.
    pub by_hand: ByHand,
    /// The command by which it lets go of what it holds and stays itself: `{far}` stands for that. For what AWS deletes
    /// only then.
    pub lets_go: Option<ByHand>,
    /// The command that switches its deletion protection off.
    pub unprotect: Option<ByHand>,
    /// Where its resources live.
    pub scope: Scope,
    /// What its links mean. A link whose role stands in no rule means nothing to the planner.
    pub links: &'static [LinkRule],
    /// Kinds of its parts: far ends of links that are no resources of their own (an inline policy).
    pub parts: &'static [&'static str],
    /// How its deletion comes to its end.
    pub settle: Settle,
    /// How long a refused "not yet" is tried again before it counts as refused, in seconds:
    /// EC2 is eventually consistent, and what held the resource may be gone a moment before AWS knows.
    pub patience: u32,
    /// How long a delete rests after the last thing in its way has gone, in seconds: where the service
    /// is known to forget a user only a while after that one is gone, so that no call is refused.
    pub pause: u32,
    /// How many resources one delete call takes at most.
    pub batch: usize,
    /// Which quotas it uses.
    pub quotas: &'static [QuotaUse],
    /// The items of the price table by which one may cost something while it stands.
    pub priced: &'static [&'static str],
    /// What it costs while it stands, by items of `priced` or by one that has no price.
    pub cost: fn(&Resource) -> Vec<Cost>,
    /// The IAM actions of its calls.
    pub apis: Apis,
    /// The events by which CloudTrail's history tells who made one and when: management events that name what they
    /// make, and no other thing of its kind. Empty if there is none.
    /// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/view-cloudtrail-events.html>
    pub made_by_events: &'static [&'static str],
    /// Where its log is.
    pub logs: Logs,
    /// How an ARN of one begins, or of a part of one that has its own: service, colon, resource part. Each ends so
    /// that no other type begins with it: `ec2:vpc/`.
    /// <https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html>
    pub arns: &'static [&'static str],
    /// What deployments call it and use of it.
    pub deployed: Deployed,
}

impl KindSpec {
    /// A made-up kind of a region about which there is nothing to say: for laws about rules that no kind of AWS
    /// has, which then say what they need of it. Every kind of the catalog answers each question itself.
    pub const fn invented(name: &'static str) -> Self {
        Self {
            name,
            title: name,
            about: "",
            ids: Ids::Name,
            class: Class::Plumbing,
            position: Position::Nothing,
            serves: Serves::Any,
            works_as: WorksAs::Nobody,
            looked_after: LookedAfter::ByNobody,
            shows_life: ShowsLife::Never,
            made_for: MadeFor::Told,
            states: States::NONE,
            route_target: RouteTarget::No,
            guards: &[],
            by_hand: ByHand("nothing {id}"),
            lets_go: None,
            unprotect: None,
            scope: Scope::Regional,
            links: &[],
            parts: &[],
            settle: Settle::AtOnce,
            patience: 0,
            pause: 0,
            batch: 1,
            quotas: &[],
            priced: &[],
            cost: |_| Vec::new(),
            apis: Apis { list: &[], delete: &[] },
            made_by_events: &[],
            logs: Logs::NoneKnown,
            arns: &[],
            deployed: Deployed::UNHEARD_OF,
        }
    }

    /// The rule for links of this role to this kind: the one that names the kind, else the one for all that
    /// a route can lead to.
    pub fn rule(&self, how: &str, to: &KindName) -> Option<&'static LinkRule> {
        if how == how::MEMBER_OF {
            return Some(&MEMBERSHIP);
        }
        let of = |far: &str| self.links.iter().find(|rule| rule.how == how && rule.to == far);
        of(to.as_str()).or_else(|| of(LinkRule::ANY_ROUTE_TARGET))
    }

    /// The service that lists it, as IAM names it: `eks`.
    pub fn service(&self) -> &'static str {
        self.apis.list.first().and_then(|api| api.split_once(':')).map_or("none", |(service, _)| service)
    }

    /// The delete call's IAM action.
    pub fn delete_api(&self) -> &'static str {
        self.apis.delete.first().copied().unwrap_or("none")
    }

    /// Whether who stays of this kind loses by the far end of such a link being deleted, whether or not AWS would
    /// refuse that. What works for one thing at a time has no other use: an address that stays answers where it
    /// is associated, and nowhere else.
    pub fn works_with(&self, role: &str) -> bool {
        how::MAKE_A_USER.contains(&role) || (role == how::ASSOCIATED && self.serves == Serves::One)
    }

    /// Its name as a [`KindName`].
    pub fn kind(&self) -> KindName {
        KindName::of(self.name)
    }
}

/// All kinds the program knows, in reading order.
#[derive(Debug, Clone, Copy)]
pub struct Catalog {
    specs: &'static [&'static KindSpec],
}

impl Catalog {
    /// A catalog of these kinds.
    pub const fn new(specs: &'static [&'static KindSpec]) -> Self {
        Self { specs }
    }

    /// The spec of a kind, if the catalog has it.
    pub fn get(&self, kind: &KindName) -> Option<&'static KindSpec> {
        self.named(kind.as_str())
    }

    /// The spec of a kind by its name as text.
    pub fn named(&self, name: &str) -> Option<&'static KindSpec> {
        self.specs.iter().copied().find(|spec| spec.name == name)
    }

    /// What a kind is to the things around it; nothing, if the catalog does not have it.
    pub fn position(&self, kind: &KindName) -> Position {
        self.get(kind).map_or(Position::Nothing, |spec| spec.position)
    }

    /// The kind that has this position.
    pub fn that_is(&self, part: Position) -> Option<&'static KindSpec> {
        self.iter().find(|spec| spec.position == part)
    }

    /// The kind that an id tells by the letters that it begins with: by most of them, since `vpce-svc-1` is no
    /// `vpce-`.
    pub fn of_id(&self, id: &str) -> Option<&'static KindSpec> {
        let begins = |spec: &&KindSpec| matches!(spec.ids, Ids::Prefix(prefix) if id.starts_with(prefix));
        self.iter().filter(begins).max_by_key(|spec| match spec.ids {
            Ids::Prefix(prefix) => prefix.len(),
            Ids::Name | Ids::OfCluster | Ids::Arn { .. } => 0,
        })
    }

    /// The kind that an ARN is of: one of its things, or a part of one.
    pub fn of_arn(&self, arn: &str) -> Option<&'static KindSpec> {
        let mut parts = arn.splitn(6, ':').skip(2);
        let (service, resource) = (parts.next()?, parts.nth(2)?);
        let rest = |form: &str| {
            form.split_once(':').is_some_and(|(of, begins)| of == service && resource.starts_with(begins))
        };
        self.iter().find(|spec| spec.arns.iter().any(|form| rest(form)))
    }

    /// Whether a thing of this kind can lie in a network: it has a rule about one, or about a part of one. What
    /// only would use it (a launch template) or looks on (a flow log) lies nowhere.
    pub fn may_lie_in_a_network(&self, spec: &KindSpec) -> bool {
        let is_ground = |far: &str| {
            matches!(self.named(far).map(|far| far.position), Some(Position::Network | Position::Subnet))
        };
        spec.links
            .iter()
            .any(|rule| ![how::WOULD_USE, how::WATCHES].contains(&rule.how) && is_ground(rule.to))
    }

    /// Whether a thing of this kind, of a region, can work with a global thing: it has a rule about one. Users of
    /// roles, profiles, providers and policies are looked for among these, in every enabled region.
    pub fn may_use_global(&self, spec: &KindSpec) -> bool {
        let is_global = |far: &str| self.named(far).is_some_and(|far| far.scope == Scope::Global);
        spec.scope == Scope::Regional && spec.links.iter().any(|rule| is_global(rule.to))
    }

    /// Whether a thing of this kind works with what such a link of it leads to ([`KindSpec::works_with`]).
    pub fn works_with(&self, near: &KindName, role: &str) -> bool {
        self.get(near).map_or(how::MAKE_A_USER.contains(&role), |spec| spec.works_with(role))
    }

    /// Whether something of this kind may work with this thing: it has a rule for that, and if the thing is a role
    /// whose trust policy was read, that lets it in.
    pub fn may_use(&self, spec: &KindSpec, it: &Resource) -> bool {
        let works = |rule: &LinkRule| spec.works_with(rule.how);
        let trusted = it.facts.get(fact::TRUSTED_SERVICES).map(String::as_str);
        spec.links.iter().any(|rule| works(rule) && self.is_about(spec, rule, &it.key.kind))
            && spec.works_as.may_be_trusted(trusted)
    }

    /// The kinds of which a thing works with a role as this service, if these are all that do.
    pub fn all_that_work_as(&self, service: &str) -> Option<Vec<&'static KindSpec>> {
        let works = |spec: &&KindSpec| spec.works_as.services().iter().any(|it| same_service(it, service));
        let kinds: Vec<&KindSpec> = self.iter().filter(works).collect();
        let all = kinds.iter().all(|spec| matches!(spec.works_as, WorksAs::Wholly(_)));
        (all && !kinds.is_empty()).then_some(kinds)
    }

    /// The services that list its kinds.
    pub fn services(&self) -> BTreeSet<&'static str> {
        self.iter().map(KindSpec::service).collect()
    }

    /// A quota by its short name, with the kind that uses it first.
    pub fn quota(&self, name: &str) -> Option<(&'static KindSpec, &'static QuotaUse)> {
        self.quotas().find(|(_, quota)| quota.name == name)
    }

    /// Every quota that a kind uses, with that kind, in reading order.
    pub fn quotas(&self) -> impl Iterator<Item = (&'static KindSpec, &'static QuotaUse)> + use<> {
        self.iter().flat_map(|spec| spec.quotas.iter().map(move |quota| (spec, quota)))
    }

    /// All specs, in reading order.
    pub fn iter(&self) -> impl Iterator<Item = &'static KindSpec> + use<> {
        self.specs.iter().copied()
    }

    /// Whether a rule of this kind is the one for links to that kind.
    pub fn is_about(&self, spec: &KindSpec, rule: &LinkRule, to: &KindName) -> bool {
        let routed = || self.get(to).is_some_and(|far| far.route_target == RouteTarget::Yes);
        let meant = rule.to == to.as_str() || (rule.to == LinkRule::ANY_ROUTE_TARGET && routed());
        meant && spec.rule(rule.how, to).is_some_and(|first| first.to == rule.to)
    }

    /// The rules by which a resource of kind `to` can be held or carried, with the kind that declares each.
    pub fn rules_to(&self, to: &KindName) -> impl Iterator<Item = (&'static KindSpec, &'static LinkRule)> {
        let (catalog, to) = (*self, to.clone());
        self.iter()
            .flat_map(|spec| spec.links.iter().map(move |rule| (spec, rule)))
            .filter(move |(spec, rule)| catalog.is_about(spec, rule, &to))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_work_as_a_service_are_known_only_if_no_kind_says_that_there_are_others() {
        const FUNCTION: KindSpec = KindSpec {
            works_as: WorksAs::Wholly(&["lambda.amazonaws.com"]),
            ..KindSpec::invented("function")
        };
        const SERVICE: KindSpec = KindSpec {
            works_as: WorksAs::AmongOthers(&["ecs-tasks.amazonaws.com"]),
            ..KindSpec::invented("service")
        };
        const TASK: KindSpec = KindSpec {
            works_as: WorksAs::Wholly(&["ecs-tasks.amazonaws.com"]),
            ..KindSpec::invented("task")
        };
        let names = |catalog: Catalog, service: &str| {
            let kinds = catalog.all_that_work_as(service)?;
            Some(kinds.into_iter().map(|spec| spec.name).collect::<Vec<_>>())
        };
        let all = Catalog::new(&[&FUNCTION, &SERVICE, &TASK]);
        assert_eq!(names(all, "lambda.amazonaws.com"), Some(vec!["function"]));
        assert_eq!(names(all, "ecs-tasks.amazonaws.com"), None);
        assert_eq!(names(all, "codebuild.amazonaws.com"), None);
        assert_eq!(names(Catalog::new(&[&FUNCTION, &TASK]), "ecs-tasks.amazonaws.com"), Some(vec!["task"]));
    }
}
