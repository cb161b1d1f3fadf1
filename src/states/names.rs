//! What a file in a place of states is, by its name: of a folder of Terraform's or a prefix of its bucket, and of a
//! backend that Pulumi keeps in a folder or a bucket
//! (<https://github.com/pulumi/pulumi/blob/master/pkg/backend/diy/store.go>).

/// What a file may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    /// It is called a state.
    State,
    /// In a bucket a state may be called anything.
    Perhaps,
    /// A lock on a state.
    Lock,
    /// How a run of Pulumi's ended.
    History,
    /// Where Terraform keeps the state of a folder.
    Backend,
    /// Nothing that tells of a state: also older ones.
    Other,
}

/// Folders that hold no states, however many files.
const NO_STATES: [&str; 3] = [".git", ".terraform", "node_modules"];

/// How files end that are no states, or no longer any. A state in a bucket may end in any other way.
const NONE: [&str; 6] = ["backup", "bak", "hcl", "md", "tf", "tfvars"];

const PULUMI: &str = ".pulumi";

/// What a file is by its name.
pub(super) fn sort(name: &str) -> Sort {
    let parts: Vec<&str> = name.split('/').collect();
    let (folders, file) = match parts.split_last() {
        Some((file, folders)) => (folders, *file),
        None => return Sort::Other,
    };
    if folders.last() == Some(&".terraform") && file == "terraform.tfstate" {
        return Sort::Backend;
    }
    if folders.iter().any(|folder| NO_STATES.contains(folder)) {
        return Sort::Other;
    }
    if let Some((area, _)) = pulumi(name) {
        return match area {
            "stacks" if pulumi_stack(name).is_some() => Sort::State,
            "stacks" if !file.ends_with(".bak") && !file.ends_with(".attrs") => Sort::Perhaps,
            "locks" => Sort::Lock,
            "history" if file.contains(".history.json") => Sort::History,
            _ => Sort::Other,
        };
    }
    let ending = file.rsplit_once('.').map(|(_, ending)| ending);
    match ending {
        Some("tfstate") => Sort::State,
        Some("tflock") => Sort::Lock,
        _ if file.ends_with(".lock.info") => Sort::Lock,
        Some(ending) if NONE.contains(&ending) => Sort::Other,
        _ => Sort::Perhaps,
    }
}

/// The area of Pulumi's backend that a file lies in, and its place there.
fn pulumi(name: &str) -> Option<(&str, &str)> {
    let within = match name.strip_prefix(PULUMI) {
        Some(rest) => rest.strip_prefix('/')?,
        None => name.split_once("/.pulumi/")?.1,
    };
    Some(within.split_once('/').unwrap_or((within, "")))
}

/// The stack that a file of Pulumi's backend is about: `project/name`, or its name alone in an old backend.
pub(super) fn pulumi_stack(name: &str) -> Option<String> {
    let (area, place) = pulumi(name)?;
    let stack = match area {
        "stacks" => {
            ["", ".gz", ".zst"].iter().find_map(|packed| place.strip_suffix(&format!(".json{packed}")))?
        }
        "locks" => place.strip_prefix("organization/").unwrap_or(place).rsplit_once('/')?.0,
        "history" => place.rsplit_once('/')?.0,
        _ => return None,
    };
    Some(stack.to_owned())
}

/// The name of the state that a lock of Terraform's is on.
pub(super) fn state_of_lock(name: &str) -> Option<String> {
    let (folder, file) =
        name.rsplit_once('/').map_or(("", name), |(_, file)| (&name[..name.len() - file.len()], file));
    let state = match file.strip_suffix(".tflock") {
        Some(state) => state,
        None => {
            let state = file.strip_suffix(".lock.info")?;
            state.strip_prefix('.').unwrap_or(state)
        }
    };
    Some(format!("{folder}{state}"))
}
