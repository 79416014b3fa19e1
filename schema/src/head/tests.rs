//! Heads of made-up pages: what stands in them, and what hostile text cannot do to them.

mod documents;
mod markup;

use serde_json::{Map, Value, json};

use super::*;
use crate::{
    content_type::TypeRegistry,
    digest::Digest,
    names::Locale,
    tree::{
        Authority, AuthorityParticulars, Column, ColumnParticulars, Level, Site, SiteParticulars,
    },
};

/// The file that every type of these tests starts with.
const TYPE: &str = r#"name = "posting"
version = 1
label = { zh = "公示", en = "Posting" }
schema_org = "SCHEMA_ORG"
title = "title"

[[field]]
name = "title"
kind = "short_text"
label = { zh = "标题", en = "Title" }
required = true
"#;

/// A hub with one type, one site and two columns.
struct Portal {
    types: TypeRegistry,
    site: Site,
    authority: Authority,
    columns: Vec<(Column, String)>,
    locale: Locale,
    fields: Map<String, Value>,
}

impl Portal {
    /// With a type of this schema.org type, and fields added to its file.
    fn new(schema_org: &str, more: &str) -> Self {
        let file = format!("{}{more}", TYPE.replace("SCHEMA_ORG", schema_org));
        let types = TypeRegistry::load([("posting.toml".to_owned(), file)]);
        Self {
            types: types.unwrap_or_else(|errors| panic!("the type is right: {errors:?}")),
            site: site(),
            authority: authority(),
            columns: [("policy", "政策文件", "Policies"), ("policy/finance", "财政", "Finance")]
                .map(|(path, zh, en)| {
                    (column(path, zh, en), format!("https://www.lanqiao.gov.cn/{path}"))
                })
                .into(),
            locale: "zh-CN".parse().expect("a locale"),
            fields: Map::new(),
        }
    }

    fn place(&self) -> Place<'_> {
        let address = "https://www.lanqiao.gov.cn/policy/finance/1".to_owned();
        Place {
            site: &self.site,
            locale: &self.locale,
            home: "https://www.lanqiao.gov.cn/".into(),
            publisher: Some(&self.authority),
            columns: self.columns.iter().map(|(column, at)| (column, at.clone())).collect(),
            canonical: Some(address.clone()),
            address: Some(address),
            alternates: Vec::new(),
            feeds: Vec::new(),
        }
    }

    fn text(&self) -> Text<'_> {
        Text {
            content_type: self.types.iter().next().expect("one type"),
            fields: &self.fields,
            links: Default::default(),
            summary: "摘要第一行\n第二行",
            source: None,
            origin: None,
            edition: Some(3),
            published_at: Some("2026-03-02T16:05:59Z".parse().expect("a moment")),
            updated_at: Some("2026-03-03T01:00:00Z".parse().expect("a moment")),
            robots: None,
            file: &|digest: &Digest, name: &str| {
                format!("https://hub.example/assets/{}/{name}", digest.hex())
            },
        }
    }

    /// The head of a document with these fields.
    fn head(&mut self, fields: Value) -> Head {
        let Value::Object(fields) = fields else { panic!("no fields: {fields}") };
        self.fields = fields;
        of_document(&self.place(), &self.text())
    }
}

fn site() -> Site {
    Site {
        id: uuid::Uuid::from_u128(1).into(),
        key: "lanqiao".parse().expect("a key"),
        authority: uuid::Uuid::from_u128(2).into(),
        parent: None,
        particulars: SiteParticulars {
            name: Bilingual::new("蓝桥市人民政府", "Lanqiao"),
            domain: "www.lanqiao.gov.cn".into(),
            site_code: Some("9901000001".into()),
            locales: ["zh-CN", "en"].map(|tag| tag.parse().expect("a locale")).into(),
            footer: Default::default(),
            paths: Default::default(),
            origins: Vec::new(),
            home: Default::default(),
        },
        version: 1,
    }
}

fn authority() -> Authority {
    Authority {
        id: uuid::Uuid::from_u128(2).into(),
        key: "lanqiao-city".parse().expect("a key"),
        parent: None,
        particulars: AuthorityParticulars {
            name: Bilingual::new("蓝桥市人民政府办公室", "Office of the Government of Lanqiao"),
            level: Level::City,
            region: "990100".into(),
            trades: Vec::new(),
            credit_code: Some("11990100MB0000000X".into()),
        },
        version: 1,
    }
}

fn column(path: &str, zh: &str, en: &str) -> Column {
    Column {
        id: uuid::Uuid::from_u128(path.len() as u128).into(),
        site: uuid::Uuid::from_u128(1).into(),
        parent: None,
        path: path.parse().expect("a column path"),
        position: 1,
        closed: false,
        successor: None,
        particulars: ColumnParticulars {
            name: Bilingual::new(zh, en),
            class: "政策文件".into(),
            description: Some(Bilingual::new("财政方面的\n文件", "Papers on finance")),
            keywords: vec!["财政".into(), "预算".into()],
            update_period_days: None,
        },
        version: 1,
    }
}

/// The content of a tag, if it is there.
fn tag<'head>(head: &'head Head, name: &str) -> Option<&'head str> {
    head.tags.iter().find(|tag| tag.name == name).map(|tag| tag.content.as_str())
}

/// The node of the graph with this type.
fn node<'head>(head: &'head Head, r#type: &str) -> &'head Value {
    let graph = head.json_ld.as_ref().expect("a graph")["@graph"].as_array().expect("nodes");
    graph.iter().find(|node| node["@type"] == r#type).unwrap_or_else(|| panic!("{graph:?}"))
}

fn field(name: &str, rest: &str) -> String {
    format!("\n[[field]]\nname = \"{name}\"\nlabel = {{ zh = \"字段\", en = \"Field\" }}\n{rest}\n")
}

#[test]
fn a_home_page_has_the_tags_of_the_site_alone() {
    let portal = Portal::new("Article", "");
    let place = Place {
        columns: Vec::new(),
        address: Some("https://www.lanqiao.gov.cn/".into()),
        canonical: Some("https://www.lanqiao.gov.cn/".into()),
        ..portal.place()
    };

    let head = of_site(&place);

    assert_eq!(head.title, "蓝桥市人民政府");
    assert_eq!(tag(&head, "SiteName"), Some("蓝桥市人民政府"));
    assert_eq!(tag(&head, "SiteDomain"), Some("www.lanqiao.gov.cn"));
    assert_eq!(tag(&head, "SiteIDCode"), Some("9901000001"));
    assert_eq!((tag(&head, "ColumnName"), tag(&head, "ArticleTitle")), (None, None));
    assert_eq!(tag(&head, "og:type"), Some("website"));
    let site = node(&head, "WebSite");
    assert_eq!(site["url"], "https://www.lanqiao.gov.cn/");
    assert_eq!(site["publisher"]["name"], "蓝桥市人民政府办公室");
    assert_eq!(site["publisher"]["identifier"], "11990100MB0000000X");
}

#[test]
fn a_column_has_its_own_tags_and_the_way_to_it() {
    let portal = Portal::new("Article", "");
    let address = "https://www.lanqiao.gov.cn/policy/finance";
    let feed = Feed {
        title: "财政".into(),
        media_type: "application/atom+xml",
        address: "https://hub.example/feed.atom".into(),
    };
    let place = Place {
        address: Some(address.into()),
        canonical: Some(address.into()),
        feeds: vec![feed],
        ..portal.place()
    };

    let head = of_column(&place);

    assert_eq!(head.title, "财政_蓝桥市人民政府");
    assert_eq!(tag(&head, "ColumnName"), Some("财政"));
    assert_eq!(tag(&head, "ColumnDescription"), Some("财政方面的 文件"));
    assert_eq!(tag(&head, "ColumnKeywords"), Some("财政,预算"));
    assert_eq!(tag(&head, "ColumnType"), Some("政策文件"));
    assert_eq!(tag(&head, "description"), Some("财政方面的 文件"));
    assert_eq!(tag(&head, "ArticleTitle"), None);
    assert!(head.missing.is_empty());
    assert_eq!(node(&head, "CollectionPage")["url"], address);
    let steps = node(&head, "BreadcrumbList")["itemListElement"].as_array().expect("steps");
    let names: Vec<&Value> = steps.iter().map(|step| &step["name"]).collect();
    assert_eq!(names, ["蓝桥市人民政府", "政策文件", "财政"]);
    let feed = head.links.iter().find(|link| link.r#type.is_some()).expect("the feed");
    assert_eq!((feed.rel, feed.href.as_str()), ("alternate", "https://hub.example/feed.atom"));
}

#[test]
fn a_notice_tells_nothing_of_what_it_stands_for() {
    let portal = Portal::new("Article", "");
    let place = Place { columns: Vec::new(), address: None, canonical: None, ..portal.place() };
    let heading = Bilingual::new("本页内容已删除", "This page was removed");

    let head = of_notice(&place, &heading, Some(&Bilingual::new("内容已整合", "Merged")));

    assert_eq!(head.title, "本页内容已删除_蓝桥市人民政府");
    assert_eq!((head.robots, tag(&head, "robots")), (Some("noindex"), Some("noindex")));
    assert_eq!(tag(&head, "description"), Some("内容已整合"));
    assert_eq!((&head.canonical, &head.json_ld), (&None, &None));
    assert_eq!(tag(&head, "ArticleTitle"), None);
}

#[test]
fn what_a_rule_requires_and_nobody_filled_in_is_printed_empty_and_named() {
    let mut portal = Portal::new("Article", "");
    portal.site.particulars.site_code = None;
    portal.columns.clear();
    let head = portal.head(json!({ "title": "公示" }));

    let expected =
        ["SiteIDCode", "ColumnName", "ColumnDescription", "ColumnKeywords", "ColumnType"];
    assert_eq!(head.missing, expected);
    assert_eq!(tag(&head, "SiteIDCode"), Some(""));
}
