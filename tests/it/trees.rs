//! Authorities, sites and columns: set up, changed, refused.

use editorial::{
    Refusal,
    arrange::{
        authorities::{change_authority, create_authority},
        columns::{change_column, create_column},
        sites::{change_site, create_site},
    },
};
use schema::{
    ids::SiteId,
    log::{Arrangement, Subject},
    message::Bilingual,
    names::{AuthorityKey, ColumnPath},
    permission::{Action, Role, Scope},
    tree::{Authority, Column, ColumnParticulars, Site},
};
use store::{columns, trees};

use crate::house::{House, actor, house, site_key};

/// Everything a test asks about trees.
impl House {
    pub(crate) async fn authority_now(&self, key: &str) -> Authority {
        let mut session = self.desk.store.reader().await.expect("a reader");
        let key: AuthorityKey = key.parse().expect("an authority key");
        let found = trees::authority_by_key(&mut session, &key).await.expect("an answer");
        found.expect("the authority exists")
    }

    pub(crate) async fn site_now(&self, key: &str) -> Site {
        let mut session = self.desk.store.reader().await.expect("a reader");
        let found = trees::site_by_key(&mut session, &site_key(key)).await.expect("an answer");
        found.expect("the site exists")
    }

    pub(crate) async fn column_now(&self, site: &str, path: &str) -> Column {
        let site = self.site(site).await;
        let mut session = self.desk.store.reader().await.expect("a reader");
        let found = columns::by_path(&mut session, site, &column_path(path)).await;
        found.expect("an answer").expect("the column is open")
    }

    pub(crate) async fn column_paths(&self, site: &str) -> Vec<String> {
        let site = self.site(site).await;
        let mut session = self.desk.store.reader().await.expect("a reader");
        let columns = columns::of_site(&mut session, site, false).await.expect("an answer");
        columns.into_iter().map(|column| column.path.to_string()).collect()
    }

    /// What the house went through, in order.
    pub(crate) async fn arrangements(&self) -> Vec<Arrangement> {
        let mut session = self.desk.store.reader().await.expect("a reader");
        let events = store::log::after(&mut session, 0, 10_000).await.expect("the log is read");
        events
            .into_iter()
            .filter_map(|stored| match stored.event.subject {
                Subject::Arrangement(arrangement) => Some(arrangement),
                Subject::Document(_) => None,
            })
            .collect()
    }

    pub(crate) async fn add_column(&self, site: &str, path: &str) -> Result<Column, Refusal> {
        let site = self.site(site).await;
        let path = column_path(path);
        self.act(async |work| create_column(work, site, &path, None, named("新栏目")).await).await
    }
}

pub(crate) fn column_path(path: &str) -> ColumnPath {
    path.parse().expect("a column path")
}

pub(crate) fn named(name: &str) -> ColumnParticulars {
    ColumnParticulars {
        name: Bilingual::new(name, "A column"),
        class: "通知公告".into(),
        description: None,
        keywords: vec![],
        update_period_days: Some(180),
    }
}

pub(crate) fn codes(refusal: &Refusal) -> Vec<(&str, &str)> {
    match refusal {
        Refusal::Invalid(faults) => faults.iter().map(|f| (f.path.as_str(), f.code)).collect(),
        other => panic!("not about values: {other:?}"),
    }
}

test_harness::on_both_databases! {
    with house;

    async fn a_tree_is_read_back_as_it_was_set_up(house: House) {
        let city = house.authority_now("lanqiao-city").await;
        let site = house.site_now("lanqiao").await;

        assert_eq!(city.parent, Some(house.authority("nanhe-province").await));
        assert_eq!(city.particulars.name.zh, "蓝桥市人民政府");
        assert_eq!((site.authority, site.parent), (city.id, Some(house.site("nanhe").await)));
        assert_eq!(house.column_paths("lanqiao").await, ["policy", "policy/finance", "news"]);
        let mut session = house.desk.store.reader().await.expect("a reader");
        let sites = trees::sites_of(&mut session, city.id).await.expect("an answer");
        let keys: Vec<_> = sites.iter().map(|site| site.key.as_str()).collect();
        assert_eq!(keys, ["lanqiao", "lanqiao-finance"]);
    }

    async fn columns_stand_in_the_order_of_their_positions(house: House) {
        let site = house.site("lanqiao").await;
        let first = column_path("guide");
        house
            .act(async |work| create_column(work, site, &first, Some(-1), named("指南")).await)
            .await
            .expect("it is created");
        house.add_column("lanqiao", "policy/water").await.expect("it is created");

        let finance = house.column_now("lanqiao", "policy/finance").await;
        house
            .act(async |work| {
                let particulars = finance.particulars.clone();
                change_column(work, finance.id, finance.version, 9, particulars).await
            })
            .await
            .expect("it is put behind");

        let expected = ["guide", "policy", "policy/water", "policy/finance", "news"];
        assert_eq!(house.column_paths("lanqiao").await, expected);
    }

    async fn nobody_stands_below_himself(house: House) {
        let province = house.authority_now("nanhe-province").await;
        let city = house.authority("lanqiao-city").await;
        let top = house.site_now("nanhe").await;
        let below = house.site("lanqiao-finance").await;

        for parent in [city, province.id] {
            let refused = house
                .act(async |work| {
                    let particulars = province.particulars.clone();
                    change_authority(work, province.id, 1, Some(parent), particulars).await
                })
                .await;
            assert_eq!(refused, Err(Refusal::Cycle("nanhe-province".into())));
        }
        let refused = house
            .act(async |work| {
                let particulars = top.particulars.clone();
                change_site(&house.desk, work, top.id, 1, Some(below), particulars).await
            })
            .await;
        assert_eq!(refused, Err(Refusal::Cycle("nanhe".into())));
    }

    async fn keys_and_paths_are_taken_once(house: House) {
        let city = house.authority_now("lanqiao-city").await;
        let site = house.site_now("lanqiao").await;

        let authority = house
            .act(async |work| {
                create_authority(work, &city.key, None, city.particulars.clone()).await
            })
            .await;
        let twin = house
            .act(async |work| {
                let particulars = site.particulars.clone();
                create_site(&house.desk, work, &site.key, city.id, None, particulars).await
            })
            .await;
        let column = house.add_column("lanqiao", "policy/finance").await;

        let exists = |what, name: &str| Refusal::Exists { what, name: name.into() };
        assert_eq!(authority, Err(exists("authority", "lanqiao-city")));
        assert_eq!(twin, Err(exists("site", "lanqiao")));
        assert_eq!(column, Err(exists("column", "lanqiao:policy/finance")));
        let below_nothing = house.add_column("lanqiao", "archive/2019").await;
        assert_eq!(below_nothing, Err(Refusal::not_found("column", "lanqiao:archive")));
    }

    async fn wrong_values_are_all_named(house: House) {
        let mut site = house.site_now("lanqiao").await;
        site.particulars.domain = "www.lanqiao.gov.cn/".into();
        site.particulars.paths = [("gazette".parse().expect("a type"), "/{id}".into())].into();
        let city = house.authority_now("lanqiao-city").await;
        let mut wrong = city.particulars.clone();
        wrong.region = "51".into();

        let refused = house
            .act(async |work| {
                let particulars = site.particulars.clone();
                change_site(&house.desk, work, site.id, 1, site.parent, particulars).await
            })
            .await
            .expect_err("the values are wrong");
        assert_eq!(codes(&refused), [("domain", "not_a_host"), ("paths.gazette", "unknown_type")]);
        let refused = house
            .act(async |work| change_authority(work, city.id, 1, city.parent, wrong.clone()).await)
            .await
            .expect_err("the values are wrong");
        assert_eq!(codes(&refused), [("region", "not_a_region_code")]);
    }

    async fn a_stale_change_is_refused_and_says_who_came_first(house: House) {
        let column = house.column_now("lanqiao", "news").await;
        let chief = house.on_site(Role::SiteAdministrator, "lanqiao", 7).await;
        let change = async |name: &'static str| {
            house
                .act_as(&chief, async |work| {
                    change_column(work, column.id, column.version, 2, named(name)).await
                })
                .await
        };
        change("要闻动态").await.expect("the first change");

        let refused = change("动态要闻").await.expect_err("the second was made to the same version");

        let Refusal::Stale { expected: 1, actual: 2, changed_by, changed_at } = refused else {
            panic!("not stale: {refused:?}");
        };
        assert_eq!(changed_by, chief.id);
        assert!(changed_at > "2026-03-02T01:00:00Z".parse().expect("a moment"));
        assert_eq!(house.column_now("lanqiao", "news").await.particulars.name.zh, "要闻动态");
    }

    async fn a_change_that_changes_nothing_leaves_no_event(house: House) {
        let site = house.site_now("lanqiao").await;
        let before = house.arrangements().await.len();

        let after = house
            .act(async |work| {
                let particulars = site.particulars.clone();
                change_site(&house.desk, work, site.id, 1, site.parent, particulars).await
            })
            .await
            .expect("it is accepted");

        assert_eq!(after, site);
        assert_eq!(house.arrangements().await.len(), before);
    }

    async fn whoever_arranges_one_site_arranges_no_other(house: House) {
        let chief = house.on_site(Role::SiteAdministrator, "lanqiao", 7).await;
        let editor = house.on_site(Role::Editor, "lanqiao", 8).await;
        let add = async |actor, site: SiteId, path: &str| {
            let path = column_path(path);
            house
                .act_as(actor, async |work| {
                    create_column(work, site, &path, None, named("公示")).await
                })
                .await
                .map(|(column, _)| column.path)
        };
        let (own, other) = (house.site("lanqiao").await, house.site("nanhe").await);

        let not_permitted = Refusal::NotPermitted(Action::Arrange);
        assert_eq!(add(&chief, own, "notices").await, Ok(column_path("notices")));
        assert_eq!(add(&chief, other, "notices").await, Err(not_permitted.clone()));
        assert_eq!(add(&editor, own, "open").await, Err(not_permitted));
    }

    async fn sites_and_authorities_are_the_hubs(house: House) {
        let city = house.authority_now("lanqiao-city").await;
        let site = house.site_now("lanqiao").await;
        let chief =
            actor("chief", 7, Role::PlatformAdministrator, Scope::Authority(city.id));
        let not_permitted = Refusal::NotPermitted(Action::ArrangeAuthorities);

        let created = house
            .act_as(&chief, async |work| {
                let particulars = site.particulars.clone();
                create_site(&house.desk, work, &site_key("twin"), city.id, None, particulars).await
            })
            .await;
        let moved = house
            .act_as(&chief, async |work| {
                let particulars = site.particulars.clone();
                change_site(&house.desk, work, site.id, 1, None, particulars).await
            })
            .await;
        let renamed = house
            .act_as(&chief, async |work| {
                let mut particulars = site.particulars.clone();
                particulars.name.zh = "蓝桥".into();
                change_site(&house.desk, work, site.id, 1, site.parent, particulars).await
            })
            .await;

        assert_eq!(created.err(), Some(not_permitted.clone()));
        assert_eq!(moved.err(), Some(not_permitted));
        assert_eq!(renamed.map(|(site, _)| site.version), Ok(2));
    }
}
