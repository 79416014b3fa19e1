//! Columns renamed and moved: what becomes of their documents.

use editorial::{
    Refusal,
    arrange::{
        rearrange::{Rearranged, close_column, merge_column, move_column, rename_column},
        sites::change_site,
    },
};
use schema::{
    ids::{ColumnId, DocumentId},
    log::{ArrangedChange, ArrangedThing},
    message::Bilingual,
    tree::NavigationItem,
};
use store::{
    columns, listing, placements, reindex,
    routes::{self, RouteState},
};

use crate::{
    house::{House, article, house, locale, placed, text, told},
    trees::column_path,
};

impl House {
    /// An article on `lanqiao`, live, in `columns`, at `path` if one is given.
    pub(crate) async fn live_in(&self, columns: &[&str], path: Option<&str>) -> DocumentId {
        let mut new = article(&format!("{columns:?}"));
        new.text.placements = vec![placed("lanqiao", columns, path)];
        let draft = self.create(new).await.expect("the draft is saved");
        self.make_public(&draft).await.document.id
    }

    pub(crate) async fn rename(&self, path: &str, segment: &str) -> Result<Rearranged, Refusal> {
        let column = self.column_now("lanqiao", path).await;
        let segment = column_path(segment);
        self.act(async |work| {
            rename_column(work, column.id, column.version, Some(&segment), None).await
        })
        .await
    }

    pub(crate) async fn move_under(
        &self,
        path: &str,
        under: Option<&str>,
    ) -> Result<Rearranged, Refusal> {
        let column = self.column_now("lanqiao", path).await;
        let under = self.id_of(under).await;
        self.act(async |work| move_column(work, column.id, column.version, under).await).await
    }

    pub(crate) async fn merge(&self, path: &str, into: &str) -> Result<Rearranged, Refusal> {
        let column = self.column_now("lanqiao", path).await;
        let into = self.column_now("lanqiao", into).await.id;
        self.act(async |work| merge_column(work, column.id, column.version, into).await).await
    }

    pub(crate) async fn close(
        &self,
        path: &str,
        heir: Option<&str>,
    ) -> Result<Rearranged, Refusal> {
        let column = self.column_now("lanqiao", path).await;
        let heir = self.id_of(heir).await;
        self.act(async |work| close_column(work, column.id, column.version, heir).await).await
    }

    pub(crate) async fn id_of(&self, path: Option<&str>) -> Option<ColumnId> {
        match path {
            None => None,
            Some(path) => Some(self.column_now("lanqiao", path).await.id),
        }
    }

    /// Path and columns of a document on `lanqiao`.
    pub(crate) async fn stands(&self, document: DocumentId) -> (String, Vec<String>) {
        let mut session = self.desk.store.reader().await.expect("a reader");
        let positions = placements::positions(&mut session, document).await.expect("an answer");
        let [at] = &positions[..] else { panic!("one placement: {positions:?}") };
        (at.path.to_string(), at.columns.iter().map(ToString::to_string).collect())
    }

    /// Who holds a path of `lanqiao`, and how.
    pub(crate) async fn holder(&self, path: &str) -> Option<(DocumentId, RouteState)> {
        let site = self.site("lanqiao").await;
        let mut session = self.desk.store.reader().await.expect("a reader");
        let path = path.parse().expect("a path");
        routes::find(&mut session, site, &path).await.expect("an answer")
    }

    /// Where an old column path leads now.
    pub(crate) async fn heir(&self, path: &str) -> Option<String> {
        let site = self.site("lanqiao").await;
        let mut session = self.desk.store.reader().await.expect("a reader");
        let found = columns::former(&mut session, site, &column_path(path)).await;
        found.expect("an answer").map(|column| column.path.to_string())
    }

    /// The lists show what a rebuild would show, and nothing else is out of order.
    pub(crate) async fn lists_are_as_rebuilt(&self, documents: &[DocumentId]) {
        let listed = async || {
            let mut session = self.desk.store.reader().await.expect("a reader");
            let mut all = Vec::new();
            for document in documents {
                all.push(listing::of_document(&mut session, *document).await.expect("an answer"));
            }
            all
        };
        let before = listed().await;
        self.act(async |work| {
            for document in documents {
                reindex::document(work, &self.desk.types, *document).await?;
            }
            Ok(())
        })
        .await
        .expect("lists are rebuilt");
        assert_eq!(before, listed().await);
        assert_eq!(self.findings().await, []);
    }
}

test_harness::on_both_databases! {
    with house;

    async fn a_renamed_column_takes_its_documents_along(house: House) {
        let inside = house.live_in(&["policy/finance"], Some("/policy/finance/1")).await;
        let upper = house.live_in(&["policy"], Some("/policy/Notice-2")).await;
        let guest = house.live_in(&["news", "policy"], Some("/policy/3")).await;
        let elsewhere = house.live_in(&["policy"], Some("/orders/4")).await;

        let renamed = house.rename("policy", "documents").await.expect("it is renamed");

        assert_eq!((renamed.column.path.as_str(), renamed.readdressed), ("documents", 2));
        let stands = |path: &str, columns: &[&str]| {
            (path.to_owned(), columns.iter().map(|c| (*c).to_owned()).collect::<Vec<_>>())
        };
        let finance = stands("/documents/finance/1", &["documents/finance"]);
        assert_eq!(house.stands(inside).await, finance);
        assert_eq!(house.stands(upper).await, stands("/documents/Notice-2", &["documents"]));
        let stays = stands("/policy/3", &["news", "documents"]);
        assert_eq!(house.stands(guest).await, stays, "its main column is another");
        assert_eq!(house.stands(elsewhere).await, stands("/orders/4", &["documents"]));
        let led_on = Some((inside, RouteState::Former));
        assert_eq!(house.holder("/policy/finance/1").await, led_on);
        let current = Some((inside, RouteState::Current));
        assert_eq!(house.holder("/documents/finance/1").await, current);
        assert_eq!(house.heir("policy/finance").await.as_deref(), Some("documents/finance"));
        house.lists_are_as_rebuilt(&[inside, upper, guest, elsewhere]).await;
    }

    async fn one_event_stands_for_all_of_it(house: House) {
        house.live_in(&["policy"], Some("/policy/1")).await;
        let (documents, before) = (house.events().await.len(), house.arrangements().await.len());

        house.rename("policy", "documents").await.expect("it is renamed");

        assert_eq!(house.events().await.len(), documents, "targets are owed nothing");
        let arranged = house.arrangements().await;
        let [event] = &arranged[before..] else { panic!("one event: {arranged:?}") };
        assert_eq!((event.what, event.change), (ArrangedThing::Column, ArrangedChange::Moved));
        assert_eq!(event.key, "lanqiao:policy");
        assert_eq!(event.becomes.as_deref(), Some("lanqiao:documents"));
    }

    async fn renamed_back_and_forth_every_old_address_still_leads_on(house: House) {
        let document = house.live_in(&["policy"], Some("/policy/1")).await;

        house.rename("policy", "documents").await.expect("there");
        house.rename("documents", "policy").await.expect("and back");

        assert_eq!(house.stands(document).await.0, "/policy/1");
        assert_eq!(house.holder("/policy/1").await, Some((document, RouteState::Current)));
        assert_eq!(house.holder("/documents/1").await, Some((document, RouteState::Former)));
        assert_eq!(house.heir("documents").await.as_deref(), Some("policy"));
        assert_eq!(house.heir("policy").await, None, "what is in use is nobody's former path");
    }

    async fn a_document_keeps_its_address_where_the_new_one_is_held(house: House) {
        let document = house.live_in(&["policy"], Some("/policy/1")).await;
        let holder = house.live_in(&["news"], Some("/documents/1")).await;
        let second = house.live_in(&["policy"], Some("/policy/2")).await;
        let gone_by = house.live_in(&["news"], Some("/documents/2")).await;
        let gone_by = house.seen(gone_by).await.expect("it is live");
        let mut elsewhere = text("移走");
        elsewhere.placements = vec![placed("lanqiao", &["news"], Some("/news/2"))];
        house.correct(&gone_by, elsewhere).await;

        let renamed = house.rename("policy", "documents").await.expect("it is renamed");

        assert_eq!(renamed.readdressed, 0);
        assert_eq!(house.stands(document).await.0, "/policy/1");
        assert_eq!(house.holder("/policy/1").await, Some((document, RouteState::Current)));
        assert_eq!(house.holder("/documents/1").await, Some((holder, RouteState::Current)));
        assert_eq!(house.stands(second).await.0, "/policy/2");
        let still = Some((gone_by.id, RouteState::Former));
        assert_eq!(house.holder("/documents/2").await, still, "old addresses are held too");
        house.lists_are_as_rebuilt(&[document, holder, second, gone_by.id]).await;
    }

    async fn translations_follow_below_their_language(house: House) {
        let draft = house.create(article("财政")).await.expect("it is saved");
        let main = house.make_public(&draft).await.document;
        let mut english = article("Finance");
        english.content = Some(main.content);
        english.locale = locale("en");
        let draft = house.create(english).await.expect("it is saved");
        let english = house.make_public(&draft).await.document;
        let before = house.stands(english.id).await.0;
        assert!(before.starts_with("/en/policy/finance/"), "{before}");

        house.rename("policy/finance", "money").await.expect("it is renamed");

        let (after, old) = (house.stands(english.id).await.0, before.replace("finance", "money"));
        assert_eq!(after, old);
        assert_eq!(house.holder(&before).await, Some((english.id, RouteState::Former)));
    }

    async fn a_new_name_alone_moves_nothing(house: House) {
        let document = house.live_in(&["news"], Some("/news/1")).await;
        let column = house.column_now("lanqiao", "news").await;
        let name = Bilingual::new("今日蓝桥", "Lanqiao today");
        let rename = async |version| {
            house
                .act(async |work| {
                    rename_column(work, column.id, version, None, Some(name.clone())).await
                })
                .await
        };

        let renamed = rename(1).await.expect("it is renamed");
        let events = house.arrangements().await.len();
        let again = rename(2).await.expect("it is accepted");

        assert_eq!((renamed.column.particulars.name.zh.as_str(), renamed.readdressed), ("今日蓝桥", 0));
        assert_eq!(again.column, renamed.column);
        assert_eq!(house.arrangements().await.len(), events, "the second time changed nothing");
        assert_eq!(house.stands(document).await.0, "/news/1");
    }

    async fn a_moved_column_is_listed_under_its_new_ancestors(house: House) {
        let document = house.live_in(&["policy/finance"], Some("/policy/finance/1")).await;
        let both = house.live_in(&["policy/finance", "policy"], None).await;
        let withdrawn = house.live_article("撤回").await;
        house.withdraw(&withdrawn, told("核实", "Under review")).await.expect("it is withdrawn");

        let moved = house.move_under("policy/finance", Some("news")).await.expect("it is moved");

        assert_eq!(moved.column.path.as_str(), "news/finance");
        assert_eq!(moved.readdressed, 3, "what is withdrawn has an address too");
        assert_eq!(house.stands(document).await.0, "/news/finance/1");
        assert_eq!(house.column_paths("lanqiao").await, ["policy", "news", "news/finance"]);
        house.lists_are_as_rebuilt(&[document, both, withdrawn.id]).await;

        house.move_under("news/finance", None).await.expect("it is moved to the top");
        assert_eq!(house.stands(document).await.0, "/finance/1");
        assert_eq!(house.heir("policy/finance").await.as_deref(), Some("finance"));
        house.lists_are_as_rebuilt(&[document, both, withdrawn.id]).await;
    }

    async fn a_column_goes_nowhere_it_cannot_stand(house: House) {
        let foreign = house.column_now("nanhe", "news").await.id;
        let own = house.column_now("lanqiao", "news").await;
        house.add_column("lanqiao", "news/finance").await.expect("it is created");

        let below_itself = house.move_under("policy", Some("policy/finance")).await;
        assert_eq!(below_itself, Err(Refusal::Cycle("lanqiao:policy".into())));
        let into_its_own = house.merge("policy", "policy/finance").await;
        assert_eq!(into_its_own, Err(Refusal::Cycle("lanqiao:policy".into())));
        let taken = house.move_under("policy/finance", Some("news")).await;
        let name = "lanqiao:news/finance".to_owned();
        assert_eq!(taken, Err(Refusal::Exists { what: "column", name: name.clone() }));
        let merged = house.merge("policy", "news").await;
        assert_eq!(merged, Err(Refusal::Exists { what: "column", name }));
        let across =
            house.act(async |work| merge_column(work, own.id, own.version, foreign).await).await;
        assert_eq!(across.expect_err("another site").code(), "invalid");
        let several = house.rename("policy/finance", "a/b").await;
        assert_eq!(several.expect_err("several segments").code(), "invalid");
    }

    async fn two_moves_at_once_close_no_circle(house: House) {
        let policy = house.column_now("lanqiao", "policy").await.id;
        let news = house.column_now("lanqiao", "news").await.id;
        let put = async |column, under| {
            house.act(async |work| move_column(work, column, 1, Some(under)).await).await
        };

        let (one, other) = tokio::join!(put(policy, news), put(news, policy));

        assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
        let refused = one.err().or(other.err()).expect("one was refused");
        assert_eq!(refused.code(), "cycle");
        assert_eq!(house.column_paths("lanqiao").await.len(), 3, "all hang in the tree");
    }

    async fn the_tree_gets_no_deeper_than_paths_allow(house: House) {
        let mut path = "news".to_owned();
        for _ in 0..6 {
            path.push_str("/x");
            house.add_column("lanqiao", &path).await.expect("it is created");
        }

        let refused = house.move_under("policy", Some(&path)).await;

        let Err(Refusal::Invalid(faults)) = refused else { panic!("not refused: {refused:?}") };
        assert_eq!(faults[0].code, "too_deep", "policy/finance would stand on the ninth level");
        assert_eq!(house.column_now("lanqiao", "policy/finance").await.path.as_str(), "policy/finance");
    }

    async fn the_menu_follows_its_columns(house: House) {
        let item = |column: &str| NavigationItem {
            label: Bilingual::new("栏目", "A column"),
            column: Some(column_path(column)),
            url: None,
            items: vec![],
        };
        let mut site = house.site_now("lanqiao").await;
        site.particulars.home.navigation = vec![item("policy/finance"), item("news")];
        house
            .act(async |work| {
                let particulars = site.particulars.clone();
                change_site(&house.desk, work, site.id, 1, site.parent, particulars).await
            })
            .await
            .expect("a menu is set");

        house.rename("policy", "documents").await.expect("it is renamed");
        house.close("news", None).await.expect("it is empty");

        let menu = house.site_now("lanqiao").await.particulars.home.navigation;
        assert_eq!(menu, [item("documents/finance")]);
    }
}
