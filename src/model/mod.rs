//! The words of the program as types: ids, resources, links, kinds and their rules, quotas, verdicts.
//!
//! Plain data that can be printed, saved and compared. No I/O, no clock, no SDK type.

pub mod dated;
pub mod deployed;
pub mod deployment;
mod few;
mod gate;
mod id;
pub mod index;
pub mod instance_type;
mod key;
pub mod lookup;
mod name;
pub mod need;
mod question;
mod quota;
mod refusal;
mod resource;
pub mod rule_words;
mod shell;
mod spec;
mod state;
pub mod value;
mod verdict;
pub mod words;

pub use few::few;
pub use gate::{Behind, Claimant, Gate, Sign};
pub use id::{AccountId, KindName, Region};
pub use key::{Id, Key};
pub use question::{
    ByHand, Class, Ids, Logs, LookedAfter, MadeFor, Position, RouteTarget, Serves, ShowsLife, States,
    WorksAs, same_service,
};
pub use quota::{Amount, Per, QuotaUse, ToldBy, Unit, Users};
pub use refusal::{CloudError, ErrorClass};
pub use resource::{Guard, GuardRule, Life, Link, Resource, Tags};
pub use shell::quoted;
pub use spec::{Apis, Catalog, Cost, Cut, Holds, KindSpec, LinkRule, Near, Scope, Settle, Touches};
pub use state::{OwnedStatus, OwnedThing, StateClaims, StateTool};
pub use verdict::{Judged, Proof, StackVerdict, Verdict, Verdicts};
