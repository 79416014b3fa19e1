//! The markup says what the data say, whatever editors write.

use std::cell::RefCell;

use html5ever::{
    tendril::StrTendril,
    tokenizer::{
        BufferQueue, Tag as HtmlTag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer,
        TokenizerOpts, states::RawKind,
    },
};
use proptest::prelude::*;

use super::*;

/// What a browser makes of a head.
#[derive(Debug, Default)]
struct Read {
    /// Names of elements, with their attributes.
    elements: Vec<(String, Vec<(String, String)>)>,
    /// Texts of title and script.
    texts: Vec<String>,
    /// Comments, end tags nobody opened, text between elements.
    strange: Vec<String>,
}

#[derive(Default)]
struct Sink(RefCell<(Read, bool)>);

impl TokenSink for Sink {
    type Handle = ();

    fn process_token(&self, token: Token, _: u64) -> TokenSinkResult<()> {
        let (read, is_inside) = &mut *self.0.borrow_mut();
        match token {
            Token::TagToken(HtmlTag { kind: TagKind::StartTag, name, attrs, .. }) => {
                let attributes = attrs.iter();
                let attributes =
                    attributes.map(|it| (it.name.local.to_string(), it.value.to_string()));
                read.elements.push((name.to_string(), attributes.collect()));
                // What the tree builder tells the tokeniser.
                let raw = match &*name {
                    "title" => RawKind::Rcdata,
                    "script" => RawKind::ScriptData,
                    _ => return TokenSinkResult::Continue,
                };
                *is_inside = true;
                read.texts.push(String::new());
                return TokenSinkResult::RawData(raw);
            }
            Token::TagToken(tag) if *is_inside && matches!(&*tag.name, "title" | "script") => {
                *is_inside = false;
            }
            Token::CharacterTokens(text) if *is_inside => {
                read.texts.last_mut().expect("an element").push_str(&text);
            }
            Token::CharacterTokens(text) if text.trim().is_empty() => {}
            Token::EOFToken | Token::ParseError(_) => {}
            other => read.strange.push(format!("{other:?}")),
        }
        TokenSinkResult::Continue
    }
}

fn read(html: &str) -> Read {
    let input = BufferQueue::default();
    input.push_back(StrTendril::from_slice(html));
    let tokenizer = Tokenizer::new(Sink::default(), TokenizerOpts::default());
    let _ = tokenizer.feed(&input);
    tokenizer.end();
    tokenizer.sink.0.into_inner().0
}

/// Whether the markup of `head` says what its data say, and nothing else.
fn check(head: &Head) {
    let html = head.html();
    let Read { elements, texts, strange } = read(&html);
    assert!(strange.is_empty(), "{strange:?}\n{html}");
    assert_eq!(elements.len(), 1 + head.tags.len() + head.links.len() + 1, "{html}");
    assert_eq!(texts[0], head.title);
    let value = |attributes: &[(String, String)], name: &str| {
        attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
    };
    let metas = elements.iter().filter(|(name, _)| name == "meta");
    for (tag, (_, attributes)) in head.tags.iter().zip(metas) {
        assert_eq!(value(attributes, tag.attribute.as_str()).as_deref(), Some(tag.name));
        assert_eq!(value(attributes, "content").as_ref(), Some(&tag.content));
        assert_eq!(attributes.len(), 2, "{attributes:?}");
    }
    let links = elements.iter().filter(|(name, _)| name == "link");
    for (link, (_, attributes)) in head.links.iter().zip(links) {
        assert_eq!(value(attributes, "rel").as_deref(), Some(link.rel));
        assert_eq!(value(attributes, "href").as_ref(), Some(&link.href));
        assert_eq!(value(attributes, "title"), link.title);
    }
    assert!(!texts[1].contains('<'), "{}", texts[1]);
    let graph: Value = serde_json::from_str(&texts[1]).expect("JSON");
    assert_eq!(Some(&graph), head.json_ld.as_ref());
}

fn hostile(title: &str) -> Head {
    let mut portal = Portal::new(
        "Article",
        &field("note", "kind = \"short_text\"\nschema_org = \"alternativeHeadline\""),
    );
    portal.site.particulars.name = Bilingual::new(title, title);
    portal.columns[1].0.particulars.keywords.push(title.to_owned());
    portal.head(json!({ "title": title, "note": title }))
}

#[test]
fn hostile_texts_stay_texts() {
    for title in [
        "\"><script>alert(1)</script>",
        "</title><script>alert(1)</script>",
        "</script><!--<script>",
        "<!-- --> --!> ]]>",
        "' onload='x' \"",
        "&amp; &lt; &#x3c;script&#x3e; &notit; &",
        "一行\n两行\r\n三行\t制表",
        "🏛️ 𠮷 e\u{301} \u{2028}\u{2029}",
        "\\u003c \\\" \\",
        "",
    ] {
        let head = hostile(title);

        check(&head);
        assert_eq!(node(&head, "Article")["alternativeHeadline"], title);
    }
}

proptest! {
    #[test]
    fn any_text_stays_a_text(title in "[<>&\"'!\\-/=a-z\u{4e00}-\u{4e10} \\\\;#]{0,40}") {
        check(&hostile(&title));
    }
}
