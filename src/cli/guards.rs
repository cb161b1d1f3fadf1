//! Reads the files of guard rules: those that a policy file names, from its folder, and those of `--guard`, from where
//! the program was called.

use std::path::Path;

/// What a guard file is called, and its text or why there is none.
type Read = (String, Result<String, String>);

/// Reads those that a policy file names.
pub(super) fn beside(policy: &Path) -> impl Fn(&str) -> Read {
    let folder = policy.parent().unwrap_or_else(|| Path::new("")).to_owned();
    move |name| read(&folder.join(name))
}

/// Reads those of `--guard`.
pub(super) fn named(name: &str) -> Read {
    read(Path::new(name))
}

fn read(path: &Path) -> Read {
    let text = std::fs::read_to_string(path).map_err(|error| error.to_string());
    (path.display().to_string(), text)
}
