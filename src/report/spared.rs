//! What a report of a scan or a plan says before all else: the selected stacks that stay because they live, or
//! because somebody is at work in them, and by which signs; and those that go although they may live, since the policy
//! lets them expire.

use super::{Detail, Look, count, hang, plain};
use crate::judge::{Expired, Spared};
use crate::model::StackVerdict;

/// So many signs of one stack are told; all of them with `-v`.
const SHOWN: usize = 2;

/// A paragraph for each stack; nothing, if all that was selected shows no life.
pub fn text(spared: &[Spared], look: Look) -> String {
    if spared.is_empty() {
        return String::new();
    }
    let told = match look.detail {
        Detail::Full => usize::MAX,
        Detail::Brief => SHOWN,
    };
    let stacks = spared.iter().map(|it| hang("", &line(it, told), look));
    // A name that is printed ready to run would be run: whoever means it has to type it.
    let rule = "What lives or is known to a state goes only by --abandoned NAME, with the name written out, and \
                what is being deployed not at all.";
    stacks.chain([hang("", rule, look)]).collect::<String>() + "\n"
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
