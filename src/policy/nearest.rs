//! The nearest known word to one that was mistyped: policy, preflight and needs name it in their error messages.

use strsim::levenshtein;

/// The candidate that `word` was most likely meant to be, if any is near enough to be worth naming.
pub(crate) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    known
        .into_iter()
        .map(|candidate| (closeness(&word, &candidate.to_lowercase()), candidate))
        // A third of the letters may be wrong: beyond that a suggestion confuses more than it helps.
        .filter(|(distance, candidate)| *distance <= candidate.len().max(3) / 3)
        .min()
        .map(|(_, candidate)| candidate)
}

/// The edit distance, but a shortened word (`elastic`) and swapped letters (`nmae`) count as one slip.
fn closeness(word: &str, candidate: &str) -> usize {
    let shortened = word.len() >= 3 && candidate.starts_with(word);
    if shortened || sorted(word) == sorted(candidate) { 1 } else { levenshtein(word, candidate) }
}

fn sorted(word: &str) -> Vec<char> {
    let mut letters: Vec<char> = word.chars().collect();
    letters.sort_unstable();
    letters
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_near_word_is_found_and_a_far_one_is_not() {
        let known = ["select", "protect", "older-than", "elastic-ip"];
        assert_eq!(nearest("slect", known), Some("select"));
        assert_eq!(nearest("Protects", known), Some("protect"));
        assert_eq!(nearest("older_than", known), Some("older-than"));
        assert_eq!(nearest("elastic", known), Some("elastic-ip"));
        assert_eq!(nearest("zzz", known), None);
    }
}
