//! Readers with a token of their own: drafts in the place of public texts where they ask for that,
//! as far as their grants reach, and what is public where they do not.

use schema::permission::{Role, Scope};
use serde_json::{Value, json};

use super::{headers, preview, public, send};
use crate::{
    house::{House, article, house, now, placed, text},
    live::{Events, everything},
    wire,
};

const LIST: &str =
    "{ documents(site: \"lanqiao\") { totalCount nodes { title draft { version } } } }";

test_harness::on_both_databases! {
    with house;

    async fn drafts_are_shown_to_those_who_ask_for_them(house: House) {
        let node = house.node().await;
        let reader = house.somebody_on("reader", Role::Reader, "lanqiao").await;
        let live = house.live_article("公开文").await;
        house.save(now(&live), text("修改稿")).await.expect("the draft is saved");
        let new = house.create(article("新稿")).await.expect("the draft is saved");

        let asked = preview(&node, &reader.token, LIST).await;
        let known = [("authorization", format!("Bearer {}", reader.token))];
        let ordinary = send(&node, &known, LIST).await.json()["data"].clone();

        assert_eq!(asked["documents"]["nodes"][0]["title"], "修改稿");
        assert_eq!(asked["documents"]["totalCount"], 1, "lists stay those of the public");
        assert_eq!(ordinary, public(&node, LIST).await, "a token alone is no wish to see drafts");
        let one = format!("{{ document(contentId: \"{}\") {{ title }} }}", new.document.content);
        assert_eq!(preview(&node, &reader.token, &one).await["document"]["title"], "新稿");
        assert_eq!(send(&node, &known, &one).await.json()["data"]["document"], Value::Null);
        node.stop().await;
    }

    async fn grants_say_which_drafts(house: House) {
        let node = house.node().await;
        let reader = house.somebody_on("reader", Role::Reader, "lanqiao-finance").await;
        let city = house.create(article("城市稿")).await.expect("the draft is saved");
        let mut new = article("财政稿");
        new.text.placements = vec![placed("lanqiao-finance", &["notices"], None)];
        let finance = house.create(new).await.expect("the draft is saved");
        let title = |of: &editorial::documents::SavedDraft| {
            format!("{{ document(contentId: \"{}\") {{ title }} }}", of.document.content)
        };

        assert_eq!(preview(&node, &reader.token, &title(&finance)).await["document"]["title"], "财政稿");
        assert_eq!(preview(&node, &reader.token, &title(&city)).await["document"], Value::Null);
        node.stop().await;
    }

    async fn every_draft_that_links_to_a_text_is_found(house: House) {
        let node = house.node().await;
        let reader = house.somebody_on("reader", Role::Reader, "lanqiao").await;
        let basis = house.live_article("依据").await;
        let mut linking = article("引用稿");
        linking.text.fields.insert("basis".into(), json!([basis.content]));
        house.create(linking.clone()).await.expect("the draft is saved");
        linking.text.fields.insert("title".into(), json!("已发引用"));
        let saved = house.create(linking).await.expect("the draft is saved");
        let live = house.make_public(&saved).await.document;
        house.save(now(&live), text("不再引用")).await.expect("the draft is saved");
        let asked = format!(
            "{{ document(contentId: \"{}\") {{ ... on Article {{ basedOnThis {{ title }} }} }} }}",
            basis.content
        );

        let shown = preview(&node, &reader.token, &asked).await;

        assert_eq!(shown["document"]["basedOnThis"], json!([{ "title": "引用稿" }]));
        assert_eq!(public(&node, &asked).await["document"]["basedOnThis"], json!([{ "title": "已发引用" }]));
        node.stop().await;
    }

    async fn drafts_are_asked_for_by_those_who_may_see_some(house: House) {
        let node = house.node().await;
        house.live_article("公开文").await;
        let operator = house.somebody("operator", vec![schema::permission::Grant {
            role: Role::Operator, scope: Scope::Hub,
        }]).await;
        let wish = ("gongbao-preview", "drafts".to_owned());
        // Before and after there is an answer that is kept.
        for _ in 0..2 {
            let nobody = send(&node, std::slice::from_ref(&wish), LIST).await;
            assert_eq!((nobody.status, nobody.problem().as_str()), (401, "unauthenticated"));
            public(&node, LIST).await;
        }
        assert_eq!(send(&node, &headers(&operator.token), LIST).await.status, 403);
        let misspelt = [("authorization", format!("Bearer {}", operator.token)), ("gongbao-preview", "yes".into())];
        assert_eq!(send(&node, &misspelt, LIST).await.status, 400);
        let link = [("authorization", "Bearer gbp_short".to_owned())];
        assert_eq!(send(&node, &link, LIST).await.status, 401, "nobody is taken for the public");
        node.stop().await;
    }

    async fn who_listens_hears_what_is_public(house: House) {
        let node = house.node().await;
        let (editor, reader) = (house.editor().await, house.somebody_on("reader", Role::Reader, "lanqiao").await);
        let live = house.live_article("公开文").await;
        house.save(now(&live), text("修改稿")).await.expect("the draft is saved");
        let link = house.link(&editor, live.id).await;
        let told = everything("kind document { title draft { version } } cursor");
        let expected = node.changes(None, "kind document { title draft { version } } cursor").await;
        let start = "wQAAAAAAAAAA";

        for secret in [link.secret.reveal(), &reader.token] {
            let given = headers(secret);
            let given: Vec<_> = given.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let mut events = Events::post(node.address, &told, json!({ "after": start }), &given).await;
            for change in &expected {
                assert_eq!(&events.change().await, change);
            }
        }
        node.stop().await;
    }

    async fn previews_are_no_way_into_the_management_api(house: House) {
        let node = house.node().await;
        let editor = house.editor().await;
        let draft = house.create(article("稿")).await.expect("the draft is saved");
        let link = house.link(&editor, draft.document.id).await;
        let body = json!({ "query": "{ documents { nodes { contentId } } }" }).to_string();
        for secret in [link.secret.reveal(), "gbp_"] {
            let bearer = format!("Bearer {secret}");
            let given = [("authorization", bearer.as_str()), ("content-type", "application/json")];
            let answer = wire::send(node.address, "POST", "/manage/graphql", &given, body.as_bytes()).await;
            assert_eq!((answer.status, answer.problem().as_str()), (401, "unauthenticated"));
        }
        // The header says nothing there: an editor stays an editor.
        let bearer = format!("Bearer {}", editor.token);
        let given = [("authorization", bearer.as_str()), ("content-type", "application/json"), ("gongbao-preview", "drafts")];
        let answer = wire::send(node.address, "POST", "/manage/graphql", &given, b"{\"query\":\"{ __typename }\"}").await;
        assert_eq!(answer.status, 200);
        node.stop().await;
    }
}
