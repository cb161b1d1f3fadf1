//! What stands for the rules in a program that was built without the feature `cedar`: nothing can be one of them, so
//! whoever has any hears how to install the program that reads them.

use super::{Asked, Forbidden, GuardFault};

/// No rules: there is no value of it.
#[derive(Debug)]
pub(super) enum Rules {}

impl Rules {
    /// Refuses every file.
    pub(super) fn new(files: &[(&str, &str)], _: &[&str]) -> Result<Self, Vec<GuardFault>> {
        let why = "this program was built without guard rules, and a rule that is not read keeps nothing; install it \
                   with them: cargo install --locked --path . --features cedar";
        let fault = |(name, _): &(&str, &str)| GuardFault {
            file: (*name).to_owned(),
            line: None,
            why: why.to_owned(),
        };
        Err(files.iter().map(fault).collect())
    }

    #[cfg_attr(feature = "cedar", expect(dead_code, reason = "built to be tested"))]
    pub(super) fn forbid(&self, _: &Asked<'_>) -> Option<Forbidden> {
        match *self {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_the_feature_every_file_is_refused_with_the_way_to_install_it() {
        let faults = Rules::new(&[("a.cedar", ""), ("b.cedar", "forbid(principal, action, resource);")], &[])
            .expect_err("refused");
        assert_eq!(faults.len(), 2);
        assert!(faults.iter().all(|fault| fault.why.contains("--features cedar")), "{faults:?}");
    }
}
