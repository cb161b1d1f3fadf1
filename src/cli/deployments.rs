//! Placeholder until the readers are merged.
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::failure::Failure;
use crate::deployment::{Beside, Deployment, Input, file};
use crate::model::Region;

struct Folder(PathBuf);

impl Beside for Folder {
    fn file(&self, name: &str) -> Option<Vec<u8>> {
        std::fs::read(self.0.join(name)).ok()
    }
}

pub(super) fn read(
    paths: &[PathBuf],
    region: Option<&Region>,
    parameters: &BTreeMap<String, String>,
) -> Result<Vec<Deployment>, Failure> {
    let one = |path: &PathBuf| {
        let bytes = std::fs::read(path).map_err(|error| Failure::file("read", path, &error))?;
        let beside = Folder(path.parent().map(Path::to_owned).unwrap_or_default());
        let source = path.display().to_string();
        let input =
            Input { source: &source, bytes: &bytes, beside: &beside, region: region.cloned(), parameters };
        file::read(&input).map_err(|error| Failure::error(error.to_string()).hint(error.remedy()))
    };
    paths.iter().map(one).collect()
}

/// The parameters, `KEY=VALUE` each.
pub(super) fn parameters(typed: &[String]) -> Result<BTreeMap<String, String>, Failure> {
    let one = |text: &String| match text.split_once('=') {
        Some((key, value)) if !key.trim().is_empty() => Ok((key.trim().to_owned(), value.to_owned())),
        _ => Err(Failure::usage(format!("`{text}` is no parameter"))
            .hint("write --parameter KEY=VALUE, once for each parameter")),
    };
    typed.iter().map(one).collect()
}
