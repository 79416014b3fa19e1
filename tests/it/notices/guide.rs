//! What docs/notices.md shows can be asked.

use schema::permission::Role;
use serde_json::json;

use crate::{
    live::Events,
    management::{Office, office},
};

const GUIDES: [&str; 2] =
    [include_str!("../../../docs/notices.md"), include_str!("../../../docs/notices.zh-CN.md")];

/// The examples of a guide in one language.
fn examples<'guide>(guide: &'guide str, language: &str) -> Vec<&'guide str> {
    let fence = format!("```{language}\n");
    guide.split(fence.as_str()).skip(1).filter_map(|rest| rest.split("```").next()).collect()
}

test_harness::on_both_databases! {
    with office;

    async fn every_example_does_what_it_says(office: Office) {
        let [put_up, show, listen] = examples(GUIDES[0], "graphql")[..] else { panic!("three") };
        let everything = office.token("everything", &[(Role::PlatformAdministrator, "")]).await;
        let node = office.house.node().await;
        let told = json!({ "after": node.head().await });

        let put = office.query(&everything, put_up, json!({})).await;

        assert_eq!(put["createSiteNotice"]["notice"]["phase"], "IN_FORCE");
        let shown = office.house.front().ask(show).await;
        assert_eq!(shown["site"]["notices"][0]["url"], "https://www.lanqiao.gov.cn/emergency");
        let mut events = Events::post(node.address, listen, told, &[]).await;
        assert_eq!(events.change().await["notice"]["severity"], "orange");
        node.stop().await;
    }
}

#[test]
fn both_guides_have_the_same_examples() {
    for language in ["graphql", "sh"] {
        let [english, chinese] = GUIDES.map(|guide| examples(guide, language));
        assert_eq!(english, chinese, "{language}");
    }
}
