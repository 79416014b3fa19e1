//! Sites, columns and authorities, and what a home page needs.

use editorial::arrange::sites;
use schema::{
    message::Bilingual,
    tree::{Footer, Home, NavigationItem},
};
use serde_json::{Value, json};

use super::titles;
use crate::house::{House, article, house, placed};

impl House {
    /// The home page of `lanqiao`: a menu, a pinned document, a slot.
    async fn furnish(
        &self,
        pinned: &store::documents::Document,
        slotted: &store::documents::Document,
    ) {
        let site = self.site("lanqiao").await;
        self.act(async |work| {
            let site = store::trees::site(work.session(), site).await?.expect("the site exists");
            let mut particulars = site.particulars;
            particulars.footer = Footer {
                sponsor: Some(Bilingual::new(
                    "蓝桥市人民政府办公室",
                    "Office of the municipal government",
                )),
                icp: Some("南ICP备00000000号".into()),
                ..Footer::default()
            };
            particulars.home = Home {
                navigation: vec![NavigationItem {
                    label: Bilingual::new("政策", "Policy"),
                    column: Some("policy".parse().expect("a column path")),
                    url: None,
                    items: vec![NavigationItem {
                        label: Bilingual::new("省政府", "Province"),
                        column: None,
                        url: Some("https://www.nanhe.gov.cn/".into()),
                        items: Vec::new(),
                    }],
                }],
                pinned: vec![pinned.content],
                slots: [("头条".to_owned(), vec![slotted.content, pinned.content])].into(),
            };
            let (id, seen, parent) = (site.id, site.version, site.parent);
            sites::change_site(&self.desk, work, id, seen, parent, particulars).await
        })
        .await
        .expect("the site is changed");
    }
}

test_harness::on_both_databases! {
    with house;

    async fn a_home_page_is_one_question(house: House) {
        let pinned = house.live_article("置顶").await;
        let slotted = house.live_article("头条新闻").await;
        house.furnish(&pinned, &slotted).await;

        let data = house.front().ask(
            "{ site(key: \"lanqiao\") { name { zh } url domain locales authority { name { zh } parent { key } } parent { key } \
               navigation { label { zh } column { path name { en } } url items { label { zh } url column { path } } } \
               pinned { title url } slots { name documents { title } } \
               footer { sponsor { zh } icp publicSecurity } \
               columns { path children { path name { zh } parent { path } } documents(first: 1) { nodes { title } totalCount } } \
               documents(first: 5) { nodes { title } } } }",
        )
        .await;

        let site = &data["site"];
        assert_eq!(site["name"]["zh"], "蓝桥市人民政府门户网站");
        assert_eq!((&site["url"], &site["locales"]), (&json!("https://www.lanqiao.gov.cn/"), &json!(["zh-CN", "en"])));
        assert_eq!(site["authority"]["parent"]["key"], "nanhe-province");
        assert_eq!(site["parent"]["key"], "nanhe");
        let menu = &site["navigation"][0];
        assert_eq!(menu["column"], json!({ "path": "policy", "name": { "en": "Policies" } }));
        assert_eq!(menu["items"][0], json!({ "label": { "zh": "省政府" }, "url": "https://www.nanhe.gov.cn/", "column": null }));
        assert_eq!(titles(&site["pinned"]), ["置顶"]);
        assert_eq!(site["slots"][0]["name"], "头条");
        assert_eq!(titles(&site["slots"][0]["documents"]), ["头条新闻", "置顶"]);
        assert_eq!(site["footer"], json!({ "sponsor": { "zh": "蓝桥市人民政府办公室" }, "icp": "南ICP备00000000号", "publicSecurity": null }));
        let [policy, news] = &site["columns"].as_array().expect("a list")[..] else { panic!("{site}") };
        assert_eq!(policy["children"], json!([{ "path": "policy/finance", "name": { "zh": "财政" }, "parent": { "path": "policy" } }]));
        assert_eq!(policy["documents"], json!({ "nodes": [{ "title": "头条新闻" }], "totalCount": 2 }));
        assert_eq!(news["documents"], json!({ "nodes": [], "totalCount": 0 }));
        assert_eq!(titles(&site["documents"]["nodes"]), ["头条新闻", "置顶"]);
    }

    async fn a_column_asked_of_many_goes_on_when_asked_alone(house: House) {
        for title in ["一", "二", "三"] {
            house.live_article(title).await;
        }
        let front = house.front();
        let data = front.ask(
            "{ site(key: \"lanqiao\") { columns { path documents(first: 2) { nodes { title } pageInfo { hasNextPage endCursor } } } } }",
        )
        .await;
        let first = &data["site"]["columns"][0]["documents"];
        assert_eq!(titles(&first["nodes"]), ["三", "二"]);
        assert_eq!(first["pageInfo"]["hasNextPage"], true);

        let rest = front.ask_with(
            "query ($after: String) { column(site: \"lanqiao\", path: \"policy\") { \
             documents(after: $after) { nodes { title } pageInfo { hasNextPage } } } }",
            json!({ "after": first["pageInfo"]["endCursor"] }),
        )
        .await;
        assert_eq!(titles(&rest["column"]["documents"]["nodes"]), ["一"]);
        assert_eq!(rest["column"]["documents"]["pageInfo"]["hasNextPage"], false);
        let in_a_list = "{ site(key: \"lanqiao\") { columns { documents(orderBy: LISTED_AT_ASC) { nodes { title } } } } }";
        assert_eq!(front.refusal(in_a_list).await, "NOT_IN_A_LIST");
    }

    async fn sites_and_columns_are_found_by_their_names(house: House) {
        let mut new = article("新闻");
        new.text.placements = vec![placed("lanqiao", &["news"], None)];
        let draft = house.create(new).await.expect("it is saved");
        house.make_public(&draft).await;
        let front = house.front();

        let data = front.ask(
            "{ byKey: site(key: \"lanqiao\") { id } byDomain: site(domain: \"WWW.lanqiao.gov.cn\") { key id } \
               nowhere: site(key: \"nowhere\") { id } sites { key } \
               column(site: \"lanqiao\", path: \"news\") { id site { key } documents { nodes { title } totalCount } } \
               missing: column(site: \"lanqiao\", path: \"nothing\") { id } noPath: column(site: \"lanqiao\", path: \"政策\") { id } \
               authority(key: \"lanqiao-city\") { name { en } region level } }",
        )
        .await;

        assert_eq!(data["byKey"]["id"], data["byDomain"]["id"]);
        for nothing in ["nowhere", "missing", "noPath"] {
            assert_eq!(data[nothing], Value::Null, "{nothing}");
        }
        assert_eq!(data["sites"], json!([{ "key": "lanqiao" }, { "key": "lanqiao-finance" }, { "key": "nanhe" }]));
        assert_eq!(data["column"]["documents"], json!({ "nodes": [{ "title": "新闻" }], "totalCount": 1 }));
        assert_eq!(data["authority"]["region"], "990100");
        let column = data["column"]["id"].clone();
        let data = front.ask_with(
            "query ($id: ID!) { node(id: $id) { __typename ... on Column { path } } documents(filter: { column: $id }) { nodes { title } } }",
            json!({ "id": column }),
        )
        .await;
        assert_eq!(data["node"], json!({ "__typename": "Column", "path": "news" }));
        assert_eq!(titles(&data["documents"]["nodes"]), ["新闻"]);
    }
}
