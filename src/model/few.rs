//! Lists in sentences.

/// The first of these, and how many more there are: a sentence is no list.
pub fn few<'a>(all: impl ExactSizeIterator<Item = &'a str>, told: usize) -> String {
    let more = all.len().saturating_sub(told);
    let first = all.take(told).collect::<Vec<_>>().join(", ");
    if more == 0 { first } else { format!("{first} and {more} more") }
}
