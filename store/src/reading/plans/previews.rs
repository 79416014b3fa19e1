//! Drafts: found by their documents, and by what is worked on, never by reading all there is.

use std::collections::BTreeSet;

use schema::viewer::Covers;

use super::{Hub, growing_steps, id, large_hub};
use crate::reading::drafts;

test_harness::on_both_databases! {
    with large_hub;

    async fn drafts_are_found_by_their_documents(hub: Hub) {
        let documents: Vec<_> = (1..=50).map(|number| id(0x0d, number).into()).collect();
        let contents: Vec<_> = (1..=50).map(|number| id(0x0c, number).into()).collect();
        hub.assert_by_index("by id", |session| drafts::statement(session, &documents)).await;
        hub.assert_by_index("by content", |session| {
            drafts::of_contents_statement(session, &contents)
        })
        .await;
    }

    async fn links_of_drafts_are_looked_for_in_what_is_worked_on(hub: Hub) {
        let news = "news".parse().expect("a type name");
        let some: BTreeSet<_> = (1..=9).map(|number| id(0x0c, number).into()).collect();
        for covers in [None, Some(Covers::All), Some(Covers::Contents(some))] {
            let plan = hub
                .plan(|session| drafts::linking_statement(session, covers.as_ref(), &news))
                .await;
            // What is worked on is put in order, and that is all that is.
            let growing: Vec<_> = growing_steps(hub.store.engine(), &plan)
                .into_iter()
                .filter(|step| !step.contains("Sort") && !step.contains("TEMP B-TREE"))
                .collect();
            assert!(growing.is_empty(), "{growing:#?} of {plan:#?}");
        }
    }
}
