//! Full-text search: what it finds, where, in which order; and that it knows nothing of what is
//! not live.

mod acts;
mod api;
mod attached;
mod merging;
mod places;
mod regulations;
mod suggestions;

use editorial::documents::DraftText;
use schema::{
    search::{Question, Synonyms},
    viewer::Viewer,
};
use serde::Deserialize;
use serde_json::{Value, json};
use store::{
    documents::Document,
    reading::ListScope,
    search::{Found, LOOKED_AT, RANKED, SearchQuery},
};
use test_harness::Engine;

use crate::house::{House, article, fields, house_with_types, locale, text};

const TYPES: [(&str, &str); 1] = [("paper.toml", include_str!("paper.toml"))];

#[derive(Deserialize)]
struct Texts {
    text: Vec<Text>,
}

/// A text of `texts.toml`.
#[derive(Deserialize)]
struct Text {
    key: String,
    locale: Option<String>,
    #[serde(flatten)]
    fields: toml::Table,
}

#[derive(Deserialize)]
struct Table {
    ask: Vec<Ask>,
}

/// A line of a table of questions.
#[derive(Deserialize)]
struct Ask {
    why: String,
    query: String,
    finds: Vec<String>,
}

/// A hub whose one type is `paper`.
async fn papers(engine: Engine) -> Option<House> {
    house_with_types(engine, &TYPES).await
}

/// A hub in which the texts of `texts.toml` are live.
async fn library(engine: Engine) -> Option<House> {
    let house = papers(engine).await?;
    let texts: Texts = toml::from_str(include_str!("texts.toml")).expect("the texts are right");
    for text in &texts.text {
        let mut value = json!(text.fields);
        value["drafter"] =
            json!(format!("{} {}", text.key, value["drafter"].as_str().unwrap_or("")));
        house.publish_paper(value, text.locale.as_deref().unwrap_or("zh-CN")).await;
    }
    Some(house)
}

/// The text of a paper with these fields, in `policy/finance` of `lanqiao`.
fn paper(value: Value) -> DraftText {
    DraftText { fields: fields(value), ..text("") }
}

/// A question for all hits of a scope.
fn asked(query: &str, scope: ListScope) -> SearchQuery {
    let question = Question::parse(query, &Synonyms::embedded());
    SearchQuery {
        question: question.unwrap_or_else(|bad| panic!("{query}: {}", bad.message())),
        scope,
        r#type: None,
        locale: None,
        from: None,
        to: None,
        after: None,
        limit: 1_000,
        ranked: RANKED,
        looked_at: LOOKED_AT,
    }
}

impl House {
    async fn publish_paper(&self, value: Value, tag: &str) -> Document {
        let mut new = article("");
        new.r#type = "paper".parse().expect("a type name");
        new.locale = locale(tag);
        new.text = paper(value);
        let draft = self.create(new).await.expect("the draft is saved");
        self.make_public(&draft).await.document
    }

    async fn find(&self, query: &SearchQuery) -> Found {
        let mut session = self.desk.store.reader().await.expect("a reader");
        let before = session.statements();
        let found = store::search::find(&mut session, &Viewer::Public, query).await;
        assert_eq!(session.statements() - before, 1, "one statement");
        let found = found.expect("the store answers");
        // However many hits are few, the page is the same.
        let none = SearchQuery { looked_at: 0, ..query.clone() };
        let by_index = store::search::find(&mut session, &Viewer::Public, &none).await;
        assert_eq!(by_index.expect("the store answers"), found, "{query:?}");
        found
    }

    /// The keys of the texts that answer, best first.
    async fn found_keys(&self, query: &str) -> Vec<String> {
        let found = self.find(&asked(query, ListScope::Hub)).await;
        let mut keys = Vec::new();
        for hit in found.hits {
            let reading = self.read(hit.document).await.expect("what is found can be read");
            let drafter = reading.content.fields["drafter"].as_str().expect("a drafter");
            keys.push(drafter.split(' ').next().unwrap_or_default().to_owned());
        }
        keys
    }

    /// How many texts answer.
    async fn hits(&self, query: &str) -> u64 {
        self.find(&asked(query, ListScope::Hub)).await.total
    }
}

test_harness::on_both_databases! {
    with library;

    async fn search_keeps_what_its_table_promises(house: House) {
        let table: Table = toml::from_str(include_str!("table.toml")).expect("the table is right");
        assert!(table.ask.len() > 30);
        let mut broken = Vec::new();
        for Ask { why, query, finds } in &table.ask {
            let found = house.found_keys(query).await;
            if found != *finds {
                broken.push(format!("{query} ({why}): {found:?} instead of {finds:?}"));
            }
        }
        assert!(broken.is_empty(), "{}", broken.join("\n"));
    }
}
