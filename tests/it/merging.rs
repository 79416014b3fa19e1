//! Columns merged and closed: where their documents and their readers go.

use editorial::{Refusal, arrange::rearrange::close_column};
use schema::log::ArrangedChange;
use store::columns;

use crate::{
    house::{House, article, house},
    trees::column_path,
};

test_harness::on_both_databases! {
    with house;

    async fn a_merged_column_leaves_its_documents_to_the_other(house: House) {
        let own = house.live_in(&["policy"], Some("/policy/1")).await;
        let below = house.live_in(&["policy/finance"], Some("/policy/finance/2")).await;
        let first_there = house.live_in(&["policy", "news"], Some("/policy/3")).await;
        let first_here = house.live_in(&["news", "policy"], Some("/news/4")).await;

        let merged = house.merge("policy", "news").await.expect("it is merged");

        assert_eq!((merged.replaced, merged.readdressed), (3, 3));
        assert!(merged.column.closed);
        let news = || vec!["news".to_owned()];
        assert_eq!(house.stands(own).await, ("/news/1".into(), news()));
        let finance = ("/news/finance/2".into(), vec!["news/finance".into()]);
        assert_eq!(house.stands(below).await, finance);
        assert_eq!(house.stands(first_there).await, ("/news/3".into(), news()));
        assert_eq!(house.stands(first_here).await, ("/news/4".into(), news()));
        assert_eq!(house.heir("policy").await.as_deref(), Some("news"));
        assert_eq!(house.heir("policy/finance").await.as_deref(), Some("news/finance"));
        let arranged = house.arrangements().await;
        let last = arranged.last().expect("an event");
        assert_eq!((last.change, last.becomes.as_deref()), (ArrangedChange::Merged, Some("lanqiao:news")));
        house.lists_are_as_rebuilt(&[own, below, first_there, first_here]).await;
    }

    async fn a_column_with_something_in_it_is_not_closed_without_an_heir(house: House) {
        let document = house.live_in(&["policy/finance"], Some("/policy/finance/1")).await;
        let not_empty = |name: &str| Err(Refusal::NotEmpty { what: "column", name: name.into() });

        let with_columns = house.close("policy", Some("news")).await;
        let with_documents = house.close("policy/finance", None).await;
        let closed = house.close("policy/finance", Some("news")).await.expect("it has an heir");

        assert_eq!(with_columns, not_empty("lanqiao:policy"));
        assert_eq!(with_documents, not_empty("lanqiao:policy/finance"));
        assert_eq!((closed.replaced, closed.readdressed), (1, 1));
        assert_eq!(house.stands(document).await, ("/news/1".into(), vec!["news".into()]));
        house.lists_are_as_rebuilt(&[document]).await;
    }

    async fn a_closed_column_gives_its_path_back(house: House) {
        let first = house.close("policy/finance", None).await.expect("it is empty").column;
        assert_eq!(house.heir("policy/finance").await, None, "it leads nowhere");

        let second = house.add_column("lanqiao", "policy/finance").await.expect("the path is free");
        house.close("policy/finance", Some("news")).await.expect("it has an heir");
        house.rename("news", "today").await.expect("the heir is renamed");

        assert_ne!(first.id, second.id);
        assert_eq!(house.heir("policy/finance").await.as_deref(), Some("today"));
        let closed = first.version;
        let refused = house
            .act(async |work| close_column(work, first.id, closed, None).await)
            .await;
        let path = column_path("policy/finance");
        assert_eq!(refused, Err(Refusal::ColumnClosed("lanqiao".parse().expect("a key"), path)));
    }

    async fn a_draft_written_for_an_old_path_is_published_where_it_leads(house: House) {
        let draft = house.create(article("草稿")).await.expect("it is saved");
        house.merge("policy/finance", "news").await.expect("it is merged");

        let published = house.make_public(&draft).await;

        assert_eq!(house.stands(published.document.id).await.1, ["news"]);
        house.lists_are_as_rebuilt(&[published.document.id]).await;
    }

    async fn whatever_is_rearranged_lists_are_as_rebuilt(house: House) {
        for path in ["a", "a/b", "a/b/c", "d", "d/e"] {
            house.add_column("lanqiao", path).await.expect("it is created");
        }
        let mut documents = Vec::new();
        for columns in [&["a"][..], &["a/b/c", "d"], &["d/e", "a/b"], &["news", "a/b/c"], &["a/b"]] {
            documents.push(house.live_in(columns, None).await);
        }
        let site = house.site("lanqiao").await;
        // A fixed sequence that looks like none; what is refused must leave nothing behind.
        let mut state = 7_u32;
        let mut any = |count: usize| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            usize::try_from(state >> 16).expect("it fits") % count
        };
        let mut done = 0;
        for step in 0..24 {
            let paths = house.column_paths("lanqiao").await;
            let (one, other) = (&paths[any(paths.len())], &paths[any(paths.len())]);
            let outcome = match any(8) {
                0..=1 => house.rename(one, &format!("s{step}")).await,
                2..=5 => house.move_under(one, Some(other)).await,
                6 => house.move_under(one, None).await,
                _ => house.merge(one, other).await,
            };
            done += usize::from(outcome.is_ok());
            house.lists_are_as_rebuilt(&documents).await;
        }
        assert!(done > 8, "most of the sequence is possible: {done}");
        let mut session = house.desk.store.reader().await.expect("a reader");
        for column in columns::of_site(&mut session, site, false).await.expect("an answer") {
            let above = columns::with_ancestors(&mut session, column.id).await.expect("an answer");
            assert_eq!(above.len(), column.path.as_str().split('/').count(), "{}", column.path);
        }
    }
}
