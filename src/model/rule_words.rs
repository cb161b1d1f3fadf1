#![doc = include_str!("rule_words.md")]

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use crate::kinds::CATALOG;
    use crate::model::{Holds, KindName, KindSpec, LinkRule, Near, Settle, Touches};

    const PAGE: &str = include_str!("rule_words.md");

    /// The words of one rule, as the page's headings write them.
    fn words_of_rule(rule: &LinkRule) -> Vec<&'static str> {
        let holds = match rule.holds {
            Holds::Nothing => "Holds::Nothing",
            Holds::Delete => "Holds::Delete",
            Holds::DeleteAndCuts => "Holds::DeleteAndCuts",
            Holds::DeleteUntilCut => "Holds::DeleteUntilCut",
        };
        let near = match rule.near {
            Near::Free => "Near::Free",
            Near::CutFirst => "Near::CutFirst",
            Near::AfterTarget => "Near::AfterTarget",
            Near::AfterIfGoes => "Near::AfterIfGoes",
            Near::GoesWithTarget(_) => "Near::GoesWithTarget",
        };
        let cut = rule.cut.map(|cut| match cut.touches {
            Touches::NearEnd => "Touches::NearEnd",
            Touches::BothEnds => "Touches::BothEnds",
        });
        [holds, near].into_iter().chain(cut).collect()
    }

    /// The words that a kind has of its own, whatever its links.
    fn words_of_kind(spec: &KindSpec) -> Vec<&'static str> {
        let settle = match spec.settle {
            Settle::AtOnce => "Settle::AtOnce",
            Settle::Poll { .. } => "Settle::Poll",
        };
        let said = [("patience", spec.patience > 0), ("pause", spec.pause > 0), ("batch", spec.batch > 1)];
        let said = said.into_iter().filter(|(_, says)| *says).map(|(word, _)| word);
        [settle].into_iter().chain(said).collect()
    }

    /// The names in backticks.
    fn names(text: &str) -> Vec<&str> {
        text.split('`').enumerate().filter(|(i, _)| i % 2 == 1).map(|(_, name)| name).collect()
    }

    #[test]
    fn every_case_of_the_page_is_in_the_table_and_says_the_word() {
        for section in PAGE.split("\n### ").skip(1) {
            let word = names(section)[0];
            let case = section.split("\nCase: ").nth(1).expect(word);
            let case = names(case.split(". ").next().unwrap());
            let words = match case[..] {
                [kind] => words_of_kind(CATALOG.named(kind).expect(kind)),
                [near, how, far] => {
                    let spec = CATALOG.named(near).expect(near);
                    words_of_rule(spec.rule(how, &KindName::new(far)).expect(section))
                }
                _ => panic!("{word}: {case:?} is no case"),
            };
            assert!(words.contains(&word), "{word}: {case:?} says {words:?}");
        }
    }

    #[test]
    fn every_word_of_the_table_has_its_case() {
        let on_the_page: BTreeSet<&str> =
            PAGE.split("\n### ").skip(1).map(|section| names(section)[0]).collect();
        let rules = CATALOG.iter().flat_map(|spec| spec.links).flat_map(words_of_rule);
        let used: BTreeSet<&str> = rules.chain(CATALOG.iter().flat_map(words_of_kind)).collect();
        assert_eq!(on_the_page, used);
    }
}
