//! What readers get: by id, by path, by content, by link, and of the log.

use editorial::documents::{self, DraftText, PlaceElsewhere, Target};
use schema::{
    ids::{ContentId, DocumentId, SiteId},
    permission::{Role, Scope},
    viewer::Viewer,
    visibility::{Notice, Removal, Visibility},
};
use serde_json::json;
use store::{
    Session,
    documents::Document,
    reading::{self, Answer, AtPath, Change, Changed, Item, ListQuery, ListScope},
};

use crate::house::{
    House, actor, article, fields, house, locale, now, placed, site_key, text, told,
};

impl House {
    async fn session(&self) -> Session {
        self.desk.store.reader().await.expect("a reader")
    }

    async fn answer(&self, viewer: &Viewer, id: DocumentId) -> Option<Answer> {
        let mut session = self.session().await;
        let mut found =
            reading::answers(&mut session, viewer, &[id], None).await.expect("an answer");
        found.remove(&id)
    }

    async fn item(&self, id: DocumentId) -> Item {
        self.answer(&Viewer::Public, id).await.and_then(Answer::into_item).expect("it is shown")
    }

    async fn at(&self, site: &str, path: &str) -> Option<AtPath> {
        let site = self.site(site).await;
        let path = path.parse().expect("a path");
        reading::at_path(&mut self.session().await, &Viewer::Public, site, &path)
            .await
            .expect("an answer")
    }

    async fn newest_of(&self, scope: ListScope) -> Vec<DocumentId> {
        let query = ListQuery::newest(scope);
        let page = reading::list(&mut self.session().await, &Viewer::Public, &query).await;
        page.expect("a page").items.into_iter().map(|item| item.id).collect()
    }

    async fn whole(&self, viewer: &Viewer, id: DocumentId) -> bool {
        let texts = reading::contents(&mut self.session().await, viewer, &[id]).await;
        texts.expect("the texts").contains_key(&id)
    }

    /// A live article at a path of its own.
    async fn article_at(&self, title: &str, path: &str) -> Document {
        let mut new = article(title);
        new.text.placements = vec![placed("lanqiao", &["policy"], Some(path))];
        let draft = self.create(new).await.expect("the draft is saved");
        self.make_public(&draft).await.document
    }

    async fn removed(&self, document: &Document, removal: Removal, notice: Notice) {
        self.act(async |work| {
            documents::remove(&self.desk, work, now(document), removal, notice.clone()).await
        })
        .await
        .expect("it is removed");
    }

    async fn recalled_silently(&self, document: &Document) {
        let notice = Notice { silent: true, ..Notice::default() };
        self.act(async |work| {
            documents::recall(&self.desk, work, document.content, notice.clone()).await
        })
        .await
        .expect("it is recalled");
    }

    async fn placed_on_nanhe(&self, document: &Document, path: &str) {
        let digest = self.item(document.id).await.digest;
        let approver = self.on_site(Role::Approver, "nanhe", 50).await;
        let request = PlaceElsewhere {
            target: Target { document: document.id, version: None },
            placement: placed("nanhe", &["news"], Some(path)),
            approved: Some(digest),
        };
        self.act_as(&approver, async |work| {
            documents::place_elsewhere(&self.desk, work, request.clone()).await
        })
        .await
        .expect("it is placed there");
    }

    async fn withdrawn_on_nanhe(&self, document: &Document) {
        let approver = self.on_site(Role::Approver, "nanhe", 50).await;
        let target = Target { document: document.id, version: None };
        self.act_as(&approver, async |work| {
            let notice = told("本站撤下", "Taken down here");
            documents::withdraw_elsewhere(&self.desk, work, target, &site_key("nanhe"), notice)
                .await
        })
        .await
        .expect("it is withdrawn there");
    }

    async fn with_english(&self, main: &Document, title: &str) -> Document {
        let mut new = article(title);
        new.content = Some(main.content);
        new.locale = locale("en");
        let draft = self.create(new).await.expect("the translation is saved");
        self.make_public(&draft).await.document
    }

    async fn link_to(&self, content: ContentId, tag: &str) -> Option<Item> {
        let (mut session, tag) = (self.session().await, locale(tag));
        let found =
            reading::items_of_contents(&mut session, &Viewer::Public, &[content], &tag, None).await;
        found.expect("an answer").remove(&content)
    }

    async fn linking(&self, target: &Document, tag: &str, limit: u32) -> Vec<DocumentId> {
        let mut session = self.session().await;
        let (r#type, field) =
            ("article".parse().expect("a name"), "basis".parse().expect("a name"));
        let targets = [target.content];
        let viewer = &Viewer::Public;
        reading::linking(&mut session, viewer, &targets, &r#type, &field, &locale(tag), limit)
            .await
            .expect("an answer")
            .remove(&target.content)
            .unwrap_or_default()
    }
}

fn based_on(title: &str, basis: &Document) -> DraftText {
    let mut text = text(title);
    text.fields.insert("basis".into(), json!([basis.content]));
    text
}

fn path_of(item: &Item) -> (SiteId, &str) {
    let placement = item.placement.as_ref().expect("it stands somewhere");
    (placement.site, placement.path.as_str())
}

test_harness::on_both_databases! {
    with house;

    async fn an_item_says_what_lists_show(house: House) {
        let mut new = article("甲");
        new.text.fields = fields(json!({
            "title": "甲", "body": "<p>正文共六个字</p>", "writtenOn": "2026-01-05",
        }));
        let draft = house.create(new).await.expect("the draft is saved");
        let document = house.make_public(&draft).await.document;
        let mut corrected = text("乙");
        corrected.change_note = Some(schema::message::Bilingual::new("改正标题", "Title corrected"));
        corrected.importance = schema::edition::Importance::Minor;
        let document = house.correct(&document, corrected.clone()).await.document;

        let item = house.item(document.id).await;

        let live = house.read(document.id).await.expect("it is live");
        assert_eq!((item.edition, item.edition_id), (2, live.edition));
        assert_eq!((item.digest, item.content_digest), (live.digest, live.content_digest));
        assert_eq!(Some(item.first_published_at), document.first_published_at);
        assert_eq!(Some(item.published_at), document.published_at);
        assert_eq!(item.major_at, item.first_published_at, "nobody was told of a slip of the pen");
        assert_eq!(item.change_note, corrected.change_note);
        assert_eq!(item.card.fields["title"], "乙");
        assert!(!item.card.fields.contains_key("body"), "lists carry no bodies");
        assert_eq!((item.summary.as_str(), item.characters), ("乙的正文。", 5));
        assert_eq!((item.visibility, item.notice.clone()), (Visibility::Live, None));
        assert_eq!(path_of(&item).0, house.site("lanqiao").await);
    }

    async fn a_draft_is_nowhere(house: House) {
        let mut new = article("草稿");
        new.text.placements = vec![placed("lanqiao", &["policy"], Some("/policy/draft"))];
        let draft = house.create(new).await.expect("the draft is saved").document;
        let editor = Viewer::Known(house.on_site(Role::Editor, "lanqiao", 8).await);

        for viewer in [&Viewer::Public, &editor] {
            assert_eq!(house.answer(viewer, draft.id).await, None);
            assert!(!house.whole(viewer, draft.id).await);
        }
        assert_eq!(house.at("lanqiao", "/policy/draft").await, None);
        assert_eq!(house.link_to(draft.content, "zh-CN").await, None);
        assert_eq!(house.newest_of(ListScope::Hub).await, []);
    }

    async fn a_draft_of_a_live_document_changes_nothing_for_readers(house: House) {
        let document = house.live_article("甲").await;
        let before = house.item(document.id).await;
        house.save(now(&document), text("乙")).await.expect("the draft is saved");

        assert_eq!(house.item(document.id).await, before);
        let mut session = house.session().await;
        let texts = reading::contents(&mut session, &Viewer::Public, &[document.id]).await;
        assert_eq!(texts.expect("the texts")[&document.id].fields["title"], "甲");
    }

    async fn what_is_withdrawn_answers_with_its_notice_and_is_in_no_list(house: House) {
        let document = house.article_at("甲", "/policy/one").await;
        let mut notice = told("更正中", "Being corrected");
        notice.shows_text = true;
        let withdrawn = house.withdraw(&document, notice.clone()).await.expect("it is withdrawn");

        let item = house.item(document.id).await;
        assert_eq!((item.visibility, item.notice), (Visibility::Withdrawn, Some(notice.clone())));
        let placement = item.placement.expect("it stands somewhere");
        assert_eq!((placement.visibility, placement.notice), (Visibility::Withdrawn, Some(notice)));
        assert!(house.whole(&Viewer::Public, document.id).await);
        assert!(matches!(house.at("lanqiao", "/policy/one").await, Some(AtPath::Here(_))));
        assert_eq!(house.newest_of(ListScope::Hub).await, []);
        assert_eq!(house.link_to(document.content, "zh-CN").await, None);

        let alone = told("已撤回", "Withdrawn");
        house.withdraw(&withdrawn, alone.clone()).await.expect("the text closes");
        let Some(Answer::Closed(closed)) = house.answer(&Viewer::Public, document.id).await else {
            panic!("the notice stands alone")
        };
        assert_eq!((closed.visibility, closed.notice), (Visibility::Withdrawn, Some(alone)));
        assert_eq!(closed.placement.map(|p| p.path.to_string()), Some("/policy/one".into()));
        assert!(!house.whole(&Viewer::Public, document.id).await);
        let auditor = Viewer::Known(actor("审计", 30, Role::Auditor, Scope::Hub));
        assert!(house.whole(&auditor, document.id).await, "the auditor reads on");
        let stranger = Viewer::Known(house.on_site(Role::Auditor, "nanhe", 31).await);
        assert!(!house.whole(&stranger, document.id).await);
    }

    async fn what_is_gone_redirected_or_recalled_leaves_its_notice(house: House) {
        let auditor = Viewer::Known(actor("审计", 30, Role::Auditor, Scope::Hub));
        let mut led = told("已整合", "Consolidated");
        led.address = Some("/policy/new".into());
        for (number, removal) in [(1, Some(Removal::Gone)), (2, Some(Removal::Redirect)), (3, None)] {
            let path = format!("/policy/{number}");
            let document = house.article_at("甲", &path).await;
            match removal {
                Some(removal) => house.removed(&document, removal, led.clone()).await,
                None => drop(house.recall(&document).await),
            }

            let visibility = removal.map_or(Visibility::Recalled, Removal::visibility);
            let Some(AtPath::Closed(closed)) = house.at("lanqiao", &path).await else {
                panic!("a notice")
            };
            assert_eq!((closed.id, closed.visibility, closed.edition), (document.id, visibility, 1));
            assert_eq!(closed.notice.is_some_and(|n| n.address.is_some()), removal.is_some());
            for viewer in [&Viewer::Public, &auditor] {
                let answer = house.answer(viewer, document.id).await;
                assert!(matches!(answer, Some(Answer::Closed(_))), "{answer:?}");
            }
        }
    }

    async fn what_vanished_or_was_recalled_silently_never_was(house: House) {
        let vanished = house.article_at("甲", "/policy/vanished").await;
        house.removed(&vanished, Removal::Vanish, Notice::default()).await;
        let recalled = house.article_at("乙", "/policy/recalled").await;
        house.recalled_silently(&recalled).await;

        for (document, path) in [(&vanished, "/policy/vanished"), (&recalled, "/policy/recalled")] {
            assert_eq!(house.answer(&Viewer::Public, document.id).await, None);
            assert_eq!(house.at("lanqiao", path).await, None);
            let mut session = house.session().await;
            let (viewer, zh) = (&Viewer::Public, locale("zh-CN"));
            let found =
                reading::at_content(&mut session, viewer, document.content, &zh, None).await;
            assert_eq!(found.expect("an answer"), None);
            let auditor = Viewer::Known(actor("审计", 30, Role::Auditor, Scope::Hub));
            assert!(house.answer(&auditor, document.id).await.is_some(), "the auditor knows");
        }
    }

    async fn an_old_path_leads_to_where_the_document_stands_now(house: House) {
        let document = house.article_at("甲", "/policy/one").await;
        let mut moved = text("甲");
        moved.placements = vec![placed("lanqiao", &["news"], Some("/news/two"))];
        let document = house.correct(&document, moved).await.document;

        let Some(AtPath::Moved(item)) = house.at("lanqiao", "/policy/one").await else {
            panic!("it moved")
        };
        assert_eq!(path_of(&item), (house.site("lanqiao").await, "/news/two"));
        assert!(matches!(house.at("lanqiao", "/news/two").await, Some(AtPath::Here(_))));
        assert_eq!(house.at("nanhe", "/news/two").await, None, "paths are of one site");

        let mut left = text("甲");
        left.placements = vec![placed("lanqiao-finance", &["notices"], Some("/notices/three"))];
        house.correct(&document, left).await;
        let Some(AtPath::Moved(item)) = house.at("lanqiao", "/policy/one").await else {
            panic!("it left the site")
        };
        assert_eq!(path_of(&item), (house.site("lanqiao-finance").await, "/notices/three"));
    }

    async fn home_is_the_first_site_that_the_edition_names(house: House) {
        for sites in [["lanqiao", "lanqiao-finance"], ["lanqiao-finance", "lanqiao"]] {
            let mut new = article("甲");
            let column = |site| if site == "lanqiao" { "policy" } else { "notices" };
            new.text.placements =
                sites.map(|site| placed(site, &[column(site)], None)).into_iter().collect();
            let draft = house.create(new).await.expect("the draft is saved");
            let document = house.make_public(&draft).await.document;

            assert_eq!(path_of(&house.item(document.id).await).0, house.site(sites[0]).await);
            let asked = Some(house.site(sites[1]).await);
            let mut session = house.session().await;
            let ids = [document.id];
            let items = reading::items(&mut session, &Viewer::Public, &ids, asked).await;
            let item = items.expect("the items").remove(&document.id).expect("it is shown");
            assert_eq!(Some(path_of(&item).0), asked, "unless another site asks");
        }
    }

    async fn a_site_that_took_it_down_shows_its_own_notice(house: House) {
        let document = house.article_at("甲", "/policy/one").await;
        house.placed_on_nanhe(&document, "/news/one").await;
        let Some(AtPath::Here(item)) = house.at("nanhe", "/news/one").await else {
            panic!("it stands there")
        };
        assert_eq!(path_of(&item), (house.site("nanhe").await, "/news/one"));
        let nanhe = ListScope::Site(house.site("nanhe").await);
        assert_eq!(house.newest_of(nanhe).await, [document.id]);

        house.withdrawn_on_nanhe(&document).await;

        let Some(AtPath::Closed(closed)) = house.at("nanhe", "/news/one").await else {
            panic!("a notice")
        };
        assert_eq!(closed.visibility, Visibility::Withdrawn);
        assert_eq!(closed.notice, Some(told("本站撤下", "Taken down here")));
        assert_eq!(house.newest_of(nanhe).await, []);
        assert!(matches!(house.at("lanqiao", "/policy/one").await, Some(AtPath::Here(_))));
        let asked = Some(house.site("nanhe").await);
        let mut session = house.session().await;
        let items = reading::items(&mut session, &Viewer::Public, &[document.id], asked).await;
        let item = items.expect("the items").remove(&document.id).expect("it is live elsewhere");
        assert_eq!(path_of(&item).0, house.site("lanqiao").await, "shown at home");
    }

    async fn links_lead_to_the_language_asked_for_or_the_main_one(house: House) {
        let main = house.live_article("通知").await;
        let english = house.with_english(&main, "Notice").await;

        let in_english = house.link_to(main.content, "en").await.expect("there is one");
        let in_tibetan = house.link_to(main.content, "bo").await.expect("the main one stands in");
        assert_eq!(in_english.id, english.id);
        assert_eq!((in_tibetan.id, in_tibetan.main_locale), (main.id, true));

        let mut session = house.session().await;
        let all = reading::translations(&mut session, &Viewer::Public, &[main.content], None).await;
        let all = all.expect("the translations").remove(&main.content).expect("two");
        drop(session);
        assert_eq!(all.iter().map(|item| item.id).collect::<Vec<_>>(), [main.id, english.id]);

        house.withdraw(&english, told("译文有误", "Mistranslated")).await.expect("withdrawn");
        let fallback = house.link_to(main.content, "en").await.expect("the main one stands in");
        assert_eq!(fallback.id, main.id);
        let (content, en) = (main.content, locale("en"));
        let mut session = house.session().await;
        let at = reading::at_content(&mut session, &Viewer::Public, content, &en, None).await;
        let at = at.expect("an answer").expect("there is something");
        assert!(matches!(at, Answer::Closed(closed) if closed.id == english.id));
    }

    async fn who_links_here_is_known_while_it_is_live(house: House) {
        let basis = house.live_article("依据").await;
        let mut linking = Vec::new();
        for title in ["甲", "乙", "丙"] {
            let mut new = article(title);
            new.text = based_on(title, &basis);
            let draft = house.create(new).await.expect("the draft is saved");
            linking.push(house.make_public(&draft).await.document);
        }
        let english = house.with_english(&linking[0], "A").await;
        let ids: Vec<_> = linking.iter().map(|document| document.id).collect();

        assert_eq!(house.linking(&basis, "zh-CN", 9).await, [ids[2], ids[1], ids[0]]);
        assert_eq!(house.linking(&basis, "zh-CN", 2).await, [ids[2], ids[1]], "the newest");
        assert_eq!(house.linking(&basis, "en", 9).await, [english.id, ids[2], ids[1]]);

        house.withdraw(&linking[2], told("撤回", "Withdrawn")).await.expect("withdrawn");
        assert_eq!(house.linking(&basis, "zh-CN", 9).await, [ids[1], ids[0]]);
    }

    async fn columns_are_those_of_live_placements(house: House) {
        let mut new = article("甲");
        new.text.placements = vec![
            placed("lanqiao", &["policy/finance", "news"], None),
            placed("lanqiao-finance", &["notices"], None),
        ];
        let draft = house.create(new).await.expect("the draft is saved");
        let document = house.make_public(&draft).await.document;
        let (lanqiao, finance) = (house.site("lanqiao").await, house.site("lanqiao-finance").await);

        let mut session = house.session().await;
        let mut sites = Vec::new();
        for site in [None, Some(lanqiao)] {
            let columns = reading::columns_of(&mut session, &[document.id], site).await;
            let columns = columns.expect("the columns").remove(&document.id).expect("some");
            sites.push(columns.iter().map(|(site, _)| *site).collect::<Vec<_>>());
        }
        sites[0].sort_unstable_by_key(|site| *site == finance);
        assert_eq!(sites, [vec![lanqiao, lanqiao, finance], vec![lanqiao, lanqiao]]);
    }

    async fn every_read_is_one_statement_however_many_are_asked_for(house: House) {
        let mut ids = Vec::new();
        let mut contents = Vec::new();
        for title in ["甲", "乙", "丙", "丁"] {
            let document = house.live_article(title).await;
            ids.push(document.id);
            contents.push(document.content);
        }
        let zh = locale("zh-CN");
        let viewer = Viewer::Known(house.administrator.clone());
        let (article, basis) = ("article".parse().expect("a name"), "basis".parse().expect("a name"));
        let mut session = house.session().await;
        for count in [1, 4] {
            let (ids, contents) = (&ids[..count], &contents[..count]);
            let before = session.statements();
            let items = reading::items(&mut session, &viewer, ids, None).await;
            assert_eq!(items.expect("the items").len(), count);
            let links = reading::items_of_contents(&mut session, &viewer, contents, &zh, None).await;
            assert_eq!(links.expect("the items").len(), count);
            let texts = reading::contents(&mut session, &viewer, ids).await;
            assert_eq!(texts.expect("the texts").len(), count);
            let all = reading::translations(&mut session, &viewer, contents, None).await;
            assert_eq!(all.expect("the translations").len(), count);
            let columns = reading::columns_of(&mut session, ids, None).await;
            assert_eq!(columns.expect("the columns").len(), count);
            let back = reading::linking(&mut session, &viewer, contents, &article, &basis, &zh, 5).await;
            assert_eq!(back.expect("the links").len(), 0);
            assert_eq!(session.statements() - before, 6);
        }
    }

    async fn changes_name_no_actor_and_no_path_of_what_left_no_trace(house: House) {
        let kept = house.article_at("甲", "/policy/kept").await;
        let vanished = house.article_at("乙", "/policy/about-somebody").await;
        house.removed(&vanished, Removal::Vanish, Notice::default()).await;

        let changes = house.changes_seen(&Viewer::Public, 0, 1_000).await;

        let of_house =
            changes.iter().filter(|change| matches!(change.changed, Changed::Arrangement(_)));
        let events = of_house.count() as u64 + 3;
        let numbers: Vec<_> = changes.iter().map(|change| change.sequence).collect();
        assert_eq!(numbers, (1..=events).collect::<Vec<_>>(), "nothing is left out");
        let of = |document: &Document| {
            changes
                .iter()
                .filter_map(|change| match &change.changed {
                    Changed::Document(of) if of.document == document.id => Some(of.as_ref()),
                    _ => None,
                })
                .collect::<Vec<_>>()
        };
        let entered = &of(&kept)[0].entered[0];
        assert_eq!(entered.path.as_ref().map(|path| path.as_str()), Some("/policy/kept"));
        let [came, went] = of(&vanished)[..] else { panic!("two changes") };
        assert_eq!((came.entered[0].path.clone(), went.left[0].path.clone()), (None, None));
        assert_eq!(went.left[0].columns[0].as_str(), "policy", "selectors still know it left");
        assert_eq!(went.visibility, Visibility::Vanished);
        assert!(!format!("{changes:?}").contains("about-somebody"));

        let later = house.changes_seen(&Viewer::Public, numbers[1], 1).await;
        assert_eq!(later.iter().map(|change| change.sequence).collect::<Vec<_>>(), [3]);
        let auditor = Viewer::Known(actor("审计", 30, Role::Auditor, Scope::Hub));
        let all = house.changes_seen(&auditor, 0, 1_000).await;
        assert!(format!("{all:?}").contains("about-somebody"), "the auditor sees paths");
    }
}

impl House {
    async fn changes_seen(&self, viewer: &Viewer, after: u64, limit: u32) -> Vec<Change> {
        let mut session = self.session().await;
        reading::changes(&mut session, viewer, after, limit).await.expect("the changes")
    }
}
