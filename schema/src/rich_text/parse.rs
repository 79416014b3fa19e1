//! From HTML as received to the tree: html5ever splits it into tags and text, [`Builder`]
//! decides what they mean.
//!
//! [`Builder`]: super::builder::Builder

use std::cell::RefCell;

use html5ever::{
    LocalName,
    tendril::StrTendril,
    tokenizer::{
        BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
        states::RawKind,
    },
};

use super::{
    allow_list::{Kind, Meaning, meaning},
    attributes::Given,
    bounds,
    builder::Builder,
    characters, tidy,
    tree::Node,
};

/// The tree of `html`: only what the allow-list knows, nested as HTML nests it, tidied.
pub(super) fn parse(html: &str) -> Vec<Node> {
    let html = bounds::bound_attributes(html);
    let input = BufferQueue::default();
    input.push_back(StrTendril::from_slice(&html));
    let sink = Sink(RefCell::new(Reader::new(html.len())));
    let tokenizer = Tokenizer::new(sink, TokenizerOpts::default());
    // The sink never suspends the tokeniser, so one call reads everything.
    let _ = tokenizer.feed(&input);
    tokenizer.end();
    tidy::tidy(tokenizer.sink.0.into_inner().finish())
}

struct Sink(RefCell<Reader>);

impl TokenSink for Sink {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut reader = self.0.borrow_mut();
        match token {
            Token::CharacterTokens(text) => {
                reader.text.push_str(&text);
                TokenSinkResult::Continue
            }
            Token::TagToken(tag) => reader.tag(&tag),
            _ => TokenSinkResult::Continue,
        }
    }
}

/// Content that is left out with its tag.
struct Skipped {
    name: LocalName,
    depth: usize,
}

struct Reader {
    builder: Builder,
    /// Text since the last tag; the tokeniser hands it over in pieces.
    text: String,
    skipped: Option<Skipped>,
}

impl Reader {
    fn new(length: usize) -> Self {
        Self { builder: Builder::new(length), text: String::new(), skipped: None }
    }

    fn finish(mut self) -> Vec<Node> {
        self.flush();
        self.builder.finish()
    }

    fn flush(&mut self) {
        if !self.text.is_empty() && self.skipped.is_none() {
            self.builder.text(&characters::wanted(&self.text));
        }
        self.text.clear();
    }

    fn tag(&mut self, tag: &Tag) -> TokenSinkResult<()> {
        let meaning = meaning(&tag.name);
        // Comments and tags that mean nothing here do not divide a text.
        if self.skipped.is_none() && matches!(meaning, Meaning::Unwrapped) {
            return TokenSinkResult::Continue;
        }
        self.flush();
        if self.skips(tag, meaning) {
            return TokenSinkResult::Continue;
        }
        match (tag.kind, meaning) {
            (TagKind::StartTag, Meaning::DroppedRaw) => {
                self.skipped = Some(Skipped { name: tag.name.clone(), depth: 1 });
                return TokenSinkResult::RawData(raw_kind(&tag.name));
            }
            (TagKind::StartTag, Meaning::Dropped) if !tag.self_closing => {
                self.skipped = Some(Skipped { name: tag.name.clone(), depth: 1 });
            }
            (TagKind::StartTag, Meaning::Element(rule)) => {
                self.builder.start(rule, &Given(&tag.attrs));
            }
            (TagKind::StartTag, Meaning::Boundary) => {
                self.builder.start_boundary(&tag.name, &Given(&tag.attrs));
            }
            (TagKind::EndTag, Meaning::Element(rule)) => self.builder.end(rule.name),
            (TagKind::EndTag, Meaning::Boundary) => self.builder.end(&tag.name),
            _ => {}
        }
        TokenSinkResult::Continue
    }

    /// Whether `tag` belongs to content that is left out.
    fn skips(&mut self, tag: &Tag, meaning: Meaning) -> bool {
        let Some(skipped) = &mut self.skipped else {
            return false;
        };
        if tag.name == skipped.name {
            match tag.kind {
                TagKind::StartTag if !tag.self_closing => skipped.depth += 1,
                TagKind::StartTag => {}
                TagKind::EndTag => skipped.depth -= 1,
            }
            if skipped.depth == 0 {
                self.skipped = None;
            }
            return true;
        }
        // A paragraph ends a drawing or a formula that was never closed, as in browsers.
        let is_drawing = matches!(&*skipped.name, "svg" | "math");
        let is_block = match meaning {
            Meaning::Element(rule) => {
                matches!(rule.kind, Kind::Text | Kind::Flow | Kind::Structure)
            }
            Meaning::Boundary => true,
            _ => false,
        };
        if is_drawing && is_block && tag.kind == TagKind::StartTag {
            self.skipped = None;
            return false;
        }
        true
    }
}

fn raw_kind(name: &str) -> RawKind {
    match name {
        "script" => RawKind::ScriptData,
        "textarea" | "title" => RawKind::Rcdata,
        _ => RawKind::Rawtext,
    }
}
