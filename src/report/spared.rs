//! What a report of a scan or a plan says before all else: the selected stacks that stay because they live, or
//! because somebody is at work in them, and by which signs; and those that go although they may live, since the policy
//! lets them expire.

use super::{Detail, Look, count, hang, plain, wide};
use crate::judge::{Expired, Spared};
use crate::model::StackVerdict;

/// So many signs of one stack are told; all of them with `-v`.
const SHOWN: usize = 2;

/// Of very many stacks so many are told with their signs, and so many of the rest by name.
const FIRST: usize = 3;
const NAMES: usize = 8;

/// A paragraph for each stack; nothing, if all that was selected shows no life.
pub fn text(spared: &[Spared], look: Look) -> String {
    if spared.is_empty() {
        return String::new();
    }
    let told = match look.detail {
        Detail::Full => usize::MAX,
        Detail::Brief => SHOWN,
    };
    let wide = wide::is_wide(spared.len(), look);
    let shown = if wide { FIRST } else { spared.len() };
    let mut stacks: Vec<String> =
        spared.iter().take(shown).map(|it| hang("", &line(it, told), look)).collect();
    if wide {
        let rest = &spared[shown..];
        let selected: usize = rest.iter().map(|it| it.selected).sum();
        let line = format!(
            "{} stay for reasons of this kind, with their {}: {}. -v tells of each.",
            count(rest.len(), "more stack"),
            count(selected, "selected resource"),
            wide::names(rest.iter().map(|it| it.stack.as_str()), NAMES)
        );
        stacks.push(hang("", &line, look));
    }
    // A name that is printed ready to run would be run: whoever means it has to type it.
    let rule = "What lives or is known to a state goes only by --abandoned NAME, with the name written out, and \
                what is being deployed not at all.";
    stacks.concat() + &hang("", rule, look) + "\n"
}

/// One stack in a sentence.
pub fn line(it: &Spared, told: usize) -> String {
    let stays = match it.verdict {
        StackVerdict::Deploying => "is being deployed and stays",
        StackVerdict::Tracked => "shows no life, is still known to its tool and stays",
        StackVerdict::Healthy
        | StackVerdict::Abandoned
        | StackVerdict::Expired
        | StackVerdict::Lost
        | StackVerdict::Uncertain => "lives and is spared",
    };
    let why: Vec<String> = it.why.iter().take(told).map(|why| plain(why)).collect();
    let more = match it.why.len().saturating_sub(told) {
        0 => String::new(),
        more => format!("; and {}", count(more, "more sign")),
    };
    let selected = count(it.selected, "selected resource");
    format!("Stack {} {stays}, with its {selected}: {}{more}.", plain(&it.stack), why.join("; "))
}

/// A stack that expired in a sentence, with the first sign of life that it shows all the same.
pub fn expired(it: &Expired) -> String {
    let lives = it.signs.first().map(|sign| format!("; it lives: {}", plain(sign))).unwrap_or_default();
    format!("By the policy, {}{lives}", plain(&it.why))
}
