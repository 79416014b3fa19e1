//! What is looked at: a content with every text in it as readers see it.

use std::{
    borrow::Cow,
    ops::{Bound, Range, RangeBounds},
};

use serde_json::{Map, Value};

use super::{Finding, Severity, fold::folded};
use crate::{
    content_type::{ContentType, Field, FieldKind, ReverseLink, TypeRegistry},
    edition::Content,
    message::Bilingual,
    rich_text::{self, Image, Link},
};

/// Characters of context on either side of an excerpt.
const CONTEXT: usize = 14;
/// Characters of what is concerned that an excerpt shows.
const SHOWN: usize = 60;

/// A content, with its type and its texts.
pub struct Subject<'text> {
    /// Its type.
    pub content_type: &'text ContentType,
    /// The content.
    pub content: &'text Content,
    /// The links from other types that it should have, as the files of those types say.
    pub expected: Vec<&'text ReverseLink>,
    /// Its texts, in the order of the type.
    pub texts: Vec<SubjectText<'text>>,
    /// The files its fields name.
    pub files: Vec<SubjectFile<'text>>,
}

/// One text of a content, with every place in it counted in characters.
pub struct SubjectText<'text> {
    /// Where it stands: `fields.body`, `fields.questions[0].answer`, `source.name`.
    pub path: String,
    /// Whether it is a document number and nothing else.
    pub is_document_number: bool,
    /// As readers see it; of a rich text its plain text.
    pub plain: Cow<'text, str>,
    /// Its pictures.
    pub images: Vec<Image>,
    /// Its links.
    pub links: Vec<Link>,
    letters: Vec<char>,
    folded: Vec<char>,
}

/// A file that a field names.
pub struct SubjectFile<'text> {
    /// The field, or its place in the list: `fields.pictures[1]`.
    pub path: String,
    /// Whether it is a picture.
    pub is_image: bool,
    /// Its name.
    pub name: &'text str,
    /// What it shows, in words; empty where the author gave none.
    pub alt: &'text str,
    /// What stands under it.
    pub caption: &'text str,
    /// Under which number it was approved, where it is a map.
    pub map_approval_number: Option<&'text str>,
}

impl<'text> Subject<'text> {
    /// Reads the texts off `content`. `types` are those in force.
    pub fn new(
        types: &'text TypeRegistry,
        content_type: &'text ContentType,
        content: &'text Content,
    ) -> Self {
        let reverse = types.reverse_links(&content_type.name).iter();
        let mut gathered = Gathered::default();
        gathered.fields(&content_type.fields, &content.fields, "fields.");
        let Gathered { mut texts, files } = gathered;
        if let Some(source) = &content.source {
            texts.push(SubjectText::new("source.name".to_owned(), source.name.as_str().into()));
        }
        let expected = reverse.filter(|it| it.expected).collect();
        Self { content_type, content, expected, texts, files }
    }

    /// The text at this path.
    pub fn text(&self, path: &str) -> Option<&SubjectText<'text>> {
        self.texts.iter().find(|text| text.path == path)
    }

    /// Every address its texts lead to, each once.
    pub fn hrefs(&self) -> std::collections::BTreeSet<&str> {
        let links = self.texts.iter().flat_map(|text| &text.links);
        links.map(|link| link.href.as_str()).collect()
    }

    /// Where findings at `path` stand among all: what concerns the whole document comes first, then
    /// its fields in the order of the type, then what stands beside them.
    pub(super) fn rank(&self, path: &str) -> (usize, usize) {
        let Some(name) = path.strip_prefix("fields.") else {
            return if path.is_empty() { (0, 0) } else { (usize::MAX, 0) };
        };
        let end = name.find(['.', '[']).unwrap_or(name.len());
        let field = self.content_type.fields.iter().position(|it| it.name.as_str() == &name[..end]);
        let text = self.texts.iter().position(|text| text.path == path);
        (field.map_or(usize::MAX, |field| field + 1), text.unwrap_or(0))
    }
}

impl<'text> SubjectText<'text> {
    fn new(path: String, plain: Cow<'text, str>) -> Self {
        let letters: Vec<char> = plain.chars().collect();
        let folded = letters.iter().copied().map(folded).collect();
        let (images, links) = (Vec::new(), Vec::new());
        Self { path, is_document_number: false, plain, images, links, letters, folded }
    }

    /// Its characters, each folded: full width in its plain form, capitals as small letters.
    pub fn folded(&self) -> &[char] {
        &self.folded
    }

    /// What stands at `place`, as it is written.
    pub fn at(&self, place: Range<usize>) -> String {
        self.letters.get(place).unwrap_or_default().iter().collect()
    }

    /// A finding about the characters at `place`, which are cut at the end of the text.
    pub fn finding(
        &self,
        place: impl RangeBounds<usize>,
        code: &'static str,
        severity: Severity,
        message: Bilingual,
    ) -> Finding {
        let start = match place.start_bound() {
            Bound::Included(start) => *start,
            Bound::Excluded(before) => before.saturating_add(1),
            Bound::Unbounded => 0,
        };
        let end = match place.end_bound() {
            Bound::Included(last) => last.saturating_add(1),
            Bound::Excluded(end) => *end,
            Bound::Unbounded => self.letters.len(),
        };
        let end = end.min(self.letters.len());
        let start = start.min(end);
        Finding {
            start,
            end,
            excerpt: self.excerpt(start..end),
            ..Finding::about(self.path.clone(), code, severity, message)
        }
    }

    /// `place` on one line, with what stands around it; `…` marks a cut.
    fn excerpt(&self, place: Range<usize>) -> String {
        let from = place.start.saturating_sub(CONTEXT);
        let shown = place.end.min(place.start + SHOWN);
        let to = if shown < place.end { shown } else { (shown + CONTEXT).min(self.letters.len()) };
        let line = self.letters[from..to].iter().map(|letter| match letter {
            letter if letter.is_whitespace() || letter.is_control() => ' ',
            letter => *letter,
        });
        let cut = |is_cut: bool| if is_cut { "…" } else { "" };
        format!("{}{}{}", cut(from > 0), line.collect::<String>(), cut(to < self.letters.len()))
    }
}

/// What is read off the fields, in their order.
#[derive(Default)]
struct Gathered<'text> {
    texts: Vec<SubjectText<'text>>,
    files: Vec<SubjectFile<'text>>,
}

impl<'text> Gathered<'text> {
    /// `prefix` ends with a dot.
    fn fields(&mut self, fields: &'text [Field], values: &'text Map<String, Value>, prefix: &str) {
        for field in fields {
            let path = format!("{prefix}{}", field.name);
            match values.get(field.name.as_str()) {
                Some(Value::Array(items)) => {
                    for (place, item) in items.iter().enumerate() {
                        self.one(&field.kind, item, format!("{path}[{place}]"));
                    }
                }
                Some(single) => self.one(&field.kind, single, path),
                None => {}
            }
        }
    }

    fn one(&mut self, kind: &'text FieldKind, value: &'text Value, path: String) {
        match (kind, value) {
            (FieldKind::ShortText { .. } | FieldKind::LongText { .. }, Value::String(text)) => {
                self.texts.push(SubjectText::new(path, text.as_str().into()));
            }
            (FieldKind::DocumentNumber, Value::String(text)) => {
                let text = SubjectText::new(path, text.as_str().into());
                self.texts.push(SubjectText { is_document_number: true, ..text });
            }
            (FieldKind::RichText { .. }, Value::String(html)) => {
                let derived = rich_text::derive(html);
                let text = SubjectText::new(path, derived.text.into());
                let (images, links) = (derived.images, derived.links);
                self.texts.push(SubjectText { images, links, ..text });
            }
            (FieldKind::Place, Value::Object(members)) => {
                self.members(members, &["address"], &path);
            }
            (FieldKind::File { .. }, Value::Object(members)) => {
                self.members(members, &["name", "alt", "caption", "credit"], &path);
                let member = |name| members.get(name).and_then(Value::as_str).unwrap_or_default();
                self.files.push(SubjectFile {
                    path,
                    is_image: member("mediaType").starts_with("image/"),
                    name: member("name"),
                    alt: member("alt"),
                    caption: member("caption"),
                    map_approval_number: members.get("mapApprovalNumber").and_then(Value::as_str),
                });
            }
            (FieldKind::Group { fields, .. }, Value::Object(members)) => {
                self.fields(fields, members, &format!("{path}."));
            }
            _ => {}
        }
    }

    fn members(&mut self, members: &'text Map<String, Value>, wanted: &[&str], path: &str) {
        for name in wanted {
            if let Some(text) = members.get(*name).and_then(Value::as_str) {
                self.texts.push(SubjectText::new(format!("{path}.{name}"), text.into()));
            }
        }
    }
}
