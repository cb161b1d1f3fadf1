//! Makes a world that breaks a law small, so that a person can read it: first less is drawn, then things of the
//! attempts are taken away one by one.

use super::hand::Style;
use super::land::Owner;
use super::laws::{Outcome, outcome};
use super::world::{Ask, Recipe, World};

/// The smallest world found that still fails.
pub(crate) fn small(recipe: &Recipe, fails: impl Fn(&Outcome) -> bool) -> World {
    let mut recipe = recipe.clone();
    let breaks = |recipe: &Recipe| fails(&outcome(&recipe.build()));
    while let Some(next) = simpler(&recipe).into_iter().find(breaks) {
        recipe = next;
    }
    let mut world = recipe.build();
    loop {
        let without = |key| {
            let mut world = world.clone();
            world.land.things.remove(key);
            world.land.kept.remove(key);
            world.land.records.remove(key);
            world.land.records.values_mut().for_each(|members| _ = members.remove(key));
            world
        };
        // Without all that shows their life, others' things could not be told from leftovers: they stay.
        let attempts = world.land.things.iter().filter(|(_, it)| matches!(it.owner, Owner::Failed(_)));
        let next = attempts.map(|(key, _)| without(key)).find(|world| fails(&outcome(world)));
        let Some(next) = next else { return world };
        world = next;
    }
}

/// Recipes that draw one thing less, or the ordinary one in place of a rare one.
fn simpler(recipe: &Recipe) -> Vec<Recipe> {
    let mut all = Vec::new();
    let mut with = |change: &dyn Fn(&mut Recipe)| {
        let mut next = recipe.clone();
        change(&mut next);
        if next != *recipe {
            all.push(next);
        }
    };
    for n in 0..recipe.situations.len() {
        with(&|it| _ = it.situations.remove(n));
    }
    if recipe.attempts.len() > 1 {
        with(&|it| _ = it.attempts.pop());
        with(&|it| _ = it.attempts.remove(0));
    }
    with(&|it| it.doubts.clear());
    with(&|it| it.robot = None);
    with(&|it| it.killed = false);
    with(&|it| it.dated = false);
    with(&|it| it.marks = false);
    with(&|it| it.style = Style::DefaultTags);
    with(&|it| it.ask = Ask::Tags);
    with(&|it| it.ask = if it.ask == Ask::Tags { Ask::Tags } else { Ask::Wide });
    all
}
