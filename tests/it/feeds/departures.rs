//! What has left a feed, and what is said of it.

use super::*;

test_harness::on_both_databases! {
    with house;

    async fn what_is_taken_back_leaves_its_id_and_what_the_public_is_told(house: House) {
        let router = house.reachable(ServerSettings::default());
        let path = "/sites/lanqiao/columns/policy/feed.json";
        let mut expected = Vec::new();
        for (title, state) in [
            ("撤回的", Some("withdrawn")),
            ("删除的", Some("gone")),
            ("抹除的", None),
            ("召回的", Some("recalled")),
            ("静默召回的", None),
        ] {
            let document = house.live_article(title).await;
            let id = ids(&router, path).await.remove(0);
            let notice = told("含有错误信息", "It contained an error");
            match title {
                "撤回的" => drop(house.withdraw(&document, notice).await.expect("it is withdrawn")),
                "删除的" => remove(&house, &document, Removal::Gone, &notice).await,
                "抹除的" => remove(&house, &document, Removal::Vanish, &notice).await,
                "召回的" => drop(house.recall(&document).await),
                _ => {
                    let notice = Notice { silent: true, ..notice };
                    house
                        .act(async |work| {
                            documents::recall(&house.desk, work, document.content, notice.clone()).await
                        })
                        .await
                        .expect("it is recalled");
                }
            }
            expected.insert(0, (id, state.map(String::from)));
        }

        assert!(ids(&router, path).await.is_empty());
        assert_eq!(departed(&router, path).await, expected);
        assert_eq!(departed(&router, "/sites/lanqiao/feed.json").await, expected);
        assert!(departed(&router, "/sites/lanqiao/columns/news/feed.json").await.is_empty());
        let atom = get(&router, FEED).await;
        for (id, state) in &expected {
            let tombstone = format!("<at:deleted-entry ref=\"{id}\"");
            let line = atom.text().lines().find(|line| line.starts_with(&tombstone));
            let is_told = line.is_some_and(|line| !line.ends_with("/>"));
            assert_eq!(is_told, state.is_some(), "{state:?}: {line:?}");
        }
        for title in ["撤回的", "删除的", "抹除的", "召回的"] {
            assert!(!atom.text().contains(title), "{title}");
        }
        assert_eq!(atom.text().matches("含有错误信息").count(), 3);
        assert!(!get(&router, "/sites/lanqiao/feed.rss").await.text().contains("的"));
    }

    async fn what_comes_back_comes_back_under_its_id(house: House) {
        let router = house.reachable(ServerSettings::default());
        let document = house.live_article("甲").await;
        let id = ids(&router, FEED).await;
        let withdrawn = house.withdraw(&document, told("更正中", "Being corrected")).await.expect("withdrawn");

        house.correct(&withdrawn, text("甲，已更正")).await;

        assert_eq!(ids(&router, FEED).await, id);
        assert!(departed(&router, "/sites/lanqiao/feed.json").await.is_empty());

        let document = house.seen(document.id).await.expect("it is live");
        house.recall(&document).await;
        let mut reissue = article("乙");
        reissue.content = Some(document.content);
        reissue.takes_over = Some(document.id);
        published(&house, reissue).await;
        assert_eq!(ids(&router, FEED).await, id, "a re-issue takes the place over");
        assert!(departed(&router, "/sites/lanqiao/feed.json").await.is_empty());
    }
}
