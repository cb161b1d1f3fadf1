//! What was looked for in a stack and not found, in short sentences: the evidence of an orphan and the summary of
//! its stack show them.

use crate::model::Sign;

use super::StackLife;

/// In the order of the signs; a sign for which nothing was looked at says so.
pub(in crate::judge) fn looked_for(life: &StackLife) -> Vec<String> {
    let found = |sign: Sign| life.signs.iter().any(|shown| shown.sign == sign);
    let signs = [
        (Sign::NodeGroup, "no node group is ready with a machine that runs", "node group"),
        (Sign::JoinedNode, "no node joined", "machine"),
        (Sign::HealthyTarget, "no target is healthy behind a load balancer", "target group"),
        (Sign::RunningTask, "no task runs", "service"),
        (Sign::Called, "no function was called of late", "function"),
        (Sign::Tunnel, "no tunnel is up", "VPN connection"),
        (Sign::Machine, "no machine by itself has run for an hour", "machine"),
    ];
    let asked = signs.into_iter().filter(|(sign, ..)| !found(*sign));
    let counted = asked.filter_map(|(sign, why, what)| {
        let count = *life.looked_at.get(&sign)?;
        let plural = if count == 1 { "" } else { "s" };
        Some(format!("{why} ({count} {what}{plural})"))
    });
    counted.collect()
}
