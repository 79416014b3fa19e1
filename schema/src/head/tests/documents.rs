//! Heads of documents: tags, languages, and structured data as the content type says.

use super::*;
use crate::edition::{Origin, Source};

#[test]
fn a_document_has_all_three_groups_of_page_tags() {
    let mut portal =
        Portal::new("NewsArticle", &field("keywords", "kind = \"short_text\"\nmany = true"));
    let head = portal.head(json!({ "title": "关于示例的公示", "keywords": ["预算"] }));

    assert_eq!(head.title, "关于示例的公示_财政_蓝桥市人民政府");
    for (name, content) in [
        ("SiteName", "蓝桥市人民政府"),
        ("ColumnName", "财政"),
        ("ArticleTitle", "关于示例的公示"),
        // Five minutes past four in the afternoon in London is past midnight in Beijing.
        ("PubDate", "2026-03-03 00:05"),
        ("ContentSource", "蓝桥市人民政府办公室"),
        ("Description", "摘要第一行 第二行"),
        ("Url", "https://www.lanqiao.gov.cn/policy/finance/1"),
        ("og:title", "关于示例的公示"),
        ("og:type", "article"),
        ("og:locale", "zh_CN"),
        ("twitter:card", "summary"),
        ("article:published_time", "2026-03-02T16:05:59Z"),
        ("article:modified_time", "2026-03-03T01:00:00Z"),
    ] {
        assert_eq!(tag(&head, name), Some(content), "{name}");
    }
    assert_eq!(tag(&head, "description"), None, "Description is the description already");
    assert_eq!(tag(&head, "robots"), None);
    assert!(head.missing.is_empty());
}

#[test]
fn page_tags_are_filled_from_the_fields_that_the_type_names() {
    let more = [
        field("issuer", "kind = \"short_text\""),
        field("writers", "kind = \"short_text\"\nmany = true"),
        field("photo", "kind = \"file\"\nmedia = [\"image/*\"]"),
    ]
    .concat();
    let (head, rest) = TYPE.split_once("title = \"title\"").expect("the title");
    let tags =
        "page_tags = { ContentSource = \"issuer\", Author = \"writers\" }\ncover = \"photo\"";
    let file =
        format!("{head}title = \"title\"\n{tags}{rest}{more}").replace("SCHEMA_ORG", "Article");
    let mut portal = Portal::new("Article", "");
    portal.types = TypeRegistry::load([("posting.toml".to_owned(), file)]).expect("a type");
    let digest = Digest::of(b"photo");

    let head = portal.head(json!({
        "title": "公示", "issuer": "市财政局", "writers": ["张三", "李四"],
        "photo": { "digest": digest.to_string(), "name": "p.png", "mediaType": "image/png", "size": 5, "alt": "大\n桥" },
    }));

    let photo = format!("https://hub.example/assets/{}/p.png", digest.hex());
    assert_eq!(tag(&head, "ContentSource"), Some("市财政局"));
    assert_eq!(tag(&head, "Author"), Some("张三,李四"));
    for name in ["Image", "og:image", "twitter:image"] {
        assert_eq!(tag(&head, name), Some(photo.as_str()), "{name}");
    }
    assert_eq!(tag(&head, "og:image:alt"), Some("大 桥"));
    assert_eq!(tag(&head, "twitter:card"), Some("summary_large_image"));
    assert_eq!(node(&head, "Article")["image"], photo);
    assert_eq!(node(&head, "Article")["author"]["name"], "市财政局");
}

#[test]
fn a_source_on_the_edition_comes_before_the_field_and_an_origin_after_it() {
    let mut portal = Portal::new("Article", "");
    portal.fields.insert("title".into(), json!("公示"));
    let source = Source { name: "蓝桥日报".into(), url: None };
    let origin = Origin {
        site: "9900000001".into(),
        url: "https://www.nanhe.gov.cn/x".into(),
        published_at: "2026-01-02T03:04:05Z".parse().expect("a moment"),
    };
    let canonical = Some(origin.url.clone());
    let place = Place { canonical, ..portal.place() };
    let text = Text { origin: Some(&origin), ..portal.text() };

    let reposted = of_document(&place, &text);
    let credited = of_document(&place, &Text { source: Some(&source), ..text.clone() });

    assert_eq!(tag(&reposted, "ContentSource"), Some("9900000001"));
    assert_eq!(tag(&credited, "ContentSource"), Some("蓝桥日报"));
    assert_eq!(reposted.canonical.as_deref(), Some("https://www.nanhe.gov.cn/x"));
    assert_eq!(tag(&reposted, "og:url"), Some("https://www.nanhe.gov.cn/x"));
    assert_eq!(tag(&reposted, "Url"), Some("https://www.lanqiao.gov.cn/policy/finance/1"));
    assert_eq!(node(&reposted, "Article")["isBasedOn"], "https://www.nanhe.gov.cn/x");
}

#[test]
fn languages_point_at_each_other_and_the_main_one_is_for_everybody_else() {
    let mut portal = Portal::new("Article", "");
    portal.fields.insert("title".into(), json!("Notice"));
    portal.locale = "en".parse().expect("a locale");
    let alternate = |tag: &str| Alternate {
        locale: tag.parse().expect("a locale"),
        address: format!("https://www.lanqiao.gov.cn/{tag}/1"),
    };
    let both = Place { alternates: vec![alternate("zh-CN"), alternate("en")], ..portal.place() };
    let alone = Place { alternates: vec![alternate("en")], ..portal.place() };

    let head = of_document(&both, &portal.text());

    let languages: Vec<(&str, &str)> = head
        .links
        .iter()
        .filter_map(|link| Some((link.hreflang.as_deref()?, link.href.as_str())))
        .collect();
    let (chinese, english) =
        ("https://www.lanqiao.gov.cn/zh-CN/1", "https://www.lanqiao.gov.cn/en/1");
    assert_eq!(languages, [("zh-CN", chinese), ("en", english), ("x-default", chinese)]);
    assert_eq!(tag(&head, "og:locale"), Some("en"));
    assert_eq!(tag(&head, "og:locale:alternate"), Some("zh_CN"));
    assert_eq!(head.title, "Notice - Finance - Lanqiao");
    let alone = of_document(&alone, &portal.text());
    assert!(alone.links.iter().all(|link| link.hreflang.is_none()));
}

#[test]
fn fields_fill_the_properties_that_the_type_names() {
    let more = [
        field("number", "kind = \"document_number\"\nschema_org = \"legislationIdentifier\""),
        field("issuer", "kind = \"short_text\"\nschema_org = \"legislationPassedBy.GovernmentOrganization.name\""),
        field("others", "kind = \"short_text\"\nmany = true\nschema_org = \"legislationPassedBy.GovernmentOrganization.name\""),
        field("validity", "kind = \"choice\"\nschema_org = \"legislationLegalForce\"\nchoices = [{ value = \"good\", label = { zh = \"有效\", en = \"In force\" }, schema_org = \"InForce\" }]"),
        field("genre", "kind = \"choice\"\nschema_org = \"legislationType\"\nchoices = [{ value = \"notice\", label = { zh = \"通知\", en = \"Notice\" } }]"),
        field("repeals", "kind = \"link\"\nmany = true\nschema_org = \"legislationRepeals.Legislation\""),
        field("papers", "kind = \"file\"\nmany = true\nschema_org = \"encoding.MediaObject\""),
        field("hall", "kind = \"place\"\nschema_org = \"locationCreated.Place\""),
        field("pages", "kind = \"integer\"\nschema_org = \"numberOfPages\""),
        field("note", "kind = \"rich_text\"\nschema_org = \"text\""),
    ]
    .concat();
    let mut portal = Portal::new("Legislation", &more);
    assert!(portal.text().content_type.head_takes_long_fields());
    portal.fields = json!({
        "title": "公示", "number": "兰府发〔2026〕1号", "issuer": "甲局", "others": ["乙局", "丙局"], "validity": "good",
        "genre": "notice", "pages": 3, "note": "<p>第一段</p><p>第二段</p>",
        "papers": [{ "digest": Digest::of(b"x").to_string(), "name": "x.pdf", "mediaType": "application/pdf", "size": 9 }],
        "hall": { "address": "人民路1号", "longitude": "103.5", "latitude": "30.25" },
    })
    .as_object()
    .expect("fields")
    .clone();
    let repealed =
        Linked { title: "旧公示".into(), address: "https://www.lanqiao.gov.cn/0".into() };
    let mut text = portal.text();
    text.links.insert("repeals".parse().expect("a name"), vec![repealed]);

    let head = of_document(&portal.place(), &text);

    let law = node(&head, "Legislation");
    assert_eq!(law["name"], "公示");
    assert_eq!(law["legislationIdentifier"], "兰府发〔2026〕1号");
    let body = |name: &str| json!({ "@type": "GovernmentOrganization", "name": name });
    assert_eq!(law["legislationPassedBy"], json!([body("甲局"), body("乙局"), body("丙局")]));
    assert_eq!(law["legislationLegalForce"], "https://schema.org/InForce");
    assert_eq!(law["legislationType"], "通知");
    let old =
        json!({ "@type": "Legislation", "name": "旧公示", "url": "https://www.lanqiao.gov.cn/0" });
    assert_eq!(law["legislationRepeals"], old);
    assert_eq!(
        (&law["encoding"]["@type"], &law["encoding"]["contentSize"]),
        (&json!("MediaObject"), &json!("9 B"))
    );
    assert_eq!(law["locationCreated"]["geo"]["latitude"], "30.25");
    assert_eq!((&law["numberOfPages"], &law["version"]), (&json!(3), &json!(3)));
    assert_eq!(law["text"], "第一段第二段");
    assert_eq!((&law["headline"], &law["inLanguage"]), (&json!("公示"), &json!("zh-CN")));
    assert_eq!(law["mainEntityOfPage"]["@id"], node(&head, "WebPage")["@id"]);
    assert_eq!(law["@id"], node(&head, "WebPage")["mainEntity"]["@id"]);
}

#[test]
fn ways_through_one_thing_meet_there_and_items_of_groups_stay_apart() {
    let more = [
        field("question", "kind = \"long_text\"\nschema_org = \"mainEntity.Question.text\""),
        field("answer", "kind = \"long_text\"\nschema_org = \"mainEntity.Question.acceptedAnswer.Answer.text\""),
        field("by", "kind = \"short_text\"\nschema_org = \"mainEntity.Question.acceptedAnswer.Answer.author.Organization.name\""),
        field("desks", "kind = \"group\"\nschema_org = \"provider.Organization\"\nfields = [{ name = \"called\", kind = \"short_text\", label = { zh = \"名\", en = \"Name\" }, schema_org = \"name\" }]"),
        field("page", "kind = \"url\"\nschema_org = \"provider.Organization.url\""),
    ]
    .concat();
    let mut portal = Portal::new("QAPage", &more);

    let head = portal.head(json!({
        "title": "来信", "question": "问", "answer": "答", "by": "市财政局", "page": "https://a.example/",
        "desks": [{ "called": "一号窗口" }, { "called": "二号窗口" }],
    }));

    let page = node(&head, "QAPage");
    assert_eq!(
        page["mainEntity"],
        json!({
            "@type": "Question", "text": "问", "acceptedAnswer":
            { "@type": "Answer", "text": "答", "author": { "@type": "Organization", "name": "市财政局" } },
        })
    );
    let desk = |name: &str| json!({ "@type": "Organization", "name": name });
    let online = json!({ "@type": "Organization", "url": "https://a.example/" });
    assert_eq!(page["provider"], json!([desk("一号窗口"), desk("二号窗口"), online]));
    assert_eq!(page["breadcrumb"]["@id"], node(&head, "BreadcrumbList")["@id"]);
    let graph = head.json_ld.as_ref().expect("a graph")["@graph"].as_array().expect("nodes");
    assert_eq!(graph.len(), 3, "the document is the page itself");
}

#[test]
fn what_is_no_work_has_its_times_on_the_page() {
    let mut portal = Portal::new("Event", "");

    let head = portal.head(json!({ "title": "开放日" }));

    let (event, page) = (node(&head, "Event"), node(&head, "WebPage"));
    for property in ["datePublished", "inLanguage", "publisher", "headline", "author", "version"] {
        assert_eq!(event.get(property), None, "{property}");
    }
    assert_eq!(
        (&event["name"], &page["datePublished"]),
        (&json!("开放日"), &json!("2026-03-02T16:05:59Z"))
    );
}
