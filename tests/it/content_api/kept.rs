//! Answers that are kept: given again while they are right, and never once they are not.

use axum::{
    body::{Body, to_bytes},
    http::{HeaderValue, Request, header},
};
use editorial::documents;
use flate2::read::GzDecoder;
use schema::visibility::{Notice, Removal};
use serde_json::{Value, json};
use store::{Store, documents::Document};

use super::{Front, Reply};
use crate::house::{House, article, house, now, placed, text, told};

const LIST: &str =
    "{ articles(site: \"lanqiao\", column: \"policy/finance\") { nodes { title } } }";
const NEWS: &str = "{ articles(site: \"lanqiao\", column: \"news\") { nodes { title } } }";

/// Everything that a portal might show, of a hub whose documents stand at `/1` to `/9`.
pub(super) fn questions() -> Vec<String> {
    let mut questions: Vec<String> = [
        LIST,
        NEWS,
        "{ documents(site: \"lanqiao\", first: 50) { totalCount nodes { title path publishedAt columns { name { zh } } } } }",
        "{ documents(first: 50) { nodes { title url updatedAt site { key } placements { path site { key } } } } }",
        "{ articles(first: 50) { nodes { title body { text } basis { title } basedOnThis { title } } } }",
        "{ articles(filter: { title: { startsWith: \"第二版\" } }) { nodes { title } } }",
        "{ articles(filter: { or: [{ basis: { title: { contains: \"版\" } } }, { basedOnThis: { isNull: true } }] }) { nodes { title } totalCount } }",
        "{ articles(orderBy: [WRITTEN_ON_DESC, TITLE_ASC, LISTED_AT_ASC]) { nodes { title } } }",
        "{ documents(site: \"nanhe\") { nodes { title path history { number publishedAt } } } }",
        "{ sites { key name { zh } columns { path name { zh } documents(first: 3) { totalCount nodes { title } } } } }",
        "{ column(site: \"lanqiao\", path: \"policy\") { path documents { totalCount } } }",
        "{ documents(first: 50) { nodes { head { html } } } }",
        "{ sites { head { html } columns { head { html } } } }",
        "{ search(query: \"正文\") { totalCount nodes { title } } }",
        "{ changes(first: 50) { head nodes { kind document { title } } } }",
    ]
    .map(String::from)
    .to_vec();
    for number in 1..10 {
        let at = format!("site: \"lanqiao\", path: \"/{number}\"");
        questions.push(format!(
            "{{ document({at}) {{ title translations {{ title }} related {{ title }} }} }}"
        ));
        questions.push(format!(
            "{{ route({at}) {{ __typename ... on DocumentRoute {{ document {{ title }} }} ... on RedirectRoute {{ location }} ... on GoneRoute {{ visibility notice {{ explanation {{ zh }} }} }} }} }}"
        ));
    }
    questions
}

impl Front {
    pub(super) async fn reply(&self, query: &str) -> Reply {
        self.try_with(query, json!({})).await
    }

    /// Asks twice; the answer, which was kept the second time.
    async fn kept(&self, query: &str) -> Value {
        let made = self.reply(query).await;
        assert!(made.statements > 0, "{query}");
        let kept = self.reply(query).await;
        assert_eq!((kept.statements, &kept.body), (0, &made.body), "{query}");
        kept.data()
    }

    async fn is_kept(&self, query: &str) -> bool {
        self.reply(query).await.statements == 0
    }
}

impl House {
    pub(super) async fn standing_at(&self, title: &str, columns: &[&str], path: &str) -> Document {
        let mut new = article(title);
        new.text.placements = vec![placed("lanqiao", columns, Some(path))];
        let draft = self.create(new).await.expect("it is saved");
        self.make_public(&draft).await.document
    }

    async fn taken_down(&self, document: &Document, removal: Removal) {
        let target = now(document);
        let notice = match removal {
            Removal::Redirect => Notice {
                address: Some("https://www.lanqiao.gov.cn/new".into()),
                ..told("已移至新址", "It has moved")
            },
            _ => told("含有错误信息", "It contained an error"),
        };
        self.act(async |work| {
            documents::remove(&self.desk, work, target, removal, notice.clone()).await
        })
        .await
        .expect("it is removed");
    }
}

/// Numbers that look thrown, the same in every run.
pub(super) struct Dice(pub(super) u64);

impl Dice {
    fn throw(&mut self, sides: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % sides
    }
}

/// Does something to the hub; `live` are the documents that can be acted on.
pub(super) async fn act(house: &House, dice: &mut Dice, live: &mut Vec<Document>, round: usize) {
    let columns = [&["policy/finance"][..], &["news"], &["policy"], &["news", "policy"]];
    if live.len() < 3 || dice.throw(3) == 0 {
        // A path may be taken, or kept for what stood there: then nothing happens.
        let number = 1 + dice.throw(9);
        let title = format!("第{round}轮");
        let basis = live.first().map(|document| document.content.to_string());
        let mut new = article(&title);
        new.text.placements =
            vec![placed("lanqiao", columns[dice.throw(4)], Some(&format!("/{number}")))];
        new.text.fields.insert("basis".into(), json!(basis.into_iter().collect::<Vec<_>>()));
        if let Ok(draft) = house.create(new).await {
            live.push(house.make_public(&draft).await.document);
        }
        return;
    }
    let chosen = dice.throw(live.len());
    match dice.throw(8) {
        0 | 1 => {
            let changed = text(&format!("第二版之{round}"));
            let draft = house.save(now(&live[chosen]), changed).await.expect("it is saved");
            live[chosen] = house.make_public(&draft).await.document;
        }
        2 => drop(house.withdraw(&live.remove(chosen), told("核对中", "Being checked")).await),
        3 => drop(house.recall(&live.remove(chosen)).await),
        4 => house.taken_down(&live.remove(chosen), Removal::Gone).await,
        5 => house.taken_down(&live.remove(chosen), Removal::Redirect).await,
        6 => house.taken_down(&live.remove(chosen), Removal::Vanish).await,
        _ => drop(house.place_on_nanhe(&live[chosen]).await),
    }
}

test_harness::on_both_databases! {
    with house;

    async fn an_answer_is_kept_until_something_in_it_changes(house: House) {
        let budget = house.standing_at("预算", &["policy/finance"], "/1").await;
        let front = house.keeping_front(&house.desk.store);
        let detail = "{ document(site: \"lanqiao\", path: \"/1\") { title columns { name { zh } } } }";
        front.kept(LIST).await;
        front.kept(NEWS).await;
        front.kept(detail).await;

        house.standing_at("通车", &["news"], "/2").await;

        assert!(front.is_kept(LIST).await, "it stands in another column");
        assert!(front.is_kept(detail).await, "it is another document");
        assert_eq!(front.kept(NEWS).await["articles"]["nodes"], json!([{ "title": "通车" }]));

        house.correct(&budget, text("预算，更正")).await;

        assert!(front.is_kept(NEWS).await);
        assert_eq!(front.kept(LIST).await["articles"]["nodes"], json!([{ "title": "预算，更正" }]));
        assert_eq!(front.kept(detail).await["document"]["title"], "预算，更正");
    }

    async fn a_kept_answer_goes_out_as_short_as_the_caller_reads_it(house: House) {
        for number in 1..=9 {
            house.standing_at("关于预算的通知", &["news"], &format!("/{number}")).await;
        }
        let front = house.keeping_front(&house.desk.store);
        let query = "{ articles(site: \"lanqiao\") { nodes { title url contentId edition { digest } } } }";
        let plain = front.kept(query).await;
        let body = json!({ "query": query, "variables": {} }).to_string();
        let short = async |coding: &str| {
            let request = Request::post("/graphql")
                .header(header::CONTENT_TYPE, "application/json")
                .header(header::ACCEPT_ENCODING, coding)
                .body(Body::from(body.clone()))
                .expect("a request");
            let (parts, body) = front.send(request).await.into_parts();
            (parts.headers, to_bytes(body, 1 << 20).await.expect("a body"))
        };

        let (gzip, packed) = short("gzip").await;
        let (brotli, shortest) = short("gzip, br").await;

        assert_eq!((&gzip[header::CONTENT_ENCODING], &brotli[header::CONTENT_ENCODING]), (&HeaderValue::from_static("gzip"), &HeaderValue::from_static("br")));
        let unpacked: Value = serde_json::from_reader(GzDecoder::new(&packed[..])).expect("JSON");
        assert_eq!(unpacked["data"], plain);
        assert!(shortest.len() < packed.len() && packed.len() < plain.to_string().len());
    }

    async fn what_is_recalled_is_gone_with_the_next_answer(house: House) {
        let document = house.standing_at("预算", &["policy/finance"], "/1").await;
        let front = house.keeping_front(&house.desk.store);
        let detail = "{ document(site: \"lanqiao\", path: \"/1\") { title } }";
        let by_id = format!("{{ document(contentId: \"{}\") {{ title }} }}", document.content);
        for query in [LIST, detail, &by_id] {
            assert!(front.kept(query).await.to_string().contains("预算"), "{query}");
        }

        house.recall(&document).await;

        for query in [LIST, detail, &by_id] {
            let answer = front.reply(query).await.data();
            assert!(!answer.to_string().contains("预算"), "{query}: {answer}");
        }
    }

    async fn a_change_of_the_house_changes_every_answer(house: House) {
        house.standing_at("预算", &["policy/finance"], "/1").await;
        let front = house.keeping_front(&house.desk.store);
        let query = "{ documents(site: \"lanqiao\") { nodes { title columns { path } } } }";
        front.kept(query).await;

        house.rename("policy/finance", "budget").await.expect("it is renamed");

        let answer = front.reply(query).await;
        assert!(answer.statements > 0);
        assert_eq!(answer.data()["documents"]["nodes"][0]["columns"], json!([{ "path": "policy/budget" }]));
    }

    async fn another_process_that_publishes_is_heard(house: House) {
        let document = house.standing_at("预算", &["policy/finance"], "/1").await;
        let other = Store::open(house.database.url()).await.expect("the store opens");
        let front = house.keeping_front(&other);
        let mut growth = other.log_growth();
        let watching = tokio::spawn({
            let other = other.clone();
            async move { other.watch_others().await }
        });
        growth.changed().await.expect("it hears of what is there");
        front.kept(LIST).await;

        house.recall(&document).await;
        growth.changed().await.expect("it hears of the recall");

        assert_eq!(front.reply(LIST).await.data()["articles"]["nodes"], json!([]));
        watching.abort();
        other.close().await;
    }

    async fn who_was_told_of_an_event_is_given_nothing_older(house: House) {
        let document = house.standing_at("预算", &["policy/finance"], "/1").await;
        // A node that has not heard of what others did, and is not looking.
        let other = Store::open(house.database.url()).await.expect("the store opens");
        let front = house.keeping_front(&other);
        front.kept(LIST).await;
        house.recall(&document).await;

        let head = front.reply("{ changes(first: 1) { head } }").await;

        assert!(head.statements > 0, "it was read");
        assert_eq!(front.reply(LIST).await.data()["articles"]["nodes"], json!([]));
        other.close().await;
    }

    async fn mistakes_are_not_kept(house: House) {
        house.standing_at("预算", &["policy/finance"], "/1").await;
        let front = house.keeping_front(&house.desk.store);
        let elsewhere = "{ articles(site: \"lanqiao\", column: \"policy/nowhere\") { nodes { title } } }";

        for _ in 0..2 {
            let reply = front.reply(elsewhere).await;
            assert!(reply.statements > 0, "{}", reply.body);
        }
    }

    async fn whatever_happens_the_kept_answer_is_the_fresh_one(house: House) {
        let keeping = house.keeping_front(&house.desk.store);
        let fresh = house.front();
        let questions = questions();
        let (mut dice, mut live, mut given_again) = (Dice(20_261_122), Vec::new(), 0);

        for round in 0..40 {
            act(&house, &mut dice, &mut live, round).await;
            for question in &questions {
                let kept = keeping.reply(question).await;
                let made = fresh.reply(question).await;
                assert_eq!(kept.body, made.body, "after round {round}: {question}");
                given_again += usize::from(kept.statements == 0);
            }
        }

        assert!(given_again > 200, "only {given_again} answers were given again");
    }
}
