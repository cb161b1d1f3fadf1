//! Counts over many worlds: wrong deletions by situation, and what share of the leftovers goes by class of world and
//! by doubt. All of it is printed, so that nothing hides behind `uncertain`.

#![expect(clippy::print_stdout, reason = "the shares are the point of the law, and read with `--nocapture`")]

use std::collections::{BTreeMap, BTreeSet};

use aws_janitor::model::Key;

use super::doubt::Doubt;
use super::laws::{Outcome, Wrong, class};
use super::situation::Situation;
use super::world::World;

/// What was counted over many worlds.
#[derive(Default)]
pub(crate) struct Tally {
    worlds: usize,
    /// By situation.
    pub(super) situations: BTreeMap<Situation, Came>,
    /// By class of worlds without doubt: what was to go, what stayed, and the first of these.
    pub(super) classes: BTreeMap<String, Share>,
    doubts: BTreeMap<Doubt, Share>,
}

/// What came of a situation: in how many worlds it was drawn, how many wrong deletions it ended in, and the first.
type Came = (usize, usize, Option<(u64, Wrong)>);

#[derive(Default, Clone)]
pub(crate) struct Share {
    pub(super) worlds: usize,
    expected: usize,
    pub(super) left: usize,
    pub(super) first: Option<(u64, Key, String)>,
}

impl Share {
    fn add(&mut self, seed: u64, outcome: &Outcome) {
        self.worlds += 1;
        self.expected += outcome.expected;
        self.left += outcome.left.len();
        if let (None, Some((key, by))) = (&self.first, outcome.left.first()) {
            self.first = Some((seed, key.clone(), by.clone()));
        }
    }

    fn merge(&mut self, other: Self) {
        self.worlds += other.worlds;
        self.expected += other.expected;
        self.left += other.left;
        self.first = [self.first.take(), other.first].into_iter().flatten().min_by_key(|it| it.0);
    }

    pub(super) fn gone(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "for a share of some thousands")]
        let share = |a: usize, b: usize| if b == 0 { 1.0 } else { 1.0 - a as f64 / b as f64 };
        share(self.left, self.expected)
    }
}

impl Tally {
    pub(super) fn add(&mut self, world: &World, outcome: &Outcome) {
        let seed = world.recipe.seed;
        self.worlds += 1;
        let wrong: BTreeSet<Situation> = outcome.wrong.iter().map(|it| it.of).collect();
        for of in world.land.situations.iter().chain(&wrong) {
            self.situations.entry(*of).or_default();
        }
        for of in &world.land.situations {
            self.situations.get_mut(of).unwrap().0 += 1;
        }
        for wrong in &outcome.wrong {
            let (_, count, first) = self.situations.get_mut(&wrong.of).unwrap();
            *count += 1;
            if first.is_none() {
                *first = Some((seed, wrong.clone()));
            }
        }
        if outcome.doubts.is_empty() {
            self.classes.entry(class(world)).or_default().add(seed, outcome);
        }
        for doubt in &outcome.doubts {
            self.doubts.entry(*doubt).or_default().add(seed, outcome);
        }
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.worlds += other.worlds;
        for (of, (worlds, wrong, first)) in other.situations {
            let mine = self.situations.entry(of).or_default();
            mine.0 += worlds;
            mine.1 += wrong;
            mine.2 = [mine.2.take(), first].into_iter().flatten().min_by_key(|it| it.0);
        }
        for (name, share) in other.classes {
            self.classes.entry(name).or_default().merge(share);
        }
        for (doubt, share) in other.doubts {
            self.doubts.entry(doubt).or_default().merge(share);
        }
    }

    pub(super) fn print(&self) {
        println!("{} worlds with owners", self.worlds);
        println!("situations: worlds, wrong deletions");
        for (of, (worlds, wrong, first)) in &self.situations {
            let first =
                first.as_ref().map(|(seed, it)| format!("  first: world {seed}, {} {}", it.key, it.what));
            println!("  {of:?}: {worlds}, {wrong}{}", first.unwrap_or_default());
        }
        println!("classes without doubt: worlds, to go, gone");
        for (name, share) in &self.classes {
            print_share(name, share);
        }
        println!("doubts: worlds, to go, gone");
        for (doubt, share) in &self.doubts {
            print_share(&format!("{doubt:?}"), share);
        }
    }
}

fn print_share(name: &str, share: &Share) {
    let first = share.first.as_ref().map(|(seed, key, by)| format!("  first: world {seed}, {key}: {by}"));
    let percent = share.gone() * 100.0;
    println!("  {name}: {}, {}, {percent:.1} %{}", share.worlds, share.expected, first.unwrap_or_default());
}
