//! States of deployment tools in a land: of the attempt, of others, shared, copied, and such as nobody can read. What
//! each of them truly owns is decided here, and stays; the program reads it in their bytes.

use aws_janitor::model::words::how;
use aws_janitor::model::{Key, Resource};
use aws_janitor::states::Fetched;

use super::doubt::Doubt;
use super::hand::{Hand, KEYED, Part, role};
use super::land::{ACCOUNT, Draw, HOME, Land, Owner, ago};
use super::network;
use super::situation::Situation::{self, *};
use super::stack::Stack;
use super::strangers::others;
use super::write::{As, Entry, TOOLS, Tool, cloudformation, place, state};
use crate::rng::Rng;

/// Tags of what no deployer made.
const BY_OTHERS: [&str; 5] = [
    "elbv2.k8s.aws/cluster",
    "node.k8s.amazonaws.com/instance_id",
    "GuardDutyManaged",
    "velero.io/backup",
    "aws:backup:source-resource",
];

/// What the deployer of a stack made himself, and so what his tool knows.
pub(super) fn deployed(land: &Land, owner: Owner) -> Vec<Key> {
    let is = |it: &Resource| {
        cloudformation(it.key.kind.as_str()).is_some()
            && it.links_as(how::MADE_BY).next().is_none()
            && !it.key.id.starts_with("eks-")
            && !BY_OTHERS.iter().any(|tag| it.tags.contains_key(*tag))
    };
    let own = land.things.values().filter(|it| it.owner == owner && is(&it.resource));
    own.map(|it| it.resource.key.clone()).collect()
}

fn entries(land: &Land, keys: &[Key], told: As) -> Vec<Entry> {
    keys.iter().map(|key| Entry::new(&land.things[key].resource, told)).collect()
}

/// Some of these, at least one.
fn some(rng: &mut Rng, keys: &[Key]) -> Vec<Key> {
    let mut some: Vec<Key> = keys.iter().filter(|_| rng.chance(1, 2)).cloned().collect();
    if some.is_empty() {
        some.extend(keys.first().cloned());
    }
    some
}

/// Lets a state be there. False where this world has nothing for it to own.
pub(crate) fn states(land: &mut Land, rng: &mut Rng, stack: &Stack, of: Situation) -> bool {
    let mine = deployed(land, stack.hand.owner);
    let tool = *rng.pick(&TOOLS);
    let keep = |land: &mut Land, keys: &[Key]| land.kept.extend(keys.iter().map(|key| (key.clone(), of)));
    match of {
        StateOwnsAll | StateOwnsPart => {
            let owned = if of == StateOwnsAll { mine } else { some(rng, &mine) };
            land.states.push(place(tool, "a1", &entries(land, &owned, As::Owned)));
            keep(land, &owned);
        }
        StateOwnsOld => {
            let owned = some(rng, &mine);
            let told = |key: &Key| {
                let told = *rng.pick(&[As::Old, As::Old, As::Tainted]);
                Entry::new(&land.things[key].resource, told)
            };
            let entries: Vec<Entry> = owned.iter().map(told).collect();
            land.states.push(place(tool, "a1", &entries));
            keep(land, &owned);
        }
        StateBegan => return began(land, rng, &mine, of),
        StateAbandoned => {
            if !KEYED[..3].contains(&stack.hand.style) {
                return false;
            }
            land.states.push(place(tool, "a1", &entries(land, &mine, As::Owned)));
            land.policy.abandoned.push("shop/a1".to_owned());
        }
        StateSealed | StateLocked | StateBroken | StateOfAnotherAccount => {
            let owned = some(rng, &mine);
            let place = unread(land, rng, &owned, of);
            land.states.push(place);
            // Nobody knows what else it owns.
            let all: Vec<Key> = land.things.keys().cloned().collect();
            keep(land, &all);
            land.doubts.insert(Doubt::StateUnread);
        }
        _ => return of_others(land, rng, stack, of),
    }
    true
}

/// One thing was being made when the run ended: what has its name, or all its tags, may be it.
fn began(land: &mut Land, rng: &mut Rng, mine: &[Key], of: Situation) -> bool {
    let kinds = [
        "vpc",
        "subnet",
        "nat-gateway",
        "elastic-ip",
        "eks-cluster",
        "iam-role",
        "security-group",
        "launch-template",
    ];
    let may: Vec<&Key> = mine.iter().filter(|key| kinds.contains(&key.kind.as_str())).collect();
    let begun = (*rng.pick(&may)).clone();
    let thing = land.things[&begun].resource.clone();
    let entry = [Entry::new(&thing, As::Begun)];
    land.states.push(place(*rng.pick(&[Tool::Export, Tool::Checkpoint]), "a1", &entry));
    let named = ["eks-cluster", "iam-role"].contains(&begun.kind.as_str());
    let alike = |it: &&super::land::Thing| {
        let other = &it.resource;
        let mut asked = thing.tags.iter().filter(|(key, _)| !key.starts_with("aws:"));
        let bears = asked.all(|(key, value)| other.tags.get(key) == Some(value));
        other.key == begun || (!named && other.key.kind == begun.kind && bears)
    };
    let alike: Vec<Key> = land.things.values().filter(alike).map(|it| it.resource.key.clone()).collect();
    land.kept.extend(alike.into_iter().map(|key| (key, of)));
    true
}

/// A state that truly owns this, and of which too little can be told.
fn unread(land: &Land, rng: &mut Rng, owned: &[Key], of: Situation) -> Fetched {
    // What was made last is not in a state that somebody works with.
    let (last, told) = owned.split_last().unwrap();
    let tool = *rng.pick(&[Tool::Terraform, Tool::Workspace, Tool::Checkpoint]);
    let name = tool.file("a1");
    let whole = || state(tool, "a1", &entries(land, owned, As::Owned));
    let mut place = Fetched::default();
    let bytes = match of {
        StateSealed => {
            br#"{"meta":{"k":"v"},"encrypted_data":"c2VjcmV0","encryption_version":"v0"}"#.to_vec()
        }
        StateLocked => {
            let (lock, content) = tool.lock("a1");
            // One that cannot be read is one as well.
            let content = if rng.chance(1, 4) { b"?".to_vec() } else { content };
            place.objects.insert(lock, Ok(content));
            state(
                tool,
                "a1",
                &entries(land, if told.is_empty() { std::slice::from_ref(last) } else { told }, As::Owned),
            )
        }
        StateBroken if rng.chance(1, 5) => {
            place.objects.insert(name, Err("AccessDenied".to_owned()));
            return place;
        }
        StateBroken => {
            let mut bytes = whole();
            bytes.truncate(rng.below(bytes.len()));
            bytes
        }
        _ => {
            let mut role = super::land::thing("iam-role", HOME, "shop-a1-node");
            role.arn = role.arn.map(|arn| arn.replace(ACCOUNT, "999900001111"));
            role.links.clear();
            state(tool, "a1", &[Entry::new(&role, As::Owned)])
        }
    };
    place.objects.insert(name, Ok(bytes));
    place
}

/// A thing of a stack of others, by whose whole key that stack is told from every other.
fn own_thing(land: &mut Land, of: Situation, owner: Owner) -> (Hand, Key) {
    let (project, suffix) = if owner == Owner::Healthy { ("shop", "blue") } else { ("erp", "prod") };
    let key = [("Project", project), ("EnvironmentSuffix", suffix)];
    let hand = others(of, owner, &format!("{project}-{suffix}"), &key);
    let it = role(&hand, "api", "ec2.amazonaws.com", None);
    let own = hand.put(land, it);
    (hand, own)
}

/// States of other stacks.
fn of_others(land: &mut Land, rng: &mut Rng, stack: &Stack, of: Situation) -> bool {
    let mine = deployed(land, stack.hand.owner);
    let tool = *rng.pick(&TOOLS);
    let keyed = KEYED[..3].contains(&stack.hand.style);
    let owner = if of == StatesShare { Owner::Healthy } else { Owner::Team };
    if [StatesShare, StateOfCopiedTagsAbandoned].contains(&of) && !keyed {
        return false;
    }
    let (hand, own) = own_thing(land, of, owner);
    let mut told = vec![Entry::new(&land.things[&own].resource, As::Owned)];
    match of {
        StateLooksUp => {
            let kinds = ["vpc", "subnet", "security-group", "iam-role", "eks-cluster", "route-table"];
            let may: Vec<Key> =
                mine.iter().filter(|key| kinds.contains(&key.kind.as_str())).cloned().collect();
            let found = rng.pick(&may).clone();
            told.push(Entry::new(&land.things[&found].resource, As::LookedUp));
            // What a lookup tells beside the thing itself, others' code may work with as well.
            land.kept.insert(found, of);
        }
        StateMentions => {
            let by_arn = |key: &&Key| land.things[*key].resource.arn.is_some() || key.id.contains("-0");
            let may: Vec<&Key> = mine
                .iter()
                .filter(by_arn)
                .filter(|key| !key.id.contains('/') || key.id.starts_with("arn:"))
                .collect();
            let found = (*rng.pick(&may)).clone();
            let name = land.things[&found].resource.arn.clone().unwrap_or_else(|| found.id.to_string());
            let texts =
                [name.clone(), format!("{{\"Resource\":\"{name}\"}}"), format!("aws x --with {name} --more")];
            told[0].text = Some(rng.pick(&texts).clone());
            land.kept.insert(found, of);
        }
        StateOfCopiedTags | StateOfCopiedTagsAbandoned => {
            let copied = copied(land, rng, &hand, stack);
            told.push(Entry::new(&land.things[&copied].resource, As::Owned));
        }
        StatesShare => {
            let shared = rng.pick(&mine).clone();
            told.push(Entry::new(&land.things[&shared].resource, As::Owned));
            land.kept.insert(shared, of);
        }
        _ => {}
    }
    land.states.push(place(tool, "prod", &told));
    if [StatesShare, StateOfCopiedTagsAbandoned].contains(&of) {
        let tool = *rng.pick(&TOOLS);
        land.states.push(place(tool, "a1", &entries(land, &mine, As::Owned)));
        land.policy.abandoned.push("shop/a1".to_owned());
    }
    true
}

/// A thing of others that bears the whole key of the attempt. Nothing shows that it is at work.
fn copied(land: &mut Land, rng: &mut Rng, hand: &Hand, stack: &Stack) -> Key {
    let key = &stack.hand.key;
    match rng.below(5) {
        0 => {
            let it =
                hand.thing("iam-policy", format!("arn:aws:iam::{ACCOUNT}:policy/erp-read")).named("erp-read");
            hand.put(land, it.born(ago(60 * 24 * 30)).tags(key))
        }
        1 => {
            let address = network::address(land, hand, "office", false);
            land.alter(&address, |it| it.tags(key));
            address
        }
        2 => {
            let id = land.id("lt-");
            let it = hand.thing("launch-template", id).named("erp-ng").born(ago(60 * 24 * 30)).tags(key);
            hand.put(land, it)
        }
        3 => {
            let it = role(hand, "batch", "ec2.amazonaws.com", None).tags(key);
            hand.put(land, it)
        }
        _ => {
            let id = land.id("vpc-");
            hand.put(
                land,
                hand.thing("vpc", id).state("available").tags(&hand.tags(Part::Vpc, "vpc", false)).tags(key),
            )
        }
    }
}
