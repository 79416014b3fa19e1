//! Reads the markup of a head as a browser does.

use std::cell::RefCell;

use html5ever::{
    tendril::StrTendril,
    tokenizer::{
        BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
        states::RawKind,
    },
};
use serde_json::{Map, Value, json};

/// What a browser makes of a head.
#[derive(Debug, Default)]
struct Read {
    metas: Vec<Map<String, Value>>,
    links: Vec<Map<String, Value>>,
    /// Texts of title and script.
    texts: Vec<(String, String)>,
    is_inside: bool,
    /// Whatever should not be there.
    strange: Vec<String>,
}

#[derive(Default)]
struct Sink(RefCell<Read>);

impl TokenSink for Sink {
    type Handle = ();

    fn process_token(&self, token: Token, _: u64) -> TokenSinkResult<()> {
        let mut read = self.0.borrow_mut();
        match token {
            Token::TagToken(Tag { kind: TagKind::StartTag, name, attrs, .. }) => {
                let attributes = attrs.iter();
                let attributes = attributes
                    .map(|it| (it.name.local.to_string(), it.value.to_string().into()))
                    .collect();
                // What the tree builder tells the tokeniser.
                let raw = match &*name {
                    "meta" => {
                        read.metas.push(attributes);
                        return TokenSinkResult::Continue;
                    }
                    "link" => {
                        read.links.push(attributes);
                        return TokenSinkResult::Continue;
                    }
                    "title" => RawKind::Rcdata,
                    "script" => RawKind::ScriptData,
                    other => {
                        read.strange.push(other.to_owned());
                        return TokenSinkResult::Continue;
                    }
                };
                read.is_inside = true;
                read.texts.push((name.to_string(), String::new()));
                return TokenSinkResult::RawData(raw);
            }
            Token::TagToken(_) if read.is_inside => read.is_inside = false,
            Token::CharacterTokens(text) if read.is_inside => {
                read.texts.last_mut().expect("an element").1.push_str(&text);
            }
            Token::CharacterTokens(text) if text.trim().is_empty() => {}
            Token::EOFToken => {}
            other => read.strange.push(format!("{other:?}")),
        }
        TokenSinkResult::Continue
    }
}

/// Whether the markup of a head says what its data say, and nothing else.
pub fn check(head: &Value) {
    let html = head["html"].as_str().expect("markup");
    let input = BufferQueue::default();
    input.push_back(StrTendril::from_slice(html));
    let tokenizer = Tokenizer::new(Sink::default(), TokenizerOpts::default());
    let _ = tokenizer.feed(&input);
    tokenizer.end();
    let read = tokenizer.sink.0.into_inner();

    assert!(read.strange.is_empty(), "{:?}\n{html}", read.strange);
    assert_eq!(
        read.texts[0],
        ("title".to_owned(), head["title"].as_str().expect("one").to_owned())
    );
    let tags = head["tags"].as_array().expect("tags").iter();
    let tags: Vec<Value> = tags
        .map(|tag| {
            let attribute = tag["attribute"].as_str().expect("an attribute");
            json!({ attribute: tag["name"], "content": tag["content"] })
        })
        .collect();
    assert_eq!(json!(read.metas), json!(tags));
    let links = head["links"].as_array().expect("links").iter().map(|link| {
        let mut link = link.as_object().expect("a link").clone();
        link.retain(|_, value| !value.is_null());
        link
    });
    assert_eq!(json!(read.links), json!(links.collect::<Vec<_>>()));
    match read.texts.get(1) {
        Some((name, script)) => {
            assert_eq!(name, "script");
            assert!(!script.contains('<'), "{script}");
            let graph: Value = serde_json::from_str(script).expect("JSON");
            assert_eq!(graph, head["jsonLd"]);
        }
        None => assert_eq!(head["jsonLd"], Value::Null),
    }
}
