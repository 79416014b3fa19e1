//! Lists against the plainest computation of them: whatever is asked of a hub of random
//! documents, the pages of a list, walked from either end, hold what filtering and sorting all
//! documents gives.

mod plain;
mod questions;
mod recipes;

use proptest::{
    prelude::*,
    strategy::ValueTree as _,
    test_runner::{TestRng, TestRunner},
};
use schema::{ids::DocumentId, viewer::Viewer};
use store::reading::{self, Cursor, ListQuery, Page};

use self::{
    plain::Known,
    questions::{Question, Vocabulary},
    recipes::recipe,
};
use crate::house::{House, house};

impl House {
    async fn page(&self, query: &ListQuery) -> Page {
        let mut session = self.desk.store.reader().await.expect("a reader");
        reading::list(&mut session, &Viewer::Public, query).await.expect("a page")
    }

    /// The ids and cursors of all pages, in the list's order.
    async fn walked(&self, query: &ListQuery, from_end: bool) -> Vec<(DocumentId, Cursor)> {
        let mut query = ListQuery { from_end, ..query.clone() };
        let mut walked: Vec<(DocumentId, Cursor)> = Vec::new();
        loop {
            let page = self.page(&query).await;
            let ids = page.items.iter().map(|item| item.id);
            let found: Vec<_> = ids.zip(page.cursors.iter().cloned()).collect();
            if from_end {
                query.before = page.cursors.first().cloned();
                walked.splice(0..0, found);
            } else {
                query.after = page.cursors.last().cloned();
                walked.extend(found);
            }
            if !page.has_more {
                return walked;
            }
            assert_eq!(page.items.len(), query.limit as usize, "a page with more behind is full");
        }
    }
}

const DOCUMENTS: usize = 40;
const QUESTIONS: usize = 150;

test_harness::on_both_databases! {
    with house;

    async fn pages_hold_what_filtering_and_sorting_everything_gives(house: House) {
        let mut runner = runner();
        let mut before = Vec::new();
        for _ in 0..DOCUMENTS {
            let recipe = recipe().new_tree(&mut runner).expect("a recipe").current();
            before.extend(house.cook(&recipe, &before).await);
        }
        let known = house.known().await;
        let vocabulary = Vocabulary::of(&house, &known).await;
        let mut longest = 0;
        for _ in 0..QUESTIONS {
            let question = vocabulary.question().new_tree(&mut runner).expect("a question").current();
            longest = longest.max(house.assert_answered(&known, &question).await);
        }
        assert!(longest > 20, "the questions find something: {longest}");
    }
}

/// The same questions in every run, so that a failure can be run again.
fn runner() -> TestRunner {
    let algorithm = prop::test_runner::RngAlgorithm::ChaCha;
    TestRunner::new_with_rng(ProptestConfig::default(), TestRng::deterministic_rng(algorithm))
}

impl House {
    async fn assert_answered(&self, all: &[Known], question: &Question) -> usize {
        let query = &question.query;
        let is_listed = |known: &&Known| known.is_listed(&self.desk.types, all, question);
        let mut expected: Vec<_> = all.iter().filter(is_listed).collect();
        expected.sort_by(|a, b| a.order(b, question));
        let expected: Vec<_> = expected.into_iter().map(|known| known.document.id).collect();

        let forwards = self.walked(query, false).await;
        let ids =
            |walked: &[(DocumentId, Cursor)]| walked.iter().map(|(id, _)| *id).collect::<Vec<_>>();
        assert_eq!(ids(&forwards), expected, "{question:#?}");
        assert_eq!(self.walked(query, true).await, forwards, "from the end: {question:#?}");
        let mut session = self.desk.store.reader().await.expect("a reader");
        let count = reading::count(&mut session, &Viewer::Public, query).await.expect("a count");
        assert_eq!(count, expected.len() as u64, "{question:#?}");
        drop(session);
        if let [first, .., last] = &forwards[..] {
            let (after, before) = (Some(first.1.clone()), Some(last.1.clone()));
            let window = ListQuery { after, before, ..query.clone() };
            let inner = self.walked(&window, false).await;
            assert_eq!(ids(&inner), expected[1..expected.len() - 1], "a window: {question:#?}");
        }
        expected.len()
    }
}
