//! How little it costs to ask a feed again, and what happens to its subscribers.

use super::*;

test_harness::on_both_databases! {
    with house;

    async fn whoever_has_the_newest_is_told_so(house: House) {
        let document = house.live_article("甲").await;
        let router = house.reachable(ServerSettings::default());
        let first = get(&router, FINANCE).await;
        let tag = first.header("etag").to_owned();
        let since = first.header("last-modified").to_owned();
        assert!(tag.starts_with('"') && since.ends_with(" GMT"), "{tag} {since}");
        assert!(first.header("cache-control").contains("must-revalidate"));
        assert_eq!(first.header("cache-tag"), "hub,column-lanqiao/policy/finance");
        let again = async |name, value: &str| ask(&router, "GET", FINANCE, &[(name, value)]).await;

        for (name, value) in [
            ("if-none-match", tag.clone()),
            ("if-none-match", format!("\"x\", W/{tag}")),
            ("if-modified-since", since.clone()),
        ] {
            let answer = again(name, &value).await;
            assert_eq!(answer.status, StatusCode::NOT_MODIFIED, "{name}: {value}");
            assert!(answer.bytes.is_empty());
            assert_eq!((answer.header("etag"), answer.header("last-modified")), (tag.as_str(), since.as_str()));
        }
        let head = ask(&router, "HEAD", FINANCE, &[]).await;
        assert_eq!((head.status, head.header("etag")), (StatusCode::OK, tag.as_str()));
        assert!(head.bytes.is_empty());
        let length = first.bytes.len().to_string();
        assert_eq!(head.header("content-length"), length);

        published(&house, at("别处", &["news"], "/elsewhere")).await;
        let elsewhere = again("if-none-match", &tag).await;
        assert_eq!(elsewhere.status, StatusCode::NOT_MODIFIED, "it is in another column");
        assert_eq!(again("if-modified-since", &since).await.status, StatusCode::NOT_MODIFIED);

        house.correct(&document, text("甲，更正")).await;
        assert_eq!(again("if-modified-since", &since).await.status, StatusCode::OK);
        let corrected = again("if-none-match", &tag).await;
        assert_eq!(corrected.status, StatusCode::OK);
        assert_ne!(corrected.header("etag"), tag);
        let restarted = house.reachable(ServerSettings::default());
        let same = get(&restarted, FINANCE).await;
        assert_eq!(same.header("etag"), corrected.header("etag"), "on every node");
    }

    async fn subscribers_follow_a_column(house: House) {
        house.live_article("甲").await;
        let router = house.reachable(ServerSettings::default());
        let id = get(&router, FINANCE).await.feed().id;
        let tag = get(&router, FEED).await.header("etag").to_owned();

        house.rename("policy/finance", "budget").await.expect("it is renamed");

        let old = ask(&router, "GET", &format!("{FINANCE}?locale=en"), &[]).await;
        assert_eq!(old.status, StatusCode::MOVED_PERMANENTLY);
        let new = "/sites/lanqiao/columns/policy/budget/feed.atom";
        assert_eq!(old.header(header::LOCATION.as_str()), format!("{new}?locale=en"));
        assert_eq!(get(&router, new).await.feed().id, id, "it is still the same feed");
        assert_ne!(get(&router, FEED).await.header("etag"), tag, "its name stands in entries");
    }
}
