//! What the selected stacks have of kinds that are not read, as lines for people: scans and plans tell it above
//! what they could not read.

use super::{Detail, Look, count, hang, plain};
use crate::judge::UnreadOfStack;

/// One sentence for each stack.
pub fn lines(unread: &[UnreadOfStack]) -> Vec<String> {
    unread.iter().map(line).collect()
}

fn line(unread: &UnreadOfStack) -> String {
    let number: usize = unread.things.values().map(std::collections::BTreeSet::len).sum();
    let sorts: Vec<String> =
        unread.things.iter().map(|(sort, arns)| format!("{} {}", arns.len(), plain(sort))).collect();
    format!(
        "{} of stack {} of kinds that are not read: {}. What they work with (a role, a group, a key) shows only \
         by its traces.",
        count(number, "thing"),
        plain(&unread.stack),
        sorts.join(", ")
    )
}

/// As many of a stack's things are named.
const FEW: usize = 5;

/// The same as text, each by its ARN.
pub fn text(unread: &[UnreadOfStack], look: Look) -> String {
    let mut text = String::new();
    for stack in unread {
        text.push_str(&hang("", &line(stack), look));
        let arns: Vec<&String> = stack.things.values().flatten().collect();
        let told = match look.detail {
            Detail::Full => arns.len(),
            Detail::Brief => FEW.min(arns.len()),
        };
        // Never broken: they are there to be copied.
        for arn in &arns[..told] {
            text.push_str(&format!("  {}\n", plain(arn)));
        }
        if told < arns.len() {
            text.push_str(&format!("  and {} more (-v lists them)\n", arns.len() - told));
        }
    }
    text
}
