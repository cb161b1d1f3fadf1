//! Laws about everything that reads a file of somebody else's: whatever the bytes are, nothing panics, and what cannot
//! be read whole is refused whole. `mutated` tries them on broken copies of a corpus in every test run; the targets in
//! `fuzz/` are these same functions.

use std::collections::BTreeMap;

use aws_janitor::deployment::{Alone, Input, file};
use aws_janitor::guards::{GuardFile, Guards};
use aws_janitor::inventory::{Inventory, ready};
use aws_janitor::judge::judge;
use aws_janitor::kinds::CATALOG;
use aws_janitor::memory::Memory;
use aws_janitor::model::{AccountId, OwnedStatus, OwnedThing, Verdict};
use aws_janitor::plan::Action;
use aws_janitor::plan::file::PlanFile;
use aws_janitor::plan::planner::plan;
use aws_janitor::policy::check::{Against, check};
use aws_janitor::policy::{Policy, Selector};
use aws_janitor::states::{claims, read};

/// A law: bytes of any kind. It panics if it is broken.
pub type ReaderLaw = fn(&[u8]);

/// Every law, by the folder of its corpus.
pub const LAWS: [(&str, ReaderLaw); 5] =
    [("state", state), ("deployment", deployment), ("policy", policy), ("guards", guards), ("ours", ours)];

/// A state that is not read owns nothing for certain and so may own anything; the same bytes say the same.
pub fn state(bytes: &[u8]) {
    let read = read("terraform.tfstate", bytes, &Alone);
    let refused = read.is_err();
    let locked = read.as_ref().is_ok_and(|state| !state.stack.locks.is_empty());
    let told = claims("state", read, None);
    assert_eq!(
        told.unread.is_some(),
        refused || locked,
        "what was not read, or is at work, may own anything"
    );
    assert!(!refused || told.owned.is_empty(), "what was not read owns nothing for certain");
    // What a scan cannot see is owned without an id as well, as some types go; what was being made has none yet.
    let found = |it: &OwnedThing| it.kind.as_ref().is_some_and(|kind| CATALOG.get(kind).is_some());
    let bare = |it: &&OwnedThing| it.id.is_empty() && it.status != OwnedStatus::Pending && found(it);
    assert_eq!(told.owned.iter().find(bare), None, "what was made has an id");
    let text = serde_json::to_string(&told).unwrap();
    let again = serde_json::from_str(&text).unwrap();
    assert_eq!(told, again, "claims come back as they were");
}

/// A deployment is recognised if it is read, and says the same each time.
pub fn deployment(bytes: &[u8]) {
    let parameters = BTreeMap::new();
    let input = Input { source: "file", bytes, beside: &Alone, region: None, parameters: &parameters };
    let (format, read) = (file::recognise(&input), file::read(&input));
    if let Ok(read) = read {
        assert_eq!(format, Ok(read.format), "what is read was recognised");
        assert_eq!(file::read(&input), Ok(read), "the same file says the same");
    }
}

/// `policy check` finds an error in exactly those files that the commands refuse.
pub fn policy(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let kinds: Vec<&str> = CATALOG.iter().map(|spec| spec.name).collect();
    let guards = |name: &str| (name.to_owned(), Err("there is no such file".to_owned()));
    let commands = Policy::from_toml(text).and_then(|policy| policy.with_guards(&guards));
    let commands = commands.and_then(|policy| Selector::new(&policy, &kinds));
    let checked = check(text, Against { catalog: CATALOG, stands: &|_| true, guards: &guards });
    assert_eq!(checked.errors.is_empty(), commands.is_ok(), "{:?} {:?}", checked.errors, commands.err());
    assert_eq!(checked.policy.is_some(), checked.errors.is_empty());
    // What ends too early is wrong in the line after the last.
    let lines = text.split('\n').count();
    for remark in checked.errors.iter().chain(&checked.warnings) {
        assert!(remark.line.is_none_or(|line| (1..=lines).contains(&line)), "{remark:?} of {lines} lines");
    }
}

/// There is no half of a guard file: it is compiled, or each fault says where it is.
pub fn guards(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let kinds: Vec<&str> = CATALOG.iter().map(|spec| spec.name).collect();
    let file = GuardFile::read("guards.cedar", text.to_owned());
    if let Err(faults) = Guards::new(&[file], &kinds) {
        assert!(!faults.is_empty(), "what is refused says why");
        for fault in faults {
            assert!(fault.line.is_none_or(|line| line <= text.lines().count() + 1), "{fault}");
        }
    }
}

/// What this program wrote itself and reads again: a memory, a saved scan, a saved plan.
pub fn ours(bytes: &[u8]) {
    let account = AccountId::new("123456789012");
    if let Ok(memory) = Memory::read(bytes, &account) {
        let again = Memory::read(memory.text().as_bytes(), &account);
        assert_eq!(again.map(|it| it.text()).ok(), Some(memory.text()), "a memory comes back as it was");
    }
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(mut inventory) = Inventory::from_document(text) {
        ready(&mut inventory);
        let select = vec!["tag:Project=demo".parse().unwrap()];
        let policy = Policy { select, ..Policy::default() };
        let kinds: Vec<&str> = CATALOG.iter().map(|spec| spec.name).collect();
        let selector = Selector::new(&policy, &kinds).unwrap();
        let judged = judge(&inventory, &selector, inventory.taken);
        let plan = plan(&inventory, CATALOG, &judged.verdicts, &policy.with_data);
        for step in plan.steps.iter().filter(|step| step.action == Action::Delete) {
            let verdict = judged.verdicts.get(&step.resource).map(|it| it.verdict);
            assert_eq!(verdict, Some(Verdict::Orphan), "{} goes and is no orphan", step.resource);
        }
    }
    if let Ok(plan) = serde_json::from_slice::<PlanFile>(bytes) {
        let _ = plan.plan();
    }
}
