//! Lists as they were: the texts that were public at a moment, of what is listed today.

use editorial::documents::{self, Outcome};
use jiff::Timestamp;
use schema::content_type::OldTexts;
use serde_json::{Value, json};
use store::documents::Document;

use super::{Front, titles};
use crate::house::{House, house, now, publication, text, told};

impl Front {
    async fn listed_as_of(&self, place: &str, at: Timestamp) -> Value {
        let query = format!(
            "{{ articles({place} asOf: \"{at}\") {{ nodes {{ title edition {{ number }} body {{ text }} publishedAt }} totalCount \
             facets {{ years {{ count }} choices {{ field }} }} }} }}"
        );
        self.ask(&query).await["articles"].clone()
    }

    async fn titles_as_of(&self, at: Timestamp) -> Vec<String> {
        let list = self.listed_as_of("", at).await;
        let found: Vec<String> = titles(&list["nodes"]).into_iter().map(str::to_owned).collect();
        assert_eq!(list["totalCount"], found.len(), "{list}");
        let counted = list["facets"]["years"].as_array().expect("a list").iter();
        let counted: u64 = counted.map(|year| year["count"].as_u64().expect("a count")).sum();
        assert_eq!(counted, found.len() as u64, "{list}");
        found
    }
}

fn at(document: &Document) -> Timestamp {
    document.published_at.expect("it is live")
}

test_harness::on_both_databases! {
    with house;

    async fn a_list_shows_the_texts_of_the_moment(house: House) {
        let first = house.live_article("甲一").await;
        let second = house.live_article("乙").await;
        let corrected = house.correct(&first, text("甲二")).await.document;
        let front = house.front();

        assert_eq!(front.titles_as_of(at(&corrected)).await, ["乙", "甲二"]);
        assert_eq!(front.titles_as_of(at(&second)).await, ["乙", "甲一"]);
        assert_eq!(front.titles_as_of(at(&first)).await, ["甲一"]);
        assert_eq!(front.titles_as_of("2000-01-01T00:00:00Z".parse().expect("a moment")).await, [""; 0]);
        let then = front.listed_as_of("", at(&first)).await;
        assert_eq!(then["nodes"][0]["edition"]["number"], 1);
        assert_eq!(then["nodes"][0]["body"]["text"], "甲一的正文。");
        assert_eq!(then["nodes"][0]["publishedAt"], at(&first).to_string());
        assert_eq!(then["facets"]["choices"], json!([]), "only today's values are counted");
    }

    async fn what_is_not_public_today_was_never_there(house: House) {
        let kept = house.live_article("留").await;
        let recalled = house.live_article("召回").await;
        let withdrawn = house.live_article("撤回").await;
        let moment = at(&withdrawn);
        house.recall(&recalled).await;
        house.withdraw(&withdrawn, told("说明", "Told")).await.expect("it is withdrawn");
        let front = house.front();

        assert_eq!(front.titles_as_of(moment).await, ["留"]);
        assert_eq!(front.titles_as_of(at(&kept)).await, ["留"]);
    }

    async fn a_text_that_was_called_an_error_is_left_out(house: House) {
        let first = house.live_article("含有错误").await;
        let saved = house.save(now(&first), text("已更正")).await.expect("it is saved");
        let mut request = publication(&saved);
        request.old_text = Some(OldTexts::Error);
        let outcome = house.act(async |work| documents::publish(&house.desk, work, request.clone()).await).await;
        let Ok(Outcome::Published(second)) = outcome else { panic!("it is published") };
        let front = house.front();

        assert_eq!(front.titles_as_of(at(&first)).await, [""; 0]);
        assert_eq!(front.titles_as_of(at(&second.document)).await, ["已更正"]);
    }

    async fn what_was_withdrawn_at_the_moment_was_not_listed(house: House) {
        let first = house.live_article("甲").await;
        let withdrawn = house.withdraw(&first, told("说明", "Told")).await.expect("it is withdrawn");
        let other = house.live_article("乙").await;
        let saved = house.save(now(&withdrawn), text("甲回来")).await.expect("it is saved");
        let back = house.make_public(&saved).await.document;
        let front = house.front();

        assert_eq!(front.titles_as_of(at(&other)).await, ["乙"]);
        assert_eq!(front.titles_as_of(at(&first)).await, ["甲"]);
        assert_eq!(front.titles_as_of(at(&back)).await.len(), 2);
    }

    async fn pages_and_places_are_as_in_any_list(house: House) {
        let mut moments = Vec::new();
        for title in ["一", "二", "三", "四"] {
            moments.push(at(&house.live_article(title).await));
        }
        let front = house.front();
        let query = "query ($at: DateTime!, $after: String) { articles(site: \"lanqiao\", column: \"policy\", asOf: $at, first: 2, after: $after) { \
            nodes { title } pageInfo { endCursor hasNextPage } } }";
        let first = front.ask_with(query, json!({ "at": moments[2].to_string() })).await["articles"].clone();
        assert_eq!((titles(&first["nodes"]), &first["pageInfo"]["hasNextPage"]), (vec!["三", "二"], &json!(true)));
        let after = first["pageInfo"]["endCursor"].clone();
        let rest = front.ask_with(query, json!({ "at": moments[2].to_string(), "after": after })).await["articles"].clone();
        assert_eq!(titles(&rest["nodes"]), ["一"]);
        assert_eq!(front.listed_as_of("site: \"nanhe\",", moments[3]).await["totalCount"], 0);
        let site = format!("{{ site(key: \"lanqiao\") {{ documents(asOf: \"{}\") {{ totalCount }} }} }}", moments[1]);
        assert_eq!(front.ask(&site).await["site"]["documents"]["totalCount"], 2);

        for (arguments, code) in [
            (format!("asOf: \"{}\", filter: {{ title: {{ eq: \"一\" }} }}", moments[3]), "BAD_ARGUMENT"),
            (format!("asOf: \"{}\", filter: {{ basis: {{ isNull: true }} }}", moments[3]), "BAD_ARGUMENT"),
            (format!("asOf: \"{}\", orderBy: TITLE_ASC", moments[3]), "BAD_ARGUMENT"),
            ("asOf: \"yesterday\"".to_owned(), "INVALID_QUERY"),
        ] {
            let query = format!("{{ articles({arguments}) {{ nodes {{ title }} }} }}");
            assert_eq!(front.refusal(&query).await, code, "{arguments}");
        }
    }

    async fn a_kept_list_of_the_past_loses_what_is_recalled(house: House) {
        let first = house.live_article("甲").await;
        let second = house.correct(&first, text("乙")).await.document;
        let front = house.keeping_front(&house.desk.store);
        let query = format!("{{ articles(asOf: \"{}\") {{ nodes {{ title }} }} }}", at(&first));
        assert_eq!(titles(&front.ask(&query).await["articles"]["nodes"]), ["甲"]);
        assert_eq!(front.statements(&query).await, 0);

        house.recall(&second).await;

        assert_eq!(front.ask(&query).await["articles"]["nodes"], json!([]));
    }
}
