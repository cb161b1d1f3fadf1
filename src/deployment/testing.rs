//! What the tests of the readers share: files that lie beside the one that is read.

use std::collections::BTreeMap;

use super::Beside;

/// Files by their names.
#[derive(Default)]
pub(crate) struct Files(BTreeMap<String, String>);

impl Files {
    /// These, by name.
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        Self(files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect())
    }
}

impl Beside for Files {
    fn file(&self, name: &str) -> Option<Vec<u8>> {
        self.0.get(name).map(|text| text.as_bytes().to_vec())
    }
}
