//! The nearest known word to one that was mistyped, for the remedies in error messages.

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
    if shortened || sorted(word) == sorted(candidate) { 1 } else { distance(word, candidate) }
}

fn sorted(word: &str) -> Vec<char> {
    let mut letters: Vec<char> = word.chars().collect();
    letters.sort_unstable();
    letters
}

/// How many letters must be added, dropped or changed to make one word of the other.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = i;
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let change = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = change.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
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
