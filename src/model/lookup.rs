//! Where something is found by a text or a number, and in no order: who has many to find makes one, asks it, and
//! walks over what it has in an order of its own.

use std::borrow::Borrow;
use std::hash::Hash;

/// Values by key, of which nobody can tell in which order they lie: so none comes to stand in an output.
#[derive(Debug, Clone)]
pub struct Lookup<K, V>(hashbrown::HashMap<K, V>);

impl<K, V> Default for Lookup<K, V> {
    fn default() -> Self {
        Self(hashbrown::HashMap::new())
    }
}

impl<K: Eq + Hash, V> Lookup<K, V> {
    /// The value of a key.
    pub fn get<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.0.get(key)
    }

    /// Puts a value in, in the place of another of its key, which it gives back.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        self.0.insert(key, value)
    }

    /// The value of a key; one that says nothing, if there was none.
    pub fn entry(&mut self, key: K) -> &mut V
    where
        V: Default,
    {
        self.0.entry(key).or_default()
    }
}

impl<K: Eq + Hash, V> FromIterator<(K, V)> for Lookup<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        Self(pairs.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_of_one_key_is_found() {
        let mut lookup: Lookup<&str, usize> = [("a", 1), ("b", 2), ("a", 3)].into_iter().collect();
        assert_eq!((lookup.get("a"), lookup.get("b"), lookup.get("c")), (Some(&3), Some(&2), None));
        *lookup.entry("c") += 5;
        assert_eq!(lookup.insert("c", 6), Some(5));
    }
}
