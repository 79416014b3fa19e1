//! What every document has: the interface `Document`, and one object type per content type
//! with its own fields beside it.

mod fields;
mod parts;
mod words;

use std::sync::Arc;

use async_graphql::{Value, dynamic::TypeRef};
use schema::{
    content_type::{ContentType, TypeRegistry},
    edition::Importance,
    ids::SiteId,
    message::Bilingual,
};
use store::reading::ItemPlacement;

use super::{
    Builder, connection, filter,
    member::{Argument, Member, argument, warm},
    node, order, own,
};
use crate::addresses::Addresses;
use crate::content::{
    answering::Warm,
    limits::cost::{LARGEST_PAGE, USUAL_PAGE},
    reading::{Answer, Facts, Reader, Shown, Thing},
};

pub(super) const DOCUMENT: &str = "Document";
pub(super) const DOCUMENT_TYPE: &str = "DocumentType";
pub(super) const DRAFT: &str = "Draft";
pub(super) const VISIBILITY: &str = "Visibility";
pub(super) const IMPORTANCE: &str = "Importance";

/// Adds the interface, the content types and what hangs on them.
pub(super) fn add(builder: &mut Builder, types: &Arc<TypeRegistry>) {
    add_enumerations(builder, types);
    let core = fields::members(types);
    builder.interface(
        DOCUMENT,
        (
            "一条信息：一份内容的一种语言版本。每种内容类型都有以下字段，并各有自己的字段。",
            "One piece of content in one language. Every content type has these fields and adds its own.",
        ),
        &core,
    );
    parts::add(builder);
    connection::add(builder, DOCUMENT, DOCUMENT, None);
    filter::add_common(builder, DOCUMENT);
    order::add_common(builder);
    for content_type in types.iter() {
        add_type(builder, types, content_type, &core);
    }
}

fn add_type(
    builder: &mut Builder,
    types: &Arc<TypeRegistry>,
    content_type: &ContentType,
    core: &[Member],
) {
    let name = content_type.graphql_name();
    let mut members = core.to_vec();
    members.extend(own::members(builder, types, content_type));
    let help = content_type.help.as_ref();
    let sentence = |label: &str, help: Option<&str>| match help {
        Some(help) => format!("{label}。{help}"),
        None => label.to_owned(),
    };
    let zh = sentence(&content_type.label.zh, help.map(|help| help.zh.as_str()));
    let en = match help {
        Some(help) => format!("{}. {}", content_type.label.en, help.en),
        None => content_type.label.en.clone(),
    };
    builder.object(&name, (&zh, &en), &members, &[DOCUMENT, node::NODE]);
    connection::add(builder, &name, &name, Some(content_type));
    filter::add_of_type(builder, types, content_type);
    order::add_of_type(builder, content_type);
}

fn add_enumerations(builder: &mut Builder, types: &TypeRegistry) {
    builder.enumeration(
        DOCUMENT_TYPE,
        &Bilingual::new("内容类型。", "The content types."),
        types.iter().map(|content_type| (content_type.name.as_str(), content_type.label.clone())),
    );
    builder.enumeration(
        VISIBILITY,
        &Bilingual::new("公众看到的状态。", "What the public sees of a document."),
        [
            ("unpublished", "尚未发布", "Never published"),
            ("live", "在线", "The text"),
            ("withdrawn", "已撤回", "A notice, with the text or alone"),
            ("gone", "已删除", "Gone, with an explanation"),
            ("redirect", "已转移", "Redirected to what took its place"),
            ("vanished", "已抹除", "As if it had never been"),
            ("recalled", "已召回", "Taken back for ever"),
            ("erased", "已销毁", "Taken back for ever, the text destroyed"),
        ]
        .map(|(word, zh, en)| (word, Bilingual::new(zh, en))),
    );
    builder.enumeration(
        IMPORTANCE,
        &Bilingual::new("变更的轻重。", "How much a change matters to readers."),
        [
            (
                "major",
                Bilingual::new("重要变更，更新“更新时间”", "Moves the time of the last update"),
            ),
            ("minor", Bilingual::new("细微修改", "A slip of the pen")),
        ],
    );
}

/// A field read off what is known of a document.
pub(super) fn of(
    give: impl Fn(&Facts) -> Answer + Send + Sync + 'static,
) -> impl Fn(&Thing) -> Answer + Send + Sync + 'static {
    move |thing| match thing {
        Thing::Document(shown) => give(&shown.facts),
        _ => Answer::Nothing,
    }
}

/// A field of a document that needs what was read.
pub(super) fn seen(
    give: impl Fn(&Reader, &Shown) -> Answer + Send + Sync + 'static,
) -> impl Fn(
    &Reader,
    &Thing,
    &crate::content::reading::Arguments,
) -> Result<Answer, crate::content::refusal::Fault>
+ Send
+ Sync
+ 'static {
    move |reader, thing, _| {
        Ok(match thing {
            Thing::Document(shown) => give(reader, shown),
            _ => Answer::Nothing,
        })
    }
}

/// The documents among things.
pub(super) fn documents(things: &[Thing]) -> Vec<&Shown> {
    let document = |thing| match thing {
        &Thing::Document(ref shown)
        | &Thing::Translation { ref shown, .. }
        | &Thing::Placement(ref shown, _) => Some(shown),
        _ => None,
    };
    things.iter().filter_map(document).collect()
}

/// Reads the whole texts of documents.
pub(super) fn texts() -> Warm {
    warm(|reader, things, _| {
        Box::pin(async move {
            let facts: Vec<&Facts> =
                documents(things).into_iter().map(|shown| &*shown.facts).collect();
            reader.read_texts(&facts).await
        })
    })
}

/// The site a document is shown on.
fn site_of(reader: &Reader, shown: &Shown) -> Option<SiteId> {
    reader.standing(shown).map(|placement| placement.site)
}

/// The address of a placement whose site was read.
pub(super) fn url(reader: &Reader, placement: &ItemPlacement) -> Option<String> {
    let site = reader.site(placement.site)?;
    Some(Addresses::of(&site, None).page(&placement.path))
}

/// A value of an enumeration.
pub(super) fn enum_value(word: &str) -> Value {
    Value::Enum(async_graphql::Name::new(word))
}

/// The word of an importance.
pub(super) fn importance(importance: Importance) -> Answer {
    Answer::Value(enum_value(match importance {
        Importance::Major => "major",
        Importance::Minor => "minor",
    }))
}

/// `first`, of lists that are not connections.
pub(super) fn first() -> (Argument, u32) {
    let zh = format!("最多多少条，1 至 {LARGEST_PAGE}");
    let en = format!("At most so many, 1 to {LARGEST_PAGE}");
    (argument("first", TypeRef::named(TypeRef::INT), &zh, &en), USUAL_PAGE)
}
