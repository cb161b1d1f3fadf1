//! The items of a deployment by all that is asked for: made once of a deployment's items, so that who looks for one
//! thing of many never passes over all of them. Needs, checks and kinds ask it.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use super::deployed::Plays;
use super::deployment::Item;
use super::lookup::Lookup;

/// As many of one name are looked at: AWS takes a name once, so that more tell nothing.
const MOST_OF_A_NAME: usize = 64;

/// The items of one deployment.
pub struct Items<'a> {
    all: &'a [Item],
    by_address: Lookup<&'a str, usize>,
    /// The places of all by their addresses, once somebody asks for what lies in one.
    in_order: OnceCell<Vec<usize>>,
    by_part: BTreeMap<Plays, Vec<&'a Item>>,
    /// By part, and what they are called: by name or by id.
    called: Called<'a>,
    naming: BTreeMap<Question, Naming<'a>>,
}

/// The places of items by their part and what they are called.
type Called<'a> = BTreeMap<(Plays, By), Lookup<&'a str, Vec<usize>>>;

/// By what an item is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum By {
    /// Its attribute `name`.
    Name,
    /// Its attribute `id`, as it is or as it was.
    Id,
}

/// Which items name others, by their kind or the tool's type, and in which attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Question {
    /// The kind.
    pub kind: Option<&'static str>,
    /// The type, of what is no kind.
    pub type_name: Option<&'static str>,
    /// The attribute.
    pub attribute: &'static str,
}

/// Items that name others in an attribute, by what they name; each list is in the file's order and has each once.
#[derive(Default)]
pub struct Naming<'a> {
    /// By the address that an unknown value comes from.
    by_source: Lookup<&'a str, Vec<usize>>,
    by_text: Lookup<&'a str, Vec<usize>>,
    /// What names nothing there, by what it waits for.
    by_order: Lookup<&'a str, Vec<usize>>,
    /// What is not known and does not tell where it comes from.
    open: Vec<usize>,
    all: &'a [Item],
}

impl std::fmt::Debug for Items<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} items", self.all.len())
    }
}

impl<'a> Items<'a> {
    /// Those of a deployment; `part` tells what each plays in it, and `questions` who names others.
    pub fn new(all: &'a [Item], part: impl Fn(&Item) -> Plays, questions: &[Question]) -> Self {
        let mut by_part: BTreeMap<Plays, Vec<&Item>> = BTreeMap::new();
        let mut called = Called::default();
        for (at, item) in all.iter().enumerate() {
            let plays = part(item);
            if plays == Plays::Nothing {
                continue;
            }
            by_part.entry(plays).or_default().push(item);
            let (now, before) = (&item.properties, &item.before);
            let names = [(By::Name, now.at("name")), (By::Id, now.at("id")), (By::Id, before.at("id"))];
            for (by, name) in names.into_iter().filter_map(|(by, value)| Some((by, value.as_text()?))) {
                let places = called.entry((plays, by)).or_default().entry(name);
                if places.last() != Some(&at) && places.len() < MOST_OF_A_NAME {
                    places.push(at);
                }
            }
        }
        Self {
            all,
            by_address: all.iter().enumerate().map(|(at, item)| (item.address.as_str(), at)).collect(),
            in_order: OnceCell::new(),
            by_part,
            called,
            naming: questions.iter().map(|it| (*it, Naming::of(all, *it))).collect(),
        }
    }

    /// All of them, in the file's order.
    pub const fn all(&self) -> &'a [Item] {
        self.all
    }

    /// The one of this address.
    pub fn at(&self, address: &str) -> Option<&'a Item> {
        self.all.get(self.place(address)?)
    }

    /// The place in the file of the one of this address.
    pub fn place(&self, address: &str) -> Option<usize> {
        self.by_address.get(address).copied()
    }

    /// The places in the file of those within an address that is none of an item: all of a `count`, all of a module.
    pub fn within(&self, address: &str) -> Vec<usize> {
        let address_of = |at: &usize| self.all.get(*at).map_or("", |item| item.address.as_str());
        let in_order = self.in_order.get_or_init(|| {
            let mut places: Vec<usize> = (0..self.all.len()).collect();
            places.retain(|at| self.place(address_of(at)) == Some(*at));
            places.sort_unstable_by_key(address_of);
            places
        });
        // Between the address and what is inside of it stands nothing but what follows it.
        let inside = |end: char| {
            let begin = format!("{address}{end}");
            let from = in_order.partition_point(|at| address_of(at) < begin.as_str());
            let from = in_order.iter().skip(from).copied();
            from.take_while(|at| address_of(at).starts_with(&begin)).collect::<Vec<_>>()
        };
        ['.', '['].map(inside).concat()
    }

    /// Those that play this part, in the file's order.
    pub fn playing(&self, part: Plays) -> &[&'a Item] {
        self.by_part.get(&part).map_or(&[], Vec::as_slice)
    }

    /// Those of a part that are called so, in the file's order.
    pub fn called<'s>(
        &'s self,
        part: Plays,
        by: By,
        name: &str,
    ) -> impl Iterator<Item = &'a Item> + use<'a, 's> {
        let all = self.all;
        let places = self.called.get(&(part, by)).and_then(|all| all.get(name));
        places.into_iter().flatten().filter_map(move |at| all.get(*at))
    }

    /// The first in the file that is called so, in one of these ways.
    pub fn first_called(&self, ways: &[(Plays, By)], name: &str) -> Option<&'a Item> {
        let firsts = ways.iter().filter_map(|(part, by)| self.called.get(&(*part, *by))?.get(name)?.first());
        self.all.get(*firsts.min()?)
    }

    /// Who names others in an attribute; nothing of a question that it was not made for.
    pub fn naming(&self, question: Question) -> Option<&Naming<'a>> {
        self.naming.get(&question)
    }
}

impl Question {
    fn is_of(self, item: &Item) -> bool {
        self.kind.is_none_or(|kind| item.is(kind)) && self.type_name.is_none_or(|it| item.type_name == it)
    }
}

impl<'a> Naming<'a> {
    fn of(all: &'a [Item], question: Question) -> Self {
        let mut it = Self { all, ..Self::default() };
        fn note<'a>(map: &mut Lookup<&'a str, Vec<usize>>, name: &'a str, at: usize) {
            let places = map.entry(name);
            if places.last() != Some(&at) {
                places.push(at);
            }
        }
        for (at, item) in all.iter().enumerate().filter(|(_, item)| question.is_of(item)) {
            let value = item.properties.at(question.attribute);
            if value.is_empty() {
                item.after.iter().for_each(|address| note(&mut it.by_order, address, at));
            }
            if value.is_open() && (value.sources().is_empty() || value.is_looked_up()) {
                it.open.push(at);
            }
            for member in value.members() {
                member.sources().iter().for_each(|address| note(&mut it.by_source, address, at));
                if let Some(text) = member.as_text() {
                    note(&mut it.by_text, text, at);
                }
            }
        }
        it
    }

    /// Those whose value comes from this item, or is its name; each once.
    pub fn of_item<'s>(
        &'s self,
        address: &str,
        name: Option<&str>,
    ) -> impl Iterator<Item = &'a Item> + use<'a, 's> {
        let by_source = self.by_source.get(address).map_or(&[] as &[usize], Vec::as_slice);
        let by_name = name.and_then(|name| self.by_text.get(name)).map_or(&[] as &[usize], Vec::as_slice);
        let twice = move |at: &&usize| by_name.binary_search(at).is_err();
        let places = by_source.iter().filter(twice).chain(by_name);
        let all = self.all;
        places.filter_map(move |at| all.get(*at))
    }

    /// Those that name nothing and wait for this item.
    pub fn waiting_for<'s>(&'s self, address: &str) -> impl Iterator<Item = &'a Item> + use<'a, 's> {
        let all = self.all;
        self.by_order.get(address).into_iter().flatten().filter_map(move |at| all.get(*at))
    }

    /// Those of which it is not known whom they name.
    pub fn open(&self) -> impl Iterator<Item = &'a Item> {
        self.open.iter().filter_map(|at| self.all.get(*at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::deployment::{Certainty, Change};
    use crate::model::value::Value;

    fn item(address: &str, name: &str) -> Item {
        Item {
            address: address.to_owned(),
            type_name: "x".to_owned(),
            kind: None,
            change: Change::Create,
            certainty: Certainty::Certain,
            region: None,
            properties: Value::Map([("name".to_owned(), Value::text(name))].into()),
            before: Value::Null,
            after: Vec::new(),
        }
    }

    #[test]
    fn what_lies_in_an_address_begins_with_it_and_a_dot_or_a_bracket() {
        let all = ["m.a", "m.a[0]", "m.a[1].b", "m.a.c", "m.ab", "m", "m.a-b"].map(|it| item(it, "n"));
        let items = Items::new(&all, |_| Plays::Nothing, &[]);
        let mut found: Vec<&str> = items.within("m.a").iter().map(|at| all[*at].address.as_str()).collect();
        found.sort_unstable();
        assert_eq!(found, ["m.a.c", "m.a[0]", "m.a[1].b"]);
    }

    #[test]
    fn what_is_called_alike_stands_in_the_files_order_and_is_never_endless() {
        let all: Vec<Item> = (0..200).map(|n| item(&format!("a{n}"), "x")).collect();
        let items = Items::new(&all, |_| Plays::Vpc, &[]);
        assert_eq!(items.called(Plays::Vpc, By::Name, "x").count(), MOST_OF_A_NAME);
        let first = items.first_called(&[(Plays::Subnet, By::Name), (Plays::Vpc, By::Name)], "x");
        assert_eq!(first.unwrap().address, "a0");
        assert_eq!(items.called(Plays::Subnet, By::Name, "x").count(), 0);
        assert_eq!(items.playing(Plays::Vpc).len(), 200);
    }

    #[test]
    fn who_names_an_item_twice_is_told_once() {
        let value = Value::List(vec![Value::Unknown(vec!["r".into(), "r".into()]), Value::text("role")]);
        let mut policy = item("p", "p");
        policy.properties = Value::Map([("roles".to_owned(), value)].into());
        let all = [policy];
        let question = Question { kind: None, type_name: Some("x"), attribute: "roles" };
        let items = Items::new(&all, |_| Plays::Nothing, &[question]);
        let naming = items.naming(question).unwrap();
        assert_eq!(naming.of_item("r", Some("role")).count(), 1);
        assert_eq!(naming.of_item("other", None).count(), 0);
    }
}
