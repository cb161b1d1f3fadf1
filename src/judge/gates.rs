//! The gates, each for one resource by itself. The first that matches gives the verdict.
//!
//! What depends on the verdict of another resource (its owner, its carrier, its VPC) is settled afterwards.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use crate::inventory::{Inquiry, region_of_issuer, trusted_issuers};
use crate::kinds::{self, CATALOG, is};
use crate::model::words::{fact, how};
use crate::model::{Class, Gate, GuardRule, Key, Life, Position, Proof, Resource, Verdict};
use crate::policy::{Case, Selector, age};

use super::abroad::Abroad;
use super::claims::{Claims, Standing};
use super::dating::Dated;
use super::life::{self, Lives, Scene};
use super::own_tags::{self, Expired};
use super::record;
use super::selection::Selection;
use super::sight;
use super::stack;
use super::strangers;
use super::tracked::Tracked;
use super::users::{self, Users};
use super::view::{View, label};

/// All that a gate may look at.
pub(super) struct Court<'a> {
    pub view: &'a View<'a>,
    pub selector: &'a Selector,
    pub now: Timestamp,
    pub stacks: &'a BTreeMap<Key, String>,
    /// What may hide that a stack is being deployed.
    pub deployments: sight::Deployments<'a>,
    pub dates: BTreeMap<Key, Dated>,
    pub selection: Selection,
    /// Whose each selected thing is.
    pub claims: Claims,
    /// What stands among a stack's things and is none of them.
    pub strangers: BTreeSet<Key>,
    /// Which stacks live.
    pub lives: Lives,
    /// Which stacks also stand in regions that were not asked for.
    pub abroad: Abroad<'a>,
    /// What a protect term names, keeps itself by a tag of this program's own, or is forbidden to delete by guard rules.
    pub protected: BTreeMap<Key, Ground>,
    /// What was to stay, by such a tag, until a moment that is past.
    pub expired: BTreeMap<Key, Expired>,
    /// Where users were looked for.
    pub users: Users<'a>,
    /// What states of deployment tools claim.
    pub(super) tracked: Tracked<'a>,
}

/// What a gate found: which it is and what decided there, and the same in a sentence for people.
#[derive(Debug, Clone)]
pub(super) struct Ground {
    pub gate: Gate,
    pub why: String,
}

/// What a gate says of one resource.
#[derive(Debug, Clone)]
pub(super) struct Ruling {
    pub verdict: Verdict,
    pub ground: Ground,
}

impl Ruling {
    pub(super) fn new(verdict: Verdict, gate: Gate, why: impl Into<String>) -> Self {
        Self { verdict, ground: Ground { gate, why: why.into() } }
    }
}

/// A verdict under way.
#[derive(Debug, Clone)]
pub(super) struct Finding {
    pub verdict: Verdict,
    /// The verdict it has by itself, before anything else was looked at.
    pub alone: Verdict,
    /// What keeps it, the deciding ground first; empty for an orphan.
    grounds: Vec<Ground>,
    /// What proves that nobody wants it: for an orphan all of it, for what is kept only whose it is.
    pub proof: Proof,
    /// By what it is selected.
    chosen: Option<String>,
}

impl Finding {
    /// Changes the verdict; the ground that decides comes first.
    pub(super) fn becomes(&mut self, ruling: Ruling) {
        self.verdict = ruling.verdict;
        self.grounds.retain(|ground| ground.gate != ruling.ground.gate);
        self.grounds.insert(0, ruling.ground);
    }

    /// What decides, unless it is an orphan.
    pub(super) fn decides(&self) -> Option<&Ground> {
        self.grounds.first()
    }

    /// Whether this gate is among what keeps it.
    pub(super) fn has(&self, gate: &Gate) -> bool {
        self.grounds.iter().any(|ground| ground.gate == *gate)
    }

    /// Whether a trace of a user is among what keeps it.
    pub(super) fn is_traced(&self) -> bool {
        let is_trace = |gate: &Gate| matches!(gate, Gate::UsedElsewhere { .. } | Gate::UsedOfLate { .. });
        self.grounds.iter().any(|ground| is_trace(&ground.gate))
    }

    /// The sentences, the deciding one first. Who claims it comes before the request: that a term matches is no
    /// evidence.
    pub(super) fn evidence(&self) -> impl Iterator<Item = &String> {
        let Proof { claim, life, age, users, used } = &self.proof;
        let proof = claim.iter().chain(&self.chosen).chain(life).chain(age).chain(users).chain(used);
        self.grounds.iter().map(|ground| &ground.why).chain(proof)
    }
}

/// What a resource's age says.
enum Age {
    NoMatter,
    Old,
    Young(String),
    Future(String),
    Unknown,
}

/// What is only read stays, however much it is the stack's: somebody has to remove it by hand.
fn witness(key: &Key) -> Option<Ground> {
    let spec = CATALOG.get(&key.kind).filter(|spec| spec.class == Class::Witness)?;
    let why =
        format!("aws-janitor reads it and never deletes it: remove it with {}", spec.by_hand.command(key));
    Some(Ground { gate: Gate::Witness, why })
}

/// What something holds that is of no kind is in use with that.
fn held(resource: &Resource) -> Option<Ruling> {
    let guard = resource.guards.iter().find(|guard| guard.rule == GuardRule::Held)?;
    Some(Ruling::new(Verdict::Active, Gate::Guard { rule: guard.rule }, guard.why.clone()))
}

impl<'a> Court<'a> {
    pub(super) fn new(
        view: &'a View<'a>,
        selector: &'a Selector,
        now: Timestamp,
        stacks: &'a BTreeMap<Key, String>,
        gone: &'a BTreeSet<Key>,
    ) -> Self {
        let mut protected = BTreeMap::new();
        let mut expired = BTreeMap::new();
        for (key, resource) in &view.inventory.resources {
            let stack = stacks.get(key).map(String::as_str);
            let by_term = selector.protects(&view.candidate(resource, stack, Case::Wide));
            let by_term = by_term.map(|why| Ground { gate: Gate::Protect, why });
            let ground = by_term.or_else(|| own_tags::keeps(resource, now));
            protected.extend(ground.map(|ground| (key.clone(), ground)));
            expired.extend(own_tags::expired(resource, now).map(|word| (key.clone(), word)));
        }
        let dates = super::dating::date(view);
        let selection = super::selection::select(view, selector, stacks);
        let claims = super::claims::hear(view, selector, &selection, gone);
        let users = Users::of(view.inventory, gone);
        let deployments = sight::Deployments::of(view.inventory, stacks);
        let shows = life::by_catalog;
        let scene = Scene { view, selector, dates: &dates, now, shows };
        let strangers = strangers::find(view, selector, &claims);
        let lives = life::look(&scene, &strangers::without(&strangers, stacks));
        let abroad = Abroad::of(view.inventory, selector, users.regions.as_ref());
        let tracked = Tracked::of(view, &|key| lives.is_abandoned(key), stacks);
        Self {
            tracked,
            abroad,
            view,
            selector,
            now,
            stacks,
            deployments,
            dates,
            selection,
            claims,
            strangers,
            lives,
            protected,
            expired,
            users,
        }
    }

    /// The verdict of one resource by itself.
    pub(super) fn hear(&self, key: &Key, resource: &Resource) -> Finding {
        let carried = self.is_carried(key);
        let gates = [
            self.protected(key, resource, carried),
            self.active(key, resource, carried),
            self.too_young(key).filter(|_| !carried),
            self.foreign(key, resource),
            held(resource),
            self.claimed(key).filter(|ruling| ruling.verdict == Verdict::Uncertain),
            self.uncertain(key, resource).filter(|_| !carried),
            self.of_itself(resource),
        ];
        let claim = match self.claims.get(key) {
            Some(Standing::Own(claim)) => Some(claim.clone()),
            Some(Standing::Not(_)) | None => None,
        };
        let chosen = self.selection.get(key).map(|reach| reach.why.clone());
        let mut proof = Proof { claim, ..Proof::default() };
        match gates.into_iter().flatten().next() {
            Some(Ruling { verdict, ground }) => {
                Finding { verdict, alone: verdict, grounds: vec![ground], proof, chosen }
            }
            None => {
                proof.life = self.lives.silence(key);
                proof.age = self.age_told(key);
                let verdict = Verdict::Orphan;
                Finding { verdict, alone: verdict, grounds: Vec::new(), proof, chosen }
            }
        }
    }

    /// Whether it is a part of something that is in the inventory, and says nothing against that:
    /// then it is judged with what carries it.
    pub(super) fn is_carried(&self, key: &Key) -> bool {
        stack::is_carried(self.view, self.selector.owner_keys(), key)
    }

    fn protected(&self, key: &Key, resource: &Resource, carried: bool) -> Option<Ruling> {
        let protected = |gate, why: &str| Some(Ruling::new(Verdict::Protected, gate, why));
        if let Some(ground) = self.protected.get(key) {
            return Some(Ruling { verdict: Verdict::Protected, ground: ground.clone() });
        }
        // Who protects a VPC or a subnet means what stands in it as well.
        for around in &self.view.at(key).inside {
            if let Some(Ground { why, .. }) = self.protected.get(around) {
                let why = format!("lies within {}, which must stay: {why}", label(around));
                return protected(Gate::ProtectedAround { around: around.clone() }, &why);
            }
        }
        if let Some(vpc) = self.default_ground(key) {
            let why = format!("lies within {}, a default VPC, and nothing says whose it is", label(vpc));
            return protected(Gate::Within { vpc: vpc.clone() }, &why);
        }
        let forbids = |rule: GuardRule| match rule {
            GuardRule::Protection => true,
            // A part goes with its whole, whoever made it: main route tables, default groups, service interfaces.
            GuardRule::DefaultThing | GuardRule::AwsManaged => !carried,
            GuardRule::Held | GuardRule::OtherAccount | GuardRule::UnknownMaker => false,
        };
        let guard = resource.guards.iter().find(|guard| forbids(guard.rule))?;
        protected(Gate::Guard { rule: guard.rule }, &guard.why)
    }

    /// The default VPC whose plumbing a selected thing is, as far as anything tells. It goes with no stack.
    fn default_ground(&self, key: &Key) -> Option<&Key> {
        let unclaimed = self.claimed(key).is_some_and(|ruling| ruling.ground.gate == Gate::Unclaimed);
        let plumbing = CATALOG.get(&key.kind).is_some_and(|spec| spec.class == Class::Plumbing);
        let is_default = |around: &&Key| {
            let guards = self.view.get(around).map(|around| &around.guards);
            is(&around.kind, Position::Network)
                && guards.into_iter().flatten().any(|guard| guard.rule == GuardRule::DefaultThing)
        };
        self.view.at(key).inside.iter().find(is_default).filter(|_| unclaimed && plumbing)
    }

    fn active(&self, key: &Key, resource: &Resource, carried: bool) -> Option<Ruling> {
        if resource.life == Life::Coming {
            // A word that tells of a change tells it better than the sentence.
            let state = resource.state.as_ref().map(|state| format!(" ({state})")).unwrap_or_default();
            let why = format!("AWS is still making it{state}");
            return Some(Ruling::new(Verdict::Active, Gate::Coming, why));
        }
        if let Some(ruling) = self.lives.deploying(key) {
            return Some(ruling);
        }
        // Others' things are foreign, living or not.
        let foreign = || {
            self.strangers.contains(key)
                || self.claimed(key).is_some_and(|ruling| ruling.verdict == Verdict::Foreign)
        };
        if let Some(ruling) = self.tracked(key, resource).filter(|_| !foreign()) {
            return Some(ruling);
        }
        if let Some(ruling) =
            self.lives.active(key).filter(|_| self.selection.contains_key(key) && !foreign())
        {
            return Some(ruling);
        }
        // Nobody selected it: then it is foreign, and whose member it is does not matter.
        // A nested stack goes with its parent, whose failure is its own.
        if carried || !self.selection.contains_key(key) {
            return None;
        }
        let stands = record::stands(resource).filter(|_| !self.lives.is_abandoned(key) && !foreign());
        stands.or_else(|| record::unread(self.view, resource))
    }

    /// What a state claims of what was selected.
    fn tracked(&self, key: &Key, resource: &Resource) -> Option<Ruling> {
        if !self.selection.contains_key(key) {
            return None;
        }
        let Ground { gate, why } = self.tracked.claim(resource, self.view.inventory)?;
        Some(Ruling::new(Verdict::Active, gate, why))
    }

    fn too_young(&self, key: &Key) -> Option<Ruling> {
        match self.age(key) {
            Age::Young(why) => Some(Ruling::new(Verdict::TooYoung, Gate::TooYoung, why)),
            Age::NoMatter | Age::Old | Age::Future(_) | Age::Unknown => None,
        }
    }

    fn foreign(&self, key: &Key, resource: &Resource) -> Option<Ruling> {
        let foreign = |gate, why: &str| Some(Ruling::new(Verdict::Foreign, gate, why));
        let account = &self.view.inventory.caller.account;
        if let Some(guard) = resource.guards.iter().find(|guard| guard.rule == GuardRule::OtherAccount) {
            return foreign(Gate::OtherAccount, &guard.why);
        }
        if let Some(owner) = resource.owner.as_ref().filter(|owner| *owner != account) {
            return foreign(Gate::OtherAccount, &format!("account {owner} owns it"));
        }
        if self.selection.contains_key(key) {
            return self.claimed(key).filter(|ruling| ruling.verdict == Verdict::Foreign);
        }
        let why = match self.stacks.get(key) {
            Some(stack) => format!("nothing selects it: it belongs to stack {stack}"),
            None => "nothing selects it".to_owned(),
        };
        foreign(Gate::NotSelected, &why)
    }

    /// What the claims say against its being the stack's.
    fn claimed(&self, key: &Key) -> Option<Ruling> {
        match self.claims.get(key)? {
            Standing::Own(_) => None,
            Standing::Not(ruling) => Some(Ruling::clone(ruling)),
        }
    }

    fn uncertain(&self, key: &Key, resource: &Resource) -> Option<Ruling> {
        let unknown_maker = || {
            let guard = resource.guards.iter().find(|guard| guard.rule == GuardRule::UnknownMaker)?;
            Some(Ground { gate: Gate::Guard { rule: guard.rule }, why: guard.why.clone() })
        };
        let age = || match self.age(key) {
            Age::Future(why) => Some(Ground { gate: Gate::BornInFuture, why }),
            Age::Unknown => Some(Ground { gate: Gate::AgeUnknown, why: self.age_unknown(key) }),
            Age::NoMatter | Age::Old | Age::Young(_) => None,
        };
        let ground = unknown_maker()
            .or_else(|| self.tracked.unread().filter(|_| self.selection.contains_key(key)))
            .or_else(|| self.users.unseen(self.view.inventory, resource))
            .or_else(|| self.issuer_unseen(resource))
            .or_else(|| self.owner_unseen(key))
            .or_else(|| record::member_unseen(self.view, resource))
            .or_else(|| sight::contents_failed(self.view, key).filter(|_| is(&key.kind, Position::Network)))
            .or_else(|| {
                self.abroad.keeps(key, self.stacks.get(key)?).filter(|_| !users::is_of_here(self, key))
            })
            .or_else(|| self.deployments.unseen(key, self.stacks.get(key)?))
            .or_else(|| self.lives.unclear(key))
            .or_else(|| self.lives.rests(key))
            .or_else(age)
            // Only of what nothing else keeps is it told how to remove it by hand.
            .or_else(|| witness(key))?;
        Some(Ruling { verdict: Verdict::Uncertain, ground })
    }

    /// What makes a thing uncertain even as a part, which else is judged with its whole.
    fn of_itself(&self, resource: &Resource) -> Option<Ruling> {
        // Who wrote words onto a part means that part; and what it lies in may have kept the part alone.
        let ground = life::intent(resource)
            .or_else(|| sight::superior(self.view, resource))
            .or_else(|| Users::unseen_here(self.view, resource))
            .or_else(|| self.users.maker_unseen(self.view.inventory, resource))?;
        Some(Ruling { verdict: Verdict::Uncertain, ground })
    }

    /// An OIDC provider serves a cluster of one region, and a role that trusts one the pods there: such a thing is left
    /// over only if that region's clusters were listed. The issuer names the region, and the role names the issuer.
    fn issuer_unseen(&self, resource: &Resource) -> Option<Ground> {
        if resource.links_as(how::MADE_FOR).next().is_some() || is(&resource.key.kind, Position::Cluster) {
            return None;
        }
        let kind = kinds::that_is(Position::Cluster);
        let unseen = |issuer: &str| {
            let region = region_of_issuer(issuer)?;
            (!self.view.inventory.saw(&kind, &region)).then_some(region)
        };
        if let Some(region) = resource.facts.get(fact::ISSUER).and_then(|issuer| unseen(issuer)) {
            let why = format!("it serves a cluster of {region}, whose clusters were not listed");
            return Some(Ground { gate: Gate::OwnerUnseen { kind, region }, why });
        }
        let region = trusted_issuers(resource).find_map(|issuer| unseen(&issuer))?;
        let why = format!("pods of a cluster of {region} may work as it, whose clusters were not listed");
        Some(Ground { gate: Gate::OwnerUnseen { kind, region }, why })
    }

    /// A cluster that was not found counts as gone only where clusters could be listed: one that owns
    /// the resource as well as one that shares it.
    fn owner_unseen(&self, key: &Key) -> Option<Ground> {
        let inventory = self.view.inventory;
        let kind = kinds::that_is(Position::Cluster);
        let claim = self
            .view
            .at(key)
            .claims
            .iter()
            .find(|claim| self.view.clusters_named(&claim.cluster, key).next().is_none())?;
        let here = BTreeSet::from([key.region.clone()]);
        let places = if key.region.is_global() { &inventory.regions } else { &here };
        let unseen = places.iter().find(|region| !inventory.saw(&kind, region))?;
        let why = format!("{} and the clusters of {unseen} could not be listed", claim.mark);
        Some(Ground { gate: Gate::OwnerUnseen { kind, region: unseen.clone() }, why })
    }

    fn age_unknown(&self, key: &Key) -> String {
        let kind = &key.kind;
        let why = format!(
            "age unknown, and what is not known is not old: AWS tells no creation time of this {kind}"
        );
        match self.view.inventory.unanswered.get(&Inquiry::Maker { of: key.clone() }) {
            Some(error) => format!(
                "{why}, and its event history could not be asked ({error}); allow cloudtrail:LookupEvents"
            ),
            None => why,
        }
    }

    /// How old it is at least, and how that is known: told whether or not an age was asked for.
    fn age_told(&self, key: &Key) -> Option<String> {
        let told = |dated: &Dated| {
            let age = self.now.duration_since(dated.at);
            let shown = || format!("{} old at least ({})", age::show(age.unsigned_abs()), dated.by);
            (!age.is_negative()).then(shown)
        };
        let word = self.word_of_age(key).map(|(whose, word)| match whose == key {
            true => word.why.clone(),
            false => format!("lies within {}, {}", label(whose), word.why),
        });
        self.dates.get(key).and_then(told).or(word)
    }

    /// An owner's word that this thing, or what it lies in, was to stay until a moment that is past. It says nothing of
    /// what was made after that moment: whoever copied the tag there did not mean it.
    fn word_of_age(&self, key: &Key) -> Option<(&Key, &Expired)> {
        let (own, _) = self.view.inventory.resources.get_key_value(key)?;
        let around = self.view.at(key).inside.iter();
        let words = std::iter::once(own).chain(around).filter_map(|it| self.expired.get_key_value(it));
        let before = |made: Option<&Dated>, word: &Expired| made.is_none_or(|made| made.at <= word.at);
        words
            .filter(|(whose, word)| before(self.dates.get(key), word) && before(self.dates.get(*whose), word))
            .max_by_key(|(_, word)| word.at)
    }

    fn age(&self, key: &Key) -> Age {
        let dated = self.dates.get(key);
        if let Some(dated) = dated.filter(|dated| dated.at > self.now) {
            return Age::Future(format!("its creation time {} lies in the future ({})", dated.at, dated.by));
        }
        let Some(bound) = self.selector.older_than() else { return Age::NoMatter };
        if self.word_of_age(key).is_some() {
            return Age::Old;
        }
        let Some(dated) = dated else { return Age::Unknown };
        let old =
            SignedDuration::try_from(bound).is_ok_and(|bound| self.now.duration_since(dated.at) >= bound);
        let shown = age::show(self.now.duration_since(dated.at).unsigned_abs());
        if old {
            Age::Old
        } else {
            Age::Young(format!("{shown} old ({}), younger than {}", dated.by, age::show(bound)))
        }
    }
}
