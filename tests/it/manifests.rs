//! A tree written down and applied, as often as one likes.

use editorial::arrange::{
    manifest::{self, Manifest},
    sites::change_site,
};
use schema::{log::ArrangedChange, names::AuthorityKey};
use store::trees;

use crate::{
    house::{House, house},
    trees::codes,
};

test_harness::on_both_databases! {
    with house;

    async fn a_manifest_applied_twice_changes_nothing(house: House) {
        let tree = Manifest::parse(include_str!("house.toml")).expect("a manifest");
        let before = house.arrangements().await;
        assert!(before.iter().all(|arranged| arranged.change == ArrangedChange::Created));

        let applied = house
            .act(async |work| manifest::apply(&house.desk, work, &tree).await)
            .await
            .expect("it is applied");

        assert_eq!((applied.created.len(), applied.changed.len()), (0, 0));
        // Beside what stands in the tree, the review of the hub.
        assert_eq!(applied.unchanged.len(), before.len() + 1);
        assert_eq!(house.arrangements().await, before);
    }

    async fn a_manifest_changes_what_it_names_and_leaves_the_rest(house: House) {
        let mut site = house.site_now("lanqiao").await;
        site.particulars.origins = vec!["https://m.lanqiao.gov.cn".into()];
        house
            .act(async |work| {
                let particulars = site.particulars.clone();
                change_site(&house.desk, work, site.id, 1, site.parent, particulars).await
            })
            .await
            .expect("an origin is added on the running site");
        // Children first: the order of a file is not the order of the tree.
        let tree = Manifest::parse(r#"
            [[authority]]
            key = "qingshui-county"
            parent = "yunling-city"
            level = "county"
            region = "990201"
            name = { zh = "清水县人民政府", en = "Qingshui County People's Government" }
            [[authority]]
            key = "yunling-city"
            parent = "nanhe-province"
            level = "city"
            region = "990200"
            name = { zh = "云岭市人民政府", en = "Yunling Municipal People's Government" }
            [[site]]
            key = "lanqiao"
            authority = "lanqiao-city"
            domain = "lanqiao.gov.cn"
            locales = ["zh-CN", "en"]
            name = { zh = "蓝桥市人民政府门户网站", en = "Lanqiao Municipal Government" }
            [[site.column]]
            path = "letters/answers"
            class = "回应关切"
            name = { zh = "答复选登", en = "Answers" }
            [[site.column]]
            path = "letters"
            class = "互动交流"
            name = { zh = "领导信箱", en = "Letters" }
        "#).expect("a manifest");

        let applied = house
            .act(async |work| manifest::apply(&house.desk, work, &tree).await)
            .await
            .expect("it is applied");

        let created = [
            "authority yunling-city",
            "authority qingshui-county",
            "column lanqiao:letters",
            "column lanqiao:letters/answers",
        ];
        assert_eq!(applied.created, created);
        assert_eq!(applied.changed, ["site lanqiao"]);
        let after = house.site_now("lanqiao").await;
        assert_eq!(after.particulars.domain, "lanqiao.gov.cn");
        assert_eq!(after.particulars.origins, site.particulars.origins);
        assert_eq!(after.parent, site.parent);
    }

    async fn a_refused_manifest_names_the_entry_and_leaves_nothing(house: House) {
        let authority = |key: &str, parent: &str, region: &str| {
            format!(
                "[[authority]]\nkey = \"{key}\"\nparent = \"{parent}\"\nlevel = \"county\"\n\
                 region = \"{region}\"\nname = {{ zh = \"某县\", en = \"A county\" }}\n"
            )
        };
        let apply = async |text: String| {
            let tree = Manifest::parse(&text).expect("a manifest");
            house
                .act(async |work| manifest::apply(&house.desk, work, &tree).await)
                .await
                .expect_err("it is refused")
        };

        let good = authority("qingshui-county", "lanqiao-city", "990101");
        let unknown = apply(good.clone() + &authority("x-county", "nowhere", "990102")).await;
        let wrong = apply(good.clone() + &authority("x-county", "lanqiao-city", "9")).await;
        let circle = authority("a-county", "b-county", "990103")
            + &authority("b-county", "a-county", "990104");
        let circle = apply(circle).await;

        assert_eq!(codes(&unknown), [("authority x-county", "not_found")]);
        assert_eq!(codes(&wrong), [("authority x-county: region", "not_a_region_code")]);
        assert_eq!(codes(&circle), [("authority a-county", "cycle")]);
        let key: AuthorityKey = "qingshui-county".parse().expect("an authority key");
        let mut session = house.desk.store.reader().await.expect("a reader");
        let found = trees::authority_by_key(&mut session, &key).await.expect("an answer");
        assert_eq!(found, None, "what came before the mistake is not kept");
    }
}
