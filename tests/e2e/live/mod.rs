//! Situations from public reports and their right answers, each played by the real program on the embedded AWS:
//! what lives, or works for the living, stays, whatever tags it wears; what failed goes all the same; and whoever
//! asks is told by whom and why. What stands is read in AWS's own books. Each situation has something of the failed
//! stack's that nothing concerns: it goes, so that keeping everything is no answer.
//!
//! | line | situation | where |
//! | --- | --- | --- |
//! | L1 | an active cluster of another team in the failed stack's VPC | `others` |
//! | L2 | a machine of a cluster that is not EKS's there | `others` |
//! | L3 | a machine with another owner's tags there | `others` |
//! | L4 | the same, reached by `tag:`, `stack=`, `name=` and `vpc=` | `others` |
//! | L5 | a shared VPC, its subnets or itself, that a failed cluster marked as its own | `others` |
//! | L6 | a machine elsewhere that names the failed cluster and its own stack | `others` |
//! | L7 | a healthy stack under the same wide selection; the examples of `--help`: `printed` | `others` |
//! | L8 | a quota whose smallest remedy would be the healthy stack | `others` |
//! | L9 | a redeploy of this hour beside a role of last week | `others` |
//! | L10 | an old date in the name of a new thing | `others` |
//! | U1 | the role of a living function; one that was used a minute ago | `at_work` |
//! | U2 | who works with a role or profile in a region that was not asked for | `at_work` |
//! | U3 | whom a living role's trust policy names | `at_work` |
//! | U4 | what a living launch template names; the template of a group at zero | `at_work` |
//! | U5 | a balancer before living targets, an endpoint of living routes, ground of a group at zero, pods' role | `at_work` |
//! | U6 | a network that is peered with a living one whose routes lead there | `at_work` |
//! | G1 | a VPN whose tunnels have been down for days, which goes | `gateways` |
//! | G2 | a tunnel that is up, or was of late | `gateways` |
//! | G3 | another team's connection on the failed stack's gateways | `gateways` |
//! | G4 | connections that may not be read | `gateways` |
//! | J1 | what joins a failed network to others, which goes with it | `joined` |
//! | J2 | an attachment of living routes; another team's attachment | `joined` |
//! | J3 | a carrier gateway of living routes; another team's way in | `joined` |
//! | J4 | attachments and ways in that may not be read | `joined` |
//! | M1 | the network is protected during the run | `moving` |
//! | M2 | a machine and a route of others come while the prompt waits | `moving` |
//! | M3 | another stack's new cluster takes the role during the run | `moving` |
//! | M4 | a redeploy under the same names between a kill and its resume | `moving` |
//! | M5 | a list leaves out what another list shows | `moving` |
//! | M6 | what was left out before a kill is still named after the resume | `moving` |
//! | B1 | a VPN gateway at the VPC; an egress-only gateway and a peering: `ways_out` | `stuck` |
//! | B2 | a quota that only such a VPC would free | `stuck` |
//! | B4 | a living group's rule that names the failed stack's group | `stuck` |
//! | B10 | a stack that AWS is still making | `stuck` |
//!
//! `races` lets others act before any call of a run; `blockages` asks `explain` and `plan` for the cause of each of
//! seventy prepared blockages, every line of table B among them.
//! `tools` has what machines and networks are given to work with.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a helper that cannot go on is a failed test")]

mod at_work;
mod blockages;
mod gateways;
mod joined;
mod kept;
mod moving;
mod others;
mod races;
mod runs;
mod stage;
mod stuck;
mod terminal;
mod tools;
