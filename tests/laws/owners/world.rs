//! A world by its recipe: what was drawn, so that a failing one can be made smaller by drawing less.

use std::fmt;

use aws_janitor::model::words::how;
use aws_janitor::model::{Key, Tags};
use aws_janitor::policy::{Policy, Selector};

use super::doubt::Doubt;
use super::hand::{Hand, KEYED, Style};
use super::land::{AWAY, Draw, HOME, Land, Owner, ago};
use super::situation::{ALIKE, DRAWN, RECORDS, STATES, Situation};
use super::stack::{Living, STAGES, Stack, Stage, failed, living};
use super::states::deployed;
use super::{record, states, strangers, time, users};
use crate::rng::Rng;

/// What the user asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Ask {
    Tags,
    Stack,
    Name,
    Vpc,
    Cluster,
    /// `tag:Project=shop`: the healthy stack with it.
    Wide,
    /// `tag:Project=shop,tag:EnvironmentSuffix=a*`.
    WideGlob,
    /// `stack=shop/*`.
    StackGlob,
    /// `stack=cfn:shop-a1`: what CloudFormation calls so.
    Record,
}

/// What writes onto everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Robot {
    AutoTag,
    Custodian,
    Migration,
    GuardDuty,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Recipe {
    pub(crate) seed: u64,
    pub(crate) attempts: Vec<Stage>,
    pub(crate) style: Style,
    pub(crate) marks: bool,
    pub(crate) ask: Ask,
    pub(crate) situations: Vec<Situation>,
    pub(crate) doubts: Vec<Doubt>,
    pub(crate) robot: Option<Robot>,
    pub(crate) killed: bool,
    pub(crate) dated: bool,
}

/// A land and whose stacks are asked to go.
#[derive(Debug, Clone)]
pub(crate) struct World {
    pub(crate) recipe: Recipe,
    pub(crate) land: Land,
    pub(crate) stacks: Vec<Stack>,
    /// The attempts that the user asks for: the first so many.
    pub(crate) asked: usize,
}

impl Recipe {
    pub(crate) fn draw(seed: u64) -> Self {
        let mut rng = Rng::new(seed ^ 0x0b0e);
        let attempts = (0..*rng.pick(&[1, 1, 1, 2, 2, 3])).map(|_| *rng.pick(&STAGES)).collect();
        let style = if rng.chance(3, 4) { *rng.pick(&KEYED[..3]) } else { *rng.pick(&ALL_STYLES) };
        let asks = [
            Ask::Tags,
            Ask::Stack,
            Ask::Name,
            Ask::Vpc,
            Ask::Cluster,
            Ask::Wide,
            Ask::WideGlob,
            Ask::StackGlob,
        ];
        let ask = if rng.chance(1, 3) { Ask::Tags } else { *rng.pick(&asks) };
        let count = *rng.pick(&[0, 0, 1, 1, 1, 1, 2, 3]);
        let situations = (0..count).map(|_| *rng.pick(&DRAWN[..ALIKE])).collect();
        let all = [
            Doubt::DeniedListing,
            Doubt::NobodysTag,
            Doubt::FreshTrace,
            Doubt::Undated,
            Doubt::WithoutClaim,
            Doubt::BeingMade,
        ];
        let doubts = if rng.chance(1, 6) { vec![*rng.pick(&all)] } else { vec![] };
        let robots = [Robot::AutoTag, Robot::Custodian, Robot::Migration, Robot::GuardDuty];
        let robot = rng.chance(1, 6).then(|| *rng.pick(&robots));
        let mut it = Self {
            seed,
            attempts,
            style,
            marks: rng.chance(1, 2),
            ask,
            situations,
            doubts,
            robot,
            killed: rng.chance(1, 4),
            dated: rng.chance(1, 10),
        };
        // Some attempts came to life, and were leaked: only the owner's word tells that they are nobody's.
        let mut rng = Rng::new(seed ^ 0xe19);
        if KEYED[..3].contains(&style) && rng.chance(1, 6) {
            it.attempts[0] = Stage::Leaked;
        }
        if rng.chance(1, 16) {
            it.situations.push(*rng.pick(&DRAWN[ALIKE..]));
        }
        // States and records have turns of their own, so that all else is as it is without them.
        let mut rng = Rng::new(seed ^ 0x57a7e);
        if rng.chance(1, 3) {
            it.situations.push(*rng.pick(&STATES));
        }
        let mut rng = Rng::new(seed ^ 0xc10d);
        if rng.chance(1, 5) {
            it.recorded(*rng.pick(&RECORDS));
        }
        it.tidy();
        if it.style == Style::Bare {
            // Nothing with a key vouches for a cluster's name.
            it.marks = false;
        }
        it
    }

    /// CloudFormation deployed the attempt, and this says its record.
    pub(crate) fn recorded(&mut self, of: Situation) {
        self.situations.push(of);
        self.style = Style::Cdk;
        self.attempts.truncate(1);
        if self.attempts[0] == Stage::Leaked {
            self.attempts[0] = Stage::NodesApart;
        }
        if of == Situation::RecordFailedBare {
            self.ask = Ask::Record;
        }
    }

    /// Leaves out what does not go together: one healthy stack of one name, and nothing beside an attempt that
    /// is deployed again, whose things are the living stack's.
    fn tidy(&mut self) {
        use Situation::*;
        self.situations.sort();
        self.situations.dedup();
        let blue = [
            HealthyNodes,
            HealthyIdle,
            HealthyBoxes,
            HealthyBoxesAlone,
            HealthyStandby,
            HealthyRevived,
            HealthyService,
            HealthyFunction,
            HealthyNight,
        ];
        let blue = [&blue[..], &[ExpiringAndGrowing, ExpiringInPart]].concat();
        let mut seen = false;
        self.situations.retain(|it| !blue.contains(it) || !std::mem::replace(&mut seen, true));
        let grounds = [CorporateGround, GroundOfAnotherAccount];
        // Whoever calls a stack abandoned says that all that bears its name is nobody's.
        let abandoned = [StateAbandoned, StatesShare, StateOfCopiedTagsAbandoned, RecordAbandoned];
        for alone in [&abandoned[..], &[Redeployed, CorporateGround, GroundOfAnotherAccount]].concat() {
            if self.situations.contains(&alone) {
                self.situations = vec![alone];
            }
            if grounds.contains(&alone) && self.situations == [alone] {
                self.killed = false;
            }
        }
        // What CloudFormation deploys has a record.
        if self.style == Style::Cdk && !self.situations.iter().any(|of| RECORDS.contains(of)) {
            self.style = Style::DefaultTags;
            self.ask = if self.ask == Ask::Record { Ask::Tags } else { self.ask };
        }
    }

    /// Whether the user tells the attempt apart from what came of it. A redeployment takes over what its names and
    /// tags fit, and makes a network of its own. Where nothing bears the stack key, the whole id of the old network
    /// means that one: whatever nobody works with there is a leftover still.
    fn tells_apart(&self, of: Situation) -> bool {
        of == Situation::Redeployed && self.style == Style::Bare && self.ask == Ask::Vpc
    }

    pub(crate) fn build(&self) -> World {
        let mut land = Land::new(self.seed);
        let asked = if self.situations.contains(&Situation::AnotherAttempt) && self.attempts.len() > 1 {
            1
        } else {
            self.attempts.len()
        };
        let mut stacks = Vec::new();
        for (n, stage) in self.attempts.iter().enumerate() {
            let mut rng = Rng::new(self.seed.wrapping_add(1 + n as u64));
            let mut hand = self.hand(n + 1);
            if n >= asked {
                // It failed as well; but nobody asked for it.
                hand.of = Situation::AnotherAttempt;
            }
            stacks.push(failed(&mut land, &mut rng, hand, *stage));
        }
        let mut world = World { recipe: self.clone(), land, stacks, asked };
        world.move_time();
        world.ask();
        world
    }

    fn hand(&self, n: usize) -> Hand {
        let mut key = key_of(&format!("a{n}"));
        if self.style == Style::DefaultTags {
            key.insert("ManagedBy".into(), "terraform".into());
        }
        Hand {
            owner: Owner::Failed(n),
            of: Situation::Attempt,
            style: self.style,
            label: format!("shop-a{n}"),
            key,
            cluster: format!("shop-a{n}"),
            region: HOME,
            born: ago(60 * 24 * (9 - i64::try_from(n).unwrap())),
            marks: self.marks,
        }
    }
}

const ALL_STYLES: [Style; 6] = [
    Style::DefaultTags,
    Style::Modules,
    Style::PulumiDefault,
    Style::PulumiArgs,
    Style::Bare,
    Style::Careless,
];

fn key_of(suffix: &str) -> Tags {
    [("Project", "shop"), ("EnvironmentSuffix", suffix)]
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .into()
}

impl World {
    fn move_time(&mut self) {
        let recipe = self.recipe.clone();
        let stack = self.stacks[0].clone();
        let land = &mut self.land;
        if let Some(robot) = recipe.robot {
            for stack in &self.stacks {
                time::robot(land, &mut Rng::new(recipe.seed ^ 5), stack, robot);
            }
        }
        for of in &recipe.situations {
            let mut rng = Rng::new(recipe.seed ^ (0x100 + *of as u64));
            if recipe.tells_apart(*of) || RECORDS.contains(of) || STATES.contains(of) {
                continue;
            }
            if happens(land, &mut rng, &stack, *of) {
                land.situations.insert(*of);
            }
        }
        let made = deployed(land, stack.hand.owner);
        if recipe.killed {
            time::kill(land, &mut Rng::new(recipe.seed ^ 6), &stack);
        }
        for of in recipe.situations.iter().filter(|of| RECORDS.contains(of)) {
            let mut rng = Rng::new(recipe.seed ^ (0x100 + *of as u64));
            record::records(land, &mut rng, &stack, *of, &made);
            land.situations.insert(*of);
        }
        for of in recipe.situations.iter().filter(|of| STATES.contains(of)) {
            let mut rng = Rng::new(recipe.seed ^ (0x100 + *of as u64));
            if states::states(land, &mut rng, &stack, *of) {
                land.situations.insert(*of);
            }
        }
        if recipe.dated {
            for stack in &self.stacks {
                time::dated(land, stack);
            }
        }
        for doubt in &recipe.doubts {
            time::doubt(land, &mut Rng::new(recipe.seed ^ 7), &stack, *doubt);
        }
        for (stack, stage) in self.stacks.iter().zip(&recipe.attempts) {
            if *stage == Stage::Leaked {
                time::expiring(land, stack.hand.owner, &stack.hand.key, stack.hand.born);
            }
        }
        if land.doubts.contains(&Doubt::Undated) && recipe.dated {
            land.doubts.remove(&Doubt::Undated);
        }
    }

    fn ask(&mut self) {
        let asked = &self.stacks[..self.asked];
        let each = |form: &dyn Fn(&Stack) -> String| asked.iter().map(form).collect::<Vec<String>>();
        let suffix = |stack: &Stack| stack.hand.key["EnvironmentSuffix"].clone();
        let terms = match self.recipe.ask {
            Ask::Tags => each(&|it| format!("tag:Project=shop,tag:EnvironmentSuffix={}", suffix(it))),
            Ask::Stack => each(&|it| format!("stack=shop/{}", suffix(it))),
            Ask::Name => each(&|it| format!("name={}*", it.hand.label)),
            Ask::Vpc => each(&|it| format!("vpc={}", it.net.vpc.id)),
            Ask::Cluster => each(&|it| format!("cluster={}", it.hand.cluster)),
            Ask::Wide => vec!["tag:Project=shop".to_owned()],
            Ask::WideGlob => vec!["tag:Project=shop,tag:EnvironmentSuffix=*".to_owned()],
            Ask::StackGlob => vec!["stack=shop/*".to_owned()],
            Ask::Record => each(&|it| format!("stack=cfn:{}", it.hand.label)),
        };
        self.land.policy.select = terms.iter().map(|terms| terms.parse().unwrap()).collect();
        if self.recipe.ask.is_wide() {
            self.asked = self.stacks.len();
        }
    }

    pub(crate) fn selector(&self) -> Selector {
        let kinds: Vec<&str> = aws_janitor::kinds::CATALOG.iter().map(|spec| spec.name).collect();
        Selector::new(&self.land.policy, &kinds).unwrap()
    }

    pub(crate) fn policy(&self) -> &Policy {
        &self.land.policy
    }
}

impl Ask {
    pub(crate) fn is_wide(self) -> bool {
        matches!(self, Self::Wide | Self::WideGlob | Self::StackGlob)
    }
}

/// Lets a situation come. False where it cannot: an attempt without a provider has none to trust.
fn happens(land: &mut Land, rng: &mut Rng, stack: &Stack, of: Situation) -> bool {
    use Situation::*;
    let by = match of {
        HealthyNodes => Living::Nodes,
        HealthyIdle => Living::Idle,
        HealthyBoxes => Living::Boxes,
        HealthyBoxesAlone => Living::BoxesAlone,
        HealthyStandby => Living::Standby,
        HealthyRevived => Living::Revived,
        HealthyService => Living::Service,
        HealthyFunction => Living::Function,
        HealthyNight => Living::Night,
        HealthyTwinElsewhere | Redeployed | ExpiringAndGrowing | ExpiringInPart => Living::Nodes,
        CorporateGround | GroundOfAnotherAccount => {
            strangers::ground(land, stack, of);
            land.doubts.insert(Doubt::StrangerInVpc);
            return true;
        }
        Attempt | AnotherAttempt => return of == AnotherAttempt,
        _ => {
            if strangers::in_vpc(land, rng, stack, of) {
                land.doubts.insert(Doubt::StrangerInVpc);
                return true;
            }
            return strangers::look_alikes(land, rng, stack, of)
                || users::users(land, rng, stack, of)
                || time::word(land, rng, stack, of);
        }
    };
    let mut hand = Hand { owner: Owner::Healthy, of, born: ago(60 * 24 * 2), ..stack.hand.clone() };
    match of {
        // The attempt's own name: its leftovers are the living stack's now.
        Redeployed => {
            for thing in land.things.values_mut().filter(|it| it.owner == stack.hand.owner) {
                (thing.owner, thing.of) = (Owner::Healthy, of);
            }
        }
        HealthyTwinElsewhere => {
            land.doubts.insert(Doubt::TwinElsewhere);
            hand.region = AWAY;
            hand.label = format!("{}-eu", hand.label);
        }
        _ => {
            hand.key.insert("EnvironmentSuffix".into(), "blue".into());
            hand.label = "shop-blue".into();
            hand.cluster = "shop-blue".into();
        }
    }
    let made = hand.clone();
    living(land, rng, hand, by);
    if [ExpiringAndGrowing, ExpiringInPart].contains(&of) {
        expiring(land, rng, &made);
    }
    true
}

/// A living stack of those that expire: but for one of its things it would be nobody's.
fn expiring(land: &mut Land, rng: &mut Rng, hand: &Hand) {
    time::expiring(land, hand.owner, &hand.key, hand.born);
    let fits = |it: &&super::land::Thing| {
        let tags = &it.resource.tags;
        let named = hand.key.iter().all(|(name, value)| tags.get(name) == Some(value));
        it.of == hand.of && named && it.resource.links_as(how::MADE_BY).next().is_none()
    };
    let may: Vec<Key> = land.things.values().filter(fits).map(|it| it.resource.key.clone()).collect();
    if may.is_empty() {
        return;
    }
    let one = rng.pick(&may).clone();
    land.alter(&one, |it| match hand.of {
        Situation::ExpiringInPart => it.tag("purpose", "customers"),
        _ => it.born(ago(300)),
    });
}

/// Says in words what was drawn, for whoever reads of a failure.
impl fmt::Display for Recipe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "world {}: attempts {:?} by {:?}, asked {:?}, situations {:?}, doubts {:?}, robot {:?}, marks {}, killed {}, dated {}",
            self.seed,
            self.attempts,
            self.style,
            self.ask,
            self.situations,
            self.doubts,
            self.robot,
            self.marks,
            self.killed,
            self.dated
        )
    }
}

impl fmt::Display for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}, in doubt {:?}", self.recipe, self.land.doubts)?;
        let select = self.policy().select.iter().map(|terms| format!("--select {terms}"));
        writeln!(f, "  {}", select.collect::<Vec<_>>().join(" "))?;
        writeln!(f, "  abandoned {:?}, gone {:?}", self.policy().abandoned, self.land.gone)?;
        for state in self.land.claims() {
            let owned: Vec<String> =
                state.owned.iter().map(|it| format!("{} {:?}", it.id, it.status)).collect();
            let unread = state.unread.as_deref().unwrap_or("read");
            writeln!(
                f,
                "  state {}: {unread}, owns {}, names {:?}",
                state.source,
                owned.join(", "),
                state.named
            )?;
        }
        for (key, thing) in self.land.things.iter().chain(&self.land.beyond) {
            let it = &thing.resource;
            let tags: Vec<String> = it.tags.iter().map(|(key, value)| format!("{key}={value}")).collect();
            let links: Vec<String> =
                it.links.iter().map(|link| format!("{} {}", link.how, link.to.id)).collect();
            let facts: Vec<String> = it.facts.iter().map(|(name, value)| format!("{name}={value}")).collect();
            writeln!(
                f,
                "  {key} ({}) of {:?}{}: {} [{}] -> {} {{{}}}",
                key.region,
                thing.owner,
                it.created.map(|at| format!(" of {at}")).unwrap_or_default(),
                it.state.as_deref().unwrap_or("-"),
                tags.join(", "),
                links.join(", "),
                facts.join(", ")
            )?;
        }
        Ok(())
    }
}
