//! The truth of a world, told from its owners alone: what must stay, and what is asked for and must go. It knows
//! nothing of how the program decides.

use std::collections::{BTreeMap, BTreeSet};

use aws_janitor::kinds::CATALOG;
use aws_janitor::model::words::how;
use aws_janitor::model::{Class, Key, Link};

use super::doubt::Doubt;
use super::hand::{Hand, Style};
use super::land::{Owner, Thing};
use super::situation::Situation;
use super::stack::Stage;
use super::world::{Ask, World};

/// Links by which a thing cannot work, or cannot be as it is, without the far end.
const NEEDS: [&str; 12] = [
    how::WITHIN,
    how::USES,
    how::ATTACHED,
    how::ASSOCIATED,
    how::ATTACHES,
    how::CONTAINS,
    how::ROUTES_THROUGH,
    how::BOUNDED_BY,
    how::TRUSTS,
    how::WOULD_USE,
    how::BEHIND,
    how::OF_CLUSTER,
];

/// Why a thing must stay.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stays {
    /// The situation that is to be told of a wrong deletion.
    pub(crate) of: Situation,
    /// A rule of a living group names it: AWS refuses its deletion. That it is nobody's is still true.
    pub(crate) only_named: bool,
}

pub(crate) struct Truth<'w> {
    world: &'w World,
    all: BTreeMap<&'w Key, &'w Thing>,
    pub(crate) stays: BTreeMap<Key, Stays>,
}

fn needs(link: &Link) -> bool {
    NEEDS.contains(&link.how.as_ref())
}

fn class(key: &Key) -> Class {
    CATALOG.get(&key.kind).map_or(Class::Witness, |spec| spec.class)
}

impl<'w> Truth<'w> {
    pub(crate) fn of(world: &'w World) -> Self {
        let all = world.land.things.iter().chain(&world.land.beyond).collect();
        let mut truth = Self { world, all, stays: BTreeMap::new() };
        truth.find_what_stays();
        truth
    }

    /// Whether a thing is of an attempt that was asked for.
    fn condemned(&self, thing: &Thing) -> bool {
        matches!(thing.owner, Owner::Failed(n) if n <= self.world.asked)
    }

    /// All that is not the attempts', all that somebody wants kept, and all that these work with.
    fn find_what_stays(&mut self) {
        let others = self.all.iter().filter(|(_, thing)| !self.condemned(thing));
        let mut open: Vec<(Key, Situation)> = others.map(|(key, thing)| ((*key).clone(), thing.of)).collect();
        open.extend(self.world.land.kept.iter().map(|(key, of)| (key.clone(), *of)));
        while let Some((key, of)) = open.pop() {
            let stays = Stays { of, only_named: false };
            if self.stays.get(&key).is_some_and(|it| !it.only_named) {
                continue;
            }
            self.stays.insert(key.clone(), stays);
            let Some(thing) = self.all.get(&key) else { continue };
            for link in &thing.resource.links {
                if needs(link) {
                    open.push((link.to.clone(), of));
                } else if [how::NAMES, how::NAMES_OUTBOUND].contains(&link.how.as_ref()) {
                    let named = Stays { of, only_named: true };
                    self.stays.entry(link.to.clone()).or_insert(named);
                }
            }
            // A stack that goes takes all its members along, whoever works with them.
            for (stack, _) in self.world.land.records.iter().filter(|(_, members)| members.contains(&key)) {
                self.stays.entry(stack.clone()).or_insert(stays);
            }
            // A subnet works by its table.
            if key.kind.as_str() == "subnet" {
                let tables = self.near(&key, how::ASSOCIATED).filter(|it| it.kind.as_str() == "route-table");
                open.extend(tables.map(|table| (table.clone(), of)));
            }
        }
    }

    /// What refers to a thing in this role.
    fn near<'a>(&'a self, to: &'a Key, how: &'a str) -> impl Iterator<Item = &'a Key> {
        let refers =
            move |thing: &&&Thing| thing.resource.links.iter().any(|it| it.how == how && it.to == *to);
        self.all.values().filter(refers).map(|thing| &thing.resource.key)
    }

    /// What is the attempts' and was asked for: each of it must go, if there is no doubt.
    pub(crate) fn expected(&self) -> BTreeSet<Key> {
        let condemned = self.all.iter().filter(|(_, thing)| self.condemned(thing));
        let (reached, missed): (BTreeSet<Key>, BTreeSet<Key>) =
            condemned.map(|(key, _)| (*key).clone()).partition(|key| self.reached(key));
        // What stays for any reason keeps what it works with.
        let mut staying: BTreeSet<Key> = self.stays.keys().cloned().collect();
        staying.extend(missed);
        staying.extend(reached.iter().filter(|key| self.data(key)).cloned());
        let whole = self.kept_whole(staying);
        reached.into_iter().filter(|key| !whole.contains(key)).collect()
    }

    /// The stack of CloudFormation's whose record says that this is a member.
    fn stack_of(&self, key: &Key) -> Option<&Key> {
        self.world.land.records.iter().find(|(_, members)| members.contains(key)).map(|(stack, _)| stack)
    }

    /// Kinds that hold data stay unless they are named; a disk that goes with its instance goes, and what CloudFormation
    /// was told to delete goes with its stack.
    fn data(&self, key: &Key) -> bool {
        let made = self.all[key].resource.links_as(how::MADE_BY).next().is_some();
        let goes = made || self.stack_of(key).is_some();
        class(key) == Class::Data && !goes && !self.world.land.policy.with_data.contains(&key.kind)
    }

    /// All that stays with what stays: what it works with, what would take it along, the rest of a cluster that
    /// stays, and the network of a VPC that does.
    fn kept_whole(&self, mut staying: BTreeSet<Key>) -> BTreeSet<Key> {
        let mut open: Vec<Key> = staying.iter().cloned().collect();
        while let Some(key) = open.pop() {
            let Some(thing) = self.all.get(&key) else { continue };
            let carriers = |link: &Link| needs(link) || link.how == how::MADE_BY;
            let mut more: Vec<Key> =
                thing.resource.links.iter().filter(|it| carriers(it)).map(|it| it.to.clone()).collect();
            // What goes only with it, stays with it.
            more.extend(self.near(&key, how::MADE_BY).cloned());
            more.extend(self.stack_of(&key).cloned());
            more.extend(self.world.land.records.get(&key).into_iter().flatten().cloned());
            match key.kind.as_str() {
                "vpc" => more.extend(self.network(&key)),
                "eks-cluster" => more.extend(self.of_same_owner(thing)),
                "load-balancer" => more.extend(self.near(&key, how::BEHIND).cloned()),
                "network-interface" => more.extend(self.near(&key, how::ASSOCIATED).cloned()),
                _ => {}
            }
            open.extend(more.into_iter().filter(|key| staying.insert(key.clone())));
        }
        staying
    }

    fn network(&self, vpc: &Key) -> Vec<Key> {
        // An interface that something made goes with that, in whichever network.
        let made = |it: &Thing| it.resource.links_as(how::MADE_BY).any(|link| link.to != *vpc);
        let lies = |it: &&&Thing| {
            let within = it.resource.links.iter().any(|link| link.to == *vpc);
            within && class(&it.resource.key) == Class::Plumbing && !made(it)
        };
        self.all.values().filter(lies).map(|it| it.resource.key.clone()).collect()
    }

    fn of_same_owner(&self, like: &Thing) -> Vec<Key> {
        self.all.values().filter(|it| it.owner == like.owner).map(|it| it.resource.key.clone()).collect()
    }

    fn keyed(&self, thing: &Thing) -> bool {
        let Owner::Failed(n) = thing.owner else { return false };
        self.world.stacks[n - 1]
            .hand
            .key
            .iter()
            .all(|(key, value)| thing.resource.tags.get(key) == Some(value))
    }

    fn tool_without_claim(&self, thing: &Thing) -> bool {
        let made = thing.resource.links_as(how::MADE_BY).next().is_some();
        let child = thing.resource.links_as(how::OF_CLUSTER).next().is_some();
        let by_eks = thing.resource.key.id.starts_with("eks-");
        let needs = matches!(class(&thing.resource.key), Class::Tool | Class::Workload);
        let recorded = self.stack_of(&thing.resource.key).is_some();
        let is_record = self.world.land.records.contains_key(&thing.resource.key);
        needs && !made && !child && !by_eks && !recorded && !is_record && !self.keyed(thing)
    }

    /// Whether a thing of the attempts is reached by what the user asked for.
    fn reached(&self, key: &Key) -> bool {
        let thing = self.all[key];
        let Owner::Failed(n) = thing.owner else { return false };
        let stack = &self.world.stacks[n - 1];
        let bare = self.world.recipe.style == Style::Bare;
        // Its stack removes it, if that is meant.
        if let Some(stack) = self.stack_of(key) {
            return self.reached(stack);
        }
        let marked = thing.resource.tags.keys().any(|key| key.starts_with("elbv2.k8s.aws/"));
        if self.tool_without_claim(thing) && !(marked && self.vouched(n)) {
            let named = self.world.recipe.ask == Ask::Cluster && key.kind.as_str() == "eks-cluster";
            return named;
        }
        // A record names its members and lies nowhere.
        let lies = |link: &Link| link.how != how::OWNS && link.to == stack.net.vpc;
        let within = thing.resource.links.iter().any(lies) || *key == stack.net.vpc;
        let of_cluster = self.of_cluster(key);
        let address = || {
            let eni = thing.resource.links_as(how::ASSOCIATED).next();
            eni.is_some_and(|eni| self.all.get(&eni.to).is_some_and(|it| it.owner == thing.owner))
        };
        match self.world.recipe.ask {
            Ask::Tags | Ask::Stack | Ask::Wide | Ask::WideGlob | Ask::StackGlob => {
                !bare && (key.kind.as_str() != "elastic-ip" || self.keyed(thing) || address())
            }
            Ask::Vpc => within || of_cluster || (key.kind.as_str() == "elastic-ip" && address()),
            // A pattern of names is nobody's claim: where no thing bears the key, only a whole name says which is meant.
            Ask::Name if bare => false,
            Ask::Name => {
                let named = thing.resource.name.as_ref().is_some_and(|it| it.starts_with(&stack.hand.label));
                named || within || of_cluster || (key.kind.as_str() == "elastic-ip" && address())
            }
            Ask::Cluster => of_cluster || *key == self.cluster_key(n),
            Ask::Record => {
                let is_record = self.world.land.records.contains_key(key);
                is_record || within || of_cluster || (key.kind.as_str() == "elastic-ip" && address())
            }
        }
    }

    fn cluster_key(&self, n: usize) -> Key {
        super::land::key("eks-cluster", super::land::HOME, self.world.stacks[n - 1].hand.cluster.clone())
    }

    /// Whether it is a part of its stack's cluster, or goes with a part.
    fn of_cluster(&self, key: &Key) -> bool {
        let Some(thing) = self.all.get(key) else { return false };
        let up = thing
            .resource
            .links
            .iter()
            .filter(|it| [how::MADE_BY, how::OF_CLUSTER].contains(&it.how.as_ref()));
        let mut up = up.map(|link| &link.to);
        up.any(|to| to.kind.as_str() == "eks-cluster" || self.of_cluster(to))
    }

    /// Whether something with the whole key tells that the cluster's name is the attempt's.
    fn vouched(&self, n: usize) -> bool {
        let cluster = &self.world.stacks[n - 1].hand.cluster;
        // The record has each cluster that its stack made, also one that is gone.
        if self.world.recipe.ask == Ask::Record && !self.world.land.records.is_empty() {
            return true;
        }
        let key_only = matches!(self.world.recipe.ask, Ask::Vpc | Ask::Name);
        let tells = |thing: &&&Thing| {
            let mark = format!("kubernetes.io/cluster/{cluster}");
            let log = format!("/aws/eks/{cluster}/cluster");
            thing.owner == Owner::Failed(n)
                && self.keyed(thing)
                // A log group lies in no VPC and bears no name of the deployment's.
                && !(key_only && thing.resource.key.kind.as_str() == "log-group")
                && (thing.resource.tags.contains_key(&mark) || thing.resource.key.id == log)
        };
        self.all.values().any(|thing| tells(&thing))
    }

    /// The doubts that follow from how the attempts are tagged, beside those that were drawn.
    pub(crate) fn doubts(&self) -> BTreeSet<Doubt> {
        let mut doubts = self.world.land.doubts.clone();
        // A tool that nobody claims and that names something of theirs is as bad as a workload.
        let works = |it: &Thing| it.resource.links_as(how::WOULD_USE).next().is_some();
        let unclaimed = |(key, thing): (&&Key, &&Thing)| {
            self.condemned(thing)
                && (class(key) == Class::Workload || works(thing))
                && self.tool_without_claim(thing)
                && !self.reached(key)
        };
        if self.all.iter().any(unclaimed) {
            doubts.insert(Doubt::WithoutClaim);
        }
        let listed = self.world.land.things.contains_key(&self.cluster_key(1));
        if self.world.land.situations.contains(&Situation::MarkedElsewhere) && !listed {
            doubts.insert(Doubt::Namesake);
        }
        let leaked = self.world.stacks.iter().zip(&self.world.recipe.attempts);
        let leaked = leaked.filter(|(_, stage)| **stage == Stage::Leaked).map(|(stack, _)| &stack.hand);
        let borne = |hand: &Hand| {
            let bears =
                |it: &&&Thing| hand.key.iter().all(|(key, value)| it.resource.tags.get(key) == Some(value));
            self.all.values().filter(bears).any(|it| it.owner != hand.owner)
        };
        if leaked.into_iter().any(borne) {
            doubts.insert(Doubt::BorneByOthers);
        }
        doubts
    }
}
