//! The referee of a real run: reads through the session what has a say in the steps that are left, and judges by
//! the survey's policy. It gives the run an answer for each step.

use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;

use super::connect::Place;
use super::shell::Shell;
use super::survey::Survey;
use crate::inventory::{Inventory, ready};
use crate::judge::asked_again;
use crate::plan::again::{Question, judged};
use crate::plan::file::PlanFile;
use crate::plan::reading::{Extent, together};
use crate::report::{Detail, count};
use crate::run::cloud::Cloud;
use crate::run::referee::{Answer, Asked, NoAnswer, Referee};
use crate::session::{self, ScanRequest, UserRegions};

/// Judges the plan of one run again.
pub(super) struct Bench<'a> {
    shell: &'a Shell<'a>,
    place: &'a Place,
    /// What the run works on.
    cloud: &'a dyn Cloud,
    file: PlanFile,
    survey: &'a Survey,
    /// What is known of the account: the survey's inventory, with every reading since.
    known: Mutex<Inventory>,
}

impl<'a> Bench<'a> {
    pub fn new(
        shell: &'a Shell<'a>,
        place: &'a Place,
        cloud: &'a dyn Cloud,
        file: &PlanFile,
        survey: &'a Survey,
    ) -> Self {
        let known = Mutex::new(survey.inventory.clone());
        Self { shell, place, cloud, file: file.clone(), survey, known }
    }

    /// What has a say in the steps that are left.
    fn extent(&self, asked: &Asked) -> Extent {
        let whole =
            Extent { regions: self.file.regions.clone(), kinds: self.file.kinds.clone(), beyond: true };
        let left = self.file.steps.iter().filter(|step| asked.left.contains(&step.id));
        Extent::of(left, &whole, self.survey.catalog)
    }
}

#[async_trait]
impl Referee for Bench<'_> {
    async fn judge(&self, asked: &Asked) -> Result<Answer, NoAnswer> {
        let extent = self.extent(asked);
        let listings = extent.listings(self.survey.catalog);
        if self.shell.look.detail == Detail::Full {
            self.shell.say(&format!("Looking again before the next steps: {}", count(listings, "listing")));
        }
        let (regions, kinds) = (extent.regions.clone(), extent.kinds.clone());
        let mut request = ScanRequest::new(regions, kinds, &self.survey.policy);
        if !extent.beyond {
            request.users = UserRegions::Nowhere;
        }
        let reading = self.place.session.scan(&request, &|_| {}).await.map_err(NoAnswer::Cloud)?;
        // In another account all would seem gone. The session knows whose it was at its beginning; who is asked
        // now is the cloud that the run works on.
        let account = self.cloud.account().await.map_err(NoAnswer::Cloud)?;
        if account != self.file.account {
            return Err(NoAnswer::Account(account));
        }
        let catalog = self.survey.catalog;
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut fresh = together(&known, &reading, &extent, catalog);
        // What the run has removed may be named a while longer by what was read before.
        session::settle(&*self.place.session, &mut fresh).await;
        let lost = asked_again(&self.survey.inventory, &fresh);
        if !lost.is_empty() {
            let answers = self.place.session.inquire(&fresh, &lost).await;
            fresh.learn(answers.to(&lost));
        }
        ready(&mut fresh);
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&fresh);
        let question = Question {
            file: &self.file,
            touched: &asked.touched,
            fresh: &fresh,
            selector: &self.survey.selector,
            now: self.survey.moment(self.shell.now()),
            catalog,
        };
        Ok(Answer { rulings: judged(question).rulings(question, &asked.left), listings })
    }
}
